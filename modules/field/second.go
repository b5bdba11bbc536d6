package field

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// What follows is for people who work without a network: what they may take
// along, what stands at a stop when they come back, and what becomes of a
// second account of one stop once a person has looked at both.

// Assigned lists the missions that somebody was placed on. A volunteer works
// on those and on no others.
type Assigned func(t *db.Tx, account actor.AccountID) ([]MissionID, error)

// UseAssigned is called while the house is built; without it volunteers are on
// no mission.
func (s *Service) UseAssigned(fn Assigned) { s.assigned = fn }

// afield is who works on the ground: a volunteer only where they were placed.
var afield = append([]actor.Role{actor.Volunteer}, abroad...)

// mayServe asks whether the doer may do the deed on a mission.
func (s *Service) mayServe(t *deed.Tx, j *Journey) error {
	scope, err := s.scope(t.Tx, j)
	if err != nil {
		return err
	}
	if err := t.Allow(scope); err != nil || t.As().Role != actor.Volunteer {
		return err
	}
	ok, err := s.serves(t, j, scope)
	if err == nil && !ok {
		err = errNotPlaced()
	}
	return err
}

// serves tells whether somebody who volunteers may work on a mission: because
// they were placed on it, or because they hold another role that may.
func (s *Service) serves(t *deed.Tx, j *Journey, scope actor.Scope) (bool, error) {
	others := slices.DeleteFunc(slices.Clone(t.Deed.Roles), func(r actor.Role) bool { return r == actor.Volunteer })
	if _, ok := t.By.May(others, scope); ok {
		return true, nil
	}
	if _, ok := t.By.May([]actor.Role{actor.Volunteer}, scope); !ok || s.assigned == nil {
		return false, nil
	}
	all, err := s.assigned(t.Tx, t.By.Account)
	return slices.Contains(all, j.ID), err
}

// MayServe asks, in the caller's unit of work, whether its doer may work on a mission.
func (s *Service) MayServe(t *deed.Tx, mid MissionID) error {
	j, err := getJourney(t.Tx, mid)
	if err != nil {
		return err
	}
	return s.mayServe(t, j)
}

// Carried is an open mission as its people take it along: nothing names a person.
type Carried struct {
	Journey
	TeamNames Names
	Briefs    map[CaseID]Brief
}

// mostCarried bounds what one phone takes along.
const mostCarried = 20

// Carry lists the open missions that the doer may work on, or only the one
// that is asked for. Cases that were forgotten meanwhile have no brief.
func (s *Service) Carry(t *deed.Tx, only MissionID) ([]Carried, error) {
	all, err := s.candidates(t, only)
	if err != nil {
		return nil, err
	}
	if !only.IsZero() {
		if err := s.mayServe(t, all[0]); err != nil {
			return nil, err
		}
	} else if err := t.AllowAny(); err != nil {
		return nil, err
	}
	var out []Carried
	for _, j := range all {
		scope, err := s.scope(t.Tx, j)
		if err != nil {
			return nil, err
		}
		if ok, err := s.serves(t, j, scope); err != nil || !ok || len(out) == mostCarried {
			if err != nil {
				return nil, err
			}
			continue
		}
		team, err := getTeam(t.Tx, j.Team)
		if err != nil {
			return nil, err
		}
		c := Carried{Journey: *j, TeamNames: team.Names, Briefs: map[CaseID]Brief{}}
		for _, stop := range j.Stops {
			found, err := s.cases.Briefs(t.Tx, []CaseID{stop.Case})
			if err != nil {
				return nil, err
			}
			for _, b := range found {
				c.Briefs[b.ID] = b
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// candidates are the open missions of the doer's organisations; or the one.
func (s *Service) candidates(t *deed.Tx, only MissionID) (all []*Journey, err error) {
	if !only.IsZero() {
		j, err := getJourney(t.Tx, only)
		return []*Journey{j}, err
	}
	var seen []actor.OrganisationID
	for _, g := range t.By.Grants {
		if g.Org.IsZero() || slices.Contains(seen, g.Org) {
			continue
		}
		seen = append(seen, g.Org)
		page, err := listMissions(t.Tx, missionFind{open: true, org: g.Org, limit: 200})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	return all, nil
}

// Loadable is every good that any service lists.
func (s *Service) Loadable() []Good { return s.goods.Goods("") }

// Standing is what is on record of a stop.
type Standing struct {
	Case     CaseID
	Org      actor.OrganisationID
	Mission  MissionState
	State    StopState
	Reason   string // of a stop that was not reached
	Delivery DeliveryID
	Goods    map[string]int
	Proof    string
	Account  actor.AccountID // who delivered
	At       time.Time       // since when it stands
}

// Stands reads what is on record of a stop.
func (s *Service) Stands(t *db.Tx, mid MissionID, sid StopID) (out Standing, err error) {
	j, err := getJourney(t, mid)
	if err != nil {
		return out, err
	}
	stop, err := j.stop(sid)
	if err != nil {
		return out, err
	}
	out = Standing{Case: stop.Case, Org: j.Org, Mission: j.State, State: stop.State, Reason: stop.Reason, At: stop.ChangedAt}
	d, err := deliveryAt(t, sid)
	if d != nil {
		out.Delivery, out.Goods, out.Proof, out.Account, out.At = d.ID, d.Goods, d.Proof, d.Account, d.At
	}
	return out, err
}

// CaseAt is the case that a stop is for.
func (s *Service) CaseAt(t *db.Tx, mid MissionID, sid StopID) (CaseID, error) {
	c, err := db.One(t, func(r db.Row) (c CaseID, err error) { return c, r.Scan(&c) }, `SELECT case_id FROM field_stop WHERE id = ?1 AND mission = ?2`, sid, mid)
	if fault.KindOf(err) == fault.Missing {
		err = fault.New(fault.Missing, "field.stop.missing")
	}
	return c, err
}

// Delivered tells whether a delivery is on record, or was and was replaced.
func (s *Service) Delivered(t *db.Tx, did DeliveryID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM field_delivery WHERE id = ?1 UNION ALL SELECT 1 FROM field_replaced WHERE id = ?1`, did)
}

// replace takes a delivery off the record and keeps it aside.
func replace(t *db.Tx, old *Delivery, goods string, by DeliveryID) error {
	for _, q := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO field_replaced (id, mission, stop, goods, proof, relation, account, at, instead, replaced_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
			[]any{old.ID, old.Mission, old.Stop, goods, old.Proof, db.OrNull(old.Relation), old.Account, old.At, by, t.Now()}},
		{`DELETE FROM field_delivered WHERE delivery = ?1`, []any{old.ID}},
		{`DELETE FROM field_delivery WHERE id = ?1`, []any{old.ID}},
	} {
		if _, err := t.Exec(q.text, q.args...); err != nil {
			return err
		}
	}
	return nil
}

// Under is the team of a mission, whose it is, and whether it is planned or on
// its way.
func (s *Service) Under(t *db.Tx, mid MissionID) (team Names, org actor.OrganisationID, open bool, err error) {
	j, err := getJourney(t, mid)
	if err != nil {
		return team, org, false, err
	}
	m, err := getTeam(t, j.Team)
	if err != nil {
		return team, org, false, err
	}
	return m.Names, j.Org, j.Open(), nil
}
