package places

import (
	"errors"
	"maps"
)

// With is the gazetteer with more places beside its own: those that a country's
// pack does not carry and an operator brings. A code that is there already, or a
// parent that is nowhere, is an error that names every such line.
func (g *Gazetteer) With(more []Place) (*Gazetteer, error) {
	var lines []origin
	for _, kind := range kinds {
		for _, p := range g.byKind[kind] {
			own := *p // a place knows where it stands in its gazetteer
			lines = append(lines, origin{Place: &own})
		}
	}
	for i := range more {
		p := more[i]
		p.Names = maps.Clone(p.Names)
		coords := 0
		if p.HasPoint {
			coords = 2
		}
		lines = append(lines, origin{Place: &p, file: "more", line: i + 1, coords: coords})
	}
	var bad problems
	check(lines, &bad)
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return build(g.country, lines, g.outlines), nil
}

// Hiding is the gazetteer as it would be had it never heard this spelling of a
// place: to measure how well it finds a spelling that it does not know. Cheap:
// everything else is shared.
func (g *Gazetteer) Hiding(code, name string) *Gazetteer {
	out := *g
	out.hidden = map[int32]bool{}
	out.bare = g.byCode[code]
	for _, key := range nameKeys(name) {
		for _, n := range g.index.keys[key] {
			if g.index.spellings[n].place.Code == code {
				out.hidden[n] = true
			}
		}
	}
	return &out
}
