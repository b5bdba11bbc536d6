package hands

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a match. A person chooses; the program only proposes.
var (
	DeedReserve = deed.Deed{Name: "hands.match.reserve", Roles: choosers}
	DeedRelease = deed.Deed{Name: "hands.match.release", Roles: choosers}
	DeedUse     = deed.Deed{Name: "hands.match.use", Roles: choosers}
)

// MatchTold is what others hear of a match.
type MatchTold struct {
	Offer OfferID              `json:"offer"`
	Match MatchID              `json:"match"`
	Org   actor.OrganisationID `json:"org"`
	Need  string               `json:"need"`
	Thing string               `json:"thing"`
	Units int                  `json:"units"`
}

// Candidates lists the needs that an offer can meet, in the order in which a
// person should read them.
func (s *Service) candidates(t *db.Tx, o *Offer, limit int) ([]Candidate, error) {
	if o.State != OfferOpen || o.Free() == 0 {
		return nil, nil
	}
	taken, err := promised(t, o.Kind, o.Thing)
	if err != nil {
		return nil, err
	}
	var out []Candidate
	seen := map[string]bool{}
	for _, area := range around(o) {
		all, err := s.offers.Needs.Waiting(t, area, nearby)
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			if seen[n.Ref] {
				continue
			}
			seen[n.Ref] = true
			if c, ok := s.offers.Rules.suits(o, n, taken[n.Ref], s.at, t.Now()); ok {
				out = append(out, c)
			}
		}
		if len(out) >= limit {
			break
		}
	}
	return s.offers.Rules.rank(out, limit), nil
}

// around is where needs for an offer are looked for: its province, then its
// region, then everywhere.
func around(o *Offer) (out []string) {
	for i := min(2, len(o.Path)) - 1; i >= 0; i-- {
		out = append(out, o.Path[i])
	}
	return append(out, "")
}

func (s *Service) at(code string) (geo.Point, bool) {
	at, _, ok := s.places.Point(code)
	return at, ok
}

// Choice is what a person chose: so many units of an offer, for a need, in the
// hands of an organisation.
type Choice struct {
	ID    MatchID // minted where the form was opened: sent twice, it is chosen once
	Offer OfferID
	Need  string // "" or Stock: the organisation takes it for later
	Org   actor.OrganisationID
	Units int
}

// Reserve chooses units of an offer for a need. Never more than are free are
// chosen, however many choose at once. The giver is told.
func (s *Service) Reserve(ctx context.Context, by actor.Actor, c Choice) error {
	if c.Need == "" {
		c.Need = Stock
	}
	return s.staff(ctx, by, DeedReserve, c.Offer, func(t *deed.Tx, o *Offer) (any, error) {
		m := &Match{ID: c.ID, Offer: o.ID, Org: c.Org, Need: c.Need, Units: c.Units, Held: c.Units, State: MatchStanding, MadeAt: t.Now(), ChangedAt: t.Now()}
		if m.Org.IsZero() {
			m.Org = o.Org
		}
		if old, err := getMatch(t.Tx, c.ID); fault.KindOf(err) != fault.Missing {
			return nil, sameMatch(old, m, err)
		}
		if err := s.mayHold(t, o, m); err != nil {
			return nil, err
		}
		if err := s.meets(t.Tx, o, m); err != nil {
			return nil, err
		}
		if err := o.take(m.Units, t.Now()); err != nil {
			return nil, err
		}
		fresh, err := addMatch(t.Tx, m)
		if err != nil {
			return nil, err
		}
		if !fresh {
			return nil, fault.New(fault.Conflict, "hands.match.id_taken")
		}
		first := o.Answer != AnswerTaken
		o.answered(AnswerTaken, t.Now())
		if first {
			name, err := s.orgs.Name(t.Tx, m.Org, o.Lang)
			if err := errors.Join(err, s.inform(t, o, "hands.text.taken", "org", name)); err != nil {
				return nil, err
			}
		}
		return o.match(m), nil
	})
}

func (o *Offer) match(m *Match) MatchTold {
	return MatchTold{o.ID, m.ID, m.Org, m.Need, o.Thing, m.Units}
}

func sameMatch(old, m *Match, err error) error {
	switch {
	case err != nil:
		return err
	case old.Offer != m.Offer || old.Org != m.Org || old.Need != m.Need || old.Units != m.Units:
		return fault.New(fault.Conflict, "hands.match.id_taken")
	}
	return deed.ErrNothingDone
}

// mayHold asks whether an offer may come into the hands of an organisation: it
// is recognised, it is the one to which the offer was made, if any, and whoever
// acts for one organisation chooses for that one.
func (s *Service) mayHold(t *deed.Tx, o *Offer, m *Match) error {
	if m.Org.IsZero() || !o.Org.IsZero() && m.Org != o.Org {
		return fault.New(fault.Invalid, "hands.match.org_missing").On("org")
	}
	ok, err := s.orgs.Recognised(t.Tx, m.Org)
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "hands.match.org_missing").On("org")
	}
	return err
}

// meets asks whether the need still waits, and whether the offer is the thing.
// Of shelter, a need takes all its people or none: families are not split.
func (s *Service) meets(t *db.Tx, o *Offer, m *Match) error {
	if m.Need == Stock {
		return nil
	}
	n, err := s.offers.Needs.Get(t, m.Need)
	if fault.KindOf(err) == fault.Missing {
		return fault.New(fault.Conflict, "hands.match.need_met")
	}
	if err != nil {
		return err
	}
	wants, _, ok := s.offers.Rules.wants(o, n)
	switch {
	case !ok:
		return fault.New(fault.Conflict, "hands.match.not_that")
	case o.Kind == GivesShelter && m.Units < wants:
		return fault.New(fault.Conflict, "hands.match.family_split", "n", wants).On("units")
	}
	m.Place = n.Place
	return nil
}

// Release gives up a match: what still waits with the giver is free again.
func (s *Service) Release(ctx context.Context, by actor.Actor, mid MatchID) error {
	return s.onMatch(ctx, by, DeedRelease, mid, func(t *deed.Tx, o *Offer, m *Match) error {
		if m.State != MatchStanding {
			return deed.ErrNothingDone
		}
		o.Taken -= m.release(MatchReleased, t.Now())
		return nil
	})
}

// Use counts units as come and handed over without a mission of this house: a
// vehicle that drove, a family that slept there, goods from hand to hand.
func (s *Service) Use(ctx context.Context, by actor.Actor, mid MatchID, units int) error {
	return s.onMatch(ctx, by, DeedUse, mid, func(t *deed.Tx, o *Offer, m *Match) error { return m.use(units, t.Now()) })
}

func (s *Service) onMatch(ctx context.Context, by actor.Actor, d deed.Deed, mid MatchID, decide func(*deed.Tx, *Offer, *Match) error) error {
	var oid OfferID
	err := s.h.DB.Read(ctx, func(t *db.Tx) error {
		m, err := getMatch(t, mid)
		if err == nil {
			oid = m.Offer
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.staff(ctx, by, d, oid, func(t *deed.Tx, o *Offer) (any, error) {
		m, err := getMatch(t.Tx, mid) // anew: its offer is held now
		if err != nil {
			return nil, err
		}
		if err := decide(t, o, m); err != nil {
			return nil, err
		}
		return o.match(m), saveMatch(t.Tx, m)
	})
}

// gaps warns of a place where others go already while neighbours wait, for the
// communes of needs about to be chosen (M17). It blocks nobody.
func (s *Service) gaps(t *db.Tx, org actor.OrganisationID, all []Candidate) (out []gapSeen, err error) {
	var seen []string
	for _, c := range all {
		if len(c.Need.Path) < 3 || slices.Contains(seen, c.Need.Path[2]) || len(out) == 2 {
			continue
		}
		commune := c.Need.Path[2]
		seen = append(seen, commune)
		others, near, err := s.offers.Needs.Gap(t, org, commune)
		if err != nil {
			return nil, err
		}
		if len(others) > 0 && len(near) > 0 {
			out = append(out, gapSeen{commune, others, near})
		}
	}
	return out, nil
}

type gapSeen struct {
	commune string
	others  []actor.OrganisationID
	near    []Neighbour
}

// caseOfNeed is the identifier of the case that a need points at, "" of another.
func caseOfNeed(ref string) string {
	c, ok := strings.CutPrefix(ref, "case/")
	if !ok {
		return ""
	}
	return c
}
