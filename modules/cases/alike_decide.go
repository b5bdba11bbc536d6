package cases

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// undoFor is how long what somebody decided can be undone with one key. Later,
// each can still be taken apart on its page.
const undoFor = 24 * time.Hour

// Decide judges pairs in one go: each is a deed of its own. What cannot be done
// is left out and counted. The batch is what UndoDecided takes back.
func (o *Office) Decide(ctx context.Context, by actor.Actor, verdict string, pairs [][2]CaseID) (done, left int, first error) {
	batch := id.New[decisionKind](o.h.DB.Now())
	for _, p := range pairs {
		var err error
		switch verdict {
		case "same":
			err = o.joinBest(ctx, by, p[0], p[1], batch)
		case "other":
			err = o.tellApart(ctx, by, DeedTellApart, p[0], p[1], "other", batch)
		default:
			err = fault.New(fault.Invalid, "cases.alike.verdict_unknown")
		}
		switch {
		case err == nil:
			done++
		case fault.KindOf(err) == fault.Internal:
			return done, left, err
		default:
			if left++; first == nil {
				first = err
			}
		}
	}
	return done, left, first
}

// joinBest joins two cases the way round that works: to the one that somebody
// works on, or else to the older one.
func (o *Office) joinBest(ctx context.Context, by actor.Actor, a, b CaseID, batch DecisionID) error {
	self := a == b
	err := o.h.DB.Read(ctx, func(t *db.Tx) error {
		var two [2]*Case
		for i, cid := range []CaseID{a, b} {
			c, err := getCase(t, cid)
			if err == nil {
				c, err = root(t, c) // one of the same batch may have joined it already
			}
			if err != nil {
				return err
			}
			two[i] = c
		}
		if a, b = two[0].ID, two[1].ID; leads(two[0], two[1]) {
			a, b = b, a
		}
		return notToldApart(t, two[0], two[1])
	})
	if err != nil || a == b && !self {
		return err
	}
	return o.join(ctx, by, DeedMerge, a, b, batch)
}

// notToldApart refuses to join what somebody said is not the same, by way of a third
// that is like both: whoever means it joins those two themselves.
func notToldApart(t *db.Tx, a, b *Case) error {
	sides := [2][]CaseID{{a.ID}, {b.ID}}
	for i, k := range []*Case{a, b} {
		all, err := voices(t, k.ID)
		if err != nil {
			return err
		}
		for _, v := range all {
			sides[i] = append(sides[i], v.ID)
		}
	}
	for _, x := range sides[0] {
		pairs, err := likenesses(t, x)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			if p.Verdict == "other" && slices.Contains(sides[1], elseOf(p, x)) {
				return fault.New(fault.Conflict, "cases.alike.told_apart")
			}
		}
	}
	return nil
}

// leads tells whether of two cases x is the one to which the other is joined.
func leads(x, y *Case) bool {
	if free := x.Phase == service.Open; free != (y.Phase == service.Open) {
		return !free
	}
	if !x.MadeAt.Equal(y.MadeAt) {
		return x.MadeAt.Before(y.MadeAt)
	}
	return x.ID.String() < y.ID.String()
}

// UndoDecided takes back what somebody decided last: joined cases are apart again
// as they were, and pairs told apart are asked about again.
func (o *Office) UndoDecided(ctx context.Context, by actor.Actor) (n int, err error) {
	var batch DecisionID
	var pairs []Likeness
	err = o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if batch, _, err = lastJudged(t, by.Account, t.Now().Add(-undoFor)); err == nil && !batch.IsZero() {
			pairs, err = judgedIn(t, by.Account, batch)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(pairs) == 0 {
		return 0, fault.New(fault.Conflict, "cases.alike.nothing_to_undo")
	}
	for _, p := range pairs {
		if p.Verdict == "other" {
			err = errors.Join(err, o.tellApart(ctx, by, DeedMaybeSame, p.A, p.B, "", DecisionID{}))
		} else {
			err = errors.Join(err, o.partAgain(ctx, by, p, batch))
		}
		n++
	}
	return n, err
}

func (o *Office) partAgain(ctx context.Context, by actor.Actor, p Likeness, batch DecisionID) error {
	var voice CaseID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { voice, err = voiceIn(t, p.A, p.B, batch); return err })
	if err != nil {
		return err
	}
	reopen := func(t *deed.Tx, _, _ *Case, _ CaseID) error {
		return setVerdict(t.Tx, p.A, p.B, "", by.Account, DecisionID{})
	}
	if voice.IsZero() { // taken apart by hand meanwhile
		return o.tellApart(ctx, by, DeedMaybeSame, p.A, p.B, "", DecisionID{})
	}
	return o.part(ctx, by, voice, reopen)
}
