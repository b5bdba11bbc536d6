package nightone

import (
	_ "embed"
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// names.csv is our own list of Moroccan names with their spellings (CC0): 204
// given names and 146 of families. A full name that somebody bears is chance.
//
//go:embed names.csv
var namesCSV string

// name is one name in both scripts.
type name struct {
	arab  string
	latin []string // spellings, the usual one first
}

type nameList struct{ men, women, families []name }

var allNames = sync.OnceValue(func() nameList {
	rows, err := csv.NewReader(strings.NewReader(namesCSV)).ReadAll()
	if err != nil {
		panic(err) // a file of this package
	}
	var l nameList
	for _, r := range rows[1:] {
		n := name{arab: r[3], latin: []string{r[2]}}
		if r[4] != "" {
			n.latin = append(n.latin, strings.Split(r[4], "|")...)
		}
		switch {
		case r[0] == "surname":
			l.families = append(l.families, n)
		case r[1] == "f":
			l.women = append(l.women, n)
		default:
			l.men = append(l.men, n)
		}
	}
	return l
})

// person is somebody with a name and perhaps a phone.
type person struct {
	given, family name
	phone         string
}

// some draws one, those at the front of a list most often: names are shared out
// very unevenly.
func some[T any](r *rand.Rand, list []T) T {
	x := r.Float64()
	return list[int(x*x*float64(len(list)))]
}

// any draws one, all alike.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// written is a name as somebody writes it: in their script, in one of its
// spellings, with what a thumb does to it.
func (n name) written(r *rand.Rand, arab bool) string {
	if arab {
		return arabNoise(r, n.arab)
	}
	return latinNoise(r, n.latin[spelling(r, len(n.latin))])
}

// spelling is the usual one in half of all cases.
func spelling(r *rand.Rand, n int) int {
	if n == 1 || chance(r, 0.5) {
		return 0
	}
	return 1 + r.IntN(n-1)
}

// full is a whole name, mostly given name first.
func (p person) full(r *rand.Rand, arab bool) string {
	first, last := p.given.written(r, arab), p.family.written(r, arab)
	if chance(r, 0.12) {
		first, last = last, first
	}
	return first + " " + last
}

// Letters that are left out, exchanged or typed as on a phone of twenty years ago.
const typo = 0.07

func arabNoise(r *rand.Rand, s string) string {
	out := make([]rune, 0, len(s))
	for _, c := range s {
		switch {
		case slices.Contains([]rune("أإآ"), c) && chance(r, 0.6):
			c = 'ا'
		case c == 'ة' && chance(r, 0.4):
			c = 'ه'
		case c == 'ى' && chance(r, 0.5):
			c = 'ي'
		case c == 'ڭ' || c == 'گ':
			c = pick(r, []rune("كݣڭ"))
		}
		out = append(out, c)
	}
	return slip(r, out, []rune("اوي"))
}

func latinNoise(r *rand.Rand, s string) string {
	switch x := r.Float64(); {
	case x < 0.2:
		s = strings.ToLower(s)
	case x < 0.3:
		s = strings.ToUpper(s)
	}
	if chance(r, 0.06) {
		s = strings.NewReplacer("ou", "o", "kh", "5", "Ou", "O", "Kh", "5", "q", "9").Replace(s)
	}
	return slip(r, []rune(s), []rune("aeiou"))
}

// slip leaves out a vowel, doubles a letter or swaps two, now and then.
func slip(r *rand.Rand, s []rune, vowels []rune) string {
	if len(s) < 5 || !chance(r, typo) {
		return string(s)
	}
	at := 1 + r.IntN(len(s)-2)
	switch {
	case slices.Contains(vowels, s[at]):
		s = slices.Delete(s, at, at+1)
	case chance(r, 0.5):
		s = slices.Insert(s, at, s[at])
	case s[at] != ' ' && s[at+1] != ' ':
		s[at], s[at+1] = s[at+1], s[at]
	}
	return string(s)
}
