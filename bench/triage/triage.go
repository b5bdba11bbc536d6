// Package triage measures how well free words are read. Truth is what a sentence
// says, written down by whoever wrote the sentence and held out from the lexicon:
// sentences.csv beside this file. For each need, language and script it gives
// precision, recall and F1, beside a reader that always says yes and one that
// looks for single words only.
package triage

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

//go:embed sentences.csv
var written string

// Sentence is one text and everything that it says, of what is asked for here.
type Sentence struct {
	Text, Lang, Script string
	Says               []string // "needs.food", "danger" …
	People             int      // how many it says; 0 where it does not
}

// Sentences are the written ones.
func Sentences() ([]Sentence, error) {
	rows, err := csv.NewReader(strings.NewReader(written)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("sentences.csv: %w", err)
	}
	var out []Sentence
	for _, r := range rows[1:] {
		people, _ := strconv.Atoi(r[4]) // empty is not said
		out = append(out, Sentence{r[0], r[1], r[2], strings.Fields(r[3]), people})
	}
	return out, nil
}

// Reader says what a text says.
type Reader func(text string) []string

// Figure is how one reader did on one thing in one group of sentences.
type Figure struct {
	Group, Key       string // Key "all" is over every thing
	Right, Wrong     int    // said and meant; said and not meant
	Missed, Sentence int    // meant and not said; how many sentences
}

// Precision, Recall and F1 are shares of 1; 1 where there was nothing to say.
func (f Figure) Precision() float64 { return share(f.Right, f.Right+f.Wrong) }
func (f Figure) Recall() float64    { return share(f.Right, f.Right+f.Missed) }
func (f Figure) F1() float64 {
	if p, r := f.Precision(), f.Recall(); p+r > 0 {
		return 2 * p * r / (p + r)
	}
	return 0
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// Keys are what is measured: what the sentences can say.
func Keys(all []Sentence) (out []string) {
	for _, s := range all {
		out = append(out, s.Says...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Measure asks a reader every sentence. miss hears of each sentence that was
// read otherwise; nil is nobody.
func Measure(all []Sentence, read Reader, miss func(s Sentence, said []string)) []Figure {
	keys := Keys(all)
	found := map[[2]string]*Figure{}
	at := func(group, key string) *Figure {
		k := [2]string{group, key}
		if found[k] == nil {
			found[k] = &Figure{Group: group, Key: key}
		}
		return found[k]
	}
	for _, s := range all {
		said := slices.DeleteFunc(read(s.Text), func(k string) bool { return !slices.Contains(keys, k) })
		off := false
		for _, group := range []string{"all", s.Lang + " " + s.Script} {
			at(group, "all").Sentence++
			for _, key := range keys {
				yes, meant := slices.Contains(said, key), slices.Contains(s.Says, key)
				for _, f := range []*Figure{at(group, key), at(group, "all")} {
					switch {
					case yes && meant:
						f.Right++
					case yes:
						f.Wrong++
						off = true
					case meant:
						f.Missed++
						off = true
					}
				}
			}
		}
		if off && miss != nil {
			miss(s, said)
		}
	}
	var out []Figure
	for _, f := range found {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Key, b.Key)) })
	return out
}

// Cautious is a reader that takes a possible danger for one.
func Cautious(read Reader) Reader {
	return func(text string) []string {
		said := slices.Clone(read(text))
		for i, key := range said {
			if key == "maybe_danger" {
				said[i] = "danger"
			}
		}
		return said
	}
}

// Always is the reader that says everything of every text: what anybody must beat.
func Always(all []Sentence) Reader {
	keys := Keys(all)
	return func(string) []string { return slices.Clone(keys) }
}

// Counted is how often the number of people was read as it stands, and how often
// a number was read where none is or another.
func Counted(all []Sentence, people func(text string) int) (right, said, wrong int) {
	for _, s := range all {
		got := people(s.Text)
		switch {
		case s.People > 0 && got == s.People:
			right++
		case got > 0:
			wrong++
		}
		if s.People > 0 {
			said++
		}
	}
	return right, said, wrong
}

// Report measures a reader beside the two that anybody must beat, and writes it
// all down: the reader by group and thing, the others as a whole. list is the list
// of words with its rules and without the model.
func Report(w io.Writer, title string, all []Sentence, read, list, plain Reader) {
	figures := Measure(all, read, nil)
	Print(w, title, slices.DeleteFunc(slices.Clone(figures), func(f Figure) bool { return f.Group != "all" }))
	Print(w, "by language and script", slices.DeleteFunc(figures, func(f Figure) bool {
		return f.Group == "all" || f.Key != "all" && f.Key != "danger"
	}))
	Print(w, "danger, or that it cannot be ruled out", slices.DeleteFunc(Measure(all, Cautious(read), nil), func(f Figure) bool { return f.Key != "danger" }))
	for _, beside := range []struct {
		name string
		read Reader
	}{{"beside: the list of words and its rules, without the model", list}, {"beside: a plain list of words", plain}, {"beside: always yes", Always(all)}} {
		Print(w, beside.name, slices.DeleteFunc(Measure(all, beside.read, nil), func(f Figure) bool {
			return f.Group != "all" || f.Key != "all" && f.Key != "danger"
		}))
	}
}

// Print writes figures as a table, one line for each group and thing.
func Print(w io.Writer, name string, all []Figure) {
	fmt.Fprintf(w, "%s\n%-10s %-17s %6s %6s %6s %6s\n", name, "group", "says", "meant", "prec.", "recall", "F1")
	for _, f := range all {
		fmt.Fprintf(w, "%-10s %-17s %6d %6.3f %6.3f %6.3f\n", f.Group, f.Key, f.Right+f.Missed, f.Precision(), f.Recall(), f.F1())
	}
}
