package hands

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
)

// Match is an offer that a person chose for a need, and how many units of it.
type Match struct {
	ID        MatchID
	Offer     OfferID
	Org       actor.OrganisationID // in whose hands it is
	Need      string               // "case/ID", "mission/ID", or Stock
	Place     string               // of the need
	Units     int
	Held      int // still with the giver
	Used      int // served without a mission of this house
	State     string
	MadeAt    time.Time
	UsedAt    time.Time
	ChangedAt time.Time
}

type MatchID = id.Of[Match]

// Stock is the need of an organisation that takes an offer for later.
const Stock = "stock"

// How a match stands.
const (
	MatchStanding = "standing"
	MatchReleased = "released" // a person gave it up
	MatchLapsed   = "lapsed"   // the offer ended before it was fetched
)

// release gives back what still waits with the giver, and tells how much.
func (m *Match) release(as string, now time.Time) (free int) {
	free = m.Held
	m.Held, m.State, m.ChangedAt = 0, as, now
	return free
}

// use counts n units as handed over without a mission of this house.
func (m *Match) use(n int, now time.Time) error {
	if m.State != MatchStanding {
		return fault.New(fault.Conflict, "hands.match.is_over")
	}
	if n < 1 || n > m.Held {
		return fault.New(fault.Conflict, "hands.match.not_held", "held", m.Held).On("used")
	}
	m.Held, m.Used, m.ChangedAt = m.Held-n, m.Used+n, now
	if m.UsedAt.IsZero() {
		m.UsedAt = now
	}
	return nil
}

// Reason is why an offer suits a need: a catalogue key under hands.why., with
// its arguments.
type Reason struct {
	Code string
	Args []any
}

// Candidate is a need that an offer can meet, with the reasons, and how many
// units of it are proposed.
type Candidate struct {
	Need    Need
	Km      float64
	HasKm   bool
	Same    bool // same commune
	Units   int  // proposed: never more than are free
	Full    bool // they are enough
	Reasons []Reason
}

// suits tells whether an offer can meet a need, and why. promised is how many
// units others have already been chosen for it.
func (r OfferRules) suits(o *Offer, n Need, promised int, where func(code string) (geo.Point, bool), now time.Time) (c Candidate, ok bool) {
	c.Need = n
	wants, of, ok := r.wants(o, n)
	if !ok || !n.Org.IsZero() && !o.Org.IsZero() && n.Org != o.Org { // it is in another's hands
		return c, false
	}
	wants -= promised
	if wants <= 0 || o.Free() == 0 {
		return c, false
	}
	c.Units = min(wants, o.Free())
	if o.Kind == GivesShelter && c.Units < wants {
		return c, false // a family is not split
	}
	c.Full = c.Units == wants
	c.Reasons = append(c.Reasons, of...)
	c.placed(o, where)
	if !c.inTime(o, now) {
		return c, false
	}
	if o.Kind == GivesTransport {
		can, known := o.drives(n.Road)
		switch {
		case known && !can:
			return c, false
		case known:
			c.Reasons = append(c.Reasons, Reason{"road_suits", []any{"road", n.Road}})
		}
	}
	return c, c.Same || !c.HasKm || c.Km <= r.Near.Km*3
}

// wants is how many units of an offer a need wants, and why it is the thing
// that is lacking.
func (r OfferRules) wants(o *Offer, n Need) (units int, why []Reason, ok bool) {
	people := max(1, n.People)
	switch o.Kind {
	case GivesGoods:
		if n.mission() {
			units = n.Goods[o.Thing]
			return units, []Reason{{"same_good", []any{"n", units}}, {Code: "for_mission"}}, units > 0
		}
		if s, known := r.serves(o.Thing); known && slices.Contains(n.Kinds, s.Need) {
			enough := min(people, o.Free()*s.For)
			return (people + s.For - 1) / s.For, []Reason{n.same(s.Need), {"enough_for", []any{"n", enough, "m", people}}}, true
		}
	case GivesShelter:
		if slices.Contains(n.Kinds, r.Mean.Shelter) {
			return people, []Reason{n.same(r.Mean.Shelter), {"together", []any{"n", people}}}, true
		}
	case GivesTransport:
		if n.mission() || slices.Contains(n.Kinds, r.Mean.Transport) {
			return 1, []Reason{{"carries", []any{"kg", o.Kg, "seats", o.Seats}}}, true
		}
	}
	return 0, nil, false
}

// mission tells whether it is a mission that lacks something.
func (n Need) mission() bool { return strings.HasPrefix(n.Ref, "mission/") }

// same says that what is needed is what is given.
func (n Need) same(kind string) Reason {
	return Reason{"same_need", []any{"need", i18n.Key(n.Keys[slices.Index(n.Kinds, kind)])}}
}

// placed notes how far the need is from the offer.
func (c *Candidate) placed(o *Offer, where func(code string) (geo.Point, bool)) {
	commune := func(path []string) string {
		if len(path) == 3 {
			return path[2]
		}
		return ""
	}
	if here := commune(o.Path); here != "" && here == commune(c.Need.Path) {
		c.Same, c.HasKm = true, true
		c.Reasons = append(c.Reasons, Reason{Code: "same_commune"})
		return
	}
	from, known := where(o.Place)
	to, also := where(c.Need.Place)
	if !known || !also {
		c.Reasons = append(c.Reasons, Reason{Code: "place_unknown"})
		return
	}
	c.Km, c.HasKm = geo.Distance(from, to), true
	c.Reasons = append(c.Reasons, Reason{"km_away", []any{"km", int(c.Km + 0.5)}})
}

// inTime tells whether the offer is there when it is needed. A request for
// help needs it now.
func (c *Candidate) inTime(o *Offer, now time.Time) bool {
	at := now
	if c.Need.Goes.After(now) {
		at = c.Need.Goes
	}
	if !o.Ends().After(at) {
		return false
	}
	if o.From.After(at) && o.Kind != GivesGoods {
		c.Reasons = append(c.Reasons, Reason{"only_from", []any{"when", o.From}})
		return true
	}
	if !o.GoodTill.IsZero() {
		c.Reasons = append(c.Reasons, Reason{"good_until", []any{"when", o.GoodTill}})
		return true
	}
	c.Reasons = append(c.Reasons, Reason{"there_until", []any{"when", o.Until}})
	return true
}

// rank puts candidates in the order in which a person should read them: the
// most urgent first, then those of the same commune, then the nearest, then
// who has waited longest. A far one is proposed only where nothing near is.
func (r OfferRules) rank(all []Candidate, limit int) []Candidate {
	far := func(c Candidate) bool { return c.HasKm && c.Km > r.Near.Km }
	if slices.ContainsFunc(all, func(c Candidate) bool { return !far(c) }) {
		all = slices.DeleteFunc(all, far)
	}
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Need.Level, b.Need.Level), yesFirst(a.Same, b.Same), yesFirst(a.HasKm, b.HasKm),
			cmp.Compare(a.Km, b.Km), a.Need.Since.Compare(b.Need.Since), cmp.Compare(a.Need.Ref, b.Need.Ref))
	})
	return all[:min(limit, len(all))]
}

func yesFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Lack is a need that many around have, and for how many people.
type Lack struct {
	Key    string
	People int
}

// lacking is what is most lacking among needs, by people, most first.
func lacking(all []Need, limit int) (out []Lack) {
	for _, n := range all {
		for _, key := range n.Keys {
			i := slices.IndexFunc(out, func(l Lack) bool { return l.Key == key })
			if i < 0 {
				i, out = len(out), append(out, Lack{Key: key})
			}
			out[i].People += max(1, n.People)
		}
	}
	slices.SortStableFunc(out, func(a, b Lack) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Key, b.Key))
	})
	return out[:min(limit, len(out))]
}
