package places

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/twiza/twiza/base/arabic"
)

// Why a place was proposed, as message keys, the surest first.
const (
	ByCode   = "places.match.code"   // the code itself was typed
	ByName   = "places.match.exact"  // the same name, however spelled
	BySound  = "places.match.sound"  // sounds alike, often in another script
	ByNear   = "places.match.near"   // a letter or two differ
	ByPrefix = "places.match.prefix" // the name begins so
	ByWord   = "places.match.word"   // some words of the name
	ByShape  = "places.match.shape"  // much of the spelling is shared
)

// index finds names by what people type of them. Built once, then only read.
type index struct {
	spellings []spelling
	keys      map[string][]int32 // whole key → spellings
	tights    map[string][]int32
	bones     map[string][]int32 // skeletons, whole and with one or two consonants missing → spellings
	grams     map[gram][]int32
	words     map[string][]int32
	sorted    []int32 // by tight, for prefixes
	labels    map[string]string
	near      map[string]bool
	fillers   map[string]bool
	marks     *marks
	widest    int            // words of the longest name
	hidden    map[int32]bool // spellings that are not to be found: see Hiding
}

// gram is three letters in a row, 21 bits each.
type gram uint64

// spelling is one name of one place, made comparable.
type spelling struct {
	place  *Place
	key    string
	padded string // key between spaces
	tight  string
	runes  []rune // of tight
	sound  string
	phones []byte
	heft   int
}

// tight is a key without spaces and without the article, which people write,
// join or leave out as they please.
func tight(key string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(key) {
		switch word {
		case "al", "el", "l":
			continue
		}
		if rest := strings.TrimPrefix(word, "ال"); len([]rune(rest)) >= 2 {
			word = rest
		}
		b.WriteString(word)
	}
	if b.Len() == 0 {
		return strings.ReplaceAll(key, " ", "")
	}
	return b.String()
}

func newIndex(g *Gazetteer) index {
	x := index{
		keys: map[string][]int32{}, tights: map[string][]int32{}, bones: map[string][]int32{}, grams: map[gram][]int32{}, words: map[string][]int32{},
		marks: &marks{}, labels: map[string]string{}, near: map[string]bool{}, fillers: map[string]bool{},
	}
	for _, kind := range kinds {
		for _, p := range g.byKind[kind] {
			seen := map[string]bool{}
			for _, name := range p.Names {
				if key := arabic.Key(arabic.Tifinagh(name)); key != "" && !seen[key] {
					seen[key] = true
					x.add(p, key)
				}
			}
		}
	}
	slices.SortFunc(x.sorted, func(a, b int32) int { return strings.Compare(x.spellings[a].tight, x.spellings[b].tight) })
	for _, level := range g.country.Levels {
		for _, w := range level.Words {
			x.labels[arabic.Key(w)] = level.Kind
		}
	}
	for _, w := range g.country.Near {
		x.near[arabic.Key(w)] = true
	}
	for _, w := range g.country.Fillers {
		x.fillers[arabic.Key(w)] = true
	}
	return x
}

func (x *index) add(p *Place, key string) {
	n := int32(len(x.spellings))
	s := spelling{place: p, key: key, padded: " " + key + " ", tight: tight(key), sound: arabic.Sound(key), phones: arabic.Phones(key)}
	s.heft = arabic.Heft(s.phones)
	s.runes = []rune(s.tight)
	x.spellings = append(x.spellings, s)
	x.widest = max(x.widest, 1+strings.Count(key, " "))
	x.keys[key] = append(x.keys[key], n)
	x.tights[s.tight] = append(x.tights[s.tight], n)
	for _, b := range worn(arabic.Skeleton(s.phones)) {
		x.bones[b] = append(x.bones[b], n)
	}
	for _, t := range gramsOf(s.runes) {
		x.grams[t] = append(x.grams[t], n)
	}
	for w := range strings.FieldsSeq(key) {
		x.words[w] = append(x.words[w], n)
	}
	x.sorted = append(x.sorted, n)
}

// gramsOf are the three-letter pieces of a word, its ends marked, each once.
func gramsOf(word []rune) []gram {
	out := make([]gram, 0, len(word))
	var window gram
	for i := -1; i <= len(word); i++ {
		r := ' '
		if i >= 0 && i < len(word) {
			r = word[i]
		}
		window = (window<<21 | gram(r)) & (1<<63 - 1)
		if i >= 1 {
			out = append(out, window)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hit is a place that a piece of the text may mean.
type hit struct {
	place  *Place
	score  float64 // 0 to 1, by itself
	reason string
}

// depth is how far from the typed phrase a name may be.
type depth int

const (
	exactly depth = iota // the same key
	closely              // or the same sound, or a letter or two away
	fully                // or its beginning, some of its words, much of its shape
)

// lookup finds what a phrase may mean.
func (x *index) lookup(phrase string, deep depth) []hit {
	found := map[*Place]hit{}
	put := func(n int32, score float64, reason string) {
		if x.hidden[n] {
			return
		}
		p := x.spellings[n].place
		if old, ok := found[p]; !ok || old.score < score {
			found[p] = hit{p, score, reason}
		}
	}
	for _, n := range x.keys[phrase] {
		put(n, 1, ByName)
	}
	short := tight(phrase)
	for _, n := range x.tights[short] {
		put(n, 0.97, ByName)
	}
	if deep == exactly {
		return slices.Collect(maps.Values(found))
	}
	sound := arabic.Sound(phrase)
	x.heard(phrase, deep == fully, put)
	if deep == fully {
		x.nearly(short, sound, put)
		x.partly(phrase, short, put)
	}
	return slices.Collect(maps.Values(found))
}

// heard finds names that sound like the phrase, in whatever script. Of a few
// words in a sentence more is asked than of a phrase that is all there is, and a
// name of two letters proves little.
func (x *index) heard(phrase string, whole bool, put func(int32, float64, string)) {
	phones := arabic.Phones(phrase)
	if len(phones) < 2 {
		return
	}
	least, proof := 0.8, 1.0
	if whole {
		least = 0.6
	}
	if bones := arabic.Skeleton(phones); len(bones) < 3 {
		proof = 0.96
		if len(bones) == len(phones) {
			proof = 0.8 // not even a vowel
		}
	}
	heft := arabic.Heft(phones)
	seen := x.marks.get(len(x.spellings))
	defer x.marks.put(seen)
	for _, b := range worn(arabic.Skeleton(phones)) {
		for _, n := range x.bones[b] {
			s := &x.spellings[n]
			if seen.at(n) || float64(min(heft, s.heft)) < least*float64(max(heft, s.heft)) {
				continue
			}
			if like := arabic.LikenessFrom(phones, s.phones, least); like >= least {
				score := 0.96 * like
				if like < 0.97 {
					score *= proof
				}
				if s.place.Kind == Commune {
					score += 0.03 * like // of two that sound so, more people speak of the wider one
				}
				put(n, score, BySound)
			}
		}
	}
}

// worn are a skeleton and what is left when one consonant is missing, or two of
// a long one: two names that share one of these are at most so far apart.
func worn(bones string) []string {
	out := []string{bones}
	if len(bones) < 2 {
		return out
	}
	for i := range bones {
		one := bones[:i] + bones[i+1:]
		out = append(out, one)
		if len(bones) >= 6 {
			for j := i; j < len(one); j++ {
				out = append(out, one[:j]+one[j+1:])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nearly finds names a letter or two away, and for a whole phrase names of a
// like shape, through the three-letter pieces they share.
func (x *index) nearly(short, sound string, put func(int32, float64, string)) {
	word := []rune(short)
	if len(word) < 4 {
		return
	}
	allowed := 1
	if len(word) >= 7 {
		allowed = 2
	}
	shared := make([]uint8, len(x.spellings))
	for _, t := range gramsOf(word) {
		for _, n := range x.grams[t] {
			shared[n]++
		}
	}
	for i, common := range shared {
		if common == 0 {
			continue
		}
		n, common, s := int32(i), int(common), &x.spellings[i]
		size := max(len(word), len(s.runes))
		if common >= size-3*allowed && max(len(word)-len(s.runes), len(s.runes)-len(word)) <= allowed {
			if d := distance(word, s.runes, allowed); d <= allowed {
				score := 1 - 1.1*float64(d)/float64(size)
				if s.sound == sound { // only vowels or doubled letters differ
					score += 0.4 * (1 - score)
				}
				put(n, score, ByNear)
				continue
			}
		}
		if dice := 2 * float64(common) / float64(len(word)+len(s.runes)); dice >= 0.5 {
			put(n, 0.3+0.4*dice, ByShape)
		}
	}
}

// partly finds names that begin with the phrase, or hold it as words.
func (x *index) partly(phrase, short string, put func(int32, float64, string)) {
	if len([]rune(short)) < 2 {
		return
	}
	at, _ := slices.BinarySearchFunc(x.sorted, short, func(n int32, s string) int { return strings.Compare(x.spellings[n].tight, s) })
	for ; at < len(x.sorted) && strings.HasPrefix(x.spellings[x.sorted[at]].tight, short); at++ {
		n := x.sorted[at]
		put(n, 0.6+0.3*float64(len(short))/float64(len(x.spellings[n].tight)), ByPrefix)
	}
	if len([]rune(phrase)) < 3 {
		return
	}
	padded := " " + phrase + " "
	first, _, _ := strings.Cut(phrase, " ")
	for _, n := range x.words[first] {
		if s := &x.spellings[n]; len(s.key) > len(phrase) && strings.Contains(s.padded, padded) {
			put(n, 0.5+0.3*float64(len(phrase))/float64(len(s.key)), ByWord)
		}
	}
}

// distance is how many letters must be put in, left out, changed or swapped with
// their neighbour to turn a into b; limit+1 when it is more than limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var room [3 * 48]int // on the stack: no name of ours is longer
	rows := room[:]
	if 3*(len(b)+1) > len(room) {
		rows = make([]int, 3*(len(b)+1))
	}
	n := len(b) + 1
	before, last, row := rows[:n], rows[n:2*n], rows[2*n:3*n]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// marks lends the slates on which a lookup ticks off what it has seen.
type marks struct{ pool sync.Pool }

// slate ticks off numbers; wiping it costs nothing.
type slate struct {
	turn  uint32
	ticks []uint32
}

func (m *marks) get(size int) *slate {
	s, _ := m.pool.Get().(*slate)
	if s == nil || len(s.ticks) < size {
		s = &slate{ticks: make([]uint32, size)}
	}
	if s.turn++; s.turn == 0 {
		clear(s.ticks)
		s.turn = 1
	}
	return s
}

func (m *marks) put(s *slate) { m.pool.Put(s) }

// at ticks n off, and says whether it was already.
func (s *slate) at(n int32) bool {
	was := s.ticks[n] == s.turn
	s.ticks[n] = s.turn
	return was
}
