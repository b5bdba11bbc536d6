// Package actor says who is doing something, and in what quality: the roles
// that a person holds, each bound to an organisation, a territory and, where
// it applies, a service. Whatever no grant allows is refused.
package actor

import (
	"context"

	"github.com/twiza/twiza/base/id"
)

// Account and Organisation give the identifiers below their kind; the records
// themselves belong to shared/people.
type (
	Account        struct{}
	Organisation   struct{}
	AccountID      = id.Of[Account]
	OrganisationID = id.Of[Organisation]
)

// Role is a quality in which somebody works here. The set is closed.
type Role string

const (
	Administrator Role = "administrator" // accounts and configuration; never cases
	CrisisCell    Role = "crisis_cell"   // opens and closes crises, sees everything under way
	Dispatcher    Role = "dispatcher"    // works the queue of a territory
	Agent         Role = "agent"         // answers and makes calls
	Coordinator   Role = "coordinator"   // runs an association's work
	Leader        Role = "leader"        // leads a team in the field
	Volunteer     Role = "volunteer"     // goes on the missions of their association that they were placed on
	Safeguarding  Role = "safeguarding"  // named, trained: the only reader of restricted concerns
	Treasurer     Role = "treasurer"     // keeps money that others decide on
	Auditor       Role = "auditor"       // reads every journal line, changes nothing
)

// Roles is every role, in the order in which people read them.
var Roles = []Role{Administrator, CrisisCell, Dispatcher, Agent, Coordinator, Leader, Volunteer, Safeguarding, Treasurer, Auditor}

// ForOrganisation tells whether the role acts in the name of one organisation
// only, and therefore needs that organisation to be recognised.
func (r Role) ForOrganisation() bool { return r == Coordinator || r == Leader || r == Volunteer }

// Valid tells whether r is one of Roles.
func (r Role) Valid() bool {
	for _, x := range Roles {
		if x == r {
			return true
		}
	}
	return false
}

// Grant is one role in the places where it is held.
type Grant struct {
	Role       Role
	Org        OrganisationID
	Territory  string // code of a region, province or commune; "" is the whole country
	Service    string // "" is every service
	Recognised bool   // whether Org may act now
}

// Scope is what a deed touches: whose it is, where it lies, which service.
type Scope struct {
	Org     OrganisationID // zero: nobody's yet
	Path    []string       // place codes, region first; empty when the place is unknown
	Service string
}

// Covers tells whether the grant reaches what the scope describes.
func (g Grant) Covers(s Scope) bool {
	if g.Service != "" && s.Service != "" && g.Service != s.Service {
		return false
	}
	if g.Role.ForOrganisation() && (!g.Recognised || !s.Org.IsZero() && s.Org != g.Org) {
		return false
	}
	if g.Territory == "" {
		return true
	}
	for _, p := range s.Path {
		if p == g.Territory {
			return true
		}
	}
	return false
}

// Actor is who is doing something. The zero Actor is a passer-by.
type Actor struct {
	Account AccountID
	Name    string
	Org     OrganisationID // the organisation of the first grant, for "on whose behalf"
	OrgName string
	Langs   []string // languages spoken: shi, ary, fr …
	Grants  []Grant
	System  string // a chore of the house itself, "lease"; never set from outside
	Channel string // web, api, cli, import
	Unread  bool   // shows a session that could not be read, because the store does not answer
}

// Known tells whether somebody has signed in, or the house itself acts.
func (a Actor) Known() bool { return !a.Account.IsZero() || a.System != "" }

// Holds tells whether the actor holds any of the roles, anywhere.
func (a Actor) Holds(roles ...Role) bool {
	for _, g := range a.Grants {
		for _, r := range roles {
			if g.Role == r {
				return true
			}
		}
	}
	return false
}

// May finds the grant by which the actor may act on the scope in one of the roles.
func (a Actor) May(roles []Role, s Scope) (Grant, bool) {
	for _, g := range a.Grants {
		for _, r := range roles {
			if g.Role == r && g.Covers(s) {
				return g, true
			}
		}
	}
	return Grant{}, false
}

// Speaks tells whether the actor speaks a language.
func (a Actor) Speaks(lang string) bool {
	for _, l := range a.Langs {
		if l == lang {
			return true
		}
	}
	return false
}

type key struct{}

// Into and From carry the actor of a request in its context.
func Into(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
