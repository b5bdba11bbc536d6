package service

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/rules"
)

type rule = rules.Rule

// builder makes a definition of a file and tells every mistake in it.
type builder struct {
	*reading
	w writing
	f file
	d *Definition
}

// Parse reads one service. Name is what findings call the file. The error is
// Findings, unless the house itself is broken.
func Parse(name string, body []byte) (*Definition, error) {
	r := &reading{file: name}
	d, err := r.service(body)
	if err == nil {
		err = Findings(r.found).orNil()
	}
	return d, err
}

func (r *reading) service(body []byte) (*Definition, error) {
	w, err := newWriting(r)
	if err != nil {
		return nil, err
	}
	b := &builder{reading: r, w: w, d: &Definition{
		file: r.file, source: slices.Clone(body), texts: w.texts,
		moves: map[step]string{}, who: map[string][]actor.Role{}, first: map[string]bool{}, hidden: map[string]bool{},
		hides: map[string][]string{}, kinds: map[string]Concern{}, ends: map[string][]string{}, delays: map[string]delay{},
	}}
	n := r.parse(body)
	if n == nil {
		return b.d, nil
	}
	r.record(n, reflect.ValueOf(&b.f).Elem())
	b.d.canon = canonical(n)
	b.head()
	b.spoken()
	b.form()
	b.bound()
	b.addresses()
	b.law()
	b.states()
	b.delays()
	b.things()
	b.narrow()
	b.safeguards()
	return b.d, nil
}

// whole reads a whole number within bounds.
func (r *reading) whole(v ref, least, most int) int {
	n, err := strconv.Atoi(v.Is)
	if err != nil || n < least || n > most {
		r.find(v.Line, "%q is not a whole number from %d to %d", v.Is, least, most)
		return least
	}
	return n
}

func (r *reading) day(v ref) time.Time {
	t, err := time.Parse(time.DateOnly, v.Is)
	if err != nil {
		r.find(r.at("effective_from"), "effective_from: %q is not a day such as 2026-11-21", v.Is)
	}
	return t
}

// named checks that a code is one, and the name of its file.
func (r *reading) named(v ref) string {
	if !code(v.Is) {
		r.find(r.at("code"), "code: %q is not small letters, digits and _", v.Is)
	} else if base := path.Base(r.file); strings.HasSuffix(base, ".yaml") && base != v.Is+".yaml" {
		r.find(v.Line, "the file of %s is called %s.yaml, not %s", v.Is, v.Is, base)
	}
	return v.Is
}

func (r *reading) draftLangs(all []ref) []string {
	var out []string
	for _, l := range all {
		if !slices.Contains(forms.Langs, l.Is) {
			r.find(l.Line, "draft_languages: %q is none of %s", l.Is, strings.Join(forms.Langs, ", "))
		}
		out = append(out, l.Is)
	}
	return out
}

func (b *builder) head() {
	f, d := &b.f, b.d
	d.Code, d.lines = b.named(f.Code), b.lines
	d.Version = b.whole(f.Version, 1, 1_000_000)
	d.From = b.day(f.EffectiveFrom)
	d.Domain, d.Icon, d.Colour, d.Always = f.Domain.Is, f.Icon.Is, f.Colour.Is, f.Always
	if d.Domain == "" || d.Icon == "" {
		b.find(b.at("domain"), "domain and icon are needed")
	}
	if !slices.Contains(colours, d.Colour) {
		b.find(b.at("colour"), "colour: %q is none of %s", d.Colour, strings.Join(colours, ", "))
	}
	if f.Digit.Is != "" {
		d.Digit = b.whole(f.Digit, 1, 9)
	}
	d.drafts = b.draftLangs(f.Drafts)
}

// spoken takes in the texts that stand for themselves.
func (b *builder) spoken() {
	for _, key := range neededTexts {
		if _, ok := b.f.Texts[key]; !ok {
			b.find(b.at("texts"), "texts: %s is not written", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.f.Texts)) {
		b.w.add("text."+key, b.f.Texts[key], b.at("texts"))
	}
	// Requirement N43: a programme without a legal basis cannot be published.
	b.w.add("legal_basis", b.f.LegalBasis, b.at("legal_basis"))
	for _, key := range slices.Sorted(maps.Keys(b.f.Sources)) {
		b.w.add("source."+key, b.f.Sources[key], b.at("sources"))
	}
}

// form reads the questions, and refuses names of what is never asked.
// taken are the addresses below a form under way that are no step of it: who
// helps, a shared phone, the page before and after sending, the form whole.
var taken = []string{"helper", "shared", "send", "done", "check", "all"}

// addresses refuses a step that nobody could open.
func (b *builder) addresses() {
	for _, s := range b.d.Form.Steps() {
		if slices.Contains(taken, s.Name) {
			b.find(s.Line, "the step %q cannot be opened: its address is taken by the form itself", s.Name)
		}
	}
}

func (b *builder) form() {
	f, found := forms.Parse(
		forms.Source{File: b.file, Line: max(b.f.Form.Survey.Line, 1), Text: b.f.Form.Survey.Is},
		forms.Source{File: b.file, Line: max(b.f.Form.Choices.Line, 1), Text: b.f.Form.Choices.Is})
	b.found = append(b.found, found...)
	f.Prefix = "service." + b.d.Code + "."
	b.d.Form = f
	for _, e := range f.Entries() {
		b.w.add(e.Key, words{e.Text, e.Line}, e.Line)
	}
	for _, q := range f.Questions {
		b.lawful(q.Line, q.Name)
		if rules.Reserved(q.Name) {
			b.find(q.Line, "a question cannot be called %q, which means something else in rules", q.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Lists)) {
		for _, c := range f.Lists[name].Choices {
			b.lawful(c.Line, c.Name)
			if c.Colour != "" && !slices.Contains(colours, c.Colour) {
				b.find(c.Line, "colour: %q is none of %s", c.Colour, strings.Join(colours, ", "))
			}
		}
	}
}

// lawful refuses a name of belief, opinion or origin (requirement C13).
func (b *builder) lawful(line int, name string) {
	if word := rules.Forbidden(name); word != "" {
		b.find(line, "%q: %s is never asked for aid", name, word)
	}
}

// question is the question a file names, or nil, told.
func (b *builder) question(where string, v ref) *forms.Question {
	q := b.d.Form.Question(v.Is)
	if q == nil {
		b.find(v.Line, "%s: no question is called %q", where, v.Is)
	}
	return q
}

func (b *builder) bound() {
	bind := map[string]*string{"need": &b.d.Bind.Need, "place": &b.d.Bind.Place, "people": &b.d.Bind.People, "phone": &b.d.Bind.Phone,
		"name": &b.d.Bind.Name, "text": &b.d.Bind.Text, "secret": &b.d.Bind.Secret, "family_phone": &b.d.Bind.Family, "for_whom": &b.d.Bind.ForWhom,
		"fragile": &b.d.Bind.Fragile, "spoken": &b.d.Bind.Spoken}
	for _, p := range b.f.Private {
		if b.question("private", p) != nil {
			b.d.Private = append(b.d.Private, p.Is)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(b.f.Bind)) {
		v := b.f.Bind[part]
		into, known := bind[part]
		if !known {
			b.find(v.Line, "bind: unknown part %q", part)
			continue
		}
		q := b.question("bind", v)
		if q == nil {
			continue
		}
		*into = q.Name
		if !slices.Contains(parts[part], string(q.Type)) {
			b.find(v.Line, "bind: %s is a %s, and %s takes %s", q.Name, q.Type, part, strings.Join(parts[part], " or "))
		}
		if slices.Contains(alwaysPrivate, part) && !slices.Contains(b.d.Private, q.Name) {
			b.find(v.Line, "private: %s names a person and must be listed", q.Name)
		}
	}
	for _, q := range b.d.Form.Questions {
		if q.Type == forms.TypePhone && !slices.Contains(b.d.Private, q.Name) {
			b.find(q.Line, "private: %s is a phone and must be listed", q.Name)
		}
	}
}
