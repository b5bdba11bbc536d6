// Package forms asks people questions and understands their answers. A form is
// written as rows, the way XLSForm does it, and the same rows drive a page, a
// text message and a voice menu.
//
// What always holds: every wrong answer is told at once and in the asker's
// language; an answer to a question that no longer applies is dropped, never
// kept in silence; relevance, constraints and calculations are XForms
// expressions, and evaluating one can neither fail nor run away.
//
// Words: a Form is what is asked, Answers is what was answered, a step is one
// page of questions, a Finding is a mistake of the form's author.
package forms

import (
	"embed"
	"fmt"
	"strings"
)

// Files is what this package says to people, in four languages.
//
//go:embed locale/*.json
var Files embed.FS

// Langs is every language of the house, in the order they are offered.
var Langs = []string{"ar", "zgh", "fr", "en"}

// Text is one sentence in each language.
type Text map[string]string

// In is the sentence in lang and the language it is really in: where the
// wanted one is missing, Amazigh falls back to Arabic and English to French
// (DESIGN §5.1), and then to whatever there is.
func (t Text) In(lang string) (text, textLang string) {
	var order []string
	switch lang {
	case "zgh":
		order = []string{"zgh", "ar", "fr", "en"}
	case "fr":
		order = []string{"fr", "ar", "en", "zgh"}
	case "en":
		order = []string{"en", "fr", "ar", "zgh"}
	default:
		order = []string{"ar", "fr", "en", "zgh"}
	}
	for _, l := range order {
		if t[l] != "" {
			return t[l], l
		}
	}
	return "", lang
}

// Typeset puts in the marks that authors cannot easily type: the no-break
// spaces French wants before : ; ? ! » and after «, and the curved apostrophe
// of French and English (DESIGN §5.2, §5.5).
func Typeset(lang, s string) string {
	switch lang {
	case "fr":
		return french.Replace(s)
	case "en":
		return strings.ReplaceAll(s, "'", "’")
	}
	return s
}

var french = strings.NewReplacer("'", "’", " :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?",
	" !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0")

// Finding is a mistake in a file, told to whoever writes the file.
type Finding struct {
	File string
	Line int
	Text string
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Type is the kind of answer a question takes.
type Type string

const (
	TypeText      Type = "text"
	TypeInteger   Type = "integer"
	TypeDecimal   Type = "decimal"
	TypeOne       Type = "select_one"
	TypeMany      Type = "select_multiple"
	TypePoint     Type = "geopoint"
	TypePlace     Type = "place" // ours: a gazetteer code, own words, coordinates, or any of them
	TypePhone     Type = "phone"
	TypeDate      Type = "date" // held as text, 2023-09-08
	TypeNote      Type = "note"
	TypeCalculate Type = "calculate"
)

// Form is a list of questions and the pages they stand on.
type Form struct {
	Questions []*Question // in the order they are asked, notes and calculations included
	Lists     map[string]*List

	// Prefix is what the keys of Entries begin with in the catalogue, such as
	// "service.crisis_help."; a fault in the form's own words is named so.
	Prefix string

	steps  []Step
	byName map[string]*Question
	order  []*Question // an order in which nothing is worked out before what it leans on
}

// Question is one row of a survey.
type Question struct {
	Name       string
	Type       Type
	List       *List // for select_one and select_multiple
	Label      Text
	Hint       Text
	Appearance string
	Icon       string
	Step       string // the code of the page it stands on
	Line       int    // in the file it came from

	Required           *Expr // nil: never required
	RequiredMessage    Text
	Relevant           []*Expr // its own and its groups'; all must hold
	Constraint         *Expr
	ConstraintMessage  Text
	Calculation        *Expr
	alwaysRequired     bool
	calculationYieldsK kind
}

// AlwaysRequired says the answer must be given whatever else was answered.
func (q *Question) AlwaysRequired() bool { return q.alwaysRequired }

// MayBeRequired says there are answers that make this one required.
func (q *Question) MayBeRequired() bool { return q.Required != nil }

// Multiline says the answer may run over several lines.
func (q *Question) Multiline() bool { return q.Type == TypeText && q.Appearance == "multiline" }

// Asks says somebody is expected to answer: notes and calculations ask nothing.
func (q *Question) Asks() bool { return q.Type != TypeNote && q.Type != TypeCalculate }

// Truth is what a calculation yields that ends in yes or no. No question asks
// for one.
const Truth Type = "truth"

// Yields is the kind of value an answer to the question holds: the question's
// own type, or what its calculation comes to.
func (q *Question) Yields() Type {
	if q.Type != TypeCalculate {
		return q.Type
	}
	switch q.calculationYieldsK {
	case kNumber:
		return TypeDecimal
	case kTruth:
		return Truth
	case kMany:
		return TypeMany
	case kDate:
		return TypeDate
	}
	return TypeText
}

// List is the answers one may choose from.
type List struct {
	Name    string
	Choices []Choice
}

// Choice is one of them. The digit is the same on a tile, in a text message
// and in the voice menu; 0 is no digit.
type Choice struct {
	Name   string
	Label  Text
	Hint   Text
	Icon   string
	Colour string
	Digit  int
	Line   int
}

// Choice is the choice of that name.
func (l *List) Choice(name string) (Choice, bool) {
	if l != nil {
		for _, c := range l.Choices {
			if c.Name == name {
				return c, true
			}
		}
	}
	return Choice{}, false
}

// Step is one page of questions.
type Step struct {
	Name      string
	Label     Text
	Hint      Text
	Icon      string
	Line      int
	Questions []*Question
}

// Steps is the form page by page, in order.
func (f *Form) Steps() []Step { return f.steps }

// Step is the page of that name.
func (f *Form) Step(name string) (Step, bool) {
	for _, s := range f.steps {
		if s.Name == name {
			return s, true
		}
	}
	return Step{}, false
}

// Question is the question of that name, or nil.
func (f *Form) Question(name string) *Question { return f.byName[name] }

// Entry is one text of the form with the key it is found by and its line, for
// looking up and for linting.
type Entry struct {
	Key  string // question.NAME, hint.NAME, choice.LIST.NAME, choice_hint.LIST.NAME, step.NAME, step_hint.NAME …
	Text Text
	Line int
}

// Entries is every text of the form. Labels are always listed; hints and
// messages only where there is one.
func (f *Form) Entries() []Entry {
	var out []Entry
	add := func(key string, t Text, line int, always bool) {
		if always || len(t) > 0 {
			out = append(out, Entry{key, t, line})
		}
	}
	for _, s := range f.steps {
		add("step."+s.Name, s.Label, s.Line, false)
		add("step_hint."+s.Name, s.Hint, s.Line, false)
	}
	seen := map[string]bool{}
	for _, q := range f.Questions {
		add("question."+q.Name, q.Label, q.Line, q.Type != TypeCalculate)
		add("hint."+q.Name, q.Hint, q.Line, false)
		add("required."+q.Name, q.RequiredMessage, q.Line, false)
		add("constraint."+q.Name, q.ConstraintMessage, q.Line, false)
		if q.List == nil || seen[q.List.Name] {
			continue
		}
		seen[q.List.Name] = true
		for _, c := range q.List.Choices {
			add("choice."+q.List.Name+"."+c.Name, c.Label, c.Line, true)
			add("choice_hint."+q.List.Name+"."+c.Name, c.Hint, c.Line, false)
		}
	}
	return out
}
