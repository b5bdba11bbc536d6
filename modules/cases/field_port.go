package cases

import (
	"context"
	"errors"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// What follows is what whoever works in the field asks of cases. app joins the
// two; neither module knows the other.

// DeedCheckCode counts a try at a delivery code.
var DeedCheckCode = deed.Deed{Name: "cases.case.check_code", Roles: []actor.Role{actor.Volunteer, actor.Leader, actor.Coordinator, actor.Dispatcher, actor.CrisisCell}}

type codeTold struct {
	Right bool `json:"right"`
}

// CheckCode tells whether the family's code was given. A wrong one is counted,
// whatever happens to the delivery; after five within an hour only a witness
// will do.
func (o *Office) CheckCode(ctx context.Context, by actor.Actor, cid CaseID, given string) (right bool, err error) {
	err = o.h.Do(ctx, by, DeedCheckCode, func(t *deed.Tx) error {
		c, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		def, err := o.def(t.Tx, c)
		if err != nil {
			return err
		}
		role := t.As().Role
		if role == actor.Volunteer { // placed on the mission, which the field has asked: they do what its leader does
			role = actor.Leader
		}
		if role != "" && !(def.May(word(DeedCheckCode), role) && def.May(MoveDeliver, role)) {
			return fault.New(fault.Denied, "error.denied_here") // who may not hand over has no code to try
		}
		if !c.ErasedAt.IsZero() {
			return fault.New(fault.Missing, "error.missing")
		}
		joined, err := voices(t.Tx, cid)
		if err != nil {
			return err
		}
		right = o.vault.Match("delivery", cid.String(), CodeDigits, given)
		for _, v := range joined { // each of those who asked holds a code, and each is right
			right = right || o.vault.Match("delivery", v.ID.String(), CodeDigits, given)
		}
		if err := c.tryCode(right, t.Now()); err != nil {
			return err
		}
		return errors.Join(saveCase(t.Tx, c), t.Tell(subject(cid), codeTold{right}))
	})
	return right, err
}

// Get reads one case, for the field.
func (o *Office) Get(t *db.Tx, cid CaseID) (*Case, error) { return getCase(t, cid) }

// WaitingFor lists what an organisation has taken on and not set out for; a
// team's own cases first.
func (o *Office) WaitingFor(t *db.Tx, org actor.OrganisationID, team TeamID, limit int) ([]*Case, error) {
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE org = ?1 AND phase = 'owned' AND merged_into IS NULL
		ORDER BY CASE WHEN team = ?2 THEN 0 ELSE 1 END, rank, due_at, id LIMIT ?3`, org, team.String(), limit)
}

// Unserved counts open cases in the communes around one, where nobody has
// taken any: the neighbour that a caravan would pass by.
func (o *Office) Unserved(t *db.Tx, commune string, limit int) (codes []string, counts []int, err error) {
	province, ok := o.places.Province(commune)
	if !ok {
		return nil, nil, nil
	}
	type row struct {
		code string
		n    int
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.code, &x.n) },
		`SELECT commune, COUNT(*) FROM cases_case WHERE province = ?1 AND commune IS NOT NULL AND commune <> ?2 AND phase = 'open' AND merged_into IS NULL
		AND commune NOT IN (SELECT commune FROM cases_case WHERE province = ?1 AND phase IN ('owned', 'moving', 'waiting') AND merged_into IS NULL
			AND commune IS NOT NULL)
		GROUP BY commune ORDER BY COUNT(*) DESC, commune LIMIT ?3`, province.Code, commune, limit)
	for _, x := range all {
		codes, counts = append(codes, x.code), append(counts, x.n)
	}
	return codes, counts, err
}

// fieldDeeds are the deeds on a case that a deed in the field causes.
var fieldDeeds = map[string]deed.Deed{"assign": DeedAssign, "depart": DeedDepart, "deliver": DeedDeliver, "turn_back": DeedTurnBack}

// moveTold is the journal line of a case that moved because of a mission.
type moveTold struct {
	State   string         `json:"state"`
	Mission string         `json:"mission,omitempty"`
	Team    string         `json:"team,omitempty"`
	Goods   map[string]int `json:"goods,omitempty"`
}

// Advance moves a case in the transaction of the mission that moves it: both
// are kept or neither.
func (o *Office) Advance(t *deed.Tx, cid CaseID, step string, team TeamID, mission string, goods map[string]int) error {
	d, ok := fieldDeeds[step]
	if !ok {
		return errors.New("cases: no such step in the field: " + step)
	}
	c, err := getCase(t.Tx, cid)
	if err != nil {
		return err
	}
	def, err := o.def(t.Tx, c)
	if err != nil {
		return err
	}
	_, org, err := o.teams.Team(t.Tx, team, c.Lang)
	if err != nil {
		return err
	}
	if !c.Org.IsZero() && c.Org != org { // nobody's: a lease ran out before they set out, and they go all the same
		return o.who(t, c, fault.New(fault.Conflict, "cases.case.taken_by_other"))
	}
	now := t.Now()
	switch step {
	case "assign":
		err = c.assign(def, org, team, now)
	case "depart":
		if c.Team != team {
			if _, can := def.Move(c.State, MoveAssign); can {
				err = c.assign(def, org, team, now)
			}
		}
		if err == nil {
			err = c.move(def, MoveDepart, now)
		}
	case "deliver":
		err = c.move(def, MoveDeliver, now)
	case "turn_back":
		err = c.release(def, MoveRelease, now) // nobody reached them: somebody else may
	}
	if err != nil {
		return err
	}
	if err := saveCase(t.Tx, c); err != nil {
		return err
	}
	if err := endTasks(t, c); err != nil {
		return err
	}
	return t.TellAs(d, subject(cid), moveTold{c.State, mission, team.String(), goods})
}

// NeedKeys are the catalogue keys of what a case needs.
func (o *Office) NeedKeys(t *db.Tx, c *Case) ([]string, error) {
	def, err := o.def(t, c)
	if err != nil {
		return nil, err
	}
	q := def.Form.Question(def.Bind.Need)
	if q == nil || q.List == nil {
		return nil, nil
	}
	var out []string
	for _, n := range c.Needs {
		out = append(out, key(def, "choice."+q.List.Name+"."+n))
	}
	return out, nil
}
