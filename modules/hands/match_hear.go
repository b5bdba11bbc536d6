package hands

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// A unit on a mission is like any other of its good, and nobody writes on a
// blanket whose it was. What was handed over, lost and brought back of a good
// is therefore counted in the order of loading: the units that were loaded
// first were handed over first; what an organisation took along of its own
// counts after the gifts.

// arrived hears of a delivery, and counts what of it was given by whom. Heard
// twice, it is counted once.
func (s *Service) arrived(ctx context.Context, r deed.Record) error {
	var told struct {
		Delivery, Mission, Case string
		Goods                   map[string]int
	}
	if err := json.Unmarshal(r.Told, &told); err != nil {
		return err
	}
	return s.count(ctx, DeedOfferArrive, told.Mission, func(t *deed.Tx, loads []*load) (some bool, err error) {
		if done, err := givenAt(t.Tx, told.Delivery); err != nil || done {
			return false, err
		}
		for _, good := range slices.Sorted(maps.Keys(told.Goods)) {
			n := told.Goods[good]
			for _, l := range loads {
				k := min(n, l.aboard())
				if l.good != good || k <= 0 {
					continue
				}
				n, some = n-k, true
				if err := addGiven(t.Tx, told.Delivery, told.Case, l, k, r.At); err != nil {
					return false, err
				}
				if err := t.Tell(offerSubject(l.offer), LoadTold{Offer: l.offer, Mission: told.Mission, Good: good, Units: k, Case: told.Case}); err != nil {
					return false, err
				}
			}
		}
		return some, nil
	})
}

// count does fn on the loads of a mission, with every offer concerned held.
// fn tells what it changed; when it told nothing, nothing was done.
func (s *Service) count(ctx context.Context, d deed.Deed, mission string, fn func(*deed.Tx, []*load) (told bool, err error)) error {
	var some bool
	if err := s.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := loadsOn(t, mission)
		some = len(all) > 0
		return err
	}); err != nil || !some {
		return err
	}
	err := s.h.Do(ctx, itself("offers"), d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		first, err := loadsOn(t.Tx, mission)
		if err != nil {
			return err
		}
		var offers []OfferID
		for _, l := range first {
			offers = append(offers, l.offer)
		}
		slices.SortFunc(offers, func(a, b OfferID) int { return cmp.Compare(a.String(), b.String()) })
		for _, oid := range slices.Compact(offers) { // in one order, so that two never wait for each other
			if _, err := holdOffer(t.Tx, oid); err != nil {
				return err
			}
		}
		loads, err := loadsOn(t.Tx, mission)
		if err != nil {
			return err
		}
		told, err := fn(t, loads)
		if err == nil && !told {
			err = deed.ErrNothingDone
		}
		return err
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// accounted hears that a mission closed: what of each good was lost and what
// came back is known, and is shared out in the order of loading.
func (s *Service) accounted(ctx context.Context, r deed.Record) error {
	var told struct {
		Mission string
		Goods   []struct {
			Good                      string
			Delivered, Returned, Lost int
		}
	}
	if err := json.Unmarshal(r.Told, &told); err != nil {
		return err
	}
	return s.count(ctx, DeedOfferAccount, told.Mission, func(t *deed.Tx, loads []*load) (some bool, err error) {
		for _, g := range told.Goods {
			for _, l := range settle(loads, g.Good, g.Delivered, g.Lost, r.At) {
				some = true
				if err := settleLoad(t.Tx, l); err != nil {
					return false, err
				}
				if err := t.Tell(offerSubject(l.offer), LoadTold{Offer: l.offer, Mission: told.Mission, Good: g.Good, Back: l.back, Lost: l.lost}); err != nil {
					return false, err
				}
			}
		}
		return some, nil
	})
}

// settle shares out what happened to a good among the loads of a mission: so
// much was handed over, so much lost, and the rest came back. Deliveries that
// have not been heard of yet find their units still to be counted.
func settle(loads []*load, good string, delivered, lost int, now time.Time) (out []*load) {
	for _, l := range loads {
		if l.good != good {
			continue
		}
		d := min(l.units, delivered)
		delivered -= d
		n := min(l.units-d, lost)
		lost -= n
		if !l.settled.IsZero() {
			continue
		}
		l.lost, l.back, l.settled = n, l.units-d-n, now
		out = append(out, l)
	}
	return out
}

// told hears what the people of a case said of what came.
func (s *Service) told(ctx context.Context, r deed.Record) error {
	var said struct{ Answer string }
	if err := json.Unmarshal(r.Told, &said); err != nil {
		return err
	}
	_, c, ok := strings.Cut(r.Subject, "/")
	if !ok || said.Answer == "" {
		return nil
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return heard(t, c, said.Answer == "yes", r.At) })
}
