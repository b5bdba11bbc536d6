package rules

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/forms"
)

// situation is one case as the rules see it: a name gets its value when a rule
// asks for it, and most rules ask for few. It belongs to one asking.
type situation struct {
	env   *Env
	ctx   Context
	given forms.Answers
	lists map[string]ref.Val // turned once, not at each of many looks
}

func (e *Env) bind(c Context, a forms.Answers) *situation {
	return &situation{env: e, ctx: c, given: a, lists: map[string]ref.Val{}}
}

// Parent: there is nothing behind a situation.
func (s *situation) Parent() cel.Activation { return nil }

// ResolveName gives every name of the language its value. What was not
// answered, or answered in another shape, is the empty value of its kind.
func (s *situation) ResolveName(name string) (any, bool) {
	switch name {
	case "answers":
		return s.all(), true
	case "now":
		return s.ctx.Now, true
	case "channel":
		return s.ctx.Channel, true
	case "place.code":
		return s.ctx.Place, true
	case "place.kind":
		return s.ctx.Kind, true
	case "place.known":
		return s.ctx.Place != "", true
	case "place.population":
		return s.ctx.Population, true
	case "place.households":
		return s.ctx.Households, true
	case "place.damage":
		return s.ctx.Damage, true
	case "place.shaking":
		return s.ctx.Shaking, true
	}
	question, part, _ := strings.Cut(name, ".")
	x, ok := s.env.fields[question]
	if !ok {
		return nil, false
	}
	v := s.value(x)
	if p, ok := v.(forms.Place); ok {
		return partOf(p, part)
	}
	return v, part == ""
}

func (s *situation) value(x *field) any {
	if list, ok := s.lists[x.q.Name]; ok {
		return list
	}
	v := x.value(s.given)
	if list, ok := v.([]string); ok {
		s.lists[x.q.Name] = types.NewStringList(types.DefaultTypeAdapter, list)
		return s.lists[x.q.Name]
	}
	return v
}

func partOf(p forms.Place, part string) (any, bool) {
	switch part {
	case "code":
		return p.Code, true
	case "text":
		return p.Text, true
	case "known":
		return !p.IsZero(), true
	case "point":
		return p.HasPoint, true
	case "lat":
		return p.Lat, true
	case "lon":
		return p.Lon, true
	}
	return nil, false
}

// all is every answer by its name, for the few rules that look through them.
func (s *situation) all() map[string]any {
	all := make(map[string]any, len(s.env.order))
	for _, x := range s.env.order {
		v := s.value(x)
		if p, ok := v.(forms.Place); ok {
			v = map[string]any{"code": p.Code, "text": p.Text, "known": !p.IsZero(), "point": p.HasPoint, "lat": p.Lat, "lon": p.Lon}
		}
		all[x.q.Name] = v
	}
	return all
}

// value is an answer in the one shape its question has in rules.
func (x *field) value(a forms.Answers) any {
	v := a[x.q.Name]
	switch x.q.Yields() {
	case forms.TypeInteger:
		n, _ := v.(int64)
		return n
	case forms.TypeDecimal:
		if n, ok := v.(int64); ok { // a calculation that came out whole
			return float64(n)
		}
		n, _ := v.(float64)
		return n
	case forms.Truth:
		b, _ := v.(bool)
		return b
	case forms.TypeMany:
		if l, ok := v.([]string); ok {
			return l
		}
		return []string{}
	case forms.TypePlace, forms.TypePoint:
		p, _ := v.(forms.Place)
		return p
	}
	switch v := v.(type) {
	case string:
		return v
	case phone.Number:
		return string(v)
	}
	return ""
}

// plain is a value as it goes into a reason, which is kept as JSON.
func plain(v any) any {
	if p, ok := v.(forms.Place); ok {
		return p.Code
	}
	return v
}

// fullest is the most anybody can answer, for trying how much a rule costs.
func (e *Env) fullest() forms.Answers {
	a := forms.Answers{}
	text := strings.Repeat("ا", forms.MaxText)
	for _, x := range e.order {
		switch x.q.Yields() {
		case forms.TypeInteger:
			a[x.q.Name] = int64(1)
		case forms.TypeDecimal:
			a[x.q.Name] = 1.0
		case forms.Truth:
			a[x.q.Name] = true
		case forms.TypePlace, forms.TypePoint:
			a[x.q.Name] = forms.Place{Code: "01", Text: text, HasPoint: true}
		case forms.TypeMany:
			l := []string{}
			if x.q.List != nil {
				for _, c := range x.q.List.Choices {
					l = append(l, c.Name)
				}
			}
			a[x.q.Name] = l
		default:
			a[x.q.Name] = text
		}
	}
	return a
}
