package app

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

// plea is one call for help as its sender's phone keeps it: it knows what it
// asked, and the receipt once it has seen one.
type plea struct {
	in      map[string]any
	word    string // what opens the tracker beside the receipt
	receipt string
	kept    bool // it was acknowledged, with a receipt or before there was one
}

var pleaWords = []string{"البيت مشقق ونحن في الساحة", "Nous dormons dehors avec les enfants", "The road is cut below the spring"}

func newPlea(i int) *plea {
	phone := fmt.Sprintf("06%08d", rand.IntN(100_000_000))
	answers := map[string]any{"for_whom": "self", "need": []string{"food", "water"}, "where": map[string]any{"code": "07.041.07.07"},
		"people": 1 + i%7, "words": pleaWords[i%len(pleaWords)], "phone": phone}
	c := &plea{word: phone[len(phone)-4:]}
	if i%5 == 4 { // no phone: a word of their own
		delete(answers, "phone")
		answers["secret"], c.word = "zitoun", "zitoun"
	}
	c.in = map[string]any{"id": id.New[cases.Case](clock.System{}.Now()).String(), "service": "crisis_help", "lang": "ar", "answers": answers}
	return c
}

// storm is many people asking at once until the house goes away.
type storm struct {
	mu      sync.Mutex
	pleas   []*plea
	refused error // an answer that was none of the two: taken in, or gone
}

const askers = 8

func (s *storm) blow(c *child, first func()) {
	var wg sync.WaitGroup
	var once sync.Once
	for range askers {
		wg.Go(func() {
			k := &caller{client: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}, n: rand.IntN(1 << 24)}
			defer k.client.CloseIdleConnections()
			for {
				s.mu.Lock()
				q := newPlea(len(s.pleas))
				s.pleas = append(s.pleas, q)
				s.mu.Unlock()
				var out cases.ReceiptOut
				if status, err := k.post(c.address, "/api/v1/requests", q.in, &out); err != nil {
					if status != 0 {
						s.mu.Lock()
						s.refused = err
						s.mu.Unlock()
					}
					return // whether it was kept, this sender does not know
				}
				q.receipt, q.kept = out.Receipt, true
				once.Do(first)
			}
		})
	}
	wg.Wait()
}

// settle lets every sender without a receipt send again, and every one with a
// receipt open it.
func (s *storm) settle(t *testing.T, c *child, from int) (again int) {
	t.Helper()
	k := &caller{client: &http.Client{Timeout: time.Minute}, n: rand.IntN(1 << 24)}
	for i, q := range s.pleas[from:] {
		if q.receipt == "" || i%10 == 0 {
			var out cases.ReceiptOut
			if _, err := k.post(c.address, "/api/v1/requests", q.in, &out); err != nil {
				t.Fatalf("sending again: %v", err)
			}
			if q.receipt != "" && (out.Receipt != q.receipt || !out.Again) {
				t.Fatalf("sent again, %s became another request: %+v", q.receipt, out)
			}
			if q.receipt == "" && out.Again {
				again++
			}
			q.receipt = out.Receipt
		}
		var how cases.TrackOut
		if _, err := k.post(c.address, "/api/v1/track", cases.TrackIn{Receipt: q.receipt, Word: q.word}, &how); err != nil {
			t.Fatalf("the receipt %s was given out and does not open: %v", q.receipt, err)
		}
		if how.Receipt != q.receipt || how.State == "" {
			t.Fatalf("the receipt %s opened %+v", q.receipt, how)
		}
	}
	return again
}

func TestNoReceiptIsLostHoweverOftenTheHouseIsKilled(t *testing.T) {
	testkit.Long(t, "it kills a real house again and again")
	t.Parallel()
	twiza := built(t)
	kills := testkit.Size(10, 200)
	testkit.Engines(t, func(t *testing.T, dsn string) {
		args := []string{"--db", dsn, "--key", filepath.Join(t.TempDir(), "master.key"), "--data", filepath.Join(t.TempDir(), "data")}
		s := &storm{}
		from, kept := 0, 0
		for range kills {
			c := serveChild(t, twiza, args...)
			kept += s.settle(t, c, from)
			from = len(s.pleas)
			s.blow(c, func() {
				wait := time.Duration(rand.IntN(400)) * time.Millisecond
				time.AfterFunc(wait, func() { c.cmd.Process.Kill() })
			})
			c.kill()
			if s.refused != nil {
				t.Fatal(s.refused)
			}
			if said, code := run(t, twiza, append([]string{"check"}, args...)...); code != exitOK {
				t.Fatalf("after a kill the house is not sound (exit %d):\n%s", code, said)
			}
		}
		c := serveChild(t, twiza, args...)
		kept += s.settle(t, c, from)
		s.settle(t, c, 0) // those of long ago as well
		c.stop()
		if said, code := run(t, twiza, append([]string{"check"}, args...)...); code != exitOK {
			t.Fatalf("the house is not sound (exit %d):\n%s", code, said)
		}
		if stored := countCases(t, dsn); stored != int64(len(s.pleas)) {
			t.Errorf("%d people asked, and %d requests are there", len(s.pleas), stored)
		}
		testkit.Report(t, "requests", "%d kills in the middle of intake, %d requests, 0 acknowledged lost or doubled, %d kept without their sender having heard", kills, len(s.pleas), kept)
	})
}

func countCases(t *testing.T, dsn string) (n int64) {
	t.Helper()
	d, err := db.Open(dsn, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM cases_case`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
