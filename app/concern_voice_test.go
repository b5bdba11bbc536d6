package app

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// whispered is a restricted request, and the voice that somebody left with it.
func (s *stage) whispered() (cases.CaseID, string) {
	s.Helper()
	cid := s.ask(forms.Answers{"fragile": []string{"child_alone"}})
	s.writes("", aTone())
	s.must(s.h.Reach.Read(s.Context()))
	note := s.last(`SELECT id FROM reach_note WHERE subject = ''`)
	s.must(s.h.DB.Write(s.Context(), func(t *db.Tx) error {
		return s.h.Reach.BindNotes(t, cases.ConcernSubject+cid.String(), []string{note})
	}))
	return cid, note
}

func TestTheVoiceOfAConcernIsHeardByTheTrainedAloneAndForAReason(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	cid, note := s.whispered()
	page, door := "/concerns/"+cid.String(), "/concerns/"+cid.String()+"/voices/"+note
	for name, code := range s.knocks(visitors, door) { // nobody said why
		want := 403
		if name == "passer-by" {
			want = 401
		}
		if code != want {
			t.Errorf("the %s is answered %d and not %d", name, code, want)
		}
	}
	for name, code := range s.knocks(visitors, "/notes/"+note) { // nor by the door of the voices of cases
		if code < 400 {
			t.Errorf("the %s hears it at another door: %d", name, code)
		}
	}
	for _, v := range visitors {
		trained := v.name == "safeguarding" || v.name == "wrong territory" // a concern has no place
		before := s.lines(cases.DeedConcernHear)
		if code := knock(s.handler, "POST", "/fr"+door, v.token, url.Values{"reason": {"boredom"}}).Code; code < 400 {
			t.Errorf("the %s hears without a reason: %d", v.name, code)
		}
		code := knock(s.handler, "POST", "/fr"+door, v.token, url.Values{"reason": {"find"}}).Code
		told := s.lines(cases.DeedConcernHear) - before
		if trained != (code == 303) || trained != (told == 1) {
			t.Errorf("the %s is answered %d, and the journal has %d lines", v.name, code, told)
		}
		w := knock(s.handler, "GET", "/fr"+door, v.token, nil)
		if trained != (w.Code == 200 && strings.HasPrefix(w.Body.String(), "RIFF")) {
			t.Errorf("the %s hears %d bytes (%d)", v.name, w.Body.Len(), w.Code)
		}
		if trained && !strings.Contains(knock(s.handler, "GET", "/fr"+page, v.token, nil).Body.String(), "<audio") {
			t.Errorf("the page of the %s has no player", v.name)
		}
	}
	other, _ := s.whispered()
	for _, v := range visitors {
		if v.name == "safeguarding" {
			if code := knock(s.handler, "POST", "/fr/concerns/"+other.String()+"/voices/"+note, v.token, url.Values{"reason": {"find"}}).Code; code != 404 {
				t.Errorf("the voice of another concern is opened: %d", code)
			}
		}
	}
}

func TestAVoiceOfAConcernClosesAgainAfterSomeMinutes(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	cid, note := s.whispered()
	door := "/fr/concerns/" + cid.String() + "/voices/" + note
	for _, v := range visitors {
		if v.name != "safeguarding" {
			continue
		}
		knock(s.handler, "POST", door, v.token, url.Values{"reason": {"safety"}})
		s.h.clock.(*clock.Held).Advance(11 * time.Minute)
		if w := knock(s.handler, "GET", door, v.token, nil); w.Code != 403 || bytes.HasPrefix(w.Body.Bytes(), []byte("RIFF")) {
			t.Errorf("eleven minutes later it answers %d", w.Code)
		}
	}
}

func TestTheVoiceOfAChildAloneGoesWithItsConcern(t *testing.T) {
	t.Parallel()
	s, _ := newStage(t)
	g := s.gateway()
	n := 0
	says := func(text string, sound []byte) {
		n++
		in := channel.Incoming{ID: id.New[stage](s.h.DB.Now()).String(), From: basicPhone, Text: text, Audio: sound, At: s.h.DB.Now()}
		if sound != nil {
			in.AudioType = "audio/wav"
		}
		s.must(s.h.Reach.Inbox(g).Heard(s.Context(), in))
		s.must(s.h.Reach.Read(s.Context()))
		s.h.clock.(*clock.Held).Advance(7 * time.Second)
	}
	says("bonjour", nil)
	says("1", nil)
	says("2 3", nil)
	says("", aTone()) // where it is, aloud
	says("3", nil)
	says("6", nil) // a child alone
	concern := s.last(`SELECT id FROM cases_concern`)
	if about := s.last(`SELECT subject FROM reach_note`); concern == "" || about != cases.ConcernSubject+concern {
		t.Errorf("the voice of concern %q speaks of %q", concern, about)
	}
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		held, err := db.One(t, db.Int, `SELECT COUNT(*) FROM reach_holder`)
		if held != 0 {
			s.Error("a concern stands in an open list")
		}
		return err
	}))
	s.h.clock.(*clock.Held).Advance(60 * 24 * time.Hour)
	s.must(s.h.Reach.Sweep(s.Context()))
	if s.last(`SELECT id FROM reach_note`) == "" {
		t.Error("the voice was forgotten before anybody heard it")
	}
}
