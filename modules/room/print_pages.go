package room

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// printPage is the queue on paper, as it was filtered: receipt, place, need, level,
// deadline, and a box to tick. No name and no telephone stands on it.
type printPage struct {
	ui.Frame
	Lines []Line
	At    time.Time
	More  bool
	Back  string
}

// mostPrinted is how many lines a list on paper has: some forty sheets.
const mostPrinted = 500

func (s *Service) printList(c *web.Ctx) error {
	by := actor.From(c.Context())
	filter := s.onQueue(c.R.URL.Query())
	p := &printPage{At: s.h.DB.Now(), Back: queueOf(filter)}
	p.Kind, p.Title = ui.Print, c.P.Text("room.print.title")
	err := s.h.Look(c.Context(), by, DeedPrint, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err != nil {
			return err
		}
		p.Lines, p.More, err = s.Cases.Lines(c, t, filter, mostPrinted)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("room_print", p)
}
