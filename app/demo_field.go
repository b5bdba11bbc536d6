package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/shared/actor"
)

// packing is how long before it leaves a mission is planned and loaded.
const packing = 10 * time.Minute

func toField(c cases.CaseID) field.CaseID {
	var k field.CaseID
	_ = k.UnmarshalText([]byte(c.String())) // what String wrote is read
	return k
}

// plan sends a mission: its cases, its load, and everything on its way.
func (n *night) plan(ctx context.Context, i int) error {
	m := n.story.Missions[i]
	team := n.story.Teams[m.Team]
	scope := actor.Scope{Org: n.cast.orgs[team.Org]}
	p := field.Plan{ID: id.New[field.Mission](n.clock.Now()), Team: n.cast.teams[m.Team], At: n.start.Add(m.Departed)}
	for _, s := range m.Stops {
		p.Cases = append(p.Cases, toField(n.asked[s.Request].ID))
		scope.Path = append(scope.Path, n.path(n.story.Requests[s.Request].Place)...)
	}
	by := n.who(actor.Coordinator, actor.Scope{Org: scope.Org, Path: n.path(team.Base)})
	if err := n.h.Field.Plan(ctx, by, p); err != nil {
		return err
	}
	units := map[string]int{}
	for _, l := range m.Manifest {
		units[l.Good] = l.Loaded
	}
	if err := n.h.Field.Load(ctx, by, p.ID, units); err != nil {
		return err
	}
	if i == n.caravan() {
		if err := n.fitOut(ctx, i, p.ID, by); err != nil {
			return err
		}
	}
	j, err := n.h.Field.Journey(ctx, p.ID)
	if err != nil {
		return err
	}
	n.sent[i] = journey{p.ID, n.leader(m.Team, scope), map[field.CaseID]field.StopID{}}
	for _, s := range j.Stops {
		n.sent[i].stops[s.Case] = s.ID
	}
	n.at(m.Departed, func(ctx context.Context) error { return n.depart(ctx, i) })
	return nil
}

// depart sets out, and puts down what happens on the way.
func (n *night) depart(ctx context.Context, i int) error {
	m, j := n.story.Missions[i], n.sent[i]
	why := ""
	if i == n.caravan() {
		why = "carry_on_foot"
	}
	if err := n.h.Field.DepartAnyway(ctx, j.by, j.id, why); err != nil {
		return err
	}
	if i == n.talking() {
		if err := n.converse(ctx, i); err != nil {
			return err
		}
	}
	last := m.Departed + 5*time.Minute
	for _, s := range m.Stops {
		if s.Arrived != 0 {
			last = s.Arrived
			n.at(s.Arrived, func(ctx context.Context) error { return n.deliver(ctx, i, s) })
		}
	}
	for _, l := range m.Manifest {
		if l.Lost > 0 {
			n.at(last, func(ctx context.Context) error { return n.h.Field.Lose(ctx, j.by, j.id, l.Good, l.Lost, l.LostWhy) })
		}
	}
	if m.Back != 0 {
		n.at(m.Back, func(ctx context.Context) error { return n.unload(ctx, i) })
	}
	return nil
}

// deliver hands over at a stop. The family tells its code, or somebody stands by.
func (n *night) deliver(ctx context.Context, i int, s story.Stop) error {
	j, asked := n.sent[i], n.asked[s.Request]
	if _, err := n.h.Cases.Reveal(ctx, j.by, asked.ID, "deliver"); err != nil {
		return err
	}
	d := field.Handover{ID: id.New[field.Delivery](n.clock.Now()), Mission: j.id, Stop: j.stops[toField(asked.ID)], Goods: map[string]int{},
		NoGoods: len(s.Given) == 0, Proof: field.ByCode, Code: field.Secret(asked.Code)}
	for _, g := range s.Given {
		d.Goods[g.Good] += g.Units
	}
	if s.Proof == "witness" {
		d.Proof, d.Witness, d.Relation = field.ByWitness, n.bystander(s.Request), field.Relations[n.chance.IntN(4)]
	}
	if _, err := n.h.Field.Deliver(ctx, j.by, d); err != nil {
		return err
	}
	n.after(s)
	return nil
}

// bystander is somebody invented: the nearest earlier or later name of the story.
func (n *night) bystander(i int) string {
	all := append(slices.Clone(n.story.Requests[i+1:]), n.story.Requests[:i]...)
	for _, q := range all {
		if q.Name != "" {
			return q.Name
		}
	}
	return n.story.Accounts[0].FR
}

// unload counts what came back, and ends the mission.
func (n *night) unload(ctx context.Context, i int) error {
	j, back := n.sent[i], map[string]int{}
	for _, l := range n.story.Missions[i].Manifest {
		if l.Returned > 0 {
			back[l.Good] = l.Returned
		}
	}
	if len(back) > 0 {
		if err := n.h.Field.Return(ctx, j.by, j.id, back); err != nil {
			return err
		}
	}
	return n.h.Field.Close(ctx, j.by, j.id)
}
