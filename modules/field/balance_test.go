package field

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
)

// TestEveryManifestAndEveryOfferBalances drives missions through any history
// of loads from stock and from offers, departures, deliveries, second
// handovers, losses, returns and cancellations, and counts along on fingers:
// not a unit is made or lost, neither aboard nor in the offers.
func TestEveryManifestAndEveryOfferBalances(t *testing.T) {
	t.Parallel()
	x, g := caravans(t, model.SQLite(t))
	team := x.team(x.ours, "A1-03", "Étoile 4")
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, x: x, g: g, team: team}
		h.begin()
		for range rapid.IntRange(3, 14).Draw(t, "steps") {
			h.step(rapid.SampledFrom([]string{"load", "offer", "offer", "depart", "deliver", "again", "lose", "return", "cancel"}).Draw(t, "what"))
			h.balances()
		}
		h.end()
	})
}

// history is one mission and its offers, counted along on fingers.
type history struct {
	t      *rapid.T
	x      *house
	g      *fakeGifts
	team   TeamID
	mid    MissionID
	cases  []CaseID
	state  MissionState
	stock  map[string]int // loaded from stock, and what was
	gifts  map[string]int // by offer
	out    map[string]int // delivered, by good
	lost   map[string]int
	back   map[string]int
	served int
	offers []string
	last   map[string]int // handed over at the last stop, as it counts now
}

func (h *history) ok(err error) {
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) begin() {
	for i, good := range []string{"blanket", "tent"} {
		name := fmt.Sprintf("o%d", len(h.g.offers))
		h.g.add(name, good, rapid.IntRange(1, 20-11*i).Draw(h.t, "offered"))
		h.offers = append(h.offers, name)
	}
	h.mid, h.state = id.New[Mission](h.x.clock.Now()), Planned
	h.stock, h.gifts, h.out, h.lost, h.back = map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	h.cases = []CaseID{h.x.ask(h.x.ours, "A1-01"), h.x.ask(h.x.ours, "A1-02")}
	h.ok(h.x.Plan(h.x.ctx, h.x.coordinator(), Plan{ID: h.mid, Team: h.team, Cases: h.cases}))
}

func (h *history) good(offer string) string { return h.g.offers[offer].good }

func (h *history) loaded(good string) int {
	n := h.stock[good]
	for o, u := range h.gifts {
		if h.good(o) == good {
			n += u
		}
	}
	return n
}

func (h *history) aboard(good string) int {
	return h.loaded(good) - h.out[good] - h.lost[good] - h.back[good]
}

func (h *history) step(what string) {
	x, ctx, by := h.x, h.x.ctx, h.x.coordinator()
	good, n := rapid.SampledFrom([]string{"blanket", "tent"}).Draw(h.t, "good"), rapid.IntRange(-1, 12).Draw(h.t, "n")
	switch what {
	case "load":
		err := x.Load(ctx, by, h.mid, map[string]int{good: n})
		fits := h.state == Planned && n >= h.loaded(good)-h.stock[good] && n >= 0
		if (err == nil) != fits {
			h.t.Fatalf("loading %d %s with %d from offers: %v", n, good, h.loaded(good)-h.stock[good], err)
		}
		if fits {
			h.stock[good] = n - (h.loaded(good) - h.stock[good])
		}
	case "offer":
		offer := rapid.SampledFrom(h.offers).Draw(h.t, "offer")
		o := h.g.offers[offer]
		err := x.LoadGift(ctx, by, h.mid, offer, n)
		if fits := h.state == Planned && n >= 0 && n <= o.units; (err == nil) != fits {
			h.t.Fatalf("taking %d of %s, which has %d: %v", n, offer, o.units, err)
		}
		if err == nil {
			h.gifts[offer] = n
		}
	case "depart":
		if err := x.Depart(ctx, by, h.mid); (err == nil) != (h.state == Planned || h.state == Departed) {
			h.t.Fatalf("departing from %s: %v", h.state, err)
		} else if err == nil {
			h.state = Departed
		}
	case "deliver", "again":
		h.deliver(good, n)
	case "lose":
		err := x.Lose(ctx, by, h.mid, good, n, "road")
		fits := h.state == Departed && h.loaded(good) > 0 && n >= 0 && n <= h.aboard(good)+h.lost[good]
		if (err == nil) != fits {
			h.t.Fatalf("losing %d %s with %d aboard: %v", n, good, h.aboard(good), err)
		}
		if fits {
			h.lost[good] = n
		}
	case "return":
		err := x.Return(ctx, by, h.mid, map[string]int{good: n})
		fits := h.state == Departed && h.loaded(good) > 0 && n >= 0 && n <= h.aboard(good)+h.back[good]
		if (err == nil) != fits {
			h.t.Fatalf("returning %d %s with %d aboard: %v", n, good, h.aboard(good), err)
		}
		if fits {
			h.back[good] = n
		}
	case "cancel":
		if rapid.IntRange(0, 3).Draw(h.t, "really") > 0 {
			return
		}
		err := x.Cancel(ctx, by, h.mid)
		if (err == nil) != (h.state == Planned || h.state == Cancelled) {
			h.t.Fatalf("cancelling from %s: %v", h.state, err)
		}
		if err == nil {
			h.state = Cancelled
		}
	}
}

// deliver hands over at the next stop that waits, and once all are served, a
// second time at the last.
func (h *history) deliver(good string, n int) {
	at := min(h.served, len(h.cases)-1)
	d := Handover{ID: id.New[Delivery](h.x.clock.Now()), Mission: h.mid, Stop: h.x.stop(h.mid, h.cases[at]).ID, Goods: map[string]int{good: n}, Proof: ByWitness, Witness: "Lahcen", Relation: "elder"}
	second, instead := h.served >= len(h.cases), rapid.Bool().Draw(h.t, "instead")
	room := h.aboard(good)
	var err error
	if second {
		if instead { // what was handed over first is aboard again
			room += h.last[good]
		}
		err = h.x.DeliverAgain(h.x.ctx, h.x.leader(), Second{Handover: d, Instead: instead})
	} else {
		_, err = h.x.Deliver(h.x.ctx, h.x.leader(), d)
	}
	fits := h.state == Departed && n > 0 && n <= room && h.loaded(good) > 0
	if (err == nil) != fits {
		h.t.Fatalf("handing over %d %s with %d aboard (second: %v): %v", n, good, room, second, err)
	}
	if !fits {
		return
	}
	if second && instead {
		for g, m := range h.last {
			h.out[g] -= m
		}
	}
	if !second || instead {
		h.last = map[string]int{good: n}
	}
	h.out[good] += n
	h.served++
}

// balances compares the mission and the offers with the fingers.
func (h *history) balances() {
	j, err := h.x.Journey(h.x.ctx, h.mid)
	h.ok(err)
	for _, good := range []string{"blanket", "tent"} {
		l := Line{}
		if p := j.Goods.line(good); p != nil {
			l = *p
		}
		if l.Loaded != h.loaded(good) || l.Delivered != h.out[good] || l.Lost != h.lost[good] || l.Returned != h.back[good] || l.Aboard() != h.aboard(good) {
			h.t.Fatalf("%s: %+v; on fingers loaded %d, out %d, lost %d, back %d", good, l, h.loaded(good), h.out[good], h.lost[good], h.back[good])
		}
	}
	for _, name := range h.offers {
		o := h.g.offers[name]
		want := h.gifts[name]
		if h.state == Cancelled {
			want = 0
		}
		if o.taken[h.mid] != want || o.out() > o.units {
			h.t.Fatalf("offer %s: %d taken by this mission, %d in all of %d; on fingers %d", name, o.taken[h.mid], o.out(), o.units, want)
		}
	}
	h.ok(h.x.h.DB.Read(context.Background(), func(t *db.Tx) error {
		for _, c := range checks() {
			if found, err := c.Find(t); err != nil || len(found) > 0 {
				h.t.Fatalf("%s: %v %v", c.Name, found, err)
			}
		}
		return nil
	}))
}

// end lets the team go, whatever became of the mission, so that the next
// history can begin.
func (h *history) end() {
	x, by := h.x, h.x.coordinator()
	switch h.state {
	case Planned:
		h.ok(x.Cancel(x.ctx, by, h.mid))
	case Departed:
		for _, good := range []string{"blanket", "tent"} {
			if n := h.aboard(good); n > 0 {
				h.ok(x.Return(x.ctx, by, h.mid, map[string]int{good: n + h.back[good]}))
			}
		}
		j, err := x.Journey(x.ctx, h.mid)
		h.ok(err)
		for _, s := range j.waiting() {
			h.ok(x.NotReached(x.ctx, by, h.mid, s.ID, "no_time"))
		}
		h.ok(x.Close(x.ctx, by, h.mid))
	}
}
