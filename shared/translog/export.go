package translog

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog/verify"
)

// Export writes the public files of the log into a folder, as verify.Folder reads them:
// the newest head, the last head of each earlier day, all tiles and entries, and the
// totals that the leaves add up to. What is there already is written over; copies of
// two moments may share a folder, because tiles never change.
func (l *Log) Export(ctx context.Context, dir string) error {
	head, err := l.Checkpoint(ctx)
	if err != nil {
		return err
	}
	c, err := parseNote(string(head))
	if err != nil {
		return err
	}
	var sums verify.Totals
	for _, x := range verify.TilesOf(c.Size) {
		body, err := l.Tile(ctx, x)
		if err != nil {
			return err
		}
		if err := lay(dir, x.Path(), body); err != nil {
			return err
		}
		if x.Level != verify.Entries {
			continue
		}
		if err := count(&sums, body); err != nil {
			return err
		}
	}
	var older []checkpoint
	if err := l.h.DB.Read(ctx, func(t *db.Tx) error { older, err = lastOfEachDay(t); return err }); err != nil {
		return err
	}
	for _, o := range older {
		if o.size >= c.Size {
			continue
		}
		if err := lay(dir, verify.OlderFolder+"/"+strconv.FormatInt(o.size, 10), []byte(o.note)); err != nil {
			return err
		}
	}
	if err := lay(dir, verify.TotalsFile, sums.CSV()); err != nil {
		return err
	}
	return lay(dir, verify.CheckpointFile, head) // last: what it stands for is there
}

func count(sums *verify.Totals, bundle []byte) error {
	entries, err := verify.ParseBundle(bundle)
	if err != nil {
		return err
	}
	for _, e := range entries {
		x, err := verify.ParseLeaf(e)
		if err != nil {
			return err
		}
		sums.Add(x)
	}
	return nil
}

func lay(dir, name string, body []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o644)
}
