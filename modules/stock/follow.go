package stock

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/ledger"
)

// Where the units of a lot are. Blankets have no numbers, so they are told apart by order,
// as money is (modules/giving): what arrived first leaves first, on the road too; what a
// mission brings back stands in front again. A unit is followed to the delivery that
// gave it, and told no finer than its commune, and not before its leaf (told.go).

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

var stateOf = map[ledger.Kind]State{ledger.Stock: InDepot, ledger.Transit: OnRoad, ledger.Given: Handed, ledger.Lost: Gone}

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

// follow plays movements of one good again, entry by entry, from where it is.
func follow(at map[string]*place, all []ledger.Movement) map[string]*place {
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

// good is one good of one organisation, played again.
type good struct {
	at    map[string]*place
	named map[string]string // communes of which the public was told, by delivery
}

func (s *Service) played(t *db.Tx, org, code string) (g good, err error) {
	if g.at, err = s.kept.play(t, ledger.GoodsAsset(org, code)); err != nil {
		return g, err
	}
	told, err := toldOf(t, ledger.GoodsAsset(org, code))
	g.named = map[string]string{}
	for ref, x := range told {
		g.named[ref] = x.commune
	}
	return g, err
}

// runs are the units of a lot, by state and then mission by mission.
func (g good) runs(lot string) (out []Run) {
	for _, state := range states {
		for _, code := range slices.Sorted(maps.Keys(g.at)) {
			if stateOf[g.at[code].kind] != state {
				continue
			}
			for _, r := range g.at[code].runs {
				if r.lot == lot {
					out = append(out, Run{Units: r.units, State: state, Ref: r.ref, Commune: g.named[r.ref]})
				}
			}
		}
	}
	return out
}

// Run is units of a lot that share a fate. Coins of the payment from From up to To, which
// is not among them, bought them.
type Run struct {
	From, To int64
	Good     Good
	Units    int64
	State    State
	Ref      string // of the delivery in the ledger, for what was given; never public
	Commune  string // where it was given; "" until the public was told of enough families together
}

// Became is what a payment became, from its first coin on, without what has not arrived.
// The coins of a lot lie over its units, in their order and without a gap.
func (s *Service) Became(t *db.Tx, payment string) (out []Run, err error) {
	lots, err := boughtWith(t, payment)
	if err != nil {
		return nil, err
	}
	at := int64(0)
	known := map[string]good{}
	for _, l := range lots {
		asset := ledger.GoodsAsset(l.Org.String(), l.Good)
		g, seen := known[asset]
		if !seen {
			if g, err = s.played(t, l.Org.String(), l.Good); err != nil {
				return nil, err
			}
			known[asset] = g
		}
		out = append(out, s.priced(g, l, at)...)
		at += l.Minor
	}
	return out, nil
}

// priced are the runs of a lot with the coins that bought each, from at on.
func (s *Service) priced(g good, l Lot, at int64) []Run {
	all := g.runs(l.ID.String())
	named, _ := s.good(l.Good)
	done, from := int64(0), at
	for i := range all {
		done += all[i].Units
		to := at + done*l.Minor/int64(l.Units) // far below 2^63: a million units of a billion
		all[i].From, all[i].To, all[i].Good = from, to, named
		from = to
	}
	return all
}

// RunsOf is where the units of one lot are.
func (s *Service) RunsOf(t *db.Tx, l Lot) ([]Run, error) {
	g, err := s.played(t, l.Org.String(), l.Good)
	return s.priced(g, l, 0), err
}

// LotOf is a lot by its identifier; ok is false for none.
func (s *Service) LotOf(t *db.Tx, lid string) (l Lot, ok bool, err error) {
	one, err := id.Parse[Lot](lid)
	if err != nil {
		return l, false, nil
	}
	return lotByID(t, one)
}

// BoughtWith are the lots of a payment, in the order in which they arrived.
func (s *Service) BoughtWith(t *db.Tx, payment string) ([]Lot, error) { return boughtWith(t, payment) }
