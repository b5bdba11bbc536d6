package reach

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
)

// Readers is how many people are read at once; one person is read in order.
const readers = 8

const readLease = 2 * time.Minute

// Read reads what came in until nothing waits.
func (s *Service) Read(ctx context.Context) error {
	for ctx.Err() == nil {
		all, known, err := s.leaseHeard(ctx)
		if err != nil || len(all) == 0 {
			return err
		}
		var order []string
		of := map[string][]heard{}
		for _, x := range all {
			k := string(x.channel) + string(x.key)
			if len(of[k]) == 0 {
				order = append(order, k)
			}
			of[k] = append(of[k], x)
		}
		var wg sync.WaitGroup
		slots := make(chan struct{}, readers)
		for _, k := range order {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				for i, x := range of[k] {
					var c *Conversation
					if i == 0 { // the one before has changed it for any other
						c = known[k]
					}
					if !s.readOne(ctx, x, c) && x.tries <= patient {
						s.putBack(ctx, of[k][i+1:])
						return
					}
				}
			})
		}
		wg.Wait()
	}
	return nil
}

// leaseHeard takes messages to be read, and the conversations that they belong
// to, by channel and key of the address.
func (s *Service) leaseHeard(ctx context.Context) (all []heard, known map[string]*Conversation, err error) {
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		lock := ""
		if t.Postgres() {
			lock = " FOR UPDATE SKIP LOCKED"
		}
		all, err = db.List(t, func(r db.Row) (x heard, err error) {
			return x, r.Scan(&x.id, &x.gateway, &x.channel, &x.key, &x.sealed, &x.series, &x.part, &x.parts, db.Time(&x.at), &x.tries)
		}, `UPDATE reach_heard SET leased_till = ?1, tries = tries + 1 WHERE id IN (
				SELECT id FROM reach_heard h WHERE state = 'waiting' AND run_at <= ?2 AND (leased_till IS NULL OR leased_till < ?2)
				AND NOT EXISTS (SELECT 1 FROM reach_heard e WHERE e.address_key = h.address_key AND e.heard_at > ?3 AND (e.heard_at, e.id) < (h.heard_at, h.id)
					AND e.channel = h.channel AND e.state = 'waiting' AND (e.leased_till > ?2 OR e.run_at > ?2 AND e.tries BETWEEN 1 AND ?4))
				ORDER BY run_at, heard_at, id LIMIT 64`+lock+`)
			RETURNING id, gateway, channel, address_key, body, series, part, parts, heard_at, tries`, t.Now().Add(readLease), t.Now(), t.Now().Add(-joinWithin), patient)
		if err != nil || len(all) == 0 {
			return err
		}
		slices.SortFunc(all, func(a, b heard) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id.String(), b.id.String())) })
		theirs, err := db.List(t, s.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE id IN (
			SELECT c.id FROM reach_heard h JOIN reach_conversation c ON c.channel = h.channel AND c.address_key = h.address_key WHERE h.state = 'waiting' AND h.leased_till = ?1)`, t.Now().Add(readLease))
		known = map[string]*Conversation{}
		for _, c := range theirs {
			known[string(c.Channel)+string(s.addressKey(c.Channel, c.Address))] = c
		}
		return err
	})
	return all, known, err
}

// mostReads is how often a message is tried before a person looks at it. What
// the same person wrote after it waits for the first few of these, a quarter of
// a minute: an answer read before its question would be taken for another.
const (
	mostReads = 8
	patient   = 3
)

// putBack leaves messages for the next time.
func (s *Service) putBack(ctx context.Context, all []heard) {
	if len(all) == 0 {
		return
	}
	s.report(s.h.DB.Write(context.WithoutCancel(ctx), func(t *db.Tx) error {
		for _, x := range all {
			if _, err := t.Exec(`UPDATE reach_heard SET leased_till = NULL, tries = tries - 1 WHERE id = ?1 AND state = 'waiting'`, x.id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// readOne says whether a message was read, and when it is tried again if not.
func (s *Service) readOne(ctx context.Context, x heard, c *Conversation) bool {
	err := s.read(ctx, x, c)
	if err == nil {
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	s.h.Log.Error("a message could not be read", "heard", x.id.String(), "tries", x.tries, "problem", err.Error())
	s.report(s.h.DB.Write(ctx, func(t *db.Tx) error {
		state := "waiting"
		if x.tries >= mostReads {
			state = "broken"
		}
		_, err := t.Exec(`UPDATE reach_heard SET state = ?1, leased_till = NULL, run_at = ?2 WHERE id = ?3 AND state = 'waiting'`, state, t.Now().Add(time.Second<<min(x.tries, 8)), x.id)
		return err
	}))
	return false
}

func (s *Service) openHeard(x heard) (say spoken, err error) {
	plain, err := s.vault.Open(crypt.At("reach_heard.body", x.id.String()), x.sealed)
	if err == nil {
		err = json.Unmarshal(plain, &say)
	}
	return say, err
}

// read takes one message into its conversation; c is that, nil when it must be
// looked up.
func (s *Service) read(ctx context.Context, x heard, c *Conversation) error {
	say, err := s.openHeard(x)
	if err != nil {
		return err
	}
	done := []HeardID{x.id}
	if x.parts > 1 {
		text, all, whole, err := s.joined(ctx, x, say.Text)
		if err != nil || !whole {
			return err
		}
		say.Text, done = text, all
	}
	if strings.HasPrefix(say.From, "name:") { // nobody to answer
		return s.h.DB.Write(ctx, func(t *db.Tx) error { return finishHeard(t, done) })
	}
	return s.turn(ctx, x, c, say, done)
}

// turn leads the conversation one step on. What the desk was told in it is
// told under the same identifier if this is done again.
func (s *Service) turn(ctx context.Context, x heard, c *Conversation, say spoken, done []HeardID) error {
	if c == nil {
		err := s.h.DB.Write(ctx, func(t *db.Tx) (err error) { c, err = s.converse(t, x.channel, x.gateway, say.From, ""); return err })
		if err != nil {
			return err
		}
	}
	c.Gateway = x.gateway
	wrote := c.WroteAt
	s.forget(c)
	if out, handled := s.stopOrStart(c, say.Text); handled {
		return s.answer(ctx, c, out, done)
	}
	c.StoppedAt = time.Time{} // who writes wants an answer
	if phone := s.who(c).Phone; s.hearText != nil && phone != "" {
		lines, handled, err := s.hearText(ctx, x.id.String(), phone, say.Text)
		if err != nil {
			return err
		}
		if handled {
			return s.answer(ctx, c, Said{Lines: lines}, done)
		}
	}
	if c.Asked {
		if out, handled, err := s.answersQuestion(ctx, x, c, wrote, say.Text); err != nil || handled {
			if err != nil {
				return err
			}
			return s.answer(ctx, c, out, done)
		}
	}
	was := c.Talk.At
	e := *s.engine
	e.newCase = func() string {
		return id.Derive[requestKind](x.at, s.vault.Index("reach request", x.id.String())).String()
	}
	old, err := s.outdated(ctx, &c.Talk, say.Step)
	if err != nil {
		return err
	}
	var out Said
	if old {
		out, err = e.again(ctx, s.who(c), &c.Talk)
	} else {
		out, err = e.hear(ctx, s.who(c), &c.Talk, Turn{Text: say.Text, HasPoint: say.HasPoint, Lat: say.Lat, Lon: say.Lon, Note: say.Note})
	}
	if err != nil {
		return err
	}
	if c.Asked && was != hall && was != menu && c.Talk.At == hall {
		if out.Lines, err = s.stillOpen(ctx, c, out.Lines); err != nil {
			return err
		}
	}
	return s.answer(ctx, c, out, done)
}

// forget begins anew after a long silence. A question whether help came stays.
func (s *Service) forget(c *Conversation) {
	if now := s.h.DB.Now(); c.Talk.At != confirming && !c.WroteAt.IsZero() && now.Sub(c.WroteAt) > time.Duration(s.Rules.Silence.Forget) {
		c.Talk.rest()
	}
	c.WroteAt = s.h.DB.Now()
}

func (s *Service) who(c *Conversation) Who {
	w := Who{Kind: c.Channel, Conv: c.ID}
	if strings.HasPrefix(c.Address, "+") {
		w.Phone = c.Address
	}
	return w
}

func (s *Service) answer(ctx context.Context, c *Conversation, out Said, done []HeardID) error {
	lines, replies := s.replies(c.Channel, c.Talk.tag(), out.Lines)
	for i := range replies {
		replies[i].Step = s.step(&c.Talk)
	}
	text := s.render(c, lines)
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.keep(t, c); err != nil {
			return err
		}
		if !c.StoppedAt.IsZero() { // nor what was to be told in the morning
			if _, err := t.Exec(`UPDATE reach_message SET state = 'dropped', code = 'stopped', done_at = ?1 WHERE conversation = ?2 AND kind = 'notice' AND state = 'waiting'
				AND (leased_till IS NULL OR leased_till < ?1)`, t.Now(), c.ID); err != nil {
				return err
			}
		}
		if text != "" {
			if err := s.put(t, c, message{kind: "answer", text: text, lang: c.Lang, level: 1, replies: replies}); err != nil {
				return err
			}
		}
		if c.Asked {
			if err := s.closeAndAsk(t, c, done); err != nil {
				return err
			}
		}
		return finishHeard(t, done)
	})
}

// finishHeard forgets what was said: it is in the request now, or was answered.
func finishHeard(t *db.Tx, all []HeardID) error {
	for _, x := range all {
		if _, err := t.Exec(`UPDATE reach_heard SET state = 'done', body = NULL, done_at = ?1, leased_till = NULL WHERE id = ?2`, t.Now(), x); err != nil {
			return err
		}
	}
	return nil
}
