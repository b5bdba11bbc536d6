package sense

import "strconv"

// beside is the number right before a thing: "20 tentes".
func (l *Lexicon) beside(words []word, h hit) int {
	if !h.thing || h.from == 0 {
		return 0
	}
	if n, ok := l.number(words[h.from-1]); ok {
		return n
	}
	if h.from > 1 && (words[h.from-1].key == "de" || words[h.from-1].key == "d" || words[h.from-1].key == "dyal" || words[h.from-1].key == "ديال" || words[h.from-1].key == "n") {
		if n, ok := l.number(words[h.from-2]); ok {
			return n
		}
	}
	return 0
}

func (l *Lexicon) number(w word) (int, bool) {
	if n, err := strconv.Atoi(w.key); err == nil && n > 0 && n <= 20000 {
		return n, true
	}
	n, ok := l.numbers[w.key]
	return n, ok
}

// counted are the numbers that stand before a word for people or households, and
// those that stand after "we are".
func (l *Lexicon) counted(words []word) (out []Finding) {
	for i, w := range words {
		n, ok := l.number(w)
		if !ok {
			continue
		}
		if key, last := l.whom(words, i); key != "" {
			out = append(out, Finding{Key: key, Count: n, From: w.from, To: words[last].to})
		}
	}
	return out
}

// whom is what the number at words[i] counts, and the word that tells it.
func (l *Lexicon) whom(words []word, i int) (key string, last int) {
	for j := i + 1; j < len(words) && j <= i+2 && words[j].clause == words[i].clause; j++ {
		switch {
		case l.people.begins(words, j):
			return "people", j
		case l.households.begins(words, j):
			return "households", j
		case l.years.begins(words, j), l.months.begins(words, j):
			return "", i
		}
	}
	if i > 0 && words[i-1].clause == words[i].clause && l.we.ends(words, i-1) {
		return "people", i
	}
	return "", i
}

// Ages that say that somebody is old or an infant: in years and, beside a word
// for a child, in months.
const (
	oldYears     = 65
	mostYears    = 115
	infantMonths = 24
)

// aged are the ages that a text tells: "82 ans", "عمره شهران".
func (l *Lexicon) aged(words []word) (out []Finding) {
	for i, w := range words {
		n, ok := l.number(w)
		if !ok || i+1 >= len(words) {
			continue
		}
		next := words[i+1]
		switch {
		case n >= oldYears && n <= mostYears && l.years.begins(words, i+1):
			out = append(out, Finding{Key: "weak.elderly", From: w.from, To: next.to})
		case n <= infantMonths && l.months.begins(words, i+1):
			for j := max(0, i-4); j < i; j++ {
				if words[j].clause == w.clause && l.child.begins(words, j) {
					out = append(out, Finding{Key: "weak.infant", From: w.from, To: next.to})
					break
				}
			}
		}
	}
	return out
}
