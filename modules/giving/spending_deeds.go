package giving

import (
	"context"
	"errors"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

func payeeAt(sid SpendingID) string { return crypt.At("giving_spending.payee", sid.String()) }

// spendingTold is the journal line of a spending.
type spendingTold struct {
	Fund  string        `json:"fund"`
	Kind  SpendingKind  `json:"kind"`
	Minor int64         `json:"minor"`
	State SpendingState `json:"state"`
}

func (x *Spending) subject() string { return "giving.spending/" + x.ID.String() }

// Write asks others to agree that money is set apart, in a new envelope of that name
// or in one that is there; or that it is paid out of one. What is not there is refused
// at once. The same spending again is welcome.
func (s *Service) Write(ctx context.Context, by actor.Actor, code string, x Spending, name, payee string) error {
	if len(x.Paper) > 0 {
		x.Document = sumOf(x.Paper)
	}
	all := x.wrong(name, payee)
	if err := all.OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedWrite, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		if err := s.rightCause(t.Tx, &x); err != nil {
			if was, wrong := spendingOf(t.Tx, x.ID.String()); wrong == nil && was != nil {
				return deed.ErrNothingDone // written down while the crisis was still open
			}
			return err
		}
		env := &Envelope{ID: id.New[Envelope](t.Now()), Fund: f.ID, Name: name, About: x.About, Earmark: x.Earmark, MadeAt: t.Now()}
		if x.Envelope.IsZero() && x.Kind == Allocate {
			err = s.newEnvelope(t, f, env)
		} else if !x.Earmark.IsZero() {
			err = fault.All{fault.New(fault.Invalid, "giving.earmark.with_new").On("earmark")}
		} else if env, err = envelopeByID(t.Tx, x.Envelope); fault.KindOf(err) == fault.Missing || err == nil && env.Fund != f.ID {
			err = fault.All{fault.New(fault.Invalid, "giving.spending.envelope_wrong").On("envelope")}
		}
		if err != nil {
			return err
		}
		x.Fund, x.Envelope, x.Draft, x.State, x.Author, x.MadeAt = f.ID, env.ID, id.New[ledger.Draft](t.Now()), Waiting, by.Account, t.Now()
		if x.Kind == Pay {
			x.Payee = s.vault.SealText(payeeAt(x.ID), payee)
		}
		if x.Number, err = freeNumber(t.Tx); err != nil {
			return err
		}
		fresh, err := insertSpending(t.Tx, &x)
		if err != nil {
			return err
		}
		if !fresh {
			return deed.ErrNothingDone
		}
		if err := s.keepPaper(t, &x); err != nil {
			return err
		}
		e, err := s.entryFor(t, f, env, &x)
		if err != nil {
			return err
		}
		if _, err := ledger.Write(t, x.Draft, e, s.rules.Bands); err != nil {
			return err
		}
		return t.Tell(x.subject(), spendingTold{f.Code, x.Kind, x.Minor, x.State})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// newEnvelope makes an envelope of that name, or finds the one that is filled from the
// same gifts.
func (s *Service) newEnvelope(t *deed.Tx, f *Fund, env *Envelope) error {
	want := env.Earmark
	if !want.IsZero() {
		e, err := earmarkByID(t.Tx, want)
		if fault.KindOf(err) == fault.Missing || err == nil && e.Fund != f.ID {
			return fault.All{fault.New(fault.Invalid, "giving.earmark.wrong").On("earmark")}
		}
		if err != nil {
			return err
		}
	}
	if err := addEnvelope(t.Tx, env); err != nil {
		return err
	}
	if env.Earmark != want {
		return fault.All{fault.New(fault.Invalid, "giving.earmark.other_envelope").On("name")}
	}
	return nil
}

// entryFor is the entry of a spending: from where gifts wait to the envelope, or from the
// envelope to whom it is paid. What is not there is refused before anybody is asked.
func (s *Service) entryFor(t *deed.Tx, f *Fund, env *Envelope, x *Spending) (e ledger.Entry, err error) {
	mark, err := earmarkOf(t.Tx, env.Earmark)
	if err != nil {
		return e, err
	}
	from, to := f.waiting(mark), f.setApart(env, mark)
	if x.Kind == Pay {
		from, to = to, f.envelope(ledger.Paid, env.N)
	}
	a, err := s.open(t, from)
	if err != nil {
		return e, err
	}
	b, err := s.open(t, to)
	if err != nil {
		return e, err
	}
	if a.Free() < x.Minor {
		return e, fault.All{fault.New(fault.Invalid, "giving.spending.short").On("amount")}
	}
	return ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: "spending/" + x.ID.String(), About: x.subject(), Purpose: f.tag(mark), Document: x.Document, ValueOn: s.day(t.Now()),
		Postings: []ledger.Posting{{Account: a.ID, Amount: -x.Minor}, {Account: b.ID, Amount: x.Minor}}}, nil
}

// Agree is what somebody else than its author says to a spending; when enough have,
// it is done.
func (s *Service) Agree(ctx context.Context, by actor.Actor, sid SpendingID) error {
	return s.decide(ctx, by, DeedAgree, sid, func(t *deed.Tx, f *Fund, x *Spending) error {
		d, err := ledger.Agree(t, x.Draft, s.rules.Bands)
		if err != nil || d.Posted.IsZero() {
			return err
		}
		x.State, x.EndedAt, x.Entry = Done, t.Now(), d.Posted
		if err := endSpending(t.Tx, x); err != nil {
			return err
		}
		fields := map[string]string{"fund": "fund/" + f.Code, "amount": itoa64(x.Minor), "asset": string(f.Currency), "kind": string(x.Kind)}
		if x.Document != "" {
			fields["sum"] = x.Document
		}
		_, err = s.tellPublic(t, x.subject(), "", fields, map[string]string{"purpose": x.Purpose, "number": x.Number.String()})
		return err
	})
}

// Drop ends a spending that will not be.
func (s *Service) Drop(ctx context.Context, by actor.Actor, sid SpendingID) error {
	return s.decide(ctx, by, DeedDrop, sid, func(t *deed.Tx, _ *Fund, x *Spending) error {
		if err := ledger.Drop(t, x.Draft, "dropped"); err != nil {
			return err
		}
		x.State, x.EndedAt = Dropped, t.Now()
		return endSpending(t.Tx, x)
	})
}

// decision is what somebody says to a spending.
type decision func(context.Context, actor.Actor, SpendingID) error

func (s *Service) decide(ctx context.Context, by actor.Actor, d deed.Deed, sid SpendingID, do func(*deed.Tx, *Fund, *Spending) error) error {
	err := s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		x, err := holdSpending(t.Tx, sid)
		if err != nil {
			return err
		}
		if x.State != Waiting {
			return fault.New(fault.Conflict, "giving.spending.ended")
		}
		f, err := fundByID(t.Tx, x.Fund)
		if err != nil {
			return err
		}
		if err := do(t, f, x); err != nil {
			return err
		}
		return t.Tell(x.subject(), spendingTold{f.Code, x.Kind, x.Minor, x.State})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// Spending is one by its identifier.
func (s *Service) Spending(ctx context.Context, sid SpendingID) (x *Spending, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		if x, err = spendingOf(t, sid.String()); err == nil && x == nil {
			err = fault.New(fault.Missing, "error.missing")
		}
		return err
	})
	return x, err
}

// Payee opens to whom a spending is paid, and leaves a line in the journal.
func (s *Service) Payee(ctx context.Context, by actor.Actor, sid SpendingID) (payee string, err error) {
	err = s.h.Do(ctx, by, DeedPayee, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		x, err := spendingOf(t.Tx, sid.String())
		if err == nil && (x == nil || x.Payee == nil) {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return err
		}
		f, err := fundByID(t.Tx, x.Fund)
		if err != nil {
			return err
		}
		if payee, err = s.vault.OpenText(payeeAt(sid), x.Payee); err != nil {
			return err
		}
		return t.Tell(x.subject(), spendingTold{f.Code, x.Kind, x.Minor, x.State})
	})
	return payee, err
}

// PaidBy is the payment of a number, with its currency and all who had a hand in it: who
// wrote it and who agreed. nil is none that was agreed to.
func (s *Service) PaidBy(t *db.Tx, n receipt.Number) (x *Spending, currency string, hands []actor.AccountID, err error) {
	if x, err = paidByNumber(t, n); err != nil || x == nil {
		return nil, "", nil, err
	}
	f, err := fundByID(t, x.Fund)
	if err != nil {
		return nil, "", nil, err
	}
	d, err := ledger.DraftOf(t, x.Draft)
	if err != nil {
		return nil, "", nil, err
	}
	hands = []actor.AccountID{x.Author}
	for _, a := range d.Agreed {
		hands = append(hands, a.Account)
	}
	return x, string(f.Currency), hands, nil
}

// Currency is what funds are kept in.
func (s *Service) Currency() money.Currency { return s.rules.Currency }

// Few is how many families are too few to be named by their commune.
func (s *Service) Few() int { return s.rules.Hidden }
