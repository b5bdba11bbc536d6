package forms

import (
	"regexp"
	"slices"
)

// kind is what an expression yields.
type kind uint8

const (
	kNone kind = iota
	kText
	kChoice // text out of a list
	kNumber
	kTruth
	kMany
	kDate
	kPlace
)

func (k kind) String() string {
	return [...]string{"nothing", "text", "a choice", "a number", "yes or no", "several choices", "a date", "a place"}[k]
}

func (k kind) textual() bool { return k == kText || k == kChoice }

// scope is what an expression may lean on.
type scope struct {
	form *Form
	self *Question // what "." means; nil where it means nothing
}

func (s scope) kindOf(q *Question) kind {
	switch q.Type {
	case TypeInteger, TypeDecimal:
		return kNumber
	case TypeOne:
		return kChoice
	case TypeMany:
		return kMany
	case TypePlace, TypePoint:
		return kPlace
	case TypeDate:
		return kDate
	case TypeText, TypePhone:
		return kText
	case TypeCalculate:
		return q.calculationYieldsK
	}
	return kNone
}

// check settles the kind of every part of an expression and refuses what can
// have no meaning, so that evaluating never has to.
func (e *Expr) check(s scope, want kind) (kind, error) {
	k, err := s.check(e.root)
	if err != nil {
		return k, err
	}
	if want != kNone && k != want && !(want == kText && k.textual()) {
		return k, e.root.errorf("this is %s, and %s is wanted", k, want)
	}
	return k, nil
}

func (s scope) check(n *node) (k kind, err error) {
	defer func() { n.kind = k }()
	switch n.op {
	case opNumber:
		return kNumber, nil
	case opText:
		return kText, nil
	case opRef:
		q := s.form.byName[n.text]
		if q == nil {
			return kNone, n.errorf("no question is called %q", n.text)
		}
		if k := s.kindOf(q); k != kNone {
			return k, nil
		}
		return kNone, n.errorf("${%s} has no answer to speak of", n.text)
	case opSelf:
		if s.self == nil {
			return kNone, n.errorf(`"." has a meaning in a constraint only`)
		}
		return s.kindOf(s.self), nil
	}
	for _, kid := range n.kids {
		if _, err := s.check(kid); err != nil {
			return kNone, err
		}
	}
	switch n.op {
	case opMinus:
		return kNumber, n.wants(kNumber)
	case opInfix:
		return s.infix(n)
	}
	return s.call(n)
}

func (n *node) wants(kinds ...kind) error {
	for i, kid := range n.kids {
		want := kinds[min(i, len(kinds)-1)]
		if kid.kind != want && !(want == kText && kid.kind.textual()) {
			return kid.errorf("this is %s, and %q wants %s", kid.kind, n.text, want)
		}
	}
	return nil
}

func (s scope) infix(n *node) (kind, error) {
	a, b := n.kids[0], n.kids[1]
	switch n.text {
	case "and", "or":
		return kTruth, n.wants(kTruth)
	case "+", "-", "*", "div", "mod":
		return kNumber, n.wants(kNumber)
	case "<", "<=", ">", ">=":
		if a.kind == kDate || b.kind == kDate {
			return kTruth, s.dates(n)
		}
		return kTruth, n.wants(kNumber)
	}
	switch {
	case a.blank() || b.blank():
		return kTruth, nil
	case a.kind == kDate || b.kind == kDate:
		return kTruth, s.dates(n)
	case a.kind == kMany || b.kind == kMany:
		return kTruth, n.errorf("several choices are asked with selected(), not with %s", n.text)
	case a.kind == kPlace || b.kind == kPlace:
		return kTruth, n.errorf("a place can only be compared with ''")
	case a.kind != b.kind && !(a.kind.textual() && b.kind.textual()):
		return kTruth, n.errorf("%s never equals %s", a.kind, b.kind)
	}
	if err := s.choice(a, b); err != nil {
		return kTruth, err
	}
	return kTruth, s.choice(b, a)
}

// blank is the empty text, which any missing answer equals.
func (n *node) blank() bool { return n.op == opText && n.text == "" }

func (s scope) dates(n *node) error {
	for _, kid := range n.kids {
		switch {
		case kid.kind == kDate:
		case kid.op == opText && dateShape(kid.text):
		default:
			return kid.errorf("a date is compared with a date, written '2023-09-08'")
		}
	}
	return nil
}

// choice refuses a written choice that its list does not have: the typing
// mistake that would otherwise make a rule silently never hold.
func (s scope) choice(of, written *node) error {
	if written.op != opText {
		return nil
	}
	q := s.self
	if of.op == opRef {
		q = s.form.byName[of.text]
	} else if of.op != opSelf {
		return nil
	}
	if q == nil || q.List == nil {
		return nil
	}
	if _, ok := q.List.Choice(written.text); !ok {
		return written.errorf("%q is not a choice of %s", written.text, q.List.Name)
	}
	return nil
}

// functions is every function there is: what it takes and what it yields.
var functions = map[string]struct {
	takes  []kind
	yields kind
}{
	"true":           {nil, kTruth},
	"false":          {nil, kTruth},
	"not":            {[]kind{kTruth}, kTruth},
	"selected":       {[]kind{kMany, kText}, kTruth},
	"count-selected": {[]kind{kMany}, kNumber},
	"string-length":  {[]kind{kText}, kNumber},
	"regex":          {[]kind{kText, kText}, kTruth},
	"if":             {[]kind{kTruth, kNone, kNone}, kNone},
	"coalesce":       {[]kind{kNone, kNone}, kNone},
}

func (s scope) call(n *node) (kind, error) {
	f, ok := functions[n.text]
	if !ok {
		return kNone, n.errorf("there is no function %s()", n.text)
	}
	if len(n.kids) != len(f.takes) {
		return kNone, n.errorf("%s() takes %d values, not %d", n.text, len(f.takes), len(n.kids))
	}
	switch n.text {
	case "selected":
		// One choice is a list of one, as in XForms.
		if k := n.kids[0].kind; k != kMany && k != kChoice {
			return kNone, n.kids[0].errorf("this is %s, and selected() wants choices", k)
		}
		if n.kids[1].op != opText {
			return kNone, n.kids[1].errorf("selected() wants a written choice, such as 'food'")
		}
		return kTruth, s.choice(n.kids[0], n.kids[1])
	case "if":
		return s.either(n, n.kids[1], n.kids[2])
	case "coalesce":
		return s.either(n, n.kids[0], n.kids[1])
	case "regex":
		return kTruth, n.pattern()
	}
	return f.yields, n.wants(f.takes...)
}

// either yields one of two values, which must be of a kind.
func (s scope) either(n, a, b *node) (kind, error) {
	if n.text == "if" && n.kids[0].kind != kTruth {
		return kNone, n.kids[0].errorf("this is %s, and if() wants yes or no", n.kids[0].kind)
	}
	if a.kind == b.kind {
		return a.kind, nil
	}
	if a.kind.textual() && b.kind.textual() {
		return kText, nil
	}
	return kNone, n.errorf("%s() would yield %s or %s", n.text, a.kind, b.kind)
}

// pattern compiles the pattern of regex(), which must match the whole text
// (XLSForm: "an exact and complete match"). Go's patterns take linear time.
func (n *node) pattern() error {
	if err := n.wants(kText); err != nil {
		return err
	}
	p := n.kids[1]
	if p.op != opText {
		return p.errorf("regex() wants a written pattern")
	}
	re, err := regexp.Compile(`\A(?s:` + p.text + `)\z`)
	if err != nil {
		return p.errorf("this pattern cannot be read: %v", err)
	}
	n.re = re
	return nil
}

// inOrder puts questions so that none is worked out before what its relevance
// or calculation leans on, and names those that lean on themselves.
func (f *Form) inOrder() (order []*Question, circle []*Question) {
	const fresh, open, done = 0, 1, 2
	state := map[*Question]int{}
	var visit func(q *Question)
	visit = func(q *Question) {
		if state[q] != fresh {
			if state[q] == open && !slices.Contains(circle, q) {
				circle = append(circle, q)
			}
			return
		}
		state[q] = open
		for _, e := range append(slices.Clone(q.Relevant), q.Calculation) {
			if e == nil {
				continue
			}
			for _, name := range e.Names() {
				if on := f.byName[name]; on != nil {
					visit(on)
				}
			}
		}
		state[q] = done
		order = append(order, q)
	}
	for _, q := range f.Questions {
		visit(q)
	}
	return order, circle
}
