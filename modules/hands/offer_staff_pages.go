package hands

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// offersPage lists offers: those that wait for an answer first.
type offersPage struct {
	ui.Frame
	Show    string // waiting, open, ended
	Rows    []offerRow
	Pager   ui.Pager
	Waiting int64
	Within  time.Duration
	Lacks   []lackRow
	Wants   []wantRow
	CanCall bool
}

type offerRow struct {
	ID      string
	Receipt string
	Icon    string
	What    template.HTML
	Place   template.HTML
	For     template.HTML
	State   string
	Answer  string
	Free    int
	Units   int
	MadeAt  time.Time
	Until   time.Time
	Due     time.Time // when an answer was due
	Overdue bool
}

// offerPage is one offer, what it could meet and why, and what became of it.
type offerPage struct {
	ui.Frame
	offerRow
	Pairs    []ui.Pair
	Became   fate
	Matches  []matchRow
	Proposed []proposal
	Gaps     []gapRow
	Orgs     []ui.Option // for an offer to whoever can
	Lacks    []lackRow
	MatchID  string // for taking it without a need
	CanPick  bool
	CanThank bool
	CanRead  bool
	Giver    *giverRow
	Whys     []ui.Option
	Typed    string // units, as typed
}

type giverRow struct{ Name, Phone, Details, Where string }

type matchRow struct {
	ID, Need, Href string
	Org, Place     template.HTML
	Units, Held    int
	Used           int
	State          string
	MadeAt         time.Time
	CanAct         bool
}

// proposal is a need that the offer can meet, with the reasons in words.
type proposal struct {
	ID      string // of the match that choosing it makes
	Ref     string
	Href    string
	Place   template.HTML
	Level   int
	People  int
	Since   time.Time
	Units   int
	Full    bool
	Mission bool
	Org     string // in whose hands the need is; "" when nobody's
	Reasons []template.HTML
}

type gapRow struct {
	Place  template.HTML
	Others []template.HTML
	Nearby []nearRow
}

type nearRow struct {
	Place template.HTML
	N     int
}

const (
	offersPerPage = 40
	mostProposed  = 6
)

var offerIcons = map[OfferKind]string{GivesGoods: "package", GivesTransport: "truck", GivesShelter: "house-line"}

func (s *Service) showOffers(c *web.Ctx) error {
	p, by, q := &offersPage{Within: time.Duration(s.offers.Rules.Answer.Within)}, actor.From(c.Context()), c.R.URL.Query()
	p.Kind, p.Nav, p.Title = ui.Staff, "offers", c.P.Text("hands.offers.title")
	if p.Show = q.Get("show"); p.Show != "waiting" && p.Show != "ended" {
		p.Show = "open"
	}
	err := s.h.Look(c.Context(), by, DeedOfferSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		f := offerFind{show: p.Show, by: by, limit: offersPerPage + 1}
		if after, err := id.Parse[Offer](q.Get("after")); err == nil && !after.IsZero() {
			o, err := getOffer(t.Tx, after)
			if err != nil {
				return err
			}
			f.after = offerMark{o.MadeAt, o.ID}
		}
		all, err := listOffers(t.Tx, f)
		if err != nil {
			return err
		}
		p.Pager.Step = offersPerPage
		if len(all) > offersPerPage {
			all = all[:offersPerPage]
			p.Pager.More = c.Href("/offers?" + url.Values{"show": {p.Show}, "after": {all[offersPerPage-1].ID.String()}}.Encode())
		}
		for _, o := range all {
			row, err := s.offerRow(c, t.Tx, o)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		p.Pager.Shown = len(p.Rows)
		return s.beside(c, t.Tx, p, by)
	})
	if err != nil {
		return err
	}
	p.CanCall = deed.May(by, DeedWantMake) == nil
	return c.Render("hands_offers", p)
}

// beside is what stands next to the list: how many wait, what is lacking, what
// is called for.
func (s *Service) beside(c *web.Ctx, t *db.Tx, p *offersPage, by actor.Actor) (err error) {
	if p.Waiting, err = countWaiting(t, by); err != nil {
		return err
	}
	needs, err := s.offers.Needs.Waiting(t, "", nearby)
	if err != nil {
		return err
	}
	for _, l := range lacking(needs, 6) {
		p.Lacks = append(p.Lacks, lackRow(l))
	}
	wants, err := openWants(t, 20)
	for _, w := range wants {
		if err != nil {
			return err
		}
		var row wantRow
		row, err = s.wantRow(c, t, w)
		_, row.Mine = by.May(DeedWantClose.Roles, actor.Scope{Org: w.Org, Path: s.pathOf(w.Place)})
		p.Wants = append(p.Wants, row)
	}
	return err
}

func (s *Service) offerRow(c *web.Ctx, t *db.Tx, o *Offer) (row offerRow, err error) {
	row = offerRow{ID: o.ID.String(), Receipt: o.Receipt.String(), Icon: offerIcons[o.Kind], What: s.offerSay(c, o), State: string(o.State), Answer: o.Answer,
		Free: o.Free(), Units: o.Units, MadeAt: o.MadeAt, Until: o.Ends().Add(-time.Second), Due: o.MadeAt.Add(time.Duration(s.offers.Rules.Answer.Within)),
		For: c.P.T("hands.offer.whoever"), Place: c.P.T("hands.place.own_words")}
	row.Overdue = o.State == OfferOpen && o.Answer == "" && row.Due.Before(t.Now())
	if o.Place != "" {
		row.Place = s.placeSay(c, o.Place)
	}
	if !o.Org.IsZero() {
		var name string
		name, err = s.orgs.Name(t, o.Org, c.Lang())
		row.For = saidIn(name, "", "")
	}
	return row, err
}

func (s *Service) seeOffer(c *web.Ctx) error { return s.showOffer(c, nil, nil, nil) }

// showOffer shows one offer. giver is who gave it, once somebody asked with a
// reason; v and wrong are a choice that was sent and could not be made.
func (s *Service) showOffer(c *web.Ctx, giver *Private, v url.Values, wrong error) error {
	oid, err := id.Parse[Offer](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	p, by := &offerPage{Typed: v.Get("units")}, actor.From(c.Context())
	p.Kind, p.Nav = ui.Staff, "offers"
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	if giver != nil {
		p.Giver = &giverRow{giver.Name, string(giver.Phone), giver.Details, giver.Where}
	}
	err = s.h.Look(c.Context(), by, DeedOfferSee, func(t *deed.Tx) error {
		o, err := getOffer(t.Tx, oid)
		if err != nil {
			return err
		}
		if err := mayChoose(t, o); err != nil {
			return err
		}
		return s.fillOffer(c, t, p, o)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_offer", p)
}

func (s *Service) fillOffer(c *web.Ctx, t *deed.Tx, p *offerPage, o *Offer) (err error) {
	if p.offerRow, err = s.offerRow(c, t.Tx, o); err != nil {
		return err
	}
	p.Title = c.P.Text("hands.offers.one", "receipt", o.Receipt.String())
	p.Pairs = append(s.offerPairs(c, o), ui.Pair{Name: c.P.T("hands.offer.for"), Value: p.For})
	matches, loads, err := partsOf(t.Tx, o.ID)
	if err != nil {
		return err
	}
	confirmed, err := confirmedNeeds(t.Tx, o.ID)
	if err != nil {
		return err
	}
	p.Became = fateOf(o, matches, loads, confirmed)
	_, chooses := t.By.May(choosers, o.scope())
	p.CanRead = chooses && o.ErasedAt.IsZero()
	p.CanPick = chooses && o.State == OfferOpen && o.Free() > 0 && o.Ends().After(t.Now())
	p.CanThank = chooses && o.State == OfferOpen && o.Taken == 0 && o.Answer != AnswerThanked
	p.MatchID = id.New[Match](t.Now()).String()
	for _, why := range WhyReveal {
		p.Whys = append(p.Whys, ui.Option{Value: why, Title: c.P.T("hands.reveal." + why)})
	}
	for _, m := range matches {
		name, err := s.orgs.Name(t.Tx, m.Org, c.Lang())
		if err != nil {
			return err
		}
		row := matchRow{ID: m.ID.String(), Org: saidIn(name, "", ""), Units: m.Units, Held: m.Held, Used: m.Used, State: m.State, MadeAt: m.MadeAt, CanAct: chooses && m.State == MatchStanding && m.Held > 0}
		row.Need, row.Href = needKind(m.Need)
		if m.Place != "" {
			row.Place = s.placeSay(c, m.Place)
		}
		p.Matches = append(p.Matches, row)
	}
	if !p.CanPick {
		return nil
	}
	return s.propose(c, t.Tx, p, o)
}

// needKind is what sort of need a match is for, and its page.
func needKind(ref string) (kind, href string) {
	if c := caseOfNeed(ref); c != "" {
		return "case", "/cases/" + c
	}
	if ref == Stock {
		return "stock", ""
	}
	return "mission", "/missions/" + ref[len("mission/"):]
}

func (s *Service) propose(c *web.Ctx, t *db.Tx, p *offerPage, o *Offer) error {
	all, err := s.candidates(t, o, mostProposed)
	if err != nil {
		return err
	}
	for _, x := range all {
		row := proposal{ID: id.New[Match](t.Now()).String(), Ref: x.Need.Ref, Href: x.Need.Href, Level: x.Need.Level, People: x.Need.People, Since: x.Need.Since,
			Units: x.Units, Full: x.Full, Mission: x.Need.mission(), Org: x.Need.Org.String(), Place: s.placeSay(c, x.Need.Place)}
		for _, why := range x.Reasons {
			row.Reasons = append(row.Reasons, s.whySay(c, why))
		}
		p.Proposed = append(p.Proposed, row)
	}
	if o.Org.IsZero() {
		options, err := s.orgOptions(c, t, o.Path, "")
		if err != nil {
			return err
		}
		p.Orgs = options[1:] // somebody must have it in hand
	}
	lacks, err := s.lackingNear(t, o)
	if err != nil {
		return err
	}
	for _, l := range lacks {
		p.Lacks = append(p.Lacks, lackRow(l))
	}
	gaps, err := s.gaps(t, o.Org, all)
	for _, g := range gaps {
		row := gapRow{Place: s.placeSay(c, g.commune)}
		for _, org := range g.others {
			name, err := s.orgs.Name(t, org, c.Lang())
			if err != nil {
				return err
			}
			row.Others = append(row.Others, saidIn(name, "", ""))
		}
		for _, n := range g.near {
			row.Nearby = append(row.Nearby, nearRow{s.placeSay(c, n.Place), n.Waiting})
		}
		p.Gaps = append(p.Gaps, row)
	}
	return err
}

// whySay is a reason in words.
func (s *Service) whySay(c *web.Ctx, r Reason) template.HTML {
	args := slices.Clone(r.Args)
	for i := 1; i < len(args); i += 2 {
		switch v := args[i].(type) {
		case time.Time:
			if r.Code != "only_from" {
				v = v.Add(-time.Second) // the last day, not the midnight after it
			}
			args[i] = c.P.Date(v)
		case string:
			if args[i-1] == "road" {
				args[i] = c.P.T("hands.road." + v)
			}
		}
	}
	return c.P.T("hands.why."+r.Code, args...)
}
