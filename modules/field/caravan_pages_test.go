package field

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

func TestACaravanIsPreparedThroughItsPages(t *testing.T) {
	t.Parallel()
	x, g := caravans(t, model.SQLite(t))
	g.add("o1", "blanket", 40)
	mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"food_basket": 2}, x.ask(x.ours, "A1-01"), x.ask(x.ours, "A1-02"))
	x.say("A1-01", RoadClosed)
	d := x.at(x.coordinator())
	page, here := "/fr/missions/"+mid.String(), "/fr/missions/"+mid.String()+"/caravan"
	_, body := d.get(here)
	vid := between(body, `name="vehicle" value="`, `"`)
	if status, body, _ := d.post(here+"/vehicles", "vehicle", vid, "kind", "", "road", "", "kg", "abc"); status != 422 || !strings.Contains(body, `id="e-kg"`) {
		t.Errorf("a vehicle of nothing: %d", status)
	}
	if status, _, to := d.post(here+"/vehicles", "vehicle", vid, "kind", "4x4", "plate", "١٢٣ أ ٢٦", "driver", "Brahim Ouchen"); status != 303 || to != here {
		t.Fatalf("added: %d %s", status, to)
	}
	if status, body, _ := d.post(here+"/load", "load_food_basket", "27"); status != 409 || !strings.Contains(body, "Trop lourd de") {
		t.Errorf("27 baskets are 405 kg: %d", status)
	}
	if status, _, _ := d.post(here+"/offers", "gift_o1", "30"); status != 303 {
		t.Errorf("30 blankets of an offer: %d", status)
	}
	if status, body, _ := d.post(here+"/offers", "gift_o1", "41"); status != 422 || !strings.Contains(body, `id="e-gift_o1"`) {
		t.Errorf("more than there is: %d", status)
	}
	if status, body, _ := d.post(here+"/permit", "permit", "granted", "authority", "", "number", "", "dated", "31/02"); status != 422 || !strings.Contains(body, `id="e-dated"`) {
		t.Errorf("a permit of nobody: %d", status)
	}
	if status, _, _ := d.post(here+"/permit", "permit", "granted", "authority", "Province", "number", "148/2026", "dated", "2026-11-20"); status != 303 {
		t.Errorf("granted: %d", status)
	}
	if status, _, _ := d.post(here + "/order"); status != 303 {
		t.Errorf("ordered: %d", status)
	}
	for _, path := range []string{page, here, page + "/means", page + "/list"} {
		if status, body := d.get(path); status != 200 || strings.Contains(body, "Brahim") {
			t.Errorf("%s: %d, or a name where none stands", path, status)
		}
	}
	_, body = d.get(page + "/waybill")
	if strings.Contains(body, "Brahim") || !strings.Contains(body, "148/2026") || !strings.Contains(body, "75 ") && !strings.Contains(body, ">75<") {
		t.Errorf("the waybill: %s", body)
	}
	if status, body, _ := d.post(page + "/waybill"); status != 200 || !strings.Contains(body, "Brahim Ouchen") || !strings.Contains(body, "١٢٣ أ ٢٦") {
		t.Errorf("the waybill with names: %d", status)
	}
	if status, body, _ := d.post(page + "/depart"); status != 409 || !strings.Contains(body, `name="anyway"`) {
		t.Errorf("a stop is closed: %d", status)
	}
	if status, _, _ := d.post(page+"/depart", "anyway", "guide"); status != 303 {
		t.Errorf("leaves all the same: %d", status)
	}
	if status, _, _ := d.post(here+"/vehicles/"+vid+"/drop", ""); status != 409 {
		t.Errorf("a vehicle on its way cannot be taken off: %d", status)
	}
	_, out := d.get("/api/v1/missions")
	var wire MissionsOut
	if err := json.Unmarshal([]byte(out), &wire); err != nil {
		t.Fatal(err)
	}
	if m := wire.Missions[0]; len(m.Vehicles) != 1 || m.Vehicles[0].Kind != "4x4" || m.Permit.State != "granted" || strings.Contains(out, "Brahim") {
		t.Errorf("the API says %s", out)
	}
}

func TestTwoWhoTakeTheSameOfferAtOnceDoNotTakeItTwice(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x, g := caravans(t, dsn)
		g.add("o1", "blanket", 10)
		mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"tent": 1}, x.ask(x.ours, "A1-01"))
		var all sync.WaitGroup
		var taken atomic.Int64
		for range 8 {
			all.Go(func() {
				switch err := x.LoadGift(x.ctx, x.coordinator(), mid, "o1", 7); {
				case err == nil:
					taken.Add(1)
				case fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Invalid:
					t.Error(err)
				}
			})
		}
		all.Wait()
		j, err := x.Journey(x.ctx, mid)
		x.must(err)
		if l := j.Goods.line("blanket"); taken.Load() == 0 || l == nil || l.Loaded != 7 || g.offers["o1"].out() != 7 {
			t.Errorf("taken %d times, loaded %+v, the offer says %d", taken.Load(), j.Goods, g.offers["o1"].out())
		}
	})
}

func FuzzCaravanFormsNeverBreak(f *testing.F) {
	f.Add("kind=lorry&kg=1&vehicle=x", "/vehicles")
	f.Add("permit=granted&dated=2026-99-99", "/permit")
	f.Add("gift_o1=-4&gift_=1&gift_\x00=9", "/offers")
	f.Add("load_blanket=99999999999999999999&load_=1", "/load")
	f.Fuzz(func(t *testing.T, form, door string) {
		v, err := url.ParseQuery(form)
		if err != nil || !strings.HasPrefix(door, "/") {
			t.Skip()
		}
		if _, err := readUnits(v, "gift_"); err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("%q: %v", form, err)
		}
		var s Service
		s.means = &Means{}
		d := s.tidy(Drive{Vehicle: Vehicle{Kind: v.Get("kind"), Road: RoadClass(v.Get("road"))}, PlateText: v.Get("plate"), DriverText: v.Get("driver")})
		_ = d.wrong(d.PlateText, d.DriverText)
		p := Permit{State: PermitState(v.Get("permit")), Number: v.Get("number"), Authority: v.Get("authority")}.tidy()
		_ = p.wrong(morning)
	})
}

func TestGarbageAtTheDoorsOfACaravanIsAFormShownAgainOrNothing(t *testing.T) {
	t.Parallel()
	x, g := caravans(t, model.SQLite(t))
	g.add("o1", "blanket", 10)
	mid := x.planned(x.team(x.ours, "A1-03", "Étoile 4"), map[string]int{"tent": 1}, x.ask(x.ours, "A1-01"))
	d := x.at(x.coordinator())
	here := "/fr/missions/" + mid.String() + "/caravan"
	for _, form := range [][]string{
		{"/vehicles"}, {"/vehicles", "vehicle", "x"}, {"/vehicles", "vehicle", id.New[Vehicle](morning).String(), "kind", strings.Repeat("é", 900), "driver", strings.Repeat("ب", 400)},
		{"/vehicles", "vehicle", id.New[Vehicle](morning).String(), "kind", "lorry", "kg", "999999999"}, {"/vehicles", "vehicle", id.New[Vehicle](morning).String(), "kind", "lorry", "offer", "\u202e"},
		{"/permit"}, {"/permit", "permit", "granted", "dated", "0000-00-00"}, {"/permit", "permit", "asked", "authority", strings.Repeat("x", 5000)},
		{"/offers", "gift_o1", "-1"}, {"/offers", "gift_nowhere", "3"}, {"/offers", "gift_", "3"}, {"/load", "load_gold", "1"}, {"/load", "load_blanket", "1e9"}, {"/vehicles/x/drop"},
	} {
		status, body, _ := d.post(here+form[0], form[1:]...)
		if status >= 500 || status == 200 || status == 303 {
			t.Errorf("%v: %d %s", form, status, body)
		}
	}
	for _, path := range []string{"/fr/missions/x/caravan", "/fr/missions/x/means", "/fr/missions/" + id.New[Mission](morning).String() + "/caravan"} {
		if status, _ := d.get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := x.at(x.somebody(actor.Coordinator, x.other, "")).get(here); status != 403 {
		t.Errorf("somebody else's caravan: %d", status)
	}
}
