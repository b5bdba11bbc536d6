package works

import (
	"cmp"
	"context"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// plans is who gives orders; does is who carries them out; clears is who may
// say that nobody is under it.
var (
	plans  = []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
	does   = append([]actor.Role{actor.Leader}, plans...)
	clears = []actor.Role{actor.Dispatcher, actor.CrisisCell}
)

// The deeds on an order.
var (
	DeedSee      = deed.Deed{Name: "works.order.see", Roles: append([]actor.Role{actor.Auditor}, does...)}
	DeedPlan     = deed.Deed{Name: "works.order.plan", Roles: plans}
	DeedBegin    = deed.Deed{Name: "works.order.begin", Roles: does}
	DeedStop     = deed.Deed{Name: "works.order.stop", Roles: does}
	DeedFinish   = deed.Deed{Name: "works.order.finish", Roles: does}
	DeedCancel   = deed.Deed{Name: "works.order.cancel", Roles: plans}
	DeedSetApart = deed.Deed{Name: "works.order.set_apart", Roles: clears}
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{DeedSee, DeedPlan, DeedBegin, DeedStop, DeedFinish, DeedCancel, DeedSetApart, DeedPhotoAdd, DeedPhotoLook}

// ReasonsApart is why nobody is under this rubble though a report is open.
var ReasonsApart = []string{"elsewhere", "searched", "safe"}

// OrderTold is what others hear of an order.
type OrderTold struct {
	Order  OrderID              `json:"order"`
	Org    actor.OrganisationID `json:"org"`
	State  State                `json:"state"`
	Place  string               `json:"place"`
	Volume int                  `json:"volume,omitempty"`
	Case   string               `json:"case,omitempty"` // because of which
	Reason string               `json:"reason,omitempty"`
}

func (o *Order) told() OrderTold {
	return OrderTold{Order: o.ID, Org: o.Org, State: o.State, Place: o.Place}
}

func subject(oid OrderID) string { return "works.order/" + oid.String() }

func phoneAt(oid OrderID) string { return crypt.At("works_order.phone", oid.String()) }

// Plan puts an order on the list. leader is the phone of whoever leads the crew,
// "" when nobody gave one; it is sealed. The same order again is welcome.
func (s *Service) Plan(ctx context.Context, by actor.Actor, o Order, leader string) error {
	all := o.wrong()
	if _, ok := s.places.Get(o.Place); !ok {
		all = append(all, fault.New(fault.Invalid, "works.order.place_unknown").On("place"))
	}
	if leader != "" {
		number, err := phone.Parse(leader, s.places.Country().Phone.Prefix)
		if err != nil {
			all = append(all, fault.New(fault.Invalid, "works.order.phone_wrong").On("phone"))
		}
		o.Phone = s.vault.SealText(phoneAt(o.ID), string(number))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	if !i18n.Known(i18n.Lang(o.Lang)) {
		o.Lang = s.places.Country().Default
	}
	return welcome(s.h.Do(ctx, by, DeedPlan, func(t *deed.Tx) error {
		if err := t.Allow(s.scope(&o)); err != nil {
			return err
		}
		if ok, err := s.Orgs.Recognised(t.Tx, o.Org); err != nil {
			return err
		} else if !ok {
			return fault.New(fault.Denied, "works.order.not_recognised").On("org")
		}
		o.State, o.MadeAt, o.ChangedAt = Planned, t.Now(), t.Now()
		fresh, err := addOrder(t.Tx, &o)
		if err != nil {
			return err
		}
		if !fresh {
			old, err := getOrder(t.Tx, o.ID)
			if err == nil && !old.same(&o) {
				err = fault.New(fault.Conflict, "works.order.id_taken")
			}
			return cmp.Or(err, deed.ErrNothingDone)
		}
		told := o.told()
		told.Volume = o.Volume
		return t.Tell(subject(o.ID), told)
	}))
}

// Begin lets the crew begin, or go on.
func (s *Service) Begin(ctx context.Context, by actor.Actor, oid OrderID) error {
	return s.act(ctx, by, DeedBegin, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		if o.State == Working {
			return OrderTold{}, deed.ErrNothingDone
		}
		if ok, err := s.Orgs.Recognised(t.Tx, o.Org); err != nil {
			return OrderTold{}, err
		} else if !ok {
			return OrderTold{}, fault.New(fault.Denied, "works.order.not_recognised")
		}
		blocking, err := s.blocking(t.Tx, o)
		if err != nil {
			return OrderTold{}, err
		}
		before, _, err := countPhotos(t.Tx, oid)
		if err != nil {
			return OrderTold{}, err
		}
		t.After(func() { s.working.Store(true) })
		return o.told(), o.begin(before, blocking, t.Now())
	})
}

// Stop ends the work for now, by a person.
func (s *Service) Stop(ctx context.Context, by actor.Actor, oid OrderID) error {
	return s.act(ctx, by, DeedStop, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		if o.State == Stopped {
			return OrderTold{}, deed.ErrNothingDone
		}
		return o.told(), o.stop("", t.Now())
	})
}

// Finish closes an order with the pictures that prove it.
func (s *Service) Finish(ctx context.Context, by actor.Actor, oid OrderID) error {
	return s.act(ctx, by, DeedFinish, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		if o.State == Done {
			return OrderTold{}, deed.ErrNothingDone
		}
		before, after, err := countPhotos(t.Tx, oid)
		if err != nil {
			return OrderTold{}, err
		}
		return o.told(), o.finish(before, after, t.Now())
	})
}

// Cancel gives an order up while nobody works at it.
func (s *Service) Cancel(ctx context.Context, by actor.Actor, oid OrderID) error {
	return s.act(ctx, by, DeedCancel, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		if o.State == Cancelled {
			return OrderTold{}, deed.ErrNothingDone
		}
		return o.told(), o.cancel(t.Now())
	})
}

// SetApart says that nobody is under this rubble because of a report, and why:
// it tells of somewhere else, the place was searched, they are safe.
func (s *Service) SetApart(ctx context.Context, by actor.Actor, oid OrderID, caseID, reason string) error {
	if !slices.Contains(ReasonsApart, reason) {
		return fault.All{fault.New(fault.Invalid, "works.order.reason_missing").On("reason")}
	}
	return s.act(ctx, by, DeedSetApart, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		blocking, err := s.blocking(t.Tx, o)
		if err != nil {
			return OrderTold{}, err
		}
		if !slices.ContainsFunc(blocking, func(x Trapped) bool { return x.Case == caseID }) {
			return OrderTold{}, deed.ErrNothingDone
		}
		told := o.told()
		told.Case, told.Reason = caseID, reason
		_, err = addApart(t.Tx, oid, Apart{caseID, reason}, t.By.Account)
		return told, err
	})
}

// act holds an order, asks whether the doer may act on it, decides, saves, tells.
func (s *Service) act(ctx context.Context, by actor.Actor, d deed.Deed, oid OrderID, decide func(*deed.Tx, *Order) (OrderTold, error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		o, err := hold(t.Tx, oid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.scope(o)); err != nil {
			return err
		}
		told, err := decide(t, o)
		if err != nil {
			return err
		}
		told.State = o.State
		if err := saveOrder(t.Tx, o); err != nil {
			return err
		}
		return t.Tell(subject(oid), told)
	}))
}

// Order reads one as the house itself.
func (s *Service) Order(ctx context.Context, oid OrderID) (o *Order, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error { o, err = getOrder(t, oid); return err })
	return o, err
}
