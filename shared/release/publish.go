package release

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// house is who publishes.
var house = actor.Actor{System: "release", Channel: "system"}

// again is how far back a source is read anew: what was being written while it
// was last read.
const again = 10 * time.Minute

// takeAtOnce bounds how long taking holds up whoever asks for help meanwhile.
const takeAtOnce = 500

// told is the journal line of a publication: everything in it is public.
type told struct {
	Kind  string `json:"kind"`
	Place string `json:"place,omitempty"`
	Lots  int    `json:"lots"`
	Units int    `json:"units"`
}

// Publish takes what changed, makes the lots that are full, and tells apart those
// that are many enough. It returns how many units were published.
func (p *Press) Publish(ctx context.Context) (n int, err error) {
	for _, k := range p.kinds {
		if err := p.take(ctx, k); err != nil {
			return n, err
		}
		more, err := p.print(ctx, k)
		n += more
		if err != nil {
			return n, err
		}
		if err := p.tellApart(ctx, k); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *Press) take(ctx context.Context, k kind) error {
	var all []Fact
	var now time.Time
	err := p.h.DB.Read(ctx, func(t *db.Tx) error {
		now = t.Now()
		since, err := mark(t, k.Name)
		if err != nil {
			return err
		}
		return k.source(t, since, func(f Fact) {
			if c, ok := p.places.Commune(f.Place); ok {
				f.Place = c.Code
			} else if _, known := p.places.Get(f.Place); !known {
				f.Place = ""
			}
			all = append(all, f)
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Fact) int { return strings.Compare(a.ID, b.ID) }) // two processes take them in one order, and never wait for each other in a ring
	for some := range slices.Chunk(all, takeAtOnce) {
		if err := p.h.DB.Write(ctx, func(t *db.Tx) error { return takeFacts(t, k.Name, some) }); err != nil {
			return err
		}
	}
	return p.h.DB.Write(ctx, func(t *db.Tx) error { return setMark(t, k.Name, now.Add(-again), now) })
}

// print makes the lots, those of a province at a time.
func (p *Press) print(ctx context.Context, k kind) (n int, err error) {
	var lots []lot
	err = p.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := waiting(t, k.Name)
		if k.After != "" {
			all, err = waitingAfter(t, k.Name, k.After)
		}
		lots = p.lots(all, k.After != "", t.Now())
		return err
	})
	for len(lots) > 0 && err == nil {
		area := p.area(lots[0].place)
		i := 1
		for i < len(lots) && p.area(lots[i].place) == area {
			i++
		}
		var more int
		more, err = p.publish(ctx, k.Name, area, lots[:i])
		n, lots = n+more, lots[i:]
	}
	return n, err
}

// area is the province of a place, or the place itself where it is wider.
func (p *Press) area(code string) string {
	if o, ok := p.places.Province(code); ok {
		return o.Code
	}
	return code
}

func (p *Press) publish(ctx context.Context, kind, area string, lots []lot) (n int, err error) {
	err = p.h.Do(ctx, house, DeedPublish, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n = 0
		first := id.New[lot](t.Now())
		for i, l := range lots {
			lid := first
			if i > 0 {
				lid = id.New[lot](t.Now())
			}
			fresh, err := addLot(t.Tx, lid, kind, l, p.rules.Floor)
			if err != nil {
				return err
			}
			if !fresh { // another process was faster with some of them
				return deed.ErrNothingDone
			}
			n += len(l.units)
		}
		return t.Tell("release.lot/"+first.String(), told{kind, area, len(lots), n})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return 0, nil
	}
	return n, err
}

// tellApart makes the tables of the lots that are many enough, each lot in one.
func (p *Press) tellApart(ctx context.Context, k kind) error {
	if len(k.Dims) == 0 {
		return nil
	}
	var all []bag
	if err := p.h.DB.Read(ctx, func(t *db.Tx) error {
		lots, err := untold(t, k.Name)
		all = bags(p.places, lots, max(k.Tell, p.rules.Floor), t.Now().Add(-p.rules.Apart))
		return err
	}); err != nil {
		return err
	}
	for _, b := range all {
		err := p.h.DB.Write(ctx, func(t *db.Tx) error { return p.cut(t, k, b) })
		if err != nil && !errors.Is(err, errCut) {
			return err
		}
	}
	return nil
}

// errCut is that another process told the same lots apart a moment ago.
var errCut = errors.New("release: told apart already")

func (p *Press) cut(t *db.Tx, k kind, b bag) error {
	batch := id.New[bag](t.Now())
	counts := map[string]map[string]int{}
	for _, d := range k.Dims {
		counts[d.Name] = map[string]int{}
	}
	for _, l := range b.lots {
		if n, err := setTold(t, l.id); err != nil || n == 0 {
			return errors.Join(err, errCut)
		}
		if err := tagsOf(t, l.id, func(dim, category string) {
			if in := counts[dim]; in != nil {
				in[category]++
			}
		}); err != nil {
			return err
		}
	}
	for _, d := range k.Dims {
		of, sum := append(slices.Clone(d.Of), Other), 0
		table := make([]int, len(of))
		for i, category := range d.Of {
			table[i] = counts[d.Name][category]
			sum += table[i]
		}
		table[len(table)-1] = b.n - sum
		rest := b.n
		for i, show := range Part(table, p.rules.Floor) {
			if show {
				rest -= table[i]
				if err := addCell(t, batch, k.Name, b.place, d.Name, of[i], table[i]); err != nil {
					return err
				}
			}
		}
		if rest > 0 {
			if err := addCell(t, batch, k.Name, b.place, d.Name, "", rest); err != nil {
				return err
			}
		}
	}
	return nil
}
