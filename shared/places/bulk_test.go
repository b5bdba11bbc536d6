package places_test

import (
	"reflect"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/shared/places"
)

func TestManyAtOnceAreAnsweredAsEachAlone(t *testing.T) {
	t.Parallel()
	var texts []string
	var hints []places.Hint
	for i, p := range morocco.All(places.Douar) {
		for _, name := range p.Names {
			texts = append(texts, name, "douar "+name, name+" ،ويركان")
			hints = append(hints, places.Hint{}, places.Hint{Within: p.Parent}, places.Hint{At: p.At, HasPoint: p.HasPoint})
		}
		if i > 60 {
			break
		}
	}
	for _, workers := range []int{0, 1, 3} {
		for i, a := range morocco.ResolveAll(texts, hints, workers) {
			if alone := morocco.Resolve(texts[i], hints[i]); !reflect.DeepEqual(a, alone) {
				t.Fatalf("%q with %d workers: %v, alone %v", texts[i], workers, codes(a.Candidates), codes(alone.Candidates))
			}
		}
	}
	if got := morocco.ResolveAll(nil, nil, 2); len(got) != 0 {
		t.Errorf("of nothing came %v", got)
	}
}

func TestGarbageIsAnsweredAndNeverWithMoreThanItSays(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(rapid.SampledFrom([]string{"دوار", "commune", "near", "قرب", "ait", "تيزي", "Tizi", "ⵜⵉⵣⵉ", "،", ",", "(", "de", "07.041", "7", "\xff"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, w := range rapid.SliceOfN(word, 0, 40).Draw(t, "words") {
			text += w + " "
		}
		a := morocco.Resolve(text, places.Hint{})
		for i, c := range a.Candidates {
			if !(c.Score > 0 && c.Score <= 1) || c.Reason == "" || i > 0 && c.Score > a.Candidates[i-1].Score {
				t.Errorf("%q: %+v", text, c)
			}
		}
		if a.Sure && a.Candidates[0].Score < 0.9 {
			t.Errorf("%q is sure of %+v", text, a.Candidates[0])
		}
		if len(a.Candidates) > 0 {
			if words, ok := morocco.PlaceWords(text, a.Candidates[0].Place.Code); ok && words == "" {
				t.Errorf("%q teaches nothing and says it does", text)
			}
		}
	})
}

func TestPlaceWordsAreWhatNothingElseExplains(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Tijgoult": "Tijgoult", "douar Tijgoult, commune Ouirgane": "Tijgoult", "دوار تجڭولت جماعة ويركان اقليم الحوز": "تجڭولت", "Bldat Zzitoun (Ouirgane)": "Bldat Zzitoun",
		"dwar BLDAT zzitoun 7da asni": "BLDAT zzitoun", "Bldat-Zzitoun": "Bldat-Zzitoun",
		"Ouirgane": "", "تيزي أوسم": "", "famille Bldat": "", "Bldat 0612345678": "", "un deux trois quatre cinq six sept": "", "Bldat, Zzitoun": "", "": "", "12 34": "",
	} {
		if got, ok := morocco.PlaceWords(text, tiziOussem); got != want || ok != (want != "") {
			t.Errorf("%q teaches %q, %v; want %q", text, got, ok, want)
		}
	}
	if _, ok := morocco.PlaceWords("Tijgoult", "nowhere"); ok {
		t.Error("a place that is nowhere is taught")
	}
}

func TestWhatIsLearntIsFoundWhileOthersSearch(t *testing.T) {
	t.Parallel()
	g, err := morocco.With(nil)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				g.Search("Bldat Zzitoun", "", 5)
				g.Resolve("دوار بلدات", places.Hint{})
			}
		})
	}
	for i := range 50 {
		learnt := []places.Learnt{{Code: tiziOussem, Spelling: "Bldat Zzitoun"}, {Code: "nowhere", Spelling: "x"}, {Code: tiziOussem, Spelling: ""}}
		g.Learn(learnt[:i%4%len(learnt)+1])
	}
	all.Wait()
	g.Learn([]places.Learnt{{Code: tiziOussem, Spelling: "Bldat Zzitoun"}})
	if found := g.Search("bldat zitoun", "", 5); len(found) == 0 || found[0].Place.Code != tiziOussem || found[0].Reason != places.ByLearnt {
		t.Errorf("%v", codes(found))
	}
	if found := morocco.Search("Bldat Zzitoun", "", 5); len(found) > 0 && found[0].Place.Code == tiziOussem && found[0].Reason == places.ByLearnt {
		t.Error("another gazetteer learnt it too")
	}
	g.Learn(nil)
	if found := g.Search("Bldat Zzitoun", "", 5); len(found) > 0 && found[0].Reason == places.ByLearnt {
		t.Error("what was taken back is still found")
	}
}

func FuzzPlaceWords(f *testing.F) {
	for _, s := range []string{"douar Tijgoult, commune Ouirgane", "تجڭولت", "\xff", "0612345678", "a,b", "ⵜⵉⵣⵉ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, ok := morocco.PlaceWords(text, tiziOussem)
		if ok == (words == "") {
			t.Errorf("%q teaches %q, %v", text, words, ok)
		}
		digits := 0
		for _, r := range words {
			if r >= '0' && r <= '9' || r >= '٠' && r <= '٩' {
				digits++
			}
		}
		if digits > 5 {
			t.Errorf("%q teaches a number: %q", text, words)
		}
	})
}
