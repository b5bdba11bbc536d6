package cases

import (
	"errors"
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// checkPage shows the answers before they are sent.
type checkPage struct {
	ui.Frame
	Service  string
	Draft    string
	Progress ui.Progress
	Pairs    []ui.Pair
	Staff    bool
	Beside   Beside
	Out      Outgoing
	Told     *Told // others told already what may be the same; nil when nobody did
}

// donePage is the receipt. The delivery code is on it once, for the person.
type donePage struct {
	ui.Frame
	Ticket     ui.Ticket
	Say        template.HTML
	Next       template.HTML
	Due        time.Time
	Code       string
	Restricted bool
	Helped     bool // whoever reads it is not the person
	Shared     bool // on a phone that others use
	Waits      bool // in the spool, until the store answers
	Emergency  []Emergency
}

func (o *Office) showCheck(c *web.Ctx, def *service.Definition, d Draft, wrong error) error {
	steps := def.Form.Steps()
	by := actor.From(c.Context())
	p := &checkPage{Service: def.Code, Draft: d.ID.String(), Pairs: o.pairs(c, def, d.Answers, d.ID.String()), Staff: by.Known(),
		Progress: ui.Progress{At: len(steps) + 1, Of: len(steps) + 1, Back: c.Href("/help/" + def.Code + "/" + d.ID.String() + "/" + steps[len(steps)-1].Name)}}
	p.Beside = o.beside(c, def, d, false, nil)
	p.Told = o.toldBefore(c, def, d)
	p.Pairs = append(o.helpPairs(c, d), p.Pairs...)
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("cases.ask.check_title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	if p.Out, err = o.outgoing(c, def, d); err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_ask_check", p)
}

// pairs is the summary of answers; each line leads back to its question.
func (o *Office) pairs(c *web.Ctx, def *service.Definition, a forms.Answers, draft string) (out []ui.Pair) {
	for _, s := range def.Form.Steps() {
		for _, q := range s.Questions {
			if !q.Asks() || !def.Form.Relevant(q, a) || draft == "" && !a.Has(q.Name) {
				continue
			}
			value := o.say(c, def, q, a)
			if value == "" {
				value = c.P.T("cases.ask.not_said")
			}
			pair := ui.Pair{Name: c.P.T(key(def, "question."+q.Name)), Value: value}
			if draft != "" {
				pair.Change = c.Href("/help/" + def.Code + "/" + draft + "/" + s.Name + "?change=1")
			}
			out = append(out, pair)
		}
	}
	return out
}

// say is an answer in the reader's language.
func (o *Office) say(c *web.Ctx, def *service.Definition, q *forms.Question, a forms.Answers) template.HTML {
	comma := c.P.T("cases.place.comma")
	var out template.HTML
	join := func(x template.HTML) {
		if out != "" {
			out += comma
		}
		out += x
	}
	switch q.Type {
	case forms.TypeOne:
		if x := a.Text(q.Name); x != "" {
			join(c.P.T(key(def, "choice."+q.List.Name+"."+x)))
		}
	case forms.TypeMany:
		for _, x := range a.List(q.Name) {
			join(c.P.T(key(def, "choice."+q.List.Name+"."+x)))
		}
	case forms.TypePlace:
		p := a.Place(q.Name)
		if p.Code != "" {
			join(o.placeSay(c, p.Code))
		}
		if p.Text != "" {
			join(template.HTML("<bdi>" + template.HTMLEscapeString(p.Text) + "</bdi>"))
		}
		if p.HasPoint && p.Code == "" {
			join(c.P.T("cases.place.by_gps"))
		}
	case forms.TypePhone:
		if p := a.Phone(q.Name); p != "" {
			join(c.P.Phone(string(p)))
		}
	case forms.TypeInteger:
		if a.Has(q.Name) {
			join(c.P.Number(a.Int(q.Name)))
		}
	default:
		if x := answerText(a[q.Name]); x != "" {
			join(template.HTML(`<bdi dir="auto">` + template.HTMLEscapeString(x) + "</bdi>"))
		}
	}
	return out
}

// send takes the request in, and shows the receipt. A form that waited on a
// phone comes here by itself, however often: it is one request.
func (o *Office) send(c *web.Ctx) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	if err := c.Site.Limit.Take("ask:"+c.From(), 120, time.Minute); err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	d, says, err := o.toSend(c, def, v)
	if err == nil && says {
		if err = o.said(c, def, &d, v); err != nil && !c.ForProgram() {
			return o.showAll(c, def, d, err, v)
		}
	}
	if err != nil && !errors.Is(err, errSent) {
		return err
	}
	by := actor.From(c.Context())
	out, err := o.Send(c.Context(), by, d.ID, c.Lang())
	if err != nil && c.ForProgram() {
		return err
	}
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.showCheck(c, def, d, err)
		}
		return err
	}
	if !out.Waits {
		o.voiceAdded(c.Context(), by, out, v.Get("voice") == "same")
	}
	if !out.Waits && by.Holds(DeedTakeDown.Roles...) && !out.Restricted && d.Around.Help == nil {
		c.Flash("cases.ask.taken_down")
		return c.Seek("/cases/" + out.ID.String())
	}
	return o.taken(c, def, out)
}

// receiptFor is how long the form's own address shows the receipt again.
const receiptFor = 30 * time.Minute

// done shows the receipt, and again to the browser that sent it, for a while.
func (o *Office) done(c *web.Ctx) error {
	def, err := o.form(c)
	if err != nil {
		return err
	}
	did, err := id.Parse[draftKind](c.R.PathValue("draft"))
	if err != nil {
		return fault.New(fault.Missing, "cases.draft.gone")
	}
	out, shared := Asked{ID: o.caseOf(did)}, false
	if x, ok := o.waits(out.ID); ok {
		return o.doneWaits(c, did, x)
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		found, err := o.sentBefore(t, out.ID, &out)
		if err == nil && !found {
			err = fault.New(fault.Missing, "cases.draft.gone")
		}
		if err == nil {
			shared, err = isShared(t, out.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	age := o.h.DB.Now().Sub(out.At)
	if shared && (age > sharedReceiptFor || !o.sits(c, did)) {
		return fault.New(fault.Missing, "cases.draft.gone")
	}
	if age > receiptFor {
		return c.Seek("/track")
	}
	p := &donePage{Due: out.Due, Code: out.Code, Restricted: out.Restricted, Helped: out.Helped, Shared: shared, Emergency: o.emergency(c),
		Say: c.P.T(key(def, "text.done_title")), Next: c.P.T(key(def, "text.done_next")),
		Ticket: ui.Ticket{Code: out.Receipt.String(), At: out.At}}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("cases.ask.done_title", "receipt", out.Receipt.Groups())
	if out.Restricted {
		p.Next = c.P.T("cases.concern.next")
	}
	return c.Render("cases_ask_done", p)
}
