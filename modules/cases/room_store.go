package cases

import (
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// Shift is how the work of an area stands when somebody leaves it to the next:
// identifiers and numbers alone.
type Shift struct {
	Overdue  []CaseID // the most urgent of them
	OverdueN int
	Taken    []CaseID // taken on since the shift began and still in hand, the latest first
	TakenN   int
	Waits    []WaitOn // who has how many in hand
	AnswerN  int      // delivered, and their person has not said whether it came
	Blocked  []BlockedTask
	BlockedN int
}

// WaitOn is an organisation and what is in its hands.
type WaitOn struct {
	Org actor.OrganisationID
	N   int
}

// BlockedTask is a part of a need that cannot go on.
type BlockedTask struct {
	Task   TaskID
	Case   CaseID
	Sector string
	Reason string
	Since  time.Time
}

// Shift tells how the work of an area stands, for everybody or for one
// organisation: area "" is the whole country, at most so many of each are named.
func (o *Office) Shift(t *db.Tx, area string, org actor.OrganisationID, since time.Time, most int) (s Shift, err error) {
	r := Reach(nil)
	if area != "" {
		r = Reach{{Territory: area}}
	}
	under := func(a *asking, more string) string {
		w := `merged_into IS NULL AND ` + r.where(a, "") + ` AND ` + more
		if !org.IsZero() {
			w += ` AND org = ` + a.put(org)
		}
		return w
	}
	both := func(out *[]CaseID, n *int, order string, where func(a *asking) string) {
		if err != nil {
			return
		}
		var a, b asking
		*out, err = db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE `+where(&a)+` ORDER BY `+order+` LIMIT `+a.put(most), a.args...)
		if err == nil {
			*n, err = countOf(t, `SELECT COUNT(*) FROM cases_case WHERE `+where(&b), b.args...)
		}
	}
	both(&s.Overdue, &s.OverdueN, `rank, due_at, id`, func(a *asking) string {
		return under(a, `phase IN ('open', 'owned', 'moving') AND due_at < `+a.put(t.Now()))
	})
	both(&s.Taken, &s.TakenN, `owned_at DESC, id`, func(a *asking) string {
		return under(a, `phase IN ('owned', 'moving') AND owned_at >= `+a.put(since))
	})
	if err != nil {
		return s, err
	}
	var a asking
	s.Waits, err = db.List(t, func(r db.Row) (w WaitOn, err error) { return w, r.Scan(&w.Org, &w.N) },
		`SELECT org, COUNT(*) FROM cases_case WHERE `+under(&a, `phase IN ('owned', 'moving')`)+` GROUP BY org ORDER BY COUNT(*) DESC, org LIMIT `+a.put(most), a.args...)
	if err != nil {
		return s, err
	}
	a = asking{}
	if s.AnswerN, err = countOf(t, `SELECT COUNT(*) FROM cases_case WHERE `+under(&a, `phase = 'waiting'`), a.args...); err != nil {
		return s, err
	}
	return s, o.blocked(t, r, org, most, &s)
}

func (o *Office) blocked(t *db.Tx, r Reach, org actor.OrganisationID, most int, s *Shift) (err error) {
	where := func(a *asking) string {
		w := ` FROM cases_task k JOIN cases_case c ON c.id = k.case_id WHERE k.state = 'blocked' AND ` + r.where(a, "c.")
		if !org.IsZero() {
			mine := a.put(org)
			w += ` AND (k.org = ` + mine + ` OR c.org = ` + mine + `)`
		}
		return w
	}
	var a, b asking
	s.Blocked, err = db.List(t, func(r db.Row) (k BlockedTask, err error) {
		return k, r.Scan(&k.Task, &k.Case, &k.Sector, &k.Reason, db.Time(&k.Since))
	}, `SELECT k.id, k.case_id, k.sector, k.blocked_reason, k.since`+where(&a)+` ORDER BY k.since, k.id LIMIT `+a.put(most), a.args...)
	if err == nil {
		s.BlockedN, err = countOf(t, `SELECT COUNT(*)`+where(&b), b.args...)
	}
	return err
}

func countOf(t *db.Tx, q string, args ...any) (int, error) {
	n, err := db.One(t, db.Int, q, args...)
	return int(n), err
}

// Week is what happened in a span of time within somebody's reach.
type Week struct{ Asked, Owned, Helped int }

// Happened counts what was asked, first taken on and confirmed from a moment to
// another, where a reader reaches. A request that was joined to another is counted
// with it.
func (o *Office) Happened(t *db.Tx, by actor.Actor, from, till time.Time) (w Week, err error) {
	for column, n := range map[string]*int{"made_at": &w.Asked, "owned_at": &w.Owned, "helped_at": &w.Helped} {
		var a asking
		q := `SELECT COUNT(*) FROM cases_case WHERE merged_into IS NULL AND ` + column + ` >= ` + a.put(from) + ` AND ` + column + ` < ` + a.put(till) + ` AND ` + reachOf(by, DeedSee.Roles).where(&a, "")
		if *n, err = countOf(t, q, a.args...); err != nil {
			return w, err
		}
	}
	return w, nil
}

// Reached counts those of some cases that lie where a reader reaches.
func (o *Office) Reached(t *db.Tx, by actor.Actor, ids []string) (n int, err error) {
	r := reachOf(by, DeedSee.Roles)
	if r == nil {
		return len(ids), nil
	}
	for len(ids) > 0 && err == nil {
		var a asking
		some := ids[:min(len(ids), 400)]
		ids = ids[len(some):]
		more := 0
		more, err = countOf(t, `SELECT COUNT(*) FROM cases_case WHERE `+a.in("id", anys(some)...)+` AND `+r.where(&a, ""), a.args...)
		n += more
	}
	return n, err
}

// LongestOpen are the open cases that have waited longest where a reader reaches.
func (o *Office) LongestOpen(t *db.Tx, by actor.Actor, most int) ([]CaseID, error) {
	var a asking
	return db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE merged_into IS NULL AND phase = `+a.put(string(service.Open))+` AND `+
		reachOf(by, DeedSee.Roles).where(&a, "")+` ORDER BY made_at, id LIMIT `+a.put(most), a.args...)
}

// ForgottenFor are the forgotten communes where a reader reaches.
func (o *Office) ForgottenFor(t *db.Tx, by actor.Actor, most int) (out []Forgotten, err error) {
	all, err := o.Forgotten(t, 2000)
	r := reachOf(by, DeedSee.Roles)
	for _, f := range all {
		if len(out) == most {
			break
		}
		if _, ok := r.within(f.Commune, o.places.Within); ok {
			out = append(out, f)
		}
	}
	return out, err
}
