package places

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// index finds names by what people type of them. Built once, then only read.
type index struct {
	spellings []spelling
	keys      map[string][]int32 // whole key → spellings
	tights    map[string][]int32
	sounds    sounds
	grams     table // three letters in a row → spellings
	words     map[string][]int32
	sorted    []int32 // by tight, for prefixes
	widest    int     // words of the longest name
	common    int     // a word of more names than this is none by itself
	lexicon   *lexicon
}

// spelling is one name of one place, made comparable.
type spelling struct {
	place *Place
	key   string
	tight string
	size  int // runes of tight
}

// tight is a key without spaces and without the article, which people write,
// join or leave out as they please.
func tight(key string) string {
	var room [96]byte
	b := room[:0]
	for word := range strings.FieldsSeq(key) {
		switch word {
		case "al", "el", "l":
			continue
		}
		if rest, ok := strings.CutPrefix(word, "ال"); ok && len(rest) >= 4 {
			word = rest
		}
		b = append(b, word...)
	}
	if len(b) == 0 {
		return strings.ReplaceAll(key, " ", "")
	}
	return string(b)
}

func newIndex(x *lexicon) *index {
	return &index{keys: map[string][]int32{}, tights: map[string][]int32{}, words: map[string][]int32{}, lexicon: x}
}

// add takes a name in; seal ends it.
func (x *index) add(p *Place, key string) {
	n := int32(len(x.spellings))
	s := spelling{place: p, key: key, tight: tight(key)}
	s.size = utf8.RuneCountInString(s.tight)
	x.spellings = append(x.spellings, s)
	x.sounds.add(n, x.lexicon.phones(nil, key), key[0] < 0x80)
	x.widest = max(x.widest, 1+strings.Count(key, " "))
	x.keys[key] = append(x.keys[key], n)
	x.tights[s.tight] = append(x.tights[s.tight], n)
	for _, h := range gramsOf(nil, s.tight) {
		x.grams.put(h, n)
	}
	for w := range strings.FieldsSeq(key) {
		if l := x.words[w]; len(l) == 0 || l[len(l)-1] != n {
			x.words[w] = append(l, n)
		}
	}
	x.sorted = append(x.sorted, n)
}

// leastCommon is how many names of a small gazetteer may share a word that still
// names something by itself; of a large one it is one name in two hundred.
const leastCommon = 25

func (x *index) seal() {
	slices.SortFunc(x.sorted, func(a, b int32) int { return strings.Compare(x.spellings[a].tight, x.spellings[b].tight) })
	x.sounds.seal(x.spellings)
	x.grams.seal()
	x.common = max(leastCommon, len(x.spellings)/200)
}

// table maps hashes to spellings: a sorted list, and where each beginning starts.
// Two things of one hash are rare and cost a look, no more.
type table struct {
	entries []uint64 // hash, spelling
	starts  []int32  // by the upper bits of the hash
}

const startBits = 15

func (t *table) put(hash uint32, n int32) {
	t.entries = append(t.entries, uint64(hash)<<32|uint64(uint32(n)))
}

func (t *table) seal() {
	slices.Sort(t.entries)
	t.entries = slices.Clip(slices.Compact(t.entries))
	t.starts = make([]int32, 1<<startBits+1)
	at := 0
	for i := range t.starts {
		for at < len(t.entries) && t.entries[at]>>(64-startBits) < uint64(i) {
			at++
		}
		t.starts[i] = int32(at)
	}
}

// of are the entries of a hash; their lower half is the spelling.
func (t *table) of(hash uint32) []uint64 {
	if len(t.entries) == 0 {
		return nil
	}
	bucket := hash >> (32 - startBits)
	list := t.entries[t.starts[bucket]:t.starts[bucket+1]]
	from := 0
	for from < len(list) && uint32(list[from]>>32) < hash {
		from++
	}
	to := from
	for to < len(list) && uint32(list[to]>>32) == hash {
		to++
	}
	return list[from:to]
}

// FNV-1a, 32 bits (Fowler, Noll, Vo).
const (
	hashBasis = 2166136261
	hashPrime = 16777619
)

// mostGist is how much of a gist is worn down: no name of ours is longer.
const mostGist = 16

// longGist is from where two consonants may be missing and the name is still told.
const longGist = 6

// worn are the hashes of what is left of a gist when so many consonants are
// missing, 0 to 2: two names that share one of these are at most so far apart
// (Garbe's symmetric deletes, on consonants).
func worn(dst []uint32, gist []byte, missing int) []uint32 {
	gist = gist[:min(len(gist), mostGist)]
	without := func(a, b int) uint32 {
		h := uint32(hashBasis)
		for i, c := range gist {
			if i != a && i != b {
				h = (h ^ uint32(c)) * hashPrime
			}
		}
		return mix(h)
	}
	switch {
	case missing == 0:
		return append(dst, without(-1, -1))
	case missing == 1 && len(gist) > 1:
		for i := range gist {
			dst = append(dst, without(i, -1))
		}
	case missing == 2 && len(gist) >= longGist:
		for i := range gist {
			for j := i + 1; j < len(gist); j++ {
				dst = append(dst, without(i, j))
			}
		}
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

// exchanged are the hashes of a gist with two neighbours in the wrong order.
func exchanged(dst []uint32, gist []byte) []uint32 {
	for i := 0; i+1 < min(len(gist), mostGist); i++ {
		h := uint32(hashBasis)
		for j, c := range gist[:min(len(gist), mostGist)] {
			switch j {
			case i:
				c = gist[i+1]
			case i + 1:
				c = gist[i]
			}
			h = (h ^ uint32(c)) * hashPrime
		}
		dst = append(dst, mix(h))
	}
	return dst
}

// mix spreads a hash over all of its bits: the upper ones choose the bucket.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	h *= 0xC2B2AE35
	return h ^ h>>16
}

// gramsOf are the hashes of the three-letter pieces of a word, its ends marked,
// each once.
func gramsOf(dst []uint32, word string) []uint32 {
	a, b := rune(0), rune(' ')
	piece := func(c rune) {
		h := uint32(hashBasis)
		for _, r := range [...]rune{a, b, c} {
			h = (h ^ uint32(r)) * hashPrime
		}
		dst = append(dst, mix(h))
	}
	for _, r := range word {
		if a != 0 {
			piece(r)
		}
		a, b = b, r
	}
	if a != 0 {
		piece(' ')
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}
