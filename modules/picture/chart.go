package picture

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Charts are drawn by the server: SVG with classes only, so that one drawing
// serves light, dark and print. Time runs from left to right in every language.

const (
	sparkWide, sparkHigh = 200, 36
	chartWide, chartHigh = 640, 260
)

// spark is a line without axes, beside the number that it ends at.
func spark(all []int, class string) template.HTML {
	if len(all) < 2 {
		return ""
	}
	most := 1
	for _, n := range all {
		most = max(most, n)
	}
	var line strings.Builder
	for i, n := range all {
		fmt.Fprintf(&line, "%d,%d ", i*sparkWide/(len(all)-1), sparkHigh-2-n*(sparkHigh-4)/most)
	}
	return template.HTML(fmt.Sprintf(`<svg class="sp %s" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true" direction="ltr"><polygon points="0,%d %s%d,%d"/><polyline points="%s"/></svg>`,
		class, sparkWide, sparkHigh, sparkHigh, line.String(), sparkWide, sparkHigh, line.String()))
}

// series is one line of a chart.
type series struct {
	Label string
	Class string
	N     []int
}

// lines draws counts by day from zero, each line with its own name at its end. The
// second is dashed as well as of another colour.
func lines(title string, days []string, all []series) template.HTML {
	if len(days) < 2 {
		return ""
	}
	most := 5
	for _, s := range all {
		for _, n := range s.N {
			most = max(most, n)
		}
	}
	step := nice(most)
	const left, right, top, bottom = 52, 96, 10, 28
	w, h := chartWide-left-right, chartHigh-top-bottom
	high := (most + step - 1) / step * step
	y := func(n int) int { return top + h - n*h/high }
	x := func(i int) int { return left + i*w/(len(days)-1) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="ln" viewBox="0 0 %d %d" role="img" direction="ltr"><title>%s</title>`, chartWide, chartHigh, html.EscapeString(title))
	for n := 0; n <= high; n += step {
		fmt.Fprintf(&b, `<path class="gr" d="M%d %dH%d"/><text class="ax" x="%d" y="%d" text-anchor="end">%d</text>`, left, y(n), left+w, left-8, y(n)+4, n)
	}
	// The first day and the last stand under their ends; more would run into each
	// other on a phone, and the table has them all.
	fmt.Fprintf(&b, `<text class="ax" x="%d" y="%d">%s</text><text class="ax" x="%d" y="%d" text-anchor="end">%s</text>`,
		left, chartHigh-6, isolated(days[0]), left+w, chartHigh-6, isolated(days[len(days)-1]))
	ends := map[int]bool{}
	for _, s := range all {
		fmt.Fprintf(&b, `<polyline class="%s" points="`, s.Class)
		for i, n := range s.N {
			fmt.Fprintf(&b, "%d,%d ", x(i), y(n))
		}
		at := y(s.N[len(s.N)-1]) + 4
		for ends[at/16] {
			at -= 16
		}
		ends[at/16] = true
		fmt.Fprintf(&b, `"/><text class="lb %s" x="%d" y="%d">%s</text>`, s.Class, left+w+6, at, html.EscapeString(s.Label))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// isolated is a text in the order of its own script: the drawing itself runs from
// left to right in every language.
func isolated(text string) string { return "\u2068" + html.EscapeString(text) + "\u2069" }

// nice is a round step of which four or five make most.
func nice(most int) int {
	step := 1
	for {
		for _, k := range []int{1, 2, 5} {
			if step*k*5 >= most {
				return step * k
			}
		}
		step *= 10
	}
}
