package forms

import (
	"slices"
	"strconv"
	"strings"
)

var (
	surveyColumns  = []string{"type", "name", "required", "relevant", "constraint", "calculation", "appearance", "icon", "step"}
	surveySpoken   = []string{"label", "hint", "constraint_message", "required_message"}
	choicesColumns = []string{"list_name", "name", "icon", "colour", "digit"}
	choicesSpoken  = []string{"label", "hint"}
)

const maxQuestions = 300

// Parse reads a form from its two sheets, survey and choices. It tells every
// mistake it finds; the form is usable only when there is none.
func Parse(survey, choices Source) (*Form, []Finding) {
	r := &builder{
		reading: reading{file: choices.File},
		form:    &Form{Lists: map[string]*List{}, byName: map[string]*Question{}},
	}
	for _, w := range r.readSheet(choices, choicesColumns, choicesSpoken).rows {
		r.choice(w)
	}
	r.file = survey.File
	s := r.readSheet(survey, surveyColumns, surveySpoken)
	if len(s.rows) == 0 && len(r.found) == 0 {
		r.find(survey.Line, "the survey has no rows")
	}
	for _, w := range s.rows {
		r.survey(w)
	}
	for _, g := range r.groups {
		r.find(g.line, "this group is never ended: end_group is missing")
	}
	if len(r.form.Questions) > maxQuestions {
		r.find(survey.Line, "the survey asks more than %d questions", maxQuestions)
		return r.form, r.found
	}
	r.settle()
	return r.form, r.found
}

// builder makes a form row by row.
type builder struct {
	reading
	form   *Form
	groups []group // open ones, outermost first
	cells  []written
}

type group struct {
	name     string
	relevant *Expr
	step     bool
	line     int
}

// written is an expression that waits to be checked until every question of
// the form is known.
type written struct {
	expr *Expr
	self *Question // what "." means in it
	want kind
	what string
	line int
}

func (b *builder) choice(w row) {
	list, name := w.get("list_name"), w.get("name")
	if !nameShape(list) || !nameShape(name) {
		b.find(w.line, "a choice needs a list_name and a name in small letters, digits and _")
		return
	}
	l := b.form.Lists[list]
	if l == nil {
		l = &List{Name: list}
		b.form.Lists[list] = l
	}
	c := Choice{Name: name, Label: w.text("label"), Hint: w.text("hint"),
		Icon: w.get("icon"), Colour: w.get("colour"), Line: w.line}
	if d := w.get("digit"); d != "" {
		n, err := strconv.Atoi(d)
		if err != nil || n < 1 || n > 9 {
			b.find(w.line, "the digit %q is none of 1 to 9", d)
		}
		c.Digit = n
	}
	for _, other := range l.Choices {
		if other.Name == name {
			b.find(w.line, "the list %q has the choice %q twice", list, name)
			return
		}
		if c.Digit != 0 && other.Digit == c.Digit {
			b.find(w.line, "the digit %d already means %q in the list %q", c.Digit, other.Name, list)
		}
	}
	l.Choices = append(l.Choices, c)
}

func (b *builder) survey(w row) {
	typ, list, _ := strings.Cut(w.get("type"), " ")
	switch typ {
	case "begin_group":
		b.beginGroup(w)
		return
	case "end_group":
		if len(b.groups) == 0 {
			b.find(w.line, "end_group without a begin_group")
			return
		}
		b.groups = b.groups[:len(b.groups)-1]
		return
	}
	q := &Question{Name: w.get("name"), Type: Type(typ), Line: w.line,
		Label: w.text("label"), Hint: w.text("hint"), Appearance: w.get("appearance"), Icon: w.get("icon"),
		RequiredMessage: w.text("required_message"), ConstraintMessage: w.text("constraint_message")}
	switch {
	case !knownType(q.Type):
		b.find(w.line, "unknown type %q", w.get("type"))
		return
	case !nameShape(q.Name):
		b.find(w.line, "%q is not a name: small letters, digits and _, at most 40, a letter first", q.Name)
		return
	case b.form.byName[q.Name] != nil:
		b.find(w.line, "two questions are called %q", q.Name)
		return
	}
	if list = strings.TrimSpace(list); q.Type == TypeOne || q.Type == TypeMany {
		if q.List = b.form.Lists[list]; q.List == nil {
			b.find(w.line, "there is no list %q in choices", list)
			return
		}
	} else if list != "" {
		b.find(w.line, "the type %s takes no list", q.Type)
	}
	b.expressions(q, w)
	b.form.Questions = append(b.form.Questions, q)
	b.form.byName[q.Name] = q
	b.place(q, w)
}

func knownType(t Type) bool {
	return slices.Contains([]Type{TypeText, TypeInteger, TypeDecimal, TypeOne, TypeMany, TypePoint,
		TypePlace, TypePhone, TypeDate, TypeNote, TypeCalculate}, t)
}

func (b *builder) beginGroup(w row) {
	g := group{name: w.get("name"), step: w.get("appearance") == "step", line: w.line}
	if !nameShape(g.name) {
		b.find(w.line, "%q is not a name for a group", g.name)
	}
	g.relevant = b.expr(w, "relevant", nil, kTruth)
	if g.step {
		for _, o := range b.groups {
			if o.step {
				b.find(w.line, "a page inside the page %q", o.name)
			}
		}
		if _, twice := b.form.Step(g.name); twice {
			b.find(w.line, "two pages are called %q", g.name)
		}
		b.form.steps = append(b.form.steps, Step{Name: g.name, Label: w.text("label"), Hint: w.text("hint"), Icon: w.get("icon"), Line: w.line})
	}
	b.groups = append(b.groups, g)
}

// place puts a question on its page: that of the group it is in, or the one
// its step column names, or one of its own. Calculations stand on none.
func (b *builder) place(q *Question, w row) {
	for _, g := range b.groups {
		if g.relevant != nil {
			q.Relevant = append(q.Relevant, g.relevant)
			q.alwaysRequired = false
		}
		if g.step {
			q.Step = g.name
		}
	}
	if q.Type == TypeCalculate {
		return
	}
	steps := &b.form.steps
	if q.Step == "" {
		q.Step = w.get("step")
		if q.Step == "" {
			q.Step = q.Name
		}
		last := len(*steps) - 1
		if last < 0 || (*steps)[last].Name != q.Step {
			if _, twice := b.form.Step(q.Step); twice {
				b.find(w.line, "the page %q is left and taken up again", q.Step)
			}
			*steps = append(*steps, Step{Name: q.Step, Line: w.line})
		}
	}
	for i := range *steps {
		if (*steps)[i].Name == q.Step {
			(*steps)[i].Questions = append((*steps)[i].Questions, q)
			return
		}
	}
}

func (b *builder) expressions(q *Question, w row) {
	switch req := w.get("required"); req {
	case "", "no":
	case "yes":
		q.alwaysRequired = true
		q.Required, _ = ParseExpr("true()")
		_, _ = q.Required.check(scope{form: b.form}, kTruth)
	default:
		q.Required = b.expr(w, "required", nil, kTruth)
	}
	if e := b.expr(w, "relevant", nil, kTruth); e != nil {
		q.Relevant = append(q.Relevant, e)
		q.alwaysRequired = false
	}
	q.Constraint = b.expr(w, "constraint", q, kTruth)
	q.Calculation = b.expr(w, "calculation", nil, kNone)
	switch {
	case q.Type == TypeCalculate && w.get("calculation") == "":
		b.find(w.line, "%q is calculated, and from nothing", q.Name)
	case q.Type != TypeCalculate && q.Calculation != nil:
		b.find(w.line, "%q has a calculation, so its type is calculate", q.Name)
	case !q.Asks() && q.Required != nil:
		b.find(w.line, "%q asks nothing and cannot be required", q.Name)
	case q.Constraint == nil && q.ConstraintMessage != nil:
		b.find(w.line, "%q has a constraint_message and no constraint", q.Name)
	}
}

// expr reads the expression in a cell, nil when there is none or it cannot be
// read.
func (b *builder) expr(w row, col string, self *Question, want kind) *Expr {
	c := w.cells[col]
	if c.text == "" {
		return nil
	}
	e, err := ParseExpr(c.text)
	if err != nil {
		b.find(c.line, "%s: %v", col, err)
		return nil
	}
	b.cells = append(b.cells, written{e, self, want, col, c.line})
	return e
}

// settle checks what only the whole form can tell: circles, then the kinds of
// every expression, calculations in an order in which each is known in time.
func (b *builder) settle() {
	f := b.form
	order, circle := f.inOrder()
	f.order = order
	if len(circle) > 0 {
		for _, q := range circle {
			b.find(q.Line, "%q leans on itself through relevance or calculations", q.Name)
		}
		return
	}
	for _, q := range order {
		if q.Type != TypeCalculate || q.Calculation == nil {
			continue
		}
		// A mistake inside is told once, below, with its line.
		k, _ := q.Calculation.check(scope{form: f}, kNone)
		if k == kPlace {
			b.find(q.Line, "%q would be a place, and a place cannot be calculated", q.Name)
		}
		q.calculationYieldsK = k
	}
	for _, w := range b.cells {
		if _, err := w.expr.check(scope{form: f, self: w.self}, w.want); err != nil {
			b.find(w.line, "%s: %v", w.what, err)
		}
	}
}

// nameShape says whether a name can stand in every language of the house:
// a small letter, then small letters, digits and _.
func nameShape(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (digit(c) || c == '_'):
		default:
			return false
		}
	}
	return true
}
