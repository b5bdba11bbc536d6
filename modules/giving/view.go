package giving

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/ledger"
)

// account is what the ledger says of a fund, in its currency's smallest unit.
type account struct {
	Currency string
	Came     int64 // all that givers gave
	Waits    int64 // in the fund
	Set      int64 // in envelopes
	Paid     int64
	Fees     int64
	In, Out  int64 // of the bank's lines, that nobody explained
	OpenN    int64
	Flagged  bool // too much of it
}

func (a account) share(n int64) int {
	if a.Came <= 0 {
		return 0
	}
	return int(n * 100 / a.Came)
}

// WaitsPct and the like are for the bar.
func (a account) WaitsPct() int { return a.share(a.Waits + a.In) }
func (a account) SetPct() int   { return a.share(a.Set) }
func (a account) PaidPct() int  { return a.share(a.Paid) }
func (a account) FeesPct() int  { return a.share(a.Fees) }

// accountOf reads a fund's account from the ledger.
func (s *Service) accountOf(t *db.Tx, f *Fund) (a account, err error) {
	a.Currency = string(f.Currency)
	for _, kind := range []ledger.Kind{ledger.Giver, ledger.Fund, ledger.Suspense, ledger.Fee} {
		x, err := ledger.Get(t, f.account(kind).Code)
		if err != nil {
			return a, err
		}
		switch kind {
		case ledger.Giver:
			a.Came = -x.Balance
		case ledger.Fund:
			a.Waits = x.Balance
		case ledger.Fee:
			a.Fees = x.Balance
		}
	}
	for _, kind := range []ledger.Kind{ledger.Fund, ledger.Envelope, ledger.Paid} {
		held, err := ledger.HeldUnder(t, string(kind)+"/"+f.Code+"/")
		if err != nil {
			return a, err
		}
		for _, n := range held {
			switch kind {
			case ledger.Fund: // for one purpose
				a.Waits += n
			case ledger.Envelope:
				a.Set += n
			default:
				a.Paid += n
			}
		}
	}
	if a.OpenN, a.In, a.Out, err = unexplained(t, f.ID); err != nil {
		return a, err
	}
	a.Flagged = (a.In+a.Out)*1000 > a.Came*int64(s.rules.Flag)
	return a, nil
}

// envelopeRow is what was set apart for a purpose and what became of it.
type envelopeRow struct {
	ID, Name           string
	Set, Paid, Left, n int64
	about              string
	earmark            EarmarkID
	Cause              Cause
	For                template.HTML // of the earmark; "" is for anything
}

func (s *Service) envelopeRows(t *db.Tx, f *Fund) (out []envelopeRow, err error) {
	all, err := envelopesOf(t, f.ID)
	if err != nil {
		return nil, err
	}
	held := map[string]int64{}
	for _, kind := range []ledger.Kind{ledger.Envelope, ledger.Paid} {
		part, err := ledger.HeldUnder(t, string(kind)+"/"+f.Code+"/")
		if err != nil {
			return nil, err
		}
		for code, n := range part {
			held[code] = n
		}
	}
	for _, e := range all {
		r := envelopeRow{ID: e.ID.String(), Name: e.Name, about: e.About, earmark: e.Earmark, Left: held[f.envelope(ledger.Envelope, e.N).Code], Paid: held[f.envelope(ledger.Paid, e.N).Code]}
		r.Set = r.Left + r.Paid
		out = append(out, r)
	}
	return out, nil
}

// withCauses says what each envelope is for, and of which gifts; marks are the fund's.
func (s *Service) withCauses(c *web.Ctx, t *db.Tx, rows []envelopeRow, marks []earmarkRow) (err error) {
	for i := range rows {
		for _, m := range marks {
			if m.ID == rows[i].earmark.String() {
				rows[i].For = m.Name
			}
		}
		if rows[i].Cause, err = s.causeOf(c, t, rows[i].about); err != nil {
			return err
		}
	}
	return nil
}

// spendingRow is a spending as people read it.
type spendingRow struct {
	ID, Number, Purpose, Envelope, Document string
	Fund                                    string // its code
	Kind                                    SpendingKind
	State                                   SpendingState
	Minor                                   int64
	At                                      time.Time
	ByBank                                  bool // the bank says that it paid
	CanAgree, CanDrop                       bool
	HasPaper                                bool
	Also                                    []string   // numbers of others that rest on the same paper
	Goods                                   []goodPart // what it bought, on the public page
}

const mostShown = 100

func (s *Service) spendingRows(t *db.Tx, f *Fund, keep func(*Spending) bool) (out []spendingRow, err error) {
	all, err := spendingsOf(t, f.ID, mostShown)
	if err != nil {
		return nil, err
	}
	envelopes, err := envelopesOf(t, f.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if !keep(x) {
			continue
		}
		r := spendingRow{Fund: f.Code, ID: x.ID.String(), Number: x.Number.String(), Purpose: x.Purpose, Document: x.Document, Kind: x.Kind, State: x.State, Minor: x.Minor,
			At: x.MadeAt, ByBank: !x.Line.IsZero()}
		if !x.EndedAt.IsZero() {
			r.At = x.EndedAt
		}
		if i := slices.IndexFunc(envelopes, func(e *Envelope) bool { return e.ID == x.Envelope }); i >= 0 {
			r.Envelope = envelopes[i].Name
		}
		out = append(out, r)
	}
	return out, nil
}

// giftPart is a piece of a gift as its giver reads it.
type giftPart struct {
	State  partState
	Minor  int64
	Pct    int
	What   string // of the envelope or the payment; "" while it waits
	For    string // purpose of the payment
	At     time.Time
	ByBank bool
	Paper  string
	Goods  []goodPart
}

// goodPart is what a piece of a gift, or of a payment, bought, and where that is.
type goodPart struct {
	Key   string
	State string
	Where string // commune; "" is not told
	Minor int64
	Units int64 // of pieces that are wholly in it
}

// overlap is what the coins from one up to another of a payment became, put together by
// good, state and commune. What has not arrived yet is in none of it.
func (s *Service) overlap(pieces []Piece, from, to int64, lang string, out []goodPart) []goodPart {
	for _, p := range pieces {
		n := min(to, p.To) - max(from, p.From)
		if n <= 0 {
			continue
		}
		g := goodPart{Key: p.Key, State: p.State, Where: s.Goods.Place(lang, p.Commune), Minor: n}
		i := slices.IndexFunc(out, func(o goodPart) bool { return o.Key == g.Key && o.State == g.State && o.Where == g.Where })
		if i < 0 {
			i, g.Minor = len(out), 0
			out = append(out, g)
		}
		out[i].Minor += n
		if n == p.To-p.From {
			out[i].Units += p.Units
		}
	}
	return out
}

// bought is what a payment became.
func (s *Service) bought(t *db.Tx, payment string) ([]Piece, error) {
	if s.Goods == nil {
		return nil, nil
	}
	return s.Goods.Became(t, payment)
}

// giftParts puts the pieces of a gift together, by what they became, largest first.
func (s *Service) giftParts(t *db.Tx, f *Fund, g *Gift, lang string) (out []giftPart, err error) {
	all, err := s.trace(t, f, g)
	if err != nil {
		return nil, err
	}
	at := map[part]int{}
	became := map[string][]Piece{}
	for _, p := range all {
		key := part{State: p.State, Envelope: p.Envelope, Spending: p.Spending}
		if p.State != partPaid {
			key.Spending = "" // what is set apart twice in one envelope is one thing to its giver
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			r := giftPart{State: p.State, What: p.Envelope}
			if p.Spending != "" {
				x, err := spendingOf(t, p.Spending)
				if err != nil {
					return nil, err
				}
				r.At, r.ByBank = x.EndedAt, !x.Line.IsZero()
				if p.State == partPaid {
					r.For, r.Paper = x.Purpose, x.Document
				}
			}
			at[key], out = i, append(out, r)
		}
		out[i].Minor += p.Minor
		if p.State != partPaid {
			continue
		}
		pieces, known := became[p.Spending]
		if !known {
			if pieces, err = s.bought(t, p.Spending); err != nil {
				return nil, err
			}
			became[p.Spending] = pieces
		}
		out[i].Goods = s.overlap(pieces, p.Skip, p.Skip+p.Minor, lang, out[i].Goods)
	}
	for i := range out {
		out[i].Pct = int(out[i].Minor * 100 / max(1, g.Minor))
	}
	slices.SortStableFunc(out, func(a, b giftPart) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	return out, nil
}

var rank = map[partState]int{partPaid: 0, partFee: 1, partSet: 2, partWaiting: 3}

// frame is what stands around a page of giving.
func frame(c *web.Ctx, title, kind, nav string) ui.Frame {
	return ui.Frame{Title: c.P.Text(title), Kind: kind, Nav: nav}
}
