package reach

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// unsentPage is what could not be sent: never its text, never to whom.
type unsentPage struct {
	ui.Frame
	Rows   []UnsentRow
	Act    bool
	Hidden int // about cases that the reader may not see
	Pager  ui.Pager
}

// UnsentRow is one message that did not go out, or of which nobody knows.
type UnsentRow struct {
	ID      string
	Kind    string // channel
	Gateway string
	Notice  bool
	Receipt string // of the case it is about; "" when it is about none
	Case    string // the case's page, without the language
	Unsure  bool
	Why     template.HTML
	Tries   int
	At      time.Time
	Stopped bool
	Other   bool // of no request: a volunteer, an offer, a text to communes
}

// KindKey is the name of the channel.
func (r UnsentRow) KindKey() string { return "reach.kind." + r.Kind }

const unsentPageOf = 50

func (s *Service) unsentPage(c *web.Ctx) error { return s.showUnsent(c, nil) }

func (s *Service) showUnsent(c *web.Ctx, wrong error) error {
	by := actor.From(c.Context())
	p := &unsentPage{Frame: ui.Frame{Title: c.P.Text("reach.unsent.title"), Kind: ui.Staff, Nav: "channels"}, Act: deed.May(by, DeedSendAgain) == nil}
	status, err := again(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	var all []unsent
	err = s.h.Look(c.Context(), by, DeedChannelSee, func(t *deed.Tx) (err error) {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err = listUnsent(t.Tx, readMark(c.R.URL.Query().Get("after")), unsentPageOf+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(all) > unsentPageOf {
		all = all[:unsentPageOf]
		last := all[len(all)-1]
		p.Pager.More = c.Href("/channels/unsent?" + url.Values{"after": {mark{last.at, last.id.String()}.String()}}.Encode())
	}
	p.Pager.Shown, p.Pager.Step = len(all), unsentPageOf
	for _, m := range all {
		row := UnsentRow{ID: m.id.String(), Kind: string(m.channel), Gateway: m.gateway, Notice: m.kind == "notice", Unsure: m.state == "unsure", Why: codeWords(c, m.code), Tries: m.tries, At: m.at, Stopped: m.stopped}
		if cid, about := strings.CutPrefix(m.subject, ofCases); about {
			n, err := s.Ports.MaySee(c.Context(), by, m.subject)
			switch fault.KindOf(err) {
			case fault.Denied, fault.Missing:
				p.Hidden++
				continue
			}
			if err != nil {
				return err
			}
			row.Receipt, row.Case = n.String(), "/cases/"+cid
		} else {
			row.Other = m.subject != ""
		}
		p.Rows = append(p.Rows, row)
	}
	return c.RenderStatus(status, "reach_unsent", p)
}

// unsentPost sends again or leaves what was ticked, or the one whose button
// was pressed.
func (s *Service) unsentPost(flash string, do func(c *web.Ctx, by actor.Actor, ids []MessageID) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		f, err := c.Form()
		if err != nil {
			return err
		}
		chosen := f["message"]
		if one := f.Get("one"); one != "" {
			chosen = []string{one}
		}
		var ids []MessageID
		for _, x := range chosen {
			mid, err := id.Parse[message](x)
			if err != nil {
				return fault.New(fault.Invalid, "error.unreadable")
			}
			ids = append(ids, mid)
		}
		if err := do(c, actor.From(c.Context()), ids); err != nil {
			return s.showUnsent(c, err)
		}
		c.Flash(flash)
		return c.Seek("/channels/unsent")
	}
}

func (s *Service) sendAgainPost(c *web.Ctx, by actor.Actor, ids []MessageID) error {
	return s.SendAgain(c.Context(), by, ids)
}

func (s *Service) letGoPost(c *web.Ctx, by actor.Actor, ids []MessageID) error {
	return s.LetGo(c.Context(), by, ids)
}
