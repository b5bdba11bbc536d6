package hands

import (
	"cmp"
	"slices"
	"time"
)

// A Funnel counts what became of a call, or of offers that answered none, from
// those who saw it to what people say came. Steps count units of what is given:
// goods, vehicles, places to sleep; of a call for people, people. Each has a
// definition that opens on the page: hands.funnel.STEP_is.
type Funnel struct {
	Call      CallID // zero: offers that answered no call
	Kind      string
	Thing     string
	Org       string
	Place     string
	Wanted    int
	Saw       int           // how often the call was opened
	Pledged   int           // promised, and not taken back before it was of use
	Came      int           // loaded on a mission, or used
	Delivered int           // handed over
	Confirmed int           // of which the people said that it came
	First     time.Duration // the middle time from pledge to first delivery; 0: none yet
	MadeAt    time.Time
}

// FunnelSteps are the steps in order.
var FunnelSteps = []string{"saw", "pledged", "came", "delivered", "confirmed"}

// Counts are the steps of a funnel, in order. The first counts looks, the
// others what was promised: only from the second on is each a part of the one
// before.
func (f Funnel) Counts() []int { return []int{f.Saw, f.Pledged, f.Came, f.Delivered, f.Confirmed} }

// rankFunnels puts what was delivered first. What was pledged or seen ranks
// nobody (F82, 3).
func rankFunnels(all []Funnel) {
	slices.SortStableFunc(all, func(a, b Funnel) int {
		return cmp.Or(cmp.Compare(b.Delivered, a.Delivered), cmp.Compare(b.Confirmed, a.Confirmed), b.MadeAt.Compare(a.MadeAt), cmp.Compare(a.Call.String(), b.Call.String()))
	})
}

// fate is what became of one offer, in its units. Free, Held, Aboard, Back,
// Delivered and Lost add up to what is offered: every unit is in one place.
type fate struct {
	Offered   int
	Free      int // with the giver, chosen by nobody
	Held      int // with the giver, chosen
	Aboard    int // on a mission
	Back      int // brought back, with the organisation
	Delivered int
	Lost      int
	Confirmed int // of those delivered
	Came      int // that left the giver
}

// fateOf counts an offer along its matches and loads.
func fateOf(o *Offer, matches []*Match, loads []*load, confirmed map[string]bool) fate {
	f := fate{Offered: o.Units, Free: o.Free()}
	for _, m := range matches {
		f.Held += m.Held
		f.Delivered += m.Used
		if confirmed[m.Need] {
			f.Confirmed += m.Used
		}
	}
	for _, l := range loads {
		f.Aboard += l.aboard()
		f.Delivered += l.given
		f.Confirmed += l.received
		f.Lost += l.lost
		f.Back += l.back
		if l.source == fromBack {
			f.Back -= l.units
		}
	}
	f.Came = f.Aboard + f.Back + f.Delivered + f.Lost
	return f
}

// whole tells whether every unit is in exactly one place.
func (f fate) whole() bool {
	return f.Free+f.Held+f.Aboard+f.Back+f.Delivered+f.Lost == f.Offered && min(f.Free, f.Held, f.Aboard, f.Back, f.Delivered, f.Lost) >= 0
}
