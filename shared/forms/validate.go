package forms

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
)

// Bounds of one answer, in characters. A form that wants less says so with a
// constraint.
const (
	MaxText = 2000
	maxCode = 64
)

// Relevant says whether a question applies to somebody who answered a.
func (f *Form) Relevant(q *Question, a Answers) bool {
	for _, e := range q.Relevant {
		if !e.asked(a, nil) {
			return false
		}
	}
	return true
}

// Wanted says whether an answer to a question must be given by somebody who
// answered a: it applies, and it is required.
func (f *Form) Wanted(q *Question, a Answers) bool {
	return q.Asks() && f.Relevant(q, a) && q.Required != nil && q.Required.asked(a, nil)
}

// Settle is a copy of the answers without those that no longer apply, and with
// everything calculated. It takes what leans on other answers after them, so
// that dropping one drops what followed from it.
func (f *Form) Settle(a Answers) Answers {
	out := a.Clone()
	for name, v := range out {
		if emptyValue(v) {
			delete(out, name)
		}
	}
	for _, q := range f.order {
		switch {
		case q.Type == TypeNote, !f.Relevant(q, out):
			delete(out, q.Name)
		case q.Type == TypeCalculate:
			delete(out, q.Name)
			if v := q.Calculation.worth(out); v != nil {
				out[q.Name] = v
			}
		}
	}
	return out
}

// Validate returns the answers as they are to be kept, and a fault.All with
// every wrong field at once, in the order of the form. Already are faults
// found while the answers were read: they are told along, and their fields are
// not also called missing.
func (f *Form) Validate(a Answers, already ...*fault.Fault) (Answers, error) {
	return f.validate(a, func(*Question) bool { return true }, already)
}

// ValidateStep is Validate for the questions of one page alone; the answers to
// other pages are kept as they are.
func (f *Form) ValidateStep(step string, a Answers, already ...*fault.Fault) (Answers, error) {
	return f.validate(a, func(q *Question) bool { return q.Step == step }, already)
}

func (f *Form) validate(a Answers, among func(*Question) bool, already fault.All) (Answers, error) {
	wrong := slices.Clone(already)
	faulty := map[string]bool{}
	for _, w := range already {
		faulty[w.Field] = true
	}
	a = a.Clone()
	for name, v := range a {
		q := f.byName[name]
		if q == nil {
			wrong = append(wrong, fault.New(fault.Invalid, "forms.answer.unknown_question", "name", Clean(name, false)).On(name))
			delete(a, name)
			continue
		}
		if q.Type == TypeCalculate {
			continue
		}
		tidy, flaw := q.tidy(v)
		if flaw == nil {
			a[name] = tidy
			continue
		}
		delete(a, name)
		if among(q) && !faulty[name] {
			wrong = append(wrong, flaw.On(name))
			faulty[name] = true
		}
	}
	a = f.Settle(a)
	wrong = slices.DeleteFunc(wrong, func(w *fault.Fault) bool {
		q := f.byName[w.Field]
		return q != nil && !f.Relevant(q, a)
	})
	for _, q := range f.Questions {
		if faulty[q.Name] || !q.Asks() || !among(q) || !f.Relevant(q, a) {
			continue
		}
		if flaw := f.judge(q, a, faulty); flaw != nil {
			wrong = append(wrong, flaw.On(q.Name))
		}
	}
	f.sortFaults(wrong)
	return a, wrong.OrNil()
}

// judge is what is wrong with an answer of the right kind: it is missing, or
// the form's own constraint does not hold; in the form's own words where it
// has them, found in the catalogue under its prefix. An answer wanted only in place of
// another is not called missing while that other is there and mistyped.
func (f *Form) judge(q *Question, a Answers, faulty map[string]bool) *fault.Fault {
	if !a.Has(q.Name) {
		if q.Required == nil || !q.Required.asked(a, nil) {
			return nil
		}
		if slices.ContainsFunc(q.Required.Names(), func(n string) bool { return faulty[n] }) {
			return nil
		}
		if len(q.RequiredMessage) > 0 {
			return fault.New(fault.Invalid, f.Prefix+"required."+q.Name)
		}
		return fault.New(fault.Invalid, "forms.answer.required")
	}
	if q.Constraint != nil && !q.Constraint.asked(a, a[q.Name]) {
		if len(q.ConstraintMessage) > 0 {
			return fault.New(fault.Invalid, f.Prefix+"constraint."+q.Name)
		}
		return fault.New(fault.Invalid, "forms.answer.will_not_do")
	}
	return nil
}

func (f *Form) sortFaults(wrong fault.All) {
	if len(wrong) < 2 {
		return
	}
	at := map[string]int{}
	for i, q := range f.Questions {
		at[q.Name] = i + 1
	}
	slices.SortStableFunc(wrong, func(x, y *fault.Fault) int {
		i, j := at[x.Field], at[y.Field]
		if i == 0 || j == 0 { // names the form does not know come last, by name
			return cmp.Or(cmp.Compare(j, i), strings.Compare(x.Field, y.Field))
		}
		return cmp.Compare(i, j)
	})
}

// tidy cleans an answer, and says what is wrong when its kind, its length or
// its choice is not the question's.
func (q *Question) tidy(v Value) (Value, *fault.Fault) {
	if emptyValue(v) {
		return nil, nil
	}
	switch v := v.(type) {
	case string:
		return q.tidyText(v)
	case Phone:
		if q.Type == TypePhone && len(v) <= maxCode {
			return v, nil
		}
	case int64:
		if q.Type == TypeDecimal {
			return q.tidy(float64(v))
		}
		if q.Type == TypeInteger {
			return v, within(float64(v))
		}
	case float64:
		if q.Type == TypeDecimal {
			return v, within(v)
		}
	case []string:
		if q.Type == TypeMany {
			l := q.List.inOrder(v)
			for _, name := range l {
				if flaw := q.unknown(name); flaw != nil {
					return nil, flaw
				}
			}
			return l, nil
		}
	case Place:
		if q.Type == TypePlace || q.Type == TypePoint {
			return q.tidyPlace(v)
		}
	}
	return nil, fault.New(fault.Invalid, "forms.answer.wrong_kind")
}

func within(n float64) *fault.Fault {
	if n >= -maxWhole && n <= maxWhole { // false for NaN
		return nil
	}
	return fault.New(fault.Invalid, "forms.answer.too_big")
}

func (q *Question) unknown(name string) *fault.Fault {
	if _, ok := q.List.Choice(name); ok {
		return nil
	}
	short := []rune(name)
	return fault.New(fault.Invalid, "forms.answer.unknown_choice", "given", string(short[:min(len(short), 40)]))
}

func (q *Question) tidyText(s string) (Value, *fault.Fault) {
	s = Clean(s, q.Multiline())
	switch q.Type {
	case TypeOne:
		return s, q.unknown(s)
	case TypeDate:
		if d, ok := dateOf(s); ok {
			return d, nil
		}
		return nil, fault.New(fault.Invalid, "forms.answer.not_date")
	case TypeText:
		return s, long(s, MaxText)
	}
	return nil, fault.New(fault.Invalid, "forms.answer.wrong_kind")
}

func long(s string, most int) *fault.Fault {
	if n := utf8.RuneCountInString(s); n > most {
		return fault.New(fault.Invalid, "forms.answer.too_long", "max", most, "over", n-most)
	}
	return nil
}

func (q *Question) tidyPlace(p Place) (Value, *fault.Fault) {
	p.Code, p.Text = Clean(p.Code, false), Clean(p.Text, false)
	if !p.HasPoint {
		p.Lat, p.Lon = 0, 0
	} else if !(p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180) {
		return nil, fault.New(fault.Invalid, "forms.answer.not_point")
	}
	if len(p.Code) > maxCode {
		return nil, fault.New(fault.Invalid, "forms.answer.too_long", "max", maxCode, "over", len(p.Code)-maxCode)
	}
	return p, long(p.Text, MaxText)
}

// dateOf reads a day as phones send it, 2023-09-08, or as people write it,
// 08/09/2023, and gives the first.
func dateOf(s string) (string, bool) {
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2/1/2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1000 {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

func dateShape(s string) bool { d, ok := dateOf(s); return ok && d == s }
