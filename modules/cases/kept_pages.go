package cases

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
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

// A form that finds no network is kept on its writer's own phone, and sent when
// there is one (docs/offline.md). What it carries for that stands in fields that
// are no questions:
//
//	_keep  the address that takes it by itself, without the steps before
//	_all   all the questions were on the page
//	_kept  what was said on the steps before, sealed for us: the phone cannot
//	       read it, and it is still there when our own copy is a day old and gone

// Outgoing is those fields. To is "" where nothing may wait on the phone: others
// use it, or somebody of the staff is signed in.
type Outgoing struct{ To, Kept string }

// carried is a draft as the phone has it along.
type carried struct {
	Service string        `json:"service"`
	Version int           `json:"version"`
	Answers forms.Answers `json:"answers"`
	Around  Around        `json:"around"`
}

// keptOut is the receipt of a form that waited on a phone.
type keptOut struct {
	Receipt string `json:"receipt"`
	Say     string `json:"say"`  // in groups, as it is read out
	Done    string `json:"done"` // the page of the receipt, for a while
}

// mayKeep says whether what a visitor writes may wait on their phone.
func mayKeep(c *web.Ctx, d Draft) bool {
	return !actor.From(c.Context()).Known() && !d.Around.Shared && !c.Shared() && d.Around.Paper == ""
}

func keptName(did DraftID) string { return "cases_draft.kept|" + did.String() }

func (o *Office) outgoing(c *web.Ctx, def *service.Definition, d Draft) (out Outgoing, err error) {
	if !mayKeep(c, d) {
		return out, nil
	}
	out.To = c.Href("/help/" + def.Code + "/" + d.ID.String() + "/send")
	if len(d.Answers) == 0 && d.Around.zero() {
		return out, nil
	}
	plain, err := json.Marshal(carried{def.Code, def.Version, d.Answers, d.Around})
	if err != nil {
		return out, err
	}
	out.Kept = base64.RawURLEncoding.EncodeToString(o.vault.Seal(keptName(d.ID), plain))
	return out, nil
}

// unkept is a draft that we no longer have, as its writer's phone carried it. What
// we did not seal for this very form is as if it had not been there.
func (o *Office) unkept(def *service.Definition, did DraftID, v url.Values) (d Draft, ok bool) {
	d = Draft{ID: did, Service: def.Code, Version: def.Version, Answers: forms.Answers{}}
	sealed, err := base64.RawURLEncoding.DecodeString(v.Get("_kept"))
	if err != nil || len(sealed) == 0 {
		return d, false
	}
	plain, err := o.vault.Open(keptName(did), sealed)
	if err != nil {
		return d, false
	}
	k := carried{Answers: forms.Answers{}}
	if json.Unmarshal(plain, &k) != nil || k.Service != def.Code {
		return d, false
	}
	d.Answers, d.Around = k.Answers, k.Around
	return d, true
}

// toSend is the draft that a form asks us to send, and whether the form itself
// says what it holds.
func (o *Office) toSend(c *web.Ctx, def *service.Definition, v url.Values) (d Draft, said bool, err error) {
	did, err := id.Parse[draftKind](c.R.PathValue("draft"))
	if err != nil {
		return d, false, fault.New(fault.Missing, "cases.draft.gone")
	}
	d, err = o.ReadDraft(c.Context(), did)
	switch {
	case err == nil && (d.Service != def.Code || !o.seated(c, d)):
		return d, false, fault.New(fault.Missing, "cases.draft.gone")
	case err == nil:
		return d, v.Has("_all"), nil
	case fault.KindOf(err) != fault.Missing && !db.IsAway(err):
		return d, false, err
	case o.sent(c, did):
		return Draft{ID: did}, false, errSent
	}
	d, had := o.unkept(def, did, v)
	if !had && !v.Has("_all") {
		return d, false, fault.New(fault.Missing, "cases.draft.gone")
	}
	return d, true, c.Site.Limit.Take("draft:"+c.From(), 240, time.Minute)
}

// said fills a draft in from the form that was sent. A page that showed no
// answers, because it was a copy, takes none of the earlier ones away. From a
// phone that was without a network, what was left out is no reason to refuse:
// nobody may be looking any more, and somebody can call.
func (o *Office) said(c *web.Ctx, def *service.Definition, d *Draft, v url.Values) error {
	if !v.Has("_all") {
		return o.KeepDraft(c.Context(), *d)
	}
	for _, s := range def.Form.Steps() {
		o.placesIn(s.Questions, v)
	}
	given, wrong := def.Form.FromValues(v, o.places.Country().Phone.Prefix)
	if !v.Has("_kept") {
		for name, x := range d.Answers {
			if _, again := given[name]; !again && !v.Has(name) {
				given[name] = x
			}
		}
	}
	d.Answers, d.Version = given, def.Version
	checked, err := def.Form.Validate(given, wrong...)
	if err != nil && len(wrong) == 0 && c.ForProgram() && given.Phone(def.Bind.Phone) != "" {
		if some, still := o.valid(def, Request{Answers: given, Partly: true}); still == nil {
			checked, err, d.Around.Partly = some, nil, true
		}
	}
	if err != nil {
		return err
	}
	d.Answers = checked
	return o.KeepDraft(c.Context(), *d)
}

// taken answers whoever sent a form that we have: a phone with the receipt to
// show, a person with its page.
func (o *Office) taken(c *web.Ctx, def *service.Definition, out Asked) error {
	done := "/help/" + def.Code + "/" + c.R.PathValue("draft") + "/done"
	if c.ForProgram() && out.Receipt.IsZero() { // the phone keeps it too, until there is a number to show
		return fault.New(fault.Away, "cases.spool.number_follows")
	}
	if c.ForProgram() {
		return c.JSON(http.StatusOK, keptOut{out.Receipt.String(), out.Receipt.Groups(), c.Href(done)})
	}
	return c.Seek(done)
}

// offlinePage is what a phone shows where it has no network and no copy.
type offlinePage struct {
	ui.Frame
	Calls []Emergency
}

// savedPage tells what waits on this phone, and what will happen to it.
type savedPage struct {
	ui.Frame
	Calls []Emergency
}

func (o *Office) offline(c *web.Ctx) error {
	p := &offlinePage{Calls: o.emergency(c)}
	p.Kind, p.Title = ui.Form, c.P.Text("cases.kept.offline_title")
	c.Common("cases.crisis", "cases.emergency")
	c.KeepAlways()
	return c.Render("cases_offline", p)
}

func (o *Office) savedDoor(c *web.Ctx) error {
	p := &savedPage{Calls: o.emergency(c)}
	p.Kind, p.Title = ui.Form, c.P.Text("cases.kept.title")
	c.Common("cases.crisis", "cases.emergency")
	c.KeepAlways()
	return c.Render("cases_saved", p)
}
