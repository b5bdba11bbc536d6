package intake

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// frontDesk is the pages of intake with a door of their own.
type frontDesk struct {
	x   *house
	srv *httptest.Server
	by  atomic.Pointer[actor.Actor]
}

func (x *house) desk() *frontDesk {
	x.t.Helper()
	cat := catalogue(x.t)
	d := &frontDesk{x: x}
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: x.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: telemetry.NewMeter(), Langs: i18n.Langs(), National: "212",
		Limit: &web.Limiter{Now: x.clock.Now}, Enter: func(c *web.Ctx) context.Context { return actor.Into(c.Context(), *d.by.Load()) },
		Templates: func(f template.FuncMap) (*template.Template, error) { return ui.Parse(f, web.Pages, Files) }}
	var routes []web.Route
	for _, r := range x.doors() {
		routes = append(routes, r.Route())
	}
	d.srv = httptest.NewServer(site.Mux(routes))
	x.t.Cleanup(d.srv.Close)
	return d
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	cat, err := i18n.Load(ui.Locale, web.Locale, forms.Files, places.Files, deed.Files, Files)
	if err == nil {
		err = country().services.Speak(cat)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

var still = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (d *frontDesk) answer(r *http.Response, err error) (int, string, string) {
	d.x.t.Helper()
	d.x.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	d.x.must(err)
	return r.StatusCode, string(body), r.Header.Get("Location")
}

func (d *frontDesk) get(by actor.Actor, path string) (int, string) {
	d.x.t.Helper()
	d.by.Store(&by)
	status, body, _ := d.answer(still.Get(d.srv.URL + path))
	return status, body
}

func (d *frontDesk) post(by actor.Actor, path string, form ...string) (int, string, string) {
	d.x.t.Helper()
	d.by.Store(&by)
	v := url.Values{}
	for i := 0; i < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return d.answer(still.PostForm(d.srv.URL+path, v))
}

// upload sends a file as its reader does.
func (d *frontDesk) upload(by actor.Actor, name, body string) (status int, page, to string) {
	d.x.t.Helper()
	d.by.Store(&by)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	d.x.must(err)
	io.WriteString(part, body)
	d.x.must(m.Close())
	return d.answer(still.Post(d.srv.URL+"/en/import", m.FormDataContentType(), &b))
}

func saidOn(page string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

func TestANumberStandsWholeOnNoScreenAndInNoTable(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.Dispatcher, "")
		written := []string{"0661234542", "06 61 23 45 42", "+212 661-23-45-42", "٠٦٦١٢٣٤٥٤٢", "00212661234542", "06.61.23.45.42"}
		chat := ""
		for i, n := range written {
			chat += fmt.Sprintf("09/09/2023, 03:%02d - +212 661-234542: Ijoukak, il faut des tentes pour %d familles, appelez %s merci\n", i, i+2, n)
		}
		_, _, to := d.upload(by, "_chat.txt", chat)
		status, preview := d.get(by, to)
		if status != 200 || !strings.Contains(saidOn(preview), "6 messages") {
			t.Fatalf("%d %s", status, saidOn(preview))
		}
		_, done, _ := d.post(by, to, "act", "each")
		pages := preview + done
		for _, c := range x.all(Waiting) {
			status, page := d.get(by, "/fr/triage/"+c.ID.String())
			if status != 200 || !strings.Contains(page, "06 61 ••") || !strings.Contains(page, "••••") {
				t.Errorf("%d: the number is not there, or not masked", status)
			}
			pages += page
			if len(c.PhoneKey) == 0 {
				t.Error("it is not found by its number")
			}
		}
		_, list := d.get(by, "/fr/triage")
		for where, text := range map[string]string{"a page": saidOn(pages + list), "a table": x.dump()} {
			digits := regexp.MustCompile(`\D`).ReplaceAllString(strings.NewReplacer("٠", "0", "٦", "6", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5").Replace(text), "")
			if where == "a page" && strings.Contains(digits, "61234542") || strings.Contains(text, "61234542") || strings.Contains(text, "234542") {
				t.Errorf("%s tells the number", where)
			}
		}
	})
}

func TestTriageWorksWithFormsAlone(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.Dispatcher, "")
		talk := "09/09/2023, 03:10 - A: SOS Ijoukak, des gens sous les décombres\n09/09/2023, 03:11 - B: Ijoukak : 20 tentes et de l'eau pour 30 personnes svp\n09/09/2023, 03:12 - C: على بركة الله نحتاج أغطية في دوار تيزي\n09/09/2023, 03:13 - D: nous pouvons aider, camion disponible\n09/09/2023, 03:14 - E: merci\n"
		_, _, to := d.upload(by, "_chat.txt", talk)
		if _, page, _ := d.post(by, to); !strings.Contains(page, "/en/triage/next") {
			t.Fatal("no way to triage")
		}
		all := x.all(Waiting)
		if len(all) != 4 || !all[0].Danger || all[3].Kind != Gives {
			t.Fatalf("%d wait, the first %v, the last %s", len(all), all[0].Danger, all[3].Kind)
		}
		if status, _, at := d.answer(still.Get(d.srv.URL + "/fr/triage/next")); status != 303 || at != "/fr/triage/"+all[0].ID.String() {
			t.Fatalf("%d %s", status, at)
		}
		page := func(c *Candidate) string {
			status, body := d.get(by, "/fr/triage/"+c.ID.String())
			if status != 200 {
				t.Fatalf("%d", status)
			}
			return body
		}
		body := page(all[0])
		if !strings.Contains(body, `<mark title=`) || !strings.Contains(body, `value="rescue" checked`) || !strings.Contains(body, `aria-keyshortcuts="Enter"`) {
			t.Errorf("what was read is not shown: %s", saidOn(body))
		}
		status, _, at := d.post(by, "/fr/triage/"+all[0].ID.String(), "act", "confirm", "need", "rescue", "place", all[0].Place)
		if status != 303 || at != "/fr/triage/"+all[1].ID.String() || len(x.cases.order) != 1 {
			t.Fatalf("confirmed: %d %s", status, at)
		}
		if status, body, _ := d.post(by, "/fr/triage/"+all[1].ID.String(), "act", "confirm", "need", "shelter", "people", "beaucoup"); status != 422 || !strings.Contains(body, "f-people") {
			t.Errorf("a wrong number: %d", status)
		}
		if status, body, _ := d.post(by, "/fr/triage/"+all[1].ID.String(), "act", "look", "need", "food", "place_text", "Asni", "people", "31"); status != 200 || !strings.Contains(body, "Asni</bdi>") || !strings.Contains(body, `value="food" checked`) || !strings.Contains(body, `value="31"`) {
			t.Errorf("looking for a place: %d %s", status, saidOn(body))
		}
		if status, _, _ := d.post(by, "/fr/triage/"+all[2].ID.String(), "act", "aside"); status != 422 {
			t.Errorf("aside without a reason: %d", status)
		}
		if status, _, at := d.post(by, "/fr/triage/"+all[2].ID.String(), "act", "aside", "reason", "told_before"); status != 303 || at != "/fr/triage/"+all[3].ID.String() {
			t.Errorf("aside: %d %s", status, at)
		}
		x.clock.Advance(time.Second)
		if status, _, at := d.post(by, "/fr/triage/"+all[3].ID.String(), "act", "offer"); status != 303 || at != "/fr/triage/"+all[1].ID.String() {
			t.Errorf("offer: %d %s", status, at)
		}
		if status, _, at := d.post(by, "/fr/triage/undo"); status != 303 || at != "/fr/triage/"+all[3].ID.String() {
			t.Errorf("undo: %d %s", status, at)
		}
		if status, _, at := d.post(by, "/fr/triage/"+all[0].ID.String(), "act", "confirm", "need", "food"); status != 303 || at == "" || len(x.cases.order) != 1 {
			t.Errorf("decided twice: %d, %d requests", status, len(x.cases.order))
		}
		for _, state := range []string{"case", "joined", "offer", "aside", "x"} {
			if status, _ := d.get(by, "/ar/triage?state="+state); status != 200 {
				t.Errorf("%s: %d", state, status)
			}
		}
		if _, body := d.get(by, "/en/triage?state=aside"); !strings.Contains(body, "Told before") || !strings.Contains(body, "We find no request in it") {
			t.Error("what was set aside cannot be seen")
		}
	})
}

func TestGarbageIsAnsweredWithASentence(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		d, by := x.desk(), x.somebody(actor.CrisisCell, "")
		r := rand.New(rand.NewPCG(3, 4))
		whole := "[09/09/2023, 03:13:00] A: Ijoukak, 20 tentes\n{\"messages\":[{\"type\":\"message\",\"text\":[1]}]}PK\x03\x04xl/id,need\n"
		for range 60 {
			b := make([]byte, r.IntN(200))
			for i := range b {
				if b[i] = byte(r.IntN(256)); r.IntN(3) > 0 {
					b[i] = whole[r.IntN(len(whole))]
				}
			}
			status, _, to := d.upload(by, "x", string(b))
			if status != 422 && status != 303 {
				t.Errorf("%q is answered with %d", b, status)
			}
			if status == 303 {
				if status, _ := d.get(by, to); status != 200 {
					t.Errorf("%q shows %d", b, status)
				}
				if status, _, _ := d.post(by, to, "act", "each"); status != 200 {
					t.Errorf("%q is taken with %d", b, status)
				}
			}
		}
		if status, page, _ := d.upload(by, "messages.html", "<html>"); status != 422 || !strings.Contains(saidOn(page), "no Telegram chat") {
			t.Errorf("a page of a browser: %d", status)
		}
		if status, _, to := d.upload(by, "messages.html", testkit.AsTelegramPage(testkit.Talk(5, 2), time.UTC)); status != 303 || to == "" {
			t.Errorf("a page of Telegram: %d", status)
		}
		c := x.one(by, "Ijoukak, 20 tentes svp")
		for _, form := range [][]string{{"act", "join"}, {"act", "join", "into", "x"}, {"act", "confirm", "need", "nonsense"}, {"act", "confirm", "people", "-3"}, {"act", "confirm", "place", "x", "level", "9"}, {"act", "?"}} {
			if status, _, _ := d.post(by, "/en/triage/"+c.ID.String(), form...); status >= 500 {
				t.Errorf("%q: %d", form, status)
			}
		}
		for _, path := range []string{"/en/triage/x", "/en/triage/" + id.New[candidateKind](x.clock.Now()).String(), "/en/import/x"} {
			if status, _ := d.get(by, path); status != 404 {
				t.Errorf("%s: %d", path, status)
			}
		}
	})
}

func TestEveryPageFitsItsDataAndEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, l := range i18n.Langs() {
		p := cat.For(l, time.UTC)
		p.Now = func() time.Time { return morning }
		f := i18n.Funcs(p)
		f["href"] = func(path string) string { return "/" + string(l) + path }
		set, err := ui.Parse(f, Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range gallery() {
			if err := templatecheck.CheckHTML(set.Lookup(e.Template), e.Page); err != nil {
				t.Errorf("%s: %v", e.Template, err)
			}
		}
		for i, e := range gallery() {
			var b bytes.Buffer
			s := e.Page.Shell()
			s.Lang, s.Dir, s.Path = string(l), i18n.Dir(l), "/x"
			if err := set.ExecuteTemplate(&b, e.Template, e.Page); err != nil {
				t.Errorf("%s (%s): %v", e.Template, l, err)
			}
			for _, bad := range []string{"style=", "onclick", "ZgotmplZ", "⟦intake", "%!"} {
				if strings.Contains(b.String(), bad) {
					t.Errorf("%s %d (%s) holds %s", e.Template, i, l, bad)
				}
			}
			if n := strings.Count(b.String(), "<h1"); n != 1 {
				t.Errorf("%s %d (%s) has %d headings of the first rank", e.Template, i, l, n)
			}
		}
	}
	var words []string
	for _, d := range deeds {
		words = append(words, "deed."+d.Name)
	}
	for _, r := range linkage.Reasons() {
		words = append(words, "intake.like."+r)
	}
	for _, r := range append(AsideReasons, says) {
		words = append(words, "intake.aside."+r)
	}
	for _, k := range words {
		if !cat.Has(k) {
			t.Errorf("nobody says %s", k)
		}
	}
	if missing := cat.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}
