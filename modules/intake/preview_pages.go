package intake

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// previewPage shows how the columns are read, on the first rows, before
// anything is taken in. What names a person is masked.
type previewPage struct {
	ui.Frame
	ID      string
	Name    string
	Source  string
	Rows    int
	Known   bool // a mapping fits, or was remembered for these heads
	Columns []FileColumn
	Sample  []FileSample
	Wrong   int
}

// chatPage tells what a chat holds, before anything of it is kept.
type chatPage struct {
	ui.Frame
	ID, Name, Source               string
	Read, Waiting, Aside, Dropped  int
	Needs, Offers, Phones, Located int
	From, Until                    time.Time
}

// FileColumn is one of our questions and the columns that answer it.
type FileColumn struct {
	Question template.HTML
	Field    ui.Field
}

// FileSample is one row as it would be taken in.
type FileSample struct {
	Line  int
	Needs template.HTML
	Place template.HTML
	Level int
	Wrong template.HTML
}

func (s *Service) preview(c *web.Ctx) error {
	fid, err := fileID(c)
	if err != nil {
		return err
	}
	k, err := s.readFile(c.Context(), actor.From(c.Context()), fid)
	switch {
	case err != nil:
		return err
	case k.state == "done":
		return c.Seek("/import")
	case k.kind.Chat():
		return s.showChat(c, k)
	}
	return s.showPreview(c, k)
}

// showChat reads the whole chat as it would be taken in; it is fast enough, and a
// sample would tell little of so mixed a thing.
func (s *Service) showChat(c *web.Ctx, k kept) error {
	made, done, err := s.candidates(k.id, actor.From(c.Context()).Account, k.mapping, k.content)
	if err != nil {
		return err
	}
	p := &chatPage{ID: k.id.String(), Name: k.name, Source: string(k.kind), Read: done.Read, Dropped: done.Dropped}
	staff(c, &p.Frame, "import", "intake.import.preview")
	for _, x := range made {
		if x.State == Aside {
			p.Aside++
		} else {
			p.Waiting++
		}
		switch x.Kind {
		case Need:
			p.Needs++
		case Gives:
			p.Offers++
		}
		if len(x.PhoneKey) > 0 {
			p.Phones++
		}
		if x.Place != "" {
			p.Located++
		}
		if p.From.IsZero() || x.SaidAt.Before(p.From) {
			p.From = x.SaidAt
		}
		if x.SaidAt.After(p.Until) {
			p.Until = x.SaidAt
		}
	}
	return c.Render("intake_chat", p)
}

func (s *Service) showPreview(c *web.Ctx, k kept) error {
	t, m := k.content.Table, k.mapping
	def, err := s.def(m.Service)
	if err != nil {
		return err
	}
	p := &previewPage{ID: k.id.String(), Name: k.name, Source: string(k.kind), Rows: len(t.Rows), Known: m.Fits(t)}
	staff(c, &p.Frame, "import", "intake.import.preview")
	p.Columns = append(p.Columns, FileColumn{Question: c.P.T("intake.import.row_id"), Field: headField(c, "id", t.Heads, m.ID)})
	for _, q := range def.Form.Questions {
		if !q.Asks() {
			continue
		}
		col := m.Columns[q.Name]
		chosen := ""
		if all := append(slices.Clone(col.From), col.Text...); len(all) > 0 {
			chosen = all[0]
		}
		p.Columns = append(p.Columns, FileColumn{Question: c.P.T(key(def, "question."+q.Name)), Field: headField(c, "q."+q.Name, t.Heads, chosen)})
	}
	for i, row := range t.Rows[:min(len(t.Rows), 8)] {
		sample := FileSample{Line: i + 2}
		q, err := s.request(def, m, t.Heads, row)
		if err == nil {
			var j Judged
			if j, err = s.Cases.Judge(q); err == nil {
				sample.Level, sample.Needs = j.Level, needsSay(c, def, j.Needs)
				if j.Place != "" {
					sample.Place = s.placeSay(c, j.Place)
				}
			}
		}
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				return err
			}
			sample.Wrong = sentences(c, err)
			p.Wrong++
		}
		p.Sample = append(p.Sample, sample)
	}
	return c.Render("intake_preview", p)
}

func key(def *service.Definition, part string) string { return "service." + def.Code + "." + part }

// needsSay names needs in the reader's language.
func needsSay(c *web.Ctx, def *service.Definition, needs []string) template.HTML {
	q := def.Form.Question(def.Bind.Need)
	if q == nil || q.List == nil || len(needs) == 0 {
		return c.P.T(key(def, "text.name"))
	}
	var parts []string
	for _, n := range needs {
		if _, ok := q.List.Choice(n); ok {
			parts = append(parts, string(c.P.T(key(def, "choice."+q.List.Name+"."+n))))
		}
	}
	return template.HTML(strings.Join(parts, string(c.P.T("intake.comma"))))
}

func sentences(c *web.Ctx, err error) template.HTML {
	errs, _ := c.FieldErrors(err)
	var parts []string
	for _, e := range errs {
		parts = append(parts, string(e.Text))
	}
	return template.HTML(strings.Join(parts, " "))
}

func headField(c *web.Ctx, name string, heads []string, chosen string) ui.Field {
	f := ui.Field{Name: name, Type: "select", Label: c.P.T("intake.import.column")}
	f.Rows = append(f.Rows, ui.Option{Value: "", Title: c.P.T("intake.import.no_column"), Chosen: chosen == ""})
	for _, h := range heads {
		f.Rows = append(f.Rows, ui.Option{Value: h, Title: template.HTML("<bdi>" + template.HTMLEscapeString(h) + "</bdi>"), Chosen: h == chosen})
	}
	return f
}
