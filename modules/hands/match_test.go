package hands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func offerRules(t *testing.T) OfferRules {
	t.Helper()
	r, err := ReadOfferRules(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func codes(all []Reason) string {
	var out []string
	for _, r := range all {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}

func TestMatchesAreRankedAndEachSaysWhy(t *testing.T) {
	t.Parallel()
	r := offerRules(t)
	point := func(code string) (geo.Point, bool) {
		at, ok := map[string]geo.Point{"here": {Lat: 1, Lon: 1}, "near": {Lat: 1.1, Lon: 1}, "far": {Lat: 3, Lon: 1}}[code]
		return at, ok
	}
	o := &Offer{Kind: GivesGoods, Thing: "blanket", Units: 10, Place: "here", Path: []string{"R", "P", "C"}, State: OfferOpen, Until: morning.Add(48 * time.Hour), GoodTill: morning.Add(24 * time.Hour)}
	warm := func(ref string, level, people int, place string, path ...string) Need {
		return Need{Ref: ref, Kinds: []string{"warm"}, Keys: []string{"k"}, Level: level, People: people, Place: place, Path: path, Since: morning}
	}
	needs := []Need{warm("case/near", 2, 4, "near", "R", "P", "D"), warm("case/same", 2, 25, "here", "R", "P", "C"), warm("case/urgent", 1, 1, "near", "R", "P", "D"),
		warm("case/far", 1, 3, "far", "R"), warm("case/food", 1, 3, "here", "R", "P", "C"), {Ref: "mission/1", Goods: map[string]int{"blanket": 6}, Level: 3, Place: "near", Goes: morning.Add(time.Hour)},
		{Ref: "mission/late", Goods: map[string]int{"blanket": 6}, Level: 1, Place: "near", Goes: morning.Add(30 * time.Hour)}, {Ref: "mission/other", Goods: map[string]int{"tent": 6}, Level: 1, Place: "here"}}
	needs[4].Kinds = []string{"food"}
	var all []Candidate
	for _, n := range needs {
		if c, ok := r.suits(o, n, 0, point, morning); ok {
			all = append(all, c)
		}
	}
	var order []string
	for _, c := range r.rank(all, 9) {
		order = append(order, c.Need.Ref)
	}
	if want := []string{"case/urgent", "case/same", "case/near", "mission/1"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, not %v", order, want)
	}
	c, _ := r.suits(o, needs[1], 0, point, morning)
	if got := codes(c.Reasons); got != "same_need enough_for same_commune good_until" || c.Units != 10 || c.Full {
		t.Errorf("25 people and 10 blankets: %s, %d", got, c.Units)
	}
	if c, ok := r.suits(o, needs[1], 20, point, morning); !ok || c.Units != 5 || !c.Full {
		t.Errorf("of 25, others promised 20: %+v", c)
	}
	if _, ok := r.suits(o, needs[0], 4, point, morning); ok {
		t.Error("a need that is met is proposed again")
	}
	lorry := &Offer{Kind: GivesTransport, Thing: "lorry", Road: "road", Kg: 3000, Units: 1, State: OfferOpen, Until: morning.Add(48 * time.Hour)}
	if _, ok := r.suits(lorry, Need{Ref: "mission/2", Road: "track"}, 0, point, morning); ok {
		t.Error("a lorry for paved roads is proposed for a track")
	}
	if c, ok := r.suits(lorry, Need{Ref: "mission/2", Road: "road"}, 0, point, morning); !ok || !strings.Contains(codes(c.Reasons), "road_suits") {
		t.Errorf("on its road: %+v", c)
	}
}

func TestWhatIsInAnothersHandsIsNotProposed(t *testing.T) {
	t.Parallel()
	r, ours, other := offerRules(t), id.New[actor.Organisation](morning), id.New[actor.Organisation](morning)
	o := &Offer{Kind: GivesGoods, Thing: "tent", Units: 1, State: OfferOpen, Until: morning.Add(time.Hour), Org: ours}
	nowhere := func(string) (geo.Point, bool) { return geo.Point{}, false }
	for org, want := range map[actor.OrganisationID]bool{ours: true, other: false, {}: true} {
		if _, ok := r.suits(o, Need{Org: org, Kinds: []string{"shelter"}, Keys: []string{"k"}}, 0, nowhere, morning); ok != want {
			t.Errorf("in the hands of %v: proposed is %v", org, ok)
		}
	}
}

// TestEveryUnitOfAnOfferIsInOnePlace drives offers through any history of
// choosing, giving back, loading, unloading, delivering, closing, withdrawing
// and expiring: every unit is always in exactly one place, what the table says
// is taken is what its parts add up to, and what was delivered, lost or came
// back is what was said of the missions.
func TestEveryUnitOfAnOfferIsInOnePlace(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		histories := 0
		rapid.Check(t, func(t *rapid.T) {
			if histories++; histories > 12 && strings.HasPrefix(dsn, "postgres") {
				return // enough for the slower store
			}
			h := &history{x: x, units: rapid.IntRange(1, 30).Draw(t, "units")}
			h.oid = x.offer(GivesGoods, "blanket", h.units, x.ours)
			t.Repeat(map[string]func(*rapid.T){
				"reserve": h.reserve, "release": h.release, "use": h.use, "load": h.load, "cancel": h.cancel, "deliver": h.deliver, "close": h.close,
				"withdraw": h.withdraw, "change": h.change, "expire": h.expire, "": h.balanced,
			})
		})
	})
}

// history is one offer on its way, counted along on fingers.
type history struct {
	x               *giving
	oid             OfferID
	units           int
	delivered, lost int
	open            []string // missions that did not end
}

func (h *history) fate(t *rapid.T) fate {
	f := h.x.fate(h.oid)
	if !f.whole() {
		t.Fatalf("not every unit is in one place: %+v", f)
	}
	return f
}

func (h *history) matches() (all []*Match) {
	h.x.read(func(t *db.Tx) (err error) { all, err = matchesOf(t, h.oid); return err })
	return slices.DeleteFunc(all, func(m *Match) bool { return m.State != MatchStanding })
}

func (h *history) reserve(t *rapid.T) {
	n, free, open := rapid.IntRange(-1, 20).Draw(t, "n"), h.fate(t).Free, h.x.now(h.oid).State == OfferOpen
	err := h.x.reserve(h.oid, h.x.ours, Stock, n)
	if (err == nil) != (open && n > 0 && n <= free) {
		t.Fatalf("choosing %d of %d free (open %v): %v", n, free, open, err)
	}
}

func (h *history) release(t *rapid.T) {
	all := h.matches()
	if len(all) == 0 {
		t.Skip("nothing is chosen")
	}
	m := rapid.SampledFrom(all).Draw(t, "match")
	free := h.fate(t).Free
	h.x.must(h.x.Release(h.x.ctx, h.x.coordinator(), m.ID))
	if got := h.fate(t).Free; got != free+m.Held {
		t.Fatalf("giving back %d made %d of %d free", m.Held, got, free)
	}
}

func (h *history) use(t *rapid.T) {
	all := h.matches()
	if len(all) == 0 {
		t.Skip("nothing is chosen")
	}
	m, n := rapid.SampledFrom(all).Draw(t, "match"), rapid.IntRange(-1, 12).Draw(t, "n")
	err := h.x.Use(h.x.ctx, h.x.coordinator(), m.ID, n)
	if (err == nil) != (n > 0 && n <= m.Held) {
		t.Fatalf("using %d of %d held: %v", n, m.Held, err)
	}
	if err == nil {
		h.delivered += n
	}
}

func (h *history) load(t *rapid.T) {
	if len(h.open) == 0 || rapid.Bool().Draw(t, "new") {
		h.open = append(h.open, h.x.mission())
	}
	m, n, f := rapid.SampledFrom(h.open).Draw(t, "mission"), rapid.IntRange(-1, 20).Draw(t, "n"), h.fate(t)
	on, given := h.aboard(m)
	left := f.Held + f.Back
	if h.x.now(h.oid).State == OfferOpen {
		left += f.Free
	}
	err := h.x.load(m, h.oid, n)
	if want := n >= 0 && !given && n <= on+left; (err == nil) != want {
		t.Fatalf("loading %d with %d aboard and %d left (begun %v): %v", n, on, left, given, err)
	}
	if err != nil {
		return
	}
	if on, _ = h.aboard(m); on != n {
		t.Fatalf("%d were loaded, not %d", on, n)
	}
}

// aboard is how much of the offer a mission carried out, and whether any of it
// was handed over.
func (h *history) aboard(m string) (n int, given bool) {
	h.x.read(func(t *db.Tx) error {
		all, err := loadsOn(t, m)
		for _, l := range all {
			n, given = n+l.units, given || l.given > 0 || !l.settled.IsZero()
		}
		return err
	})
	return n, given
}

func (h *history) cancel(t *rapid.T) {
	if len(h.open) == 0 {
		t.Skip("no mission")
	}
	i := rapid.IntRange(0, len(h.open)-1).Draw(t, "mission")
	if _, begun := h.aboard(h.open[i]); begun {
		t.Skip("it has set out")
	}
	h.x.must(h.x.cancel(h.open[i]))
	if on, _ := h.aboard(h.open[i]); on != 0 {
		t.Fatalf("%d stayed aboard", on)
	}
	h.open = slices.Delete(h.open, i, i+1)
}

func (h *history) deliver(t *rapid.T) {
	if len(h.open) == 0 {
		t.Skip("no mission")
	}
	m, n := rapid.SampledFrom(h.open).Draw(t, "mission"), rapid.IntRange(1, 12).Draw(t, "n")
	before := h.fate(t)
	onboard := 0
	h.x.read(func(tx *db.Tx) error {
		all, err := loadsOn(tx, m)
		for _, l := range all {
			onboard += l.aboard()
		}
		return err
	})
	d := h.x.delivers(m, "c", map[string]int{"blanket": n}) // the rest was the organisation's own
	h.x.hears(h.x.arrived, "field.mission/"+m, d)
	h.delivered += min(n, onboard)
	if got := h.fate(t).Delivered - before.Delivered; got != min(n, onboard) {
		t.Fatalf("%d of %d aboard were counted as %d", n, onboard, got)
	}
}

func (h *history) close(t *rapid.T) {
	if len(h.open) == 0 {
		t.Skip("no mission")
	}
	i := rapid.IntRange(0, len(h.open)-1).Draw(t, "mission")
	m := h.open[i]
	on, given := 0, 0
	h.x.read(func(tx *db.Tx) error {
		all, err := loadsOn(tx, m)
		for _, l := range all {
			on, given = on+l.units, given+l.given
		}
		return err
	})
	lost := rapid.IntRange(0, on-given).Draw(t, "lost")
	before := h.fate(t)
	h.x.closes(m, line{"blanket", given, on - given - lost, lost})
	h.lost += lost
	if f := h.fate(t); f.Lost-before.Lost != lost || f.Back-before.Back != on-given-lost {
		t.Fatalf("of %d aboard, %d given, %d lost: %+v after %+v", on, given, lost, f, before)
	}
	h.open = slices.Delete(h.open, i, i+1)
}

func (h *history) withdraw(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "often") > 0 {
		t.Skip("seldom")
	}
	h.x.must(h.x.WithdrawOffer(h.x.ctx, h.oid))
	if f := h.fate(t); f.Held != 0 {
		t.Fatalf("withdrawn, and still held: %+v", f)
	}
}

func (h *history) change(t *rapid.T) {
	n, o := rapid.IntRange(0, 40).Draw(t, "n"), h.x.now(h.oid)
	err := h.x.ChangeOffer(h.x.ctx, h.oid, n, h.x.clock.Now().Add(7*24*time.Hour))
	if (err == nil) != (n >= 1 && n >= o.Taken && o.State != OfferWithdrawn) {
		t.Fatalf("changing to %d with %d taken (%s): %v", n, o.Taken, o.State, err)
	}
	if err == nil {
		h.units = n
	}
}

func (h *history) expire(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "often") > 0 {
		t.Skip("seldom")
	}
	h.x.clock.Advance(8 * 24 * time.Hour)
	h.x.must(h.x.MindOffers(h.x.ctx))
	if o := h.x.now(h.oid); o.State == OfferOpen {
		t.Fatalf("it did not end: %+v", o)
	}
}

func (h *history) balanced(t *rapid.T) {
	f := h.fate(t)
	if f.Offered != h.units || f.Delivered != h.delivered || f.Lost != h.lost {
		t.Fatalf("%+v, on fingers %d offered, %d delivered, %d lost", f, h.units, h.delivered, h.lost)
	}
	for _, c := range offerChecks() {
		h.x.read(func(tx *db.Tx) error {
			found, err := c.Find(tx)
			if len(found) > 0 {
				t.Fatalf("%s: %v", c.Name, found)
			}
			return err
		})
	}
}
