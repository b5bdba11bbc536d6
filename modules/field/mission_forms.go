package field

import (
	"net/url"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// step makes a handler of something that is done to a mission by a form. When
// it is refused, the mission shows again with what was typed.
func (s *Service) step(c *web.Ctx, said string, do func(mid MissionID, v url.Values, by actor.Actor) error) error {
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := do(mid, v, actor.From(c.Context())); err != nil {
		return s.showMission(c, v, err)
	}
	c.Flash(said)
	return c.Seek("/missions/" + mid.String())
}

func (s *Service) addStopsForm(c *web.Ctx) error {
	return s.step(c, "field.mission.stops_added", func(mid MissionID, v url.Values, by actor.Actor) error {
		all, err := readCases(v)
		if err != nil {
			return err
		}
		return s.AddStops(c.Context(), by, mid, all)
	})
}

func (s *Service) dropStopForm(c *web.Ctx) error {
	return s.step(c, "field.mission.stop_dropped", func(mid MissionID, _ url.Values, by actor.Actor) error {
		sid, err := readID[Stop](c.R.PathValue("stop"))
		if err != nil {
			return err
		}
		return s.DropStop(c.Context(), by, mid, sid)
	})
}

func (s *Service) loadForm(c *web.Ctx) error {
	return s.step(c, "field.mission.loaded_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		units, err := readUnits(v, "load_")
		if err != nil {
			return err
		}
		return s.Load(c.Context(), by, mid, units)
	})
}

func (s *Service) departForm(c *web.Ctx) error {
	return s.step(c, "field.mission.departed_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		return s.DepartAnyway(c.Context(), by, mid, v.Get("anyway"))
	})
}

func (s *Service) cancelForm(c *web.Ctx) error {
	return s.step(c, "field.mission.cancelled_now", func(mid MissionID, _ url.Values, by actor.Actor) error {
		return s.Cancel(c.Context(), by, mid)
	})
}

func (s *Service) returnForm(c *web.Ctx) error {
	return s.step(c, "field.mission.returned_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		units, err := readUnits(v, "back_")
		if err != nil {
			return err
		}
		return s.Return(c.Context(), by, mid, units)
	})
}

func (s *Service) loseForm(c *web.Ctx) error {
	return s.step(c, "field.mission.lost_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		n, wrong := readNumber(v, "lost")
		if wrong != nil {
			return wrong
		}
		return s.Lose(c.Context(), by, mid, v.Get("lost_good"), n, v.Get("lost_reason"))
	})
}

func (s *Service) closeForm(c *web.Ctx) error {
	return s.step(c, "field.mission.closed_now", func(mid MissionID, _ url.Values, by actor.Actor) error {
		return s.Close(c.Context(), by, mid)
	})
}
