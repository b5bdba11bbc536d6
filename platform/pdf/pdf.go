// Package pdf prints lists that leave the house on paper: a heading, sentences and
// tables on A4, in Arabic, Tifinagh and Latin letters shaped and ordered as they
// are read, with squares that a phone can scan. What it writes is PDF 1.7 (ISO
// 32000-1) with its fonts inside and with text that can be searched.
package pdf

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// A4 in points, and what stays white around it.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 42
	foot       = 24 // for the line at the bottom
)

// Sizes of text in points.
const (
	headSize  = 16
	bodySize  = 10
	smallSize = 8
	leading   = 1.5
)

// Doc is a document under way. It is for one goroutine.
type Doc struct {
	title, lang string
	rtl         bool
	foot        func(page, of int) string

	styles map[bool]style
	fonts  []*used
	split  shaping.Segmenter
	shaper shaping.HarfbuzzShaper
	pages  []*page
	y      float64 // from the top of the page down
}

type page struct{ ops []byte }

// New begins a document. lang is a language tag; rtl says that its text begins at
// the right; foot is the line at the bottom of each page.
func New(title, lang string, rtl bool, foot func(page, of int) string) (*Doc, error) {
	known, err := faces()
	if err != nil {
		return nil, err
	}
	d := &Doc{title: title, lang: lang, rtl: rtl, foot: foot, styles: map[bool]style{}}
	own := map[string]*used{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		f := known[name]
		own[name] = &used{face: f, own: font.NewFace(f.shape.Font), says: map[font.GID]string{}}
		d.fonts = append(d.fonts, own[name])
	}
	for bold, names := range order {
		var s style
		for _, name := range names {
			s.fonts = append(s.fonts, own[name])
		}
		d.styles[bold] = s
	}
	d.turn()
	return d, nil
}

// Heading is the name of what follows.
func (d *Doc) Heading(text string) { d.text(text, true, headSize) }

// Text is a paragraph.
func (d *Doc) Text(text string) { d.text(text, false, bodySize) }

// Small is a paragraph of which less is expected.
func (d *Doc) Small(text string) { d.text(text, false, smallSize) }

func (d *Doc) text(text string, bold bool, size float64) {
	for _, l := range d.wrap(text, bold, size, pageWidth-2*margin) {
		d.room(size * leading)
		d.draw(l, size, margin, pageWidth-2*margin)
		d.y += size * leading
	}
	d.y += size * 0.5
}

// turn begins a page.
func (d *Doc) turn() {
	d.pages = append(d.pages, &page{})
	d.y = margin
}

// room turns the page when so many points do not fit on it any more.
func (d *Doc) room(points float64) (turned bool) {
	if d.y+points <= pageHeight-margin-foot || d.y == margin {
		return false
	}
	d.turn()
	return true
}

func (d *Doc) op(format string, args ...any) {
	p := d.pages[len(d.pages)-1]
	p.ops = append(fmt.Appendf(p.ops, format, args...), '\n')
}

// draw sets a line of text in a column that begins at x, at the present height.
func (d *Doc) draw(l line, size, x, width float64) {
	if l.rtl {
		x += width - l.width
	}
	base := pageHeight - d.y - size*1.15
	var now *used
	d.op("BT")
	for _, c := range l.clusters {
		if c.font != now {
			now = c.font
			d.op("/F%s %g Tf", now.name, size)
		}
		if c.own {
			d.op("/Span <</ActualText %s>> BDC", wide(c.says))
		}
		for _, g := range c.glyphs {
			d.op("1 0 0 1 %.2f %.2f Tm <%04x> Tj", x+g.x, base+g.y, uint16(g.id))
		}
		if c.own {
			d.op("EMC")
		}
	}
	d.op("ET")
}
