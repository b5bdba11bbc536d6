package source

import (
	"slices"
	"strings"
)

// isKobo knows an export of KoboToolbox or ODK by the columns that it adds
// (support.kobotoolbox.org, "Exporting and downloading your data").
func isKobo(heads []string) bool {
	return slices.Contains(heads, "_uuid") && slices.Contains(heads, "_submission_time")
}

// ungroup makes the columns of such an export plain: "group/need" is need; of a
// question with several answers, whose columns "need/food" hold 0 or 1, one
// column "need" with the answers that were chosen; a position "31.2 -7.9 0 5"
// is the columns lat and lon beside it.
func ungroup(t Table) Table {
	many := map[string][]string{} // question → the columns of its answers
	var order []string
	for i, h := range t.Heads {
		if cut := strings.LastIndexByte(h, '/'); cut > 0 && ticks(t, i) {
			if many[h[:cut]] == nil {
				order = append(order, h[:cut])
			}
			many[h[:cut]] = append(many[h[:cut]], h)
		}
	}
	for _, q := range order {
		if len(many[q]) > 1 || slices.Contains(t.Heads, q) { // one alone is a yes or no in a group
			t = t.joined(q, many[q])
		}
	}
	seen := map[string]int{}
	for _, h := range t.Heads {
		seen[leaf(h)]++
	}
	for i, h := range t.Heads {
		if seen[leaf(h)] == 1 {
			t.Heads[i] = leaf(h)
		}
	}
	return t.positions()
}

func leaf(head string) string { return head[strings.LastIndexByte(head, '/')+1:] }

// ticks is whether a column holds nothing but 0, 1 and what stands for them.
func ticks(t Table, col int) bool {
	some := false
	for _, row := range t.Rows {
		switch cell := at(row, col); strings.ToLower(cell) {
		case "":
		case "0", "1", "true", "false":
			some = true
		default:
			return false
		}
	}
	return some
}

func at(row []string, col int) string {
	if col < len(row) {
		return row[col]
	}
	return ""
}

// joined takes the columns of one question's answers together.
func (t Table) joined(question string, answers []string) Table {
	var cols []int
	for i, h := range t.Heads {
		if slices.Contains(answers, h) {
			cols = append(cols, i)
		}
	}
	whole := slices.Index(t.Heads, question)
	out := Table{}
	keep := func(row []string) (kept []string) {
		for i := range t.Heads {
			if !slices.Contains(cols, i) {
				kept = append(kept, at(row, i))
			}
		}
		return kept
	}
	out.Heads = keep(t.Heads)
	place := slices.Index(out.Heads, question)
	if whole < 0 {
		out.Heads = append(out.Heads, question)
	}
	for _, row := range t.Rows {
		var chosen []string
		for _, i := range cols {
			if x := strings.ToLower(at(row, i)); x == "1" || x == "true" {
				chosen = append(chosen, leaf(t.Heads[i]))
			}
		}
		kept := keep(row)
		switch {
		case whole < 0:
			kept = append(kept, strings.Join(chosen, " "))
		case len(chosen) > 0:
			kept[place] = strings.Join(chosen, " ")
		}
		out.Rows = append(out.Rows, kept)
	}
	return out
}

// positions adds lat and lon, of the first question that asked for a position
// or of where the form was filled in, unless the export has them.
func (t Table) positions() Table {
	if slices.Contains(t.Heads, "lat") {
		return t
	}
	lat := slices.IndexFunc(t.Heads, func(h string) bool { return strings.HasSuffix(h, "_latitude") })
	lon := slices.IndexFunc(t.Heads, func(h string) bool { return strings.HasSuffix(h, "_longitude") })
	whole := slices.IndexFunc(t.Heads, func(h string) bool { return h == "_geolocation" || h == "geopoint" || h == "gps" })
	if lat < 0 && lon < 0 && whole < 0 {
		return t
	}
	t.Heads = append(t.Heads, "lat", "lon")
	for i, row := range t.Rows {
		for len(row) < len(t.Heads)-2 {
			row = append(row, "")
		}
		a, b := "", ""
		if lat >= 0 && lon >= 0 {
			a, b = row[lat], row[lon]
		}
		if a == "" && whole >= 0 {
			if f := strings.FieldsFunc(row[whole], func(r rune) bool { return strings.ContainsRune(" ,[]|", r) }); len(f) >= 2 {
				a, b = f[0], f[1]
			}
		}
		t.Rows[i] = append(row[:len(t.Heads)-2], a, b)
	}
	return t
}
