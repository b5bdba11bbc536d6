package cases

import (
	"testing"

	"github.com/twiza/twiza/shared/actor"
)

func TestWhoeverOfThoseJoinedTellsTheirOwnCodeTellsARightOne(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		first, second := w.ask(nil), w.ask(nil)
		if err := w.Merge(t.Context(), w.staff(actor.Dispatcher, tidili), second.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		by := w.staff(actor.Coordinator, tidili)
		if err := w.Claim(t.Context(), by, first.ID); err != nil {
			t.Fatal(err)
		}
		for name, code := range map[string]string{"who asked first": first.Code, "who was joined": second.Code} {
			if ok, err := w.CheckCode(t.Context(), by, first.ID, code); !ok || err != nil {
				t.Errorf("%s told their own code: %v %v", name, ok, err)
			}
		}
		if other := w.ask(nil); other.Code != first.Code && other.Code != second.Code {
			if ok, err := w.CheckCode(t.Context(), by, first.ID, other.Code); ok || err != nil {
				t.Errorf("the code of another case passes: %v %v", ok, err)
			}
		}
	})
}
