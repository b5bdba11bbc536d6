package round

import (
	"io"
	"net/http"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// rescuePage takes the sealed file of a phone that never found its network again.
type rescuePage struct {
	ui.Frame
	Done    bool
	Taken   int
	Again   int
	Waiting int
	Bad     []ResultOut // refused, or to be sent again
}

func (s *Service) rescuePage(c *web.Ctx) *rescuePage {
	p := &rescuePage{Frame: ui.Frame{Title: c.P.Text("round.rescue.title"), Kind: ui.Form, Nav: "round"}}
	if actor.From(c.Context()).Known() {
		p.Kind = ui.Staff
	}
	return p
}

func (s *Service) showRescue(c *web.Ctx) error { return c.Render("round_rescue", s.rescuePage(c)) }

func (s *Service) rescueForm(c *web.Ctx) error {
	p := s.rescuePage(c)
	all, err := s.rescueFile(c)
	if errs, ok := c.FieldErrors(err); ok {
		p.Errors = errs
		return c.RenderStatus(http.StatusUnprocessableEntity, "round_rescue", p)
	}
	if err != nil {
		return err
	}
	p.Done = true
	for _, r := range all {
		switch r.State {
		case ResultTaken:
			p.Taken++
		case ResultAgain:
			p.Again++
		case ResultConflict:
			p.Waiting++
		default:
			p.Bad = append(p.Bad, wireResult(c.P, r))
		}
	}
	return c.Render("round_rescue", p)
}

func (s *Service) rescueFile(c *web.Ctx) ([]Result, error) {
	if err := c.Site.Limit.Take("rescue from "+c.From(), 20, time.Hour); err != nil {
		return nil, err
	}
	if _, err := c.Form(); err != nil {
		return nil, err
	}
	file, _, err := c.R.FormFile("file")
	if err != nil {
		return nil, fault.New(fault.Invalid, "round.rescue.file_missing").On("file")
	}
	defer file.Close()
	letter, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return s.Rescue(c.Context(), actor.From(c.Context()), letter)
}
