package watch

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// need is one that was told ten days ago and took so long until help had come;
// no time is nobody helped yet.
func need(service string, took time.Duration, s Steps) Journey {
	j := Journey{Subject: "cases.case/" + service, Service: service, Asked: moment.Add(-10 * 24 * time.Hour), Steps: s}
	if took > 0 {
		j.Helped = j.Asked.Add(took)
	}
	return j
}

func programmeOf(t *testing.T, all []programme, service string) programme {
	t.Helper()
	i := slices.IndexFunc(all, func(p programme) bool { return p.Service == service })
	if i < 0 {
		t.Fatalf("no figures of %s", service)
	}
	return all[i]
}

func TestTheThreeMeasuresOfAKnownHistoryAreWhatAPersonWouldCount(t *testing.T) {
	t.Parallel()
	g := newProgrammes(moment)
	for i := range 10 { // one hour to ten hours; each was called once, and answered
		g.add(need("aid", time.Duration(i+1)*time.Hour, Steps{Asks: 1, Calls: 1, Answers: 1}), 2, 50)
	}
	p := programmeOf(t, g.report(5), "aid")
	if p.Half.Median != 5*time.Hour || p.Nine.Median != 9*time.Hour || p.Half.AtLeast || p.Nine.AtLeast {
		t.Errorf("half %v, nine in ten %v", p.Half, p.Nine)
	}
	if p.Needs != 10 || p.Helped != 10 || p.Median != 3 || p.Most != 3 || p.Minor != 500 || p.Each != 50 || p.Parts != 20 {
		t.Errorf("%+v", p)
	}
	if want := (Steps{10, 10, 10, 0, 0}); p.Steps != want {
		t.Errorf("%+v", p.Steps)
	}
}

func TestWhoeverStillWaitsIsNotLeftOutOfTheTime(t *testing.T) {
	t.Parallel()
	g := newProgrammes(moment)
	for i := range 6 {
		g.add(need("aid", time.Duration(i+1)*time.Hour, Steps{Asks: 1}), 0, 0)
	}
	for range 4 {
		g.add(need("aid", 0, Steps{Asks: 1 + 4}), 0, 0) // ten days, and nobody came
	}
	p := programmeOf(t, g.report(5), "aid")
	if p.Half.Median != 5*time.Hour || p.Half.AtLeast {
		t.Errorf("half of ten had help after five hours: %+v", p.Half)
	}
	if !p.Nine.AtLeast || p.Nine.Median != 10*24*time.Hour {
		t.Errorf("nine in ten were never helped: %+v", p.Nine)
	}
	if p.Median != 1 || p.Most != 5 {
		t.Errorf("contacts: half %d, nine in ten %d", p.Median, p.Most)
	}
}

func TestTooFewToHideInAreNotTold(t *testing.T) {
	t.Parallel()
	g := newProgrammes(moment)
	for range 4 {
		g.add(need("rare", time.Hour, Steps{Asks: 1, Trips: 1}), 1, 30)
	}
	for i := range 8 {
		took := time.Duration(0)
		if i < 3 {
			took = time.Hour
		}
		g.add(need("slow", took, Steps{Asks: 1, Calls: i % 2, Trips: i / 7}), 1, 30)
	}
	all := g.report(5)
	if p := programmeOf(t, all, "rare"); p != (programme{Service: "rare", Few: true}) {
		t.Errorf("of four something is told: %+v", p)
	}
	p := programmeOf(t, all, "slow")
	if !p.FewHelp || p.Helped != 0 || p.Each != 0 || p.Half.Waiting != 0 || p.Nine.Waiting != 0 {
		t.Errorf("that three were helped can be told: %+v", p)
	}
	for _, x := range p.contacts(5) {
		if few := x.Key == "calls" || x.Key == "trips"; x.Few != few || few && x.N != 0 {
			t.Errorf("%+v", x)
		}
	}
	if row := p.cells(5, "XTS"); row[1] != "" || row[9] != "" || row[10] != "0" || row[12] != "" || row[15] != "" {
		t.Errorf("the file tells %q", row)
	}
}

func TestThePageTheFileAndTheAPITellTheSameFiguresToThoseWhoMayRead(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.Equity, x.Places = rules, nil
		asked := 0
		x.Journeys = func(_ *db.Tx, since time.Time, _ int, each func(Journey)) (bool, error) {
			asked++
			for i := range 10 {
				j := need("aid", time.Duration(i+1)*time.Hour, Steps{Asks: 1, Calls: 1})
				j.Subject += string(rune('a' + i))
				each(j)
			}
			each(need("rare", time.Hour, Steps{Asks: 1}))
			return true, nil
		}
		x.Costs = func(_ *db.Tx, _ time.Time, about func(string, int64, int64)) (int64, int64, error) {
			about("cases.case/aida", 3, 75)
			about("cases.case/aidb", 1, 25)
			about("cases.case/aidb", 1, 25)
			about("cases.case/older", 9, 900)
			return 20, 1500, nil
		}
		by := as(actor.Auditor, "")
		srv := x.edge(&by)
		status, page := x.answer(http.Get(srv.URL + "/en/kpi"))
		if status != 200 || strings.Contains(page, "⟦") || strings.Count(page, "<details") < 5 || !strings.Contains(page, "Fewer than") {
			t.Fatalf("the page answers %d, with %d definitions: %s", status, strings.Count(page, "<details"), page)
		}
		_, file := x.answer(http.Get(srv.URL + "/en/kpi/file"))
		rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		x.must(err)
		got := map[string]string{}
		for i, name := range rows[0] {
			got[name] = rows[1][i]
		}
		for name, want := range map[string]string{"service": "aid", "needs": "10", "helped": "10", "half_seconds": "18000", "nine_in_ten_seconds": "32400", "contacts_half": "2", "asks": "10", "calls": "10",
			"trips": "0", "message_parts": "5", "message_minor_units": "125", "minor_units_each": "13"} {
			if got[name] != want {
				t.Errorf("the file has %s %q, not %q", name, got[name], want)
			}
		}
		if strings.Join(rows[2][3:], "") != "" {
			t.Errorf("of one need the file tells %q", rows[2])
		}
		_, body := x.answer(http.Get(srv.URL + "/api/v1/kpi"))
		var out KPIOut
		x.must(json.Unmarshal([]byte(body), &out))
		if len(out.Services) != 2 || out.Minor != 1500 || out.Services[0].Half.Seconds != 18000 || *out.Services[0].Each != 13 || *out.Services[0].Contacts.Trips != 0 || out.Services[1].Needs != 0 || out.Services[1].Half != nil {
			t.Errorf("%s", body)
		}
		if asked != 1 {
			t.Errorf("counted %d times for one figure", asked)
		}
		by = as(actor.Leader, "")
		if _, err := x.kpi(t.Context(), by, 30); fault.KindOf(err) != fault.Denied {
			t.Errorf("a leader reads it: %v", err)
		}
		x.Journeys = func(*db.Tx, time.Time, int, func(Journey)) (bool, error) { return false, nil }
		if _, err := x.kpi(t.Context(), as(actor.Auditor, ""), 90); fault.KindOf(err) != fault.Limited {
			t.Errorf("half of the needs were counted as all: %v", err)
		}
	})
}
