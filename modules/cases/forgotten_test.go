package cases

import (
	"slices"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func TestAPlaceThatNobodyGoesToIsToldUntilSomebodyTakesItOn(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		told := func() (out []Forgotten) {
			if err := w.h.DB.Read(t.Context(), func(t *db.Tx) (err error) { out, err = w.Forgotten(t, 20); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		first := w.ask(nil)
		w.clock.At = w.clock.At.Add(time.Hour)
		var other string // in another commune
		for _, k := range w.places.Children(tidili) {
			if d := w.places.Children(k.Code); len(d) > 0 && k.Code != w.get(first.ID).Path[len(w.get(first.ID).Path)-1] && w.douar() != d[0].Code {
				other = d[0].Code
			}
		}
		second := w.ask(forms.Answers{"where": forms.Place{Code: other}, "phone": forms.Phone("+212661234599")})
		third := w.ask(forms.Answers{"where": forms.Place{Code: other}, "phone": forms.Phone("+212661234577")})
		here, _ := w.places.Commune(w.douar())
		there, _ := w.places.Commune(other)
		all := told()
		if len(all) != 2 || all[0].Commune != here.Code || all[0].Waiting != 1 || all[1].Commune != there.Code || all[1].Waiting != 2 || !all[0].Oldest.Before(all[1].Oldest) {
			t.Fatalf("told %+v", all)
		}
		by := w.staff(actor.Coordinator, tidili)
		n, err := w.ClaimPlace(t.Context(), by, there.Code)
		if err != nil || n != 2 || w.get(second.ID).Org != by.Org || w.get(third.ID).Org != by.Org {
			t.Errorf("took on %d: %v", n, err)
		}
		if n, err := w.ClaimPlace(t.Context(), w.staff(actor.Coordinator, tidili), there.Code); n != 0 || err != nil {
			t.Errorf("a second organisation took on %d: %v", n, err)
		}
		if n, err := w.ClaimPlace(t.Context(), w.staff(actor.Coordinator, "09.541"), here.Code); n != 0 || fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody from elsewhere took on %d: %v", n, err)
		}
		if all := told(); slices.ContainsFunc(all, func(f Forgotten) bool { return f.Commune == there.Code }) || len(all) != 1 {
			t.Errorf("somebody goes there now: %+v", all)
		}
	})
}

func TestWhatPeopleReportOfARoadIsTheAnswerTheyChose(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		asked, err := w.Ask(t.Context(), person(), DeedAsk, Request{Service: "road_report", Lang: "fr", Channel: "web",
			Answers: forms.Answers{"problem": "snow", "passes": "on_foot", "where": forms.Place{Code: w.douar()}}})
		if err != nil {
			t.Fatal(err)
		}
		err = w.h.DB.Read(t.Context(), func(t *db.Tx) error {
			for question, want := range map[string]string{"passes": "on_foot", "nothing": ""} {
				all, err := w.RoadReports(t, "road_report", question, 10)
				if err != nil {
					return err
				}
				if len(all) != 1 || all[0].Case.ID != asked.ID || all[0].Answer != want {
					w.t.Errorf("%s: told %+v", question, all)
				}
			}
			all, err := w.RoadReports(t, "crisis_help", "need", 10)
			if len(all) != 0 {
				w.t.Errorf("told %+v of another service", all)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if told := func() (n int) {
			_ = w.h.DB.Read(t.Context(), func(t *db.Tx) error {
				all, err := w.Forgotten(t, 20)
				n = len(all)
				return err
			})
			return n
		}(); told != 0 {
			t.Error("no organisation takes a road on: nobody forgot it")
		}
	})
}
