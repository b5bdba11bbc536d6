package app

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// A volunteer is in the douar with a phone that has no network: what they write
// down there, and what they hand over, comes home in the evening.
func TestATextAFormFromParisAndAVolunteerWithoutANetworkBecomeOneCaseThatACaravanServes(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.wall.down = true // Paris has a page
		p := m.pocket()
		m.threeVoices("azul, nra aghrum d waman gh douar "+oneDouar+", 12 n middn", oneDouar,
			voice{familyPhone, "imun usutr", "g ubrid", "is kwn d tuwd tiwisi", "tanmmirt"}, p.writtenDown, p.caravan)
		if n := m.rows(`SELECT COUNT(*) FROM round_record WHERE state = 'taken'`); n != 2 {
			t.Errorf("%d records of the phone are on record, want a request and a delivery", n)
		}
		if n := m.rows(`SELECT COUNT(*) FROM field_delivery`); n != 1 {
			t.Errorf("%d deliveries", n)
		}
	})
}

// pocket is the phone of a volunteer of the association.
type pocket struct {
	*hamlet
	token, device string
	mission       field.MissionID
}

func (m *hamlet) pocket() *pocket {
	m.Helper()
	p := &pocket{hamlet: m}
	account := somebody(m.T, m.h, "tilila", actor.Grant{Role: actor.Volunteer, Org: m.org})
	m.h.Field.UseAssigned(func(_ *db.Tx, a actor.AccountID) ([]field.MissionID, error) {
		if a == account && !p.mission.IsZero() {
			return []field.MissionID{p.mission}, nil
		}
		return nil, nil
	})
	var err error
	p.token, err = m.h.People.Session(m.Context(), System("test"), account)
	m.must(err)
	p.device = freshID()
	p.send("/api/v1/round/devices", round.DeviceIn{ID: p.device, Name: "le petit bleu", Password: anyPassword}, http.StatusCreated, nil)
	return p
}

// send is the phone when it has a network again.
func (p *pocket) send(path string, body any, want int, out any) {
	p.Helper()
	raw, err := json.Marshal(body)
	p.must(err)
	r := httptest.NewRequest("POST", path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+p.token)
	w := httptest.NewRecorder()
	p.wall.ServeHTTP(w, r)
	if w.Code != want {
		p.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if out != nil {
		p.must(json.Unmarshal(w.Body.Bytes(), out))
	}
}

// home sends one record twice, as a phone does whose first try broke off.
func (p *pocket) home(kind string, body map[string]any) {
	p.Helper()
	record := map[string]any{"id": freshID(), "kind": kind, "made_at": p.h.clock.Now().Add(-6 * time.Hour).Format(time.RFC3339), "body": body}
	for _, state := range []string{round.ResultTaken, round.ResultAgain} {
		var out round.RecordsOut
		p.send("/api/v1/round/records", map[string]any{"device": p.device, "records": []any{record}}, http.StatusOK, &out)
		if len(out.Results) != 1 || out.Results[0].State != state {
			p.Fatalf("a %s came home as %+v, want %s", kind, out.Results, state)
		}
	}
}

// writtenDown is what a family told the volunteer.
func (p *pocket) writtenDown(place string) *cases.Case {
	p.Helper()
	p.home("request", map[string]any{"service": "crisis_help", "lang": "ar", "consent": "spoken", "help": "association",
		"answers": map[string]any{"for_whom": "other", "need": []string{"water", "food"}, "where": map[string]string{"code": place}, "people": 12, "phone": helperPhone}})
	return p.only("round")
}

// caravan brings the help: a lorry with its permit sets out, and the volunteer
// hands over where there is no network.
func (p *pocket) caravan(c cases.CaseID, code string, phones map[string]string) {
	p.Helper()
	ctx, now := p.Context(), p.h.clock.Now()
	p.must(p.h.Cases.Claim(ctx, p.coordinator, c))
	p.must(p.h.Cases.Assign(ctx, p.coordinator, c, toTeam(p.team)))
	plan := field.Plan{ID: id.New[field.Mission](now), Team: p.team, At: now, Cases: []field.CaseID{toField(c)}}
	p.must(p.h.Field.Plan(ctx, p.coordinator, plan))
	p.mission = plan.ID
	p.must(p.h.Field.Load(ctx, p.coordinator, plan.ID, map[string]int{"food_basket": 2, "blanket": 8}))
	p.must(p.h.Field.AddVehicle(ctx, p.coordinator, field.Drive{Vehicle: field.Vehicle{ID: id.New[field.Vehicle](now), Mission: plan.ID, Kind: "lorry"}}))
	p.must(p.h.Field.SetPermit(ctx, p.coordinator, field.Permit{Mission: plan.ID, State: field.Granted, Number: "147/2026", Authority: "عامل الحوز", Dated: now}))
	p.must(p.h.Field.Depart(ctx, p.coordinator, plan.ID))
	for phone, words := range phones {
		p.until(phone, words)
	}
	j, err := p.h.Field.Journey(ctx, plan.ID)
	p.must(err)
	p.home("delivery", map[string]any{"mission": plan.ID.String(), "stop": j.Stops[0].ID.String(), "goods": map[string]int{"food_basket": 2, "blanket": 8},
		"proof": "code", "code": code})
	j, err = p.h.Field.Journey(ctx, plan.ID)
	p.must(err)
	for _, l := range j.Goods {
		if l.Aboard() != 0 {
			p.Errorf("of %s %d are still aboard", l.Good, l.Aboard())
		}
	}
	p.must(p.h.Field.Close(ctx, p.coordinator, plan.ID))
}
