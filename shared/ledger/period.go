package ledger

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/deed"
)

// ClosedTill is the day up to which the books are closed; "" is none.
func ClosedTill(t *db.Tx) (string, error) { return closedTill(t) }

// OpenDay is a day, or the first on which the books are open where it is closed: what the
// bank tells late counts then.
func OpenDay(t *db.Tx, day string) (string, error) {
	till, err := closedTill(t)
	if err != nil || day > till {
		return day, err
	}
	last, err := time.Parse(time.DateOnly, till)
	return last.AddDate(0, 0, 1).Format(time.DateOnly), err
}

// closedAlready says up to which day nothing is entered any more.
func closedAlready(till string) *fault.Fault {
	day, _ := time.Parse(time.DateOnly, till) // written by ClosePeriod alone
	return fault.New(fault.Conflict, "ledger.period.closed", "till", i18n.Date(day))
}

// ClosePeriod closes the books up to a day: nothing that counts on it or before is
// posted any more. A mistake of a closed month is put right in an open one.
func ClosePeriod(t *deed.Tx, till string) error {
	if _, err := time.Parse(time.DateOnly, till); err != nil {
		return fault.New(fault.Invalid, "ledger.entry.day")
	}
	last, err := closedTill(t.Tx)
	if err != nil {
		return err
	}
	if till <= last {
		return closedAlready(last).On("till")
	}
	if err := insertClose(t.Tx, till, t.By.Account); err != nil {
		return err
	}
	return t.TellAs(DeedClose, "ledger.period/"+till, struct {
		Till string `json:"till"`
	}{till})
}
