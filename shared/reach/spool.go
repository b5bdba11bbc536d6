package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/reach/channel"
)

// How messages and callers are named among what lies in the spool.
const (
	heardKind  = "reach.heard"
	callerKind = "reach.caller"
)

// waiting is a message that came in while the store did not answer.
type waiting struct {
	Gateway string           `json:"gateway"`
	Said    channel.Incoming `json:"said"`
}

// stranded is somebody in a live session that could not go on because the store
// did not answer: their number, and what they said aloud.
type stranded struct {
	Kind    channel.Kind  `json:"kind"`
	Gateway string        `json:"gateway"`
	Session string        `json:"session"`
	From    string        `json:"from"` // E.164
	Lang    string        `json:"lang,omitempty"`
	Spoken  string        `json:"spoken,omitempty"`
	Note    *channel.Note `json:"note,omitempty"`
}

// UseSpool is called while the house is built, before the spool is opened: a
// message that comes while the store does not answer waits there, and so does
// the number of whoever calls.
func (s *Service) UseSpool(x *spool.Spool) {
	s.spool = x
	x.Take(heardKind, s.takeIn, func(item spool.Item) {
		var w waiting
		if json.Unmarshal(item.Body, &w) == nil {
			s.behind.more(w.sender())
		}
	})
	x.Take(callerKind, s.takeStranded, nil)
}

// queue is whose messages wait in the spool, and how many: what they write next
// waits behind them, so that they are read in the order in which they wrote.
type queue struct {
	mu sync.Mutex
	of map[string]int
}

func (q *queue) more(sender string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil {
		q.of = map[string]int{}
	}
	q.of[sender]++
}

func (q *queue) less(sender string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of[sender]--; q.of[sender] <= 0 {
		delete(q.of, sender)
	}
}

func (q *queue) has(sender string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.of[sender] > 0
}

func (w waiting) sender() string { return w.Gateway + "\x00" + w.Said.From }

// aside tells whether a message goes beside the store at once: an earlier one of
// the same sender waits there, or may, or more comes than the store can take.
func (s *Service) aside(ctx context.Context, w waiting) bool {
	return s.spool != nil && (!s.spool.Recalled() || s.behind.has(w.sender()) || web.Pressed(ctx))
}

// besides keeps a message beside the store. When it returns nil, it is on this
// machine's disk.
func (s *Service) besides(w waiting) error {
	s.behind.more(w.sender()) // before the disk has it: the next one must not overtake it
	err := s.spool.Keep(heardKind, s.h.DB.Now(), w)
	if err != nil {
		s.behind.less(w.sender())
	}
	return err
}

// takeIn brings a message from the spool into the store; the same one twice is one.
func (s *Service) takeIn(ctx context.Context, x spool.Item) error {
	var w waiting
	if err := json.Unmarshal(x.Body, &w); err != nil {
		return err
	}
	g, ok := s.gateway(w.Gateway)
	if !ok { // it is no longer configured: the message waits until it is
		return fmt.Errorf("reach: no gateway is called %q", w.Gateway)
	}
	err := inbox{s, g}.write(ctx, w.Said)
	if err == nil {
		s.behind.less(w.sender())
	}
	return err
}

// strand ends a live session that cannot go on without the store, and keeps the
// number and what was recorded: somebody calls. Whoever is on the line is told
// so, in the language they were spoken to, else in the country's.
func (s *Service) strand(in channel.Turn, from string, cause error) (channel.Said, error) {
	lang, spoken := s.spokeWith(from)
	x := stranded{Kind: in.Kind, Gateway: in.Gateway, Session: in.Session, From: from, Lang: lang, Spoken: spoken, Note: in.Noted}
	if err := s.spool.Keep(callerKind, s.h.DB.Now(), x); err != nil {
		s.report(err)
		return channel.Said{}, cause // nothing is promised that is not on the disk
	}
	say := say("reach.live.kept")
	if in.Kind == channel.Voice && !s.Has(s.heardIn(spoken), say.Key) { // not recorded yet: what every exchange has says the same
		say.Key = "reach.call.coming"
	}
	return s.farewell(in.Kind, lang, spoken, say), nil
}

// heardIn is the language in which the exchange speaks to whoever chose none.
func (s *Service) heardIn(spoken string) string {
	if all := s.places.Country().Spoken; spoken == "" && len(all) > 0 {
		return all[0].Code
	}
	return spoken
}

// spokenTo remembers in which language whoever is in a live session is spoken to,
// for the moment in which the store cannot tell. It is in memory alone.
type spokenTo struct {
	mu sync.Mutex
	of map[string]tongue // by number
}

type tongue struct {
	lang, spoken string
	at           time.Time
}

// mostTongues is more sessions than a machine of this size leads at once.
const mostTongues = 20_000

func (s *Service) speaks(c *Conversation) {
	m := &s.tongues
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.of) >= mostTongues || m.of == nil {
		m.of = map[string]tongue{}
	}
	m.of[c.Address] = tongue{c.Talk.tag(), c.Talk.Spoken, s.h.DB.Now()}
}

// tongueLasts is how long a session is taken for the same.
const tongueLasts = time.Hour

func (s *Service) spokeWith(from string) (lang, spoken string) {
	m := &s.tongues
	m.mu.Lock()
	defer m.mu.Unlock()
	if x, ok := m.of[from]; ok && s.h.DB.Now().Sub(x.at) < tongueLasts {
		return x.lang, x.spoken
	}
	return s.places.Country().Default, ""
}

// away tells whether a turn failed because the store did not answer, and can be
// kept beside it.
func (s *Service) away(err error) bool {
	return s.spool != nil && (db.IsAway(err) || fault.KindOf(err) == fault.Away)
}
