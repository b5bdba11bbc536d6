package deed

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

// Compared is how a copy of a house stands to the house.
type Compared struct {
	Lines  int64     // in the copy's journal
	Behind int64     // lines of the house that the copy has not
	Since  time.Time // when the first of those was written; zero when there is none
	Wrong  []string  // in words for an operator: what cannot be in a copy of this house
}

// Compare walks the copy's journal, and finds out whether it is the beginning
// of the house's own: the same lines in the same order, up to the last.
func Compare(ctx context.Context, copied, house *db.DB) (c Compared, err error) {
	v, err := Verify(ctx, copied)
	if err != nil {
		return c, err
	}
	if v.Broken != "" {
		c.Wrong = append(c.Wrong, "the copy's journal: "+v.Broken)
	}
	last := int64(0)
	err = copied.Read(ctx, func(t *db.Tx) error {
		if last, err = db.One(t, db.Int, `SELECT COALESCE(MAX(seq), 0) FROM deed_record`); err == nil {
			c.Lines, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record`)
		}
		return err
	})
	if err != nil {
		return c, err
	}
	err = house.Read(ctx, func(t *db.Tx) error {
		there, err := db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record WHERE seq <= ?1`, last)
		if err != nil {
			return err
		}
		if there != c.Lines {
			c.Wrong = append(c.Wrong, fmt.Sprintf("the copy has %d journal lines up to number %d, and the house %d", c.Lines, last, there))
		}
		head, err := db.One(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT head FROM deed_seal WHERE pos = ?1`, v.Sealed)
		if v.Sealed > 0 && fault.KindOf(err) != fault.Missing && err != nil {
			return err
		}
		if v.Sealed > 0 && !bytes.Equal(head, v.Head) {
			c.Wrong = append(c.Wrong, fmt.Sprintf("at seal %d the copy's journal is another than the house's", v.Sealed))
		}
		if c.Behind, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record WHERE seq > ?1`, last); err != nil || c.Behind == 0 {
			return err
		}
		c.Since, err = db.One(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) }, `SELECT MIN(at) FROM deed_record WHERE seq > ?1`, last)
		return err
	})
	return c, err
}
