package hands

import (
	"time"

	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// What offers ask of the rest of the house. app fills these ports.

// Need is somebody's need as an offer can meet it: a request for help that
// waits, or a good that a planned mission lacks. Nothing in it names a person.
type Need struct {
	Ref    string // "case/ID" or "mission/ID"
	Href   string // its page
	Org    actor.OrganisationID
	Kinds  []string // codes of needs: warm, food …; of a case
	Keys   []string // their catalogue keys, in the same order
	People int      // for how many; of a case
	Level  int      // 1 most urgent … 4
	Since  time.Time
	Place  string
	Path   []string // region, province, commune; as far as known

	Goods map[string]int // of a mission: what is lacking, in units by code
	Road  string         // what there is to drive on, where that is known
	Goes  time.Time      // when it means to set out
}

// Needs is asked what is lacking.
type Needs interface {
	// Waiting lists the needs of an area that nobody has met, the most urgent
	// first; "" is the whole country.
	Waiting(t *db.Tx, area string, limit int) ([]Need, error)
	// Get is one need by its reference, fault.Missing when it waits no more.
	Get(t *db.Tx, ref string) (Need, error)
	// Gap tells who else goes to a commune already, and where nearby people wait
	// and nobody goes (M17). Both empty where there is nothing to warn of.
	Gap(t *db.Tx, org actor.OrganisationID, commune string) (others []actor.OrganisationID, near []Neighbour, err error)
}

// Neighbour is a place where people wait and nobody goes.
type Neighbour struct {
	Place   string
	Waiting int
}

// Good is a thing that can be given, under the code that missions load.
type Good struct {
	Code string
	Key  string // catalogue key of its name
	Unit string // catalogue key of what it is counted in
}

// Goods is asked what can be given.
type Goods interface{ Goods() []Good }

// Helpers is asked which recognised organisations work in a place.
type Helpers interface {
	Helping(t *db.Tx, path []string) ([]actor.OrganisationID, error)
}

// Text is a short message to a giver, in their language.
type Text struct {
	Subject string
	Phone   phone.Number
	Lang    string
	Key     string
	Args    []any  // name, value …
	Again   string // tells apart what is said again on purpose: the end that a pledge is reminded of
}

// Texts sends one within the unit of work that it tells of.
type Texts interface {
	Inform(t *deed.Tx, m Text) error
}

// OfferPorts is all of them.
type OfferPorts struct {
	Needs   Needs
	Goods   Goods
	Helpers Helpers
	Texts   Texts
	Rules   OfferRules
}

// UseOffers is called while the house is built.
func (s *Service) UseOffers(p OfferPorts) { s.offers = p }
