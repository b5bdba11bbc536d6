package sense

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Taught is a sentence and everything that it says.
type Taught struct {
	Text, Lang string
	Says       []string
}

// How a model is learnt. The figures were chosen by leaving out a fifth of the
// taught sentences in turn, never on those that measure it.
const (
	rounds    = 10
	rate      = 0.1
	decay     = 1e-3 // L2
	leastSaw  = 2    // sentences in which a feature must stand
	folds     = 5
	leastLoud = 4    // of 127: features that weigh less for every key are left out
	leastOff  = 5e-3 // what a sentence is off by that is not worth a step
	shared    = 0.2  // how much of what speaks for any need at all counts for each
	smooth    = 2.0  // sentences as the average one that are added when a feature is counted
)

// anything stands, while learning, for a need or a danger of whatever kind: thanks,
// offers, and what is past speak against all of them, and few sentences would show
// it for each.
const anything = "anything"

type lesson struct {
	seen []feature
	ids  []int // places of the features in the weights; -1 for rare ones
	says []bool
}

// Learn learns a model from sentences: logistic regression by stochastic gradient
// with a step for each weight (Duchi, Hazan and Singer 2011), over features that
// count by how differently they are spread (Wang and Manning 2012). The score from
// which a key is proposed is where, of sentences left out, enough are right. The
// same sentences give the same model.
func Learn(l *Lexicon, keys []string, all []Taught) *Model {
	lessons, ids := l.lessons(append(slices.Clone(keys), anything), all)
	held := heldOut(lessons, len(ids), keys)
	w := fit(lessons, len(ids), len(keys)+1)
	w.share(keys)
	m := &Model{Keys: keys, From: make([]float32, len(keys)), Maybe: make([]float32, len(keys)), Bias: make([]float32, len(keys))}
	for k := range keys {
		m.Bias[k] = float32(w.bias[k])
		from, maybe := thresholds(held, lessons, k)
		m.From[k], m.Maybe[k] = float32(from), float32(maybe)
	}
	m.keep(ids, w)
	return m
}

// heldOut are the scores of every sentence by a model that has not seen it.
func heldOut(lessons []lesson, features int, keys []string) [][]float64 {
	held := make([][]float64, len(lessons))
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(lessons))
	for f := range folds {
		var some []lesson
		for i, at := range order {
			if i%folds != f {
				some = append(some, lessons[at])
			}
		}
		w := fit(some, features, len(keys)+1)
		w.share(keys)
		for i, at := range order {
			if i%folds == f {
				held[at] = w.score(lessons[at])
			}
		}
	}
	return held
}

// lessons are the sentences as features, and the features that are worth a weight.
func (l *Lexicon) lessons(keys []string, all []Taught) (out []lesson, ids []uint32) {
	often := map[uint32]int{}
	for _, s := range all {
		words := cut(s.Text)
		r, named := l.listed(s.Text, words)
		x := lesson{seen: l.notice(words, r, named)}
		for _, k := range keys {
			x.says = append(x.says, slices.Contains(s.Says, k) || k == anything && slices.ContainsFunc(s.Says, wanted))
		}
		for _, f := range x.seen {
			often[f.id]++
		}
		out = append(out, x)
	}
	for id, n := range often {
		if n >= leastSaw {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for i := range out {
		for _, f := range out[i].seen {
			at, ok := slices.BinarySearch(ids, f.id)
			if !ok {
				at = -1
			}
			out[i].ids = append(out[i].ids, at)
		}
	}
	return out, ids
}

// wanted is whether a key is a need or a danger, not who is there.
func wanted(key string) bool { return !strings.HasPrefix(key, "weak.") }

// weights are those of every feature for every key, one after the other.
type weights struct {
	w, bias []float64
	keys    int
}

func (w *weights) score(x lesson) []float64 {
	out := make([]float64, w.keys)
	for i, at := range x.ids {
		if at >= 0 {
			for k := range out {
				out[k] += w.w[at*w.keys+k] * float64(x.seen[i].value)
			}
		}
	}
	for k := range out {
		out[k] = out[k]/tame + w.bias[k]
	}
	return out
}

// share gives what speaks for any need to the weights of each.
func (w *weights) share(keys []string) {
	for i := 0; i < len(w.w); i += w.keys {
		for k, key := range keys {
			if wanted(key) {
				w.w[i+k] += shared * w.w[i+len(keys)]
			}
		}
	}
	for k, key := range keys {
		if wanted(key) {
			w.bias[k] += shared * w.bias[len(keys)]
		}
	}
}

func fit(all []lesson, features, keys int) *weights {
	w := &weights{w: make([]float64, features*keys), bias: make([]float64, keys), keys: keys}
	spread := spreads(all, features, keys)
	sum := make([]float64, features*keys)
	sumBias := make([]float64, keys)
	dice := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		for _, at := range dice.Perm(len(all)) {
			step(w, spread, sum, sumBias, all[at])
		}
	}
	for i := range w.w {
		w.w[i] *= spread[i]
	}
	return w
}

// spreads are, for each feature and key, how far the feature is from standing as
// often in sentences that say the key as in the others: the logarithm of the ratio.
func spreads(all []lesson, features, keys int) []float64 {
	seen, saying, meant := make([]float64, features), make([]float64, features*keys), make([]float64, keys)
	for _, x := range all {
		for k, s := range x.says {
			if !s {
				continue
			}
			meant[k]++
			for _, at := range x.ids {
				if at >= 0 {
					saying[at*keys+k]++
				}
			}
		}
		for _, at := range x.ids {
			if at >= 0 {
				seen[at]++
			}
		}
	}
	out, n := make([]float64, features*keys), float64(len(all))
	for i := range seen {
		for k := range keys {
			share := (meant[k] + 1) / (n + 2)
			yes := (saying[i*keys+k] + smooth*share) / (share * n)
			no := (seen[i] - saying[i*keys+k] + smooth*(1-share)) / ((1 - share) * n)
			out[i*keys+k] = math.Abs(math.Log(yes / no))
		}
	}
	return out
}

func step(w *weights, spread, sum, sumBias []float64, x lesson) {
	for k, s := range w.weighed(spread, x) {
		off := 1 / (1 + math.Exp(-s))
		if x.says[k] {
			off--
		}
		if math.Abs(off) < leastOff {
			continue
		}
		sumBias[k] += off * off
		w.bias[k] -= rate * off / math.Sqrt(sumBias[k]+1)
		g := off / tame
		for n, at := range x.ids {
			if at < 0 {
				continue
			}
			i := at*w.keys + k
			d := g*float64(x.seen[n].value)*spread[i] + decay*w.w[i]
			sum[i] += d * d
			w.w[i] -= rate * d / math.Sqrt(sum[i]+1e-4)
		}
	}
}

// weighed is score before the spreads are part of the weights.
func (w *weights) weighed(spread []float64, x lesson) []float64 {
	out := make([]float64, w.keys)
	for i, at := range x.ids {
		if at >= 0 {
			for k := range out {
				out[k] += w.w[at*w.keys+k] * spread[at*w.keys+k] * float64(x.seen[i].value)
			}
		}
	}
	for k := range out {
		out[k] = out[k]/tame + w.bias[k]
	}
	return out
}

// dangerRecall is the share of dangers, among sentences left out, that must at
// least be held to be possible. rightShare is the share of what is proposed that
// must be right: nobody goes on reading a reader that is often wrong. mostShift
// keeps a key of few sentences from being proposed of everything or nothing.
const (
	dangerRecall = 0.992
	rightShare   = 0.88
	mostShift    = 0.5
)

// thresholds are the score from which a key is proposed, the lowest at which
// rightShare are right, and the one from which it may not be ruled out, where all
// but a few are found.
func thresholds(held [][]float64, all []lesson, k int) (from, maybe float64) {
	order := make([]int, len(all))
	meant := 0
	for i, x := range all {
		order[i] = i
		if x.says[k] {
			meant++
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(-cmp.Compare(held[a][k], held[b][k]), cmp.Compare(a, b)) })
	right, found := 0, false
	from = mostShift
	for n, i := range order {
		if !all[i].says[k] {
			continue
		}
		right++
		if float64(right) >= rightShare*float64(n+1) {
			from = held[i][k]
		}
		if float64(right) >= dangerRecall*float64(meant) && !found {
			found, maybe = true, held[i][k]
		}
	}
	from = max(-mostShift, min(from, mostShift))
	return from, min(from, maybe)
}

// keep rounds the weights to a byte and drops what says nothing.
func (m *Model) keep(ids []uint32, w *weights) {
	most := 0.0
	for i, x := range w.w {
		if i%w.keys < len(m.Keys) {
			most = max(most, math.Abs(x))
		}
	}
	m.Unit = float32(most / 127)
	for i, id := range ids {
		row, loud := make([]int8, len(m.Keys)), false // what is learnt of anything is in the others by now
		for k := range row {
			row[k] = int8(math.Round(w.w[i*w.keys+k] / float64(m.Unit)))
			loud = loud || row[k] >= leastLoud || row[k] <= -leastLoud
		}
		if loud {
			m.IDs = append(m.IDs, id)
			m.Whole = append(m.Whole, row...)
		}
	}
}
