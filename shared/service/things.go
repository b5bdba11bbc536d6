package service

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (b *builder) delays() {
	for _, name := range slices.Sorted(maps.Keys(b.f.Delays)) {
		b.d.delays[name] = b.delay(name, b.f.Delays[name], b.f.Sources)
	}
}

// things reads what is left: goods, complaints, reasons, messages, retention.
func (b *builder) things() {
	units := map[string]bool{}
	for _, u := range b.f.Units {
		units[u.Code] = true
		b.coded("unit", u.Code, u.Line)
		b.w.add("unit."+u.Code, u.Texts, u.Line)
	}
	for _, g := range b.f.Goods {
		if !units[g.Unit.Is] {
			b.find(max(g.Unit.Line, g.Line), "goods: %s is counted in %q, which is no unit", g.Code, g.Unit.Is)
		}
		b.coded("good", g.Code, g.Line)
		b.d.Goods = append(b.d.Goods, Good{g.Code, g.Unit.Is, b.thousandths("kg", g, g.Kg), b.thousandths("litres", g, g.Litres)})
		b.w.add("good."+g.Code, g.Texts, g.Line)
	}
	b.d.Duplicates = b.f.Duplicates
	for _, c := range b.f.Complaints {
		b.coded("complaint", c.Code, c.Line)
		b.d.Complaints = append(b.d.Complaints, ComplaintKind{c.Code, c.Restricted, b.duration(ref{c.Clock.Is, max(c.Clock.Line, c.Line)})})
		b.w.add("complaint."+c.Code, c.Texts, c.Line)
		if c.Restricted && !slices.ContainsFunc(b.f.Safeguarding.Kinds, func(k fileComplaint) bool { return k.Code == c.Code }) {
			b.find(c.Line, "complaints: %s is restricted and no kind of concern under safeguarding", c.Code)
		}
	}
	for _, deed := range slices.Sorted(maps.Keys(b.f.Reasons)) {
		for _, r := range b.f.Reasons[deed] {
			if deed != "refuse" && deed != "redirect" {
				b.find(r.Line, "reasons: %q is neither refuse nor redirect", deed)
				break
			}
			b.coded("reason", r.Code, r.Line)
			b.d.ends[deed] = append(b.d.ends[deed], r.Code)
			b.w.add(deed+"."+r.Code, r.Texts, r.Line)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.f.Messages)) {
		m := b.f.Messages[key]
		if _, ok := b.d.State(key); !ok {
			b.find(m.Line, "messages: %q is no state", key)
		}
		b.w.add("message."+key, m, 1, messageArgs...)
	}
	b.retention()
	for _, v := range b.f.Vital {
		t, ok := b.w.texts[v.Is]
		if !ok {
			b.find(v.Line, "vital: there is no text %q", v.Is)
			continue
		}
		t.vital = true
		b.w.texts[v.Is] = t
	}
}

// maxThousandths is a tonne, or a cubic metre: what one unit never is.
const maxThousandths = 1_000_000

// thousandths reads how many kilograms or litres one unit of a good is, as whole
// grams or millilitres. A file weighs all its goods or none: with some of them
// unknown, what a vehicle can carry would be a guess. (Versions from before
// goods were weighed weigh none.)
func (b *builder) thousandths(what string, g fileGood, r ref) int {
	line := max(r.Line, g.Line)
	if r.Is == "" {
		if slices.ContainsFunc(b.f.Goods, func(o fileGood) bool { return o.Kg.Is != "" || o.Litres.Is != "" }) {
			b.find(line, "goods: %s says no %s, and others are weighed", g.Code, what)
		}
		return 0
	}
	whole, part, _ := strings.Cut(r.Is, ".")
	n, err := strconv.Atoi(whole + (part + "000")[:3])
	if err != nil || len(part) > 3 || n < 1 || n > maxThousandths {
		b.find(line, "goods: %s has %q %s; wanted is a number from 0.001 to 1000", g.Code, r.Is, what)
		return 0
	}
	return n
}

func (b *builder) coded(what, c string, line int) {
	if !code(c) {
		b.find(line, "a %s needs a code in small letters, digits and _", what)
	}
	b.lawful(line, c)
}

// retention reads how long what names a person is kept (law 09-08, art. 3(e):
// no longer than the purpose needs), and who says so.
func (b *builder) retention() {
	r := b.f.Retention
	days := b.whole(ref{r.Days.Is, max(r.Days.Line, r.Line)}, 1, 3660)
	b.d.Retention = time.Duration(days) * 24 * time.Hour
	if _, ok := b.f.Sources[r.Source.Is]; !ok {
		b.find(max(r.Source.Line, r.Line), "retention: %s needs a source that is written under sources", strings.TrimSpace(r.Days.Is+" days"))
	}
}
