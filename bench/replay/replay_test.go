package replay

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/geo"
)

func aNight() *Night { return New(5, 400, 60, 30*time.Hour) }

// middles of places: where the first house of each is.
func middles(n *Night) func(string) geo.Point {
	at := map[string]geo.Point{}
	for _, q := range n.Requests {
		if _, ok := at[q.Place]; !ok {
			at[q.Place] = q.House
		}
	}
	return func(code string) geo.Point { return at[code] }
}

func TestANightFromASpreadsheetIsTheSameEachTimeItIsReplayed(t *testing.T) {
	t.Parallel()
	n := aNight()
	var before Figures
	for i := range 2 {
		r, err := n.Run(t.Context(), Sheet(n, middles(n)), 3)
		if err != nil {
			t.Fatal(err)
		}
		f := r.Figures(len(n.Requests), n.Horizon)
		if i > 0 && !reflect.DeepEqual(f, before) {
			t.Errorf("first %+v\nthen %+v", before, f)
		}
		before = f
	}
}

func TestEveryVisitServesOrIsForNothingAndNoNeedIsServedTwice(t *testing.T) {
	t.Parallel()
	n := aNight()
	r, err := n.Run(t.Context(), Sheet(n, middles(n)), 3)
	if err != nil {
		t.Fatal(err)
	}
	f := r.Figures(len(n.Requests), n.Horizon)
	if f.Visits != f.Served+f.ForNone+f.Lost {
		t.Errorf("%d visits: %d served, %d for nothing, %d lost", f.Visits, f.Served, f.ForNone, f.Lost)
	}
	if f.Served < f.Sites/2 || f.ForNone == 0 {
		t.Errorf("of %d needs %d were served, %d visits for nothing: three tell of each need", f.Sites, f.Served, f.ForNone)
	}
	for event, s := range r.Sites {
		if s.Served >= 0 && s.Served < s.First {
			t.Errorf("need %d was served %v before anybody told it", event, s.First-s.Served)
		}
	}
}

func TestOneDeskIsSlowerThanMany(t *testing.T) {
	t.Parallel()
	n := aNight()
	half := func(desks int) time.Duration {
		r, err := n.Run(t.Context(), Sheet(n, middles(n)), desks)
		if err != nil {
			t.Fatal(err)
		}
		return r.Figures(len(n.Requests), n.Horizon).Median
	}
	if one, many := half(1), half(20); one <= many {
		t.Errorf("one desk %v, twenty %v", one, many)
	}
}

// idle is an arm at which nobody does anything.
type idle struct{ broken error }

func (idle) Name() string                                                        { return "nobody" }
func (i idle) Told(context.Context, time.Duration, int) error                    { return i.broken }
func (idle) Next(context.Context, time.Duration) (*Act, error)                   { return nil, nil }
func (idle) Free(int)                                                            {}
func (idle) Visited(context.Context, time.Duration, int, Stop, bool, bool) error { return nil }
func (idle) Back(context.Context, time.Duration, int) error                      { return nil }

func TestWhereNobodyActsEverybodyWaitsAndIsCounted(t *testing.T) {
	t.Parallel()
	n := aNight()
	r, err := n.Run(t.Context(), idle{}, 3)
	if err != nil {
		t.Fatal(err)
	}
	f := r.Figures(len(n.Requests), n.Horizon)
	if f.Served != 0 || f.Waiting != f.People || f.Median < 29*time.Hour || f.DeskPer100 != 0 {
		t.Errorf("%+v", f)
	}
	var b strings.Builder
	Write(&b, []Figures{f, f})
	if !strings.Contains(b.String(), "people unserved") {
		t.Error(b.String())
	}
}

func TestAnArmThatBreaksEndsTheNightWithItsReason(t *testing.T) {
	t.Parallel()
	broken := errors.New("the store is away")
	if _, err := aNight().Run(t.Context(), idle{broken}, 1); !errors.Is(err, broken) || !strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
}
