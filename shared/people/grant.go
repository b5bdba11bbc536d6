package people

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Grant is one role that an account holds, where it holds it. actor.Grant is
// what the rest of the house sees of it.
type Grant struct {
	ID        id.Of[Grant]
	Account   actor.AccountID
	Role      actor.Role
	Org       actor.OrganisationID // none: in nobody's name
	Territory string               // a place code; "" is the whole country
	Service   string               // "" is every service
	GivenAt   time.Time
	GivenBy   actor.AccountID
}

// wrong says everything that a role cannot be given with.
func (g Grant) wrong() (all fault.All) {
	if !g.Role.Valid() {
		all = append(all, fault.New(fault.Invalid, "people.grant.role_missing").On("role"))
	}
	if g.Role.ForOrganisation() && g.Org.IsZero() {
		all = append(all, fault.New(fault.Invalid, "people.grant.org_missing").On("org"))
	}
	if g.Role == actor.Administrator && g.Territory != "" {
		all = append(all, fault.New(fault.Invalid, "people.grant.administrator_everywhere").On("territory"))
	}
	if g.Role == actor.Administrator && g.Service != "" {
		all = append(all, fault.New(fault.Invalid, "people.grant.administrator_everywhere").On("service"))
	}
	return all
}

const grantColumns = `g.id, g.account, g.role, g.org, g.territory, g.service, g.given_at, g.given_by`

func scanGrant(r db.Row) (g Grant, err error) {
	return g, r.Scan(&g.ID, &g.Account, &g.Role, &g.Org, &g.Territory, &g.Service, db.Time(&g.GivenAt), &g.GivenBy)
}

// grantsOf lists the roles that an account holds now, oldest first.
func grantsOf(t *db.Tx, aid actor.AccountID) ([]Grant, error) {
	return db.List(t, scanGrant, `SELECT `+grantColumns+` FROM people_grant g WHERE g.account = ?1 AND g.ended_at IS NULL ORDER BY g.given_at, g.id`, aid)
}

// grantsIn lists the roles that are held now in an organisation's name.
func grantsIn(t *db.Tx, oid actor.OrganisationID) ([]Grant, error) {
	return db.List(t, scanGrant, `SELECT `+grantColumns+` FROM people_grant g JOIN people_account a ON a.id = g.account
		WHERE g.org = ?1 AND g.ended_at IS NULL ORDER BY g.role, a.login, g.id LIMIT 500`, oid)
}

func getGrant(t *db.Tx, gid id.Of[Grant]) (Grant, error) {
	return db.One(t, scanGrant, `SELECT `+grantColumns+` FROM people_grant g WHERE g.id = ?1 AND g.ended_at IS NULL`, gid)
}

func addGrant(t *db.Tx, g Grant) error {
	_, err := t.Exec(`INSERT INTO people_grant (id, account, role, org, territory, service, given_at, given_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		g.ID, g.Account, string(g.Role), g.Org, g.Territory, g.Service, g.GivenAt, g.GivenBy)
	if fault.KindOf(err) == fault.Conflict {
		return fault.New(fault.Conflict, "people.grant.held").On("role")
	}
	return err
}

// holdsAlready tells whether an account has a role right there.
func holdsAlready(t *db.Tx, g Grant) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_grant g WHERE g.account = ?1 AND g.role = ?2 AND COALESCE(g.org, '') = ?3 AND g.territory = ?4 AND g.service = ?5 AND g.ended_at IS NULL`,
		g.Account, string(g.Role), g.Org.String(), g.Territory, g.Service)
}

func endGrant(t *db.Tx, gid id.Of[Grant], by actor.AccountID) error {
	n, err := t.Exec(`UPDATE people_grant SET ended_at = ?1, ended_by = ?2 WHERE id = ?3 AND ended_at IS NULL`, t.Now(), by, gid)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.grant.ended")
	}
	return err
}

// keepingAdministrator does a change and refuses it when it would leave the
// house without anybody who can let people in. It first takes the rows of every
// administrator, so that two who put each other out at once do not both succeed.
func keepingAdministrator(t *db.Tx, change func() error) error {
	if _, err := t.Exec(`UPDATE people_account SET version = version WHERE id IN
		(SELECT account FROM people_grant WHERE role = 'administrator' AND ended_at IS NULL)`); err != nil {
		return err
	}
	before, err := hasAdministrator(t)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := hasAdministrator(t)
	if err == nil && before && !after {
		return fault.New(fault.Conflict, "people.account.last_administrator")
	}
	return err
}

func hasAdministrator(t *db.Tx) (bool, error) {
	return db.Has(t, `SELECT 1 FROM people_grant g JOIN people_account a ON a.id = g.account
		WHERE g.role = 'administrator' AND g.ended_at IS NULL AND a.state = 'active'`)
}

// likeText takes the signs that LIKE reads as its own out of what people type;
// the pattern is then used with ESCAPE '!'.
func likeText(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
