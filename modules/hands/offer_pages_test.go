package hands

import (
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

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// giftWords is what the fakes say, and the edge; each in every language.
func giftWords() fs.FS {
	out := fstest.MapFS{}
	for _, l := range i18n.Langs() {
		out["locale/"+string(l)+".json"] = &fstest.MapFile{Data: []byte(`{"test.good.blanket": "blanket", "test.good.basket": "basket", "test.good.tent": "tent", "test.unit.basket": "basket",
			"test.need.food": "food", "test.need.warm": "warmth", "test.need.shelter": "shelter", "error.missing": "missing", "error.denied": "denied", "error.denied_here": "denied here",
			"error.sign_in": "sign in", "error.title": "error", "error.fields": "{n} wrong", "error.ours": "ours", "error.unreadable": "unreadable", "error.not_text": "not text",
			"error.too_often": "too often", "error.limited": "too often", "phone.empty": "no phone", "phone.too_short": "short", "phone.too_long": "long", "phone.not_digits": "no digits",
			"phone.no_start": "no start", "phone.two_numbers": "two", "phone.short_number": "short number", "phone.unknown_range": "unknown", "forms.answer.too_long": "too long",
			"receipt.empty": "no number", "receipt.not_digits": "no digits", "receipt.too_short": "short", "receipt.too_long": "long", "receipt.check_digit": "check", "receipt.starts_zero": "zero"}`)}
	}
	return out
}

var giftError = fstest.MapFS{"pages/error.html": {Data: []byte(`{{define "error"}}{{template "head" .Frame}}<h1 id="error">{{.Text}}</h1>{{template "foot" .Frame}}{{end}}`)}}

// visitor is somebody at the pages, with their cookies.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

func (x *giving) visitor(by actor.Actor) *visitor {
	x.t.Helper()
	cat, err := i18n.Load(ui.Locale, Files, giftWords())
	x.must(err)
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(), Langs: i18n.Langs(),
		Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.R.Context(), by) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, Files, giftError) }}
	var routes []web.Route
	for _, d := range x.Manifest().Doors {
		routes = append(routes, d.Route())
	}
	srv := httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	x.must(err)
	return &visitor{x.t, srv.URL, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v *visitor) answer(r *http.Response, err error) (int, string, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r.StatusCode, string(body), r.Header.Get("Location")
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	status, body, _ := v.answer(v.http.Get(v.base + path))
	return status, body
}

func (v *visitor) post(path string, pairs ...string) (int, string, string) {
	v.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return v.answer(v.http.PostForm(v.base+path, f))
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

func TestAPasserByGivesWithoutAnAccountAndComesBackToIt(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		v := x.visitor(actor.Actor{})
		if status, body := v.get("/ar/offer"); status != 200 || !strings.Contains(body, `href="/ar/offer/goods"`) || !strings.Contains(body, `href="/ar/volunteer"`) {
			t.Errorf("the door answers %d", status)
		}
		_, form := v.get("/ar/offer/goods")
		oid := hiddenID.FindStringSubmatch(form)[1]
		status, body, _ := v.post("/ar/offer/goods", "id", oid, "act", "search", "place.text", "Trois-Sources", "units", "٤٠")
		if status != 200 || !strings.Contains(body, `value="A1-02"`) || !strings.Contains(body, `value="٤٠"`) {
			t.Errorf("the search for a place answers %d and forgets what was typed, or finds nothing", status)
		}
		answers := []string{"id", oid, "thing", "blanket", "units", "٤٠", "until", "2026-12-01", "place.code", "A1-02", "who", "shop", "name", "Tuda", "phone", "+212 671 11 22 33", "org", x.ours.String(), "details", "au dépôt"}
		for range 2 { // the button was pressed twice
			status, body, to := v.post("/ar/offer/goods", answers...)
			if status != 303 || to != "/ar/offer/mine/open" {
				t.Fatalf("sending answers %d: %s", status, body)
			}
		}
		_, mine := v.get("/ar/offer/mine/open")
		if !strings.Contains(mine, "L’Étoile") || strings.Contains(mine, "Tuda") || strings.Contains(mine, "112233") || strings.Contains(mine, "11 22 33") {
			t.Error("the giver's page lacks to whom it was given, or names the giver on a phone that may be shared")
		}
		if status, _, _ := v.post("/ar/offer/mine/change", "units", "30", "until", "2026-12-05"); status != 303 {
			t.Errorf("changing answers %d", status)
		}
		if status, body, _ := v.post("/ar/offer/mine/change", "units", "many", "until", "tomorrow"); status != 422 || strings.Count(body, `class="err"`) != 2 {
			t.Errorf("what cannot be read is answered %d", status)
		}
		other := x.visitor(actor.Actor{})
		if status, _, _ := other.post("/ar/offer/mine/withdraw"); status != 403 {
			t.Errorf("without the receipt, withdrawing answers %d", status)
		}
		number := regexp.MustCompile(`data-copy="(\d{9})"`).FindStringSubmatch(mine)[1]
		if status, _, to := other.post("/ar/offer/mine", "number", number, "word", "2233"); status != 303 || to != "/ar/offer/mine/open" {
			t.Errorf("the receipt and the end of the phone answer %d", status)
		}
		for i := range 8 {
			status, _, _ := other.post("/ar/offer/mine", "number", number, "word", "0000")
			if want := map[bool]int{true: 422, false: 429}[i < 5]; status != want {
				t.Errorf("guess %d answers %d, not %d", i, status, want)
			}
		}
		if status, _, _ := v.post("/ar/offer/mine/forget"); status != 303 {
			t.Errorf("being forgotten answers %d", status)
		}
		if status, _ := other.get("/ar/offer/mine/open"); status != 403 {
			t.Errorf("an old pass to who was forgotten answers %d", status)
		}
	})
}

func TestWhateverIsSentToTheFormsIsAnsweredWithASentence(t *testing.T) {
	t.Parallel()
	x := offering(t, model.SQLite(t))
	x.needs.all = []Need{{Ref: "case/1", Kinds: []string{"warm"}, Keys: []string{"test.need.warm"}, People: 3, Level: 2, Since: morning, Place: "A1-02", Path: []string{"A", "A1", "A1-02"}}}
	oid := x.offer(GivesGoods, "blanket", 9, actor.OrganisationID{})
	v, by := x.visitor(actor.Actor{}), x.visitor(x.somebody(actor.CrisisCell, x.ours, ""))
	junk := []string{"", "\x00", "-1", "9999999999999999999", "٣", "<script>", "‮abc", strings.Repeat("ﷺ", 3000), "01999999-0000-7000-8000-000000000001", "2026-13-45", "A1-02", "2026-12-01"}
	fields := []string{"id", "thing", "units", "seats", "kg", "road", "from", "until", "good_till", "place.text", "place.code", "place.was", "place.province", "place.commune", "lat", "lon", "who", "name", "phone", "org", "details", "call", "act", "match", "need", "used", "reason", "wanted"}
	for i, bad := range junk {
		pairs := []string{}
		for j, f := range fields {
			pairs = append(pairs, f, junk[(i+j*i)%len(junk)], f, bad)
		}
		for _, kind := range []string{"goods", "transport", "shelter", "money"} {
			if status, body, _ := v.post("/fr/offer/"+kind, pairs...); status >= 500 || strings.Contains(body, "<script>") && !strings.Contains(body, "&lt;script&gt;") && bad == "<script>" {
				t.Errorf("%q to %s answers %d", bad, kind, status)
			}
		}
		for _, path := range []string{"/reserve", "/thank", "/reveal", "/matches/" + x.mission() + "/use", "/matches/x/release"} {
			if status, _, _ := by.post("/fr/offers/"+oid.String()+path, pairs...); status >= 500 {
				t.Errorf("%q to %s answers %d", bad, path, status)
			}
		}
		if status, _, _ := by.post("/fr/offers/call", pairs...); status >= 500 {
			t.Errorf("%q to a call answers %d", bad, status)
		}
		for _, path := range []string{"/fr/offers?after=" + url.QueryEscape(bad), "/fr/offers/" + url.PathEscape(bad), "/fr/offer/goods?call=" + url.QueryEscape(bad), "/fr/funnel/" + url.PathEscape(bad), "/fr/offer/mine?number=" + url.QueryEscape(bad)} {
			if status, _ := by.get(path); status >= 500 {
				t.Errorf("%s answers %d", path, status)
			}
		}
	}
	if o := x.now(oid); o.Units != 9 || o.Taken > 9 {
		t.Errorf("the offer became %+v", o)
	}
}

func TestStaffReadEachReasonAndNobodysName(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := offering(t, dsn)
		x.needs.all = []Need{{Ref: "case/1", Href: "/cases/1", Kinds: []string{"warm"}, Keys: []string{"test.need.warm"}, People: 3, Level: 2, Since: morning, Place: "A1-02", Path: []string{"A", "A1", "A1-02"}}}
		x.needs.others, x.needs.near = []actor.OrganisationID{x.other}, []Neighbour{{"A1-03", 12}}
		oid := x.offer(GivesGoods, "blanket", 9, actor.OrganisationID{})
		v := x.visitor(x.somebody(actor.Dispatcher, x.ours, "A1"))
		_, body := v.get("/en/offers/" + oid.String())
		for _, want := range []string{"Answers: warmth", "Same commune", "Les Quatre Mulets", "Others go there, and neighbours wait", `value="` + x.ours.String()} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if strings.Contains(body, "Tuda") {
			t.Error("the page names the giver")
		}
		match := regexp.MustCompile(`name="match" value="([^"]+)"`).FindStringSubmatch(body)[1]
		pick := []string{"match", match, "need", "case/1", "units", "3", "org", x.ours.String()}
		for range 2 {
			if status, body, _ := v.post("/en/offers/"+oid.String()+"/reserve", pick...); status != 303 {
				t.Fatalf("choosing answers %d: %s", status, body)
			}
		}
		if f := x.fate(oid); f.Held != 3 {
			t.Errorf("it stands at %+v", f)
		}
		if status, _, _ := v.post("/en/offers/"+oid.String()+"/reserve", "match", x.mission(), "units", "7", "org", x.ours.String()); status != 409 {
			t.Errorf("more than is left answers %d", status)
		}
		_, body, _ = v.post("/en/offers/"+oid.String()+"/reveal", "reason", "arrange")
		if !strings.Contains(body, "Tuda") || !strings.Contains(body, "tel:&#43;21267") {
			t.Error("with a reason, the giver is not told")
		}
		if _, body := v.get("/en/offers"); !strings.Contains(body, oid.String()) || strings.Contains(body, "Tuda") {
			t.Error("the list lacks the offer, or names its giver")
		}
		if status, body := v.get("/en/funnel.csv"); status != 200 || !strings.HasPrefix(body, "call,kind,thing,organisation,place,wanted,saw,pledged,came,delivered,confirmed") {
			t.Errorf("the CSV answers %d: %s", status, body)
		}
		if status, _ := v.get("/en/funnel"); status != 200 {
			t.Errorf("the funnel answers %d", status)
		}
	})
}
