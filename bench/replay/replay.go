// Package replay replays one night twice: the same requests, the same crews on
// the same roads and the same few people at the desks, once with Twiza and once
// with a spreadsheet that all of them share, worked first come, first served.
// What differs is what this package measures: how long a desk works, how long
// people wait, how many journeys were for nothing.
//
// Nobody was timed: how long an act takes a person is reckoned by the
// keystroke-level model (Card, Moran and Newell, The Psychology of Human-Computer
// Interaction, 1983) and a reading speed, the same for both (see Desk). Speeds on
// the road and work at a house are estimates too (see Road).
package replay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twiza/twiza/base/agenda"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/bench/nightone"
)

// Site is one need, and what became of it.
type Site struct {
	At      geo.Point
	Commune string
	Rescue  bool
	People  int
	First   time.Duration // when it was first told, after the night began
	Channel string        // of whoever told it first, as the next
	Lang    string
	Served  time.Duration // -1 not yet
	Sure    time.Duration // the people said that help came; -1 not yet
}

// Crew is a team with a vehicle. Those for rescue go to people under rubble, the
// others to every other need.
type Crew struct {
	Base   geo.Point
	Place  string // code of the place where the base is
	Rescue bool
	at     geo.Point
	out    bool
}

// Stop is where a crew is sent for the need that a request tells of.
type Stop struct {
	Row  int       // the request
	At   geo.Point // where the desk believes it is
	Lost bool      // the desk knows no place: they must ask their way
}

// Act is one thing that a person does at a desk: how long it takes, and what it
// changes when it is done.
type Act struct {
	Kind  string
	Takes time.Duration
	Done  func(ctx context.Context, now time.Duration) error
}

// Arm is one way to work the night. The engine calls it in the order of time.
type Arm interface {
	Name() string
	// Told hears a request at its moment.
	Told(ctx context.Context, now time.Duration, row int) error
	// Next is what somebody at a desk does next; nil when nothing waits.
	Next(ctx context.Context, now time.Duration) (*Act, error)
	// Free hears that a crew waits to be sent.
	Free(crew int)
	// Visited hears what a crew met: whether the need of that row was there to be
	// met (else it was met before, or nobody found it).
	Visited(ctx context.Context, now time.Duration, crew int, s Stop, met, found bool) error
	// Back hears that a journey is over.
	Back(ctx context.Context, now time.Duration, crew int) error
}

// Night is what both arms work on.
type Night struct {
	Requests []nightone.Request
	Sites    map[int]*Site // by event
	Crews    []*Crew
	Road     Road
	Horizon  time.Duration

	send  func(crew int, stops []Stop)
	chats *rand.Rand
	after func(when time.Duration, do func(context.Context, time.Duration) error)
}

// Road is how crews move and work. Estimates: 25 km an hour with detours of four
// tenths is what a loaded vehicle makes on mountain tracks at night; nobody of
// ours measured it.
type Road struct {
	SpeedKmH float64
	Detour   float64
	Rescue   time.Duration // work where people are under rubble
	Other    time.Duration // handing over anything else
	Asking   time.Duration // looking for a house where only the village is known
	ForNone  time.Duration // finding that others were there already
	Turn     time.Duration // loading and resting at the base
	Stops    int           // most stops of one journey that is no rescue
	NearKm   float64       // a house is found when the crew was sent within so far of it
}

// DefaultRoad is what the report is made with.
var DefaultRoad = Road{SpeedKmH: 25, Detour: 1.4, Rescue: 90 * time.Minute, Other: 20 * time.Minute, Asking: 25 * time.Minute, ForNone: 10 * time.Minute, Turn: 30 * time.Minute, Stops: 4, NearKm: 15}

// New is the night of a seed with so many crews: a quarter for rescue, their
// bases where requests come from.
func New(seed uint64, requests, crews int, horizon time.Duration) *Night {
	n := &Night{Requests: nightone.Make(seed, requests), Sites: map[int]*Site{}, Road: DefaultRoad, Horizon: horizon}
	for _, q := range n.Requests {
		s := n.Sites[q.Event]
		if s == nil {
			s = &Site{At: q.House, People: q.Souls, First: q.At.Sub(nightone.Begin), Channel: q.Channel, Lang: q.Lang, Served: -1, Sure: -1, Commune: q.Place}
			for _, need := range q.Lacks {
				s.Rescue = s.Rescue || need == "rescue"
			}
			n.Sites[q.Event] = s
		}
	}
	r := rand.New(rand.NewPCG(seed, 77))
	for i := range crews {
		q := n.Requests[r.IntN(len(n.Requests))]
		n.Crews = append(n.Crews, &Crew{Base: q.House, Place: q.Place, Rescue: i%4 == 0})
	}
	return n
}

// Result is one arm's night.
type Result struct {
	Arm     string
	Desk    time.Duration // worked at desks, of all together
	Acts    map[string]int
	Trips   int
	Visits  int
	ForNone int // visits where others had been
	Lost    int // visits that found nobody
	Sites   map[int]*Site
}

// Run works a night. The crews and the sites are as new when it begins.
func (n *Night) Run(ctx context.Context, a Arm, desks int) (Result, error) {
	e := &engine{n: n, a: a, idle: desks, out: Result{Arm: a.Name(), Acts: map[string]int{}}}
	for _, s := range n.Sites {
		s.Served, s.Sure = -1, -1
	}
	n.chats = rand.New(rand.NewPCG(4, 4))
	n.send, n.after = e.send, e.at
	for i, c := range n.Crews {
		c.at, c.out = c.Base, false
		e.at(0, func(context.Context, time.Duration) error { a.Free(i); return nil })
	}
	for i, q := range n.Requests {
		e.at(q.At.Sub(nightone.Begin), func(ctx context.Context, now time.Duration) error { return a.Told(ctx, now, i) })
	}
	err := e.run(ctx)
	e.out.Sites = map[int]*Site{}
	for i, s := range n.Sites {
		c := *s
		e.out.Sites[i] = &c
	}
	return e.out, err
}

// Send puts a crew on its way; only an arm calls it, when an act is done.
func (n *Night) Send(crew int, stops []Stop) { n.send(crew, stops) }

// After lets an arm be called later.
func (n *Night) After(when time.Duration, do func(context.Context, time.Duration) error) {
	n.after(when, do)
}

// Chance draws a number that both arms draw alike, one after the other.
func (n *Night) Chance() float64 { return n.chats.Float64() }

type engine struct {
	n    *Night
	a    Arm
	due  agenda.Agenda[func(context.Context, time.Duration) error]
	now  time.Duration
	idle int
	out  Result
}

func (e *engine) at(when time.Duration, do func(context.Context, time.Duration) error) {
	e.due.Put(max(when, e.now), do)
}

func (e *engine) run(ctx context.Context) error {
	for {
		at, do, ok := e.due.Next()
		if !ok || at > e.n.Horizon {
			return nil
		}
		e.now = at
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(ctx, at); err != nil {
			return fmt.Errorf("%s, %v into the night: %w", e.a.Name(), at, err)
		}
		if err := e.desk(ctx); err != nil {
			return fmt.Errorf("%s, at a desk, %v into the night: %w", e.a.Name(), at, err)
		}
	}
}

// desk lets everybody who has nothing to do take the next act.
func (e *engine) desk(ctx context.Context) error {
	for e.idle > 0 {
		act, err := e.a.Next(ctx, e.now)
		if err != nil || act == nil {
			return err
		}
		e.idle--
		e.out.Desk += act.Takes
		e.out.Acts[act.Kind]++
		e.at(e.now+act.Takes, func(ctx context.Context, now time.Duration) error {
			e.idle++
			if act.Done == nil {
				return nil
			}
			return act.Done(ctx, now)
		})
	}
	return nil
}

// send drives a crew from stop to stop, and home.
func (e *engine) send(crew int, stops []Stop) {
	c := e.n.Crews[crew]
	if c.out {
		panic("replay: a crew is on two journeys")
	}
	c.out = true
	e.out.Trips++
	e.leg(crew, stops)
}

func (e *engine) leg(crew int, stops []Stop) {
	c, road := e.n.Crews[crew], e.n.Road
	if len(stops) == 0 {
		home := e.now + road.drive(c.at, c.Base)
		e.at(home, func(ctx context.Context, now time.Duration) error { return e.a.Back(ctx, now, crew) })
		e.at(home+road.Turn, func(context.Context, time.Duration) error {
			c.at, c.out = c.Base, false
			e.a.Free(crew)
			return nil
		})
		return
	}
	s := stops[0]
	site := e.n.Sites[e.n.Requests[s.Row].Event]
	there := e.now + road.drive(c.at, s.At)
	far := geo.Distance(s.At, site.At)
	found := far <= road.NearKm
	if far > 1.5 || s.Lost {
		there += road.Asking
	}
	c.at = s.At
	if found {
		there += road.drive(s.At, site.At)
		c.at = site.At
	}
	e.at(there, func(ctx context.Context, now time.Duration) error {
		e.out.Visits++
		met, work := found && site.Served < 0, road.ForNone
		switch {
		case !found:
			e.out.Lost++
		case !met:
			e.out.ForNone++
		case site.Rescue:
			site.Served, work = now, road.Rescue // they are with them; the work takes longer
		default:
			site.Served, work = now, road.Other
		}
		e.at(now+work, func(ctx context.Context, now time.Duration) error {
			if err := e.a.Visited(ctx, now, crew, s, met, found); err != nil {
				return err
			}
			e.leg(crew, stops[1:])
			return nil
		})
		return nil
	})
}

func (r Road) drive(from, to geo.Point) time.Duration {
	return time.Duration(geo.Distance(from, to) * r.Detour / r.SpeedKmH * float64(time.Hour))
}
