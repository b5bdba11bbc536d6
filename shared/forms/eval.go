package forms

import (
	"math"
	"slices"
	"unicode/utf8"
)

// result is what a checked expression comes to. A missing number is NaN, as
// in XPath: no comparison with it holds but "is not equal".
type result struct {
	s  string
	n  float64
	b  bool
	l  []string
	no bool // a place that is not known
}

// asked evaluates a checked expression that yields yes or no.
func (e *Expr) asked(a Answers, self Value) bool { return evaluation{a, self}.of(e.root).b }

// worth evaluates a checked calculation: nil where there is nothing to tell.
func (e *Expr) worth(a Answers) Value {
	r := evaluation{a: a}.of(e.root)
	switch e.root.kind {
	case kNumber:
		if math.IsNaN(r.n) || math.IsInf(r.n, 0) {
			return nil
		}
		if r.n == math.Trunc(r.n) && math.Abs(r.n) < maxWhole {
			return int64(r.n)
		}
		return r.n
	case kTruth:
		return r.b
	case kMany:
		if len(r.l) > 0 {
			return slices.Clone(r.l)
		}
		return nil
	}
	if r.s == "" {
		return nil
	}
	return r.s
}

type evaluation struct {
	a    Answers
	self Value
}

func (v evaluation) of(n *node) result {
	switch n.op {
	case opNumber:
		return result{n: n.num}
	case opText:
		return result{s: n.text}
	case opRef:
		return given(v.a[n.text], n.kind)
	case opSelf:
		return given(v.self, n.kind)
	case opMinus:
		return result{n: -v.of(n.kids[0]).n}
	case opInfix:
		return v.infix(n)
	}
	return v.call(n)
}

// given turns an answer into a result of the kind its question has; an answer
// of any other shape counts as missing.
func given(x Value, k kind) result {
	switch k {
	case kNumber:
		switch x := x.(type) {
		case int64:
			return result{n: float64(x)}
		case float64:
			return result{n: x}
		}
		return result{n: math.NaN()}
	case kTruth:
		b, _ := x.(bool)
		return result{b: b}
	case kMany:
		l, _ := x.([]string)
		return result{l: l}
	case kPlace:
		p, _ := x.(Place)
		return result{no: p.IsZero()}
	}
	switch x := x.(type) {
	case string:
		return result{s: x}
	case Phone:
		return result{s: string(x)}
	}
	return result{}
}

func (r result) missing(k kind) bool {
	switch k {
	case kNumber:
		return math.IsNaN(r.n)
	case kMany:
		return len(r.l) == 0
	case kPlace:
		return r.no
	case kTruth:
		return false
	}
	return r.s == ""
}

func (v evaluation) infix(n *node) result {
	left, right := n.kids[0], n.kids[1]
	a := v.of(left)
	switch n.text {
	case "and":
		return result{b: a.b && v.of(right).b}
	case "or":
		return result{b: a.b || v.of(right).b}
	}
	b := v.of(right)
	switch n.text {
	case "=":
		return result{b: same(left, right, a, b)}
	case "!=":
		return result{b: !same(left, right, a, b)}
	case "+":
		return result{n: a.n + b.n}
	case "-":
		return result{n: a.n - b.n}
	case "*":
		return result{n: a.n * b.n}
	case "div":
		return result{n: a.n / b.n}
	case "mod":
		return result{n: math.Mod(a.n, b.n)}
	}
	return result{b: ordered(n.text, left, right, a, b)}
}

func same(left, right *node, a, b result) bool {
	switch {
	case right.blank():
		return a.missing(left.kind)
	case left.blank():
		return b.missing(right.kind)
	case left.kind == kNumber:
		return a.n == b.n
	case left.kind == kTruth:
		return a.b == b.b
	}
	return a.s == b.s
}

func ordered(mark string, left, right *node, a, b result) bool {
	if left.kind == kDate || right.kind == kDate {
		// 2023-09-08 sorts as text; a missing date is neither before nor after.
		if a.s == "" || b.s == "" {
			return false
		}
		a.n, b.n = 0, 0
		if a.s < b.s {
			a.n = -1
		} else if a.s > b.s {
			a.n = 1
		}
	}
	switch mark {
	case "<":
		return a.n < b.n
	case "<=":
		return a.n <= b.n
	case ">":
		return a.n > b.n
	}
	return a.n >= b.n
}

func (v evaluation) call(n *node) result {
	switch n.text {
	case "true":
		return result{b: true}
	case "false":
		return result{}
	case "if":
		if v.of(n.kids[0]).b {
			return v.of(n.kids[1])
		}
		return v.of(n.kids[2])
	}
	a := v.of(n.kids[0])
	switch n.text {
	case "not":
		return result{b: !a.b}
	case "selected":
		want := n.kids[1].text
		return result{b: a.s != "" && a.s == want || slices.Contains(a.l, want)}
	case "count-selected":
		return result{n: float64(len(a.l))}
	case "string-length":
		return result{n: float64(utf8.RuneCountInString(a.s))}
	case "regex":
		return result{b: n.re.MatchString(a.s)}
	}
	// coalesce: the first that is not missing
	if a.missing(n.kids[0].kind) {
		return v.of(n.kids[1])
	}
	return a
}
