// Package deed is the one way to change anything. A deed is a word such as
// "cases.case.claim", and it is the same word in seven places: the permission,
// the journal line, the event that other modules hear, the metric, the log
// key, the translated label, and the name of the test.
//
// Always: may they? load, decide, save, tell. What fn wrote and the journal
// line are kept together or not at all, and a deed that forgets to ask whether
// its doer may act on this very thing is an error, not a success.
package deed

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
)

//go:embed schema/*.sql locale/*.json
var Files embed.FS

// Deed is something that can be done to the house.
type Deed struct {
	Name  string
	Roles []actor.Role // any of these, where they hold them
	Open  bool         // anybody, signed in or not; Roles is then empty
}

// Record is one journal line, as hearers and auditors get it.
type Record struct {
	Seq     int64
	ID      id.Of[Record]
	Deed    string
	Subject string // "cases.case/0190…"
	Account actor.AccountID
	Org     actor.OrganisationID
	Role    string
	Channel string
	Told    json.RawMessage
	At      time.Time
}

// Hearer learns of a deed after it was done, at least once.
type Hearer func(ctx context.Context, r Record) error

// House is where deeds are done.
type House struct {
	DB    *db.DB
	Jobs  *jobs.Queue
	Log   *slog.Logger
	Meter *telemetry.Meter
	heard map[string]func() bool
	after []func()       // see After
	words []func(string) // see Words
}

// NewHouse joins the store, the queue and the instruments.
func NewHouse(d *db.DB, q *jobs.Queue, log *slog.Logger, m *telemetry.Meter) *House {
	return &House{DB: d, Jobs: q, Log: log, Meter: m, heard: map[string]func() bool{}}
}

// Hear lets fn learn of a deed. Called while the house is built; listener
// names who listens. Where when is not nil it is asked at each deed: a job that
// nobody needs costs as much as one that somebody does.
func (h *House) Hear(word, listener string, fn Hearer, when func() bool) {
	kind := hearKind(word, listener)
	h.heard[word+"\x00"+listener] = when
	h.Jobs.Handle(kind, func(ctx context.Context, body json.RawMessage) error {
		var r Record
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		return fn(ctx, r)
	})
}

// After runs fn after each deed of this process whose line is kept, for screens
// that show what is now (shared/live). Called while the house is built; fn must
// not wait for anything.
func (h *House) After(fn func()) { h.after = append(h.after, fn) }

// Words runs fn with the word of each line that a deed of this process kept, as
// soon as it is kept, for what is remembered for a moment. Called while the house
// is built; fn must not wait for anything.
func (h *House) Words(fn func(word string)) { h.words = append(h.words, fn) }

func hearKind(word, listener string) string { return "hear:" + listener + ":" + word }

// Tx is a unit of work with a doer and a word.
type Tx struct {
	*db.Tx
	By    actor.Actor
	Deed  Deed
	house *House
	grant actor.Grant
	asked bool
	told  int
}

// Do checks that the doer may, opens the transaction, and runs fn, which must
// ask Allow (or AllowAny) for what it touches and Tell what was done.
func (h *House) Do(ctx context.Context, by actor.Actor, d Deed, fn func(*Tx) error) error {
	start := time.Now()
	err := h.do(ctx, by, d, fn)
	h.note(d, err, time.Since(start))
	return err
}

func (h *House) do(ctx context.Context, by actor.Actor, d Deed, fn func(*Tx) error) error {
	if err := May(by, d); err != nil {
		return err
	}
	return h.DB.Write(ctx, func(t *db.Tx) error {
		dt := &Tx{Tx: t, By: by, Deed: d, house: h}
		if err := fn(dt); err != nil {
			return err
		}
		switch {
		case !dt.asked:
			return fmt.Errorf("deed: %s never asked whether its doer may", d.Name)
		case dt.told == 0:
			return fmt.Errorf("deed: %s left no journal line", d.Name)
		}
		return nil
	})
}

// ErrNothingDone is returned by fn when there was nothing left to do, for a
// retry that is welcome: nothing is written, and Do returns it for the caller
// to treat as success.
var ErrNothingDone = errors.New("deed: nothing left to do")

// Look reads as somebody, for a door that only shows. Reads that reveal a
// person are deeds of their own and go through Do.
func (h *House) Look(ctx context.Context, by actor.Actor, d Deed, fn func(*Tx) error) error {
	if err := May(by, d); err != nil {
		return err
	}
	return h.DB.Read(ctx, func(t *db.Tx) error {
		dt := &Tx{Tx: t, By: by, Deed: d, house: h}
		if err := fn(dt); err != nil {
			return err
		}
		if !dt.asked {
			return fmt.Errorf("deed: %s never asked whether its reader may", d.Name)
		}
		return nil
	})
}

func (h *House) note(d Deed, err error, took time.Duration) {
	result := "done"
	switch {
	case errors.Is(err, ErrNothingDone):
		result = "again"
	case err != nil && fault.KindOf(err) == fault.Internal:
		result = "broke"
	case err != nil:
		result = "refused"
	}
	h.Meter.Deed(d.Name, result, took)
	h.Log.LogAttrs(context.Background(), slog.LevelInfo, "deed", slog.String("deed", d.Name), slog.String("result", result), slog.Int64("us", took.Microseconds()))
}

// May tells whether the doer may do such a thing anywhere at all.
func May(by actor.Actor, d Deed) error {
	switch {
	case d.Open, by.System != "":
		return nil
	case by.Unread: // perhaps they may: signing in again would not help
		return fault.New(fault.Away, "error.store_away")
	case !by.Known():
		return fault.New(fault.Unknown, "error.sign_in")
	case by.Holds(d.Roles...):
		return nil
	}
	return fault.New(fault.Denied, "error.denied")
}

// Allow tells whether the doer may act on what the scope describes.
func (t *Tx) Allow(s actor.Scope) error {
	t.asked = true
	if t.Deed.Open || t.By.System != "" {
		return nil
	}
	g, ok := t.By.May(t.Deed.Roles, s)
	if !ok {
		return t.refusal()
	}
	t.grant = g
	return nil
}

func (t *Tx) refusal() error {
	for _, g := range t.By.Grants {
		if g.Role.ForOrganisation() && !g.Recognised {
			for _, r := range t.Deed.Roles {
				if r == g.Role {
					return fault.New(fault.Denied, "error.organisation_not_recognised")
				}
			}
		}
	}
	return fault.New(fault.Denied, "error.denied_here")
}

// AllowAny is for deeds that touch nothing with an owner or a place.
func (t *Tx) AllowAny() error {
	t.asked = true
	if t.Deed.Open || t.By.System != "" {
		return nil
	}
	for _, g := range t.By.Grants {
		for _, r := range t.Deed.Roles {
			if g.Role == r && (!r.ForOrganisation() || g.Recognised) {
				t.grant = g
				return nil
			}
		}
	}
	return t.refusal()
}

// Own is for deeds on oneself: one's own session, one's own password.
func (t *Tx) Own(a actor.AccountID) error {
	t.asked = true
	if a.IsZero() || a != t.By.Account {
		return fault.New(fault.Denied, "error.denied")
	}
	return nil
}

// As is the grant by which the doer was allowed.
func (t *Tx) As() actor.Grant { return t.grant }

// Tell writes the journal line of what was done to subject ("cases.case/ID")
// and lets others hear of it. told is a small struct of identifiers, facts and
// commitments, never of a person's words, name or number.
func (t *Tx) Tell(subject string, told any) error { return t.tell(t.Deed.Name, subject, told) }

// TellAs writes a line under another word, for a deed that causes a second
// one in the same moment: a delivery that moves its case.
func (t *Tx) TellAs(d Deed, subject string, told any) error { return t.tell(d.Name, subject, told) }

func (t *Tx) tell(word, subject string, told any) error {
	body, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("deed: %s: %w", word, err)
	}
	role, org := string(t.grant.Role), t.grant.Org
	switch {
	case t.By.System != "":
		role = "system:" + t.By.System
	case role == "" && t.By.Known():
		role = "self"
	case role == "":
		role = "person"
	}
	r := Record{ID: id.New[Record](t.Now()), Deed: word, Subject: subject, Account: t.By.Account, Org: org,
		Role: role, Channel: t.By.Channel, Told: body, At: t.Now()}
	if _, err := t.Exec(`INSERT INTO deed_record (id, deed, subject, account, org, role, channel, told, at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`, r.ID, r.Deed, r.Subject, r.Account, r.Org, r.Role, r.Channel, string(r.Told), r.At); err != nil {
		return err
	}
	if t.told++; t.told == 1 {
		for _, fn := range t.house.after {
			t.After(fn)
		}
	}
	for _, fn := range t.house.words {
		t.After(func() { fn(word) })
	}
	return t.house.spread(t.Tx, r)
}

func (h *House) spread(t *db.Tx, r Record) error {
	for k, when := range h.heard {
		word, listener, _ := cutNul(k)
		if word != r.Deed || when != nil && !when() {
			continue
		}
		if err := h.Jobs.Put(t, hearKind(word, listener), "", r, t.Now()); err != nil {
			return err
		}
	}
	return nil
}
