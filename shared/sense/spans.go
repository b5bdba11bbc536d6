package sense

import (
	"cmp"
	"slices"
)

// Span is a stretch of a text, and what it was read to mean; nothing for what
// lies between.
type Span struct {
	Text string
	Says []Finding
}

// Spans cuts a text at its findings, so that a page can mark the words that led
// to each. Together they are the text, whole. Findings that overlap share one
// span.
func (r Reading) Spans(text string) (out []Span) {
	all := slices.Clone(r.Findings)
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(a.From, b.From) })
	at := 0
	for i := 0; i < len(all); {
		from, to := all[i].From, all[i].To
		s := Span{}
		for ; i < len(all) && all[i].From < to; i++ {
			to = max(to, all[i].To)
			s.Says = append(s.Says, all[i])
		}
		if from > at {
			out = append(out, Span{Text: text[at:from]})
		}
		s.Text, at = text[from:to], to
		out = append(out, s)
	}
	if at < len(text) {
		out = append(out, Span{Text: text[at:]})
	}
	return out
}
