package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
)

// file is a document on its way to bytes: objects, and where they begin.
type file struct {
	out   bytes.Buffer
	at    []int
	pages []int
}

// Bytes is the document whole.
func (d *Doc) Bytes() ([]byte, error) {
	d.footers()
	f := &file{}
	f.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	catalogue, tree := f.reserve(), f.reserve()
	var fonts strings.Builder
	for _, u := range d.fonts {
		if len(u.says) == 0 {
			continue
		}
		id, err := f.font(u)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&fonts, "/F%s %d 0 R ", u.name, id)
	}
	for _, p := range d.pages {
		content, err := f.stream("", p.ops)
		if err != nil {
			return nil, err
		}
		f.pages = append(f.pages, f.object(f.reserve(), fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R/Resources<</Font<<%s>>>>>>",
			tree, pageWidth, pageHeight, content, fonts.String())))
	}
	var kids strings.Builder
	for _, id := range f.pages {
		fmt.Fprintf(&kids, "%d 0 R ", id)
	}
	reading := "L2R"
	if d.rtl {
		reading = "R2L"
	}
	f.object(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(f.pages), kids.String()))
	f.object(catalogue, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(%s)/ViewerPreferences<</Direction/%s/DisplayDocTitle true>>>>", tree, d.lang, reading))
	info := f.object(f.reserve(), fmt.Sprintf("<</Title %s/Producer(Twiza)>>", wide(d.title)))
	return f.end(catalogue, info), nil
}

func (d *Doc) footers() {
	if d.foot == nil {
		return
	}
	all, y := d.pages, d.y
	for i := range all {
		d.pages, d.y = all[:i+1], pageHeight-margin-smallSize
		if lines := d.wrap(d.foot(i+1, len(all)), false, smallSize, pageWidth-2*margin); len(lines) > 0 {
			d.draw(lines[0], smallSize, margin, pageWidth-2*margin)
		}
	}
	d.pages, d.y = all, y
}

// font writes a font as one that is addressed by its glyphs (ISO 32000-1, 9.7.4).
func (f *file) font(u *used) (int, error) {
	body, err := f.stream(fmt.Sprintf("/Length1 %d", len(u.sfnt)), u.sfnt)
	if err != nil {
		return 0, err
	}
	says, err := f.stream("", u.unicode())
	if err != nil {
		return 0, err
	}
	about := f.object(f.reserve(), fmt.Sprintf("<</Type/FontDescriptor/FontName/Twiza-%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %.0f/Descent %.0f/CapHeight 700/StemV 80/FontFile2 %d 0 R>>",
		u.name, u.box[0], u.box[1], u.box[2], u.box[3], u.up*1000, -u.down*1000, body))
	var widths strings.Builder
	for _, id := range slices.Sorted(maps.Keys(u.says)) {
		fmt.Fprintf(&widths, "%d[%.0f]", id, float64(u.own.HorizontalAdvance(id))*1000/u.upem)
	}
	glyphs := f.object(f.reserve(), fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/Twiza-%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[%s]>>",
		u.name, about, widths.String()))
	return f.object(f.reserve(), fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/Twiza-%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", u.name, glyphs, says)), nil
}

// unicode tells what each glyph says (ISO 32000-1, 9.10.3).
func (u *used) unicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/Twiza def/CMapType 2 def\n1 begincodespacerange<0000><ffff>endcodespacerange\n")
	for part := range slices.Chunk(slices.Sorted(maps.Keys(u.says)), 100) { // as many as one block may hold
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, id := range part {
			fmt.Fprintf(&b, "<%04x><%s>\n", uint16(id), hex16(u.says[font.GID(id)]))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict/CMap defineresource pop end end")
	return b.Bytes()
}

func hex16(s string) string {
	var b strings.Builder
	for _, v := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04x", v)
	}
	return b.String()
}

// wide is a text of any script.
func wide(s string) string { return "<feff" + hex16(s) + ">" }

func (f *file) reserve() int {
	f.at = append(f.at, 0)
	return len(f.at)
}

func (f *file) object(id int, body string) int {
	f.at[id-1] = f.out.Len()
	fmt.Fprintf(&f.out, "%d 0 obj%s\nendobj\n", id, "\n"+body)
	return id
}

func (f *file) stream(more string, body []byte) (int, error) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(body); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return f.object(f.reserve(), fmt.Sprintf("<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream", packed.Len(), more, packed.Bytes())), nil
}

func (f *file) end(catalogue, info int) []byte {
	start := f.out.Len()
	fmt.Fprintf(&f.out, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(&f.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.out, "trailer<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(f.at)+1, catalogue, info, start)
	return f.out.Bytes()
}
