package field

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// fakeGoods is what one service lists.
type fakeGoods struct{}

func (fakeGoods) Goods(service string) []Good {
	if service != "" && service != "crisis_help" {
		return nil
	}
	return []Good{{Code: "blanket", Key: "test.good.blanket", Grams: 1500, Millilitres: 8000}, {Code: "food_basket", Unit: "test.unit.basket", Key: "test.good.basket", Grams: 15_000, Millilitres: 40_000},
		{Code: "tent", Key: "test.good.tent", Grams: 50_000, Millilitres: 250_000}}
}

// fakeOrgs are organisations, recognised unless they are suspended.
type fakeOrgs struct {
	names     map[actor.OrganisationID]string
	suspended map[actor.OrganisationID]bool
}

func (o *fakeOrgs) add(name string) actor.OrganisationID {
	org := id.New[actor.Organisation](morning)
	o.names[org] = name
	return org
}

func (o *fakeOrgs) Name(_ *db.Tx, org actor.OrganisationID, _ string) (string, error) {
	name, ok := o.names[org]
	if !ok {
		return "", fault.New(fault.Missing, "error.missing")
	}
	return name, nil
}

func (o *fakeOrgs) Recognised(_ *db.Tx, org actor.OrganisationID) (bool, error) {
	return o.names[org] != "" && !o.suspended[org], nil
}

// fakeCases stands in for whoever keeps cases: it moves them as the words say,
// keeps what a failed unit of work did not do, and fails on command, both
// before a move ("failed") and after it ("failed but happened").
type fakeCases struct {
	mu       sync.Mutex
	now      func() time.Time
	all      map[CaseID]*fakeCase
	unserved []PlaceNeed
	fail     map[string]error // word → what Advance answers instead of moving
	asked    int              // codes looked at
}

type fakeCase struct {
	Brief
	code  string
	tries int
	moves []string
	goods map[string]int
}

func (f *fakeCases) add(s *Service, org actor.OrganisationID, place string) CaseID {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.all)
	c := &fakeCase{code: fmt.Sprintf("%06d", 271_828+n*7919)}
	c.Brief = Brief{ID: id.New[caseKind](f.now()), Receipt: fmt.Sprintf("48271%04d", n), Service: "crisis_help", State: "claimed", Phase: "owned", Level: 1 + n%4,
		Org: org, PlaceCode: place, People: 4 + n, NeedKeys: []string{"test.good.blanket"}, Due: f.now().Add(time.Hour)}
	if org.IsZero() {
		c.State, c.Phase = "received", "open"
	}
	for _, p := range s.places.Path(place) {
		if p.Kind != places.Douar {
			c.Path = append(c.Path, p.Code)
		}
	}
	f.all[c.ID] = c
	return c.ID
}

func (f *fakeCases) code(c CaseID) string { return f.all[c].code }

func (f *fakeCases) Briefs(_ *db.Tx, ids []CaseID) (out []Brief, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range ids {
		if x, ok := f.all[c]; ok {
			out = append(out, x.Brief)
		}
	}
	return out, nil
}

func (f *fakeCases) Waiting(_ *db.Tx, org actor.OrganisationID, team TeamID, limit int) (out []Brief, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.all {
		if x.Org == org && x.Phase == "owned" {
			out = append(out, x.Brief)
		}
	}
	slices.SortFunc(out, func(a, b Brief) int { return strings.Compare(a.Receipt, b.Receipt) })
	return out[:min(limit, len(out))], nil
}

func (f *fakeCases) Unserved(*db.Tx, string, int) ([]PlaceNeed, error) {
	return slices.Clone(f.unserved), nil
}

func (f *fakeCases) Advance(t *deed.Tx, c CaseID, word string, with Advance) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail[word]; err != nil {
		return err
	}
	x := f.all[c]
	if x == nil {
		return fault.New(fault.Missing, "error.missing")
	}
	from := map[string]string{"assign": "owned", "depart": "owned", "deliver": "moving", "turn_back": "moving"}[word]
	if x.Phase != from {
		return fault.New(fault.Conflict, "test.case.elsewhere")
	}
	// Kept only when the unit of work is: a refused deed must leave no trace.
	t.After(func() { f.keep(c, word, with) })
	return nil
}

func (f *fakeCases) keep(c CaseID, word string, with Advance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.all[c]
	x.Phase = map[string]string{"assign": "owned", "depart": "moving", "deliver": "waiting", "turn_back": "owned"}[word]
	x.moves, x.goods = append(x.moves, word), with.Goods
	if word == "assign" {
		x.Team, _ = id.Parse[Team](with.Team)
	}
}

func (f *fakeCases) CheckCode(_ context.Context, _ actor.Actor, c CaseID, code string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	x := f.all[c]
	if x.tries >= 5 {
		return false, fault.New(fault.Limited, "test.code.locked").On("code")
	}
	if x.code != code {
		x.tries++
		return false, nil
	}
	return true, nil
}
