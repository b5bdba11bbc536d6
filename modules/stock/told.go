package stock

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/translog"
)

// The public is told of what was given for several families together: when at least so
// many got something of a good from an organisation in a commune since it was told last,
// one leaf of the public log says how many units that were, and pages name the commune
// for those units from then on. So neither a leaf, nor what a page says today and did not
// yesterday, is ever of one family. What fewer families got waits for others; what was
// corrected after it was told is taken into the next leaf of its commune.

// Handing is a delivery as depots need to know it.
type Handing struct {
	Commune string // code; "" where nobody knows it
	Family  string // whom it was made to; never shown
}

// toldEvery is how often the public is told: what lies between two leaves is a day's work.
const toldEvery = 24 * time.Hour

// batch is what one leaf tells.
type batch struct {
	id       id.Of[batch]
	asset    string
	commune  string
	rows     []toldRow
	families int
}

// toldRow is a delivery in a batch.
type toldRow struct {
	ref   string
	units int64
	first bool
}

func (b *batch) units() (n int64) {
	for _, r := range b.rows {
		n += r.units
	}
	return n
}

// sum is a fingerprint of the deliveries in a batch.
func (b *batch) sum() string {
	slices.SortFunc(b.rows, func(x, y toldRow) int { return cmp.Compare(x.ref, y.ref) })
	h := sha256.New()
	for _, r := range b.rows {
		fmt.Fprintf(h, "%s %d\n", r.ref, r.units)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func toldSubject(b id.Of[batch]) string { return "stock.told/" + b.String() }

// Tell tells the public of everything that enough families got.
func (s *Service) Tell(ctx context.Context) error {
	var assets []string
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		assets, err = ledger.AssetsGiven(t)
		return err
	})
	for _, asset := range assets {
		var ripe []*batch
		if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
			ripe, err = s.ripe(t, asset)
			return err
		}); err != nil {
			return err
		}
		for _, b := range ripe {
			err = errors.Join(err, s.tell(ctx, b))
		}
	}
	return err
}

// ripe are the batches of a good of which the public can be told.
func (s *Service) ripe(t *db.Tx, asset string) (out []*batch, err error) {
	at, err := s.kept.play(t, asset)
	if err != nil {
		return nil, err
	}
	told, err := toldOf(t, asset)
	if err != nil {
		return nil, err
	}
	now := map[string]int64{}
	for _, p := range at {
		for _, r := range p.runs {
			if r.ref != "" {
				now[r.ref] += r.units
			}
		}
	}
	var fresh []string
	for _, ref := range slices.Sorted(maps.Keys(now)) {
		if _, known := told[ref]; !known {
			fresh = append(fresh, ref)
		}
	}
	is, err := s.p.Handed(t, fresh)
	if err != nil {
		return nil, err
	}
	return batches(asset, fresh, now, told, is, s.few), nil
}

// batches puts deliveries of a good together by commune. fresh are those that the public
// knows nothing of, in order; now is what was given by each of all, told what the public
// knows of the others.
func batches(asset string, fresh []string, now map[string]int64, told map[string]toldAs, is map[string]Handing, few int) (out []*batch) {
	at := map[string]*batch{}
	families := map[string]map[string]bool{}
	for _, ref := range fresh {
		c := is[ref].Commune
		if c == "" {
			continue
		}
		if at[c] == nil {
			at[c], families[c] = &batch{asset: asset, commune: c}, map[string]bool{}
		}
		at[c].rows, families[c][is[ref].Family] = append(at[c].rows, toldRow{ref, now[ref], true}), true
	}
	for _, c := range slices.Sorted(maps.Keys(at)) {
		b := at[c]
		if b.families = len(families[c]); b.families < few {
			continue
		}
		for _, ref := range slices.Sorted(maps.Keys(told)) {
			if was := told[ref]; was.commune == c && now[ref] != was.units {
				b.rows = append(b.rows, toldRow{ref, now[ref] - was.units, false})
			}
		}
		if b.units() > 0 {
			out = append(out, b)
		}
	}
	return out
}

// tell keeps a batch, with its leaf.
func (s *Service) tell(ctx context.Context, b *batch) error {
	who, good, ok := ledger.ParseGoods(b.asset)
	if !ok {
		return fmt.Errorf("stock: %q is no good of anybody", b.asset)
	}
	org, err := id.Parse[actor.Organisation](who)
	if err != nil {
		return err
	}
	return s.h.Do(ctx, actor.Actor{System: "stock", Channel: "system"}, DeedTell, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		b.id = id.New[batch](t.Now())
		var lid translog.LeafID
		if s.Public != nil {
			fields := map[string]string{"organisation": who, "asset": publicGood(good), "amount": strconv.FormatInt(b.units(), 10), "place": b.commune, "count": strconv.Itoa(b.families)}
			if lid, err = s.Public.Append(t, translog.Leaf{Subject: toldSubject(b.id), Fields: fields, Body: map[string]string{"batch": b.id.String(), "deliveries": b.sum()}}); err != nil {
				return err
			}
		}
		if err := keepTold(t.Tx, b, lid, t.Now()); err != nil {
			return err
		}
		return t.Tell(toldSubject(b.id), told{Org: org, Good: good, Units: int(b.units())})
	})
}

// otherwise names batches of which the public log says something else.
func (s *Service) otherwise(t *db.Tx) (bad []string, err error) {
	if s.Public == nil {
		return nil, nil
	}
	all, err := toldBatches(t)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		l, err := s.Public.Told(t, b.leaf)
		if err != nil && fault.KindOf(err) != fault.Missing {
			return nil, err
		}
		_, good, _ := ledger.ParseGoods(b.asset)
		if l.Fields["amount"] != strconv.FormatInt(b.units, 10) || l.Fields["place"] != b.commune || l.Fields["asset"] != publicGood(good) {
			bad = append(bad, toldSubject(b.id)+": the public log was told another thing")
		}
	}
	return bad, nil
}
