// Package reach lets anybody ask, follow and confirm without the internet: by
// text message from a basic phone, by a USSD menu, by a telephone menu, by a
// chat. One conversation over the service files serves them all; a channel
// only says it in its own way.
//
// Words: a Conversation is one person at one address of one channel. What is
// heard from them is kept before the network is thanked for it. A message out
// is an answer to what they wrote, or a notice of how their request stands.
// The Desk is whoever takes requests.
//
// What always holds: what somebody wrote is never lost and never makes two
// requests; nobody is refused for spelling, and whoever is not understood three
// times is called by a person; a notice is sent once; who says STOP gets no
// notice; addresses, texts and voices are sealed and stand in no log; what may
// have been sent is not sent again unless the gateway knows it for the same.
package reach

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

//go:embed schema/*.sql locale/*.json pages/*.html
var Files embed.FS

// Desk takes requests, and tells how they stand. app joins it to whoever does.
type Desk interface {
	// Services are those that take requests now, by digit.
	Services(ctx context.Context) ([]*service.Definition, error)
	// Ask takes a request in. The same ID again is the same request. What is wrong
	// with the answers comes back as fault.All.
	Ask(ctx context.Context, a Asking) (Asked, error)
	// Mine is what was asked from this very phone, or is held by this
	// conversation, and is not over long ago; the latest first.
	Mine(ctx context.Context, w Who) ([]Standing, error)
	// Open opens a receipt: without a word for the phone that asked, else with
	// what belongs to it, or with the word by which the family lets a relative have
	// news. fault.Missing when it does not fit, fault.Limited after
	// too many tries.
	Open(ctx context.Context, w Who, n receipt.Number, word string) (Standing, error)
	// Family opens what a family lets a relative know, by the family's phone
	// ("+212…") and the word that it told them; fault.Missing when it does not fit.
	Family(ctx context.Context, w Who, phone, word string) (Standing, error)
	// Answer takes "yes", "no" or "partly" from whoever Open or Mine let in.
	Answer(ctx context.Context, w Who, subject, answer string) error
	// Notice is what a case has to tell now, and to whom.
	Notice(ctx context.Context, subject string) (Notice, error)
	// CallBack is told that somebody wants to be called.
	CallBack(ctx context.Context, w Who, lang, spoken string, notes []string) error
}

// Asking is a request as a conversation makes it.
type Asking struct {
	ID      string
	Service string
	Answers forms.Answers
	Lang    string
	Channel channel.Kind
	Partly  bool     // required answers may be missing: somebody will ask
	Notes   []string // voice notes
	Conv    ConversationID
}

// Asked is what came of it.
type Asked struct {
	Case       string // its subject, "cases.case/…"; "" when only trained people see it
	Receipt    string
	Code       string // for whoever brings the help; "" when there is none to tell
	Restricted bool
}

// Standing is how a request stands, for whoever holds it.
type Standing struct {
	Case    string // its subject
	Receipt string
	State   string // sentence of the catalogue
	Waiting bool   // we wait for "did it arrive?"
	Late    bool   // nobody has come forward in time
	News    *News  // whoever asks is a relative: all that the family allows
}

// News is what a relative may know beside how a request stands.
type News struct {
	Since   time.Time
	Commune string // code; "" when it is not known
}

// Notice is a message of how a case stands.
type Notice struct {
	Send    bool   // there is something to tell
	Once    string // names the moment: told once
	Key     string // sentence of the catalogue
	Args    []any
	Code    string // for whoever brings the help, when it is to be told by now
	Lang    string
	Level   int
	Phone   string   // to whom, when no conversation holds the case
	Waiting bool     // it asks "did it arrive?"
	Told    bool     // the channel it came by has told it already
	Subject string   // the case it is of; "" is the one that moved
	Also    []Notice // what those hear whose requests were joined to it
}

type (
	// Conversation is one person at one address of one channel.
	Conversation struct {
		ID        ConversationID
		Channel   channel.Kind
		Gateway   string // the one they were last heard through
		Lang      string
		Spoken    string
		StoppedAt time.Time
		WroteAt   time.Time
		Talk      Talk
		Address   string // opened
		Asked     bool   // a question of Ask may be open
		revision  int64
	}
	ConversationID = id.Of[Conversation]
	MessageID      = id.Of[message]
	HeardID        = id.Of[heard]
	NoteID         = id.Of[note]
	CallID         = id.Of[Call]
	note           struct{}
	Call           struct{}
)

// Service is where people are reached.
type Service struct {
	h         *deed.House
	vault     *crypt.Vault
	places    *places.Gazetteer
	desk      Desk
	words     *lexicon
	engine    *engine
	Cat       *i18n.Catalogue // set when the house has its words
	Zone      *time.Location
	Rules     Rules
	Log       func(problem string, args ...any)
	Ports     Ports
	PromptDir string // where recordings are written for an exchange; "" is nowhere
	gateways  []*Gateway
	nudge     map[string]chan struct{} // "in", and one per gateway
	lease     atomic.Int64             // counts the leases of messages
	answers   map[string]HearAnswer    // by kind of question
	hearText  HearText                 // nil when nobody does
	recorded  recorded
	writing   sync.Mutex // of the files of recordings
	spool     *spool.Spool
	behind    queue    // senders whose messages wait in it
	tongues   spokenTo // what live sessions speak
}

// Gateway is one configured way.
type Gateway struct {
	Name      string
	Kind      channel.Kind
	Out       channel.Gateway // nil for live ways
	Runner    channel.Runner
	Hook      channel.Hook
	Live      channel.Live
	Caller    channel.Caller
	PerSecond float64 // messages at most; 0 is no bound
	PerDay    int     // parts at most; 0 is no bound
	Minor     int     // what one part costs, in minor units of the country's currency
	Number    string  // what people write to or call
	Simulated bool    // the far end is invented: a demonstration
	pace      *rate.Limiter
	heardAt   atomic.Int64 // when that was written down last
	sentAt    atomic.Int64
}

// New makes the service. Gateways join with Use, the desk with UseDesk.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, r Rules) (*Service, error) {
	words, err := readLexicon()
	if err != nil {
		return nil, err
	}
	s := &Service{h: h, vault: v, places: g, words: words, Rules: r, Zone: time.UTC, nudge: map[string]chan struct{}{"in": make(chan struct{}, 1)}}
	s.engine = &engine{places: g, words: words}
	return s, nil
}

// UseDesk, UseSense and Use are called while the house is built.
func (s *Service) UseDesk(d Desk) { s.desk, s.engine.desk = d, d }

// UseSense lets whole sentences be read; without it, single words are.
func (s *Service) UseSense(l *sense.Lexicon) { s.words.sense = l }

// Use adds a gateway.
func (s *Service) Use(g *Gateway) error {
	for _, x := range s.gateways {
		if x.Name == g.Name {
			return fmt.Errorf("reach: two gateways are called %q", g.Name)
		}
	}
	g.pace = rate.NewLimiter(rate.Inf, 1)
	if g.PerSecond > 0 {
		g.pace = rate.NewLimiter(rate.Limit(g.PerSecond), max(1, int(g.PerSecond)))
	}
	s.gateways = append(s.gateways, g)
	s.nudge[g.Name] = make(chan struct{}, 1)
	return nil
}

// Gateways is every gateway, in the order of the configuration.
func (s *Service) Gateways() []*Gateway { return s.gateways }

func (s *Service) gateway(name string) (*Gateway, bool) {
	for _, g := range s.gateways {
		if g.Name == name {
			return g, true
		}
	}
	return nil, false
}

func (s *Service) wake(what string) func() {
	return func() {
		select {
		case s.nudge[what] <- struct{}{}:
		default:
		}
	}
}

// wakeAll stirs every way out of a channel.
func (s *Service) wakeAll(k channel.Kind) func() {
	return func() {
		for _, g := range s.gateways {
			if g.Kind == k {
				s.wake(g.Name)()
			}
		}
	}
}

// Run works until ctx ends: it reads what came in, sends what goes out, and
// keeps the connections of gateways.
func (s *Service) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.every(ctx, "in", time.Second, s.Read) })
	for _, g := range s.gateways {
		if g.Out != nil {
			all.Go(func() { s.every(ctx, g.Name, time.Second, func(ctx context.Context) error { return s.Send(ctx, g) }) })
		}
		note := func(state string) { s.state(ctx, g.Name, state) }
		if w, ok := g.Out.(channel.Watcher); ok {
			w.Watch(s.unsettled(ctx, g)...)
		}
		if g.Runner != nil {
			all.Go(func() { s.report(g.Runner.Run(ctx, s.Inbox(g), note)) })
		}
		if g.Caller != nil {
			all.Go(func() { s.report(g.Caller.Run(ctx, s, note)) })
		}
	}
	all.Wait()
}

func (s *Service) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.h.Log.Error("reach", "problem", err.Error())
	}
}

// every does fn each time it is stirred, and at least once in a while.
func (s *Service) every(ctx context.Context, what string, pause time.Duration, fn func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			s.h.Log.Error("reach", "of", what, "problem", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.nudge[what]:
		}
	}
}

// state keeps how a gateway is doing, for the page of channels.
func (s *Service) state(ctx context.Context, gateway, state string) {
	s.report(s.h.DB.Write(context.WithoutCancel(ctx), func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO reach_gateway (name, state, state_at, paused) VALUES (?1, ?2, ?3, 0)
			ON CONFLICT (name) DO UPDATE SET state = ?2, state_at = ?3`, gateway, state, t.Now())
		return err
	}))
}

func (s *Service) printer(lang string) *i18n.Printer {
	p := s.Cat.For(i18n.Lang(lang), s.Zone)
	p.Now, p.National = s.h.DB.Now, s.places.Country().Phone.Prefix
	return p
}
