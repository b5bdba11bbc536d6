package audit

import (
	"cmp"
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// correctionsPage is what the house said in public and was wrong; whoever may publish
// does so beneath.
type correctionsPage struct {
	ui.Frame
	Rows []correctionRow
	May  bool
	ID   string
	V    map[string]string
}

type correctionRow struct {
	ID, Page, Sum string
	Wrong, Right  template.HTML
	At            time.Time
	Since         time.Time // zero: not known
	Leaf          bool
}

const mostCorrections = 200

func (s *Service) showCorrections(c *web.Ctx) error { return s.corrected(c, url.Values{}, nil) }

func (s *Service) corrected(c *web.Ctx, v url.Values, wrong error) error {
	p := &correctionsPage{Frame: ui.Frame{Title: c.P.Text("audit.correction.title"), Kind: ui.Citizen, Nav: "about"}, May: deed.May(actor.From(c.Context()), DeedCorrect) == nil,
		ID: cmp.Or(v.Get("id"), id.New[Correction](s.h.DB.Now()).String()), V: map[string]string{}}
	for name := range v {
		p.V[name] = v.Get(name)
	}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, _, err := corrections(t, mostCorrections)
		for _, k := range all {
			r := correctionRow{ID: k.ID.String(), Page: k.Page, Sum: k.Sum, Wrong: ui.Isolated(in(k.Wrong, c.Lang())), Right: ui.Isolated(in(k.Right, c.Lang())), At: k.At, Leaf: !k.Leaf.IsZero()}
			if k.Since != "" {
				if r.Since, err = time.ParseInLocation(time.DateOnly, k.Since, s.zone); err != nil {
					return err
				}
			}
			p.Rows = append(p.Rows, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "audit_corrections", p)
}

func (s *Service) correctForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	kid, err := id.Parse[Correction](v.Get("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	k := Correction{ID: kid, Page: v.Get("page"), Since: v.Get("since"), Wrong: map[string]string{"ar": v.Get("wrong_ar"), "fr": v.Get("wrong_fr")}, Right: map[string]string{"ar": v.Get("right_ar"), "fr": v.Get("right_fr")}}
	if err := s.Correct(c.Context(), actor.From(c.Context()), k); err != nil {
		return s.corrected(c, v, err)
	}
	c.Flash("audit.correction.published")
	return c.Seek("/corrections")
}

// correctionText hands out the file of a correction: its SHA-256 stands in the log.
func (s *Service) correctionText(c *web.Ctx) error {
	kid, err := id.Parse[Correction](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	var body []byte
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		body, err = correctionBody(t, kid)
		return err
	})
	if err != nil {
		return err
	}
	return c.Download("correction-"+sumOf(body)[:16]+".json", "application/json", body)
}
