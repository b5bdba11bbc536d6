package atlas

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// world is what others keep, as it is told to the map.
type world struct {
	mu     sync.Mutex
	all    map[string]Request
	read   int // how often all of them were read
	broken error
	news   chan []string
	teams  []Team
	roads  []Road
	harm   map[string]int
}

func (w *world) Each(_ *db.Tx, each func(Request)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read++
	for _, r := range w.all {
		each(r)
	}
	return w.broken
}

func (w *world) Some(_ *db.Tx, ids []string) (out []Request, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cid := range ids {
		if r, ok := w.all[cid]; ok {
			out = append(out, r)
		}
	}
	return out, w.broken
}

func (w *world) Count(*db.Tx) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all), w.broken
}
func (w *world) Sight(actor.Actor) Sight                            { return Sight{All: true} }
func (w *world) Lines(*web.Ctx, *db.Tx, []string) ([]Line, error)   { return nil, nil }
func (w *world) Teams(*db.Tx, actor.OrganisationID) ([]Team, error) { return w.teams, nil }
func (w *world) Roads(*db.Tx) ([]Road, error)                       { return w.roads, nil }
func (w *world) Follow(context.Context) (<-chan []string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.news = make(chan []string)
	return w.news, nil
}
func (w *world) Harm(context.Context) (map[string]int, error) { return w.harm, nil }

// tell does something to requests and says so.
func (w *world) tell(fn func(), subjects ...string) {
	w.mu.Lock()
	fn()
	news := w.news
	w.mu.Unlock()
	news <- subjects
}

var country = sync.OnceValues(func() (*places.Gazetteer, error) { return places.Load(packs.FS, "ma") })

// alone is the map on a store of its own, beside a world that does as it is told.
func alone(t *testing.T) (*Service, *world) {
	t.Helper()
	store, err := db.Open(testkit.SQLite(t), &clock.Held{At: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	g, err := country()
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w := &world{all: map[string]Request{}}
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	return New(h, g, Ports{Requests: w, Field: w, Harm: w.Harm, Follow: w.Follow}), w
}

func (w *world) add(n int, at geo.Point) (last string) {
	for range n {
		last = id.New[Request](time.UnixMilli(1763800000000)).String()
		w.all[last] = Request{ID: last, Placed: true, At: at, Level: 2, Phase: OpenPhase, Service: "crisis_help"}
	}
	return last
}

// count is how many requests the map shows in all.
func (s *Service) count(t *testing.T) (n int) {
	t.Helper()
	if err := s.known.look(t.Context(), func(ix *index) { n = ix.view(Sight{All: true}).total.count() }); err != nil {
		t.Fatal(err)
	}
	return n
}

// becomes waits for the map to show so many.
func (s *Service) becomes(t *testing.T, want int) {
	t.Helper()
	var n int
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if n = s.count(t); n == want {
			return
		}
	}
	t.Fatalf("the map shows %d, not %d", n, want)
}

func TestTheMapHoldsNothingBeforeSomebodyLooksAndThenFollowsWhatIsDone(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	one := w.add(5, geo.Point{Lat: 31, Lon: -8})
	if s.known.ix != nil || w.read != 0 {
		t.Error("something was read before anybody looked")
	}
	s.becomes(t, 5)
	w.tell(func() { delete(w.all, one) }, "cases.case/"+one, "field.mission/x")
	s.becomes(t, 4)
	var more string
	w.tell(func() { more = w.add(1, geo.Point{Lat: 33, Lon: -6}) }, "cases.case/"+one)
	s.becomes(t, 4) // nobody told of the new one
	w.tell(func() {}, "cases.case/"+more, "cases.case/"+more)
	s.becomes(t, 5)
	if w.read != 1 {
		t.Errorf("all requests were read %d times", w.read)
	}
}

func TestAMapThatMissedSomethingIsReadAnew(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	w.add(3, geo.Point{Lat: 31, Lon: -8})
	s.becomes(t, 3)
	w.mu.Lock()
	w.add(4, geo.Point{Lat: 32, Lon: -7})
	close(w.news)
	w.mu.Unlock()
	s.becomes(t, 7)
}

func TestAMapThatCannotBeReadSaysSoAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	w.add(1, geo.Point{Lat: 31, Lon: -8})
	w.broken = errors.New("no answer")
	if err := s.known.look(t.Context(), func(*index) { t.Error("an empty map was shown for a whole one") }); err == nil {
		t.Error("nothing was said")
	}
	w.mu.Lock()
	w.broken = nil
	w.mu.Unlock()
	s.becomes(t, 1)
}

func TestOneReaderWhoLeavesDoesNotSpoilTheMapForTheOthers(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	w.add(2, geo.Point{Lat: 31, Lon: -8})
	gone, leave := context.WithCancel(t.Context())
	leave()
	s.known.look(gone, func(*index) {}) // either way is right: the map may have been there already
	s.becomes(t, 2)
}

func TestARequestWithoutAPointStandsAtItsPlaceAndOneWithoutAPlaceIsCountedApart(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	commune := s.places.All(places.Commune)[40]
	at, km, ok := s.places.Point(commune.Code)
	if !ok {
		t.Fatal("the commune has no point")
	}
	for i, code := range []string{commune.Code, ""} {
		cid := id.New[Request](time.UnixMilli(1763800000000 + int64(i))).String()
		w.all[cid] = Request{ID: cid, Level: 1, Phase: OpenPhase, Service: "crisis_help", Commune: code, Smallest: code}
	}
	err := s.known.look(t.Context(), func(ix *index) {
		v := ix.view(Sight{All: true})
		if v.total.count() != 2 || v.lost.count() != 1 {
			t.Errorf("%d in all, %d without a place", v.total.count(), v.lost.count())
		}
		x, y := project(at)
		found := v.symbols(ix, Tile{14, x >> 18, y >> 18})
		if len(found) != 1 || !found[0].alone || int(found[0].one.radius)*10 != int(km*1000) {
			t.Errorf("at the centre of %s stand %+v", commune.Code, found)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.tallies(t.Context(), reader{sight: Sight{All: true}}, places.Commune)
	if err != nil || all[""] == nil || all[""].n != (counts{1}) || all[commune.Code] == nil {
		t.Errorf("the table has %+v (%v)", all, err)
	}
	for _, code := range []string{nowhere, commune.Code, commune.Parent} {
		if ids, total, more, err := s.within(t.Context(), reader{sight: Sight{All: true}}, code, "", 30); err != nil || len(ids) != 1 || total.all() != 1 || more {
			t.Errorf("%s has %v, %v", code, ids, total)
		}
	}
}

func TestTheListOfAPlaceGoesOnWhereItsPageEnded(t *testing.T) {
	t.Parallel()
	s, w := alone(t)
	for i := range 70 {
		cid := id.New[Request](time.UnixMilli(1763800000000 + int64(i))).String()
		w.all[cid] = Request{ID: cid, Level: 1 + i%4, Phase: OpenPhase, Service: "crisis_help", Province: "07.041"}
	}
	var seen []string
	after := ""
	for {
		ids, total, more, err := s.within(t.Context(), reader{sight: Sight{All: true}}, "07.041", after, 30)
		if err != nil || total.all() != 70 {
			t.Fatal(total, err)
		}
		seen = append(seen, ids...)
		if !more {
			break
		}
		after = ids[len(ids)-1]
	}
	if len(seen) != 70 || w.all[seen[0]].Level != 1 || w.all[seen[69]].Level != 4 {
		t.Errorf("%d requests were listed", len(seen))
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 70 {
		t.Error("one was listed twice")
	}
}
