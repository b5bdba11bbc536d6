package cases

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// trackOtherPage is how a complaint or a concern stands.
type trackOtherPage struct {
	ui.Frame
	Ticket ui.Ticket
	State  template.HTML
	Answer string
	Due    time.Time
	Open   bool
}

// complainPage is the form for a complaint.
type complainPage struct {
	ui.Frame
	ID      string
	Kinds   ui.Choices
	Text    string
	Receipt string // of the case
}

// complainedPage is the complaint's own receipt.
type complainedPage struct {
	ui.Frame
	Ticket     ui.Ticket
	Restricted bool
}

func (o *Office) complainForm(c *web.Ctx) error {
	cid, err := o.mine(c)
	if err != nil {
		return c.Seek("/track")
	}
	return o.showComplain(c, cid, id.New[Complaint](o.h.DB.Now()).String(), "", "", nil)
}

func (o *Office) showComplain(c *web.Ctx, cid CaseID, pid, kind, text string, wrong error) error {
	p := &complainPage{ID: pid, Text: text}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.complaint.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err != nil {
			return err
		}
		def, err := o.def(t, k)
		if err != nil {
			return err
		}
		p.Receipt = k.Receipt.String()
		p.Kinds = ui.Choices{Name: "kind", Legend: c.P.T("cases.complaint.kind"), Error: p.Error("kind")}
		for _, x := range def.Complaints {
			p.Kinds.Options = append(p.Kinds.Options, ui.Option{Value: x.Code, Title: c.P.T(key(def, "complaint."+x.Code)), Chosen: x.Code == kind})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_complain", p)
}

func (o *Office) complain(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.mine(c)
	if err != nil {
		return err
	}
	pid, err := id.Parse[Complaint](v.Get("id"))
	if err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	if err := limitHolder(c, "complain", cid); err != nil {
		return err
	}
	number, restricted, err := o.Complain(c.Context(), cid, o.ofHolder(cid, pid), v.Get("kind"), v.Get("text"), c.Lang())
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.showComplain(c, cid, pid.String(), v.Get("kind"), v.Get("text"), err)
		}
		return err
	}
	p := &complainedPage{Ticket: ui.Ticket{Code: number.String(), At: o.h.DB.Now(), Label: c.P.T("cases.complaint.receipt")}, Restricted: restricted}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.complaint.done")
	return c.Render("cases_complained", p)
}

func (o *Office) trackConcern(c *web.Ctx, nid ConcernID) error {
	p := &trackOtherPage{}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		n, err := getConcern(t, nid)
		if err != nil {
			return err
		}
		p.Ticket = ui.Ticket{Code: n.Receipt.String(), At: n.MadeAt}
		p.State, p.Due, p.Open = c.P.T("cases.concern.state_"+n.State), n.DueAt, n.State == "open"
		return nil
	})
	return o.showOther(c, p, err)
}

func (o *Office) trackComplaint(c *web.Ctx, pid ComplaintID) error {
	p := &trackOtherPage{}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		x, err := db.One(t, scanComplaint, `SELECT `+complaintColumns+` FROM cases_complaint WHERE id = ?1`, pid)
		if err != nil {
			return err
		}
		p.Ticket = ui.Ticket{Code: x.Receipt.String(), At: x.MadeAt, Label: c.P.T("cases.complaint.receipt")}
		p.State, p.Due, p.Open = c.P.T("cases.complaint.state_"+x.State), x.DueAt, x.State == "open"
		if len(x.Answer) > 0 {
			plain, err := o.vault.Open("cases_complaint.answer|"+pid.String(), x.Answer)
			p.Answer = string(plain)
			return err
		}
		return nil
	})
	return o.showOther(c, p, err)
}

func (o *Office) showOther(c *web.Ctx, p *trackOtherPage, err error) error {
	if err != nil {
		return err
	}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("cases.track.title")
	return c.Render("cases_track_other", p)
}
