package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// knocks is how each visitor fares at a door that takes nothing.
func (s *stage) knocks(visitors []*visitor, path string) (codes map[string]int) {
	codes = map[string]int{}
	for _, v := range visitors {
		codes[v.name] = knock(s.handler, "GET", "/fr"+path, v.token, nil).Code
	}
	return codes
}

func TestTheVoiceOfACaseIsHeardByWhoeverMayOpenIt(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	owned := s.owned()
	s.writes("", aTone())
	s.must(s.h.Reach.Read(t.Context()))
	note := s.last(`SELECT id FROM reach_note WHERE subject = ''`)
	s.must(s.h.DB.Write(t.Context(), func(tx *db.Tx) error { return s.h.Reach.BindNotes(tx, cases.Subject(owned), []string{note}) }))
	got := s.knocks(visitors, "/notes/"+note)
	for name, want := range map[string]int{"passer-by": 401, "administrator": 403, "auditor": 403, "safeguarding": 403, "agent": 200, "dispatcher": 200,
		"coordinator": 200, "leader": 200, "wrong organisation": 403, "wrong territory": 403} {
		if got[name] != want {
			t.Errorf("the %s is answered %d and not %d", name, got[name], want)
		}
	}
	s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) error {
		n, err := db.One(tx, db.Int, `SELECT COUNT(*) FROM deed_record WHERE deed = 'reach.note.listen' AND subject = ?1`, cases.Subject(owned))
		if n != 5 { // the one that is to be suspended is not yet, here
			t.Errorf("five listened, and the journal of the case tells of %d", n)
		}
		return err
	}))
	if codes := s.knocks(visitors[3:5], "/cases/"+owned.String()); codes["dispatcher"] != 200 {
		t.Errorf("the case's own page answers %v", codes)
	}
}

func TestAPlayerMayAskForPartOfAVoice(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	s.wantsCall(nil)
	note := s.last(`SELECT id FROM reach_note WHERE subject <> ''`)
	r := httptest.NewRequest("GET", "/fr/notes/"+note, nil)
	r.Header.Set("Range", "bytes=0-3")
	for _, v := range visitors {
		if v.name == string(actor.Agent) {
			r.AddCookie(&http.Cookie{Name: "session", Value: v.token})
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusPartialContent || w.Body.String() != "RIFF" || w.Header().Get("Content-Type") != "audio/wav" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("it answers %d with %d bytes of %s", w.Code, w.Body.Len(), w.Header().Get("Content-Type"))
	}
}

func TestAReceiptIsFoundByThoseWhoMaySeeItsCaseAlone(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	owned := s.owned()
	var n receipt.Number
	s.must(s.h.DB.Read(t.Context(), func(tx *db.Tx) error {
		k, err := s.h.Cases.Get(tx, owned)
		if err == nil {
			n = k.Receipt
		}
		return err
	}))
	p := s.h.reachPorts()
	for _, v := range visitors {
		by := actor.Actor{Account: v.id, Channel: "web", Grants: v.grants}
		for i := range by.Grants {
			by.Grants[i].Recognised = true
		}
		subject, err := p.CaseOf(t.Context(), by, n)
		_, serr := p.MaySee(t.Context(), by, cases.Subject(owned))
		switch v.name {
		case "agent", "dispatcher", "crisis cell", "auditor":
			if err != nil || serr != nil || subject != cases.Subject(owned) {
				t.Errorf("the %s: %v, %v", v.name, err, serr)
			}
		case "wrong territory":
			if fault.KindOf(err) != fault.Missing || fault.KindOf(serr) != fault.Denied {
				t.Errorf("the %s: %v, %v", v.name, err, serr)
			}
		}
	}
}

func TestTheRecorderAloneMayUseTheMicrophone(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	for _, v := range visitors {
		if v.name != string(actor.Dispatcher) {
			continue
		}
		w := knock(s.handler, "GET", "/fr/prompts/shi/digit.4", v.token, nil)
		if h := w.Header(); w.Code != 200 || !strings.Contains(h.Get("Permissions-Policy"), "microphone=(self)") || !strings.Contains(h.Get("Content-Security-Policy"), "media-src 'self' blob:") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("the recorder answers %d, %v", w.Code, h)
		}
		w = knock(s.handler, "GET", "/fr/prompts/shi", v.token, nil)
		if h := w.Header(); w.Code != 200 || !strings.Contains(h.Get("Permissions-Policy"), "microphone=()") || strings.Contains(h.Get("Content-Security-Policy"), "blob:") {
			t.Errorf("the list answers %d, %v", w.Code, h)
		}
	}
}
