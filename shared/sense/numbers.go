package sense

import (
	"strconv"
	"strings"
)

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

// joined stand between the parts of a number: "vingt et un", "خمسة و ربعين".
var joined = map[string]bool{"et": true, "and": true, "و": true, "w": true, "d": true}

// amount is the number that begins at words[i], of one word or of several
// ("quatre-vingts", "خمسة وأربعون", "three hundred"), and its last word.
func (l *Lexicon) amount(words []word, i int) (n, last int, ok bool) {
	if n, ok = l.number(words[i]); !ok {
		return 0, i, false
	}
	last = i
	for !digits(words[i].key) {
		j, and := last+1, false
		if j >= len(words) || words[j].clause != words[i].clause {
			break
		}
		if joined[words[j].key] && j+1 < len(words) {
			j, and = j+1, true
		}
		w := words[j]
		if rest, begun := strings.CutPrefix(w.key, "و"); begun {
			if _, known := l.numbers[w.key]; !known {
				w.key, and = rest, true
			}
		}
		m, number := l.number(w)
		if !number || digits(w.key) {
			break
		}
		sum, fits := compose(n, m, and, w.key[0] < 0x80)
		if !fits {
			break
		}
		n, last = sum, j
	}
	return n, last, true
}

// compose is the number that two number words make beside each other; latin is
// whether the second is in Latin letters, where the tens come first.
func compose(n, m int, and, latin bool) (int, bool) {
	tens := m >= 20 && m < 100 && m%10 == 0
	switch {
	case n < 10 && (m == 100 || m == 1000) && n > 1, n == 4 && m == 20 && latin && !and:
		return n * m, true
	case n < 10 && m == 10 && !latin && !and:
		return n + 10, true
	case n < 10 && tens && and:
		return n + m, true
	case n >= 20 && n < 100 && n%10 == 0 && latin && (m < 10 || m < 20 && (n == 60 || n == 80)):
		return n + m, true
	case n >= 100 && n%100 == 0 && m < 100 && (and || latin):
		return n + m, true
	}
	return 0, false
}

func digits(key string) bool { return key != "" && key[0] >= '0' && key[0] <= '9' }

// counted are the numbers that stand before a word for people or households, and
// those that stand after "we are"; not of the dead, and not one, which is mostly
// an article.
func (l *Lexicon) counted(words []word) (out []Finding) {
	for i := 0; i < len(words); i++ {
		n, last, ok := l.amount(words, i)
		if !ok {
			continue
		}
		key, to := l.whom(words, i, last)
		if key != "" && n > 1 && !l.died(words, i, to) {
			out = append(out, Finding{Key: key, Count: n, From: words[i].from, To: words[to].to})
		}
		i = last
	}
	return out
}

// died is whether the people counted in words[from] to words[to] are said to be dead.
func (l *Lexicon) died(words []word, from, to int) bool {
	for i := max(0, from-2); i <= min(len(words)-1, to+1); i++ {
		if words[i].clause == words[from].clause && l.ideas.mean(words[i], "dead") {
			return true
		}
	}
	return false
}

// whom is what the number in words[i] to words[end] counts, and the word that tells it.
func (l *Lexicon) whom(words []word, i, end int) (key string, last int) {
	for j := end + 1; j < len(words) && j <= end+2 && words[j].clause == words[i].clause; j++ {
		switch {
		case l.people.begins(words, j):
			return "people", j
		case l.households.begins(words, j):
			return "households", j
		case l.years.begins(words, j), l.months.begins(words, j):
			return "", end
		}
	}
	if i > 0 && words[i-1].clause == words[i].clause && l.we.ends(words, i-1) {
		return "people", end
	}
	return "", end
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
