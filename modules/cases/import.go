package cases

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// Mapping says how the rows of a foreign file become requests: data, in the
// pack's imports folder or made on the page.
type Mapping struct {
	Code     string            `yaml:"code" json:"code"`
	Service  string            `yaml:"service" json:"service"`
	ID       string            `yaml:"id" json:"id"`
	At       string            `yaml:"at" json:"at,omitempty"`
	Lang     string            `yaml:"lang" json:"lang,omitempty"`
	Contact  string            `yaml:"contact" json:"contact,omitempty"`
	Columns  map[string]Column `yaml:"columns" json:"columns"`
	Defaults map[string]any    `yaml:"defaults" json:"defaults,omitempty"`
}

// Column is where one answer comes from.
type Column struct {
	From      []string       `yaml:"from" json:"from,omitempty"` // columns, joined by a space
	Split     string         `yaml:"split" json:"split,omitempty"`
	Values    map[string]any `yaml:"values" json:"values,omitempty"` // their codes → ours, one or several
	Otherwise string         `yaml:"otherwise" json:"otherwise,omitempty"`
	Empty     string         `yaml:"empty" json:"empty,omitempty"`
	Text      []string       `yaml:"text" json:"text,omitempty"` // of a place
	Lat       string         `yaml:"lat" json:"lat,omitempty"`
	Lon       string         `yaml:"lon" json:"lon,omitempty"`
}

// DeedImport takes a file of requests in; DeedImportRows reads again the rows
// that failed.
var (
	DeedImport     = deed.Deed{Name: "cases.import.take", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedImportRows = deed.Deed{Name: "cases.import.read_rows", Roles: DeedImport.Roles}
)

// maxRows and maxField bound a file. A longer one is cut by its owner, not by us.
const (
	maxRows  = 200_000
	maxField = 20_000
)

// Mappings reads the mappings of a pack.
func Mappings(files fs.FS) (all []Mapping, err error) {
	names, err := fs.Glob(files, "imports/*.yaml")
	for _, n := range names {
		body, err := fs.ReadFile(files, n)
		if err != nil {
			return nil, err
		}
		d := yaml.NewDecoder(bytes.NewReader(body))
		d.KnownFields(true)
		var m Mapping
		if err := d.Decode(&m); err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
		all = append(all, m)
	}
	return all, err
}

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
		return Table{}, fault.All{fault.New(fault.Invalid, "cases.import.not_utf8").On("file")}
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
			return t, fault.All{fault.New(fault.Invalid, "cases.import.bad_line", "line", p.Line).On("file")}
		}
		if err != nil {
			return t, err
		}
		for i, f := range row {
			row[i] = forms.Clean(f[:min(len(f), maxField)], true)
		}
		if t.Heads == nil {
			t.Heads = row
			continue
		}
		if t.Rows = append(t.Rows, row); len(t.Rows) > maxRows {
			return t, fault.All{fault.New(fault.Invalid, "cases.import.too_many", "max", maxRows).On("file")}
		}
	}
	if len(t.Heads) < 2 || len(t.Rows) == 0 {
		return t, fault.All{fault.New(fault.Invalid, "cases.import.no_rows").On("file")}
	}
	return t, headless(t.Heads)
}

// Fits tells whether the file has the columns that the mapping cannot do without.
func (m Mapping) Fits(t Table) bool {
	for _, c := range m.Columns {
		for _, h := range append(slices.Clone(c.From), c.Text...) {
			if !slices.Contains(t.Heads, h) {
				return false
			}
		}
	}
	return slices.Contains(t.Heads, m.ID)
}

// RowError is a row that could not be taken in, and why.
type RowError struct {
	Line int // in the file; the heads are line 1
	Err  error
}

// Taken is what an import did.
type Taken struct {
	Rows, Added, Again, Restricted int
	Failed                         []RowError
}

// Import takes every row in, each as a request of its own: a row that is
// wrong is reported and hinders no other, and importing a file again adds
// nothing.
func (o *Office) Import(ctx context.Context, by actor.Actor, m Mapping, t Table) (done Taken, err error) {
	if err := deed.May(by, DeedImport); err != nil {
		return done, err
	}
	def, err := o.current(m.Service)
	if err != nil {
		return done, err
	}
	by.Channel = "import"
	done.Rows = len(t.Rows)
	for i, row := range t.Rows {
		q, err := o.request(def, m, t.Heads, row)
		if err == nil {
			var out Asked
			if out, err = o.Ask(ctx, by, DeedImport, q); err == nil {
				switch {
				case out.Again:
					done.Again++
				default:
					done.Added++
				}
				if out.Restricted {
					done.Restricted++
				}
			}
		}
		switch {
		case err == nil:
		case fault.KindOf(err) == fault.Internal:
			return done, err
		case fault.KindOf(err) == fault.Unknown:
			return done, err
		default:
			done.Failed = append(done.Failed, RowError{i + 2, err})
		}
	}
	return done, nil
}

// request reads one row. Its identifier is made of the mapping and the row's
// own, so that the same row is the same request for ever.
func (o *Office) request(def *service.Definition, m Mapping, heads, row []string) (q Request, err error) {
	cell := func(head string) string {
		if i := slices.Index(heads, head); i >= 0 && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	own := cell(m.ID)
	if own == "" {
		return q, fault.All{fault.New(fault.Invalid, "cases.import.no_id").On(m.ID)}
	}
	q = Request{Service: def.Code, Channel: "import", Lang: langOf(cell(m.Lang)), Answers: forms.Answers{}}
	if at := cell(m.At); at != "" {
		if q.At, err = o.moment(at); err != nil {
			return q, fault.All{fault.New(fault.Invalid, "cases.import.bad_time", "text", at).On(m.At)}
		}
	}
	if c := cell(m.Contact); c != "" {
		q.Contact = m.Code + "|" + c
	}
	q.ID = id.Derive[Case](o.idMoment(q.At), o.vault.Index("import", m.Code+"|"+own))
	for name, v := range m.Defaults {
		if def.Form.Question(name) != nil {
			q.Answers[name] = plain(v)
		}
	}
	for name, c := range m.Columns {
		question := def.Form.Question(name)
		if question == nil {
			continue
		}
		v, err := c.read(question, cell)
		if err != nil {
			return q, fault.All{err.On(name)}
		}
		if v != nil {
			q.Answers[name] = v
		}
	}
	return q, nil
}

// idMoment must not change between two imports of one row.
func (o *Office) idMoment(at time.Time) time.Time {
	if at.IsZero() {
		return time.UnixMilli(0)
	}
	return at
}

func plain(v any) forms.Value {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, fmt.Sprint(x))
		}
		return out
	}
	return v
}

func langOf(s string) string {
	switch {
	case strings.HasPrefix(s, "fr"):
		return "fr"
	case strings.HasPrefix(s, "en"):
		return "en"
	}
	return "ar"
}

func (o *Office) moment(s string) (time.Time, error) {
	zone, err := time.LoadLocation(o.places.Country().TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("no known way of writing a moment")
}

func (c Column) read(q *forms.Question, cell func(string) string) (forms.Value, *fault.Fault) {
	if q.Type == forms.TypePlace {
		return c.place(cell)
	}
	var parts []string
	for _, h := range c.From {
		if x := cell(h); x != "" {
			parts = append(parts, x)
		}
	}
	text := strings.Join(parts, " ")
	switch q.Type {
	case forms.TypeMany:
		return c.list(q, text), nil
	case forms.TypeInteger:
		if text == "" {
			return nil, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fault.New(fault.Invalid, "forms.answer.not_number")
		}
		return n, nil
	case forms.TypeOne:
		if all := c.list(q, text); len(all) > 0 {
			return all[0], nil
		}
		return nil, nil
	}
	if text == "" {
		return nil, nil
	}
	return text, nil
}

func (c Column) place(cell func(string) string) (forms.Value, *fault.Fault) {
	var p forms.Place
	seen := map[string]bool{}
	for _, h := range c.Text {
		if x := cell(h); x != "" && !seen[x] {
			seen[x] = true
			p.Text = strings.TrimSpace(p.Text + " " + x)
		}
	}
	lat, lon := cell(c.Lat), cell(c.Lon)
	if lat != "" || lon != "" {
		at, ok := geo.Parse(lat + ", " + lon)
		if !ok {
			return nil, fault.New(fault.Invalid, "cases.import.bad_point", "text", lat+" "+lon)
		}
		p.Lat, p.Lon, p.HasPoint = at.Lat, at.Lon, true
	}
	if p.IsZero() {
		return nil, nil
	}
	return p, nil
}

// list turns their codes into ours; what is not known becomes "otherwise",
// and nothing at all becomes "empty".
func (c Column) list(q *forms.Question, text string) (out []string) {
	add := func(x string) {
		if x != "" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	split := []string{text}
	if c.Split != "" {
		split = strings.Split(text, c.Split)
	}
	for _, raw := range split {
		raw = strings.TrimSpace(raw)
		if raw == "" {
			continue
		}
		switch v := c.Values[raw].(type) {
		case string:
			add(v)
		case []any:
			for _, x := range v {
				add(fmt.Sprint(x))
			}
		default:
			if _, ok := q.List.Choice(raw); ok {
				add(raw)
			} else {
				add(c.Otherwise)
			}
		}
	}
	if len(out) == 0 {
		add(c.Empty)
	}
	return out
}
