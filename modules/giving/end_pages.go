package giving

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func (s *Service) endForm(c *web.Ctx) error {
	return s.collectForm(c, "giving.end.ended_now", s.EndFund)
}

func (s *Service) reopenForm(c *web.Ctx) error {
	return s.collectForm(c, "giving.end.reopened_now", s.ReopenFund)
}

func (s *Service) collectForm(c *web.Ctx, told string, do func(context.Context, actor.Actor, string) error) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	code := c.R.PathValue("code")
	if err := do(c.Context(), actor.From(c.Context()), code); err != nil && !errors.Is(err, deed.ErrNothingDone) {
		return err
	}
	c.Flash(told)
	return c.Seek("/treasury/" + code)
}

// nonePage says that no fund of a name is open here: whoever came by somebody's link
// should not give.
type nonePage struct {
	ui.Frame
}

// none answers for a fund that is not there; other errors are given back.
func (s *Service) none(c *web.Ctx, err error) error {
	if fault.KindOf(err) != fault.Missing {
		return err
	}
	p := &nonePage{Frame: frame(c, "giving.none.title", ui.Citizen, "give")}
	p.About = c.P.Text("giving.none.text")
	return c.RenderStatus(http.StatusNotFound, "giving_none", p)
}

// sharePage is a fund in the words in which people pass it on, in every language.
type sharePage struct {
	ui.Frame
	Code  string
	Name  template.HTML
	Ended time.Time // since then it collects no more; zero: it does
	Link  string
	QR    template.HTML
	Langs []shareText
}

type shareText struct {
	Lang, Dir, Name string
	Draft           bool
	Text            string // "" where the sentence is missing in that language
}

func (s *Service) showShare(c *web.Ctx) error {
	p := &sharePage{Frame: frame(c, "giving.share.title", ui.Citizen, "give")}
	var f *Fund
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { f, err = fundByCode(t, c.R.PathValue("code")); return err })
	if err != nil {
		return s.none(c, err)
	}
	p.Code, p.Name, p.Ended = f.Code, ui.Isolated(f.Name(c.Lang())), f.EndedAt
	p.Link = c.Address() + c.Href("/funds/"+f.Code)
	if p.QR, err = crypt.QR(p.Link); err != nil {
		return err
	}
	for _, l := range p.Frame.Languages() {
		said := c.Site.Cat.For(i18n.Lang(l.Code), c.Site.Zone)
		x := shareText{Lang: l.Code, Dir: l.Dir, Name: l.Name}
		if _, draft, ok := said.Own("giving.share.text"); ok {
			x.Draft = draft
			x.Text = said.Text("giving.share.text", "name", f.Name(l.Code), "basis", f.Basis, "link", c.Address()+"/"+l.Code+"/funds/"+f.Code)
		}
		p.Langs = append(p.Langs, x)
	}
	return c.Render("giving_share", p)
}
