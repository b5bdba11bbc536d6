package reach

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// channelsPage is every way by which people are reached, and how it is doing.
type channelsPage struct {
	ui.Frame
	Gateways                       []GatewayCard
	Waiting, Unsent, Flood, Broken int64
	MayRead                        bool
}

// GatewayCard is one gateway as staff see it.
type GatewayCard struct {
	Name       string
	Kind       string
	Number     template.HTML // what people write to or call; "" when there is none
	Simulated  bool
	Sends      bool // it can be put aside
	Paused     bool
	MayTurn    bool // the reader may put it aside, or let it go on
	Up         bool
	Known      bool          // something was heard of it
	Trouble    template.HTML // what is wrong, in words where there are any
	Since      time.Time
	Heard      time.Time
	Sent       time.Time
	Waiting    int64
	Today      int64
	Parts      int64
	Minor      int64
	Currency   string
	PerDay     int64 // parts; 0 is no bound
	Left       int64
	SpentShare int // per cent of the day's budget
}

func (s *Service) channels(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &channelsPage{Frame: ui.Frame{Title: c.P.Text("reach.channels.title"), Kind: ui.Staff, Nav: "channels"},
		MayRead: deed.May(by, DeedHeardAgain) == nil}
	err := s.h.Look(c.Context(), by, DeedChannelSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		local := t.Now().In(s.Zone)
		all, err := conditions(t.Tx, s.day(t.Now()), time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.Zone))
		if err != nil {
			return err
		}
		for _, x := range all {
			p.Waiting += x.waiting
		}
		for _, g := range s.gateways {
			p.Gateways = append(p.Gateways, s.gatewayCard(c, g, all[g.Name]))
		}
		if p.Unsent, err = countUnsent(t.Tx); err != nil {
			return err
		}
		p.Flood, p.Broken, err = putAside(t.Tx)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("reach_channels", p)
}

func (s *Service) gatewayCard(c *web.Ctx, g *Gateway, x *condition) GatewayCard {
	if x == nil {
		x = &condition{}
	}
	k := GatewayCard{Name: g.Name, Kind: string(g.Kind), Simulated: g.Simulated, Sends: g.Out != nil, Paused: x.paused, MayTurn: g.Out != nil && deed.May(actor.From(c.Context()), DeedPause) == nil, Up: x.state == "up", Known: x.state != "",
		Since: x.since, Heard: x.heard, Sent: x.sent, Waiting: x.waiting, Today: x.today, Parts: x.parts, Minor: x.minor, Currency: s.places.Country().Currency, PerDay: int64(g.PerDay)}
	switch {
	case strings.HasPrefix(g.Number, "+"):
		k.Number = c.P.Phone(g.Number)
	case g.Number != "":
		k.Number = numeral(g.Number)
	}
	if !k.Up && k.Known {
		k.Trouble = codeWords(c, x.state)
	}
	if k.PerDay > 0 {
		k.Left, k.SpentShare = max(0, k.PerDay-x.parts), int(min(100, 100*x.parts/k.PerDay))
	}
	return k
}

// numeral is a code or a number that keeps its direction.
func numeral(s string) template.HTML {
	return template.HTML(`<bdi class="num">` + template.HTMLEscapeString(s) + `</bdi>`)
}

// codeWords is what a gateway's code means, where somebody put it into words,
// and the code itself.
func codeWords(c *web.Ctx, code string) template.HTML {
	k := "reach.code." + code
	switch {
	case code == "":
		return ""
	case c.Site.Cat.Has(k):
		return c.P.T(k)
	case strings.HasPrefix(code, "http_"):
		return c.P.T("reach.code.http", "code", numeral(strings.TrimPrefix(code, "http_")))
	}
	return c.P.T("reach.code.other", "code", numeral(code))
}

func (s *Service) pause(c *web.Ctx) error {
	if err := s.Pause(c.Context(), actor.From(c.Context()), c.R.PathValue("gateway")); err != nil {
		return err
	}
	c.Flash("reach.gateway.paused")
	return c.Seek("/channels")
}

func (s *Service) resume(c *web.Ctx) error {
	if err := s.Resume(c.Context(), actor.From(c.Context()), c.R.PathValue("gateway")); err != nil {
		return err
	}
	c.Flash("reach.gateway.resumed")
	return c.Seek("/channels")
}

func (s *Service) heardAgain(c *web.Ctx) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := s.HeardAgain(c.Context(), actor.From(c.Context()), f.Get("aside")); err != nil {
		return err
	}
	c.Flash("reach.heard.reading")
	return c.Seek("/channels")
}

// again shows a form again with what was wrong about it, or gives the error back.
func again(c *web.Ctx, f *ui.Frame, wrong error) (status int, err error) {
	if wrong == nil {
		return http.StatusOK, nil
	}
	errs, ok := c.FieldErrors(wrong)
	if !ok {
		return 0, wrong
	}
	f.Errors = errs
	return http.StatusUnprocessableEntity, nil
}

// Turn is the word of the address that puts a gateway aside, or lets it go on.
func (g GatewayCard) Turn() string {
	if g.Paused {
		return "resume"
	}
	return "pause"
}

// KindKey is the name of a channel.
func (g GatewayCard) KindKey() string { return kindKey(channel.Kind(g.Kind)) }

func kindKey(k channel.Kind) string { return "reach.kind." + string(k) }
