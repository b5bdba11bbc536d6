package reach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach/channel"
)

// heard is one message, or one part of one, as it came in.
type heard struct {
	id      HeardID
	gateway string
	channel channel.Kind
	key     []byte
	sealed  []byte
	series  uint16
	part    int
	parts   int
	at      time.Time
	tries   int
}

// spoken is what is sealed of it.
type spoken struct {
	From     string  `json:"from"`
	Text     string  `json:"text,omitempty"`
	HasPoint bool    `json:"has_point,omitempty"`
	Lat      float64 `json:"lat,omitempty"`
	Lon      float64 `json:"lon,omitempty"`
	Note     string  `json:"note,omitempty"`
	Step     string  `json:"step,omitempty"` // of the button that was tapped
}

// inbox is one gateway's way in.
type inbox struct {
	s *Service
	g *Gateway
}

// Inbox is the way in of a gateway.
func (s *Service) Inbox(g *Gateway) channel.Inbox { return inbox{s, g} }

// Heard keeps what came in. When it returns nil, it is on the disk; the same
// message told twice is one.
func (b inbox) Heard(ctx context.Context, in channel.Incoming) error {
	if in.ID == "" && in.At.IsZero() { // so that it has one name, whether it waits or not
		in.At = b.s.h.DB.Now()
	}
	w := waiting{b.g.Name, in}
	if _, err := b.s.address(b.g.Kind, in.From); err == nil && b.s.aside(ctx, w) {
		return b.s.besides(w)
	}
	err := b.write(ctx, in)
	if b.s.spool == nil || !db.IsAway(err) {
		return err
	}
	return b.s.besides(w)
}

func (b inbox) write(ctx context.Context, in channel.Incoming) error {
	s := b.s
	from, err := s.address(b.g.Kind, in.From)
	if err != nil {
		return fmt.Errorf("%w: the sender's address", channel.ErrGarbled)
	}
	hid := id.New[heard](s.h.DB.Now())
	say := spoken{From: from, Text: clip(in.Text, 4000), HasPoint: in.HasPoint, Lat: in.Lat, Lon: in.Lon, Step: in.Step}
	nid := id.New[note](s.h.DB.Now())
	if len(in.Audio) > 0 {
		say.Note = nid.String()
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		plain, err := json.Marshal(say)
		if err != nil {
			return err
		}
		run, state, err := s.pace(t, b.g.Kind, from)
		if err != nil {
			return err
		}
		fresh, err := t.Exec(`INSERT INTO reach_heard (id, gateway, name, channel, address_key, body, series, part, parts, state, heard_at, run_at, tries)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0) ON CONFLICT (gateway, name) DO NOTHING`,
			hid, b.g.Name, s.nameOf(in, from), string(b.g.Kind), s.addressKey(b.g.Kind, from), s.vault.Seal(crypt.At("reach_heard.body", hid.String()), plain),
			int64(in.Series), in.Part, in.Parts, state, t.Now(), run)
		if err != nil || fresh == 0 {
			return err
		}
		if say.Note == "" && !strings.HasPrefix(from, "name:") { // here it costs little; a moment later, a transaction of its own
			if err := s.begun(t, b.g.Kind, b.g.Name, from, ""); err != nil {
				return err
			}
		}
		if say.Note != "" {
			c, err := s.converse(t, b.g.Kind, b.g.Name, from, "")
			if err != nil {
				return err
			}
			if err := s.keepNote(t, nid, c.ID, channel.Note{Type: in.AudioType, Bytes: in.Audio}); err != nil {
				return err
			}
		}
		t.After(s.wake("in"))
		return b.g.spoke(t)
	})
}

// spoke writes down that something came through a gateway.
func (g *Gateway) spoke(t *db.Tx) error {
	if !lately(t, &g.heardAt) {
		return nil
	}
	_, err := t.Exec(`INSERT INTO reach_gateway (name, state, state_at, heard_at, paused) VALUES (?1, 'up', ?2, ?2, 0)
		ON CONFLICT (name) DO UPDATE SET heard_at = ?2`, g.Name, t.Now())
	return err
}

// lately says whether it is time to write down again that a gateway works: every
// few seconds, because one row that each message writes is one that all wait for.
func lately(t *db.Tx, was *atomic.Int64) bool {
	now := t.Now().UnixMicro()
	if age := now - was.Load(); age >= 0 && age < int64(5*time.Second/time.Microsecond) {
		return false
	}
	t.After(func() { was.Store(now) })
	return true
}

// nameOf is what a message is known by when it is told again. A network that
// gives no name gets one from what it said, when it said when.
func (s *Service) nameOf(in channel.Incoming, from string) string {
	if in.ID != "" {
		return "id:" + in.ID
	}
	moment := ""
	if !in.At.IsZero() {
		moment = strconv.FormatInt(in.At.UnixMicro(), 10)
	} else {
		moment = strconv.FormatInt(s.h.DB.Now().UnixMicro(), 10)
	}
	return fmt.Sprintf("of:%x", s.vault.Index("reach heard", strings.Join([]string{from, in.To, in.Text, moment, strconv.Itoa(int(in.Series)), strconv.Itoa(in.Part)}, "\x00")))
}

// address is how a sender is known: a phone in one spelling, a chat as it is.
func (s *Service) address(k channel.Kind, from string) (string, error) {
	switch k {
	case channel.Telegram:
		if from == "" {
			return "", errors.New("empty")
		}
		return from, nil
	}
	n, err := phone.Parse(from, s.places.Country().Phone.Prefix)
	if err == nil {
		return string(n), nil
	}
	// Not a number that can be called back, such as a short code or a bank's
	// name: it is answered by nobody, and must not end the conversation of others.
	if from == "" || len(from) > 64 {
		return "", err
	}
	if k == channel.WhatsApp { // somebody who hides their number has a name of the network's instead
		return from, nil
	}
	return "name:" + from, nil
}

// pace slows down whoever writes more than a person can by hand, without
// holding up anybody else: their messages wait, and far too many are kept for
// a person to look at.
func (s *Service) pace(t *db.Tx, k channel.Kind, from string) (run time.Time, state string, err error) {
	n, err := db.One(t, db.Int, `SELECT COUNT(*) FROM (SELECT 1 FROM reach_heard WHERE address_key = ?1 AND heard_at > ?2 LIMIT ?3) lately`,
		s.addressKey(k, from), t.Now().Add(-time.Hour), s.Rules.Flood.PerHour)
	if err != nil {
		return run, "", err
	}
	if n >= int64(s.Rules.Flood.PerHour) {
		return t.Now(), "flood", nil
	}
	if n >= int64(s.Rules.Flood.PerMinute) {
		m, err := db.One(t, db.Int, `SELECT COUNT(*) FROM reach_heard WHERE address_key = ?1 AND heard_at > ?2`, s.addressKey(k, from), t.Now().Add(-time.Minute))
		if over := m - int64(s.Rules.Flood.PerMinute); err != nil || over >= 0 {
			return t.Now().Add(time.Duration(over+1) * time.Minute / time.Duration(s.Rules.Flood.PerMinute)), "waiting", err
		}
		slowed, err := db.List(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) }, `SELECT run_at FROM reach_heard
			WHERE address_key = ?1 AND heard_at > ?2 AND state = 'waiting' AND parts < 2 AND tries = 0 AND run_at > ?3 ORDER BY run_at DESC LIMIT 1`,
			s.addressKey(k, from), t.Now().Add(-time.Hour), t.Now())
		if err != nil || len(slowed) > 0 { // never before what they wrote earlier
			return append(slowed, t.Now())[0], "waiting", err
		}
	}
	return t.Now(), "waiting", nil
}
