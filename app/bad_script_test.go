package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/people"
)

// script is what somebody writes who wants a page to run it.
const script = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}${7*7}`

// runs finds script as a page would run it.
func runs(page string) bool {
	return strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || strings.Contains(page, "<img src=\"x")
}

func TestScriptInAnyTextIsShownAsTextOnEveryPage(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, proxied)
	handler := h.Handler()
	ctx := t.Context()
	org := people.Organisation{ID: id.New[actor.Organisation](morning), Kind: people.Association, Names: people.Names{AR: script, FR: script},
		Receipt: script[:20], Status: people.Recognised, Phone: "+212524001122"}
	if err := h.People.SeedOrganisation(ctx, org); err != nil {
		t.Fatal(err)
	}
	var grants []actor.Grant
	for _, r := range actor.Roles {
		g := actor.Grant{Role: r}
		if r.ForOrganisation() {
			g.Org = org.ID
		}
		grants = append(grants, g)
	}
	h.People.Apart = nil // nobody holds every role but whoever looks at every page here
	account, err := h.People.SeedAccount(ctx, "everybody", script, "seven lanterns, one well", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", nil, grants)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.People.Session(ctx, System("test"), account)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlea(0)
	a := p.in["answers"].(map[string]any)
	a["words"], a["name"], a["secret"], a["where"] = script, script, script[:30], map[string]any{"code": "07.041.07.07", "text": script}
	askFor(t, handler, p)
	cid := opens(t, h, p)
	staff := dispatcher(account)
	complaint := id.New[cases.Complaint](clock.System{}.Now())
	if _, _, err := h.Cases.Complain(ctx, cid, complaint, "asked_for_money", script, "fr"); err != nil {
		t.Fatal(err)
	}
	if err := h.Cases.Contact(ctx, staff, cid, "reached", script); err != nil {
		t.Fatal(err)
	}
	if w := upload(handler, "/fr/import", token, script+".csv", "id,need,"+strings.ReplaceAll(script, `"`, "")+"\n1,food,"+strings.ReplaceAll(script, `"`, "")+"\n"); w.Code != http.StatusSeeOther {
		t.Fatalf("uploading: %d %s", w.Code, mainOf(w.Body.String()))
	} else {
		look(t, handler, strings.TrimPrefix(w.Header().Get("Location"), "/fr"), token, "")
	}
	revealed := send(handler, "/fr/cases/"+cid.String()+"/reveal", formKind, "reason=call", "Cookie", "session="+token)
	shown := 0
	if strings.Contains(revealed.Body.String(), "&lt;script&gt;") {
		shown++
	}
	if runs(revealed.Body.String()) {
		t.Error("the revealed case runs what somebody wrote")
	}
	draft := id.New[cases.Draft](clock.System{}.Now()).String()
	for _, step := range []string{"people", "where", "contact", "all"} { // the form shown again, with what was typed
		form := url.Values{"people": {script}, "words": {script}, "where.text": {script}, "where.lat": {script}, "phone": {script}, "secret": {script}, "name": {script}, "act": {""}}
		w := send(handler, "/fr/help/crisis_help/"+draft+"/"+step, formKind, form.Encode())
		if runs(w.Body.String()) || w.Code >= 500 {
			t.Errorf("the step %s: %d, or it runs what somebody wrote", step, w.Code)
		}
		shown += strings.Count(w.Body.String(), "&lt;script&gt;")
	}
	shown += tracker(t, handler, p)
	for _, d := range h.allDoors() {
		if d.Method != "GET" || d.API {
			continue
		}
		for _, lang := range []string{"ar", "fr"} {
			to := strings.NewReplacer("{$}", "", "{service}", "crisis_help", "{draft}", draft, "{step}", "check").Replace(d.Path)
			switch {
			case strings.HasPrefix(to, "/complaints/"):
				to = strings.ReplaceAll(to, "{id}", complaint.String())
			case strings.HasPrefix(to, "/organisations/"):
				to = strings.ReplaceAll(to, "{id}", org.ID.String())
			case strings.HasPrefix(to, "/accounts/"):
				to = strings.ReplaceAll(to, "{id}", account.String())
			default:
				to = strings.ReplaceAll(to, "{id}", cid.String())
			}
			shown += look(t, handler, "/"+lang+path.Clean(to), token, d.Path)
		}
	}
	if shown < 20 {
		t.Errorf("what was written stands on pages %d times only: the looking is wrong", shown)
	}
}

// look opens one page and counts how often the script stands on it, as text.
func look(t *testing.T, handler http.Handler, to, token, door string) int {
	t.Helper()
	w := knock(handler, "GET", to, token, nil)
	if runs(w.Body.String()) {
		t.Errorf("%s runs what somebody wrote", to)
	}
	if w.Code >= 500 {
		t.Errorf("%s (%s): %d", to, door, w.Code)
	}
	return strings.Count(w.Body.String(), "&lt;script&gt;")
}

// tracker opens the tracker of a plea as its sender.
func tracker(t *testing.T, handler http.Handler, p *plea) int {
	t.Helper()
	w := send(handler, "/fr/track", formKind, url.Values{"number": {p.receipt}, "word": {p.word}}.Encode())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("the tracker does not open: %d", w.Code)
	}
	seen := 0
	for _, to := range []string{"/fr/track/open", "/ar/track/open", "/fr/track/complain"} {
		r := httptest.NewRequest("GET", "http://127.0.0.1:8080"+to, nil)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
		page := httptest.NewRecorder()
		handler.ServeHTTP(page, r)
		if page.Code != http.StatusOK || runs(page.Body.String()) {
			t.Errorf("%s: %d, or it runs what somebody wrote", to, page.Code)
		}
		seen += strings.Count(page.Body.String(), "&lt;script&gt;")
	}
	return seen
}
