package arabic

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var word = rapid.OneOf(written, rapid.StringOfN(rapid.RuneFrom([]rune("aeiourtkgnmdshl ")), 0, 9, -1))

// plainly is how far apart two sequences are, every way measured.
func plainly(a, b []byte) int {
	a, b = a[:min(len(a), mostPhones)], b[:min(len(b), mostPhones)]
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			var ways []int
			if i > 0 {
				ways = append(ways, rows[i-1][j]+int(weight[a[i-1]&63]))
			}
			if j > 0 {
				ways = append(ways, rows[i][j-1]+int(weight[b[j-1]&63]))
			}
			if i > 0 && j > 0 {
				ways = append(ways, rows[i-1][j-1]+int(exchange[a[i-1]&63][b[j-1]&63]))
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] && a[i-1] != b[j-1] {
				ways = append(ways, rows[i-2][j-2]+int(swapped(int32(weight[a[i-1]&63]), int32(weight[b[j-1]&63]))))
			}
			if len(ways) > 0 {
				rows[i][j] = slices.Min(ways)
			}
		}
	}
	return rows[len(a)][len(b)]
}

func TestARulerSaysOfASortedListWhatEachAloneIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		own := Phones(word.Draw(t, "own"))
		begin := word.Draw(t, "begin")
		var list [][]byte
		for range rapid.IntRange(1, 8).Draw(t, "many") {
			list = append(list, Phones(begin+word.Draw(t, "rest")))
		}
		slices.SortFunc(list, bytes.Compare)
		var r Ruler
		r.Take(own)
		var last []byte
		limit := rapid.IntRange(0, 900).Draw(t, "limit")
		for _, b := range list {
			want := plainly(own, b)
			if got := r.Cost(b, shared(last, b), limit); min(got, limit+1) != min(want, limit+1) {
				t.Fatalf("%s and %s are %d apart within %d, alone %d", own, b, got, limit, want)
			}
			last = b
			limit = max(0, limit+rapid.IntRange(-60, 20).Draw(t, "step"))
		}
	})
}

func TestNamesAreNeverLessApartThanTheirFrames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := Phones(word.Draw(t, "a")), Phones(word.Draw(t, "b"))
		var r Ruler
		r.TakeFrame(AppendFrame(nil, a))
		if frames, names := r.Cost(AppendFrame(nil, b), 0, 5000), plainly(a, b); frames > names {
			t.Errorf("%s and %s are %d apart, and their frames %d", a, b, names, frames)
		}
	})
}

func shared(a, b []byte) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
