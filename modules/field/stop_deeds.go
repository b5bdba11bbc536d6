package field

import (
	"context"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// AddStops takes cases on a mission, before it sets out or while it is on its
// way. A case that is there already is welcome.
func (s *Service) AddStops(ctx context.Context, by actor.Actor, mid MissionID, all []CaseID) error {
	if len(all) == 0 {
		return fault.New(fault.Invalid, "field.mission.no_cases").On("case")
	}
	return s.act(ctx, by, DeedAddStop, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if !j.Open() {
			return nil, j.must(Planned)
		}
		had := len(j.Stops)
		if err := s.addStops(t, j, all); err != nil {
			return nil, err
		}
		told := j.told()
		for _, stop := range j.Stops[had:] {
			told.Cases = append(told.Cases, stop.Case)
		}
		if len(told.Cases) == 0 {
			return nil, deed.ErrNothingDone
		}
		return told, nil
	})
}

// addStops puts cases at the end of a journey. Whoever plans must be allowed
// to act where each of them lies.
func (s *Service) addStops(t *deed.Tx, j *Journey, all []CaseID) error {
	var fresh []CaseID
	for _, c := range all {
		at, err := stopOf(t.Tx, c)
		switch {
		case err != nil:
			return err
		case at.Mission == j.ID || slices.Contains(fresh, c):
			continue
		case !at.ID.IsZero():
			return s.nameCase(t.Tx, c, "field.stop.on_other_mission")
		}
		fresh = append(fresh, c)
	}
	if len(j.Stops)+len(fresh) > maxStops {
		return fault.New(fault.Invalid, "field.mission.stops_many", "most", maxStops).On("case")
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := s.recognised(t.Tx, j.Org); err != nil {
		return err
	}
	briefs, err := s.briefs(t.Tx, fresh)
	if err != nil {
		return err
	}
	seq := 0
	for _, stop := range j.Stops {
		seq = max(seq, stop.Seq)
	}
	for i, c := range fresh {
		b := briefs[c]
		if err := t.Allow(actor.Scope{Org: b.Org, Path: b.path(), Service: b.Service}); err != nil {
			return s.whose(t, b, j.Org, err)
		}
		stop := s.stopFor(b, j.ID, seq+1+i)
		stop.ID, stop.ChangedAt = id.New[Stop](t.Now()), t.Now()
		switch err := addStop(t.Tx, stop); {
		case fault.KindOf(err) == fault.Conflict:
			return fault.New(fault.Conflict, "field.stop.on_other_mission", "receipt", i18n.Code(b.Receipt)).On("case")
		case err != nil:
			return err
		}
		j.Stops = append(j.Stops, stop)
	}
	return s.bind(t, j, fresh, j.State == Departed)
}

func (s *Service) stopFor(b Brief, mid MissionID, seq int) Stop {
	stop := Stop{Mission: mid, Seq: seq, Case: b.ID, Service: b.Service, State: Waiting}
	if path := b.path(); len(path) > 0 {
		stop.Place = path[len(path)-1]
	}
	if commune, ok := s.places.Commune(stop.Place); ok {
		stop.Commune = commune.Code
	}
	return stop
}

// path is all that is known of where a case lies, widest first.
func (b Brief) path() []string {
	if b.PlaceCode == "" || slices.Contains(b.Path, b.PlaceCode) {
		return b.Path
	}
	return append(slices.Clone(b.Path), b.PlaceCode)
}

// briefs asks for cases, each of which must be there.
func (s *Service) briefs(t *db.Tx, all []CaseID) (map[CaseID]Brief, error) {
	got, err := s.cases.Briefs(t, all)
	if err != nil {
		return nil, err
	}
	out := make(map[CaseID]Brief, len(got))
	for _, b := range got {
		out[b.ID] = b
	}
	for _, c := range all {
		if _, ok := out[c]; !ok {
			return nil, fault.New(fault.Missing, "field.stop.case_missing").On("case")
		}
	}
	return out, nil
}

// bind gives cases to the team of a journey, and when it sets out, on the way.
// A claim that ran out while the mission was being planned is taken up again.
func (s *Service) bind(t *deed.Tx, j *Journey, all []CaseID, departs bool) error {
	briefs, err := s.briefs(t.Tx, all)
	if err != nil {
		return err
	}
	with := Advance{Team: j.Team.String(), Mission: j.ID.String()}
	for _, c := range all {
		b := briefs[c]
		if !b.Org.IsZero() && b.Org != j.Org {
			return s.whose(t, b, j.Org, fault.New(fault.Denied, "error.denied_here"))
		}
		if b.Org.IsZero() || b.Team != j.Team {
			if err := s.advance(t, b, "assign", with); err != nil {
				return err
			}
		}
		if departs {
			if err := s.advance(t, b, "depart", with); err != nil {
				return err
			}
		}
	}
	return nil
}

// advance moves a case, and names the one that has moved on meanwhile.
func (s *Service) advance(t *deed.Tx, b Brief, word string, with Advance) error {
	err := s.cases.Advance(t, b.ID, word, with)
	if fault.KindOf(err) == fault.Conflict {
		return &fault.Fault{Kind: fault.Conflict, Key: "field.stop.case_moved", Args: map[string]any{"receipt": i18n.Code(b.Receipt)}, Field: "case", Cause: err}
	}
	return err
}

// whose names the organisation that has a case, when it is not ours and the
// doer works where it lies; whoever does not is told no more than at its page.
func (s *Service) whose(t *deed.Tx, b Brief, ours actor.OrganisationID, err error) error {
	_, here := t.By.May(t.Deed.Roles, actor.Scope{Path: b.path(), Service: b.Service})
	if b.Org.IsZero() || b.Org == ours || !here && t.By.System == "" {
		return err
	}
	name, err := s.orgs.Name(t.Tx, b.Org, "fr")
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "field.stop.taken", "receipt", i18n.Code(b.Receipt), "who", name).On("case")
}

func (s *Service) nameCase(t *db.Tx, c CaseID, key string) error {
	briefs, err := s.briefs(t, []CaseID{c})
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, key, "receipt", i18n.Code(briefs[c].Receipt)).On("case")
}

// DropStop takes a case off a mission that has not set out. The case stays
// with the team, and can be given to another.
func (s *Service) DropStop(ctx context.Context, by actor.Actor, mid MissionID, sid StopID) error {
	return s.act(ctx, by, DeedDropStop, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Planned); err != nil {
			return nil, err
		}
		stop, err := j.stop(sid)
		if err != nil {
			return nil, err
		}
		told := j.told()
		told.Cases = []CaseID{stop.Case}
		return told, dropStop(t.Tx, sid)
	})
}

// NotReached says that a team could not help at a stop, and why. The case goes
// back to those that wait.
func (s *Service) NotReached(ctx context.Context, by actor.Actor, mid MissionID, sid StopID, reason string) error {
	return s.act(ctx, by, DeedNotReached, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		stop, err := j.stop(sid)
		if err != nil {
			return nil, err
		}
		if stop.State == NotReached && stop.Reason == reason {
			return nil, deed.ErrNothingDone
		}
		if err := stop.fail(reason, t.Now()); err != nil {
			return nil, err
		}
		briefs, err := s.briefs(t.Tx, []CaseID{stop.Case})
		if err != nil {
			return nil, err
		}
		// A case that was given back while the team was on its way is not the
		// team's to give back: the stop is answered all the same, or the mission
		// could never end.
		if b := briefs[stop.Case]; b.Org == j.Org && b.Team == j.Team {
			if err := s.advance(t, b, "turn_back", Advance{Team: j.Team.String(), Mission: j.ID.String()}); err != nil {
				return nil, err
			}
		}
		told := j.told()
		told.Cases, told.Reason = []CaseID{stop.Case}, reason
		return told, saveStop(t.Tx, *stop)
	})
}
