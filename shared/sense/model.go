package sense

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Model weighs what is noticed in a text: a logistic regression for each thing
// that a text can say, learnt from sentences written for it (packs/<country>/sense).
// It stands beside the list of words, whose findings it weighs too, and says what
// words alone cannot: what is denied, wished, told of others or of last year.
type Model struct {
	Of    string // fingerprint of the list and the sentences that it was learnt from
	Keys  []string
	Bias  []float32
	From  []float32 // the score from which a thing is proposed, for each key
	Maybe []float32 // the score under which it can be ruled out
	IDs   []uint32  // of features, rising
	Whole []int8    // weights in units of Unit, those of a feature for all keys beside each other
	Unit  float32
}

// ReadModel reads the model of a country pack; fs.ErrNotExist where it has none.
func ReadModel(fsys fs.FS, country string) (*Model, error) {
	name := country + "/sense.model"
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	m, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func decode(raw []byte) (*Model, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	var m Model
	if err := gob.NewDecoder(z).Decode(&m); err != nil {
		return nil, err
	}
	if len(m.Bias) != len(m.Keys) || len(m.From) != len(m.Keys) || len(m.Maybe) != len(m.Keys) || len(m.Whole) != len(m.IDs)*len(m.Keys) || !slices.IsSorted(m.IDs) {
		return nil, errors.New("the parts of the model do not fit together")
	}
	return &m, nil
}

// Bytes is the model as ReadModel reads it.
func (m *Model) Bytes() ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(gob.NewEncoder(z).Encode(m), z.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// at is the weights of a feature; nil where it was never learnt.
func (m *Model) at(id uint32) []int8 {
	if i, ok := slices.BinarySearch(m.IDs, id); ok {
		return m.Whole[i*len(m.Keys) : (i+1)*len(m.Keys)]
	}
	return nil
}

// scores are how far each key is from being said, 0 as likely as not.
func (m *Model) scores(seen []feature) []float64 {
	out := make([]float64, len(m.Keys))
	for _, f := range seen {
		for k, w := range m.at(f.id) {
			out[k] += float64(w) * float64(f.value)
		}
	}
	scale := float64(m.Unit) / tame
	for k := range out {
		out[k] = out[k]*scale + float64(m.Bias[k])
	}
	return out
}

// tame is what the sum of the weights is divided by, the same for every text: a list
// of many needs says each of them no less than a text of one.
const tame = 4

// words are those that spoke most for a key: the strongest and what stands beside
// it and speaks for it too.
func (m *Model) words(seen []feature, k, n int) (from, to int) {
	by := make([]float64, n)
	for _, f := range seen {
		w := m.at(f.id)
		if w == nil || f.to == f.from {
			continue
		}
		for i := f.from; i < f.to; i++ {
			by[i] += float64(w[k]) * float64(f.value) / float64(f.to-f.from)
		}
	}
	best := 0
	for i, x := range by {
		if x > by[best] {
			best = i
		}
	}
	if n == 0 || by[best] <= 0 {
		return 0, 0
	}
	from, to = best, best+1
	for from > 0 && to-from < 4 && by[from-1] > by[best]/3 {
		from--
	}
	for to < n && to-from < 4 && by[to] > by[best]/3 {
		to++
	}
	return from, to
}
