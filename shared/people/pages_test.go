package people

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// catalogue is the words of people and of what its pages stand on.
func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(ui.Locale, Files, forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pageSet is the pages in one language.
func pageSet(t testing.TB, c *i18n.Catalogue, l i18n.Lang) *template.Template {
	t.Helper()
	p := c.For(l, time.UTC)
	f := i18n.Funcs(p)
	f["href"] = func(path string) string { return "/" + string(l) + path }
	set, err := ui.Parse(f, Files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTheWordsArePrintable(t *testing.T) {
	c, err := i18n.Load(Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
}

func TestEveryDeedAndEveryRoleHasItsWords(t *testing.T) {
	c, s := catalogue(t), New(nil, nil, gazetteer(t))
	var keys []string
	for _, d := range s.Manifest().Deeds {
		keys = append(keys, "deed."+d.Name)
	}
	for _, r := range actor.Roles {
		keys = append(keys, "role."+string(r))
	}
	for _, r := range append(ReasonsToRecognise, ReasonsToSuspend...) {
		keys = append(keys, "people.reason."+r)
	}
	for _, d := range Domains {
		keys = append(keys, "people.domain."+d)
	}
	for _, k := range Kinds {
		keys = append(keys, "people.kind."+string(k))
	}
	for _, k := range Statuses {
		keys = append(keys, "people.status."+string(k))
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("%s has no words", k)
		}
	}
}

func TestEveryPageFitsItsTemplateInEveryLanguage(t *testing.T) {
	c, s := catalogue(t), New(nil, nil, gazetteer(t))
	for _, e := range s.gallery() { // before anything is executed, which rewrites the set
		if err := templatecheck.CheckHTML(pageSet(t, c, i18n.FR).Lookup(e.Template), e.Page); err != nil {
			t.Errorf("%s: %v", e.Template, err)
		}
	}
	for _, l := range append(i18n.Langs(), i18n.QPS) {
		set := pageSet(t, c, l)
		for _, e := range s.gallery() {
			var b bytes.Buffer
			f := e.Page.Shell()
			f.Lang, f.Dir, f.Path = string(l), i18n.Dir(l), "/x"
			if err := set.ExecuteTemplate(&b, e.Template, e.Page); err != nil {
				t.Errorf("%s (%s): %v", e.Template, l, err)
			}
			for _, bad := range []string{"style=", "<script>", "onclick", "ZgotmplZ"} {
				if strings.Contains(b.String(), bad) {
					t.Errorf("%s (%s) holds %s", e.Template, l, bad)
				}
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}

func TestTheFirstDayOfAHouse(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		srv := x.edge()
		b := x.browser(srv)
		link, err := x.FirstAdmin(t.Context())
		x.must(err)

		status, body := b.get("/fr" + link)
		if status != 200 || !strings.Contains(body, `name="login"`) {
			t.Fatalf("the link shows %d", status)
		}
		status, body, _ = b.post("/fr"+link, "login", "T", "name", "", "password", "short", "again", "short")
		if status != 422 || strings.Count(body, `aria-invalid="true"`) != 3 {
			t.Errorf("three things are wrong: %d, %d named", status, strings.Count(body, `aria-invalid="true"`))
		}
		if _, _, to := b.post("/fr"+link, "login", "touria", "name", "Touria M.", "password", goodPassword, "again", goodPassword); to != "/fr"+link {
			t.Fatalf("chosen, and then %q", to)
		}
		_, body = b.get("/fr" + link)
		secret := strings.ReplaceAll(between(body, `<code class="hash" dir="ltr">`, "</code>"), " ", "")
		if status, body, _ := b.post("/fr"+link+"/code", "code", "000000"); status != 422 || !strings.Contains(body, secret[:4]) {
			t.Errorf("a wrong code: %d", status)
		}
		if _, _, to := b.post("/fr"+link+"/code", "code", x.code(secret)); to != "/fr/me" {
			t.Fatalf("enrolled, and then %q", to)
		}
		if status, body := b.get("/fr/me"); status != 200 || !strings.Contains(body, "Touria M.") {
			t.Errorf("my page: %d", status)
		}
		if status, _ := x.browser(srv).get("/fr" + link); status != 404 {
			t.Errorf("the link works again: %d", status)
		}
	})
}

func TestAnAdministratorRegistersAnOrganisationAndLetsItsCoordinatorIn(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		srv := x.edge()
		b := x.browser(srv)
		x.account("touria", admin)
		if _, _, to := b.post("/fr/sign-in", "login", "touria", "password", goodPassword, "code", x.code(goodSecret)); to != "/fr/me" {
			t.Fatalf("signed in, and then %q", to)
		}
		_, body := b.get("/fr/organisations/new")
		oid := between(body, `name="id" value="`, `"`)
		form := []string{"id", oid, "kind", "association", "name_ar", "جمعية الإبرة", "name_fr", "L'Aiguille", "receipt", "14/2019", "domains", "warm", "domains", "water"}
		if status, body, _ := b.post("/fr/organisations", append(form, "territory", "Trois-Sources\nNulle-Part", "phone", "12")...); status != 422 || !strings.Contains(body, "A1-02") || !strings.Contains(body, "L&#39;Aiguille") {
			t.Errorf("two places are wrong and what was typed is kept: %d", status)
		}
		if _, _, to := b.post("/fr/organisations", append(form, "territory", "Haute-Rive")...); to != "/fr/organisations/"+oid {
			t.Fatalf("registered, and then %q", to)
		}
		if status, body := b.get("/ar/organisations?q=" + "aiguille"); status != 200 || !strings.Contains(body, oid) {
			t.Errorf("the register does not list it: %d", status)
		}
		if status, _, _ := b.post("/fr/organisations/"+oid+"/recognise", "recognise", "papers_checked"); status != 403 {
			t.Errorf("an administrator recognised it: %d", status)
		}
		_, body = b.get("/fr/accounts/new")
		aid := between(body, `name="id" value="`, `"`)
		status, body, _ := b.post("/fr/accounts", "id", aid, "login", "hind", "name", "Hind N.", "langs", "tmr")
		shown := between(body, `<code class="hash" dir="ltr">`, "</code>")
		if status != 200 || !strings.HasPrefix(shown, srv.URL+"/fr/welcome/") {
			t.Fatalf("invited: %d, %q", status, shown)
		}
		gid := between(second(b.get("/fr/accounts/"+aid)), `<input type="hidden" name="id" value="`, `"`)
		if status, body, _ := b.post("/fr/accounts/"+aid+"/grants", "id", gid, "role", "coordinator"); status != 422 || !strings.Contains(body, `href="#f-org"`) {
			t.Errorf("a coordinator of nobody: %d", status)
		}
		if _, _, to := b.post("/fr/accounts/"+aid+"/grants", "id", gid, "role", "coordinator", "org", oid, "territory", "A1"); to != "/fr/accounts/"+aid {
			t.Fatalf("given, and then %q", to)
		}
		if status, _, _ := b.post("/fr/accounts/" + aid + "/disable"); status != 303 {
			t.Errorf("disabled: %d", status)
		}
		if status, _ := x.browser(srv).get(strings.TrimPrefix(shown, srv.URL)); status != 404 {
			t.Errorf("the link of a closed account works: %d", status)
		}
		if _, _, to := b.post("/fr/sign-out"); to != "/fr/sign-in" {
			t.Errorf("signed out, and then %q", to)
		}
		if status, _ := b.get("/fr/accounts"); status != 401 {
			t.Errorf("signed out, and the accounts show: %d", status)
		}
	})
}

func second(_ int, body string) string { return body }

func TestSigningInOnThePage(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("salma", admin)
	srv := x.edge()
	b := x.browser(srv)
	status, body, _ := b.post("/ar/sign-in", "login", "salma", "password", "<script>x</script>", "code", "1", "next", "//evil.example")
	if status != 422 || !strings.Contains(body, `value="salma"`) || strings.Contains(body, "<script>x") || strings.Contains(body, "evil") {
		t.Errorf("refused with %d", status)
	}
	_, _, to := b.post("/ar/sign-in", "login", "salma", "password", goodPassword, "code", x.code(goodSecret), "next", "/organisations?status=pending")
	if to != "/ar/organisations?status=pending" {
		t.Errorf("signed in, and then %q", to)
	}
	r, err := b.http.Get(srv.URL + "/ar/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 303 {
		t.Errorf("somebody who is in is asked again: %d", r.StatusCode)
	}
	if status, body := b.get("/ar/me"); status != 200 || strings.Count(body, "/close") != 0 {
		t.Errorf("my page: %d", status)
	}
	_, other, _ := b.post("/ar/me/languages", "langs", "isl", "langs", "klingon")
	if !strings.Contains(other, "klingon") {
		t.Error("an unknown language is kept")
	}
	if status, _, _ := b.post("/ar/me/languages", "langs", "isl"); status != 303 {
		t.Errorf("languages: %d", status)
	}
	for _, path := range []string{"/ar/me/languages", "/ar/me/sessions/x/close"} {
		if status, _, _ := x.browser(srv).post(path); status != 401 {
			t.Errorf("a passer-by at %s: %d", path, status)
		}
	}
	for _, path := range []string{"/ar/organisations/x", "/ar/accounts/x", "/ar/welcome/x"} {
		if status, _ := b.get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestTheSessionCookieIsForThisHostAlone(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.account("salma", admin)
	srv := x.edge()
	form := "login=salma&code=" + x.code(goodSecret) + "&password=" + strings.ReplaceAll(goodPassword, " ", "+")
	r, err := x.browser(srv).http.Post(srv.URL+"/fr/sign-in", "application/x-www-form-urlencoded", strings.NewReader(form))
	x.must(err)
	r.Body.Close()
	for _, k := range r.Cookies() {
		if k.Name == "session" && k.HttpOnly && k.SameSite == http.SameSiteLaxMode && k.Path == "/" && k.Domain == "" && k.MaxAge == int(sessionLife.Seconds()) {
			return
		}
	}
	t.Errorf("cookies: %v", r.Cookies())
}

func TestAProgramSignsInAndOut(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("salma", admin)
		x.org("Puits", Recognised, "A1")
		x.org("Ombre", Suspended)
		x.org("Attente", Pending)
		srv := x.edge()
		do := func(method, path, token, body string) (int, []byte) {
			q, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
			x.must(err)
			if token != "" {
				q.Header.Set("Authorization", "Bearer "+token)
			}
			r, err := http.DefaultClient.Do(q)
			x.must(err)
			defer r.Body.Close()
			out, err := io.ReadAll(r.Body)
			x.must(err)
			return r.StatusCode, out
		}
		if status, _ := do("POST", "/api/v1/session", "", `{"login":"salma","password":"no no no no no","code":"1"}`); status != 401 {
			t.Errorf("refused with %d", status)
		}
		if status, _ := do("POST", "/api/v1/session", "", `{"login":"salma","admin":true}`); status != 422 {
			t.Errorf("what does not belong: %d", status)
		}
		var in SessionAnswer
		status, out := do("POST", "/api/v1/session", "", `{"login":"salma","password":"`+goodPassword+`","code":"`+x.code(goodSecret)+`"}`)
		x.must(json.Unmarshal(out, &in))
		if status != 201 || len(in.Token) < 40 || !in.ExpiresAt.Equal(x.clock.Now().Add(sessionLife)) {
			t.Fatalf("%d %s", status, out)
		}
		var list OrganisationList
		status, out = do("GET", "/api/v1/organisations", "", "")
		x.must(json.Unmarshal(out, &list))
		if status != 200 || len(list.Organisations) != 1 || list.Organisations[0].Names.FR != "Association Puits" || strings.Contains(string(out), "phone") {
			t.Errorf("%d %s", status, out)
		}
		if status, _ := do("DELETE", "/api/v1/session", in.Token, ""); status != 204 {
			t.Errorf("signed out with %d", status)
		}
		if status, _ := do("DELETE", "/api/v1/session", in.Token, ""); status != 401 {
			t.Errorf("signed out twice: %d", status)
		}
		if status, _ := do("DELETE", "/api/v1/session", crypt.Token(), ""); status != 401 {
			t.Errorf("an invented token: %d", status)
		}
	})
}
