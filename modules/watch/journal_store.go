package watch

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
)

// chain is where the sealing stands.
type chain struct {
	Sealed  int64 // lines chained
	Waiting int64 // lines kept and not chained yet
	Head    []byte
	At      time.Time // when the newest was chained
}

// lateLines is how far under the newest sealed line a line may still become
// visible, as the sealer of shared/deed has it.
const lateLines = 10_000

// sealing reads how far the chain reaches, without walking it.
func sealing(t *db.Tx) (c chain, err error) {
	c, err = db.One(t, func(r db.Row) (c chain, err error) { return c, r.Scan(&c.Sealed, &c.Head, db.Time(&c.At)) },
		`SELECT pos, head, at FROM deed_seal ORDER BY pos DESC LIMIT 1`)
	if err != nil && fault.KindOf(err) != fault.Missing {
		return c, err
	}
	c.Waiting, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record r WHERE r.seq > (SELECT COALESCE(MAX(s.seq), 0) - ?1 FROM deed_seal s)
		AND NOT EXISTS (SELECT 1 FROM deed_seal s WHERE s.seq = r.seq)`, lateLines)
	return c, err
}

// lines reads a page of the journal backwards. Lines that the reader may not
// see are left out, so a page may be short; next is where the one after begins,
// 0 at the end.
func (s *Service) lines(t *db.Tx, before int64, word string, limit int, whole bool) (all []deed.Record, next int64, err error) {
	found, err := deed.Lines(t, before, word, limit+1)
	if err != nil {
		return nil, 0, err
	}
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].Seq
	}
	for _, r := range found {
		if whole || !s.restricted(r.Subject) {
			all = append(all, r)
		}
	}
	return all, next, nil
}

func (s *Service) restricted(subject string) bool {
	return s.Restricted != nil && s.Restricted(subject)
}
