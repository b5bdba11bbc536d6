package room

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const theWords = "La piste d’Aghbar est coupée, rappeler Brahim à 9 h"

func TestANoteGoesFromOneShiftToTheNextAndIsSigned(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		salma, idder := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "07.041"), x.somebody("Idder", actor.Dispatcher, actor.OrganisationID{}, "07.041")
		desk := Desk{Area: "07.041"}.Slot()
		status, _, to := x.post(salma, "/en/handover", "desk", desk, "hours", "12", "words", theWords)
		if status != 303 || !x.world.since.Equal(morning.Add(-12*time.Hour)) {
			t.Fatalf("%d, since %s", status, x.world.since)
		}
		x.clock.Advance(time.Minute)
		_, page, _ := x.get(idder, to)
		if strings.Contains(page, "Aghbar") || !strings.Contains(said(page), "12 overdue") || !strings.Contains(said(page), "Open and read") {
			t.Errorf("before it is opened: %s", said(page))
		}
		nid, err := id.Parse[noteKind](strings.TrimPrefix(to, "/en/handover/"))
		x.must(err)
		x.refused(x.SignNote(x.ctx, idder, nid), "room.note.read_first")
		_, page, _ = x.post(idder, to+"/read")
		if !strings.Contains(said(page), "Aghbar") || !strings.Contains(said(page), "Sign that you have read it") {
			t.Errorf("opened: %s", said(page))
		}
		x.must(x.SignNote(x.ctx, idder, nid))
		x.must(x.SignNote(x.ctx, idder, nid)) // a retry is welcome
		x.refused(x.SignNote(x.ctx, salma, nid), "room.note.signed_already")
		if _, page, _ := x.get(salma, "/en/handover"); !strings.Contains(said(page), "Idder") {
			t.Errorf("the list does not say who signed: %s", said(page))
		}
		if x.lines(DeedNoteWrite) != 1 || x.lines(DeedNoteRead) != 1 || x.lines(DeedNoteSign) != 1 {
			t.Error("a line is missing, or doubled")
		}
		if n := x.count(`SELECT COUNT(*) FROM deed_record WHERE told LIKE '%Aghbar%'`); n != 0 {
			t.Error("the journal tells the words")
		}
	})
}

func TestOneNoteOfADeskWaitsAtATime(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		salma, idder := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, ""), x.somebody("Idder", actor.Agent, actor.OrganisationID{}, "")
		desk := Desk{}.Slot()
		first, err := x.WriteNote(x.ctx, salma, desk, "one", 8)
		x.must(err)
		_, _, err = x.ReadNote(x.ctx, idder, first)
		x.must(err)
		again, err := x.WriteNote(x.ctx, salma, desk, "two", 8)
		if x.must(err); again != first {
			t.Error("written anew, it is another note")
		}
		x.refused(x.SignNote(x.ctx, idder, first), "room.note.read_first") // what they read is no longer what stands there
		_, err = x.WriteNote(x.ctx, idder, desk, "mine", 8)
		x.refused(err, "room.note.waits")
		_, words, err := x.ReadNote(x.ctx, idder, first)
		if x.must(err); words != "two" {
			t.Errorf("it says %q", words)
		}
		x.refused(x.SignNote(x.ctx, salma, first), "room.note.own")
		x.must(x.SignNote(x.ctx, idder, first))
		_, err = x.WriteNote(x.ctx, idder, desk, "mine", 8)
		x.must(err)
		_, err = x.WriteNote(x.ctx, salma, desk, "late", 3)
		x.refused(err, "room.note.hours_missing")
		_, err = x.WriteNote(x.ctx, salma, desk, strings.Repeat("x", maxWords+1), 8)
		x.refused(err, "room.note.long")
	})
}

func TestANoteIsSealedAndReadAtItsOwnDeskOnly(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		ours, theirs := id.New[actor.Organisation](morning), id.New[actor.Organisation](morning)
		salma := x.somebody("Salma", actor.Coordinator, ours, "07.041")
		nid, err := x.WriteNote(x.ctx, salma, Desk{"07.041", ours}.Slot(), theWords, 8)
		x.must(err)
		if x.world.org != ours {
			t.Error("an organisation's note tells of the work of others")
		}
		x.read(func(tx *db.Tx) error {
			n, err := getNote(tx, nid)
			if strings.Contains(string(n.Sealed), "Aghbar") || strings.Contains(packFacts(n.Facts), "Aghbar") {
				t.Error("its words lie open")
			}
			return err
		})
		for _, other := range []actor.Actor{x.somebody("Yuba", actor.Dispatcher, theirs, "07.041"), x.somebody("Tilila", actor.Dispatcher, ours, "09.001"), x.somebody("Aziz", actor.CrisisCell, actor.OrganisationID{}, "")} {
			_, _, err := x.ReadNote(x.ctx, other, nid)
			x.refused(err, "error.missing")
			x.refused(x.SignNote(x.ctx, other, nid), "error.missing")
			if status, _, _ := x.get(other, "/en/handover/"+nid.String()); status != 404 {
				t.Errorf("%s opens it: %d", other.Name, status)
			}
			if _, page, _ := x.get(other, "/en/handover"); strings.Contains(page, nid.String()) {
				t.Errorf("%s sees it in the list", other.Name)
			}
		}
		if _, err := x.WriteNote(x.ctx, salma, Desk{"09.001", ours}.Slot(), "x", 8); asFault(err) == nil || asFault(err).Key != "room.note.desk_missing" {
			t.Errorf("a note of a desk that is not theirs: %v", err)
		}
	})
}

func TestNotesAreForgottenWhenTheCountrySays(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		salma, idder := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, ""), x.somebody("Idder", actor.Dispatcher, actor.OrganisationID{}, "")
		nid, err := x.WriteNote(x.ctx, salma, Desk{}.Slot(), theWords, 8)
		x.must(err)
		_, _, err = x.ReadNote(x.ctx, idder, nid)
		x.must(err)
		x.clock.Advance(time.Duration(x.Rules.Notes.Forget) - time.Minute)
		x.must(x.ForgetNotes(x.ctx))
		if x.count(`SELECT COUNT(*) FROM room_note`) != 1 {
			t.Fatal("forgotten too early")
		}
		x.clock.Advance(2 * time.Minute)
		x.must(x.ForgetNotes(x.ctx))
		if x.count(`SELECT COUNT(*) FROM room_note`) != 0 || x.count(`SELECT COUNT(*) FROM room_note_read`) != 0 {
			t.Error("not forgotten")
		}
	})
}
