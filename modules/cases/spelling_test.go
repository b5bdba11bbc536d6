package cases

import (
	"math"
	"testing"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// pupil writes down what it is taught.
type pupil struct{ text, code, from string }

func (p *pupil) Learn(t *deed.Tx, text, code, from string) error {
	*p = pupil{text, code, from}
	return nil
}

func TestWhoPutsARequestAtAPlaceTeachesHowItWasWritten(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		p := &pupil{}
		w.UseSpellings(p)
		out := w.ask(forms.Answers{"where": forms.Place{Text: "douar Bldat Zzitoun"}, "need": []string{"food"}, "fragile": nil})
		w.must(w.Locate(t.Context(), w.staff(actor.Dispatcher, ""), out.ID, w.douar()))
		if p.text != "douar Bldat Zzitoun" || p.code != w.douar() || p.from != DeedLocate.Name {
			t.Errorf("taught %+v", *p)
		}
		*p = pupil{}
		if err := w.Locate(t.Context(), w.staff(actor.Auditor, ""), out.ID, w.douar()); err == nil || p.code != "" {
			t.Errorf("somebody who may not locate teaches %+v (%v)", *p, err)
		}
	})
}

func TestACoordinateWrittenTheOtherWayRoundIsStillInTheCountry(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		box := w.places.Box()
		for _, text := range []string{"31.05, -8.10", "-8.10, 31.05", "lon -8.10 lat 31.05"} {
			c := &Case{}
			w.locate(c, forms.Place{Text: text})
			if !c.HasPoint || !box.Holds(c.At) || math.Abs(c.At.Lat-31.05) > 1e-9 {
				t.Errorf("%q is at %v, %v", text, c.At, c.HasPoint)
			}
		}
	})
}
