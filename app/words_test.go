package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"html/template"
	"io/fs"
	"net/http"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

func TestTheWordsOfTheWholeHouseAreGoodInFourLanguages(t *testing.T) {
	t.Parallel()
	h := openHouse(t, testkit.SQLite(t), &clock.Held{At: morning})
	for _, problem := range i18n.Check(h.Site.Cat) {
		t.Error(problem)
	}
}

// shownPages is the gallery of every module, each page as its reader gets it.
type shownPages struct {
	h       *House
	handler http.Handler
	sets    map[i18n.Lang]*template.Template // never executed
}

// galleryHouse opens a house whose gallery can be read in the pseudo-language too.
func galleryHouse(t *testing.T) *shownPages {
	t.Helper()
	s := &shownPages{h: openHouse(t, testkit.SQLite(t), &clock.Held{At: morning}), sets: map[i18n.Lang]*template.Template{}}
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
		if len(m.Gallery) == 0 {
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
	shown := map[string]bool{"error": true, "dev_house": true, "dev_pages": true}
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

// What handlers say by themselves no gallery can show: so every page is read
// in the pseudo-language by those who between them see all. Names, places and
// what was put on stage are data.
func TestNoHandlerSaysAWordByItself(t *testing.T) {
	t.Parallel()
	s, visitors := newStage(t)
	s.h.Site.Langs = append(i18n.Langs(), i18n.QPS)
	s.handler = s.h.Handler()
	names := s.names()
	read := map[string]bool{}
	for _, v := range visitors {
		for _, d := range s.h.allDoors() {
			if d.Method != "GET" || d.API || read[d.Path] {
				continue
			}
			w := knock(s.handler, "GET", "/qps"+strings.TrimPrefix(s.set(d).path, "/fr"), v.token, nil)
			if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			read[d.Path] = true
			for _, said := range i18n.Unspoken(w.Body.String()) {
				if left := strange(html.UnescapeString(said), names); left != "" {
					t.Errorf("%s as %s says by itself %q, in %q", d.Path, v.name, left, said)
				}
			}
		}
	}
	if len(read) < 30 {
		t.Errorf("only %d pages were read", len(read))
	}
}

// names is every word of a name that a page may show as it is: places,
// languages, and who was put on stage.
func (s *stage) names() map[string]bool {
	all := map[string]bool{}
	add := func(text string) {
		for _, w := range wordsIn(text) {
			all[w] = true
		}
	}
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range s.h.Places.All(kind) {
			for _, name := range p.Names {
				add(name)
			}
		}
	}
	for _, spoken := range s.h.Places.Country().Spoken {
		add(spoken.Code)
		for _, name := range spoken.Names {
			add(name)
		}
	}
	for _, e := range s.h.Places.Country().Emergency {
		for _, name := range e.Names {
			add(name)
		}
	}
	for _, l := range (ui.Frame{}).Languages() {
		add(l.Name + " " + l.Short)
	}
	add("Idder Iv Aicha Brahim Association Agadir Tamga Azur جمعية Équipe the bridge is gone nobody came uploader target")
	add("list.csv besoin commune nom food") // the file that was uploaded
	return all
}

func wordsIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// journalCode is what auditors read as it is in the journal: state=taken, field.team,
// an identifier.
var journalCode = regexp.MustCompile(`^[a-z0-9_.]+=\S*$|^[a-z_]+(\.[a-z_]+)+$|^[0-9a-f-]{36}$`)

// strange is the words of a text that are no names; what holds a digit is an
// identifier.
func strange(said string, names map[string]bool) string {
	var left []string
	said = strings.Join(slices.DeleteFunc(strings.Fields(said), journalCode.MatchString), " ")
	for _, w := range wordsIn(said) {
		if !spelled(w, names) && strings.ContainsFunc(w, unicode.IsLetter) && !strings.ContainsFunc(w, unicode.IsDigit) {
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

// spelled tells whether a word is a name, or several whose comma was taken out
// because a catalogue said it.
func spelled(w string, names map[string]bool) bool {
	if names[w] {
		return true
	}
	for i := range w {
		if i > 0 && names[w[:i]] && spelled(w[i:], names) {
			return true
		}
	}
	return false
}

func TestWhateverTheHouseDoesByItselfIsToldInWords(t *testing.T) {
	t.Parallel()
	h := openHouse(t, testkit.SQLite(t), &clock.Held{At: morning})
	found := 0
	sources(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			var name ast.Expr
			switch n := n.(type) {
			case *ast.KeyValueExpr: // actor.Actor{System: "lease"}
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "System" {
					name = n.Value
				}
			case *ast.CallExpr: // System("import")
				if fn, ok := n.Fun.(*ast.Ident); ok && fn.Name == "System" && len(n.Args) == 1 {
					name = n.Args[0]
				}
			}
			if lit, ok := name.(*ast.BasicLit); ok {
				chore, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found++
				if !h.Site.Cat.Has("role.system_" + chore) {
					t.Errorf("%s acts as the house's %q, and no catalogue has role.system_%s", file, chore, chore)
				}
			}
			return true
		})
	})
	if found < 5 {
		t.Errorf("only %d doings of the house were found: they are written in another way now", found)
	}
	for _, r := range append([]actor.Role{"person", "self"}, actor.Roles...) {
		if !h.Site.Cat.Has("role." + string(r)) {
			t.Errorf("no catalogue has role.%s", r)
		}
	}
}

// sources reads every Go file of the tree, tests too.
func sources(t *testing.T, look func(file string, tree *ast.File)) {
	t.Helper()
	root := testkit.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != root && (n[0] == '.' || n == "node_modules" || n == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			look(filepath.ToSlash(file), tree)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
