package field

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// TeamsOut is a page of GET /api/v1/teams?after=…; next is "" at the end.
type TeamsOut struct {
	Teams []TeamOut `json:"teams"`
	Next  string    `json:"next,omitempty"`
}

type TeamOut struct {
	ID           string   `json:"id"`
	Organisation string   `json:"organisation"`
	NameAR       string   `json:"name_ar,omitempty"`
	NameFR       string   `json:"name_fr,omitempty"`
	Skills       []string `json:"skills"`
	Languages    []string `json:"languages"`
	People       int      `json:"people"`
	Base         string   `json:"base"`
	State        string   `json:"state"`
	Mission      string   `json:"mission,omitempty"` // the open one
}

// MissionsOut is a page of GET /api/v1/missions?state=open|ended&after=…
type MissionsOut struct {
	Missions []MissionOut `json:"missions"`
	Next     string       `json:"next,omitempty"`
}

type MissionOut struct {
	ID           string     `json:"id"`
	Organisation string     `json:"organisation"`
	Team         string     `json:"team"`
	State        string     `json:"state"`
	PlannedAt    time.Time  `json:"planned_at"`
	DepartedAt   *time.Time `json:"departed_at,omitempty"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
	Stops        []StopOut  `json:"stops"`
	Manifest     []Line     `json:"manifest"`

	Vehicles []VehicleOut `json:"vehicles"`
	Permit   PermitOut    `json:"permit"`
}

// VehicleOut is a vehicle without its plate and its driver, which only the
// papers of the caravan show.
type VehicleOut struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Road   string `json:"road"` // the worst way it can use: road, track, path, air
	Kg     int    `json:"kg"`
	Litres int    `json:"litres"`
	Seats  int    `json:"seats"`
	Offer  string `json:"offer,omitempty"`
}

// PermitOut is how far a permit has come, and whether the country's rules want one.
type PermitOut struct {
	State  string   `json:"state"`            // not_needed, asked, granted, refused
	Needed []string `json:"needed,omitempty"` // codes of rules
}

type StopOut struct {
	ID      string `json:"id"`
	Case    string `json:"case"`
	Place   string `json:"place,omitempty"`
	Commune string `json:"commune,omitempty"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
}

// DeliveryIn is a delivery told to POST /api/v1/missions/{id}/deliveries. The
// sender mints the id: sent twice it is recorded once, and with other content
// it is refused.
type DeliveryIn struct {
	ID       string         `json:"id"`
	Stop     string         `json:"stop"`
	Goods    map[string]int `json:"goods,omitempty"`
	NoGoods  bool           `json:"no_goods,omitempty"`
	Proof    string         `json:"proof"` // code or witness
	Code     string         `json:"code,omitempty"`
	Witness  string         `json:"witness,omitempty"`
	Relation string         `json:"relation,omitempty"`
}

// DeliveryOut is 201 for a delivery that is new and 200 for one that was there.
type DeliveryOut struct {
	ID      string `json:"id"`
	Mission string `json:"mission"`
	Stop    string `json:"stop"`
	Again   bool   `json:"again"`
}

const perAPIPage = 100

func (s *Service) apiTeams(c *web.Ctx) error {
	f := teamFind{limit: perAPIPage + 1}
	f.after, _ = id.Parse[Team](c.R.URL.Query().Get("after"))
	out := TeamsOut{Teams: []TeamOut{}}
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedTeamList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		teams, err := listTeams(t.Tx, f)
		if err != nil {
			return err
		}
		if len(teams) > perAPIPage {
			teams = teams[:perAPIPage]
			out.Next = teams[perAPIPage-1].ID.String()
		}
		busy, err := bound(t.Tx)
		for _, m := range teams {
			out.Teams = append(out.Teams, TeamOut{m.ID.String(), m.Org.String(), m.Names.AR, m.Names.FR, m.Skills, m.Languages, m.People, m.Base, string(m.State), busy[m.ID].String()})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(200, out)
}

func (s *Service) apiMissions(c *web.Ctx) error {
	q, by := c.R.URL.Query(), actor.From(c.Context())
	state := q.Get("state")
	if state != "" && state != "open" && state != "ended" {
		return fault.New(fault.Invalid, "field.mission.state_unknown").On("state")
	}
	out := MissionsOut{Missions: []MissionOut{}}
	err := s.h.Look(c.Context(), by, DeedMissionSee, func(t *deed.Tx) error {
		page, next, err := s.visible(t, by, missionFind{open: state != "ended", org: ownOrg(by), after: readMark(q.Get("after")), limit: perAPIPage})
		if err != nil {
			return err
		}
		for _, j := range page {
			out.Missions = append(out.Missions, j.wire())
		}
		out.Next = next
		return s.caravansOf(t.Tx, page, out.Missions)
	})
	if err != nil {
		return err
	}
	return c.JSON(200, out)
}

// caravansOf fills in the vehicles and permits of a page of missions.
func (s *Service) caravansOf(t *db.Tx, page []*Journey, out []MissionOut) error {
	ids, at := make([]MissionID, len(page)), map[MissionID]int{}
	for i, j := range page {
		ids[i], at[j.ID] = j.ID, i
		out[i].Vehicles, out[i].Permit = []VehicleOut{}, PermitOut{State: string(NotNeeded)}
	}
	vehicles, err := vehiclesOf(t, ids...)
	if err != nil {
		return err
	}
	permits, err := permitsOf(t, ids...)
	if err != nil {
		return err
	}
	for _, p := range permits {
		out[at[p.Mission]].Permit.State = string(p.State)
	}
	of := map[MissionID][]Vehicle{}
	for _, v := range vehicles {
		of[v.Mission] = append(of[v.Mission], v)
		m := &out[at[v.Mission]]
		m.Vehicles = append(m.Vehicles, VehicleOut{v.ID.String(), v.Kind, string(v.Road), v.Kg, v.Litres, v.Seats, v.Offer})
	}
	for i, j := range page {
		for _, r := range s.means.Needed(of[j.ID], s.burden(j.Goods)) {
			out[i].Permit.Needed = append(out[i].Permit.Needed, r.Code)
		}
	}
	return nil
}

func (j *Journey) wire() MissionOut {
	when := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	out := MissionOut{ID: j.ID.String(), Organisation: j.Org.String(), Team: j.Team.String(), State: string(j.State), PlannedAt: j.PlannedAt,
		DepartedAt: when(j.DepartedAt), ClosedAt: when(j.ClosedAt), Stops: []StopOut{}, Manifest: append([]Line{}, j.Goods...)}
	for _, stop := range j.Stops {
		out.Stops = append(out.Stops, StopOut{stop.ID.String(), stop.Case.String(), stop.Place, stop.Commune, string(stop.State), stop.Reason})
	}
	return out
}

func (s *Service) apiDeliver(c *web.Ctx) error {
	var in DeliveryIn
	if err := c.ReadJSON(&in); err != nil {
		return err
	}
	d := Handover{Goods: in.Goods, NoGoods: in.NoGoods, Proof: in.Proof, Code: Secret(in.Code), Witness: in.Witness, Relation: in.Relation}
	var err error
	if d.Mission, err = readID[Mission](c.R.PathValue("id")); err != nil {
		return err
	}
	var wrong fault.All
	if d.ID, err = id.Parse[Delivery](in.ID); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "field.delivery.id_wrong").On("id"))
	}
	if d.Stop, err = id.Parse[Stop](in.Stop); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "field.stop.missing").On("stop"))
	}
	if err := append(wrong, d.tidy().wrong()...).OrNil(); err != nil {
		return err
	}
	again, err := s.Deliver(c.Context(), actor.From(c.Context()), d)
	if err != nil {
		return err
	}
	status := 201
	if again {
		status = 200
	}
	return c.JSON(status, DeliveryOut{d.ID.String(), d.Mission.String(), d.Stop.String(), again})
}
