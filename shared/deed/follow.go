package deed

import (
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Line is what may be told of a journal line to any screen: that it is there.
type Line struct {
	Number  int64
	Deed    string
	Subject string // "cases.case/0199…"
	At      time.Time
}

const lineColumns = `seq, deed, subject, at`

func scanLine(r db.Row) (l Line, err error) {
	err = r.Scan(&l.Number, &l.Deed, &l.Subject, db.Time(&l.At))
	return l, err
}

// Head is the number of the newest line that can be read. Under PostgreSQL a
// line with a lower number may become readable later.
func Head(t *db.Tx) (int64, error) {
	return db.One(t, db.Int, `SELECT COALESCE(MAX(seq), 0) FROM deed_record`)
}

// After lists lines above a number, lowest first.
func After(t *db.Tx, number int64, limit int) ([]Line, error) {
	return db.List(t, scanLine, `SELECT `+lineColumns+` FROM deed_record WHERE seq > ?1 ORDER BY seq LIMIT ?2`, number, limit)
}

// NumberedMost is how many numbers Numbered looks for at once.
const NumberedMost = 32

// Numbered lists those of some lines that can be read, lowest first: at least
// one number and at most NumberedMost.
func Numbered(t *db.Tx, numbers []int64) ([]Line, error) {
	args := make([]any, NumberedMost) // one text whatever their number, so that it is prepared once
	for i := range args {
		args[i] = numbers[min(i, len(numbers)-1)]
	}
	return db.List(t, scanLine, `SELECT `+lineColumns+` FROM deed_record WHERE seq IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
		?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32) ORDER BY seq`, args...)
}
