package app

import (
	"net/url"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
)

// setThrough puts what goes through somebody else: sheets of paper, and a person
// whom nobody has asked yet.
func (s *stage) setThrough(d module.Door, c *doorCall) {
	switch d.Path {
	case "/paper/sheets/{batch}":
		c.holes["batch"], _ = s.sheet()
	case "/paper/{number}":
		_, c.holes["number"] = s.sheet()
	case "/paper":
		_, n := s.sheet()
		c.form = url.Values{"number": {n}}
	case "/cases/{id}/consent":
		c.holes["id"] = s.unasked().String()
		c.form = url.Values{"how": {"spoken"}}
	case "/cases/{id}/share":
		c.form = url.Values{"share_word": {"olive tree"}}
	case "/news":
		c.form = url.Values{"who": {"0661000000"}, "word": {"olive tree"}}
	}
}

// sheet is a printed form: its batch, and the number on it.
func (s *stage) sheet() (batch, number string) {
	s.Helper()
	b, err := s.h.Cases.Print(s.Context(), actor.Actor{Channel: "web"}, "crisis_help", 1, "fr")
	s.must(err)
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) (err error) {
		number, err = db.One(t, db.Text, `SELECT number FROM cases_paper WHERE batch = ?1`, b)
		return err
	}))
	return b.String(), number
}

// unasked is a request that a helper made before its person could be asked.
func (s *stage) unasked() cases.CaseID {
	s.Helper()
	s.callers++
	a := forms.Answers{"need": []string{"rescue"}, "where": forms.Place{Code: s.douars[s.callers%len(s.douars)]}, "people": int64(3), "secret": "two olive trees"}
	out, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Answers: a, Lang: "fr", Channel: "helper",
		Help: &cases.Help{Kind: "neighbour", How: cases.HowToAsk, Text: "text_1", Lang: "fr"}})
	s.must(err)
	s.must(s.h.Cases.Claim(s.Context(), s.coordinator(), out.ID))
	return out.ID
}
