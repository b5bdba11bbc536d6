package app

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/actor"
)

func developing(c *Config) { c.Dev, c.Demo = true, true }

// somebody may sign in, in the roles given.
func somebody(t *testing.T, h *House, login string, grants ...actor.Grant) actor.AccountID {
	t.Helper()
	if apart := h.People.Apart; len(grants) > 3 { // whoever holds every role is of tests alone
		h.People.Apart = nil
		defer func() { h.People.Apart = apart }()
	}
	aid, err := h.People.SeedAccount(t.Context(), login, "Idder "+login, "seven lanterns, one well", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", []string{"shi"}, grants)
	if err != nil {
		t.Fatal(err)
	}
	return aid
}

func TestTheDevelopersDoorsAreNotThereInAnyOtherHouse(t *testing.T) {
	t.Parallel()
	doors := [][2]string{{"GET", "/fr/dev"}, {"GET", "/fr/dev/pages"}, {"GET", "/fr/dev/pages/people/0"}, {"POST", "/fr/dev/clock"}, {"POST", "/fr/dev/act"}}
	served := openHouse(t, model.SQLite(t), &clock.Held{At: morning}, func(c *Config) { c.Demo = true })
	handler := served.Handler()
	for _, d := range doors {
		if w := knock(handler, d[0], d[1], "", url.Values{}); w.Code != http.StatusNotFound {
			t.Errorf("%s %s answers %d in a house that serves people", d[0], d[1], w.Code)
		}
	}
	for _, d := range served.allDoors() {
		if strings.HasPrefix(d.Path, "/dev") || d.Deed.Name == deedDev.Name {
			t.Errorf("%s %s is a door of a house that serves people", d.Method, d.Path)
		}
	}
	handler = openHouse(t, model.SQLite(t), &devClock{}, developing).Handler()
	for _, d := range doors {
		r := httptest.NewRequest(d[0], "http://twiza.example"+d[1], nil) // a name that somebody pointed at this machine
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusNotFound {
			t.Errorf("%s %s answers %d under a foreign name", d[0], d[1], w.Code)
		}
		if d[0] == "GET" {
			if w := knock(handler, d[0], d[1], "", nil); w.Code != http.StatusOK {
				t.Errorf("%s answers %d to the developer", d[1], w.Code)
			}
		}
	}
}

func TestADevelopersHouseListensToItsOwnMachineOnly(t *testing.T) {
	t.Parallel()
	for address, own := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:1": true, "[::1]:8080": true, "localhost": true, "127.0.0.1": true, "127.8.9.1:80": true,
		":8080": false, "0.0.0.0:8080": false, "192.168.1.4:8080": false, "[::]:80": false, "twiza.ma:443": false, "": false, "localhost.evil.example:80": false,
	} {
		if loopback(address) != own {
			t.Errorf("%q: own machine %v", address, !own)
		}
	}
	for _, listen := range []string{":0", "0.0.0.0:0"} {
		data := filepath.Join(t.TempDir(), "data")
		var said bytes.Buffer
		e := &env{getenv: func(name string) string { return map[string]string{"TWIZA_DEV": "1"}[name] }, in: strings.NewReader(""), out: &said, err: &said}
		err := serve(t.Context(), e, []string{"--data", data, "--listen", listen})
		if _, ok := errors.AsType[usage](err); !ok {
			t.Errorf("a developer's house opened on %s: %v %s", listen, err, &said)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("it made a house before it refused %s", listen)
		}
	}
}

func TestADeveloperActsAsTheInventedOnly(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, &devClock{}, developing)
		handler := h.Handler()
		somebody(t, h, "admin", actor.Grant{Role: actor.Administrator})
		dispatcher := somebody(t, h, "dispatcher", actor.Grant{Role: actor.Dispatcher, Territory: "07.041"}, actor.Grant{Role: actor.Agent})
		page := knock(handler, "GET", "/fr/dev", "", nil).Body.String()
		for _, want := range []string{"Idder admin", "Idder dispatcher", dispatcher.String()} {
			if !strings.Contains(page, want) {
				t.Errorf("%s is not offered", want)
			}
		}
		w := knock(handler, "POST", "/fr/dev/act", "", url.Values{"account": {dispatcher.String()}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/fr/queue" {
			t.Fatalf("acting as the dispatcher: %d to %q", w.Code, w.Header().Get("Location"))
		}
		token := ""
		for _, k := range w.Result().Cookies() {
			if k.Name == "session" {
				token = k.Value
			}
		}
		if w := knock(handler, "GET", "/fr/queue", token, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Idder dispatcher") {
			t.Errorf("the queue answers %d to the dispatcher", w.Code)
		}
		for _, unknown := range []string{"", "x", "018bcfe5-6800-7000-8000-000000000001"} {
			if w := knock(handler, "POST", "/fr/dev/act", "", url.Values{"account": {unknown}}); w.Code != http.StatusNotFound {
				t.Errorf("acting as %q: %d", unknown, w.Code)
			}
		}
	})
}

func TestNobodyActsAsSomebodyWhoLives(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &devClock{}, func(c *Config) { c.Dev = true })
	lives := somebody(t, h, "lives", actor.Grant{Role: actor.Administrator})
	if w := knock(h.Handler(), "POST", "/fr/dev/act", "", url.Values{"account": {lives.String()}}); w.Code != http.StatusNotFound {
		t.Errorf("somebody who lives was acted as: %d", w.Code)
	}
	if w := knock(h.Handler(), "GET", "/fr/dev", "", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Idder lives") {
		t.Errorf("somebody who lives is offered (%d)", w.Code)
	}
}

func TestTheClockIsInTheHand(t *testing.T) {
	t.Parallel()
	k := &devClock{}
	h := openHouse(t, model.SQLite(t), k, developing)
	handler := h.Handler()
	ahead := func() time.Duration { return h.DB.Now().Sub(clock.System{}.Now()).Round(time.Minute) }
	for _, step := range []struct {
		step string
		then time.Duration
	}{{"hour", time.Hour}, {"shift", 7 * time.Hour}, {"day", 31 * time.Hour}, {"reset", 0}} {
		if w := knock(handler, "POST", "/fr/dev/clock", "", url.Values{"step": {step.step}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%s answers %d", step.step, w.Code)
		}
		if ahead() != step.then {
			t.Errorf("after %s the house is %v ahead, want %v", step.step, ahead(), step.then)
		}
	}
	if w := knock(handler, "POST", "/fr/dev/clock", "", url.Values{"step": {"year"}}); w.Code != http.StatusNotFound || ahead() != 0 {
		t.Errorf("a step nobody knows: %d, %v", w.Code, ahead())
	}
	var many sync.WaitGroup
	for range 40 {
		many.Go(func() { k.move("hour"); k.Now() })
	}
	many.Wait()
	if ahead() != 40*time.Hour {
		t.Errorf("forty hands moved it by %v", ahead())
	}
}

// It changes the working folder, so it does not run beside others.
func TestPagesAndWordsAreReadFromTheSourceTree(t *testing.T) {
	tree := t.TempDir()
	if err := os.CopyFS(filepath.Join(tree, "app"), Files); err != nil {
		t.Fatal(err)
	}
	t.Chdir(tree)
	handler := openHouse(t, model.SQLite(t), &devClock{}, developing).Handler()
	shows := func(want string) {
		t.Helper()
		w := knock(handler, "GET", "/en/dev", "", nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page (%d) does not show %q", w.Code, want)
		}
	}
	rewrite := func(file, from, to string) {
		t.Helper()
		body, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(body, []byte(from)) {
			t.Fatalf("%s: no %q, %v", file, from, err)
		}
		if err := os.WriteFile(file, bytes.Replace(body, []byte(from), []byte(to), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shows("Developer’s tools")
	rewrite("app/locale/en.json", `"app.dev.title": "Developer’s tools"`, `"app.dev.title": "Tinker’s table"`)
	shows("Tinker’s table")
	rewrite("app/pages/dev.html", `<div class="dash">`, `<div class="dash" id="changed">`)
	shows(`id="changed"`)
	rewrite("app/locale/en.json", "{", "") // half saved
	shows("Tinker’s table")
}
