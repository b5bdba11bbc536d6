package watch

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

var (
	booksRead   = deed.Deed{Name: "watch.books.read", Roles: []actor.Role{actor.Auditor, actor.CrisisCell}}
	booksExport = deed.Deed{Name: "watch.books.export", Roles: []actor.Role{actor.Auditor}}
	booksClose  = deed.Deed{Name: "watch.books.close", Roles: []actor.Role{actor.CrisisCell}}
)

// BooksRead is who reads the ledger, for the rail of staff pages.
var BooksRead = booksRead

// Lot is what a lot of the ledger holds, and whose it was.
type Lot struct {
	Org  actor.OrganisationID
	Good string // code
	Key  string // catalogue key of its name; "" is none
}

// stockLine is where one organisation's units of one good are: what left its depots
// and did not come back is on the road, given or lost.
type stockLine struct {
	Lot
	Road, Given, Lost int64
}

func (l stockLine) left() int64 { return l.Road + l.Given + l.Lost }

// books is the ledger as a reader sees it.
type books struct {
	Stock  []stockLine // by good, then by organisation
	Last   []ledger.Entry
	Kinds  map[ledger.AccountID]ledger.Kind
	Counts int64
	Money  []*ledger.Account
	Closed string // the day up to which they are closed; "" is none
}

// lastMoves is how many movements the page shows; all are in the files.
const lastMoves = 30

// statementLines is how many lines of an account a page shows.
const statementLines = 50

func (s *Service) books(ctx context.Context, by actor.Actor) (b books, err error) {
	err = s.h.Look(ctx, by, booksRead, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		if b.Stock, err = s.stock(t.Tx); err != nil {
			return err
		}
		if b.Counts, err = ledger.Count(t.Tx); err != nil {
			return err
		}
		if b.Money, err = ledger.MoneyAccounts(t.Tx); err != nil {
			return err
		}
		if b.Closed, err = ledger.ClosedTill(t.Tx); err != nil {
			return err
		}
		b.Last, b.Kinds, err = ledger.Last(t.Tx, lastMoves)
		return err
	})
	return b, err
}

func (s *Service) stock(t *db.Tx) (out []stockLine, err error) {
	totals, err := ledger.Totals(t)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for _, x := range totals { // by asset
		lot, ok := s.lot(x.Asset)
		if !ok {
			continue
		}
		i, known := at[x.Asset]
		if !known {
			i = len(out)
			at[x.Asset], out = i, append(out, stockLine{Lot: lot})
		}
		switch x.Kind {
		case ledger.Transit:
			out[i].Road += x.Sum
		case ledger.Given:
			out[i].Given += x.Sum
		case ledger.Lost:
			out[i].Lost += x.Sum
		}
	}
	return out, nil
}

// lot is what an asset is, where it is goods.
func (s *Service) lot(asset string) (Lot, bool) {
	if s.LotOf == nil {
		return Lot{}, false
	}
	return s.LotOf(asset)
}

// What the files of the ledger are: "hledger" is plain text that hledger and ledger
// read and add up again; "csv" is a line for each posting; "xlsx" is the same in a
// workbook, with the accounts and the trial balance.
const (
	booksText  = "hledger"
	booksCSV   = "csv"
	booksSheet = "xlsx"
)

// booksTaken is the journal line of a file of the ledger that left the house.
type booksTaken struct {
	As      string `json:"as"`
	Entries int64  `json:"entries"`
}

// BooksFile is the whole ledger as a file, and leaves a line of its own. Anything
// but the three kinds is refused.
func (s *Service) BooksFile(ctx context.Context, by actor.Actor, as string) (body []byte, err error) {
	var b bytes.Buffer
	err = s.h.Do(ctx, by, booksExport, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		switch as {
		case booksText:
			err = ledger.Journal(t.Tx, &b)
		case booksCSV:
			err = postingsCSV(t.Tx, &b)
		case booksSheet:
			err = workbook(t.Tx, &b)
		default:
			return fault.New(fault.Invalid, "error.missing")
		}
		if err != nil {
			return err
		}
		n, err := ledger.Count(t.Tx)
		if err != nil {
			return err
		}
		return t.Tell("ledger.books/all", booksTaken{as, n})
	})
	return b.Bytes(), err
}

// CloseBooks closes the books up to a day before yesterday: nothing that counts on it or
// before is written any more.
func (s *Service) CloseBooks(ctx context.Context, by actor.Actor, till string) error {
	if _, err := time.Parse(time.DateOnly, till); err != nil || till >= s.h.DB.Now().AddDate(0, 0, -1).Format(time.DateOnly) {
		return fault.All{fault.New(fault.Invalid, "watch.books.day_wrong").On("till")}
	}
	return s.h.Do(ctx, by, booksClose, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		return ledger.ClosePeriod(t, till)
	})
}

// statement is a page of what happened in an account, after a line.
func (s *Service) statement(ctx context.Context, by actor.Actor, code string, after int64) (a *ledger.Account, lines []ledger.Line, err error) {
	err = s.h.Look(ctx, by, booksRead, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		if a, err = ledger.Get(t.Tx, code); err != nil {
			return err
		}
		lines, err = ledger.Statement(t.Tx, a.ID, after, statementLines)
		return err
	})
	return a, lines, err
}

// mission is the identifier of the mission that a movement is about, or "".
func mission(e ledger.Entry) string {
	_, is, ok := strings.Cut(e.About, "field.mission/")
	if !ok {
		return ""
	}
	return is
}
