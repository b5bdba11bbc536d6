package reach

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// joined waits for the other parts of a long message, in whatever order they
// come. whole is false while one is missing.
func (s *Service) joined(ctx context.Context, x heard, own string) (text string, all []HeardID, whole bool, err error) {
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		all = nil // it may run again
		others, err := db.List(t, func(r db.Row) (y heard, err error) {
			return y, r.Scan(&y.id, &y.sealed, &y.part, db.Time(&y.at))
		}, `SELECT id, body, part, heard_at FROM reach_heard WHERE address_key = ?1 AND channel = ?2 AND series = ?3 AND parts = ?4 AND state = 'waiting' AND heard_at > ?5 ORDER BY heard_at, id`,
			x.key, string(x.channel), int64(x.series), x.parts, x.at.Add(-joinWithin))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(others, func(y heard) bool { return y.id == x.id }) {
			return nil // it went with the others already
		}
		pieces := map[int]string{}
		for _, y := range others {
			say, err := s.openHeard(y)
			if err != nil {
				return err
			}
			if _, twice := pieces[y.part]; !twice {
				pieces[y.part] = say.Text
			}
			all = append(all, y.id)
		}
		whole = len(pieces) >= x.parts
		if late := t.Now().Sub(x.at) > joinWait; !whole && !late { // look again soon: better a part than nothing
			_, err := t.Exec(`UPDATE reach_heard SET leased_till = NULL, run_at = ?1, tries = 0 WHERE id = ?2`, x.at.Add(joinWait+time.Second), x.id)
			return err
		}
		whole = true
		var b strings.Builder
		for n := 1; n <= x.parts; n++ {
			if p, ok := pieces[n]; ok {
				b.WriteString(p)
			} else {
				b.WriteString(" … ")
			}
		}
		text = b.String()
		return nil
	})
	return text, all, whole, err
}

// How long the parts of one message are waited for, and how far apart two
// series of one number must lie to be two messages.
const (
	joinWait   = 2 * time.Minute
	joinWithin = 10 * time.Minute
)

// Finish sends requests that stopped half-way as far as they are known.
func (s *Service) Finish(ctx context.Context) error {
	var all []ConversationID
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = unfinished(t, t.Now().Add(-time.Duration(s.Rules.Silence.After)), 100)
		return err
	})
	for _, cid := range all {
		err = errors.Join(err, s.finishOne(ctx, cid))
	}
	return err
}

func (s *Service) finishOne(ctx context.Context, cid ConversationID) error {
	var c *Conversation
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { c, err = s.getConversation(t, cid); return err })
	if err != nil {
		return err
	}
	def, err := s.engine.service(ctx, c.Talk.Serves)
	if err != nil || !worthFiling(c.Talk, def.Bind.Phone) {
		c.Talk.rest()
		return s.answer(ctx, c, Said{}, nil)
	}
	out, err := s.engine.file(ctx, s.who(c), &c.Talk, def, true)
	if err != nil {
		return err
	}
	return s.answer(ctx, c, out, nil)
}

// worthFiling says whether somebody told anything beyond their number.
func worthFiling(t Talk, phone string) bool {
	for name := range t.Given {
		if name != phone {
			return true
		}
	}
	return len(t.Notes) > 0
}
