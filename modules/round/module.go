// Package round lets people work in the field without a network: what a phone
// takes along, what it records on the way, and how that comes home whole.
//
// Words: a Device is a phone that somebody works with; a Pack is the least that
// it needs to know for a journey; a Record is what was written down on it: a
// delivery, a visit, a request, a stop that was not reached, or a sealed
// request that the phone carries for somebody and cannot read.
//
// What always holds: a record has the identifier that the phone gave it, and is
// taken once however often it is sent; two records of the same thing are shown
// side by side to a person, and neither overwrites the other; a device that was
// cut off learns nothing more.
package round

import (
	"embed"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Service is what round can do for the rest of the house.
type Service struct {
	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	visits []*VisitForm
	Ports

	// busy lets one batch of a device be worked on at a time: a phone that is
	// impatient sends the same again while the first is still under way.
	busy sync.Map // DeviceID → *sync.Mutex
}

// New makes the service. UsePorts and UseVisits must be called before it serves
// anybody.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer) *Service {
	return &Service{h: h, vault: v, places: g}
}

// UsePorts joins round to those whom it asks.
func (s *Service) UsePorts(p Ports) { s.Ports = p }

// letterbox is where phones send what they must not be able to read.
func (s *Service) letterbox() (*crypt.Letterbox, error) { return s.vault.Letterbox("round") }

// Manifest is round as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "round", Files: Files, Say: s.Say, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: s.checks(),
		Sealed: []crypt.Column{{Table: "round_device", Column: "name"}, {Table: "round_record", Column: "body"}, {Table: "round_record", Column: "answers"},
			{Table: "round_photo", Column: "body"}, {Table: "round_photo_part", Column: "body"}},
		Hears:  []module.Hearing{{Word: "cases.case.erase", Do: s.erased}},
		Chores: []module.Chore{{Name: "round.tidy", Every: time.Hour, Do: s.tidy}},
	}
}
