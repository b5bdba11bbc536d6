package reach

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach/channel"
)

const (
	writer   = "+212661234567"
	seenCase = ofCases + "01900000-0000-7000-8000-0000000000aa"
	farCase  = ofCases + "01900000-0000-7000-8000-0000000000bb"
)

// staffed fills the ports: seenCase is the doer's to see and hear, farCase is not.
func (r *rig) staffed() {
	number, err := receipt.Parse("482719064")
	r.must(err)
	only := func(subject string) error {
		if subject != seenCase {
			return fault.New(fault.Denied, "error.denied_here")
		}
		return nil
	}
	r.Ports.MaySee = func(_ context.Context, _ actor.Actor, subject string) (receipt.Number, error) {
		return number, only(subject)
	}
	r.Ports.MayHear = func(_ context.Context, _ actor.Actor, subject string) error { return only(subject) }
	r.Ports.CaseOf = func(_ context.Context, _ actor.Actor, n receipt.Number) (string, error) {
		if n != number {
			return "", fault.New(fault.Missing, "cases.track.no_match")
		}
		return seenCase, nil
	}
}

// refused says which kind of refusal an error has to be.
func (r *rig) refused(err error, kind fault.Kind, what string) {
	r.Helper()
	if fault.KindOf(err) != kind || err == nil {
		r.Errorf("%s: %v", what, err)
	}
}

func TestAPausedGatewaySendsNothingUntilItIsResumed(t *testing.T) {
	rigs(t, func(r *rig) {
		by := as(actor.CrisisCell)
		r.must(r.Pause(r.Context(), by, "mast"))
		r.must(r.Pause(r.Context(), by, "mast")) // a second press is welcome
		r.says(writer, "سلام")
		r.work()
		r.stand("waiting")
		r.refused(r.Resume(r.Context(), as(actor.Dispatcher), "mast"), fault.Denied, "a dispatcher resumed")
		r.refused(r.Pause(r.Context(), by, "nowhere"), fault.Missing, "a gateway that is none was paused")
		r.must(r.Resume(r.Context(), as(actor.Administrator), "mast"))
		r.work()
		r.stand("taken")
		if p, q := r.told(DeedPause, "reach.gateway/mast"), r.told(DeedResume, "reach.gateway/mast"); p != 1 || q != 1 {
			r.Errorf("the journal tells %d times of pausing and %d of resuming", p, q)
		}
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
			all, err := conditions(t, r.day(r.now.Now()), noon.Add(-12*time.Hour))
			if c := all["mast"]; c == nil || c.paused || c.today != 1 || c.parts < 1 || c.waiting != 0 || c.heard.IsZero() {
				r.Errorf("its condition is %+v", c)
			}
			return err
		}))
	})
}

func TestWhatWasPutAsideIsReadAgainWhenSomebodySaysSo(t *testing.T) {
	rigs(t, func(r *rig) {
		by := as(actor.Dispatcher)
		r.says(writer, "سلام")
		r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`UPDATE reach_heard SET state = 'broken', tries = 8`)
			return err
		}))
		r.work()
		r.stand()
		r.refused(r.HeardAgain(r.Context(), by, "done"), fault.Invalid, "what was read was read again")
		r.refused(r.HeardAgain(r.Context(), as(actor.Auditor), "broken"), fault.Denied, "an auditor changed something")
		r.must(r.HeardAgain(r.Context(), by, "flood")) // there is none
		r.must(r.HeardAgain(r.Context(), by, "broken"))
		r.work()
		r.stand("taken")
		if n, m := r.told(DeedHeardAgain, "reach.heard/broken"), r.told(DeedHeardAgain, "reach.heard/flood"); n != 1 || m != 0 {
			r.Errorf("the journal tells %d times of it, and %d of nothing", n, m)
		}
	})
}

// failed is the identifiers of what could not be sent, the oldest first.
func (r *rig) failed() (all []MessageID) {
	r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
		list, err := listUnsent(t, mark{}, 100)
		for _, m := range list {
			all = append([]MessageID{m.id}, all...)
		}
		return err
	}))
	return all
}

func TestAMessageThatFailedIsSentAgainOnceOrLeft(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		by := as(actor.Dispatcher)
		r.mast.net.Fail(channel.Faults{Refuse: 3})
		for _, from := range []string{writer, "+212661234568", "+212661234569"} {
			r.says(from, "سلام")
			r.work()
			r.now.Advance(time.Second)
		}
		all := r.failed()
		if len(all) != 3 {
			r.Fatalf("%d messages failed", len(all))
		}
		r.refused(r.SendAgain(r.Context(), as(actor.Administrator), all[:1]), fault.Denied, "an administrator sent again")
		r.refused(r.SendAgain(r.Context(), by, nil), fault.Invalid, "none was sent again")
		r.now.Advance(10 * time.Hour) // far beyond the time of use
		r.must(r.SendAgain(r.Context(), by, all[:2]))
		r.must(r.SendAgain(r.Context(), by, all[:2])) // they wait already: nothing happens
		r.must(r.LetGo(r.Context(), by, all[2:]))
		r.work()
		r.stand("taken", "taken", "dropped no_such_number")
		for _, phone := range []string{writer, "+212661234568"} {
			if got := r.on(phone); len(got) != 1 {
				r.Errorf("%d messages arrived", len(got))
			}
		}
		if n := r.told(DeedSendAgain, "reach.message/"+all[0].String()); n != 1 {
			r.Errorf("the journal tells %d times of sending again", n)
		}
		if n := r.told(DeedLetGo, "reach.message/"+all[2].String()); n != 1 {
			r.Errorf("the journal tells %d times of leaving it", n)
		}
		if len(r.failed()) != 0 {
			r.Error("the page still shows them")
		}
	})
}

func TestAMessageAboutACaseBeyondTheirReachIsNobodysToSendAgain(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		r.mast.net.Fail(channel.Faults{Refuse: -1})
		r.notice(seenCase, "moved", writer, 1)
		r.now.Advance(time.Second)
		r.notice(farCase, "moved", "+212661234568", 1)
		r.work()
		r.mast.net.Fail(channel.Faults{})
		all := r.failed()
		if len(all) != 2 {
			r.Fatalf("%d messages failed", len(all))
		}
		by := as(actor.Dispatcher)
		r.refused(r.SendAgain(r.Context(), by, all), fault.Denied, "both were sent again")
		if len(r.failed()) != 2 {
			r.Error("one of two was sent all the same")
		}
		r.refused(r.LetGo(r.Context(), by, all[1:]), fault.Denied, "the far one was left")
		r.must(r.SendAgain(r.Context(), by, all[:1]))
		r.work()
		if got := r.on(writer); len(got) != 1 {
			r.Errorf("%d messages arrived", len(got))
		}
	})
}

func TestNothingIsSentAgainToWhoSaidStop(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		r.mast.net.Fail(channel.Faults{Refuse: 1})
		r.notice(seenCase, "moved", writer, 1)
		r.work()
		r.text(writer, "stop")
		all := r.failed()
		if len(all) != 1 {
			r.Fatalf("%d messages failed", len(all))
		}
		r.refused(r.SendAgain(r.Context(), as(actor.Dispatcher), all), fault.Conflict, "it was sent again")
		r.must(r.LetGo(r.Context(), as(actor.Dispatcher), all))
		if got := r.on(writer); len(got) != 1 { // the answer to stop
			r.Errorf("%d messages arrived", len(got))
		}
	})
}

// waits is somebody who wants to be called, with one voice note.
func (r *rig) waits() (CallID, NoteID) {
	var c *Conversation
	nid := id.New[note](r.now.Now())
	r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) (err error) {
		if c, err = r.converse(t, channel.Voice, "mast", writer, "ar"); err != nil {
			return err
		}
		return r.keepNote(t, nid, c.ID, channel.Note{Type: "audio/wav", Bytes: []byte("a voice"), Seconds: 7})
	}))
	r.must(r.WantCall(r.Context(), Who{Kind: channel.Voice, Phone: writer, Conv: c.ID}, "ar", "shi", []string{nid.String()}))
	var cid CallID
	r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
		all, err := r.listWanted(t, 10)
		cid = all[len(all)-1].id
		return err
	}))
	return cid, nid
}

func TestACallIsTakenByOneAndItsNumberOpensForThemAlone(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		cid, _ := r.waits()
		one, other := as(actor.Agent), as(actor.Dispatcher)
		_, err := r.RevealCall(r.Context(), one, cid, "call")
		r.refused(err, fault.Conflict, "a number opened to somebody who had not taken the call on")
		r.must(r.TakeCall(r.Context(), one, cid))
		r.must(r.TakeCall(r.Context(), one, cid))
		r.refused(r.TakeCall(r.Context(), other, cid), fault.Conflict, "a second took it")
		_, err = r.RevealCall(r.Context(), other, cid, "call")
		r.refused(err, fault.Conflict, "a number opened to a second")
		_, err = r.RevealCall(r.Context(), one, cid, "curiosity")
		r.refused(err, fault.Invalid, "a number opened for no reason")
		number, err := r.RevealCall(r.Context(), one, cid, "call")
		r.must(err)
		if number != writer {
			r.Error("another number opened")
		}
		if n := r.told(DeedCallReveal, ofCall+cid.String()); n != 1 {
			r.Errorf("the journal tells %d times of opening it", n)
		}
		if strings.Contains(r.log.String(), writer) {
			r.Error("the number stands in the log")
		}
		r.now.Advance(callLease + time.Second)
		r.must(r.TakeCall(r.Context(), other, cid)) // nobody holds a person up for ever
		r.refused(r.FinishCall(r.Context(), one, cid, "reached", ""), fault.Conflict, "whoever was too slow finished it")
		r.must(r.FinishCall(r.Context(), other, cid, "reached", ""))
		r.refused(r.TakeCall(r.Context(), one, cid), fault.Conflict, "what is over was taken again")
	})
}

func TestWhoDoesNotAnswerIsCalledAgainLater(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		cid, _ := r.waits()
		by := as(actor.Agent)
		r.must(r.TakeCall(r.Context(), by, cid))
		r.refused(r.FinishCall(r.Context(), by, cid, "", ""), fault.Invalid, "it ended without a result")
		r.must(r.FinishCall(r.Context(), by, cid, "no_answer", ""))
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
			w, err := r.getWanted(t, cid)
			if w.state != "waiting" || w.tries != 1 || !w.due.Equal(r.now.Now().Add(time.Duration(r.Rules.CallBack.Within))) || !w.account.IsZero() {
				r.Errorf("it stands as %s after %d tries, due %v", w.state, w.tries, w.due)
			}
			return err
		}))
	})
}

func TestACallThatBecameARequestGivesItsVoiceToTheCaseAndTellsItsCaller(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		cid, nid := r.waits()
		by := as(actor.Agent)
		r.must(r.TakeCall(r.Context(), by, cid))
		for _, typed := range []string{"", "482719063", "123456782", "48271906"} {
			err := r.FinishCall(r.Context(), by, cid, "asked", typed)
			f, ok := err.(*fault.Fault)
			if !ok || f.Field != "receipt" {
				r.Errorf("the receipt %q was answered with %v", typed, err)
			}
		}
		r.must(r.FinishCall(r.Context(), by, cid, "asked", "٤٨٢ ٧١٩ ٠٦٤"))
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
			notes, err := r.NotesOf(t, seenCase)
			if len(notes) != 1 || notes[0].ID != nid || notes[0].Seconds != 7 {
				r.Errorf("the case has the notes %v", notes)
			}
			return err
		}))
		if n := r.count(`reach_holder WHERE subject = ?1`, seenCase); n != 1 {
			r.Error("the caller does not hear of it")
		}
		if n := r.told(DeedCallFinish, ofCall+cid.String()); n != 1 {
			r.Errorf("the journal tells %d times of it", n)
		}
	})
}

func TestAVoiceIsHeardByThoseItIsMeantForAndTheJournalTellsWho(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		_, nid := r.waits()
		var about string
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) (err error) { about, err = subjectOfNote(t, nid); return err }))
		if !strings.HasPrefix(about, ofCall) {
			r.Fatalf("the note speaks of %q", about)
		}
		_, _, err := r.Listen(r.Context(), as(actor.Coordinator), nid)
		r.refused(err, fault.Denied, "an association heard somebody who waits for a call")
		_, _, err = r.Listen(r.Context(), as(actor.Auditor), nid)
		r.refused(err, fault.Denied, "an auditor heard it")
		for range 3 { // a player asks in pieces
			media, sound, err := r.Listen(r.Context(), as(actor.Agent), nid)
			r.must(err)
			if media != "audio/wav" || string(sound) != "a voice" {
				r.Errorf("%s: %q", media, sound)
			}
		}
		if n := r.told(DeedListen, about); n != 1 {
			r.Errorf("the journal tells %d times of one listening", n)
		}
		r.now.Advance(oneListening + time.Second)
		_, _, err = r.Listen(r.Context(), as(actor.Agent), nid)
		r.must(err)
		if n := r.told(DeedListen, about); n != 2 {
			r.Errorf("the journal tells %d times of two", n)
		}
		give := func(to string) {
			r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error { return r.BindNotes(t, to, []string{nid.String()}) }))
		}
		give(farCase)
		_, _, err = r.Listen(r.Context(), as(actor.Agent), nid)
		r.refused(err, fault.Denied, "the voice of a case beyond their reach was heard")
		give(seenCase)
		_, _, err = r.Listen(r.Context(), as(actor.Coordinator), nid)
		r.must(err)
		if n := r.told(DeedListen, seenCase); n != 1 {
			r.Errorf("the case's journal tells %d times of it", n)
		}
		give("")
		_, _, err = r.Listen(r.Context(), as(actor.Agent), nid)
		r.refused(err, fault.Missing, "a voice that speaks of nothing was heard")
	})
}

func TestANoteThatIsForgottenTakesItsListenersWithIt(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		_, nid := r.waits()
		_, _, err := r.Listen(r.Context(), as(actor.Agent), nid)
		r.must(err)
		r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`DELETE FROM reach_note WHERE id = ?1`, nid)
			return err
		}))
		if n := r.count(`reach_listened`); n != 0 {
			r.Errorf("%d listeners are left", n)
		}
	})
}

func TestTheLastUnsentOfAPageLeadsToTheNext(t *testing.T) {
	t.Parallel()
	m := mark{noon.Add(time.Microsecond), "01900000-0000-7000-8000-000000000001"}
	if again := readMark(m.String()); !again.at.Equal(m.at) || again.id != m.id {
		t.Errorf("%v became %v", m, again)
	}
	for _, bad := range []string{"", "~", "1~", "x~01900000-0000-7000-8000-000000000001", "1~'; DROP TABLE reach_message"} {
		if m := readMark(bad); m.id != "" {
			t.Errorf("%q was read as %v", bad, m)
		}
	}
}
