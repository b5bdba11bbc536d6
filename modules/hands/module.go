// Package hands gathers what people offer: their hours, their goods, a seat in
// a lorry, a room for the night.
//
// Words: a Call says what is wanted, where, how much and until when, in the
// name of a recognised organisation. A Volunteer is somebody who offers hours
// under one organisation; a Shift is when and where they are expected. An
// Offer is goods, transport or shelter that somebody puts at an organisation's
// disposal; a Match is an offer that a person chose for a need.
//
// What always holds: nobody is called who was not asked for, and no more
// people are placed than a call wants, so that a crowd never blocks a road; a
// match is made by a person, never by the program; an offer that is not needed
// is answered with thanks; only a recognised organisation calls.
package hands

import (
	"embed"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Orgs is what hands asks of whoever keeps organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	Recognised(t *db.Tx, org actor.OrganisationID) (bool, error)
}

// Service is what hands can do for the rest of the house.
type Service struct {
	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	orgs   Orgs
	offers OfferPorts
	crew   crew
}

// New makes the service.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, orgs Orgs) *Service {
	return &Service{h: h, vault: v, places: g, orgs: orgs}
}

// Manifest is hands as the house sees it. Each noun brings its own part.
func (s *Service) Manifest() module.Manifest {
	m := module.Manifest{Name: "hands", Files: Files}
	s.offersPart(&m)
	s.crewPart(&m)
	return m
}
