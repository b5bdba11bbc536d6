package cases

import (
	"context"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
)

// frontDesk serves the doors of cases to whoever a test says is there.
type frontDesk struct {
	w   *taskWorld
	srv *httptest.Server
	by  atomic.Pointer[actor.Actor]
	cat *i18n.Catalogue
}

func (w *taskWorld) desk() *frontDesk {
	w.t.Helper()
	cat, err := i18n.Load(ui.Locale, web.Locale, forms.Files, places.Files, people.Files, Files)
	w.must(err)
	w.must(w.services.Speak(cat))
	w.must(w.sectors.Speak(cat))
	w.must(w.places.Owners().Speak(cat, w.places.Country().Draft))
	d := &frontDesk{w: w, cat: cat}
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: w.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), National: "212", Limit: &web.Limiter{Now: w.clock.Now},
		Enter:     func(c *web.Ctx) context.Context { return actor.Into(c.Context(), *d.by.Load()) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, web.Pages, Files) }}
	var routes []web.Route
	for _, x := range w.Manifest().Doors {
		routes = append(routes, x.Route())
	}
	d.srv = httptest.NewServer(site.Mux(routes))
	w.t.Cleanup(d.srv.Close)
	return d
}

func (d *frontDesk) get(by actor.Actor, path string) (int, string) {
	d.w.t.Helper()
	d.by.Store(&by)
	r, err := http.Get(d.srv.URL + path)
	d.w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	d.w.must(err)
	return r.StatusCode, string(body)
}

func (d *frontDesk) post(by actor.Actor, path string, form ...string) (int, string) {
	d.w.t.Helper()
	d.by.Store(&by)
	v := url.Values{}
	for i := 0; i < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.PostForm(d.srv.URL+path, v)
	d.w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	d.w.must(err)
	return r.StatusCode, string(body)
}

// saidOn is what a page says, without its markup.
func saidOn(page string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

func TestABlockedTaskShowsWithItsAgeToTheOthers(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		ctx, d := t.Context(), w.desk()
		out, owner := w.owned()
		roads, health := w.helper(tidili, "road"), w.helper(tidili, "medicine")
		w.part(owner, out.ID, "medicine", "health", actor.OrganisationID{})
		tid := w.part(owner, out.ID, "road", "roads", actor.OrganisationID{})
		w.must(w.TakeTask(ctx, roads, tid))
		if status, _ := d.post(roads, "/en/cases/"+out.ID.String()+"/tasks/"+tid.String()+"/block", "reason", "unheard"); status != 422 {
			t.Errorf("blocked for no reason that there is: %d", status)
		}
		if status, _ := d.post(roads, "/en/cases/"+out.ID.String()+"/tasks/"+tid.String()+"/block", "reason", "no_means"); status != 303 {
			t.Fatalf("blocking answers %d", status)
		}
		w.clock.Advance(3*24*time.Hour + time.Minute)
		for who, by := range map[string]actor.Actor{"the owner": owner, "another sector": health, "the crisis cell": w.staff(actor.CrisisCell, ""), "an auditor": w.staff(actor.Auditor, "")} {
			status, page := d.get(by, "/en/cases/"+out.ID.String())
			said := saidOn(page)
			if status != 200 || !strings.Contains(said, "Blocked") || !strings.Contains(said, "For 3 days") || !strings.Contains(said, "Staff or means are lacking") {
				t.Errorf("%s (%d) does not see that it is blocked, since when and why", who, status)
			}
			if can := strings.Contains(page, tid.String()+"/unblock"); can != (who == "the crisis cell") {
				t.Errorf("%s may say that it goes on: %v", who, can)
			}
		}
		_, list := d.get(health, "/en/tasks?list=all")
		if at, then := strings.Index(list, "Blocked"), strings.Index(list, "Waiting</span>"); at < 0 || then < at {
			t.Error("the blocked part is not first on the list")
		}
		if status, _ := d.get(w.staff(actor.Administrator, ""), "/en/tasks"); status != 403 {
			t.Errorf("the administrator reads parts of cases: %d", status)
		}
	})
}

func TestAPartIsHandedOverAndDoneOnThePage(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, owner := w.owned()
		other := w.helper(tidili, "medicine")
		page := "/fr/cases/" + out.ID.String()
		_, body := d.get(owner, page)
		tid := between(body, `name="task" value="`, `"`)
		if !strings.Contains(body, `value="`+other.Org.String()+`"`) || strings.Contains(body, `<option value="`+owner.Org.String()) {
			t.Error("the form does not offer who helps here, or offers the owner")
		}
		if status, again := d.post(owner, page+"/tasks", "task", tid, "part", "medicine", "sector", "nowhere"); status != 422 || !strings.Contains(again, `<option value="medicine" selected>`) || !strings.Contains(again, "#f-sector") {
			t.Errorf("a wrong form: %d", status)
		}
		for range 2 { // a second tap
			if status, _ := d.post(owner, page+"/tasks", "task", tid, "part", "medicine", "sector", "health", "org", other.Org.String()); status != 303 {
				t.Fatalf("asked: %d", status)
			}
		}
		_, ours := d.get(other, "/fr/tasks")
		if !strings.Contains(saidOn(ours), "Demandée à") || !strings.Contains(ours, page) {
			t.Error("who was asked by name does not see it on their list")
		}
		for _, step := range []string{"take", "block", "unblock", "give-back", "take", "finish"} {
			if status, said := d.post(other, page+"/tasks/"+tid+"/"+step, "reason", "road_cut"); status != 303 {
				t.Fatalf("%s: %d %s", step, status, saidOn(said))
			}
		}
		if status, said := d.post(other, page+"/tasks/"+tid+"/take"); status != 422 || !strings.Contains(saidOn(said), "Cette partie est finie") {
			t.Errorf("taken when it was done: %d", status)
		}
		if status, _ := d.post(other, page+"/tasks", "task", id.New[Task](w.clock.Now()).String(), "part", "visit", "sector", "health"); status != 403 {
			t.Errorf("whoever does a part hands over another: %d", status)
		}
		_, path := d.get(w.staff(actor.Auditor, ""), page+"/path")
		for _, want := range []string{"A confié une partie à d’autres", "A pris une partie", "A signalé une partie bloquée", "La route est coupée", "Santé", "A fini une partie"} {
			if !strings.Contains(saidOn(path), want) {
				t.Errorf("the path of the case does not say %q", want)
			}
		}
		for _, k := range d.cat.Missing() {
			if !strings.HasPrefix(k, "role.") { // those of people without an account are the house's
				t.Errorf("%s is asked for and not there", k)
			}
		}
	})
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

func TestAnOrganisationSeesItsOwnPartsAndThoseOfItsSector(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, owner := w.owned()
		health, none := w.helper(tidili, "medicine"), w.helper(tidili, "warm")
		mine := w.part(owner, out.ID, "water", "water", actor.OrganisationID{})
		w.must(w.TakeTask(t.Context(), health, mine))
		w.part(owner, out.ID, "medicine", "health", actor.OrganisationID{})
		w.part(owner, out.ID, "road", "roads", actor.OrganisationID{})
		rows := func(by actor.Actor, query string) int {
			status, page := d.get(by, "/en/tasks"+query)
			if status != 200 {
				t.Fatalf("%s: %d", query, status)
			}
			return strings.Count(page, `<th scope="row">`)
		}
		for _, x := range []struct {
			by    actor.Actor
			query string
			want  int
		}{{health, "", 1}, {health, "?list=sectors", 1}, {health, "?list=all", 3}, {health, "?list=all&sector=roads", 1}, {none, "", 0}, {none, "?list=sectors", 0},
			{w.staff(actor.Dispatcher, tidili), "", 3}, {w.staff(actor.Dispatcher, "08.401"), "", 0}, {w.staff(actor.Dispatcher, tidili), "?list=ours", 3}, {health, "?after=nonsense", 1}} {
			if got := rows(x.by, x.query); got != x.want {
				t.Errorf("%q shows %d, want %d", x.query, got, x.want)
			}
		}
	})
}

func TestALongListOfPartsIsReadToItsEnd(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		cell := w.staff(actor.CrisisCell, "")
		out := w.ask(nil)
		for _, s := range w.sectors.Codes() {
			w.part(cell, out.ID, "visit", s, actor.OrganisationID{})
			w.clock.Advance(time.Minute)
		}
		by := w.helper(tidili, "road")
		held := w.tasksOf(out.ID)[5].ID
		w.must(w.TakeTask(t.Context(), by, held))
		w.must(w.BlockTask(t.Context(), by, held, "unsafe"))
		w.clock.Advance(8 * 24 * time.Hour)
		for name, list := range map[string]func(*db.Tx, TaskFind) ([]*PlacedTask, error){"tasks": listTasks, "waiting": listWaiting} {
			seen, order := map[TaskID]bool{}, []string{}
			var after TaskMark
			for range 10 {
				var page []*PlacedTask
				w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { page, err = list(tx, TaskFind{After: after, Limit: 2}); return err }))
				for _, p := range page {
					seen[p.ID], order = true, append(order, p.Sector)
					after = readTaskMark(p.mark().String())
				}
			}
			if len(seen) != 7 || len(order) != 7 {
				t.Errorf("%s: %v", name, order)
			}
			if name == "tasks" && order[0] != "water" {
				t.Errorf("the blocked one is not first: %v", order)
			}
		}
	})
}

// bold has names that a spreadsheet would run.
type bold struct{ *fakeOrgs }

func (bold) Name(*db.Tx, actor.OrganisationID, string) (string, error) {
	return `=HYPERLINK("http://x.example")`, nil
}

func TestTheWeeklyListTellsWhichCasesWaitForAnotherSector(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		const second = "08.401"
		ctx, d, cell := t.Context(), w.desk(), w.staff(actor.CrisisCell, "")
		w.Office.orgs = bold{w.orgs}
		here, there := w.ask(nil), w.ask(forms.Answers{"where": forms.Place{Code: w.places.Children(second)[0].Code}, "phone": forms.Phone("+212661777777")})
		by := w.helper(tidili, "road")
		waits := w.part(cell, here.ID, "medicine", "health", actor.OrganisationID{})
		doing := w.part(cell, here.ID, "transport", "roads", by.Org)
		blocked := w.part(cell, here.ID, "road", "roads", by.Org)
		w.part(cell, there.ID, "road", "roads", actor.OrganisationID{})
		gone := w.part(cell, there.ID, "papers", "social", actor.OrganisationID{})
		for _, tid := range []TaskID{doing, blocked} {
			w.must(w.TakeTask(ctx, by, tid))
		}
		w.must(w.WithdrawTask(ctx, cell, gone))
		w.clock.Advance(5 * 24 * time.Hour)
		w.must(w.BlockTask(ctx, by, blocked, "no_budget"))
		w.part(cell, here.ID, "water", "water", actor.OrganisationID{})

		read := func(by actor.Actor) [][]string {
			status, body := d.get(by, "/en/tasks/waiting.csv")
			if status != 200 || !strings.HasPrefix(body, "\ufeff") {
				t.Fatalf("the sheet: %d", status)
			}
			return records(t, body)[1:]
		}
		if rows := read(cell); len(rows) != 0 {
			t.Errorf("five days are a week: %v", rows)
		}
		w.clock.Advance(3 * 24 * time.Hour)
		rows := read(cell)
		if len(rows) != 2 || rows[0][0] != "Health" || rows[1][0] != "Roads" || rows[0][8] != "8" || rows[0][2] != here.Receipt.String() || rows[1][2] != there.Receipt.String() {
			t.Errorf("after eight days: %v", rows)
		}
		w.clock.Advance(5 * 24 * time.Hour)
		rows = read(cell)
		if len(rows) != 4 || rows[1][1] == rows[2][1] || rows[1][0] != "Roads" || rows[2][0] != "Roads" || rows[3][0] != "Water" {
			t.Fatalf("after thirteen days: %v", rows)
		}
		if rows[1][2] != here.Receipt.String() || rows[1][5] != "There is no budget" && rows[1][5] != "No budget for it" || rows[1][8] != "8" {
			t.Errorf("the blocked part: %v", rows[1])
		}
		for _, r := range rows {
			for _, cell := range r {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
		}
		if rows[1][6] != `'=HYPERLINK("http://x.example")` {
			t.Errorf("who does it: %q", rows[1][6])
		}
		if rows := read(w.staff(actor.Dispatcher, second)); len(rows) != 1 || rows[0][2] != there.Receipt.String() {
			t.Errorf("a dispatcher of another province sees %v", rows)
		}
		for _, l := range i18n.Langs() {
			status, page := d.get(cell, "/"+string(l)+"/tasks/waiting")
			if status != 200 || strings.Count(page, "<tr><td>") != 4 || strings.Count(page, "<caption>") != 3 || strings.Contains(page, "⟦") {
				t.Errorf("the sheet of paper in %s: %d", l, status)
			}
			for _, private := range []string{"Aicha", "Lahcen", "661234542", "661 23 45 42", "4542"} {
				if strings.Contains(saidOn(page), private) {
					t.Errorf("it names a person: %s", private)
				}
			}
		}
		w.must(w.TakeTask(ctx, w.helper(tidili, "medicine"), waits))
		if rows := read(cell); len(rows) != 3 {
			t.Errorf("what is under way waits: %v", rows)
		}
	})
}

func TestEveryWordAboutPartsIsThere(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(Files)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"cases.task.why_" + caseClosed}
	for _, d := range taskDeeds {
		keys = append(keys, "deed."+d.Name)
	}
	for _, p := range otherParts {
		keys = append(keys, "cases.part."+p)
	}
	for _, r := range blockReasons {
		keys = append(keys, "cases.task.why_"+r)
	}
	for _, s := range []TaskState{TaskOpen, TaskDoing, TaskBlocked, TaskDone, TaskWithdrawn} {
		keys = append(keys, "cases.task.state_"+string(s))
	}
	for _, x := range taskLists {
		keys = append(keys, "cases.tasks.list_"+x)
	}
	for _, f := range []string{"task.go", "task_part.go", "task_deeds.go", "task_pages.go", "task_view.go"} {
		for _, m := range regexp.MustCompile(`"(cases\.(?:task|tasks|waiting|part)\.[a-z_]*[a-z])"`).FindAllStringSubmatch(source(t, f), -1) {
			if !slices.ContainsFunc(taskDeeds, func(d deed.Deed) bool { return d.Name == m[1] }) {
				keys = append(keys, m[1])
			}
		}
	}
	for _, k := range keys {
		if !cat.Has(k) {
			t.Errorf("%s has no words", k)
		}
	}
	if len(keys) < 50 {
		t.Errorf("only %d keys were found", len(keys))
	}
}
