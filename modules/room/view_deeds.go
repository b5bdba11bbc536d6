package room

import (
	"context"
	"errors"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// viewTold is the journal line of a view: whom it is shared with, never its name.
type viewTold struct {
	Share Share `json:"share"`
}

func (v *View) subject() string { return "room.view/" + v.ID.String() }

// SaveView keeps a filter of the queue under a name. The same filter under the
// same name again is welcome; another filter under it is a conflict.
func (s *Service) SaveView(ctx context.Context, by actor.Actor, name, filter string, share Share) (vid ViewID, err error) {
	d := DeedViewSave
	if share != Own {
		d = DeedViewShare
	}
	err = s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		v := &View{ID: id.New[viewKind](t.Now()), Account: by.Account, Share: share, Filter: cleanFilter(filter, s.Cases.Keys()), MadeAt: t.Now()}
		if !slices.Contains(sharable(by), share) {
			return fault.New(fault.Denied, "room.view.cannot_share")
		}
		if share == OrgShared {
			v.Org = shareOrg(by)
		}
		var err error
		if v.Name, err = cleanName(name); err != nil {
			return err
		}
		was, err := s.viewNamed(t.Tx, by.Account, v.Name)
		switch {
		case err != nil:
			return err
		case was != nil && was.Filter == v.Filter && was.Share == v.Share:
			vid = was.ID
			return deed.ErrNothingDone
		case was != nil:
			return fault.All{fault.New(fault.Conflict, "room.view.name_taken").On("name")}
		}
		n, err := countViews(t.Tx, by.Account)
		if err != nil {
			return err
		}
		if n >= mostViews {
			return fault.All{fault.New(fault.Limited, "room.view.too_many", "max", mostViews).On("name")}
		}
		vid = v.ID
		if err := s.addView(t.Tx, v); err != nil {
			return err
		}
		return t.Tell(v.subject(), viewTold{share})
	})
	return vid, welcome(err)
}

// welcome is a retry that found its work done.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// RenameView gives it another name.
func (s *Service) RenameView(ctx context.Context, by actor.Actor, vid ViewID, name string) error {
	return s.onView(ctx, by, DeedViewRename, vid, func(t *deed.Tx, v *View) (err error) {
		if v.Name, err = cleanName(name); err != nil {
			return err
		}
		was, err := s.viewNamed(t.Tx, v.Account, v.Name)
		switch {
		case err != nil:
			return err
		case was != nil && was.ID == vid:
			return deed.ErrNothingDone
		case was != nil:
			return fault.All{fault.New(fault.Conflict, "room.view.name_taken").On("name")}
		}
		return s.saveView(t.Tx, v)
	})
}

// DropView deletes it for everybody who sees it.
func (s *Service) DropView(ctx context.Context, by actor.Actor, vid ViewID) error {
	return s.onView(ctx, by, DeedViewDrop, vid, func(t *deed.Tx, v *View) error { return dropView(t.Tx, vid) })
}

func (s *Service) onView(ctx context.Context, by actor.Actor, d deed.Deed, vid ViewID, change func(*deed.Tx, *View) error) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		v, err := s.getView(t.Tx, vid)
		if err != nil {
			return err
		}
		if !v.seenBy(by) {
			return fault.New(fault.Missing, "error.missing")
		}
		if !v.changedBy(by) {
			return fault.New(fault.Denied, "error.denied_here")
		}
		if err := change(t, v); err != nil {
			return err
		}
		return t.Tell(v.subject(), viewTold{v.Share})
	}))
}
