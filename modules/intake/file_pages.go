package intake

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// filePage asks for a file, and shows the files taken in before.
type filePage struct {
	ui.Frame
	Before []FileLine
}

// FileLine is one file that was taken in.
type FileLine struct {
	Name                       string
	At                         time.Time
	Rows, Added, Again, Failed int
	ErrorsHref                 string
}

// filedPage tells what was done.
type filedPage struct {
	ui.Frame
	ID, Name                               string
	Rows, Added, Again, Restricted, Failed int
	Waiting, Aside                         int
	Each                                   bool // rows or messages wait for a person
	ErrorsHref                             string
}

func (s *Service) fileDoor(c *web.Ctx) error { return s.showFiles(c, nil) }

// staff fills in what every page of intake has.
func staff(c *web.Ctx, f *ui.Frame, nav, title string) {
	f.Kind, f.Nav, f.Title = ui.Staff, nav, c.P.Text(title)
}

func (s *Service) showFiles(c *web.Ctx, wrong error) error {
	p := &filePage{}
	staff(c, &p.Frame, "import", "intake.import.title")
	status := http.StatusOK
	if wrong != nil {
		errs, fields := c.FieldErrors(wrong)
		if !fields {
			return wrong
		}
		p.Errors, status = errs, http.StatusUnprocessableEntity
	}
	var all []fileLine
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		all, err = filesOf(t, actor.From(c.Context()).Account, 20)
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range all {
		a, err := s.openAbout(l.id, l.sealed)
		if err != nil {
			return err
		}
		line := FileLine{Name: a.Name, At: l.at, Rows: l.rows, Added: l.added, Again: l.again, Failed: l.failed}
		if l.errors {
			line.ErrorsHref = c.Href("/import/" + l.id.String() + "/errors.csv")
		}
		p.Before = append(p.Before, line)
	}
	return c.RenderStatus(status, "intake_files", p)
}

// upload keeps the file sealed and shows what it holds.
func (s *Service) upload(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	f, head, err := c.R.FormFile("file")
	if err != nil {
		return s.showFiles(c, fault.All{fault.New(fault.Invalid, "intake.import.choose").On("file")})
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	zone := s.places.Country().Zone()
	content, err := source.Read(strings.NewReader(string(body)), zone)
	if err != nil {
		return s.showFiles(c, err)
	}
	m, rows := Mapping{Code: "chat", Service: s.rules.Service}, len(content.Items)
	if !content.Kind.Chat() {
		rows = len(content.Table.Rows)
		if m, err = s.mappingFor(c.Context(), content.Table); err != nil {
			return err
		}
	}
	fid := id.New[fileKind](s.h.DB.Now())
	if err := s.keepFile(c.Context(), actor.From(c.Context()), fid, content.Kind, head.Filename, m, body, rows); err != nil {
		return err
	}
	return c.Seek("/import/" + fid.String())
}

func fileID(c *web.Ctx) (FileID, error) {
	fid, err := id.Parse[fileKind](c.R.PathValue("id"))
	if err != nil {
		return fid, fault.New(fault.Missing, "error.missing")
	}
	return fid, nil
}

// confirmFile changes the mapping (act=map), takes the rows in (act=take), or
// lets each wait for a person (act=each, and always of a chat).
func (s *Service) confirmFile(c *web.Ctx) error {
	fid, err := fileID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	k, err := s.readFile(c.Context(), by, fid)
	if err != nil {
		return err
	}
	if k.state == "done" {
		return c.Seek("/import")
	}
	if !k.kind.Chat() {
		if err := s.mapFile(c, &k, v.Get); err != nil {
			return err
		}
		if v.Get("act") == "map" {
			return c.Seek("/import/" + fid.String())
		}
		if v.Get("act") != "each" {
			return s.takeRows(c, by, k)
		}
	}
	return s.takeEach(c, by, k)
}

func (s *Service) mapFile(c *web.Ctx, k *kept, get func(string) string) error {
	def, err := s.def(k.mapping.Service)
	if err != nil {
		return err
	}
	if h := get("id"); slices.Contains(k.content.Table.Heads, h) {
		k.mapping.ID = h
	}
	for _, q := range def.Form.Questions {
		remap(&k.mapping, q.Name, def.Bind.Place == q.Name, get("q."+q.Name), k.content.Table.Heads)
	}
	return s.keepMapping(c.Context(), k.id, k.name, k.mapping, k.content.Table)
}

// takeRows makes a request of every row that is complete.
func (s *Service) takeRows(c *web.Ctx, by actor.Actor, k kept) error {
	var keep error
	done, err := s.Import(c.Context(), by, k.mapping, k.content.Table, func(caseID string) {
		if err := s.keepTaken(c.Context(), k.id, caseID); err != nil && keep == nil {
			keep = err
		}
	})
	if err == nil {
		err = keep
	}
	if err != nil {
		return err
	}
	var failed []byte
	if len(done.Failed) > 0 {
		failed = s.ErrorFile(c, k.content.Table, done.Failed)
	}
	if err := s.finish(c.Context(), k.id, done, failed); err != nil {
		return err
	}
	p := &filedPage{ID: k.id.String(), Name: k.name, Rows: done.Rows, Added: done.Added, Again: done.Again, Restricted: done.Restricted, Failed: len(done.Failed)}
	staff(c, &p.Frame, "import", "intake.import.done")
	if p.Failed > 0 {
		p.ErrorsHref = c.Href("/import/" + k.id.String() + "/errors.csv")
	}
	return c.Render("intake_filed", p)
}

// takeEach lets every message or row wait for a person.
func (s *Service) takeEach(c *web.Ctx, by actor.Actor, k kept) error {
	done, err := s.Bring(c.Context(), by, k.id, k.mapping, k.content)
	if err != nil {
		return err
	}
	var failed []byte
	if len(done.Failed) > 0 {
		failed = s.ErrorFile(c, k.content.Table, done.Failed)
	}
	taken := Taken{Rows: done.Read, Added: done.Waiting + done.Aside, Again: done.Again, Failed: done.Failed}
	if err := s.finish(c.Context(), k.id, taken, failed); err != nil {
		return err
	}
	p := &filedPage{ID: k.id.String(), Name: k.name, Rows: done.Read, Waiting: done.Waiting, Aside: done.Aside, Again: done.Again, Failed: len(done.Failed), Each: true}
	staff(c, &p.Frame, "import", "intake.import.done")
	if p.Failed > 0 {
		p.ErrorsHref = c.Href("/import/" + k.id.String() + "/errors.csv")
	}
	return c.Render("intake_filed", p)
}

// takeBack takes back what a file became at once.
func (s *Service) takeBack(c *web.Ctx) error {
	fid, err := fileID(c)
	if err != nil {
		return err
	}
	_, kept, err := s.Back(c.Context(), actor.From(c.Context()), fid)
	if err != nil {
		return err
	}
	said := "intake.import.taken_back"
	if kept > 0 {
		said = "intake.import.some_kept"
	}
	c.Flash(said)
	return c.Seek("/import")
}

// remap points one question at another column. A question that keeps its
// first column keeps the rest of its mapping too.
func remap(m *Mapping, name string, place bool, head string, heads []string) {
	col := m.Columns[name]
	all := append(slices.Clone(col.From), col.Text...)
	switch {
	case head == "" && place && col.Lat != "": // a position needs no words
		col.Text = nil
		m.Columns[name] = col
	case head == "":
		delete(m.Columns, name)
	case !slices.Contains(heads, head) || len(all) > 0 && all[0] == head:
	default:
		to := columnOf(place, head)
		to.Lat, to.Lon = col.Lat, col.Lon
		m.Columns[name] = to
	}
}

// rowsTold is the line that reading the rows of a file leaves.
type rowsTold struct {
	Rows int `json:"rows"`
}

// fileErrors gives whoever brought a file its rows that failed. They name
// people, so reading them is a deed and leaves a line.
func (s *Service) fileErrors(c *web.Ctx) error {
	fid, err := fileID(c)
	if err != nil {
		return err
	}
	var body []byte
	by := actor.From(c.Context())
	err = s.h.Do(c.Context(), by, DeedTakeRows, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		sealed, n, err := failedRows(t.Tx, fid, by.Account)
		if err != nil {
			return err
		}
		if len(sealed) == 0 {
			return fault.New(fault.Missing, "error.missing")
		}
		if body, err = s.vault.Open("intake_file.errors|"+fid.String(), sealed); err != nil {
			return err
		}
		return t.Tell(fileSubject(fid), rowsTold{n})
	})
	if err != nil {
		return err
	}
	return c.Download("errors.csv", "text/csv; charset=utf-8", body)
}
