package cases

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// The deeds on two cases that may be one. All of them can be undone, and none is
// done by the house: somebody says so, at their desk, or of their own request.
var (
	DeedMerge     = deed.Deed{Name: "cases.case.merge", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedUnmerge   = deed.Deed{Name: "cases.case.unmerge", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedTellApart = deed.Deed{Name: "cases.case.tell_apart", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedMaybeSame = deed.Deed{Name: "cases.case.maybe_same", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedAddVoice  = deed.Deed{Name: "cases.case.add_voice", Open: true}
	DeedAlikeSee  = deed.Deed{Name: "cases.case.alike", Roles: desk}
)

var alikeDeeds = []deed.Deed{DeedMerge, DeedUnmerge, DeedTellApart, DeedMaybeSame, DeedAddVoice, DeedAlikeSee}

// Merge joins from to into: one need, two voices, both receipts good. Joined
// already, nothing is done. Of two that are taken, from is given back (see giveBack).
func (o *Office) Merge(ctx context.Context, by actor.Actor, from, into CaseID) error {
	return o.join(ctx, by, DeedMerge, from, into, DecisionID{})
}

func (o *Office) join(ctx context.Context, by actor.Actor, d deed.Deed, from, into CaseID, batch DecisionID) error {
	return o.act(ctx, by, d, from, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		to, err := getCase(t.Tx, into)
		if err != nil {
			return nil, err
		}
		at := to // where the work is: to itself, or the case that it was joined to
		if !to.MergedInto.IsZero() {
			if at, err = getCase(t.Tx, to.MergedInto); err != nil {
				return nil, err
			}
		}
		for _, k := range []*Case{to, at} {
			if err := t.Allow(k.Scope()); err != nil {
				return nil, err
			}
		}
		if from != into && rootID(c) == at.ID {
			return nil, deed.ErrNothingDone // one already
		}
		if err := giveBack(t, def, c, at); err != nil {
			return nil, err
		}
		if err := o.joinIn(t, def, c, at, into, batch); err != nil {
			return nil, err
		}
		verdict := setVerdict(t.Tx, from, into, "same", by.Account, batch)
		return stateTold{State: c.State, Other: at.ID.String()}, errors.Join(verdict, t.TellAs(d, subject(at.ID), stateTold{State: at.State, Other: from.String()}))
	})
}

// giveBack takes a case from whoever has it and has not set out, when somebody has
// the other one too: one household needs one visit. What is on its way stays so,
// and what waits is joined to what was taken, not the other way round.
func giveBack(t *deed.Tx, def *service.Definition, c, at *Case) error {
	if c.Phase != service.Owned || at.Phase == service.Open || c.ID == at.ID {
		return nil
	}
	had := c.Org.String()
	if err := c.release(def, MoveRelease, t.Now()); err != nil {
		return err
	}
	return t.TellAs(DeedRelease, subject(c.ID), stateTold{State: c.State, Org: had, Other: at.ID.String()})
}

func rootID(c *Case) CaseID {
	if c.MergedInto.IsZero() {
		return c.ID
	}
	return c.MergedInto
}

// joinIn joins a case, with all that had been joined to it, to the one that
// carries the work; named is the one that somebody said it is the same as.
func (o *Office) joinIn(t *deed.Tx, def *service.Definition, c, at *Case, named CaseID, batch DecisionID) error {
	mine, err := voices(t.Tx, c.ID)
	if err != nil {
		return err
	}
	theirs, err := voices(t.Tx, at.ID)
	if err != nil {
		return err
	}
	for _, v := range append(slices.Clone(mine), theirs...) {
		if v.ID == at.ID || v.ID == c.ID { // somebody joined the two between our reading the one and the other
			return db.Changed()
		}
	}
	if own, err := getLead(t.Tx, c.ID); err != nil {
		return err
	} else if own != nil { // it carries nobody any more, and says again what it told by itself
		own.heed(c, t.Now())
		own.gather(c, nil, nil, o.reachKm)
		if err := putLead(t.Tx, c.ID, nil); err != nil {
			return err
		}
	}
	was, err := c.merge(def, at, t.Now())
	if err != nil {
		return err
	}
	if err := putJoin(t.Tx, joinRow{Voice: c.ID, Into: named, Was: was, At: t.Now()}, t.By.Account, batch); err != nil {
		return err
	}
	if err := leadTo(t, at, mine); err != nil {
		return err
	}
	return o.gather(t.Tx, at, append(append(theirs, c), mine...))
}

// leadTo leads voices straight to the case that carries the work: every receipt
// opens what stands there.
func leadTo(t *deed.Tx, at *Case, voices []*Case) error {
	for _, v := range voices {
		v.MergedInto = at.ID
		if err := saveCase(t.Tx, v); err != nil {
			return err
		}
		if err := t.TellAs(DeedMerge, subject(v.ID), stateTold{State: v.State, Other: at.ID.String()}); err != nil {
			return err
		}
	}
	return nil
}

// gather works out anew what a case carries for the voices that are joined to it
// now, and saves it.
func (o *Office) gather(t *db.Tx, c *Case, voices []*Case) error {
	l, err := getLead(t, c.ID)
	if err != nil {
		return err
	}
	if l == nil {
		if len(voices) == 0 {
			return nil
		}
		l = newLead(c, t.Now())
	}
	l.heed(c, t.Now())
	var ids []CaseID
	for _, v := range voices {
		ids = append(ids, v.ID)
	}
	rows, err := joinsOf(t, ids)
	if err != nil {
		return err
	}
	joined := map[CaseID]time.Time{}
	for _, j := range rows {
		joined[j.Voice] = j.At
	}
	l.gather(c, voices, joined, o.reachKm)
	if len(voices) == 0 {
		l = nil
	}
	return errors.Join(saveCase(t, c), putLead(t, c.ID, l), o.heardNow(t, c))
}

// Unmerge takes a voice apart again, and with it those that had been joined to it.
func (o *Office) Unmerge(ctx context.Context, by actor.Actor, cid CaseID) error {
	return o.part(ctx, by, cid, func(t *deed.Tx, c, at *Case, named CaseID) error {
		err := setVerdict(t.Tx, cid, at.ID, "other", by.Account, DecisionID{})
		if named != at.ID {
			err = errors.Join(err, setVerdict(t.Tx, cid, named, "other", by.Account, DecisionID{}))
		}
		return err
	})
}

func (o *Office) part(ctx context.Context, by actor.Actor, cid CaseID, judge func(t *deed.Tx, c, at *Case, named CaseID) error) error {
	return o.act(ctx, by, DeedUnmerge, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		if c.MergedInto.IsZero() {
			return nil, fault.New(fault.Conflict, "cases.case.not_merged")
		}
		at, err := getCase(t.Tx, c.MergedInto)
		if err != nil {
			return nil, err
		}
		all, err := voices(t.Tx, at.ID)
		if err != nil {
			return nil, err
		}
		own, stay, join, err := branch(t.Tx, c, all)
		if err != nil {
			return nil, err
		}
		if err := c.unmerge(def, join.Was, t.Now()); err != nil {
			return nil, err
		}
		if err := leadTo(t, c, own); err != nil {
			return nil, err
		}
		if err := errors.Join(o.gather(t.Tx, at, stay), partJoin(t.Tx, cid)); err != nil {
			return nil, err
		}
		if len(own) > 0 {
			if err := o.gather(t.Tx, c, own); err != nil {
				return nil, err
			}
		}
		if err := t.Tell(subject(at.ID), stateTold{State: at.State, Other: cid.String()}); err != nil {
			return nil, err
		}
		return stateTold{State: c.State, Other: at.ID.String()}, judge(t, c, at, join.Into)
	})
}

// branch parts the voices of a case into those that had been joined to one of
// them, which go with it, and those that stay.
func branch(t *db.Tx, c *Case, all []*Case) (own, stay []*Case, join joinRow, err error) {
	var ids []CaseID
	for _, v := range all {
		ids = append(ids, v.ID)
	}
	rows, err := joinsOf(t, ids)
	if err != nil {
		return nil, nil, join, err
	}
	into := map[CaseID]CaseID{}
	join = joinRow{Voice: c.ID, Into: c.MergedInto} // joined by a release that kept no more than that
	for _, j := range rows {
		if into[j.Voice] = j.Into; j.Voice == c.ID {
			join = j
		}
	}
	for _, v := range all {
		if v.ID == c.ID {
			continue
		}
		up := into[v.ID]
		for range all { // no way up is longer than there are voices
			if up == c.ID || up.IsZero() {
				break
			}
			up = into[up]
		}
		if up == c.ID {
			own = append(own, v)
		} else {
			stay = append(stay, v)
		}
	}
	return own, stay, join, nil
}

// TellApart says that two cases that look alike are not the same.
func (o *Office) TellApart(ctx context.Context, by actor.Actor, a, b CaseID) error {
	return o.tellApart(ctx, by, DeedTellApart, a, b, "other", DecisionID{})
}

func (o *Office) tellApart(ctx context.Context, by actor.Actor, d deed.Deed, a, b CaseID, verdict string, batch DecisionID) error {
	return o.act(ctx, by, d, a, func(t *deed.Tx, _ *service.Definition, c *Case) (any, error) {
		other, err := getCase(t.Tx, b)
		if err == nil {
			err = t.Allow(other.Scope())
		}
		if err != nil {
			return nil, err
		}
		return stateTold{State: c.State, Other: b.String()}, o.judgePair(t.Tx, c, other, verdict, by.Account, batch)
	})
}

// judgePair writes a verdict down for two cases and for whatever pairs of their
// voices nobody judged, so that the same question does not come back.
func (o *Office) judgePair(t *db.Tx, a, b *Case, verdict string, by actor.AccountID, batch DecisionID) error {
	sides := [2]map[CaseID]bool{{a.ID: true}, {b.ID: true}}
	for i, k := range []*Case{a, b} {
		all, err := voices(t, k.ID)
		if err != nil {
			return err
		}
		for _, v := range all {
			sides[i][v.ID] = true
		}
	}
	if err := setVerdict(t, a.ID, b.ID, verdict, by, batch); err != nil {
		return err
	}
	for x := range sides[0] {
		pairs, err := likenesses(t, x)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			y := p.B
			if y == x {
				y = p.A
			}
			if sides[1][y] && !(x == a.ID && y == b.ID) {
				if err := setVerdict(t, x, y, verdict, by, batch); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// noVoiceWaits refuses to let a case wait longer than one of the voices that it
// carries may.
func noVoiceWaits(t *db.Tx, c *Case, level int) error {
	if !c.MergedInto.IsZero() { // what is decided is decided of the case that carries the work
		return fault.New(fault.Conflict, "cases.case.is_merged")
	}
	joined, err := voices(t, c.ID)
	for _, v := range joined {
		if err == nil && v.Level < level {
			err = fault.New(fault.Denied, "cases.case.voice_more_urgent")
		}
	}
	return err
}
