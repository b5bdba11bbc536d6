package release

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tables hands every table of k cells with a sum of at most most to each.
func tables(k, most int, each func([]int)) {
	cells := make([]int, k)
	var fill func(i, left int)
	fill = func(i, left int) {
		if i == k {
			each(cells)
			return
		}
		for n := 0; n <= left; n++ {
			cells[i] = n
			fill(i+1, left-n)
		}
		cells[i] = 0
	}
	fill(0, most)
}

// answer is what the public reads of a table.
func answer(cells []int, floor int) string {
	shown, total := Part(cells, floor), 0
	b := make([]byte, 0, len(cells)+1)
	for i, n := range cells {
		total += n
		if shown[i] {
			b = append(b, byte(n))
		} else {
			b = append(b, 255)
		}
	}
	return string(append(b, byte(total)))
}

// The attacker knows the function, the floor and the total, and tries every table.
func TestNoCellOfAnySmallTableCanBeWorkedOut(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ k, most, floor int }{{1, 30, 5}, {2, 34, 5}, {3, 26, 5}, {4, 22, 5}, {5, 13, 3}, {3, 20, 4}, {6, 13, 3}} {
		could := map[string][]map[int]bool{} // for each answer, what each hidden cell may be
		tables(x.k, x.most, func(cells []int) {
			a := answer(cells, x.floor)
			if could[a] == nil {
				could[a] = make([]map[int]bool, x.k)
				for i := range could[a] {
					could[a][i] = map[int]bool{}
				}
			}
			for i, n := range cells {
				could[a][i][n] = true
			}
		})
		asked := 0
		tables(x.k, x.most, func(cells []int) {
			total := 0
			for _, n := range cells {
				total += n
			}
			if total < x.floor {
				return // nothing of it is published
			}
			a, shown := could[answer(cells, x.floor)], Part(cells, x.floor)
			for i, n := range cells {
				if !shown[i] && n > 0 {
					asked++
					if len(a[i]) < 2 {
						t.Fatalf("of %v under floor %d the cell %d can only be %d", cells, x.floor, i, n)
					}
				}
			}
		})
		if asked == 0 && x.k > 1 {
			t.Fatalf("%+v hid nothing: the test asks nothing", x)
		}
	}
}

func TestHiddenCellsTogetherAreNeverFew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 15).Draw(t, "cells")
		total, hidden, small := 0, 0, 0
		shown := Part(cells, 5)
		for i, n := range cells {
			total += n
			if !shown[i] {
				hidden += n
			}
			if shown[i] && n < 5 {
				small++
			}
		}
		if small > 0 {
			t.Fatalf("%v shows %d small cells", cells, small)
		}
		if total >= 5 && hidden > 0 && hidden < 5 {
			t.Fatalf("%v leaves %d hidden, which the total tells", cells, hidden)
		}
	})
}

func TestEqualCellsAreTreatedAlike(t *testing.T) {
	t.Parallel()
	if got := Part([]int{1, 9, 9, 30}, 5); !slices.Equal(got, []bool{false, false, false, true}) {
		t.Errorf("got %v", got)
	}
	if got := Part([]int{3, 2, 9, 30}, 5); !slices.Equal(got, []bool{false, false, false, true}) {
		t.Errorf("two hidden cells of 5 in all are 1 and 4 at most, or 3 and 2: bounded, so %v", got)
	}
	if got := Part([]int{3, 2, 1, 9, 30}, 5); !slices.Equal(got, []bool{false, false, false, true, true}) {
		t.Errorf("got %v", got)
	}
}
