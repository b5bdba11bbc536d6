package cases

import (
	"math"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/service"
)

// testimony is what one report tells by itself, as far as joining others to it may
// change it on the case that carries the work.
type testimony struct {
	Rank    int            `json:"rank"`
	Level   int            `json:"level"`
	Reasons []rules.Reason `json:"reasons"`
	Needs   []string       `json:"needs"`
	People  int            `json:"people"`
	Place   string         `json:"place,omitempty"`
	Path    []string       `json:"path,omitempty"`
	At      *geo.Point     `json:"at,omitempty"`
	Due     time.Time      `json:"due"`
}

// lead is a case to which others were joined: what it told by itself, and what
// it carries for all of them. Whatever the case has now that is neither, somebody
// decided since, and it stands.
type lead struct {
	Own   testimony `json:"own"`
	Joint testimony `json:"joint"`
	State string    `json:"state"`
	Since time.Time `json:"since"` // when it came into that state, or a first voice was joined: who was joined later brings their deadline
	Put   bool      `json:"put,omitempty"`
}

func (c *Case) testimony() testimony {
	s := testimony{Rank: c.Rank, Level: c.Level, Reasons: slices.Clone(c.Reasons), Needs: slices.Clone(c.Needs), People: c.People,
		Place: c.Place, Path: slices.Clone(c.Path), Due: c.DueAt}
	if c.HasPoint {
		at := c.At
		s.At = &at
	}
	return s
}

// tell puts on the case what was told.
func (s testimony) tell(c *Case) {
	c.Rank, c.Level, c.Reasons, c.Needs, c.People = s.Rank, s.Level, slices.Clone(s.Reasons), slices.Clone(s.Needs), s.People
	c.Place, c.Path, c.DueAt = s.Place, slices.Clone(s.Path), s.Due
	if c.HasPoint = s.At != nil; c.HasPoint {
		c.At = *s.At
	} else {
		c.At = geo.Point{}
	}
}

func newLead(c *Case, now time.Time) *lead {
	return &lead{Own: c.testimony(), Joint: c.testimony(), State: c.State, Since: now}
}

// heed takes over what was decided about the case since others were joined to
// it: another place, another urgency, another state with its deadline.
func (l *lead) heed(c *Case, now time.Time) {
	n, was := c.testimony(), l.Joint
	if n.Rank != was.Rank || n.Level != was.Level {
		l.Own.Rank, l.Own.Level = n.Rank, n.Level
	}
	if n.Place != was.Place {
		l.Own.Place, l.Own.Path, l.Own.At, l.Put = n.Place, n.Path, n.At, true
	}
	if c.State != l.State || !n.Due.Equal(was.Due) {
		l.Own.Due, l.State, l.Since = n.Due, c.State, now
	}
}

// gather works out what the case carries for itself and for the voices: all
// their needs and reasons, the most urgent of them, the most people that one of
// them told of, the place that is known best. With no voices it is what the case
// told by itself.
func (l *lead) gather(c *Case, voices []*Case, joined map[CaseID]time.Time, reach func(testimony) float64) {
	s := l.Own
	s.Reasons, s.Needs = slices.Clone(s.Reasons), slices.Clone(s.Needs)
	best := reach(s)
	for _, v := range voices {
		x := v.testimony()
		s.Rank, s.Level, s.People = min(s.Rank, x.Rank), min(s.Level, x.Level), max(s.People, x.People)
		s.Reasons = rules.Union(s.Reasons, x.Reasons)
		for _, n := range x.Needs {
			if !slices.Contains(s.Needs, n) {
				s.Needs = append(s.Needs, n)
			}
		}
		if km := reach(x); km < best && !l.Put {
			s.Place, s.Path, s.At, best = x.Place, x.Path, x.At, km
		}
		if at, ok := joined[v.ID]; ok && !at.Before(l.Since) && c.Phase == service.Open && x.Due.Before(s.Due) {
			s.Due = x.Due
		}
	}
	l.Joint, l.State = s, c.State
	s.tell(c)
}

// gpsKm is how far off a phone that gives its position may be, in km.
const gpsKm = 0.1

// reachKm is how far from where it says to be a report may be, in km: a place
// that nobody resolved comes after all others.
func (o *Office) reachKm(s testimony) float64 {
	centre, km, ok := o.places.Point(s.Place)
	switch {
	case s.Place == "" && s.At == nil:
		return math.Inf(1)
	case s.At != nil && (!ok || geo.Distance(centre, *s.At) > 0.01): // the phone's own position, and not the middle of its place
		km = gpsKm
	case !ok || km <= 0:
		km = communeReach
	}
	if s.Place == "" {
		km += 1000
	}
	return km
}

// wasOf is what joining takes from a case and undoing gives back.
type wasOf struct {
	LastOrg  actor.OrganisationID `json:"last_org,omitzero"`
	LastAt   time.Time            `json:"last_at,omitzero"`
	GaveUpAt time.Time            `json:"gave_up_at,omitzero"`
}

// merge joins the case to another that tells of the same need. Its receipt
// goes on working and its voice is kept.
func (c *Case) merge(def *service.Definition, into *Case, now time.Time) (was wasOf, err error) {
	switch {
	case into.ID == c.ID:
		return was, fault.New(fault.Invalid, "cases.case.merge_self")
	case !into.MergedInto.IsZero() || !c.MergedInto.IsZero():
		return was, fault.New(fault.Conflict, "cases.case.is_merged")
	case into.Service != c.Service:
		return was, fault.New(fault.Conflict, "cases.case.merge_other_service")
	case into.Phase == service.Final:
		return was, fault.New(fault.Conflict, "cases.case.merge_closed")
	case c.Phase != service.Open:
		return was, fault.New(fault.Conflict, "cases.case.merge_owned")
	}
	from, due := c.State, c.DueAt
	was = wasOf{c.LastOrg, c.LastAt, c.GaveUpAt}
	if err := c.move(def, MoveMerge, now); err != nil {
		return was, err
	}
	c.MergedInto, c.MergedFrom, c.DueAt = into.ID, from, due
	return was, nil
}

// unmerge takes the case apart again, as it was: its deadline too, for its
// people have waited all the while.
func (c *Case) unmerge(def *service.Definition, was wasOf, now time.Time) error {
	switch {
	case c.MergedInto.IsZero():
		return fault.New(fault.Conflict, "cases.case.not_merged")
	case !c.ErasedAt.IsZero(): // nobody could be called under this number any more
		return fault.New(fault.Conflict, "cases.case.cannot_now")
	}
	c.MergedInto = CaseID{}
	c.arrive(def, c.MergedFrom, now)
	c.MergedFrom = ""
	if c.Phase == service.Open {
		c.LastOrg, c.LastAt, c.GaveUpAt = was.LastOrg, was.LastAt, was.GaveUpAt
	}
	return nil
}
