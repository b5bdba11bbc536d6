package hands

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// offerMineDoorPage asks for the receipt and the end of the phone.
type offerMineDoorPage struct {
	ui.Frame
	Number string
}

// offerMinePage is an offer as its giver sees it: how it stands, what became of
// it, what is needed instead.
type offerMinePage struct {
	ui.Frame
	Ticket  ui.Ticket
	State   string // open, withdrawn, expired
	Answer  string // "", taken, thanked
	Pairs   []ui.Pair
	Became  fate
	Parts   []minePart
	Lacks   []lackRow
	Units   string
	Until   string
	Within  time.Duration // in what time an answer comes
	Overdue bool
	CanMove bool // change, prolong, withdraw
	Ended   bool
}

type lackRow struct {
	Key    string
	People int
}

// minePart is one choice of it: who has it in hand.
type minePart struct {
	Org   template.HTML
	Units int
	State string // standing, released, lapsed
	At    time.Time
}

const (
	mineCookie = "offer"
	mineHold   = 30 * time.Minute // on a phone that may be shared
	minePass   = "hands_pass.offer|-"
)

// openMine lets the browser hold an offer for a while.
func (s *Service) openMine(c *web.Ctx, oid OfferID) {
	plain := fmt.Sprintf("%s|%d", oid, s.h.DB.Now().Add(mineHold).Unix())
	value := base64.RawURLEncoding.EncodeToString(s.vault.Seal(minePass, []byte(plain)))
	http.SetCookie(c.W, &http.Cookie{Name: mineCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
}

// mineOf is the offer that the reader's browser may act on.
func (s *Service) mineOf(c *web.Ctx) (oid OfferID, ok bool) {
	k, err := c.R.Cookie(mineCookie)
	if err != nil {
		return oid, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return oid, false
	}
	plain, err := s.vault.Open(minePass, sealed)
	if err != nil {
		return oid, false
	}
	text, end, _ := strings.Cut(string(plain), "|")
	var till int64
	if _, err := fmt.Sscan(end, &till); err != nil || s.h.DB.Now().Unix() > till {
		return oid, false
	}
	oid, err = id.Parse[Offer](text)
	return oid, err == nil
}

func (s *Service) offerMineDoor(c *web.Ctx) error {
	return s.showMineDoor(c, c.R.URL.Query().Get("number"), nil)
}

func (s *Service) showMineDoor(c *web.Ctx, number string, wrong error) error {
	p := &offerMineDoorPage{Number: number}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("hands.mine.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_offer_mine_door", p)
}

// openOffer lets the holder of a receipt in. Tries are limited per receipt and
// per address, as those of a request for help: four digits are few.
func (s *Service) openOffer(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.All
	number, err := receipt.Parse(v.Get("number"))
	if err != nil {
		f, ok := errors.AsType[*fault.Fault](err)
		if !ok {
			f = fault.New(fault.Invalid, "error.unreadable")
		}
		wrong = append(wrong, f.On("number"))
	}
	if strings.TrimSpace(v.Get("word")) == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "hands.mine.word_missing").On("word"))
	}
	if len(wrong) > 0 {
		return s.showMineDoor(c, v.Get("number"), wrong)
	}
	if err := limitMine(c, number); err != nil {
		return s.showMineDoor(c, v.Get("number"), err)
	}
	oid, err := s.RecogniseOffer(c.Context(), number, v.Get("word"))
	if fault.KindOf(err) == fault.Missing {
		return s.showMineDoor(c, v.Get("number"), fault.All{fault.New(fault.Invalid, "hands.mine.no_match").On("word")})
	}
	if err != nil {
		return err
	}
	s.openMine(c, oid)
	return c.Seek("/offer/mine/open")
}

func limitMine(c *web.Ctx, n receipt.Number) error {
	if err := c.Site.Limit.Take("offer mine:"+c.From(), 60, 15*time.Minute); err != nil {
		return err
	}
	if err := c.Site.Limit.Take("offer mine:"+n.String(), 6, 15*time.Minute); err != nil {
		return err
	}
	return c.Site.Limit.Take("offer mine a day:"+n.String(), 24, 24*time.Hour)
}

func (s *Service) closeMine(c *web.Ctx) error {
	http.SetCookie(c.W, &http.Cookie{Name: mineCookie, Path: "/", MaxAge: -1})
	return c.Seek("/offer/mine")
}

func (s *Service) offerMine(c *web.Ctx) error {
	oid, ok := s.mineOf(c)
	if !ok {
		return c.Seek("/offer/mine")
	}
	return s.showMine(c, oid, nil, nil)
}

func (s *Service) showMine(c *web.Ctx, oid OfferID, v url.Values, wrong error) error {
	p := &offerMinePage{Within: time.Duration(s.offers.Rules.Answer.Within)}
	p.Kind, p.Nav, p.Title = ui.Form, "track", c.P.Text("hands.mine.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedOfferMine, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		o, err := getOffer(t.Tx, oid)
		if err == nil && !o.ErasedAt.IsZero() {
			err = fault.New(fault.Denied, "hands.mine.open_again")
		}
		if err != nil {
			return err
		}
		return s.fillMine(c, t.Tx, p, o, v)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_offer_mine", p)
}

func (s *Service) fillMine(c *web.Ctx, t *db.Tx, p *offerMinePage, o *Offer, v url.Values) error {
	p.Ticket = ui.Ticket{Code: o.Receipt.String(), At: o.MadeAt, Label: c.P.T("hands.mine.receipt"), Phone: ""}
	p.State, p.Answer = string(o.State), o.Answer
	p.CanMove, p.Ended = o.State != OfferWithdrawn, o.State != OfferOpen
	p.Overdue = o.Answer == "" && !o.FlaggedAt.IsZero()
	p.Units, p.Until = fmt.Sprint(o.Units), lastDay(o.Until, c.Site.Zone)
	if v != nil {
		p.Units, p.Until = v.Get("units"), v.Get("until")
	}
	who := c.P.T("hands.offer.whoever")
	if !o.Org.IsZero() {
		name, err := s.orgs.Name(t, o.Org, c.Lang())
		if err != nil {
			return err
		}
		who = saidIn(name, "", "")
	}
	p.Pairs = append(s.offerPairs(c, o), ui.Pair{Name: c.P.T("hands.offer.for"), Value: who})
	matches, loads, err := partsOf(t, o.ID)
	if err != nil {
		return err
	}
	confirmed, err := confirmedNeeds(t, o.ID)
	if err != nil {
		return err
	}
	p.Became = fateOf(o, matches, loads, confirmed)
	for _, m := range matches {
		name, err := s.orgs.Name(t, m.Org, c.Lang())
		if err != nil {
			return err
		}
		p.Parts = append(p.Parts, minePart{saidIn(name, "", ""), m.Units, m.State, m.MadeAt})
	}
	if o.State == OfferOpen && o.Answer == AnswerThanked {
		lacks, err := s.lackingNear(t, o)
		for _, l := range lacks {
			p.Lacks = append(p.Lacks, lackRow(l))
		}
		return err
	}
	return nil
}

// lastDay is the last day of a time that ends with its midnight.
func lastDay(until time.Time, zone *time.Location) string {
	return until.Add(-time.Second).In(zone).Format(time.DateOnly)
}

// offerPairs is what an offer says of itself; nothing in it names its giver.
func (s *Service) offerPairs(c *web.Ctx, o *Offer) (out []ui.Pair) {
	add := func(key string, value template.HTML) {
		out = append(out, ui.Pair{Name: c.P.T("hands.offer." + key), Value: value})
	}
	add("what", s.offerSay(c, o))
	if o.Kind == GivesTransport {
		add("carries", c.P.T("hands.why.carries", "kg", o.Kg, "seats", o.Seats))
		add("road", c.P.T("hands.road."+o.Road))
		add("from", c.P.Date(o.From))
	}
	if !o.GoodTill.IsZero() {
		add("good_till", c.P.Date(o.GoodTill.Add(-time.Second)))
	}
	add("until", c.P.Date(o.Until.Add(-time.Second)))
	if o.Place != "" {
		add("place", s.placeSay(c, o.Place))
	} else {
		add("place", c.P.T("hands.place.own_words"))
	}
	add("who", c.P.T("hands.who."+o.Who))
	return out
}

// offerSay is a quantity of a thing.
func (s *Service) offerSay(c *web.Ctx, o *Offer) template.HTML {
	if o.Kind == GivesShelter {
		return c.P.T("hands.offer.n_places", "n", o.Units)
	}
	return c.P.T("hands.offer.n_things", "n", o.Units, "thing", s.thingSay(c, o.Kind, o.Thing))
}

// mineDeed does what a giver asked for on their page.
func (s *Service) mineDeed(c *web.Ctx, said string, do func(OfferID, url.Values) error) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	oid, ok := s.mineOf(c)
	if !ok {
		return fault.New(fault.Denied, "hands.mine.open_again")
	}
	if err := c.Site.Limit.Take("offer deed:"+oid.String(), 20, time.Hour); err != nil {
		return err
	}
	if err := do(oid, v); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return s.showMine(c, oid, v, err)
		}
		return err
	}
	c.Flash(said)
	return c.Seek("/offer/mine/open")
}

func (s *Service) changeMine(c *web.Ctx) error {
	return s.mineDeed(c, "hands.mine.changed", func(oid OfferID, v url.Values) error {
		var wrong fault.All
		n, err := readCount(v.Get("units"))
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "hands.offer.number_wrong", "most", mostUnits).On("units"))
		}
		until := s.readDay(c, v, "until", true, func(f *fault.Fault, field string) { wrong = append(wrong, f.On(field)) })
		if len(wrong) > 0 {
			return wrong
		}
		return s.ChangeOffer(c.Context(), oid, n, until)
	})
}

func (s *Service) prolongMine(c *web.Ctx) error {
	return s.mineDeed(c, "hands.mine.prolonged", func(oid OfferID, _ url.Values) error { return s.ProlongOffer(c.Context(), oid) })
}

func (s *Service) withdrawMine(c *web.Ctx) error {
	return s.mineDeed(c, "hands.mine.withdrawn", func(oid OfferID, _ url.Values) error { return s.WithdrawOffer(c.Context(), oid) })
}

func (s *Service) forgetMine(c *web.Ctx) error {
	oid, ok := s.mineOf(c)
	if !ok {
		return fault.New(fault.Denied, "hands.mine.open_again")
	}
	if err := s.ForgetOffer(c.Context(), oid); err != nil {
		return err
	}
	c.Flash("hands.mine.forgotten")
	return s.closeMine(c)
}
