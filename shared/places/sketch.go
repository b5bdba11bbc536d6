package places

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/geo"
)

// Mark is something to show at a place: how many cases a commune has, and the
// worst of them. A mark never shows a person; the caller hides small counts.
type Mark struct {
	Code     string  // where; its commune's centre when it has no point
	Rank     int     // 1 octagon, 2 diamond, 3 circle, 4 square: worst first, as in lists
	Count    int     // written on the symbol; 0 writes nothing
	Title    string  // read out and shown on hover, in the reader's language
	RadiusKm float64 // dashed circle of what is not known; 0 for none
}

// Sheet is how a sketch is drawn.
type Sheet struct {
	Title  string           // what the drawing says, in the reader's language; without one it is hidden from screen readers
	Lang   string           // of the labels
	Width  int              // CSS pixels it will be shown at, for the size of symbols; 0 is 640
	Labels bool             // names of provinces, as many as there is room for
	Shade  map[string]int   // province code → class c1, c2 …; c0 for the others
	Cover  map[string]Cover // commune code → what its network lacks, drawn at its centre
	Harm   map[string]int   // commune code → how bad it is, 1 to 4: a shade around its centre
	Fit    bool             // as near as the marks leave room for; all of the part without any
}

// Cover is what the network of a commune lacks. Each has a sign of its own, so
// that nobody needs to tell colours apart.
type Cover string

const (
	CoverVoice Cover = "voice" // telephone and no data: a ring
	CoverNone  Cover = "none"  // nothing: a cross
)

// the drawing is this many units wide; integers then are fine enough.
const wide = 1000

// Sketch draws the country ("") or the part of it that within names: outlines
// where the pack has them, a dot at each commune's centre, the marks on top. It
// is SVG with classes only, works without scripts, prints, and is never mirrored.
// Sheet.Fit shows the neighbourhood of the marks alone, and what crosses it.
// Marks that would cover each other become one, with the worst rank and the sum.
// A commune or douar is shown in its province. The page puts the list beside it,
// and the credit of the outlines.
func Sketch(g *Gazetteer, within string, marks []Mark, sheet Sheet) template.HTML {
	if p, ok := g.byCode[within]; !ok {
		within = ""
	} else if province, ok := g.Province(within); ok && p.Kind != Province {
		within = province.Code
	}
	return g.drawn.sketch(sketchKey(within, marks, sheet), func() template.HTML { return sketch(g, within, marks, sheet) })
}

func sketch(g *Gazetteer, within string, marks []Mark, sheet Sheet) template.HTML {
	d := newDrawing(g, within, sheet)
	if !d.ok {
		return ""
	}
	if sheet.Fit {
		d.fit(marks)
	}
	d.open(sheet.Title)
	d.land(sheet.Shade)
	d.harm(sheet.Harm)
	d.dots()
	if sheet.Labels {
		d.labels(sheet.Lang, marks)
	}
	d.marks(marks)
	d.cover(sheet.Cover, marks)
	d.WriteString("</svg>")
	return template.HTML(d.String())
}

type drawing struct {
	strings.Builder
	g      *Gazetteer
	within string
	ok     bool // there is something to draw

	near        *window // what is shown of it, when that is not all
	west, north float64
	scale       float64 // units a degree of latitude
	squeeze     float64 // of a degree of longitude
	height      int
	unit        float64 // units a CSS pixel
}

func newDrawing(g *Gazetteer, within string, sheet Sheet) *drawing {
	d := &drawing{g: g, within: within, unit: wide / float64(cmp.Or(max(0, sheet.Width), 640))}
	all := g.drawn.span(g, within)
	if d.ok = all.some; d.ok {
		squeeze := all.squeeze()
		d.show(all.wider(max(0.02, 0.03*max(all.north-all.south, (all.east-all.west)*squeeze))))
	}
	return d
}

// show lays the window over the drawing.
func (d *drawing) show(w window) {
	d.west, d.north, d.squeeze = w.west, w.north, w.squeeze()
	d.scale = wide / ((w.east - w.west) * d.squeeze)
	d.height = int(math.Ceil((w.north - w.south) * d.scale))
}

// inside are the outlines of a kind in the part that is drawn, as far as they
// cross what is shown of it.
func (d *drawing) inside(kind string) []Outline {
	var out []Outline
	for _, o := range d.g.outlines[kind] {
		if !d.g.Within(o.Code, d.within) {
			continue
		}
		if d.near != nil {
			if o = d.near.cut(o); len(o.Rings) == 0 {
				continue
			}
		}
		out = append(out, o)
	}
	return out
}

// seen tells whether a place with a point lies in what is shown.
func (d *drawing) seen(p *Place) bool {
	return p.HasPoint && d.g.Within(p.Code, d.within) && (d.near == nil || d.near.holds(p.At))
}

func (d *drawing) xy(p geo.Point) (x, y int) {
	return int(math.Round((p.Lon - d.west) * d.squeeze * d.scale)), int(math.Round((d.north - p.Lat) * d.scale))
}

func (d *drawing) open(title string) {
	fmt.Fprintf(d, `<svg class="m" viewBox="0 0 %d %d" direction="ltr"`, wide, d.height)
	if title == "" {
		d.WriteString(` aria-hidden="true">`)
		return
	}
	fmt.Fprintf(d, ` role="img"><title>%s</title>`, html.EscapeString(title))
}

// land draws provinces by shade, communes where outlines were brought, and the
// regions over them.
func (d *drawing) land(shade map[string]int) {
	provinces := slices.Clone(d.g.outlines[Province])
	slices.SortStableFunc(provinces, func(a, b Outline) int { return cmp.Compare(shade[a.Code], shade[b.Code]) })
	for len(provinces) > 0 {
		n := 1
		for n < len(provinces) && shade[provinces[n].Code] == shade[provinces[0].Code] {
			n++
		}
		d.path("c"+strconv.Itoa(max(0, shade[provinces[0].Code])), provinces[:n])
		provinces = provinces[n:]
	}
	if d.within != "" {
		d.path("cm", d.g.outlines[Commune])
	}
	d.path("pv", d.g.outlines[Region])
}

// path draws the outlines that lie in what is shown, as one shape.
func (d *drawing) path(class string, outlines []Outline) {
	begun := false
	for _, o := range outlines {
		if !d.g.Within(o.Code, d.within) {
			continue
		}
		rings := d.rings(o)
		if rings == "" {
			continue
		}
		if !begun {
			fmt.Fprintf(d, `<path class="%s" fill-rule="evenodd" d="`, class)
			begun = true
		}
		d.WriteString(rings)
	}
	if begun {
		d.WriteString(`"/>`)
	}
}

// rings is an outline as a path. It is the same each time that the same window is
// drawn, which is most of what a drawing costs.
func (d *drawing) rings(o Outline) string {
	key := ringKey{o.Code, d.west, d.north, d.scale, d.height, d.grain(), d.near != nil}
	return d.g.drawn.rings(key, func() string {
		if d.near != nil {
			o = d.near.cut(o)
		}
		var b strings.Builder
		for _, ring := range o.Rings {
			d.ring(&b, ring)
		}
		return b.String()
	})
}

// ring writes relative steps, which are short, and leaves out those that go
// nowhere. Where two units are less than a pixel, corners stand on every second
// one: neighbours share them still, and a page that everybody reads is lighter.
func (d *drawing) ring(b *strings.Builder, ring []geo.Point) {
	grain := d.grain()
	var px, py int
	for i, p := range ring {
		x, y := d.xy(p)
		x, y = x-x%grain, y-y%grain
		switch {
		case i == 0:
			fmt.Fprintf(b, "M%d %dl", x, y)
		case x != px || y != py:
			b.WriteString(strconv.Itoa(x - px))
			if y >= py {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(y-py) + " ")
		}
		px, py = x, y
	}
	b.WriteByte('z')
}

// grain is how many units apart corners stand.
func (d *drawing) grain() int { return max(1, int(d.unit)) }

// crowded is how many communes are too many for a dot each.
const crowded = 300

func (d *drawing) dots() {
	var b strings.Builder
	n := 0
	for _, p := range d.g.byKind[Commune] {
		if d.seen(p) {
			x, y := d.xy(p.At)
			fmt.Fprintf(&b, "M%d %dh0", x, y)
			n++
		}
	}
	if n > 0 && n <= crowded {
		fmt.Fprintf(d, `<path class="dz" d="%s"/>`, b.String())
	}
}

// cover draws a sign at each commune whose network lacks something: one path
// for all rings, one for all crosses. Beside a mark it stands at its shoulder.
func (d *drawing) cover(of map[string]Cover, marks []Mark) {
	if len(of) == 0 {
		return
	}
	marked := map[string]bool{}
	for _, m := range marks {
		if p, ok := d.g.Commune(m.Code); ok {
			marked[p.Code] = true
		}
	}
	shoulder := int(math.Round(17 * d.unit))
	var rings, crosses strings.Builder
	r := int(math.Round(6 * d.unit))
	for _, p := range d.g.byKind[Commune] {
		if !d.seen(p) {
			continue
		}
		x, y := d.xy(p.At)
		if marked[p.Code] {
			x, y = x+shoulder, y-shoulder
		}
		switch of[p.Code] {
		case CoverVoice:
			fmt.Fprintf(&rings, "M%d %da%d %d 0 1 0 %d 0a%d %d 0 1 0 %d 0", x-r, y, r, r, 2*r, r, r, -2*r)
		case CoverNone:
			fmt.Fprintf(&crosses, "M%d %dl%d %dm0 %dl%d %d", x-r, y-r, 2*r, 2*r, -2*r, -2*r, 2*r)
		}
	}
	if rings.Len() > 0 {
		fmt.Fprintf(d, `<path class="nh" d="%[1]s"/><path class="nv" d="%[1]s"/>`, rings.String())
	}
	if crosses.Len() > 0 {
		fmt.Fprintf(d, `<path class="nh" d="%[1]s"/><path class="nn" d="%[1]s"/>`, crosses.String())
	}
}

// labels names provinces, those where something is marked first, then those
// where most people live. A name that would cover another is left out: the list
// beside the map has them all.
func (d *drawing) labels(lang string, marks []Mark) {
	marked := map[string]int{}
	for _, m := range marks {
		if p, ok := d.g.Province(m.Code); ok {
			marked[p.Code] += 1 + max(0, m.Count)
		}
	}
	at := d.anchors()
	named := slices.DeleteFunc(slices.Clone(d.g.byKind[Province]), func(p *Place) bool {
		_, ok := at[p.Code]
		return !ok
	})
	slices.SortStableFunc(named, func(a, b *Place) int {
		return cmp.Or(cmp.Compare(marked[b.Code], marked[a.Code]), cmp.Compare(b.Population, a.Population), cmp.Compare(a.Code, b.Code))
	})
	type box struct{ x, y, half float64 }
	var taken []box
	for _, p := range named {
		name, nameLang := p.Name(lang)
		x, y := d.xy(at[p.Code])
		b := box{float64(x), float64(y), float64(utf8.RuneCountInString(name)) * letterWide / 2 * d.unit}
		if d.near != nil { // a name at the edge of what is shown stays whole
			b.x = max(b.half, min(b.x, wide-b.half))
			b.y = max(lineHigh*d.unit, min(b.y, float64(d.height)-lineHigh*d.unit/2))
			x, y = int(math.Round(b.x)), int(math.Round(b.y))
		}
		if slices.ContainsFunc(taken, func(t box) bool {
			return math.Abs(t.x-b.x) < t.half+b.half && math.Abs(t.y-b.y) < lineHigh*d.unit
		}) {
			continue
		}
		taken = append(taken, b)
		fmt.Fprintf(d, `<g transform="translate(%d %d) scale(%.3g)"><text class="pl" lang="%s">%s</text></g>`,
			x, y, d.unit, html.EscapeString(nameLang), html.EscapeString(name))
	}
}

// What a name takes on a map, in CSS pixels: the mean letter of the class pl
// in four scripts, and one line of it.
const (
	letterWide = 9
	lineHigh   = 20
)

// shapes are the priority signs, 28 pixels across, as in lists.
var shapes = [...]string{
	1: `<path d="M13.7 5.7L5.7 13.7L-5.7 13.7L-13.7 5.7L-13.7-5.7L-5.7-13.7L5.7-13.7L13.7-5.7Z"/>`,
	2: `<path d="M0-16.5L16.5 0L0 16.5L-16.5 0Z"/>`,
	3: `<circle r="14"/>`,
	4: `<rect x="-11.9" y="-11.9" width="23.8" height="23.8" rx="3"/>`,
}

// cluster is marks that stand too close to be told apart.
type cluster struct {
	x, y   int
	rank   int
	count  int
	titles []string
	radius float64
}

func (d *drawing) marks(marks []Mark) {
	// The least urgent is drawn first and lies below.
	for _, c := range slices.Backward(d.clusters(marks)) {
		fmt.Fprintf(d, `<g class="mk p%d" transform="translate(%d %d)">`, c.rank, c.x, c.y)
		if len(c.titles) > 0 {
			fmt.Fprintf(d, `<title>%s</title>`, html.EscapeString(strings.Join(c.titles, " · ")))
		}
		if c.radius > 0 {
			fmt.Fprintf(d, `<circle class="acc" r="%.0f"/>`, c.radius/degreeKm*d.scale)
		}
		fmt.Fprintf(d, `<g transform="scale(%.3g)">%s`, d.unit, shapes[c.rank])
		if c.count > 0 {
			fmt.Fprintf(d, `<text class="mn" y="5">%d</text>`, c.count)
		}
		d.WriteString(`</g></g>`)
	}
}

// mostTitles are spelled out on a cluster; the list beside the map has them all.
const mostTitles = 6

func (d *drawing) clusters(marks []Mark) []cluster {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.Code, b.Code))
	})
	var out []cluster
	apart := 26 * d.unit
	for _, m := range sorted {
		at, _, ok := d.g.Point(m.Code)
		if !ok || !d.g.Within(m.Code, d.within) {
			continue
		}
		x, y := d.xy(at)
		i := slices.IndexFunc(out, func(c cluster) bool { return math.Hypot(float64(c.x-x), float64(c.y-y)) < apart })
		if i < 0 {
			i = len(out)
			out = append(out, cluster{x: x, y: y, rank: rank(m), radius: max(0, m.RadiusKm)})
		}
		out[i].count += max(0, m.Count)
		switch {
		case m.Title == "" || len(out[i].titles) > mostTitles:
		case len(out[i].titles) == mostTitles:
			out[i].titles = append(out[i].titles, "…")
		default:
			out[i].titles = append(out[i].titles, m.Title)
		}
	}
	return out
}

func rank(m Mark) int {
	if m.Rank < 1 || m.Rank >= len(shapes) {
		return len(shapes) - 1
	}
	return m.Rank
}
