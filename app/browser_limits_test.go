package app

import (
	"bytes"
	"compress/gzip"
	"fmt"
	stdhtml "html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// What a page may cost, in bytes as sent, that is with gzip (DESIGN §11).
const (
	kB          = 1024
	citizenHTML = 10 * kB
	stepHTML    = 4 * kB
	publicHTML  = 14 * kB
	staffHTML   = 20 * kB // without the map
	mapHTML     = 30 * kB
	firstVisit  = 30 * kB // page, styles and script, without fonts
	firstStep   = 14 * kB
	firstStaff  = 80 * kB
	fontsAll    = 40 * kB
	fontsStaff  = 48 * kB // every font there is: names come in three scripts
	before      = 3       // requests until something can be read
)

// allowed is what a page may cost by itself, and with all that it needs at a
// first visit.
func (v visit) allowed() (html, first, fonts int) {
	switch {
	case strings.HasPrefix(v.name, "step-"):
		return stepHTML, firstStep, fontsAll
	case slices.Contains([]string{"crisis", "coverage", "numbers", "situation"}, v.name): // the data that everybody reads
		return publicHTML, firstVisit, fontsAll
	case v.path == "/round": // of those who work in the field, though a passer-by may open it
		return staffHTML, firstStaff, fontsAll
	case v.name == "wanted-id" || v.name == "crisis-texts" || v.name == "funds-code-share": // the words of a call are in the languages it was written in; texts to share in all
		return citizenHTML, firstVisit, fontsStaff
	case v.public:
		return citizenHTML, firstVisit, fontsAll
	}
	return staffHTML + mapHTML, firstStaff, fontsStaff
}

// crowd fills the house: a full page of the queue, and provinces enough for
// the public picture.
func (g *galleries) crowd() {
	for i, p := range g.h.Places.All(places.Province) {
		if i%6 != 0 && p.Code != homeProvince {
			continue
		}
		for range 6 {
			g.ask(forms.Answers{"where": forms.Place{Code: p.Code}, "need": []string{"food", "shelter", "warm"}})
		}
	}
}

func TestPagesWeighWhatAPoorNetworkCanCarry(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	g := newGalleries(t)
	g.crowd()
	all := append(g.doors(), g.ways()...)
	for _, v := range all {
		for _, l := range i18n.Langs() {
			g.weigh(v, string(l))
		}
	}
	e := &eye{Browser: testkit.Chromium(t), t: t, site: g.site, cookie: "none"}
	e.Size(360, 740)
	for _, v := range all { // fonts, and whatever else a browser alone knows that it needs
		for _, l := range i18n.Langs() {
			if v.public && l == "ar" || testkit.Size(0, 1) == 1 { // Arabic is the heaviest; make soak takes them all
				e.weigh(v, string(l))
			}
		}
	}
	do(e, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Save-Data": "on"}})
	for _, path := range []string{"/", "/crisis", "/track"} {
		do(e, network.ClearBrowserCache, cdp.Empty{})
		e.visit(visit{path: path}, "ar")
		if fonts := e.Weight()["font"]; fonts.Requests != 0 {
			t.Errorf("%s sends %d fonts to a phone that asks to save data", path, fonts.Requests)
		}
	}
	if hosts := e.Hosts(); len(hosts) != 1 || "http://"+hosts[0] != g.site {
		t.Errorf("pages ask other hosts: %v", hosts)
	}
}

// weigh is a first visit: nothing is in the browser's cache.
func (e *eye) weigh(v visit, lang string) {
	e.t.Helper()
	do(e, network.ClearBrowserCache, cdp.Empty{})
	e.visit(v, lang)
	load := e.Weight()
	html, first, fonts := v.allowed()
	total := 0
	for kind, l := range load {
		if kind != "font" {
			total += l.Body
		}
	}
	if got := load["document"].Body; got == 0 || got > html {
		e.t.Errorf("%s in %s is %d bytes, and may be %d", v.name, lang, got, html)
	}
	if total > first {
		e.t.Errorf("%s in %s costs %d bytes at a first visit, and may cost %d: %v", v.name, lang, total, first, load)
	}
	if requests := 1 + e.Count("head link[rel=stylesheet], head script[src]:not([defer])"); requests > before {
		e.t.Errorf("%s in %s makes %d requests before it can be read, and may make %d", v.name, lang, requests, before)
	}
	if got := load["font"].Body; got > fonts {
		e.t.Errorf("%s in %s brings fonts of %d bytes, and may bring %d", v.name, lang, got, fonts)
	}
	e.t.Logf("%s %s: %d bytes, first visit %d, fonts %d", v.name, lang, load["document"].Body, total, load["font"].Body)
}

var (
	drawn = regexp.MustCompile(`(?s)<svg class="m".*?</svg>`)
	wants = regexp.MustCompile(`<(?:link rel="stylesheet" href|script[^>]* src|img[^>]* src)="([^"]+)"`)
)

// weigh weighs a page in one language, with the styles, scripts and pictures
// that it names, as they are sent. It costs no browser.
func (g *galleries) weigh(v visit, lang string) {
	g.Helper()
	body := g.read("/"+lang+v.path, v.cookie)
	html, first, _ := v.allowed()
	got := squeezed(body)
	if got > html {
		g.Errorf("%s in %s is %d bytes, and may be %d", v.name, lang, got, html)
	}
	total, seen := got, map[string]bool{}
	for _, m := range wants.FindAllSubmatch(body, -1) {
		if name := stdhtml.UnescapeString(string(m[1])); !seen[name] {
			seen[name] = true
			total += squeezed(g.read(name, v.cookie))
		}
	}
	if total > first {
		g.Errorf("%s in %s costs %d bytes at a first visit, and may cost %d: %v", v.name, lang, total, first, seen)
	}
	if v.public {
		return
	}
	picture := bytes.Join(drawn.FindAll(body, -1), nil) // pages of those who answer: the map, and the rest, each for itself
	if got := squeezed(drawn.ReplaceAll(body, nil)); got > staffHTML {
		g.Errorf("%s in %s is %d bytes without its map, and may be %d", v.name, lang, got, staffHTML)
	}
	if got := squeezed(picture); got > mapHTML {
		g.Errorf("the map of %s in %s is %d bytes, and may be %d", v.name, lang, got, mapHTML)
	}
}

// read is what an address answers to somebody.
func (g *galleries) read(path, cookie string) []byte {
	g.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		g.Errorf("%s answers %d", path, w.Code)
	}
	return w.Body.Bytes()
}

func squeezed(body []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, 5) // a valid constant, as the house sends it
	z.Write(body)
	z.Close()
	return b.Len()
}

// furniture is what stands around a page on a screen, and is of no use on paper.
var furniture = []string{"nav", ".tabs", ".rail", ".bar-top", ".lang", ".skip", ".btn", ".tb", ".tear", ".strip", "form"}

func TestWhatIsPrintedIsTheThingItself(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	g := newGalleries(t)
	e := &eye{Browser: testkit.Chromium(t), t: t, site: g.site, cookie: "none"}
	all := append(g.doors(), g.ways()...)
	for name, number := range map[string]string{"ask-done": ".ticket .code", "cases-id-path": "h1", "missions-id-waybill": "h1", "missions-id-list": "h1", "journal-path-kind-id": "h1"} {
		for _, lang := range []string{"ar", "fr"} {
			e.Size(794, 1123) // A4
			e.visit(named(t, all, name), lang)
			e.Print(true)
			if e.Count("h1") != 1 || e.Text("h1") == "" || e.Text(number) == "" {
				t.Errorf("%s in %s does not say on paper what it is", name, lang)
			}
			for _, what := range furniture {
				if e.Count(what) > 0 && e.Text(what) != "" {
					t.Errorf("%s in %s prints %s: %q", name, lang, what, e.Text(what))
				}
			}
			if n := e.sheets(8.27, 11.69); n != 1 && name != "journal-path-kind-id" {
				t.Errorf("%s in %s takes %d sheets", name, lang, n)
			}
			e.Print(false)
		}
	}
	sheets := 0
	for _, v := range g.examples() { // who decides gets one sheet, however much there is to say (F35)
		if !strings.HasPrefix(v.name, "example-picture_situation-") {
			continue
		}
		for _, lang := range i18n.Langs() {
			e.Size(1123, 794)
			e.visit(v, string(lang))
			e.Print(true)
			if n := e.sheets(0, 0); n != 1 {
				t.Errorf("%s in %s takes %d sheets", v.name, lang, n)
			}
			e.Print(false)
			sheets++
		}
	}
	if sheets != 2*len(i18n.Langs()) {
		t.Errorf("%d sheets of the situation were looked at", sheets)
	}
	e.visit(named(t, all, "ask-done"), "ar")
	e.Size(219, 740) // 58 mm
	e.Print(true)
	if e.Text(".ticket .code") == "" || e.Text("h1") != "" || e.Text(".card") != "" {
		t.Error("the narrow paper of a till holds more than the receipt, or not the receipt")
	}
	if over := e.Overflow(); over > 0 {
		t.Errorf("the receipt is %d px wider than the paper of a till", over)
	}
}

func named(t *testing.T, all []visit, name string) visit {
	t.Helper()
	for _, v := range all {
		if v.name == name {
			return v
		}
	}
	t.Fatalf("there is no page %s", name)
	return visit{}
}

var sheet = regexp.MustCompile(`/Type\s*/Page\b`)

// sheets is how many pieces of paper the page takes, in inches; without a size,
// of the paper that it asks for itself.
func (e *eye) sheets(width, height float64) int {
	e.t.Helper()
	out, err := chromedp.Call(e.Context(), page.PrintToPDF, page.PrintToPDFParams{PaperWidth: width, PaperHeight: height, PreferCSSPageSize: new(width == 0)})
	if err != nil {
		e.t.Fatal(err)
	}
	return len(sheet.FindAll(out.Data, -1))
}

func TestTheWayBackThroughAFormLosesNothing(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	g := newGalleries(t)
	g.crisis() // which turns services on
	b := testkit.Chromium(t)
	for _, def := range g.h.Service.All() {
		steps := def.Form.Steps()
		for _, scripts := range []bool{true, false} {
			b.JavaScript(scripts)
			b.Size(360, 740)
			b.Open(g.site + "/fr" + g.draft(def.Code, g.filled(def.Form)) + "check")
			summary := b.Text(".kv")
			for range steps {
				b.Follow("a.back")
			}
			for i := range steps {
				if b.Count("main form :checked")+b.Count("main form .inp") == 0 {
					t.Errorf("%s with scripts %t: step %d asks nothing", def.Code, scripts, i+1)
				}
				b.Follow(".bar button")
			}
			if got := b.Text(".kv"); got != summary || !strings.HasSuffix(b.URL(), "/check") {
				t.Errorf("%s with scripts %t: at %s after the way back and forth the summary is\n%s\nand was\n%s", def.Code, scripts, b.URL(), got, summary)
			}
		}
	}
	if complaints := b.Complaints(); len(complaints) > 0 {
		t.Error("the browser complains:", complaints)
	}
}

// filled answers every question of a form somehow.
func (g *galleries) filled(f *forms.Form) forms.Answers {
	a := forms.Answers{}
	for _, s := range f.Steps() {
		for _, q := range s.Questions {
			switch q.Type {
			case forms.TypeOne:
				a[q.Name] = q.List.Choices[0].Name
			case forms.TypeMany:
				a[q.Name] = []string{q.List.Choices[0].Name, q.List.Choices[1].Name}
			case forms.TypePlace:
				a[q.Name] = forms.Place{Code: g.douars[1]}
			case forms.TypeInteger:
				a[q.Name] = int64(7)
			case forms.TypePhone:
				a[q.Name] = forms.Phone(waysPhone)
			case forms.TypeText:
				a[q.Name] = "الطريق مقطوعة"
			}
		}
	}
	return a
}

// tabTo moves the keyboard on until it stands on what is wanted.
func tabTo(t *testing.T, b *testkit.Browser, wanted string) {
	t.Helper()
	var seen []string
	for range 40 {
		b.Press("Tab")
		on := b.Focused()
		if strings.Contains(on, wanted) {
			return
		}
		seen = append(seen, on)
	}
	t.Fatalf("the keyboard does not reach %s at %s, but\n%s", wanted, b.URL(), strings.Join(seen, "\n"))
}

func TestSomebodyWithAKeyboardAloneGetsAReceipt(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	g := newGalleries(t)
	g.crisis() // and so, more than one thing to ask for
	b := testkit.Chromium(t)
	b.Size(1280, 800)
	b.Open(g.site + "/fr/")
	b.Press("Tab")
	if on := b.Focused(); !strings.Contains(on, `class="skip"`) {
		t.Fatalf("the first thing that the keyboard reaches is %s", on)
	}
	b.Press("Enter")
	tabTo(t, b, `href="/fr/help"`)
	b.Press("Enter")
	b.Press("Tab")
	b.Press("Enter") // past the head of the page again
	tabTo(t, b, `href="/fr/help/crisis_help"`)
	b.Press("Enter")

	goOn := func() { t.Helper(); tabTo(t, b, `class="btn big block"`); b.Press("Enter") }
	tabTo(t, b, `name="for_whom"`)
	b.Press("Space")
	goOn()
	tabTo(t, b, `value="water"`)
	b.Press("Space")
	goOn()
	tabTo(t, b, `name="where.text"`)
	place, _ := g.h.Places.Get(g.douars[0])
	b.Fill(`[name="where.text"]`, place.Names["fr"])
	b.Press("Enter")                 // a search, and nothing is sent
	tabTo(t, b, `name="where.code"`) // a group of answers is one stop of Tab; arrows move within it
	for n := 0; !strings.Contains(b.Focused(), fmt.Sprintf(`value="%s"`, place.Code)); n++ {
		if n == 8 {
			t.Fatalf("the arrows do not reach %s, but %s", place.Code, b.Focused())
		}
		b.Press("ArrowDown")
	}
	b.Press("Space")
	goOn()
	tabTo(t, b, `name="people"`)
	b.Fill("[name=people]", "3")
	goOn()
	tabTo(t, b, `name="phone"`)
	b.Fill("[name=phone]", waysPhone)
	goOn()
	if said := b.Text(".kv"); !strings.Contains(said, place.Names["fr"]) {
		t.Errorf("the summary says %s", said)
	}
	goOn()
	if b.Text(".ticket .code") == "" {
		t.Errorf("no receipt at %s", b.URL())
	}
}
