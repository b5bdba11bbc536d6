package giving

import (
	"cmp"
	"context"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// Explanation is what somebody says of a line that the house could not tell: a gift, of
// nobody known and perhaps for one thing, or of a number; a fee of the bank; or the payment
// of a number.
type Explanation struct {
	What    LineState
	Number  string
	Earmark EarmarkID
}

// Explain says what a line is that the house could not tell. g is the gift, if it is one.
func (s *Service) Explain(ctx context.Context, by actor.Actor, lid LineID, x Explanation) (g *Gift, err error) {
	err = s.h.Do(ctx, by, DeedExplain, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		l, err := holdLine(t.Tx, lid)
		if err != nil {
			return err
		}
		if l.State != LineOpen {
			return fault.New(fault.Conflict, "giving.line.explained")
		}
		f, err := fundByID(t.Tx, l.Fund)
		if err != nil {
			return err
		}
		switch {
		case x.What == LineGift && l.Minor > 0:
			g, err = s.explainGift(t, f, l, x)
		case x.What == LineFee && l.Minor < 0:
			l.State = LineFee
			err = s.post(t, s.entryOf(t, f, l, "fee"), move{f.account(ledger.Fund), l.Minor, false}, move{f.account(ledger.Fee), -l.Minor, true})
		case x.What == LinePaid && l.Minor < 0:
			err = s.explainPaid(t, f, l, x.Number)
		default:
			err = fault.All{fault.New(fault.Invalid, "giving.line.not_that").On("what")}
		}
		if err != nil {
			return err
		}
		if err := explainLine(t.Tx, l); err != nil {
			return err
		}
		return t.Tell("giving.line/"+lid.String(), struct {
			Fund  string    `json:"fund"`
			State LineState `json:"state"`
			Minor int64     `json:"minor"`
		}{f.Code, l.State, l.Minor})
	})
	return g, err
}

func (s *Service) entryOf(t *deed.Tx, f *Fund, l *Line, what string) ledger.Entry {
	return ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: explainRef(f, l), About: "giving.line/" + l.ID.String(), ValueOn: s.day(t.Now()), Purpose: what}
}

// explainRef is what the ledger calls the entry of what somebody said of a line.
func explainRef(f *Fund, l *Line) string {
	ref := "explain/" + f.Code + "/" + l.ID.String()
	if l.Tries > 0 {
		ref += "/" + itoa(l.Tries)
	}
	return ref
}

// explainGift makes of a line a gift: an announced one by its number, or one of nobody
// known, who may still be handed the number that it gets.
func (s *Service) explainGift(t *deed.Tx, f *Fund, l *Line, x Explanation) (g *Gift, err error) {
	w, err := s.saidOf(l)
	if err != nil {
		return nil, err
	}
	known := strings.TrimSpace(x.Number) != ""
	if known && !x.Earmark.IsZero() {
		return nil, fault.All{fault.New(fault.Invalid, "giving.earmark.with_number").On("what")}
	}
	if known {
		if g, err = s.giftToCome(t.Tx, f, x.Number); err != nil {
			return nil, err
		}
	} else {
		if _, err := s.chosen(t.Tx, f, x.Earmark); err != nil {
			return nil, err
		}
		g = &Gift{ID: id.New[Gift](t.Now()), Fund: f.ID, Earmark: x.Earmark}
		if g.Receipt, err = freeNumber(t.Tx); err != nil {
			return nil, err
		}
	}
	mark, err := earmarkOf(t.Tx, g.Earmark)
	if err != nil {
		return nil, err
	}
	e := s.entryOf(t, f, l, "gift")
	if err := s.post(t, e, move{f.account(ledger.Suspense), -l.Minor, false}, move{f.waiting(mark), l.Minor, false}); err != nil {
		return nil, err
	}
	g.Minor, g.ReceivedAt, g.Entry = l.Minor+w.Fee, t.Now(), e.ID
	if err := s.received(t, f, g); err != nil {
		return nil, err
	}
	if known {
		if ok, err := receiveGift(t.Tx, g); err != nil || !ok {
			return nil, cmp.Or(err, error(fault.New(fault.Conflict, "error.changed_meanwhile")))
		}
	} else if err := insertGift(t.Tx, g); err != nil {
		return nil, err
	}
	l.State, l.Gift = LineGift, g.ID
	return g, nil
}

// giftToCome is the announced gift of a number that has not come yet.
func (s *Service) giftToCome(t *db.Tx, f *Fund, number string) (*Gift, error) {
	n, err := receipt.Parse(number)
	if err != nil {
		return nil, fault.All{fault.New(fault.Invalid, "giving.gift.number_wrong").On("number")}
	}
	g, err := giftByReceipt(t, n)
	if fault.KindOf(err) == fault.Missing || err == nil && (g.Fund != f.ID || !g.Entry.IsZero()) {
		err = fault.All{fault.New(fault.Invalid, "giving.gift.none_waits").On("number")}
	}
	return g, err
}

func (s *Service) explainPaid(t *deed.Tx, f *Fund, l *Line, number string) error {
	none := fault.All{fault.New(fault.Invalid, "giving.line.no_payment").On("number")}
	n, err := receipt.Parse(number)
	if err != nil {
		return none
	}
	x, err := spendingByNumber(t.Tx, f.ID, n)
	if err != nil {
		return err
	}
	if x == nil || x.Minor != -l.Minor {
		return none
	}
	ok, err := payBy(t.Tx, x.ID, l.ID)
	if err != nil {
		return err
	}
	if !ok {
		return none
	}
	l.State, l.Spending = LinePaid, x.ID
	return nil
}
