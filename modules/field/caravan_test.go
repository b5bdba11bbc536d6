package field

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// fakeGifts keeps offers of one organisation. What a unit of work does not keep
// leaves no trace, and it fails on command.
type fakeGifts struct {
	mu       sync.Mutex
	offers   map[string]*fakeOffer
	vehicles []OfferedVehicle
	fail     error // what Load answers instead of loading
}

type fakeOffer struct {
	good  string
	units int // offered in all
	taken map[MissionID]int
}

func (f *fakeGifts) add(offer, good string, units int) {
	f.offers[offer] = &fakeOffer{good, units, map[MissionID]int{}}
}

func (o *fakeOffer) out() (n int) {
	for _, u := range o.taken {
		n += u
	}
	return n
}

func (f *fakeGifts) Promised(*db.Tx, actor.OrganisationID) (out []Gift, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, o := range f.offers {
		if n := o.units - o.out(); n > 0 {
			out = append(out, Gift{Offer: name, Good: o.good, Units: n, Place: "A1-01"})
		}
	}
	slices.SortFunc(out, func(a, b Gift) int { return strings.Compare(a.Offer, b.Offer) })
	return out, nil
}

func (f *fakeGifts) Load(t *deed.Tx, mission MissionID, offer string, units int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	o := f.offers[offer]
	if o == nil || o.out()-o.taken[mission]+units > o.units {
		return fault.New(fault.Conflict, "test.offer.gone")
	}
	t.After(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		o.taken[mission] = units
	})
	return nil
}

func (f *fakeGifts) Unload(t *deed.Tx, mission MissionID) error {
	t.After(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, o := range f.offers {
			delete(o.taken, mission)
		}
	})
	return nil
}

func (f *fakeGifts) Vehicles(*db.Tx, actor.OrganisationID) ([]OfferedVehicle, error) {
	return f.vehicles, nil
}

// caravans is a house whose country says what vehicles do, with offers.
func caravans(t *testing.T, dsn string) (*house, *fakeGifts) {
	t.Helper()
	x := open(t, dsn)
	x.UseMeans(tamurtMeans(t))
	g := &fakeGifts{offers: map[string]*fakeOffer{}}
	x.UseGifts(g)
	return x, g
}

func (x *house) drive(mid MissionID, kind string, kg, litres int) VehicleID {
	x.t.Helper()
	d := Drive{Vehicle: Vehicle{ID: id.New[Vehicle](x.clock.Now()), Mission: mid, Kind: kind, Kg: kg, Litres: litres}, PlateText: "12345 A 26", DriverText: "Lahcen Ait Ali"}
	x.must(x.AddVehicle(x.ctx, x.leader(), d))
	return d.ID
}

func (x *house) say(place string, s RoadState) {
	x.t.Helper()
	x.clock.At = x.clock.At.Add(time.Second)
	x.must(x.SayRoad(x.ctx, x.somebody(actor.Dispatcher, actor.OrganisationID{}, ""), RoadWord{ID: id.New[RoadWord](x.clock.Now()), Place: place, State: s, Source: "seen"}))
}

func TestALoadThatTheVehiclesCannotTakeIsRefusedAndSaidByHowMuch(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		team := x.team(x.ours, "A1-03", "Étoile 4")
		mid := x.planned(team, map[string]int{"blanket": 10}, x.ask(x.ours, "A1-01"))
		x.drive(mid, "4x4", 100, 500)
		// 70 blankets are 105 kg and 560 litres; the 4x4 takes 100 and 500.
		err := x.Load(x.ctx, x.coordinator(), mid, map[string]int{"blanket": 70})
		x.refused(err, "field.load.too_heavy", "field.load.too_big")
		for _, f := range faults(err) {
			if want := map[string]int64{"field.load.too_heavy": 5, "field.load.too_big": 60}[f.Key]; f.Args["more"] != want {
				t.Errorf("%s by %v, want %d", f.Key, f.Args["more"], want)
			}
		}
		x.must(x.Load(x.ctx, x.coordinator(), mid, map[string]int{"blanket": 62})) // 93 kg, 496 litres
		second := x.drive(mid, "mule", 80, 160)
		x.must(x.Load(x.ctx, x.coordinator(), mid, map[string]int{"blanket": 70}))
		x.must(x.DropVehicle(x.ctx, x.leader(), mid, second)) // a mule goes lame: what is too much must come off
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.load.too_heavy", "field.load.too_big")
		x.must(x.Load(x.ctx, x.coordinator(), mid, map[string]int{"blanket": 68})) // less is always welcome, though still too much
		x.must(x.Load(x.ctx, x.coordinator(), mid, map[string]int{"blanket": 60}))
		x.must(x.Depart(x.ctx, x.leader(), mid))
		x.refused(x.AddVehicle(x.ctx, x.leader(), Drive{Vehicle: Vehicle{ID: id.New[Vehicle](x.clock.Now()), Mission: mid, Kind: "lorry"}}), "field.mission.cannot_now")
	})
}

func TestWeightsAreWholeSoThatTenTenthsAreOne(t *testing.T) {
	t.Parallel()
	b := Burden{Grams: 1001, Millilitres: 1000}
	all := b.over([]Vehicle{{Kg: 1, Litres: 1}})
	if len(all) != 1 || all[0].Args["more"] != int64(1) {
		t.Errorf("one gram too much is said as one kilogram: %v", all)
	}
	if over := (Burden{Grams: 1000, Millilitres: 1000}).over([]Vehicle{{Kg: 1, Litres: 1}}); len(over) != 0 {
		t.Errorf("what fits exactly fits: %v", over)
	}
	if over := (Burden{Grams: 1 << 60}).over(nil); len(over) != 0 {
		t.Error("a mission without vehicles is not weighed")
	}
}

func TestACaravanWhosePermitIsRequiredAndNotGrantedStays(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"))
		x.drive(mid, "drone", 5, 30)
		set := func(s PermitState, number string) error {
			return x.SetPermit(x.ctx, x.coordinator(), Permit{Mission: mid, State: s, Number: number, Authority: "Province", Dated: morning})
		}
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.permit.needed")
		x.refused(set(NotNeeded, ""), "field.permit.needed")
		x.refused(set(Granted, ""), "field.permit.number_missing")
		x.refused(x.SetPermit(x.ctx, x.coordinator(), Permit{Mission: mid, State: "perhaps"}), "field.permit.state_missing", "field.permit.authority_missing")
		x.must(set(Asked, ""))
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.permit.still_asked")
		x.must(set(Refused, "147"))
		x.refused(x.Depart(x.ctx, x.leader(), mid), "field.permit.was_refused")
		x.must(set(Granted, "148/2026"))
		x.orgs.suspended[x.ours] = true // a permit is not a recognition
		x.refused(x.Depart(x.ctx, x.somebody(actor.Dispatcher, actor.OrganisationID{}, ""), mid), "field.mission.not_recognised")
		x.orgs.suspended[x.ours] = false
		x.must(x.Depart(x.ctx, x.leader(), mid))
		for _, line := range x.told(missionSubject(mid)) {
			if strings.Contains(line, "148/2026") || strings.Contains(line, "Lahcen") || strings.Contains(line, "12345 A") {
				t.Errorf("the journal says what was typed: %s", line)
			}
		}
	})
}

func TestAHeavyLoadNeedsThePermitThatTheCountryAsksFor(t *testing.T) {
	t.Parallel()
	m := tamurtMeans(t)
	lorry := []Vehicle{{Kind: "lorry", Kg: 2000, Litres: 9000}}
	for kg, want := range map[int64]int{1499: 0, 1500: 1} {
		if got := m.Needed(lorry, Burden{Grams: kg * 1000}); len(got) != want {
			t.Errorf("%d kg: %v", kg, got)
		}
	}
	if got := m.Needed(nil, Burden{Grams: 9_000_000}); len(got) != 0 {
		t.Errorf("without a vehicle there is no caravan: %v", got)
	}
}

func TestPlatesAndDriversAreSealedAndReadingThemLeavesALine(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, _ := caravans(t, dsn)
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"))
		vid := x.drive(mid, "4x4", 0, 0)
		x.read(func(t *db.Tx) error {
			v, err := findVehicle(t, vid)
			if err == nil && (strings.Contains(string(v.Driver), "Lahcen") || len(v.Driver) == 0 || v.Kg != 400 || v.Road != Track) {
				x.t.Errorf("kept as %+v", v)
			}
			return err
		})
		crew, err := x.Drivers(x.ctx, x.leader(), mid)
		x.must(err)
		if len(crew) != 1 || crew[0].Driver != "Lahcen Ait Ali" || crew[0].Plate != "12345 A 26" {
			t.Errorf("read as %+v", crew)
		}
		lines := x.told(missionSubject(mid))
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "field.vehicle.reveal leader ") {
			t.Errorf("the last line is %s", last)
		}
		if _, err := x.Drivers(x.ctx, x.somebody(actor.Leader, x.other, ""), mid); fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody else's leader read them: %v", err)
		}
		x.must(x.Cancel(x.ctx, x.coordinator(), mid))
		x.clock.At = x.clock.At.Add(29 * 24 * time.Hour)
		x.must(x.forgetDrivers(x.ctx))
		if crew, _ := x.Drivers(x.ctx, x.leader(), mid); crew[0].Driver == "" {
			t.Error("forgotten too early")
		}
		x.clock.At = x.clock.At.Add(2 * 24 * time.Hour)
		x.must(x.forgetDrivers(x.ctx))
		if crew, _ := x.Drivers(x.ctx, x.leader(), mid); crew[0].Driver != "" || crew[0].Plate != "" {
			t.Errorf("kept too long: %+v", crew)
		}
	})
}

func TestAnOfferJoinsTheLoadAndGoesBackWhenTheMissionIsCancelled(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, g := caravans(t, dsn)
		g.add("o1", "blanket", 40)
		team := x.team(x.ours, "A1-03", "Étoile 4")
		mid := x.planned(team, map[string]int{"blanket": 10}, x.ask(x.ours, "A1-01"))
		by := x.coordinator()
		loaded := func(want int) {
			t.Helper()
			j, err := x.Journey(x.ctx, mid)
			x.must(err)
			if l := j.Goods.line("blanket"); l == nil || l.Loaded != want {
				t.Fatalf("loaded %v, want %d", j.Goods, want)
			}
		}
		x.must(x.LoadGift(x.ctx, by, mid, "o1", 30))
		loaded(40)
		x.must(x.LoadGift(x.ctx, by, mid, "o1", 30)) // pressed twice
		loaded(40)
		x.refused(x.LoadGift(x.ctx, by, mid, "o1", 41), "field.gift.too_many")
		x.refused(x.LoadGift(x.ctx, by, mid, "o2", 1), "field.gift.gone")
		x.refused(x.Load(x.ctx, by, mid, map[string]int{"blanket": 29}), "field.gift.under")
		x.must(x.LoadGift(x.ctx, by, mid, "o1", 25))
		loaded(35)
		g.fail = errors.New("the offers' store is away")
		if err := x.LoadGift(x.ctx, by, mid, "o1", 40); err == nil {
			t.Fatal("loaded though the offer did not answer")
		}
		g.fail = nil
		loaded(35)
		if n := g.offers["o1"].taken[mid]; n != 25 {
			t.Fatalf("the offer says %d, the load 25", n)
		}
		x.must(x.Cancel(x.ctx, by, mid))
		if n := g.offers["o1"].out(); n != 0 {
			t.Fatalf("%d were not given back", n)
		}
	})
}

func TestAVehicleThatIsLentIsAsItsOfferSays(t *testing.T) {
	t.Parallel()
	x, g := caravans(t, model.SQLite(t))
	g.vehicles = []OfferedVehicle{{Offer: "v1", Kind: "4x4", Kg: 350, Seats: 3, RoadClass: "track", From: morning, Until: morning.Add(48 * time.Hour)}}
	mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-01"))
	d := Drive{Vehicle: Vehicle{ID: id.New[Vehicle](morning), Mission: mid, Kind: "lorry", Kg: 9000, Offer: "v1"}}
	x.must(x.AddVehicle(x.ctx, x.leader(), d))
	x.must(x.AddVehicle(x.ctx, x.leader(), d)) // pressed twice
	x.read(func(t *db.Tx) error {
		all, err := vehiclesOf(t, mid)
		if err == nil && (len(all) != 1 || all[0].Kind != "4x4" || all[0].Kg != 350) {
			x.t.Errorf("kept as %+v", all)
		}
		return err
	})
	d.ID = id.New[Vehicle](morning)
	x.refused(x.AddVehicle(x.ctx, x.leader(), d), "field.vehicle.offer_here")
	g.vehicles = append(g.vehicles, g.vehicles[0]) // two of a kind
	x.must(x.AddVehicle(x.ctx, x.leader(), d))
	other := x.planned(x.team(x.ours, "A1-03", "Étoile 5"), map[string]int{"blanket": 3}, x.ask(x.ours, "A1-02"))
	d.ID, d.Mission = id.New[Vehicle](morning), other
	x.refused(x.AddVehicle(x.ctx, x.leader(), d), "field.vehicle.offer_here")
	x.must(x.Cancel(x.ctx, x.coordinator(), mid))
	x.must(x.AddVehicle(x.ctx, x.leader(), d)) // they are free again
	d.ID, d.Offer = id.New[Vehicle](morning), "v9"
	x.refused(x.AddVehicle(x.ctx, x.leader(), d), "field.gift.gone")
}

func TestTheChecksFindAnOfferThatIsNotInTheLoad(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, g := caravans(t, dsn)
		g.add("o1", "blanket", 40)
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"tent": 1}, x.ask(x.ours, "A1-01"))
		x.must(x.LoadGift(x.ctx, x.coordinator(), mid, "o1", 30))
		stopped := errors.New("undo")
		for want, q := range map[string]string{
			"offers bring more of blanket":             `UPDATE field_line SET loaded = 29 WHERE good = 'blanket'`,
			"never departed and still holds offer o1":  `UPDATE field_mission SET state = 'cancelled', closed_at = 1`,
			"offers bring more of tent than is loaded": `UPDATE field_gift SET good = 'tent'`,
		} {
			err := x.h.DB.Write(x.ctx, func(t *db.Tx) error {
				if _, err := t.Exec(q); err != nil {
					return err
				}
				var all []string
				for _, c := range checks() {
					found, err := c.Find(t)
					if err != nil {
						return err
					}
					all = append(all, found...)
				}
				if !strings.Contains(strings.Join(all, "\n"), want) {
					return fmt.Errorf("%s: found %q", q, all)
				}
				return stopped
			})
			if !errors.Is(err, stopped) {
				t.Error(err)
			}
		}
	})
}
