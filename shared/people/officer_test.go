package people

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func (x *house) officersNow(oid actor.OrganisationID) (all []string) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		rows, err := officersOf(t, oid)
		for _, r := range rows {
			name, oerr := x.vault.OpenText(officerAt(r.ID), r.sealed)
			x.must(oerr)
			until := "now"
			if !r.Until.IsZero() {
				until = r.Until.Format(time.DateOnly)
			}
			all = append(all, r.Office+" "+name+" "+r.From.Format(time.DateOnly)+" "+until)
		}
		return err
	})
	return all
}

func TestASuccessorEndsWhoHeldTheOfficeAndBothStayOnRecord(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		org, other := x.org("Puits", Recognised, "A1"), x.org("Source", Recognised)
		part := x.as(x.account("part", actor.Grant{Role: actor.Coordinator, Org: other, Territory: "A1"}))
		by := x.as(x.account("coord", actor.Grant{Role: actor.Coordinator, Org: org, Territory: "A1"}))
		day := func(year int) time.Time { return time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC) }
		name := func(by actor.Actor, org actor.OrganisationID, office, who string, from time.Time) error {
			return x.NameOfficer(t.Context(), by, Officer{ID: id.New[Officer](x.clock.Now()), Org: org, Office: office, Name: who, From: from})
		}
		x.must(name(by, org, "president", "Fadma Oubihi", day(2019)))
		x.must(name(by, org, "treasurer", "Brahim Tazi", day(2020)))
		twice := Officer{ID: id.New[Officer](x.clock.Now()), Org: org, Office: "president", Name: "Lahcen Ouali", From: day(2024)}
		x.must(x.NameOfficer(t.Context(), by, twice))
		x.must(x.NameOfficer(t.Context(), by, twice))
		want := "president Lahcen Ouali 2024-03-01 now; treasurer Brahim Tazi 2020-03-01 now; president Fadma Oubihi 2019-03-01 2024-03-01"
		if got := strings.Join(x.officersNow(org), "; "); got != want {
			t.Errorf("%s", got)
		}
		if err := name(by, org, "president", "Too Early", day(2023)); key(err) != "people.officer.before_the_other" {
			t.Errorf("two presided at once: %v", err)
		}
		if err := name(by, other, "president", "Not Theirs", day(2020)); fault.KindOf(err) != fault.Denied {
			t.Errorf("a coordinator kept another organisation's officers: %v", err)
		}
		if err := name(part, other, "president", "Of One Province", day(2020)); fault.KindOf(err) != fault.Denied {
			t.Errorf("whoever coordinates one province said who presides over all: %v", err)
		}
		if err := name(x.as(x.account("agent", actor.Grant{Role: actor.Agent})), org, "secretary", "No", day(2020)); fault.KindOf(err) != fault.Denied {
			t.Errorf("an agent kept officers: %v", err)
		}
		adm := x.as(x.account("admin", admin))
		x.must(name(adm, other, "secretary", "Zineb Alami", day(2021)))
		if err := x.EndOfficer(t.Context(), adm, other, twice.ID, day(2025)); fault.KindOf(err) != fault.Missing {
			t.Errorf("ended under another organisation: %v", err)
		}
		x.must(x.EndOfficer(t.Context(), adm, org, twice.ID, day(2025)))
		if err := x.EndOfficer(t.Context(), adm, org, twice.ID, day(2025)); key(err) != "people.officer.ended" {
			t.Errorf("ended twice: %v", err)
		}
		if err := name(adm, org, "king", "", time.Time{}); len(err.(fault.All)) != 3 {
			t.Errorf("three things are wrong: %v", err)
		}
		told := strings.Join(x.told(), "\n")
		dump := ""
		x.read(func(t *db.Tx) error {
			rows, err := db.List(t, db.Text, `SELECT office || ' ' || LENGTH(name) FROM people_officer`)
			dump = strings.Join(rows, "\n")
			return err
		})
		if strings.Contains(told, "Fadma") || strings.Contains(told, "Lahcen") || !strings.Contains(told, "people.officer.name ") || !strings.Contains(told, "people.officer.end ") {
			t.Error("the journal tells who, or not that")
		}
		x.read(func(t *db.Tx) error {
			clear, err := db.List(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT name FROM people_officer`)
			for _, b := range clear {
				if strings.Contains(string(b), "Fadma") {
					x.t.Errorf("a name is not sealed: %s", dump)
				}
			}
			return err
		})
	})
}

func TestStaffReadWhoPresidesOnTheOrganisationsPage(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		srv := x.edge()
		org := x.org("Puits", Recognised)
		x.account("admin", admin)
		x.account("coord", actor.Grant{Role: actor.Coordinator, Org: org})
		x.account("agent", actor.Grant{Role: actor.Agent})
		in := func(login string) *browser {
			b := x.browser(srv)
			b.post("/fr/sign-in", "login", login, "password", goodPassword, "code", x.code(goodSecret))
			return b
		}
		coord, agent := in("coord"), in("agent")
		page := "/fr/organisations/" + org.String()
		_, body := coord.get(page)
		form := between(body[strings.Index(body, "/officers"):], `name="id" value="`, `"`)
		if status, body, _ := coord.post(page+"/officers", "id", form, "office", "president", "officer", "Fadma Oubihi", "since", "2999-01-01"); status != 422 || !strings.Contains(body, `value="Fadma Oubihi"`) {
			t.Errorf("a day to come: %d", status)
		}
		if status, _, to := coord.post(page+"/officers", "id", form, "office", "president", "officer", "Fadma Oubihi", "since", "2024-01-01"); status != 303 || to != page {
			t.Errorf("recorded: %d %s", status, to)
		}
		status, body := agent.get(page)
		if status != 200 || !strings.Contains(body, "Fadma Oubihi") || strings.Contains(body, `name="officer"`) {
			t.Errorf("an agent reads who presides and has no form: %d", status)
		}
		if status, _, _ := agent.post(page+"/officers", "id", form, "office", "secretary", "officer", "X Y", "since", "2024-01-01"); status != 403 {
			t.Errorf("an agent recorded one: %d", status)
		}
	})
}
