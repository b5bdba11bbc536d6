package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/twiza/twiza/shared/forms"
)

// forbidden is what is never asked and never decided by: belief, opinion,
// origin, and what stands for them (requirements C13, T5; law 09-08 art. 1(3)
// names these data sensitive). Word forms in the languages authors write in.
var forbidden = strings.Fields(`
	belief beliefs religion religions religious faith creed sect croyance croyances religieux religieuse confession
	opinion opinions political politics politique politiques party partisan syndicat
	ethnicity ethnic ethnie ethnique origin origins origine origines race races racial raciale
	nationality nationalities nationalite nationalité tribe tribes tribal tribu tribus
	ديانة دين عقيدة مذهب عرق قبيلة جنسية`)

// Forbidden is the first word of a name that nothing may be decided by, "" when
// there is none. Names are cut at signs, digits and capitals.
func Forbidden(name string) string {
	var spaced strings.Builder
	var before rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(unicode.ToLower(r))
		before = r
	}
	words := strings.FieldsFunc(spaced.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
	for _, w := range words {
		if slices.Contains(forbidden, strings.TrimPrefix(w, "ال")) || slices.Contains(forbidden, w) {
			return w
		}
	}
	return ""
}

// side says how a rule leans on an answer: the rule holds more readily with
// more of it, less readily, or one cannot tell.
type side int8

const (
	against  side = -1
	either   side = 0
	inFavour side = 1
)

// judge refuses what no rule may do: ask for what is forbidden, name a choice
// that its list does not have, or turn a protected trait against somebody.
func (e *Env) judge(r Rule, tree ast.Expr) []string {
	w := &walk{env: e, uses: map[string]side{}}
	w.see(tree, inFavour)
	for name, s := range w.uses {
		x := e.fields[name]
		if len(x.traits) == 0 {
			continue
		}
		what := fmt.Sprintf("%s (%s)", name, strings.Join(x.traits, ", "))
		switch {
		case r.Effect == Lowers:
			w.tell("it makes a case less urgent and leans on %s: a protected trait may only raise", what)
		case r.Effect == Refuses:
			w.tell("it refuses and leans on %s: a protected trait may only raise", what)
		case r.Effect == Raises && (s != inFavour || x.worked):
			w.tell("%s must speak for a person: here having it can keep the rule from holding", what)
		}
	}
	slices.Sort(w.wrong)
	return slices.Compact(w.wrong)
}

// walk goes through a rule and notes which answers it leans on, and how.
type walk struct {
	env   *Env
	uses  map[string]side
	wrong []string
}

func (w *walk) tell(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (w *walk) note(name string, s side) {
	if old, had := w.uses[name]; had && old != s {
		s = either
	}
	w.uses[name] = s
}

// field is the question an expression stands for: its name, or a part of the
// place it asks for, or answers.NAME, or answers["NAME"].
func (w *walk) field(e ast.Expr) *field {
	switch e.Kind() {
	case ast.IdentKind:
		name, _, _ := strings.Cut(strings.TrimPrefix(e.AsIdent(), "."), ".")
		return w.env.fields[name]
	case ast.SelectKind:
		if s := e.AsSelect(); answers(s.Operand()) {
			return w.env.fields[s.FieldName()]
		}
	case ast.CallKind:
		if c := e.AsCall(); c.FunctionName() == "_[_]" && answers(c.Args()[0]) {
			if name, ok := literal(c.Args()[1]); ok {
				return w.env.fields[name]
			}
		}
	}
	return nil
}

func answers(e ast.Expr) bool {
	return e.Kind() == ast.IdentKind && strings.TrimPrefix(e.AsIdent(), ".") == "answers"
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// see notes everything in e, of which more makes the rule hold more readily
// (in favour) or less.
func (w *walk) see(e ast.Expr, s side) {
	if x := w.field(e); x != nil {
		w.name(x.q.Name)
		w.note(x.q.Name, s)
		return
	}
	switch e.Kind() {
	case ast.IdentKind:
		w.name(e.AsIdent())
		if answers(e) {
			w.tell("answers is used as answers.NAME only, so that it shows which answers a rule leans on")
		}
	case ast.LiteralKind:
		if text, ok := literal(e); ok {
			w.name(text)
		}
	case ast.SelectKind:
		w.selected(e.AsSelect(), s)
	case ast.CallKind:
		w.call(e.AsCall(), s)
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			w.see(x, s)
		}
	case ast.MapKind:
		for _, x := range e.AsMap().Entries() {
			w.see(x.AsMapEntry().Key(), either)
			w.see(x.AsMapEntry().Value(), either)
		}
	case ast.ComprehensionKind:
		w.each(e.AsComprehension(), s)
	}
}

func (w *walk) name(s string) {
	if word := Forbidden(s); word != "" {
		w.tell("it speaks of %s, which no rule may use", word)
	}
}

func (w *walk) selected(x ast.SelectExpr, s side) {
	w.name(x.FieldName())
	if answers(x.Operand()) {
		w.tell("no question is called %q", x.FieldName())
		return
	}
	w.see(x.Operand(), s)
}

func (w *walk) call(c ast.CallExpr, s side) {
	args := c.Args()
	switch f := c.FunctionName(); f {
	case "!_":
		w.see(args[0], -s)
	case "_&&_", "_||_", "@not_strictly_false", "size", "sets.intersects":
		w.choices(args)
		w.all(c, s)
	case "_?_:_":
		w.see(args[0], either)
		w.see(args[1], s)
		w.see(args[2], s)
	case "@in":
		w.choices(args)
		w.all(c, s)
	case "_==_":
		w.choices(args)
		w.equal(args, s)
	case "_!=_":
		w.choices(args)
		w.equal(args, -s)
	case "_>_", "_>=_":
		w.ordered(args[0], args[1], s)
	case "_<_", "_<=_":
		w.ordered(args[1], args[0], s)
	case "sets.contains":
		w.choices(args)
		w.see(args[0], s)
		w.see(args[1], -s)
	default:
		if f == "_[_]" && answers(args[0]) {
			w.tell("answers[…] takes the written name of a question")
			return
		}
		w.all(c, either)
	}
}

func (w *walk) all(c ast.CallExpr, s side) {
	if c.IsMemberFunction() {
		w.see(c.Target(), s)
	}
	for _, a := range c.Args() {
		w.see(a, s)
	}
}

// equal: to have a trait is to equal a written value. Lists and counts are
// equal to nothing so simple, "== false" asks for absence, and so does "== ”".
func (w *walk) equal(args []ast.Expr, s side) {
	for i, a := range args {
		how := either
		if other := args[1-i]; other.Kind() == ast.LiteralKind {
			x, v := w.field(a), other.AsLiteral()
			switch {
			case v == types.False:
				how = -s
			case v == types.True:
				how = s
			case x == nil || x.q.Yields() == forms.TypeMany:
			case v == types.String(""):
				how = -s
			default:
				how = s
			}
		}
		w.see(a, how)
	}
}

// ordered sees more > less. The count of a list grows with it; of a number,
// such as an age, either end may be the one that needs help first.
func (w *walk) ordered(more, less ast.Expr, s side) {
	w.see(more, s)
	if x := w.field(less); x != nil {
		w.see(less, s)
		return
	}
	w.see(less, -s)
}

// each sees exists, all, filter and map. Only exists over the answer itself
// speaks plainly for those who have it.
func (w *walk) each(c ast.ComprehensionExpr, s side) {
	inside, over := either, either
	if step := c.LoopStep(); step.Kind() == ast.CallKind {
		switch step.AsCall().FunctionName() {
		case "_||_":
			inside = s
			if w.field(c.IterRange()) != nil || c.IterRange().Kind() == ast.ListKind && !w.touched(c.IterRange()) {
				over = s
			}
		case "_&&_":
			inside = s
		}
	}
	w.see(c.IterRange(), over)
	w.see(c.LoopCondition(), inside)
	w.see(c.LoopStep(), inside)
	w.see(c.AccuInit(), inside)
	w.see(c.Result(), inside)
}

// touched says whether any answer stands inside e.
func (w *walk) touched(e ast.Expr) bool {
	inner := &walk{env: w.env, uses: map[string]side{}}
	inner.see(e, inFavour)
	return len(inner.uses) > 0
}

// choices refuses a written choice that the list of the question beside it
// does not have: such a rule would never hold, and nobody would notice.
func (w *walk) choices(args []ast.Expr) {
	for i, a := range args {
		x := w.field(a)
		if x == nil || x.q.List == nil || len(args) != 2 {
			continue
		}
		written := []ast.Expr{args[1-i]}
		if written[0].Kind() == ast.ListKind {
			written = written[0].AsList().Elements()
		}
		for _, e := range written {
			text, ok := literal(e)
			if !ok || text == "" {
				continue
			}
			if _, known := x.q.List.Choice(text); !known {
				w.tell("%q is not a choice of %s", text, x.q.Name)
			}
		}
	}
}
