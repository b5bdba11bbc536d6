package cases

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"html/template"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/forms"
)

// pages parses every page of this module for one language, with real words.
func pages(t *testing.T, l i18n.Lang) *template.Template {
	t.Helper()
	cat, err := i18n.Load([]fs.FS{ui.Locale, web.Locale, forms.Files, Files}...)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	p := cat.For(l, zone)
	p.Now, p.National = func() time.Time { return exampleAt.Add(30 * time.Minute) }, "212"
	funcs := i18n.Funcs(p)
	for k, v := range ui.Funcs() {
		funcs[k] = v
	}
	funcs["href"] = func(path string) string { return "/" + string(l) + path }
	set, err := ui.Parse(funcs, Files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEveryPageFitsItsData(t *testing.T) {
	t.Parallel()
	set := pages(t, i18n.FR)
	seen := map[string]bool{}
	for _, x := range gallery() {
		if !seen[x.Template] {
			seen[x.Template] = true
			if err := templatecheck.CheckHTML(set.Lookup(x.Template), x.Page); err != nil {
				t.Errorf("%s: %v", x.Template, err)
			}
		}
	}
	names := regexp.MustCompile(`"(cases_[a-z_]+)", p\)`)
	for _, f := range []string{"ask_pages.go", "ask_check.go", "front_pages.go", "track_pages.go", "complain_pages.go", "queue_pages.go", "case_pages.go", "safe_pages.go", "alike_pages.go"} {
		for _, m := range names.FindAllStringSubmatch(source(t, f), -1) {
			if !seen[m[1]] {
				t.Errorf("%s: %s has no example", f, m[1])
			}
		}
	}
}

var forbidden = regexp.MustCompile(`(?i)\sstyle\s*=|<style|\son[a-z]+\s*=|<script(?:[^>]*src=)?[^>]*>[^<]|javascript:`)

func TestEveryPageSpeaksFourLanguagesAndStaysLight(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs() {
		set := pages(t, l)
		for i, x := range gallery() {
			f := x.Page.Shell()
			f.Lang, f.Dir, f.Path = string(l), i18n.Dir(l), "/"
			var b bytes.Buffer
			if err := set.ExecuteTemplate(&b, x.Template, x.Page); err != nil {
				t.Errorf("%s (%d): %v", x.Template, i, err)
				continue
			}
			page := b.String()
			if at := strings.Index(page, "⟦"); at >= 0 {
				t.Errorf("%s in %s: a sentence is missing: %.80s", x.Template, l, page[at:])
			}
			if m := forbidden.FindString(page); m != "" {
				t.Errorf("%s: %q would be refused by our own policy", x.Template, m)
			}
			if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>Uu") {
				t.Errorf("%s: what somebody wrote is markup", x.Template)
			}
			if n, most := zipped(b.Bytes()), budget(x.Template, f); n > most {
				t.Errorf("%s in %s weighs %d bytes of %d", x.Template, l, n, most)
			}
		}
	}
}

// budget is what a page may weigh, compressed (design, section 11).
func budget(name string, f *ui.Frame) int {
	switch {
	case name == "cases_ask_step":
		return 4 << 10
	case f.Kind == ui.Staff:
		return 20 << 10
	}
	return 10 << 10
}

func zipped(b []byte) int {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, 9)
	z.Write(b)
	z.Close()
	return out.Len()
}

func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExamplesAreMadeOfPlainValues(t *testing.T) {
	t.Parallel()
	for _, x := range gallery() {
		if _, err := json.Marshal(x.Page); err != nil {
			t.Errorf("%s: %v", x.Template, err)
		}
	}
}
