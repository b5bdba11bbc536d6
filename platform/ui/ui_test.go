package ui_test

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

func fetch(t testing.TB, url, accept string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest("GET", "http://twiza.example/", nil)
	r.URL.Path = url
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	ui.Handler().ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func TestAssetsAreKeptForEverAndTravelSmall(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		kind  string
		limit int // bytes on the way, gzip
	}{
		"twiza.css":          {"text/css; charset=utf-8", 6656},
		"twiza-nofont.css":   {"text/css; charset=utf-8", 6656},
		"staff.css":          {"text/css; charset=utf-8", 4608},
		"twiza.js":           {"text/javascript; charset=utf-8", 1536},
		"outbox.js":          {"text/javascript; charset=utf-8", 1536},
		"sw.js":              {"text/javascript; charset=utf-8", 2816},
		"zone.js":            {"text/javascript; charset=utf-8", 600},
		"alike.js":           {"text/javascript; charset=utf-8", 900},
		"icon.svg":           {"image/svg+xml", 600},
		"fonts/ar-400.woff2": {"font/woff2", 0},
		"fonts/tf-400.woff2": {"font/woff2", 0},
	} {
		res, body := fetch(t, ui.Asset(name), "br, gzip;q=0.8")
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != want.kind || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
		if want.limit == 0 {
			if res.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(body, "wOF2") {
				t.Errorf("%s did not come as it is", name)
			}
			continue
		}
		if len(body) > want.limit {
			t.Errorf("%s is %d bytes on the way, the budget is %d", name, len(body), want.limit)
		}
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		unpacked, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if _, plain := fetch(t, ui.Asset(name), "gzip;q=0"); plain != string(unpacked) {
			t.Errorf("%s differs packed and plain", name)
		}
	}
}

func TestAnUnknownAssetIsNotFound(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"/assets/twiza.css", "/assets/", "/assets/../ui.go", "/assets/twiza.00000000.css", ""} {
		if res, _ := fetch(t, url, ""); res.StatusCode != 404 {
			t.Errorf("%q answers %d", url, res.StatusCode)
		}
	}
	r := httptest.NewRequest("POST", ui.Asset("twiza.css"), nil)
	w := httptest.NewRecorder()
	ui.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", w.Code)
	}
}

func TestAPhoneThatSavesDataGetsNoFonts(t *testing.T) {
	t.Parallel()
	_, with := fetch(t, ui.Asset("twiza.css"), "")
	_, without := fetch(t, ui.Asset("twiza-nofont.css"), "")
	if strings.Count(with, "@font-face") != 7 || strings.Contains(without, "@font-face") || strings.Contains(without, ".woff2") {
		t.Errorf("fonts: %d with, %d without", strings.Count(with, "@font-face"), strings.Count(without, "@font-face"))
	}
	if !strings.Contains(without, ".ticket") {
		t.Error("the rest of the style sheet is gone too")
	}
	for _, part := range strings.Split(with, "url(")[1:] {
		if url, _, _ := strings.Cut(part, ")"); strings.HasSuffix(url, ".woff2") {
			if res, _ := fetch(t, url, ""); res.StatusCode != 200 {
				t.Errorf("the style sheet names %s, which is not there", url)
			}
		}
	}
	p := printer(catalogue(t), i18n.AR)
	set := pages(t, p)
	s := filled(p, "sample_home")
	s.SaveData = true
	if body := render(t, set, "sample_home", s); !strings.Contains(body, ui.Asset("twiza-nofont.css")) || strings.Contains(body, ui.Asset("twiza.css")) {
		t.Error("a page for Save-Data asks for the fonts")
	}
}

func TestTheDemonstrationIsSaidOnEveryDoorInFourLanguages(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, l := range i18n.Langs() {
		p := printer(cat, l)
		set := pages(t, p)
		for page := range kinds {
			s := filled(p, page)
			body := render(t, set, page, s)
			for _, said := range s.DemoBand() {
				if said.Text == "" || !strings.Contains(body, said.Text) {
					t.Errorf("%s (%s) does not say in %s that it is a demonstration", page, l, said.Lang)
				}
			}
			s.Demo = false
			if body := render(t, set, page, s); strings.Contains(body, `class="band"`) {
				t.Errorf("%s (%s) calls itself a demonstration and is none", page, l)
			}
		}
	}
}

func TestNoPageIsTakenForAStatePortalWithoutAMandate(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, l := range i18n.Langs() {
		p := printer(cat, l)
		set := pages(t, p)
		for page := range kinds {
			s := filled(p, page)
			s.Demo = false
			not := string(p.T("ui.foot.not_state"))
			if body := render(t, set, page, s); !strings.Contains(body, not) {
				t.Errorf("%s (%s) does not say that it is no State portal", page, l)
			}
			s.Mandate = "Agence XYZ"
			if body := render(t, set, page, s); strings.Contains(body, not) || !strings.Contains(body, "Agence XYZ") {
				t.Errorf("%s (%s) does not name its mandate", page, l)
			}
		}
	}
}

func TestPhoneNumbersShowOnlyWhenThereAreAny(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.FR)
	set := pages(t, p)
	s := filled(p, "sample_people")
	s.Kind = ui.Citizen
	if body := html.UnescapeString(render(t, set, "sample_people", s)); !strings.Contains(body, `href="tel:+212800001234"`) || !strings.Contains(body, `href="sms:5300"`) {
		t.Error("the numbers of the house are not on the page")
	}
	s.HelpLine, s.ShortCode = "", ""
	if body := render(t, set, "sample_people", s); strings.Contains(body, `"tel:`) || strings.Contains(body, `"sms:`) {
		t.Error("a house without numbers shows one")
	}
}

func TestTheLanguageMenuKeepsThePageAndItsAnswers(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.AR)
	body := render(t, pages(t, p), "sample_step", filled(p, "sample_step"))
	for _, want := range []string{
		`<a href="/zgh/help?step=2&amp;all=1" lang="zgh" hreflang="zgh" dir="ltr">ⵜⴰⵎⴰⵣⵉⵖⵜ</a>`,
		`<a href="/ar/help?step=2&amp;all=1" lang="ar" hreflang="ar" dir="rtl" aria-current="true">العربية</a>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the menu lacks %s", want)
		}
	}
}

func TestWhatIsWrongStandsAboveTheFormAndAtTheField(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.EN)
	set := pages(t, p)
	s := filled(p, "sample_step")
	body := render(t, set, "sample_step", s)
	for _, want := range []string{"<title>Error: ", `href="#f-need"`, `href="#f-phone"`, `id="f-need"`, `aria-describedby="h-phone e-phone" aria-invalid="true"`, `<bdi class="num">2</bdi> answers need fixing`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	s.Errors = nil
	s.Needs.Error = ""
	if body := render(t, set, "sample_step", s); strings.Contains(body, "Error") || strings.Contains(body, "aria-invalid") {
		t.Error("a form without mistakes says there are some")
	}
}

func TestAFieldRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, more := range [][]any{{"tipe", "tel"}, {"type"}, {"max", "many"}, {7, "x"}, {"hint", "plain text"}} {
		if _, err := (ui.Frame{}).Field("x", "X", "", more...); err == nil {
			t.Errorf("%v was taken", more)
		}
	}
	q, err := ui.Frame{Errors: []ui.FieldError{{Field: "x", Text: "no"}}}.Field("x", "X", "v", "type", "tel", "max", 9)
	if err != nil || q.Dir != "ltr" || q.Error != "no" || q.Max != 9 || q.Value != "v" {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestParseRefusesWhatWouldOnlyShowOnAScreen(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.EN)
	funcs := i18n.Funcs(p)
	funcs["href"] = func(path string) string { return path }
	page := func(body string) fstest.MapFS {
		return fstest.MapFS{"pages/x.html": &fstest.MapFile{Data: []byte(body)}}
	}
	for body, want := range map[string]string{
		`{{define "x"}}{{icon "fire.blod"}}{{end}}`:                          `"fire.blod"`,
		`{{define "x"}}{{if .A}}{{else}}{{tile "fir" "teal"}}{{end}}{{end}}`: `"fir"`,
		`{{define "x"}}{{with (icon "nope")}}{{.}}{{end}}{{end}}`:            `"nope"`,
		`{{define "x"}}{{range .}}{{asset "style.css"}}{{end}}{{end}}`:       `"style.css"`,
		`{{define "head"}}mine{{end}}`:                                       "already defined",
		`{{define "x"}}a{{end}}{{define "x"}}b{{end}}`:                       "x",
		`{{define "x"}}{{unknown}}{{end}}`:                                   "unknown",
		`{{define "x"}}{{if}}{{end}}`:                                        "missing value",
	} {
		if _, err := ui.Parse(funcs, page(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := ui.Parse(funcs, page(`{{define "x"}}{{icon .Name}}{{end}}`), fstest.MapFS{}); err != nil {
		t.Errorf("a good page and a module without pages: %v", err)
	}
	set, err := ui.Parse(funcs, page(`{{define "x"}}{{.Nope}}{{end}}`))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, "x", map[string]int{}); err == nil {
		t.Error("a map without the key was shown as nothing")
	}
}

func TestBarsNeverHideAnythingOrClaimAll(t *testing.T) {
	t.Parallel()
	for pct, want := range map[int]string{-3: "w-0", 0: "w-0", 1: "w-5", 7: "w-5", 8: "w-10", 50: "w-50", 97: "w-95", 99: "w-95", 100: "w-100", 140: "w-100"} {
		if got := ui.Width(pct); got != want {
			t.Errorf("%d %% is %s, want %s", pct, got, want)
		}
	}
	css, err := os.ReadFile("assets/twiza.css")
	if err != nil {
		t.Fatal(err)
	}
	for pct := range 101 {
		if !strings.Contains(string(css), "."+ui.Width(pct)+"{") {
			t.Errorf("%s has no style", ui.Width(pct))
		}
	}
}

func TestEachPriorityHasAShapeOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for level := 1; level <= 4; level++ {
		s := string(ui.Prio(level))
		if shape, _, _ := strings.Cut(s, "fill="); seen[shape] || !strings.Contains(s, "aria-hidden") {
			t.Errorf("priority %d looks like another: %s", level, s)
		} else {
			seen[shape] = true
		}
	}
	if ui.Prio(0) != ui.Prio(4) || ui.Prio(9) != ui.Prio(4) {
		t.Error("an unknown priority is not shown as the lowest")
	}
}

func TestAPictogramNobodyDrewTakesNoPageDown(t *testing.T) {
	t.Parallel()
	if ui.Icon("no-such") != "" || ui.HasIcon("no-such") || !ui.HasIcon("fire") || ui.HasColour("pink") || !ui.HasColour("teal") {
		t.Error("pictograms and colours are not told apart")
	}
	if got := ui.Tile("no-such", "pink", "huge"); got != `<span class="tile"></span>` {
		t.Errorf("%s", got)
	}
	if got := string(ui.Icon("fire", `"><script>`)); strings.Contains(got, "<script") {
		t.Errorf("a class broke out: %s", got)
	}
}
