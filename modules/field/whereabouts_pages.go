package field

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// abroadNow is what a page of teams asks of each of them, read once for all.
type abroadNow struct {
	where map[TeamID]Whereabouts
	heard map[TeamID]time.Time // of teams on their way
}

func (w *teller) abroad() *abroadNow {
	if w.out == nil {
		w.out = &abroadNow{}
	}
	if w.out.where == nil && w.err == nil {
		if w.out.where, w.err = w.whereabouts(w.t); w.err == nil {
			w.out.heard, w.err = lastHeard(w.t)
		}
	}
	return w.out
}

func (w *teller) whereOf(tid TeamID) Whereabouts { return w.abroad().where[tid] }

// heardOf is when a team on its way was last heard of, and whether that is too long ago.
func (w *teller) heardOf(tid TeamID) (at time.Time, silent bool) {
	at, away := w.abroad().heard[tid]
	return at, away && w.t.Now().Sub(at) > w.silence
}

// baseChoices are the places that a typed name may mean.
func (w *teller) baseChoices(found []string, chosen string, wrong template.HTML) (out ui.Choices) {
	if len(found) == 0 {
		return out
	}
	out = ui.Choices{Name: "base_code", Legend: w.p.T("field.team.base_which"), Error: wrong}
	for _, code := range found {
		out.Options = append(out.Options, ui.Option{Value: code, Title: w.place(code), Chosen: len(found) == 1 || code == chosen})
	}
	return out
}

// sayWhereForm reads where a team says it is, and when it means to be back.
func (s *Service) sayWhereForm(c *web.Ctx) error {
	tid, err := readID[Team](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	place, found, back, err := s.readWhere(v, c.Site.Zone)
	if err == nil {
		err = s.SayWhere(c.Context(), actor.From(c.Context()), tid, place, back)
	}
	if err != nil {
		return s.showTeamWith(c, v, found, err)
	}
	c.Flash("field.team.where_kept")
	return c.Seek("/teams/" + tid.String())
}

func (s *Service) readWhere(v url.Values, zone *time.Location) (place string, found []string, back time.Time, err error) {
	var all fault.All
	place, found, wrong := s.readBase(v)
	if wrong != nil {
		all = append(all, wrong)
	}
	if text := v.Get("back"); text != "" {
		if back, err = time.ParseInLocation(localTime, text, zone); err != nil {
			all = append(all, fault.New(fault.Invalid, "field.team.back_wrong").On("back"))
		}
	}
	return place, found, back, all.OrNil()
}
