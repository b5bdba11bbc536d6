package app

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

var update = flag.Bool("update", false, "write what was seen over the golden files")

// morning is when the houses of these tests stand, unless a test moves it.
var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// masterKey is the same for every house of a run, so that the copy of a store
// opens as the store did.
var masterKey = crypt.NewMaster().Line()

// model is the store of a house that was opened once and has seen nothing since.
// To copy it takes milliseconds, to make its tables seconds.
var model = testkit.Template{Build: func(t testing.TB, dsn string) {
	dir := t.TempDir()
	c := Config{Data: filepath.Join(dir, "data"), DB: dsn, Key: filepath.Join(dir, "data.key"), KeyText: masterKey, Country: "ma"}
	h, err := Open(t.Context(), c, &clock.Held{At: morning.AddDate(-1, 0, 0)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}}

// openHouse is a whole house over the store that dsn names, with its key
// beside an empty data folder and its log thrown away. When the test is over
// it checks itself, as `twiza check` would, and closes.
func openHouse(t testing.TB, dsn string, now clock.Clock, change ...func(*Config)) *House {
	t.Helper()
	dir := t.TempDir()
	c := Config{Data: filepath.Join(dir, "data"), DB: dsn, Key: filepath.Join(dir, "data.key"), Country: "ma", Help: "+212800001234", SMS: "5300", Public: LogConfig{Name: "twiza.test/log"}}
	if err := os.WriteFile(c.Key, []byte(masterKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, fn := range change {
		fn(&c)
	}
	if err := c.settle(); err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), c, now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer h.Close()
		if t.Failed() || h.DB.Ping(context.Background()) != nil { // closed by the test itself
			return
		}
		var said bytes.Buffer
		found, err := h.Checks(context.Background(), &said)
		for range 50 { // a test that cut the line and mended it: one in a while finds out
			if !db.IsAway(err) {
				break
			}
			time.Sleep(100 * time.Millisecond)
			said.Reset()
			found, err = h.Checks(context.Background(), &said)
		}
		if err != nil || found > 0 {
			t.Errorf("the house is not sound after the test: %d found, %v\n%s", found, err, &said)
		}
	})
	return h
}

// knock asks one door of a house on this machine, as whoever holds the token;
// "" is a passer-by.
func knock(house http.Handler, method, path, token string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: token})
	}
	w := httptest.NewRecorder()
	house.ServeHTTP(w, r)
	return w
}

// golden compares what was seen with a file of testdata; with -update it
// becomes the file, and its diff is read.
func golden(t *testing.T, name string, seen []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, seen, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was, is := bytes.Split(want, []byte("\n")), bytes.Split(seen, []byte("\n"))
	for i := range max(len(was), len(is)) {
		var a, b []byte
		if i < len(was) {
			a = was[i]
		}
		if i < len(is) {
			b = is[i]
		}
		if !bytes.Equal(a, b) {
			t.Fatalf("%s differs in line %d:\n was %s\n now %s\nIf that is meant, run the test with -update and read the diff.", file, i+1, a, b)
		}
	}
}

func TestAHouseThatCannotOpenSaysWhyAndLetsGo(t *testing.T) {
	t.Parallel()
	dsn := model.SQLite(t)
	openHouse(t, dsn, &clock.Held{At: morning}).Close()
	key := filepath.Join(t.TempDir(), "other.key")
	if err := os.WriteFile(key, []byte(crypt.NewMaster().Line()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), Config{Data: t.TempDir(), DB: dsn, Key: key, Country: "ma"}, &clock.Held{At: morning}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if h != nil || err == nil || !strings.Contains(err.Error(), "master key") {
		t.Fatalf("opened with the wrong key: %v", err)
	}
	if _, err := Open(t.Context(), Config{Data: t.TempDir(), DB: dsn, Key: key, Country: "nowhere"}, &clock.Held{At: morning}, slog.New(slog.NewTextHandler(io.Discard, nil))); err == nil {
		t.Error("opened in a country that nobody knows")
	}
}
