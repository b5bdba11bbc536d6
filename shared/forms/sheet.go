package forms

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Source is a piece of CSV inside a file: where it stands, so that a mistake
// is told with the line its author sees.
type Source struct {
	File string
	Line int // of the first row, counted from 1
	Text string
}

// Bounds of one sheet.
const (
	maxSheetBytes = 1 << 20
	maxSheetRows  = 2000
)

// sheet is a table with named columns.
type sheet struct {
	src  Source
	rows []row
}

type row struct {
	line  int
	cells map[string]cell
}

type cell struct {
	text string
	line int
}

func (r row) get(col string) string { return r.cells[col].text }

// text gathers the languages of one column, "label::ar" and its sisters.
func (r row) text(col string) Text {
	var t Text
	for _, l := range Langs {
		if s := r.get(col + "::" + l); s != "" {
			if t == nil {
				t = Text{}
			}
			t[l] = Typeset(l, s)
		}
	}
	return t
}

// reading gathers the findings of one form while it is read.
type reading struct {
	file  string
	found []Finding
}

func (r *reading) find(line int, format string, args ...any) {
	r.found = append(r.found, Finding{r.file, line, fmt.Sprintf(format, args...)})
}

// readSheet reads CSV whose columns are among plain, or among spoken followed
// by "::" and a language. It tells what it cannot use and goes on.
func (r *reading) readSheet(src Source, plain, spoken []string) *sheet {
	s := &sheet{src: src}
	if len(src.Text) > maxSheetBytes {
		r.find(src.Line, "the sheet is larger than %d bytes", maxSheetBytes)
		return s
	}
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(src.Text, "\ufeff")))
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return s
	}
	if err != nil {
		r.csvError(src, err)
		return s
	}
	for i, h := range head {
		head[i] = r.column(strings.TrimSpace(h), src.Line, plain, spoken)
		if head[i] != "" && slices.Contains(head[:i], head[i]) {
			r.find(src.Line, "the column %q is there twice", head[i])
		}
	}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return s
		}
		if err != nil {
			r.csvError(src, err)
			return s
		}
		if len(s.rows) == maxSheetRows {
			r.find(src.Line, "the sheet has more than %d rows", maxSheetRows)
			return s
		}
		r.addRow(s, c, head, cells)
	}
}

func (r *reading) addRow(s *sheet, c *csv.Reader, head, cells []string) {
	at, _ := c.FieldPos(0)
	w := row{line: s.src.Line + at - 1, cells: map[string]cell{}}
	for i, text := range cells {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if i >= len(head) {
			r.find(w.line, "the row has %d cells and the sheet %d columns: a comma inside a cell needs quotes round the cell", len(cells), len(head))
			break
		}
		at, _ := c.FieldPos(i)
		if head[i] != "" {
			w.cells[head[i]] = cell{text, s.src.Line + at - 1}
		}
	}
	if len(w.cells) > 0 {
		s.rows = append(s.rows, w)
	}
}

func (r *reading) csvError(src Source, err error) {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		r.find(src.Line+p.Line-1, "this row cannot be read: %v", p.Err)
		return
	}
	r.find(src.Line, "this sheet cannot be read: %v", err)
}

// column is the name a column is known by, "" when it is not known. XLSForm's
// longer way to name a language, "label::Français (fr)", is understood.
func (r *reading) column(h string, line int, plain, spoken []string) string {
	if slices.Contains(plain, h) {
		return h
	}
	if col, lang, ok := strings.Cut(h, "::"); ok && slices.Contains(spoken, col) {
		if _, in, ok := strings.Cut(lang, "("); ok {
			lang = strings.TrimSuffix(strings.TrimSpace(in), ")")
		}
		if slices.Contains(Langs, lang) {
			return col + "::" + lang
		}
		r.find(line, "the column %q is in a language that is none of %s", h, strings.Join(Langs, ", "))
		return ""
	}
	if h != "" {
		r.find(line, "unknown column %q", h)
	}
	return ""
}
