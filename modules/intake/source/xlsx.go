package source

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"time"
)

// readXLSX reads the cells of the first sheet of a workbook (ECMA-376, part 1,
// §18): shared strings, strings in place, numbers, and moments as their style
// says. Formulas give the value that was last worked out; nothing is run.
func readXLSX(body []byte) (t Table, err error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return t, wrong("bad_zip")
	}
	b := book{left: MaxOpen, parts: map[string]*zip.File{}}
	for _, f := range z.File[:min(len(z.File), maxEntries)] {
		b.parts[path.Clean(strings.TrimPrefix(f.Name, "/"))] = f
	}
	sheet := b.firstSheet()
	if sheet == "" {
		return t, wrong("no_sheet")
	}
	if err := b.strings(); err != nil {
		return t, err
	}
	if err := b.styles(); err != nil {
		return t, err
	}
	raw, err := b.open(sheet)
	if err != nil {
		return t, err
	}
	return b.table(raw)
}

// book is a workbook under reading; left is how many bytes may still be unpacked.
type book struct {
	parts  map[string]*zip.File
	left   int64
	shared []string
	moment map[int]bool // styles whose numbers are moments
}

func (b *book) open(name string) (raw []byte, err error) {
	f := b.parts[name]
	if f == nil {
		return nil, nil
	}
	raw, b.left, err = unpack(f, b.left)
	return raw, err
}

// firstSheet is the part that holds the first sheet, as the workbook names it.
func (b *book) firstSheet() string {
	var wb struct {
		Sheets []struct {
			ID string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	raw, _ := b.open("xl/workbook.xml")
	links, _ := b.open("xl/_rels/workbook.xml.rels")
	if xml.Unmarshal(raw, &wb) == nil && xml.Unmarshal(links, &rels) == nil && len(wb.Sheets) > 0 {
		for _, r := range rels.All {
			name := path.Join("xl", r.Target)
			if strings.HasPrefix(r.Target, "/") {
				name = path.Clean(r.Target[1:])
			}
			if r.ID == wb.Sheets[0].ID && b.parts[name] != nil {
				return name
			}
		}
	}
	if b.parts["xl/worksheets/sheet1.xml"] != nil {
		return "xl/worksheets/sheet1.xml"
	}
	return ""
}

// strings reads the texts that cells point at.
func (b *book) strings() error {
	raw, err := b.open("xl/sharedStrings.xml")
	if err != nil || raw == nil {
		return err
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return wrong("bad_xml")
		}
		if s, ok := tok.(xml.StartElement); ok && s.Name.Local == "si" {
			text, err := inner(d)
			if err != nil {
				return wrong("bad_xml")
			}
			b.shared = append(b.shared, text)
		}
	}
}

// inner is the text within an element that has begun, phonetic hints (rPh) left out.
func inner(d *xml.Decoder) (string, error) {
	var out strings.Builder
	skip, reads := 0, 0
	for depth := 1; depth > 0; {
		tok, err := d.Token()
		if err != nil {
			return "", err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			depth++
			if x.Name.Local == "rPh" || skip > 0 {
				skip++
			}
			if x.Name.Local == "t" {
				reads++
			}
		case xml.EndElement:
			depth--
			if skip > 0 {
				skip--
			}
			if x.Name.Local == "t" && reads > 0 {
				reads--
			}
		case xml.CharData:
			if reads > 0 && skip == 0 && out.Len() < MaxField {
				out.Write(x)
			}
		}
	}
	return out.String(), nil
}

// styles learns which cells hold moments: a number format of §18.8.30 that is
// one, or one of the workbook's own that speaks of years or hours.
func (b *book) styles() error {
	raw, err := b.open("xl/styles.xml")
	b.moment = map[int]bool{}
	if err != nil || raw == nil {
		return err
	}
	var s struct {
		Own []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if xml.Unmarshal(raw, &s) != nil {
		return wrong("bad_xml")
	}
	own := map[int]bool{}
	for _, f := range s.Own {
		own[f.ID] = strings.ContainsAny(strings.ToLower(f.Code), "yh") || strings.Contains(strings.ToLower(f.Code), "d/m")
	}
	for i, c := range s.Cells {
		b.moment[i] = c.Format >= 14 && c.Format <= 22 || c.Format >= 45 && c.Format <= 47 || own[c.Format]
	}
	return nil
}

// table reads the rows of a sheet. A row may leave cells out; each says where
// it stands.
func (b *book) table(raw []byte) (t Table, err error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var row []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, wrong("bad_xml")
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "row":
				row = nil
			case "c":
				if row, err = b.cell(d, x, row); err != nil {
					return t, err
				}
			}
		case xml.EndElement:
			if x.Name.Local == "row" && strings.Join(row, "") != "" {
				if err := t.add(row); err != nil {
					return t, err
				}
			}
		}
	}
	return t, nil
}

func (b *book) cell(d *xml.Decoder, start xml.StartElement, row []string) ([]string, error) {
	at, kind, style := len(row), "", 0
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "r":
			if n := column(a.Value); n > 0 {
				at = n - 1
			}
		case "t":
			kind = a.Value
		case "s":
			style, _ = strconv.Atoi(a.Value)
		}
	}
	var c struct {
		Value  string `xml:"v"`
		Inline struct {
			Text string   `xml:"t"`
			Runs []string `xml:"r>t"`
		} `xml:"is"`
	}
	if d.DecodeElement(&c, &start) != nil {
		return row, wrong("bad_xml")
	}
	if at >= MaxHeads {
		return row, nil
	}
	for len(row) <= at {
		row = append(row, "")
	}
	switch kind {
	case "s":
		if n, err := strconv.Atoi(strings.TrimSpace(c.Value)); err == nil && n >= 0 && n < len(b.shared) {
			row[at] = b.shared[n]
		}
	case "inlineStr":
		row[at] = c.Inline.Text + strings.Join(c.Inline.Runs, "")
	case "e": // "#N/A"
	default:
		row[at] = b.number(c.Value, style, kind == "")
	}
	return row, nil
}

// number writes a number as people would: 3, not 3.0000000000000004E0; and a
// moment as one. Days are counted from 1900, whose 29th of February is told
// though there was none (§18.17.4.1).
func (b *book) number(text string, style int, isNumber bool) string {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !isNumber {
		return text
	}
	if b.moment[style] && f > 60 && f < 80_000 {
		at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(f*86400)) * time.Second)
		return at.Format("2006-01-02T15:04:05")
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// column is the number of a cell's column: "A1" is 1, "AB7" is 28.
func column(ref string) (n int) {
	for _, r := range ref {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = n*26 + int(r-'A') + 1; n > MaxHeads {
			return n
		}
	}
	return n
}
