package round

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on records.
var (
	DeedTake   = deed.Deed{Name: "round.record.take", Roles: afield}
	DeedSettle = deed.Deed{Name: "round.record.settle", Roles: afield}
	DeedVisit  = deed.Deed{Name: "round.visit.record", Roles: afield}
)

// takenTold is the line of what a phone sent at once: numbers, and which
// records wait for a person. What each record did has lines of its own.
type takenTold struct {
	Device    DeviceID   `json:"device"`
	Taken     int        `json:"taken"`
	Refused   int        `json:"refused,omitempty"`
	Skewed    int        `json:"skewed,omitempty"` // of them, with a clock that is wrong by more than a day
	Conflicts []RecordID `json:"conflicts,omitempty"`
}

type visitTold struct {
	Record  RecordID `json:"record"`
	Form    string   `json:"form"`
	Mission string   `json:"mission"`
	Stop    string   `json:"stop"`
}

// TakeIn takes in what was written down on a phone, in its order. One record
// that cannot be taken never hinders another, and what was taken before is
// welcome. The error is about the call as a whole.
func (s *Service) TakeIn(ctx context.Context, by actor.Actor, did DeviceID, all []wireRecord) ([]Result, error) {
	if err := deed.May(by, DeedTake); err != nil {
		return nil, err
	}
	if len(all) > mostRecords {
		return nil, fault.New(fault.Invalid, "round.record.many", "most", mostRecords).On("records")
	}
	return s.takeIn(ctx, by, did, all, s.device)
}

// TakeInJSON is TakeIn for those who work from Go: records as a phone sends them.
func (s *Service) TakeInJSON(ctx context.Context, by actor.Actor, did DeviceID, records []byte) ([]Result, error) {
	var all []wireRecord
	if err := json.Unmarshal(records, &all); err != nil {
		return nil, err
	}
	return s.TakeIn(ctx, by, did, all)
}

// takeIn is TakeIn for whoever may tells to be allowed to speak for the device.
func (s *Service) takeIn(ctx context.Context, by actor.Actor, did DeviceID, all []wireRecord, may func(*db.Tx, actor.Actor, DeviceID) (Device, error)) ([]Result, error) {
	defer s.alone(did)()
	b := &batch{Service: s, by: by, may: may}
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if b.device, err = may(t, by, did); err == nil {
			err = b.look(t, all)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range b.all {
		b.take(ctx, &b.all[i])
	}
	if err := b.keep(ctx); err != nil {
		return nil, err
	}
	out := make([]Result, len(b.all))
	for i := range b.all {
		out[i] = b.all[i].out
	}
	return out, nil
}

// alone waits until no other batch of the device is worked on.
func (s *Service) alone(did DeviceID) (leave func()) {
	m, _ := s.busy.LoadOrStore(did, &sync.Mutex{})
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// batch is what came in one call.
type batch struct {
	*Service
	by     actor.Actor
	device Device
	may    func(*db.Tx, actor.Actor, DeviceID) (Device, error)
	all    []item
}

// item is one record of a batch with what became of it.
type item struct {
	told
	out  Result
	done bool // decided; keep says whether it goes on record
	keep bool
}

// look reads the records, and which of them are on record already.
func (b *batch) look(t *db.Tx, all []wireRecord) error {
	b.all = make([]item, len(all))
	for i, w := range all {
		x := &b.all[i]
		var err error
		x.told, err = b.read(w, b.device, t.Now())
		x.out.ID = w.ID
		if err != nil {
			x.refuse(err)
			continue
		}
		old, there, err := findRecord(t, x.ID)
		if err != nil {
			return err
		}
		if there {
			if err := b.again(t, x, &old); err != nil {
				return err
			}
		}
	}
	return nil
}

// again answers a record that is on record: what it was told before.
func (b *batch) again(t *db.Tx, x *item, old *Record) error {
	x.done = true
	if !old.same(&x.Record) {
		x.refuse(fault.New(fault.Conflict, "round.record.other_content"))
		return nil
	}
	x.out.Receipt = old.Receipt
	switch old.State {
	case Refused:
		x.out.State, x.out.Key = ResultRefused, old.Why
	case Conflict:
		x.out.State, x.out.Key = ResultConflict, "round.conflict."+old.Why
		o, err := b.other(t, old)
		x.out.Other = o
		return err
	case Settled:
		x.out.State, x.out.Key = ResultAgain, "round.settled."+old.Choice
	default:
		x.out.State, x.out.Key = ResultAgain, "round.result.again"
	}
	return nil
}

func (x *item) refuse(err error) { x.done, x.out.State, x.out.Err = true, ResultRefused, err }

// take does what one record tells.
func (b *batch) take(ctx context.Context, x *item) {
	if x.done {
		return
	}
	err := b.act(ctx, &x.told)
	if b.Field.Twice(err) {
		err = b.clash(ctx, &x.told)
	}
	f, _ := errors.AsType[*fault.Fault](err)
	switch kind := fault.KindOf(err); {
	case err == nil && x.State == Conflict:
		x.keep, x.out.State, x.out.Key = true, ResultConflict, "round.conflict."+x.Why
	case err == nil:
		x.State, x.keep, x.out.State, x.out.Key, x.out.Receipt = Taken, true, ResultTaken, "round.result.taken", x.Receipt
	case kind == fault.Internal || kind == fault.Away:
		if kind == fault.Internal {
			b.h.Log.Error("a record was not taken", "record", x.ID.String(), "kind", string(x.Kind), "problem", err.Error())
		}
		x.out.State, x.out.Key = ResultLater, "round.result.later"
	case f != nil && f.Field == "code" && f.Kind == fault.Invalid: // a try that counted; sent again it must not count again
		x.refuse(err)
		x.State, x.Why, x.keep = Refused, f.Key, true
	default:
		x.refuse(err)
	}
	x.done = true
}

// act does what a record tells, once: each kind's keeper knows it by its
// identifier when it comes again.
func (s *batch) act(ctx context.Context, r *told) error {
	switch r.Kind {
	case KindDelivery:
		_, err := s.Field.Deliver(ctx, s.by, r.handover())
		return err
	case KindNotReached:
		return s.Field.NotReached(ctx, s.by, r.body.Mission, r.body.Stop, r.body.Reason)
	case KindVisit:
		return s.visited(ctx, s.by, r)
	case KindRelay:
		return s.carried(ctx, s.by, r)
	}
	return s.asked(ctx, s.by, r, "round", false)
}

// about notes which case a stop is for.
func (s *Service) about(t *db.Tx, r *Record) (err error) {
	if r.State != Refused && r.Case == "" && r.Stop != "" && (r.Kind == KindDelivery || r.Kind == KindNotReached) && r.Why != whyCut {
		r.Case, err = s.Field.CaseAt(t, r.Mission, r.Stop)
	}
	return err
}

// clash keeps a second account of a stop until a person has looked at both. A
// code is looked at now, and then forgotten.
func (s *batch) clash(ctx context.Context, r *told) error {
	if r.Kind == KindDelivery && r.body.Proof == "code" {
		ok, err := s.Field.CheckCode(ctx, s.by, r.body.Mission, r.body.Stop, r.body.Code)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Invalid, "round.record.code_wrong").On("code")
		}
		r.body.Proved = true
	}
	return s.wait(r, whyTwice)
}

// keep writes down, at once, what became of the batch.
func (b *batch) keep(ctx context.Context) error {
	any := false
	for i := range b.all {
		any = any || b.all[i].keep
	}
	if !any {
		return b.seen(ctx)
	}
	return welcome(b.h.Do(ctx, b.by, DeedTake, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if _, err := b.may(t.Tx, b.by, b.device.ID); err != nil { // it may have been cut off meanwhile
			return err
		}
		told := takenTold{Device: b.device.ID}
		for i := range b.all {
			if err := b.add(t, &b.all[i], &told); err != nil {
				return err
			}
		}
		if err := sawDevice(t.Tx, b.device.ID, ""); err != nil {
			return err
		}
		if told.Taken+told.Refused+len(told.Conflicts) == 0 {
			return deed.ErrNothingDone
		}
		return t.Tell(deviceSubject(b.device.ID), told)
	}))
}

// add puts one item on record; what was faster than we is what is there.
func (b *batch) add(t *deed.Tx, x *item, told *takenTold) error {
	if !x.keep {
		return nil
	}
	if x.Org.IsZero() {
		x.Org = b.device.Org
	}
	if err := b.about(t.Tx, &x.Record); err != nil {
		return err
	}
	fresh, err := addRecord(t.Tx, &x.Record)
	if err != nil {
		return err
	}
	if !fresh {
		old, err := getRecord(t.Tx, x.ID)
		if err != nil {
			return err
		}
		return b.again(t.Tx, x, &old)
	}
	if x.Skewed {
		told.Skewed++
	}
	switch x.State {
	case Conflict:
		told.Conflicts = append(told.Conflicts, x.ID)
		x.out.Other, err = b.other(t.Tx, &x.Record)
		return err
	case Refused:
		told.Refused++
		return nil
	}
	told.Taken++
	if x.Kind == KindVisit {
		return t.TellAs(DeedVisit, b.Cases.Subject(x.Case), visitTold{x.ID, x.Form, x.Mission, x.Stop})
	}
	return nil
}

// seen notes that a device is in use, now and then.
func (b *batch) seen(ctx context.Context) error {
	if b.h.DB.Now().Sub(b.device.SeenAt) < seenEvery {
		return nil
	}
	return b.h.DB.Write(ctx, func(t *db.Tx) error { return sawDevice(t, b.device.ID, "") })
}

// other is what stands where a record that waits wants to be.
func (s *Service) other(t *db.Tx, r *Record) (*Other, error) {
	if r.Why == whyCut {
		return &Other{Kind: "cut"}, nil
	}
	at, err := s.Field.Stands(t, r.Mission, r.Stop)
	if fault.KindOf(err) == fault.Missing {
		return &Other{Kind: "moved"}, nil
	}
	if err != nil {
		return nil, err
	}
	o := &Other{Kind: at.State, At: &at.At, Reason: at.Reason}
	switch {
	case at.Delivery != "":
		o.Kind, o.Goods, o.Proof, o.Yours = "delivery", at.Goods, at.Proof, at.Account == r.Account
	case at.State == "waiting" && at.Mission != "departed":
		o.Kind = "closed"
	case at.State == "waiting":
		o.Kind = "moved"
	}
	return o, nil
}
