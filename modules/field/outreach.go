package field

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// Visit is a stop at a place where nobody asked: somebody goes there, from door
// to door, and says how many households they spoke to. Nobody is named.
type Visit struct {
	ID         VisitID
	Mission    MissionID
	Seq        int
	Place      string // code
	Households int    // that nobody had heard of when the round was made
	State      VisitState
	Met        int // households
	Reason     string
	ChangedAt  time.Time
}

type VisitID = id.Of[Visit]

// VisitState is what became of it. The set is closed.
type VisitState string

const (
	VisitWaiting    VisitState = "waiting"
	Visited         VisitState = "visited"
	VisitNotReached VisitState = "not_reached"
	VisitCancelled  VisitState = "cancelled"
)

// The deeds of going to those who did not ask.
var (
	DeedUnreached = deed.Deed{Name: "field.outreach.list", Roles: manage}
	DeedOutreach  = deed.Deed{Name: "field.outreach.plan", Roles: manage}
	DeedVisited   = deed.Deed{Name: "field.outreach.visited", Roles: afield}
)

// Contacts is what field asks of whoever keeps requests and maps of damage.
type Contacts interface {
	// Heard counts the households of each place that asked, since a moment.
	Heard(t *db.Tx, since time.Time) (map[string]int, error)
	// Harm is the level of damage of each commune that some map speaks of, 0 to 4.
	Harm() map[string]int
}

// UseContacts says who knows of them. Without, nobody is unreached.
func (s *Service) UseContacts(c Contacts) { s.unheard = c }

// heardFor is how long somebody who asked counts as heard of.
const heardFor = 90 * 24 * time.Hour

// Unreached is a place with how many of its households nobody heard of. It is
// an estimate: the households of the census, less those that asked and those
// that were met.
type Unreached struct {
	Place      string // code
	Commune    string
	Households int // of the census
	Known      int // that asked, or were met
	Level      int // of damage in its commune, 0 to 4
	Points     int // of the published rule
	Going      bool
}

func (u Unreached) left() int { return max(0, u.Households-u.Known) }

// points is the published rule, and nothing else puts places in order.
func (r *OutreachRule) points(u Unreached) int {
	if u.Households == 0 {
		return 0
	}
	return r.Points.Level*u.Level + r.Points.Share*u.left()/u.Households
}

// unreached lists the places of affected communes where households are left of
// which nobody heard, by points.
func (s *Service) unreached(t *db.Tx) (out []Unreached, err error) {
	if s.unheard == nil {
		return nil, nil
	}
	asked, err := s.unheard.Heard(t, t.Now().Add(-heardFor))
	if err != nil {
		return nil, err
	}
	met, going, err := visitedPlaces(t)
	if err != nil {
		return nil, err
	}
	harm, rule, total := s.unheard.Harm(), s.rules.Outreach, map[string]int{}
	for code, n := range asked {
		if c, ok := s.places.Commune(code); ok {
			total[c.Code] += n
		}
	}
	communes := map[string]bool{}
	for code, n := range total {
		communes[code] = rule.Affected > 0 && n >= rule.Affected
	}
	for code, level := range harm {
		communes[code] = communes[code] || rule.Level > 0 && level >= rule.Level
	}
	for code, affected := range communes {
		if affected {
			out = append(out, s.within(code, asked, met)...)
		}
	}
	for i := range out {
		u := &out[i]
		u.Level, u.Going = harm[u.Commune], going[u.Place]
		u.Points = rule.points(*u)
	}
	out = slices.DeleteFunc(out, func(u Unreached) bool { return u.left() == 0 })
	slices.SortFunc(out, func(a, b Unreached) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.left(), a.left()), cmp.Compare(a.Place, b.Place))
	})
	return out, nil
}

// within is a commune by its douars, and what is left of it besides them.
func (s *Service) within(commune string, asked, met map[string]int) (out []Unreached) {
	c, ok := s.places.Get(commune)
	if !ok {
		return nil
	}
	rest := Unreached{Place: commune, Commune: commune, Households: c.Households, Known: asked[commune] + met[commune]}
	for _, d := range s.places.Children(commune) {
		if d.Kind != places.Douar || d.Households == 0 {
			rest.Known += asked[d.Code] + met[d.Code]
			continue
		}
		rest.Households -= d.Households
		out = append(out, Unreached{Place: d.Code, Commune: commune, Households: d.Households, Known: asked[d.Code] + met[d.Code]})
	}
	rest.Households = max(0, rest.Households)
	return append(out, rest)
}

// outreachTold is what others hear of a round.
type outreachTold struct {
	MissionTold
	Places []string `json:"places"`
}

type visitTold struct {
	Mission MissionID  `json:"mission"`
	Visit   VisitID    `json:"visit"`
	Place   string     `json:"place"`
	State   VisitState `json:"state"`
	Met     int        `json:"met,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// PlanOutreach makes a round to places in one step: the mission, and a stop at
// each. Only places that are on the list as it now is, and to which nobody goes.
func (s *Service) PlanOutreach(ctx context.Context, by actor.Actor, p Plan, chosen []string) error {
	if len(chosen) == 0 {
		return fault.All{fault.New(fault.Invalid, "field.outreach.nowhere").On("place")}
	}
	if len(chosen) > s.rules.Outreach.Stops {
		return fault.All{fault.New(fault.Invalid, "field.outreach.many", "most", s.rules.Outreach.Stops).On("place")}
	}
	return welcome(s.h.Do(ctx, by, DeedOutreach, func(t *deed.Tx) error {
		team, err := getTeam(t.Tx, p.Team)
		if fault.KindOf(err) == fault.Missing {
			err = fault.All{fault.New(fault.Invalid, "field.mission.team_missing").On("team")}
		}
		if err != nil {
			return err
		}
		if err := t.Allow(s.scopeOf(team)); err != nil {
			return err
		}
		if err := planned(t.Tx, p); err != nil {
			return err
		}
		if err := s.mayGo(t.Tx, team); err != nil {
			return err
		}
		if err := s.recognised(t.Tx, team.Org); err != nil {
			return err
		}
		known, err := s.unreached(t.Tx)
		if err != nil {
			return err
		}
		j := &Journey{Mission: Mission{ID: p.ID, Org: team.Org, Team: team.ID, State: Planned, PlannedAt: t.Now(), MadeAt: t.Now(), ChangedAt: t.Now()}}
		if fresh, err := addMission(t.Tx, j.Mission); err != nil {
			return err
		} else if !fresh {
			return planned(t.Tx, p)
		}
		return s.addVisits(t, j, known, chosen)
	}))
}

func (s *Service) addVisits(t *deed.Tx, j *Journey, known []Unreached, chosen []string) error {
	told := outreachTold{MissionTold: j.told()}
	for _, u := range known { // in the order of the rule
		if !slices.Contains(chosen, u.Place) {
			continue
		}
		if err := t.Allow(actor.Scope{Org: j.Org, Path: s.path(u.Place)}); err != nil {
			return err
		}
		v := Visit{ID: id.New[Visit](t.Now()), Mission: j.ID, Seq: len(told.Places) + 1, Place: u.Place, Households: u.left(), State: VisitWaiting, ChangedAt: t.Now()}
		if err := addVisit(t.Tx, v); err != nil {
			if fault.KindOf(err) == fault.Conflict {
				err = fault.New(fault.Conflict, "field.outreach.going").On("place")
			}
			return err
		}
		told.Places = append(told.Places, u.Place)
	}
	if len(told.Places) == 0 {
		return fault.New(fault.Conflict, "field.outreach.no_longer").On("place")
	}
	return t.Tell(missionSubject(j.ID), told)
}

// SayVisited tells how many households were met at a place, or why nobody got there.
func (s *Service) SayVisited(ctx context.Context, by actor.Actor, mid MissionID, vid VisitID, met int, reason string) error {
	if met < 0 || met > mostFound || met > 0 && reason != "" {
		return fault.All{fault.New(fault.Invalid, "field.outreach.met_wrong", "most", mostFound).On("met")}
	}
	if reason != "" && !slices.Contains(ReasonsNotReached, reason) {
		return fault.All{fault.New(fault.Invalid, "field.outreach.reason_wrong").On("reason")}
	}
	return s.act(ctx, by, DeedVisited, mid, func(t *deed.Tx, j *Journey) (any, error) {
		i := slices.IndexFunc(j.Visits, func(v Visit) bool { return v.ID == vid })
		if i < 0 {
			return nil, fault.New(fault.Missing, "error.missing")
		}
		v := &j.Visits[i]
		to := Visited
		if reason != "" {
			to = VisitNotReached
		}
		if v.State == to && v.Met == met && v.Reason == reason {
			return nil, deed.ErrNothingDone
		}
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		v.State, v.Met, v.Reason, v.ChangedAt = to, met, reason, t.Now() // told again, the last word counts
		return visitTold{mid, vid, v.Place, v.State, v.Met, v.Reason}, saveVisit(t.Tx, *v)
	})
}

// toVisit counts the places that nobody has come to yet.
func (j *Journey) toVisit() (n int) {
	for _, v := range j.Visits {
		if v.State == VisitWaiting {
			n++
		}
	}
	return n
}
