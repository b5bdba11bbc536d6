package app

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/testkit"
)

// drained waits until nothing waits beside the store any more.
func drained(t *testing.T, c *child) {
	t.Helper()
	least := int64(-1)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		w, err := http.Get(c.address + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		var out readyOut
		err = json.NewDecoder(w.Body).Decode(&out)
		w.Body.Close()
		if err == nil && w.StatusCode == 200 && out.Waiting == 0 && strings.HasPrefix(out.State, "ready") {
			return
		}
		if err == nil && (least < 0 || out.Waiting < least) { // at soak size thousands wait: it goes on as long as they become fewer
			least, end = out.Waiting, time.Now().Add(time.Minute)
		}
	}
	t.Fatalf("of the spool %d wait, and for a minute none went in:\n%s", least, c.said.end())
}

// opens looks whether a receipt that was given out opens; it may wait still.
func (s *storm) opens(t *testing.T, c *child, k *caller, number, word string) {
	t.Helper()
	var how cases.TrackOut
	if _, err := k.post(c.address, "/api/v1/track", cases.TrackIn{Receipt: number, Word: word}, &how); err != nil || how.State == "" {
		t.Fatalf("the receipt %s was given out and does not open: %v", number, err)
	}
}

// TestNoReceiptIsLostHoweverOftenTheHouseIsKilledWhileItsStoreIsAway kills the
// house while it keeps requests beside its store, and while it brings them in.
func TestNoReceiptIsLostHoweverOftenTheHouseIsKilledWhileItsStoreIsAway(t *testing.T) {
	testkit.Long(t, "it kills a real house again and again")
	t.Parallel()
	twiza := program(t)
	testkit.Engines(t, func(t *testing.T, dsn string) {
		kills := testkit.Size(4, 200)
		o := cutOff(t, dsn)
		t.Cleanup(o.mend)
		args := []string{"--db", o.dsn, "--key", filepath.Join(t.TempDir(), "master.key"), "--data", filepath.Join(t.TempDir(), "data")}
		s := &storm{}
		k := &caller{client: &http.Client{Timeout: time.Minute}, n: rand.IntN(1 << 24)}
		kept := 0
		for n := range kills {
			c := serveChild(t, twiza, args...)
			if n%2 == 1 { // in the middle of bringing in what waits
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
				c.kill()
				c = serveChild(t, twiza, args...)
			}
			from := len(s.pleas)
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond) // some numbers are laid by, or none
			o.cut()
			s.blow(c, func() {
				wait := time.Duration(rand.IntN(400)) * time.Millisecond
				time.AfterFunc(wait, func() { c.cmd.Process.Kill() })
			})
			c.kill()
			o.mend()
			if s.refused != nil {
				t.Fatal(s.refused)
			}
			for _, q := range s.pleas[from:] {
				if q.kept {
					kept++
				}
			}
		}
		c := serveChild(t, twiza, args...)
		drained(t, c)
		for _, q := range s.pleas {
			if q.receipt != "" {
				s.opens(t, c, k, q.receipt, q.word)
			}
			var out cases.ReceiptOut
			if _, err := k.post(c.address, "/api/v1/requests", q.in, &out); err != nil {
				t.Fatalf("sending again: %v", err)
			}
			if q.kept && !out.Again {
				t.Fatalf("%q was acknowledged and is not there", q.receipt)
			}
			s.opens(t, c, k, out.Receipt, q.word)
		}
		c.stop()
		if said, code := run(t, twiza, append([]string{"check"}, args...)...); code != exitOK {
			t.Fatalf("the house is not sound (exit %d):\n%s", code, said)
		}
		if stored := countCases(t, dsn); stored != int64(len(s.pleas)) {
			t.Errorf("%d people asked, and %d requests are there", len(s.pleas), stored)
		}
		testkit.Report(t, "requests beside the store", "%d kills while spooling and while draining, %d requests, %d acknowledged, 0 acknowledged lost or doubled", kills+kills/2, len(s.pleas), kept)
	})
}
