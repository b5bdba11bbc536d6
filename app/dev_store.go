package app

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// devAccount is somebody invented, to act as.
type devAccount struct {
	ID     actor.AccountID
	Login  string
	Name   string
	Org    string
	Grants []actor.Grant
}

// devAccounts lists the accounts of a demonstration with their roles, by login.
func (h *House) devAccounts(t *db.Tx, lang string) (all []devAccount, err error) {
	type row struct {
		devAccount
		actor.Grant
	}
	rows, err := db.List(t, func(r db.Row) (x row, err error) {
		var role, territory string
		err = r.Scan(&x.ID, &x.Login, &x.Name, db.Opt(&role), &x.Grant.Org, db.Opt(&territory))
		x.Role, x.Territory = actor.Role(role), territory
		return x, err
	}, `SELECT a.id, a.login, a.name, g.role, g.org, g.territory FROM people_account a
		LEFT JOIN people_grant g ON g.account = a.id AND g.ended_at IS NULL
		WHERE a.state = 'active' ORDER BY a.login, g.given_at, g.id LIMIT 500`)
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		if n := len(all); n == 0 || all[n-1].ID != x.ID {
			all = append(all, x.devAccount)
		}
		if x.Role == "" {
			continue
		}
		a := &all[len(all)-1]
		a.Grants = append(a.Grants, x.Grant)
		if a.Org == "" && !x.Grant.Org.IsZero() {
			if a.Org, err = h.People.OrgName(t, x.Grant.Org, lang); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}
