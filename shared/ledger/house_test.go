package ledger

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "ledger", Files: Files})

// book is a ledger over an empty store, with the clock held.
type book struct {
	*testing.T
	h     *deed.House
	clock *clock.Held
	n     int
}

func engines(t *testing.T, fn func(b *book)) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		c := &clock.Held{At: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
		store, err := db.Open(dsn, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		b := &book{T: t, clock: c, h: deed.NewHouse(store, jobs.New(store, quiet, "test"), quiet, telemetry.NewMeter())}
		fn(b)
		b.sound()
	})
}

var pay = deed.Deed{Name: "test.money.move", Roles: []actor.Role{actor.Coordinator, actor.CrisisCell}}

func (b *book) somebody(role actor.Role) actor.Actor {
	b.n++
	a := actor.Actor{Account: id.New[actor.Account](b.clock.Now().Add(time.Duration(b.n) * time.Millisecond)), Channel: "web", Grants: []actor.Grant{{Role: role, Recognised: true}}}
	if role.ForOrganisation() {
		a.Grants[0].Org = id.New[actor.Organisation](b.clock.Now())
	}
	return a
}

// do does something as somebody, with a journal line of its own.
func (b *book) do(by actor.Actor, fn func(*deed.Tx) error) error {
	return b.h.Do(b.Context(), by, pay, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		return t.Tell("test.money/1", struct{}{})
	})
}

func (b *book) must(fn func(*deed.Tx) error) {
	b.Helper()
	if err := b.do(actor.Actor{System: "test"}, fn); err != nil {
		b.Fatal(err)
	}
}

// account opens one.
func (b *book) account(code string, k Kind, asset, earmark string) (a *Account) {
	b.Helper()
	b.must(func(t *deed.Tx) (err error) {
		a, err = OpenAccount(t, Account{ID: id.New[Account](t.Now()), Code: code, Kind: k, Asset: asset, Earmark: earmark})
		return err
	})
	return a
}

// entry moves an amount from one account to another.
func entry(ref string, from, to *Account, amount int64) Entry {
	return Entry{ID: id.New[Entry](time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)), Ref: ref, About: "test/" + ref, ValueOn: "2026-11-20", Postings: []Posting{{Account: from.ID, Amount: -amount}, {Account: to.ID, Amount: amount}}}
}

func (b *book) post(e Entry) error {
	return b.do(actor.Actor{System: "test"}, func(t *deed.Tx) error { _, _, err := Post(t, e); return err })
}

func (b *book) holds(code string) int64 {
	b.Helper()
	var a *Account
	if err := b.h.DB.Read(b.Context(), func(t *db.Tx) (err error) { a, err = Get(t, code); return err }); err != nil {
		b.Fatal(err)
	}
	return a.Balance
}

// sound proves what always holds.
func (b *book) sound() {
	b.Helper()
	for _, bad := range b.wrong() {
		b.Error(bad)
	}
}

func (b *book) wrong() (all []string) {
	b.Helper()
	for _, c := range checks() {
		var bad []string
		if err := b.h.DB.Read(b.Context(), func(t *db.Tx) (err error) { bad, err = c.Find(t); return err }); err != nil {
			b.Fatal(c.Name, err)
		}
		for _, x := range bad {
			all = append(all, c.Name+": "+x)
		}
	}
	return all
}
