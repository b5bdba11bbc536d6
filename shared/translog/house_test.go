package translog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog/verify"
	"github.com/twiza/twiza/testkit"
)

const origin = "twiza.example/log"

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "translog", Files: Files})

// scene is a log over a store of its own.
type scene struct {
	*testing.T
	*Log
	dsn    string
	clock  *clock.Held
	keys   string // of the log, as its file has them
	public string
	master string
}

func engines(t *testing.T, fn func(s *scene)) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s := newScene(t, dsn)
		fn(s)
		s.sound()
	})
}

func newScene(t *testing.T, dsn string) *scene {
	t.Helper()
	s := &scene{T: t, dsn: dsn, clock: &clock.Held{At: time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)}, master: crypt.NewMaster().Line()}
	var err error
	if s.keys, s.public, err = NewKey(origin); err != nil {
		t.Fatal(err)
	}
	s.Log = s.open(filepath.Join(t.TempDir(), "shown"), "")
	return s
}

// open is another process of the same house.
func (s *scene) open(shown, witnesses string) *Log {
	s.Helper()
	l, store, err := openLog(s.Context(), s.dsn, s.clock, s.master, s.keys, shown, witnesses)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { store.Close() })
	return l
}

// openLog is what a process does to have its log.
func openLog(ctx context.Context, dsn string, c clock.Clock, master, keys, shown, witnesses string) (*Log, *db.DB, error) {
	store, err := db.Open(dsn, c)
	if err != nil {
		return nil, nil, err
	}
	ring, err := crypt.FromEnv(master)
	if err != nil {
		return nil, nil, err
	}
	vault, err := crypt.OpenVault(ctx, store, ring)
	if err != nil {
		return nil, nil, err
	}
	signers, _, err := ReadKeys(keys, origin)
	if err != nil {
		return nil, nil, err
	}
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		return nil, nil, err
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())
	l, err := New(h, vault, Config{Origin: origin, Signers: signers, Witnesses: witnesses, Shown: shown, Zone: zone})
	return l, store, err
}

var give = deed.Deed{Name: "test.gift.make", Roles: []actor.Role{actor.Coordinator}}

type gift struct {
	Giver string `json:"giver"`
	Words string `json:"words"`
	N     int    `json:"n"`
}

func giftOf(n int) gift { return gift{"عائشة <\u2028>", "للمدرسة", n} }

// gave does a deed that has a leaf, and something wrong at its end if broken is.
func gave(ctx context.Context, l *Log, n int, broken error) (lid LeafID, err error) {
	err = l.h.Do(ctx, actor.Actor{System: "test"}, give, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		subject := fmt.Sprintf("test.gift/%d", n)
		var err error
		lid, err = l.Append(t, Leaf{Subject: subject, Fields: map[string]string{"amount": fmt.Sprint(100 + n), "asset": "MAD", "kind": "gift", "place": "04.081.01.07"}, Body: giftOf(n)})
		if err != nil {
			return err
		}
		if err := t.Tell(subject, struct{}{}); err != nil {
			return err
		}
		return broken
	})
	return lid, err
}

func (s *scene) gave(n int) LeafID {
	s.Helper()
	lid, err := gave(s.Context(), s.Log, n, nil)
	if err != nil {
		s.Fatal(err)
	}
	return lid
}

func (s *scene) integrate() {
	s.Helper()
	if err := s.Integrate(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) keysOf() *verify.Keys {
	s.Helper()
	k, err := verify.ReadKeys(s.public)
	if err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *scene) head() verify.Signed {
	s.Helper()
	msg, err := s.Checkpoint(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	c, err := s.keysOf().Open(msg)
	if err != nil {
		s.Fatalf("%v in\n%s", err, msg)
	}
	return c
}

// sound proves what always holds, and that an outsider with the public files finds
// nothing wrong.
func (s *scene) sound() {
	s.Helper()
	for _, bad := range s.wrong() {
		s.Error(bad)
	}
	if s.Failed() {
		return
	}
	dir := s.TempDir()
	if err := s.Export(s.Context(), dir); err != nil {
		s.Fatal(err)
	}
	r, err := verify.Folder(os.DirFS(dir), s.keysOf(), verify.Options{})
	if err != nil || len(r.Wrong) > 0 {
		s.Errorf("the public files: %v %v", err, r.Wrong)
	}
}

func (s *scene) wrong() (all []string) {
	s.Helper()
	for _, c := range s.checks() {
		if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
			bad, err := c.Find(t)
			for _, x := range bad {
				all = append(all, c.Name+": "+x)
			}
			return err
		}); err != nil {
			s.Fatal(c.Name, err)
		}
	}
	return all
}

// byHand changes the store as somebody with its password would, triggers and all.
func (s *scene) byHand(statements ...string) {
	s.Helper()
	if err := s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		for _, q := range statements {
			if _, err := t.Exec(q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
}
