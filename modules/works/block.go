package works

import (
	"context"
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

// blocking lists the open reports because of which nobody may work at an order.
func (s *Service) blocking(t *db.Tx, o *Order) ([]Trapped, error) {
	province := ""
	if p, ok := s.places.Province(o.Place); ok {
		province = p.Code
	}
	all, err := s.Cases.Trapped(t, province, s.Rules.Trapped)
	if err != nil {
		return nil, err
	}
	apart, err := apartOf(t, o.ID)
	return slices.DeleteFunc(all, func(x Trapped) bool {
		return !o.blockedBy(x, s.Rules.Metres, s.places.Within) || slices.ContainsFunc(apart, func(a Apart) bool { return a.Case == x.Case })
	}), err
}

// heard looks at everything under way when a report came or changed.
func (s *Service) heard(ctx context.Context, _ deed.Record) error { return s.Watch(ctx) }

// Watch stops the work wherever a report says that people may be under it, and
// tells whoever leads the crew. Where nobody works it costs one look.
func (s *Service) Watch(ctx context.Context) error {
	var all []OrderID
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { all, err = atWork(t); return err })
	if err != nil {
		return err
	}
	s.working.Store(len(all) > 0)
	for _, oid := range all {
		var must bool
		err := s.h.DB.Read(ctx, func(t *db.Tx) error {
			o, err := getOrder(t, oid)
			if err != nil {
				return err
			}
			found, err := s.blocking(t, o)
			must = len(found) > 0
			return err
		})
		if err == nil && must {
			err = s.stopFor(ctx, oid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stopFor stops an order because of the reports that are open as it does so.
func (s *Service) stopFor(ctx context.Context, oid OrderID) error {
	by := actor.Actor{System: "works"}
	return s.act(ctx, by, DeedStop, oid, func(t *deed.Tx, o *Order) (OrderTold, error) {
		found, err := s.blocking(t.Tx, o)
		if err != nil {
			return OrderTold{}, err
		}
		if o.State != Working || len(found) == 0 { // somebody else was first
			return OrderTold{}, deed.ErrNothingDone
		}
		if err := o.stop(found[0].Case, t.Now()); err != nil {
			return OrderTold{}, err
		}
		told := o.told()
		told.Case = found[0].Case
		return told, s.alarm(t, o, found[0])
	})
}

// alarm tells whoever leads the crew to stop, day or night.
func (s *Service) alarm(t *deed.Tx, o *Order, x Trapped) error {
	if s.Phones == nil || o.Phone == nil {
		return nil
	}
	number, err := s.vault.OpenText(phoneAt(o.ID), o.Phone)
	if err != nil {
		return err
	}
	return s.Phones.Inform(t, reach.Inform{Subject: subject(o.ID), Phone: number, Lang: o.Lang, Again: x.Case, Urgent: true,
		Line: reach.Line{Key: "works.sms.stop", Args: []any{"place", s.plain(o.Place, o.Lang), "receipt", i18n.Code(x.Receipt)}}})
}

// plain is the name of a place for a text message.
func (s *Service) plain(code, lang string) string {
	if p, ok := s.places.Get(code); ok {
		name, _ := p.Name(lang)
		return name
	}
	return code
}
