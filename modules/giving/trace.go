package giving

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// Where a gift is. Money in an account has no marks, so it is told apart by order:
// what came first leaves first. A gift is then a stretch of all that ever came into
// the fund, and each thing that left is a stretch too; where they overlap, that is
// what became of the gift, exact to the smallest coin, and the parts of all gifts add
// up to every payment. What was given for one purpose has an account, and so an order, of
// its own. The rule is the house's own, said on the page (docs/ledger.md).

// part is one piece of a gift.
type part struct {
	Minor    int64
	State    partState
	Envelope string // the ledger's account; "" while it waits in the fund
	Spending string // identifier; "" while nobody spent it
	Skip     int64  // coins of the payment before it
}

// partState is how far a piece has come. The set is closed.
type partState string

const (
	partWaiting partState = "waiting" // in the fund
	partSet     partState = "set"     // in an envelope
	partPaid    partState = "paid"
	partFee     partState = "fee" // the bank's
)

// trace is what became of a gift. net is what came into the fund of it.
func (s *Service) trace(t *db.Tx, f *Fund, g *Gift) (out []part, err error) {
	mark, err := earmarkOf(t, g.Earmark)
	if err != nil {
		return nil, err
	}
	fund, err := s.flowOf(t, f.waiting(mark).Code)
	if err != nil {
		return nil, err
	}
	from, to, found := fund.stretch(g.Entry)
	if !found {
		return nil, nil
	}
	if fee := g.Minor - (to - from); fee > 0 {
		out = append(out, part{Minor: fee, State: partFee})
	}
	cuts, waits := fund.left(from, to)
	out = waiting(out, waits)
	flows := map[string]flow{}
	for len(cuts) > 0 {
		c := cuts[0]
		cuts = cuts[1:]
		if e, ok := fund.undone(c.line.entry); ok { // it left, and came again at the end of the row
			from, _, _ := fund.stretch(e)
			more, waits := fund.left(from+c.skip, from+c.skip+c.minor)
			cuts, out = append(cuts, more...), waiting(out, waits)
			continue
		}
		sid, ok := spendingIn(c.line.about)
		if !ok {
			out = append(out, part{Minor: c.minor, State: partFee})
			continue
		}
		x, err := spendingOf(t, sid)
		if err == nil && x == nil {
			err = fault.New(fault.Conflict, "error.changed_meanwhile")
		}
		if err != nil {
			return nil, err
		}
		env, err := envelopeByID(t, x.Envelope)
		if err != nil {
			return nil, err
		}
		code := f.envelope(ledger.Envelope, env.N).Code
		e, known := flows[code]
		if !known {
			if e, err = s.flowOf(t, code); err != nil {
				return nil, err
			}
			flows[code] = e
		}
		begin, _, _ := e.stretch(c.line.entry)
		paid, left := e.left(begin+c.skip, begin+c.skip+c.minor)
		if left > 0 {
			out = append(out, part{Minor: left, State: partSet, Envelope: env.Name, Spending: sid})
		}
		for _, p := range paid {
			pid, _ := spendingIn(p.line.about)
			out = append(out, part{Minor: p.minor, State: partPaid, Envelope: env.Name, Spending: pid, Skip: p.skip})
		}
	}
	return out, nil
}

// waiting adds what still waits in the fund to the parts of a gift.
func waiting(out []part, minor int64) []part {
	if minor > 0 {
		out = append(out, part{Minor: minor, State: partWaiting})
	}
	return out
}

// sentAs is what a gift was in the currency in which it was sent; zero where that is the
// fund's own.
func sentAs(t *db.Tx, f *Fund, g *Gift) (ledger.Was, error) {
	ref, err := refOf(t, g.ID)
	if err != nil || ref == "" {
		return ledger.Was{}, err
	}
	e, err := ledger.Find(t, lineRef(f, ref))
	if err != nil || e.Was == nil {
		return ledger.Was{}, err
	}
	return *e.Was, nil
}

// Part is a piece of a gift for whoever audits, with the payment that it is of.
type Part struct {
	Minor    int64
	State    string // "waiting", "set", "paid", "fee"
	Envelope string // what money was set apart for
	Payment  string // identifier; "" unless it was paid
	Skip     int64  // coins of the payment before it
}

// Followed is a gift with what became of it; nil is none that came. One that was taken
// back has no entry and no parts.
func (s *Service) Followed(t *db.Tx, gid string) (g *Gift, f *Fund, out []Part, err error) {
	one, err := id.Parse[Gift](gid)
	if err != nil {
		return nil, nil, nil, nil
	}
	if g, err = giftByID(t, one); fault.KindOf(err) == fault.Missing || err == nil && g.Entry.IsZero() && g.Back == "" {
		return nil, nil, nil, nil
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if f, err = fundByID(t, g.Fund); err != nil {
		return nil, nil, nil, err
	}
	if g.Entry.IsZero() {
		return g, f, nil, nil
	}
	all, err := s.trace(t, f, g)
	for _, p := range all {
		x := Part{Minor: p.Minor, State: string(p.State), Envelope: p.Envelope, Skip: p.Skip}
		if p.State == partPaid {
			x.Payment = p.Spending
		}
		out = append(out, x)
	}
	return g, f, out, err
}

// PaymentOf is a payment that was agreed to, with its fund; nil is none.
func (s *Service) PaymentOf(t *db.Tx, sid string) (*Spending, *Fund, error) {
	x, err := spendingOf(t, sid)
	if err != nil || x == nil || x.Kind != Pay || x.State != Done {
		return nil, nil, err
	}
	f, err := fundByID(t, x.Fund)
	return x, f, err
}

func spendingIn(about string) (string, bool) {
	const noun = "giving.spending/"
	if len(about) <= len(noun) || about[:len(noun)] != noun {
		return "", false
	}
	return about[len(noun):], true
}
