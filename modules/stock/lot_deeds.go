package stock

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/translog"
)

// The deeds of a depot. Whoever keeps money writes nothing down here.
var (
	DeedSee     = deed.Deed{Name: "stock.depot.see", Roles: []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell, actor.Treasurer, actor.Auditor}}
	DeedReceive = deed.Deed{Name: "stock.lot.receive", Roles: []actor.Role{actor.Coordinator}}
	DeedLose    = deed.Deed{Name: "stock.good.lose", Roles: []actor.Role{actor.Coordinator}}
	DeedTell    = deed.Deed{Name: "stock.given.tell"} // the house itself
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{DeedSee, DeedReceive, DeedLose, DeedTell}

// told is the journal line of a lot or a loss.
type told struct {
	Org     actor.OrganisationID `json:"org"`
	Good    string               `json:"good"`
	Units   int                  `json:"units"`
	Source  Source               `json:"source,omitempty"`
	Payment string               `json:"payment,omitempty"`
	Minor   int64                `json:"minor,omitempty"`
	Reason  string               `json:"reason,omitempty"`
	Customs string               `json:"customs,omitempty"`
}

func subjectOf(lid LotID) string   { return "stock.lot/" + lid.String() }
func lossSubject(x LossID) string  { return "stock.loss/" + x.String() }
func asCents(minor int64) string   { return strconv.FormatInt(minor, 10) }
func publicGood(g string) string   { return "lot/" + strings.ReplaceAll(g, "_", "-") }
func onField(f *fault.Fault) error { return fault.All{f} }

// scopeOf is an organisation's depot for somebody: whoever coordinates for it in one
// territory alone keeps its depots too, which are nowhere.
func scopeOf(by actor.Actor, org actor.OrganisationID) actor.Scope {
	out := actor.Scope{Org: org}
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator && g.Org == org && g.Territory != "" {
			out.Path = append(out.Path, g.Territory)
		}
	}
	return out
}

// Receive writes down what arrived at a depot; number is of the payment that it was bought
// with. The same lot again is welcome. More than the payment paid, or by whoever had a
// hand in the payment, is refused.
func (s *Service) Receive(ctx context.Context, by actor.Actor, l Lot, number string) error {
	l.Customs = strings.ToUpper(strings.TrimSpace(arabic.Digits(l.Customs)))
	all := s.wrong(l, number)
	if err := all.OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedReceive, func(t *deed.Tx) error {
		if err := t.Allow(scopeOf(by, l.Org)); err != nil {
			return err
		}
		was, there, err := lotByID(t.Tx, l.ID)
		if err != nil {
			return err
		}
		if there {
			if was.Org != l.Org || was.Good != l.Good || was.Units != l.Units || was.Source != l.Source || was.Customs != l.Customs {
				return fault.New(fault.Conflict, "stock.lot.other")
			}
			return deed.ErrNothingDone
		}
		if l.Source != Bought {
			l.Minor = 0
		} else if l.Payment, err = s.spend(t, number, l.Minor); err != nil {
			return err
		}
		l.By, l.At, l.Entry = by.Account, t.Now(), id.New[ledger.Entry](t.Now())
		from, to := ledger.GoodsAccount(ledger.Giver, l.Org.String(), l.Good, "source/"+l.Org.String()), ledger.CountedDepot(l.Org.String(), l.Good)
		if err := s.post(t, ledger.Entry{ID: l.Entry, Ref: "lot/" + l.ID.String(), About: subjectOf(l.ID), Purpose: customsPurpose(l.Customs)}, from, to, l.Units); err != nil {
			return err
		}
		if err := insertLot(t.Tx, l); err != nil {
			return err
		}
		if err := s.tellPublic(t, l); err != nil {
			return err
		}
		return t.Tell(subjectOf(l.ID), told{Org: l.Org, Good: l.Good, Units: l.Units, Source: l.Source, Payment: l.Payment, Minor: l.Minor, Customs: l.Customs})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// customsPurpose is how an entry of the ledger names a customs declaration.
func customsPurpose(number string) string {
	if number == "" {
		return ""
	}
	return "customs/" + number
}

// spend finds the payment of a number and counts what a lot cost of it.
func (s *Service) spend(t *deed.Tx, number string, minor int64) (string, error) {
	n, err := receipt.Parse(number)
	if err != nil {
		return "", onField(fault.New(fault.Invalid, "stock.payment.number_wrong").On("number"))
	}
	p, err := s.p.Payments.Paid(t.Tx, n)
	if err != nil {
		return "", err
	}
	if p == nil {
		return "", onField(fault.New(fault.Invalid, "stock.payment.unknown").On("number"))
	}
	if slices.Contains(p.Hands, t.By.Account) {
		return "", onField(fault.New(fault.Denied, "stock.payment.own_hand").On("number"))
	}
	ok, err := take(t.Tx, p, minor)
	if err != nil || ok {
		return p.ID, err
	}
	taken, err := takenOf(t.Tx, p.ID)
	if err != nil {
		return "", err
	}
	return "", onField(fault.New(fault.Invalid, "stock.payment.beyond", "left", i18n.Money{Minor: p.Minor - taken, Currency: p.Currency}).On("amount"))
}

// post moves units from one account of a good to another.
func (s *Service) post(t *deed.Tx, e ledger.Entry, from, to ledger.Account, units int) error {
	e.ValueOn = ledger.Day(t.Now(), s.places.Country().Zone())
	for _, x := range []struct {
		at    ledger.Account
		units int
	}{{from, -units}, {to, units}} {
		x.at.ID = id.New[ledger.Account](t.Now())
		a, err := ledger.OpenAccount(t, x.at)
		if err != nil {
			return err
		}
		e.Postings = append(e.Postings, ledger.Posting{Account: a.ID, Amount: int64(x.units)})
	}
	_, _, err := ledger.Post(t, e)
	return err
}

// tellPublic leaves a line in the public log: what arrived, at whom, and how it came.
func (s *Service) tellPublic(t *deed.Tx, l Lot) error {
	if s.Public == nil {
		return nil
	}
	fields := map[string]string{"organisation": l.Org.String(), "asset": publicGood(l.Good), "amount": strconv.Itoa(l.Units), "kind": string(l.Source)}
	_, err := s.Public.Append(t, translog.Leaf{Subject: subjectOf(l.ID), Fields: fields, Body: map[string]string{"lot": l.ID.String(), "payment": l.Payment, "minor": asCents(l.Minor), "customs": l.Customs}})
	return err
}

// Lose writes down what went missing at a depot. What is not there cannot go missing.
func (s *Service) Lose(ctx context.Context, by actor.Actor, x Loss) error {
	var all fault.All
	if _, known := s.good(x.Good); !known {
		all = append(all, fault.New(fault.Invalid, "stock.good.missing").On("lost_good"))
	}
	if x.Units < 1 || x.Units > mostUnits {
		all = append(all, fault.New(fault.Invalid, "stock.units.wrong", "most", mostUnits).On("lost_units"))
	}
	if !slices.Contains(Reasons, x.Reason) {
		all = append(all, fault.New(fault.Invalid, "stock.loss.reason_missing").On("reason"))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedLose, func(t *deed.Tx) error {
		if err := t.Allow(scopeOf(by, x.Org)); err != nil {
			return err
		}
		was, there, err := lossByID(t.Tx, x.ID)
		if err != nil {
			return err
		}
		if there {
			if was.Org != x.Org || was.Good != x.Good || was.Units != x.Units {
				return fault.New(fault.Conflict, "stock.lot.other")
			}
			return deed.ErrNothingDone
		}
		from := ledger.CountedDepot(x.Org.String(), x.Good)
		held, counted, err := heldIn(t, from.Code)
		if err != nil {
			return err
		}
		if !counted || held < int64(x.Units) {
			return onField(fault.New(fault.Invalid, "stock.loss.short", "n", held).On("lost_units"))
		}
		x.By, x.At, x.Entry = by.Account, t.Now(), id.New[ledger.Entry](t.Now())
		to := ledger.GoodsAccount(ledger.Lost, x.Org.String(), x.Good, "missing/"+x.Org.String())
		if err := s.post(t, ledger.Entry{ID: x.Entry, Ref: "loss/" + x.ID.String(), About: lossSubject(x.ID)}, from, to, x.Units); err != nil {
			return err
		}
		if err := insertLoss(t.Tx, x); err != nil {
			return err
		}
		return t.Tell(lossSubject(x.ID), told{Org: x.Org, Good: x.Good, Units: x.Units, Reason: x.Reason})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

func heldIn(t *deed.Tx, code string) (int64, bool, error) {
	a, err := ledger.Get(t.Tx, code)
	if fault.KindOf(err) == fault.Missing {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return a.Free(), true, nil
}
