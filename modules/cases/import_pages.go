package cases

import (
	"html/template"
	"io"
	"slices"
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
			var iid ImportID
			var sealed []byte
			var rows int64 // whether those that failed are still kept
			if err = r.Scan(&iid, &sealed, db.Time(&l.At), &l.Rows, &l.Added, &l.Again, &l.Failed, &rows); err != nil {
				return l, err
			}
			if rows > 0 {
				l.ErrorsHref = c.Href("/import/" + iid.String() + "/errors.csv")
			}
			a, err := o.openAbout(iid, sealed)
			l.Name = a.Name
			return l, err
		}, `SELECT id, sealed, done_at, rows, added, again, failed, CASE WHEN errors IS NULL THEN 0 ELSE 1 END FROM cases_import WHERE state = 'done' AND account = ?1 AND sealed IS NOT NULL ORDER BY done_at DESC LIMIT 20`, actor.From(c.Context()).Account)
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
	k, m, t, err := o.readImport(c.Context(), actor.From(c.Context()), iid)
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
	k, m, t, err := o.readImport(c.Context(), actor.From(c.Context()), iid)
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
	if err := o.keepMapping(c.Context(), iid, k.name, m, t); err != nil {
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

// importTold is the line that reading the rows of a file leaves.
type importTold struct {
	Rows int `json:"rows"`
}

// importErrors gives whoever brought a file its rows that failed. They name
// people, so reading them is a deed and leaves a line.
func (o *Office) importErrors(c *web.Ctx) error {
	iid, err := o.importID(c)
	if err != nil {
		return err
	}
	var body []byte
	by := actor.From(c.Context())
	err = o.h.Do(c.Context(), by, DeedImportRows, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		var told importTold
		sealed, err := db.One(t.Tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b, &told.Rows) },
			`SELECT errors, failed FROM cases_import WHERE id = ?1 AND account = ?2`, iid, by.Account)
		if err != nil {
			return err
		}
		if len(sealed) == 0 {
			return fault.New(fault.Missing, "error.missing")
		}
		if body, err = o.vault.Open("cases_import.errors|"+iid.String(), sealed); err != nil {
			return err
		}
		return t.Tell("cases.import/"+iid.String(), told)
	})
	if err != nil {
		return err
	}
	return c.Download("errors.csv", "text/csv; charset=utf-8", body)
}
