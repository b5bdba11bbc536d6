package hands

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// offerDoorPage asks what somebody would like to give, and shows what is called
// for now.
type offerDoorPage struct {
	ui.Frame
	Wants []wantRow
}

// wantRow is one call for things.
type wantRow struct {
	ID, Kind   string
	Org        template.HTML
	Thing      template.HTML
	Place      template.HTML
	Wanted     int
	Left, Got  int
	Until      time.Time
	Open, Mine bool
}

// offerFormPage is the whole form of one kind, on one page.
type offerFormPage struct {
	ui.Frame
	ID     string
	Gives  string // goods, transport, shelter
	Want   *wantRow
	V      url.Values
	Things []ui.Option
	Roads  []ui.Option
	Whos   []ui.Option
	Orgs   []ui.Option
	Where  whereAsked
	Shared bool
}

const offersPerAddress, offersPerPhone = 60, 10

func (s *Service) offerDoor(c *web.Ctx) error {
	p := &offerDoorPage{}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("hands.offer.title")
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, err := openWants(t, 20)
		for _, w := range all {
			if err == nil && w.Left() > 0 {
				var row wantRow
				row, err = s.wantRow(c, t, w)
				p.Wants = append(p.Wants, row)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("hands_offer_door", p)
}

func (s *Service) wantRow(c *web.Ctx, t *db.Tx, w *Want) (wantRow, error) {
	name, err := s.orgs.Name(t, w.Org, c.Lang())
	return wantRow{ID: w.ID.String(), Kind: string(w.Kind), Org: saidIn(name, "", ""), Thing: s.thingSay(c, w.Kind, w.Thing), Place: s.placeSay(c, w.Place),
		Wanted: w.Wanted, Left: w.Left(), Got: w.Got, Until: w.Until, Open: w.Open && w.Until.After(t.Now())}, err
}

// thingSay is what a thing is called.
func (s *Service) thingSay(c *web.Ctx, k OfferKind, thing string) template.HTML {
	switch k {
	case GivesTransport:
		return c.P.T("hands.vehicle." + thing)
	case GivesShelter:
		return c.P.T("hands.offer.places")
	}
	for _, g := range s.offers.Goods.Goods() {
		if g.Code == thing {
			return c.P.T(g.Key)
		}
	}
	return c.P.T("hands.offer.other")
}

// offerForm shows the form of one kind; with ?call= what somebody calls for.
func (s *Service) offerForm(c *web.Ctx) error {
	v := url.Values{"id": {id.New[Offer](s.h.DB.Now()).String()}, "call": {c.R.URL.Query().Get("call")}, "who": {"person"}}
	v.Set("until", s.h.DB.Now().In(c.Site.Zone).Add(time.Duration(s.offers.Rules.Prolong.By)).Format(time.DateOnly))
	return s.showOfferForm(c, v, nil)
}

func (s *Service) showOfferForm(c *web.Ctx, v url.Values, wrong error) error {
	kind := OfferKind(c.R.PathValue("kind"))
	if !slices.Contains(OfferKinds, kind) {
		return fault.New(fault.Missing, "error.missing")
	}
	p := &offerFormPage{ID: v.Get("id"), Gives: string(kind), V: v, Shared: c.Shared()}
	p.Kind, p.Nav, p.Title = ui.Form, "help", c.P.Text("hands.offer.title_"+string(kind))
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		if call, err := id.Parse[Call](v.Get("call")); err == nil {
			w, err := getWant(t, call)
			if err == nil {
				var row wantRow
				row, err = s.wantRow(c, t, w)
				p.Want = &row
				if c.R.Method == "GET" {
					s.Saw(call)
				}
				if v.Get("thing") == "" {
					v.Set("thing", w.Thing)
				}
			}
			if err != nil && fault.KindOf(err) != fault.Missing {
				return err
			}
		}
		p.Where = s.askWhere(c, v, p.Error("place"))
		p.Orgs, err = s.orgOptions(c, t, s.pathOf(p.Where.Code), v.Get("org"))
		return err
	})
	if err != nil {
		return err
	}
	p.Things = s.thingOptions(c, kind, v.Get("thing"))
	for _, r := range Roads {
		p.Roads = append(p.Roads, ui.Option{Value: r, Title: c.P.T("hands.road." + r), Chosen: v.Get("road") == r})
	}
	for _, w := range Givers {
		p.Whos = append(p.Whos, ui.Option{Value: w, Title: c.P.T("hands.who." + w), Chosen: v.Get("who") == w})
	}
	return c.RenderStatus(status, "hands_offer_form", p)
}

func (s *Service) thingOptions(c *web.Ctx, kind OfferKind, chosen string) (out []ui.Option) {
	switch kind {
	case GivesGoods:
		for _, code := range s.goodCodes() {
			out = append(out, ui.Option{Value: code, Title: template.HTML(template.HTMLEscapeString(s.thingText(c, code))), Chosen: code == chosen})
		}
	case GivesTransport:
		for _, code := range Vehicles {
			out = append(out, ui.Option{Value: code, Title: c.P.T("hands.vehicle." + code), Chosen: code == chosen})
		}
	}
	return out
}

// thingText is a good with what it is counted in, for a list.
func (s *Service) thingText(c *web.Ctx, code string) string {
	for _, g := range s.offers.Goods.Goods() {
		if g.Code == code {
			if g.Unit == "" {
				return c.P.Text(g.Key)
			}
			return c.P.Text("hands.offer.good_unit", "good", c.P.Text(g.Key), "unit", c.P.Text(g.Unit))
		}
	}
	return c.P.Text("hands.offer.other")
}

// orgOptions are the recognised organisations that work in a place, and
// "whoever can".
func (s *Service) orgOptions(c *web.Ctx, t *db.Tx, path []string, chosen string) ([]ui.Option, error) {
	out := []ui.Option{{Value: "any", Title: c.P.T("hands.offer.whoever"), Chosen: chosen == "" || chosen == "any"}}
	all, err := s.offers.Helpers.Helping(t, path)
	for _, org := range all {
		if err != nil {
			break
		}
		var name string
		name, err = s.orgs.Name(t, org, c.Lang())
		out = append(out, ui.Option{Value: org.String(), Title: template.HTML(template.HTMLEscapeString(name)), Chosen: chosen == org.String()})
	}
	return out, err
}

// sendOffer takes the form. Sent twice, it is one offer.
func (s *Service) sendOffer(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	if act := v.Get("act"); act == "search" || act == "list" {
		return s.showOfferForm(c, v, nil)
	}
	o, p, wrong := s.readOffer(c, v)
	if err := c.Site.Limit.Take("offer:"+c.From(), offersPerAddress, time.Hour); err != nil {
		return s.showOfferForm(c, v, err)
	}
	if len(wrong) == 0 {
		if err := c.Site.Limit.Take("offer of:"+string(s.vault.Index("offer phone", string(p.Phone))), offersPerPhone, 24*time.Hour); err != nil {
			return s.showOfferForm(c, v, err)
		}
	}
	var made *Offer
	if len(wrong) == 0 {
		made, err = s.Give(c.Context(), o, p)
	} else {
		err = merged(wrong, s.whatElse(o, p))
	}
	if err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showOfferForm(c, v, err)
		}
		return err
	}
	s.openMine(c, made.ID)
	c.Flash("hands.offer.thanks")
	return c.Seek("/offer/mine/open")
}

// whatElse is what else is wrong with an offer, so that all is told at once.
func (s *Service) whatElse(o Offer, p Private) error {
	return o.wrong(p.tidy(), s.goodCodes(), s.h.DB.Now()).OrNil()
}

// merged joins two lists of what is wrong; a field that could not be read is
// not said to be missing as well.
func merged(first fault.All, more error) error {
	all := slices.Clone(first)
	var rest fault.All
	if errors.As(more, &rest) {
		for _, f := range rest {
			if !slices.ContainsFunc(first, func(x *fault.Fault) bool { return x.Field == f.Field }) {
				all = append(all, f)
			}
		}
	}
	return all.OrNil()
}

// readOffer reads the form; what cannot be read is told by its field.
func (s *Service) readOffer(c *web.Ctx, v url.Values) (o Offer, p Private, wrong fault.All) {
	bad := func(f *fault.Fault, field string) { wrong = append(wrong, f.On(field)) }
	number := func(field string, least int) int {
		n, err := readCount(v.Get(field))
		if err != nil || n < least {
			bad(fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits), field)
		}
		return n
	}
	o = Offer{Kind: OfferKind(c.R.PathValue("kind")), Thing: v.Get("thing"), Who: v.Get("who"), Lang: c.Lang(), Place: s.readWhere(v)}
	var err error
	if o.ID, err = id.Parse[Offer](v.Get("id")); err != nil {
		bad(fault.New(fault.Invalid, "error.unreadable"), "")
	}
	o.Units = number("units", 1)
	if o.Kind == GivesTransport {
		o.Road, o.Seats, o.Kg = v.Get("road"), number("seats", 0), number("kg", 0)
		o.From = s.readDay(c, v, "from", false, bad)
	}
	if o.Kind == GivesGoods {
		o.GoodTill = s.readDay(c, v, "good_till", true, bad)
	}
	o.Until = s.readDay(c, v, "until", true, bad)
	if call := v.Get("call"); call != "" {
		if o.Call, err = id.Parse[callKind](call); err != nil {
			bad(fault.New(fault.Invalid, "error.unreadable"), "")
		}
	}
	if org := v.Get("org"); org != "" && org != "any" {
		if o.Org, err = id.Parse[actor.Organisation](org); err != nil {
			bad(fault.New(fault.Invalid, "hands.offer.org_missing"), "org")
		}
	}
	p = Private{Name: v.Get("name"), Details: v.Get("details"), Where: v.Get("place.text")}
	if p.Phone, err = phone.Parse(v.Get("phone"), s.places.Country().Phone.Prefix); err != nil {
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			f = fault.New(fault.Invalid, "error.unreadable")
		}
		bad(f, "phone")
	}
	return o, p, wrong
}

// readCount reads a whole number as people type it, in any digits; nothing is 0.
func readCount(text string) (int, error) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, arabic.Digits(text))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && (n < 0 || n > mostUnits) {
		err = fmt.Errorf("hands: %d is no number of things", n)
	}
	return n, err
}

// readDay reads a day of the country's calendar; as its end, the moment after it.
func (s *Service) readDay(c *web.Ctx, v url.Values, field string, end bool, bad func(*fault.Fault, string)) time.Time {
	text := strings.TrimSpace(arabic.Digits(v.Get(field)))
	if text == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, text, c.Site.Zone)
	if err != nil || day.Year() < 2000 || day.Year() > 2200 {
		bad(fault.New(fault.Invalid, "hands.offer.date_wrong"), field)
		return time.Time{}
	}
	if end {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// ownOrgs are the organisations in whose name somebody acts.
func ownOrgs(by actor.Actor, d deed.Deed) (out []actor.OrganisationID) {
	for _, g := range by.Grants {
		if g.Role.ForOrganisation() && g.Recognised && slices.Contains(d.Roles, g.Role) && !slices.Contains(out, g.Org) {
			out = append(out, g.Org)
		}
	}
	return out
}
