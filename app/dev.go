package app

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// What follows exists only in a developer's house (TWIZA_DEV=1): pages and
// words are read from the source tree, somebody may act as anybody invented,
// and the clock is in the hand. In any other house these doors are not there
// at all, and a developer's house speaks to its own machine only.

var deedDev = deed.Deed{Name: "app.house.develop", Open: true}

// devClock is the real clock, moved ahead by hand. Many may read and move it
// at once.
type devClock struct{ ahead atomic.Int64 }

func (k *devClock) Now() time.Time {
	return clock.System{}.Now().Add(time.Duration(k.ahead.Load()))
}

// steps is how far the clock can be moved at once, as the page names it.
var steps = map[string]time.Duration{"hour": time.Hour, "shift": 6 * time.Hour, "day": 24 * time.Hour}

// move puts the clock ahead by one of the steps, or back to the real time.
func (k *devClock) move(step string) bool {
	by, ok := steps[step]
	switch {
	case ok:
		k.ahead.Add(int64(by))
	case step == "reset":
		k.ahead.Store(0)
	}
	return ok || step == "reset"
}

// loopback tells whether an address, with or without a port, is of this
// machine alone. No host at all is every network the machine is on.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (h *House) devDoors() []module.Door {
	all := []module.Door{
		module.Get("/dev", deedDev, here(h.devHouse)),
		module.Get("/dev/pages", deedDev, here(h.devPages)),
		module.Get("/dev/pages/{module}/{n}", deedDev, here(h.devPage)),
	}
	if _, ok := h.clock.(*devClock); ok {
		all = append(all, module.Post("/dev/clock", deedDev, here(h.devMove)))
	}
	if h.Config.Demo { // nobody acts as somebody who lives
		all = append(all, module.Post("/dev/act", deedDev, here(h.devAct)))
	}
	return all
}

// here lets in only who asked for this machine by its own name, so that no
// page of elsewhere reaches these doors under a borrowed one.
func here(fn func(*web.Ctx) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		if !loopback(c.R.Host) {
			return fault.New(fault.Missing, "error.missing")
		}
		return fn(c)
	}
}

// devHousePage is the developer's table: who to be, and what time it is.
type devHousePage struct {
	ui.Frame
	Now      time.Time
	Ahead    time.Duration
	Clock    bool
	Accounts []devAccount
}

func (h *House) devHouse(c *web.Ctx) error {
	p := &devHousePage{Frame: ui.Frame{Title: c.P.Text("app.dev.title"), Kind: ui.Staff}, Now: h.clock.Now()}
	if k, ok := h.clock.(*devClock); ok {
		p.Clock, p.Ahead = true, time.Duration(k.ahead.Load())
	}
	if h.Config.Demo {
		err := h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
			p.Accounts, err = h.devAccounts(t, c.Lang())
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.Render("dev_house", p)
}

func (h *House) devMove(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if k, ok := h.clock.(*devClock); !ok || !k.move(f.Get("step")) {
		return fault.New(fault.Missing, "error.missing")
	}
	return c.Seek("/dev")
}

// devAct signs in as an invented account, and goes where that account begins
// its day.
func (h *House) devAct(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	aid, err := id.Parse[actor.Account](f.Get("account"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	var all []devAccount
	err = h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		all, err = h.devAccounts(t, c.Lang())
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.ID != aid {
			continue
		}
		token, err := h.People.Session(c.Context(), actor.Actor{System: "dev", Channel: "web"}, aid)
		if err != nil {
			return err
		}
		h.People.Keep(c, token, h.clock.Now().Add(24*time.Hour))
		return c.Seek(homeOf(actor.Actor{Account: aid, Grants: a.Grants}))
	}
	return fault.New(fault.Missing, "error.missing")
}

// devPagesPage lists every page that a module shows with invented data.
type devPagesPage struct {
	ui.Frame
	Groups []devGroup
}

type devGroup struct {
	Module string
	Pages  []string // templates, in the order of the module's examples
}

func (h *House) devPages(c *web.Ctx) error {
	p := &devPagesPage{Frame: ui.Frame{Title: c.P.Text("app.dev.pages"), Kind: ui.Staff}}
	for _, m := range h.Modules {
		g := devGroup{Module: m.Name}
		for _, x := range m.Gallery {
			g.Pages = append(g.Pages, x.Template)
		}
		p.Groups = append(p.Groups, g)
	}
	return c.Render("dev_pages", p)
}

func (h *House) devPage(c *web.Ctx) error {
	n, err := strconv.Atoi(c.R.PathValue("n"))
	for _, m := range h.Modules {
		if err == nil && m.Name == c.R.PathValue("module") && n >= 0 && n < len(m.Gallery) {
			return c.Render(m.Gallery[n].Template, copied(m.Gallery[n].Page))
		}
	}
	return fault.New(fault.Missing, "error.missing")
}

// copied is a copy of a page, whose frame the next reader fills in again.
func copied(p web.Page) web.Page {
	was := reflect.ValueOf(p).Elem()
	now := reflect.New(was.Type())
	now.Elem().Set(was)
	return now.Interface().(web.Page)
}

// source is a package's files: in a developer's house those of the source
// tree, when it runs in one, else those that were built in.
func (h *House) source(folder string, built fs.FS) fs.FS {
	if !h.Config.Dev {
		return built
	}
	if _, err := os.Stat(filepath.Join(folder, "locale")); err != nil {
		return built
	}
	return os.DirFS(folder)
}

// reloading reads the words anew for each page, and serves one at a time so
// that none changes under its reader's eyes. Words that cannot be read, as in
// the middle of a save, leave those before in place.
func (h *House) reloading(next http.Handler) http.Handler {
	var one sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") { // a line that stays open would keep everybody else out
			next.ServeHTTP(w, r)
			return
		}
		one.Lock()
		defer one.Unlock()
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			if cat, err := h.words(); err != nil {
				h.Log.Warn("words not read", "problem", err.Error())
			} else {
				h.Site.Cat = cat
			}
		}
		next.ServeHTTP(w, r)
	})
}
