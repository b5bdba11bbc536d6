package places

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
)

// Why a place was proposed, as message keys, the surest first.
const (
	ByCode   = "places.match.code"   // the code itself was typed
	ByName   = "places.match.exact"  // the same name, however spelled
	ByLearnt = "places.match.learnt" // as people wrote it before, and others confirmed
	BySound  = "places.match.sound"  // sounds alike, often in another script
	ByNear   = "places.match.near"   // a letter or two differ
	ByPrefix = "places.match.prefix" // the name begins so
	ByWord   = "places.match.word"   // some words of the name
	ByShape  = "places.match.shape"  // much of the spelling is shared
)

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
	alone                // fully, where the phrase is the whole text: only the few likeliest are wanted
)

// phrase is a run of words made comparable.
type phrase struct {
	key, tight string
	phones     []byte
	gist       []byte
	mass       arabic.Mass
	latin      bool
	deep       depth
}

// room is what a search needs for itself, lent so that it is not made anew.
type room struct {
	seen    [2]slate     // groups of sounds of the pack, and of learnt spellings
	ruler   arabic.Ruler // holds the phones of the phrase …
	bones   arabic.Ruler // … and their frame
	frame   []byte
	frames  []framed
	where   slate // places, with where each stands in hits
	hits    []hit
	phones  []byte
	gist    []byte
	hashes  [3][]uint32
	counts  []uint8
	touched []int32
	lists   [][]uint64
	word    []rune
	spots   []spot
	picked  []picked
	runs    []run
	found   []mention
	best    []weighed
	order   []*weighed
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// slate ticks off numbers, and keeps something beside each; wiping costs nothing.
type slate struct {
	turn  uint32
	ticks []uint32
	notes []int32
}

func (s *slate) wipe(size int) {
	if len(s.ticks) < size {
		*s = slate{ticks: make([]uint32, size), notes: make([]int32, size)}
	}
	if s.turn++; s.turn == 0 {
		clear(s.ticks)
		s.turn = 1
	}
}

// tick ticks n off, and says whether it was already.
func (s *slate) tick(n int32) bool {
	was := s.ticks[n] == s.turn
	s.ticks[n] = s.turn
	return was
}

// put notes that a place may be meant, and keeps the best reason for each.
func (r *room) put(p *Place, score float64, reason string) {
	if r.where.tick(p.n) {
		if h := &r.hits[r.where.notes[p.n]]; h.score < score {
			h.score, h.reason = score, reason
		}
		return
	}
	r.where.notes[p.n] = int32(len(r.hits))
	r.hits = append(r.hits, hit{p, score, reason})
}

// lookup finds what a phrase may mean. The hits are valid until the next one.
func (q *query) lookup(key string, deep depth) []hit {
	memo := q.memo != nil && q.area == nil
	if memo {
		if hits, ok := q.memo.get(key, deep); ok {
			return hits
		}
	}
	r := q.room
	r.where.wipe(len(q.g.byCode))
	r.hits = r.hits[:0]
	ph := phrase{key: key, tight: tight(key), deep: deep, latin: key == "" || key[0] < 0x80}
	q.same(ph)
	if deep != exactly && strings.Trim(key, "0123456789 ") != "" {
		r.phones = q.g.words.phones(r.phones[:0], key)
		ph.phones = r.phones
		r.gist = arabic.AppendGist(r.gist[:0], ph.phones)
		ph.gist, ph.mass = r.gist, arabic.MassOf(ph.phones)
		r.ruler.Take(ph.phones)
		r.frame = arabic.AppendFrame(r.frame[:0], ph.phones)
		r.bones.TakeFrame(r.frame)
		q.alike(ph, deep)
	}
	if memo {
		q.memo.put(key, deep, r.hits)
	}
	return r.hits
}

// How far a learnt spelling reaches: below a name of the pack, and below what is
// sure where it is unlike every name of its place, or some place's own name.
const (
	learntScore   = 0.98
	learntUnlike  = 0.88
	learntAsOther = 0.84
)

// same finds the phrase as it stands.
func (q *query) same(ph phrase) {
	x := q.g.index
	for _, n := range x.keys[ph.key] {
		if !q.g.hidden[n] {
			q.room.put(x.spellings[n].place, 1, ByName)
		}
	}
	for _, n := range x.tights[ph.tight] {
		if !q.g.hidden[n] {
			q.room.put(x.spellings[n].place, 0.97, ByName)
		}
	}
	if q.learnt == nil {
		return
	}
	for _, n := range q.learnt.keys[ph.key] {
		score := learntScore
		switch s := &q.learnt.spellings[n]; {
		case len(x.keys[ph.key]) > 0:
			score = learntAsOther
		case !q.g.likeOwn(s):
			score = learntUnlike
		}
		q.room.put(q.learnt.spellings[n].place, score, ByLearnt)
	}
}

// likeOwn is whether a learnt spelling sounds like a name of its place.
func (g *Gazetteer) likeOwn(s *spelling) bool {
	own := g.words.phones(nil, s.key)
	for _, name := range s.place.Names {
		if arabic.Likeness(g.words.phones(nil, nameKey(name)), own) >= 0.5 {
			return true
		}
	}
	return false
}

// alike finds names that sound like the phrase or are written nearly so; to the
// full depth also those that begin so or hold some of it.
func (q *query) alike(ph phrase, deep depth) {
	best := 0.0
	for _, h := range q.room.hits {
		if q.area == nil || h.place.in(q.area) {
			best = max(best, h.score)
		}
	}
	least := 0.8
	if deep >= fully && best < strong {
		least = 0.7
	}
	for i, x := range q.indexes() {
		best = max(best, q.heard(i, x, ph, least))
	}
	if deep < fully || q.settled && best >= strong {
		return
	}
	if best < 0.7 {
		for i, x := range q.indexes() {
			q.heard(i, x, ph, 0.58)
		}
	}
	for _, x := range q.indexes() {
		if best < 0.85 {
			q.nearly(x, ph)
		}
		q.partly(x, ph)
	}
}

// mostPartly is how many names are proposed for a beginning or for a word: with
// more, somebody types on.
const mostPartly = 64

// picked is a name that holds part of a phrase.
type picked struct {
	n     int32
	score float64
	rank  float64
}

// pick keeps the best of many.
func (r *room) pick(p picked) {
	if len(r.picked) < mostPartly {
		r.picked = append(r.picked, p)
		return
	}
	last := 0
	for i := range r.picked {
		if r.picked[i].rank < r.picked[last].rank {
			last = i
		}
	}
	if p.rank > r.picked[last].rank {
		r.picked[last] = p
	}
}

// partly finds names that begin with the phrase, or hold it as words.
func (q *query) partly(x *index, ph phrase) {
	letters := utf8.RuneCountInString(ph.tight)
	if letters < 2 {
		return
	}
	r := q.room
	gather := func(reason string, n int32, score float64) {
		if x == q.g.index && q.g.hidden[n] {
			return
		}
		r.pick(picked{n, score, score + x.spellings[n].place.prior})
	}
	give := func(reason string) {
		for _, p := range r.picked {
			r.put(x.spellings[p.n].place, p.score, reason)
		}
		r.picked = r.picked[:0]
	}
	r.picked = r.picked[:0]
	at, _ := slices.BinarySearchFunc(x.sorted, ph.tight, func(n int32, s string) int { return strings.Compare(x.spellings[n].tight, s) })
	for ; at < len(x.sorted) && strings.HasPrefix(x.spellings[x.sorted[at]].tight, ph.tight); at++ {
		n := x.sorted[at]
		gather(ByPrefix, n, 0.6+0.3*float64(len(ph.tight))/float64(len(x.spellings[n].tight)))
	}
	give(ByPrefix)
	if utf8.RuneCountInString(ph.key) < 3 {
		return
	}
	rarest := ""
	for w := range strings.FieldsSeq(ph.key) {
		if rarest == "" || len(x.words[w]) < len(x.words[rarest]) {
			rarest = w
		}
	}
	for _, n := range x.words[rarest] {
		if s := &x.spellings[n]; len(s.key) > len(ph.key) && holdsWords(s.key, ph.key) {
			gather(ByWord, n, 0.5+0.3*float64(len(ph.key))/float64(len(s.key)))
		}
	}
	give(ByWord)
}

// holdsWords is whether some words stand in a key as they are.
func holdsWords(key, words string) bool {
	for from := 0; ; {
		i := strings.Index(key[from:], words)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(words)
		if (i == 0 || key[i-1] == ' ') && (end == len(key) || key[end] == ' ') {
			return true
		}
		from = i + 1
	}
}

// byRank puts the likeliest first: by rank, then by code, so that the order never changes.
func byRank(a, b *Candidate) int {
	switch {
	case a.rank != b.rank:
		return cmp.Compare(b.rank, a.rank)
	case a.Place.Population != b.Place.Population:
		return cmp.Compare(b.Place.Population, a.Place.Population)
	}
	return strings.Compare(a.Place.Code, b.Place.Code)
}
