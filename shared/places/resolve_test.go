package places_test

import (
	"slices"
	"testing"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/places"
)

func TestADouarIsFoundByItsNameInTheOtherScript(t *testing.T) {
	t.Parallel()
	for _, p := range morocco.All(places.Douar) {
		ar, fr := p.Names["ar"], p.Names["fr"]
		if ar == "" || fr == "" || p.Code[len(p.Code)-1] != '3' { // every tenth is enough here; the bench asks all
			continue
		}
		found := morocco.Hiding(p.Code, ar).Resolve(ar, places.Hint{Within: p.Parent})
		if !slices.Contains(codes(found.Candidates[:min(3, len(found.Candidates))]), p.Code) {
			t.Errorf("%q does not find %q: %v", ar, fr, codes(found.Candidates))
		}
	}
}

func TestHomonymsAreNeverSure(t *testing.T) {
	t.Parallel()
	if a := morocco.Resolve("تيزكي", places.Hint{}); a.Sure || len(a.Candidates) < 3 {
		t.Errorf("three douars bear the name; sure %v, %v", a.Sure, codes(a.Candidates))
	}
	if a := morocco.Resolve("تيزكي، جماعة انوكال", places.Hint{}); len(a.Candidates) == 0 || a.Candidates[0].Place.Code != "0410505201002" {
		t.Errorf("the commune narrows: %v", codes(a.Candidates))
	}
}

func TestAPointNarrowsHomonyms(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"0410501202006", "0410505201002"} {
		p, _ := morocco.Get(want)
		a := morocco.Resolve("تيزكي", places.Hint{At: geo.Point{Lat: p.At.Lat + 0.01, Lon: p.At.Lon}, HasPoint: true})
		if len(a.Candidates) == 0 || a.Candidates[0].Place.Code != want {
			t.Errorf("beside %s: %v", want, codes(a.Candidates))
		}
	}
}

func TestWhatSpeaksAgainstEachOtherIsStillProposed(t *testing.T) {
	t.Parallel()
	if a := morocco.Resolve("عمالة تارودانت قيادة تفنكولت دوار أوزالن", places.Hint{}); len(a.Candidates) == 0 || a.Sure {
		t.Errorf("%v, sure %v", codes(a.Candidates), a.Sure)
	}
}

func TestMorePlacesStandBesideThePack(t *testing.T) {
	t.Parallel()
	more := []places.Place{{Code: "X-1", Kind: places.Douar, Parent: "07.041.07.11", Names: map[string]string{"fr": "Taghzoute Oufella Nouvelle"}}}
	g, err := morocco.With(more)
	if err != nil {
		t.Fatal(err)
	}
	if a := g.Resolve("تغزوت وفلا نوفيل", places.Hint{}); len(a.Candidates) == 0 || a.Candidates[0].Place.Code != "X-1" {
		t.Errorf("%v", codes(a.Candidates))
	}
	if _, err := morocco.With(append(more, more...)); err == nil {
		t.Error("a code came twice and nobody said so")
	}
	if _, err := morocco.With([]places.Place{{Code: "X-2", Kind: places.Douar, Parent: "nowhere", Names: map[string]string{"fr": "X"}}}); err == nil {
		t.Error("a parent is nowhere and nobody said so")
	}
}

func TestALabelInsideANameIsPartOfIt(t *testing.T) {
	t.Parallel()
	if a := morocco.Resolve("commune Dar Jamaa Ait Ali, dr Hammouch", places.Hint{}); !slices.Contains(codes(a.Candidates[:min(1, len(a.Candidates))]), "07.041.05.09") {
		t.Errorf("%v", codes(a.Candidates))
	}
}

func TestOfPlacesThatLieApartTheFirstIsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Ouirgane, Tafingoult": "07.041.07.11", "Tafingoult, Ouirgane": "09.541.04.49"} {
		if a := morocco.Resolve(text, places.Hint{}); len(a.Candidates) < 2 || a.Candidates[0].Place.Code != want || a.Sure {
			t.Errorf("%q: %v, sure %v", text, codes(a.Candidates), a.Sure)
		}
	}
}

func TestTheOtherScriptIsForgivenWhereAPlaceHasNoNameInThisOne(t *testing.T) {
	t.Parallel()
	g, err := morocco.With([]places.Place{
		{Code: "X-1", Kind: places.Douar, Parent: "07.041.07.11", Names: map[string]string{"fr": "Tirkmit"}},
		{Code: "X-2", Kind: places.Douar, Parent: "07.041.07.03", Names: map[string]string{"fr": "Tirkmit", "ar": "تاركاميت"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := g.Resolve("تركمت", places.Hint{}); len(a.Candidates) < 2 || a.Candidates[0].Place.Code != "X-1" || a.Candidates[1].Place.Code != "X-2" {
		t.Errorf("%v", codes(a.Candidates))
	}
	if a := g.Hiding("X-2", "تاركاميت").Resolve("تركمت", places.Hint{}); len(a.Candidates) < 2 || a.Candidates[0].Score-a.Candidates[1].Score > 0.001 {
		t.Errorf("of two that have no such name neither is better: %+v", a.Candidates)
	}
}
