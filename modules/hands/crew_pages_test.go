package hands

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// edgeWords is what the edge says; each in every language.
func edgeWords() fs.FS {
	out := fstest.MapFS{}
	for _, l := range i18n.Langs() {
		out["locale/"+string(l)+".json"] = &fstest.MapFile{Data: []byte(`{"error.missing": "missing", "error.denied": "denied", "error.denied_here": "denied here", "error.sign_in": "sign in", "error.title": "error",
			"error.fields": "{n} wrong", "error.ours": "ours", "error.organisation_not_recognised": "not recognised", "error.unreadable": "unreadable", "error.not_text": "not text", "error.too_many_tries": "too many"}`)}
	}
	return out
}

func crewCatalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(ui.Locale, places.Files, Files, edgeWords())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var crewErrorPage = fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<h1 id="error">{{.Text}}</h1>{{template "foot" .Frame}}{{end}}`)}}

func crewSet(t testing.TB, c *i18n.Catalogue, l i18n.Lang) *template.Template {
	t.Helper()
	p := c.For(l, time.UTC)
	p.Now = func() time.Time { return morning }
	f := i18n.Funcs(p)
	f["href"] = func(path string) string { return "/" + string(l) + path }
	set, err := ui.Parse(f, Files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEveryCodeOfVolunteersHasItsWords(t *testing.T) {
	t.Parallel()
	c := crewCatalogue(t)
	var keys []string
	for _, d := range crewDeeds {
		keys = append(keys, "deed."+d.Name)
	}
	for prefix, codes := range map[string][]string{
		"hands.skill.": Skills, "hands.effort.": Efforts, "hands.paper.": PaperKinds, "hands.vetting.": Vettings, "hands.peek.": ReasonsToReveal, "hands.corrected.": ReasonsCorrected, "hands.language.": otherSpoken,
		"hands.reason.": append(append([]string{}, ReasonsDeclined...), ReasonsRemoved...), "hands.standing.": {"waiting", "accepted", "declined", "removed", "left"},
		"hands.placing.state.": {"offered", "asked", "placed", "full", "no", "withdrew", "silent"}, "hands.call.state.": {"open", "full", "closed"},
		"hands.sms.": {"ask", "free", "remind", "accepted", "declined", "placed", "full", "no", "withdrawn"},
	} {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("nobody says %s", k)
		}
	}
}

func TestEveryPageOfVolunteersFitsItsDataInEveryLanguage(t *testing.T) {
	t.Parallel()
	c := crewCatalogue(t)
	set := crewSet(t, c, i18n.FR)
	for _, e := range crewGallery() {
		if err := templatecheck.CheckHTML(set.Lookup(e.Template), e.Page); err != nil {
			t.Errorf("%s: %v", e.Template, err)
		}
	}
	for _, l := range i18n.Langs() {
		set := crewSet(t, c, l)
		for i, e := range crewGallery() {
			var b bytes.Buffer
			f := e.Page.Shell()
			f.Lang, f.Dir, f.Path = string(l), i18n.Dir(l), "/x"
			if err := set.ExecuteTemplate(&b, e.Template, e.Page); err != nil {
				t.Errorf("%s (%s): %v", e.Template, l, err)
			}
			body := b.String()
			for _, bad := range []string{"style=", "<script>", "onclick", "ZgotmplZ", "⟦hands", "%!"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s %d (%s) holds %s", e.Template, i, l, bad)
				}
			}
			if n := strings.Count(body, "<h1"); n != 1 {
				t.Errorf("%s %d (%s) has %d headings of the first rank", e.Template, i, l, n)
			}
			ids := map[string]bool{}
			for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
				if ids[m[1]] {
					t.Errorf("%s %d (%s) has two elements called %s", e.Template, i, l, m[1])
				}
				ids[m[1]] = true
			}
			for _, at := range strings.Split(body, `href="#`)[1:] {
				name, _, _ := strings.Cut(at, `"`)
				if !ids[name] {
					t.Errorf("%s %d (%s) points at #%s, which is not there", e.Template, i, l, name)
				}
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}

// crewDoor is somebody in front of the pages of volunteers, who keeps cookies
// as a browser does.
type crewDoor struct {
	t    *testing.T
	base string
	http *http.Client
}

func (x *house) crewAt(by actor.Actor) *crewDoor {
	x.t.Helper()
	site := &web.Site{Cat: crewCatalogue(x.t), Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(),
		Langs: i18n.Langs(), Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.R.Context(), by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, crewErrorPage) }}
	var routes []web.Route
	for _, d := range x.crewDoors() {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	x.must(err)
	return &crewDoor{x.t, srv.URL, &http.Client{Jar: jar}}
}

// get and post follow where they are sent, and give the page that comes.
func (d *crewDoor) get(path string) (int, string) {
	d.t.Helper()
	return d.answer(d.http.Get(d.base + path))
}

func (d *crewDoor) post(path string, f url.Values) (int, string) {
	d.t.Helper()
	return d.answer(d.http.PostForm(d.base+path, f))
}

func (d *crewDoor) answer(r *http.Response, err error) (int, string) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

var idField = regexp.MustCompile(`name="id" value="([^"]+)"`)

func TestAVolunteerRegistersAnswersAndIsForgottenByThePagesAlone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		d := x.crewAt(actor.Actor{Channel: "web"})
		status, body := d.get("/fr/volunteer")
		m := idField.FindStringSubmatch(body)
		if status != 200 || m == nil {
			t.Fatalf("the form: %d", status)
		}
		f := url.Values{"id": {m[1]}, "name": {"Tuda Aït Baha"}, "phone": {"06 61 23 45 42"}, "born": {"١٩٩٠"}, "place.code": {"A1-02"}, "languages": {"tmr"}, "skills": {"cook", "juggling"}, "hours": {"all"}, "limits": {"night"}}
		if status, body = d.post("/fr/volunteer", url.Values{"id": {m[1]}, "name": {"Tuda"}}); status != 422 || !strings.Contains(body, `value="Tuda"`) || strings.Count(body, `class="err"`) < 5 {
			t.Fatalf("an empty form: %d", status)
		}
		if status, body = d.post("/fr/volunteer", f); status != 200 || !strings.Contains(body, x.ours.String()) || !strings.Contains(body, `value="any"`) || !strings.Contains(body, `name="skills" value="cook"`) {
			t.Fatalf("under whom: %d", status)
		}
		f.Set("org", x.ours.String())
		status, body = d.post("/fr/volunteer", f)
		number := regexp.MustCompile(`number=(\d{9})`).FindStringSubmatch(body)
		if status != 200 || number == nil {
			t.Fatalf("the receipt: %d %s", status, body)
		}
		if _, again := d.post("/fr/volunteer", f); !strings.Contains(again, number[1]) {
			t.Error("the form sent twice is another registration")
		}
		if status, _ = d.post("/fr/volunteer/mine", url.Values{"number": {number[1]}, "word": {"0000"}}); status != 422 {
			t.Errorf("four wrong digits: %d", status)
		}
		if status, body = d.post("/fr/volunteer/mine", url.Values{"number": {number[1]}, "word": {"4542"}}); status != 200 || strings.Contains(body, "Tuda") {
			t.Fatalf("their own page: %d", status)
		}
		v := x.ofNumber(number[1])
		x.must(x.Accept(x.ctx, x.coordinator(), v.ID))
		cid := x.call(1, nil)
		x.ask(cid, v.ID)
		_, body = d.get("/fr/volunteer/mine/open")
		pid := x.placing(cid, v.ID).ID.String()
		if !strings.Contains(body, pid) {
			t.Fatal("the question is not on their page")
		}
		other := x.volunteer(nil)
		second := x.call(1, func(c *Call) { c.Shift.From, c.Shift.To = c.Shift.From.Add(time.Hour), c.Shift.To.Add(72*time.Hour) })
		x.ask(second, other)
		if status, _ = d.post("/fr/volunteer/mine/answer", url.Values{"placing": {x.placing(second, other).ID.String()}, "answer": {"yes"}}); status != 404 {
			t.Errorf("answering for somebody else: %d", status)
		}
		if status, _ = d.post("/fr/volunteer/mine/answer", url.Values{"placing": {pid}, "answer": {"yes"}}); status != 200 || x.placing(cid, v.ID).State != Placed {
			t.Errorf("yes: %d, %s", status, x.placing(cid, v.ID).State)
		}
		x.clock.At = morning.Add(24 * time.Hour)
		if status, _ = d.get("/fr/volunteer/mine/open"); status != 200 {
			t.Fatal(status)
		}
		d.post("/fr/volunteer/mine", url.Values{"number": {number[1]}, "word": {"4542"}}) // half an hour is over
		if status, body = d.post("/fr/volunteer/mine/here", url.Values{"placing": {pid}, "code": {"12345"}}); status != 422 {
			t.Errorf("a wrong code: %d", status)
		}
		if status, _ = d.post("/fr/volunteer/mine/here", url.Values{"placing": {pid}, "code": {x.ShiftCode(x.callNow(cid).Shift.ID)}}); status != 200 || x.placing(cid, v.ID).In.IsZero() {
			t.Errorf("the right code: %d", status)
		}
		if status, _ = d.post("/fr/volunteer/mine/forget", nil); status != 200 || x.volunteerNow(v.ID).ForgottenAt.IsZero() {
			t.Errorf("forgotten: %d", status)
		}
		if status, _ = d.post("/fr/volunteer/mine/answer", url.Values{"placing": {pid}, "answer": {"no"}}); status != 403 {
			t.Errorf("after they were forgotten: %d", status)
		}
	})
}

// ofNumber is the volunteer whom a number stands for.
func (x *house) ofNumber(number string) *Volunteer {
	x.t.Helper()
	var vid VolunteerID
	x.read(func(t *db.Tx) (err error) { vid, _, err = byReceipt(t, number); return err })
	return x.volunteerNow(vid)
}
