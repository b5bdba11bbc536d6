package round

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// casePage lists what came home from the field about one case: that there is
// something, not what it says.
type casePage struct {
	ui.Frame
	Case    string
	Receipt string
	Visits  []visitRow
	Photos  []photoRow
}

type visitRow struct {
	ID   string
	Form string // catalogue key
	Who  template.HTML
	At   time.Time
}

type photoRow struct {
	ID string
	N  int
	At time.Time
}

// visitPage is the answers of one visit. Opening it left a line.
type visitPage struct {
	ui.Frame
	Case    string
	Receipt string
	Form    string
	At      time.Time
	Who     template.HTML
	Answers []answerRow
	Photos  []photoRow
}

type answerRow struct {
	Question, Answer template.HTML
}

type visitRead struct {
	Record RecordID `json:"record"`
}

func (s *Service) showCase(c *web.Ctx) error {
	by, about := actor.From(c.Context()), known(c.R.PathValue("id"))
	if about == "" {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := s.Cases.MayOpen(c.Context(), by, about); err != nil {
		return err
	}
	p := &casePage{Frame: ui.Frame{Title: c.P.Text("round.case.title"), Kind: ui.Staff, Nav: "queue"}, Case: about}
	err := s.h.Look(c.Context(), by, DeedVisitList, func(t *deed.Tx) (err error) {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if p.Receipt, err = s.Cases.Receipt(t.Tx, about); err != nil {
			return err
		}
		all, err := recordsOf(t.Tx, about)
		for i := range all {
			if err == nil {
				err = s.listed(t, p, &all[i])
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("round_case", p)
}

func (s *Service) listed(t *deed.Tx, p *casePage, r *Record) error {
	if r.Kind == KindVisit && r.Answers != nil {
		who, err := s.who(t, r.Account)
		if err != nil {
			return err
		}
		p.Visits = append(p.Visits, visitRow{r.ID.String(), "round.visit.form." + r.Form, who, r.GotAt})
	}
	photos, err := photoRows(t, r.ID, len(p.Photos))
	p.Photos = append(p.Photos, photos...)
	return err
}

func photoRows(t *deed.Tx, rid RecordID, before int) (out []photoRow, err error) {
	all, err := photosOf(t.Tx, rid)
	for _, x := range all {
		if x.Whole {
			out = append(out, photoRow{x.ID.String(), before + len(out) + 1, x.DoneAt})
		}
	}
	return out, err
}

// ReadVisit opens the answers of a visit, for whoever may open what names the
// person of its case. Each reading leaves a line that the person can read.
func (s *Service) ReadVisit(ctx context.Context, by actor.Actor, rid RecordID) (r Record, answers forms.Answers, photos []photoRow, err error) {
	if err := deed.May(by, DeedVisitRead); err != nil {
		return r, nil, nil, err
	}
	err = s.h.Look(ctx, by, DeedVisitRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		r, err = getRecord(t.Tx, rid)
		if err == nil && (r.Kind != KindVisit || r.Answers == nil || r.Case == "" || r.State != Taken) {
			err = fault.New(fault.Missing, "round.record.missing")
		}
		return err
	})
	if err != nil {
		return r, nil, nil, err
	}
	if err := s.Cases.MayOpen(ctx, by, r.Case); err != nil {
		return r, nil, nil, err
	}
	text, err := s.vault.Open(answersAt(rid), r.Answers)
	if err == nil {
		err = answers.UnmarshalJSON(text)
	}
	if err != nil {
		return r, nil, nil, err
	}
	return r, answers, photos, s.h.Do(ctx, by, DeedVisitRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if photos, err = photoRows(t, rid, 0); err != nil {
			return err
		}
		return t.Tell(s.Cases.Subject(r.Case), visitRead{rid})
	})
}

func (s *Service) showVisit(c *web.Ctx) error {
	rid, err := id.Parse[Record](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "round.record.missing")
	}
	by := actor.From(c.Context())
	r, answers, photos, err := s.ReadVisit(c.Context(), by, rid)
	if err != nil {
		return err
	}
	p := &visitPage{Frame: ui.Frame{Title: c.P.Text("round.visit.title"), Kind: ui.Staff, Nav: "queue"}, Case: r.Case, Form: "round.visit.form." + r.Form, At: r.GotAt, Photos: photos}
	if v, err := s.visitForm(r.Form); err == nil {
		p.Answers = answerRows(c.P, v.Form, answers)
	}
	err = s.h.Look(c.Context(), by, DeedVisitRead, func(t *deed.Tx) (err error) {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if p.Receipt, err = s.Cases.Receipt(t.Tx, r.Case); err == nil {
			p.Who, err = s.who(t, r.Account)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("round_visit", p)
}

// answerRows are questions and answers in the reader's language, as far as the
// form of today still asks them.
func answerRows(p *i18n.Printer, f *forms.Form, a forms.Answers) (out []answerRow) {
	in := func(t forms.Text) template.HTML {
		text, lang := t.In(string(p.Lang()))
		if text = template.HTMLEscapeString(forms.Typeset(lang, text)); lang == string(p.Lang()) {
			return template.HTML(text)
		}
		return template.HTML(`<span lang="` + lang + `" dir="` + i18n.Dir(i18n.Lang(lang)) + `">` + text + `</span>`)
	}
	for _, q := range f.Questions {
		if !a.Has(q.Name) {
			continue
		}
		row := answerRow{Question: in(q.Label)}
		switch v := a[q.Name].(type) {
		case int64:
			row.Answer = p.Number(v)
		case []string:
			for i, x := range v {
				if i > 0 {
					row.Answer += p.T("round.visit.comma") + " "
				}
				choice, _ := q.List.Choice(x)
				row.Answer += in(choice.Label)
			}
		case string:
			if choice, ok := q.List.Choice(v); ok {
				row.Answer = in(choice.Label)
			} else {
				row.Answer = plain(v)
			}
		}
		out = append(out, row)
	}
	return out
}

// showPhoto hands a picture to the reader's browser and to nobody's cache.
func (s *Service) showPhoto(c *web.Ctx) error {
	pid, err := photoID(c)
	if err != nil {
		return err
	}
	picture, err := s.LookAtPhoto(c.Context(), actor.From(c.Context()), pid)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	c.W.WriteHeader(http.StatusOK)
	_, err = c.W.Write(picture)
	if err != nil {
		s.h.Log.Info("a photo was not seen to its end", "problem", err.Error())
	}
	return nil
}
