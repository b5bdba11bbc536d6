package field

import (
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// foundPanel is what a mission found, and the form to tell more.
type foundPanel struct {
	ID               string // of the next report, minted here
	Sum              foundRow
	Rows             []foundRow
	Safe, Hurt, Dead string // as typed
	Can              bool
}

type foundRow struct {
	ID               string
	Safe, Hurt, Dead int
	At               time.Time
	Undone           bool
}

func (f Found) row() foundRow {
	return foundRow{f.ID.String(), f.Safe, f.Hurt, f.Dead, f.At, !f.Undone.IsZero()}
}

func (w *teller) found(j *Journey, can bool, v url.Values) (p foundPanel) {
	p = foundPanel{ID: v.Get("found"), Safe: v.Get("safe"), Hurt: v.Get("hurt"), Dead: v.Get("dead"), Can: can}
	if p.ID == "" {
		p.ID = id.New[Found](w.t.Now()).String()
	}
	if w.err != nil {
		return p
	}
	all, err := foundBy(w.t, j.ID)
	w.err = err
	for _, f := range all {
		p.Rows = append(p.Rows, f.row())
	}
	p.Sum = sum(all).row()
	return p
}

func (s *Service) foundForm(c *web.Ctx) error {
	return s.step(c, "field.found.kept", func(mid MissionID, v url.Values, by actor.Actor) (err error) {
		f := Found{Mission: mid}
		if f.ID, err = readID[Found](v.Get("found")); err != nil {
			return err
		}
		var all fault.All
		for _, x := range []struct {
			name string
			to   *int
		}{{"safe", &f.Safe}, {"hurt", &f.Hurt}, {"dead", &f.Dead}} {
			n, wrong := readNumber(v, x.name)
			if wrong != nil {
				all = append(all, fault.New(fault.Invalid, "field.found.number_wrong", "most", mostFound).On(x.name))
			}
			*x.to = n
		}
		if err := all.OrNil(); err != nil {
			return err
		}
		return s.SayFound(c.Context(), by, f)
	})
}

func (s *Service) undoFoundForm(c *web.Ctx) error {
	return s.step(c, "field.found.undone", func(mid MissionID, _ url.Values, by actor.Actor) error {
		fid, err := readID[Found](c.R.PathValue("found"))
		if err != nil {
			return err
		}
		return s.UndoFound(c.Context(), by, mid, fid)
	})
}
