package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

// twoHouses are two processes' worth of one house: one PostgreSQL, one key, and
// nothing else in common.
func twoHouses(t *testing.T) (a, b *House) {
	t.Helper()
	dsn := model.Postgres(t)
	return openHouse(t, dsn, clock.System{}, proxied), openHouse(t, dsn, clock.System{}, proxied)
}

func TestTwoProcessesOnOneStoreDoEachThingOnce(t *testing.T) {
	t.Parallel()
	a, b := twoHouses(t)
	var mu sync.Mutex
	did := map[string]int{}
	var chores atomic.Int32
	for _, h := range []*House{a, b} {
		h.Jobs.Handle("pair.once", func(_ context.Context, body json.RawMessage) error {
			mu.Lock()
			defer mu.Unlock()
			did[string(body)]++
			return nil
		})
		h.Jobs.Chore(jobs.Chore{Name: "pair.chore", Every: time.Hour, Do: func(context.Context) error { chores.Add(1); return nil }})
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, h := range []*House{a, b} {
		running.Go(func() { h.Jobs.Run(ctx) })
	}
	const many = 120
	for n := range many {
		h := []*House{a, b}[n%2]
		if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return h.Jobs.Put(tx, "pair.once", "", n, tx.Now()) }); err != nil {
			t.Fatal(err)
		}
	}
	comes(t, "every job is done", func() bool { mu.Lock(); defer mu.Unlock(); return len(did) == many })
	comes(t, "the chore is done", func() bool { return chores.Load() > 0 })
	stop()
	running.Wait()
	for body, n := range did {
		if n != 1 {
			t.Errorf("job %s was done %d times", body, n)
		}
	}
	if n := chores.Load(); n != 1 {
		t.Errorf("the chore was done %d times", n)
	}
}

func TestWhatOneProcessDoesTheOtherKnows(t *testing.T) {
	t.Parallel()
	a, b := twoHouses(t)
	// A session that one opened, the other knows; and no longer once it is ended.
	who := somebody(t, a, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator})
	staff := dispatcher(who)
	token, err := a.People.Session(t.Context(), System("test"), who)
	if err != nil {
		t.Fatal(err)
	}
	if w := knock(b.Handler(), "GET", "/fr/queue", token, nil); w.Code != http.StatusOK {
		t.Errorf("signed in at the one, at the other: %d", w.Code)
	}
	// One asks twice, at both at once: one receipt.
	first := newPlea(0)
	askFor(t, a.Handler(), first)
	twice := &plea{in: first.in, word: first.word}
	askFor(t, b.Handler(), twice)
	if twice.receipt != first.receipt {
		t.Errorf("asked at both: %s and %s", first.receipt, twice.receipt)
	}
	// A screen at the one hears of a deed at the other.
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var hubs sync.WaitGroup
	hubs.Go(func() { b.Live.Run(ctx) })
	heard, err := b.Live.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	second := newPlea(1)
	askFor(t, a.Handler(), second)
	cid := opens(t, b, second)
	wait := time.After(10 * time.Second)
	for found := false; !found; {
		select {
		case all, open := <-heard:
			for _, c := range all {
				found = found || strings.HasSuffix(c.Subject, cid.String())
			}
			if !open && !found {
				t.Fatal("whoever listens is told that nothing more comes")
			}
		case <-wait:
			t.Fatal("nobody heard of it")
		}
	}
	stop()
	hubs.Wait()
	// What is sealed with a new key of the one, the other opens.
	if err := a.Vault.RotateField(t.Context()); err != nil {
		t.Fatal(err)
	}
	third := newPlea(2)
	askFor(t, a.Handler(), third)
	opens(t, b, third)
	// What is ended at one is ended at the other.
	if err := a.Cases.End(t.Context(), staff, cases.DeedRefuse, cid, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.End(t.Context(), staff, cases.DeedRefuse, cid, "out_of_scope", ""); fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Invalid {
		t.Errorf("it was ended twice: %v", err)
	}
	// Guesses at a receipt count together, at whichever door.
	limited := 0
	for n := range 8 {
		body, _ := json.Marshal(cases.TrackIn{Receipt: first.receipt, Word: "0000"})
		r := httptest.NewRequest("POST", "/api/v1/track", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.9.8.%d", n))
		w := httptest.NewRecorder()
		[]*House{a, b}[n%2].Handler().ServeHTTP(w, r)
		if w.Code == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 2 {
		t.Errorf("of 8 guesses at two doors, %d were stopped; 6 are let through", limited)
	}
	// Both chain the journal: it stays one.
	var sealing sync.WaitGroup
	for range 5 {
		for _, h := range []*House{a, b} {
			sealing.Go(func() { h.Deeds.Seal(t.Context()) }) // the second of two fails on the position, and changes nothing
		}
	}
	sealing.Wait()
	if err := a.Deeds.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v, err := deed.Verify(t.Context(), b.DB); err != nil || v.Broken != "" || v.Unsealed > 0 {
		t.Errorf("the journal: %+v, %v", v, err)
	}
}

func TestTwoWhoTakeTheSameThingAtTwoProcessesAreNotBothTold(t *testing.T) {
	t.Parallel()
	a, b := twoHouses(t)
	var won, lost, both atomic.Int32
	for n := range 12 {
		p := newPlea(n)
		askFor(t, a.Handler(), p)
		cid := opens(t, a, p)
		staff := dispatcher(somebody(t, a, fmt.Sprint("samir", n), actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
		var wg sync.WaitGroup
		var here atomic.Int32
		for _, h := range []*House{a, b} {
			wg.Go(func() {
				if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, cid, "out_of_scope", ""); err == nil {
					won.Add(1)
					here.Add(1)
				} else if fault.KindOf(err) == fault.Internal {
					t.Error(err)
				} else {
					lost.Add(1)
				}
			})
		}
		wg.Wait()
		if here.Load() == 2 {
			both.Add(1)
		}
	}
	if won.Load() != 12 || lost.Load() != 12 || both.Load() != 0 {
		t.Errorf("%d won, %d lost, %d times both", won.Load(), lost.Load(), both.Load())
	}
}

// balancer sends each request to the next process; when that is gone, to the
// other, as a proxy in front of two does.
type balancer struct {
	next  atomic.Uint64
	sides []http.Handler
}

func newBalancer(t *testing.T, addresses ...string) *httptest.Server {
	t.Helper()
	b := &balancer{}
	for _, a := range addresses {
		to, err := url.Parse(a)
		if err != nil {
			t.Fatal(err)
		}
		p := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
		}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
		b.sides = append(b.sides, p)
	}
	s := httptest.NewServer(b)
	t.Cleanup(s.Close)
	return s
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.sides[b.next.Add(1)%uint64(len(b.sides))].ServeHTTP(w, r)
}

func TestWhenOneOfTwoProcessesIsKilledTheOtherGoesOnAndNothingConfirmedIsLost(t *testing.T) {
	testkit.Long(t, "it builds the program and kills one of two houses")
	t.Parallel()
	dsn := testkit.Postgres(t)
	program := program(t)
	dir := t.TempDir()
	side := func(name string) []string {
		return []string{"--db", dsn, "--key", filepath.Join(dir, "master.key"), "--data", filepath.Join(dir, name)}
	}
	one := serveChild(t, program, side("one")...)
	two := serveChild(t, program, side("two")...)
	door := newBalancer(t, one.address, two.address)
	const people, each = 6, 25
	var kill sync.Once
	var count atomic.Int32
	pleas := make([][]*plea, people)
	var wg sync.WaitGroup
	for w := range people {
		wg.Go(func() {
			k := &caller{client: &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}, n: rand.IntN(1 << 24)}
			defer k.client.CloseIdleConnections()
			for n := range each {
				p := newPlea(n)
				pleas[w] = append(pleas[w], p)
				for try := 0; p.receipt == ""; try++ { // as a phone does: the same again, until there is a receipt
					var out cases.ReceiptOut
					status, err := k.post(door.URL, "/api/v1/requests", p.in, &out)
					if err == nil {
						p.receipt = out.Receipt
					} else if status != 0 && status != http.StatusBadGateway && status != http.StatusServiceUnavailable || try > 200 {
						t.Errorf("try %d: %v", try, err)
						return
					}
				}
				if count.Add(1) == people*each/3 {
					kill.Do(func() { one.cmd.Process.Kill() })
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	k := &caller{client: &http.Client{Timeout: 30 * time.Second}, n: 7}
	for _, of := range pleas {
		for _, p := range of {
			var how cases.TrackOut
			if _, err := k.post(two.address, "/api/v1/track", cases.TrackIn{Receipt: p.receipt, Word: p.word}, &how); err != nil {
				t.Fatalf("%s was given out and does not open at the other: %v", p.receipt, err)
			}
		}
	}
	two.stop()
	if stored := countCases(t, dsn); stored != people*each {
		t.Errorf("%d asked, and %d requests are there", people*each, stored)
	}
	if said, code := run(t, program, append([]string{"check"}, side("one")...)...); code != exitOK {
		t.Errorf("the store is not sound: exit %d: %s", code, said)
	}
}
