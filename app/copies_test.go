package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/testkit"
)

// copyKeys makes a pair by the command, as an operator does.
func copyKeys(t *testing.T) (secret, public string) {
	t.Helper()
	dir := t.TempDir()
	secret, public = filepath.Join(dir, "copies.secret"), filepath.Join(dir, "copies.public")
	if said, code := twiza(t, "key", "backup", secret, public); code != exitOK {
		t.Fatalf("exit %d: %s", code, said)
	}
	if said, code := twiza(t, "key", "backup", secret, public); code != exitBroke {
		t.Fatalf("keys were written over: exit %d: %s", code, said)
	}
	if body, err := os.ReadFile(public); err != nil || !strings.HasPrefix(string(body), "age1") {
		t.Fatalf("the public half: %q, %v", body, err)
	}
	return secret, public
}

// confirmed is each request with the moment at which its receipt was given.
type confirmed struct {
	mu  sync.Mutex
	all []*plea
	at  []time.Time
}

func (c *confirmed) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all)
}

// ask sends requests until told to stop, or until nobody answers any more.
func (c *confirmed) ask(address string, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			k := &caller{client: &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}, n: rand.IntN(1 << 24)}
			defer k.client.CloseIdleConnections()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				p := newPlea(n)
				var out cases.ReceiptOut
				if _, err := k.post(address, "/api/v1/requests", p.in, &out); err != nil {
					return
				}
				p.receipt = out.Receipt
				c.mu.Lock()
				c.all, c.at = append(c.all, p), append(c.at, clock.System{}.Now())
				c.mu.Unlock()
			}
		})
	}
	return &wg
}

// comes waits for something that must come about.
func comes(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came about that %s", what)
		}
	}
}

func TestWhatWasConfirmedBeforeAMomentIsInTheCopyOfThatMomentThoughTheHouseWasKilled(t *testing.T) {
	testkit.Long(t, "it builds the program and kills a real house")
	t.Parallel()
	program := program(t)
	dir := t.TempDir()
	secret, public := copyKeys(t)
	place, data, key := filepath.Join(dir, "place"), filepath.Join(dir, "data"), filepath.Join(dir, "master.key")
	args := []string{"--data", data, "--key", key, "--backup-to", place, "--backup-key", public, "--backup-every", "100ms", "--backup-coarse", "1s", "--backup-whole", "2s"}
	c := &confirmed{}
	var moments []time.Time
	for range 2 { // each ends by a power cut in the middle of shipping
		house := serveChild(t, program, args...)
		stop := make(chan struct{})
		wg := c.ask(house.address, stop)
		for range 2 {
			from := c.count()
			comes(t, "some more ask", func() bool { return c.count() >= from+15 })
			asked := clock.System{}.Now()
			comes(t, "those are in a copy", func() bool { return newestFile(place).After(asked) })
			m := clock.System{}.Now()
			moments = append(moments, m)
			comes(t, "that is in a copy", func() bool { return newestFile(place).After(m.Add(200 * time.Millisecond)) })
		}
		house.kill()
		close(stop)
		wg.Wait()
	}
	for _, m := range moments[:3] {
		back := filepath.Join(t.TempDir(), "back")
		said, code := run(t, program, "restore", "--from", place, "--backup-secret", secret, "--at", m.Format(time.RFC3339Nano), "--data", back, "--key", key)
		if code != exitOK || !strings.Contains(said, "The state of ") {
			t.Fatalf("restore to %s: exit %d: %s", m, code, said)
		}
		h := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = back, key })
		there, late := 0, 0
		for i, p := range c.all {
			number, _ := receipt.Parse(p.receipt)
			_, err := h.Cases.Recognise(t.Context(), number, p.word)
			switch {
			case err == nil && c.at[i].After(m.Add(5*time.Second)):
				late++
			case err == nil:
				there++
			case c.at[i].Before(m.Add(-2 * time.Second)): // twenty times as long as one step takes
				t.Errorf("%s was confirmed %s before, and is not in the copy", p.receipt, m.Sub(c.at[i]))
			}
		}
		if there == 0 || late > 0 {
			t.Errorf("%d requests are in the copy of %s, %d of them of long after", there, m, late)
		}
	}
	said, code := run(t, program, "drill", "--from", place, "--backup-secret", secret, "--data", data, "--key", key)
	if code != exitOK || !strings.Contains(said, "clean") || !strings.Contains(said, "Lost would be") {
		t.Errorf("drill: exit %d: %s", code, said)
	}
	if said, code := run(t, program, "check", "--data", data, "--key", key); code != exitOK {
		t.Errorf("after two power cuts: exit %d: %s", code, said)
	}
}

// newestFile is the moment that the newest file at a folder bears in its name.
func newestFile(place string) (at time.Time) {
	names, _ := filepath.Glob(filepath.Join(place, "*", "*.ltx.age"))
	for _, n := range names {
		var ms int64
		parts := strings.Split(strings.TrimSuffix(filepath.Base(n), ".ltx.age"), "-")
		if fmt.Sscan(strings.TrimLeft(parts[len(parts)-1], "0"), &ms); time.UnixMilli(ms).After(at) {
			at = time.UnixMilli(ms)
		}
	}
	return at
}

func TestACopyOfALivingHouseForgetsWhoAskedToBeForgottenAndADrillFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	handler := h.Handler()
	secret, public := copyKeys(t)
	place := filepath.Join(t.TempDir(), "place")
	e := &env{getenv: func(string) string { return "" }}
	h.Config.Copies = Copies{To: place, Public: public, Every: 20 * time.Millisecond, Coarse: time.Hour, Whole: time.Hour, Fine: time.Hour, Keep: time.Hour}
	if err := h.openCopies(e); err != nil {
		t.Fatal(err)
	}
	end := shipping(h)
	var all []*plea
	for i := range 10 {
		all = append(all, newPlea(i))
		askFor(t, handler, all[i])
	}
	staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
	gone := opens(t, h, all[3])
	if err := h.Cases.End(t.Context(), staff, cases.DeedRefuse, gone, "out_of_scope", ""); err != nil {
		t.Fatal(err)
	}
	safe := func(since time.Time) {
		comes(t, "all that is safe", func() bool {
			lag, err := h.ships.Lag()
			return err == nil && clock.System{}.Now().Add(-lag).After(since)
		})
	}
	safe(clock.System{}.Now()) // so that a step lies between what was done and the moment
	before := clock.System{}.Now()
	safe(before)
	if err := h.Cases.Erase(t.Context(), actor.Actor{Channel: "web"}, gone); err != nil {
		t.Fatal(err)
	}
	if said := readyz(handler); !strings.Contains(said, `"backup_seconds":`) {
		t.Errorf("/readyz: %s", said)
	}
	end()
	back := filepath.Join(t.TempDir(), "back")
	for _, wrong := range [][]string{{"--backup-secret", public}, {"--backup-secret", h.Config.Key}, {}} {
		if said, code := twiza(t, append([]string{"restore", "--from", place, "--data", back, "--key", h.Config.Key}, wrong...)...); code == exitOK || strings.Contains(said, "AGE-SECRET-KEY-1") {
			t.Errorf("with %v: exit %d: %s", wrong, code, said)
		}
	}
	if _, err := os.Stat(back); err == nil {
		t.Error("a restore that failed made a house")
	}
	said, code := twiza(t, "restore", "--from", place, "--backup-secret", secret, "--at", before.Format(time.RFC3339Nano), "--data", back, "--key", h.Config.Key)
	if code != exitOK || !strings.Contains(said, "1 erasures replayed") {
		t.Fatalf("restore: exit %d: %s", code, said)
	}
	again := openHouse(t, "", clock.System{}, func(c *Config) { c.Data, c.Key = back, h.Config.Key })
	number, _ := receipt.Parse(all[3].receipt)
	if _, err := again.Cases.Recognise(t.Context(), number, all[3].word); err == nil {
		t.Error("somebody asked to be forgotten, and the restored copy remembers them")
	}
	opens(t, again, all[4])

	drill := func() (string, int) {
		return twiza(t, "drill", "--from", place, "--backup-secret", secret, "--data", h.Config.Data, "--key", h.Config.Key)
	}
	if said, code := drill(); code != exitOK || !strings.Contains(said, "clean") {
		t.Errorf("drill: exit %d: %s", code, said)
	}
	if at, ok, err := h.lastDrill(t.Context()); err != nil || at.IsZero() || !ok {
		t.Errorf("the journal says of the drill: %v, %v, %v", at, ok, err)
	}
	names, _ := filepath.Glob(filepath.Join(place, "*", "fine-*"))
	if len(names) < 2 {
		t.Fatalf("only %d steps", len(names))
	}
	if err := os.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	if said, code := drill(); code != exitFound || !strings.Contains(said, "is missing") {
		t.Errorf("with a step gone: exit %d: %s", code, said)
	}
	if _, ok, err := h.lastDrill(t.Context()); err != nil || ok {
		t.Errorf("the journal says of the second drill: %v, %v", ok, err)
	}
}

func TestCopiesThatCannotBeMadeAreRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	h := openHouse(t, "", clock.System{}, proxied)
	_, public := copyKeys(t)
	inside := filepath.Join(h.Config.Data, "public")
	if body, err := os.ReadFile(public); err != nil || os.WriteFile(inside, body, 0o600) != nil {
		t.Fatal("no key in the data folder")
	}
	usual := Copies{To: filepath.Join(t.TempDir(), "place"), Public: public, Every: time.Second, Coarse: time.Hour, Whole: time.Hour, Fine: time.Hour, Keep: time.Hour}
	for how, change := range map[string]func(*Copies){
		"no keys":              func(c *Copies) { c.Public = "" },
		"keys inside":          func(c *Copies) { c.Public = inside },
		"the place inside":     func(c *Copies) { c.To = filepath.Join(h.Config.Data, "place") },
		"no time between":      func(c *Copies) { c.Every = 0 },
		"S3 without its keys":  func(c *Copies) { c.To = "s3://b/p?endpoint=https://h" },
		"an address with keys": func(c *Copies) { c.To = "s3://a:b@c/p?endpoint=https://h" },
		"another file as keys": func(c *Copies) { c.Public = h.Config.Key },
	} {
		h.Config.Copies = usual
		change(&h.Config.Copies)
		if err := h.openCopies(&env{getenv: func(string) string { return "" }}); err == nil {
			t.Errorf("%s: it was taken", how)
		}
	}
}

func readyz(handler http.Handler) string {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	return w.Body.String()
}

// shipping ships by hand what serve would.
func shipping(h *House) (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.ships.Run(ctx); close(done) }()
	return func() { stop(); <-done }
}
