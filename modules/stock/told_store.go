package stock

import (
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/translog"
)

// toldAs is what the public knows of a delivery.
type toldAs struct {
	units   int64
	commune string
}

// toldOf is what the public knows of the deliveries of a good, by reference.
func toldOf(t *db.Tx, asset string) (map[string]toldAs, error) {
	out := map[string]toldAs{}
	_, err := db.List(t, func(r db.Row) (x struct{}, err error) {
		var ref string
		var is toldAs
		if err = r.Scan(&ref, &is.commune, &is.units); err == nil {
			out[ref] = is
		}
		return x, err
	}, `SELECT x.ref, MAX(x.commune), CAST(SUM(x.units) AS BIGINT) FROM stock_told x WHERE x.asset = ?1 GROUP BY x.ref`, asset)
	return out, err
}

// keepTold keeps a batch. A delivery that was told before, as something new, is refused:
// two who tell at once tell once.
func keepTold(t *db.Tx, b *batch, leaf translog.LeafID, at time.Time) error {
	for _, r := range b.rows {
		first := 0
		if r.first {
			first = 1
		}
		if _, err := t.Exec(`INSERT INTO stock_told (batch, ref, asset, units, commune, first, leaf, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
			b.id, r.ref, b.asset, r.units, b.commune, first, leaf, at); err != nil {
			return err
		}
	}
	return nil
}

// toldBatch is a batch that was told in the public log.
type toldBatch struct {
	id      id.Of[batch]
	asset   string
	commune string
	units   int64
	leaf    translog.LeafID
}

func toldBatches(t *db.Tx) ([]toldBatch, error) {
	return db.List(t, func(r db.Row) (b toldBatch, err error) {
		return b, r.Scan(&b.id, &b.asset, &b.commune, &b.leaf, &b.units)
	}, `SELECT x.batch, x.asset, x.commune, x.leaf, CAST(SUM(x.units) AS BIGINT) FROM stock_told x WHERE x.leaf IS NOT NULL GROUP BY x.batch, x.asset, x.commune, x.leaf ORDER BY x.batch`)
}
