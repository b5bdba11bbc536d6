package rules

import (
	"strings"

	"cel.dev/cel-go/common/types"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/forms"
)

// bind gives every name of the language its value. What was not answered, or
// answered in another shape, is the empty value of its kind.
func (e *Env) bind(c Context, a forms.Answers) map[string]any {
	all := make(map[string]any, len(e.order))
	vars := make(map[string]any, len(e.order)+8)
	for _, x := range e.order {
		n, v := x.q.Name, x.value(a)
		if p, ok := v.(forms.Place); ok {
			parts := map[string]any{"code": p.Code, "text": p.Text, "known": !p.IsZero(), "point": p.HasPoint, "lat": p.Lat, "lon": p.Lon}
			for part, y := range parts {
				vars[n+"."+part] = y
			}
			all[n] = parts
			continue
		}
		if list, ok := v.([]string); ok { // turned once, not at each of many looks
			v = types.NewStringList(types.DefaultTypeAdapter, list)
		}
		vars[n], all[n] = v, v
	}
	vars["answers"] = all
	vars["now"] = c.Now
	vars["channel"] = c.Channel
	vars["place.code"] = c.Place
	vars["place.kind"] = c.Kind
	vars["place.known"] = c.Place != ""
	vars["place.population"] = c.Population
	vars["place.households"] = c.Households
	return vars
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
