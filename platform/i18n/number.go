package i18n

import (
	"html/template"
	"math"
	"strconv"
)

// nbsp groups digits and ties a number to its unit: in a right-to-left line a
// plain space would put the groups in reverse order, and U+202F is not in our
// Arabic font.
const (
	nbsp     = "\u00a0"
	nbspRune = '\u00a0'
)

// Number shows a whole number or a decimal one: 12 345,6, or 12,345.6 in
// English. At most two decimals, and none that are zero.
func (p *Printer) Number(n any) template.HTML { return p.show(n) }

// Money shows an amount given in minor units: 1 250 DH, 12,50 DH.
func (p *Printer) Money(minor int64, currency string) template.HTML {
	return p.show(Money{minor, currency})
}

// Percent shows a share from 0 to 1: 71%, in French 71 %. At most one decimal.
func (p *Printer) Percent(share float64) template.HTML { return p.show(Percent(share)) }

func (w *pen) number(n number) {
	w.figures()
	w.digits(n)
	w.closeFigures()
}

func (w *pen) digits(n number) {
	if n.odd != "" {
		w.words(n.odd)
		return
	}
	if n.neg {
		w.raw("-")
	}
	w.grouped(n.whole)
	if n.hundreds != 0 {
		w.decimals(uint64(n.hundreds), 2, false)
	}
}

// decimals writes the part after the point, which has that many places.
func (w *pen) decimals(part uint64, places int, keepZeros bool) {
	for !keepZeros && part%10 == 0 {
		part /= 10
		places--
	}
	if w.lang == EN {
		w.raw(".")
	} else {
		w.raw(",")
	}
	var digits [20]byte
	s := strconv.AppendUint(digits[:0], part, 10)
	for range places - len(s) {
		w.raw("0")
	}
	w.buf = append(w.buf, s...)
}

// grouped writes a whole number in groups of three.
func (w *pen) grouped(n uint64) {
	var digits [20]byte
	s := strconv.AppendUint(digits[:0], n, 10)
	for i, d := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			if w.lang == EN {
				w.raw(",")
			} else {
				w.raw(nbsp)
			}
		}
		w.buf = append(w.buf, d)
	}
}

// minorDigits is how many digits of a currency are minor units, where it is
// not two (ISO 4217).
var minorDigits = map[string]int{
	"JPY": 0, "XOF": 0, "XAF": 0,
	"TND": 3, "LYD": 3, "KWD": 3, "BHD": 3,
}

// money writes the number and the currency. An Arabic unit stands outside the
// figures, which run left to right, so that it is read after them.
func (w *pen) money(m Money) {
	places, ok := minorDigits[m.Currency]
	if !ok {
		places = 2
	}
	unit := uint64(1)
	for range places {
		unit *= 10
	}
	q := whole(m.Minor)
	arabicUnit := m.Currency == "MAD" && w.lang == AR
	if arabicUnit && w.html {
		w.raw("<bdi>")
	}
	w.figures()
	if q.neg {
		w.raw("-")
	}
	w.grouped(q.whole / unit)
	if part := q.whole % unit; part != 0 {
		w.decimals(part, places, true)
	}
	if arabicUnit {
		w.closeFigures()
	}
	w.raw(nbsp)
	if m.Currency == "MAD" {
		w.sentence("i18n.unit.mad", nil)
	} else {
		w.words(m.Currency)
	}
	switch {
	case !arabicUnit:
		w.closeFigures()
	case w.html:
		w.raw("</bdi>")
	}
}

func (w *pen) percent(share float64) {
	q := decimal(math.Round(share*1000) / 10)
	w.figures()
	w.digits(q)
	if q.odd == "" {
		if w.lang == FR {
			w.raw(nbsp)
		}
		w.raw("%")
	}
	w.closeFigures()
}
