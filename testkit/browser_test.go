package testkit

import (
	"compress/gzip"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const start = `<!doctype html><html lang="{{.Lang}}" dir="{{.Dir}}"><head><meta charset="utf-8"><title>Soup</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/soup.css"></head><body><main><h1>Soup</h1>`

var site = template.Must(template.New("").Parse(`
{{define "form"}}` + start + `<p id="told" class="js">no script ran</p><script src="/soup.js"></script>
<p class="tall"></p>
<form method="post" action="/sent" enctype="multipart/form-data">
<label for="who">من أنت؟</label><input id="who" name="who" value="before">
<label for="why">Why</label><textarea id="why" name="why"></textarea>
<fieldset><legend>Size</legend><input type="radio" id="small" name="size" value="small" checked><label for="small">small</label>
<input class="drawn" type="radio" id="large" name="size" value="large"><label for="large">large</label></fieldset>
<label for="lang">Language</label><select id="lang" name="lang"><option value="">-</option><option value="ar">Arabic</option><option disabled value="xx">No</option><option value="zgh">Amazigh</option></select>
<label for="file">File</label><input type="file" id="file" name="file">
<button type="button" id="idle">Nothing</button> <button id="send">Send</button></form>
<p><a id="next" href="/wide">the wide page</a></p></main></body></html>{{end}}
{{define "sent"}}` + start + `<dl id="got">{{range $k, $v := .Form}}<dt>{{$k}}</dt><dd>{{index $v 0}}</dd>{{end}}<dt>file</dt><dd>{{.File}}</dd></dl></main></body></html>{{end}}
{{define "wide"}}` + start + `<div class="wide">wide</div></main></body></html>{{end}}
{{define "bad"}}` + start + `<img src="/soup.png"><p class="pale">pale</p><button class="tiny">x</button><button class="tiny">y</button></main></body></html>{{end}}
{{define "band"}}` + start + `<p class="band"></p><p class="aside"><bdi>a long word that only a voice reads</bdi></p></main></body></html>{{end}}
{{define "covered"}}` + start + `<button id="under">press me</button><div class="cover"></div></main></body></html>{{end}}
{{define "leaky"}}` + start + `<link rel="stylesheet" href="http://fonts.example/a.css"><p style="color:red">x</p></main></body></html>{{end}}
`))

const soupCSS = `dd{white-space:pre-wrap}body{font:16px sans-serif;color:#111;background:#fff}.tall{height:1500px}.wide{width:900px}.aside{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;inset-inline-start:90%}.band{position:absolute;inset-block-start:0;inset-inline:0;height:20px;margin:0;background:#000}.pale{color:#eee}
.tiny{width:8px;height:8px;padding:0;margin:0;border:0}.cover{position:fixed;inset:0}button,a{min-height:44px;min-width:44px;display:inline-block}
.tiny{min-width:0;min-height:0}.drawn{position:absolute;inline-size:1px;block-size:1px;clip-path:inset(50%);overflow:hidden}
@media (prefers-color-scheme:dark){body{background:#000;color:#fff}}@media print{h1{display:none}}`

// soup is a small site under the policy of the house.
func soup(t *testing.T) string {
	t.Helper()
	page := func(w http.ResponseWriter, name string, data map[string]any) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if data == nil {
			data = map[string]any{}
		}
		data["Lang"], data["Dir"] = "ar", "rtl"
		if err := site.ExecuteTemplate(w, name, data); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	for _, name := range []string{"form", "wide", "bad", "band", "covered", "leaky"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { page(w, name, nil) })
	}
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		q := r.Form
		for _, f := range r.MultipartForm.File["file"] {
			q.Set("filename", f.Filename)
		}
		http.Redirect(w, r, "/sent?"+q.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /sent", func(w http.ResponseWriter, r *http.Request) {
		page(w, "sent", map[string]any{"Form": map[string][]string(r.URL.Query()), "File": r.URL.Query().Get("filename")})
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /soup.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Cache-Control", "max-age=3600")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, soupCSS, strings.Repeat("/* a long remark */", 2000))
		z.Close()
	})
	mux.HandleFunc("GET /soup.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.querySelector("#told").textContent = "a script ran"`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestAPersonFillsAndSendsAFormWithScriptsOff(t *testing.T) {
	b := Chromium(t)
	site := soup(t)
	b.JavaScript(false)
	b.Size(360, 740)
	b.Open(site + "/form")
	if told := b.Text("#told"); told != "no script ran" {
		t.Fatalf("the page says %q", told)
	}
	file := filepath.Join(t.TempDir(), "calls.csv")
	if err := os.WriteFile(file, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Fill("#who", "فاطمة")
	b.Fill("#why", "two\nlines & <b>more</b>")
	b.Fill("#why", "two\nlines")
	b.Check("#large")
	b.Choose("#lang", "zgh")
	b.Upload("#file", file)
	b.Click("#idle")
	b.Submit("form")
	if b.Status() != 200 || !strings.HasPrefix(b.URL(), site+"/sent?") {
		t.Fatalf("stands at %s with %d", b.URL(), b.Status())
	}
	got := b.Text("#got")
	for _, want := range []string{"فاطمة", "two\nlines", "large", "zgh", "calls.csv"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q did not arrive: %s", want, got)
		}
	}
	b.Back()
	if held := b.Value("#who"); held != "فاطمة" {
		t.Errorf("after the back button the field holds %q", held)
	}
	b.Fill("#who", "")
	if held := b.Value("#who"); held != "" {
		t.Errorf("an emptied field holds %q", held)
	}
	if said := b.Complaints(); len(said) > 0 {
		t.Errorf("complaints: %q", said)
	}
}

func TestScriptsRunAgainWhenTheyAreLetOn(t *testing.T) {
	b := Chromium(t)
	site := soup(t)
	b.JavaScript(false)
	b.Open(site + "/form")
	b.JavaScript(true)
	b.Open(site + "/form")
	if told := b.Text("#told"); told != "a script ran" {
		t.Errorf("the page says %q", told)
	}
}

func TestAxeCatchesWhatIsWrongAndPassesWhatIsRight(t *testing.T) {
	b := Chromium(t)
	site := soup(t)
	b.Open(site + "/form")
	for _, v := range b.Axe(t) {
		t.Errorf("a page with nothing wrong: %s", v)
	}
	b.JavaScript(false)
	b.Open(site + "/bad")
	found := map[string]Violation{}
	for _, v := range b.Axe(t) {
		found[v.Rule] = v
	}
	for _, rule := range []string{"image-alt", "color-contrast", "target-size"} {
		if _, caught := found[rule]; !caught {
			t.Errorf("%s was not caught among %v", rule, found)
		}
	}
	if v := found["image-alt"]; v.Target != "img" || !strings.Contains(v.HTML, "soup.png") || v.Impact != "critical" {
		t.Errorf("told as %+v", v)
	}
	b.Open(site + "/form")
	if told := b.Text("#told"); told != "no script ran" {
		t.Error("axe-core left the scripts on")
	}
}

func TestDarkAndPaperAreSeenByThePage(t *testing.T) {
	b := Chromium(t)
	b.Open(soup(t) + "/form")
	colour := func() string {
		c, err := inPage[string](b, `() => getComputedStyle(document.body).backgroundColor`)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := colour(); c != "rgb(255, 255, 255)" {
		t.Errorf("light is %s", c)
	}
	b.Dark(true)
	if c := colour(); c != "rgb(0, 0, 0)" {
		t.Errorf("dark is %s", c)
	}
	b.Print(true)
	if text := b.Text("h1"); text != "" {
		t.Errorf("on paper the title says %q", text)
	}
}

func TestAPageWiderThanTheTelephoneIsMeasured(t *testing.T) {
	b := Chromium(t)
	site := soup(t)
	b.Size(360, 740)
	b.Open(site + "/form")
	if n := b.Overflow(); n != 0 {
		t.Errorf("a page that fits is %d pixels too wide", n)
	}
	b.Follow("#next")
	if n := b.Overflow(); n < 500 {
		t.Errorf("a block of 900 pixels in a window of 360 is %d too wide", n)
	}
}

func TestWeightIsWhatCameOverTheWire(t *testing.T) {
	b := Chromium(t)
	site := soup(t)
	b.Open(site + "/form")
	first := b.Weight()
	if css := first["stylesheet"]; css.Requests != 1 || css.Body < 300 || css.Body > 2000 || css.Wire <= css.Body {
		t.Errorf("38 kB of style sent as about 1 kB is told as %+v", css)
	}
	if doc := first["document"]; doc.Requests != 1 || doc.Body < 1000 {
		t.Errorf("the page itself is told as %+v", doc)
	}
	if first["script"].Requests != 1 {
		t.Errorf("scripts: %+v", first["script"])
	}
	b.Open(site + "/wide")
	second := b.Weight()
	if second["stylesheet"].Wire != 0 || second["script"].Wire != 0 {
		t.Errorf("a style in the cache and no script: %+v", second)
	}
	if doc := second["document"]; doc.Requests != 1 || doc.Body >= first["document"].Body {
		t.Errorf("the second page is told as %+v", doc)
	}
	other := b.Another()
	other.Open(site + "/wide")
	if other.Weight()["stylesheet"].Body == 0 {
		t.Error("another person's cache was not empty")
	}
	if hosts := b.Hosts(); len(hosts) != 1 || "http://"+hosts[0] != site {
		t.Errorf("hosts: %v", hosts)
	}
}

func TestACallToAnotherHostAndABrokenPolicyAreSeen(t *testing.T) {
	b := Chromium(t)
	b.Open(soup(t) + "/leaky")
	said := strings.Join(b.Complaints(), "\n")
	if !strings.Contains(said, "fonts.example") || !strings.Contains(said, "inline style") {
		t.Errorf("complaints: %s", said)
	}
}

func TestAMissingPageIsAStatusAndNotABrokenTest(t *testing.T) {
	b := Chromium(t)
	b.Open(soup(t) + "/nowhere")
	if b.Status() != 404 {
		t.Errorf("status %d", b.Status())
	}
}

func TestAPersonGoesThroughAFormByKeyboard(t *testing.T) {
	b := Chromium(t)
	b.JavaScript(false)
	b.Open(soup(t) + "/form")
	b.Press("Tab")
	if tag := b.Focused(); !strings.Contains(tag, `id="who"`) {
		t.Fatalf("the first stop is %s", tag)
	}
	before := b.traffic.pages()
	b.Press("Enter")
	if !b.traffic.arrived(before) || b.Count("#got dt") == 0 {
		t.Errorf("Enter in a field did not send the form; stands at %s", b.URL())
	}
}

// stopped stands in for a test that Browser ends, so that its ending can be looked at.
type stopped struct {
	testing.TB
	said string
}

func (s *stopped) Helper() {}
func (s *stopped) Fatalf(format string, args ...any) {
	s.said = fmt.Sprintf(format, args...)
	panic(s)
}

func TestAButtonUnderAnotherThingCannotBePressed(t *testing.T) {
	b := Chromium(t)
	b.Open(soup(t) + "/covered")
	s := &stopped{TB: t}
	b.t, b.patient = s, time.Second
	func() {
		defer func() {
			if recover() != any(s) {
				t.Error("the button was pressed")
			}
		}()
		b.Click("#under")
	}()
	b.t = t
	if !strings.Contains(s.said, "it lies under") || !strings.Contains(s.said, "cover") {
		t.Errorf("said %q", s.said)
	}
}

func TestAShotHoldsTheWholePage(t *testing.T) {
	b := Chromium(t)
	b.JavaScript(false)
	site := soup(t)
	for _, width := range []int{360, 1440} {
		b.Size(width, 740)
		b.Open(site + "/form")
		if seen := shot(t, b).Bounds(); seen.Dx() != width || seen.Dy() < 1500 {
			t.Errorf("%v at %d", seen, width)
		}
		b.Open(site + "/band")
		picture := shot(t, b)
		if seen := picture.Bounds(); seen.Dx() != width || seen.Dy() != 740 {
			t.Errorf("after a picture, the window of %d by 740 is %v", width, seen)
		}
		for _, x := range []int{0, width - 1} {
			if r, _, _, _ := picture.At(x, 10).RGBA(); r > 0 {
				t.Errorf("at %d the band does not reach the edge at %d: it is shifted sideways", width, x)
			}
		}
	}
}

func shot(t *testing.T, b *Browser) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shots", "page.png")
	b.Shot(file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}
