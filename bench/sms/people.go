package sms

import (
	"fmt"
	"regexp"
	"time"
)

// somebody is one basic phone and what its owner is about to write. They write
// one message, wait for the answer, and write the next.
type somebody struct {
	phone   string
	says    []string // what they write next, and after it; then "0" until they hold a receipt
	tracks  bool     // once they hold it, they ask how it stands
	receipt string
	wrote   time.Time
	waits   bool // for an answer
	heard   int  // answers
}

// What people write, in the four languages of the house. Each of the first four
// is understood whole, because nobody asks back where somebody lies under stones.
var (
	pleas = []string{
		"ناس تحت الأنقاض في الدوار عاونونا الله يجازيكم",
		"des voisins sont sous les décombres, venez vite s'il vous plaît",
		"people are trapped under the rubble in our village, please come",
		"azul, nra aghrum d waman gh douar nngh, 12 n middn",
	}
	greetings = []string{"سلام", "bonjour", "hello", "azul"}
)

// nowhere is a place that no gazetteer knows: it is kept in their own words.
const nowhere = "دوار لا يعرفه أحد وراء الجبل"

// newcomer is the n-th person to write: one in two tells it in their own words,
// the other goes through the menu by digits; one in four asks afterwards how it
// stands.
func newcomer(n int) *somebody {
	s := &somebody{phone: fmt.Sprintf("+2126%08d", n), tracks: n%4 == 3}
	lang := n / 2 % 4
	if n%2 == 0 {
		s.says = []string{pleas[lang]}
	} else {
		s.says = []string{greetings[lang], "1", "3 6", nowhere, fmt.Sprint(1 + n%9), "0"}
	}
	return s
}

// numbers are nine digits in threes, as a receipt is written.
var numbers = regexp.MustCompile(`\b\d{3} \d{3} \d{3}\b`)

// next is what they write now; "" when they have nothing more to say.
func (s *somebody) next() string {
	switch {
	case len(s.says) > 0:
		words := s.says[0]
		s.says = s.says[1:]
		return words
	case s.receipt == "":
		return "0" // "none", to whatever was asked
	case s.tracks:
		s.tracks = false
		return "0" // "follow"
	}
	return ""
}

// hear takes an answer.
func (s *somebody) hear(text string) {
	s.waits = false
	s.heard++
	if n := numbers.FindString(text); n != "" && s.receipt == "" {
		s.receipt = n
	}
}

// isAsked lets somebody who holds a receipt answer whether help came.
func (s *somebody) isAsked() { s.says = []string{"0", "1"} }
