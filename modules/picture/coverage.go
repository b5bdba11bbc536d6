package picture

import (
	"cmp"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

// Who serves a request, as the press tells them apart.
const (
	byState       = "state"
	byAssociation = "association"
	byBoth        = "both"
)

// row is the coverage of one place. A number that is 0 is none, or few: which of
// the two nobody who reads it knows.
type row struct {
	Code        string
	Kind        string // commune, province, region; "" is the country
	Asked       int
	People      int // rounded down
	Reached     int
	State       int
	Association int
	Both        int
	Untold      int // somebody came, and it is not told who
	Helped      int
	First, Last time.Time // of publication
}

// None is to how many nobody came, as far as was published; few is 0.
func (r row) None(floor int) int {
	if n := r.Asked - r.Reached; n >= floor {
		return n
	}
	return 0
}

// coverage is who is reached by whom, by commune.
type coverage struct {
	Rows  []row // the communes first that wait most; then what is only known of a wider place
	All   row
	Needs map[string][]release.Cell // of what was asked, by commune; what is not told comes last, under ""
	Wait  map[string]string         // by commune: the band within which half or more were taken on
	AsOf  time.Time
	Floor int
}

// covered reads what was published between two moments, within a place.
func (s *Service) covered(t *db.Tx, since, till time.Time, within string) (k coverage, err error) {
	var sheets [3]*release.Sheet
	for i, kind := range []string{release.Asked, release.Reached, release.Helped} {
		if sheets[i], err = s.press.Sheet(t, kind, since, till); err != nil {
			return k, err
		}
	}
	by, err := s.press.Table(t, sheets[1], "by")
	if err != nil {
		return k, err
	}
	need, err := s.press.Table(t, sheets[0], "need")
	if err != nil {
		return k, err
	}
	wait, err := s.press.Table(t, sheets[1], "wait")
	if err != nil {
		return k, err
	}
	k.Floor, k.Needs, k.Wait = s.press.Floor(), map[string][]release.Cell{}, map[string]string{}
	fill := func(code, kind string) row {
		f := sheets[0].At(code)
		r := row{Code: code, Kind: kind, Asked: f.N, People: f.People, Reached: sheets[1].At(code).N, Helped: sheets[2].At(code).N, First: f.First, Last: f.Last}
		for _, c := range by.At(code) {
			switch c.Code {
			case byState:
				r.State = c.N
			case byAssociation:
				r.Association = c.N
			case byBoth:
				r.Both = c.N
			default:
				r.Untold += c.N
			}
		}
		k.Needs[code], k.Wait[code] = need.At(code), half(wait.At(code), r.Reached)
		return r
	}
	for _, c := range sheets[0].Places(places.Commune, within) {
		k.Rows = append(k.Rows, fill(c.Code, places.Commune))
	}
	slices.SortStableFunc(k.Rows, func(a, b row) int { return cmp.Compare(b.Asked-b.Reached, a.Asked-a.Reached) })
	for _, kind := range []string{places.Province, places.Region} {
		for _, c := range sheets[0].Places(kind, within) {
			if own, came := sheets[0].Own(c.Code), sheets[1].Own(c.Code); own.N > 0 {
				k.Rows = append(k.Rows, row{Code: c.Code, Kind: kind, Asked: own.N, People: own.People, Reached: came.N, Untold: came.N, Helped: sheets[2].Own(c.Code).N, First: own.First, Last: own.Last})
			}
		}
	}
	if own, came := sheets[0].Own(""), sheets[1].Own(""); within == "" && own.N > 0 {
		k.Rows = append(k.Rows, row{Asked: own.N, People: own.People, Reached: came.N, Untold: came.N, Helped: sheets[2].Own("").N, First: own.First, Last: own.Last})
	}
	k.All = fill(within, "")
	k.AsOf, err = s.press.AsOf(t)
	return k, err
}

// waitBands are how long somebody waited until the request was taken on, as it is
// published: up to 1, 6, 24, 72 hours, or longer.
var waitBands = []string{"h1", "h6", "h24", "h72", "more"}

// half is the band within which at least half of n requests were taken on, whatever
// those waited of whom it is not told; "" where that cannot be said. It is worked
// out from published cells alone, so it tells nothing that they do not.
func half(told []release.Cell, n int) string {
	of := map[string]int{}
	for _, c := range told {
		of[c.Code] = c.N
	}
	last, sum := len(waitBands)-1, 0
	for _, band := range waitBands[:last] {
		if sum += of[band]; n > 0 && 2*sum >= n {
			return band
		}
	}
	if n > 0 && 2*of[waitBands[last]] >= n {
		return waitBands[last]
	}
	return ""
}

// unreached is a commune of which something is told, and where nobody has arrived.
type unreached struct {
	Code  string
	Since time.Time // since it was published that people ask, or told that there is damage
	Asked int       // 0 is none, or few
	Told  bool      // damage is told of there
}

// nobodyCame lists the communes where people ask or damage is told of, and no help
// has arrived since, the longest wait first (requirement F05.3). Arrived counts and
// not departed: where somebody is on the way to is nobody's business yet.
func (s *Service) nobodyCame(t *db.Tx, since time.Time, within string) (out []unreached, err error) {
	asked, err := s.press.Sheet(t, release.Asked, since, time.Time{})
	if err != nil {
		return nil, err
	}
	reached, err := s.press.Sheet(t, release.Reached, since, time.Time{})
	if err != nil {
		return nil, err
	}
	came, err := s.ports.Arrived(t, since)
	if err != nil {
		return nil, err
	}
	told, err := s.ports.Told(t, since)
	if err != nil {
		return nil, err
	}
	all := map[string]*unreached{}
	for _, c := range asked.Places(places.Commune, within) {
		if !reached.At(c.Code).Shown() {
			all[c.Code] = &unreached{Code: c.Code, Since: c.First, Asked: c.N}
		}
	}
	for code, at := range told {
		if !s.places.Within(code, within) || reached.At(code).Shown() {
			continue
		}
		u := all[code]
		if u == nil {
			u = &unreached{Code: code, Since: at}
			all[code] = u
		}
		if u.Told = true; at.Before(u.Since) {
			u.Since = at
		}
	}
	for code, u := range all {
		if came[code].Before(u.Since) {
			out = append(out, *u)
		}
	}
	slices.SortFunc(out, func(a, b unreached) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(b.Asked, a.Asked), cmp.Compare(a.Code, b.Code))
	})
	return out, nil
}
