package picture

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

const (
	ighil    = "07.041.07.05"
	asni     = "07.041.07.03"
	ouirgane = "07.041.07.11"
)

func cell(territory string) actor.Actor {
	return actor.Actor{Account: id.New[actor.Account](time.Unix(1, 0)), Channel: "web", Grants: []actor.Grant{{Role: actor.CrisisCell, Territory: territory, Recognised: true}}}
}

// Requirement H2: of a hundred requests eleven are the State's and thirty-three of
// associations.
func TestWithElevenAndThirtyThreePlantedTheCoverageShowsElevenThirtyThreeAndTheRest(t *testing.T) {
	engines(t, func(w *world) {
		w.plant(ighil, 100, 11, 33, 0, 7)
		w.publish()
		k := w.covered("")
		if len(k.Rows) != 1 || k.All.Asked != 100 || k.All.State != 11 || k.All.Association != 33 || k.All.Both != 0 || k.All.None(5) != 56 || k.All.Helped != 7 {
			t.Errorf("%+v, none %d", k.All, k.All.None(5))
		}
		srv := w.edge(&actor.Actor{})
		_, page := w.get(srv, "/en/coverage")
		for _, want := range []string{">11<", ">33<", ">56<", "Ighil"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not show %s", want)
			}
		}
	})
}

func TestEveryDoorOpensWithNothingPublishedAndWithMuch(t *testing.T) {
	engines(t, func(w *world) {
		by := cell("")
		srv := w.edge(&by)
		doors := []string{"/crisis", "/crisis?near=Asni", "/crisis?near=zzzz", "/crisis/texts", "/crisis.atom", "/coverage", "/coverage?area=07", "/coverage.csv", "/coverage.xlsx", "/coverage.geojson",
			"/numbers", "/numbers?days=7&area=07.041", "/numbers?days=banana&area=nowhere", "/numbers.csv", "/situation", "/situation/own", "/shelters"}
		for range 2 {
			for _, lang := range []string{"ar", "zgh", "fr", "en"} {
				for _, door := range doors {
					if status, body := w.get(srv, "/"+lang+door); status != 200 || strings.Contains(body, "⟦") {
						t.Errorf("/%s%s: %d %.300s", lang, door, status, body[strings.Index(body, "⟦")+1:])
					}
				}
			}
			w.plant(ighil, 60, 20, 10, 0, 6)
			w.plant(asni, 12, 0, 0, 0, 0)
			w.publish()
			w.clock.Advance(25 * time.Hour)
		}
	})
}

func TestAPlaceWhereNobodyArrivedIsListedWithItsWaitUntilHelpArrives(t *testing.T) {
	engines(t, func(w *world) {
		w.plant(ighil, 20, 6, 0, 0, 0)
		w.plant(asni, 9, 0, 0, 0, 0)
		w.plant(ouirgane, 3, 0, 0, 0, 0)
		w.publish()
		w.told[ouirgane] = w.clock.Now().Add(-2 * time.Hour)
		w.clock.Advance(30 * time.Hour)
		list := func() (out []string) {
			w.must(w.h.DB.Read(t.Context(), func(t *db.Tx) error {
				all, err := w.nobodyCame(t, w.clock.Now().AddDate(0, 0, -30), "")
				for _, u := range all {
					out = append(out, u.Code)
				}
				return err
			}))
			return out
		}
		if got := strings.Join(list(), " "); got != ouirgane+" "+asni {
			t.Errorf("%s: those of whom damage is told wait longer, three requests are told of nowhere, and where help came is not among them", got)
		}
		w.arrived[asni] = w.clock.Now()
		if got := strings.Join(list(), " "); got != ouirgane {
			t.Errorf("help arrived at Asni: %s", got)
		}
	})
}

func TestFilesCarryHXLTagsAndAgreeWithThePage(t *testing.T) {
	engines(t, func(w *world) {
		w.plant(ighil, 100, 11, 33, 0, 7)
		w.plant(asni, 4, 0, 0, 0, 0)
		w.publish()
		srv := w.edge(&actor.Actor{})
		_, body := w.get(srv, "/fr/coverage.csv")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		w.must(err)
		if len(rows) != 3 || rows[1][0] != "#adm+code" || rows[2][0] != ighil || rows[2][4] != "100" || rows[2][7] != "11" || rows[2][8] != "33" || rows[2][9] != "" {
			t.Errorf("csv: %q", rows)
		}
		_, body = w.get(srv, "/fr/coverage.xlsx")
		f, err := excelize.OpenReader(bytes.NewReader([]byte(body)))
		w.must(err)
		if all, err := f.GetRows("Sheet1"); err != nil || len(all) != 3 || all[1][0] != "#adm+code" || all[2][8] != "33" {
			t.Errorf("xlsx: %q, %v", all, err)
		}
		_, body = w.get(srv, "/fr/coverage.geojson")
		var g struct {
			Features []struct {
				Geometry   struct{ Coordinates [2]float64 }
				Properties map[string]any
			}
		}
		w.must(json.Unmarshal([]byte(body), &g))
		p, _ := w.places.Get(ighil)
		if len(g.Features) != 1 || g.Features[0].Properties["#affected+requests"] != 100.0 || g.Features[0].Geometry.Coordinates != [2]float64{p.At.Lon, p.At.Lat} {
			t.Errorf("geojson: %s", body)
		}
		_, body = w.get(srv, "/fr/crisis.atom")
		var feed atomFeed
		w.must(xml.Unmarshal([]byte(body), &feed))
		if len(feed.Entries) != 1 || !strings.Contains(feed.Entries[0].Title, "100") {
			t.Errorf("atom: %s", body)
		}
	})
}

func TestAProtectedShelterStandsOnNoPageOfTheCrisisAndInNoLine(t *testing.T) {
	engines(t, func(w *world) {
		by := cell("")
		_, err := w.OpenShelter(t.Context(), by, Shelter{Name: "مدرسة النخيل", Place: asni, Capacity: 80})
		w.must(err)
		sid, err := w.OpenShelter(t.Context(), by, Shelter{Name: "دار السكينة", Place: ouirgane, Capacity: 12, Protected: true})
		w.must(err)
		nobody := actor.Actor{}
		srv := w.edge(&nobody)
		for _, door := range []string{"/ar/crisis", "/ar/crisis?near=asni", "/ar/coverage", "/ar/numbers", "/ar/situation", "/ar/crisis/texts", "/ar/crisis.atom", "/ar/coverage.csv", "/ar/coverage.geojson"} {
			_, body := w.get(srv, door)
			if strings.Contains(body, "السكينة") {
				t.Errorf("%s shows a protected shelter", door)
			}
			if strings.HasPrefix(door, "/ar/crisis?") && !strings.Contains(body, "مدرسة النخيل") {
				t.Errorf("%s does not show the open one", door)
			}
		}
		if status, body := w.get(srv, "/ar/shelters"); status == 200 || strings.Contains(body, "السكينة") {
			t.Errorf("whoever is not signed in reads the list of staff: %d", status)
		}
		w.must(w.h.DB.Read(t.Context(), func(t *db.Tx) error {
			lines, err := db.List(t, db.Text, `SELECT told FROM deed_record`)
			for _, l := range lines {
				if strings.Contains(l, ouirgane) || strings.Contains(l, "السكينة") {
					w.t.Errorf("a line tells where it is: %s", l)
				}
			}
			return err
		}))
		w.must(w.CloseShelter(t.Context(), by, sid))
		if err := w.CloseShelter(t.Context(), by, sid); fault.KindOf(err) != fault.Conflict {
			t.Errorf("closed twice: %v", err)
		}
	})
}

func TestAShelterIsOpenedByWhoeverAnswersForItsPlace(t *testing.T) {
	engines(t, func(w *world) {
		x := Shelter{Name: "Salle couverte", Place: asni, Capacity: 80}
		if _, err := w.OpenShelter(t.Context(), cell("09.541"), x); fault.KindOf(err) != fault.Denied {
			t.Errorf("from another province: %v", err)
		}
		if _, err := w.OpenShelter(t.Context(), actor.Actor{}, x); err == nil {
			t.Error("whoever is not signed in opened one")
		}
		if _, err := w.OpenShelter(t.Context(), cell("07"), Shelter{}); len(err.(fault.All)) != 3 {
			t.Errorf("everything wrong is said at once: %v", err)
		}
		sid, err := w.OpenShelter(t.Context(), cell("07.041"), x)
		w.must(err)
		x.ID = sid
		if again, err := w.OpenShelter(t.Context(), cell("07.041"), x); err != nil || again != sid {
			t.Errorf("a retry is not welcome: %v", err)
		}
		if x.Capacity = 81; true {
			if _, err := w.OpenShelter(t.Context(), cell("07.041"), x); fault.KindOf(err) != fault.Conflict {
				t.Errorf("another under the same identifier: %v", err)
			}
		}
	})
}

func TestALanguageWithoutATranslationIsShownAsMissing(t *testing.T) {
	engines(t, func(w *world) {
		srv := w.edge(&actor.Actor{})
		_, page := w.get(srv, "/en/crisis/texts")
		if strings.Count(page, "This language is missing") != 1 {
			t.Errorf("Amazigh lacks the words of this crisis: %s", page)
		}
		if !strings.Contains(page, "In danger, call 15.") || !strings.Contains(page, "en cas") && !strings.Contains(page, "En danger, appelez le 15.") {
			t.Error("the texts of languages that have one are not there")
		}
	})
}

func TestATextForAMessageIsWholeSentencesAndNoLongerThanOne(t *testing.T) {
	t.Parallel()
	long := []string{"Séisme.", "En danger, appelez le 15.", strings.Repeat("a", 100) + ".", strings.Repeat("b", 60) + "."}
	got := short(long)
	if utf8.RuneCountInString(got) > mostSMS || !strings.HasSuffix(got, ".") || !strings.Contains(got, "appelez le 15") || strings.Contains(got, "b") {
		t.Errorf("%d: %s", utf8.RuneCountInString(got), got)
	}
}

func TestTheSheetOfAnOwnTerritoryHidesTheFewAndShowsNoOther(t *testing.T) {
	engines(t, func(w *world) {
		add := func(place, by string, n int) {
			for range n {
				w.live = append(w.live, Live{Place: place, People: 3, By: by})
			}
		}
		add(ighil, byState, 30)
		add(ighil, "", 40)
		add(ighil, byBoth, 3)
		add(asni, byAssociation, 4)
		add("09.541.09.01", byState, 50)
		by := cell("07.041")
		srv := w.edge(&by)
		_, page := w.get(srv, "/en/situation/own")
		if !strings.Contains(page, "Ighil") || !strings.Contains(page, ">73<") {
			t.Errorf("%s", page)
		}
		if strings.Contains(page, ">50<") || strings.Contains(page, ">3<") || strings.Contains(page, ">4<") {
			t.Error("it shows few, or another province")
		}
	})
}

func TestHiddenPartsOfARowCannotBeSubtracted(t *testing.T) {
	t.Parallel()
	r := row{Kind: places.Commune, Asked: 73, People: 301, Reached: 33, State: 30, Both: 3, Helped: 2}
	r.hide(5)
	if r.Both != 0 || r.Helped != 0 || r.State != 0 && r.None(5) != 0 && r.Reached != 0 {
		t.Errorf("%+v: three can be worked out from 73, 30 and 40", r)
	}
	few := row{Asked: 4, Reached: 4, State: 4}
	few.hide(5)
	if few != (row{}) {
		t.Errorf("%+v", few)
	}
}

func TestChartsAreOfWhateverNumbersThereAre(t *testing.T) {
	t.Parallel()
	for _, n := range [][]int{nil, {0}, {0, 0}, {5, 1_000_000}, {1, 2, 3, 4, 5, 6, 7}} {
		days := make([]string, len(n))
		out := string(lines("<x>", days, []series{{"a", "l1", n}, {"b", "l2", n}})) + string(spark(n, "s1"))
		if strings.Contains(out, "<x>") || strings.Contains(out, "NaN") || strings.Contains(out, "style=") {
			t.Errorf("%v: %s", n, out)
		}
		if (len(n) > 1) != strings.Contains(out, "<svg") {
			t.Errorf("%v: %q", n, out)
		}
	}
}
