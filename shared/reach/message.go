package reach

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach/channel"
)

// message is one text on its way to somebody.
type message struct {
	id      MessageID
	conv    ConversationID
	kind    string // "answer" or "notice"
	subject string
	once    string
	text    string
	lang    string
	level   int
	parts   int
	tries   int
	sealed  []byte
	address []byte
	wroteAt time.Time
	till    time.Time
	replies []channel.Reply // buttons, where the channel has any
	buttons []byte          // the same, sealed
}

// urgent messages go out at night and over the day's budget.
const urgentLevel = 2

// put keeps a message to be sent, in the caller's own transaction. A notice
// that was put before changes nothing.
func (s *Service) put(t *db.Tx, c *Conversation, m message) error {
	if m.kind == "notice" && !c.StoppedAt.IsZero() {
		return nil
	}
	if m.id.IsZero() {
		m.id = id.New[message](t.Now())
	}
	notBefore, valid := t.Now(), time.Duration(s.Rules.Valid.Answer)
	if m.kind == "notice" {
		valid = time.Duration(s.Rules.Valid.Notice)
		if m.level > urgentLevel {
			notBefore = s.Rules.awake(t.Now(), s.Zone)
		}
	}
	if c.Channel == channel.SMS {
		m.text = sms.Cheaper(m.text)
		m.parts, _ = sms.Count(m.text)
	} else {
		m.parts = 1
	}
	till := notBefore.Add(valid)
	if !m.till.IsZero() && m.till.Before(till) {
		till = m.till
	}
	buttons, err := s.sealReplies(m.id, m.replies)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO reach_message (id, conversation, channel, gateway, kind, subject, once, body, lang, level, parts, state, code, tries, made_at, not_before, valid_till, replies)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'waiting', '', 0, ?12, ?13, ?14, ?15) ON CONFLICT (once) DO NOTHING`,
		m.id, c.ID, string(c.Channel), c.Gateway, m.kind, m.subject, db.OrNull(m.once), s.vault.SealText(crypt.At("reach_message.body", m.id.String()), m.text),
		m.lang, m.level, m.parts, t.Now(), notBefore, till, buttons)
	t.After(s.wakeAll(c.Channel))
	return err
}

const (
	sendLease  = 3 * time.Minute
	sendBatch  = 32
	mostSends  = 10
	unsureWait = 15 * time.Minute
)

// Send sends what waits for a gateway: its own conversations' messages, and
// those that another gateway of the channel has failed to send. One person's
// messages go one after the other; one that hangs holds up nobody else's.
func (s *Service) Send(ctx context.Context, g *Gateway) error {
	l := lanes{of: map[ConversationID][]message{}, left: make(chan struct{}, 1)}
	defer l.all.Wait()
	for more := true; ctx.Err() == nil; {
		if room := sendBatch - l.held(); more && room > 0 {
			all, err := s.leaseMessages(ctx, g, room)
			if err != nil {
				return err
			}
			for _, m := range all {
				l.put(m, func(m message) {
					if g.pace.Wait(ctx) == nil { // else the lease runs out, and it is sent after the next start
						s.sendOne(ctx, g, m)
					}
				})
			}
			more = len(all) == room
			continue
		}
		if l.held() == 0 {
			return nil
		}
		select {
		case <-l.left:
		case <-s.nudge[g.Name]:
			more = true
		case <-time.After(time.Second): // the time of one that waits may have come
			more = true
		case <-ctx.Done():
		}
	}
	return nil
}

// lanes are the messages under way, each behind those to the same person.
type lanes struct {
	mu   sync.Mutex
	of   map[ConversationID][]message
	n    int
	all  sync.WaitGroup
	left chan struct{}
}

func (l *lanes) held() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *lanes) put(m message, send func(message)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	behind := l.of[m.conv]
	l.of[m.conv], l.n = append(behind, m), l.n+1
	if len(behind) > 0 {
		return
	}
	l.all.Go(func() {
		for ok := true; ok; m, ok = l.next(m.conv) {
			send(m)
		}
	})
}

// next takes off the message that was sent, and is the one behind it.
func (l *lanes) next(c ConversationID) (m message, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n--
	if l.of[c] = l.of[c][1:]; len(l.of[c]) > 0 {
		m, ok = l.of[c][0], true
	} else {
		delete(l.of, c)
	}
	select {
	case l.left <- struct{}{}:
	default:
	}
	return m, ok
}

func (s *Service) leaseMessages(ctx context.Context, g *Gateway, most int) (all []message, err error) {
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		all = nil
		if _, err := t.Exec(`UPDATE reach_message SET state = 'failed', code = 'too_late', done_at = ?1 WHERE state = 'waiting' AND channel = ?2 AND valid_till < ?1
			AND (leased_till IS NULL OR leased_till < ?1)`,
			t.Now(), string(g.Kind)); err != nil {
			return err
		}
		least, err := s.leastUrgent(t, g)
		if err != nil || least == 0 {
			return err
		}
		lock := ""
		if t.Postgres() {
			lock = " FOR UPDATE SKIP LOCKED"
		}
		notices := 4
		if s.Rules.awake(t.Now(), s.Zone) != t.Now() { // what was tried in vain, or held for the budget, waits for the morning too
			notices = urgentLevel
		}
		till := t.Now().Add(sendLease + time.Duration(s.lease.Add(1)%1000)*time.Microsecond) // names this lease among those of this process
		mine, err := db.List(t, db.Text, `UPDATE reach_message SET leased_till = ?1, tries = tries + 1, gateway = ?2 WHERE id IN (
				SELECT id FROM reach_message WHERE state = 'waiting' AND channel = ?3 AND level <= ?4 AND (kind = 'answer' OR level <= ?7) AND not_before <= ?5 AND (gateway = ?2 OR gateway = '' OR tries >= 2)
				AND (leased_till IS NULL OR leased_till < ?5) ORDER BY level, not_before, id LIMIT ?6`+lock+`) RETURNING id`,
			till, g.Name, string(g.Kind), least, t.Now(), most, notices)
		if err != nil || len(mine) == 0 {
			return err
		}
		all, err = db.List(t, func(r db.Row) (m message, err error) {
			return m, r.Scan(&m.id, &m.conv, &m.sealed, &m.lang, &m.kind, &m.parts, &m.tries, &m.address, db.Time(&m.wroteAt), db.Time(&m.till), &m.buttons)
		}, `SELECT m.id, m.conversation, m.body, m.lang, m.kind, m.parts, m.tries, c.address, c.wrote_at, m.valid_till, m.replies FROM reach_message m
			JOIN reach_conversation c ON c.id = m.conversation WHERE m.state = 'waiting' AND m.gateway = ?1 AND m.leased_till = ?2 ORDER BY m.level, m.not_before, m.id`, g.Name, till)
		// Another process may have leased some till the very same microsecond.
		all = slices.DeleteFunc(all, func(m message) bool { return !slices.Contains(mine, m.id.String()) })
		return err
	})
	return all, err
}

// leastUrgent is the least urgent level that may go out now: 0 is nothing,
// when somebody has put the gateway aside; over the day's budget only what is
// urgent goes.
func (s *Service) leastUrgent(t *db.Tx, g *Gateway) (int, error) {
	if aside, err := db.Has(t, `SELECT 1 FROM reach_gateway WHERE name = ?1 AND paused = 1`, g.Name); err != nil || aside {
		return 0, err
	}
	if g.PerDay == 0 {
		return 4, nil
	}
	over, err := db.Has(t, `SELECT 1 FROM reach_spent WHERE gateway = ?1 AND day = ?2 AND parts >= ?3`, g.Name, s.day(t.Now()), g.PerDay)
	if over {
		return urgentLevel, err
	}
	return 4, err
}

func (s *Service) day(at time.Time) string { return at.In(s.Zone).Format(time.DateOnly) }

func (s *Service) sendOne(ctx context.Context, g *Gateway, m message) {
	to, err := s.vault.OpenText(crypt.At("reach_conversation.address", m.conv.String()), m.address)
	if err == nil {
		m.text, err = s.vault.OpenText(crypt.At("reach_message.body", m.id.String()), m.sealed)
	}
	if err == nil {
		m.replies, err = s.openReplies(m.id, m.buttons)
	}
	if err != nil {
		s.report(err)
		s.report(s.settle(ctx, g, m, channel.Sent{}, channel.Wrong(channel.ErrRefused, "unreadable")))
		return
	}
	out := channel.Outgoing{ID: m.id.String(), To: to, Text: m.text, Lang: m.lang, ValidFor: m.till.Sub(s.h.DB.Now()),
		Answer: s.h.DB.Now().Sub(m.wroteAt) < answerWindow, Template: "notice", Args: []string{m.text}, Replies: m.replies}
	sent, err := g.Out.Send(ctx, out)
	s.report(s.settle(context.WithoutCancel(ctx), g, m, sent, err))
}

// answerWindow is how long after somebody wrote a chat lets one write back.
const answerWindow = 24*time.Hour - 5*time.Minute

// settle keeps what came of sending.
func (s *Service) settle(ctx context.Context, g *Gateway, m message, sent channel.Sent, problem error) error {
	code := channel.CodeOf(problem)
	if problem != nil && code == "" {
		code = "unknown"
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		again := t.Now().Add(time.Second << min(m.tries, 10))
		once, _ := g.Out.(channel.Once)
		switch {
		case problem == nil:
			return s.taken(t, g, m, sent)
		case errors.Is(problem, channel.ErrRefused):
			_, err := t.Exec(`UPDATE reach_message SET state = 'failed', code = ?1, leased_till = NULL, done_at = ?2 WHERE id = ?3 AND state = 'waiting'`, code, t.Now(), m.id)
			return err
		case errors.Is(problem, channel.ErrUnsure) && (once == nil || !once.SendsOnce()):
			_, err := t.Exec(`UPDATE reach_message SET state = 'unsure', code = ?1, leased_till = NULL, sent_at = ?2, done_at = ?2 WHERE id = ?3 AND state = 'waiting'`, code, t.Now(), m.id)
			return err
		}
		if p, ok := errors.AsType[*channel.Problem](problem); ok && p.Wait > 0 {
			again = t.Now().Add(p.Wait)
		}
		state := "waiting"
		if m.tries >= mostSends {
			state = "failed"
		}
		_, err := t.Exec(`UPDATE reach_message SET state = ?1, code = ?2, leased_till = NULL, not_before = ?3, done_at = CASE WHEN ?1 = 'failed' THEN ?4 ELSE done_at END WHERE id = ?5 AND state = 'waiting'`,
			state, code, again, t.Now(), m.id)
		return err
	})
}

func (s *Service) taken(t *db.Tx, g *Gateway, m message, sent channel.Sent) error {
	parts := max(sent.Parts, m.parts, 1)
	state := string(channel.Taken)
	early, err := db.List(t, db.Text, `SELECT state FROM reach_report WHERE gateway = ?1 AND (ref = ?2 OR ref = ?3) ORDER BY state`, g.Name, "ref:"+sent.Ref, "id:"+m.id.String())
	if err != nil {
		return err
	}
	for _, e := range early {
		if e == string(channel.Delivered) || e == string(channel.Failed) && state == string(channel.Taken) {
			state = e
		}
	}
	if _, err := t.Exec(`UPDATE reach_message SET state = ?1, code = '', ref = ?2, parts = ?3, leased_till = NULL, sent_at = ?4, done_at = ?4 WHERE id = ?5 AND state = 'waiting'`,
		state, db.OrNull(sent.Ref), parts, t.Now(), m.id); err != nil {
		return err
	}
	if _, err := t.Exec(`INSERT INTO reach_spent (gateway, day, parts, minor) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (gateway, day) DO UPDATE SET parts = reach_spent.parts + ?3, minor = reach_spent.minor + ?4`, g.Name, s.day(t.Now()), parts, parts*g.Minor); err != nil {
		return err
	}
	if lately(t, &g.sentAt) {
		_, err = t.Exec(`INSERT INTO reach_gateway (name, state, state_at, sent_at, paused) VALUES (?1, 'up', ?2, ?2, 0)
			ON CONFLICT (name) DO UPDATE SET sent_at = ?2`, g.Name, t.Now())
	}
	return err
}

// Became keeps what became of a message. What is delivered stays so, whatever
// is told after it.
func (b inbox) Became(ctx context.Context, r channel.Report) error {
	return b.s.h.DB.Write(ctx, func(t *db.Tx) error {
		if r.State != channel.Taken && r.State != channel.Delivered && r.State != channel.Failed {
			return nil
		}
		ref := "ref:" + r.Ref
		where, arg := `gateway = ?4 AND ref = ?5`, any(r.Ref)
		if r.ID != "" {
			mid, err := id.Parse[message](r.ID)
			if err != nil {
				return nil // no message of ours: it can be told as often as one likes
			}
			ref, where, arg = "id:"+r.ID, `gateway = ?4 AND id = ?5`, mid
		}
		n, err := t.Exec(`UPDATE reach_message SET state = ?1, code = ?2, done_at = ?3, leased_till = NULL WHERE `+where+`
			AND (state IN ('taken', 'unsure') OR state = 'waiting' AND leased_till IS NOT NULL AND ?1 <> 'taken' OR state = 'failed' AND ?1 = 'delivered')`,
			string(r.State), r.Code, t.Now(), b.g.Name, arg)
		if err != nil || n > 0 {
			return err
		}
		_, err = t.Exec(`INSERT INTO reach_report (gateway, ref, state, code, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (gateway, ref, state) DO NOTHING`,
			b.g.Name, ref, string(r.State), r.Code, t.Now())
		return err
	})
}

// unsettled are the messages that a gateway has taken lately and not told the
// end of.
func (s *Service) unsettled(ctx context.Context, g *Gateway) (ids []string) {
	s.report(s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		ids, err = db.List(t, db.Text, `SELECT id FROM reach_message WHERE gateway = ?1 AND state IN ('taken', 'unsure') AND made_at > ?2 ORDER BY made_at DESC LIMIT 1000`,
			g.Name, t.Now().Add(-24*time.Hour))
		return err
	}))
	return ids
}

// Sweep forgets what is of no use any more: texts of messages whose fate is
// known, and reports that nobody waited for.
func (s *Service) Sweep(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		day := t.Now().Add(-24 * time.Hour)
		if _, err := t.Exec(`UPDATE reach_message SET body = NULL, replies = NULL WHERE body IS NOT NULL AND state IN ('taken', 'delivered', 'dropped') AND done_at < ?1`, day); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM reach_report WHERE at < ?1`, day); err != nil {
			return err
		}
		return sweepIdle(t)
	})
}
