package cases

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// concernsPage lists what the trained people answer for.
type concernsPage struct {
	ui.Frame
	Lines []ConcernLine
}

// ConcernLine is one concern in their list, without what was said.
type ConcernLine struct {
	Href    string
	Receipt string
	Kind    template.HTML
	State   template.HTML
	Left    template.HTML
	Late    bool
	Mine    bool
}

// concernPage is one concern, opened: a line was left.
type concernPage struct {
	ui.Frame
	ID       string
	Line     ConcernLine
	MadeAt   time.Time
	Pairs    []ui.Pair
	Words    string
	Phone    string
	CaseHref string
	CanTake  bool
	CanClose bool
	Outcomes []ui.Option

	Voices      []Voice
	HearReasons []ui.Option
	Guardian    GuardianPanel
}

// complaintsPage lists complaints by deadline.
type complaintsPage struct {
	ui.Frame
	Lines []ComplaintLine
}

// ComplaintLine is one complaint in the list.
type ComplaintLine struct {
	Href    string
	Receipt string
	Kind    template.HTML
	Place   template.HTML
	Left    template.HTML
	Late    bool
	Open    bool
}

// complaintPage is one complaint, opened, with room for the answer.
type complaintPage struct {
	ui.Frame
	ID       string
	Line     ComplaintLine
	Words    string
	CaseHref string
	Answer   string // what was typed, when it was not good
}

func (o *Office) concernLine(c *web.Ctx, n *Concern) ConcernLine {
	l := ConcernLine{Href: c.Href("/concerns/" + n.ID.String()), Receipt: n.Receipt.String(), State: c.P.T("cases.concern.state_" + n.State),
		Kind: c.P.T("service." + n.Service + ".concern." + n.Kind), Mine: n.TakenBy == actor.From(c.Context()).Account}
	l.Left, l.Late = c.P.Left(n.DueAt)
	return l
}

func (o *Office) concerns(c *web.Ctx) error {
	all, err := o.Concerns(c.Context(), actor.From(c.Context()))
	if err != nil {
		return err
	}
	p := &concernsPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "concerns", c.P.Text("cases.concern.list")
	for _, n := range all {
		p.Lines = append(p.Lines, o.concernLine(c, n))
	}
	return c.Render("cases_concerns", p)
}

func (o *Office) concernID(c *web.Ctx) (ConcernID, error) {
	nid, err := id.Parse[Concern](c.R.PathValue("id"))
	if err != nil {
		return nid, fault.New(fault.Missing, "error.missing")
	}
	return nid, nil
}

// readConcern opens one. Reading it is a deed, and leaves a line.
func (o *Office) readConcern(c *web.Ctx) error {
	nid, err := o.concernID(c)
	if err != nil {
		return err
	}
	return o.showConcern(c, nid, nil)
}

func (o *Office) showConcern(c *web.Ctx, nid ConcernID, wrong error) error {
	return o.showConcernWith(c, nid, nil, wrong)
}

// showConcernWith shows a concern with what was typed about a guardian.
func (o *Office) showConcernWith(c *web.Ctx, nid ConcernID, v url.Values, wrong error) error {
	n, said, err := o.ReadConcern(c.Context(), actor.From(c.Context()), nid)
	if err != nil {
		return err
	}
	p := &concernPage{ID: nid.String(), Line: o.concernLine(c, n), MadeAt: n.MadeAt, CanTake: n.State == "open",
		CanClose: n.State == "taken" && n.TakenBy == actor.From(c.Context()).Account}
	p.Kind, p.Nav, p.Title = ui.Staff, "concerns", c.P.Text("cases.concern.one")
	for _, x := range concernOutcomes {
		p.Outcomes = append(p.Outcomes, ui.Option{Value: x, Title: c.P.T("cases.concern.outcome_" + x)})
	}
	o.fillConcern(c, p, n, said)
	if err := o.fillVoices(c, p, n); err != nil {
		return err
	}
	if p.Guardian, err = o.guardianPanel(c, n, v); err != nil {
		return err
	}
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_concern", p)
}

func (o *Office) fillConcern(c *web.Ctx, p *concernPage, n *Concern, said forms.Answers) {
	if text := said.Text("complaint"); text != "" {
		p.Words = text
		return
	}
	def, err := o.current(n.Service)
	if err != nil {
		return
	}
	p.Words, p.Phone = said.Text(def.Bind.Text), string(said.Phone(def.Bind.Phone))
	rest := said.Clone()
	delete(rest, def.Bind.Text)
	delete(rest, def.Bind.Secret)
	p.Pairs = o.pairs(c, def, rest, "")
}

func (o *Office) takeConcern(c *web.Ctx) error {
	nid, err := o.concernID(c)
	if err == nil {
		err = o.TakeConcern(c.Context(), actor.From(c.Context()), nid)
	}
	if err != nil {
		return err
	}
	c.Flash("cases.concern.taken_now")
	return c.Seek("/concerns")
}

func (o *Office) closeConcern(c *web.Ctx) error {
	nid, err := o.concernID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err == nil {
		err = o.CloseConcern(c.Context(), actor.From(c.Context()), nid, v.Get("outcome"))
	}
	if err != nil {
		return err
	}
	c.Flash("cases.concern.closed_now")
	return c.Seek("/concerns")
}

func (o *Office) complaintLine(c *web.Ctx, x *Complaint) ComplaintLine {
	l := ComplaintLine{Href: c.Href("/complaints/" + x.ID.String()), Receipt: x.Receipt.String(), Kind: c.P.T(o.complaintKey(x.Kind)), Open: x.State == "open"}
	if n := len(x.Path); n > 0 {
		l.Place = o.placeSay(c, x.Path[n-1])
	}
	if l.Open {
		l.Left, l.Late = c.P.Left(x.DueAt)
	}
	return l
}

// complaintKey finds the words of a kind of complaint in the service that has it.
func (o *Office) complaintKey(kind string) string {
	for _, d := range o.services.All() {
		if _, ok := d.Complaint(kind); ok {
			return key(d, "complaint."+kind)
		}
	}
	return "cases.complaint.one"
}

func (o *Office) complaints(c *web.Ctx) error {
	all, err := o.Complaints(c.Context(), actor.From(c.Context()))
	if err != nil {
		return err
	}
	p := &complaintsPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "complaints", c.P.Text("cases.complaint.list")
	for _, x := range all {
		p.Lines = append(p.Lines, o.complaintLine(c, x))
	}
	return c.Render("cases_complaints", p)
}

func (o *Office) complaintID(c *web.Ctx) (ComplaintID, error) {
	pid, err := id.Parse[Complaint](c.R.PathValue("id"))
	if err != nil {
		return pid, fault.New(fault.Missing, "error.missing")
	}
	return pid, nil
}

func (o *Office) readComplaint(c *web.Ctx) error { return o.complaintPage(c, "", nil) }

func (o *Office) complaintPage(c *web.Ctx, typed string, wrong error) error {
	pid, err := o.complaintID(c)
	if err != nil {
		return err
	}
	x, text, err := o.ReadComplaint(c.Context(), actor.From(c.Context()), pid)
	if err != nil {
		return err
	}
	p := &complaintPage{ID: pid.String(), Line: o.complaintLine(c, x), Words: text, Answer: typed}
	p.Kind, p.Nav, p.Title = ui.Staff, "complaints", c.P.Text("cases.complaint.one")
	if !x.Case.IsZero() {
		p.CaseHref = c.Href("/cases/" + x.Case.String())
	}
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_complaint", p)
}

func (o *Office) answerComplaint(c *web.Ctx) error {
	pid, err := o.complaintID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := o.AnswerComplaint(c.Context(), actor.From(c.Context()), pid, v.Get("answer")); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.complaintPage(c, v.Get("answer"), err)
		}
		return err
	}
	c.Flash("cases.complaint.answered_now")
	return c.Seek("/complaints")
}

// crisesPage opens and closes crises.
type crisesPage struct {
	ui.Frame
	Open      []CrisisLine
	Templates []ui.Option
	Areas     []ui.Option
}

// CrisisLine is one crisis that is open.
type CrisisLine struct {
	ID    string
	Name  template.HTML
	Since time.Time
	Area  template.HTML
}

func (o *Office) crisesDoor(c *web.Ctx) error { return o.showCrises(c, nil) }

func (o *Office) showCrises(c *web.Ctx, wrong error) error {
	now, err := o.Crises(c.Context())
	if err != nil {
		return err
	}
	p := &crisesPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "crises", c.P.Text("cases.crisis.list")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, k := range now {
		l := CrisisLine{ID: k.ID.String(), Name: c.P.T(k.key("name")), Since: k.OpenedAt}
		for i, code := range k.Area {
			if i > 0 {
				l.Area += c.P.T("cases.place.comma")
			}
			if x, ok := o.places.Get(code); ok {
				l.Area += named(c, x)
			}
		}
		p.Open = append(p.Open, l)
	}
	for _, t := range o.services.Crises() {
		p.Templates = append(p.Templates, ui.Option{Value: t.Code, Title: c.P.T(Crisis{Template: t.Code}.key("name"))})
	}
	for _, x := range o.provinces() {
		p.Areas = append(p.Areas, ui.Option{Value: x.Code, Title: named(c, x)})
	}
	return c.RenderStatus(status, "cases_crises", p)
}

func (o *Office) openCrisis(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var area []string
	for _, x := range v["area"] {
		if x != "" {
			area = append(area, x)
		}
	}
	if _, err := o.OpenCrisis(c.Context(), actor.From(c.Context()), v.Get("template"), area); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.showCrises(c, err)
		}
		return err
	}
	c.Flash("cases.crisis.opened_now")
	return c.Seek("/crises")
}

func (o *Office) closeCrisis(c *web.Ctx) error {
	kid, err := id.Parse[crisisKind](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := o.CloseCrisis(c.Context(), actor.From(c.Context()), kid); err != nil {
		return err
	}
	c.Flash("cases.crisis.closed_now")
	return c.Seek("/crises")
}
