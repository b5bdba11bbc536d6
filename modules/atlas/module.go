// Package atlas shows staff where things are: requests, teams, roads, damage and
// the country itself, as vector tiles for a map that moves, and as a table that
// says the same.
//
// What always holds: a map shows a reader what their queue would show them, and
// not one request more; restricted concerns are not among what atlas is told of,
// so that no tile can hold one. Counts are true: at every zoom the symbols of all
// tiles add up to the requests in sight that somebody knows the place of, and the
// table names how many the others are. A symbol of several keeps the worst level
// among them. All of it is for staff: what the public sees is made elsewhere.
package atlas

import (
	"context"
	"embed"
	"sync"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed pages/*.html locale/*.json
var Files embed.FS

// DeedSee is to look at the map. Whoever has a queue has a map of it.
var DeedSee = deed.Deed{Name: "atlas.map.see", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator, actor.Leader, actor.Auditor}}

// Requests is what atlas asks of whoever keeps requests.
type Requests interface {
	// Each hands over every request that is not over and stands for itself.
	Each(t *db.Tx, each func(Request)) error
	// Some are those of the named ones that are not over and stand for themselves.
	Some(t *db.Tx, ids []string) ([]Request, error)
	// Count is how many Each would hand over.
	Count(t *db.Tx) (int, error)
	// Sight is what part of them a reader's queue shows.
	Sight(by actor.Actor) Sight
	// Lines puts requests into words for a list, in the order that was asked for.
	Lines(c *web.Ctx, t *db.Tx, ids []string) ([]Line, error)
}

// Field is what atlas asks of whoever keeps teams and words about roads.
type Field interface {
	// Teams are the teams of an organisation, of all when it is zero.
	Teams(t *db.Tx, org actor.OrganisationID) ([]Team, error)
	// Roads is the last word about the way to each place, as long as it holds.
	Roads(t *db.Tx) ([]Road, error)
}

// Team is people who may set out, and where they are thought to be.
type Team struct {
	ID    string
	Names map[string]string // "ar", "fr"
	Place string
	Away  bool // on its way: Place is where it goes next
}

// Road is what somebody said of the way to a place.
type Road struct {
	Place string
	State string // open, rough, foot, closed
}

// closedRoad is the state in which nobody gets to a place.
const closedRoad = "closed"

// Ports is what atlas asks of the rest of the house.
type Ports struct {
	Requests Requests
	Field    Field
	// Harm is how bad it is in each commune that a map of damage speaks of, 1 to 4.
	Harm func(ctx context.Context) (map[string]int, error)
	// Follow hands over the subjects of deeds ("cases.case/0199…") soon after they
	// were done, in whichever process. The channel is closed when ctx ends, or when
	// some were missed: then what is known must be read anew.
	Follow func(ctx context.Context) (<-chan []string, error)
}

// Service is the map.
type Service struct {
	h      *deed.House
	places *places.Gazetteer
	ports  Ports
	known  store
	land   func() *land // drawn once somebody looks
	shelf  shelf
	others others
}

// New makes the map. It holds nothing in memory before somebody looks.
func New(h *deed.House, g *places.Gazetteer, p Ports) *Service {
	s := &Service{h: h, places: g, ports: p}
	s.known.s = s
	s.land = sync.OnceValue(func() *land { return drawLand(g) })
	return s
}

// point is where a place is, and within how many kilometres.
func (s *Service) point(code string) (at geo.Point, km float64, ok bool) { return s.places.Point(code) }

// Manifest is atlas as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{Name: "atlas", Files: Files, Deeds: []deed.Deed{DeedSee}, Doors: []module.Door{
		{API: true, Method: "GET", Path: "/tiles/{layer}/{z}/{x}/{file}", Deed: DeedSee, Handle: s.tile},
		module.Get("/atlas/table", DeedSee, s.table),
	}, Gallery: gallery()}
}
