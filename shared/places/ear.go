package places

import "slices"

// heard finds names that sound like the phrase, in whatever script: first those
// of its gist, then, when none of them is as good as the name itself, those that
// have a consonant more, less or other, or two. A name of two letters proves
// little. The index is the which-th of the query.
func (q *query) heard(which int, x *index, ph phrase, least float64) (best float64) {
	if len(ph.phones) < 2 || len(x.spellings) == 0 {
		return 0
	}
	r := q.room
	r.seen[which].wipe(len(x.sounds.groups))
	e := ear{query: q, index: x, phrase: ph, seen: &r.seen[which], least: least, proof: proofOf(ph), learnt: which > 0, behind: behind}
	if ph.deep == alone {
		e.behind = sureGap
		for _, h := range r.hits {
			if e.area == nil || h.place.in(e.area) {
				e.least = max(e.least, h.score-sureGap)
			}
		}
	}
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
	if e.best < one && (size >= 4 || ph.deep >= fully) {
		e.listen(0, 1)
		e.listen(1, 0)
		if e.best < 0.8 && (ph.deep >= fully || size >= 5) {
			e.listen(1, 1)
		}
	}
	if e.best < min(two, 0.8) && size >= longGist-1 && (ph.deep >= fully || size >= longGist) {
		e.listen(0, 2)
		e.listen(2, 0)
		e.listen(1, 2)
		e.listen(2, 1)
		if ph.deep >= fully {
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

	behind  float64
	counted int // hits, when the least was raised last
}

// listen compares the phrase without so many of its consonants with the names
// without so many of theirs.
func (e *ear) listen(mine, theirs int) {
	for _, h := range e.room.hashes[mine] {
		for _, entry := range e.index.sounds.gists[theirs].of(h) {
			if n := int32(uint32(entry)); !e.seen.tick(n) {
				e.compare(&e.index.sounds.groups[n])
				e.raise()
			}
		}
	}
}

// raise leaves out what cannot be among the few that are wanted, once there are
// as many: where nothing else stands in the text, no other word lifts it.
func (e *ear) raise() {
	hits := e.room.hits
	if e.phrase.deep != alone || len(hits) < few || len(hits) == e.counted {
		return
	}
	e.counted = len(hits)
	var best [few]float64
	for _, h := range hits {
		rank := h.score + h.place.prior
		if rank <= best[few-1] || e.area != nil && !h.place.in(e.area) {
			continue
		}
		at := few - 1
		for ; at > 0 && best[at-1] < rank; at-- {
			best[at] = best[at-1]
		}
		best[at] = rank
	}
	e.least = max(e.least, best[few-1]-mostRank)
}

// few is how many places are wanted where no limit is said.
const few = 10

// crossing is how much of what differs between two scripts counts: more differs
// there between two spellings of one name than within one.
const crossing = 0.65

// crossed is the same where the place has a name in the script of the phrase: that
// one had its chance.
const crossed = 0.9

// leastRaw is how alike two names must be before anything is forgiven.
const leastRaw = 0.58

// compare holds the phrase against the frames of a group, and against the sounds
// of those that are near enough: first of its own frame, so that little else is
// near enough then.
func (e *ear) compare(g *group) {
	all, shared, r := &e.index.sounds, 0, e.room
	r.frames = r.frames[:0]
	for f := g.from; f < g.to; f++ {
		shared = min(shared, int(all.frames.shared[f]))
		most := e.limit(g, g.lone, int(g.heft)) // never more than for the one before
		cost := r.bones.Cost(all.frames.of(f), shared, most)
		shared = mostShared
		if cost == 0 {
			e.within(g, f, e.limit(g, all.lone[f], int(all.hefts[f])))
		} else if cost <= most {
			r.frames = append(r.frames, framed{f, int32(cost)})
		}
	}
	slices.SortFunc(r.frames, func(a, b framed) int { return int(a.cost - b.cost) })
	for _, f := range r.frames {
		if limit := e.limit(g, all.lone[f.n], int(all.hefts[f.n])); int(f.cost) <= limit {
			e.within(g, f.n, limit)
		}
	}
}

// framed is a frame and how far it is from that of the phrase.
type framed struct{ n, cost int32 }

// within holds the phrase against the sounds of a frame, none of which may be
// more than so far from it.
func (e *ear) within(g *group, f int32, most int) {
	ph, all, shared := &e.phrase, &e.index.sounds, 0
	for n := all.first[f]; n < all.first[f+1]; n++ {
		shared = min(shared, int(all.whole.shared[n]))
		m := &all.mass[n]
		limit := e.limit(g, all.lone[f], m.Heft)
		if apart := ph.mass.Floor - m.Floor; apart > limit || -apart > limit {
			continue
		}
		most = min(most, e.limit(g, all.lone[f], int(all.hefts[f])))
		cost := e.room.ruler.Cost(all.whole.of(n), shared, most)
		shared = mostShared
		if cost <= limit {
			e.hear(n, 1-float64(cost)/float64(max(ph.mass.Heft, m.Heft, 1)), ph.latin != g.latin)
		}
	}
}

// limit is how far from the phrase a name of a group may be that weighs so much;
// lone is whether its place may have no name in the script of the phrase.
func (e *ear) limit(g *group, lone bool, heft int) int {
	least := e.least
	if e.phrase.latin != g.latin && e.phrase.deep >= fully { // a few words of a sentence are told apart more strictly
		counts := crossed
		if lone || e.g.bare != nil {
			counts = crossing
		}
		least = max(leastRaw, 1-(1-least)/counts)
	}
	return int((1-least)*float64(max(e.phrase.mass.Heft, heft, 1)) + 1e-6)
}

// hear takes down the places whose name is so alike.
func (e *ear) hear(n int32, alike float64, crosses bool) {
	reason := BySound
	for _, b := range e.index.sounds.bearers(n) {
		if !e.learnt && e.g.hidden[b] {
			continue
		}
		p := e.index.spellings[b].place
		top, like, proof := 0.96, alike, 1.0
		if crosses {
			counts := crossing // it had no chance to be the same
			if p != e.g.bare && p.spelt[scriptOf(e.phrase.key)] {
				counts = crossed
			}
			like, top = 1-(1-like)*counts, 0.97
		}
		if like < 0.97 {
			proof = e.proof
		}
		score := top * like * proof
		if p.Kind == Commune {
			score += 0.03 * like // of two that sound so, more people speak of the wider one
		}
		if e.learnt {
			score, reason = min(score, learntScore), ByLearnt
		}
		e.room.put(p, score, reason)
		if score > e.best && (e.area == nil || p.in(e.area)) {
			e.best = score
			e.least = max(e.least, score-e.behind)
		}
	}
}

// behind is how far a name may stay behind the best and still be worth showing
// beside it.
const behind = 0.2
