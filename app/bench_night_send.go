package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/bench/replay"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

type deedOfCase = deed.Deed

// How far a crew goes from its base while anybody waits there, and what it takes
// with it: as in the other way of working.
const (
	ownKm      = replay.OwnKm
	byTheWayKm = replay.ByTheWayKm
)

// send gives a crew that waits the first of the queue that it can serve.
func (a *nightHouse) send(ctx context.Context, now time.Duration) (*replay.Act, error) {
	for i, crew := range a.free {
		if at, ok := a.tried[crew]; ok && now < at+time.Minute {
			continue
		}
		stops, err := a.choose(ctx, crew)
		if err != nil {
			return nil, err
		}
		if len(stops) == 0 {
			a.tried[crew] = now
			a.n.After(now+time.Minute, func(context.Context, time.Duration) error { return nil })
			continue
		}
		pairs, err := a.pairsOf(ctx, stops)
		if err != nil {
			return nil, err
		}
		if len(pairs) > 0 { // the page of a case says that it may have been told before: that comes first
			return a.judge(pairs[0]), nil
		}
		delete(a.tried, crew)
		a.free = slices.Delete(a.free, i, i+1)
		d := replay.TheDesk
		takes := d.Mind + d.Keys(3)
		for _, c := range stops {
			a.promised[c.ID] = true
			takes += d.Read(a.n.Requests[a.rows[c.ID]].Text) + d.Keys(1)
		}
		return &replay.Act{Kind: "send a crew", Takes: takes, Done: func(ctx context.Context, now time.Duration) error { return a.depart(ctx, now, crew, stops) }}, nil
	}
	return nil, nil
}

// choose is what a coordinator takes from the top of the queue of the province,
// or of the country where nobody waits near.
func (a *nightHouse) choose(ctx context.Context, crew int) (out []*cases.Case, err error) {
	c := a.n.Crews[crew]
	province, _ := a.h.Places.Province(c.Place)
	area := ""
	if province != nil {
		area = province.Code
	}
	fits := func(k *cases.Case) bool {
		return forRescue(k) == c.Rescue && !a.promised[k.ID] && (k.HasPoint || k.Place != "")
	}
	for _, in := range []string{area, ""} {
		all, err := a.open(ctx, in)
		if err != nil {
			return nil, err
		}
		first := slices.IndexFunc(all, func(k *cases.Case) bool { return fits(k) && (in == "" || geo.Distance(a.where(k), c.Base) <= ownKm) })
		if first < 0 {
			continue
		}
		out = []*cases.Case{all[first]}
		for _, k := range all {
			if c.Rescue || len(out) == a.n.Road.Stops {
				break
			}
			if k.ID != out[0].ID && fits(k) && geo.Distance(a.where(k), a.where(out[0])) <= byTheWayKm {
				out = append(out, k)
			}
		}
		return out, nil
	}
	return nil, nil
}

// open is the queue, as far as a screen or two shows it.
func (a *nightHouse) open(ctx context.Context, area string) (all []*cases.Case, err error) {
	err = a.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err = a.h.Cases.OpenNeeds(t, area, 400)
		return err
	})
	return slices.DeleteFunc(all, func(c *cases.Case) bool { return c.Phase != "open" }), err
}

// depart takes cases on, plans a mission and sets out. Who was faster wins: what
// is taken or joined meanwhile is left.
func (a *nightHouse) depart(ctx context.Context, now time.Duration, crew int, all []*cases.Case) error {
	a.now(now)
	by := a.leaders[crew]
	p := field.Plan{ID: id.New[field.Mission](a.clock.Now()), Team: a.teams[crew], At: a.clock.Now()}
	var stops []replay.Stop
	for _, c := range all {
		delete(a.promised, c.ID)
		if err := a.h.Cases.Claim(ctx, by, c.ID); err != nil {
			if err := a.allowed(err); err != nil {
				return err
			}
			continue
		}
		p.Cases = append(p.Cases, toField(c.ID))
		stops = append(stops, replay.Stop{Row: a.rows[c.ID], At: a.where(c)})
	}
	if len(stops) == 0 {
		a.Free(crew)
		return nil
	}
	if err := a.h.Field.Plan(ctx, by, p); err != nil {
		return err
	}
	if err := a.h.Field.DepartAnyway(ctx, by, p.ID, ""); err != nil {
		return err
	}
	j, err := a.h.Field.Journey(ctx, p.ID)
	if err != nil {
		return err
	}
	t := &trip{p.ID, map[field.CaseID]field.StopID{}}
	for _, s := range j.Stops {
		t.stops[s.Case] = s.ID
	}
	a.trips[crew] = t
	a.n.Send(crew, stops)
	return nil
}

// Visited is the crew recording what it met, on its phone.
func (a *nightHouse) Visited(ctx context.Context, now time.Duration, crew int, s replay.Stop, _, found bool) error {
	a.now(now)
	t, by, asked := a.trips[crew], a.leaders[crew], a.asked[s.Row]
	stop := t.stops[toField(asked.ID)]
	if !found { // the desk asks the people where they are, and writes it down
		if err := a.allowed(a.h.Field.NotReached(ctx, by, t.mission, stop, "not_found")); err != nil {
			return err
		}
		a.fresh = append(a.fresh, reading{row: s.Row, place: true})
		return nil
	}
	d := field.Handover{ID: id.New[field.Delivery](a.clock.Now()), Mission: t.mission, Stop: stop, NoGoods: true, Proof: field.ByCode, Code: field.Secret(asked.Code)}
	if asked.Code == "" {
		return errNoCode
	}
	if _, err := a.h.Field.Deliver(ctx, by, d); err != nil {
		return a.allowed(err)
	}
	return a.answers(ctx, now, s.Row)
}

// answers lets the people say, three in four by themselves some time later,
// whether help came: all who asked, also those that were joined.
func (a *nightHouse) answers(ctx context.Context, now time.Duration, row int) error {
	joined, err := a.joinedTo(ctx, a.asked[row].ID)
	if err != nil {
		return err
	}
	later := now + time.Duration(5+70*a.n.Chance())*time.Minute
	speaks := a.n.Chance() < 0.75
	a.n.After(later, func(ctx context.Context, now time.Duration) error {
		a.now(now)
		if !speaks {
			a.n.After(now+5*time.Hour, func(context.Context, time.Duration) error { a.silent = append(a.silent, row); return nil })
			return nil
		}
		return a.confirmed(ctx, now, row, actor.Actor{Channel: "web"}, cases.DeedConfirm)
	})
	event := a.n.Requests[row].Event
	for _, cid := range joined {
		other := a.rows[cid]
		site := a.n.Sites[a.n.Requests[other].Event]
		if a.n.Requests[other].Event == event || site.Served >= 0 || a.n.Chance() >= 0.75 {
			continue
		}
		a.n.After(later, func(context.Context, time.Duration) error { a.apart = append(a.apart, other); return nil })
	}
	return nil
}

func (a *nightHouse) Back(ctx context.Context, now time.Duration, crew int) error {
	a.now(now)
	return a.allowed(a.h.Field.Close(ctx, a.leaders[crew], a.trips[crew].mission))
}
