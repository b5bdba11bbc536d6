package app

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/module"
)

// shownPages is the gallery of every module, each page as its reader gets it.
type shownPages struct {
	h       *House
	handler http.Handler
	sets    map[i18n.Lang]*template.Template // never executed
}

// galleryHouse opens a house whose gallery can be read in the pseudo-language too.
func galleryHouse(t *testing.T) *shownPages {
	t.Helper()
	s := &shownPages{h: openHouse(t, model.SQLite(t), &clock.Held{At: morning}), sets: map[i18n.Lang]*template.Template{}}
	site := s.h.Site
	site.Langs = append(i18n.Langs(), i18n.QPS)
	site.Templates = func(f template.FuncMap) (*template.Template, error) {
		set, err := s.h.templates(f)
		if err == nil {
			s.sets[i18n.QPS], err = s.h.templates(f) // the other four were parsed when the house opened
		}
		return set, err
	}
	if err := site.Warm(i18n.QPS); err != nil {
		t.Fatal(err)
	}
	var routes []web.Route
	for _, d := range s.h.devDoors() {
		routes = append(routes, d.Route())
	}
	s.handler = site.Mux(routes)
	return s
}

// each shows every page in one language.
func (s *shownPages) each(t *testing.T, l i18n.Lang, look func(name string, page web.Page, body string)) {
	t.Helper()
	for _, m := range s.h.Modules {
		if len(m.Gallery) == 0 && slices.ContainsFunc(m.Doors, func(d module.Door) bool { return !d.API }) {
			t.Errorf("%s shows no page", m.Name)
		}
		for n, x := range m.Gallery {
			name := fmt.Sprintf("%s/%d %s (%s)", m.Name, n, x.Template, l)
			w := knock(s.handler, "GET", fmt.Sprintf("/%s/dev/pages/%s/%d", l, m.Name, n), "", nil)
			if w.Code != http.StatusOK {
				t.Errorf("%s answers %d", name, w.Code)
				continue
			}
			look(name, x.Page, w.Body.String())
		}
	}
}

func TestEveryPageOfTheGalleryFitsItsTemplate(t *testing.T) {
	t.Parallel()
	s := galleryHouse(t)
	shown := map[string]bool{"error": true, "dev_house": true, "dev_pages": true, "phones": true}
	check := func(name string, page web.Page) {
		tmpl := s.sets[i18n.QPS].Lookup(name)
		if tmpl == nil {
			t.Errorf("there is no template %s", name)
			return
		}
		if err := templatecheck.CheckHTML(tmpl, page); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		shown[name] = true
	}
	for _, m := range s.h.Modules {
		for _, x := range m.Gallery {
			check(x.Template, x.Page)
		}
	}
	check("error", &web.ErrorPage{})
	check("dev_house", &devHousePage{})
	check("dev_pages", &devPagesPage{})
	check("phones", &phonesPage{})
	// A page is a template that stands in a shell of its own.
	for _, tmpl := range s.sets[i18n.QPS].Templates() {
		if tmpl.Tree != nil && strings.Contains(tmpl.Tree.Root.String(), `{{template "head" .Frame}}`) && !shown[tmpl.Name()] {
			t.Errorf("the page %s is in no gallery", tmpl.Name())
		}
	}
}

func TestEveryPageOfTheGalleryReadsInFourLanguages(t *testing.T) {
	t.Parallel()
	s := galleryHouse(t)
	for _, l := range i18n.Langs() {
		s.each(t, l, func(name string, _ web.Page, body string) {
			for _, bad := range []string{"⟦", "ZgotmplZ", " style=", "<script>", " onclick=", "&lt;bdi", "&lt;span"} {
				if at := strings.Index(body, bad); at >= 0 {
					t.Errorf("%s shows %q: …%s…", name, bad, around(body, at))
				}
			}
		})
	}
	if missing := s.h.Site.Cat.Missing(); len(missing) > 0 {
		t.Errorf("asked for and in no catalogue: %s", strings.Join(missing, ", "))
	}
}

func around(s string, at int) string {
	return s[max(0, at-40):min(len(s), at+60)]
}

func TestEveryWordOfTheGalleryComesFromACatalogue(t *testing.T) {
	t.Parallel()
	s := galleryHouse(t)
	s.each(t, i18n.QPS, func(name string, page web.Page, body string) {
		data := dataOf(page)
		for _, said := range i18n.Unspoken(body) {
			if left := without(html.UnescapeString(said), data); left != "" {
				t.Errorf("%s says by itself %q", name, left)
			}
		}
	})
}

func TestTheDevelopersPagesSpeakFromACatalogueToo(t *testing.T) {
	t.Parallel()
	s := galleryHouse(t)
	var names []string
	for _, m := range s.h.Modules {
		names = append(names, m.Name)
		for _, x := range m.Gallery {
			names = append(names, x.Template)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for _, page := range []string{"/qps/dev", "/qps/dev/pages"} {
		w := knock(s.handler, "GET", page, "", nil)
		if w.Code != http.StatusOK {
			t.Fatalf("%s answers %d", page, w.Code)
		}
		for _, said := range i18n.Unspoken(w.Body.String()) {
			if left := without(html.UnescapeString(said), append(names, dataOf(&devPagesPage{})...)); left != "" {
				t.Errorf("%s says by itself %q", page, left)
			}
		}
	}
}

// without is the words of a text that did not come from data.
func without(said string, data []string) string {
	short := map[string]bool{}
	for _, d := range data {
		switch {
		case said == d, strings.ReplaceAll(said, " ", "") == d: // a secret shows in fours
			return ""
		case utf8.RuneCountInString(d) > 2:
			said = strings.ReplaceAll(said, d, " ")
		default: // taken out like the others it would eat parts of words
			short[d] = true
		}
	}
	return strange(said, short)
}

// dataOf is every text that a page was given: what its template adds is not
// among them. The longest come first.
func dataOf(page web.Page) (all []string) {
	for _, l := range (ui.Frame{}).Languages() {
		all = append(all, l.Name, l.Short)
	}
	seen := map[uintptr]bool{}
	var gather func(reflect.Value)
	gather = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() || v.Kind() == reflect.Pointer && seen[v.Pointer()] {
				return
			}
			if v.Kind() == reflect.Pointer {
				seen[v.Pointer()] = true
			}
			gather(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				gather(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() != reflect.Uint8 {
				for i := range v.Len() {
					gather(v.Index(i))
				}
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				gather(k)
				gather(v.MapIndex(k))
			}
		case reflect.String:
			if v.Type() == reflect.TypeFor[template.HTML]() {
				for _, run := range i18n.Unspoken(v.String()) {
					all = append(all, html.UnescapeString(run))
				}
				return
			}
			all = append(all, v.String())
		}
	}
	gather(reflect.ValueOf(page))
	all = slices.DeleteFunc(all, func(s string) bool { return strings.TrimSpace(s) == "" })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func TestASentenceInATemplateIsFound(t *testing.T) {
	t.Parallel()
	type pair struct {
		Name string
		Tags []template.HTML
	}
	page := struct {
		ui.Frame
		Who  *pair
		More map[string]any
	}{Who: &pair{"L'Aiguille", []template.HTML{`<bdi>Asni</bdi> & <b>Ijoukak</b>`}}, More: map[string]any{"x": "Tabant", "y": "Ta"}}
	data := dataOf(&page)
	for said, left := range map[string]string{
		"L'Aiguille":                 "",
		"Asni & Ijoukak · Tabant 12": "",
		"Send a team":                "Send a team",
		"Send a team to Tabant":      "Send a team to",
		"x":                          "",
		"extra":                      "extra",
		"Français":                   "",
		"482 719 063":                "",
		"L'Aiguille must be written": "must be written",
		"TaTa":                       "",
		"Tatami":                     "Tatami",
	} {
		if got := without(said, data); got != left {
			t.Errorf("of %q there is %q left, want %q", said, got, left)
		}
	}
}
