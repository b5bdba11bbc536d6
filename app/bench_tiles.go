package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/bench/tiles"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
)

// benchTiles measures the map of staff over many stored requests.
func benchTiles(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench tiles", "tiles of the staff map at zooms 5 to 14 over many stored requests: cold, warm and while requests change; when a new one shows; on SQLite, and on the PostgreSQL that TWIZA_TEST_PG names")
	stored := f.Int("stored", 30_000, "requests stored before asking; 300000 is the full size, 1000000 the long one")
	rounds := f.Int("tiles", 1000, "tiles asked for at each zoom")
	changes := f.Int("changes", 100, "changes a second while it is measured")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	if *stored < 10 || *rounds < 10 {
		return usage{"at least 10 requests are stored, and 10 tiles asked for"}
	}
	dsn, _, leave, err := benchPostgres(ctx, e)
	if err != nil {
		return err
	}
	defer leave()
	for _, of := range []string{"sqlite", "postgres"} {
		if of == "postgres" && dsn == "" {
			continue
		}
		if err := tilesOf(ctx, e, of, dsn, tiles.Plan{Of: of, Stored: *stored, Rounds: *rounds, Changes: *changes, Say: e.err}); err != nil {
			return err
		}
	}
	return nil
}

func tilesOf(ctx context.Context, e *env, of, dsn string, p tiles.Plan) error {
	folder, err := os.MkdirTemp("", "twiza-bench-tiles")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	c := Config{Data: filepath.Join(folder, "data"), Key: filepath.Join(folder, "key"), Country: "ma"}
	if of == "postgres" {
		c.DB = dsn
	}
	h, err := Open(ctx, c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, stop := context.WithCancel(ctx)
	var chores sync.WaitGroup
	chores.Go(func() { h.Live.Run(ctx) })
	defer chores.Wait()
	defer stop()
	b := &tilesHouse{h: h, handler: h.Handler()}
	if b.token, err = b.reader(ctx); err != nil {
		return err
	}
	for _, kind := range []string{places.Commune, places.Douar} {
		for _, x := range h.Places.All(kind) {
			if x.HasPoint {
				p.Villages = append(p.Villages, tiles.Spot{Place: x.Code, At: x.At})
			}
		}
	}
	hello, leave, err := greeter()
	if err != nil {
		return err
	}
	defer leave()
	report, err := tiles.Run(ctx, p, b, hello)
	if err != nil {
		return err
	}
	return report.Write(e.out)
}

// greeter asks a server that only says hello, over loopback: what that costs this
// process is what everything else is compared with.
func greeter() (ask func() error, leave func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello, neighbour\n") })}
	go server.Serve(l)
	return func() error {
		res, err := http.Get("http://" + l.Addr().String() + "/")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		return err
	}, func() { server.Close() }, nil
}

// tilesHouse is a real house, asked without a network by somebody of the crisis
// cell, with all that stands before a door: session, rights, log.
type tilesHouse struct {
	h       *House
	handler http.Handler
	token   string
	mu      sync.Mutex
	some    []cases.CaseID
}

func (b *tilesHouse) reader(ctx context.Context) (token string, err error) {
	aid, err := b.h.People.SeedAccount(ctx, "bench", "Bench", id.New[House](b.h.clock.Now()).String(), "", []string{"fr"}, []actor.Grant{{Role: actor.CrisisCell}})
	if err != nil {
		return "", err
	}
	return b.h.People.Session(ctx, System("bench"), aid)
}

func (b *tilesHouse) Keep(ctx context.Context, n int, s tiles.Spot) error {
	a := forms.Answers{"for_whom": "self", "need": []string{[]string{"rescue", "food", "water", "shelter"}[n%4]}, "people": int64(1 + n%7), "words": "…", "secret": fmt.Sprint("zitoun ", n),
		"where": forms.Place{Code: s.Place, Lat: s.At.Lat, Lon: s.At.Lon, HasPoint: s.HasPoint}}
	out, err := b.h.Cases.Ask(ctx, actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: mergeHouse{h: b.h}.service(), Lang: "ar", Channel: "web", Answers: a})
	if err == nil && n < 4096 {
		b.mu.Lock()
		b.some = append(b.some, out.ID)
		b.mu.Unlock()
	}
	return err
}

// Change says how urgent a request is, in turn.
func (b *tilesHouse) Change(ctx context.Context, n int) error {
	by := actor.Actor{Account: actor.AccountID{}, System: "bench", Channel: "cli"}
	b.mu.Lock()
	c := b.some[n%len(b.some)]
	b.mu.Unlock()
	return b.h.Cases.Prioritise(ctx, by, c, 1+n/len(b.some)%2+n%3, "bench")
}

func (b *tilesHouse) Get(path string) (int, []byte) {
	r, err := http.NewRequest("GET", "http://127.0.0.1"+path, strings.NewReader(""))
	if err != nil {
		return 0, nil
	}
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Accept-Encoding", "gzip")
	r.AddCookie(&http.Cookie{Name: "session", Value: b.token})
	w := &heldAnswer{header: http.Header{}, status: http.StatusOK}
	b.handler.ServeHTTP(w, r)
	return w.status, w.body.Bytes()
}

// heldAnswer is an answer that nobody sends on.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *heldAnswer) Header() http.Header         { return k.header }
func (k *heldAnswer) WriteHeader(status int)      { k.status = status }
func (k *heldAnswer) Write(b []byte) (int, error) { return k.body.Write(b) }
