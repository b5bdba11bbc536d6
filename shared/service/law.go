package service

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/rules"
)

// law reads the rules of priority.
func (b *builder) law() {
	f := &b.f.Priority
	b.d.Default = b.whole(ref{f.Default.Is, max(f.Default.Line, f.Line)}, 1, levels)
	env := b.env()
	codes := map[string]bool{}
	for _, r := range f.Rules {
		if !code(r.Code) || codes[r.Code] {
			b.find(r.Line, "priority: each rule has a code of its own, and %q is not one", r.Code)
			continue
		}
		codes[r.Code] = true
		x := rule{Code: r.Code, When: r.When.Is, Line: max(r.When.Line, r.Line), Level: b.whole(ref{r.Level.Is, max(r.Level.Line, r.Line)}, 1, levels)}
		if x.Level > b.d.Default {
			x.Effect = rules.Lowers
		}
		for _, a := range r.Args {
			x.Args = append(x.Args, a.Is)
			if slices.Contains(b.d.Private, a.Is) {
				b.find(a.Line, "priority: %s is private and cannot be told with a reason", a.Is)
			}
		}
		b.d.first[r.Code], b.d.hidden[r.Code] = r.First, r.Restricted
		if r.First && x.Level != 1 {
			b.find(r.Line, "priority: %s comes first and is not of level 1", r.Code)
		}
		b.d.PriorityLaw = append(b.d.PriorityLaw, x)
		b.w.add("reason."+r.Code, r.Texts, r.Line, x.Args...)
	}
	b.d.priority = b.compile(env, b.d.PriorityLaw)
	if b.saves() {
		b.short()
	}
}

// env is the language of the rules; nil when the form is not fit for one.
func (b *builder) env() *rules.Env {
	marks := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(b.f.Attributes)) {
		all := b.f.Attributes[name]
		line := b.at("attributes")
		if len(all) > 0 {
			line = all[0].Line
		}
		if b.question("attributes", ref{name, line}) == nil {
			continue
		}
		for _, t := range all {
			if b.lawful(t.Line, t.Is); !slices.Contains(traits, t.Is) {
				b.find(t.Line, "attributes: %q is none of %s", t.Is, strings.Join(traits, ", "))
			}
			marks[name] = append(marks[name], t.Is)
		}
	}
	if len(b.found) > 0 && slices.ContainsFunc(b.d.Form.Questions, func(q *forms.Question) bool { return rules.Reserved(q.Name) }) {
		return nil
	}
	env, err := rules.NewEnv(b.d.Form, marks)
	if err != nil {
		b.find(b.f.Form.Line, "%v", err)
		return nil
	}
	return env
}

func (b *builder) compile(env *rules.Env, law []rule) *rules.Set {
	if env == nil {
		return nil
	}
	set, found := env.Compile(b.file, law)
	b.found = append(b.found, found...)
	return set
}

// short keeps the form of a service on which lives hang short.
func (b *builder) short() {
	n := 0
	for _, q := range b.d.Form.Questions {
		if q.MayBeRequired() {
			n++
		}
	}
	if n > mostRequired {
		b.find(b.f.Form.Line, "%d answers can be required, and somebody in danger is asked for %d at most", n, mostRequired)
	}
}

// safeguards reads what must reach trained people alone.
func (b *builder) safeguards() {
	f := &b.f.Safeguarding
	for _, k := range f.Kinds {
		if _, twice := b.d.kinds[k.Code]; !code(k.Code) || twice {
			b.find(k.Line, "safeguarding: each kind has a code of its own, and %q is not one", k.Code)
			continue
		}
		b.d.kinds[k.Code] = Concern{Code: k.Code, Clock: b.duration(ref{k.Clock.Is, max(k.Clock.Line, k.Line)})}
		b.w.add("concern."+k.Code, k.Texts, k.Line)
	}
	var law []rule
	for _, r := range f.Rules {
		if _, known := b.d.kinds[r.Code]; !known {
			b.find(r.Line, "safeguarding: %q is no kind of concern", r.Code)
		}
		law = append(law, rule{Code: r.Code, When: r.When.Is, Line: max(r.When.Line, r.Line), Effect: rules.Opens})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Hides)) {
		b.hide(name, f.Hides[name])
	}
	// Mistakes in attributes are told once, by law.
	marked := b.f.Attributes
	b.f.Attributes = nil
	b.d.concerns = b.compile(b.env(), law)
	b.f.Attributes = marked
}

// hide notes choices that no open queue may show, and refuses an open reason
// that would tell of one.
func (b *builder) hide(name string, choices []ref) {
	for _, c := range choices {
		q := b.question("hides", ref{name, c.Line})
		if q == nil {
			return
		}
		if _, ok := q.List.Choice(c.Is); !ok {
			b.find(c.Line, "hides: %q is not a choice of %s", c.Is, name)
			continue
		}
		b.d.hides[name] = append(b.d.hides[name], c.Is)
		for _, r := range b.d.PriorityLaw {
			written := strings.Contains(r.When, "'"+c.Is+"'") || strings.Contains(r.When, `"`+c.Is+`"`)
			if written && !b.d.hidden[r.Code] {
				b.find(r.Line, "priority: %s tells of %s, which trained people alone may see: mark it restricted", r.Code, c.Is)
			}
		}
	}
}
