package field

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a mission.
var (
	DeedMissionSee = deed.Deed{Name: "field.mission.see", Roles: append([]actor.Role{actor.Auditor}, abroad...)}
	DeedPlan       = deed.Deed{Name: "field.mission.plan", Roles: manage}
	DeedAddStop    = deed.Deed{Name: "field.mission.add_stop", Roles: manage}
	DeedDropStop   = deed.Deed{Name: "field.mission.drop_stop", Roles: manage}
	DeedLoad       = deed.Deed{Name: "field.mission.load", Roles: manage}
	DeedCancel     = deed.Deed{Name: "field.mission.cancel", Roles: manage}
	DeedDepart     = deed.Deed{Name: "field.mission.depart", Roles: abroad}
	DeedReturn     = deed.Deed{Name: "field.mission.return", Roles: abroad}
	DeedLose       = deed.Deed{Name: "field.mission.lose", Roles: abroad}
	DeedClose      = deed.Deed{Name: "field.mission.close", Roles: abroad}
	DeedNotReached = deed.Deed{Name: "field.stop.not_reached", Roles: afield}
)

// MissionTold is what others hear of a mission. Cases are those the deed
// concerned; Goods is the manifest as it then was.
type MissionTold struct {
	Mission MissionID            `json:"mission"`
	Org     actor.OrganisationID `json:"org"`
	Team    TeamID               `json:"team"`
	State   MissionState         `json:"state"`
	Cases   []CaseID             `json:"cases,omitempty"`
	Reason  string               `json:"reason,omitempty"`
	Beyond  int                  `json:"beyond,omitempty"` // stops that no vehicle gets to
	Goods   Manifest             `json:"goods,omitempty"`
}

func (m *Mission) told() MissionTold {
	return MissionTold{Mission: m.ID, Org: m.Org, Team: m.Team, State: m.State}
}

func missionSubject(mid MissionID) string { return "field.mission/" + mid.String() }

// scope is whose the mission is and where it goes; without a stop that is on
// the map, where it starts from.
func (s *Service) scope(t *db.Tx, j *Journey) (actor.Scope, error) {
	out := actor.Scope{Org: j.Org}
	for i, stop := range j.Stops {
		if i == 0 {
			out.Service = stop.Service
		} else if out.Service != stop.Service {
			out.Service = ""
		}
		for _, code := range s.path(stop.Place) {
			if !slices.Contains(out.Path, code) {
				out.Path = append(out.Path, code)
			}
		}
	}
	for _, v := range j.Visits {
		for _, code := range s.path(v.Place) {
			if !slices.Contains(out.Path, code) {
				out.Path = append(out.Path, code)
			}
		}
	}
	if len(out.Path) > 0 {
		return out, nil
	}
	m, err := getTeam(t, j.Team)
	if err != nil {
		return out, err
	}
	out.Path = s.path(m.Base)
	return out, nil
}

// act holds a mission, asks whether the doer may act on it, decides, saves, tells.
func (s *Service) act(ctx context.Context, by actor.Actor, d deed.Deed, mid MissionID, decide func(*deed.Tx, *Journey) (any, error)) error {
	err := s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		j, err := hold(t.Tx, mid)
		if err != nil {
			return err
		}
		if err := s.mayServe(t, j); err != nil {
			return err
		}
		told, err := decide(t, j)
		if err != nil {
			return err
		}
		if err := saveMission(t.Tx, j.Mission); err != nil {
			return err
		}
		return t.Tell(missionSubject(mid), told)
	})
	return s.named(welcome(err))
}

// named gives the goods that a fault speaks of their names, which the reader's
// language then says.
func (s *Service) named(err error) error {
	all, ok := errors.AsType[fault.All](err)
	if f, one := errors.AsType[*fault.Fault](err); !ok && one {
		all = fault.All{f}
	}
	for _, f := range all {
		if good, ok := f.Args["good"].(string); ok {
			f.Args["name"] = s.goodName(good)
		}
	}
	return err
}

// goodName is how a good is said: a catalogue key, or its code when no service
// lists it any more.
func (s *Service) goodName(code string) any {
	for _, g := range s.goods.Goods("") {
		if g.Code == code {
			return i18n.Key(g.Key)
		}
	}
	return code
}

// Plan is a mission as somebody means it to be.
type Plan struct {
	ID    MissionID // minted where the form was opened: sent twice, it is planned once
	Team  TeamID
	At    time.Time // when it is meant to set out; zero is now
	Cases []CaseID  // its first stops
}

// Plan binds a team to a new mission, and the first cases to the team.
func (s *Service) Plan(ctx context.Context, by actor.Actor, p Plan) error {
	return welcome(s.h.Do(ctx, by, DeedPlan, func(t *deed.Tx) error {
		team, err := getTeam(t.Tx, p.Team)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scopeOf(team)); err != nil {
			return err
		}
		at := p.At
		if at.IsZero() {
			at = t.Now()
		}
		j := &Journey{Mission: Mission{ID: p.ID, Org: team.Org, Team: team.ID, State: Planned, PlannedAt: at, MadeAt: t.Now(), ChangedAt: t.Now()}}
		if err := planned(t.Tx, p); err != nil {
			return err
		}
		if err := s.mayGo(t.Tx, team); err != nil {
			return err
		}
		if fresh, err := addMission(t.Tx, j.Mission); err != nil {
			return err
		} else if !fresh { // in the same moment, by a second press of the button
			return planned(t.Tx, p)
		}
		if err := s.addStops(t, j, p.Cases); err != nil {
			return err
		}
		told := j.told()
		told.Cases = p.Cases
		return t.Tell(missionSubject(j.ID), told)
	}))
}

// planned is ErrNothingDone when the plan is on record, and a conflict when
// something else is under its identifier.
func planned(t *db.Tx, p Plan) error {
	old, err := getJourney(t, p.ID)
	switch {
	case fault.KindOf(err) == fault.Missing:
		return nil
	case err != nil:
		return err
	case old.Team != p.Team:
		return fault.New(fault.Conflict, "field.mission.id_taken")
	}
	return deed.ErrNothingDone
}

// mayGo refuses a team that cannot be sent anywhere.
func (s *Service) mayGo(t *db.Tx, team *Team) error {
	if team.State == Disbanded {
		return fault.New(fault.Conflict, "field.team.is_disbanded").On("team")
	}
	mid, err := openMission(t, team.ID)
	if err == nil && !mid.IsZero() {
		err = errTeamBusy()
	}
	return err
}

// Depart sends a mission on its way, and with it every case that waits for it.
func (s *Service) Depart(ctx context.Context, by actor.Actor, mid MissionID) error {
	return s.DepartAnyway(ctx, by, mid, "")
}

// DepartAnyway is Depart for a caravan that none of the roads may let through to
// every stop: why it leaves all the same is written down. Nothing else is got
// around by a reason.
func (s *Service) DepartAnyway(ctx context.Context, by actor.Actor, mid MissionID, why string) error {
	return s.act(ctx, by, DeedDepart, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if j.State == Departed {
			return nil, deed.ErrNothingDone
		}
		if err := s.recognised(t.Tx, j.Org); err != nil { // M22
			return nil, err
		}
		beyond, err := s.ready(t.Tx, j, why)
		if err != nil {
			return nil, err
		}
		if err := j.depart(t.Now()); err != nil {
			return nil, err
		}
		told := j.told()
		told.Goods = j.Goods
		if beyond > 0 {
			told.Beyond, told.Reason = beyond, why
		}
		for _, stop := range j.Stops {
			told.Cases = append(told.Cases, stop.Case)
		}
		if err := s.bind(t, j, told.Cases, true); err != nil {
			return nil, err
		}
		if err := s.enter(t, j, nil, "depart/"+j.ID.String()); err != nil {
			return nil, err
		}
		return told, setTeamState(t.Tx, j.Team, Away, t.Now())
	})
}

// recognised refuses to let anybody act for an organisation that may not.
func (s *Service) recognised(t *db.Tx, org actor.OrganisationID) error {
	ok, err := s.orgs.Recognised(t, org)
	if err == nil && !ok {
		err = fault.New(fault.Denied, "field.mission.not_recognised")
	}
	return err
}

// Cancel gives up a mission before it sets out. Its cases stay with the team
// until they are given to another or their claim runs out.
func (s *Service) Cancel(ctx context.Context, by actor.Actor, mid MissionID) error {
	return s.act(ctx, by, DeedCancel, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if j.State == Cancelled {
			return nil, deed.ErrNothingDone
		}
		waiting := j.waiting()
		if err := j.cancel(t.Now()); err != nil {
			return nil, err
		}
		if err := s.giveBack(t, j.ID); err != nil {
			return nil, err
		}
		told := j.told()
		for _, stop := range waiting {
			if err := saveStop(t.Tx, *stop); err != nil {
				return nil, err
			}
			told.Cases = append(told.Cases, stop.Case)
		}
		for _, v := range j.Visits {
			if err := saveVisit(t.Tx, v); err != nil {
				return nil, err
			}
		}
		return told, nil
	})
}

// Close ends a mission whose stops are all answered and whose manifest
// balances to the unit; otherwise it names what does not. The team is free.
func (s *Service) Close(ctx context.Context, by actor.Actor, mid MissionID) error {
	return s.act(ctx, by, DeedClose, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if j.State == Closed {
			return nil, deed.ErrNothingDone
		}
		if err := j.close(t.Now()); err != nil {
			return nil, err
		}
		told := j.told()
		told.Goods = j.Goods
		return told, setTeamState(t.Tx, j.Team, Ready, t.Now())
	})
}

// Journey reads a mission as the house itself, for those who work from Go.
func (s *Service) Journey(ctx context.Context, mid MissionID) (j *Journey, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error { j, err = getJourney(t, mid); return err })
	return j, err
}
