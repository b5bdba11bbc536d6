package release

// Part tells which cells of a table with a known total may be shown. It is
// complementary suppression (Cox, "Suppression methodology and statistical
// disclosure control", JASA 75, 1980) for one line with a total, where the
// smallest case can be worked out by hand and nothing has to be searched.
//
// Cells under floor are hidden. Their sum is known, because the total is, so it
// may neither be under floor itself, nor so large that all of them have to be as
// large as they can. Where it is, the smallest cells that would be shown are
// hidden too, all those that are equal. The cells are those that there may be,
// whether anything is in them or not: a list that is known beforehand.
//
// What is guaranteed, with floor at least 3 and a total of at least floor: no
// hidden cell that is not empty can be worked out, even by somebody who knows this function. For
// the answer does not depend on the order of the cells, so whoever changes hidden
// cells with each other gets the same answer; a cell is certain only where all
// hidden ones are equal in every table with this answer. Take one with all equal
// to v. Were a cell hidden that is not small, there would be a small one beside
// it, and they would not be equal; so all are small, and v < floor. If v < floor-1
// then one more here and one less there gives the same answer. If v = floor-1
// their sum is what is refused above, so all cells of the table are hidden; then
// floor here and floor-2 there is a table of the same total with the same answer.
// TestNoCellOfAnySmallTableCanBeWorkedOut asks every small table.
func Part(cells []int, floor int) (shown []bool) {
	shown = make([]bool, len(cells))
	hidden, sum, least := 0, 0, 0
	for i, n := range cells {
		switch {
		case n >= floor:
			shown[i] = true
			if least == 0 || n < least {
				least = n
			}
		default: // an empty cell cannot be told from a hidden one: neither is shown
			hidden, sum = hidden+1, sum+n
		}
	}
	if sum == 0 || sum >= floor && sum <= (floor-1)*(hidden-1) {
		return shown
	}
	for i, n := range cells {
		if n == least {
			shown[i] = false
		}
	}
	return shown
}
