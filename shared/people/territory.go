package people

import (
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// mostPlaces bounds a territory: a longer list is a province or a region.
const mostPlaces = 60

// readTerritory reads places as somebody wrote them, one a line, by name in any
// spelling or by code, and gives their codes. No line is the whole country. A
// name that several places bear is not guessed: the fault lists their codes.
func readTerritory(g *places.Gazetteer, text, lang, field string) (codes []string, wrong fault.All) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		code, f := readPlace(g, line, lang)
		if f != nil {
			wrong = append(wrong, f.On(field))
		} else if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if len(codes) > mostPlaces {
		wrong = append(wrong, fault.New(fault.Invalid, "people.territory.many", "most", mostPlaces).On(field))
	}
	slices.Sort(codes)
	return codes, wrong
}

func readPlace(g *places.Gazetteer, line, lang string) (string, *fault.Fault) {
	found := g.Search(line, "", 6)
	if len(found) == 0 {
		return "", fault.New(fault.Invalid, "people.territory.unknown", "place", line)
	}
	if len(found) == 1 && found[0].Score >= 0.9 || found[0].Score >= 0.9 && found[0].Score > found[1].Score {
		return found[0].Place.Code, nil
	}
	var many []string
	for _, c := range found {
		if c.Score >= found[0].Score-0.05 {
			many = append(many, placeName(g, c.Place.Code, lang)+" "+c.Place.Code)
		}
	}
	return "", fault.New(fault.Invalid, "people.territory.several", "place", line, "list", strings.Join(many, " · "))
}

// placeName is a place for a reader, with what it lies in where that helps.
func placeName(g *places.Gazetteer, code, lang string) string {
	p, ok := g.Get(code)
	if !ok {
		return code
	}
	name, _ := p.Name(lang)
	if up, ok := g.Get(p.Parent); ok && up.Kind != places.Region {
		above, _ := up.Name(lang)
		return name + " (" + above + ")"
	}
	return name
}

// scope is what a deed on somebody who works in that place touches; "" is the
// whole country, which only a grant for the whole country covers.
func scope(g *places.Gazetteer, code string) (s actor.Scope) {
	for _, p := range g.Path(code) {
		s.Path = append(s.Path, p.Code)
	}
	return s
}
