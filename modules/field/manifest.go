package field

import (
	"maps"
	"slices"

	"github.com/twiza/twiza/base/fault"
)

// Manifest is what a mission carries, one line a good, sorted by code.
//
// At any time delivered + returned + lost ≤ loaded; when the mission closes,
// the two are equal (F20, M03).
type Manifest []Line

// Line is one good of a manifest, in whole units.
type Line struct {
	Good       string `json:"good"`
	Loaded     int    `json:"loaded"`
	Delivered  int    `json:"delivered"`
	Returned   int    `json:"returned"`
	Lost       int    `json:"lost"`
	LostReason string `json:"lost_reason,omitempty"`
}

// Why goods are lost, in the order in which people read it.
var ReasonsLost = []string{"broken", "wet", "spoiled", "road", "stolen", "missing"}

// maxUnits of one good on one mission; the schema knows it too.
const maxUnits = 1_000_000

// Aboard is how much is neither handed out nor accounted for.
func (l Line) Aboard() int { return l.Loaded - l.Delivered - l.Returned - l.Lost }

func (m Manifest) line(good string) *Line {
	if i, ok := m.find(good); ok {
		return &m[i]
	}
	return nil
}

func (m Manifest) find(good string) (int, bool) {
	return slices.BinarySearchFunc(m, good, func(l Line, g string) int {
		switch {
		case l.Good < g:
			return -1
		case l.Good > g:
			return 1
		}
		return 0
	})
}

// load says how much of each good goes along; 0 takes it off again. A good
// that is not named stays as it is.
func (m *Manifest) load(units map[string]int) error {
	var all fault.All
	for _, good := range slices.Sorted(maps.Keys(units)) {
		n := units[good]
		if n < 0 || n > maxUnits {
			all = append(all, fault.New(fault.Invalid, "field.manifest.number_wrong", "most", maxUnits).On("load_"+good))
			continue
		}
		i, ok := m.find(good)
		switch {
		case ok && n == 0:
			*m = slices.Delete(*m, i, i+1)
		case ok:
			(*m)[i].Loaded = n
		case n > 0:
			*m = slices.Insert(*m, i, Line{Good: good, Loaded: n})
		}
	}
	return all.OrNil()
}

// deliver hands goods out, as far as they are aboard.
func (m Manifest) deliver(units map[string]int) error {
	var all fault.All
	for _, good := range slices.Sorted(maps.Keys(units)) {
		n, l := units[good], m.line(good)
		switch {
		case n < 0 || n > maxUnits:
			all = append(all, fault.New(fault.Invalid, "field.manifest.number_wrong", "most", maxUnits).On("good_"+good))
		case n == 0:
		case l == nil:
			all = append(all, fault.New(fault.Invalid, "field.manifest.not_loaded", "good", good).On("good_"+good))
		case !l.fits(n, 0):
			all = append(all, l.tooMany(n, 0).On("good_"+good))
		default:
			l.Delivered += n
		}
	}
	return all.OrNil()
}

// bringBack says how much of each good came back, in all.
func (m Manifest) bringBack(units map[string]int) error {
	var all fault.All
	for _, good := range slices.Sorted(maps.Keys(units)) {
		n, l := units[good], m.line(good)
		switch {
		case l == nil:
			all = append(all, fault.New(fault.Invalid, "field.manifest.not_loaded", "good", good).On("back_"+good))
		case !l.fits(n, l.Returned):
			all = append(all, l.tooMany(n, l.Returned).On("back_"+good))
		default:
			l.Returned = n
		}
	}
	return all.OrNil()
}

// lose says how much of a good was lost, in all, and why. 0 says that nothing was.
func (m Manifest) lose(good string, n int, reason string) error {
	l := m.line(good)
	var all fault.All
	if n > 0 && !slices.Contains(ReasonsLost, reason) {
		all = append(all, fault.New(fault.Invalid, "field.manifest.reason_missing").On("lost_reason"))
	}
	if l == nil {
		all = append(all, fault.New(fault.Invalid, "field.manifest.good_missing").On("lost_good"))
		return all
	}
	if !l.fits(n, l.Lost) {
		all = append(all, l.tooMany(n, l.Lost).On("lost"))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	if n == 0 {
		reason = ""
	}
	l.Lost, l.LostReason = n, reason
	return nil
}

// fits tells whether n units can be accounted for, already of which have been.
func (l *Line) fits(n, already int) bool { return n >= 0 && n <= l.Aboard()+already }

func (l *Line) tooMany(n, already int) *fault.Fault {
	if n < 0 {
		return fault.New(fault.Invalid, "field.manifest.number_wrong", "most", maxUnits)
	}
	return fault.New(fault.Invalid, "field.manifest.not_aboard", "good", l.Good, "aboard", l.Aboard()+already)
}

// unbalanced names every good of which some is still unaccounted for.
func (m Manifest) unbalanced() (all fault.All) {
	for _, l := range m {
		if n := l.Aboard(); n != 0 {
			all = append(all, fault.New(fault.Conflict, "field.manifest.unbalanced", "good", l.Good, "n", n, "loaded", l.Loaded).On("back_"+l.Good))
		}
	}
	return all
}

// loaded is what set out, by good.
func (m Manifest) loaded() map[string]int {
	out := make(map[string]int, len(m))
	for _, l := range m {
		out[l.Good] = l.Loaded
	}
	return out
}
