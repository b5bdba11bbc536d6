package release

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

func packsOf(t testing.TB) fs.FS { return os.DirFS(filepath.Join(testkit.Root(t), "packs")) }

func gazetteer(t *testing.T, country string) *places.Gazetteer {
	t.Helper()
	g, err := places.Load(packsOf(t), country)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// night is what came to each place before each moment, a day apart.
type night [][]int // [moment][place]

// played is what the public read, and what really was: how many waited in each
// place after each moment, how many had come in between, and how many in all.
func played(p *Press, root string, at []string, n night) (public string, secret []int) {
	var b []byte
	var wait []unit
	start := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	all := make([]int, len(at))
	for day, came := range n {
		now := start.AddDate(0, 0, day)
		for i, k := range came {
			all[i] += k
			for j := range k {
				wait = append(wait, unit{id: string([]byte{byte(day), byte(i), byte(j)}), place: at[i], at: now})
			}
		}
		gone := map[string]bool{}
		for _, l := range p.lotsIn(root, wait, false, now) {
			b = append(append(b, l.place...), byte(len(l.units)))
			for _, u := range l.units {
				gone[u.id] = true
			}
		}
		b = append(b, '|')
		var left []unit
		waits := make([]int, len(at))
		for _, u := range wait {
			if !gone[u.id] {
				left = append(left, u)
				for i, place := range at {
					if place == u.place {
						waits[i]++
					}
				}
			}
		}
		wait = left
		secret = append(append(append(secret, waits...), came...), all...)
	}
	return string(b), secret
}

// nights hands every night to each.
func nights(moments, at, most int, each func(night)) {
	n := make(night, moments)
	for i := range n {
		n[i] = make([]int, at)
	}
	var fill func(k int)
	fill = func(k int) {
		if k == moments*at {
			each(n)
			return
		}
		for x := 0; x <= most; x++ {
			n[k/at][k%at] = x
			fill(k + 1)
		}
		n[k/at][k%at] = 0
	}
	fill(0)
}

// The attacker kept everything that was ever published, knows the source, and
// tries every night that there could have been: no number of 1 to floor-1 is
// certain, be it of those who wait, of those who came between two moments, or of
// all who ever came, of whichever place.
func TestNothingThatWaitsCanBeWorkedOut(t *testing.T) {
	t.Parallel()
	g := gazetteer(t, "tamurt")
	for _, x := range []struct {
		root          string // nothing comes from elsewhere, and the attacker knows
		at            []string
		moments, most int
		wait          time.Duration
	}{
		{"A1", []string{"A1-01", "A1-02", "A1-03"}, 3, 3, 36 * time.Hour},
		{"A1", []string{"A1-01", "A1-02", "A1-03"}, 2, 5, 0},
		{"A1", []string{"A1-01", "A1-02", "A1-03", "A1"}, 2, 3, 20 * time.Hour},
		{"A", []string{"A1-01", "A1-02", "A1-03", "A2-01", "A2-02", "A2-03"}, 1, 4, 0},
	} {
		p := &Press{places: g, rules: Rules{Floor: 3, Wait: x.wait}}
		could := map[string][]uint64{} // for each public record, the values that each number may have, as bits
		nights(x.moments, len(x.at), x.most, func(n night) {
			public, secret := played(p, x.root, x.at, n)
			a := could[public]
			if a == nil {
				a = make([]uint64, len(secret))
				could[public] = a
			}
			for i, v := range secret {
				a[i] |= 1 << v
			}
		})
		asked := 0
		for public, a := range could {
			if beyond(public, x.at, x.most) {
				continue
			}
			for i, bits := range a {
				for v := 1; v < p.rules.Floor; v++ {
					if bits&(1<<v) != 0 {
						asked++
					}
					if bits == 1<<v {
						t.Fatalf("%v, %d moments: after %q number %d can only be %d", x.at, x.moments, public, i, v)
					}
				}
			}
		}
		if asked == 0 {
			t.Fatalf("%+v hid nothing: the test asks nothing", x)
		}
	}
}

// beyond is a record that only nights with more than were tried could have as
// well: of a lot that is larger than what came in any one time, too few are known.
func beyond(public string, at []string, most int) bool {
	for _, day := range strings.Split(public, "|") {
		place := ""
		for _, r := range []byte(day) {
			if r >= '-' {
				place += string(rune(r))
				continue
			}
			if int(r) > most && slices.Contains(at, place) {
				return true
			}
			place = ""
		}
	}
	return false
}

// A figure is a sum of lots whatever is subtracted from whatever.
func TestEveryDifferenceOfFiguresIsNothingOrAtLeastTheFloor(t *testing.T) {
	t.Parallel()
	g := gazetteer(t, "tamurt")
	p := &Press{places: g, rules: Rules{Floor: 5, Wait: 72 * time.Hour}}
	var wait []unit
	now := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	sizes := 0
	for i := range 400 {
		place := g.All(places.Commune)[i*i%len(g.All(places.Commune))].Code
		wait = append(wait, unit{id: strconv.Itoa(i), place: place, at: now.Add(time.Duration(i) * time.Hour / 4)})
		if i%7 != 0 {
			continue
		}
		gone := map[string]bool{}
		for _, l := range p.lots(wait, false, now.Add(time.Duration(i)*time.Hour/4)) {
			if len(l.units) < 5 {
				t.Fatalf("a lot of %d in %s", len(l.units), l.place)
			}
			sizes += len(l.units)
			for _, u := range l.units {
				if gone[u.id] {
					t.Fatalf("%s was published twice", u.id)
				}
				gone[u.id] = true
			}
		}
		var left []unit
		for _, u := range wait {
			if !gone[u.id] {
				left = append(left, u)
			}
		}
		wait = left
	}
	if sizes+len(wait) != 400 || sizes < 300 {
		t.Errorf("%d published, %d wait", sizes, len(wait))
	}
}

// Lots of a commune are told apart by themselves where it has enough of them in
// time, and go with their neighbours where it has not.
func TestLotsOfACommuneWaitForMoreOfItBeforeTheyAreToldApartWithOthers(t *testing.T) {
	t.Parallel()
	g := gazetteer(t, "tamurt")
	now := time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)
	late := now.Add(-12 * time.Hour)
	all := []printed{{"a", "A1-01", 9, now}, {"b", "A1-02", 12, now}, {"c", "A1-03", 20, now}}
	if got := bags(g, all, 20, late); len(got) != 1 || got[0].place != "A1-03" || got[0].n != 20 {
		t.Errorf("young: %+v", got)
	}
	all[0].moment, all[1].moment = late, late
	if got := bags(g, all, 20, late); len(got) != 2 || got[1].place != "A1" || got[1].n != 21 || len(got[1].lots) != 2 {
		t.Errorf("old: %+v", got)
	}
}
