package giving

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/module"
)

// Funds that are open, and the way to one's own gift.
type fundsPage struct {
	ui.Frame
	Funds  []fundCard
	Number string
}

type fundCard struct {
	Code string
	Name template.HTML
	account
	Ended time.Time
}

// fundPage is the public account of a fund.
type fundPage struct {
	ui.Frame
	Code      string
	Name      template.HTML
	Basis     string
	IBAN      string
	A         account
	Gifts     int64 // 0: too few to say
	Floor     int
	Flag      int // per cent
	Earmarks  []earmarkRow
	Choices   []ui.Option // what one can give for; nil where there is no choice
	Envelopes []envelopeRow
	Payments  []spendingRow
	River     template.HTML
	Fresh     string // identifier of the gift that the form announces
	Amount    string
	AsOf      time.Time
	Proof     bool      // a public log holds it
	Ended     time.Time // since then it collects no more; zero: it does
}

// giftPage is what became of one gift.
type giftPage struct {
	ui.Frame
	Number    string
	Name      template.HTML
	Code      string
	Basis     string
	IBAN      string
	Currency  string
	Announced int64
	Minor     int64 // 0: it has not come
	At        time.Time
	Paid      int64
	For       template.HTML // what it was given for; "" is anything
	Was       ledger.Was    // in the currency in which it was sent; zero: the fund's
	WasOn     time.Time
	Parts     []giftPart
	River     template.HTML
	Leaf      bool
	Back      template.HTML // why it is waited for again; "" unless it is
	BackOn    time.Time
}

func (s *Service) doors() []module.Door {
	statement := module.Post("/treasury/{code}/statement", DeedImport, s.statementForm)
	statement.MaxBody = mostFile + 64<<10
	spend := module.Post("/treasury/{code}/spend", DeedWrite, s.spendForm)
	spend.MaxBody = mostFile + 64<<10
	return []module.Door{
		module.Get("/funds", DeedRead, s.showFunds),
		module.Get("/funds/{code}", DeedRead, s.showFund),
		module.Get("/funds/{code}/share", DeedRead, s.showShare),
		module.Post("/funds/{code}", DeedAnnounce, s.announceForm),
		module.Get("/gift", DeedRead, s.showGift),
		module.Get("/gift/proof", DeedRead, s.giftProof),
		module.Get("/treasury", DeedSee, s.showTreasury),
		module.Post("/treasury", DeedOpen, s.openForm),
		module.Post("/treasury/{code}/earmark", DeedEarmark, s.earmarkForm),
		module.Post("/treasury/{code}/unmark", DeedUnmark, s.unmarkForm),
		module.Get("/treasury/{code}", DeedSee, s.showDesk),
		statement,
		module.Post("/treasury/{code}/look", DeedLook, s.lookForm),
		module.Post("/treasury/{code}/end", DeedEnd, s.endForm),
		module.Post("/treasury/{code}/reopen", DeedReopen, s.reopenForm),
		module.Post("/treasury/{code}/explain", DeedExplain, s.explainForm),
		module.Post("/treasury/{code}/look-back", DeedLook, s.lookBackForm),
		module.Post("/treasury/{code}/take-back", DeedTakeBack, s.takeBackForm),
		spend,
		module.Post("/treasury/{code}/payee", DeedPayee, s.payeeForm),
		module.Post("/treasury/{code}/paper", DeedPaper, s.paperForm),
		module.Post("/treasury/{code}/agree", DeedAgree, s.agreeForm),
		module.Post("/treasury/{code}/drop", DeedDrop, s.dropForm),
	}
}

func (s *Service) showFunds(c *web.Ctx) error { return s.funds(c, "", nil) }

func (s *Service) funds(c *web.Ctx, number string, wrong error) error {
	p := &fundsPage{Frame: frame(c, "giving.funds.title", ui.Citizen, "give"), Number: number}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, err := allFunds(t)
		for _, f := range all {
			a, err := s.accountOf(t, f)
			if err != nil {
				return err
			}
			p.Funds = append(p.Funds, fundCard{f.Code, ui.Isolated(f.Name(c.Lang())), a, f.EndedAt})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "giving_funds", p)
}

func (s *Service) showFund(c *web.Ctx) error { return s.fund(c, url.Values{}, nil) }

func (s *Service) fund(c *web.Ctx, v url.Values, wrong error) error {
	p := &fundPage{Frame: ui.Frame{Kind: ui.Citizen, Nav: "give"}, Fresh: v.Get("id"), Amount: v.Get("amount"), Floor: s.rules.Hidden, Flag: s.rules.Flag / 10, AsOf: s.h.DB.Now(), Proof: s.Public != nil}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	if p.Fresh == "" {
		p.Fresh = id.New[Gift](s.h.DB.Now()).String()
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		f, err := fundByCode(t, c.R.PathValue("code"))
		if err != nil {
			return err
		}
		p.Code, p.Name, p.Basis, p.IBAN, p.Title = f.Code, ui.Isolated(f.Name(c.Lang())), f.Basis, iban.Shown(f.IBAN), f.Name(c.Lang())
		p.Ended, p.About = f.EndedAt, c.P.Text("giving.share.about", "basis", f.Basis)
		if !f.EndedAt.IsZero() {
			p.About = c.P.Text("giving.end.about", "day", i18n.Date(f.EndedAt))
		}
		if p.A, err = s.accountOf(t, f); err != nil {
			return err
		}
		if p.Gifts, err = countGifts(t, f.ID); err != nil {
			return err
		}
		if p.Gifts < int64(s.rules.Hidden) {
			p.Gifts = 0
		}
		if p.Envelopes, err = s.envelopeRows(t, f); err != nil {
			return err
		}
		if p.Earmarks, err = s.earmarkRows(t, f, p.Envelopes, c.Lang()); err != nil {
			return err
		}
		if p.Choices = earmarkChoices(p.Earmarks, v.Get("earmark")); p.Choices != nil {
			p.Choices = slices.Insert(p.Choices, 0, ui.Option{Title: c.P.T("giving.earmark.any"), Chosen: v.Get("earmark") == ""})
		}
		if err = s.withCauses(c, t, p.Envelopes, p.Earmarks); err != nil {
			return err
		}
		if p.Payments, err = s.spendingRows(t, f, func(x *Spending) bool { return x.State == Done && x.Kind == Pay }); err != nil {
			return err
		}
		for i := range p.Payments {
			x := &p.Payments[i]
			pieces, err := s.bought(t, x.ID)
			if err != nil {
				return err
			}
			x.Goods = s.overlap(pieces, 0, x.Minor, c.Lang(), nil)
		}
		p.River = fundRiver(c.P, p)
		return nil
	})
	if err != nil {
		return s.none(c, err)
	}
	return c.RenderStatus(status, "giving_fund", p)
}

// announceForm hands out a number to write on the transfer.
func (s *Service) announceForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	gid, err := readID[Gift](v.Get("id"))
	if err != nil {
		return err
	}
	eid, err := earmarkIn(v, "earmark")
	if err != nil {
		return err
	}
	minor, err := s.amount(v.Get("amount"))
	if err == nil {
		var g *Gift
		if g, err = s.Announce(c.Context(), actor.From(c.Context()), gid, c.R.PathValue("code"), minor, eid); err == nil {
			return c.Seek("/gift?number=" + g.Receipt.String())
		}
	}
	return s.fund(c, v, err)
}

// earmarkIn is what was chosen in a field of a form; zero where nothing was.
func earmarkIn(v url.Values, field string) (EarmarkID, error) {
	if v.Get(field) == "" {
		return EarmarkID{}, nil
	}
	return readID[Earmark](v.Get(field))
}

// amount reads what somebody typed, in the smallest unit.
func (s *Service) amount(text string) (int64, error) {
	a, err := money.Parse(text, s.rules.Currency)
	if err != nil || a.Minor <= 0 || a.Minor > mostGift {
		return 0, fault.All{fault.New(fault.Invalid, "giving.gift.amount_wrong").On("amount")}
	}
	return a.Minor, nil
}

// numbered finds the gift of the number in the address.
func (s *Service) numbered(c *web.Ctx, do func(*db.Tx, *Fund, *Gift) error) (typed string, err error) {
	typed = strings.TrimSpace(c.R.URL.Query().Get("number"))
	n, err := receipt.Parse(typed)
	if err != nil {
		return typed, fault.All{fault.New(fault.Invalid, "giving.gift.number_wrong").On("number")}
	}
	return typed, s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		g, err := giftByReceipt(t, n)
		if fault.KindOf(err) == fault.Missing {
			return fault.All{fault.New(fault.Invalid, "giving.gift.unknown").On("number")}
		}
		if err != nil {
			return err
		}
		f, err := fundByID(t, g.Fund)
		if err != nil {
			return err
		}
		return do(t, f, g)
	})
}

func (s *Service) showGift(c *web.Ctx) error {
	p := &giftPage{Frame: frame(c, "giving.gift.title", ui.Citizen, "give")}
	typed, err := s.numbered(c, func(t *db.Tx, f *Fund, g *Gift) (err error) {
		p.Number, p.Name, p.Code, p.Basis, p.IBAN, p.Currency = g.Receipt.String(), ui.Isolated(f.Name(c.Lang())), f.Code, f.Basis, iban.Shown(f.IBAN), string(f.Currency)
		mark, err := earmarkOf(t, g.Earmark)
		if err != nil {
			return err
		}
		if mark != nil {
			p.For = ui.Isolated(mark.Name(c.Lang()))
		}
		p.Announced, p.Minor, p.At, p.Leaf = g.Announced, g.Minor, g.ReceivedAt, !g.Leaf.IsZero()
		if g.Entry.IsZero() {
			p.At = g.AnnouncedAt
			if g.Back != "" {
				p.Back, p.BackOn = c.P.T("giving.gift.back_"+string(g.Back)), g.BackAt
			}
			return nil
		}
		p.Parts, err = s.giftParts(t, f, g, c.Lang())
		for _, x := range p.Parts {
			if x.State == partPaid {
				p.Paid += x.Minor
			}
		}
		if err != nil {
			return err
		}
		p.River = giftRiver(c.P, p)
		if p.Was, err = sentAs(t, f, g); err == nil && p.Was.On != "" {
			p.WasOn, err = time.ParseInLocation(time.DateOnly, p.Was.On, s.zone)
		}
		return err
	})
	if err != nil {
		return s.funds(c, typed, err)
	}
	return c.Render("giving_gift", p)
}

// giftProof is the receipt of a gift in the public log, a file that anybody checks
// without us (C2SP tlog-proof).
func (s *Service) giftProof(c *web.Ctx) error {
	var of *Gift
	if _, err := s.numbered(c, func(_ *db.Tx, _ *Fund, g *Gift) error { of = g; return nil }); err != nil {
		return err
	}
	if s.Public == nil || of.Leaf.IsZero() {
		return fault.New(fault.Missing, "giving.gift.no_proof")
	}
	body, err := s.Public.Receipt(c.Context(), of.Leaf, leafBody(of))
	if err != nil {
		return err
	}
	return c.Download("gift-"+of.Receipt.String()+".tlog-proof", "text/plain; charset=utf-8", body)
}

func readID[T any](text string) (id.Of[T], error) {
	out, err := id.Parse[T](text)
	if err != nil {
		return out, fault.New(fault.Missing, "error.missing")
	}
	return out, nil
}
