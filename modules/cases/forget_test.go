package cases

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

func (w *world) concern(n ConcernID) (c *Concern) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { c, err = getConcern(t, n); return err }))
	return c
}

// trailOf is what the journal has of one thing, as "deed by role".
func (w *world) trailOf(of string) (all []string) {
	w.t.Helper()
	w.must(w.h.DB.Read(w.t.Context(), func(t *db.Tx) error {
		lines, err := deed.Trail(t, of)
		for _, r := range lines {
			all = append(all, r.Deed+" by "+r.Role+" "+string(r.Told))
		}
		return err
	}))
	return all
}

func TestAClosedConcernIsForgottenByTheClockAndAnOpenOneNever(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		keep := w.places.Country().Keep.Concerns.For()
		if keep < 24*time.Hour {
			t.Fatal("the pack does not say how long a concern is kept")
		}
		alone := forms.Answers{"fragile": []string{"child_alone"}}
		closed, open := w.ask(alone), w.ask(alone)
		trained := w.staff(actor.Safeguarding, "")
		nid := concernID(closed.ID)
		w.must(w.TakeConcern(t.Context(), trained, nid))
		w.must(w.CloseConcern(t.Context(), trained, nid, "protected"))
		turn := func() *Concern {
			t.Helper()
			w.must(w.ForgetConcerns(t.Context()))
			return w.concern(nid)
		}
		w.clock.Advance(keep - time.Second)
		if n := turn(); len(n.Body) == 0 || len(n.Secret) == 0 {
			t.Fatal("forgotten before its time")
		}
		w.clock.Advance(time.Second)
		if n := turn(); len(n.Body) != 0 || n.Secret != nil || len(n.AskedKey) != 0 || n.Outcome != "protected" || n.Kind == "" {
			t.Errorf("%+v", n)
		}
		turn()
		lines := strings.Join(w.trailOf(ConcernSubject+nid.String()), "\n")
		if strings.Count(lines, "cases.concern.forget by system:retention") != 1 {
			t.Errorf("the journal has\n%s", lines)
		}
		if n := w.concern(concernID(open.ID)); len(n.Body) == 0 {
			t.Error("a concern that is open was forgotten")
		}
		if _, said, err := w.ReadConcern(t.Context(), trained, nid); err != nil || len(said) != 0 {
			t.Errorf("reading what was forgotten: %v %v", said, err)
		}
		if _, err := w.Recognise(t.Context(), closed.Receipt, "4542"); kind(err) != "cases.track.no_match" {
			t.Errorf("its receipt opens something: %v", err)
		}
	})
}
