package translog

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog/verify"
)

// checks are what always holds of the log, proved on live data by `twiza check`.
func (l *Log) checks() []module.Check {
	return []module.Check{
		{Name: "every leaf is what the journal tells, and every one it tells of is there", Find: untold},
		{Name: "places of leaves are a row without a gap, as long as the log", Find: gaps},
		{Name: "hashes and signed heads are those of the leaves", Find: l.miscounted},
		{Name: "the log continues what this machine showed", Find: l.forgotten},
	}
}

// untold compares leaves with their journal lines, both ways.
func untold(t *db.Tx) (bad []string, err error) {
	lines := map[string]string{}
	for before := int64(0); ; {
		all, err := deed.Lines(t, before, DeedAppend.Name, 1000)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			var x told
			if err := json.Unmarshal(r.Told, &x); err != nil {
				return nil, fmt.Errorf("the journal line of %s: %w", r.Subject, err)
			}
			lines[r.Subject], before = x.Hash, r.Seq
		}
		if len(all) < 1000 {
			break
		}
	}
	err = eachLeaf(t, func(f leaf) error {
		subject, hash := subjectOf(f.id), tlog.RecordHash(f.entry)
		want, known := lines[subject]
		delete(lines, subject)
		switch {
		case !known:
			bad = append(bad, subject+": the journal knows nothing of it")
		case want != hex.EncodeToString(hash[:]):
			bad = append(bad, subject+": it is another than the journal tells")
		}
		if _, err := verify.ParseLeaf(f.entry); err != nil {
			bad = append(bad, subject+": "+err.Error())
		}
		return nil
	})
	for subject := range lines {
		bad = append(bad, subject+": the journal tells of it, and it is gone")
	}
	return bad, err
}

func gaps(t *db.Tx) (bad []string, err error) {
	h, _, err := readHead(t)
	if err != nil {
		return nil, err
	}
	return db.List(t, func(r db.Row) (string, error) {
		var n, last int64
		err := r.Scan(&n, &last)
		return fmt.Sprintf("%d leaves have places up to %d, and the log has %d", n, last, h.size), err
	}, `SELECT COUNT(*), COALESCE(MAX(idx), -1) FROM translog_leaf WHERE idx IS NOT NULL HAVING COUNT(*) <> ?1 OR COALESCE(MAX(idx), -1) <> ?1 - 1`, h.size)
}

// miscounted grows the whole tree again from the entries, and compares each stored hash
// and each head with it.
func (l *Log) miscounted(t *db.Tx) (bad []string, err error) {
	h, _, err := readHead(t)
	if err != nil {
		return nil, err
	}
	var grown verify.Tree
	heads := &headReader{t: t, last: -1}
	if bad, err = heads.compare(&grown, bad); err != nil {
		return nil, err
	}
	for n := int64(0); n < h.size; {
		all, err := entriesFrom(t, n, min(n+1000, h.size))
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return append(bad, fmt.Sprintf("the entries from %d on are gone", n)), nil
		}
		x := newTree(t)
		for _, f := range all {
			wrong, err := compareHashes(x, f)
			if err != nil {
				return nil, err
			}
			bad = append(bad, wrong...)
			grown.Add(tlog.RecordHash(f.entry))
			if bad, err = heads.compare(&grown, bad); err != nil {
				return nil, err
			}
			n = f.index + 1
		}
	}
	stored, err := countHashes(t)
	if err == nil && stored != tlog.StoredHashCount(h.size) {
		bad = append(bad, fmt.Sprintf("%d hashes are stored, and a log of %d has %d", stored, h.size, tlog.StoredHashCount(h.size)))
	}
	last, there, err := lastCheckpoint(t)
	if err == nil && there && last.size != h.size {
		bad = append(bad, fmt.Sprintf("the log has %d leaves, and the newest head is of %d", h.size, last.size))
	}
	return bad, err
}

// compareHashes works out the hashes that came with a leaf from those before it.
func compareHashes(x *tree, f leaf) (bad []string, err error) {
	want, err := tlog.StoredHashes(f.index, f.entry, x)
	if err != nil {
		return []string{err.Error()}, nil
	}
	at := make([]int64, len(want))
	for i := range at {
		at[i] = tlog.StoredHashIndex(0, f.index) + int64(i)
	}
	got, err := x.ReadHashes(at)
	if err != nil {
		return []string{err.Error()}, nil
	}
	for i := range want {
		if got[i] != want[i] {
			bad = append(bad, fmt.Sprintf("the hash %d, of leaf %d, is not that of the entries", at[i], f.index))
		}
	}
	return bad, nil
}

// headReader reads signed heads in the order of their sizes.
type headReader struct {
	t    *db.Tx
	last int64
	next []checkpoint
	done bool
}

func (r *headReader) compare(grown *verify.Tree, bad []string) ([]string, error) {
	for {
		if len(r.next) == 0 && !r.done {
			var err error
			if r.next, err = checkpointsFrom(r.t, r.last, 1000); err != nil {
				return nil, err
			}
			r.done = len(r.next) == 0
		}
		if len(r.next) == 0 || r.next[0].size > grown.Size() {
			return bad, nil
		}
		c := r.next[0]
		r.next, r.last = r.next[1:], c.size
		said, err := parseNote(c.note)
		if root := grown.Root(); c.size != grown.Size() || string(c.root) != string(root[:]) || err != nil || said.Root != root || said.Size != c.size {
			bad = append(bad, fmt.Sprintf("the head of %d leaves is not that of the entries", c.size))
		}
	}
}

func (l *Log) forgotten(t *db.Tx) ([]string, error) {
	shown, err := l.shown.recall()
	if err != nil {
		return []string{err.Error()}, nil
	}
	h, _, err := readHead(t)
	if err != nil {
		return nil, err
	}
	if err := l.continues(t, h.size, shown); err != nil {
		return []string{err.Error()}, nil
	}
	return nil, nil
}
