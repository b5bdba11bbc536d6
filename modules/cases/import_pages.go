package cases

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

type (
	importKind struct{}
	ImportID   = id.Of[importKind]
)

// importPage asks for a file, and shows the files taken in before.
type importPage struct {
	ui.Frame
	Before []ImportLine
}

// ImportLine is one file that was taken in.
type ImportLine struct {
	Name                       string
	At                         time.Time
	Rows, Added, Again, Failed int
	ErrorsHref                 string
}

// previewPage shows how the columns are read, on the first rows, before
// anything is taken in. What names a person is masked.
type previewPage struct {
	ui.Frame
	ID      string
	Name    string
	Rows    int
	Known   bool // a mapping fits, or was remembered for these heads
	Columns []ImportColumn
	Sample  []ImportSample
	Wrong   int
}

// ImportColumn is one of our questions and the columns that answer it.
type ImportColumn struct {
	Question template.HTML
	Field    ui.Field
}

// ImportSample is one row as it would be taken in.
type ImportSample struct {
	Line  int
	Needs template.HTML
	Place template.HTML
	Level int
	Wrong template.HTML
}

// importedPage tells what was done.
type importedPage struct {
	ui.Frame
	Name                                   string
	Rows, Added, Again, Restricted, Failed int
	ErrorsHref                             string
}

const maxFile = 20 << 20

func (o *Office) importDoor(c *web.Ctx) error { return o.showImport(c, nil) }

func (o *Office) showImport(c *web.Ctx, wrong error) error {
	p := &importPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "import", c.P.Text("cases.import.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		p.Before, err = db.List(t, func(r db.Row) (l ImportLine, err error) {
			var iid string
			err = r.Scan(&iid, &l.Name, db.Time(&l.At), &l.Rows, &l.Added, &l.Again, &l.Failed)
			if l.Failed > 0 {
				l.ErrorsHref = c.Href("/import/" + iid + "/errors.csv")
			}
			return l, err
		}, `SELECT id, name, done_at, rows, added, again, failed FROM cases_import WHERE state = 'done' ORDER BY done_at DESC LIMIT 20`)
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_import", p)
}

// upload keeps the file sealed and shows the preview.
func (o *Office) upload(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	f, head, err := c.R.FormFile("file")
	if err != nil {
		return o.showImport(c, fault.All{fault.New(fault.Invalid, "cases.import.choose").On("file")})
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	t, err := ReadTable(body)
	if err != nil {
		return o.showImport(c, err)
	}
	m, err := o.mappingFor(c.Context(), t)
	if err != nil {
		return err
	}
	iid := id.New[importKind](o.h.DB.Now())
	if err := o.keepImport(c.Context(), actor.From(c.Context()), iid, head.Filename, m, body, len(t.Rows)); err != nil {
		return err
	}
	return c.Seek("/import/" + iid.String())
}

func (o *Office) keepImport(ctx context.Context, by actor.Actor, iid ImportID, name string, m Mapping, body []byte, rows int) error {
	mapping, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sealed := o.vault.Seal("cases_import.body|"+iid.String(), body)
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO cases_import (id, name, service, mapping, body, state, rows, added, again, failed, account, made_at)
			VALUES (?1, ?2, ?3, ?4, ?5, 'preview', ?6, 0, 0, 0, ?7, ?8)`, iid, cut(name, 120), m.Service, string(mapping), sealed, rows, by.Account, t.Now())
		return err
	})
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// mappingFor finds how these columns are read: as remembered for the same
// heads, else by a mapping of the pack that fits, else by names that agree.
func (o *Office) mappingFor(ctx context.Context, t Table) (m Mapping, err error) {
	var kept []string
	err = o.h.DB.Read(ctx, func(tx *db.Tx) error {
		kept, err = db.List(tx, db.Text, `SELECT mapping FROM cases_mapping WHERE heads = ?1`, headsKey(t))
		return err
	})
	if err != nil {
		return m, err
	}
	if len(kept) == 1 {
		return m, json.Unmarshal([]byte(kept[0]), &m)
	}
	for _, m := range o.mappings {
		if m.Fits(t) {
			return m, nil
		}
	}
	return o.guess(t), nil
}

func headsKey(t Table) string { return strings.Join(t.Heads, "\x1f") }

// guess takes columns that are called like our questions.
func (o *Office) guess(t Table) Mapping {
	m := Mapping{Code: "file", Columns: map[string]Column{}, ID: t.Heads[0]}
	if len(o.services.All()) > 0 {
		m.Service = o.services.All()[0].Code
	}
	def, err := o.current(m.Service)
	if err != nil {
		return m
	}
	for _, q := range def.Form.Questions {
		for _, h := range t.Heads {
			if q.Asks() && strings.EqualFold(h, q.Name) {
				m.Columns[q.Name] = columnOf(def.Bind.Place == q.Name, h)
			}
		}
	}
	return m
}

func columnOf(place bool, head string) Column {
	if place {
		return Column{Text: []string{head}}
	}
	return Column{From: []string{head}, Split: "|"}
}

type kept struct {
	name, mapping, state string
	sealed               []byte
	rows                 int
}

func (o *Office) readImport(ctx context.Context, iid ImportID) (k kept, m Mapping, t Table, err error) {
	err = o.h.DB.Read(ctx, func(tx *db.Tx) error {
		k, err = db.One(tx, func(r db.Row) (k kept, err error) {
			return k, r.Scan(&k.name, &k.mapping, &k.state, &k.sealed, &k.rows)
		},
			`SELECT name, mapping, state, body, rows FROM cases_import WHERE id = ?1`, iid)
		return err
	})
	if err != nil {
		return k, m, t, err
	}
	if err = json.Unmarshal([]byte(k.mapping), &m); err != nil || len(k.sealed) == 0 {
		return k, m, t, err
	}
	body, err := o.vault.Open("cases_import.body|"+iid.String(), k.sealed)
	if err == nil {
		t, err = ReadTable(body)
	}
	return k, m, t, err
}

func (o *Office) importID(c *web.Ctx) (ImportID, error) {
	iid, err := id.Parse[importKind](c.R.PathValue("id"))
	if err != nil {
		return iid, fault.New(fault.Missing, "error.missing")
	}
	return iid, nil
}

func (o *Office) preview(c *web.Ctx) error {
	iid, err := o.importID(c)
	if err != nil {
		return err
	}
	k, m, t, err := o.readImport(c.Context(), iid)
	if err != nil {
		return err
	}
	if k.state == "done" {
		return c.Seek("/import")
	}
	return o.showPreview(c, iid, k, m, t)
}

func (o *Office) showPreview(c *web.Ctx, iid ImportID, k kept, m Mapping, t Table) error {
	def, err := o.current(m.Service)
	if err != nil {
		return err
	}
	p := &previewPage{ID: iid.String(), Name: k.name, Rows: len(t.Rows), Known: m.Fits(t)}
	p.Kind, p.Nav, p.Title = ui.Staff, "import", c.P.Text("cases.import.preview")
	p.Columns = append(p.Columns, ImportColumn{Question: c.P.T("cases.import.row_id"), Field: o.headField(c, "id", t.Heads, m.ID)})
	for _, q := range def.Form.Questions {
		if !q.Asks() {
			continue
		}
		col := m.Columns[q.Name]
		chosen := ""
		if all := append(slices.Clone(col.From), col.Text...); len(all) > 0 {
			chosen = all[0]
		}
		p.Columns = append(p.Columns, ImportColumn{Question: c.P.T(key(def, "question."+q.Name)), Field: o.headField(c, "q."+q.Name, t.Heads, chosen)})
	}
	for i, row := range t.Rows[:min(len(t.Rows), 8)] {
		s := ImportSample{Line: i + 2}
		q, err := o.request(def, m, t.Heads, row)
		if err == nil {
			q.Answers, err = o.valid(def, q)
		}
		if err == nil {
			var draft *Case
			if draft, _, err = o.prepare(def, q); err == nil {
				s.Level, s.Needs = draft.Level, o.needs(c, def, draft)
				if draft.Place != "" {
					s.Place = o.placeSay(c, draft.Place)
				}
			}
		}
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				return err
			}
			s.Wrong = o.sentences(c, err)
			p.Wrong++
		}
		p.Sample = append(p.Sample, s)
	}
	return c.Render("cases_import_preview", p)
}

func (o *Office) sentences(c *web.Ctx, err error) template.HTML {
	errs, _ := c.FieldErrors(err)
	var parts []string
	for _, e := range errs {
		parts = append(parts, string(e.Text))
	}
	return template.HTML(strings.Join(parts, " "))
}

func (o *Office) headField(c *web.Ctx, name string, heads []string, chosen string) ui.Field {
	f := ui.Field{Name: name, Type: "select", Label: c.P.T("cases.import.column")}
	f.Rows = append(f.Rows, ui.Option{Value: "", Title: c.P.T("cases.import.no_column"), Chosen: chosen == ""})
	for _, h := range heads {
		f.Rows = append(f.Rows, ui.Option{Value: h, Title: template.HTML("<bdi>" + template.HTMLEscapeString(h) + "</bdi>"), Chosen: h == chosen})
	}
	return f
}

// confirmImport changes the mapping (act=map) or takes the file in.
func (o *Office) confirmImport(c *web.Ctx) error {
	iid, err := o.importID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	k, m, t, err := o.readImport(c.Context(), iid)
	if err != nil {
		return err
	}
	if k.state == "done" {
		return c.Seek("/import")
	}
	def, err := o.current(m.Service)
	if err != nil {
		return err
	}
	if h := v.Get("id"); slices.Contains(t.Heads, h) {
		m.ID = h
	}
	for _, q := range def.Form.Questions {
		o.remap(&m, q.Name, def.Bind.Place == q.Name, v.Get("q."+q.Name), t.Heads)
	}
	if err := o.keepMapping(c.Context(), iid, m, t); err != nil {
		return err
	}
	if v.Get("act") == "map" {
		return c.Seek("/import/" + iid.String())
	}
	done, err := o.Import(c.Context(), actor.From(c.Context()), m, t)
	if err != nil {
		return err
	}
	if err := o.finishImport(c, iid, t, done); err != nil {
		return err
	}
	p := &importedPage{Name: k.name, Rows: done.Rows, Added: done.Added, Again: done.Again, Restricted: done.Restricted, Failed: len(done.Failed)}
	p.Kind, p.Nav, p.Title = ui.Staff, "import", c.P.Text("cases.import.done")
	if p.Failed > 0 {
		p.ErrorsHref = c.Href("/import/" + iid.String() + "/errors.csv")
	}
	return c.Render("cases_import_done", p)
}

// remap points one question at another column. A question that keeps its
// first column keeps the rest of its mapping too.
func (o *Office) remap(m *Mapping, name string, place bool, head string, heads []string) {
	col := m.Columns[name]
	all := append(slices.Clone(col.From), col.Text...)
	switch {
	case head == "":
		delete(m.Columns, name)
	case !slices.Contains(heads, head) || len(all) > 0 && all[0] == head:
	default:
		m.Columns[name] = columnOf(place, head)
	}
}

func (o *Office) keepMapping(ctx context.Context, iid ImportID, m Mapping, t Table) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return o.h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO cases_mapping (heads, mapping, at) VALUES (?1, ?2, ?3) ON CONFLICT (heads) DO UPDATE SET mapping = ?2, at = ?3`, headsKey(t), string(b), tx.Now())
		if err == nil {
			_, err = tx.Exec(`UPDATE cases_import SET mapping = ?1 WHERE id = ?2`, string(b), iid)
		}
		return err
	})
}

// finishImport forgets the file, and keeps the rows that failed for their owner.
func (o *Office) finishImport(c *web.Ctx, iid ImportID, t Table, done Taken) error {
	var sealed []byte
	if len(done.Failed) > 0 {
		sealed = o.vault.Seal("cases_import.errors|"+iid.String(), o.ErrorFile(c, t, done.Failed))
	}
	return o.h.DB.Write(c.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE cases_import SET state = 'done', body = NULL, added = ?1, again = ?2, failed = ?3, errors = ?4, done_at = ?5 WHERE id = ?6`,
			done.Added, done.Again, len(done.Failed), sealed, tx.Now(), iid)
		return err
	})
}

// ErrorFile is the reader's own rows that failed, with one more column that
// says why, so that they can be mended and brought in again.
func (o *Office) ErrorFile(c *web.Ctx, t Table, failed []RowError) []byte {
	say := func(err error) string {
		errs, _ := c.FieldErrors(err)
		var all []string
		for _, e := range errs {
			all = append(all, e.Field+": "+stripTags(string(e.Text)))
		}
		return strings.Join(all, "; ")
	}
	return errorFile(t, failed, c.P.Text("cases.import.why"), say)
}

func errorFile(t Table, failed []RowError, head string, say func(error) string) []byte {
	var b bytes.Buffer
	b.WriteString("\xef\xbb\xbf")
	w := csv.NewWriter(&b)
	w.Write(append(slices.Clone(t.Heads), head))
	for _, f := range failed {
		row := make([]string, len(t.Heads))
		copy(row, t.Rows[f.Line-2])
		w.Write(append(safeCells(row), strconv.Itoa(f.Line)+": "+say(f.Err)))
	}
	w.Flush()
	return b.Bytes()
}

// safeCells keeps a spreadsheet from running what somebody wrote (CWE-1236).
func safeCells(row []string) []string {
	for i, s := range row {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			row[i] = "'" + s
		}
	}
	return row
}

func stripTags(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (o *Office) importErrors(c *web.Ctx) error {
	iid, err := o.importID(c)
	if err != nil {
		return err
	}
	var body []byte
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedImport, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		sealed, err := db.One(t.Tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT errors FROM cases_import WHERE id = ?1`, iid)
		if err != nil {
			return err
		}
		if len(sealed) == 0 {
			return fault.New(fault.Missing, "error.missing")
		}
		body, err = o.vault.Open("cases_import.errors|"+iid.String(), sealed)
		return err
	})
	if err != nil {
		return err
	}
	return c.Download("errors.csv", "text/csv; charset=utf-8", body)
}

// TakeFile is the command line's way in: read, map, take, and write the rows
// that failed.
func (o *Office) TakeFile(ctx context.Context, by actor.Actor, body []byte, say func(error) string) (Taken, []byte, error) {
	t, err := ReadTable(body)
	if err != nil {
		return Taken{}, nil, err
	}
	m, err := o.mappingFor(ctx, t)
	if err != nil {
		return Taken{}, nil, err
	}
	if !m.Fits(t) {
		return Taken{}, nil, errors.New("no mapping fits this file's columns; bring it in by the page, which asks how to read them")
	}
	done, err := o.Import(ctx, by, m, t)
	if err != nil || len(done.Failed) == 0 {
		return done, nil, err
	}
	return done, errorFile(t, done.Failed, "why", say), nil
}
