package pdf

import (
	"bytes"
	"embed"
	"fmt"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// The fonts are those of the pages (platform/ui/NOTICE.md), whole, as WOFF.
//
//go:embed fonts/*.woff
var fontFiles embed.FS

// face is one font: how it shapes, and what of it a page carries.
type face struct {
	name  string
	shape *font.Face
	sfnt  []byte // the tables that a page needs to draw its glyphs
	upem  float64
	box   [4]int // x and y of its lowest and highest corners, in thousandths of its size
	up    float64
	down  float64
}

// faces by name. A face is read once; shaping with one is not safe at once from
// two goroutines, so each document has copies over the same font.
var faces = sync.OnceValues(func() (map[string]*face, error) {
	all := map[string]*face{}
	list, err := fontFiles.ReadDir("fonts")
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		text, err := fontFiles.ReadFile("fonts/" + f.Name())
		if err != nil {
			return nil, err
		}
		x, err := readFace(f.Name(), text)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", f.Name(), err)
		}
		all[x.name] = x
	}
	return all, nil
})

// drawn are the tables of a TrueType font that drawing takes (ISO 32000-1, 9.9);
// choosing and placing glyphs is done before.
var drawn = []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cvt ", "fpgm", "prep"}

func readFace(file string, text []byte) (*face, error) {
	l, err := opentype.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	f, err := font.NewFont(l)
	if err != nil {
		return nil, err
	}
	x := &face{name: file[:len(file)-len(".woff")], shape: font.NewFace(f), upem: float64(f.Upem())}
	var tables []opentype.Table
	for _, name := range drawn {
		tag := opentype.MustNewTag(name)
		if !l.HasTable(tag) {
			continue
		}
		content, err := l.RawTable(tag)
		if err != nil {
			return nil, err
		}
		if name == "head" {
			x.readBox(content)
		}
		tables = append(tables, opentype.Table{Tag: tag, Content: content})
	}
	x.sfnt = opentype.WriteTTF(tables)
	e, _ := x.shape.FontHExtents()
	x.up, x.down = float64(e.Ascender)/x.upem, -float64(e.Descender)/x.upem
	return x, nil
}

// readBox reads the bounding box of all glyphs from the table head (OpenType 1.9).
func (x *face) readBox(head []byte) {
	for i := range x.box {
		v := int16(uint16(head[36+2*i])<<8 | uint16(head[37+2*i]))
		x.box[i] = int(float64(v) * 1000 / x.upem)
	}
}

// order is in which fonts a character is looked for, by weight.
var order = map[bool][]string{false: {"la-400", "ar-400", "lx-400", "tf-400"}, true: {"la-600", "ar-600", "lx-600", "la-400", "ar-400", "lx-400", "tf-400"}}

// used is a font in one document: which of its glyphs, and what they say.
type used struct {
	*face
	own  *font.Face
	says map[font.GID]string
	id   int // its object
}

// ResolveFace is the first font that has a character; letters that none has are
// drawn as the empty box of the first.
func (s style) ResolveFace(r rune) *font.Face {
	for _, u := range s.fonts {
		if _, ok := u.own.NominalGlyph(r); ok {
			return u.own
		}
	}
	return s.fonts[0].own
}

// style is a weight: its fonts, in the order in which they are asked.
type style struct{ fonts []*used }
