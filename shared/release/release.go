// Package release is the one door by which a count of people becomes public. The
// pages that everybody reads, their files and feeds, the tiles of a public map and
// the journal's public lines are made from what stands here and from nothing else.
//
// Words: a unit is one thing that is counted, such as a request; its kind is what
// is counted of it: that it was asked, that somebody came, that help arrived. A
// lot is at least five units that were published together at one moment under the
// name of one place. A cell is at least five units of some lots that are alike.
//
// What always holds, and what follows from it:
//
//   - A unit is counted once. The lot in which it was published is written once and
//     never changed, taken apart or written again with other cells left out. So
//     every figure, of any place and any time, is a sum of lots, and what one figure
//     has more than others that it holds, today more than yesterday, a province more
//     than its communes, all more than a day, is a sum of lots: nothing, or at least
//     five.
//   - A unit goes into a lot of its own commune as soon as five wait there. Those
//     that are fewer wait. Once the oldest has waited long enough, what waits in the
//     communes of a province goes together into a lot of the province, and so on up;
//     but only if they are at least five and if they could be spread otherwise: at
//     most (5-1) × (places-1). A count of 1 to 4 is shown nowhere.
//   - Lots are told apart (by need, by channel) with the others of the same place,
//     each lot in one such table, by Part. Which lots are told apart together follows
//     from their sizes, places and moments alone, which are public.
//   - What happens later to a unit, that somebody came, is counted where the unit
//     was published, not where it lies, and only after it was.
//
// What is guaranteed: somebody who has kept everything that was ever published,
// and knows this source, cannot work out any number between 1 and 4: not how many
// wait in a place, not how many came between two moments, not how many of a lot
// belong to a category that is not shown. Why: what waits in a place is between 0
// and 4 and no other figure speaks of it, except a lot of a wider place that it
// later went into, and of that lot the sum is known. Where n > 0 of it were from
// one commune, others of the same province had room for one more, else the sum were
// more than is allowed; and where none was, another had one to give. Moving one
// unit with its day to another commune changes nothing that is published: the lots
// before are full without it, the sum is the same, the oldest is as old. So two
// numbers at least are possible everywhere. Part says it of cells. Tables of one
// lot by need and by channel tell nothing together, because any two of the same
// total can be had by naming units one by one. A zero may be certain, a 5 is shown.
// release_test.go attacks it: TestNothingThatWaitsCanBeWorkedOut.
//
// What is paid for it: a figure is never too high and may be a little low, by those
// that wait. What is found to be told twice after it was published stays counted.
//
// Sources: Hundepool et al., "Statistical Disclosure Control" (2012), chapters 4
// (tables: thresholds, differencing, linked tables) and 6; Cox (1980) and Fischetti
// and Salazar, "Solving the cell suppression problem" (Management Science 47, 2001)
// for tables with totals both ways, which are avoided here by counting each unit in
// one table of each kind; Dinur and Nissim (PODS 2003) for why many exact answers
// to overlapping questions cannot be defended one by one. docs/decisions/0015.
package release

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql locale/*.json
var Files embed.FS

// Fact is one unit as whoever keeps it tells of it.
type Fact struct {
	ID     string
	Place  string // code of a commune, or wider where no more is known; "" is nowhere known. Of a kind that follows another it is not asked
	At     time.Time
	People int
	Tags   map[string]string // by dimension: "need": "water"
	Gone   bool              // it is no longer to be counted: it was joined to another, or erased
}

// Source hands every unit that changed since a moment to each, in any order;
// more than those does no harm.
type Source func(t *db.Tx, since time.Time, each func(Fact)) error

// Dim is a way of telling units apart, and all that there may be; what is none of
// these is Other.
type Dim struct {
	Name string
	Of   []string
}

// Other is the category of what is none of those of its dimension.
const Other = "else"

// Kind is what is counted.
type Kind struct {
	Name  string
	After string // the kind that a unit must have been published as before; it is then counted where it was
	Dims  []Dim
	Tell  int // how many units are told apart together at least
}

// The kinds of this house.
const (
	Asked   = "asked"   // somebody asked for help
	Reached = "reached" // and somebody came or took it on
	Helped  = "helped"  // and its person said that help had come
)

// Rules are the measures of a country.
type Rules struct {
	Floor int           // the least count that is shown
	Wait  time.Duration // after which few units of a place are counted with those of its neighbours
	Apart time.Duration // in which lots of a commune wait for more of it, before they are told apart with their neighbours
	Every time.Duration // between two moments of publication
}

// Press publishes.
type Press struct {
	h      *deed.House
	places *places.Gazetteer
	rules  Rules
	kinds  []kind
	shelf  shelf
}

type kind struct {
	Kind
	source Source
}

// New makes a press. The schema knows the floor as well: it cannot be under five.
func New(h *deed.House, g *places.Gazetteer, r Rules) (*Press, error) {
	if r.Floor < 5 || r.Wait < 0 || r.Apart < 0 || r.Every <= 0 {
		return nil, fmt.Errorf("release: a floor of %d, a wait of %s, a moment every %s", r.Floor, r.Wait, r.Every)
	}
	return &Press{h: h, places: g, rules: r}, nil
}

// Floor is the least count that is shown.
func (p *Press) Floor() int { return p.rules.Floor }

// Every is how much time lies between two publications.
func (p *Press) Every() time.Duration { return p.rules.Every }

// Count lets units of a kind be published. Called while the house is built; a
// kind that follows another is added after it.
func (p *Press) Count(k Kind, from Source) { p.kinds = append(p.kinds, kind{k, from}) }

// DeedPublish is the house itself publishing lots.
var DeedPublish = deed.Deed{Name: "release.lot.publish"}

// Manifest is the module as the house sees it.
func (p *Press) Manifest() module.Manifest {
	return module.Manifest{
		Name: "release", Files: Files, Deeds: []deed.Deed{DeedPublish}, Checks: checks(), Say: p.Say,
		Chores: []module.Chore{{Name: "release.publish", Every: p.rules.Every, Do: func(ctx context.Context) error { _, err := p.Publish(ctx); return err }}},
	}
}
