package cases

import (
	"errors"
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// helperPage asks who helps, and has the person's consent read out to them.
type helperPage struct {
	ui.Frame
	Service string
	Draft   string
	Back    string
	Text    template.HTML
	Say     string // the same, for the phone's own voice
	Kinds   ui.Choices
	Hows    ui.Choices
	Name    string
	Phone   string
	Own     bool // the helper's own phone: nobody else uses it
	Change  bool
}

// kindsFor are whom somebody may say that they are: an agent only who is one.
func kindsFor(by actor.Actor) []string {
	if by.Holds(desk...) {
		return helperKinds
	}
	return helperKinds[:len(helperKinds)-1]
}

// askHelper is the step of a form before its questions, for whoever fills it in
// for somebody else.
func (o *Office) askHelper(c *web.Ctx) error {
	_, d, err := o.openDraft(c)
	if errors.Is(err, errSent) {
		return o.receiptAgain(c)
	}
	if err != nil {
		return err
	}
	return o.showHelper(c, d, nil)
}

func (o *Office) showHelper(c *web.Ctx, d Draft, wrong error) error {
	h := d.Around.Help
	p := &helperPage{Service: d.Service, Draft: d.ID.String(), Back: c.Href("/help/" + d.Service), Text: c.P.T("cases.consent." + consentText), Say: c.P.Text("cases.consent." + consentText),
		Own: h != nil && !d.Around.Shared, Change: c.R.URL.Query().Get("change") != "" || c.R.PostForm.Get("change") != ""}
	if h == nil {
		h = &Help{}
	}
	p.Name, p.Phone = h.Name, h.Phone
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("cases.helper.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	p.Kinds = o.choose(c, &p.Frame, "kind", "cases.helper.who", "cases.helper.kind_", kindsFor(actor.From(c.Context())), h.Kind)
	p.Hows = o.choose(c, &p.Frame, "how", "cases.helper.agreed", "cases.helper.how_", []string{HowPresent, HowSpoken, HowToAsk}, h.How)
	return c.RenderStatus(status, "cases_ask_helper", p)
}

// choose is one of a few words, each under its key.
func (o *Office) choose(c *web.Ctx, f *ui.Frame, name, legend, prefix string, of []string, chosen string) ui.Choices {
	ch := ui.Choices{Name: name, Legend: c.P.T(legend), Error: f.Error(name)}
	for _, x := range of {
		ch.Options = append(ch.Options, ui.Option{Value: x, Title: c.P.T(prefix + x), Chosen: x == chosen})
	}
	return ch
}

// keepHelper keeps who helps and what the person said, and goes on to the questions.
func (o *Office) keepHelper(c *web.Ctx) error {
	def, d, err := o.openDraft(c)
	if errors.Is(err, errSent) {
		return o.receiptAgain(c)
	}
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	h := &Help{Kind: v.Get("kind"), How: v.Get("how"), Text: consentText, Lang: c.Lang(), Name: forms.Clean(v.Get("helper_name"), false)}
	var wrong fault.All
	if !slices.Contains(kindsFor(actor.From(c.Context())), h.Kind) {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.helper.kind_missing").On("kind"))
	}
	if !slices.Contains([]string{HowPresent, HowSpoken, HowToAsk}, h.How) {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.helper.how_missing").On("how"))
	}
	if len([]rune(h.Name)) > 100 {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.helper.name_long").On("helper_name"))
	}
	if h.Phone = v.Get("helper_phone"); h.Phone != "" {
		tel, err := parsePhone(h.Phone, o.places.Country().Phone.Prefix)
		if err != nil {
			wrong = append(wrong, asFault(err).On("helper_phone"))
		} else {
			h.Phone = tel
		}
	}
	d.Around.Help, d.Around.Shared = h, d.Around.Shared || v.Get("own") == ""
	if len(wrong) > 0 {
		return o.showHelper(c, d, wrong)
	}
	if err := o.KeepDraft(c.Context(), d); err != nil {
		return err
	}
	if d.Around.Shared {
		o.sit(c, d.ID)
	}
	next := def.Form.Steps()[0].Name
	if v.Get("change") != "" {
		next = "check"
	}
	return c.Seek("/help/" + def.Code + "/" + d.ID.String() + "/" + next)
}

// ConsentLine is one thing that a person agreed to, as staff read it.
type ConsentLine struct {
	What  template.HTML
	How   template.HTML
	At    time.Time
	ToAsk bool
	Ended bool
}

// consentLines are what the person of a case agreed to, the latest word on each
// question only.
func (o *Office) consentLines(c *web.Ctx, t *db.Tx, cid CaseID) (out []ConsentLine, err error) {
	all, err := consents(t, cid)
	seen := map[string]bool{}
	for _, k := range all {
		if seen[k.About] {
			continue
		}
		seen[k.About] = true
		l := ConsentLine{How: c.P.T("cases.helper.how_" + k.How), At: k.MadeAt, ToAsk: k.How == HowToAsk, Ended: !k.EndedAt.IsZero()}
		if l.What = c.P.T("cases.consent.share"); k.About == aboutHelp {
			l.What = c.P.T("cases.helper.kind_" + k.Kind)
		}
		if !l.Ended || k.About == aboutShare {
			out = append(out, l)
		}
	}
	return out, err
}

// consented is what the person agreed to, and whether the reader should ask.
func (o *Office) consented(c *web.Ctx, t *deed.Tx, def *service.Definition, k *Case, d *Detail) (err error) {
	if d.Consents, err = o.consentLines(c, t.Tx, k.ID); err != nil {
		return err
	}
	g, ok := t.By.May(DeedConsentFor.Roles, k.Scope())
	for _, l := range d.Consents {
		d.AskConsent = d.AskConsent || l.ToAsk && ok && k.Phase != service.Final && def.May(word(DeedConsentFor), g.Role)
	}
	g, ok = t.By.May(DeedShareFor.Roles, k.Scope())
	d.CanShare = ok && k.ErasedAt.IsZero() && k.MergedInto.IsZero() && def.May(word(DeedShareFor), g.Role)
	share, asked, err := consentTo(t.Tx, k.ID, aboutShare)
	d.Shares = asked && share.given()
	return err
}
