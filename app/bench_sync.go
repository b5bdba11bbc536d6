package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/bench/sync"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
)

// benchSync measures the evening on which all phones come back at once.
func benchSync(ctx context.Context, e *env, args []string) error {
	f := flagSet(e, "bench sync", "phones that come back at once after a day without a network, on SQLite and PostgreSQL, with a kill -9 in the middle, beside a server that only says hello")
	asJSON := f.Bool("json", false, "one object per figure instead of a table")
	phones := f.Int("phones", 400, "phones that come back")
	records := f.Int("records", 50, "records on each")
	photos := f.Int("photos", 10, "one record in so many has a photo")
	calm := f.Bool("no-kill", false, "do not kill the house in the middle")
	if _, err := parse(f, args, &Config{}); err != nil {
		return err
	}
	p := sync.Plan{Phones: *phones, Records: *records, Photos: *photos, Kill: !*calm, Say: e.err, Fill: sendPhonesOut, Count: countHome}
	if err := p.Check(); err != nil {
		return usage{err.Error()}
	}
	var err error
	if p.Program, err = os.Executable(); err != nil {
		return err
	}
	if server := e.getenv("TWIZA_TEST_PG"); server != "" {
		var leave func()
		if p.Postgres, p.Postmaster, leave, err = benchSchema(ctx, server, e.err); err != nil {
			return err
		}
		defer leave()
	}
	report, err := sync.Run(ctx, p)
	switch {
	case err != nil:
		return err
	case *asJSON:
		return report.WriteJSON(e.out)
	}
	return report.WriteTable(e.out)
}

// benchHouse opens the house that a bench serves afterwards.
func benchHouse(ctx context.Context, folder, postgres string) (*House, error) {
	c := Config{Data: folder, Country: "ma", DB: postgres}
	if err := c.settle(); err != nil {
		return nil, err
	}
	return Open(ctx, c, clock.System{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// sendPhonesOut makes a house with a leader, a phone and a mission for each.
func sendPhonesOut(ctx context.Context, folder, postgres string, phones, stops int) (out []sync.Phone, err error) {
	h, err := benchHouse(ctx, folder, postgres)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	now := h.DB.Now()
	org := people.Organisation{ID: id.New[actor.Organisation](now), Kind: people.Association, Names: people.Names{AR: "جمعية القياس", FR: "Association de la mesure"}, Receipt: "1/2026", Status: people.Recognised, Phone: "+212524001122"}
	if err := h.People.SeedOrganisation(ctx, org); err != nil {
		return nil, err
	}
	if _, err := h.People.SeedAccount(ctx, "root", "Root", benchPassword, benchSecret, nil, []actor.Grant{{Role: actor.Administrator}}); err != nil {
		return nil, err
	}
	var douars []string
	for _, p := range h.Places.All(places.Douar) {
		douars = append(douars, p.Code)
	}
	for n := range phones {
		one, err := h.sendOut(ctx, org.ID, n, stops, douars)
		if err != nil {
			return nil, fmt.Errorf("phone %d: %w", n, err)
		}
		out = append(out, one)
	}
	return out, nil
}

const (
	benchPassword = "seven lanterns, one well"
	benchSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// sendOut is one leader with a phone, on a mission of their own.
func (h *House) sendOut(ctx context.Context, org actor.OrganisationID, n, stops int, douars []string) (out sync.Phone, err error) {
	g := actor.Grant{Role: actor.Leader, Org: org, Recognised: true}
	aid, err := h.People.SeedAccount(ctx, fmt.Sprintf("leader%d", n), fmt.Sprint("Leader ", n), benchPassword, benchSecret, []string{"shi"}, []actor.Grant{g})
	if err != nil {
		return out, err
	}
	if out.Token, err = h.People.Session(ctx, System("demo"), aid); err != nil {
		return out, err
	}
	by := actor.Actor{Account: aid, Org: org, Grants: []actor.Grant{g}, Channel: "api"}
	device := id.New[round.Device](h.DB.Now())
	if _, err := h.Round.Enrol(ctx, nil, by, round.Enrolment{ID: device, Name: "bench", Password: benchPassword}, func(*db.Tx) (string, error) { return "", nil }); err != nil {
		return out, err
	}
	team := field.Team{ID: id.New[field.Team](h.DB.Now()), Org: org, Names: field.Names{FR: fmt.Sprint("Équipe ", n)}, Skills: []string{"logistics"}, Languages: []string{"shi"}, People: 4, Base: douars[n%len(douars)]}
	manager := actor.Actor{Account: aid, Org: org, Channel: "api", Grants: []actor.Grant{{Role: actor.Coordinator, Org: org, Recognised: true}}}
	if err := h.Field.CreateTeam(ctx, manager, team); err != nil {
		return out, err
	}
	plan := field.Plan{ID: id.New[field.Mission](h.DB.Now()), Team: team.ID, At: h.DB.Now()}
	for i := range stops {
		k, err := h.benchCase(ctx, manager, douars[(n*stops+i)%len(douars)], n*stops+i)
		if err != nil {
			return out, err
		}
		plan.Cases = append(plan.Cases, k)
	}
	if err := h.Field.Plan(ctx, manager, plan); err != nil {
		return out, err
	}
	if err := h.Field.Load(ctx, manager, plan.ID, map[string]int{"blanket": 10 * stops}); err != nil {
		return out, err
	}
	if err := h.Field.Depart(ctx, manager, plan.ID); err != nil {
		return out, err
	}
	j, err := h.Field.Journey(ctx, plan.ID)
	if err != nil {
		return out, err
	}
	out.Device, out.Mission, out.Service = device.String(), plan.ID.String(), h.benchService()
	for _, s := range j.Stops {
		out.Stops = append(out.Stops, s.ID.String())
	}
	return out, nil
}

// benchService is what people ask for at all times.
func (h *House) benchService() string {
	for _, d := range h.Service.All() {
		if d.Always {
			return d.Code
		}
	}
	return ""
}

// benchCase is a request that the association has taken on.
func (h *House) benchCase(ctx context.Context, by actor.Actor, place string, n int) (k field.CaseID, err error) {
	a := forms.Answers{"need": []string{"warm"}, "where": forms.Place{Code: place}, "people": int64(4), "phone": forms.Phone(fmt.Sprintf("+2127%08d", n))}
	got, err := h.Cases.Ask(ctx, actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: h.benchService(), Answers: a, Lang: "fr", Channel: "web"})
	if err == nil {
		err = h.Cases.Claim(ctx, by, got.ID)
	}
	if err == nil {
		err = k.UnmarshalText([]byte(got.ID.String()))
	}
	return k, err
}
