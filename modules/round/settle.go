package round

import (
	"context"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

type settleTold struct {
	Record   RecordID `json:"record"`
	Choice   string   `json:"choice"`
	Reason   string   `json:"reason"`
	Replaced string   `json:"replaced,omitempty"` // the record that another was chosen over
}

func recordSubject(rid RecordID) string { return "round.record/" + rid.String() }

// maySettle tells whether somebody may decide on a record that waits: whoever
// wrote it, and the coordination of their organisation; of a device that was
// cut off, the coordination alone.
func maySettle(by actor.Actor, r *Record) bool {
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator && g.Recognised && g.Org == r.Org {
			return true
		}
	}
	return r.Account == by.Account && r.Why != whyCut
}

// Settle decides on a record that waits for a person: it counts, what stands
// counts, or both do. Whoever is first decides, and the second is told.
func (s *Service) Settle(ctx context.Context, by actor.Actor, rid RecordID, choice, reason string) (out Result, err error) {
	out.ID = rid.String()
	if err := deed.May(by, DeedSettle); err != nil {
		return out, err
	}
	var wrong fault.All
	if !slices.Contains([]string{Mine, Theirs, Both}, choice) {
		wrong = append(wrong, fault.New(fault.Invalid, "round.settle.choice_missing").On("choice"))
	}
	if !slices.Contains(ReasonsToSettle, reason) {
		wrong = append(wrong, fault.New(fault.Invalid, "round.settle.reason_missing").On("reason"))
	}
	if err := wrong.OrNil(); err != nil {
		return out, err
	}
	var r Record
	var at Standing
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		if r, err = getRecord(t, rid); err != nil || r.State != Conflict || r.Why == whyCut {
			return err
		}
		at, err = s.Field.Stands(t, r.Mission, r.Stop)
		return err
	})
	switch {
	case err != nil:
		return out, err
	case !maySettle(by, &r):
		return out, fault.New(fault.Denied, "error.denied_here")
	case r.State != Conflict:
		return out, errSettled()
	}
	x := settling{Service: s, by: by, r: r, at: at, choice: choice, reason: reason}
	switch {
	case choice == Theirs:
		err = x.alone(ctx)
	case r.Why == whyCut:
		return x.letIn(ctx)
	case r.Kind == KindDelivery:
		err = x.deliver(ctx)
	case choice == Both: // two came, and nobody handed anything over twice
		err = x.alone(ctx)
	case at.Delivery != "":
		err = fault.New(fault.Conflict, "round.settle.proof_stands")
	default:
		err = x.restate(ctx)
	}
	if out.State, out.Key = ResultTaken, "round.settled."+choice; choice == Theirs {
		out.State = ResultAgain
	}
	return out, err
}

func errSettled() error { return fault.New(fault.Conflict, "round.settle.done") }

// settling is one decision on its way.
type settling struct {
	*Service
	by             actor.Actor
	r              Record
	at             Standing
	choice, reason string
}

// close ends the waiting, once, in the unit of work of what the decision did.
func (x *settling) close(t *deed.Tx, instead string) error {
	first, err := settleRecord(t.Tx, x.r.ID, x.choice, x.reason, x.by.Account)
	if err == nil && !first {
		err = errSettled()
	}
	if err == nil && instead != "" {
		err = replaceRecord(t.Tx, instead, x.reason, x.by.Account)
	}
	if err != nil {
		return err
	}
	return t.TellAs(DeedSettle, recordSubject(x.r.ID), settleTold{x.r.ID, x.choice, x.reason, instead})
}

func (x *settling) alone(ctx context.Context) error {
	return x.h.Do(ctx, x.by, DeedSettle, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return x.close(t, "")
	})
}

func (x *settling) deliver(ctx context.Context) error {
	told, err := x.open(&x.r)
	if err != nil {
		return err
	}
	instead := x.choice == Mine && x.at.Delivery != ""
	return x.Field.Again(ctx, x.by, told.handover(), x.r.Account, instead, x.close)
}

func (x *settling) restate(ctx context.Context) error {
	told, err := x.open(&x.r)
	if err != nil {
		return err
	}
	return x.Field.NotReachedInstead(ctx, x.by, x.r.Mission, x.r.Stop, told.body.Reason, func(t *deed.Tx) error { return x.close(t, "") })
}

// letIn takes in, on the word of a coordination, what a device that was cut off
// had recorded. What somebody else has told of meanwhile waits on, as any other.
func (x *settling) letIn(ctx context.Context) (out Result, err error) {
	r, err := x.open(&x.r)
	if err != nil {
		return out, err
	}
	b := &batch{Service: x.Service, by: x.by, all: []item{{told: r}}}
	i := &b.all[0]
	i.State, i.Why, i.Body, i.out.ID = "", "", nil, r.ID.String()
	b.take(ctx, i)
	if i.out.State == ResultRefused {
		return i.out, i.out.Err
	}
	if i.out.State == ResultLater {
		return i.out, fault.New(fault.Away, "error.away")
	}
	return i.out, x.h.Do(ctx, x.by, DeedSettle, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if i.State == Conflict {
			if i.out.Other, err = x.other(t.Tx, &i.Record); err != nil {
				return err
			}
		}
		if err := x.about(t.Tx, &i.Record); err != nil {
			return err
		}
		first, err := releaseRecord(t.Tx, &i.Record)
		if err == nil && !first {
			err = errSettled()
		}
		if err != nil {
			return err
		}
		if i.State == Taken && i.Kind == KindVisit {
			if err := t.TellAs(DeedVisit, x.Cases.Subject(i.Case), visitTold{i.ID, i.Form, i.Mission, i.Stop}); err != nil {
				return err
			}
		}
		return t.Tell(recordSubject(i.ID), settleTold{Record: i.ID, Choice: x.choice, Reason: x.reason})
	})
}
