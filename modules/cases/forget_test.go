package cases

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
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

func TestAFileThatNobodyTakesInIsForgottenAndOneThatWasIsNot(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		k := w.places.Country().Keep
		by := w.staff(actor.Dispatcher, "")
		file := func() ImportID {
			iid := id.New[importKind](w.clock.Now())
			w.must(w.keepImport(t.Context(), by, iid, "Aicha.csv", Mapping{Code: "x", Service: "crisis_help"}, []byte("id,need\n1,food\n"), 1))
			return iid
		}
		has := func(iid ImportID) (there bool, errors []byte) {
			w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				all, err := db.List(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT errors FROM cases_import WHERE id = ?1`, iid)
				if there = len(all) == 1; there {
					errors = all[0]
				}
				return err
			}))
			return there, errors
		}
		left, taken := file(), file()
		w.must(w.h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cases_import SET state = 'done', body = NULL, failed = 1, errors = ?1, done_at = ?2 WHERE id = ?3`, []byte("sealed"), tx.Now(), taken)
			return err
		}))
		w.clock.Advance(k.Imports.For() - time.Second)
		young := file()
		w.must(w.ForgetImports(t.Context()))
		if there, _ := has(left); !there {
			t.Fatal("forgotten before its time")
		}
		w.clock.Advance(time.Second)
		w.must(w.ForgetImports(t.Context()))
		if there, _ := has(left); there {
			t.Error("a file that nobody took in is kept")
		}
		if there, _ := has(young); !there {
			t.Error("a young one is gone")
		}
		if there, errors := has(taken); !there || !bytes.Equal(errors, []byte("sealed")) {
			t.Error("the failed rows of a file that was taken in are gone before their time")
		}
		w.clock.Advance(k.FailedRows.For())
		w.must(w.ForgetImports(t.Context()))
		w.must(w.ForgetImports(t.Context()))
		if there, errors := has(taken); !there || errors != nil {
			t.Error("failed rows are kept for ever, or what was done is forgotten with them")
		}
		for iid, want := range map[ImportID]string{left: `{"rows":1,"file":"preview"}`, taken: `{"rows":1,"file":"done"}`} {
			if lines := w.trailOf("cases.import/" + iid.String()); len(lines) != 1 || lines[0] != "cases.import.forget by system:retention "+want {
				t.Errorf("the journal has %v", lines)
			}
		}
	})
}
