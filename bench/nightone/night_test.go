package nightone

import (
	"reflect"
	"testing"
)

func TestOneSeedIsOneNight(t *testing.T) {
	t.Parallel()
	a, b := Make(5, 2000), Make(5, 2000)
	if !reflect.DeepEqual(a, b) {
		t.Fatal("two nights of one seed differ")
	}
	if reflect.DeepEqual(a, Make(6, 2000)) {
		t.Fatal("another seed is the same night")
	}
}

func TestTheNightIsAsItIsSaidToBe(t *testing.T) {
	t.Parallel()
	all := Make(3, 10_000)
	events, langs, ids := map[int]int{}, map[string]int{}, map[string]bool{}
	short, bare := 0, 0
	for i, q := range all {
		events[q.Event]++
		langs[q.Lang+" "+q.Script]++
		ids[q.ID] = true
		if q.Channel == "sms" {
			short++
		}
		if q.Bare {
			bare++
		}
		if q.At.Before(Begin) || q.At.Sub(Begin).Hours() > 1 || i > 0 && q.At.Before(all[i-1].At) {
			t.Fatalf("%s was sent at %v", q.ID, q.At)
		}
		if q.Text == "" || q.PlaceText == "" && q.Chosen == "" || q.Place == "" {
			t.Fatalf("%+v tells nothing", q)
		}
	}
	if len(all) != 10_000 || len(ids) != len(all) {
		t.Errorf("%d requests of %d names", len(all), len(ids))
	}
	if per := float64(len(all)) / float64(len(events)); per < 2.7 || per > 3.3 {
		t.Errorf("%.2f reports of a need", per)
	}
	for event, n := range events {
		if n > 8 {
			t.Errorf("%d tell of need %d", n, event)
		}
	}
	if short < 4500 || short > 5500 {
		t.Errorf("%d short messages", short)
	}
	if bare > 1200 {
		t.Errorf("%d tell nothing that parts people", bare)
	}
	t.Log(langs, bare)
	for _, l := range []string{"ary Arab", "ary Latn", "ar Arab", "fr Latn", "en Latn", "shi Latn"} {
		if langs[l] < 300 {
			t.Errorf("%d in %s", langs[l], l)
		}
	}
}

func TestEveryLanguageHasTheSameDetails(t *testing.T) {
	t.Parallel()
	for _, l := range tongues {
		if len(l.details) != details {
			t.Errorf("%s in %s knows %d", l.lang, l.script, len(l.details))
		}
		for _, n := range []string{"rescue", "shelter", "warm", "food", "water", "medicine", "road"} {
			if len(l.needs[n]) == 0 {
				t.Errorf("%s in %s has no words for %s", l.lang, l.script, n)
			}
		}
	}
}
