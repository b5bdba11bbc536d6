package places

import "github.com/twiza/twiza/base/arabic"

// heard finds names that sound like the phrase, in whatever script: first those
// of its gist, then, when none of them is as good as the name itself, those that
// have a consonant more, less or other, or two. A name of two letters proves
// little. The index is the which-th of the query.
func (q *query) heard(which int, x *index, ph phrase, least float64) (best float64) {
	if len(ph.phones) < 2 || len(x.spellings) == 0 {
		return 0
	}
	r := q.room
	r.seen[which].wipe(len(x.spellings))
	e := ear{query: q, index: x, phrase: ph, seen: &r.seen[which], least: least, proof: proofOf(ph), learnt: which > 0}
	for missing := range r.hashes {
		r.hashes[missing] = worn(r.hashes[missing][:0], ph.gist, missing)
	}
	e.listen(0, 0)
	// A consonant more, less or other cannot be better than what is this good.
	one, two := 0.96*(1-0.4*consonant/float64(ph.mass.Heft)), 0.96*(1-0.8*consonant/float64(ph.mass.Heft))
	size := len(ph.gist)
	if e.best < one && size > 1 {
		e.room.hashes[0] = exchanged(e.room.hashes[0][:0], ph.gist)
		e.listen(0, 0)
		e.room.hashes[0] = worn(e.room.hashes[0][:0], ph.gist, 0)
	}
	if e.best < one && (size >= 4 || ph.deep == fully) {
		e.listen(0, 1)
		e.listen(1, 0)
		if e.best < 0.8 && (ph.deep == fully || size >= 5) {
			e.listen(1, 1)
		}
	}
	if e.best < min(two, 0.8) && size >= longGist-1 && (ph.deep == fully || size >= longGist) {
		e.listen(0, 2)
		e.listen(2, 0)
		e.listen(1, 2)
		e.listen(2, 1)
		if ph.deep == fully {
			e.listen(2, 2)
		}
	}
	return e.best
}

// consonant is what a consonant weighs: see arabic.Mass.
const consonant = 100

// proofOf is how much of the score of a name remains that has hardly a letter.
func proofOf(ph phrase) float64 {
	switch {
	case len(ph.gist) >= 3:
		return 1
	case len(ph.gist) == len(ph.phones):
		return 0.8 // not even a vowel
	}
	return 0.96
}

// ear compares a phrase with the names of an index.
type ear struct {
	*query
	index  *index
	phrase phrase
	seen   *slate
	least  float64
	proof  float64
	learnt bool
	best   float64
}

// listen compares the phrase without so many of its consonants with the names
// without so many of theirs.
func (e *ear) listen(mine, theirs int) {
	for _, h := range e.room.hashes[mine] {
		for _, entry := range e.index.gists[theirs].of(h) {
			n := int32(uint32(entry))
			if !e.seen.tick(n) && (e.learnt || !e.g.hidden[n]) {
				e.compare(n)
			}
		}
	}
}

// crossing is how much of what differs between two scripts counts: more differs
// there between two spellings of one name than within one.
const crossing = 0.65

// leastRaw is how alike two names must be before anything is forgiven.
const leastRaw = 0.58

func (e *ear) compare(n int32) {
	ph, m := &e.phrase, &e.index.marks[n]
	crosses := ph.latin != m.latin
	least := e.least
	if crosses && ph.deep == fully { // a few words of a sentence are told apart more strictly
		least = max(leastRaw, 1-(1-least)/crossing)
	}
	limit := (1 - least) * float64(max(ph.mass.Heft, m.mass.Heft))
	if float64(ph.sieve.Apart(m.sieve)) > limit {
		return
	}
	s := &e.index.spellings[n]
	like := arabic.LikenessOf(ph.phones, s.phones, ph.mass, m.mass, least)
	if like == 0 {
		return
	}
	top := 0.96
	if crosses {
		like, top = 1-(1-like)*crossing, 0.97 // it had no chance to be the same
	}
	score := top * like
	if like < 0.97 {
		score *= e.proof
	}
	if s.place.Kind == Commune {
		score += 0.03 * like // of two that sound so, more people speak of the wider one
	}
	reason := BySound
	if e.learnt {
		score, reason = min(score, learntScore), ByLearnt
	}
	e.room.put(s.place, score, reason)
	if score > e.best && (e.area == nil || s.place.in(e.area)) {
		e.best = score
		e.least = max(e.least, score-behind)
	}
}

// behind is how far a name may stay behind the best and still be worth showing
// beside it.
const behind = 0.2
