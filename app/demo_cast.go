package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
)

// cast is who acts in the night.
type cast struct {
	orgs     []actor.OrganisationID // by the story's index
	teams    []field.TeamID
	accounts []actor.Actor // with exactly the roles that they were given
}

// prepare lets organisations, people and teams in, before the shock.
func (n *night) prepare(ctx context.Context, l logins) error {
	n.clock.At = n.start.Add(registered)
	for i, o := range n.story.Organisations {
		x := people.Organisation{ID: id.New[actor.Organisation](n.clock.Now()), Kind: people.Kind(o.Kind), Names: people.Names(o.Name),
			Domains: o.Domains, Territory: slices.Clone(o.Territory), Status: people.Status(o.Status), Reason: o.Reason}
		if x.Kind == people.Association {
			x.Receipt = fmt.Sprintf("%02d/DEMO", i+1)
		}
		if err := n.h.People.SeedOrganisation(ctx, x); err != nil {
			return fmt.Errorf("organisation %s: %w", o.Key, err)
		}
		n.cast.orgs = append(n.cast.orgs, x.ID)
	}
	n.clock.At = n.start.Add(invited)
	for _, a := range n.story.Accounts {
		if err := n.letIn(ctx, a, l); err != nil {
			return fmt.Errorf("account %s: %w", a.Login, err)
		}
	}
	n.clock.At = n.start.Add(gathered)
	for _, t := range n.story.Teams {
		x := field.Team{ID: id.New[field.Team](n.clock.Now()), Org: n.cast.orgs[t.Org], Names: field.Names{AR: t.AR, FR: t.FR},
			Skills: t.Skills, Languages: t.Languages, People: t.People, Base: t.Base}
		scope := actor.Scope{Org: x.Org, Path: n.path(t.Base)}
		by := n.who(actor.Coordinator, scope)
		if !n.story.Organisations[t.Org].Recognised() { // it may not act: the crisis cell puts its teams on the list
			by = n.who(actor.CrisisCell, scope)
		}
		if err := n.h.Field.CreateTeam(ctx, by, x); err != nil {
			return fmt.Errorf("team %s: %w", t.Key, err)
		}
		n.cast.teams = append(n.cast.teams, x.ID)
	}
	return nil
}

// letIn makes an account that may sign in with what is on file. Who runs an
// association's work does so wherever it works: first in the territory of the
// pack, then in the others.
func (n *night) letIn(ctx context.Context, a story.Account, l logins) error {
	by := actor.Actor{Name: a.FR, Langs: a.Languages, Channel: "web"}
	g := actor.Grant{Role: actor.Role(a.Role), Territory: a.Territory}
	var more []string
	if a.Org >= 0 {
		o := n.story.Organisations[a.Org]
		g.Org, g.Recognised = n.cast.orgs[a.Org], o.Recognised()
		if by.Org, by.OrgName = g.Org, o.Name.FR; g.Role == actor.Coordinator {
			more = slices.DeleteFunc(slices.Clone(o.Territory), func(code string) bool { return code == a.Territory })
		}
	}
	by.Grants = []actor.Grant{g}
	var err error
	if by.Account, err = n.h.People.SeedAccount(ctx, a.Login, a.FR, l.Password, l.secret(a.Login), a.Languages, by.Grants); err != nil {
		return err
	}
	for _, code := range more {
		n.clock.Advance(time.Minute) // roles stand in the order in which they were given
		g.Territory = code
		by.Grants = append(by.Grants, g)
		if err := n.h.People.Give(ctx, System("demo"), people.Grant{Account: by.Account, Role: g.Role, Org: g.Org, Territory: code}); err != nil {
			return err
		}
	}
	n.cast.accounts = append(n.cast.accounts, by)
	return nil
}

// who is the first account that may act in a role where the scope lies. There
// is always one of the crisis cell, which works in the whole country; in
// another role there may be none, and what nobody does is refused.
func (n *night) who(role actor.Role, s actor.Scope) actor.Actor {
	for _, a := range n.cast.accounts {
		if _, ok := a.May([]actor.Role{role}, s); ok {
			return a
		}
	}
	return actor.Actor{}
}

// desk is a dispatcher of that territory, else the crisis cell.
func (n *night) desk(s actor.Scope) actor.Actor {
	if by := n.who(actor.Dispatcher, s); by.Known() {
		return by
	}
	return n.who(actor.CrisisCell, s)
}

// agent is somebody of the call centre who speaks the language, else anybody.
func (n *night) agent(spoken string) actor.Actor {
	for _, a := range n.cast.accounts {
		if a.Holds(actor.Agent) && a.Speaks(spoken) {
			return a
		}
	}
	return n.who(actor.Agent, actor.Scope{})
}

// leader is whoever leads that team themselves, where the scope lies; else the
// coordinator of the organisation.
func (n *night) leader(team int, s actor.Scope) actor.Actor {
	for i, a := range n.story.Accounts {
		if a.Team == team && a.TeamKey != "" {
			if _, ok := n.cast.accounts[i].May([]actor.Role{actor.Leader}, s); ok {
				return n.cast.accounts[i]
			}
		}
	}
	return n.who(actor.Coordinator, s)
}

// path is a place and all that it lies in, as codes.
func (n *night) path(code string) (out []string) {
	for _, p := range n.h.Places.Path(code) {
		out = append(out, p.Code)
	}
	return out
}

// scope is where a request lies, in the hands of an organisation or of none.
func (n *night) scope(i, org int) actor.Scope {
	s := actor.Scope{Path: n.path(n.story.Requests[i].Place), Service: n.story.Service}
	if org >= 0 {
		s.Org = n.cast.orgs[org]
	}
	return s
}
