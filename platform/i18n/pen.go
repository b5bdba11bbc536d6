package i18n

import (
	"html"
	"html/template"
	"strings"
	"sync"
	"unicode/utf8"
)

// pen writes one sentence or one value, as HTML or as plain text.
type pen struct {
	p     *Printer
	lang  Lang // of the sentence being written: one of the four
	html  bool
	buf   []byte
	count number // what # stands for
	depth int    // of Key arguments within each other
}

var pens = sync.Pool{New: func() any { return new(pen) }}

func (p *Printer) pen(asHTML bool) *pen {
	w := pens.Get().(*pen)
	*w = pen{p: p, lang: p.lang.written(), html: asHTML, buf: w.buf[:0]}
	return w
}

// done gives the pen back with what it wrote.
func (w *pen) done() string {
	s := string(w.buf)
	w.p = nil
	pens.Put(w)
	return s
}

// args is the named arguments of a sentence: "name", value, … or one map, as
// an error for people carries them.
type args []any

func (a args) get(name string) (any, bool) {
	if len(a) == 1 {
		if named, ok := a[0].(map[string]any); ok {
			v, ok := named[name]
			return v, ok
		}
	}
	for i := 0; i+1 < len(a); i += 2 {
		if n, ok := a[i].(string); ok && n == name {
			return a[i+1], true
		}
	}
	return nil, false
}

// sentence writes the sentence of a key in the pen's language, or borrowed
// from another and marked so, with its Arabic twin where it needs one.
func (w *pen) sentence(key string, a args) {
	s := w.p.cat.sentence(key)
	if s == nil {
		w.p.cat.note(key)
		w.raw("⟦")
		w.words(key)
		w.raw("⟧")
		return
	}
	e := s.find(w.lang)
	span := ""
	if e.lang != w.lang {
		span = borrowedSpan(e.lang)
	}
	w.in(e, key, a, span)
	twin := s.twin(e)
	if twin == nil || w.p.lang == QPS {
		return
	}
	if w.html {
		w.raw(" ")
	} else {
		w.raw("\n") // its own line: plain text can set a direction no other way
	}
	w.in(twin, key, a, twinSpan(twin.lang))
}

// in writes one entry, within a span if it is of another language.
func (w *pen) in(e *entry, key string, a args, span string) {
	apart := span != "" && w.html && w.p.lang != QPS
	if apart {
		w.raw(span)
	}
	if w.p.lang == QPS {
		w.raw(opening)
	}
	outer := w.lang
	w.lang = e.lang
	w.message(e.read().words, key, a)
	w.lang = outer
	if w.p.lang == QPS {
		w.raw(closing)
	}
	if apart {
		w.raw("</span>")
	}
}

func (w *pen) message(m message, key string, a args) {
	for i := range m {
		n := &m[i]
		switch n.kind {
		case literal:
			switch {
			case w.p.lang == QPS:
				w.words(accented(n.text))
			case w.html:
				w.raw(n.html)
			default:
				w.raw(n.text)
			}
		case count:
			w.number(w.count)
		default:
			v, ok := a.get(n.text)
			if !ok {
				w.lacks(key, n.text)
				continue
			}
			w.hole(n, v, key, a)
		}
	}
}

func (w *pen) hole(n *node, v any, key string, a args) {
	switch n.kind {
	case value:
		w.value(v)
	case choice:
		w.message(pick(n.forms, w.chosen(v)), key, a)
	case plural:
		q, ok := quantity(v)
		if !ok {
			w.lacks(key, n.text)
			return
		}
		outer := w.count
		w.count = q
		w.message(w.pluralOf(n.forms, q), key, a)
		w.count = outer
	}
}

// pluralOf is the exact form if there is one, else the form of the language.
func (w *pen) pluralOf(forms []form, q number) message {
	if q.hundreds == 0 && !q.neg && q.odd == "" {
		for i := range forms {
			if forms[i].exact && forms[i].n == q.whole {
				return forms[i].body
			}
		}
	}
	return pick(forms, pluralForm(w.lang, q))
}

func pick(forms []form, name string) message {
	var rest message
	for i := range forms {
		switch forms[i].name {
		case name:
			return forms[i].body
		case other:
			rest = forms[i].body
		}
	}
	return rest
}

// lacks shows and remembers an argument that was not given, or was of no use.
func (w *pen) lacks(key, arg string) {
	w.p.cat.note(key + " {" + arg + "}")
	w.raw("⟦")
	w.words(arg)
	w.raw("⟧")
}

// raw writes what is already in the pen's kind of text.
func (w *pen) raw(s string) { w.buf = append(w.buf, s...) }

// words writes plain text, escaped if need be.
func (w *pen) words(s string) {
	if w.html {
		w.buf = appendEscaped(w.buf, s)
	} else {
		w.raw(s)
	}
}

// apart writes text with a direction of its own, as a name in another script.
func (w *pen) apart(s string) {
	if w.html {
		w.raw("<bdi>")
		w.words(s)
		w.raw("</bdi>")
	} else {
		w.raw(s)
	}
}

// figures opens a stretch of digits and signs, which runs left to right in
// every language and is never broken; the caller closes it with closeFigures.
func (w *pen) figures() {
	if w.html {
		w.raw(`<bdi class="num">`)
	}
}

func (w *pen) closeFigures() {
	if w.html {
		w.raw("</bdi>")
	}
}

// markup passes HTML through; in plain text only its words remain.
func (w *pen) markup(h template.HTML) {
	if w.html {
		w.raw(string(h))
	} else {
		w.raw(withoutTags(string(h)))
	}
}

func escape(s string) string { return string(appendEscaped(nil, s)) }

func appendEscaped(buf []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var as string
		switch s[i] {
		case '&':
			as = "&amp;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '"':
			as = "&#34;"
		case '\'':
			as = "&#39;"
		case 0:
			as = string(utf8.RuneError)
		default:
			continue
		}
		buf = append(append(buf, s[from:i]...), as...)
		from = i + 1
	}
	return append(buf, s[from:]...)
}

// withoutTags is the words of a piece of HTML that this package made.
func withoutTags(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			b.WriteString(s)
			return html.UnescapeString(b.String())
		}
		b.WriteString(s[:open])
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			return html.UnescapeString(b.String())
		}
		s = s[open+end+1:]
	}
}
