package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/shared/actor"
)

// caravan is the mission of the story that is shown with vehicles, a permit and
// roads: of those still on their way the one that carries most, or of all.
func (n *night) caravan() int {
	best, away, most := -1, false, 0
	for i, m := range n.story.Missions {
		units := 0
		for _, l := range m.Manifest {
			units += l.Loaded
		}
		if out := m.Back == 0; units > 0 && (out && !away || out == away && units > most) {
			best, away, most = i, out, units
		}
	}
	return best
}

// fitOut gives a mission its vehicles and its permit, and says of the way to
// one of its stops that only feet and mules get through: it leaves all the same,
// and says why.
func (n *night) fitOut(ctx context.Context, i int, mid field.MissionID, by actor.Actor) error {
	now := n.clock.Now()
	m := n.story.Missions[i]
	for k, d := range []struct{ kind, plate string }{{"lorry", "48213 – ب – 26"}, {"4x4", "7719 – أ – 41"}} {
		v := field.Drive{Vehicle: field.Vehicle{ID: id.New[field.Vehicle](now), Mission: mid, Kind: d.kind}, PlateText: d.plate, DriverText: n.bystander((m.Stops[0].Request + 40*k) % len(n.story.Requests))}
		if err := n.h.Field.AddVehicle(ctx, by, v); err != nil {
			return err
		}
	}
	p := field.Permit{Mission: mid, State: field.Granted, Number: "147/2026", Authority: n.authority(n.story.Requests[m.Stops[0].Request].Place), Dated: now}
	if err := n.h.Field.SetPermit(ctx, by, p); err != nil {
		return err
	}
	last := n.story.Requests[m.Stops[len(m.Stops)-1].Request].Place
	return n.sayRoad(ctx, last, field.RoadFoot, "gendarmerie", now)
}

// authority is whoever signs for a place: its province, by its name in Arabic.
func (n *night) authority(place string) string {
	p, ok := n.h.Places.Province(place)
	if !ok {
		return "العمالة"
	}
	name, _ := p.Name("ar")
	return "عامل " + name
}

func (n *night) sayRoad(ctx context.Context, place string, s field.RoadState, source string, since time.Time) error {
	w := field.RoadWord{ID: id.New[field.RoadWord](n.clock.Now()), Place: place, State: s, Source: source, Since: since}
	return n.h.Field.SayRoad(ctx, n.desk(actor.Scope{Path: n.path(place)}), w)
}

// shownRoads is of how many communes the roads are told, besides the caravan's.
const shownRoads = 6

// tellRoads says how the roads are in some of the communes that people ask from.
func (n *night) tellRoads(ctx context.Context) error {
	said := []struct {
		state  field.RoadState
		source string
	}{{field.RoadOpen, "roads_service"}, {field.RoadRough, "seen"}, {field.RoadClosed, "gendarmerie"}, {field.RoadOpen, "authority"}, {field.RoadFoot, "report"}, {field.RoadRough, "roads_service"}}
	goes := n.caravanCommunes()
	var told []string
	for _, q := range n.story.Requests {
		c, ok := n.h.Places.Commune(q.Place)
		if !ok || slices.Contains(told, c.Code) || slices.Contains(goes, c.Code) {
			continue
		}
		w := said[len(told)%len(said)]
		if err := n.sayRoad(ctx, c.Code, w.state, w.source, n.clock.Now().Add(-time.Duration(7*len(told))*time.Minute)); err != nil {
			return err
		}
		if told = append(told, c.Code); len(told) == shownRoads {
			break
		}
	}
	return nil
}

// caravanCommunes are those that the caravan goes to: nothing but its own word
// is said of them.
func (n *night) caravanCommunes() (out []string) {
	i := n.caravan()
	if i < 0 {
		return nil
	}
	for _, s := range n.story.Missions[i].Stops {
		if c, ok := n.h.Places.Commune(n.story.Requests[s.Request].Place); ok {
			out = append(out, c.Code)
		}
	}
	return out
}
