package giving

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/iban"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
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

// statementForm takes in a file of the bank.
func (s *Service) statementForm(c *web.Ctx) error {
	if _, err := c.Form(); err != nil { // first: nothing of it goes to a temporary file
		return err
	}
	raw, err := fileOf(c, "file")
	if err != nil {
		return err
	}
	var out Taken
	if raw == nil {
		err = fault.All{fault.New(fault.Invalid, "giving.statement.choose").On("file")}
	} else {
		out, err = s.Import(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), raw)
	}
	if err != nil {
		return s.desk(c, &deskPage{}, url.Values{}, err)
	}
	return s.desk(c, &deskPage{Taken: &out}, url.Values{}, nil)
}

// fileOf is a file of the form; nil where none was chosen.
func fileOf(c *web.Ctx, field string) ([]byte, error) {
	f, _, err := c.R.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the file %s: %w", field, err)
	}
	defer f.Close()
	return io.ReadAll(f)
}

// lookForm shows what the bank wrote with the lines that nobody explained.
func (s *Service) lookForm(c *web.Ctx) error {
	if _, err := c.Form(); err != nil {
		return err
	}
	return s.looked(c, nil)
}

func (s *Service) looked(c *web.Ctx, wrong error) error {
	lines, words, err := s.Look(c.Context(), actor.From(c.Context()), c.R.PathValue("code"))
	if err != nil {
		return err
	}
	p := &deskPage{Looked: true}
	for i, l := range lines {
		p.Lines = append(p.Lines, rowOf(l, words[i]))
	}
	return s.desk(c, p, url.Values{}, wrong)
}

func rowOf(l *Line, w said) lineRow {
	return lineRow{ID: l.ID.String(), Day: l.Day, Ref: l.Ref, Minor: max(l.Minor, -l.Minor), Name: w.Name, Text: w.Text, From: iban.Masked(w.IBAN), Out: l.Minor < 0, State: l.State}
}

// lookBackForm shows lines that were explained, so that one may be taken back.
func (s *Service) lookBackForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	return s.lookedBack(c, v, nil)
}

func (s *Service) lookedBack(c *web.Ctx, v url.Values, wrong error) error {
	ref := strings.TrimSpace(v.Get("ref"))
	lines, words, err := s.LookBack(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), ref)
	if err != nil {
		return err
	}
	p := &deskPage{LookedBack: true, CanTake: deed.May(actor.From(c.Context()), DeedTakeBack) == nil}
	for _, b := range backs {
		p.Backs = append(p.Backs, ui.Option{Value: string(b), Title: c.P.T("giving.back." + string(b))})
	}
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		for i, l := range lines {
			r := rowOf(l, words[i])
			if r.Number, err = numberOf(t, l); err != nil {
				return err
			}
			p.Told = append(p.Told, r)
		}
		return nil
	}); err != nil {
		return err
	}
	return s.desk(c, p, v, wrong)
}

// numberOf is the number of what a line was explained as; "" is none.
func numberOf(t *db.Tx, l *Line) (string, error) {
	switch l.State {
	case LineGift:
		g, err := giftByID(t, l.Gift)
		if err != nil {
			return "", err
		}
		return g.Receipt.String(), nil
	case LinePaid:
		x, err := spendingOf(t, l.Spending.String())
		if err != nil || x == nil {
			return "", err
		}
		return x.Number.String(), nil
	}
	return "", nil
}

// takeBackForm takes back what was said of a line.
func (s *Service) takeBackForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	lid, err := readID[Line](v.Get("line"))
	if err != nil {
		return err
	}
	if err := s.TakeBack(c.Context(), actor.From(c.Context()), lid, Back(v.Get("why"))); err != nil && !errors.Is(err, deed.ErrNothingDone) {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.lookedBack(c, v, err)
	}
	c.Flash("giving.back.done")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

func (s *Service) explainForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	lid, err := readID[Line](v.Get("line"))
	if err != nil {
		return err
	}
	what, mark, _ := strings.Cut(v.Get("what"), "/")
	x := Explanation{What: LineState(what), Number: v.Get("number")}
	if mark != "" {
		if x.Earmark, err = readID[Earmark](mark); err != nil {
			return err
		}
	}
	g, err := s.Explain(c.Context(), actor.From(c.Context()), lid, x)
	if err != nil {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.looked(c, err)
	}
	c.Flash("giving.line.explained_now")
	if g != nil {
		return c.Seek("/treasury/" + c.R.PathValue("code") + "?gift=" + g.Receipt.String())
	}
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

func (s *Service) spendForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	raw, err := fileOf(c, "document")
	if err != nil {
		return err
	}
	x := Spending{Kind: SpendingKind(v.Get("kind")), Purpose: strings.TrimSpace(v.Get("purpose")), About: v.Get("about")}
	if x.ID, err = readID[Spending](v.Get("id")); err != nil {
		return err
	}
	if e := v.Get("envelope"); e != "" {
		if x.Envelope, err = readID[Envelope](e); err != nil {
			return err
		}
	}
	if x.Earmark, err = earmarkIn(v, "earmark"); err != nil {
		return err
	}
	x.Paper = raw
	x.Minor, _ = s.amount(v.Get("amount")) // 0 is told with all the rest that is wrong
	if err := s.Write(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), x, strings.TrimSpace(v.Get("name")), strings.TrimSpace(v.Get("payee"))); err != nil {
		return s.desk(c, &deskPage{}, v, err)
	}
	c.Flash("giving.spending.written")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// earmarkForm lets people give for one purpose.
func (s *Service) earmarkForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	e := Earmark{Names: map[string]string{"ar": v.Get("name_ar"), "fr": v.Get("name_fr")}}
	if e.ID, err = readID[Earmark](v.Get("id")); err != nil {
		return err
	}
	if err := s.OpenEarmark(c.Context(), actor.From(c.Context()), c.R.PathValue("code"), e); err != nil {
		return s.desk(c, &deskPage{}, v, err)
	}
	c.Flash("giving.earmark.opened")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// unmarkForm hands out no more numbers for a purpose.
func (s *Service) unmarkForm(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	eid, err := readID[Earmark](v.Get("id"))
	if err != nil {
		return err
	}
	if err := s.CloseEarmark(c.Context(), actor.From(c.Context()), eid); err != nil {
		return err
	}
	c.Flash("giving.earmark.closed_now")
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}

// spendingChosen is the spending that a button is of.
func spendingChosen(c *web.Ctx) (SpendingID, error) {
	v, err := c.Form()
	if err != nil {
		return SpendingID{}, err
	}
	return readID[Spending](v.Get("id"))
}

// payeeForm shows to whom one spending is paid, before somebody agrees to it.
func (s *Service) payeeForm(c *web.Ctx) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	payee, err := s.Payee(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	return s.desk(c, &deskPage{Shown: sid.String(), Payee: payee}, url.Values{}, nil)
}

// paperForm hands out the paper of one spending.
func (s *Service) paperForm(c *web.Ctx) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	body, kind, err := s.Paper(c.Context(), actor.From(c.Context()), sid)
	if err != nil {
		return err
	}
	return c.Download("paper-"+sumOf(body)[:16]+"."+kind, map[string]string{"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}[kind], body)
}

func (s *Service) agreeForm(c *web.Ctx) error { return s.decided(c, "giving.spending.agreed", s.Agree) }

func (s *Service) dropForm(c *web.Ctx) error { return s.decided(c, "giving.spending.dropped", s.Drop) }

func (s *Service) decided(c *web.Ctx, told string, do decision) error {
	sid, err := spendingChosen(c)
	if err != nil {
		return err
	}
	if err := do(c.Context(), actor.From(c.Context()), sid); err != nil {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return s.desk(c, &deskPage{}, url.Values{}, err)
	}
	c.Flash(told)
	return c.Seek("/treasury/" + c.R.PathValue("code"))
}
