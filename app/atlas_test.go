package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// tileAt is the tile of a zoom that a point lies in, as the scheme of web maps
// says it.
func tileAt(p geo.Point, z int) string {
	n := math.Exp2(float64(z))
	lat := p.Lat * math.Pi / 180
	return fmt.Sprintf("%d/%d/%d.mvt", z, int((p.Lon+180)/360*n), int((1-math.Log(math.Tan(lat)+1/math.Cos(lat))/math.Pi)/2*n))
}

// follows has the house tell its screens what is done, as when it serves.
func follows(t *testing.T, h *House) {
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { h.Live.Run(ctx); close(over) }()
	t.Cleanup(func() { stop(); <-over })
}

// tileOf is one tile as a reader gets it.
func tileOf(t *testing.T, house http.Handler, token, path string) []testkit.Feature {
	t.Helper()
	w := knock(house, "GET", "/tiles/"+path, token, nil)
	if w.Code == http.StatusNoContent {
		return nil
	}
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/vnd.mapbox-vector-tile" || !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") {
		t.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	_, all, err := testkit.ReadTile(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return all
}

// spread is points so far apart that each is a symbol of its own close up, the
// first half of them in one province.
func (s *stage) spread(n int) (all []geo.Point) {
	there := s.h.Places.Children(s.elsewhere)
	for i := range n {
		from := s.h.Places.Children(homeProvince)[0]
		if i >= n/2 {
			from = there[0]
		}
		all = append(all, geo.Point{Lat: from.At.Lat + float64(i)*.004, Lon: from.At.Lon + float64(i%3)*.004})
	}
	return all
}

// pointed puts a request in at a point of a commune.
func (s *stage) pointed(p geo.Point) cases.CaseID {
	near := s.h.Places.Nearest(p, places.Commune, 1)
	return s.ask(forms.Answers{"where": forms.Place{Code: near[0].Place.Code, Lat: p.Lat, Lon: p.Lon, HasPoint: true}})
}

// listed are the requests that a reader's queue lists, by phase.
func (s *stage) listed(v *visitor) (ids []string) {
	s.Helper()
	for _, phase := range []string{"open", "owned", "moving", "waiting"} {
		r := httptest.NewRequest("GET", "/api/v1/cases?phase="+phase, nil)
		r.Header.Set("Authorization", "Bearer "+v.token)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		var out cases.QueueOut
		if w.Code == http.StatusOK {
			s.must(json.Unmarshal(w.Body.Bytes(), &out))
		}
		for _, k := range out.Cases {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// mapped are the requests that stand on a reader's map close up, and how many its
// symbols stand for from afar.
func (s *stage) mapped(v *visitor, points []geo.Point) (ids []string, far map[int]int) {
	s.Helper()
	far = map[int]int{}
	for _, z := range []int{0, 5, 8, 11, 14} {
		seen := map[string]bool{}
		for _, p := range points {
			at := tileAt(p, z)
			if seen[at] {
				continue
			}
			seen[at] = true
			for _, f := range tileOf(s.T, s.handler, v.token, "cases/"+at) {
				far[z] += f.Tags["n"].(int)
				if z == 14 {
					ids = append(ids, f.Tags["id"].(string))
				}
			}
		}
	}
	slices.Sort(ids)
	return ids, far
}

func TestAMapShowsEachReaderWhatTheirQueueListsAndNoMore(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s, visitors := newStageOn(t, dsn)
		follows(t, s.h)
		points := s.spread(8)
		for i, p := range points {
			if c := s.pointed(p); i%2 == 1 {
				s.must(s.h.Cases.Claim(s.Context(), s.coordinator(), c))
			}
		}
		restricted := s.ask(forms.Answers{"fragile": []string{"child_alone"}, "where": forms.Place{Code: s.h.Places.Children(homeProvince)[0].Code, Lat: points[0].Lat, Lon: points[0].Lon, HasPoint: true}})
		several := false
		for _, v := range visitors {
			door := knock(s.handler, "GET", "/tiles/cases/"+tileAt(points[0], 5), v.token, nil).Code
			if door == http.StatusUnauthorized || door == http.StatusForbidden {
				if q := knock(s.handler, "GET", "/fr/queue", v.token, nil).Code; q == http.StatusOK {
					t.Errorf("%s has a queue and no map", v.name)
				}
				continue
			}
			want := s.listed(v)
			ids, far := s.mapped(v, points)
			if !slices.Equal(ids, want) {
				t.Errorf("%s sees %d requests on the map, %d in the queue", v.name, len(ids), len(want))
			}
			for z, n := range far {
				if n != len(want) {
					t.Errorf("%s sees %d at zoom %d, %d in the queue", v.name, n, z, len(want))
				}
			}
			if slices.Contains(ids, restricted.String()) {
				t.Errorf("%s finds a restricted concern on the map", v.name)
			}
			several = several || len(want) > 0 && len(want) < len(points)
		}
		if !several {
			t.Error("nobody sees only a part: nothing was tried")
		}
	})
}

func TestATileThatHoldsIsNotSentAgainAndOneThatIsNoneIsNotFound(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	follows(t, s.h)
	cell := s.visitorNamed(visitors, "crisis cell")
	p := s.spread(1)[0]
	s.pointed(p)
	at := "/tiles/cases/" + tileAt(p, 8)
	first := knock(s.handler, "GET", at, cell.token, nil)
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || tag == "" {
		t.Fatalf("%d %q", first.Code, tag)
	}
	again := func() int {
		r := httptest.NewRequest("GET", at, nil)
		r.Header.Set("If-None-Match", tag)
		r.AddCookie(&http.Cookie{Name: "session", Value: cell.token})
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code == http.StatusNotModified && w.Body.Len() > 0 {
			t.Error("what holds was sent again")
		}
		return w.Code
	}
	if code := again(); code != http.StatusNotModified {
		t.Errorf("the same tile answers %d", code)
	}
	s.pointed(p)
	s.soon("another request", func() bool { return again() == http.StatusOK })
	if w := knock(s.handler, "GET", "/tiles/cases/8/0/0.mvt", cell.token, nil); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("an empty tile answers %d", w.Code)
	}
	for _, bad := range []string{"nothing/5/1/1.mvt", "cases/5/32/1.mvt", "cases/15/1/1.mvt", "cases/05/1/1.mvt", "cases/5/1/1", "cases/5/-1/1.mvt", "cases/5/1/1e3.mvt", "cases/99999999999/1/1.mvt", "concerns/5/1/1.mvt", "cases/5/1/1.mvt?phase=final"} {
		if code := knock(s.handler, "GET", "/tiles/"+bad, cell.token, nil).Code; code != http.StatusNotFound {
			t.Errorf("%s answers %d", bad, code)
		}
	}
}

// soon waits until something is so.
func (s *stage) soon(what string, is func() bool) {
	s.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("%s never showed", what)
		}
	}
}

func TestWhatAnotherProcessDoesShowsOnTheMapToo(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s, visitors := newStageOn(t, dsn)
		follows(t, s.h)
		cell := s.visitorNamed(visitors, "crisis cell")
		p := s.spread(1)[0]
		shows := func() (n, worst int) {
			for _, f := range tileOf(t, s.handler, cell.token, "cases/"+tileAt(p, 14)) {
				n, worst = n+f.Tags["n"].(int), f.Tags["level"].(int)
			}
			return n, worst
		}
		if n, _ := shows(); n != 0 {
			t.Fatalf("%d before anybody asked", n)
		}
		second := *s // the same store, another house, which was started later
		second.h = openHouse(t, dsn, &clock.Held{At: morning}, func(c *Config) { *c = s.h.Config })
		c := second.pointed(p)
		s.soon("the request", func() bool { n, _ := shows(); return n == 1 })
		desk := s.coordinator()
		desk.Grants = visitors[slices.Index(visitors, cell)].grants
		s.must(second.h.Cases.Prioritise(s.Context(), desk, c, 1, "seen by the team"))
		s.soon("its urgency", func() bool { _, worst := shows(); return worst == 1 })
		s.must(second.h.Cases.End(s.Context(), desk, cases.DeedRefuse, c, "out_of_scope", ""))
		s.soon("its end", func() bool { n, _ := shows(); return n == 0 })
	})
}

func TestTheTableSaysWhatTheMapShowsAndLeadsToEachRequest(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	follows(t, s.h)
	cell := s.visitorNamed(visitors, "crisis cell")
	var ids []string
	for _, p := range s.spread(6) {
		ids = append(ids, s.pointed(p).String())
	}
	for _, by := range []string{"province", "commune", "place"} {
		for _, sort := range []string{"urgent", "count", "name", "x"} {
			page := knock(s.handler, "GET", "/fr/atlas/table?by="+by+"&sort="+sort, cell.token, nil)
			if body := page.Body.String(); page.Code != http.StatusOK || !strings.Contains(body, "/fr/atlas/table?") || !strings.Contains(body, "<tfoot>") {
				t.Fatalf("%s %s: %d %s", by, sort, page.Code, body)
			}
		}
	}
	list := knock(s.handler, "GET", "/fr/atlas/table?place="+homeProvince, cell.token, nil).Body.String() + knock(s.handler, "GET", "/fr/atlas/table?place="+s.elsewhere, cell.token, nil).Body.String()
	for _, c := range ids {
		if !strings.Contains(list, "case="+c) {
			t.Errorf("nothing leads to %s", c)
		}
	}
	if stranger := s.visitorNamed(visitors, "wrong territory"); strings.Contains(knock(s.handler, "GET", "/fr/atlas/table?place="+homeProvince, stranger.token, nil).Body.String(), "case=") {
		t.Error("a request is listed for somebody whose territory is elsewhere")
	}
}
