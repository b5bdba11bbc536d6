package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// Doors of the house itself: is it alive, is it ready, how is it doing, what
// does its API say.
var (
	deedAlive   = deed.Deed{Name: "app.house.alive", Open: true}
	deedFigures = deed.Deed{Name: "app.house.figures", Roles: []actor.Role{actor.Administrator}}
	deedAPI     = deed.Deed{Name: "app.house.describe", Open: true}
)

type stateOut struct {
	State string `json:"state"`
}

func (h *House) doors() []module.Door {
	all := []module.Door{
		{API: true, Method: "GET", Path: "/healthz", Deed: deedAlive, Out: stateOut{}, Handle: func(c *web.Ctx) error { return c.JSON(http.StatusOK, stateOut{"alive"}) }},
		{API: true, Method: "GET", Path: "/readyz", Deed: deedAlive, Out: readyOut{}, Handle: h.ready},
		{API: true, Method: "GET", Path: "/metrics", Deed: deedFigures, Handle: h.figures, Refused: h.figuresRefused},
		{API: true, Method: "GET", Path: "/api/v1/openapi.json", Deed: deedAPI, Handle: h.describe},
		{API: true, Method: "GET", Path: "/favicon.ico", Deed: deedAlive, Handle: favicon},
		{API: true, Method: "GET", Path: "/sw.js", Deed: deedAlive, Handle: worker},
	}
	if h.Config.Dev {
		all = append(all, h.devDoors()...)
	}
	if h.phones != nil {
		all = append(all, h.phones.doors()...)
	}
	return all
}

// collectAt is by how many percent memory may grow before what is unused is
// collected. A house keeps some 15 MB for good: to collect half as often costs
// about as much again, and saves one part in twenty-five of a request. An
// operator who sets GOGC or GOMEMLIMIT knows better.
const collectAt = 200

func serve(ctx context.Context, e *env, args []string) error {
	var c Config
	f := flags(e, "serve", "open the house", &c)
	f.StringVar(&c.Listen, "listen", fallback(e, "TWIZA_LISTEN", "127.0.0.1:8080"), "address and port")
	f.BoolVar(&c.Demo, "demo", e.getenv("TWIZA_DEMO") != "", "fill an empty house with an invented night after an earthquake")
	f.BoolVar(&c.Proxied, "proxied", e.getenv("TWIZA_PROXIED") != "", "behind a reverse proxy that sets X-Forwarded-For and X-Forwarded-Proto")
	f.StringVar(&c.Site, "site", e.getenv("TWIZA_SITE"), "where people find this house, https://…: passkeys of staff are bound to it (without one they work at http://localhost only)")
	f.StringVar(&c.Help, "help-line", e.getenv("TWIZA_HELP_LINE"), "telephone of the people who answer, +212…")
	f.StringVar(&c.SMS, "short-code", e.getenv("TWIZA_SHORT_CODE"), "number for SMS")
	f.StringVar(&c.Gateways, "gateways", e.getenv("TWIZA_GATEWAYS"), "file of the gateways for SMS, USSD, voice and chats (docs/channels.md)")
	f.StringVar(&c.Prompts, "prompts", e.getenv("TWIZA_PROMPTS"), "folder where recorded sentences are put for the telephone exchange (docs/channels.md)")
	f.StringVar(&c.Mandate, "mandate", e.getenv("TWIZA_MANDATE"), "the authority that mandated this house, when there is one")
	f.StringVar(&c.Spool, "spool", e.getenv("TWIZA_SPOOL"), "folder where requests wait while the store does not answer (default: spool, in the data folder)")
	f.BoolVar(&c.Emergency, "emergency", e.getenv("TWIZA_EMERGENCY") != "", "read-only: nothing changes but requests for help, which are taken (docs/operating.md)")
	f.IntVar(&c.LeastMB, "least-mb", 512, "megabytes on the disk under which the house warns that it is nearly full")
	c.Copies.flags(e, f)
	if _, err := parse(f, args, &c); err != nil {
		return err
	}
	if c.Spool == "" {
		c.Spool = filepath.Join(c.Data, "spool")
	}
	if c.Dev && !loopback(c.Listen) {
		return usage{"with TWIZA_DEV anybody may act as anybody: listen on 127.0.0.1 or localhost, not on " + c.Listen}
	}
	if c.Demo && c.Public.Name == "" {
		c.Public.Name = demoLog
		c.Public.Shown = filepath.Join(c.Data, "log.shown") // whoever removes the folder begins again, log and all
	}
	var now clock.Clock = clock.System{}
	if c.Dev {
		now = &devClock{}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if e.getenv("GOGC") == "" && e.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectWhileOpening)
	}
	if c.Demo || c.Dev {
		return serveStory(ctx, e, c, now, listener)
	}
	return serveBehind(ctx, e, c, now, listener)
}

// demoLog is what the public log of a demonstration is called: it is nobody's.
const demoLog = "demo.twiza.example/log"

// logLevel is what is written down: the terminal belongs to the reader of a story.
func logLevel(c Config) slog.Level {
	if c.Demo || c.Dev {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// serveStory opens a house that somebody tries or works on: all of it, then its door.
func serveStory(ctx context.Context, e *env, c Config, now clock.Clock, listener net.Listener) error {
	h, err := Open(ctx, c, now, telemetry.Logger(e.err, logLevel(c)))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer h.Close()
	if h.Note != "" {
		fmt.Fprintf(e.err, "\n%s\n\n", h.Note)
	}
	h.settleErasures(ctx, e)
	if err := h.openCopies(e); err != nil {
		return err
	}
	if c.Gateways == "" {
		p, err := h.openPhones(nil)
		if err != nil {
			return fmt.Errorf("telephones: %w", err)
		}
		defer p.Close()
	}
	url := "http://" + listener.Addr().String() + "/"
	h.settleSite(e, listener.Addr())
	if e.getenv("GOGC") == "" && e.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(collectAt)
	}
	go debug.FreeOSMemory()
	if err := h.welcome(ctx, e, url); err != nil {
		return err
	}
	return h.run(ctx, e, listener, url)
}

// settleSite says where people find the house. Where nobody told, it is this
// machine alone. An address that makes no passkeys possible is said, and the
// house opens all the same: there are other ways in.
func (h *House) settleSite(e *env, at net.Addr) {
	site := strings.TrimSuffix(h.Config.Site, "/")
	if _, port, err := net.SplitHostPort(at.String()); site == "" && err == nil {
		site = "http://localhost:" + port
	}
	if err := h.People.UsePasskeys(site); err != nil {
		fmt.Fprintf(e.err, "\nStaff cannot sign in with passkeys: --site %s: %v\n\n", site, err)
	}
}

// settleErasures makes the store and the file of erasures agree before a door
// opens, whichever of the two a crash left behind. Where they cannot, that is
// said loudly and the house opens all the same: people may be waiting for help.
func (h *House) settleErasures(ctx context.Context, e *env) {
	n, err := h.replay(ctx)
	if err != nil {
		h.Log.Error("erasures not settled", "problem", err.Error())
		fmt.Fprintf(e.err, "\nThe record of erasures could not be settled: %v\nPeople who asked to be forgotten may not be. See docs/operating.md, \"Erasures\".\n\n", err)
		return
	}
	if n > 0 {
		h.Log.Warn("erasures done again", "cases", n)
	}
}

// welcome seeds a demonstration, or lets the first administrator in.
func (h *House) welcome(ctx context.Context, e *env, url string) error {
	if h.Config.Demo {
		return h.demo(ctx, e)
	}
	link, err := h.People.FirstAdmin(ctx)
	if err == nil && link != "" {
		fmt.Fprintf(e.out, "First administrator, once and within a day:\n  %sar%s\n", url, link)
	}
	return err
}

// run serves until ctx ends, then finishes what is under way.
func (h *House) run(ctx context.Context, e *env, l net.Listener, url string) error {
	server := newServer(h.Handler(), h.Log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	fmt.Fprintf(e.out, "Twiza is open at %s\n", url)
	return h.work(ctx, server, failed, nothing, nothing)
}

func nothing(context.Context) error { return nil }

// newServer is what every house listens with.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}

// work does what a house does while its server serves, until ctx ends. entered
// returns when the house has its store, and then arrived is what is still to be
// done; an error of theirs ends the house.
func (h *House) work(ctx context.Context, server *http.Server, failed <-chan error, entered, arrived func(context.Context) error) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var chores sync.WaitGroup
	store := make(chan struct{}) // closed when the house has its store
	chores.Go(func() {
		select {
		case <-store:
			h.Jobs.Run(work)
		case <-work.Done():
		}
	})
	chores.Go(func() { h.mind(work) })
	chores.Go(func() { h.Site.Limit.Run(work) })
	chores.Go(func() { h.Reach.Run(work) })
	chores.Go(func() { h.Spelled.Run(work) })
	chores.Go(func() { h.Proof.Run(work) })
	chores.Go(func() { giveBack(work) })
	chores.Go(func() { h.Live.Run(ctx) }) // ends first: a line that stays open would keep the house from closing
	shipping, landed := context.WithCancel(context.WithoutCancel(ctx))
	var last sync.WaitGroup
	broke := make(chan error, 1)
	last.Go(func() {
		// A page that does not parse must not wait for its first reader. The other
		// languages have the same pages, and take their memory when somebody reads them.
		err := h.Site.Warm(h.Site.Langs[0])
		if err == nil {
			err = entered(work)
		}
		if err == nil {
			close(store)
			err = arrived(work)
		}
		if err != nil && work.Err() == nil {
			broke <- err
			return
		}
		if h.ships != nil {
			h.ships.Run(shipping)
		}
	})
	var err error
	select {
	case <-ctx.Done():
	case err = <-broke:
	case err = <-failed:
	}
	if err == nil || !errors.Is(err, http.ErrServerClosed) {
		patience, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		err = errors.Join(err, server.Shutdown(patience))
		done()
	}
	stop()
	chores.Wait()
	if sealErr := h.Deeds.Seal(context.WithoutCancel(ctx)); sealErr != nil {
		h.Log.Error("last seal", "problem", sealErr.Error())
	}
	landed() // after all else, so that the copy has all
	last.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// giveBack returns what opening a house took and nobody needs any more: packs and
// words were read as text. The runtime would keep it for minutes.
func giveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
		debug.FreeOSMemory()
	}
}

// quiet opens a house for a command that does one thing and stops.
func quiet(ctx context.Context, c Config, e *env) (*House, error) {
	if c.DB == "" {
		if _, err := os.Stat(c.store()); err != nil {
			return nil, fmt.Errorf("there is no house in %s (name its folder with --data; \"twiza migrate\" makes an empty one)", c.Data)
		}
	}
	c.beside = true
	return Open(ctx, c, clock.System{}, telemetry.Logger(e.err, slog.LevelError))
}

func migrate(ctx context.Context, e *env, args []string) error {
	var c Config
	if _, err := parse(flags(e, "migrate", "bring the tables up to date", &c), args, &c); err != nil {
		return err
	}
	h, err := Open(ctx, c, clock.System{}, telemetry.Logger(e.err, slog.LevelError))
	if err != nil {
		return err
	}
	if h.Note != "" {
		fmt.Fprintln(e.err, h.Note)
	}
	fmt.Fprintln(e.out, "The tables are up to date.")
	return h.Close()
}
