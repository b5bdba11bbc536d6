package spellings

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Row is a line of the file that houses give each other.
type Row struct {
	Code          string
	Spelling      string
	Script        string
	Confirmations int
	Source        string // who confirmed: a role or an organisation, never a person
	Last          time.Time
}

// heads are the columns of the file, in the order in which it is written; it is
// read in any.
var heads = []string{"code", "spelling", "script", "confirmations", "source", "last"}

const (
	mostRows   = 50_000
	mostFile   = 8 << 20
	mostSource = 80 // runes
)

type exportTold struct {
	Rows int `json:"rows"`
}

// File is the spellings that this house heeds, for another house or for whoever
// keeps the country's gazetteer: a line for each spelling and source.
func (s *Service) File(ctx context.Context, by actor.Actor) (body []byte, err error) {
	rule := s.places.Country().Learn
	err = s.h.Do(ctx, by, DeedExport, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := list(t.Tx, "", false, cursor{}, mostRows)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Write(heads)
		rows := 0
		for _, k := range slices.Backward(all) {
			if !k.Heeded(rule) {
				continue
			}
			from, err := s.sources(t.Tx, k.ID)
			if err != nil {
				return err
			}
			for _, f := range from {
				w.Write([]string{cell(k.Place), cell(k.Shown), k.Script, strconv.Itoa(f.n), cell(f.text), k.LastAt.UTC().Format(time.DateOnly)})
				rows++
			}
		}
		w.Flush()
		body = b.Bytes()
		if err := w.Error(); err != nil {
			return err
		}
		return t.Tell("spellings.file/"+t.Now().UTC().Format("20060102150405"), exportTold{rows})
	})
	return body, err
}

// sources are who confirmed, with the name of the organisation in place of a
// role that somebody holds for one.
func (s *Service) sources(t *db.Tx, sid ID) ([]source, error) {
	all, err := sources(t, sid)
	for i := range all {
		if all[i].org.IsZero() || s.orgs == nil {
			continue
		}
		name, err := s.orgs.Name(t, all[i].org, s.places.Country().Default)
		if err != nil {
			return nil, err
		}
		all[i].text = name
	}
	return all, err
}

// ReadFile reads the file of another house: UTF-8, the columns of heads in any
// order, more of them do no harm. The error names every wrong line, up to ten.
func ReadFile(body []byte) ([]Row, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		return nil, fault.New(fault.Invalid, "spellings.file.not_utf8").On("file")
	}
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord = -1
	if line, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
		r.Comma = ';' // a spreadsheet in French
	}
	head, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "spellings.file.empty").On("file")
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, h := range []string{"code", "spelling"} {
		if _, ok := at[h]; !ok {
			return nil, fault.New(fault.Invalid, "spellings.file.column", "name", h).On("file")
		}
	}
	var rows []Row
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			line := 0
			if broken, ok := errors.AsType[*csv.ParseError](err); ok {
				line = broken.Line
			}
			return nil, fault.New(fault.Invalid, "spellings.file.line", "line", line).On("file")
		}
		if len(rows) == mostRows {
			return nil, fault.New(fault.Invalid, "spellings.file.long", "most", mostRows).On("file")
		}
		rows = append(rows, readRow(fields, at))
	}
}

func readRow(fields []string, at map[string]int) (r Row) {
	field := func(name string) string {
		if i, ok := at[name]; ok && i < len(fields) {
			return uncell(strings.TrimSpace(fields[i]))
		}
		return ""
	}
	r = Row{Code: field("code"), Spelling: field("spelling"), Script: field("script"), Source: tidy(field("source"))}
	r.Confirmations, _ = strconv.Atoi(field("confirmations")) // none said is one
	r.Last, _ = time.Parse(time.DateOnly, field("last"))
	if r.Source == "" {
		r.Source = "?"
	}
	return r
}

// tidy keeps of a source what can be shown: letters, digits and plain signs.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if rs := []rune(s); len(rs) > mostSource {
		s = string(rs[:mostSource])
	}
	return s
}

// cell keeps a spreadsheet from running a cell as a formula: what begins with
// one of these signs, wide forms included, gets an apostrophe in front (OWASP,
// "CSV Injection").
func cell(s string) string {
	for _, sign := range formula {
		if strings.HasPrefix(s, sign) {
			return "'" + s
		}
	}
	return s
}

// uncell takes that apostrophe off again.
func uncell(s string) string {
	rest, ok := strings.CutPrefix(s, "'")
	if ok && rest != cell(rest) {
		return rest
	}
	return s
}

var formula = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}
