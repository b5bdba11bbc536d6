package verify

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Totals add up what leaves say: how many, and of which amount, for each word,
// kind and asset. The zero Totals is of no leaf.
type Totals struct{ rows map[[3]string]*total }

type total struct {
	leaves int64
	amount big.Int
}

// Add counts a leaf. One without an amount is counted and adds nothing.
func (t *Totals) Add(l Leaf) {
	key := [3]string{l.Word, l.Fields["kind"], l.Fields["asset"]}
	if t.rows == nil {
		t.rows = map[[3]string]*total{}
	}
	row := t.rows[key]
	if row == nil {
		row = &total{}
		t.rows[key] = row
	}
	row.leaves++
	var n big.Int
	if _, ok := n.SetString(l.Fields["amount"], 10); ok {
		row.amount.Add(&row.amount, &n)
	}
}

// Total is one row: amounts are whole smallest units of the asset, and may be
// larger than any machine's number.
type Total struct {
	Word, Kind, Asset string
	Leaves            int64
	Amount            string
}

// Rows lists the totals by word, kind and asset.
func (t *Totals) Rows() (all []Total) {
	for key, row := range t.rows {
		all = append(all, Total{key[0], key[1], key[2], row.leaves, row.amount.String()})
	}
	slices.SortFunc(all, func(a, b Total) int {
		return strings.Compare(a.Word+"\x00"+a.Kind+"\x00"+a.Asset, b.Word+"\x00"+b.Kind+"\x00"+b.Asset)
	})
	return all
}

// CSV is the totals as the file totals.csv has them. No cell can hold a comma.
func (t *Totals) CSV() []byte {
	out := []byte("word,kind,asset,leaves,amount\n")
	for _, r := range t.Rows() {
		out = fmt.Appendf(out, "%s,%s,%s,%d,%s\n", r.Word, r.Kind, r.Asset, r.Leaves, r.Amount)
	}
	return out
}
