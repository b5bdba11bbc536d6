package rules

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAPatternThatIsTriedOnlyWhereItCanHoldFindsTheSame(t *testing.T) {
	t.Parallel()
	all := []string{
		`تحت (الأنقاض|الانقاض|الردم|الركام|الحجر)|(?i)sous les d[ée]combres|under (the )?rubble`,
		`(?i)kilo`, `(?i)ΣΊΣΥΦΟΣ`, `ab+c`, `(ab){2,3}`, `(ab)*`, `a.b|`, `^under`, `x?`, `(ab|cd)+ef|gh`, `(?i:ab)cd`, `[ab]c`, `(?s)a.b`, `\bab\b`, `x\x{fffd}`,
	}
	texts := []string{"", "ab", "AB", "under the rubble", "UNDER RUBBLE", "Under the Rubble", "sous les decombres", "SOUS LES DÉCOMBRES", "ſous les décombres",
		"\u212Ailo", "σίσυφος", "نحن تحت الأنقاض منذ الليل", "نحن تحت السماء", "abab", "abcd", "ABcd", "\xffab\xff", "x\xff", "abbbc", "cdef", "xx gh"}
	for _, text := range all {
		p, err := newPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		plain := regexp.MustCompile(text)
		for _, in := range texts {
			if got, want := p.matches(in), plain.MatchString(in); got != want {
				t.Errorf("%s in %q: %v, where the pattern alone says %v", text, in, got, want)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			in := strings.Join(rapid.SliceOf(rapid.SampledFrom(append(strings.Split("a b c d e f g h A C x", " "), texts...))).Draw(t, "in"), "")
			if got, want := p.matches(in), plain.MatchString(in); got != want {
				t.Fatalf("%s in %q: %v, where the pattern alone says %v", text, in, got, want)
			}
		})
	}
}

func TestThePiecesOfAPatternAreTheOnesItCannotDoWithout(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`تحت (الأنقاض|الركام)|(?i)sous les d[ée]combres|under (the )?rubble`: "تحت |SOUS LES D|UNDER ",
		`(ab)*cd`: "cd", `a?`: "", `ab|c`: "", `(abc|de)f`: "abc|de", `(abc)+`: "abc", `x\x{fffd}`: "",
	} {
		p, err := newPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range p.pieces {
			got = append(got, x.text)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, wanted %q", text, got, want)
		}
	}
}
