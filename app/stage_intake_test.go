package app

import (
	"fmt"
	"net/url"
	"path"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// setIntake puts on stage what the doors of triage are about.
func (s *stage) setIntake(d module.Door, c *doorCall) {
	if !about(d, "/triage") {
		return
	}
	c.holes["id"] = s.candidate()
	switch path.Base(d.Path) {
	case "again":
		s.must(s.h.Intake.SetAside(s.Context(), System("test"), candidateOf(c.holes["id"]), "other"))
	case "{id}":
		c.form = url.Values{"act": {"confirm"}, "need": {"shelter"}, "place_text": {"Asni"}}
	}
}

// candidateOf is the name of a candidate that was written down.
func candidateOf(text string) (k intake.CandidateID) {
	if err := k.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return k
}

// messages counts messages, so that each is another one.
var messages atomic.Int64

// candidate is a message that waits, of a place in the home province.
func (s *stage) candidate() string {
	at := time.Date(2023, 9, 9, 0, 0, 0, 0, time.UTC).Add(time.Duration(messages.Add(1)) * time.Minute)
	_, _, err := s.h.Intake.TakeFile(s.Context(), System("test"), fmt.Appendf(nil, "%s - Voisin: Asni : il faut 12 tentes\n", at.Format("02/01/2006, 15:04")), nil)
	s.must(err)
	var one string
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		one, err = db.One(t, db.Text, `SELECT id FROM intake_candidate ORDER BY said_at DESC LIMIT 1`)
		return err
	}))
	return one
}
