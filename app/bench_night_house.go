package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/bench/nightone"
	"github.com/twiza/twiza/bench/replay"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/sense"
)

// nightHouse works a night in a real house, by the deeds that people do, under a
// clock that is moved to the moment of each. What the house decides by itself is
// its own: where a name lies, how urgent a need is, the order of the queue, which
// reports may tell of one need. What people decide is decided as it is true.
type nightHouse struct {
	h     *House
	n     *replay.Night
	clock *clock.Held

	cell, desk actor.Actor
	leaders    []actor.Actor // by crew: who works for its organisation
	teams      []field.TeamID

	rows     map[cases.CaseID]int
	asked    []cases.Asked
	fresh    []reading // what nobody has read yet, danger first
	pairs    [][2]cases.CaseID
	pairsAt  time.Duration
	judged   map[[2]cases.CaseID]bool
	free     []int
	tried    map[int]time.Duration
	promised map[cases.CaseID]bool
	silent   []int // rows whose people were helped and have not answered
	apart    []int // rows whose people say that nobody came: joined wrongly
	trips    map[int]*trip
	looked   time.Duration
	swept    time.Duration
	refused  map[string]int
}

type reading struct {
	row    int
	danger bool
	place  bool // the house does not know where it is
	says   []string
	people int
}

type trip struct {
	mission field.MissionID
	stops   map[field.CaseID]field.StopID
}

func newNightHouse(ctx context.Context, h *House, n *replay.Night, c *clock.Held) (*nightHouse, error) {
	a := &nightHouse{h: h, n: n, clock: c, rows: map[cases.CaseID]int{}, asked: make([]cases.Asked, len(n.Requests)), tried: map[int]time.Duration{},
		promised: map[cases.CaseID]bool{}, trips: map[int]*trip{}, judged: map[[2]cases.CaseID]bool{}, refused: map[string]int{}}
	c.At = nightone.Begin.Add(-24 * time.Hour)
	return a, a.prepare(ctx)
}

// prepare lets in the crisis cell, a desk, and organisations with a crew each.
func (a *nightHouse) prepare(ctx context.Context) (err error) {
	if _, err = a.account(ctx, "admin", actor.Grant{Role: actor.Administrator}); err != nil {
		return err
	}
	if a.cell, err = a.account(ctx, "cell", actor.Grant{Role: actor.CrisisCell}); err != nil {
		return err
	}
	if a.desk, err = a.account(ctx, "desk", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Agent}); err != nil {
		return err
	}
	const perOrganisation = 10
	var org actor.OrganisationID
	var lead actor.Actor
	for i, c := range a.n.Crews {
		if i%perOrganisation == 0 {
			if org, lead, err = a.organisation(ctx, i/perOrganisation); err != nil {
				return err
			}
		}
		team := field.Team{ID: id.New[field.Team](a.clock.Now()), Org: org, Names: field.Names{AR: fmt.Sprintf("فريق %d", i+1), FR: fmt.Sprintf("Équipe %d", i+1)},
			Skills: []string{"rescue", "first_aid", "driver_4x4"}, Languages: []string{"ary", "shi", "fr"}, People: 4, Base: c.Place}
		if err := a.h.Field.CreateTeam(ctx, lead, team); err != nil {
			return fmt.Errorf("team %d at %s: %w", i, c.Place, err)
		}
		a.teams, a.leaders = append(a.teams, team.ID), append(a.leaders, lead)
	}
	a.clock.At = nightone.Begin
	_, err = a.h.Cases.OpenCrisis(ctx, a.cell, "earthquake", nightone.Struck())
	return err
}

func (a *nightHouse) organisation(ctx context.Context, i int) (org actor.OrganisationID, lead actor.Actor, err error) {
	o := people.Organisation{ID: id.New[actor.Organisation](a.clock.Now()), Kind: people.Association, Status: people.Recognised, Receipt: fmt.Sprintf("%02d/NIGHT", i+1),
		Names: people.Names{AR: fmt.Sprintf("جمعية %d", i+1), FR: fmt.Sprintf("Association %d", i+1)}, Domains: []string{"rescue", "food", "other"}}
	for _, r := range a.h.Places.All("region") {
		o.Territory = append(o.Territory, r.Code)
	}
	if err = a.h.People.SeedOrganisation(ctx, o); err != nil {
		return o.ID, lead, err
	}
	lead, err = a.account(ctx, fmt.Sprintf("lead%d", i), actor.Grant{Role: actor.Coordinator, Org: o.ID, Recognised: true})
	lead.Org, lead.OrgName = o.ID, o.Names.FR
	return o.ID, lead, err
}

func (a *nightHouse) account(ctx context.Context, login string, grants ...actor.Grant) (actor.Actor, error) {
	by := actor.Actor{Name: login, Langs: []string{"ary", "shi", "fr"}, Channel: "web", Grants: grants}
	l, err := newLogins(nil, logins{})
	if err != nil {
		return by, err
	}
	by.Account, err = a.h.People.SeedAccount(ctx, login, login, l.Password, l.secret(login), by.Langs, grants)
	return by, err
}

func (a *nightHouse) Name() string { return "Twiza" }

// allowed counts what the rules refused, as a person would read it and go on.
func (a *nightHouse) allowed(err error) error {
	if err == nil {
		return nil
	}
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	a.refused[reasonOf(err)]++
	return nil
}

func (a *nightHouse) now(at time.Duration) { a.clock.At = nightone.Begin.Add(at) }

func (a *nightHouse) Told(ctx context.Context, now time.Duration, row int) error {
	a.now(now)
	q := a.n.Requests[row]
	d, _ := a.h.Service.Get(serviceOfNights(a.h.Service))
	out, err := a.h.Cases.Ask(ctx, actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: d.Code, Lang: "ar", Channel: "web", Answers: nightAnswers(q, linkage.Report{Needs: q.Needs, People: q.People}, q.Chosen)})
	if err != nil {
		return fmt.Errorf("%s: %w", q.ID, err)
	}
	a.asked[row], a.rows[out.ID] = out, row
	c, err := a.get(ctx, out.ID)
	if err != nil {
		return err
	}
	r := reading{row: row, place: c.Place == "" && !c.HasPoint}
	heard := a.h.Words.Read(q.Text)
	for _, k := range heard.Keys() {
		r.danger = r.danger || k == "danger" || k == sense.MaybeDanger
	}
	for _, need := range q.Lacks { // whoever reads it understands it
		if !slices.Contains(c.Needs, need) {
			r.says = append(r.says, "need."+need)
		}
	}
	if c.People == 0 {
		r.people = heard.People()
	}
	if r.place || len(r.says) > 0 || r.people > 0 {
		a.fresh = append(a.fresh, r)
	}
	if now-a.looked > 5*time.Second { // the house looks every two seconds
		a.looked = now
		return a.h.Cases.LookAlike(ctx)
	}
	return nil
}

func (a *nightHouse) get(ctx context.Context, cid cases.CaseID) (c *cases.Case, err error) {
	err = a.h.DB.Read(ctx, func(t *db.Tx) error {
		c, err = a.h.Cases.Get(t, cid)
		return err
	})
	return c, err
}

func (a *nightHouse) Free(crew int) { a.free = append(a.free, crew) }

// unread drops from the list what was joined to another meanwhile: it is no longer
// shown.
func (a *nightHouse) unread(ctx context.Context) (err error) {
	a.fresh = slices.DeleteFunc(a.fresh, func(r reading) bool {
		c, e := a.get(ctx, a.asked[r.row].ID)
		err = errors.Join(err, e)
		return e == nil && !c.MergedInto.IsZero()
	})
	return err
}

// Next sends a crew; else reads what may be life in danger; else joins; else reads
// the rest, calls those who do not answer.
func (a *nightHouse) Next(ctx context.Context, now time.Duration) (*replay.Act, error) {
	a.now(now)
	if len(a.apart) > 0 {
		row := a.apart[0]
		a.apart = a.apart[1:]
		return &replay.Act{Kind: "part what was joined", Takes: replay.TheDesk.Call + 2*replay.TheDesk.Mind, Done: func(ctx context.Context, now time.Duration) error {
			a.now(now)
			return a.allowed(a.h.Cases.Unmerge(ctx, a.desk, a.asked[row].ID))
		}}, nil
	}
	if act, err := a.send(ctx, now); act != nil || err != nil {
		return act, err
	}
	if now >= a.swept+time.Minute {
		a.swept = now
		if err := a.unread(ctx); err != nil {
			return nil, err
		}
	}
	if i := slices.IndexFunc(a.fresh, func(r reading) bool { return r.danger }); i >= 0 {
		return a.read(i), nil
	}
	if act, err := a.join(ctx, now); act != nil || err != nil {
		return act, err
	}
	if len(a.fresh) > 0 {
		return a.read(0), nil
	}
	if len(a.silent) > 0 {
		return a.ring(), nil
	}
	return nil, nil
}

// read is one request read, its place found where the house found none, and what
// its words say confirmed.
func (a *nightHouse) read(i int) *replay.Act {
	r, d := a.fresh[i], replay.TheDesk
	a.fresh = slices.Delete(a.fresh, i, i+1)
	q := a.n.Requests[r.row]
	act := &replay.Act{Kind: "read", Takes: d.Read(q.Text) + d.Mind + d.Keys(2)}
	if r.place {
		act.Kind = "read and place"
		act.Takes += d.Read(q.PlaceText) + d.Mind + d.Keys(10)
	}
	act.Done = func(ctx context.Context, now time.Duration) error {
		a.now(now)
		cid := a.asked[r.row].ID
		if r.place {
			if err := a.allowed(a.h.Cases.Locate(ctx, a.desk, cid, q.Place)); err != nil {
				return err
			}
		}
		if len(r.says) == 0 && r.people == 0 {
			return nil
		}
		return a.allowed(a.h.Cases.Understand(ctx, a.desk, cid, r.says, r.people))
	}
	return act
}

// slips is how often a person joins what is not one need, or leaves apart what is.
const slips = 0.02

// join is a pair that the house calls likely, judged by somebody who reads both.
func (a *nightHouse) join(ctx context.Context, now time.Duration) (*replay.Act, error) {
	if len(a.pairs) == 0 && now > a.pairsAt+10*time.Second {
		a.pairsAt = now
		var err error
		if a.pairs, err = a.openPairs(ctx); err != nil {
			return nil, err
		}
	}
	if len(a.pairs) == 0 {
		return nil, nil
	}
	p := a.pairs[0]
	a.pairs = a.pairs[1:]
	return a.judge(p), nil
}

// judge is one pair read and decided.
func (a *nightHouse) judge(p [2]cases.CaseID) *replay.Act {
	a.judged[p] = true
	x, y := a.n.Requests[a.rows[p[0]]], a.n.Requests[a.rows[p[1]]]
	verdict := "other"
	if same, slip := x.Event == y.Event, a.n.Chance() < slips; same != slip {
		verdict = "same"
	}
	d := replay.TheDesk
	return &replay.Act{Kind: "judge a pair", Takes: d.Read(x.Text, y.Text) + d.Keys(1), Done: func(ctx context.Context, now time.Duration) error {
		a.now(now)
		_, _, err := a.h.Cases.Decide(ctx, a.desk, verdict, [][2]cases.CaseID{p})
		return a.allowed(err)
	}}
}

// ring asks somebody who was helped whether help came.
func (a *nightHouse) ring() *replay.Act {
	row := a.silent[0]
	a.silent = a.silent[1:]
	answers := a.n.Chance() < 0.6
	return &replay.Act{Kind: "call who does not answer", Takes: replay.TheDesk.Call, Done: func(ctx context.Context, now time.Duration) error {
		a.now(now)
		if !answers {
			return nil
		}
		return a.confirmed(ctx, now, row, a.desk, cases.DeedConfirmFor)
	}}
}

func (a *nightHouse) confirmed(ctx context.Context, now time.Duration, row int, by actor.Actor, d deedOfCase) error {
	err := a.h.Cases.Confirm(ctx, by, d, a.asked[row].ID, cases.Yes)
	if err == nil {
		a.n.Sites[a.n.Requests[row].Event].Sure = now
	}
	return a.allowed(err)
}

// needs of rescue are those of rescue crews.
func forRescue(c *cases.Case) bool { return slices.Contains(c.Needs, "rescue") }

func (a *nightHouse) where(c *cases.Case) geo.Point {
	if c.HasPoint {
		return c.At
	}
	return middleOf(a.h.Places, c.Place)
}

// Refused is what the rules did not allow, most often first.
func (a *nightHouse) Refused() (out []string) {
	keys := slices.SortedFunc(maps.Keys(a.refused), func(x, y string) int { return cmp.Compare(a.refused[y], a.refused[x]) })
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%d %s", a.refused[k], k))
	}
	return out
}

var errNoCode = errors.New("night: a request without a code for its delivery")
