package app

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

var blankIn = regexp.MustCompile(`\{[^}]*\}`)

// TestInEmergencyModeNothingChangesButRequestsForHelp walks every door of the
// access table that is not only read, as everybody.
func TestInEmergencyModeNothingChangesButRequestsForHelp(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	f, err := os.Open(filepath.Join("testdata", "access.csv"))
	s.must(err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	s.must(err)
	s.must(s.h.Cases.BeginEmergency(t.Context(), System("test")))
	lines := func() (n int64) {
		s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			n, err = db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record`)
			return err
		}))
		return n
	}
	before, closed := lines(), 0
	for _, row := range rows[1:] {
		method, path, ok := strings.Cut(row[0], " ")
		if !ok || !slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, method) || slices.Contains(openInEmergency, row[1]) {
			continue
		}
		path = blankIn.ReplaceAllString(path, "01900000-0000-7000-8000-000000000001")
		if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/reach/") {
			path = "/fr" + path
		}
		for _, v := range visitors[:2] {
			w := knock(s.handler, method, path, v.token, url.Values{"reason": {"x"}})
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
				t.Errorf("%s as %s answers %d", row[0], v.name, w.Code)
			}
		}
		closed++
	}
	if closed < 100 || lines() != before {
		t.Errorf("%d doors are closed, and %d deeds were done", closed, lines()-before)
	}
	x := &aside{T: t, h: s.h, door: s.handler}
	var out cases.ReceiptOut
	if code := x.call("/api/v1/requests", newPlea(1).in, &out); code != http.StatusCreated || out.Waits {
		t.Errorf("a request for help answers %d %+v", code, out)
	}
	x.fill("0612345670")
	for _, path := range []string{"/fr/", "/fr/about", "/fr/sign-in"} {
		if w := knock(s.handler, "GET", path, "", nil); !strings.Contains(w.Body.String(), "Mode d’urgence") {
			t.Errorf("%s does not say that it is emergency mode: %d", path, w.Code)
		}
	}
}

func TestOneAdministratorBeginsEmergencyModeAndAnotherEndsIt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		h := openHouse(t, dsn, now)
		other := openHouse(t, dsn, now) // a second process of the same house
		admin := func(name string) actor.Actor {
			g := actor.Grant{Role: actor.Administrator}
			return actor.Actor{Account: somebody(t, h, name, g), Grants: []actor.Grant{g}, Channel: "web"}
		}
		one, two := admin("first"), admin("second")
		if err := h.Cases.EndEmergency(t.Context(), one); fault.KindOf(err) != fault.Conflict {
			t.Errorf("ended before it began: %v", err)
		}
		if err := h.Cases.BeginEmergency(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if err := h.Cases.BeginEmergency(t.Context(), two); fault.KindOf(err) != fault.Conflict {
			t.Errorf("begun twice: %v", err)
		}
		now.Advance(3 * time.Second)
		if on, since := other.Cases.Emergency(t.Context()); !on || !since.Equal(morning) {
			t.Errorf("the other process does not know: %v %v", on, since)
		}
		if err := h.Cases.EndEmergency(t.Context(), one); fault.KindOf(err) != fault.Denied {
			t.Errorf("whoever began it ends it: %v", err)
		}
		if on, _ := h.Cases.Emergency(t.Context()); !on {
			t.Error("and it is over")
		}
		if err := h.Cases.EndEmergency(t.Context(), two); err != nil {
			t.Fatal(err)
		}
		if on, _ := h.Cases.Emergency(t.Context()); on {
			t.Error("it is not over")
		}
	})
}

func TestAFileBesideTheStoreMeansEmergencyAlsoWhenTheStoreIsAway(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		now := &clock.Held{At: morning}
		x := beside(t, dsn, now)
		x.store.cut()
		if err := os.MkdirAll(x.h.Config.Data, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(x.h.Config.Data, "emergency")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		now.Advance(3 * time.Second)
		w := knock(x.door, "POST", "/fr/news", "", url.Values{})
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Mode d’urgence") {
			t.Errorf("a door that changes something answers %d", w.Code)
		}
		if code := x.call("/api/v1/requests", newPlea(1).in, nil); code != http.StatusAccepted {
			t.Errorf("a request for help answers %d", code)
		}
		os.Remove(file)
		now.Advance(3 * time.Second)
		if on, _ := x.h.Cases.Emergency(t.Context()); on {
			t.Error("without the file it is emergency mode still")
		}
		x.again()
	})
}
