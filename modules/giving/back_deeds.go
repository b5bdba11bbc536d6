package giving

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// Back is why what was said of a line of the bank was taken back. The set is closed: a
// sentence of a person would stand in public. "" is none.
type Back string

const (
	BackOther Back = "other_gift" // it is the gift of another number
	BackNone  Back = "no_gift"    // it is no gift, no fee, or not that payment
	BackSlip  Back = "slip"       // said by mistake
)

var backs = []Back{BackOther, BackNone, BackSlip}

func (b Back) known() bool {
	for _, x := range backs {
		if b == x {
			return true
		}
	}
	return false
}

// TakeBack takes back what was said of a line of the bank, which then waits to be
// explained again. The ledger reverses what it had, and the public log is told that a gift
// has not come after all. A gift of which a part has left the fund is not taken back: it
// would be the money of others that comes.
func (s *Service) TakeBack(ctx context.Context, by actor.Actor, lid LineID, why Back) error {
	if !why.known() {
		return fault.All{fault.New(fault.Invalid, "giving.back.choose").On("why")}
	}
	return s.h.Do(ctx, by, DeedTakeBack, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		l, err := holdLine(t.Tx, lid)
		if err != nil {
			return err
		}
		f, err := fundByID(t.Tx, l.Fund)
		if err != nil {
			return err
		}
		was := l.State
		switch was {
		case LineOpen:
			return deed.ErrNothingDone
		case LinePaid:
			err = unpayBy(t.Tx, l.Spending, l.ID)
		case LineFee:
			err = s.reverse(t, f, l)
		default:
			err = s.takeGiftBack(t, f, l, why)
		}
		if err != nil {
			return err
		}
		l.State, l.Gift, l.Spending = LineOpen, GiftID{}, SpendingID{}
		l.Tries++
		if err := explainLine(t.Tx, l); err != nil {
			return err
		}
		return t.Tell("giving.line/"+lid.String(), struct {
			Fund  string    `json:"fund"`
			State LineState `json:"state"`
			Minor int64     `json:"minor"`
			Back  Back      `json:"back"`
		}{f.Code, was, l.Minor, why})
	})
}

func backRef(f *Fund, l *Line) string {
	return "back/" + f.Code + "/" + l.ID.String() + "/" + itoa(l.Tries)
}

// reverse takes back the entry of what was said of a line.
func (s *Service) reverse(t *deed.Tx, f *Fund, l *Line) error {
	e, err := ledger.Find(t.Tx, explainRef(f, l))
	if err != nil {
		return err
	}
	_, err = ledger.Reverse(t, e.ID, id.New[ledger.Entry](t.Now()), backRef(f, l), s.day(t.Now()))
	return err
}

// takeGiftBack moves the money of a gift to what nobody has explained, and waits for the
// gift again.
func (s *Service) takeGiftBack(t *deed.Tx, f *Fund, l *Line, why Back) error {
	g, err := giftByID(t.Tx, l.Gift)
	if err != nil {
		return err
	}
	mark, err := earmarkOf(t.Tx, g.Earmark)
	if err != nil {
		return err
	}
	code := f.waiting(mark).Code
	e, err := ledger.Read(t.Tx, g.Entry)
	if err != nil {
		return err
	}
	back, err := ledger.Reverse(t, e.ID, id.New[ledger.Entry](t.Now()), backRef(f, l), s.day(t.Now()))
	if err == nil {
		err = s.stillThere(t, code, g.Entry) // now: others wait for the account
	}
	if fault.KindOf(err) == fault.Conflict {
		return fault.New(fault.Conflict, "giving.back.spent")
	}
	if err != nil {
		return err
	}
	if e.Ref == lineRef(f, l.Ref) { // it came straight from the bank, and does so again, to be explained
		again := ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: lineRef(f, l.Ref) + "/again", About: e.About, Document: e.Document, ValueOn: back.ValueOn, Was: e.Was}
		fee := g.Minor - l.Minor
		if err := s.post(t, again, move{f.account(ledger.Giver), -g.Minor, false}, move{f.account(ledger.Suspense), l.Minor, false}, move{f.account(ledger.Fee), fee, true}); err != nil {
			return err
		}
	}
	subject := "giving.gift/" + g.ID.String()
	body := map[string]string{"receipt": g.Receipt.String(), "back": string(why)}
	if _, err := s.tellPublic(t, subject, DeedReceive.Name, map[string]string{"fund": code, "amount": itoa64(-g.Minor), "asset": string(f.Currency), "kind": "gift"}, body); err != nil {
		return err
	}
	if err := t.TellAs(DeedReceive, subject, giftTold{Fund: f.Code, Minor: -g.Minor}); err != nil {
		return err
	}
	g.Back, g.BackAt = why, t.Now()
	return giveBack(t.Tx, g)
}

// stillThere refuses to take back what came by an entry and has left since, whole or in
// part.
func (s *Service) stillThere(t *deed.Tx, code string, e ledger.EntryID) error {
	fl, err := s.flowOf(t.Tx, code)
	if err != nil {
		return err
	}
	if from, _, _ := fl.raw(e); fl.gonePast(from) {
		return fault.New(fault.Conflict, "giving.back.spent")
	}
	return nil
}
