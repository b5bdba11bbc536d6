package giving

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/translog"
)

// The deeds of giving. Whoever keeps the money does not decide on it, and the other
// way round.
var (
	DeedRead     = deed.Deed{Name: "giving.fund.read", Open: true}
	DeedAnnounce = deed.Deed{Name: "giving.gift.announce", Open: true}
	DeedOpen     = deed.Deed{Name: "giving.fund.open", Roles: []actor.Role{actor.CrisisCell}}
	DeedEnd      = deed.Deed{Name: "giving.fund.end", Roles: []actor.Role{actor.CrisisCell}}
	DeedReopen   = deed.Deed{Name: "giving.fund.reopen", Roles: []actor.Role{actor.CrisisCell}}
	DeedEarmark  = deed.Deed{Name: "giving.earmark.open", Roles: []actor.Role{actor.CrisisCell}}
	DeedUnmark   = deed.Deed{Name: "giving.earmark.close", Roles: []actor.Role{actor.CrisisCell}}
	DeedSee      = deed.Deed{Name: "giving.fund.see", Roles: []actor.Role{actor.Treasurer, actor.CrisisCell, actor.Auditor}}
	DeedLook     = deed.Deed{Name: "giving.line.look", Roles: []actor.Role{actor.Treasurer, actor.Auditor}}
	DeedImport   = deed.Deed{Name: "giving.statement.import", Roles: []actor.Role{actor.Treasurer}}
	DeedExplain  = deed.Deed{Name: "giving.line.explain", Roles: []actor.Role{actor.Treasurer}}
	DeedTakeBack = deed.Deed{Name: "giving.line.take_back", Roles: []actor.Role{actor.Treasurer}}
	DeedWrite    = deed.Deed{Name: "giving.spending.write", Roles: []actor.Role{actor.Treasurer}}
	DeedAgree    = deed.Deed{Name: "giving.spending.agree", Roles: []actor.Role{actor.CrisisCell}}
	DeedPaper    = deed.Deed{Name: "giving.paper.look", Roles: []actor.Role{actor.Treasurer, actor.CrisisCell, actor.Auditor}}
	DeedPayee    = deed.Deed{Name: "giving.spending.look", Roles: []actor.Role{actor.Treasurer, actor.CrisisCell, actor.Auditor}}
	DeedDrop     = deed.Deed{Name: "giving.spending.drop", Roles: []actor.Role{actor.Treasurer, actor.CrisisCell}}
	DeedReceive  = deed.Deed{Name: "giving.gift.receive"} // its line, whatever deed found it out
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{DeedRead, DeedAnnounce, DeedOpen, DeedEnd, DeedReopen, DeedEarmark, DeedUnmark, DeedSee, DeedLook, DeedImport, DeedExplain, DeedTakeBack, DeedWrite, DeedAgree, DeedPayee, DeedPaper, DeedDrop, DeedReceive}

func itoa(n int) string     { return strconv.Itoa(n) }
func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// OpenFund makes a fund, with its accounts. The same one again is welcome.
func (s *Service) OpenFund(ctx context.Context, by actor.Actor, f Fund) error {
	f.Currency = s.rules.Currency
	all := f.wrong()
	if err := all.OrNil(); err != nil {
		return err
	}
	return s.h.Do(ctx, by, DeedOpen, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		was, err := fundByCode(t.Tx, f.Code)
		switch {
		case err == nil && was.ID == f.ID && was.IBAN == f.IBAN && was.Basis == f.Basis:
			return deed.ErrNothingDone
		case err == nil:
			return fault.New(fault.Conflict, "giving.fund.code_taken").On("code")
		case fault.KindOf(err) != fault.Missing:
			return err
		}
		f.OpenedAt = t.Now()
		if err := insertFund(t.Tx, &f); err != nil {
			return err
		}
		for _, kind := range []ledger.Kind{ledger.Giver, ledger.Fund, ledger.Suspense, ledger.Fee} {
			if _, err := s.open(t, f.account(kind)); err != nil {
				return err
			}
		}
		if _, err := s.tellPublic(t, "giving.fund/"+f.ID.String(), "", map[string]string{"fund": "fund/" + f.Code, "kind": "opened"}, map[string]string{"iban": f.IBAN, "basis": f.Basis}); err != nil {
			return err
		}
		return t.Tell("giving.fund/"+f.ID.String(), struct {
			Code string `json:"code"`
		}{f.Code})
	})
}

// open opens an account of the ledger, or finds it.
func (s *Service) open(t *deed.Tx, a ledger.Account) (*ledger.Account, error) {
	a.ID = id.New[ledger.Account](t.Now())
	return ledger.OpenAccount(t, a)
}

// tellPublic leaves a line in the public log, where there is one.
func (s *Service) tellPublic(t *deed.Tx, subject, word string, fields map[string]string, body any) (lid translog.LeafID, err error) {
	if s.Public == nil {
		return lid, nil
	}
	return s.Public.Append(t, translog.Leaf{Subject: subject, Word: word, Fields: fields, Body: body})
}

// Announce gives somebody who wants to give a number to write on the transfer. gid is
// made by the form, so that sending it twice makes one gift; eid is what it is for, zero
// for anything.
func (s *Service) Announce(ctx context.Context, by actor.Actor, gid GiftID, code string, minor int64, eid EarmarkID) (g *Gift, err error) {
	if minor <= 0 || minor > mostGift {
		return nil, fault.All{fault.New(fault.Invalid, "giving.gift.amount_wrong").On("amount")}
	}
	err = s.h.Do(ctx, by, DeedAnnounce, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		f, err := fundByCode(t.Tx, code)
		if err != nil {
			return err
		}
		g = &Gift{ID: gid, Fund: f.ID, Announced: minor, AnnouncedAt: t.Now(), Earmark: eid}
		if g.Receipt, err = freeNumber(t.Tx); err != nil {
			return err
		}
		fresh, err := announceGift(t.Tx, g)
		if err != nil {
			return err
		}
		if !fresh {
			if g, err = giftByID(t.Tx, gid); err != nil {
				return err
			}
			if g.Fund != f.ID || g.Announced != minor || g.Earmark != eid {
				return fault.New(fault.Conflict, "giving.gift.other")
			}
			return deed.ErrNothingDone
		}
		if !f.EndedAt.IsZero() {
			return fault.New(fault.Conflict, "giving.fund.ended_no_number")
		}
		if _, err := s.chosen(t.Tx, f, eid); err != nil {
			return err
		}
		return t.Tell("giving.gift/"+gid.String(), giftTold{Fund: f.Code, Announced: minor})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return g, err
}

// giftTold is the journal line of a gift.
type giftTold struct {
	Fund      string `json:"fund"`
	Announced int64  `json:"announced,omitempty"`
	Minor     int64  `json:"minor,omitempty"`
}

// freeNumber draws a number that neither a gift nor a payment has.
func freeNumber(t *db.Tx) (receipt.Number, error) {
	for {
		n, err := receipt.New(rand.Reader)
		if err != nil {
			return n, err
		}
		taken, err := numberTaken(t, n)
		if err != nil || !taken {
			return n, err
		}
	}
}

// day is a moment as the day on which an entry counts.
func (s *Service) day(at time.Time) string { return ledger.Day(at, s.zone) }
