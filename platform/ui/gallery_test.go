package ui_test

import (
	"bytes"
	"compress/gzip"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

// The gallery is a few pages made of every piece, with invented people. Its
// templates are in testdata/pages and show how pages are written; its words
// are in testdata/locale. To look at them:
//
//	go test -run Gallery -artifacts -outputdir DIR ./platform/ui

var (
	casablanca = time.FixedZone("+01", 3600)
	noon       = time.Date(2026, 11, 21, 12, 0, 0, 0, casablanca)
)

// sample is the data of every page of the gallery.
type sample struct {
	ui.Frame
	Progress ui.Progress
	Needs    ui.Choices
	Services []ui.Option
	Communes []ui.Option
	Phone    string
	Where    ui.Where
	Ticket   ui.Ticket
	Timeline ui.Timeline
	Asked    []ui.Pair
	Facts    []ui.Pair
	Cases    []sampleCase
	Bars     []sampleBar
	Pager    ui.Pager
	Open     bool
	Eta      time.Duration
}

type sampleCase struct {
	Level       int
	Title, Left template.HTML
	Place       template.HTML
	Late        bool
	People      int
}

type sampleBar struct {
	Name   template.HTML
	People int
}

// kinds is the shell of each page of the gallery.
var kinds = map[string]string{
	"sample_home": ui.Citizen, "sample_track": ui.Citizen, "sample_step": ui.Form, "sample_one": ui.Form,
	"sample_queue": ui.Staff, "sample_people": ui.Staff, "sample_sheet": ui.Print,
}

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(ui.Locale, os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func printer(c *i18n.Catalogue, l i18n.Lang) *i18n.Printer {
	p := c.For(l, casablanca)
	p.Now = func() time.Time { return noon }
	return p
}

func pages(t testing.TB, p *i18n.Printer) *template.Template {
	t.Helper()
	funcs := i18n.Funcs(p)
	funcs["href"] = func(path string) string { return "/" + string(p.Lang()) + path }
	set, err := ui.Parse(funcs, os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// filled is the data of one page in one language: every piece in use, a form
// with two things wrong, somebody signed in, a crisis, the demonstration band.
func filled(p *i18n.Printer, page string) *sample {
	square, err := crypt.QR("https://twiza.example/ar/track?n=482719063")
	if err != nil {
		panic(err) // 42 bytes fit
	}
	s := &sample{
		Frame: ui.Frame{
			Title: p.Text("sample.home.how"), Lang: string(p.Lang()), Dir: p.Dir(), Path: "/help?step=2&all=1", Kind: kinds[page],
			HelpLine: "+212800001234", ShortCode: "5300", Demo: true, Flash: "sample.done", PartlyArabic: p.Lang() == i18n.ZGH,
			Crisis: &ui.Banner{Title: p.T("sample.crisis"), Icon: "snowflake", Since: noon.Add(-52 * time.Hour)},
		},
		Progress: ui.Progress{Back: "/ar/help", At: 2, Of: 5},
		Phone:    "06612345",
		Communes: []ui.Option{{Value: "1", Title: "Asni"}, {Value: "2", Title: "Ijoukak"}},
		Where:    ui.Where{Lat: "31.25", Lon: "-7.98"},
		Ticket:   ui.Ticket{Code: "482719063", At: noon.Add(-3 * time.Hour), Phone: "+212800001234", QR: square},
		Eta:      55 * time.Minute, Open: true,
		Pager: ui.Pager{More: "/ar/queue?after=x", Shown: 20, Step: 20},
	}
	switch page {
	case "sample_home":
		s.Nav, s.Flash = "home", ""
	case "sample_track":
		s.Nav, s.Flash = "track", ""
	case "sample_step":
		s.Flash = ""
		s.Errors = []ui.FieldError{{Field: "need", Text: p.T("sample.step.none")}, {Field: "phone", Text: p.T("sample.step.bad_phone")}}
	case "sample_people":
		s.Errors = []ui.FieldError{{Field: "email", Text: p.T("sample.people.bad")}}
	case "sample_queue", "sample_one":
		s.Flash = ""
	}
	if kinds[page] == ui.Staff {
		s.User = &ui.User{Name: "Salma El Idrissi", Initials: "SI", Org: "Centre d’appels", Links: rail()}
	}
	requests(p, s)
	return s
}

func rail() []ui.Link {
	return []ui.Link{
		{Href: "/queue", Key: "sample.nav.queue", Icon: "siren", Current: true, Count: 23},
		{Href: "/missions", Key: "sample.nav.missions", Icon: "truck.regular"},
		{Href: "/people", Key: "sample.nav.people", Icon: "users-three.regular"},
		{Href: "/orgs", Key: "sample.nav.orgs", Icon: "building.regular"},
		{Href: "/journal", Key: "sample.nav.journal", Icon: "book-open.regular"},
	}
}

func requests(p *i18n.Printer, s *sample) {
	need := func(digit int, key, icon, colour string) ui.Option {
		return ui.Option{Value: key, Title: p.T("sample.need." + key), Icon: icon, Colour: colour, Digit: digit, Chosen: digit == 2}
	}
	s.Services = []ui.Option{
		need(1, "heat", "fire", "brick"), need(2, "food", "bowl-food", "olive"), need(3, "health", "first-aid-kit", "teal"),
		need(4, "shelter", "tent", "night"), need(5, "water", "drop", "sky"), need(6, "road", "road-horizon", "saffron"),
	}
	s.Services[0].Example = p.T("sample.need.heat_eg")
	s.Needs = ui.Choices{
		Name: "need", Legend: p.T("sample.step.what"), Hint: p.T("sample.step.all"), Error: s.Error("need"),
		Say: p.Text("sample.step.what"), Many: true, Large: true, Options: s.Services,
	}
	s.Timeline = ui.Timeline{
		{State: "done", Title: p.T("sample.track.got"), At: noon.Add(-3 * time.Hour)},
		{State: "done", Title: p.T("sample.track.team"), At: noon.Add(-2 * time.Hour), By: "Tabant"},
		{State: "cur", Icon: "truck", Title: p.T("sample.track.road"), At: noon.Add(-10 * time.Minute)},
		{State: "todo", Title: p.T("sample.track.delivery")},
	}
	s.Asked = []ui.Pair{
		{Name: p.T("sample.home.services"), Value: p.T("sample.need.heat"), Change: "/ar/help?step=2"},
		{Name: p.T("sample.step.commune"), Value: p.T("sample.queue.place")},
		{Name: p.T("sample.step.phone"), Value: p.PhoneMasked("+212661234542")},
	}
	s.Facts = []ui.Pair{
		{Name: p.T("sample.queue.people"), Value: p.Number(7)}, {Name: p.T("sample.step.commune"), Value: p.T("sample.queue.place")},
		{Name: p.T("sample.queue.langs"), Value: p.T("sample.queue.shilha")}, {Name: p.T("sample.step.phone"), Value: p.PhoneMasked("+212661234542")},
	}
	for i := range 9 {
		left, late := p.Left(noon.Add(time.Duration(i*i*12-8) * time.Minute))
		s.Cases = append(s.Cases, sampleCase{min(i/2+1, 4), p.T("sample.queue.title"), left, p.T("sample.queue.place"), late, 7 * (i + 1)})
	}
	for i, o := range s.Services {
		s.Bars = append(s.Bars, sampleBar{o.Title, 96 - 17*i})
	}
}

func render(t testing.TB, set *template.Template, name string, data any) string {
	t.Helper()
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheGalleryIsWellFormedInEveryLanguage(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, l := range append(i18n.Langs(), i18n.QPS) {
		p := printer(cat, l)
		set := pages(t, p)
		for page := range kinds {
			body := render(t, set, page, filled(p, page))
			for _, problem := range illFormed(body) {
				t.Errorf("%s (%s): %s", page, l, problem)
			}
			if l != i18n.QPS {
				keep(t, string(l)+"/"+page+".html", body)
			}
		}
	}
	if missing := cat.Missing(); len(missing) > 0 {
		t.Errorf("no catalogue has %s", strings.Join(missing, ", "))
	}
	for _, name := range []string{"twiza.css", "twiza-nofont.css", "staff.css", "twiza.js", "icon.svg"} {
		_, body := fetch(t, ui.Asset(name), "")
		keep(t, ui.Asset(name), body)
	}
	fonts, err := filepath.Glob("assets/fonts/*")
	if err != nil || len(fonts) == 0 {
		t.Fatal("there are no fonts", err)
	}
	for _, f := range fonts {
		url := ui.Asset(strings.TrimPrefix(filepath.ToSlash(f), "assets/"))
		_, body := fetch(t, url, "")
		keep(t, url, body)
	}
}

// keep saves what was rendered where -artifacts says, for somebody to look at.
func keep(t *testing.T, name, body string) {
	t.Helper()
	path := filepath.Join(t.ArtifactDir(), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEveryWordOfTheShellComesFromTheCatalogue(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.QPS)
	set := pages(t, p)
	// Names and other people's words are data; language names and the
	// demonstration band are in their own languages on purpose.
	data := []string{"Salma El Idrissi", "Centre d’appels", "SI", "CSV", "Azilal 3", "Demnate 1", "Tabant", "Asni", "Ijoukak", "مراتي حامل ف الشهر التاسع والطريق مسدودة.", "EN"}
	for _, l := range (ui.Frame{}).Languages() {
		data = append(data, l.Name)
	}
	for _, s := range (ui.Frame{}).DemoBand() {
		data = append(data, s.Text)
	}
	for page := range kinds {
		body := render(t, set, page, filled(p, page))
		for _, said := range i18n.Unspoken(body) {
			for _, d := range data {
				said = strings.ReplaceAll(said, d, "")
			}
			if strings.ContainsFunc(said, unicode.IsLetter) {
				t.Errorf("%s says %q by itself", page, said)
			}
		}
	}
}

func TestThePagesFitTheirData(t *testing.T) {
	t.Parallel()
	p := printer(catalogue(t), i18n.FR)
	set := pages(t, p)
	for page := range kinds {
		if err := templatecheck.CheckHTML(set.Lookup(page), &sample{}); err != nil {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func TestTheWordsAreGoodInFourLanguages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(ui.Locale)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.Check(c) {
		if strings.HasPrefix(problem, "ui.") {
			t.Error(problem)
		}
	}
}

func TestPagesStayWithinTheirWeight(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	// DESIGN 11: bytes of HTML on the way, the demonstration band left out.
	budget := map[string]int{"sample_home": 10_240, "sample_track": 10_240, "sample_one": 4_096, "sample_step": 10_240, "sample_queue": 20_480, "sample_people": 20_480, "sample_sheet": 10_240}
	for _, l := range i18n.Langs() {
		p := printer(cat, l)
		set := pages(t, p)
		for page := range kinds {
			s := filled(p, page)
			s.Demo = false
			if got := weight(render(t, set, page, s)); got > budget[page] {
				t.Errorf("%s (%s) weighs %d bytes, the budget is %d", page, l, got, budget[page])
			}
		}
	}
}

func weight(page string) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, page)
	z.Close()
	return b.Len()
}
