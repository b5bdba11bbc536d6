package field

import (
	"cmp"
	"context"
	"errors"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// manage is who plans the work of teams; abroad is who does it on the ground.
var (
	manage = []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
	abroad = []actor.Role{actor.Leader, actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
)

// The deeds on a team. Who goes where is for all staff to see (F46).
var (
	DeedTeamList    = deed.Deed{Name: "field.team.list", Roles: actor.Roles}
	DeedTeamCreate  = deed.Deed{Name: "field.team.create", Roles: manage}
	DeedTeamEdit    = deed.Deed{Name: "field.team.edit", Roles: manage}
	DeedTeamDisband = deed.Deed{Name: "field.team.disband", Roles: manage}
)

// TeamTold is what others hear of a team.
type TeamTold struct {
	Team   TeamID               `json:"team"`
	Org    actor.OrganisationID `json:"org"`
	State  TeamState            `json:"state"`
	Base   string               `json:"base"`
	People int                  `json:"people"`
	Skills []string             `json:"skills"`
}

func (m *Team) told() TeamTold { return TeamTold{m.ID, m.Org, m.State, m.Base, m.People, m.Skills} }

func teamSubject(tid TeamID) string { return "field.team/" + tid.String() }

// scopeOf is whose the team is and where it starts from.
func (s *Service) scopeOf(m *Team) actor.Scope {
	return actor.Scope{Org: m.Org, Path: s.path(m.Base)}
}

// path is a place and all that it lies in, as codes.
func (s *Service) path(code string) (out []string) {
	for _, p := range s.places.Path(code) {
		out = append(out, p.Code)
	}
	return out
}

// Languages are those that a team can speak: the country's own, then French,
// English and signs.
func (s *Service) Languages() (out []string) {
	for _, l := range s.places.Country().Spoken {
		out = append(out, l.Code)
	}
	return append(out, otherLanguages...)
}

var otherLanguages = []string{"fr", "en", "sgn"}

// check tidies a team and says everything that is wrong with it.
func (s *Service) check(m Team) (Team, error) {
	m.Names, m.Languages = m.Names.tidy(), known(m.Languages, s.Languages())
	if picked := known(m.Skills, Skills); len(picked) == len(m.Skills) {
		m.Skills = picked
	}
	all := m.wrong()
	if _, ok := s.places.Get(m.Base); !ok {
		all = append(all, fault.New(fault.Invalid, "field.team.base_unknown").On("base"))
	}
	if m.Org.IsZero() {
		all = append(all, fault.New(fault.Invalid, "field.team.org_missing").On("org"))
	}
	return m, all.OrNil()
}

// CreateTeam puts a team on the list. Its identifier may be minted by whoever
// fills the form; the same team again is welcome and changes nothing.
func (s *Service) CreateTeam(ctx context.Context, by actor.Actor, m Team) error {
	m, err := s.check(m)
	if err != nil {
		return err
	}
	return welcome(s.h.Do(ctx, by, DeedTeamCreate, func(t *deed.Tx) error {
		if err := t.Allow(s.scopeOf(&m)); err != nil {
			return err
		}
		if _, err := s.orgs.Name(t.Tx, m.Org, "ar"); err != nil {
			if fault.KindOf(err) == fault.Missing {
				return fault.New(fault.Invalid, "field.team.org_missing").On("org")
			}
			return err
		}
		m.State, m.MadeAt, m.ChangedAt = Ready, t.Now(), t.Now()
		fresh, err := addTeam(t.Tx, &m)
		if err != nil {
			return err
		}
		if !fresh {
			old, err := getTeam(t.Tx, m.ID)
			if err == nil && !old.same(&m) {
				err = fault.New(fault.Conflict, "field.team.id_taken")
			}
			return cmp.Or(err, deed.ErrNothingDone)
		}
		return t.Tell(teamSubject(m.ID), m.told())
	}))
}

// EditTeam gives a team what to says. version is what the doer saw; 0 does not mind.
func (s *Service) EditTeam(ctx context.Context, by actor.Actor, tid TeamID, version int64, to Team) error {
	return s.actTeam(ctx, by, DeedTeamEdit, tid, func(t *deed.Tx, m *Team) error {
		if version != 0 && version != m.Version {
			return fault.New(fault.Conflict, "field.team.changed")
		}
		to.Org = m.Org
		to, err := s.check(to)
		if err != nil {
			return err
		}
		if err := t.Allow(actor.Scope{Org: m.Org, Path: s.path(to.Base)}); err != nil { // nobody sends a team out of their own territory
			return err
		}
		return m.edit(to, t.Now())
	})
}

// DisbandTeam ends a team that is on no mission.
func (s *Service) DisbandTeam(ctx context.Context, by actor.Actor, tid TeamID) error {
	return s.actTeam(ctx, by, DeedTeamDisband, tid, func(t *deed.Tx, m *Team) error {
		mid, err := openMission(t.Tx, tid)
		if err != nil {
			return err
		}
		return m.disband(!mid.IsZero(), t.Now())
	})
}

// actTeam loads a team, asks whether the doer may act on it, decides, saves, tells.
func (s *Service) actTeam(ctx context.Context, by actor.Actor, d deed.Deed, tid TeamID, decide func(*deed.Tx, *Team) error) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		m, err := getTeam(t.Tx, tid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scopeOf(m)); err != nil {
			return err
		}
		if err := decide(t, m); err != nil {
			return err
		}
		if err := saveTeam(t.Tx, m); err != nil {
			return err
		}
		return t.Tell(teamSubject(tid), m.told())
	})
}

// welcome makes a retry a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// TeamName is what a team is called in a language, and whose it is.
func (s *Service) TeamName(t *db.Tx, tid TeamID, lang string) (name string, org actor.OrganisationID, err error) {
	m, err := getTeam(t, tid)
	if err != nil {
		return "", org, err
	}
	name, _ = m.Names.In(lang)
	return name, m.Org, nil
}
