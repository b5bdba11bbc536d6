package field

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func (s *Service) seeCaravan(c *web.Ctx) error { return s.showCaravan(c, nil, nil) }

// showCaravan shows a caravan; after a form that was refused, with what was
// typed and what is wrong with it.
func (s *Service) showCaravan(c *web.Ctx, v url.Values, wrong error) error {
	p := &caravanPage{Fresh: id.New[Vehicle](s.h.DB.Now()).String()}
	if v.Get("vehicle") != "" {
		p.Fresh = v.Get("vehicle")
	}
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	err = s.h.Look(c.Context(), by, DeedMissionSee, func(t *deed.Tx) error {
		j, scope, err := s.seen(t, mid)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		p.Can = s.allowed(by, scope, j)
		p.fill(w, j, v)
		return w.err
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_caravan", p)
}

// caravanStep makes a handler of something that is done to a caravan by a form.
func (s *Service) caravanStep(c *web.Ctx, said string, do func(mid MissionID, v url.Values, by actor.Actor) error) error {
	mid, err := readID[Mission](c.R.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := do(mid, v, actor.From(c.Context())); err != nil {
		return s.showCaravan(c, v, err)
	}
	c.Flash(said)
	return c.Seek("/missions/" + mid.String() + "/caravan")
}

func (s *Service) addVehicleForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.vehicle.added_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		d := Drive{Vehicle: Vehicle{Mission: mid, Kind: v.Get("kind"), Road: RoadClass(v.Get("road")), Offer: v.Get("offer")}, PlateText: v.Get("plate"), DriverText: v.Get("driver")}
		var err error
		if d.ID, err = readID[Vehicle](v.Get("vehicle")); err != nil {
			return err
		}
		var all fault.All
		for name, to := range map[string]*int{"kg": &d.Kg, "litres": &d.Litres, "seats": &d.Seats} {
			n, wrong := readNumber(v, name)
			if wrong != nil {
				all = append(all, wrong)
			}
			*to = n
		}
		if err := all.OrNil(); err != nil {
			return err
		}
		return s.AddVehicle(c.Context(), by, d)
	})
}

func (s *Service) dropVehicleForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.vehicle.dropped_now", func(mid MissionID, _ url.Values, by actor.Actor) error {
		vid, err := readID[Vehicle](c.R.PathValue("vehicle"))
		if err != nil {
			return err
		}
		return s.DropVehicle(c.Context(), by, mid, vid)
	})
}

func (s *Service) permitForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.permit.set_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		p := Permit{Mission: mid, State: PermitState(v.Get("permit")), Number: v.Get("number"), Authority: v.Get("authority")}
		if text := strings.TrimSpace(v.Get("dated")); text != "" {
			var err error
			if p.Dated, err = time.ParseInLocation(time.DateOnly, text, c.Site.Zone); err != nil {
				return fault.New(fault.Invalid, "field.permit.date_wrong").On("dated")
			}
		}
		return s.SetPermit(c.Context(), by, p)
	})
}

func (s *Service) caravanLoadForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.mission.loaded_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		units, err := readUnits(v, "load_")
		if err != nil {
			return err
		}
		return s.Load(c.Context(), by, mid, units)
	})
}

// giftsForm loads from several offers, each by itself: what one of them refuses
// does not undo the others, and the form says which.
func (s *Service) giftsForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.mission.loaded_now", func(mid MissionID, v url.Values, by actor.Actor) error {
		units, err := readUnits(v, "gift_")
		if err != nil {
			return err
		}
		var had []aboard
		if err := s.inMission(c, DeedLoadGift, func(t *db.Tx, _ *teller, _ *Journey) (err error) { had, err = giftsAboard(t, mid); return err }); err != nil {
			return err
		}
		var all fault.All
		for name := range v {
			offer, ok := strings.CutPrefix(name, "gift_")
			if !ok {
				continue
			}
			was := 0
			for _, a := range had {
				if a.Offer == offer {
					was = a.Units
				}
			}
			if units[offer] == was {
				continue
			}
			err := s.LoadGift(c.Context(), by, mid, offer, units[offer])
			if errs, ok := c.FieldErrors(err); err != nil && (!ok || len(errs) == 0) {
				return err
			}
			all = append(all, faults(err)...)
		}
		return all.OrNil()
	})
}

func (s *Service) orderForm(c *web.Ctx) error {
	return s.caravanStep(c, "field.route.ordered_now", func(mid MissionID, _ url.Values, by actor.Actor) error {
		return s.Order(c.Context(), by, mid)
	})
}

// faults are the things a person is told, whether one or many.
func faults(err error) fault.All {
	all, ok := errors.AsType[fault.All](err)
	if f, one := errors.AsType[*fault.Fault](err); !ok && one {
		all = fault.All{f}
	}
	return all
}
