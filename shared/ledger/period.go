package ledger

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/deed"
)

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
		return fault.New(fault.Conflict, "ledger.period.closed", "till", last)
	}
	if err := insertClose(t.Tx, till, t.By.Account); err != nil {
		return err
	}
	return t.TellAs(DeedClose, "ledger.period/"+till, struct {
		Till string `json:"till"`
	}{till})
}
