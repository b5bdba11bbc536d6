package arabic

// Ruler holds one sequence of phones against many, one after the other. It tells
// what LikenessOf does, and of neighbours in a sorted list measures only where
// they part: what they begin with was measured with the one before. Of each
// sequence only what may stay within the limit is looked at (Ukkonen, 1985). Not
// for several at once.
type Ruler struct {
	out    *[64]uint8        // what leaving each phone out costs
	own    [mostPhones]uint8 // the phones, by their lower six bits
	weighs [mostPhones]int32 // of each
	size   int
	pairs  uint64 // of neighbours in it, by a sum of both: which may be exchanged
	rows   [mostPhones + 1]reach
	valid  int   // rows that hold the beginning of the one measured last
	limit  int32 // that those were measured within
}

// reach is how far the beginning of a sequence is from every beginning of the one
// that was taken.
type reach struct {
	cost     [mostPhones + 1]int32 // from the first to the last that is within the limit
	from, to int                   // these; to is before from where none is
}

func (r *reach) none() bool { return r.from > r.to }

// whole is cost, with what is more than the limit for all others.
func (r *reach) whole() (all [mostPhones + 1]int32) {
	all = allBeyond
	if !r.none() {
		copy(all[r.from:r.to+1], r.cost[r.from:r.to+1])
	}
	return all
}

// beyond stands for whatever is more than the limit.
const beyond = 1 << 20

var allBeyond = func() (all [mostPhones + 1]int32) {
	for j := range all {
		all[j] = beyond
	}
	return all
}()

// Take is what the next are held against.
func (r *Ruler) Take(phones []byte) { r.take(phones, &weight) }

// TakeFrame is the Frame that the next frames are held against: two names are
// never less apart than their frames.
func (r *Ruler) TakeFrame(frame []byte) { r.take(frame, &stripped) }

func (r *Ruler) take(phones []byte, out *[64]uint8) {
	r.out, r.size, r.limit = out, min(len(phones), mostPhones), -1
	for i, p := range phones[:r.size] {
		r.own[i], r.weighs[i] = p&63, int32(out[p&63])
	}
	r.pairs = 0
	for i := 1; i < r.size; i++ {
		r.pairs |= 1 << ((r.own[i-1] + r.own[i]) & 63)
	}
}

// Cost is how far a sequence is from the one that was taken, in hundredths of a
// consonant, and more than limit where it is more. shared is how much of its
// beginning is that of the sequence measured before it.
func (r *Ruler) Cost(phones []byte, shared, limit int) int {
	phones = phones[:min(len(phones), mostPhones)]
	limit = min(limit, beyond-1)
	if int32(limit) > r.limit {
		r.begin(int32(limit))
		shared = 0
	}
	r.limit = int32(limit) // what was measured within more is only too much
	at := min(shared, r.valid, len(phones))
	for ; at < len(phones); at++ {
		if r.rows[at].none() && (at == 0 || r.rows[at-1].none()) {
			r.valid = at
			return limit + 1
		}
		r.row(at+1, phones)
	}
	r.valid = at
	if r.rows[at].to < r.size {
		return limit + 1
	}
	return int(r.rows[at].cost[r.size])
}

// begin measures what leaving out all that was taken costs.
func (r *Ruler) begin(limit int32) {
	r.limit, r.valid = limit, 0
	row := &r.rows[0]
	row.from, row.to, row.cost[0] = 0, 0, 0
	sum := int32(0)
	for j, w := range r.weighs[:r.size] {
		if sum += w; sum > limit {
			return
		}
		row.cost[j+1], row.to = sum, j+1
	}
}

// row measures one phone more: the i-th, from 1.
func (r *Ruler) row(i int, phones []byte) {
	p := phones[i-1] & 63
	if i > 1 && r.pairs>>((p+phones[i-2])&63)&1 != 0 && phones[i-2]&63 != p {
		r.exchanging(i, p, phones[i-2]&63)
		return
	}
	last, row := &r.rows[i-1], &r.rows[i]
	row.from, row.to = mostPhones+1, -1
	if last.none() {
		return
	}
	limit, out, swaps := r.limit, int32(r.out[p]), &exchange[p]
	diagonal := last.cost[last.from]
	d := diagonal + out
	row.set(last.from, d, limit)
	end := min(last.to, r.size, mostPhones)
	for j := last.from + 1; j <= end; j++ {
		up := last.cost[j]
		d = min(diagonal+int32(swaps[r.own[j-1]&63]), up+out, d+r.weighs[j-1])
		diagonal = up
		row.set(j, d, limit)
	}
	if end == r.size {
		return
	}
	d = min(diagonal+int32(swaps[r.own[end]&63]), d+r.weighs[end])
	for j := end + 1; d <= limit; j++ {
		row.set(j, d, limit)
		if j == r.size {
			return
		}
		d += r.weighs[j]
	}
}

// set takes down a way to a column; columns come in order.
func (r *reach) set(j int, d, limit int32) {
	r.cost[j] = d
	if d <= limit {
		r.from, r.to = min(r.from, j), j
	}
}

// exchanging is row where two neighbours may be exchanged: p and the one before it.
func (r *Ruler) exchanging(i int, p, was uint8) {
	last, before := r.rows[i-1].whole(), r.rows[i-2].whole()
	row := &r.rows[i]
	row.from, row.to = mostPhones+1, -1
	out, swaps := int32(r.out[p]), &exchange[p]
	d := last[0] + out
	row.set(0, d, r.limit)
	for j := 1; j <= r.size; j++ {
		q := r.own[j-1]
		d = min(last[j-1]+int32(swaps[q]), last[j]+out, d+r.weighs[j-1])
		if j > 1 && q == was && r.own[j-2] == p {
			d = min(d, before[j-2]+swapped(out, r.weighs[j-1]))
		}
		row.set(j, d, r.limit)
	}
}

// soft are the phones that a frame has none of.
const soft = "aeiuAo"

// AppendFrame is what of phones is no vowel, put behind dst: names of one frame
// differ by vowels alone.
func AppendFrame(dst, phones []byte) []byte {
	for _, p := range phones[:min(len(phones), mostPhones)] {
		if !isSoft[p&63] {
			dst = append(dst, p)
		}
	}
	return dst
}

var isSoft = func() (is [64]bool) {
	for _, p := range []byte(soft) {
		is[p&63] = true
	}
	return is
}()

// stripped is weight, where a vowel costs nothing and what it is taken for no
// more than that.
var stripped = func() (s [64]uint8) {
	for p := range s {
		s[p] = weight[p]
		for _, q := range []byte(soft) {
			s[p] = min(s[p], exchange[p][q&63])
		}
	}
	return s
}()
