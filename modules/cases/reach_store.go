package cases

import (
	"strings"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Reach is what part of the work somebody may see: the same grants that deeds
// ask, as a condition of lists. Nil is everything.
type Reach []Part

// Part is one territory of one service; "" is all of them.
type Part struct {
	Territory, Service string
	level              string // column of the territory, where it is known: an index may then be used
	bare               bool   // only what lies in no province of it
	province           string // that a commune lies in: the index of a part of the queue begins with it
}

// reachOf is as far as somebody's grants of these roles reach.
func reachOf(by actor.Actor, roles []actor.Role) Reach {
	out := Reach{}
	for _, g := range by.Grants {
		for _, r := range roles {
			if g.Role != r || r.ForOrganisation() && !g.Recognised {
				continue
			}
			if g.Territory == "" && g.Service == "" {
				return nil
			}
			out = append(out, Part{Territory: g.Territory, Service: g.Service})
		}
	}
	return out
}

// within narrows a reach to one area that lies in it.
func (r Reach) within(area string, inside func(code, ancestor string) bool) (Reach, bool) {
	if r == nil {
		return Reach{{Territory: area}}, true
	}
	out := Reach{}
	for _, p := range r {
		if inside(area, p.Territory) {
			out = append(out, Part{Territory: area, Service: p.Service})
		}
	}
	return out, len(out) > 0
}

// where is the reach as a condition on cases; prefix is their table's alias
// with its dot, or "".
func (r Reach) where(a *asking, prefix string) string {
	if r == nil {
		return "1 = 1"
	}
	if len(r) == 0 { // somebody whose grants reach nothing
		return "1 = 0"
	}
	var any []string // one alone stands without an OR, which would keep the store from its index
	for _, p := range r {
		var all []string
		if p.province != "" {
			all = append(all, prefix+"province = "+a.put(p.province))
		}
		switch {
		case p.bare:
			all = append(all, prefix+"province IS NULL AND "+prefix+p.level+" = "+a.put(p.Territory))
		case p.level != "":
			all = append(all, prefix+p.level+" = "+a.put(p.Territory))
		case p.Territory != "":
			here := a.put(p.Territory)
			all = append(all, "("+prefix+"province = "+here+" OR "+prefix+"region = "+here+" OR "+prefix+"commune = "+here+")")
		}
		if p.Service != "" {
			all = append(all, prefix+"service = "+a.put(p.Service))
		}
		if len(all) == 0 {
			return "1 = 1"
		}
		any = append(any, strings.Join(all, " AND "))
	}
	if len(any) == 1 {
		return any[0]
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// openIn are the open cases of some communes of a province, and the voices that
// were joined to an open one: of one service, or of all ("").
func openIn(t *db.Tx, province string, communes []string, service string, most int) ([]*Case, error) {
	if len(communes) == 0 {
		return nil, nil
	}
	a := &asking{}
	var here []any
	for _, code := range communes {
		here = append(here, code)
	}
	q := `SELECT ` + aliased("c.", caseColumns) + ` FROM cases_case c LEFT JOIN cases_case r ON r.id = c.merged_into
		WHERE c.province = ` + a.put(province) + ` AND ` + a.in("c.commune", here...) + ` AND c.erased_at IS NULL AND COALESCE(r.phase, c.phase) <> 'final'`
	if service != "" {
		q += ` AND c.service = ` + a.put(service)
	}
	return db.List(t, scanCase, q+` ORDER BY c.id LIMIT `+a.put(most), a.args...)
}

// aliased puts the alias of its table before each column.
func aliased(alias, columns string) string {
	all := strings.Split(columns, ",")
	for i, c := range all {
		all[i] = alias + strings.TrimSpace(c)
	}
	return strings.Join(all, ", ")
}
