package ui

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Stream is a sum and what became of it: the flow diagram of DESIGN.md, drawn by the
// server with classes only, so that one drawing serves light, dark and print. It stands
// on wide screens, beside a bar and a list that say the same.
type Stream struct {
	Label    string // what the sum is: "Your gift"
	Sum      string
	Minor    int64
	Said     string // the whole in a sentence, for whoever does not see it
	Branches []Branch
	Right    bool // written from right to left: it flows from right to left too
}

// Branch is what became of some of it, in the order in which it is drawn.
type Branch struct {
	Minor           int64
	Sum, Title, Sub string
	Class           string // of its colour: "f-del"
}

const (
	riverWide, riverTall   = 760, 150 // of the drawing, and of the bar at its source
	riverFork              = 430      // where the branches end
	riverLeast, riverPitch = 4, 42
)

// River draws a stream. Nothing that became anything draws nothing.
func River(s Stream) template.HTML {
	total := int64(0)
	for _, b := range s.Branches {
		total += b.Minor
	}
	if total <= 0 {
		return ""
	}
	r := &riverPen{right: s.Right}
	y, low, longest := 4.0, 0.0, 0
	var tops, talls []float64
	for _, b := range s.Branches {
		tall := max(riverLeast, float64(b.Minor)*riverTall/float64(total))
		tops, talls = append(tops, y), append(talls, tall)
		low = y + max(tall, 30)
		y += max(tall+18, riverPitch)
		longest = max(longest, len([]rune(b.Sum)))
	}
	high := max(low, riverTall+36)
	source := max(30, (high-riverTall)/2)
	titles := float64(riverFork + 34 + longest*7)
	fmt.Fprintf(&r.b, `<svg class="chart river" viewBox="0 0 %d %.0f" role="img" aria-label="%s">`, riverWide, high, html.EscapeString(s.Said))
	r.rect(0, source, 10, riverTall, "nd")
	r.text(20, source-14, "em", s.Label, 400)
	at := source
	for i, b := range s.Branches {
		width := float64(b.Minor) * riverTall / float64(total)
		r.ribbon(at, width, tops[i], talls[i], b.Class)
		r.rect(riverFork, tops[i], 8, talls[i], b.Class)
		middle := max(tops[i]+talls[i]/2-2, tops[i]+8)
		r.text(riverFork+20, middle, "em", b.Sum, riverWide)
		r.text(titles, middle, "t1", b.Title, riverWide-titles)
		r.text(titles, middle+16, "", b.Sub, riverWide-titles)
		at += width
	}
	r.text(28, source+riverTall/2+9, "big", s.Sum, 400)
	return template.HTML(r.b.String() + "</svg>")
}

// A text is in the order of its own script, whichever way the drawing flows (UAX #9).
const isolate, isolateEnd = "\u2068", "\u2069"

// riverPen draws from left to right, or mirrored.
type riverPen struct {
	b     strings.Builder
	right bool
}

func (r *riverPen) x(x float64) float64 {
	if r.right {
		return riverWide - x
	}
	return x
}

func (r *riverPen) rect(x, y, w, h float64, class string) {
	if r.right {
		x += w
	}
	fmt.Fprintf(&r.b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`, class, r.x(x), y, w, h)
}

// ribbon goes from the bar at the source to the one at its end.
func (r *riverPen) ribbon(from, width, to, tall float64, class string) {
	a, bend, end := r.x(10), r.x((10+riverFork)/2), r.x(riverFork)
	fmt.Fprintf(&r.b, `<path class="rb %s" d="M%.0f %.1fC%.0f %.1f %.0f %.1f %.0f %.1fL%.0f %.1fC%.0f %.1f %.0f %.1f %.0f %.1fZ"/>`, class,
		a, from, bend, from, bend, to, end, to, end, to+tall, bend, to+tall, bend, from+width, a, from+width)
}

// text is cut where there is no room for more of it; whoever wants all reads the list.
func (r *riverPen) text(x, y float64, class, text string, room float64) {
	if text == "" {
		return
	}
	if all, most := []rune(text), int(room/6.7); len(all) > most && most > 1 {
		text = strings.TrimSpace(string(all[:most-1])) + "…"
	}
	dir := ""
	if r.right {
		dir = ` direction="rtl"`
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(&r.b, `<text%s%s x="%.0f" y="%.1f">%s</text>`, class, dir, r.x(x), y, isolate+html.EscapeString(text)+isolateEnd)
}
