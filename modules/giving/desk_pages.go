package giving

import (
	"errors"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// treasuryPage lists funds for those who keep them, and opens new ones.
type treasuryPage struct {
	ui.Frame
	Funds   []fundCard
	CanOpen bool
	ID      string
	V       map[string]string // what was typed, by field
}

// deskPage is one fund for those who keep it.
type deskPage struct {
	ui.Frame
	Code       string
	Name       template.HTML
	IBAN       string
	A          account
	Flag       int
	Earmarks   []earmarkRow
	Marks      []ui.Option // of them that are open
	CanMark    bool
	CanEnd     bool
	Ends       time.Time // since then it collects no more; zero: it does
	Envelopes  []envelopeRow
	Waiting    []spendingRow
	Ended      []spendingRow
	Statements []statementRow
	Lines      []lineRow
	Looked     bool
	Told       []lineRow // that were explained
	LookedBack bool
	CanTake    bool        // takes back what was said of them
	Backs      []ui.Option // why
	CanLook    bool
	CanKeep    bool // takes in statements, explains lines, writes spendings
	ID         string
	V          map[string]string
	Kinds      []ui.Option
	Choices    []ui.Option // envelopes
	Causes     []ui.Option
	Taken      *Taken
	Shown      string // the spending whose payee was looked at
	Payee      string
	Fresh      string // number of a gift that was just explained
}

type statementRow struct {
	Name  string
	Lines int
	Adds  bool
	At    time.Time
}

type lineRow struct {
	ID, Day, Ref     string
	Minor            int64
	Name, Text, From string
	Out              bool
	State            LineState
	Number           string // of the gift or payment that it was explained as
}

// lineIn is a row with the currency that it is told in.
type lineIn struct {
	lineRow
	Currency string
}

// In is the row in a currency.
func (r lineRow) In(currency string) lineIn { return lineIn{r, currency} }

func (s *Service) showTreasury(c *web.Ctx) error { return s.treasury(c, url.Values{}, nil) }

func typed(v url.Values) map[string]string {
	out := map[string]string{}
	for k := range v {
		out[k] = v.Get(k)
	}
	return out
}

func (s *Service) treasury(c *web.Ctx, v url.Values, wrong error) error {
	by := actor.From(c.Context())
	p := &treasuryPage{Frame: frame(c, "giving.desk.title", ui.Staff, "treasury"), CanOpen: deed.May(by, DeedOpen) == nil, ID: v.Get("id"), V: typed(v)}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	if p.ID == "" {
		p.ID = id.New[Fund](s.h.DB.Now()).String()
	}
	err = s.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := allFunds(t.Tx)
		for _, f := range all {
			a, err := s.accountOf(t.Tx, f)
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
	return c.RenderStatus(status, "giving_treasury", p)
}

func (s *Service) openForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	fid, err := readID[Fund](v.Get("id"))
	if err != nil {
		return err
	}
	f := Fund{ID: fid, Code: strings.TrimSpace(v.Get("code")), IBAN: v.Get("iban"), Basis: v.Get("basis"), Names: map[string]string{"ar": v.Get("name_ar"), "fr": v.Get("name_fr")}}
	if err := s.OpenFund(c.Context(), actor.From(c.Context()), f); err != nil && !errors.Is(err, deed.ErrNothingDone) {
		return s.treasury(c, v, err)
	}
	c.Flash("giving.fund.opened")
	return c.Seek("/treasury/" + f.Code)
}

func (s *Service) showDesk(c *web.Ctx) error {
	return s.desk(c, &deskPage{Fresh: c.R.URL.Query().Get("gift")}, url.Values{}, nil)
}

func (s *Service) desk(c *web.Ctx, p *deskPage, v url.Values, wrong error) error {
	by := actor.From(c.Context())
	p.Frame = ui.Frame{Kind: ui.Staff, Nav: "treasury"}
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	p.V, p.ID, p.Flag = typed(v), v.Get("id"), s.rules.Flag/10
	if p.ID == "" {
		p.ID = id.New[Spending](s.h.DB.Now()).String()
	}
	p.CanLook, p.CanKeep, p.CanMark = deed.May(by, DeedLook) == nil, deed.May(by, DeedWrite) == nil, deed.May(by, DeedEarmark) == nil
	p.CanEnd = deed.May(by, DeedEnd) == nil
	for _, k := range []SpendingKind{Allocate, Pay} {
		p.Kinds = append(p.Kinds, ui.Option{Value: string(k), Title: c.P.T("giving.kind." + string(k)), Chosen: v.Get("kind") == string(k)})
	}
	err = s.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, c.R.PathValue("code"))
		if err != nil {
			return err
		}
		p.Code, p.Name, p.Title, p.IBAN = f.Code, ui.Isolated(f.Name(c.Lang())), f.Name(c.Lang()), iban.Shown(f.IBAN)
		p.Ends = f.EndedAt
		return s.fillDesk(c, t, by, p, f, v)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "giving_desk", p)
}

func (s *Service) fillDesk(c *web.Ctx, t *deed.Tx, by actor.Actor, p *deskPage, f *Fund, v url.Values) (err error) {
	if p.A, err = s.accountOf(t.Tx, f); err != nil {
		return err
	}
	if p.Envelopes, err = s.envelopeRows(t.Tx, f); err != nil {
		return err
	}
	if p.Earmarks, err = s.earmarkRows(t.Tx, f, p.Envelopes, c.Lang()); err != nil {
		return err
	}
	p.Marks = earmarkChoices(p.Earmarks, v.Get("earmark"))
	if err = s.withCauses(c, t.Tx, p.Envelopes, p.Earmarks); err != nil {
		return err
	}
	if p.Causes, err = s.causesNow(c, t.Tx, v.Get("about")); err != nil {
		return err
	}
	for _, e := range p.Envelopes {
		p.Choices = append(p.Choices, ui.Option{Value: e.ID, Title: ui.Isolated(e.Name), Chosen: v.Get("envelope") == e.ID})
	}
	agrees, drops := deed.May(by, DeedAgree) == nil, deed.May(by, DeedDrop) == nil
	if p.Waiting, err = s.spendingRows(t.Tx, f, func(x *Spending) bool { return x.State == Waiting }); err != nil {
		return err
	}
	all, err := spendingsOf(t.Tx, f.ID, mostShown)
	if err != nil {
		return err
	}
	for i := range p.Waiting {
		r := &p.Waiting[i]
		for _, x := range all {
			if x.ID.String() != r.ID {
				continue
			}
			r.CanAgree, r.CanDrop = agrees && x.Author != by.Account, drops
			others, err := alsoFor(t.Tx, x)
			if err != nil {
				return err
			}
			for _, o := range others {
				r.Also = append(r.Also, o.Number.String())
			}
		}
	}
	if p.Ended, err = s.spendingRows(t.Tx, f, func(x *Spending) bool { return x.State != Waiting }); err != nil {
		return err
	}
	kept, err := papersOf(t.Tx, f.ID)
	if err != nil {
		return err
	}
	for _, rows := range [][]spendingRow{p.Waiting, p.Ended} {
		for i := range rows {
			rows[i].HasPaper = kept[rows[i].Document]
		}
	}
	files, err := statementsOf(t.Tx, f.ID, 10)
	for _, x := range files {
		p.Statements = append(p.Statements, statementRow{x.Name, x.Lines, x.Adds, x.MadeAt})
	}
	return err
}
