package atlas

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

func (s *Service) shown(t *testing.T, name string, r reader, at Tile) []testkit.Feature {
	t.Helper()
	l, err := layers[name].draw(s, t.Context(), r, at)
	if err != nil {
		t.Fatal(err)
	}
	said, all, err := testkit.ReadTile(l.bytes())
	if err != nil || len(all) > 0 && said != name {
		t.Fatalf("%s %v: layer %q, %v", name, at, said, err)
	}
	return all
}

func TestEveryTileOfTheCountryIsReadByTheBookAndStaysWithinItsMargin(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	for _, c := range s.places.All(places.Commune)[:400] {
		w.roads = append(w.roads, Road{c.Code, closedRoad})
	}
	w.harm = map[string]int{w.roads[3].Place: 4, s.places.All(places.Commune)[700].Code: 1}
	w.teams = []Team{{ID: "x", Names: map[string]string{"ar": "فريق", "fr": "Équipe"}, Place: w.roads[1].Place, Away: true}}
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		spot := rapid.SampledFrom(s.land().spots).Draw(r, "spot")
		z := rapid.Uint32Range(0, deepest).Draw(r, "zoom")
		at := Tile{z, spot.x >> (axis - z), spot.y >> (axis - z)}
		if z == 0 {
			at = Tile{}
		}
		for name := range layers {
			for _, f := range s.shown(t, name, reader{}, at) {
				seen[name]++
				if len(f.Parts) == 0 {
					t.Errorf("%s %v: nothing is drawn of %v", name, at, f.Tags)
				}
				for _, part := range f.Parts {
					for _, p := range part {
						if p[0] < least || p[0] > most || p[1] < least || p[1] > most {
							t.Errorf("%s %v: a point at %v", name, at, p)
						}
					}
					switch {
					case f.Kind == points && len(part) != 1, f.Kind == lines && len(part) < 2, f.Kind == polygons && (len(part) < 3 || area(part) <= 0):
						t.Errorf("%s %v: kind %d is drawn as %v", name, at, f.Kind, part)
					}
				}
			}
		}
	})
	for name := range layers {
		if seen[name] == 0 && name != "cases" {
			t.Errorf("nothing was ever seen of %s", name)
		}
	}
}

func TestAPlaceIsNamedInEveryLanguageThatHasAName(t *testing.T) {
	t.Parallel()
	s, _ := alone(t)
	p, ok := s.places.Get("07.041")
	if !ok {
		t.Fatal("no such province")
	}
	x, y := project(p.At)
	for _, f := range s.shown(t, "places", reader{}, Tile{6, x >> 26, y >> 26}) {
		if f.Tags["code"] == p.Code {
			if f.Tags["ar"] != label("ar", p.Names["ar"]) || f.Tags["fr"] != p.Names["fr"] {
				t.Errorf("it is called %v", f.Tags)
			}
			return
		}
	}
	t.Error("it is not on the map")
}

func TestAPlaceThatNobodyReachesIsMarkedAndOneThatIsOpenIsNot(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	shut, open := s.places.All(places.Commune)[10], s.places.All(places.Commune)[11]
	w.roads = []Road{{shut.Code, closedRoad}, {open.Code, "open"}}
	states := map[any]map[any]bool{}
	for _, code := range []string{shut.Code, open.Code} {
		at, _, _ := s.places.Point(code)
		x, y := project(at)
		for _, f := range s.shown(t, "roads", reader{}, Tile{10, x >> 22, y >> 22}) {
			if states[f.Tags["place"]] == nil {
				states[f.Tags["place"]] = map[any]bool{}
			}
			states[f.Tags["place"]][f.Tags["state"]] = true
		}
	}
	if !states[shut.Code]["cut_off"] || !states[shut.Code][closedRoad] || states[open.Code]["cut_off"] || !states[open.Code]["open"] {
		t.Errorf("the map says %v", states)
	}
}

func FuzzWhatIsNoTileIsNotFound(f *testing.F) {
	f.Add("5", "15", "12.mvt")
	f.Add("05", "-1", "9e9.mvt")
	f.Add("14", "16384", "0.mvt")
	f.Add("4294967296", "0", "0")
	f.Fuzz(func(t *testing.T, z, x, file string) {
		if at, ok := tileOf(z, x, file); ok && !at.valid() {
			t.Errorf("%s/%s/%s became %v", z, x, file, at)
		}
	})
}
