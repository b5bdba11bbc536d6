package translog

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
)

// tree reads hashes of the store, and those that are being added. It is of one
// transaction.
type tree struct {
	t    *db.Tx
	have map[int64]tlog.Hash // read before, or fresh
}

func newTree(t *db.Tx) *tree { return &tree{t, map[int64]tlog.Hash{}} }

type storedHash struct {
	pos  int64
	hash []byte
}

func scanHash(r db.Row) (h storedHash, err error) { return h, r.Scan(&h.pos, &h.hash) }

// How many hashes one statement reads, at most, and how many one writes: so many, or
// a single one.
const (
	hashesAtOnce  = 256
	hashesWritten = 64
)

// ReadHashes makes it a tlog.HashReader.
func (x *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var lack []any
	for _, pos := range at {
		if _, ok := x.have[pos]; !ok {
			lack = append(lack, pos)
		}
	}
	for i := 0; i < len(lack); i += hashesAtOnce {
		if err := x.read(lack[i:min(i+hashesAtOnce, len(lack))]); err != nil {
			return nil, err
		}
	}
	out := make([]tlog.Hash, len(at))
	for i, pos := range at {
		h, ok := x.have[pos]
		if !ok {
			return nil, fmt.Errorf("translog: the hash %d is not in the store", pos)
		}
		out[i] = h
	}
	return out, nil
}

func (x *tree) read(at []any) error {
	n := 1
	for n < len(at) {
		n *= 2
	}
	marks := make([]string, n) // a power of two, so that few texts are ever prepared
	for i := range marks {
		marks[i] = fmt.Sprintf("?%d", min(i, len(at)-1)+1)
	}
	all, err := db.List(x.t, scanHash, `SELECT pos, hash FROM translog_hash WHERE pos IN (`+strings.Join(marks, ", ")+`)`, at...)
	for _, h := range all {
		if len(h.hash) != tlog.HashSize {
			return fmt.Errorf("translog: the hash %d has %d bytes", h.pos, len(h.hash))
		}
		x.have[h.pos] = tlog.Hash(h.hash)
	}
	return err
}

// add keeps hashes from a position on.
func (x *tree) add(from int64, all []tlog.Hash) error {
	for len(all) > 0 {
		n := 1
		if len(all) >= hashesWritten {
			n = hashesWritten
		}
		rows, args := make([]string, n), make([]any, 0, 2*n)
		for i, h := range all[:n] {
			rows[i] = fmt.Sprintf("(?%d, ?%d)", 2*i+1, 2*i+2)
			args = append(args, from+int64(i), h[:])
		}
		if _, err := x.t.Exec(`INSERT INTO translog_hash (pos, hash) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return err
		}
		all, from = all[n:], from+int64(n)
	}
	return nil
}

func countHashes(t *db.Tx) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM translog_hash`)
}
