package room

import (
	"context"
	"errors"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// bulkTold is the journal line of a bulk: what is to be done, and to how many.
// Each case has a line of its own that names the bulk.
type bulkTold struct {
	Act    string `json:"act"`
	Cases  int    `json:"cases"`
	Team   string `json:"team,omitempty"`
	Sector string `json:"sector,omitempty"`
}

// Prepare keeps what somebody chose, so that they look it over before it is done.
// Cases that they may not see are left out, and so is the same one twice.
func (s *Service) Prepare(ctx context.Context, by actor.Actor, w What, cases []string) (bid BulkID, err error) {
	err = s.h.Do(ctx, by, DeedBulkPrepare, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if wrong := s.wrong(by, w, cases); len(wrong) > 0 {
			return wrong
		}
		seen, err := s.Cases.Revisions(t, cases)
		if err != nil {
			return err
		}
		var all []Item
		for _, c := range cases {
			if rev, ok := seen[c]; ok {
				all = append(all, Item{Case: c, Seen: rev})
				delete(seen, c)
			}
		}
		if len(all) == 0 {
			return fault.All{fault.New(fault.Invalid, "room.bulk.choose").On("case")}
		}
		bid = id.New[bulkKind](t.Now())
		b := &Bulk{ID: bid, Account: by.Account, Act: w.Act, Team: w.Team, Sector: w.Sector, State: Draft, MadeAt: t.Now()}
		if err := addBulk(t.Tx, b, all); err != nil {
			return err
		}
		return t.Tell(b.subject(), bulkTold{w.Act, len(all), w.Team, w.Sector})
	})
	return bid, err
}

// wrong tells everything that is wrong with a choice.
func (s *Service) wrong(by actor.Actor, w What, cases []string) (all fault.All) {
	if !slices.Contains(s.Cases.Acts(by), w.Act) {
		all = append(all, fault.New(fault.Invalid, "room.bulk.act_missing").On("act"))
	}
	if w.Act == "assign" && w.Team == "" {
		all = append(all, fault.New(fault.Invalid, "room.bulk.team_missing").On("team"))
	}
	if w.Act == "visit" && !slices.Contains(s.Cases.Sectors(), w.Sector) {
		all = append(all, fault.New(fault.Invalid, "room.bulk.sector_missing").On("sector"))
	}
	switch {
	case len(cases) == 0:
		all = append(all, fault.New(fault.Invalid, "room.bulk.choose").On("case"))
	case len(cases) > MostAtOnce:
		all = append(all, fault.New(fault.Limited, "room.bulk.too_many", "max", MostAtOnce).On("case"))
	}
	return all
}

// own is a bulk of the doer; nobody else's is there for them.
func own(t *db.Tx, by actor.Actor, bid BulkID) (*Bulk, error) {
	b, err := getBulk(t, bid)
	if err == nil && b.Account != by.Account {
		err = fault.New(fault.Missing, "error.missing")
	}
	return b, err
}

// Do does the bulk to each case that is as it was when it was chosen; the others
// are left, each with its reason. Sent twice, or while it is being done, it does
// nothing twice; what an interrupted one did not reach, the next one does.
func (s *Service) Do(ctx context.Context, by actor.Actor, bid BulkID) error {
	b, all, err := s.start(ctx, by, bid, DeedBulkDo, func(t *deed.Tx, b *Bulk) (bool, error) {
		switch {
		case b.State == Undone:
			return false, fault.New(fault.Conflict, "room.bulk.undone_already")
		case b.State == Done && !b.undoable(t.Now()): // what could not be undone is not gone on with
			return false, fault.New(fault.Conflict, "room.bulk.over")
		}
		return begin(t.Tx, bid)
	})
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.State != chosen {
			continue
		}
		err := s.Cases.Do(ctx, by, b.what(), x.Item, func(t *db.Tx, was []byte, after int64) error {
			return once(func() (bool, error) { return lock(t, bid, Done) }, func() (bool, error) { return markDone(t, bid, x.Item, was, after) })
		})
		if err := s.settle(ctx, bid, x, chosen, left, err); err != nil {
			return err
		}
	}
	return nil
}

// Undo puts back what the bulk did, and nothing that anybody has touched since:
// that is kept, each with its reason. For ten minutes after it was done.
func (s *Service) Undo(ctx context.Context, by actor.Actor, bid BulkID) error {
	b, all, err := s.start(ctx, by, bid, DeedBulkUndo, func(t *deed.Tx, b *Bulk) (bool, error) {
		switch {
		case b.State == Undone: // what an interrupted one did not reach
			return false, nil
		case !b.undoable(t.Now()):
			return false, fault.New(fault.Conflict, "room.bulk.too_late")
		}
		return takeBack(t.Tx, bid)
	})
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.State != done {
			continue
		}
		err := s.Cases.Undo(ctx, by, b.what(), x.Item, func(t *db.Tx) error {
			return once(func() (bool, error) { return lock(t, bid, Undone) }, func() (bool, error) { return markUndone(t, bid, x.Item) })
		})
		if err := s.settle(ctx, bid, x, done, kept, err); err != nil {
			return err
		}
	}
	return nil
}

// start moves a bulk on, leaves a line the first time, and reads its cases after
// that: whoever comes second goes on where the first one is.
func (s *Service) start(ctx context.Context, by actor.Actor, bid BulkID, d deed.Deed, move func(*deed.Tx, *Bulk) (bool, error)) (b *Bulk, all []item, err error) {
	err = welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if b, err = own(t.Tx, by, bid); err != nil {
			return err
		}
		if all, err = itemsOf(t.Tx, bid); err != nil {
			return err
		}
		fresh, err := move(t, b)
		if err != nil {
			return err
		}
		if !fresh {
			return deed.ErrNothingDone
		}
		return t.Tell(b.subject(), bulkTold{b.Act, len(all), b.Team, b.Sector})
	}))
	return b, all, err
}

// once lets a case be written only by whoever marks it first.
func once(steps ...func() (bool, error)) error {
	for _, step := range steps {
		if ok, err := step(); err != nil || !ok {
			return errors.Join(err, errWhen(!ok))
		}
	}
	return nil
}

func errWhen(done bool) error {
	if done {
		return deed.ErrNothingDone
	}
	return nil
}

// settle writes down why a case was left. What broke in us stops the bulk, which
// goes on when it is sent again.
func (s *Service) settle(ctx context.Context, bid BulkID, x item, from, to string, err error) error {
	if err == nil || errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	f := asFault(err)
	if f == nil {
		return err
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return markWhy(t, bid, x.Item, from, to, packWhy(f)) })
}

// SweepBulks takes away drafts that nobody did, and what is long over.
func (s *Service) SweepBulks(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return sweepBulks(t, t.Now().Add(-draftFor), t.Now().Add(-bulkFor)) })
}
