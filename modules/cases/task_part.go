package cases

import (
	"slices"

	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// parts are what a case can be parted into: its own needs first, then the
// other needs that its service knows, then what any need may have. A need that
// only trained people may hear of is none of them.
func parts(def *service.Definition, c *Case) []string {
	var all []string
	add := func(code string) {
		if !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	q := def.Form.Question(def.Bind.Need)
	if q != nil && q.List != nil {
		for _, n := range c.Needs {
			if _, ok := q.List.Choice(n); ok && !restricted(def, q, n) {
				add(n)
			}
		}
		for _, x := range q.List.Choices {
			if !restricted(def, q, x.Name) {
				add(x.Name)
			}
		}
	}
	for _, p := range otherParts {
		add(p)
	}
	return all
}

// restricted tells whether naming a need alone gives rise to a concern. A rule
// that cannot be worked out counts as one that holds.
func restricted(def *service.Definition, q *forms.Question, need string) bool {
	a := forms.Answers{q.Name: need}
	if q.Type != forms.TypeOne {
		a[q.Name] = []string{need}
	}
	found, err := def.Concerns(a)
	return err != nil || len(found) > 0
}

// partKey is what a part is called.
func partKey(def *service.Definition, part string) string {
	if q := def.Form.Question(def.Bind.Need); q != nil {
		if _, ok := q.List.Choice(part); ok {
			return key(def, "choice."+q.List.Name+"."+part)
		}
	}
	return "cases.part." + part
}
