package pdf

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// line is one line of shaped text: its clusters in the order of reading, placed as
// they are seen.
type line struct {
	clusters []cluster
	width    float64
	rtl      bool
}

// cluster is what cannot be parted: a letter, a letter with its marks, a ligature.
type cluster struct {
	font   *used
	at     int // its first character
	says   string
	own    bool // it must say so itself
	glyphs []glyph
}

type glyph struct {
	id   font.GID
	x, y float64 // from the beginning of the line, points
}

// wrap shapes a text and cuts it into lines no wider than width: letters join,
// numbers stay as they are within Arabic, and lines break where the script allows
// (Unicode Annexes 9 and 14).
func (d *Doc) wrap(text string, bold bool, size, width float64) []line {
	runes := []rune(inOne.ReplaceAllString(strings.Map(seen, text), "$1\u00a0"))
	if strings.TrimSpace(string(runes)) == "" {
		return nil
	}
	dir := di.DirectionLTR
	if d.rtl {
		dir = di.DirectionRTL
	}
	s := d.styles[bold]
	in := shaping.Input{Text: runes, RunEnd: len(runes), Direction: dir, Size: fixed.Int26_6(size * 64), Language: language.NewLanguage(d.lang)}
	var outs []shaping.Output
	for _, part := range d.split.Split(in, s) {
		outs = append(outs, d.shaper.Shape(part))
	}
	var wrapper shaping.LineWrapper
	parts, _ := wrapper.WrapParagraphF(shaping.WrapConfig{Direction: dir}, fixed.Int26_6(width*64), runes, shaping.NewSliceIterator(outs))
	lines := make([]line, 0, len(parts))
	for _, runs := range parts {
		lines = append(lines, s.place(runs, runes, d.rtl))
	}
	return lines
}

// inOne are groups of digits of one number: with a plain space between them they
// would change places in a text that begins at the right (Unicode Annex 9, W4).
var inOne = regexp.MustCompile(`([0-9]) \b`)

// seen leaves out what nobody sees and what would turn the text around it: order
// follows from the letters themselves. The two joiners stay, which shape words.
func seen(r rune) rune {
	switch {
	case r == '\u200c' || r == '\u200d':
		return r
	case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
		return ' '
	case unicode.Is(unicode.C, r) || unicode.Is(unicode.Variation_Selector, r):
		return -1
	}
	return r
}

// place puts the runs of a line beside each other as they are seen, and lists
// their clusters in the order in which they are read.
func (s style) place(runs shaping.Line, text []rune, rtl bool) line {
	l := line{rtl: rtl}
	begin := make([]float64, len(runs))
	across := make([]int, len(runs))
	for i := range runs {
		across[i] = i
	}
	slices.SortFunc(across, func(a, b int) int { return int(runs[a].VisualIndex - runs[b].VisualIndex) })
	for _, i := range across {
		begin[i] = l.width
		for _, g := range runs[i].Glyphs {
			l.width += points(g.Advance)
		}
	}
	for i, run := range runs {
		u, x := s.of(run.Face), begin[i]
		var own []cluster
		for _, g := range run.Glyphs {
			if len(own) == 0 || own[len(own)-1].at != g.TextIndex() {
				own = append(own, cluster{font: u, at: g.TextIndex(), says: string(text[g.TextIndex():min(len(text), g.TextIndex()+g.RunesCount())])})
			}
			c := &own[len(own)-1]
			c.glyphs = append(c.glyphs, glyph{g.GlyphID, x + points(g.XOffset), points(g.YOffset)})
			x += points(g.Advance)
		}
		if run.Direction == di.DirectionRTL {
			slices.Reverse(own)
		}
		l.clusters = append(l.clusters, own...)
	}
	for i := range l.clusters {
		l.clusters[i].learn()
	}
	return l
}

func (s style) of(f *font.Face) *used {
	for _, u := range s.fonts {
		if u.own == f {
			return u
		}
	}
	return s.fonts[0]
}

// learn keeps which characters a glyph stands for, so that text can be searched
// and read aloud. Where glyphs are shared between letters, as dots are in Arabic,
// no list can tell: such a cluster says its text itself (ISO 32000-1, 14.9.4).
func (c *cluster) learn() {
	for i, g := range c.glyphs {
		says := c.says
		if i > 0 {
			says = ""
		}
		was, known := c.font.says[g.id]
		if !known {
			c.font.says[g.id] = says
		}
		if known && was != says || len(c.glyphs) > 1 {
			c.own = true
		}
	}
}

func points(v fixed.Int26_6) float64 { return float64(v) / 64 }
