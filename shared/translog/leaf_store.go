package translog

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// leaf is a row of translog_leaf.
type leaf struct {
	seq     int64
	id      LeafID
	subject string
	entry   []byte
	salt    []byte // sealed; nil once erased
	index   int64  // -1 while it waits
}

const leafColumns = `f.seq, f.id, f.subject, f.entry, f.salt, f.idx`

func scanLeaf(r db.Row) (f leaf, err error) {
	var index *int64
	err = r.Scan(&f.seq, &f.id, &f.subject, &f.entry, &f.salt, &index)
	if f.index = -1; index != nil {
		f.index = *index
	}
	return f, err
}

func insertLeaf(t *db.Tx, f leaf) error {
	_, err := t.Exec(`INSERT INTO translog_leaf (id, subject, entry, salt, at) VALUES (?1, ?2, ?3, ?4, ?5)`, f.id, f.subject, f.entry, f.salt, t.Now())
	return err
}

// waitingLeaves are those without a place, in the order in which they were kept.
func waitingLeaves(t *db.Tx, limit int) ([]leaf, error) {
	return db.List(t, scanLeaf, `SELECT `+leafColumns+` FROM translog_leaf f WHERE f.idx IS NULL ORDER BY f.seq LIMIT ?1`, limit)
}

// manyWaiting is how far leaves that wait are counted.
const manyWaiting = 100_000

// Waiting is how many leaves have no place yet, counted as far as 100,000, and how old
// the oldest of them is; zero time when there is none.
func Waiting(t *db.Tx) (n int64, oldest time.Time, err error) {
	type ends struct {
		n  int64
		at time.Time
	}
	e, err := db.One(t, func(r db.Row) (e ends, err error) { return e, r.Scan(&e.n, db.Time(&e.at)) },
		`SELECT COUNT(*), MIN(at) FROM (SELECT at FROM translog_leaf WHERE idx IS NULL ORDER BY seq LIMIT ?1) AS waiting`, manyWaiting)
	return e.n, e.at, err
}

func placeLeaf(t *db.Tx, f leaf, index int64) error {
	_, err := t.Exec(`UPDATE translog_leaf SET idx = ?2 WHERE seq = ?1`, f.seq, index)
	return err
}

// entriesFrom are the leaves from one place up to another, which is not among them.
func entriesFrom(t *db.Tx, from, till int64) ([]leaf, error) {
	return db.List(t, scanLeaf, `SELECT `+leafColumns+` FROM translog_leaf f WHERE f.idx >= ?1 AND f.idx < ?2 ORDER BY f.idx`, from, till)
}

// Told is what the log says in a leaf, placed or waiting.
func (l *Log) Told(t *db.Tx, lid LeafID) (verify.Leaf, error) {
	f, err := leafByID(t, lid)
	if err != nil {
		return verify.Leaf{}, err
	}
	return verify.ParseLeaf(f.entry)
}

func leafByID(t *db.Tx, lid LeafID) (leaf, error) {
	return db.One(t, scanLeaf, `SELECT `+leafColumns+` FROM translog_leaf f WHERE f.id = ?1`, lid)
}

// eachLeaf hands over every leaf, placed or waiting, in the order of keeping.
func eachLeaf(t *db.Tx, each func(leaf) error) error {
	for last := int64(0); ; {
		all, err := db.List(t, scanLeaf, `SELECT `+leafColumns+` FROM translog_leaf f WHERE f.seq > ?1 ORDER BY f.seq LIMIT 1000`, last)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, f := range all {
			if err := each(f); err != nil {
				return err
			}
			last = f.seq
		}
	}
}

func emptySalts(t *db.Tx, subject string) (int64, error) {
	return t.Exec(`UPDATE translog_leaf SET salt = NULL WHERE subject = ?1 AND salt IS NOT NULL`, subject)
}

// missing turns "no such row" into none.
func missing[T any](v T, err error) (T, bool, error) {
	if fault.KindOf(err) == fault.Missing {
		var none T
		return none, false, nil
	}
	return v, err == nil, err
}
