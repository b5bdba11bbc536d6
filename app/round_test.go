package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/people"
)

// outing is a house with an association, a mission on its way, and people with
// phones.
type outing struct {
	*testing.T
	h       *House
	door    http.Handler
	clock   *clock.Held
	org     actor.OrganisationID
	team    field.TeamID
	mission field.MissionID
	cases   []cases.CaseID
	stops   []field.Stop

	coordinator, leader, volunteer, volunteer2 walker
	placed                                     []actor.AccountID
	n                                          int
}

// walker is somebody with a session.
type walker struct {
	id    actor.AccountID
	by    actor.Actor
	token string
}

const anyPassword = "seven lanterns, one well"

// goOut opens a house and sends a team to so many stops with 100 blankets and
// 100 baskets.
func goOut(t *testing.T, dsn string, stops int) *outing {
	t.Helper()
	c := &clock.Held{At: morning}
	o := &outing{T: t, h: openHouse(t, dsn, c), clock: c}
	o.door = o.h.Handler()
	org := people.Organisation{ID: id.New[actor.Organisation](morning), Kind: people.Association, Names: people.Names{AR: "جمعية تمگا", FR: "Association Tamga"},
		Receipt: "7/2020", Status: people.Recognised, Phone: "+212524001122"}
	o.must(o.h.People.SeedOrganisation(t.Context(), org))
	o.org = org.ID
	somebody(t, o.h, "root", actor.Grant{Role: actor.Administrator})
	o.coordinator, o.leader = o.person("salma", actor.Coordinator), o.person("idder", actor.Leader)
	o.volunteer, o.volunteer2 = o.person("tilila", actor.Volunteer), o.person("yuba", actor.Volunteer)
	o.placed = []actor.AccountID{o.volunteer.id, o.volunteer2.id}
	o.h.Field.UseAssigned(func(_ *db.Tx, a actor.AccountID) ([]field.MissionID, error) {
		for _, p := range o.placed {
			if p == a {
				return []field.MissionID{o.mission}, nil
			}
		}
		return nil, nil
	})
	douars := o.douars()
	m := field.Team{ID: id.New[field.Team](morning), Org: o.org, Names: field.Names{FR: "Équipe 4"}, Skills: []string{"logistics"}, Languages: []string{"shi"}, People: 4, Base: douars[0]}
	o.must(o.h.Field.CreateTeam(t.Context(), o.coordinator.by, m))
	o.team = m.ID
	p := field.Plan{ID: id.New[field.Mission](morning), Team: m.ID, At: morning}
	for i := range stops {
		a := forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: douars[i%len(douars)]}, "people": int64(3), "phone": forms.Phone(fmt.Sprintf("+2126%08d", 10_000_000+i))}
		out, err := o.h.Cases.Ask(t.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Answers: a, Lang: "fr", Channel: "web"})
		o.must(err)
		o.must(o.h.Cases.Claim(t.Context(), o.coordinator.by, out.ID))
		o.cases = append(o.cases, out.ID)
		var k field.CaseID
		o.must(k.UnmarshalText([]byte(out.ID.String())))
		p.Cases = append(p.Cases, k)
	}
	o.must(o.h.Field.Plan(t.Context(), o.coordinator.by, p))
	o.must(o.h.Field.Load(t.Context(), o.coordinator.by, p.ID, map[string]int{"blanket": 100, "food_basket": 100}))
	o.must(o.h.Field.Depart(t.Context(), o.coordinator.by, p.ID))
	o.mission = p.ID
	j, err := o.h.Field.Journey(t.Context(), p.ID)
	o.must(err)
	o.stops = j.Stops
	return o
}

func (o *outing) douars() (all []string) {
	for _, commune := range o.h.Places.Children(homeProvince) {
		for _, d := range o.h.Places.Children(commune.Code) {
			all = append(all, d.Code)
		}
	}
	return all
}

func (o *outing) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *outing) person(login string, role actor.Role) walker {
	g := actor.Grant{Role: role, Org: o.org, Recognised: true}
	w := walker{id: somebody(o.T, o.h, login, g)}
	w.by = actor.Actor{Account: w.id, Org: o.org, Channel: "web", Grants: []actor.Grant{g}}
	token, err := o.h.People.Session(o.Context(), System("test"), w.id)
	o.must(err)
	w.token = token
	return w
}

// call asks a door of the API as a phone does.
func (o *outing) call(method, path, token string, body any, head ...string) *httptest.ResponseRecorder {
	o.Helper()
	raw, ok := body.([]byte)
	if !ok && body != nil {
		var err error
		raw, err = json.Marshal(body)
		o.must(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	o.door.ServeHTTP(w, r)
	return w
}

// enrol makes a phone of somebody's.
func (o *outing) enrol(w walker) string {
	o.Helper()
	did := o.id()
	got := o.call("POST", "/api/v1/round/devices", w.token, round.DeviceIn{ID: did, Name: "le petit bleu", Password: anyPassword})
	if got.Code != http.StatusCreated {
		o.Fatalf("enrolling: %d %s", got.Code, got.Body)
	}
	o.clock.At = o.clock.At.Add(16 * time.Minute) // tries are limited
	return did
}

func (o *outing) id() string { return id.New[outing](o.clock.At).String() }

// note is a record as a phone writes it.
type note map[string]any

func (o *outing) delivery(stop int, blankets int) note {
	return note{"id": o.id(), "kind": "delivery", "made_at": o.clock.At.Format(time.RFC3339), "body": note{"mission": o.mission.String(), "stop": o.stops[stop].ID.String(),
		"goods": note{"blanket": blankets}, "proof": "witness", "witness": "Brahim", "relation": "elder"}}
}

func (o *outing) notReached(stop int, reason string) note {
	return note{"id": o.id(), "kind": "not_reached", "made_at": o.clock.At.Format(time.RFC3339), "body": note{"mission": o.mission.String(), "stop": o.stops[stop].ID.String(), "reason": reason}}
}

func (o *outing) request(phone string) note {
	return note{"id": o.id(), "kind": "request", "made_at": o.clock.At.Format(time.RFC3339), "body": note{"service": "crisis_help", "lang": "fr", "consent": "spoken", "help": "association",
		"answers": note{"need": []string{"food"}, "where": note{"text": "le dernier douar"}, "people": 5, "phone": phone}}}
}

// send gives the results, in order.
func (o *outing) send(w walker, device string, all ...note) []round.ResultOut {
	o.Helper()
	got := o.call("POST", "/api/v1/round/records?lang=fr", w.token, note{"device": device, "records": all})
	if got.Code != http.StatusOK {
		o.Fatalf("sending: %d %s", got.Code, got.Body)
	}
	var out round.RecordsOut
	o.must(json.Unmarshal(got.Body.Bytes(), &out))
	if len(out.Results) != len(all) {
		o.Fatalf("%d results for %d records", len(out.Results), len(all))
	}
	return out.Results
}

func states(all []round.ResultOut) (out []string) {
	for _, r := range all {
		out = append(out, r.State)
	}
	return out
}

func (o *outing) want(all []round.ResultOut, states ...string) {
	o.Helper()
	for i, r := range all {
		if r.State != states[i] || r.Message == "" && r.State != "" {
			o.Fatalf("record %d is %q (%s), wanted %q", i, r.State, r.Message, states[i])
		}
	}
}

func (o *outing) count(q string, args ...any) (n int64) {
	o.Helper()
	o.must(o.h.DB.Read(context.Background(), func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q, args...); return err }))
	return n
}

func (o *outing) line(good string) field.Line {
	j, err := o.h.Field.Journey(o.Context(), o.mission)
	o.must(err)
	for _, l := range j.Goods {
		if l.Good == good {
			return l
		}
	}
	return field.Line{}
}

func (o *outing) pack(w walker, device string) (p round.Pack) {
	o.Helper()
	got := o.call("GET", "/api/v1/round/pack?lang=fr&device="+device, w.token, nil)
	if got.Code != http.StatusOK {
		o.Fatalf("pack: %d %s", got.Code, got.Body)
	}
	o.must(json.Unmarshal(got.Body.Bytes(), &p))
	return p
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
