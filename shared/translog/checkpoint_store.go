package translog

import (
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
)

// head is the row of translog_head.
type head struct {
	origin string
	size   int64
}

func scanHead(r db.Row) (h head, err error) { return h, r.Scan(&h.origin, &h.size) }

// lockHead takes the row that only one may have until its transaction ends.
func lockHead(t *db.Tx, origin string) (head, error) {
	if _, err := t.Exec(`INSERT INTO translog_head (one, origin, size, turn) VALUES (1, ?1, 0, 0) ON CONFLICT (one) DO NOTHING`, origin); err != nil {
		return head{}, err
	}
	if _, err := t.Exec(`UPDATE translog_head SET turn = turn + 1 WHERE one = 1`); err != nil {
		return head{}, err
	}
	return db.One(t, scanHead, `SELECT origin, size FROM translog_head WHERE one = 1`)
}

func readHead(t *db.Tx) (head, bool, error) {
	return missing(db.One(t, scanHead, `SELECT origin, size FROM translog_head WHERE one = 1`))
}

func setHead(t *db.Tx, size int64) error {
	_, err := t.Exec(`UPDATE translog_head SET size = ?1 WHERE one = 1`, size)
	return err
}

// checkpoint is a row of translog_checkpoint.
type checkpoint struct {
	size int64
	root []byte
	note string
}

func scanCheckpoint(r db.Row) (c checkpoint, err error) {
	return c, r.Scan(&c.size, &c.root, &c.note)
}

const checkpointColumns = `c.size, c.root, c.note`

func lastCheckpoint(t *db.Tx) (checkpoint, bool, error) {
	return missing(db.One(t, scanCheckpoint, `SELECT `+checkpointColumns+` FROM translog_checkpoint c ORDER BY c.size DESC LIMIT 1`))
}

func checkpointAt(t *db.Tx, size int64) (checkpoint, bool, error) {
	return missing(db.One(t, scanCheckpoint, `SELECT `+checkpointColumns+` FROM translog_checkpoint c WHERE c.size = ?1`, size))
}

// checkpointsFrom lists heads above a size, smallest first.
func checkpointsFrom(t *db.Tx, above int64, limit int) ([]checkpoint, error) {
	return db.List(t, scanCheckpoint, `SELECT `+checkpointColumns+` FROM translog_checkpoint c WHERE c.size > ?1 ORDER BY c.size LIMIT ?2`, above, limit)
}

// lastOfEachDay lists the last head of each day (of UTC), smallest first.
func lastOfEachDay(t *db.Tx) ([]checkpoint, error) {
	return db.List(t, scanCheckpoint, `SELECT `+checkpointColumns+` FROM translog_checkpoint c
		WHERE c.size IN (SELECT MAX(size) FROM translog_checkpoint GROUP BY at / ?1) ORDER BY c.size`, (24 * time.Hour).Microseconds())
}

// keepCheckpoint writes a head down. At a size that is there already the text is the
// same, and signed by other keys.
func keepCheckpoint(t *db.Tx, size int64, root tlog.Hash, note []byte) error {
	_, err := t.Exec(`INSERT INTO translog_checkpoint (size, root, note, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (size) DO UPDATE SET note = ?3`, size, root[:], string(note), t.Now())
	return err
}

func keepCosignature(t *db.Tx, size int64, who, line string) error {
	_, err := t.Exec(`INSERT INTO translog_cosignature (size, who, line, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (size, who) DO UPDATE SET line = ?3, at = ?4`, size, who, line, t.Now())
	return err
}

func cosignatures(t *db.Tx, size int64) ([]string, error) {
	return db.List(t, db.Text, `SELECT line FROM translog_cosignature WHERE size = ?1 ORDER BY who`, size)
}
