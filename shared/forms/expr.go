package forms

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of one expression. What an author writes is read on every request,
// so it has to stay small; the figures are generous for a person and tight
// for a mistake.
const (
	maxExprLen   = 2000 // characters
	maxExprDepth = 32
	maxExprNodes = 500
)

// Expr is one XForms expression: a subset of XPath, as XLSForm authors write
// it. Literals, ${name}, "." for the question itself, = != < <= > >= + - * div
// mod and or, and the functions in the table of check.go.
type Expr struct {
	src  string
	root *node
}

// String is the expression as it was written.
func (e *Expr) String() string { return e.src }

// Names is every question the expression leans on, once each, in order.
func (e *Expr) Names() []string {
	var out []string
	seen := map[string]bool{}
	e.root.walk(func(n *node) {
		if n.op == opRef && !seen[n.text] {
			seen[n.text] = true
			out = append(out, n.text)
		}
	})
	return out
}

// ExprError says what is wrong with an expression and where in it, both
// counted from 1.
type ExprError struct {
	Line, Col int
	Text      string
}

func (e *ExprError) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Text)
	}
	return fmt.Sprintf("column %d: %s", e.Col, e.Text)
}

type op uint8

const (
	opNumber op = iota
	opText
	opRef  // ${name}
	opSelf // .
	opCall
	opInfix
	opMinus
)

type node struct {
	op        op
	text      string // a literal, a name, an operator
	num       float64
	kids      []*node
	re        *regexp.Regexp // of regex(), once checked
	kind      kind           // once checked
	line, col int
}

func (n *node) walk(see func(*node)) {
	see(n)
	for _, k := range n.kids {
		k.walk(see)
	}
}

func (n *node) errorf(format string, args ...any) error {
	return &ExprError{n.line, n.col, fmt.Sprintf(format, args...)}
}

// ParseExpr reads an expression. Whether its names exist and its kinds fit is
// for the form to say.
func ParseExpr(src string) (*Expr, error) {
	if n := utf8.RuneCountInString(src); n > maxExprLen {
		return nil, &ExprError{1, 1, fmt.Sprintf("%d characters, and at most %d are read", n, maxExprLen)}
	}
	p := &parser{src: src, line: 1, col: 1}
	if err := p.next(); err != nil {
		return nil, err
	}
	root, err := p.expr(0, 0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.unexpected("an operator or the end")
	}
	return &Expr{src: src, root: root}, nil
}

type tokKind uint8

const (
	tokEnd tokKind = iota
	tokNumber
	tokText
	tokRef
	tokName
	tokMark // . ( ) , and the operators
)

type token struct {
	kind      tokKind
	text      string
	line, col int
}

type parser struct {
	src       string
	at        int
	line, col int
	tok       token
	nodes     int
}

func (p *parser) errorf(format string, args ...any) error {
	return &ExprError{p.tok.line, p.tok.col, fmt.Sprintf(format, args...)}
}

func (p *parser) unexpected(wanted string) error {
	if p.tok.kind == tokEnd {
		return p.errorf("the expression ends where %s is wanted", wanted)
	}
	return p.errorf("%q where %s is wanted", p.tok.text, wanted)
}

// advance moves over n bytes, keeping count of lines and columns.
func (p *parser) advance(n int) {
	for _, r := range p.src[p.at : p.at+n] {
		if r == '\n' {
			p.line, p.col = p.line+1, 0
		}
		p.col++
	}
	p.at += n
}

// next reads one token into p.tok.
func (p *parser) next() error {
	rest := p.src[p.at:]
	p.advance(len(rest) - len(strings.TrimLeft(rest, " \t\r\n\u00a0")))
	rest = p.src[p.at:]
	p.tok = token{line: p.line, col: p.col}
	if rest == "" {
		return nil
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == '\'' || r == '"':
		end := strings.IndexRune(rest[1:], r)
		if end < 0 {
			return p.errorf("this text is never closed")
		}
		return p.take(tokText, rest[1:1+end], end+2)
	case strings.HasPrefix(rest, "${"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return p.errorf("this ${ is never closed")
		}
		return p.take(tokRef, strings.TrimSpace(rest[2:end]), end+1)
	case digit(rest[0]), r == '.' && len(rest) > 1 && digit(rest[1]):
		return p.number(rest)
	case unicode.IsLetter(r):
		n := strings.IndexFunc(rest, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
		})
		if n < 0 {
			n = len(rest)
		}
		return p.take(tokName, rest[:n], n)
	}
	for _, m := range []string{"!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", ",", "."} {
		if strings.HasPrefix(rest, m) {
			return p.take(tokMark, m, len(m))
		}
	}
	return p.errorf("%q means nothing here", rest[:size])
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (p *parser) take(k tokKind, text string, n int) error {
	p.tok.kind, p.tok.text = k, text
	p.advance(n)
	return nil
}

func (p *parser) number(rest string) error {
	n, dots := 0, 0
	for n < len(rest) && (digit(rest[n]) || rest[n] == '.') {
		if rest[n] == '.' {
			dots++
		}
		n++
	}
	if dots > 1 {
		return p.errorf("%q is not a number", rest[:n])
	}
	return p.take(tokNumber, rest[:n], n)
}

// binds is how tightly an operator holds its two sides (XPath 1.0 §3.5).
var binds = map[string]int{
	"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
	"+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}

const bindsMinus = 7

// expr reads as far as operators hold tighter than least.
func (p *parser) expr(least, depth int) (*node, error) {
	if depth > maxExprDepth {
		return nil, p.errorf("nested more than %d deep", maxExprDepth)
	}
	left, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	for p.tok.kind == tokMark || p.tok.kind == tokName {
		hold, known := binds[p.tok.text]
		if !known || hold <= least {
			break
		}
		n, err := p.node(opInfix, p.tok.text)
		if err != nil {
			return nil, err
		}
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.expr(hold, depth+1)
		if err != nil {
			return nil, err
		}
		n.kids = []*node{left, right}
		left = n
	}
	return left, nil
}

func (p *parser) node(o op, text string) (*node, error) {
	if p.nodes++; p.nodes > maxExprNodes {
		return nil, p.errorf("more than %d parts", maxExprNodes)
	}
	return &node{op: o, text: text, line: p.tok.line, col: p.tok.col}, nil
}

// operand reads one thing an operator may stand beside.
func (p *parser) operand(depth int) (*node, error) {
	t := p.tok
	switch {
	case t.kind == tokNumber:
		n, err := p.leaf(opNumber)
		if err == nil {
			n.num, _ = strconv.ParseFloat(t.text, 64)
		}
		return n, err
	case t.kind == tokText:
		return p.leaf(opText)
	case t.kind == tokRef:
		if !nameShape(t.text) {
			return nil, p.errorf("${%s} is not the name of a question", t.text)
		}
		return p.leaf(opRef)
	case t.kind == tokName:
		return p.call(depth)
	case t.kind == tokMark && t.text == ".":
		return p.leaf(opSelf)
	case t.kind == tokMark && t.text == "-":
		n, err := p.node(opMinus, "-")
		if err != nil {
			return nil, err
		}
		if err := p.next(); err != nil {
			return nil, err
		}
		kid, err := p.expr(bindsMinus, depth+1)
		n.kids = []*node{kid}
		return n, err
	case t.kind == tokMark && t.text == "(":
		if err := p.next(); err != nil {
			return nil, err
		}
		n, err := p.expr(0, depth+1)
		if err != nil {
			return nil, err
		}
		return n, p.close()
	}
	return nil, p.unexpected("a value")
}

func (p *parser) leaf(o op) (*node, error) {
	n, err := p.node(o, p.tok.text)
	if err != nil {
		return nil, err
	}
	return n, p.next()
}

func (p *parser) close() error {
	if p.tok.kind != tokMark || p.tok.text != ")" {
		return p.unexpected(`")"`)
	}
	return p.next()
}

func (p *parser) call(depth int) (*node, error) {
	n, err := p.node(opCall, p.tok.text)
	if err != nil {
		return nil, err
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokMark || p.tok.text != "(" {
		return nil, n.errorf("%q stands alone: a question is written ${%s}, a text '%s', a function %s(…)", n.text, n.text, n.text, n.text)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	for p.tok.kind != tokMark || p.tok.text != ")" {
		if len(n.kids) > 0 {
			if p.tok.kind != tokMark || p.tok.text != "," {
				return nil, p.unexpected(`"," or ")"`)
			}
			if err := p.next(); err != nil {
				return nil, err
			}
		}
		kid, err := p.expr(0, depth+1)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	return n, p.next()
}
