package ledger

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// Hold is what is set aside in an account for something that is not paid yet.
type Hold struct {
	ID      HoldID
	Ref     string
	Account AccountID
	Amount  int64 // above zero
	About   string
	MadeAt  time.Time
	Till    time.Time // it ends by itself then; zero: never
	EndedAt time.Time
	Entry   EntryID // that took it; zero: it was let go
}

type toldHold struct {
	Account AccountID `json:"account"`
	Amount  int64     `json:"amount"`
	About   string    `json:"about"`
}

// SetAside keeps an amount of an account from being spent otherwise. The same
// reference again is welcome.
func SetAside(t *deed.Tx, h Hold) (Hold, error) {
	if h.ID.IsZero() || h.Ref == "" || h.About == "" || h.Amount <= 0 {
		return h, fault.New(fault.Invalid, "ledger.hold.unnamed")
	}
	h.MadeAt = t.Now()
	kept, err := insertHold(t.Tx, h)
	if err != nil {
		return h, err
	}
	if !kept {
		was, err := holdByRef(t.Tx, h.Ref)
		if err == nil && (was.Account != h.Account || was.Amount != h.Amount || was.About != h.About) {
			err = fault.New(fault.Conflict, "ledger.entry.other", "ref", h.Ref)
		}
		return was, err
	}
	ok, err := holdMore(t.Tx, h.Account, h.Amount)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "ledger.hold.short")
	}
	if err != nil {
		return h, err
	}
	return h, t.TellAs(DeedHold, "ledger.hold/"+h.ID.String(), toldHold{h.Account, h.Amount, h.About})
}

// LetGo ends a hold: its amount may be spent otherwise again.
func LetGo(t *deed.Tx, hid HoldID) error {
	h, err := holdByID(t.Tx, hid)
	if err != nil {
		return err
	}
	if !h.EndedAt.IsZero() {
		return deed.ErrNothingDone
	}
	if err := takeHold(t.Tx, hid, EntryID{}); err != nil {
		return err
	}
	return t.TellAs(DeedFree, "ledger.hold/"+hid.String(), toldHold{h.Account, h.Amount, h.About})
}

// takeHold ends a hold, by an entry or without one.
func takeHold(t *db.Tx, hid HoldID, by EntryID) error {
	h, err := holdByID(t, hid)
	if err != nil {
		return err
	}
	ended, err := endHold(t, hid, by)
	if err == nil && !ended {
		err = fault.New(fault.Conflict, "ledger.hold.ended")
	}
	if err != nil {
		return err
	}
	_, err = holdMore(t, h.Account, -h.Amount)
	return err
}

// Lapse lets go of every hold whose time is over, and tells of how many.
func Lapse(t *deed.Tx) (n int, err error) {
	all, err := holdsOver(t.Tx, t.Now())
	if err != nil {
		return 0, err
	}
	for _, h := range all {
		if err := LetGo(t, h); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
