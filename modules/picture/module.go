// Package picture is what everybody may see of a crisis: what happened and what to
// do, where help is asked for and who brings it, which places nobody has reached,
// where one can sleep tonight, and the same as files that others build on.
//
// Words: coverage is, by commune, how many asked, and to how many of them the
// State, associations, both or nobody came. A Shelter is a place where people can
// go. A protected shelter is one for those who must not be found.
//
// What always holds: every count of people comes from shared/release and from
// nowhere else; nothing smaller than a commune is named, but a shelter that is
// open to everybody; a vehicle under way, a warehouse and a protected shelter are
// in none of it; there is no point of a request, no name and no phone.
package picture

import (
	"context"
	"embed"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Crisis is an open crisis: keys of the catalogue, since when, and where.
type Crisis struct {
	Code, Name, What string
	Advice           []string
	Area             []string
	Since            time.Time
}

// Road is the last word about the way to a place, as everybody may read it.
type Road struct {
	Place string
	State string // open, rough, foot, closed
	Since time.Time
}

// Live is a request as staff count it in their own territory.
type Live struct {
	Place  string
	People int
	By     string // who serves it: state, association, both; "" is nobody
	Helped bool
}

// Ports is what the picture asks of the rest of the house.
type Ports struct {
	Crisis  func(ctx context.Context) (Crisis, bool, error)
	Cover   func(t *db.Tx) (map[string]places.Cover, error)
	Roads   func(t *db.Tx) ([]Road, error)
	Arrived func(t *db.Tx, since time.Time) (map[string]time.Time, error) // when help last arrived in each commune
	Told    func(t *db.Tx, since time.Time) (map[string]time.Time, error) // since when damage is told of in each commune
	Live    func(t *db.Tx, each func(Live)) error
	Needs   func() (codes, keys []string)
}

// Service draws the picture.
type Service struct {
	h      *deed.House
	places *places.Gazetteer
	press  *release.Press
	ports  Ports
}

// New makes the service.
func New(h *deed.House, g *places.Gazetteer, p *release.Press, ports Ports) *Service {
	return &Service{h: h, places: g, press: p, ports: ports}
}

// The deeds of the picture. Reading it is open to everybody.
var (
	DeedRead      = deed.Deed{Name: "picture.page.read", Open: true}
	DeedOwn       = deed.Deed{Name: "picture.situation.read", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Coordinator, actor.Auditor}}
	DeedShelters  = deed.Deed{Name: "picture.shelter.list", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedShelter   = deed.Deed{Name: "picture.shelter.open", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
	DeedShelterNo = deed.Deed{Name: "picture.shelter.close", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher}}
)

// Manifest is the picture as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "picture", Files: Files, Say: s.Say, Deeds: []deed.Deed{DeedRead, DeedOwn, DeedShelters, DeedShelter, DeedShelterNo},
		Doors: []module.Door{
			module.Get("/crisis", DeedRead, s.showCrisis),
			module.Get("/crisis/texts", DeedRead, s.showTexts),
			module.Get("/crisis.atom", DeedRead, s.atom),
			module.Get("/coverage", DeedRead, s.showCoverage),
			module.Get("/coverage.csv", DeedRead, s.coverageCSV),
			module.Get("/coverage.xlsx", DeedRead, s.coverageXLSX),
			module.Get("/coverage.geojson", DeedRead, s.coverageGeoJSON),
			module.Get("/numbers", DeedRead, s.showNumbers),
			module.Get("/numbers.csv", DeedRead, s.numbersCSV),
			module.Get("/situation", DeedRead, s.showSituation),
			module.Get("/situation/own", DeedOwn, s.showOwn),
			module.Get("/shelters", DeedShelters, s.showShelters),
			module.Post("/shelters", DeedShelter, s.openPost),
			module.Post("/shelters/{id}/close", DeedShelterNo, s.closePost),
		},
		Gallery: gallery(), Checks: checks(),
	}
}
