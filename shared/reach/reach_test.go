package reach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/testkit"
)

// noon is a time of day at which nobody sleeps.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// counter is a desk that keeps what it is asked in memory. Like the real one
// it takes the same identifier for the same request, whatever else it is told.
type counter struct {
	mu      sync.Mutex
	open    []*service.Definition
	asked   []Asking
	after   func(Asking) error // what happens once a request is kept: nil is nothing
	before  func(Asking) error
	notices map[string]Notice
	said    []string
	calls   int
}

func (d *counter) Services(context.Context) ([]*service.Definition, error) { return d.open, nil }

func (d *counter) Ask(_ context.Context, a Asking) (Asked, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.before != nil {
		if err := d.before(a); err != nil {
			return Asked{}, err
		}
	}
	at := slices.IndexFunc(d.asked, func(b Asking) bool { return b.ID == a.ID })
	if at < 0 {
		a.Answers = a.Answers.Clone()
		d.asked = append(d.asked, a)
		at = len(d.asked) - 1
	}
	if d.after != nil {
		if err := d.after(a); err != nil {
			return Asked{}, err
		}
	}
	return Asked{Case: "cases.case/" + a.ID, Receipt: fmt.Sprintf("%09d", 100000000+at), Code: "123456"}, nil
}

func (d *counter) Mine(context.Context, Who) ([]Standing, error) { return nil, nil }

func (d *counter) Open(context.Context, Who, receipt.Number, string) (Standing, error) {
	return Standing{}, fault.New(fault.Missing, "reach.track.no_match")
}

func (d *counter) Family(context.Context, Who, string, string) (Standing, error) {
	return Standing{}, fault.New(fault.Missing, "reach.track.no_match")
}

func (d *counter) Answer(_ context.Context, _ Who, _, answer string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.said = append(d.said, answer)
	return nil
}

func (d *counter) Notice(_ context.Context, subject string) (Notice, error) {
	return d.notices[subject], nil
}

func (d *counter) CallBack(context.Context, Who, string, string, []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	return nil
}

// mast is a gateway with nothing between it and the phones.
type mast struct {
	net   *channel.Network
	once  bool                     // the same ID again is no second message
	early func(o channel.Outgoing) // what happens before Send returns
	sent  []string                 // identifiers, as often as they were sent
	mu    sync.Mutex
}

func (m *mast) Send(_ context.Context, o channel.Outgoing) (channel.Sent, error) {
	m.mu.Lock()
	m.sent = append(m.sent, o.ID)
	m.mu.Unlock()
	switch {
	case m.net.Trip(func(f *channel.Faults) *int { return &f.Away }):
		return channel.Sent{}, channel.Wrong(channel.ErrAway, "away")
	case m.net.Trip(func(f *channel.Faults) *int { return &f.Busy }):
		return channel.Sent{}, &channel.Problem{Err: channel.ErrBusy, Code: "busy", Wait: 30 * time.Second}
	case m.net.Trip(func(f *channel.Faults) *int { return &f.Refuse }):
		return channel.Sent{}, channel.Wrong(channel.ErrRefused, "no_such_number")
	}
	name := o.ID
	if !m.once {
		name = ""
	}
	m.net.Arrive(name, channel.Arrived{To: o.To, Text: o.Text})
	if m.early != nil {
		m.early(o)
	}
	if m.net.Trip(func(f *channel.Faults) *int { return &f.Hang }) {
		return channel.Sent{}, channel.Wrong(channel.ErrUnsure, "lost")
	}
	return channel.Sent{Ref: "ref-" + o.ID}, nil
}

func (m *mast) SendsOnce() bool { return m.once }

// written is a log that is read afterwards.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// rig is the service over an empty store, with one gateway of text messages.
type rig struct {
	*testing.T
	*Service
	now   *clock.Held
	desk  *counter
	mast  *mast
	g     *Gateway
	inbox channel.Inbox
	log   *written
	n     int
}

// model is an empty store with the tables of reach.
var model = testkit.Tables(func(dsn string) (*db.DB, error) { return db.Open(dsn, clock.System{}) },
	testkit.Schema{Module: "jobs", Files: jobs.Files}, testkit.Schema{Module: "deed", Files: deed.Files}, testkit.Schema{Module: "crypt", Files: crypt.Files}, testkit.Schema{Module: "reach", Files: Files})

func open(t *testing.T, dsn string) *rig {
	t.Helper()
	r := &rig{T: t, now: &clock.Held{At: noon}, desk: &counter{notices: map[string]Notice{}}, mast: &mast{net: channel.NewNetwork(), once: true}, log: &written{}}
	store, err := db.Open(dsn, r.now)
	r.must(err)
	t.Cleanup(func() { store.Close() })
	ring, _, err := crypt.OpenRing(filepath.Join(t.TempDir(), "master.key"), "")
	r.must(err)
	vault, err := crypt.OpenVault(t.Context(), store, ring)
	r.must(err)
	packs := os.DirFS(filepath.Join(testkit.Root(t), "packs"))
	g, err := places.Load(packs, "ma")
	r.must(err)
	rules, err := ReadRules(packs, "ma")
	r.must(err)
	all, err := service.Load(packs, ".")
	r.must(err)
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.Service, err = New(deed.NewHouse(store, jobs.New(store, log, "test"), log, telemetry.NewMeter()), vault, g, rules)
	r.must(err)
	help, ok := all.Get("crisis_help")
	if !ok {
		t.Fatal("the pack has no crisis_help")
	}
	r.desk.open = []*service.Definition{help}
	r.UseDesk(r.desk)
	r.Cat, err = i18n.Load(ui.Locale, forms.Files, Files)
	r.must(err)
	r.must(all.Speak(r.Cat))
	r.g = &Gateway{Name: "mast", Kind: channel.SMS, Out: r.mast}
	r.must(r.Use(r.g))
	r.inbox = r.Inbox(r.g)
	t.Cleanup(r.sound)
	return r
}

// rigs runs a test on both databases.
func rigs(t *testing.T, test func(r *rig)) {
	t.Helper()
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) { test(open(t, dsn)) })
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// sound asks what the house asks of itself.
func (r *rig) sound() {
	if r.Failed() {
		r.T.Log(r.log)
		return
	}
	for _, c := range r.Manifest(nil, nil).Checks {
		err := r.h.DB.Read(context.Background(), func(t *db.Tx) error {
			bad, err := c.Find(t)
			if len(bad) > 0 {
				r.Errorf("not so: %s: %v", c.Name, bad)
			}
			return err
		})
		if err != nil {
			r.Error(err)
		}
	}
}

// says keeps one message of a phone, without reading it.
func (r *rig) says(from, text string) {
	r.Helper()
	r.n++
	r.must(r.inbox.Heard(r.Context(), channel.Incoming{ID: fmt.Sprint("m", r.n), From: from, Text: text, At: r.now.Now()}))
}

// part keeps one part of a longer message.
func (r *rig) part(from string, series uint16, part, parts int, text string) {
	r.Helper()
	r.n++
	r.must(r.inbox.Heard(r.Context(), channel.Incoming{ID: fmt.Sprint("m", r.n), From: from, Text: text, Series: series, Part: part, Parts: parts, At: r.now.Now()}))
}

// work reads what is to be read and sends what is to be sent.
func (r *rig) work() {
	r.Helper()
	r.must(r.Read(r.Context()))
	r.must(r.Send(r.Context(), r.g))
}

// text writes from a phone and gives back what arrived on it in answer.
func (r *rig) text(from, words string) string {
	r.Helper()
	was := len(r.on(from))
	r.says(from, words)
	r.work()
	r.now.Advance(6 * time.Second)
	all := r.on(from)[was:]
	if len(all) != 1 {
		r.Fatalf("%q was answered %d times: %q", words, len(all), all)
	}
	return all[0]
}

// on is what arrived on a phone.
func (r *rig) on(phone string) (all []string) {
	for _, a := range r.mast.net.On(phone) {
		all = append(all, a.Text)
	}
	return all
}

func (r *rig) wants(got string, parts ...string) {
	r.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			r.Errorf("it does not say %q:\n%s", p, got)
		}
	}
}

// count counts rows, for what no page of this package shows.
func (r *rig) count(what string, args ...any) (n int64) {
	r.Helper()
	r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM `+what, args...)
		return err
	}))
	return n
}

// states is how the messages out stand: "taken", "failed no_such_number".
func (r *rig) states() (all []string) {
	r.Helper()
	r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) (err error) {
		all, err = db.List(t, func(row db.Row) (string, error) {
			var state, code string
			err := row.Scan(&state, &code)
			return strings.TrimSpace(state + " " + code), err
		}, `SELECT state, code FROM reach_message ORDER BY made_at, id`)
		return err
	}))
	return all
}

func (r *rig) stand(want ...string) {
	r.Helper()
	if got := r.states(); !slices.Equal(got, want) {
		r.Errorf("the messages are %q and not %q", got, want)
	}
}

// notice tells somebody how a case stands; level as in service files.
func (r *rig) notice(subject, once, to string, level int) {
	r.Helper()
	r.desk.notices[subject] = Notice{Send: true, Once: subject + " " + once, Key: "reach.call.coming", Lang: "fr", Level: level, Phone: to}
	if err := r.Tell(r.Context(), deed.Record{Subject: subject}); err != nil && !errors.Is(err, deed.ErrNothingDone) {
		r.Fatal(err)
	}
}

const (
	karima = "+212600000101"
	brahim = "+212600000102"
	stones = "ناس تحت الأنقاض عندنا عاونونا"
)
