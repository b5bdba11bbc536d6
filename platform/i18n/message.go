package i18n

import (
	"fmt"
	"strconv"
	"strings"
)

// A message is a sentence with holes, in the part of ICU MessageFormat that
// translators need:
//
//	{name}
//	{n, plural, =0 {nobody} one {# person} other {# people}}
//	{who, select, team {the team} other {somebody}}
//
// Inside a plural, # is the number. An apostrophe is itself; two stand for
// one; before { } or # it begins a quoted stretch that the next one ends.
type message []node

type nodeKind uint8

const (
	literal nodeKind = iota
	value            // {name}
	plural           // {name, plural, …}
	choice           // {name, select, …}
	count            // # inside a plural
)

type node struct {
	kind  nodeKind
	text  string // the literal, or the argument's name
	html  string // the literal, escaped
	forms []form
}

// form is one way to say a plural or a choice.
type form struct {
	name  string // "one", "other", "team"; "=0" when exact
	exact bool
	n     uint64 // the number that an exact form is for
	body  message
}

const (
	maxMessage = 8 << 10 // bytes; the longest sentence people read is far below
	maxDepth   = 6       // plurals and choices within each other
)

// parseMessage reads a text of the catalogue. Errors say where, counted in
// characters from 1.
func parseMessage(src string) (message, error) {
	if len(src) > maxMessage {
		return nil, fmt.Errorf("longer than %d bytes", maxMessage)
	}
	p := parser{src: src}
	return p.body(false, 0)
}

type parser struct {
	src string
	at  int
}

func (p *parser) wrong(format string, args ...any) error {
	place := len([]rune(p.src[:min(p.at, len(p.src))])) + 1
	return fmt.Errorf("at character %d: %s", place, fmt.Sprintf(format, args...))
}

// body reads up to the } that closes it, which it leaves in place, or to the
// end of the text when depth is 0.
func (p *parser) body(inPlural bool, depth int) (message, error) {
	var m message
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			m = append(m, node{kind: literal, text: lit.String(), html: escape(lit.String())})
			lit.Reset()
		}
	}
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '\'':
			if err := p.quoted(&lit, inPlural); err != nil {
				return nil, err
			}
		case c == '{':
			flush()
			n, err := p.hole(inPlural, depth)
			if err != nil {
				return nil, err
			}
			m = append(m, n)
		case c == '}' && depth == 0:
			return nil, p.wrong("a } that no { opens")
		case c == '}':
			flush()
			return m, nil
		case c == '#' && inPlural:
			flush()
			m = append(m, node{kind: count})
			p.at++
		default:
			lit.WriteByte(c)
			p.at++
		}
	}
	if depth > 0 {
		return nil, p.wrong("a { that no } closes")
	}
	flush()
	return m, nil
}

// quoted reads from an apostrophe.
func (p *parser) quoted(lit *strings.Builder, inPlural bool) error {
	rest := p.src[p.at+1:]
	switch {
	case rest != "" && rest[0] == '\'':
		lit.WriteByte('\'')
		p.at += 2
		return nil
	case rest == "" || rest[0] != '{' && rest[0] != '}' && (rest[0] != '#' || !inPlural):
		lit.WriteByte('\'')
		p.at++
		return nil
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] != '\'' {
			lit.WriteByte(rest[i])
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '\'' {
			lit.WriteByte('\'')
			i++
			continue
		}
		p.at += i + 2
		return nil
	}
	return p.wrong("an apostrophe opens a quoted stretch that never ends")
}

// hole reads {name}, {name, plural, …} or {name, select, …}.
func (p *parser) hole(inPlural bool, depth int) (node, error) {
	p.at++ // {
	name := p.word(false)
	if name == "" {
		return node{}, p.wrong("a { needs the name of an argument after it; to show a { write '{'")
	}
	switch p.next() {
	case '}':
		p.at++
		return node{kind: value, text: name}, nil
	case ',':
		p.at++
	default:
		return node{}, p.wrong("after {%s there must be a } or a comma", name)
	}
	n := node{text: name}
	switch kind := p.word(false); kind {
	case "plural":
		n.kind, inPlural = plural, true
	case "select":
		n.kind = choice
	default:
		return node{}, p.wrong("%q is neither plural nor select", kind)
	}
	if p.next() != ',' {
		return node{}, p.wrong("a comma is missing before the forms of {%s}", name)
	}
	p.at++
	if depth >= maxDepth {
		return node{}, p.wrong("more than %d plurals and choices within each other", maxDepth)
	}
	err := p.forms(&n, inPlural, depth)
	return n, err
}

// forms reads "one {…} other {…}}" with the brace that closes the hole.
func (p *parser) forms(n *node, inPlural bool, depth int) error {
	hasOther := false
	for p.next() != '}' {
		f := form{name: p.word(true)}
		if err := p.named(n, &f); err != nil {
			return err
		}
		if p.next() != '{' {
			return p.wrong("the form %q of {%s} has no { after it", f.name, n.text)
		}
		p.at++
		body, err := p.body(inPlural, depth+1)
		if err != nil {
			return err
		}
		p.at++ // the } that body left
		f.body = body
		n.forms = append(n.forms, f)
		hasOther = hasOther || f.name == other
	}
	p.at++
	if !hasOther {
		return p.wrong("{%s} has no form \"other\"", n.text)
	}
	return nil
}

// named checks the name of a form, and finds the number of an exact one.
func (p *parser) named(n *node, f *form) error {
	if f.name == "" {
		return p.wrong("{%s} is never closed, or the name of a form is missing", n.text)
	}
	for _, before := range n.forms {
		if before.name == f.name {
			return p.wrong("{%s} has the form %q twice", n.text, f.name)
		}
	}
	digits, exact := strings.CutPrefix(f.name, "=")
	if n.kind == choice {
		if exact {
			return p.wrong("a select has no exact form %q", f.name)
		}
		return nil
	}
	if exact {
		v, err := strconv.ParseUint(digits, 10, 32)
		f.exact, f.n = true, v
		if err != nil || strconv.FormatUint(v, 10) != digits {
			return p.wrong("%q is no number of a plural form", f.name)
		}
		return nil
	}
	switch f.name {
	case zero, one, two, few, many, other:
		return nil
	}
	return p.wrong("%q is no plural form; there are =0 zero one two few many other", f.name)
}

// next skips spaces and looks at the next byte; 0 at the end.
func (p *parser) next() byte {
	for p.at < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.src) {
		return 0
	}
	return p.src[p.at]
}

// word skips spaces and reads a name of letters, digits and _; the name of a
// form may begin with = and hold hyphens.
func (p *parser) word(ofForm bool) string {
	p.next()
	start := p.at
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case ofForm && c == '-':
		case ofForm && c == '=' && p.at == start:
		default:
			return p.src[start:p.at]
		}
		p.at++
	}
	return p.src[start:p.at]
}

// still says that a message has no holes and reads the same every time.
func (m message) still() bool {
	for _, n := range m {
		if n.kind != literal {
			return false
		}
	}
	return true
}

// walk visits every node, outer before inner.
func (m message) walk(visit func(node)) {
	for _, n := range m {
		visit(n)
		for _, f := range n.forms {
			f.body.walk(visit)
		}
	}
}
