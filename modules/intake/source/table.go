package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/shared/forms"
)

// Table is a file as rows under their heads.
type Table struct {
	Heads []string
	Rows  [][]string
}

// ReadTable reads a CSV file: UTF-8, commas or semicolons, quotes as RFC 4180
// says. Anything else gets a sentence with the line.
func ReadTable(body []byte) (Table, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return Table{}, wrong("not_utf8")
	}
	r := csv.NewReader(bytes.NewReader(body))
	first, _, _ := bytes.Cut(body, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	var t Table
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if p, ok := errors.AsType[*csv.ParseError](err); ok {
			return t, wrong("bad_line", "line", p.Line)
		}
		if err != nil {
			return t, err
		}
		if err := t.add(row); err != nil {
			return t, err
		}
	}
	return t, t.whole()
}

// add takes the next line of a file; the first one is the heads.
func (t *Table) add(row []string) error {
	for i, f := range row {
		row[i] = forms.Clean(f[:min(len(f), MaxField)], true)
	}
	if t.Heads == nil {
		t.Heads = row
		return nil
	}
	if t.Rows = append(t.Rows, row); len(t.Rows) > MaxRows {
		return wrong("too_many", "max", MaxRows)
	}
	return nil
}

// whole is whether there are heads, and rows under them.
func (t Table) whole() error {
	if len(t.Heads) < 2 || len(t.Rows) == 0 {
		return wrong("no_rows")
	}
	return headless(t.Heads)
}

// A head that is longer than this, and asks nothing, is what somebody said.
const maxHead = 100

// headless finds in the first line of a file what names of columns never are
// and what people's rows are made of: a telephone number, coordinates, an
// address of mail, a moment, a long text. The sentence tells the column and
// never what stands there. Such a file is turned away before any of it is kept.
func headless(heads []string) error {
	for i, h := range heads {
		if looksPersonal(h) {
			return fault.All{fault.New(fault.Invalid, "intake.import.no_heads", "n", i+1).On("file")}
		}
	}
	return nil
}

// Headless is the same of heads that were kept once.
func Headless(heads []string) bool { return headless(heads) != nil }

func looksPersonal(cell string) bool {
	cell = strings.TrimSpace(arabic.Digits(cell))
	if cell == "" {
		return false
	}
	if _, ok := geo.Parse(cell); ok {
		return true
	}
	digits, letters, dots := 0, 0, 0
	for _, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		case r == '.' || r == ',':
			dots++
		}
	}
	switch {
	case letters == 0 && digits >= 7: // a phone, an identity card, a moment
		return true
	case letters <= 1 && dots > 0 && digits >= 4: // half of a pair of coordinates
		return true
	case letters <= 2 && digits >= 8: // 2023-09-09T03:12, or the letters of an identity card
		return true
	case strings.Contains(cell, "@") && strings.Contains(cell[strings.Index(cell, "@"):], ".") && !strings.ContainsAny(cell, " \n"):
		return true
	case strings.ContainsAny(cell, "\n\r"):
		return true
	}
	return len([]rune(cell)) > maxHead && !strings.ContainsAny(cell[len(cell)-min(len(cell), 4):], "?؟:)*")
}
