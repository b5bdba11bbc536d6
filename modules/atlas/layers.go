package atlas

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// reader is who looks, as far as a layer needs to know.
type reader struct {
	sight Sight
	org   actor.OrganisationID // whose teams they see; zero is all
}

// layers are what a map can show, by the name in the address of their tiles.
var layers = map[string]struct {
	draw  func(*Service, context.Context, reader, Tile) (*layer, error)
	still bool // the same for everybody, for as long as this program runs
}{
	"cases":    {(*Service).drawCases, false},
	"teams":    {(*Service).drawTeams, false},
	"roads":    {(*Service).drawRoads, false},
	"damage":   {(*Service).drawDamage, false},
	"outlines": {(*Service).drawOutlines, true},
	"places":   {(*Service).drawPlaces, true},
}

// drawCases shows requests: as symbols with the count of those they stand for
// ("n", with "n1" … "n4" by level), and the worst "level" among them. A symbol of
// one says which ("id"), and within how many metres of it ("radius"); one whose
// members are all at one place says at which ("place").
func (s *Service) drawCases(ctx context.Context, r reader, t Tile) (*layer, error) {
	var all []symbol
	codes := map[uint32]string{}
	err := s.known.look(ctx, func(ix *index) {
		all = ix.view(r.sight).symbols(ix, t)
		for _, x := range all {
			if at := x.where; x.same && codes[at] == "" {
				codes[at] = smallest(ix.codes(&dot{where: at}))
			}
		}
	})
	l := newLayer("cases")
	for i := range all {
		x := &all[i]
		l.begin()
		l.number("n", x.count())
		l.number("level", x.worst())
		if x.alone {
			l.text("id", x.one.id.String())
			l.number("radius", int(x.one.radius)*10)
		} else {
			for i, n := range x.n {
				if n > 0 {
					l.number(levelKeys[i], int(n))
				}
			}
		}
		if x.same {
			l.text("place", codes[x.where])
		}
		l.dot(t.place(x.middle()))
		l.end(points)
	}
	return l, err
}

var levelKeys = [levels]string{"n1", "n2", "n3", "n4"}

// smallest is the code of the smallest place on a path.
func smallest(codes []string) string {
	for _, code := range slices.Backward(codes) {
		if code != "" {
			return code
		}
	}
	return ""
}

// drawTeams shows teams at their base, or where they go next.
func (s *Service) drawTeams(ctx context.Context, r reader, t Tile) (*layer, error) {
	all, err := s.teams(ctx, r.org)
	l := newLayer("teams")
	for _, x := range all {
		at, _, ok := s.point(x.Place)
		if !ok {
			continue
		}
		if px, py, ok := t.holds(project(at)); ok {
			l.begin()
			l.text("id", x.ID)
			for _, lang := range []string{"ar", "fr"} {
				l.text(lang, x.Names[lang])
			}
			l.number("away", map[bool]int{true: 1}[x.Away])
			l.dot(px, py)
			l.end(points)
		}
	}
	return l, err
}

// label is a name as the map can draw it: it sets letters from right to left and
// turns no brackets, so what stands in brackets follows a dash.
func label(lang, name string) string {
	if lang != "ar" {
		return name
	}
	return strings.TrimSpace(brackets.Replace(name))
}

var brackets = strings.NewReplacer(" (", " – ", "(", " – ", ")", "")

// holds is a position in the units of a tile, if it lies in it.
func (t Tile) holds(x, y uint32) (px, py int, ok bool) {
	px, py = t.place(x, y)
	return px, py, px >= 0 && px < extent && py >= 0 && py < extent
}

// drawRoads shows what was said of the way to each place, and the places that
// nobody reaches: their outline, or a circle about as wide as they are.
func (s *Service) drawRoads(ctx context.Context, _ reader, t Tile) (*layer, error) {
	all, err := s.roads(ctx)
	l, land := newLayer("roads"), s.land()
	for _, x := range all {
		at, km, ok := s.point(x.Place)
		if !ok {
			continue
		}
		if px, py, ok := t.holds(project(at)); ok {
			l.begin()
			l.text("state", x.State)
			l.text("place", x.Place)
			l.dot(px, py)
			l.end(points)
		}
		if x.State == closedRoad {
			s.cutOff(l, t, land, x.Place, around(x.Place, at, math.Max(1, km)))
		}
	}
	return l, err
}

func (s *Service) cutOff(l *layer, t Tile, land *land, code string, circle border) {
	b, ok := land.of[code]
	if !ok {
		b = circle
	}
	if !b.box.meets(t.box()) {
		return
	}
	for _, kind := range []int{polygons, lines} {
		l.begin()
		l.text("state", "cut_off")
		l.text("place", code)
		draw := l.fill
		if kind == lines {
			draw = l.stroke
		}
		if draw(t, b) {
			l.end(kind)
		}
	}
}

// drawDamage shades the communes that a map of damage speaks of.
func (s *Service) drawDamage(ctx context.Context, _ reader, t Tile) (*layer, error) {
	harm, err := s.harm(ctx)
	l, land, view := newLayer("damage"), s.land(), t.box()
	for _, code := range slices.Sorted(maps.Keys(harm)) {
		b, ok := land.of[code]
		if !ok {
			at, km, ok := s.point(code)
			if !ok {
				continue
			}
			b = around(code, at, math.Max(1, km)/2)
		}
		if !b.box.meets(view) {
			continue
		}
		l.begin()
		l.number("level", harm[code])
		l.text("place", code)
		if l.fill(t, b) {
			l.end(polygons)
		}
	}
	return l, err
}

// drawOutlines shows the land and its borders: regions, provinces from zoom 5,
// communes from zoom 8 where somebody brought their outlines.
func (s *Service) drawOutlines(_ context.Context, _ reader, t Tile) (*layer, error) {
	l, land, view := newLayer("outlines"), s.land(), t.box()
	for _, b := range land.borders[places.Province] {
		if b.box.meets(view) {
			l.begin()
			l.text("kind", "land")
			if l.fill(t, b) {
				l.end(polygons)
			}
		}
	}
	for _, kind := range []string{places.Commune, places.Province, places.Region} {
		if t.Z < outlinesFrom[kind] {
			continue
		}
		for _, b := range land.borders[kind] {
			if !b.box.meets(view) {
				continue
			}
			l.begin()
			l.text("kind", kind)
			l.text("code", b.code)
			if l.stroke(t, b) {
				l.end(lines)
			}
		}
	}
	return l, nil
}

// zooms from which a kind of place is shown.
var (
	outlinesFrom = map[string]uint32{places.Province: 5, places.Commune: 8}
	namedFrom    = map[string]uint32{places.Province: 5, places.Commune: 8, places.Douar: 11}
)

// drawPlaces shows where provinces, communes and douars are, with their names in
// every language that has one.
func (s *Service) drawPlaces(_ context.Context, _ reader, t Tile) (*layer, error) {
	l := newLayer("places")
	for _, x := range s.land().spots {
		if t.Z < namedFrom[x.at.Kind] {
			continue
		}
		px, py, ok := t.holds(x.x, x.y)
		if !ok {
			continue
		}
		l.begin()
		l.text("kind", x.at.Kind)
		l.text("code", x.at.Code)
		l.number("people", x.at.Population)
		for _, lang := range slices.Sorted(maps.Keys(x.at.Names)) {
			l.text(lang, label(lang, x.at.Names[lang]))
		}
		l.dot(px, py)
		l.end(points)
	}
	return l, nil
}
