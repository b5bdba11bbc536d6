package sense

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
)

// ideas are words that mean much the same in any of the languages: "maman", "mmi",
// "ⵉⵎⵎⵉ". What a model learns of one of them it knows of all, which matters most
// for languages in which few sentences could be written for it.
type ideas struct {
	names []string
	whole map[string][]int   // word → ideas
	begun map[string][]begun // first two letters → beginnings
	heard map[string][]int   // how whole words sound → ideas
}

type begun struct {
	with string
	idea int
}

func readIdeas(all map[string][]string) ideas {
	out := ideas{names: slices.Sorted(maps.Keys(all)), whole: map[string][]int{}, begun: map[string][]begun{}, heard: map[string][]int{}}
	for i, name := range out.names {
		for _, w := range all[name] {
			stem, open := strings.CutSuffix(w, "*")
			keys := fold(stem)
			if len(keys) != 1 {
				continue
			}
			key := keys[0]
			if open && len([]rune(key)) >= 2 {
				out.begun[headOf(key)] = append(out.begun[headOf(key)], begun{key, i})
				continue
			}
			q := piece{words: map[string]bool{}}
			q.put(key)
			for k := range q.words {
				out.whole[k] = append(out.whole[k], i)
				if phones := arabic.Phones(k); len(phones) >= leastHeard && !slices.Contains(out.heard[string(phones)], i) {
					out.heard[string(phones)] = append(out.heard[string(phones)], i)
				}
			}
		}
	}
	return out
}

// of is what a word means, by any of the forms in which it may be listed.
func (s *ideas) of(w word) (out []int) {
	forms := [3]string{w.key, w.bare, ""}
	if rest := latinArticle(w.key); rest != "" {
		forms[2] = rest
	}
	for n, f := range forms {
		if f == "" || n > 0 && f == w.key {
			continue
		}
		out = append(out, s.whole[f]...)
		for _, b := range s.begun[headOf(f)] {
			if strings.HasPrefix(f, b.with) {
				out = append(out, b.idea)
			}
		}
		if len(out) > 0 {
			break
		}
	}
	if phones := arabic.Phones(w.bare); len(out) == 0 && len(phones) >= leastHeard {
		out = append(out, s.heard[string(phones)]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mean is whether a word means an idea.
func (s *ideas) mean(w word, name string) bool {
	i, ok := slices.BinarySearch(s.names, name)
	return ok && slices.Contains(s.of(w), i)
}

// leastHeard is how many sounds a word must have to be known by its sound alone.
const leastHeard = 4

// latinArticle takes the article off a word of Darija in Latin letters: "lma",
// "ttri9"; "" where there is none.
func latinArticle(key string) string {
	if len(key) < 4 || key[0] >= 0x80 {
		return ""
	}
	if key[0] == 'l' || key[0] == key[1] {
		return key[1:]
	}
	return ""
}
