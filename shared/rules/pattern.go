package rules

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// patterns reads each pattern that stands in a rule once, when the house
// opens, and looks for a piece of text that every match must hold before it
// tries the pattern itself: hardly anybody writes the words that it is there
// for, and trying it is the dearest thing that a rule does.
func patterns() []*interpreter.RegexOptimization {
	var all []*interpreter.RegexOptimization
	for _, overload := range []string{"matches", "matches_string"} {
		all = append(all, &interpreter.RegexOptimization{Function: "matches", OverloadID: overload, RegexIndex: 1, Factory: swift})
	}
	return all
}

func swift(call interpreter.InterpretableCall, text string) (interpreter.InterpretableCall, error) {
	p, err := newPattern(text)
	if err != nil {
		return nil, err
	}
	return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), func(v ...ref.Val) ref.Val {
		if len(v) == 2 {
			if in, ok := v[0].Value().(string); ok {
				return types.Bool(p.matches(in))
			}
		}
		return types.NoSuchOverloadErr()
	}), nil
}

// pattern is a regular expression and the pieces of text of which every match
// holds at least one; without pieces nothing is known about that.
type pattern struct {
	whole  *regexp.Regexp
	pieces []piece
	first  [256]bool // the bytes that a folded piece can begin with
	folded bool      // there is one
}

func newPattern(text string) (*pattern, error) {
	whole, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl) // as regexp.Compile reads it
	if err != nil {
		return nil, err
	}
	p := &pattern{whole: whole, pieces: needed(tree)}
	for _, x := range p.pieces {
		for r, seen := x.runes[0], false; x.fold && (!seen || r != x.runes[0]); r, seen = unicode.SimpleFold(r), true {
			p.first[utf8.AppendRune(nil, r)[0]], p.folded = true, true
		}
	}
	return p, nil
}

func (p *pattern) matches(in string) bool {
	return (len(p.pieces) == 0 || p.may(in)) && p.whole.MatchString(in)
}

// may tells whether any of the pieces is there.
func (p *pattern) may(in string) bool {
	for i := range p.pieces {
		if x := &p.pieces[i]; !x.fold && strings.Contains(in, x.text) {
			return true
		}
	}
	for i := 0; p.folded && i < len(in); i++ {
		if !p.first[in[i]] {
			continue
		}
		for j := range p.pieces {
			if x := &p.pieces[j]; x.fold && x.begins(in[i:]) {
				return true
			}
		}
	}
	return false
}

// piece is text to look for; folded, in capitals or not.
type piece struct {
	text  string
	runes []rune
	fold  bool
}

func (p *piece) begins(s string) bool {
	for _, want := range p.runes {
		got, size := utf8.DecodeRuneInString(s)
		if size == 0 || !same(got, want) {
			return false
		}
		s = s[size:]
	}
	return true
}

func same(a, b rune) bool {
	for r := unicode.SimpleFold(a); a != b; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
		if r == a {
			return false
		}
	}
	return true
}

// shortest is the least that a piece is worth looking for.
const shortest = 2 // letters

// needed is the pieces of which every match of x holds at least one.
func needed(x *syntax.Regexp) []piece {
	switch x.Op {
	case syntax.OpLiteral:
		// A byte that is no text reads as U+FFFD in a pattern, and would not be found.
		if len(x.Rune) >= shortest && !slices.Contains(x.Rune, utf8.RuneError) {
			return []piece{{string(x.Rune), x.Rune, x.Flags&syntax.FoldCase != 0}}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(x.Sub[0])
	case syntax.OpRepeat:
		if x.Min > 0 {
			return needed(x.Sub[0])
		}
	case syntax.OpConcat:
		var best []piece
		for _, sub := range x.Sub {
			if p := needed(sub); least(p) > least(best) {
				best = p
			}
		}
		return best
	case syntax.OpAlternate:
		var all []piece
		for _, sub := range x.Sub {
			p := needed(sub)
			if p == nil {
				return nil
			}
			all = append(all, p...)
		}
		return all
	}
	return nil
}

// least is the length of the shortest of them; 0 when there is none.
func least(all []piece) (n int) {
	for i, p := range all {
		if i == 0 || len(p.runes) < n {
			n = len(p.runes)
		}
	}
	return n
}
