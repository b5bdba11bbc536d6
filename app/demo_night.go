package app

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/agenda"
	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/shared/actor"
)

// newcomersWord opens the request that a newcomer follows. "tawaf" is nobody's
// word in the story's pack.
const newcomersWord = "tawaf"

// night does a story's deeds one after the other, each at its moment.
type night struct {
	h      *House      // a second house over the same records, at the moment of the deed
	clock  *clock.Held // its clock
	start  time.Time   // the shock
	story  *story.Story
	chance *rand.Rand
	say    io.Writer

	cast     cast
	asked    []cases.Asked // by request; the zero one was not asked yet
	sent     []journey     // by mission
	newcomer int           // the request that a newcomer follows
	anger    []grievance   // what people will complain of
	due      agenda.Agenda[func(context.Context) error]
	forward  []hands.VolunteerID // who put themselves forward
	channel  []uttered           // what is said on a mission's channel
	refused  map[string]int      // deeds of the story that the rules did not allow, by reason
}

// journey is a mission under way: where each case waits for it.
type journey struct {
	id    field.MissionID
	by    actor.Actor // who leads it
	stops map[field.CaseID]field.StopID
}

// night opens the second house, a while before the shock. The story ends now.
func (h *House) night(ctx context.Context, s *story.Story, say io.Writer) (*night, error) {
	n := &night{story: s, say: say, start: h.clock.Now().Add(-story.Now), chance: rand.New(rand.NewPCG(demoSeed, 17)),
		asked: make([]cases.Asked, len(s.Requests)), sent: make([]journey, len(s.Missions)), refused: map[string]int{}}
	n.clock = &clock.Held{At: n.start.Add(registered)}
	past := &House{Config: h.Config, Log: h.Log, Meter: telemetry.NewMeter(), Vault: h.Vault, Places: h.Places, Service: h.Service, clock: n.clock}
	dsn, err := h.Config.dsn()
	if err != nil {
		return nil, err
	}
	if past.DB, err = db.Open(dsn, n.clock); err != nil {
		return nil, err
	}
	n.h = past
	past.jobs()
	err = past.join()
	if err == nil {
		err = past.settle(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, past.Close())
	}
	past.Reach.Cat, past.Reach.Zone = h.Reach.Cat, h.Reach.Zone
	for _, g := range h.Reach.Gateways() {
		if g.Simulated { // what the story's people are told goes to their invented phones, and nowhere else
			if err := past.Reach.Use(g); err != nil {
				return nil, errors.Join(err, past.Close())
			}
		}
	}
	return n, nil
}

// pass does everything, from long before the shock until now.
func (n *night) pass(ctx context.Context, pack fs.FS, l logins) (err error) {
	if n.anger, err = readGrievances(pack); err != nil {
		return err
	}
	if n.channel, err = readChannel(pack); err != nil {
		return err
	}
	if err := n.prepare(ctx, l); err != nil {
		return err
	}
	n.newcomer = n.choose()
	n.story.Requests[n.newcomer].Word, n.story.Requests[n.newcomer].Phone = newcomersWord, ""
	n.at(declared, n.declare)
	for i, q := range n.story.Requests {
		n.at(q.At, func(ctx context.Context) error { return n.ask(ctx, i) })
	}
	n.at(declared+time.Hour, n.tellRoads)
	n.publishings()
	n.gather()
	n.hit()
	n.clear()
	n.raise()
	n.correct()
	for i, m := range n.story.Missions {
		n.at(m.Departed-packing, func(ctx context.Context) error { return n.plan(ctx, i) })
	}
	if err := n.run(ctx); err != nil {
		return err
	}
	n.clock.At = n.start.Add(story.Now)
	if _, err := n.h.Jobs.Drain(ctx); err != nil {
		return err
	}
	if err := n.h.Stock.Tell(ctx); err != nil {
		return err
	}
	n.confess()
	return n.h.Deeds.Seal(ctx)
}

// run does what is due, in the order of time.
func (n *night) run(ctx context.Context) error {
	for {
		at, do, ok := n.due.Next()
		if !ok {
			return nil
		}
		n.clock.At = n.start.Add(at)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(ctx); err != nil {
			if fault.KindOf(err) == fault.Internal {
				return fmt.Errorf("%v after the shock: %w", at, err)
			}
			n.refused[reasonOf(err)]++
		}
	}
}

// reasonOf is what a fault says, as a key of the catalogue.
func reasonOf(err error) string {
	if all, ok := errors.AsType[fault.All](err); ok && len(all) > 0 {
		return all[0].Key
	}
	f, _ := errors.AsType[*fault.Fault](err)
	return f.Key
}

// confess says what of the story did not happen.
func (n *night) confess() {
	for _, why := range slices.Sorted(maps.Keys(n.refused)) {
		fmt.Fprintf(n.say, "  %d deeds of the story did not happen: the rules said %s.\n", n.refused[why], why)
	}
}

// at puts something down for a time after the shock: never before what is
// happening now, and never after the story's end.
func (n *night) at(when time.Duration, do func(context.Context) error) {
	n.due.Put(min(max(when, n.clock.Now().Sub(n.start)), story.Now), do)
}

// grievance is something that went wrong for somebody, in their words.
type grievance struct{ fate, org, kind, lang, text, answer string }

func readGrievances(pack fs.FS) (all []grievance, err error) {
	f, err := pack.Open("complaints.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 6
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("complaints.csv: %w", err)
	}
	for _, x := range rows[min(1, len(rows)):] {
		all = append(all, grievance{x[0], x[1], x[2], x[3], x[4], x[5]})
	}
	return all, nil
}
