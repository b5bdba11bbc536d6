package ledger

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// toldEntry is the journal line of an entry.
type toldEntry struct {
	Ref      string  `json:"ref"`
	About    string  `json:"about"`
	Sum      string  `json:"sum"`
	Reverses EntryID `json:"reverses,omitzero"`
}

// Post moves value within the deed that causes it: now, or not at all. It gives
// back the entry as it stands. again is true where the reference was posted
// before with the same content, and nothing was added; with another content it is
// a conflict. What may not leave, because it is not there, set aside or meant for
// something else, is refused with a sentence, and then nothing has moved.
func Post(t *deed.Tx, e Entry) (out Entry, again bool, err error) {
	if err := e.check(); err != nil {
		return e, false, err
	}
	of, err := accountsOf(t.Tx, e.Postings)
	if err != nil {
		return e, false, err
	}
	for i, p := range e.Postings {
		e.Postings[i].Asset = of[p.Account].Asset
	}
	e.Deed, e.By, e.Role, e.MadeAt = t.Deed.Name, t.By.Account, roleOf(t), t.Now()
	e.Sum = e.checksum()
	kept, err := insertEntry(t.Tx, e)
	if err != nil {
		return e, false, err
	}
	if !kept {
		was, err := entryByRef(t.Tx, e.Ref)
		if err == nil && !e.same(was) {
			err = fault.New(fault.Conflict, "ledger.entry.other", "ref", e.Ref)
		}
		return was, true, err
	}
	if err := e.may(t.Tx, of); err != nil {
		return e, false, err
	}
	if !e.Hold.IsZero() {
		if err := takeHold(t.Tx, e.Hold, e.ID); err != nil {
			return e, false, err
		}
	}
	if err := t.TellAs(DeedPost, subjectOf(e.ID), toldEntry{e.Ref, e.About, hex.EncodeToString(e.Sum), e.Reverses}); err != nil {
		return e, false, err
	}
	return e, false, move(t.Tx, e, of) // last: from here on others wait for these accounts
}

func subjectOf(eid EntryID) string { return "ledger.entry/" + eid.String() }

func roleOf(t *deed.Tx) string {
	if t.By.System != "" {
		return "system:" + t.By.System
	}
	return string(t.As().Role)
}

// may says why an entry must not be: what the accounts themselves do not refuse.
func (e Entry) may(t *db.Tx, of map[AccountID]*Account) error {
	if !e.balanced() {
		return fault.New(fault.Invalid, "ledger.entry.uneven")
	}
	for _, a := range of {
		if !a.ClosedAt.IsZero() {
			return fault.New(fault.Conflict, "ledger.account.closed", "account", a.Code)
		}
	}
	if a := e.misplaced(of); a != nil && e.Reverses.IsZero() {
		return fault.New(fault.Denied, "ledger.entry.earmarked", "account", a.Code)
	}
	till, err := closedTill(t)
	if err == nil && e.ValueOn <= till {
		err = closedAlready(till)
	}
	return err
}

// move changes what accounts hold, always in the same order: two entries that
// touch the same accounts then wait for each other and never stand still.
func move(t *db.Tx, e Entry, of map[AccountID]*Account) error {
	net := map[AccountID]int64{}
	for _, p := range e.Postings {
		n := net[p.Account] + p.Amount
		if (n > net[p.Account]) != (p.Amount > 0) {
			return fault.New(fault.Invalid, "ledger.entry.uneven")
		}
		net[p.Account] = n
	}
	ids := make([]AccountID, 0, len(net))
	for a := range net {
		ids = append(ids, a)
	}
	slices.SortFunc(ids, func(a, b AccountID) int { return strings.Compare(a.String(), b.String()) })
	keys := make([]string, 0, len(ids))
	for _, a := range ids {
		keys = append(keys, "ledger_account/"+a.String())
	}
	if err := t.Crowded(keys...); err != nil { // everybody gives to one fund
		return err
	}
	for _, a := range ids {
		if net[a] == 0 {
			continue
		}
		moved, err := addTo(t, a, net[a])
		if err != nil {
			return err
		}
		if !moved {
			return fault.New(fault.Conflict, "ledger.account.short", "account", of[a].Code)
		}
	}
	return nil
}

// Reverse takes an entry back by one that says the opposite, once. What has been
// spent since cannot be taken back.
func Reverse(t *deed.Tx, was EntryID, as EntryID, ref, day string) (Entry, error) {
	e, err := entryByID(t.Tx, was)
	if err != nil {
		return e, err
	}
	if !e.Reverses.IsZero() {
		return e, fault.New(fault.Invalid, "ledger.entry.reversal")
	}
	done, err := reversalOf(t.Tx, was)
	if err != nil {
		return e, err
	}
	if !done.IsZero() && done != as {
		return e, fault.New(fault.Conflict, "ledger.entry.reversed")
	}
	out, _, err := Post(t, e.reversal(as, ref, day))
	return out, err
}

// Read is an entry by its identifier.
func Read(t *db.Tx, eid EntryID) (Entry, error) { return entryByID(t, eid) }

// Find is an entry by its reference.
func Find(t *db.Tx, ref string) (Entry, error) { return entryByRef(t, ref) }

// About lists the entries of one thing, oldest first.
func About(t *db.Tx, about string) ([]Entry, error) { return entriesAbout(t, about) }
