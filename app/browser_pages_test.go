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

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
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
	s.crisis()
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
var otherwise = []string{"/help/{service}/{draft}/{step}", "/help/{service}/{draft}/done", "/track/open", "/track/complain", "/welcome/{token}", "/queue/next"}

// doors is every door that shows a page, with something behind it.
func (g *galleries) doors() (all []visit) {
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
		for _, cookie := range []string{"", g.everyone, g.admin} {
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
	return all
}

func (g *galleries) status(path, cookie string) int {
	return g.ask1("GET", path, cookie, nil).Code
}

// ask1 is a request past the browser.
func (g *galleries) ask1(method, path, cookie string, form url.Values) *httptest.ResponseRecorder {
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
		"fragile": []string{"elderly", "infant"}, "words": "الطريق مقطوعة بعد القنطرة", "phone": forms.Phone(waysPhone), "name": "فاطمة", "spoken": "shi"}
}

// draft is a form filled in to its end and not sent.
func (g *galleries) draft() cases.DraftID {
	did, err := id.Parse[struct{ cases.Draft }](fresh())
	g.must(err)
	var out cases.DraftID
	g.must(out.UnmarshalText([]byte(did.String())))
	def, _ := g.h.Service.Get("crisis_help")
	g.must(g.h.Cases.KeepDraft(g.Context(), cases.Draft{ID: out, Service: def.Code, Version: def.Version, Answers: g.answers()}))
	return out
}

// ways are pages at the end of a way.
func (g *galleries) ways() (all []visit) {
	def, _ := g.h.Service.Get("crisis_help")
	form := "/help/" + def.Code + "/" + g.draft().String() + "/"
	for _, s := range def.Form.Steps() {
		all = append(all, visit{name: "step-" + s.Name, path: form + s.Name, public: true})
	}
	all = append(all, visit{name: "ask-check", path: form + "check", public: true}, visit{name: "ask-all", path: form + "all", public: true})
	sent := "/help/" + def.Code + "/" + g.draft().String() + "/"
	if w := g.ask1("POST", sent+"send", "", url.Values{}); w.Code != http.StatusSeeOther {
		g.Fatalf("sending answers %d %s", w.Code, w.Body)
	}
	all = append(all, visit{name: "ask-done", path: sent + "done", public: true})

	track := g.track(g.delivered())
	all = append(all, visit{name: "track-open", path: "/track/open", cookie: track, public: true}, visit{name: "track-complain", path: "/track/complain", cookie: track, public: true})
	token, err := g.h.People.Invite(g.Context(), System("test"), people.Account{ID: id.New[actor.Account](morning), Login: "newcomer", Name: "Idder"})
	g.must(err)
	return append(all, visit{name: "welcome", path: "/welcome/" + token, public: true}, visit{name: "missing", path: "/nothing-here", public: true})
}

// delivered is a case whose family is asked whether help came; somebody looked
// into it.
func (g *galleries) delivered() string {
	mid, _ := g.witnessed()
	j, err := g.h.Field.Journey(g.Context(), mid)
	g.must(err)
	k := j.Stops[0].Case.String()
	if w := g.ask1("POST", "/cases/"+k+"/reveal", g.everyone, url.Values{"reason": {"call"}}); w.Code != http.StatusOK {
		g.Fatalf("revealing answers %d", w.Code)
	}
	return k
}

// track is the cookie of whoever opened the tracker of a case.
func (g *galleries) track(c string) string {
	cid, err := id.Parse[cases.Case](c)
	g.must(err)
	number, last4 := g.holderOf(cid)
	w := g.ask1("POST", "/track", "", url.Values{"number": {number}, "word": {last4}})
	for _, k := range w.Result().Cookies() {
		if k.Name == "track" {
			return "track=" + k.Value
		}
	}
	g.Fatalf("the tracker of %s does not open: %d", number, w.Code)
	return ""
}
