package reach

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

// campaignsPage is what was written to communes, the latest first.
type campaignsPage struct {
	ui.Frame
	Rows []CampaignRow
}

// CampaignRow is one campaign in their list.
type CampaignRow struct {
	ID    string
	State string // draft, sent, withdrawn, old
	Area  template.HTML
	N     int // communes
	At    time.Time
	Begin string // the first words, in the reader's language
}

// StateKey is the name of its state.
func (r CampaignRow) StateKey() string { return "reach.campaign.state_" + r.State }

// campaignFormPage is where somebody writes one.
type campaignFormPage struct {
	ui.Frame
	ID        string
	Area      string
	Provinces []ui.Option
	Communes  []PlanLine
	Chosen    map[string]bool
	Services  []ui.Option
	Texts     []CampaignText
	Most      int
}

// CampaignText is it in one language.
type CampaignText struct {
	Lang  string
	Dir   string
	Text  string
	Parts int // of a text message
}

// Name is the field of the form, and NameKey the name of the language.
func (t CampaignText) Name() string    { return "text_" + t.Lang }
func (t CampaignText) NameKey() string { return "reach.language." + t.Lang }

// campaignPage is one campaign before it goes out, or after.
type campaignPage struct {
	ui.Frame
	Row      CampaignRow
	Service  template.HTML
	Texts    []CampaignText
	Lines    []PlanLine
	Field    []PlanLine // communes that no message reaches
	People   int
	Parts    int
	Minor    int64
	Currency string
	Stopped  int
	Lately   int
	Without  int
	More     bool
	Most     int
	Langs    []CampaignLang
	States   []CampaignState // of its messages, once it was sent
	MaySend  bool
	Own      bool // the reader wrote it, and another must send it
	Draft    bool
}

// CampaignLang is how many are written to in a language.
type CampaignLang struct {
	Lang string
	N    int
}

// NameKey is the name of the language.
func (l CampaignLang) NameKey() string { return "reach.language." + l.Lang }

// CampaignState is how many messages stand so.
type CampaignState struct {
	State string
	N     int
}

// NameKey is the name of the state.
func (x CampaignState) NameKey() string { return "reach.campaign.message_" + x.State }

func (s *Service) campaignRow(c *web.Ctx, k Campaign) CampaignRow {
	r := CampaignRow{ID: k.ID.String(), State: k.State, N: len(k.Communes), At: k.MadeAt, Begin: clip(k.Texts[c.Lang()], 80)}
	if s.over(k, s.h.DB.Now()) {
		r.State = "old"
	}
	if p, ok := s.places.Get(k.Province); ok {
		r.Area = nameOf(p, c.Lang())
	}
	return r
}

func (s *Service) campaigns(c *web.Ctx) error {
	p := &campaignsPage{Frame: ui.Frame{Title: c.P.Text("reach.campaign.list"), Kind: ui.Staff, Nav: "channels"}}
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedCampaignSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.listCampaigns(t.Tx, 50)
		for _, k := range all {
			p.Rows = append(p.Rows, s.campaignRow(c, k))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("reach_campaigns", p)
}

func (s *Service) newCampaign(c *web.Ctx) error {
	q := c.R.URL.Query()
	q.Set("id", id.New[Campaign](s.h.DB.Now()).String())
	return s.showCampaignForm(c, q, nil)
}

// showCampaignForm shows the form, with what was typed in it.
func (s *Service) showCampaignForm(c *web.Ctx, v url.Values, wrong error) error {
	by, lang := actor.From(c.Context()), c.Lang()
	p := &campaignFormPage{Frame: ui.Frame{Title: c.P.Text("reach.campaign.new"), Kind: ui.Staff, Nav: "channels"},
		ID: v.Get("id"), Area: v.Get("province"), Chosen: map[string]bool{}, Most: s.Rules.Campaign.Most}
	all := s.places.All(places.Province)
	places.Sort(all, lang)
	if x, ok := s.places.Get(p.Area); (!ok || x.Kind != places.Province) && len(all) > 0 {
		p.Area = s.home(by, all)
	}
	for _, x := range all {
		p.Provinces = append(p.Provinces, ui.Option{Value: x.Code, Title: nameOf(x, lang), Chosen: x.Code == p.Area})
	}
	for _, code := range v["commune"] {
		p.Chosen[code] = true
	}
	p.Services = []ui.Option{{Value: "", Title: c.P.T("reach.campaign.all_services"), Chosen: v.Get("service") == ""}}
	for _, def := range s.Ports.Services() {
		p.Services = append(p.Services, ui.Option{Value: def.Code, Title: c.P.T(key(def, "text.name")), Chosen: v.Get("service") == def.Code})
	}
	for _, l := range forms.Langs {
		p.Texts = append(p.Texts, campaignText(l, v.Get("text_"+l)))
	}
	err := s.h.Look(c.Context(), by, DeedCampaignWrite, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err == nil {
			p.Communes, err = s.planLines(c, t, s.places.Children(p.Area))
		}
		return err
	})
	if err != nil {
		return err
	}
	status, err := again(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "reach_campaign_form", p)
}

func campaignText(lang, text string) CampaignText {
	t := CampaignText{Lang: lang, Dir: "ltr", Text: text}
	if lang == "ar" {
		t.Dir = "rtl"
	}
	if text != "" {
		t.Parts, _ = sms.Count(sms.Cheaper(text))
	}
	return t
}

// planLines is how communes are reached.
func (s *Service) planLines(c *web.Ctx, t *deed.Tx, all []*places.Place) (out []PlanLine, err error) {
	told, err := networks(t.Tx)
	all = slices.Clone(all)
	places.Sort(all, c.Lang())
	for _, x := range all {
		out = append(out, s.planLine(c, x, told[x.Code]))
	}
	return out, err
}

func (s *Service) writeCampaignPost(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := id.Parse[Campaign](v.Get("id"))
	if err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	k := Campaign{ID: cid, Province: v.Get("province"), Communes: slices.Compact(slices.Sorted(slices.Values(v["commune"]))), Texts: map[string]string{}}
	for _, def := range s.Ports.Services() {
		if def.Code == v.Get("service") {
			k.Service = def.Code
		}
	}
	for _, l := range forms.Langs {
		k.Texts[l] = v.Get("text_" + l)
	}
	if err := s.WriteCampaign(c.Context(), actor.From(c.Context()), k); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showCampaignForm(c, v, err)
		}
		return err
	}
	c.Flash("reach.campaign.written")
	return c.Seek("/channels/campaigns/" + cid.String())
}

func campaignOf(c *web.Ctx) (CampaignID, error) {
	cid, err := id.Parse[Campaign](c.R.PathValue("id"))
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (s *Service) campaign(c *web.Ctx) error {
	cid, err := campaignOf(c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	p := &campaignPage{Frame: ui.Frame{Title: c.P.Text("reach.campaign.one"), Kind: ui.Staff, Nav: "channels"},
		Currency: s.places.Country().Currency, Most: s.Rules.Campaign.Most}
	err = s.h.Look(c.Context(), by, DeedCampaignSee, func(t *deed.Tx) error {
		k, err := s.getCampaign(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := s.allowThere(t, k); err != nil {
			return err
		}
		return s.fillCampaign(c, t, p, k)
	})
	if err != nil {
		return err
	}
	return c.Render("reach_campaign", p)
}

func (s *Service) fillCampaign(c *web.Ctx, t *deed.Tx, p *campaignPage, k Campaign) (err error) {
	p.Row, p.Service = s.campaignRow(c, k), c.P.T("reach.campaign.all_services")
	if k.Service != "" {
		p.Service = c.P.T("service." + k.Service + ".text.name")
	}
	for _, l := range forms.Langs {
		p.Texts = append(p.Texts, campaignText(l, s.campaignText(k, l)))
	}
	var here []*places.Place
	for _, code := range k.Communes {
		if x, ok := s.places.Get(code); ok {
			here = append(here, x)
		}
	}
	if p.Lines, err = s.planLines(c, t, here); err != nil {
		return err
	}
	for _, l := range p.Lines {
		if l.Network == NoNetwork {
			p.Field = append(p.Field, l)
		}
	}
	if k.State != "draft" {
		p.People, p.Parts, p.Minor = k.People, k.Parts, int64(k.Minor)
		return s.fillSent(t, p, k)
	}
	a, err := s.audience(t.Tx, k)
	if err != nil {
		return err
	}
	p.People, p.Parts, p.Minor, p.Stopped, p.Lately, p.Without, p.More = len(a.people), a.parts, int64(a.minor), a.stopped, a.lately, a.without, a.more
	for _, l := range forms.Langs {
		if a.langs[l] > 0 {
			p.Langs = append(p.Langs, CampaignLang{l, a.langs[l]})
		}
	}
	p.Draft, p.Own = p.Row.State == "draft", k.Author == t.By.Account
	p.MaySend = p.Draft && !p.Own && !a.more && len(a.people) > 0 && deed.May(t.By, DeedCampaignSend) == nil
	return nil
}

func (s *Service) fillSent(t *deed.Tx, p *campaignPage, k Campaign) error {
	states, err := campaignStates(t.Tx, k.ID)
	for _, x := range []string{"waiting", "taken", "delivered", "failed", "unsure", "dropped"} {
		if states[x] > 0 {
			p.States = append(p.States, CampaignState{x, states[x]})
		}
	}
	return err
}

func (s *Service) sendCampaignPost(c *web.Ctx) error {
	cid, err := campaignOf(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(v.Get("people"))
	if err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	if err := s.SendCampaign(c.Context(), actor.From(c.Context()), cid, seen); err != nil {
		return err
	}
	c.Flash("reach.campaign.sending")
	return c.Seek("/channels/campaigns/" + cid.String())
}

func (s *Service) withdrawCampaignPost(c *web.Ctx) error {
	cid, err := campaignOf(c)
	if err != nil {
		return err
	}
	if err := s.WithdrawCampaign(c.Context(), actor.From(c.Context()), cid); err != nil {
		return err
	}
	c.Flash("reach.campaign.withdrawn")
	return c.Seek("/channels/campaigns")
}
