package hands

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// Offer is goods, transport or shelter that somebody gives for as long as they
// say. It is counted in whole units: pieces of a good, vehicles, places to
// sleep.
type Offer struct {
	ID         OfferID
	Receipt    receipt.Number
	Kind       OfferKind
	Thing      string // code of a good, of a kind of vehicle; "places" of shelter
	Units      int
	Taken      int // chosen for a need or loaded: no longer free
	Seats, Kg  int // of one vehicle
	Road       string
	GoodTill   time.Time // goods are of use until then; zero keeps
	From       time.Time
	Until      time.Time
	Who        string
	Org        actor.OrganisationID // zero: whoever can use it
	Call       CallRef              // that it answers; zero: none
	Place      string               // code; "" when it is on no map
	Path       []string             // region, province, commune; as far as known
	State      OfferState
	Answer     string // "", taken, thanked
	Lang       string
	private    []byte
	secret     []byte
	asked      []byte
	MadeAt     time.Time
	ChangedAt  time.Time
	AnsweredAt time.Time
	FlaggedAt  time.Time // nobody had answered in time
	RemindedAt time.Time
	EndedAt    time.Time
	ErasedAt   time.Time
}

type (
	callKind struct{}
	OfferID  = id.Of[Offer]
	CallRef  = id.Of[callKind] // a call as an offer points at it
)

// OfferKind is what sort of thing is given.
type OfferKind string

const (
	GivesGoods     OfferKind = "goods"
	GivesTransport OfferKind = "transport"
	GivesShelter   OfferKind = "shelter"
)

// OfferKinds is every kind, in the order in which people read it.
var OfferKinds = []OfferKind{GivesGoods, GivesTransport, GivesShelter}

// OfferState is how an offer stands with its giver. Whether it was answered,
// and what is left of it, are told apart from it.
type OfferState string

const (
	OfferOpen      OfferState = "open"
	OfferWithdrawn OfferState = "withdrawn"
	OfferExpired   OfferState = "expired"
)

// The answers that an offer gets: some of it is taken, or thanks, it is not
// needed now.
const (
	AnswerTaken   = "taken"
	AnswerThanked = "thanked"
)

// What an offer may say of itself; each is a closed list.
var (
	Givers   = []string{"person", "shop", "company", "organisation"}
	Vehicles = []string{"lorry", "van", "pickup", "4x4", "car", "mule"}
	// Roads is what a vehicle can drive on, the best road first: whoever drives
	// a worse one drives all before it.
	Roads = []string{"road", "track", "path"}
)

const (
	otherThing = "other"  // a good that no service lists: its own words say what
	byPlaces   = "places" // what shelter is counted in
	mostUnits  = 100_000  // the schema knows it too
	mostSeats  = 200
	mostKg     = 60_000 // more than the heaviest lorry on a road carries
	mostWords  = 500
	mostName   = 100
	// longestPledge is how far ahead somebody may promise: what is promised for
	// longer is forgotten by whoever promised it.
	longestPledge = 180 * 24 * time.Hour
)

// Private is what an offer tells of its giver; it is sealed as a whole.
type Private struct {
	Name    string       `json:"name,omitempty"`
	Phone   phone.Number `json:"phone"`
	Details string       `json:"details,omitempty"`
	Where   string       `json:"where,omitempty"` // the place in their own words
}

// tidy makes what a stranger typed safe to keep and to show.
func (p Private) tidy() Private {
	p.Name, p.Details, p.Where = forms.Clean(p.Name, false), forms.Clean(p.Details, true), forms.Clean(p.Where, false)
	return p
}

// wrong is everything that is wrong with an offer, all fields at once. goods
// are the codes that can be given.
func (o *Offer) wrong(p Private, goods []string, now time.Time) (all fault.All) {
	bad := func(field, key string, args ...any) {
		all = append(all, fault.New(fault.Invalid, key, args...).On(field))
	}
	switch o.Kind {
	case GivesGoods:
		if !slices.Contains(goods, o.Thing) {
			bad("thing", "hands.offer.good_missing")
		}
		if o.Thing == otherThing && p.Details == "" {
			bad("details", "hands.offer.say_what")
		}
		if !o.GoodTill.IsZero() && !o.GoodTill.After(now) {
			bad("good_till", "hands.offer.date_past")
		}
	case GivesTransport:
		if !slices.Contains(Vehicles, o.Thing) {
			bad("thing", "hands.offer.vehicle_missing")
		}
		if !slices.Contains(Roads, o.Road) {
			bad("road", "hands.offer.road_missing")
		}
		if o.Seats < 0 || o.Seats > mostSeats {
			bad("seats", "hands.offer.number_wrong", "most", mostSeats)
		}
		if o.Kg < 0 || o.Kg > mostKg {
			bad("kg", "hands.offer.number_wrong", "most", mostKg)
		}
		if o.Seats == 0 && o.Kg == 0 {
			bad("seats", "hands.offer.carries_nothing")
		}
	case GivesShelter:
		o.Thing = byPlaces
	default:
		bad("kind", "hands.offer.kind_missing")
	}
	if o.Units < 1 || o.Units > mostUnits {
		bad("units", "hands.offer.number_wrong", "most", mostUnits)
	}
	if !slices.Contains(Givers, o.Who) {
		bad("who", "hands.offer.who_missing")
	}
	return append(append(all, o.wrongTimes(now)...), o.wrongPerson(p)...)
}

func (o *Offer) wrongTimes(now time.Time) (all fault.All) {
	switch {
	case o.Until.IsZero():
		all = append(all, fault.New(fault.Invalid, "hands.offer.until_missing").On("until"))
	case !o.Until.After(now) || !o.Until.After(o.From):
		all = append(all, fault.New(fault.Invalid, "hands.offer.date_past").On("until"))
	case o.Until.After(now.Add(longestPledge)):
		all = append(all, fault.New(fault.Invalid, "hands.offer.until_far", "days", int(longestPledge.Hours()/24)).On("until"))
	}
	return all
}

func (o *Offer) wrongPerson(p Private) (all fault.All) {
	if o.Place == "" && p.Where == "" {
		all = append(all, fault.New(fault.Invalid, "hands.offer.place_missing").On("place"))
	}
	if p.Phone == "" {
		all = append(all, fault.New(fault.Invalid, "phone.empty").On("phone"))
	}
	for _, x := range []struct {
		field, text string
		most        int
	}{{"name", p.Name, mostName}, {"details", p.Details, mostWords}, {"place", p.Where, 300}} {
		if n := len([]rune(x.text)); n > x.most {
			all = append(all, fault.New(fault.Invalid, "forms.answer.too_long", "max", x.most, "over", n-x.most).On(x.field))
		}
	}
	return all
}

// Free is how many units nobody has chosen yet.
func (o *Offer) Free() int { return o.Units - o.Taken }

// Ends is until when the offer is of use: the earlier of what the giver said
// and of what the goods stand.
func (o *Offer) Ends() time.Time {
	if !o.GoodTill.IsZero() && o.GoodTill.Before(o.Until) {
		return o.GoodTill
	}
	return o.Until
}

// take counts n more units as no longer free.
func (o *Offer) take(n int, now time.Time) error {
	switch {
	case o.State != OfferOpen || !o.Ends().After(now):
		return errOfferEnded()
	case n < 1 || n > mostUnits:
		return fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("units")
	case n > o.Free():
		return fault.New(fault.Conflict, "hands.offer.not_left", "left", o.Free()).On("units")
	}
	o.Taken += n
	return nil
}

func errOfferEnded() error { return fault.New(fault.Conflict, "hands.offer.has_ended") }

// answered notes what the giver was told; the first answer counts for how long
// they waited, the last one for what they read.
func (o *Offer) answered(with string, now time.Time) {
	o.Answer = with
	if o.AnsweredAt.IsZero() {
		o.AnsweredAt = now
	}
}

// thank says that it is not needed now. An offer of which some was chosen is
// needed.
func (o *Offer) thank(now time.Time) error {
	switch {
	case o.State != OfferOpen:
		return errOfferEnded()
	case o.Taken > 0:
		return fault.New(fault.Conflict, "hands.offer.is_taken")
	}
	o.answered(AnswerThanked, now)
	return nil
}

// change lets the giver say another quantity or another end.
func (o *Offer) change(units int, until, now time.Time) error {
	if o.State == OfferWithdrawn || !o.ErasedAt.IsZero() {
		return errOfferEnded()
	}
	var all fault.All
	switch {
	case units < 1 || units > mostUnits:
		all = append(all, fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("units"))
	case units < o.Taken:
		all = append(all, fault.New(fault.Conflict, "hands.offer.taken_already", "n", o.Taken).On("units"))
	}
	next := *o
	next.Units, next.Until = units, until
	all = append(all, next.wrongTimes(now)...)
	if err := all.OrNil(); err != nil {
		return err
	}
	next.State, next.EndedAt, next.RemindedAt = OfferOpen, time.Time{}, time.Time{} // an expired pledge lives again
	*o = next
	return nil
}

// end closes an offer: nothing more is chosen of it. What was loaded stays
// counted.
func (o *Offer) end(as OfferState, now time.Time) error {
	if o.State != OfferOpen && !(o.State == OfferExpired && as == OfferWithdrawn) {
		return errOfferEnded()
	}
	o.State, o.EndedAt = as, now
	return nil
}

// drives tells whether the vehicle can use such a road. Nobody knows of an
// unknown one.
func (o *Offer) drives(road string) (can, known bool) {
	need, have := slices.Index(Roads, road), slices.Index(Roads, o.Road)
	return have >= need, need >= 0 && have >= 0
}
