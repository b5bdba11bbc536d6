package cases

import (
	"context"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Sheet is one printed form. The number on it is the receipt of the request that
// is typed from it later: what the family tore off opens their tracker.
type Sheet struct {
	Number  receipt.Number
	Batch   BatchID
	Service string
	Lang    string
	MadeAt  time.Time
	Case    CaseID // zero until it was typed in
	UsedAt  time.Time
}

type (
	batchKind struct{}
	sheetKind struct{}
	// BatchID names sheets that were printed together.
	BatchID = id.Of[batchKind]
)

// How many sheets may be printed at once: one by anybody, a pile by those who
// type them in later.
const (
	sheetsAtOnce = 50
	// batchLife is how long a printed batch can be printed anew from its address.
	batchLife = 24 * time.Hour
)

var DeedPrint = deed.Deed{Name: "cases.paper.print", Open: true}

type printTold struct {
	Service string `json:"service"`
	Sheets  int    `json:"sheets"`
}

// Print mints the numbers of blank forms.
func (o *Office) Print(ctx context.Context, by actor.Actor, service string, n int, lang string) (batch BatchID, err error) {
	most := 1
	if by.Holds(DeedTakeDown.Roles...) {
		most = sheetsAtOnce
	}
	if n < 1 || n > most {
		return batch, fault.All{fault.New(fault.Invalid, "cases.paper.how_many_wrong", "most", most).On("n")}
	}
	if _, err := o.current(service); err != nil {
		return batch, err
	}
	batch = id.New[batchKind](o.h.DB.Now())
	return batch, o.h.Do(ctx, by, DeedPrint, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		for range n {
			number, err := freshReceipt(t.Tx)
			if err != nil {
				return err
			}
			if _, err := t.Exec(`INSERT INTO cases_paper (number, id, batch, service, lang, account, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
				number, id.New[sheetKind](t.Now()), batch, service, lang, by.Account, t.Now()); err != nil {
				return err
			}
		}
		return t.Tell("cases.paper/"+batch.String(), printTold{service, n})
	})
}

func scanSheet(r db.Row) (s Sheet, err error) {
	return s, r.Scan(&s.Number, &s.Batch, &s.Service, &s.Lang, db.Time(&s.MadeAt), &s.Case, db.Time(&s.UsedAt))
}

const sheetColumns = `number, batch, service, lang, made_at, case_id, used_at`

// sheets are those of one batch that nobody has used.
func sheets(t *db.Tx, batch BatchID) ([]Sheet, error) {
	return db.List(t, scanSheet, `SELECT `+sheetColumns+` FROM cases_paper WHERE batch = ?1 AND used_at IS NULL AND made_at > ?2 ORDER BY number`, batch, t.Now().Add(-batchLife))
}

func printedSheet(t *db.Tx, n receipt.Number) (Sheet, error) {
	s, err := db.One(t, scanSheet, `SELECT `+sheetColumns+` FROM cases_paper WHERE number = ?1`, n)
	if fault.KindOf(err) == fault.Missing {
		err = fault.New(fault.Missing, "cases.paper.unknown")
	}
	return s, err
}

// giveUpSheets forgets the numbers of sheets that were printed before a moment
// and never used.
func giveUpSheets(t *db.Tx, before time.Time) error {
	_, err := t.Exec(`DELETE FROM cases_paper WHERE number IN (SELECT number FROM cases_paper WHERE used_at IS NULL AND made_at < ?1 LIMIT 2000)`, before)
	return err
}

// use ties a sheet to the request that was typed from it, once.
func (s Sheet) use(t *db.Tx, c CaseID) error {
	n, err := t.Exec(`UPDATE cases_paper SET case_id = ?1, used_at = ?2 WHERE number = ?3 AND used_at IS NULL`, c, t.Now(), s.Number)
	if err == nil && n == 0 {
		err = errUsed(s.Number)
	}
	return err
}

func errUsed(n receipt.Number) error {
	return fault.New(fault.Conflict, "cases.paper.used", "receipt", n.Groups())
}

// onPaper looks whether a request may come in under the number of its sheet.
func (o *Office) onPaper(t *db.Tx, c *Case, k earlier) error {
	s, err := printedSheet(t, c.Receipt)
	switch {
	case err != nil:
		return err
	case s.Service != c.Service:
		return fault.New(fault.Conflict, "cases.paper.other_service")
	case k.taken || !s.UsedAt.IsZero():
		return errUsed(c.Receipt)
	}
	return s.use(t, c.ID)
}

// besides keeps what came with a request beside its answers, in the same moment.
func (o *Office) besides(t *deed.Tx, q Request, c *Case, out *Asked) error {
	of := subject(c.ID)
	if out.Restricted {
		of = (&Concern{ID: concernID(c.ID)}).subject()
	}
	var err error
	if q.Help != nil {
		err = o.keepHelp(t, q.Help, c.ID, of)
	}
	if q.Shared {
		err = errors.Join(err, addShared(t.Tx, c.ID, t.Now().Add(receiptFor)))
	}
	return err
}
