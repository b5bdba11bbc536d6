// Package works clears what fell down, and nobody is under it when it does.
//
// Words: an Order is the work at one site, given to one organisation; it is
// planned, working, stopped, done or cancelled. Trapped is an open request that
// says that people may be under rubble near there.
//
// What always holds: no work begins or goes on while such a request is open
// within the distance that the country says, unless somebody who may looked into
// it and said why; a report that comes while work goes on stops it, and its
// leader is told; an order is done only with a picture from before and one from
// after; pictures are sealed, and each look leaves a line.
package works

import (
	"context"
	"embed"
	"errors"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Trapped is an open request that says that people may be under rubble.
type Trapped struct {
	Case     string
	Receipt  string
	Place    string // code; "" when nobody knows it
	HasPoint bool
	At       geo.Point
}

// Cases is what works asks of whoever keeps requests.
type Cases interface {
	// Trapped lists the open requests of a province that say so by one of these
	// needs or reasons.
	Trapped(t *db.Tx, province string, rules []TrappedRule) ([]Trapped, error)
	// Receipt is the number of a request, for a sentence about it; "" when it is gone.
	Receipt(t *db.Tx, caseID string) (string, error)
}

// Orgs is what works asks of whoever keeps organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	Recognised(t *db.Tx, org actor.OrganisationID) (bool, error)
	// Helping lists the recognised ones that work in a place.
	Helping(t *db.Tx, path []string) ([]actor.OrganisationID, error)
}

// Phones tells somebody something on their phone.
type Phones interface {
	Inform(t *deed.Tx, n reach.Inform) error
}

// Ports is what works asks of the rest of the house.
type Ports struct {
	Rules  Rules
	Cases  Cases
	Orgs   Orgs
	Phones Phones // nil when the house sends no messages
	// Develop makes a picture anew, so that what a camera writes beside it does
	// not come along; a picture that is none is a fault on the field photo.
	Develop func(ctx context.Context, raw []byte) (fresh []byte, width, height int, err error)
}

// Service is what works can do for the rest of the house.
type Service struct {
	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	Ports
	working atomic.Bool // somebody may be at work: reports are looked at as they come
}

// New makes the service.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, p Ports) *Service {
	s := &Service{h: h, vault: v, places: g, Ports: p}
	s.working.Store(true) // until somebody looked
	return s
}

// watchEvery is how often the house looks by itself whether work must stop. A
// report is looked at when it comes; this is for those of another process.
const watchEvery = 5 * time.Second

// Manifest is works as the house sees it.
func (s *Service) Manifest() module.Manifest {
	m := module.Manifest{
		Name: "works", Files: Files, Say: s.Say, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(),
		Sealed: []crypt.Column{{Table: "works_order", Column: "phone"}, {Table: "works_photo", Column: "body"}},
		Chores: []module.Chore{
			{Name: "works.watch", Every: watchEvery, Do: s.Watch},
			{Name: "works.photo.forget", Every: 24 * time.Hour, Do: s.forgetPhotos},
		},
	}
	for _, word := range []string{"ask", "take_down", "locate", "reopen", "reopen_for", "understand", "take_back", "unmerge"} {
		m.Hears = append(m.Hears, module.Hearing{Word: "cases.case." + word, Do: s.heard, When: s.working.Load})
	}
	return m
}

func (s *Service) path(code string) (out []string) {
	for _, p := range s.places.Path(code) {
		out = append(out, p.Code)
	}
	return out
}

func (s *Service) scope(o *Order) actor.Scope {
	return actor.Scope{Org: o.Org, Path: s.path(o.Place)}
}

// welcome makes a retry a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// readID reads an identifier from the address or a form; one that is none
// belongs to nothing.
func readID[T any](text string) (id.Of[T], error) {
	out, err := id.Parse[T](text)
	if err != nil {
		return out, fault.New(fault.Missing, "error.missing")
	}
	return out, nil
}
