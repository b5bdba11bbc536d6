package deed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

// sealBatch lines are chained in one transaction; lookBack is how far under
// the newest sealed line the sealer looks for lines that became visible late,
// as they may under PostgreSQL. SQLite has one writer, and no line comes late.
const (
	sealBatch = 2000
	lookBack  = 10_000
)

const recordColumns = `r.seq, r.id, r.deed, r.subject, r.account, r.org, r.role, r.channel, r.told, r.at`

func scanRecord(row db.Row) (r Record, err error) {
	var told string
	err = row.Scan(&r.Seq, &r.ID, &r.Deed, &r.Subject, &r.Account, &r.Org, &r.Role, &r.Channel, &told, db.Time(&r.At))
	r.Told = json.RawMessage(told)
	return r, err
}

// Trail lists the journal lines of one subject, oldest first.
func Trail(t *db.Tx, subject string) ([]Record, error) {
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM deed_record r WHERE r.subject = ?1 ORDER BY r.seq`, subject)
}

// Last is the last line of a subject; ok is false where there is none.
func Last(t *db.Tx, subject string) (r Record, ok bool, err error) {
	all, err := db.List(t, scanRecord, `SELECT `+recordColumns+` FROM deed_record r WHERE r.subject = ?1 ORDER BY r.seq DESC LIMIT 1`, subject)
	if err != nil || len(all) == 0 {
		return r, false, err
	}
	return all[0], true, nil
}

// Lines lists the journal backwards from before (0: from its end), optionally
// of one deed ("" is every deed).
func Lines(t *db.Tx, before int64, word string, limit int) ([]Record, error) {
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM deed_record r
		WHERE (?1 = 0 OR r.seq < ?1) AND (?2 = '' OR r.deed = ?2) ORDER BY r.seq DESC LIMIT ?3`, before, word, limit)
}

// hash is SHA-256 over the head before and the line, every field with its
// length in front so that no two lines spell the same bytes.
func (r Record) hash(before []byte) []byte {
	in := make([]byte, 0, 512)
	in = append(in, before...)
	for _, f := range []string{r.ID.String(), r.Deed, r.Subject, r.Account.String(), r.Org.String(), r.Role, r.Channel,
		string(r.Told), strconv.FormatInt(r.At.UnixMicro(), 10)} {
		in = strconv.AppendInt(in, int64(len(f)), 10)
		in = append(in, ':')
		in = append(in, f...)
	}
	sum := sha256.Sum256(in)
	return sum[:]
}

type head struct {
	pos int64
	sum []byte
}

func lastHead(t *db.Tx) (head, error) {
	h, err := db.One(t, func(r db.Row) (h head, err error) { return h, r.Scan(&h.pos, &h.sum) },
		`SELECT pos, head FROM deed_seal ORDER BY pos DESC LIMIT 1`)
	if fault.KindOf(err) == fault.Missing {
		return head{}, nil
	}
	return h, err
}

// Seal chains every committed line that is not chained yet. One leased chore
// calls it; were two to run at once, the second would fail on the position
// and change nothing.
func (h *House) Seal(ctx context.Context) error {
	for {
		n := 0
		err := h.DB.Write(ctx, func(t *db.Tx) error {
			last, err := lastHead(t)
			if err != nil {
				return err
			}
			all, err := unsealed(t, sealBatch)
			n = len(all)
			for _, r := range all {
				last = head{last.pos + 1, r.hash(last.sum)}
				if _, err := t.Exec(`INSERT INTO deed_seal (pos, seq, head, at) VALUES (?1, ?2, ?3, ?4)`, last.pos, r.Seq, last.sum, t.Now()); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil || n < sealBatch {
			return err
		}
	}
}

func unsealed(t *db.Tx, limit int) ([]Record, error) {
	back := 0
	if t.Postgres() {
		back = lookBack
	}
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM deed_record r
		WHERE r.seq > (SELECT COALESCE(MAX(seq), 0) - ?1 FROM deed_seal)
		AND NOT EXISTS (SELECT 1 FROM deed_seal s WHERE s.seq = r.seq) ORDER BY r.seq LIMIT ?2`, back, limit)
}

// Verdict is what Verify found.
type Verdict struct {
	Sealed   int64
	Unsealed int64
	Head     []byte
	Back     int64  // lines whose clock had been put back since the line before
	Broken   string // "" or the first altered line, in words for an operator
}

// Verify walks the chain from its beginning and names the first line that was
// altered, removed or put in another order.
func Verify(ctx context.Context, d *db.DB) (v Verdict, err error) {
	err = d.Read(ctx, func(t *db.Tx) error {
		var before []byte
		var latest time.Time
		for {
			all, err := db.List(t, scanSealed, `SELECT s.pos, s.seq, s.head, r.seq, r.id, r.deed, r.subject, r.account, r.org, r.role, r.channel, r.told, r.at
				FROM deed_seal s LEFT JOIN deed_record r ON r.seq = s.seq WHERE s.pos > ?1 ORDER BY s.pos LIMIT 1000`, v.Sealed)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				break
			}
			for _, s := range all {
				if v.Broken = s.wrong(v.Sealed, before); v.Broken != "" {
					return nil
				}
				v.Sealed, before = s.pos, s.head
				// The order of lines is that of their numbers, never of their times: a
				// clock that is put right may go back, and the journal says where.
				if s.line.At.Before(latest.Add(-putBack)) {
					v.Back++
					latest = s.line.At
				} else if s.line.At.After(latest) {
					latest = s.line.At
				}
			}
		}
		v.Head = before
		var err error
		v.Unsealed, err = db.One(t, db.Int, `SELECT COUNT(*) FROM deed_record r WHERE NOT EXISTS (SELECT 1 FROM deed_seal s WHERE s.seq = r.seq)`)
		return err
	})
	return v, err
}

// putBack is by how much a line may be earlier than the one before without anybody
// having touched a clock: what is done side by side is not numbered by the second.
const putBack = 2 * time.Minute

type sealed struct {
	pos, seq int64
	head     []byte
	line     Record
	there    bool
}

func scanSealed(row db.Row) (s sealed, err error) {
	var seq, at int64
	var word, subject, role, channel, told string
	err = row.Scan(&s.pos, &s.seq, &s.head, db.Opt(&seq), &s.line.ID, db.Opt(&word), db.Opt(&subject), &s.line.Account, &s.line.Org,
		db.Opt(&role), db.Opt(&channel), db.Opt(&told), db.Opt(&at))
	s.there = seq != 0
	s.line.Seq, s.line.Deed, s.line.Subject, s.line.Role, s.line.Channel = seq, word, subject, role, channel
	s.line.Told, s.line.At = json.RawMessage(told), time.UnixMicro(at).UTC()
	return s, err
}

func (s sealed) wrong(last int64, before []byte) string {
	switch {
	case s.pos != last+1:
		return fmt.Sprintf("seal %d is missing", last+1)
	case !s.there:
		return fmt.Sprintf("line %d (seal %d) was removed", s.seq, s.pos)
	case !bytes.Equal(s.line.hash(before), s.head):
		return fmt.Sprintf("line %d (seal %d, %s of %s) was altered", s.seq, s.pos, s.line.Deed, s.line.At.Format(time.RFC3339))
	}
	return ""
}

func cutNul(s string) (string, string, bool) { return strings.Cut(s, "\x00") }
