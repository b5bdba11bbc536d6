package app

import (
	"fmt"
	"path"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/spellings"
)

// setSpelling puts on stage what the doors of spellings are about.
func (s *stage) setSpelling(d module.Door, c *doorCall) {
	if !strings.HasPrefix(d.Path, "/spellings") {
		return
	}
	switch last := path.Base(d.Path); last {
	case "take-back", "bring-back":
		k := s.spelling()
		c.holes["id"] = k.String()
		if last == "bring-back" {
			s.must(s.h.Spelled.TakeBack(s.Context(), System("test"), k))
		}
	}
}

// letters is a number in letters: a spelling holds no long number.
func letters(n int) string {
	return strings.Map(func(r rune) rune { return 'k' + r - '0' }, fmt.Sprint(n))
}

// spelling is one that a dispatcher confirmed for a village of the home province.
func (s *stage) spelling() (k spellings.ID) {
	s.callers++
	by := actor.Actor{Account: id.New[actor.Account](s.h.DB.Now()), Channel: "web", Grants: []actor.Grant{{Role: actor.Dispatcher}}}
	s.must(s.h.Deeds.Do(s.Context(), by, spellings.DeedLearn, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return s.h.Spelled.Learn(t, "Bldat "+letters(s.callers), s.douars[0], "test")
	}))
	s.must(s.h.DB.Read(s.Context(), func(t *db.Tx) error {
		text, err := db.One(t, db.Text, `SELECT id FROM spellings_spelling WHERE key = ?1`, "bldat "+letters(s.callers))
		if err == nil {
			k, err = id.Parse[spellings.Spelling](text)
		}
		return err
	}))
	return k
}
