package translog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// integrateBatch is how many leaves get their places in one transaction.
const integrateBatch = 1000

// Leaves of this process are integrated gather after they are kept, together with those
// that come meanwhile; those of other processes, and what a process left that died, at
// the next beat.
const (
	gather = 100 * time.Millisecond
	beat   = time.Second
)

// Run integrates until ctx ends. Every process of a house may run it.
func (l *Log) Run(ctx context.Context) {
	if len(l.c.Signers) == 0 {
		return
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	said := ""
	for {
		err := l.Integrate(ctx)
		switch {
		case err == nil:
			said = ""
		case ctx.Err() == nil && !db.IsAway(err) && err.Error() != said: // once, not each second
			said = err.Error()
			l.h.Log.Error("the public log stands still", "problem", said)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.wakeup:
			select {
			case <-ctx.Done():
				return
			case <-time.After(gather):
			}
		}
	}
}

// Integrate gives every leaf that waits its place, in the order in which leaves were
// kept, and signs the head that results. Leaves, hashes, places and the signed head are
// of one transaction. It may be called by any number of processes at any time: the row
// of the head lets one in. The error is *Refused where the store is not the one whose
// log was shown.
func (l *Log) Integrate(ctx context.Context) error {
	if len(l.c.Signers) == 0 {
		return nil
	}
	for {
		due, err := l.due(ctx)
		if err != nil || !due {
			return err
		}
		shown, err := l.shown.recall()
		if err != nil {
			return err
		}
		var c verify.Checkpoint
		var msg []byte
		if err := l.h.DB.Write(ctx, func(t *db.Tx) (err error) {
			c, msg, err = l.turn(t, shown)
			return err
		}); err != nil {
			return err
		}
		if err := l.shown.remember(c, msg); err != nil {
			return err
		}
	}
}

// due tells whether there is anything to do, without writing: an idle house is asked
// this each second.
func (l *Log) due(ctx context.Context) (due bool, err error) {
	err = l.h.DB.Read(ctx, func(t *db.Tx) error {
		waiting, err := waitingLeaves(t, 1)
		if err != nil {
			return err
		}
		last, there, err := lastCheckpoint(t)
		due = len(waiting) > 0 || !there || !l.signedByAll(last.note)
		return err
	})
	return due, err
}

// signedByAll tells whether each of the log's keys has signed a head: after a
// rotation none of the new ones has.
func (l *Log) signedByAll(msg string) bool {
	n, err := note.Open([]byte(msg), l.ownVerifiers())
	return err == nil && len(n.Sigs) == len(l.c.Signers)
}

func (l *Log) ownVerifiers() note.Verifiers {
	var all []note.Verifier
	for _, s := range l.c.Signers {
		v, err := note.NewVerifier(s.(*signer).public)
		if err == nil { // it was made by the same package
			all = append(all, v)
		}
	}
	return note.VerifierList(all...)
}

func (l *Log) turn(t *db.Tx, shown verify.Checkpoint) (c verify.Checkpoint, msg []byte, err error) {
	h, err := lockHead(t, l.c.Origin)
	if err != nil {
		return c, nil, err
	}
	if h.origin != l.c.Origin {
		return c, nil, fmt.Errorf("translog: the store holds the log %s, and this house is told that it is %s", h.origin, l.c.Origin)
	}
	if err := l.continues(t, h.size, shown); err != nil {
		return c, nil, err
	}
	x := newTree(t)
	if h.size, err = l.place(x, h.size); err != nil {
		return c, nil, err
	}
	c = verify.Checkpoint{Origin: l.c.Origin, Size: h.size}
	if c.Root, err = tlog.TreeHash(h.size, x); err != nil {
		return c, nil, err
	}
	old, there, err := checkpointAt(t, h.size)
	if err != nil {
		return c, nil, err
	}
	if there && tlog.Hash(old.root) != c.Root {
		return c, nil, fmt.Errorf("translog: with %d leaves the store has the root %s, and signed another: it was changed by hand", c.Size, c.Root)
	}
	if msg, err = note.Sign(&note.Note{Text: c.Text()}, l.c.Signers...); err != nil {
		return c, nil, err
	}
	return c, msg, errors.Join(keepCheckpoint(t, c.Size, c.Root, msg), setHead(t, c.Size))
}

// place gives leaves their places from size on, and says what the size is then.
func (l *Log) place(x *tree, size int64) (int64, error) {
	waiting, err := waitingLeaves(x.t, integrateBatch)
	if err != nil {
		return size, err
	}
	from := tlog.StoredHashCount(size)
	var fresh []tlog.Hash
	for _, f := range waiting {
		hashes, err := tlog.StoredHashes(size, f.entry, x)
		if err != nil {
			return size, err
		}
		for _, h := range hashes {
			x.have[from+int64(len(fresh))] = h
			fresh = append(fresh, h)
		}
		if err := placeLeaf(x.t, f, size); err != nil {
			return size, err
		}
		size++
	}
	return size, x.add(from, fresh)
}
