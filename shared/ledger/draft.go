package ledger

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Band says who must agree to what leaves an account: amounts from From on, in the
// asset's smallest unit.
type Band struct {
	Asset string       `yaml:"asset"`
	From  int64        `yaml:"from"`
	Wants int          `yaml:"wants"` // others than the author who agree
	Roles []actor.Role `yaml:"roles"` // in any of which they agree
}

// Bands are the rules of a house (packs/<country>/ledger.yaml). Of the bands of an
// asset, that with the highest From below an amount holds; where none does, one
// other must agree in the role of the deed.
type Bands []Band

func (all Bands) of(asset string, minor int64) Band {
	best := Band{Asset: asset, From: -1, Wants: 1}
	for _, b := range all {
		if b.Asset == asset && b.From <= minor && b.From > best.From {
			best = b
		}
	}
	best.Wants = max(1, best.Wants)
	return best
}

// Draft is an entry that waits until others than its author agree.
type Draft struct {
	ID      DraftID
	Entry   Entry
	Minor   int64 // the most that leaves one kind of asset
	Asset   string
	Wants   int // others who must agree
	Author  actor.AccountID
	MadeAt  time.Time
	EndedAt time.Time
	Posted  EntryID // zero: it was dropped, or waits
	Why     string  // it was dropped
	Agreed  []Approval
}

// Approval is one who agreed.
type Approval struct {
	Account actor.AccountID
	Role    string
	At      time.Time
}

type toldDraft struct {
	Ref   string `json:"ref"`
	About string `json:"about"`
	Wants int    `json:"wants"`
}

// Write puts an entry before others. The same reference again is welcome.
func Write(t *deed.Tx, did DraftID, e Entry, bands Bands) (*Draft, error) {
	if t.By.Account.IsZero() {
		return nil, fault.New(fault.Denied, "ledger.draft.nobody")
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	of, err := accountsOf(t.Tx, e.Postings)
	if err != nil {
		return nil, err
	}
	for i, p := range e.Postings {
		e.Postings[i].Asset = of[p.Account].Asset
	}
	if err := e.may(t.Tx, of); err != nil {
		return nil, err
	}
	d := &Draft{ID: did, Entry: e, Author: t.By.Account, MadeAt: t.Now()}
	d.Asset, d.Minor = e.largest()
	d.Wants = bands.of(d.Asset, d.Minor).Wants
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	kept, err := insertDraft(t.Tx, d, string(body))
	if err != nil {
		return nil, err
	}
	if !kept {
		was, err := draftByRef(t.Tx, e.Ref)
		if err == nil && !was.Entry.same(e) {
			err = fault.New(fault.Conflict, "ledger.entry.other", "ref", e.Ref)
		}
		return was, err
	}
	return d, t.TellAs(DeedDraft, "ledger.draft/"+did.String(), toldDraft{e.Ref, e.About, d.Wants})
}

// largest is the asset of which most leaves, and how much.
func (e Entry) largest() (asset string, minor int64) {
	out := map[string]int64{}
	for _, p := range e.Postings {
		if p.Amount < 0 {
			out[p.Asset] -= p.Amount
		}
	}
	for a, n := range out {
		if n > minor || n == minor && a < asset {
			asset, minor = a, n
		}
	}
	return asset, minor
}

// Agree is what somebody else than the author says to a draft; when enough have,
// it is posted within the same deed. Who agreed twice counts once.
func Agree(t *deed.Tx, did DraftID, bands Bands) (*Draft, error) {
	if err := lockDraft(t.Tx, did); err != nil { // two who agree at once must see each other
		return nil, err
	}
	d, err := draftByID(t.Tx, did)
	if err != nil {
		return nil, err
	}
	band := bands.of(d.Asset, d.Minor)
	switch {
	case !d.EndedAt.IsZero():
		return d, deed.ErrNothingDone
	case t.By.Account.IsZero():
		return nil, fault.New(fault.Denied, "ledger.draft.nobody")
	case t.By.Account == d.Author:
		return nil, fault.New(fault.Denied, "ledger.draft.own")
	case len(band.Roles) > 0 && !slices.Contains(band.Roles, t.As().Role):
		return nil, fault.New(fault.Denied, "ledger.draft.role")
	}
	fresh, err := insertApproval(t.Tx, did, Approval{t.By.Account, roleOf(t), t.Now()})
	if err != nil {
		return nil, err
	}
	if !fresh {
		return d, deed.ErrNothingDone
	}
	if err := t.TellAs(DeedAgree, "ledger.draft/"+did.String(), toldDraft{d.Entry.Ref, d.Entry.About, d.Wants}); err != nil {
		return nil, err
	}
	if d, err = draftByID(t.Tx, did); err != nil || len(d.Agreed) < max(d.Wants, band.Wants) {
		return d, err
	}
	if d.Entry.ValueOn, err = OpenDay(t.Tx, d.Entry.ValueOn); err != nil { // the books may have been closed since it was written
		return nil, err
	}
	out, _, err := Post(t, d.Entry)
	if err != nil {
		return nil, err
	}
	ended, err := endDraft(t.Tx, did, out.ID, "")
	if err == nil && !ended {
		err = fault.New(fault.Conflict, "error.changed_meanwhile")
	}
	if err != nil {
		return nil, err
	}
	return draftByID(t.Tx, did)
}

// Drop ends a draft that will not be posted; why is a word, never a sentence of a
// person.
func Drop(t *deed.Tx, did DraftID, why string) error {
	d, err := draftByID(t.Tx, did)
	if err != nil {
		return err
	}
	ended, err := endDraft(t.Tx, did, EntryID{}, why)
	if err != nil {
		return err
	}
	if !ended {
		return deed.ErrNothingDone
	}
	return t.TellAs(DeedDrop, "ledger.draft/"+did.String(), toldDraft{d.Entry.Ref, d.Entry.About, d.Wants})
}

// Drafts are those that wait, oldest first.
func Drafts(t *deed.Tx, limit int) ([]*Draft, error) { return openDrafts(t.Tx, limit) }

// DraftOf is a draft with those who agreed to it.
func DraftOf(t *db.Tx, did DraftID) (*Draft, error) { return draftByID(t, did) }
