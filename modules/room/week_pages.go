package room

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// weekPage is the last seven days beside the seven before, within its reader's
// reach.
type weekPage struct {
	ui.Frame
	From, Till time.Time
	Rows       []WeekRow
	Longest    []Line
	Places     []PlaceLine
}

// WeekRow is one thing that was counted, in both weeks.
type WeekRow struct {
	Key         string // asked, owned, delivered, helped
	Now, Before int
}

// PlaceLine is a commune to which nobody goes.
type PlaceLine struct {
	Place   template.HTML
	Waiting int
	Level   int
	Oldest  time.Time
}

const (
	week      = 7 * 24 * time.Hour
	mostWaits = 10
)

func (s *Service) showWeek(c *web.Ctx) error {
	by := actor.From(c.Context())
	now := s.h.DB.Now()
	p := &weekPage{From: now.Add(-week), Till: now}
	staff(c, &p.Frame, "week", "room.week.title")
	err := s.h.Look(c.Context(), by, DeedWeek, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		var n, was [4]int
		for i, x := range []*[4]int{&n, &was} {
			till := now.Add(-time.Duration(i) * week)
			w, err := s.Cases.Happened(t.Tx, by, till.Add(-week), till)
			if err != nil {
				return err
			}
			brought, err := s.Field.Delivered(t.Tx, till.Add(-week), till)
			if err != nil {
				return err
			}
			delivered, err := s.Cases.Reached(t.Tx, by, brought)
			if err != nil {
				return err
			}
			*x = [4]int{w.Asked, w.Owned, delivered, w.Helped}
		}
		for i, key := range []string{"asked", "owned", "delivered", "helped"} {
			p.Rows = append(p.Rows, WeekRow{key, n[i], was[i]})
		}
		return s.waitingNow(c, t, p)
	})
	if err != nil {
		return err
	}
	return c.Render("room_week", p)
}

// waitingNow is who has waited longest, and where nobody goes.
func (s *Service) waitingNow(c *web.Ctx, t *deed.Tx, p *weekPage) error {
	ids, err := s.Cases.Longest(t.Tx, t.By, mostWaits)
	if err != nil {
		return err
	}
	if p.Longest, err = s.Cases.LinesOf(c, t, ids); err != nil {
		return err
	}
	all, err := s.Cases.Forgotten(t.Tx, t.By, mostWaits)
	for _, f := range all {
		name := ui.Isolated(f.Commune)
		if x, ok := s.places.Get(f.Commune); ok {
			said, _ := x.Name(c.Lang())
			name = ui.Isolated(said)
		}
		p.Places = append(p.Places, PlaceLine{name, f.Waiting, f.Level, f.Oldest})
	}
	return err
}
