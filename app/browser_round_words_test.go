package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/testkit"
)

func TestAPhoneSaysNumbersAsTheHouseDoesInFourLanguages(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 1)
	b := testkit.Chromium(t)
	b.Size(360, 740)
	var some []int
	for n := range 131 {
		some = append(some, n)
	}
	some = append(some, 1000, 12345, 2_000_000)
	numbers, err := json.Marshal(some)
	k.must(err)
	for _, l := range i18n.Langs() {
		b.Open(k.v.site + "/" + string(l) + "/round")
		k.sees(b, settingUp)
		got := js[map[string][]string](k.v, b, `Object.fromEntries(Object.entries(JSON.parse(document.getElementById("words").textContent)).filter(([k, v]) => /\{(n|missions), plural/.test(v) && k.startsWith("round.app."))
			.map(([k]) => [k, `+string(numbers)+`.map(n => Words.text(k.slice(10), {n, missions: n, stops: n, why: "W"}))]))`)
		if len(got) < 10 {
			t.Fatalf("%s: only %d sentences with numbers", l, len(got))
		}
		p := k.h.Site.Cat.For(l, nil)
		for key, said := range got {
			if key == "round.app.people" { // borrowed
				key = "i18n.unit.people"
			}
			for i, n := range some {
				if want := p.Text(key, "n", n, "missions", n, "stops", n, "why", "W"); said[i] != want {
					t.Errorf("%s in %s, of %d: the phone says %q and the house %q", key, l, n, said[i], want)
					break
				}
			}
		}
		when := js[string](k.v, b, `(() => { const x = document.createElement("p"); x.append(Words.when(Date.parse("2026-11-21T13:05:00Z"))); return x.textContent })()`)
		if !regexp.MustCompile(`^21 \S+[,،] 1[34]:05$`).MatchString(when) { // when Morocco changes its clocks, browsers and servers learn of it on different days
			t.Errorf("in %s, that moment is %q", l, when)
		}
	}
	for expression, want := range map[string]string{
		`. >= 1 and . <= 20000|12`: "true", `. >= 1 and . <= 20000|0`: "false", `string-length(.) <= 4|"أبجد"`: "true", `string-length(.) <= 4|"abcde"`: "false",
		`${a} = ''|""`: "true", `${b} = 'far'|""`: "true", `not(selected(${c}, 'x')) or count-selected(${c}) = 2|""`: "true", `selected(${c}, 'z')|""`: "false",
		`if(${b} != 'far', 1, 2) + 3 * 2 = 8|""`: "true", `regex(., '[a-z]+')|"abc"`: "true", `-(2 - 5) mod 2 = 1|""`: "true", `coalesce(${a}, 'd') = "d"|""`: "true",
	} {
		e, self, _ := strings.Cut(expression, "|")
		if got := js[bool](k.v, b, `!!Form.evaluate(`+strconv.Quote(e)+`, {a: "", b: "far", c: ["x", "y"]}, `+self+`)`); strconv.FormatBool(got) != want {
			t.Errorf("%s is %t on the phone", expression, got)
		}
	}
}

func TestTheAppIsSmallAndTheSameForEverybody(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 1)
	b := testkit.Chromium(t)
	_, err := chromedp.Call(b.Context(), network.ClearBrowserCache, cdp.Empty{})
	k.must(err)
	b.Size(360, 740)
	b.Open(k.v.site + "/ar/round")
	k.sees(b, settingUp)
	total := 0
	for kind, l := range b.Weight() {
		t.Logf("%s: %d requests, %d bytes", kind, l.Requests, l.Body)
		if kind != "font" && kind != "manifest" && kind != "image" && kind != "fetch" && kind != "other" {
			total += l.Body
		}
	}
	if html := b.Weight()["document"].Body; html > staffHTML || total > firstStaff {
		t.Errorf("the page is %d bytes, and all of a first visit %d", html, total)
	}
	clock := regexp.MustCompile(`<time[^>]*>.*?</time>`)
	passer, worker := knock(k.door, "GET", "/fr/round", "", nil), knock(k.door, "GET", "/fr/round", k.volunteer.token, nil)
	if passer.Code != http.StatusOK || passer.Header().Get("X-Cache-Page") != "1" || clock.ReplaceAllString(passer.Body.String(), "") != clock.ReplaceAllString(worker.Body.String(), "") {
		t.Errorf("a passer-by gets %d, X-Cache-Page %q, and another page than whoever is signed in", passer.Code, passer.Header().Get("X-Cache-Page"))
	}
	var m struct {
		Name, Lang, Dir string
		StartURL        string `json:"start_url"`
		Icons           []struct{ Src, Sizes string }
	}
	w := knock(k.door, "GET", "/manifest.webmanifest?lang=ar", "", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/manifest+json" || m.StartURL != "/ar/round" || m.Dir != "rtl" || len(m.Icons) < 2 {
		t.Fatalf("the manifest: %v %s", err, w.Body)
	}
	for _, i := range m.Icons {
		if got := knock(k.door, "GET", i.Src, "", nil); got.Code != http.StatusOK || got.Body.Len() < 500 {
			t.Errorf("the picture %s answers %d", i.Src, got.Code)
		}
	}
	for _, l := range i18n.Langs() {
		b.Open(k.v.site + "/" + string(l) + "/round")
		k.sees(b, settingUp)
		for _, width := range []int{1440, 320, 360} {
			b.Size(width, heightOf(width))
			if over := b.Overflow(); over > 0 {
				t.Errorf("in %s it is %d px wider than a window of %d", l, over, width)
			}
		}
		for _, x := range b.Axe(t) {
			t.Errorf("in %s: %v", l, x)
		}
	}
	b.JavaScript(false)
	b.Open(k.v.site + "/fr/round")
	if said := b.Text("#main"); !strings.Contains(said, "page des missions") || b.Count("h1") != 1 {
		t.Errorf("without scripts: %s", said)
	}
}

func TestASquareOnPaperLeadsToItsStop(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "fr")
	k.picture(b, "24-home-fr")
	receipt := k.pack(k.leader, k.enrol(k.leader)).Stops[1].Receipt
	if _, err := crypt.QR(k.v.site + "/ar/track?n=" + receipt); err != nil {
		t.Fatal(err)
	}
	// No browser on this machine reads squares: one stands in that says what the
	// square of a receipt says.
	js[bool](k.v, b, `(window.BarcodeDetector = class { async detect() { return [{rawValue: location.origin + "/ar/track?n=`+receipt+`"}] } }, true)`)
	file := filepath.Join(t.TempDir(), "square.jpg")
	k.must(os.WriteFile(file, aPhoto(t, 200, 200), 0o600))
	k.to(b, "/deliver", "[data-square]")
	if b.Text("label.file") == "" {
		t.Error("a phone that reads squares does not offer to")
	}
	k.picture(b, "25-which-fr")
	b.Upload("[data-square]", file)
	k.sees(b, "#f-g-blanket")
	if !strings.HasSuffix(b.URL(), "/deliver/"+k.stop(1)) {
		t.Errorf("the square leads to %s", b.URL())
	}
}

func TestTheNearestOfThoseThatAreDueTogetherComesFirst(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 4)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	far := k.stop(3)
	order := func() string { return b.Attribute("[data-list=stops] li:first-child a", "href") }
	if order() != "#/stop/"+k.stop(0) {
		t.Fatalf("before the phone knows where it is, %s comes first", order())
	}
	js[bool](k.v, b, `(() => { const at = Page.pack.stops.find(s => s.id === "`+far+`").point; navigator.geolocation.getCurrentPosition = ok => ok({coords: {latitude: at[0] + .01, longitude: at[1]}}); return true })()`)
	b.Click("[data-on=near]")
	k.v.until("the nearest is first", func() bool { return order() == "#/stop/"+far })
	k.untilSays(b, "[data-list=stops] li:first-child", "1,1\u00a0كم")
	if where := js[string](k.v, b, `(async () => JSON.stringify(await new Promise(ok => { const r = indexedDB.open("twiza-round"); r.onsuccess = () => { const q = r.result.transaction("meta").objectStore("meta").getAll(); q.onsuccess = () => { r.result.close(); ok(q.result) } } })))()`); strings.Contains(where, "latitude") || strings.Contains(where, `"lat"`) {
		t.Error("where the phone is, is kept")
	}
}
