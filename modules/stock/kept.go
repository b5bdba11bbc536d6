package stock

import (
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// kept is where the units of each good were a while ago, so that not everything that ever
// moved is played again for each page. The ledger changes no line, and what is so old
// that no transaction can bring a line before it any more is played once.
type kept struct {
	mu sync.Mutex // guards of
	of map[string]keptGood
}

type keptGood struct {
	at         map[string]*place // never changed: whoever plays on does so on a copy
	order, seq int64             // of the last movement in it, and the highest line
}

const (
	// settles is how long a line may be written by somebody and not yet be seen by others.
	settles = 2 * time.Minute
	// between is how many lines of others may stand between those of one entry.
	between = 10_000
)

// copied is what whoever plays on may change.
func copied(at map[string]*place) map[string]*place {
	out := make(map[string]*place, len(at))
	for code, p := range at {
		out[code] = &place{kind: p.kind, runs: slices.Clone(p.runs)}
	}
	return out
}

// play is where the units of a good are.
func (k *kept) play(t *db.Tx, asset string) (map[string]*place, error) {
	k.mu.Lock()
	was := k.of[asset]
	k.mu.Unlock()
	all, err := ledger.MovementsAfter(t, asset, was.order, max(0, was.seq-between))
	if err != nil {
		return nil, err
	}
	old, now := 0, t.Now()
	for old < len(all) && now.Sub(all[old].MadeAt) > settles {
		old++
	}
	at := copied(was.at)
	if old == 0 {
		return follow(at, all), nil
	}
	next := keptGood{at: follow(at, all[:old]), order: all[old-1].Order, seq: was.seq}
	for _, m := range all[:old] {
		next.seq = max(next.seq, m.Seq)
	}
	k.mu.Lock()
	if k.of == nil {
		k.of = map[string]keptGood{}
	}
	if k.of[asset].order < next.order {
		k.of[asset] = next
	}
	k.mu.Unlock()
	return follow(copied(next.at), all[old:]), nil
}
