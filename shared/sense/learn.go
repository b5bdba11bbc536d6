package sense

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
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
	leastLoud = 4 // of 127: features that weigh less for every key are left out
)

type lesson struct {
	seen   []feature
	length float64
	ids    []int // places of the features in the weights; -1 for rare ones
	says   []bool
}

// Learn learns a model from sentences: logistic regression by stochastic gradient
// with a step for each weight (Duchi, Hazan and Singer 2011). The score from which
// a key is proposed is where, on sentences left out, F1 is best. The same sentences
// give the same model.
func Learn(l *Lexicon, keys []string, all []Taught) *Model {
	lessons, ids := l.lessons(keys, all)
	held := make([][]float64, len(all))
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(all))
	for f := range folds {
		var some []lesson
		for i, at := range order {
			if i%folds != f {
				some = append(some, lessons[at])
			}
		}
		w := fit(some, len(ids), len(keys))
		for i, at := range order {
			if i%folds == f {
				held[at] = w.score(lessons[at])
			}
		}
	}
	w := fit(lessons, len(ids), len(keys))
	m := &Model{Keys: keys, From: make([]float32, len(keys)), Maybe: make([]float32, len(keys)), Bias: make([]float32, len(keys))}
	for k := range keys {
		m.Bias[k] = float32(w.bias[k])
		from, maybe := thresholds(held, lessons, k)
		m.From[k], m.Maybe[k] = float32(from), float32(maybe)
	}
	m.keep(ids, w)
	return m
}

// lessons are the sentences as features, and the features that are worth a weight.
func (l *Lexicon) lessons(keys []string, all []Taught) (out []lesson, ids []uint32) {
	often := map[uint32]int{}
	for _, s := range all {
		words := cut(s.Text)
		r, named := l.listed(s.Text, words)
		x := lesson{seen: l.notice(words, r, named)}
		x.length = length(x.seen)
		for _, k := range keys {
			x.says = append(x.says, slices.Contains(s.Says, k))
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
		out[k] = out[k]/x.length + w.bias[k]
	}
	return out
}

func fit(all []lesson, features, keys int) *weights {
	w := &weights{w: make([]float64, features*keys), bias: make([]float64, keys), keys: keys}
	sum := make([]float64, features*keys)
	sumBias := make([]float64, keys)
	dice := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		for _, at := range dice.Perm(len(all)) {
			x := all[at]
			step(w, sum, sumBias, x)
		}
	}
	return w
}

func step(w *weights, sum, sumBias []float64, x lesson) {
	scores := w.score(x)
	for k, s := range scores {
		off := 1 / (1 + math.Exp(-s))
		if x.says[k] {
			off--
		}
		if math.Abs(off) < 1e-3 {
			continue
		}
		sumBias[k] += off * off
		w.bias[k] -= rate * off / math.Sqrt(sumBias[k]+1)
		g := off / x.length
		for n, at := range x.ids {
			if at < 0 {
				continue
			}
			i := at*w.keys + k
			d := g*float64(x.seen[n].value) + decay*w.w[i]
			sum[i] += d * d
			w.w[i] -= rate * d / math.Sqrt(sum[i]+1e-4)
		}
	}
}

// dangerRecall is the share of dangers, among sentences left out, that must at
// least be held to be possible.
const dangerRecall = 0.985

// thresholds are the score from which a key is proposed, where F1 is best, and
// the one from which it may not be ruled out, where all but a few are found.
func thresholds(held [][]float64, all []lesson, k int) (from, maybe float64) {
	type mark struct {
		score float64
		says  bool
	}
	var marks []mark
	meant := 0
	for i, x := range all {
		marks = append(marks, mark{held[i][k], x.says[k]})
		if x.says[k] {
			meant++
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return -cmp.Compare(a.score, b.score) })
	best, right, found := 0.0, 0, false
	for i, m := range marks {
		if !m.says {
			continue
		}
		right++
		p, r := float64(right)/float64(i+1), float64(right)/float64(meant)
		if f := 2 * p * r / (p + r); f > best {
			best, from = f, m.score
		}
		if r >= dangerRecall && !found {
			found, maybe = true, m.score
		}
	}
	return from, min(from, maybe)
}

// keep rounds the weights to a byte and drops what says nothing.
func (m *Model) keep(ids []uint32, w *weights) {
	most := 0.0
	for _, x := range w.w {
		most = max(most, math.Abs(x))
	}
	m.Unit = float32(most / 127)
	for i, id := range ids {
		row, loud := make([]int8, len(m.Keys)), false
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
