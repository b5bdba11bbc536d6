package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/testkit"
)

// visit is one page to look at: where it is, in whose hands, and for whom.
type visit struct {
	name   string
	path   string // without the language
	cookie string // "name=value" of whoever may see it; "" is a passer-by
	public bool   // for those who ask, in every language; not for those who answer
}

// galleries is a stage whose every page can be visited, those of the modules'
// examples included.
type galleries struct {
	*stage
	site     string
	everyone string // a session in every role but the administrator's
	admin    string
	seen     []visit
}

func newGalleries(t *testing.T) *galleries {
	t.Helper()
	s, visitors := newStage(t)
	g := &galleries{stage: s}
	grants := []actor.Grant{}
	for _, r := range actor.Roles {
		if r == actor.Administrator {
			continue
		}
		k := actor.Grant{Role: r}
		if r.ForOrganisation() {
			k.Org = s.ours
		}
		grants = append(grants, k)
	}
	g.everyone = "session=" + s.session(somebody(t, s.h, "everyone", grants...))
	for _, v := range visitors {
		if v.name == string(actor.Administrator) {
			g.admin = "session=" + v.token
		}
	}
	var routes []web.Route
	for _, d := range append(s.h.allDoors(), module.Get("/gallery/{module}/{n}", deedAlive, s.h.devPage)) {
		routes = append(routes, d.Route())
	}
	server := httptest.NewServer(s.h.Site.Mux(routes))
	t.Cleanup(server.Close)
	g.site = server.URL
	return g
}

// otherwise are doors that show a page only to somebody who has come a way:
// ways says which.
var otherwise = []string{"/help/{service}/{draft}/{step}", "/help/{service}/{draft}/done", "/triage/next", "/queue/live", "/queue/views/{id}", "/track/open", "/track/complain", "/welcome/{token}", "/queue/next",
	"/notes/{id}", "/prompts/{lang}/{name}/sound", "/equity/file", "/kpi/file", "/concerns/{id}/voices/{voice}", "/round/photos/{id}", "/damage.geojson", "/reports/pictures/{id}", "/follow/{place}/feed", "/missions/{id}/waybill.pdf", "/missions/{id}/list.pdf", "/audit/{id}/list.txt", "/corrections/{id}", // sounds, pictures and files, which are no pages
	"/gift/proof", "/coverage.xlsx", "/coverage.geojson", "/crisis.atom", "/stop/{sign}", "/works/{id}", "/works/{id}/paper", "/talk/{mission}", // by a square on paper, an order or a mission that the test has not: their examples show them
	"/offer/mine/open", "/volunteer/mine/open"} // by number and telephone: their examples show them

// doors is every door that shows a page, with something behind it.
func (g *galleries) doors() (all []visit) {
	g.crisis()
	uploader := "session=" + g.session(g.dispatcher())
	for _, d := range g.h.allDoors() {
		if d.Method != "GET" || d.API || strings.HasSuffix(d.Path, ".csv") || slices.Contains(otherwise, d.Path) {
			continue
		}
		v := visit{name: strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "", "$", "").Replace(d.Path), "-")}
		if v.name == "" {
			v.name = "home"
		}
		v.path = strings.TrimPrefix(g.set(d).path, "/fr")
		v.public = d.Deed.Open && !strings.HasPrefix(d.Path, "/me")
		shown := false
		for _, cookie := range []string{"", g.everyone, g.admin, uploader} {
			if shown = g.status(v.path, cookie) == http.StatusOK; shown {
				v.cookie = cookie
				break
			}
		}
		if !shown {
			g.Errorf("nobody gets to see %s: say in browser_pages_test.go which way leads there", d.Path)
			continue
		}
		all = append(all, v)
	}
	g.crisis() // some doors close it
	return all
}

func (g *galleries) status(path, cookie string) int {
	return g.request("GET", path, cookie, nil).Code
}

// request is one past the browser.
func (g *galleries) request(method, path, cookie string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/fr"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	return w
}

const waysPhone = "+212661234567"

// answers are those of a family that says everything.
func (g *galleries) answers() forms.Answers {
	return forms.Answers{"for_whom": "self", "need": []string{"warm", "food", "shelter"}, "where": forms.Place{Code: g.douars[1]}, "people": int64(6),
		"fragile": []string{"infant", "elderly"}, "words": "الطريق مقطوعة بعد القنطرة", "phone": forms.Phone(waysPhone), "name": "فاطمة", "spoken": "shi"}
}

// draft is a form filled in to its end and not sent.
func (g *galleries) draft(service string, answers forms.Answers) string {
	var did cases.DraftID
	g.must(did.UnmarshalText([]byte(freshID())))
	def, _ := g.h.Service.Get(service)
	g.must(g.h.Cases.KeepDraft(g.Context(), cases.Draft{ID: did, Service: service, Version: def.Version, Answers: answers}))
	return "/help/" + service + "/" + did.String() + "/"
}

// ways are pages at the end of a way.
func (g *galleries) ways() (all []visit) {
	def, _ := g.h.Service.Get("crisis_help")
	form := g.draft(def.Code, g.answers())
	for _, s := range def.Form.Steps() {
		all = append(all, visit{name: "step-" + s.Name, path: form + s.Name, public: true})
	}
	all = append(all, visit{name: "ask-check", path: form + "check", public: true}, visit{name: "ask-all", path: form + "all", public: true})
	sent := g.draft(def.Code, g.answers())
	if w := g.request("POST", sent+"send", "", url.Values{}); w.Code != http.StatusSeeOther {
		g.Fatalf("sending answers %d %s", w.Code, w.Body)
	}
	all = append(all, visit{name: "ask-done", path: sent + "done", public: true})
	track := g.track()
	all = append(all, visit{name: "track-open", path: "/track/open", cookie: track, public: true}, visit{name: "track-complain", path: "/track/complain", cookie: track, public: true})
	token, err := g.h.People.Invite(g.Context(), System("test"), people.Account{ID: id.New[actor.Account](morning), Login: "newcomer", Name: "Idder"})
	g.must(err)
	return append(all, visit{name: "welcome", path: "/welcome/" + token, public: true})
}

// track is the cookie of a family that opened its tracker: help came, somebody
// looked into their file.
func (g *galleries) track() string {
	c := g.ask(g.answers())
	helpCame(g.T, g.h, g.coordinator(), g.team(), c)
	if w := g.request("POST", "/cases/"+c.String()+"/reveal", g.everyone, url.Values{"reason": {"call"}}); w.Code != http.StatusOK {
		g.Fatalf("revealing answers %d", w.Code)
	}
	var number receipt.Number
	g.must(g.h.DB.Read(g.Context(), func(t *db.Tx) error {
		k, err := g.h.Cases.Get(t, c)
		if err == nil {
			number = k.Receipt
		}
		return err
	}))
	w := g.request("POST", "/track", "", url.Values{"number": {number.String()}, "word": {waysPhone[len(waysPhone)-4:]}})
	for _, k := range w.Result().Cookies() {
		if k.Name == "track" {
			return "track=" + k.Value
		}
	}
	g.Fatalf("the tracker of %s does not open: %d", number, w.Code)
	return ""
}

// examples are the pages that the modules show with invented data: forms that
// were refused, long words, every state.
func (g *galleries) examples() (all []visit) {
	for _, m := range g.h.Modules {
		for n, x := range m.Gallery {
			v := visit{name: fmt.Sprintf("example-%s-%d", x.Template, n), path: fmt.Sprintf("/gallery/%s/%d", m.Name, n)}
			if f := x.Page.Shell(); f.Is(ui.Staff) {
				v.cookie = g.everyone
			} else {
				v.public = !f.Is(ui.Print)
			}
			all = append(all, v)
		}
	}
	return all
}

// inspect is whether anybody is shut out of a page: axe-core in both schemes,
// and no window in which something sticks out.
func (e *eye) inspect(v visit, lang string) {
	e.t.Helper()
	wide, others := 1440, []int{320, 360}
	if v.public {
		wide, others = 360, []int{1440, 320}
	}
	e.Size(wide, heightOf(wide))
	e.visit(v, lang)
	if e.Status() != http.StatusOK {
		e.t.Errorf("%s in %s answers %d", v.name, lang, e.Status())
		return
	}
	if here := e.Count(".rail a[aria-current]"); e.Count(".rail") > 0 && here != 1 && !strings.HasPrefix(v.name, "example-") {
		e.t.Errorf("%s in %s lies in %d places of the rail", v.name, lang, here)
	}
	if lang == "ar" || !strings.HasPrefix(v.name, "example-") { // an example is built the same in every language; what differs is how long its words are
		for _, x := range e.Axe(e.t) {
			e.t.Errorf("%s in %s: %v", v.name, lang, x)
		}
	}
	e.shot(v, lang, wide, "")
	if lang == "ar" && e.dark() { // the colours of the dark are the same in every language
		e.Dark(true)
		for _, x := range e.AxeColours(e.t) {
			e.t.Errorf("%s in the dark: %v", v.name, x)
		}
		e.shot(v, lang, wide, "-dark")
		e.Dark(false)
	}
	for _, width := range others {
		e.Size(width, heightOf(width))
		if over := e.Overflow(); over > 0 {
			e.t.Errorf("%s in %s is %d px wider than a window of %d", v.name, lang, over, width)
		}
	}
}

// dark tells of every third page, and under make soak of all, that it is looked
// at in the dark too: what colours there are, pages share.
func (e *eye) dark() bool {
	e.looked++
	return e.looked%3 == 0 || testkit.Size(0, 1) == 1
}

func TestNoPageShutsAnybodyOut(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	g := newGalleries(t)
	pages, examples := append(g.doors(), g.ways()...), g.examples()
	others := slices.DeleteFunc(slices.Clone(i18n.Langs()), func(l i18n.Lang) bool { return l == "ar" })
	for _, l := range i18n.Langs() {
		parts := 1
		if l == "ar" { // most of the work: two windows share it
			parts = 2
		}
		for part := range parts {
			t.Run(string(l), func(t *testing.T) {
				t.Parallel()
				e := &eye{Browser: testkit.Chromium(t), t: t, site: g.site, cookie: "none"}
				for i, v := range pages { // what shuts people out is mostly the same in each language: each page in Arabic, those of everybody in one more too
					if l == "ar" && i%parts == part || l != "ar" && i%len(others) == slices.Index(others, l) && v.public {
						e.inspect(v, string(l))
					}
				}
				for i, v := range examples { // each in one of the two directions; all in make soak, where there is time
					if l == []i18n.Lang{"ar", "fr"}[i%2] && i/16%parts == part && (i%16 == 0 || i%16 == 9 || testkit.Size(0, 1) == 1) {
						e.inspect(v, string(l))
					}
				}
				for _, c := range e.Complaints() {
					t.Error("the browser complains:", c)
				}
			})
		}
	}
}

// shot keeps a picture of the page where somebody asked for pictures.
func (e *eye) shot(v visit, lang string, wide int, scheme string) {
	if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
		e.Shot(filepath.Join(dir, fmt.Sprintf("%s-%s-%d%s.png", v.name, lang, wide, scheme)))
	}
}
