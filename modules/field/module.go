// Package field sends people and goods to those who wait, and counts what
// came of it to the unit.
//
// Words: a Team is people who set out together; a Mission is one journey of
// theirs; a Stop is a visit to the people of one case. The manifest says of
// each good how much was loaded, delivered, brought back and lost. A Delivery
// is what was handed over at a stop, proved by a code that the family holds or
// by a named witness.
//
// What always holds: a team is on one open mission at most; a case waits at one
// stop at most; nothing is handed out that was not loaded; a mission closes
// only when loaded = delivered + returned + lost, and every loss has a reason;
// only a recognised organisation's mission departs.
package field

import (
	"context"
	"embed"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

type (
	caseKind   struct{}
	CaseID     = id.Of[caseKind] // a case as field points at it; whoever keeps cases has the same text
	TeamID     = id.Of[Team]
	MissionID  = id.Of[Mission]
	StopID     = id.Of[Stop]
	DeliveryID = id.Of[Delivery]
)

// Cases is what field asks of whoever keeps cases.
type Cases interface {
	// Briefs tells what a team needs to know of cases, one for each that exists.
	Briefs(t *db.Tx, ids []CaseID) ([]Brief, error)
	// Waiting lists the cases that an organisation owns and nobody has set out
	// for: those given to that team first, the most urgent first.
	Waiting(t *db.Tx, org actor.OrganisationID, team TeamID, limit int) ([]Brief, error)
	// Unserved lists places near a commune where people wait and that nobody has
	// taken on, most waiting first.
	Unserved(t *db.Tx, commune string, limit int) ([]PlaceNeed, error)
	// Advance moves a case in the caller's own unit of work. word is "assign",
	// "depart", "deliver" or "turn_back"; a case that is elsewhere is fault.Conflict.
	Advance(t *deed.Tx, c CaseID, word string, with Advance) error
	// CheckCode compares the code that the family told. It counts wrong tries in
	// a unit of work of its own, which is kept whatever becomes of the delivery;
	// after too many it is fault.Limited, with a sentence that says what to do.
	CheckCode(ctx context.Context, by actor.Actor, c CaseID, code string) (ok bool, err error)
}

// Brief is what a team needs to know of a case: nothing in it names a person.
type Brief struct {
	ID        CaseID
	Receipt   string
	Service   string
	State     string
	Phase     string // open, owned, moving, waiting or final
	Level     int    // 1 most urgent … 4
	Org       actor.OrganisationID
	Team      TeamID
	Path      []string // region, province, commune; as far as known
	PlaceCode string   // "" when the place is not resolved
	HasPoint  bool
	At        geo.Point
	People    int
	NeedKeys  []string // catalogue keys
	Due       time.Time
}

// Advance says on whose account a case moves.
type Advance struct {
	Team    string
	Mission string
	Goods   map[string]int // of a delivery
}

// PlaceNeed is how many requests wait at a place.
type PlaceNeed struct {
	Place   string // code
	Waiting int
}

// Goods is what field asks of whoever keeps services: what can be loaded for
// one, or, for "", for any.
type Goods interface{ Goods(service string) []Good }

// Good is a thing that is counted: a blanket, a basket, a five-litre bottle.
type Good struct {
	Code string
	Unit string // catalogue key of its unit; "" when pieces are counted
	Key  string // catalogue key of its name

	Grams, Millilitres int // of one unit; 0 where nobody has said
}

// Orgs is what field asks of whoever keeps organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	Recognised(t *db.Tx, org actor.OrganisationID) (bool, error)
}

// Service is what field can do for the rest of the house.
type Service struct {
	h        *deed.House
	vault    *crypt.Vault
	places   *places.Gazetteer
	goods    Goods
	orgs     Orgs
	cases    Cases
	assigned Assigned
	gifts    Gifts       // nil when nobody keeps offers
	hearsay  RoadReports // nil when nobody reports roads
	gapsOf   Gaps        // nil when nobody tells of them
	means    *Means
	unheard  Contacts // nil when nobody tells of them
	talk     bool     // there is a channel for each mission
	silence  time.Duration
	rules    *TeamRules
}

// silence is how long a team on the way may say nothing before the lists show it.
const silence = 6 * time.Hour

// New makes the service. UseCases must be called before it serves anybody:
// cases ask teams in turn, so neither can be built with the other.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, goods Goods, orgs Orgs) *Service {
	return &Service{h: h, vault: v, places: g, goods: goods, orgs: orgs, silence: silence, means: &Means{}, rules: &TeamRules{Position: Hours{Hours: 12}}}
}

// UseCases and UseSilence are called while the house is built.
func (s *Service) UseCases(c Cases) { s.cases = c }

// UseTalk says that each mission has a channel, at /talk/MISSION.
func (s *Service) UseTalk()                   { s.talk = true }
func (s *Service) UseSilence(d time.Duration) { s.silence = d }

// Manifest is field as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "field", Files: Files, Say: s.Say, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(),
		Sealed: []crypt.Column{{Table: "field_delivery", Column: "witness"}, {Table: "field_vehicle", Column: "plate"}, {Table: "field_vehicle", Column: "driver"}},
		Chores: []module.Chore{{Name: "field.vehicle.forget", Every: 24 * time.Hour, Do: s.forgetDrivers}},
		Hears: []module.Hearing{
			{Word: "cases.case.locate", Do: s.relocated},
			{Word: "cases.case.erase", Do: s.erased},
			{Word: "talk.message.post", Do: s.talked},
			{Word: "talk.message.text", Do: s.talked},
		},
	}
}

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{
	DeedTeamList, DeedTeamCreate, DeedTeamEdit, DeedTeamDisband, DeedTeamAt, DeedFound, DeedFoundUndo, DeedUnreached, DeedOutreach, DeedVisited,
	DeedMissionSee, DeedPlan, DeedAddStop, DeedDropStop, DeedLoad, DeedDepart, DeedCancel, DeedReturn, DeedLose, DeedClose,
	DeedNotReached, DeedDeliver, DeedWitness, DeedSecond,
	DeedVehicleAdd, DeedVehicleDrop, DeedDriverReveal, DeedPermit, DeedOrder, DeedLoadGift, DeedRoadList, DeedRoadSay, DeedGapList,
}

func (s *Service) doors() []module.Door {
	return []module.Door{
		module.Get("/teams", DeedTeamList, s.showTeams),
		module.Get("/teams/new", DeedTeamCreate, s.newTeam),
		module.Post("/teams/new", DeedTeamCreate, s.createTeam),
		module.Get("/teams/{id}", DeedTeamList, s.showTeam),
		module.Get("/teams/{id}/edit", DeedTeamEdit, s.editTeam),
		module.Post("/teams/{id}/edit", DeedTeamEdit, s.saveTeam),
		module.Post("/teams/{id}/disband", DeedTeamDisband, s.disbandTeam),
		module.Post("/teams/{id}/where", DeedTeamAt, s.sayWhereForm),

		module.Get("/missions", DeedMissionSee, s.showMissions),
		module.Get("/missions/new", DeedPlan, s.newMission),
		module.Post("/missions/new", DeedPlan, s.planMission),
		module.Get("/missions/{id}", DeedMissionSee, s.seeMission),
		module.Post("/missions/{id}/stops", DeedAddStop, s.addStopsForm),
		module.Post("/missions/{id}/stops/{stop}/drop", DeedDropStop, s.dropStopForm),
		module.Post("/missions/{id}/load", DeedLoad, s.loadForm),
		module.Post("/missions/{id}/depart", DeedDepart, s.departForm),
		module.Post("/missions/{id}/cancel", DeedCancel, s.cancelForm),
		module.Post("/missions/{id}/return", DeedReturn, s.returnForm),
		module.Post("/missions/{id}/lose", DeedLose, s.loseForm),
		module.Post("/missions/{id}/close", DeedClose, s.closeForm),
		module.Post("/missions/{id}/found", DeedFound, s.foundForm),
		module.Post("/missions/{id}/found/{found}/undo", DeedFoundUndo, s.undoFoundForm),
		module.Get("/missions/{id}/waybill", DeedMissionSee, s.waybill),
		module.Get("/missions/{id}/list", DeedMissionSee, s.distributionList),
		module.Get("/missions/{id}/waybill.pdf", DeedMissionSee, s.waybillFile),
		module.Get("/missions/{id}/list.pdf", DeedMissionSee, s.listFile),

		module.Get("/missions/{id}/deliver/{stop}", DeedDeliver, s.visit),
		module.Post("/missions/{id}/deliver/{stop}", DeedDeliver, s.deliverForm),
		module.Post("/missions/{id}/deliver/{stop}/not-reached", DeedNotReached, s.notReachedForm),
		module.Get("/stop/{sign}", DeedDeliver, s.openSign),
		module.Get("/missions/{id}/witness/{stop}", DeedWitness, s.askWitness),
		module.Post("/missions/{id}/witness/{stop}", DeedWitness, s.showWitness),

		module.Get("/missions/{id}/caravan", DeedMissionSee, s.seeCaravan),
		module.Post("/missions/{id}/caravan/load", DeedLoad, s.caravanLoadForm),
		module.Post("/missions/{id}/caravan/offers", DeedLoadGift, s.giftsForm),
		module.Post("/missions/{id}/caravan/vehicles", DeedVehicleAdd, s.addVehicleForm),
		module.Post("/missions/{id}/caravan/vehicles/{vehicle}/drop", DeedVehicleDrop, s.dropVehicleForm),
		module.Post("/missions/{id}/caravan/permit", DeedPermit, s.permitForm),
		module.Post("/missions/{id}/caravan/order", DeedOrder, s.orderForm),
		module.Post("/missions/{id}/waybill", DeedDriverReveal, s.waybillNamed),
		module.Get("/missions/{id}/means", DeedMissionSee, s.missionMeans),
		module.Get("/means", DeedRoadList, s.placeMeans),

		module.Get("/roads", DeedRoadList, s.showRoads),
		module.Get("/roads.csv", DeedRoadList, s.roadsCSV),
		module.Get("/roads/new", DeedRoadSay, s.newRoad),
		module.Post("/roads/new", DeedRoadSay, s.sayRoad),
		module.Get("/roads/{place}", DeedRoadList, s.showRoad),
		module.Get("/gaps", DeedGapList, s.showGaps),
		module.Get("/unreached", DeedUnreached, s.showUnreached),
		module.Post("/unreached", DeedOutreach, s.outreachForm),
		module.Post("/missions/{id}/visits/{visit}", DeedVisited, s.visitedForm),
		module.Post("/gaps/{place}/claim", DeedGapList, s.takeGap),

		module.Get("/who-what-where", DeedTeamList, s.showWhere),
		module.Get("/who-what-where.csv", DeedTeamList, s.whereCSV),

		{API: true, Method: "GET", Path: "/api/v1/teams", Deed: DeedTeamList, Out: TeamsOut{}, Handle: s.apiTeams},
		{API: true, Method: "GET", Path: "/api/v1/missions", Deed: DeedMissionSee, Out: MissionsOut{}, Handle: s.apiMissions},
		{API: true, Method: "POST", Path: "/api/v1/missions/{id}/deliveries", Deed: DeedDeliver, In: DeliveryIn{}, Out: DeliveryOut{}, Handle: s.apiDeliver},
	}
}
