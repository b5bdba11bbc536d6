package i18n

import (
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/clock"
)

// Printer says the sentences of a catalogue to readers of one language in one
// time zone. It keeps nothing of what it says: one Printer may serve every
// page. Set its fields before it is shared.
type Printer struct {
	Now      func() time.Time // the present, for "12 minutes ago"
	National string           // country calling code whose phones show as local: "212"

	cat  *Catalogue
	lang Lang
	loc  *time.Location
}

// For is a printer for a language; a language that is not known reads Arabic.
// Times show in loc, in Morocco Africa/Casablanca; nil is UTC.
func (c *Catalogue) For(lang Lang, loc *time.Location) *Printer {
	if !Known(lang) {
		lang = AR
	}
	if loc == nil {
		loc = time.UTC
	}
	return &Printer{Now: clock.System{}.Now, National: "212", cat: c, lang: lang, loc: loc}
}

// Lang is the language the printer speaks; QPS in tests.
func (p *Printer) Lang() Lang { return p.lang }

// Dir is the direction of a page in it: "rtl" or "ltr".
func (p *Printer) Dir() string { return Dir(p.lang) }

// T says a sentence as HTML. Arguments are named: "n", 3, "place", "Amizmiz",
// or one map[string]any. Numbers, times, phones and codes are formatted and
// isolated; strings are escaped and isolated; template.HTML goes through.
// A sentence that the language lacks comes in another, in a span that names
// it; a key that no language has shows as ⟦key⟧ and is noted (Missing).
func (p *Printer) T(key string, args ...any) template.HTML {
	if e := p.ready(key); e != nil {
		return e.read().html
	}
	w := p.pen(true)
	w.sentence(key, args)
	return template.HTML(w.done())
}

// Text says a sentence without markup, for titles, mails and SMS. A draft of a
// life-saving sentence is followed by its Arabic twin on a line of its own.
func (p *Printer) Text(key string, args ...any) string {
	if e := p.ready(key); e != nil {
		return e.read().plain
	}
	w := p.pen(false)
	w.sentence(key, args)
	return w.done()
}

// Source is a sentence as its catalogue has it, holes and plural forms
// unfilled, in the language in which the printer would say it: for a page that
// says it itself, later and without a network.
func (p *Printer) Source(key string) string {
	s := p.cat.sentence(key)
	if s == nil {
		p.cat.note(key)
		return ""
	}
	return s.find(p.lang).text
}

// ready is the entry of a sentence that always reads the same and belongs to
// the language, nil for any other: the common case costs no allocation.
func (p *Printer) ready(key string) *entry {
	at := p.lang.index()
	s := p.cat.sentence(key)
	if s == nil || at < 0 {
		return nil
	}
	if e := s.in[at]; e != nil && e.read().still && s.twin(e) == nil {
		return e
	}
	return nil
}

// show is one value as it stands in a sentence.
func (p *Printer) show(v any) template.HTML {
	w := p.pen(true)
	w.value(v)
	return template.HTML(w.done())
}

// Plain is any value as Text shows it within a sentence: a number, a Date, a
// Phone, and so on, without markup.
func (p *Printer) Plain(v any) string {
	w := p.pen(false)
	w.value(v)
	return w.done()
}

// Values that say how they want to be shown, for sentences whose arguments are
// gathered where no Printer is: "until", i18n.Clock(t).
type (
	Date    time.Time // 21 November 2026
	Clock   time.Time // 14:00
	When    time.Time // 12 minutes ago; today at 14:00; 21 November 2026
	Percent float64   // 0.71 is 71%
	Phone   string    // +212661234542 is 06 61 23 45 42
	Masked  string    // +212661234542 is 06 61 •• •• ••
	Code    string    // 482719063 is 482 719 063
	Key     string    // a sentence of the catalogue that needs no arguments
)

// Money is an amount in minor units, as centimes, of an ISO 4217 currency.
type Money struct {
	Minor    int64
	Currency string
}

// written is what a pen of the same kind wrote: it needs no escaping.
type written string

// maxKeys bounds sentences that name each other as arguments.
const maxKeys = 4

// value writes one argument in the way of its type.
func (w *pen) value(v any) {
	switch v := v.(type) {
	case nil:
	case written:
		w.raw(string(v))
	case template.HTML:
		w.markup(v)
	case string:
		w.text(v)
	case bool:
		if v {
			w.sentence("i18n.word.yes", nil)
		} else {
			w.sentence("i18n.word.no", nil)
		}
	case time.Time:
		w.dateClock(v)
	case time.Duration:
		w.duration(v)
	case Date:
		w.date(time.Time(v))
	case Clock:
		w.clock(time.Time(v))
	case When:
		w.when(time.Time(v))
	case Money:
		w.money(v)
	case Percent:
		w.percent(float64(v))
	case Phone:
		w.phone(string(v), false)
	case Masked:
		w.phone(string(v), true)
	case Code:
		w.code(string(v))
	case Key:
		if w.depth++; w.depth <= maxKeys {
			w.sentence(string(v), nil)
		}
		w.depth--
	case error:
		w.text(v.Error())
	case fmt.Stringer:
		w.text(v.String())
	default:
		if q, ok := quantity(v); ok {
			w.number(q)
			return
		}
		if r := reflect.ValueOf(v); r.Kind() == reflect.String {
			w.text(r.String())
			return
		}
		w.text(fmt.Sprint(v))
	}
}

// text writes a string that came from data: digits and signs as figures,
// anything else with a direction of its own.
func (w *pen) text(s string) {
	if !codeLike(s) {
		w.apart(s)
		return
	}
	w.figures()
	w.words(s)
	w.closeFigures()
}

// codeLike is what reads left to right in every language: a phone, a plate, a
// hash, an address of the net. It holds a digit, letters are Latin, and where
// there are letters there is no space, for then it may be a name.
func codeLike(s string) bool {
	digit, letter, space := false, false, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letter = true
		case r == ' ' || r == nbspRune:
			space = true
		case r == '•':
		case r > '~' || r < ' ':
			return false
		}
	}
	return digit && !(letter && space)
}

// quantity reads a number of any type, named ones too.
func quantity(v any) (number, bool) {
	switch v := v.(type) {
	case int:
		return whole(int64(v)), true
	case int64:
		return whole(v), true
	case float64:
		return decimal(v), true
	case Percent:
		return decimal(float64(v) * 100), true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return whole(r.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return number{whole: r.Uint()}, true
	case reflect.Float32, reflect.Float64:
		return decimal(r.Float()), true
	}
	return number{}, false
}

// chosen is the name by which a select knows a value.
func (w *pen) chosen(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}
