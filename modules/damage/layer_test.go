package damage

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// ruins is a file of destroyed buildings in Ighil.
func ruins(t testing.TB, n int) string {
	p, ok := morocco(t).Get(ighil)
	if !ok {
		t.Fatal("no Ighil")
	}
	return "lat,lon,damage\n" + around(p.At, n, "Destroyed")
}

func TestALayerSaysNothingBeforeAPersonAcceptedItAndAgainWhenItIsWithdrawn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		file := ruins(t, 4)
		features, err := Read([]byte(file), x.rules.columns())
		x.must(err)
		lid, again, err := x.Bring(x.ctx, x.cell, layer(Damage), []byte(file), features)
		x.must(err)
		if x.fresh(); again || x.level(ighil) != 0 {
			t.Fatalf("a draft says %d", x.level(ighil))
		}
		same, again, err := x.Bring(x.ctx, x.cell, layer(Damage), []byte(file), features)
		if x.must(err); !again || same != lid {
			t.Fatalf("the same file became another layer: %v %v", same, lid)
		}
		x.refused(x.Accept(x.ctx, x.somebody(actor.Dispatcher, actor.OrganisationID{}), lid), "error.denied")
		x.must(x.Accept(x.ctx, x.cell, lid))
		x.must(x.Accept(x.ctx, x.cell, lid)) // twice is once
		if x.fresh(); x.level(ighil) != 4 {
			t.Fatalf("Ighil is of level %d", x.level(ighil))
		}
		x.must(x.Withdraw(x.ctx, x.cell, lid))
		if x.fresh(); x.level(ighil) != 0 {
			t.Fatal("a layer that was withdrawn still counts")
		}
		x.refused(x.Drop(x.ctx, x.cell, lid), "damage.layer.cannot_now")
		x.must(x.Restore(x.ctx, x.cell, lid))
		if x.fresh(); x.level(ighil) != 4 || x.lines(DeedAccept) != 1 || x.lines(DeedRestore) != 1 {
			t.Fatalf("level %d, %d and %d lines", x.level(ighil), x.lines(DeedAccept), x.lines(DeedRestore))
		}
	})
}

func (x *house) level(code string) int {
	seen, shaken := x.Levels(code)
	return max(seen, shaken)
}

func TestAcceptingALayerWeighsTheRequestsOfItsPlacesAgain(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	lid := x.bring(Damage, ruins(t, 4))
	if _, err := x.h.Jobs.Drain(x.ctx); err != nil {
		t.Fatal(err)
	}
	if len(x.world.raised) != 1 || !strings.Contains(strings.Join(x.world.raised[0], " "), ighil) {
		t.Fatalf("weighed again: %v", x.world.raised)
	}
	x.must(x.Withdraw(x.ctx, x.cell, lid))
	if _, err := x.h.Jobs.Drain(x.ctx); err != nil || len(x.world.raised) != 1 {
		t.Fatalf("taking a layer back weighed again: %v %v", x.world.raised, err)
	}
}

func TestALayerThatIsWithdrawnAndBroughtBackGivesTheSameLevels(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	x.bring(Shaking, "code,mmi\n"+azgour+",7.2\n"+ighil+",6.1\n")
	lid := x.bring(Damage, ruins(t, 4))
	levels := func() string {
		x.fresh()
		out := map[string][]Said{}
		for _, p := range x.places.All(places.Commune) {
			if all := x.At(p.Code); len(all) > 0 {
				out[p.Code] = all
			}
		}
		body, err := json.Marshal(out)
		x.must(err)
		var plain map[string][]map[string]any
		x.must(json.Unmarshal(body, &plain))
		for _, all := range plain { // when it came to count is the one thing that differs
			for _, said := range all {
				maps.DeleteFunc(said["Layer"].(map[string]any), func(k string, _ any) bool { return k == "StateAt" || k == "Revision" })
			}
		}
		body, err = json.Marshal(plain)
		x.must(err)
		return string(body)
	}
	before := levels()
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(r, "times") {
			x.must(x.Withdraw(x.ctx, x.cell, lid))
			x.clock.Advance(time.Minute)
			x.must(x.Restore(x.ctx, x.cell, lid))
			x.clock.Advance(time.Minute)
		}
		if after := levels(); after != before {
			r.Fatalf("%s\nbecame\n%s", before, after)
		}
	})
}

func TestWhatIsWrongWithALayerIsToldAllAtOnce(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	features, err := Read([]byte(ruins(t, 1)), x.rules.columns())
	x.must(err)
	_, _, err = x.Bring(x.ctx, x.cell, Layer{Kind: Damage, Dated: "2031-01-01"}, []byte("x"), features)
	x.refused(err, "damage.layer.missing_name", "damage.layer.missing_source", "damage.layer.missing_licence", "damage.layer.missing_author", "damage.layer.date_wrong")
	for file, want := range map[string]string{
		"lat,lon,damage\n-7.9,31.1,Destroyed\n": "damage.file.swapped", "lat,lon,damage\n48.8,2.3,Destroyed\n": "damage.file.elsewhere", "lat,lon,damage\n31.1,-7.9,Grau\n": "damage.file.no_level"} {
		all, err := Read([]byte(file), x.rules.columns())
		x.must(err)
		_, _, err = x.Bring(x.ctx, x.cell, layer(Damage), []byte(file), all)
		x.refused(err, want)
	}
}

func TestADraftIsForgottenWhenNobodyAcceptsItForLong(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	features, err := Read([]byte(ruins(t, 1)), x.rules.columns())
	x.must(err)
	_, _, err = x.Bring(x.ctx, x.cell, layer(Damage), []byte(ruins(t, 1)), features)
	x.must(err)
	x.clock.Advance(draftLife - time.Hour)
	x.must(x.dropStale(x.ctx))
	left := func() (n int64) {
		x.read(func(t *db.Tx) (err error) {
			n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM damage_layer`)
			return err
		})
		return n
	}
	if left() != 1 {
		t.Fatal("a draft went before its time")
	}
	x.clock.Advance(2 * time.Hour)
	if x.must(x.dropStale(x.ctx)); left() != 0 {
		t.Fatal("a draft that nobody accepted is still there")
	}
}

func TestPlacesThatNobodyHeardFromStandBeforeThoseThatSomebodyWentTo(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.bring(Shaking, "code,mmi\n"+azgour+",8.4\n"+ighil+",8.4\n")
		order := func() (out []Ranked) {
			x.read(func(t *db.Tx) (err error) { out, err = x.rank(t, places.Commune, "", 1); return err })
			return out
		}
		all := order()
		if len(all) != 2 || all[0].Place.Code != azgour || all[0].Score != int64((60*all[0].People+99)/100*3) { // more people live in Azgour
			t.Fatalf("%+v", all)
		}
		x.world.gone[azgour] = morning
		if all = order(); all[0].Place.Code != ighil || all[1].Silence != x.rules.Silence.Gone {
			t.Fatalf("somebody went to Azgour, and it stands first: %+v", all)
		}
		x.world.gone = map[string]time.Time{}
		x.world.heard[ighil] = 2
		if all = order(); all[0].Place.Code != azgour || all[1].Silence != x.rules.Silence.Told || all[1].Requests != 2 {
			t.Fatalf("Ighil was heard from: %+v", all)
		}
		x.read(func(t *db.Tx) error {
			within, err := x.rank(t, places.Commune, "02", 1)
			if len(within) != 0 {
				return fmt.Errorf("another region has %d", len(within))
			}
			return err
		})
	})
}

func TestAPlaceWithoutAPointIsToldWhatIsKnownOfItsCommune(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	x.bring(Damage, ruins(t, 4))
	for _, d := range x.places.All(places.Douar) {
		k, _ := x.places.Commune(d.Code)
		if d.HasPoint || k == nil || k.Code != ighil {
			continue
		}
		if all := x.At(d.Code); len(all) != 1 || all[0].Level != 4 || all[0].Of != ighil {
			t.Fatalf("%s is told %+v", d.Code, all)
		}
		return
	}
	t.Fatal("every douar of Ighil has a point in this pack: say here of which commune one has none")
}

func TestTheRulesOfBothCountriesHold(t *testing.T) {
	t.Parallel()
	r := moroccan(t)
	for _, m := range r.Mappings {
		if len(m.Source) < 40 {
			t.Errorf("%s cites nothing", m.Code)
		}
	}
	got := &Mapping{Columns: []string{"mmi"}, Bands: []Band{{5, 1}, {8, 4}}}
	for value, want := range map[string]int{"4.9": 0, "5": 1, "7.99": 1, "8": 4, "9.4": 4} {
		if l, _, ok := got.level(map[string]string{"mmi": value}); !ok || l != want {
			t.Errorf("%s is level %d", value, l)
		}
	}
	for _, value := range []string{"", "x", "NaN", "1e99"} {
		if _, _, ok := got.level(map[string]string{"mmi": value}); ok {
			t.Errorf("%q is a level", value)
		}
	}
}
