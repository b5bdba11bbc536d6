package room

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// noteTold is the journal line of a note: of which desk, and how the work stood.
type noteTold struct {
	Area    string `json:"area,omitempty"`
	Overdue int    `json:"overdue"`
	Taken   int    `json:"taken"`
	Blocked int    `json:"blocked"`
}

func (n *Note) subject() string { return "room.note/" + n.ID.String() }
func (n *Note) told() noteTold {
	return noteTold{n.Desk.Area, n.Facts.OverdueN, n.Facts.TakenN, n.Facts.BlockedN}
}

// WriteNote leaves a note for the next shift of a desk: free words, sealed, and by
// itself how the work stands. Until it is signed whoever wrote it may write it
// anew; whoever else leaves meanwhile reads and signs it first.
func (s *Service) WriteNote(ctx context.Context, by actor.Actor, slot, words string, hours int) (nid NoteID, err error) {
	var wrong fault.All
	desk, ok := deskOf(by, slot)
	if !ok {
		wrong = append(wrong, fault.New(fault.Invalid, "room.note.desk_missing").On("desk"))
	}
	if !slices.Contains(Shifts, hours) {
		wrong = append(wrong, fault.New(fault.Invalid, "room.note.hours_missing").On("hours"))
	}
	text, bad := cleanWords(words)
	if f := asFault(bad); f != nil {
		wrong = append(wrong, f)
	}
	if len(wrong) > 0 {
		return nid, wrong
	}
	err = s.h.Do(ctx, by, DeedNoteWrite, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		was, err := waiting(t.Tx, desk)
		if err != nil {
			return err
		}
		if was != nil && was.Account != by.Account {
			return s.waits(t.Tx, was)
		}
		n := &Note{ID: id.New[noteKind](t.Now()), Desk: desk, Account: by.Account, MadeAt: t.Now(), Since: t.Now().Add(-time.Duration(hours) * time.Hour)}
		if was != nil {
			n.ID = was.ID
		}
		n.Sealed = s.vault.SealText(wordsAt(n.ID), text)
		if n.Facts, err = s.Cases.Shift(t.Tx, desk.Area, desk.forOrg(by), n.Since, mostNamed); err != nil {
			return err
		}
		nid = n.ID
		if was != nil {
			err = rewrite(t.Tx, n)
		} else if fresh, add := addNote(t.Tx, n); add != nil || !fresh {
			if err = add; err == nil { // somebody was faster by a moment
				err = db.Changed()
			}
		}
		if err != nil {
			return err
		}
		return t.Tell(n.subject(), n.told())
	})
	return nid, err
}

// waits says whose note waits to be read first.
func (s *Service) waits(t *db.Tx, n *Note) error {
	name, err := s.Orgs.Who(t, n.Account)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "room.note.waits", "who", name, "when", n.MadeAt)
}

// onNote does something to a note of a desk at which the doer works.
func (s *Service) onNote(ctx context.Context, by actor.Actor, d deed.Deed, nid NoteID, do func(*deed.Tx, *Note) error) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := getNote(t.Tx, nid)
		if err != nil {
			return err
		}
		if !slices.Contains(desksOf(by), n.Desk) {
			return fault.New(fault.Missing, "error.missing")
		}
		if err := do(t, n); err != nil {
			return err
		}
		return t.Tell(n.subject(), noteTold{Area: n.Desk.Area, Overdue: n.Facts.OverdueN, Taken: n.Facts.TakenN, Blocked: n.Facts.BlockedN})
	}))
}

// ReadNote opens the words of a note, and leaves a line that it did.
func (s *Service) ReadNote(ctx context.Context, by actor.Actor, nid NoteID) (n *Note, words string, err error) {
	err = s.onNote(ctx, by, DeedNoteRead, nid, func(t *deed.Tx, x *Note) (err error) {
		n = x
		if words, err = s.vault.OpenText(wordsAt(x.ID), x.Sealed); err != nil {
			return err
		}
		return markRead(t.Tx, x.ID, by.Account)
	})
	return n, words, err
}

// SignNote says that whoever comes has read it: they opened it before, and are not
// its writer.
func (s *Service) SignNote(ctx context.Context, by actor.Actor, nid NoteID) error {
	return s.onNote(ctx, by, DeedNoteSign, nid, func(t *deed.Tx, n *Note) error {
		switch read, err := hasRead(t.Tx, n.ID, by.Account); {
		case err != nil:
			return err
		case n.SignedBy == by.Account:
			return deed.ErrNothingDone
		case !n.SignedAt.IsZero():
			return fault.New(fault.Conflict, "room.note.signed_already")
		case n.Account == by.Account:
			return fault.New(fault.Conflict, "room.note.own")
		case !read:
			return fault.New(fault.Conflict, "room.note.read_first")
		}
		ok, err := markSigned(t.Tx, n.ID, by.Account)
		if err == nil && !ok {
			err = db.Changed()
		}
		return err
	})
}

// ForgetNotes takes away notes that are older than the country lets them be.
func (s *Service) ForgetNotes(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		n, err := forgetNotes(t, t.Now().Add(-time.Duration(s.Rules.Notes.Forget)))
		if n > 0 {
			s.h.Log.Info("notes of shifts were forgotten", "notes", n)
		}
		return err
	})
}
