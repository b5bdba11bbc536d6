package places

import (
	"cmp"
	"slices"
)

// nearly finds names a letter or two away, and names of a like shape, through the
// three-letter pieces they share.
func (q *query) nearly(x *index, ph phrase) {
	word := []rune(ph.tight)
	if len(word) < 4 || len(x.spellings) == 0 {
		return
	}
	allowed := 1
	if len(word) >= 7 {
		allowed = 2
	}
	r := q.room
	needed := func(size int) int { // pieces that must be shared with a name of so many letters
		return min(max(len(word), size)-3*allowed, (len(word)+size+3)/4)
	}
	least := max(1, min(len(word)-3*allowed, (len(word)+2)/3)) // of any size: half of them, and no more than it has
	common := r.pieces(x, ph.tight, least)
	for _, n := range r.touched {
		count := int(r.counts[n])
		r.counts[n] = 0
		s := &x.spellings[n]
		if count+len(common) < needed(s.size) || x == q.g.index && q.g.hidden[n] {
			continue
		}
		for _, list := range common {
			if _, held := slices.BinarySearchFunc(list, n, func(e uint64, n int32) int { return cmp.Compare(int32(uint32(e)), n) }); held {
				count++
			}
		}
		size := max(len(word), s.size)
		if count >= size-3*allowed && size-min(len(word), s.size) <= allowed {
			r.word = appendRunes(r.word[:0], s.tight)
			if d := distance(word, r.word, allowed); d <= allowed {
				r.put(s.place, 1-1.1*float64(d)/float64(size), ByNear)
				continue
			}
		}
		if dice := 2 * float64(count) / float64(len(word)+s.size); dice >= 0.5 {
			r.put(s.place, 0.3+0.4*dice, ByShape)
		}
	}
}

// pieces counts the three-letter pieces that names share with a word, and touches
// no name that cannot share as many as the least: such a name has one of the rarer
// ones. The commonest are left to be looked up, of those few that may do (prefix
// filtering, Chaudhuri and others 2006).
func (r *room) pieces(x *index, word string, least int) (common [][]uint64) {
	if len(r.counts) < len(x.spellings) {
		r.counts = make([]uint8, len(x.spellings))
	}
	r.touched, r.lists = r.touched[:0], r.lists[:0]
	r.hashes[0] = gramsOf(r.hashes[0][:0], word)
	for _, h := range r.hashes[0] {
		r.lists = append(r.lists, x.grams.of(h))
	}
	slices.SortFunc(r.lists, func(a, b []uint64) int { return cmp.Compare(len(a), len(b)) })
	rare := max(0, len(r.lists)-least+1)
	for _, list := range r.lists[:rare] {
		for _, e := range list {
			n := int32(uint32(e))
			if r.counts[n] == 0 {
				r.touched = append(r.touched, n)
			}
			r.counts[n]++
		}
	}
	return r.lists[rare:]
}

func appendRunes(dst []rune, s string) []rune {
	for _, c := range s {
		dst = append(dst, c)
	}
	return dst
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
