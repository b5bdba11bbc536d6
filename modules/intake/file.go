package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/intake/source"
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

// What can be done with a file: it is taken in; the rows that failed are read
// again; what was taken in is taken back; and the house forgets it.
var (
	DeedTake     = deed.Deed{Name: "intake.file.take", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedTakeRows = deed.Deed{Name: "intake.file.read_rows", Roles: DeedTake.Roles}
	DeedTakeBack = deed.Deed{Name: "intake.file.take_back", Roles: DeedTake.Roles}
	DeedForget   = deed.Deed{Name: "intake.file.forget"}
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

// Fits tells whether the file has the columns that the mapping cannot do without.
func (m Mapping) Fits(t source.Table) bool {
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
	Chat                           bool // Added wait for a person, and Aside say nothing
	Aside                          int
	Failed                         []RowError
}

// Import takes every row in, each as a request of its own: a row that is
// wrong is reported and hinders no other, and importing a file again adds
// nothing. each hears of every request that was taken in; nil hears nothing.
func (s *Service) Import(ctx context.Context, by actor.Actor, m Mapping, t source.Table, each func(caseID string)) (done Taken, err error) {
	if err := deed.May(by, DeedTake); err != nil {
		return done, err
	}
	def, err := s.def(m.Service)
	if err != nil {
		return done, err
	}
	by.Channel = "import"
	done.Rows = len(t.Rows)
	for i, row := range t.Rows {
		q, err := s.request(def, m, t.Heads, row)
		if err == nil {
			var out Asked
			if out, err = s.Cases.Ask(ctx, by, q); err == nil {
				if out.Again {
					done.Again++
				} else if done.Added++; each != nil && out.Case != "" {
					each(out.Case)
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
func (s *Service) request(def *service.Definition, m Mapping, heads, row []string) (q Asking, err error) {
	cell := func(head string) string {
		if i := slices.Index(heads, head); i >= 0 && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	own := cell(m.ID)
	if own == "" {
		return q, fault.All{fault.New(fault.Invalid, "intake.import.no_id").On(m.ID)}
	}
	q = Asking{Service: def.Code, Lang: langOf(cell(m.Lang)), Answers: forms.Answers{}, Whole: true}
	if at := cell(m.At); at != "" {
		if q.At, err = s.moment(at); err != nil {
			return q, fault.All{fault.New(fault.Invalid, "intake.import.bad_time", "text", at).On(m.At)}
		}
	}
	if c := cell(m.Contact); c != "" {
		q.Contact = m.Code + "|" + c
	}
	q.ID = id.Derive[candidateKind](idMoment(q.At), s.vault.Index("import", m.Code+"|"+own)).String()
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
		v, err := c.read(question, s.places.Country().Phone.Prefix, cell)
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
func idMoment(at time.Time) time.Time {
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

// layouts are the ways in which sheets and surveys write moments.
var layouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02T15:04:05.999Z07:00", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02"}

func (s *Service) moment(text string) (time.Time, error) {
	zone := s.places.Country().Zone()
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("no known way of writing a moment")
}

func (c Column) read(q *forms.Question, prefix string, cell func(string) string) (forms.Value, *fault.Fault) {
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
	case forms.TypePhone:
		if text == "" {
			return nil, nil
		}
		n, err := phone.Parse(text, prefix)
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			return nil, f
		}
		return forms.Phone(n), nil
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
			return nil, fault.New(fault.Invalid, "intake.import.bad_point", "text", lat+" "+lon)
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
	if words := strings.Fields(text); len(split) == 1 && len(words) > 1 && c.Values[text] == nil { // as surveys write several answers
		if !slices.ContainsFunc(words, func(w string) bool { _, ok := q.List.Choice(w); return !ok }) {
			split = words
		}
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
