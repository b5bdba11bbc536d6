package stock

import (
	"slices"
	"strings"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// Where the units of a lot are. Blankets have no numbers, so they are told apart by order,
// as money is (modules/giving): what arrived first leaves first, on the road too; what a
// mission brings back stands in front again. A unit is followed to the delivery that
// gave it, and told no finer than its commune.

// State is how far units have come. The set is closed.
type State string

const (
	InDepot State = "depot"
	OnRoad  State = "road"
	Handed  State = "given"
	Gone    State = "lost"
)

// states are in the order in which the units of a lot are counted off.
var states = []State{Handed, OnRoad, InDepot, Gone}

// run is units that follow each other and share a lot and a fate.
type run struct {
	lot   string // "" is of no lot
	units int64
	ref   string // of the delivery that gave them
}

// place is an account, with what lies in it from the front to the back.
type place struct {
	kind ledger.Kind
	runs []run
}

// pop takes units from a place: the first in, or for what was given, which is corrected
// sometimes, the last. What was in no place before is of no lot.
func (p *place) pop(units int64, lot string) (out []run) {
	if p.kind == ledger.Giver {
		return []run{{lot: lot, units: units}}
	}
	last := p.kind == ledger.Given || p.kind == ledger.Lost
	for units > 0 && len(p.runs) > 0 {
		i := 0
		if last {
			i = len(p.runs) - 1
		}
		n := min(units, p.runs[i].units)
		r := p.runs[i]
		r.units = n
		out, units = append(out, r), units-n
		if p.runs[i].units -= n; p.runs[i].units == 0 {
			p.runs = slices.Delete(p.runs, i, i+1)
		}
	}
	if units > 0 {
		out = append(out, run{units: units})
	}
	return out
}

// push puts runs at the back of a place, or before all others.
func (p *place) push(front bool, runs ...run) {
	if front {
		p.runs = append(slices.Clone(runs), p.runs...)
		return
	}
	p.runs = append(p.runs, runs...)
}

const lotRef = "stock.lot/"

// follow plays the movements of one good again, entry by entry.
func follow(all []ledger.Movement) map[string]*place {
	at := map[string]*place{}
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].Entry == all[from].Entry {
			to++
		}
		step(at, all[from:to])
		from = to
	}
	return at
}

func step(at map[string]*place, entry []ledger.Movement) {
	lot, bought := strings.CutPrefix(entry[0].About, lotRef)
	if !bought {
		lot = ""
	}
	var moving []run
	for _, m := range entry {
		if at[m.Code] == nil {
			at[m.Code] = &place{kind: m.Kind}
		}
		if m.Amount < 0 {
			moving = append(moving, at[m.Code].pop(-m.Amount, lot)...)
		}
	}
	for _, m := range entry {
		if m.Amount <= 0 || m.Kind == ledger.Giver {
			continue
		}
		hand := place{kind: ledger.Stock, runs: moving}
		here := hand.pop(m.Amount, "")
		moving = hand.runs
		for i := range here {
			here[i].ref = ""
			if m.Kind == ledger.Given {
				here[i].ref = m.Ref
			}
		}
		at[m.Code].push(m.Kind == ledger.Stock && lot == "", here...)
	}
}

// fate is what became of some units of a lot.
type fate struct {
	state   State
	commune string // "" where too few families got any there
	units   int64
}

// fates are what became of each lot of a good, by state and then by commune.
func (s *Service) fates(t *db.Tx, org, good string) (map[string][]fate, error) {
	all, err := ledger.Movements(t, ledger.GoodsAsset(org, good))
	if err != nil {
		return nil, err
	}
	at := follow(all)
	named, err := s.communes(t, at)
	if err != nil {
		return nil, err
	}
	type key struct {
		lot     string
		state   State
		commune string
	}
	sums := map[key]int64{}
	for _, p := range at {
		state := map[ledger.Kind]State{ledger.Stock: InDepot, ledger.Transit: OnRoad, ledger.Given: Handed, ledger.Lost: Gone}[p.kind]
		for _, r := range p.runs {
			if r.lot != "" {
				sums[key{r.lot, state, named[r.ref]}] += r.units
			}
		}
	}
	out := map[string][]fate{}
	for k, n := range sums {
		out[k.lot] = append(out[k.lot], fate{k.state, k.commune, n})
	}
	for _, f := range out {
		slices.SortFunc(f, func(a, b fate) int {
			if a.state != b.state {
				return slices.Index(states, a.state) - slices.Index(states, b.state)
			}
			return strings.Compare(b.commune, a.commune) // those without a name last
		})
	}
	return out, nil
}

// communes tells, for each delivery, the commune that may be named: one in which enough
// families got something of this good.
func (s *Service) communes(t *db.Tx, at map[string]*place) (map[string]string, error) {
	var refs []string
	for _, p := range at {
		for _, r := range p.runs {
			if r.ref != "" && !slices.Contains(refs, r.ref) {
				refs = append(refs, r.ref)
			}
		}
	}
	is, err := s.p.Communes(t, refs)
	if err != nil {
		return nil, err
	}
	families := map[string]int{}
	for _, c := range is {
		families[c]++
	}
	for ref, c := range is {
		if families[c] < s.few {
			delete(is, ref)
		}
	}
	return is, nil
}

// Piece is what a stretch of a payment became: coins From up to To, which is not among
// them, bought Units of a good, and this is where they are.
type Piece struct {
	From, To int64
	Good     Good
	Units    int64
	State    State
	Commune  string // "" where it is not given, or not told
}

// Became is what a payment became, from its first coin on, without what has not arrived.
// The pieces of a lot follow each other and cost, to the coin, what the lot cost.
func (s *Service) Became(t *db.Tx, payment string) (out []Piece, err error) {
	lots, err := boughtWith(t, payment)
	if err != nil {
		return nil, err
	}
	at := int64(0)
	known := map[string]map[string][]fate{}
	for _, l := range lots {
		asset := l.Org.String() + "." + l.Good
		if known[asset] == nil {
			if known[asset], err = s.fates(t, l.Org.String(), l.Good); err != nil {
				return nil, err
			}
		}
		g, _ := s.good(l.Good)
		done, from := int64(0), at
		for _, f := range known[asset][l.ID.String()] {
			done += f.units
			to := at + done*l.Minor/int64(l.Units) // far below 2^63: a million units of a billion
			out = append(out, Piece{from, to, g, f.units, f.state, f.commune})
			from = to
		}
		at += l.Minor
	}
	return out, nil
}
