package sense

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
)

// feature is one thing that can be noticed in a text, as the number that it is
// known by, and the words that it was noticed in.
type feature struct {
	id       uint32
	value    float32
	from, to int // words[from:to]; both 0 for the text as a whole
}

// Kinds of features: the word as it is written; as it sounds, which is the same
// in every script; its consonants; pieces of both; words beside each other; what
// the list of words found and names; what words mean, in whatever language, one by
// one, two in a clause, and beside what the list found.
const (
	kindWord    = 'w'
	kindSound   = 'k'
	kindBones   = 's'
	kindPiece   = 'c'
	kindAir     = 'p'
	kindPair    = 'b'
	kindApart   = 'j'
	kindLexicon = 'L'
	kindNamed   = 'P'
	kindTongue  = 'G'
	kindIdea    = 'i'
	kindIdeas   = 'I'
	kindScope   = 'S'
	kindScopes  = 'T'
)

// loud is how much a feature of each kind counts: what the list of words says
// most, then ideas, which are few; pieces of words least, because there are so many.
var loud = [256]float32{kindLexicon: 8, kindNamed: 2, kindWord: 1.2, kindSound: 1.2, kindBones: 0.5, kindPiece: 0.25, kindAir: 0.25, kindPair: 0.7, kindApart: 0.3, kindTongue: 0.5, kindIdea: 3, kindIdeas: 2, kindScope: 2, kindScopes: 1}

type noticing struct {
	out  []feature
	seen map[uint32]int // feature → where in out
}

func (n *noticing) add(kind byte, text string, from, to int) {
	h := fnv.New32a()
	h.Write([]byte{kind})
	h.Write([]byte(text))
	id := h.Sum32()
	if _, twice := n.seen[id]; twice {
		return
	}
	n.seen[id] = len(n.out)
	n.out = append(n.out, feature{id, loud[kind], from, to})
}

// notice is everything that is noticed in a text: each feature once, where it
// stands first.
func (l *Lexicon) notice(words []word, r Reading, named []string) []feature {
	n := &noticing{seen: make(map[uint32]int, len(words)*24)}
	sounds := make([]string, len(words))
	for i, w := range words {
		key := w.bare
		if _, number := l.number(w); number {
			key = "#"
		}
		n.add(kindWord, key, i, i+1)
		phones := arabic.Phones(key)
		sounds[i] = string(phones)
		if key == "#" {
			sounds[i] = key
		}
		if len(phones) > 1 {
			n.add(kindSound, sounds[i], i, i+1)
			pieces(n, kindAir, []rune("^"+sounds[i]+"$"), i)
		}
		if bones := arabic.Skeleton(phones); len(bones) > 2 {
			n.add(kindBones, bones, i, i+1)
		}
		pieces(n, kindPiece, []rune("^"+key+"$"), i)
		if i > 0 {
			n.add(kindPair, sounds[i-1]+" "+sounds[i], i-1, i+1)
		}
		if i > 1 {
			n.add(kindApart, sounds[i-2]+" "+sounds[i], i-2, i+1)
		}
	}
	l.think(n, words, r)
	for _, f := range r.Findings {
		n.add(kindLexicon, f.Key, 0, 0)
	}
	for _, key := range named {
		n.add(kindNamed, key, 0, 0)
	}
	n.add(kindTongue, r.Lang, 0, 0)
	return n.out
}

// pieces are the three and four letters in a row of a word.
func pieces(n *noticing, kind byte, rs []rune, at int) {
	for size := 3; size <= 4; size++ {
		for i := 0; i+size <= len(rs); i++ {
			n.add(kind, string(rs[i:i+size]), at, at+1)
		}
	}
}

// thought is an idea, its word, and how many words with ideas came before.
type thought struct{ idea, at, nth int }

// think notices what the words mean, and what is meant beside it in a clause.
func (l *Lexicon) think(n *noticing, words []word, r Reading) {
	var before []thought
	nth := 0
	for i, w := range words {
		here := l.ideas.of(w)
		if len(here) > 0 {
			nth++
		}
		for _, k := range here {
			name := l.ideas.names[k]
			n.add(kindIdea, name, i, i+1)
			for _, b := range before {
				if words[b.at].clause == w.clause && nth-b.nth <= reachOfIdeas {
					n.add(kindIdeas, l.ideas.names[b.idea]+" "+name, b.at, i+1)
				}
			}
		}
		for _, k := range here {
			before = append(before, thought{k, i, nth})
		}
	}
	l.scope(n, words, r, before)
}

// scope notices what is meant in the clause of everything that the list found:
// thanks, an offer, a question, what is over.
func (l *Lexicon) scope(n *noticing, words []word, r Reading, all []thought) {
	for _, f := range r.Findings {
		group, _, _ := strings.Cut(f.Key, ".")
		at := slices.IndexFunc(words, func(w word) bool { return w.from >= f.From })
		if at < 0 || group != "needs" && group != "weak" && group != danger {
			continue
		}
		for _, b := range all {
			if words[b.at].clause == words[at].clause {
				n.add(kindScope, f.Key+" "+l.ideas.names[b.idea], b.at, b.at+1)
				n.add(kindScopes, group+" "+l.ideas.names[b.idea], b.at, b.at+1)
			}
		}
	}
}

// reachOfIdeas is how many ideas further one is still beside another.
const reachOfIdeas = 3
