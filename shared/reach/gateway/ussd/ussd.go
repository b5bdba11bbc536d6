// Package ussd is how somebody with the simplest of phones and no credit asks
// for help: they dial a code, read a screen of a few lines, and press a digit.
//
// It speaks the form in which aggregators hand USSD sessions over HTTP, as
// Africa's Talking documents it (developers.africastalking.com, "USSD", read in
// 2026) and many others copy it. Each step is a POST of a form:
//
//	sessionId    the network's name of the session
//	phoneNumber  who dials, in E.164
//	serviceCode  what they dialled
//	networkCode  whose subscriber they are
//	text         all that they typed so far, joined by *; "" at first
//
// The answer is text/plain: "CON " and a screen that waits for an input, or
// "END " and a last one. When a session is over the aggregator may tell so in a
// form that has status (Success, Incomplete, Failed) and no text.
//
// The protocol has no signature. A call is believed when it carries the secret
// that the aggregator was given with the address, and comes from one of the
// aggregator's own addresses where they are known.
//
// What always holds: a step that is told twice is done once and answered twice
// alike, also when the second telling comes while the first is being answered;
// no number and no word of anybody is logged.
package ussd

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/reach/channel"
)

// Config is one aggregator.
type Config struct {
	Name string // of this gateway, for channel.Turn

	// Secret is what every call carries: in the header of that name, or, when
	// Header is "", as the path value "secret" of the door, or as the last piece
	// of its path. Without a secret nobody is believed.
	Secret string
	Header string

	// Allow is the addresses from which the aggregator calls; none is any. From
	// says where a call comes from; nil is its connection, which is right only
	// when no proxy stands before the house.
	Allow []netip.Prefix
	From  func(*http.Request) netip.Addr

	Prefix string // calling code of numbers written without one, "212"

	Keep   time.Duration // how long a session is remembered after its last step; 0 is 10 minutes
	Repeat time.Duration // how long an earlier step may still be repeated; 0 is 30 seconds
	Room   int           // how many sessions are remembered; 0 is 50,000
}

// Gateway answers the steps of sessions. It implements channel.Live.
type Gateway struct {
	cfg   Config
	clock clock.Clock
	log   *slog.Logger
	known *memory
}

var _ channel.Live = (*Gateway)(nil)

// New makes a gateway. It calls nobody, and so it cannot fail.
func New(cfg Config, c clock.Clock, log *slog.Logger) *Gateway {
	if cfg.Keep == 0 {
		cfg.Keep = 10 * time.Minute
	}
	if cfg.Repeat == 0 {
		cfg.Repeat = 30 * time.Second
	}
	if cfg.Room == 0 {
		cfg.Room = 50_000
	}
	if cfg.From == nil {
		cfg.From = connection
	}
	return &Gateway{cfg: cfg, clock: c, log: log.With("gateway", cfg.Name), known: newMemory(cfg.Room, cfg.Keep)}
}

func connection(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr()
}

// Live answers one step of a session, or hears that a session is over. What is
// not the aggregator's own is ErrForged, what cannot be read ErrGarbled; when
// the talker fails its error comes back, and the step can be told again.
func (g *Gateway) Live(ctx context.Context, r *http.Request, body []byte, with channel.Talker) (channel.Answer, error) {
	if code := g.forged(r); code != "" {
		return channel.Answer{}, channel.Wrong(channel.ErrForged, code)
	}
	c, err := read(body)
	if err != nil {
		return channel.Answer{}, err
	}
	s := g.known.session(c.session, g.clock.Now())
	if err := s.take(ctx); err != nil {
		return channel.Answer{}, channel.Wrong(channel.ErrBusy, "still_answering")
	}
	defer s.leave()
	if c.over {
		return channel.Answer{}, g.ended(ctx, s, c, with)
	}
	return g.step(ctx, s, c, with)
}

// forged says why a call is not believed, or "".
func (g *Gateway) forged(r *http.Request) string {
	said := r.Header.Get(g.cfg.Header)
	if g.cfg.Header == "" {
		if said = r.PathValue("secret"); said == "" {
			said = path.Base(r.URL.Path)
		}
	}
	// Compared by their digests, so that the length takes no different time either.
	is, want := sha256.Sum256([]byte(said)), sha256.Sum256([]byte(g.cfg.Secret))
	if subtle.ConstantTimeCompare(is[:], want[:]) != 1 || g.cfg.Secret == "" {
		return "secret"
	}
	if len(g.cfg.Allow) == 0 {
		return ""
	}
	from := g.cfg.From(r).Unmap().WithZone("")
	for _, p := range g.cfg.Allow {
		if p.Contains(from) {
			return ""
		}
	}
	return "address"
}

func (g *Gateway) step(ctx context.Context, s *session, c call, with channel.Talker) (channel.Answer, error) {
	now := g.clock.Now()
	if answer, ok := s.repeated(c.text, now, g.cfg.Repeat); ok {
		return plainText(answer), nil
	}
	keys, begins := s.next(c.text)
	turn := g.turn(s, c)
	turn.New, turn.Keys = begins, keys
	said, err := with.Talk(ctx, turn)
	if err != nil {
		return channel.Answer{}, err
	}
	if used, room := Room(said.Text); used > room {
		g.log.Error("ussd: a screen is too long", "used", used, "room", room)
	}
	answer := "CON " + said.Text
	if said.End {
		answer = "END " + said.Text
	}
	s.from = turn.From
	s.answered(c.text, answer, begins, said.End, now)
	return plainText(answer), nil
}

// ended tells once that somebody hung up, or that the session was lost. After
// an END there is nothing to tell.
func (g *Gateway) ended(ctx context.Context, s *session, c call, with channel.Talker) error {
	if s.gone || s.over || c.fine && !s.begun {
		s.over = true
		return nil
	}
	turn := g.turn(s, c)
	turn.Gone = true
	if _, err := with.Talk(ctx, turn); err != nil {
		return err
	}
	s.begun, s.gone, s.over = true, true, true
	return nil
}

func (g *Gateway) turn(s *session, c call) channel.Turn {
	from := g.number(c.number)
	if from == "" {
		from = s.from
	}
	return channel.Turn{Kind: channel.USSD, Gateway: g.cfg.Name, Session: c.session, From: from}
}

// number reads who dials, "" when it is withheld or says nothing. Aggregators
// that do not escape the + of +212… send a space in its place.
func (g *Gateway) number(raw string) string {
	if rest, ok := strings.CutPrefix(raw, " "); ok {
		raw = "+" + rest
	}
	n, err := phone.Parse(raw, g.cfg.Prefix)
	if err != nil {
		return ""
	}
	return n.String()
}

func plainText(s string) channel.Answer {
	return channel.Answer{Type: "text/plain; charset=utf-8", Body: []byte(s)}
}
