// Package intake takes in what people gathered elsewhere, and is where a person
// turns it into requests.
//
// Words: a File is what somebody brought in: the chat of a village group, the
// sheet of an association, a survey. A Candidate is one message or row of it that
// may be a request. To triage is to say what candidates are: a request, an offer,
// the same as another, or nothing.
//
// What always holds: nothing becomes a case before a person says so; the same
// file brought in again adds nothing; what says nothing is set aside where it
// can be seen, and never dropped in silence; what names a person is sealed, a
// telephone number stands whole on no screen, and whoever opens somebody's words
// leaves a line.
package intake

import (
	"context"
	"embed"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Ports is what intake asks of the rest of the house. Identifiers of others are
// text here: whoever keeps the thing reads them.
type Ports struct {
	Cases Cases
	Sense *sense.Lexicon // nil: nothing is proposed
	Link  *linkage.Model // nil: only the same number and the same words are alike
	// Learn hears that a text meant a place, as somebody confirmed by a deed; nil
	// is nobody.
	Learn func(t *deed.Tx, text, code, from string) error
}

// Cases is what intake asks of whoever keeps requests.
type Cases interface {
	// Judge says how a request would stand if it were asked now; it keeps nothing.
	Judge(a Asking) (Judged, error)
	// Ask takes a request in, in one deed of its own.
	Ask(ctx context.Context, by actor.Actor, a Asking) (Asked, error)
	// TakeBack ends a request that was written down by mistake, as long as nobody
	// took it up.
	TakeBack(ctx context.Context, by actor.Actor, caseID string) error
	// Join joins a request to another one of the same need; Part undoes it.
	Join(ctx context.Context, by actor.Actor, from, into string) error
	Part(ctx context.Context, by actor.Actor, from string) error
	MayJoin(by actor.Actor) bool
	// Raise sets the urgency that a person saw in the words.
	Raise(ctx context.Context, by actor.Actor, caseID string, level int) error
	MayRaise(by actor.Actor) bool
	// Alike lists requests that may tell of the same need, the likeliest first.
	Alike(t *deed.Tx, r linkage.Report, limit int) ([]Likeness, error)
	// Stands is how a request stands, for a link to it.
	Stands(t *db.Tx, caseID string) (Likeness, error)
}

// Asking is a request that somebody gathered elsewhere.
type Asking struct {
	ID      string // the same one again is the same request
	Service string
	Answers forms.Answers
	Lang    string
	At      time.Time
	Contact string // a name for "the same caller", where there is no number
	Whole   bool   // a row of a table, taken in with all the others: what the form needs must be there
}

// Judged is how a request would stand.
type Judged struct {
	Level   int
	Needs   []string
	Place   string
	Reasons []rules.Reason
}

// Asked is what came of a request.
type Asked struct {
	Case, Receipt     string // no case when only trained people may read it
	Again, Restricted bool
}

// Likeness is something that may tell of the same need.
type Likeness struct {
	ID, Receipt, Href string
	Service, State    string // the state as the service calls it
	Needs             []string
	Level             int
	Place             string
	At                time.Time
	Waiting           bool // it is a candidate itself
	Band              linkage.Band
	Reasons           []linkage.Reason
}

// Service is what intake can do for the rest of the house.
type Service struct {
	h        *deed.House
	vault    *crypt.Vault
	places   *places.Gazetteer
	services *service.Set
	mappings []Mapping
	rules    Rules
	Ports
}

// New makes the service. UsePorts must be called before it serves anybody.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, s *service.Set, m []Mapping, r Rules) *Service {
	return &Service{h: h, vault: v, places: g, services: s, mappings: m, rules: r}
}

// UsePorts joins intake to those whom it asks.
func (s *Service) UsePorts(p Ports) { s.Ports = p }

var deeds = []deed.Deed{DeedTake, DeedTakeRows, DeedForget, DeedTakeBack, DeedRead, DeedConfirm, DeedJoin, DeedAside, DeedOffer, DeedUndo, DeedTidy}

// Manifest is intake as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "intake", Files: Files, Say: s.Say, Deeds: deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(),
		Sealed: []crypt.Column{{Table: "intake_file", Column: "sealed"}, {Table: "intake_file", Column: "body"}, {Table: "intake_file", Column: "errors"},
			{Table: "intake_reading", Column: "sealed", Key: "key"}, {Table: "intake_candidate", Column: "body"}},
		Hears: []module.Hearing{{Word: "cases.case.erase", Do: s.erased}},
		Chores: []module.Chore{
			{Name: "intake.files", Every: time.Hour, Do: s.ForgetFiles},
			{Name: "intake.tidy", Every: time.Hour, Do: s.Tidy},
		},
	}
}
