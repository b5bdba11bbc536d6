package service

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/shared/forms"
)

// narrow reads what is asked where each question costs a message, and the
// words by which people say things themselves.
func (b *builder) narrow() {
	for _, n := range b.f.Narrow {
		if q := b.question("narrow", n); q != nil {
			b.d.Narrow = append(b.d.Narrow, n.Is)
		}
	}
	b.d.said = map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(b.f.Said)) {
		if _, ok := b.w.texts[key]; !ok {
			b.find(b.at("said"), "said: there is no text %q", key)
		}
		for _, w := range b.f.Said[key] {
			b.d.said[key] = append(b.d.said[key], w.Is)
		}
	}
	b.withoutInternet()
}

// withoutInternet finds what shuts out somebody with a basic phone: a service
// that is open at all times is vital, and must be answerable by pressing keys
// (requirements B04, M11).
func (b *builder) withoutInternet() {
	d := b.d
	if !d.Always || d.Form == nil {
		return
	}
	if d.Digit == 0 {
		b.find(b.at("code"), "a service that is always open needs a digit: without one it has no path by SMS, USSD or voice")
	}
	for _, q := range d.Form.Questions {
		if !q.Asks() || !q.MayBeRequired() && !slices.Contains(d.Narrow, q.Name) {
			continue
		}
		switch q.Type {
		case forms.TypeOne, forms.TypeMany:
			for _, c := range q.List.Choices {
				if c.Digit == 0 {
					b.find(c.Line, "%s cannot be answered by keys: the choice %q has no digit, so there is no path without internet", q.Name, c.Name)
				}
			}
		case forms.TypePoint:
			b.find(q.Line, "%s asks for coordinates: a basic phone has none, so there is no path without internet; ask for a place", q.Name)
		}
	}
	if s, ok := d.State(d.start); ok && !s.SMS {
		b.find(b.at("states"), "the state %q is told by no message: whoever asks without internet would get no receipt", d.start)
	}
	for _, s := range d.States {
		if _, ok := b.w.texts["message."+s.Code]; s.SMS && !ok {
			b.find(b.at("messages"), "messages: the state %q is told by a message that is not written", s.Code)
		}
	}
	if t, ok := b.w.texts["message."+d.start]; ok {
		for _, l := range slices.Sorted(maps.Keys(t.in)) {
			if !strings.Contains(t.in[l], "{receipt}") {
				b.find(b.at("messages"), "messages: %s (%s) does not hold {receipt}", d.start, l)
			}
		}
	}
}
