package reach

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach/channel"
)

// DeedHook is a gateway calling us. Whether it is who it says is its own
// package's to find out.
var DeedHook = deed.Deed{Name: "reach.gateway.call", Open: true}

// mostHook bounds what a gateway may send at once, a voice note included.
const mostHook = 4 << 20

// Manifest is this package as the house sees it. tells are the deeds on a case
// after which its holder may have something to hear; erases are those after
// which its person is forgotten.
func (s *Service) Manifest(tells, erases []string) module.Manifest {
	m := module.Manifest{Name: "reach", Files: Files, Deeds: append([]deed.Deed{DeedHook, DeedNotice, DeedWantCall, DeedAskPhone}, staffDeeds...), Gallery: gallery(), Say: s.Say,
		Doors: []module.Door{
			{API: true, Method: "POST", Path: "/reach/{gateway}", Deed: DeedHook, MaxBody: mostHook, Handle: s.hook},
			{API: true, Method: "GET", Path: "/reach/{gateway}", Deed: DeedHook, Handle: s.hook},
		},
		Sealed: []crypt.Column{{Table: "reach_conversation", Column: "address"}, {Table: "reach_conversation", Column: "talk"}, {Table: "reach_heard", Column: "body"},
			{Table: "reach_message", Column: "body"}, {Table: "reach_note", Column: "body"},
			{Table: "reach_question", Column: "body"}, {Table: "reach_message", Column: "replies"}, {Table: "reach_campaign", Column: "body"}},
		Chores: []module.Chore{
			{Name: "reach.finish", Every: time.Minute, Do: s.Finish},
			{Name: "reach.turns", Every: time.Minute, Do: s.Turns},
			{Name: "reach.sweep", Every: time.Hour, Do: s.Sweep},
			{Name: "reach.prompts", Every: time.Hour, Do: s.KeepPrompts},
		},
		Checks: []module.Check{
			{Name: "a message that was sent was put once for its moment", Find: doubled},
			{Name: "what was read is forgotten", Find: kept},
		},
	}
	m.Doors = append(m.Doors, s.staffDoors()...)
	for _, word := range tells {
		m.Hears = append(m.Hears, module.Hearing{Word: word, Do: s.Tell, When: s.anybody})
	}
	for _, word := range erases {
		m.Hears = append(m.Hears, module.Hearing{Word: word, Do: s.Forget})
	}
	return m
}

// anybody says whether there is a way out at all.
func (s *Service) anybody() bool { return len(s.gateways) > 0 }

// hook lets a gateway in.
func (s *Service) hook(c *web.Ctx) error {
	g, ok := s.gateway(c.R.PathValue("gateway"))
	if !ok || g.Hook == nil && g.Live == nil {
		return fault.New(fault.Missing, "error.missing")
	}
	body, err := io.ReadAll(c.R.Body)
	if err != nil {
		return fault.New(fault.Invalid, "error.unreadable")
	}
	var a channel.Answer
	if g.Live != nil {
		a, err = g.Live.Live(c.Context(), c.R, body, s)
	} else {
		a, err = g.Hook.Hook(c.Context(), c.R, body, s.Inbox(g))
	}
	if err != nil {
		return s.refuseHook(c, g, err)
	}
	if a.Type != "" {
		c.W.Header().Set("Content-Type", a.Type)
	}
	c.W.WriteHeader(max(a.Status, http.StatusOK))
	_, err = c.W.Write(a.Body)
	return err
}

func (s *Service) refuseHook(c *web.Ctx, g *Gateway, problem error) error {
	status := http.StatusServiceUnavailable // the gateway tries again
	switch {
	case errors.Is(problem, channel.ErrForged):
		status = http.StatusForbidden
	case errors.Is(problem, channel.ErrGarbled):
		status = http.StatusBadRequest
	}
	s.h.Log.Warn("a gateway was refused", "gateway", g.Name, "status", status, "code", channel.CodeOf(problem))
	c.W.WriteHeader(status)
	return nil
}

var _ channel.Talker = (*Service)(nil)
