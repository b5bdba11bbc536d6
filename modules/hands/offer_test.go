package hands

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// fakeNeeds are needs that wait, and what is around them.
type fakeNeeds struct {
	all    []Need
	others []actor.OrganisationID
	near   []Neighbour
}

func (f *fakeNeeds) Waiting(_ *db.Tx, area string, limit int) (out []Need, _ error) {
	for _, n := range f.all {
		if area == "" || slices.Contains(n.Path, area) {
			out = append(out, n)
		}
	}
	return out[:min(limit, len(out))], nil
}

func (f *fakeNeeds) Get(_ *db.Tx, ref string) (Need, error) {
	for _, n := range f.all {
		if n.Ref == ref {
			return n, nil
		}
	}
	return Need{}, fault.New(fault.Missing, "error.missing")
}

func (f *fakeNeeds) Gap(*db.Tx, actor.OrganisationID, string) ([]actor.OrganisationID, []Neighbour, error) {
	return f.others, f.near, nil
}

type fakeThings struct{}

func (fakeThings) Goods() []Good {
	return []Good{{"blanket", "test.good.blanket", ""}, {"food_basket", "test.good.basket", "test.unit.basket"}, {"tent", "test.good.tent", ""}}
}

// fakeTexts keep what was sent, once the unit of work is kept; they fail on
// command, before anything is.
type fakeTexts struct {
	mu   sync.Mutex
	sent []Text
	fail error
}

func (f *fakeTexts) Inform(t *deed.Tx, m Text) error {
	if f.fail != nil {
		return f.fail
	}
	t.After(func() { f.mu.Lock(); defer f.mu.Unlock(); f.sent = append(f.sent, m) })
	return nil
}

func (f *fakeTexts) keys() (out []string) {
	for _, m := range f.sent {
		out = append(out, m.Key)
	}
	return out
}

// giving is a house with needs, goods and texts.
type giving struct {
	*house
	needs *fakeNeeds
	texts *fakeTexts
}

func offering(t *testing.T, dsn string) *giving {
	t.Helper()
	x := &giving{open(t, dsn), &fakeNeeds{}, &fakeTexts{}}
	rules, err := ReadOfferRules(packs.FS, "tamurt")
	x.must(err)
	x.UseOffers(OfferPorts{Needs: x.needs, Goods: fakeThings{}, Helpers: x.orgs, Texts: x.texts, Rules: rules})
	return x
}

// an offer of goods in Ighil for a week, from somebody new.
func (x *giving) an(kind OfferKind, thing string, units int, org actor.OrganisationID) (Offer, Private) {
	x.born++
	o := Offer{ID: id.New[Offer](x.clock.Now()), Kind: kind, Thing: thing, Units: units, Who: "shop", Org: org, Place: "A1-02", Until: x.clock.Now().Add(7 * 24 * time.Hour), Lang: "fr"}
	if kind == GivesTransport {
		o.Road, o.Kg, o.Seats = "track", 1500, 2
	}
	phone, wrong := x.readPhone(fmt.Sprintf("+21267%07d", x.born), "phone")
	if wrong != nil {
		x.t.Fatal(wrong)
	}
	return o, Private{Name: "Tuda", Phone: phone}
}

func (x *giving) offer(kind OfferKind, thing string, units int, org actor.OrganisationID) OfferID {
	x.t.Helper()
	o, p := x.an(kind, thing, units, org)
	_, err := x.Give(x.ctx, o, p)
	x.must(err)
	return o.ID
}

func (x *giving) now(oid OfferID) (o *Offer) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { o, err = getOffer(t, oid); return err })
	return o
}

func (x *giving) fate(oid OfferID) (f fate) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		o, err := getOffer(t, oid)
		if err != nil {
			return err
		}
		matches, loads, err := partsOf(t, oid)
		if err != nil {
			return err
		}
		heard, err := confirmedNeeds(t, oid)
		f = fateOf(o, matches, loads, heard)
		return err
	})
	return f
}

func (x *giving) reserve(oid OfferID, org actor.OrganisationID, need string, units int) error {
	by := x.somebody(actor.CrisisCell, org, "")
	return x.Reserve(x.ctx, by, Choice{ID: id.New[Match](x.clock.Now()), Offer: oid, Need: need, Org: org, Units: units})
}

func (x *giving) mission() string { return id.New[Journey](x.clock.Now()).String() }

// load puts units on a mission as whoever plans it would, in their deed.
func (x *giving) load(mission string, oid OfferID, units int) error {
	return x.h.Do(x.ctx, x.coordinator(), DeedOfferLoad, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := x.LoadGift(t, mission, x.ours, oid.String(), units); err != nil {
			return err
		}
		return t.Tell("field.mission/"+mission, struct{}{})
	})
}

func (x *giving) cancel(mission string) error {
	return x.h.Do(x.ctx, x.coordinator(), DeedOfferUnload, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := x.UnloadGifts(t, mission, x.ours); err != nil {
			return err
		}
		return t.Tell("field.mission/"+mission, struct{}{})
	})
}

func (x *giving) hears(do deed.Hearer, subject string, told any) {
	x.t.Helper()
	body, err := json.Marshal(told)
	x.must(err)
	x.must(do(x.ctx, deed.Record{Subject: subject, Told: body, At: x.clock.Now()}))
}

type delivered struct {
	Delivery string         `json:"delivery"`
	Mission  string         `json:"mission"`
	Case     string         `json:"case"`
	Goods    map[string]int `json:"goods"`
}

func (x *giving) delivers(mission, c string, goods map[string]int) delivered {
	x.t.Helper()
	d := delivered{id.New[Match](x.clock.Now()).String(), mission, c, goods}
	x.hears(x.arrived, "field.mission/"+mission, d)
	return d
}

type line struct {
	Good      string `json:"good"`
	Delivered int    `json:"delivered"`
	Returned  int    `json:"returned"`
	Lost      int    `json:"lost"`
}

func (x *giving) closes(mission string, lines ...line) {
	x.t.Helper()
	x.hears(x.accounted, "field.mission/"+mission, map[string]any{"mission": mission, "goods": lines})
}

func (x *giving) says(c, answer string) {
	x.t.Helper()
	x.clock.Advance(time.Minute)
	x.hears(x.Service.told, "cases.case/"+c, map[string]string{"answer": answer})
}

func TestAnOfferSentTwiceIsOneAndAnotherUnderItsNameIsRefused(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		o, p := x.an(GivesGoods, "blanket", 40, x.ours)
		first, err := x.Give(x.ctx, o, p)
		x.must(err)
		x.clock.Advance(time.Minute)
		again, err := x.Give(x.ctx, o, p)
		if x.must(err); again.Receipt != first.Receipt {
			t.Errorf("the same form got %s, then %s", first.Receipt, again.Receipt)
		}
		o.Units = 41
		_, err = x.Give(x.ctx, o, p)
		x.refused(err, "hands.offer.id_taken")
		lines := strings.Join(x.told(offerSubject(o.ID)), "\n")
		if strings.Count(lines, "hands.offer.make") != 1 || strings.Contains(lines, "Tuda") || strings.Contains(lines, string(p.Phone)) {
			t.Errorf("the journal has %s", lines)
		}
		x.orgs.suspended[x.other] = true
		o, p = x.an(GivesGoods, "blanket", 40, x.other)
		_, err = x.Give(x.ctx, o, p)
		x.refused(err, "hands.offer.org_missing") // only a recognised one takes anything (M22)
	})
}

func TestEverythingThatIsWrongWithAnOfferIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	x := offering(t, model.SQLite(t))
	_, err := x.Give(x.ctx, Offer{ID: id.New[Offer](x.clock.Now()), Kind: GivesGoods, Thing: "gold", Units: -3, Until: morning.Add(-time.Hour), GoodTill: morning.Add(-time.Hour), Who: "king"},
		Private{Name: strings.Repeat("ن", 101)})
	x.refused(err, "forms.answer.too_long", "hands.offer.date_past", "hands.offer.date_past", "hands.offer.good_missing", "hands.offer.number_wrong", "hands.offer.place_missing", "hands.offer.who_missing", "phone.empty")
	o, p := x.an(GivesTransport, "rocket", 1, x.ours)
	o.Road, o.Kg, o.Seats = "sky", 0, 0
	_, err = x.Give(x.ctx, o, p)
	x.refused(err, "hands.offer.carries_nothing", "hands.offer.road_missing", "hands.offer.vehicle_missing")
	o, p = x.an("money", "dirham", 1, x.ours)
	o.Until = x.clock.Now().Add(2 * 365 * 24 * time.Hour)
	_, err = x.Give(x.ctx, o, p)
	x.refused(err, "hands.offer.kind_missing", "hands.offer.until_far")
}

func TestAReceiptAndTheEndOfThePhoneOpenAnOfferAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		o, p := x.an(GivesGoods, "blanket", 40, x.ours)
		made, err := x.Give(x.ctx, o, p)
		x.must(err)
		end := p.Phone.Last4()
		if oid, err := x.RecogniseOffer(x.ctx, made.Receipt, " "+strings.NewReplacer("0", "٠", "1", "١").Replace(end)); err != nil || oid != o.ID {
			t.Errorf("in any digits: %v %v", oid, err)
		}
		for _, word := range []string{"", "0000", end[:3], "Tuda", string(p.Phone)} {
			_, err := x.RecogniseOffer(x.ctx, made.Receipt, word)
			x.refused(err, "hands.mine.no_match")
		}
		x.must(x.ForgetOffer(x.ctx, o.ID))
		_, err = x.RecogniseOffer(x.ctx, made.Receipt, end)
		x.refused(err, "hands.mine.no_match")
		_, err = x.RevealOffer(x.ctx, x.coordinator(), o.ID, "check")
		x.refused(err, "hands.offer.forgotten")
		x.must(x.ForgetOffer(x.ctx, o.ID)) // again changes nothing
		if now := x.now(o.ID); now.State != OfferWithdrawn || len(now.private) > 0 || now.Units != 40 {
			t.Errorf("what stays is %+v", now)
		}
	})
}

func TestReadingWhoGaveNeedsAReasonAndLeavesALine(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		oid := x.offer(GivesGoods, "blanket", 40, x.ours)
		_, err := x.RevealOffer(x.ctx, x.coordinator(), oid, "curiosity")
		x.refused(err, "hands.offer.reveal_why")
		p, err := x.RevealOffer(x.ctx, x.coordinator(), oid, "arrange")
		if x.must(err); p.Name != "Tuda" || p.Phone == "" {
			t.Errorf("read %+v", p)
		}
		if lines := x.told(offerSubject(oid)); !strings.Contains(lines[len(lines)-1], "hands.offer.reveal coordinator") {
			t.Errorf("the last line is %v", lines)
		}
		_, err = x.RevealOffer(x.ctx, x.somebody(actor.Coordinator, x.other, ""), oid, "arrange")
		x.refused(err, "error.denied_here")
		_, err = x.RevealOffer(x.ctx, x.somebody(actor.Auditor, x.ours, ""), oid, "arrange")
		x.refused(err, "error.denied")
	})
}

func TestWhatIsOfferedToWhoeverCanIsDecidedByThoseWhoActForAll(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		oid := x.offer(GivesGoods, "blanket", 40, actor.OrganisationID{})
		mine := x.offer(GivesGoods, "tent", 4, x.ours)
		pick := Choice{ID: id.New[Match](x.clock.Now()), Offer: oid, Org: x.ours, Units: 5}
		x.refused(x.Reserve(x.ctx, x.coordinator(), pick), "error.denied_here")
		x.refused(x.Reserve(x.ctx, x.somebody(actor.Dispatcher, x.ours, "B"), pick), "error.denied_here")
		x.must(x.Reserve(x.ctx, x.somebody(actor.Dispatcher, x.ours, "A"), pick))
		pick.Offer, pick.ID, pick.Org = mine, id.New[Match](x.clock.Now()), x.other
		x.refused(x.Reserve(x.ctx, x.somebody(actor.CrisisCell, x.ours, ""), pick), "hands.match.org_missing")
		seen := func(by actor.Actor) (n int) {
			x.read(func(t *db.Tx) error {
				all, err := listOffers(t, offerFind{by: by, limit: 10})
				n = len(all)
				return err
			})
			return n
		}
		for want, by := range []actor.Actor{x.somebody(actor.Coordinator, x.other, ""), x.coordinator(), x.somebody(actor.Auditor, x.ours, "")} {
			if got := seen(by); got != want {
				t.Errorf("%v sees %d offers, not %d", by.Grants, got, want)
			}
		}
		if got := seen(x.somebody(actor.Agent, x.ours, "")); got != 0 {
			t.Errorf("an agent sees %d", got)
		}
	})
}

func TestNeverMoreIsChosenThanIsOfferedHoweverManyChooseAtOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		oid := x.offer(GivesGoods, "blanket", 10, x.ours)
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 24 {
			wg.Go(func() {
				err := x.reserve(oid, x.ours, Stock, 1)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if f := x.fate(oid); done != 10 || f.Held != 10 || f.Free != 0 || !f.whole() {
			t.Errorf("%d of 24 chose, and it stands at %+v", done, f)
		}
		if n := len(x.texts.sent); n != 1 {
			t.Errorf("the giver was told %d times", n)
		}
	})
}

func TestAChoiceSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		oid := x.offer(GivesGoods, "blanket", 10, x.ours)
		pick := Choice{ID: id.New[Match](x.clock.Now()), Offer: oid, Units: 4}
		for range 3 {
			x.must(x.Reserve(x.ctx, x.coordinator(), pick))
		}
		pick.Units = 5
		x.refused(x.Reserve(x.ctx, x.coordinator(), pick), "hands.match.id_taken")
		if f := x.fate(oid); f.Held != 4 {
			t.Errorf("it stands at %+v", f)
		}
		x.must(x.Release(x.ctx, x.coordinator(), pick.ID))
		x.must(x.Release(x.ctx, x.coordinator(), pick.ID))
		if f := x.fate(oid); f.Free != 10 {
			t.Errorf("given back, it stands at %+v", f)
		}
		x.refused(x.Use(x.ctx, x.coordinator(), pick.ID, 1), "hands.match.is_over")
	})
}

func TestAGiverIsThankedAndToldWhatIsNeededInstead(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		x.needs.all = []Need{{Ref: "case/1", Kinds: []string{"food"}, Keys: []string{"test.need.food"}, People: 30, Path: []string{"A", "A1", "A1-02"}},
			{Ref: "case/2", Kinds: []string{"warm", "food"}, Keys: []string{"test.need.warm", "test.need.food"}, People: 5, Path: []string{"A", "A1"}},
			{Ref: "case/3", Kinds: []string{"water"}, Keys: []string{"test.need.water"}, People: 500, Path: []string{"B"}}}
		oid := x.offer(GivesGoods, "tent", 3, x.ours)
		x.must(x.Thank(x.ctx, x.coordinator(), oid))
		x.must(x.Thank(x.ctx, x.coordinator(), oid)) // again says nothing
		if len(x.texts.sent) != 1 || x.texts.sent[0].Key != "hands.text.thanked_2" || !strings.Contains(fmt.Sprint(x.texts.sent[0].Args), "first test.need.food second test.need.warm") {
			t.Errorf("told %+v", x.texts.sent)
		}
		if err := x.reserve(oid, x.ours, Stock, 1); err != nil { // it stays on the list: later it may be needed
			t.Error(err)
		}
		x.refused(x.Thank(x.ctx, x.coordinator(), oid), "hands.offer.is_taken")
		x.texts.fail = errors.New("no gateway")
		other := x.offer(GivesGoods, "tent", 3, x.ours)
		if err := x.Thank(x.ctx, x.coordinator(), other); err == nil || x.now(other).Answer != "" {
			t.Errorf("what could not be told was done: %v", err)
		}
	})
}

func TestNobodyWhoGivesStaysWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		silent, chosen := x.offer(GivesGoods, "blanket", 9, x.ours), x.offer(GivesGoods, "tent", 2, x.ours)
		x.must(x.reserve(chosen, x.ours, Stock, 2))
		x.clock.Advance(23 * time.Hour)
		x.must(x.MindOffers(x.ctx))
		if !x.now(silent).FlaggedAt.IsZero() {
			t.Error("flagged before its time")
		}
		x.clock.Advance(2 * time.Hour)
		x.must(x.MindOffers(x.ctx))
		x.must(x.MindOffers(x.ctx))
		if x.now(silent).FlaggedAt.IsZero() || !x.now(chosen).FlaggedAt.IsZero() {
			t.Error("the one that nobody answered is not flagged, or the other is")
		}
		if n := strings.Count(strings.Join(x.told(offerSubject(silent)), ""), "hands.offer.overdue"); n != 1 {
			t.Errorf("%d lines of it", n)
		}
		x.clock.Advance(4 * 24 * time.Hour) // a day and 23 hours before the end
		x.must(x.MindOffers(x.ctx))
		if keys := x.texts.keys(); !slices.Equal(keys[1:], []string{"hands.text.remind", "hands.text.remind"}) {
			t.Errorf("reminded: %v", keys)
		}
		x.must(x.ProlongOffer(x.ctx, chosen))
		x.clock.Advance(2 * 24 * time.Hour)
		x.must(x.MindOffers(x.ctx))
		if x.now(silent).State != OfferExpired || x.now(chosen).State != OfferOpen {
			t.Errorf("%s and %s", x.now(silent).State, x.now(chosen).State)
		}
		x.must(x.ProlongOffer(x.ctx, silent)) // it still stands, says the giver
		if o := x.now(silent); o.State != OfferOpen || o.Free() != 9 {
			t.Errorf("it did not live again: %+v", o)
		}
		x.clock.Advance(200 * 24 * time.Hour)
		x.must(x.MindOffers(x.ctx)) // both end
		x.clock.Advance(91 * 24 * time.Hour)
		x.must(x.MindOffers(x.ctx))
		if o := x.now(silent); o.ErasedAt.IsZero() || o.private != nil {
			t.Errorf("who gave is still known: %+v", o)
		}
	})
}

func TestShelterTakesAWholeFamilyOrNobody(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		x.needs.all = []Need{{Ref: "case/7", Kinds: []string{"shelter"}, Keys: []string{"test.need.shelter"}, People: 7, Path: []string{"A", "A1", "A1-02"}},
			{Ref: "case/3", Kinds: []string{"shelter"}, Keys: []string{"test.need.shelter"}, People: 3, Path: []string{"A", "A1", "A1-02"}}}
		oid := x.offer(GivesShelter, "", 5, x.ours)
		x.read(func(t *db.Tx) error {
			all, err := x.candidates(t, x.now(oid), 5)
			if len(all) != 1 || all[0].Need.Ref != "case/3" || all[0].Units != 3 {
				x.t.Errorf("proposed %+v", all)
			}
			return err
		})
		x.refused(x.reserve(oid, x.ours, "case/7", 5), "hands.match.family_split")
		x.refused(x.reserve(oid, x.ours, "case/3", 2), "hands.match.family_split")
		x.must(x.reserve(oid, x.ours, "case/3", 3))
		x.refused(x.reserve(oid, x.ours, "case/9", 1), "hands.match.need_met")
	})
}

func TestPromisedGoodsAreLoadedUnloadedAndCountedInTheOrderOfLoading(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		first, second := x.offer(GivesGoods, "blanket", 10, x.ours), x.offer(GivesGoods, "blanket", 10, actor.OrganisationID{})
		x.must(x.reserve(second, x.ours, Stock, 6))
		x.read(func(t *db.Tx) error {
			all, err := x.Promised(t, x.ours)
			if len(all) != 2 || all[0].Units+all[1].Units != 16 {
				x.t.Errorf("promised %+v", all)
			}
			if none, _ := x.Promised(t, x.other); len(none) != 0 {
				x.t.Errorf("promised to others: %+v", none)
			}
			return err
		})
		m := x.mission()
		x.must(x.load(m, second, 6))
		x.refused(x.load(m, second, 7), "hands.offer.not_left")
		x.must(x.load(m, first, 10))
		x.must(x.load(m, first, 4))
		x.must(x.load(m, first, 4)) // in all, not in addition
		if f := x.fate(first); f.Aboard != 4 || f.Free != 6 || f.Came != 4 {
			t.Errorf("loaded: %+v", f)
		}
		x.must(x.cancel(m))
		if f, g := x.fate(first), x.fate(second); f.Free != 10 || g.Held != 6 || g.Came != 0 {
			t.Errorf("never set out: %+v %+v", f, g)
		}
		m = x.mission()
		x.must(x.load(m, second, 6))
		x.must(x.load(m, first, 10))
		d := x.delivers(m, "c1", map[string]int{"blanket": 8, "tent": 3})
		x.hears(x.arrived, "field.mission/"+m, d) // heard twice
		if f, g := x.fate(first), x.fate(second); g.Delivered != 6 || f.Delivered != 2 {
			t.Errorf("what was loaded first was not counted first: %+v %+v", g, f)
		}
		x.says("c1", "yes")
		x.delivers(m, "c2", map[string]int{"blanket": 3})
		x.says("c2", "partly")
		x.closes(m, line{"blanket", 11, 4, 1})
		x.closes(m, line{"blanket", 11, 4, 1})
		if f, g := x.fate(first), x.fate(second); g.Confirmed != 6 || f.Confirmed != 2 || f.Delivered != 5 || f.Lost != 1 || f.Back != 4 || f.Came != 10 {
			t.Errorf("accounted: %+v %+v", g, f)
		}
		x.refused(x.load(m, first, 3), "hands.offer.load_fixed")
		again := x.mission() // what came back goes out again, and came only once
		x.must(x.load(again, first, 4))
		if f := x.fate(first); f.Aboard != 4 || f.Back != 0 || f.Came != 10 || !f.whole() {
			t.Errorf("again: %+v", f)
		}
	})
}

func TestACloseHeardBeforeItsDeliveriesIsCountedTheSame(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		oid, m := x.offer(GivesGoods, "blanket", 10, x.ours), ""
		m = x.mission()
		x.must(x.load(m, oid, 10))
		x.says("c1", "yes") // of an earlier one: it does not count for what comes later
		x.closes(m, line{"blanket", 7, 2, 1})
		x.clock.Advance(time.Minute)
		x.delivers(m, "c1", map[string]int{"blanket": 7})
		if f := x.fate(oid); f.Delivered != 7 || f.Back != 2 || f.Lost != 1 || f.Aboard != 0 || f.Confirmed != 0 {
			t.Errorf("it stands at %+v", f)
		}
		x.says("c1", "yes")
		if f := x.fate(oid); f.Confirmed != 7 {
			t.Errorf("confirmed: %+v", f)
		}
		x.says("c1", "no") // the last word counts
		if f := x.fate(oid); f.Confirmed != 0 {
			t.Errorf("then not: %+v", f)
		}
	})
}

func TestAFunnelCountsUnitsFromThePledgeToWhatPeopleSay(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		w := Want{ID: id.New[Call](x.clock.Now()), Org: x.ours, Kind: GivesGoods, Thing: "blanket", Place: "A1-02", Wanted: 100, Until: x.clock.Now().Add(72 * time.Hour)}
		x.must(x.CallFor(x.ctx, x.coordinator(), w))
		x.must(x.CallFor(x.ctx, x.coordinator(), w)) // sent twice
		for range 3 {
			x.Saw(w.ID)
		}
		x.must(x.writeSaw(x.ctx))
		give := func(units int) OfferID {
			o, p := x.an(GivesGoods, "blanket", units, actor.OrganisationID{})
			x.must(o.Call.UnmarshalText([]byte(w.ID.String())))
			_, err := x.Give(x.ctx, o, p)
			x.must(err)
			return o.ID
		}
		a, b := give(20), give(30)
		if x.now(a).Org != x.ours {
			t.Error("who answers a call gives to whoever calls")
		}
		loose := x.offer(GivesTransport, "lorry", 2, x.ours)
		x.must(x.WithdrawOffer(x.ctx, b))
		m := x.mission()
		x.must(x.load(m, a, 15))
		x.clock.Advance(5 * time.Hour)
		x.delivers(m, "c1", map[string]int{"blanket": 9})
		x.says("c1", "yes")
		x.read(func(t *db.Tx) error {
			all, err := funnels(t, CallID{}, 10)
			if err != nil || len(all) != 2 {
				x.t.Fatalf("%+v %v", all, err)
			}
			if got := all[0]; !slices.Equal(got.Counts(), []int{3, 20, 15, 9, 9}) || got.First != 5*time.Hour || got.Wanted != 100 {
				x.t.Errorf("of the call: %+v", got)
			}
			if got := all[1]; !slices.Equal(got.Counts(), []int{0, 2, 0, 0, 0}) || got.Thing != "lorry" {
				x.t.Errorf("of %s: %+v", loose, got)
			}
			one, err := funnels(t, w.ID, 10)
			if len(one) != 1 || one[0].Delivered != 9 {
				x.t.Errorf("of one: %+v", one)
			}
			return err
		})
		x.must(x.CloseWant(x.ctx, x.coordinator(), w.ID))
		o, p := x.an(GivesGoods, "blanket", 1, actor.OrganisationID{})
		x.must(o.Call.UnmarshalText([]byte(w.ID.String())))
		_, err := x.Give(x.ctx, o, p)
		x.refused(err, "hands.offer.call_over")
		w.ID = id.New[Call](x.clock.Now())
		x.refused(x.CallFor(x.ctx, x.somebody(actor.Coordinator, x.other, ""), w), "error.denied_here")
	})
}

func TestWhatWasDeliveredRanksAndWhatWasPledgedNever(t *testing.T) {
	t.Parallel()
	all := []Funnel{{Thing: "loud", Saw: 9999, Pledged: 5000, Came: 3}, {Thing: "quiet", Pledged: 4, Came: 4, Delivered: 4}, {Thing: "sure", Pledged: 4, Came: 4, Delivered: 4, Confirmed: 2}}
	rankFunnels(all)
	if all[0].Thing != "sure" || all[1].Thing != "quiet" || all[2].Thing != "loud" {
		t.Errorf("ranked %+v", all)
	}
}
