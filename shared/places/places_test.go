package places_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/places"
)

// morocco is loaded once: a gazetteer never changes.
var morocco = func() *places.Gazetteer {
	g, err := places.Load(packs.FS, "ma")
	if err != nil {
		panic(err)
	}
	return g
}()

// table reads a CSV file of the material beside the repository.
func table(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", file))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("the material beside the repository is not here: %v", err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestMoroccoHasAllItsPlacesAndPeople(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]int{places.Region: 12, places.Province: 75, places.Commune: 1503, places.Douar: 296} {
		if got := len(morocco.All(kind)); got != want {
			t.Errorf("%d of kind %s, want %d", got, kind, want)
		}
	}
	for _, kind := range []string{places.Region, places.Province, places.Commune} {
		people, households := 0, 0
		for _, p := range morocco.All(kind) {
			people, households = people+p.Population, households+p.Households
		}
		if people != 36828330 || households != 9275038 {
			t.Errorf("%s: %d people in %d households; RGPH 2024 says 36,828,330 in 9,275,038", kind, people, households)
		}
	}
}

func TestThePeopleOfAPlaceAreThoseOfItsParts(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{places.Region, places.Province} {
		for _, p := range morocco.All(kind) {
			sum := 0
			for _, c := range morocco.Children(p.Code) {
				sum += c.Population
			}
			if sum != p.Population {
				t.Errorf("%s has %d people, its parts %d", p.Code, p.Population, sum)
			}
		}
	}
}

func TestEveryCommuneIsOnTheMapAndInItsOwnProvince(t *testing.T) {
	t.Parallel()
	shapes := map[string]places.Outline{}
	for _, o := range morocco.Outlines(places.Province) {
		shapes[o.Code] = o
	}
	if len(shapes) != 75 || len(morocco.Outlines(places.Region)) != 12 {
		t.Fatalf("%d provinces and %d regions have outlines", len(shapes), len(morocco.Outlines(places.Region)))
	}
	home := 0
	for _, c := range morocco.All(places.Commune) {
		if !c.HasPoint {
			t.Errorf("%s has no centre", c.Code)
		}
		if inside(shapes[c.Parent], c.At) {
			home++
		}
	}
	// The rest are towns on a coast or border that simplifying moved by some hundred metres.
	if home < 1503*98/100 {
		t.Errorf("only %d of 1,503 commune centres lie in the outline of their province", home)
	}
}

// inside is the even-odd rule.
func inside(o places.Outline, p geo.Point) bool {
	in := false
	for _, ring := range o.Rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < a.Lon+(p.Lat-a.Lat)/(b.Lat-a.Lat)*(b.Lon-a.Lon) {
				in = !in
			}
		}
	}
	return in
}

func TestListsLeadFromTheRegionToTheDouar(t *testing.T) {
	t.Parallel()
	list := morocco.Children("")
	if len(list) != 12 {
		t.Fatalf("%d regions", len(list))
	}
	for _, step := range []string{"07", "07.041", "07.041.07.11", "0410711202009"} {
		i := slices.IndexFunc(list, func(p *places.Place) bool { return p.Code == step })
		if i < 0 {
			t.Fatalf("%s is not on the list", step)
		}
		list = morocco.Children(step)
	}
	if len(list) != 0 {
		t.Errorf("a douar has %d parts", len(list))
	}
	communes := morocco.Children("07.041")
	if len(communes) != 40 {
		t.Errorf("Al Haouz has %d communes", len(communes))
	}
	places.Sort(communes, "fr")
	first, _ := communes[0].Name("fr")
	last, _ := communes[len(communes)-1].Name("fr")
	if first != "Abadou" || last != "Zerkten" {
		t.Errorf("the French list runs from %s to %s", first, last)
	}
}

func TestAPlaceKnowsWhereItLies(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, p := range morocco.Path("0410711202009") {
		codes = append(codes, p.Code)
	}
	if got := strings.Join(codes, " "); got != "07 07.041 07.041.07.11 0410711202009" {
		t.Errorf("path %s", got)
	}
	if c, ok := morocco.Commune("0410711202009"); !ok || c.Code != "07.041.07.11" {
		t.Errorf("commune %v", c)
	}
	if c, ok := morocco.Commune("07.041.07.11"); !ok || c.Code != "07.041.07.11" {
		t.Errorf("a commune's commune is %v", c)
	}
	if p, ok := morocco.Province("0410711202009"); !ok || p.Code != "07.041" {
		t.Errorf("province %v", p)
	}
	for _, code := range []string{"07", "nowhere", ""} {
		if p, ok := morocco.Province(code); ok {
			t.Errorf("the province of %q is %s", code, p.Code)
		}
	}
	for _, c := range []struct {
		code, in string
		want     bool
	}{
		{"0410711202009", "07.041", true}, {"07.041", "07.041", true}, {"07.041", "0410711202009", false}, {"07.041.07.11", "09", false},
		{"07.041", "", true}, {"nowhere", "", true}, {"", "", true}, {"", "07", false}, {"nowhere", "07", false}, {"nowhere", "nowhere", false},
	} {
		if got := morocco.Within(c.code, c.in); got != c.want {
			t.Errorf("Within(%q, %q) = %v", c.code, c.in, got)
		}
	}
}

func TestANameIsShownInTheNearestLanguageThatHasIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, lang, name, in string }{
		{"07.041", "zgh", "ⵍⵃⵓⵣ", "zgh"}, {"07.041", "en", "Al Haouz", "fr"}, {"07.041.07.11", "zgh", "ويركان", "ar"},
		{"0410501201005", "fr", "تيزي", "ar"}, {"0410501201005", "en", "تيزي", "ar"}, {"0410501201005", "xx", "تيزي", "ar"},
	} {
		p, ok := morocco.Get(c.code)
		if !ok {
			t.Fatalf("no %s", c.code)
		}
		if name, in := p.Name(c.lang); name != c.name || in != c.in {
			t.Errorf("%s for a reader of %s: %q in %s, want %q in %s", c.code, c.lang, name, in, c.name, c.in)
		}
	}
}

func TestNamesOfTheCountryFollowTheReader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names    places.Names
		lang     string
		name, in string
	}{
		{morocco.Country().Names, "en", "Morocco", "en"}, {morocco.Country().Emergency[1].Names, "ar", "الشرطة، في المدن", "ar"},
		{places.Names{"fr": "Secours"}, "en", "Secours", "fr"}, {places.Names{"es": "Socorro"}, "zgh", "Socorro", "es"}, {nil, "fr", "", ""},
	} {
		if name, in := places.In(c.names, c.lang); name != c.name || in != c.in {
			t.Errorf("%v for a reader of %s: %q in %q", c.names, c.lang, name, in)
		}
	}
}

func TestTheFirstLanguageOfACommuneIsTheOneMostPeopleSpeak(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"07.041.07.11": "shi", "0410711202009": "shi", "01.051.01.03": "rif", "06.141": "ary", "07.041": "shi",
		"10.261.07.07": "has",
		"12.066.03.03": "ary", // the census has nothing on this commune: its province speaks
		"nowhere":      "", "": "",
	} {
		if got := morocco.SpokenFirst(code); got != want {
			t.Errorf("%s speaks %q first, want %q", code, got, want)
		}
	}
}

func TestAPhoneFindsTheNearestPlaces(t *testing.T) {
	t.Parallel()
	here := geo.Point{Lat: 31.119, Lon: -7.974}
	near := morocco.Nearest(here, places.Douar, 3)
	if len(near) != 3 || near[0].Place.Code != "0410711202009" || near[0].Km > 0.1 {
		t.Fatalf("nearest douars %v", near)
	}
	if near[0].Km > near[1].Km || near[1].Km > near[2].Km {
		t.Error("nearest are not in order")
	}
	if c := morocco.Nearest(here, places.Commune, 1); len(c) != 1 || c[0].Place.Code != "07.041.07.11" {
		t.Errorf("nearest commune %v", c)
	}
	for _, none := range [][]places.Near{
		morocco.Nearest(here, "ocean", 3), morocco.Nearest(here, places.Douar, 0), morocco.Nearest(geo.Point{Lat: math.NaN()}, places.Douar, 3),
	} {
		if len(none) != 0 {
			t.Errorf("found %v", none)
		}
	}
}

func TestADouarWithoutAPointIsFoundAtItsCommuneAndSaysHowSurely(t *testing.T) {
	t.Parallel()
	without := 0
	for _, d := range morocco.All(places.Douar) {
		at, km, ok := morocco.Point(d.Code)
		if !ok || km <= 0 {
			t.Errorf("%s is nowhere", d.Code)
		}
		if d.HasPoint {
			if at != d.At || km != 1 {
				t.Errorf("%s is at %v ± %g km", d.Code, at, km)
			}
			continue
		}
		without++
		c, _ := morocco.Get(d.Parent)
		if at != c.At || km < 2 {
			t.Errorf("%s is at %v ± %g km, its commune at %v", d.Code, at, km, c.At)
		}
	}
	if without != 55 {
		t.Errorf("%d douars without a point, want 55", without)
	}
	if _, _, ok := morocco.Point("nowhere"); ok {
		t.Error("nowhere has a point")
	}
	douar, _, _ := morocco.Point("0410711202009")
	commune, km, _ := morocco.Point("07.041.07.11")
	if geo.Distance(douar, commune) > km {
		t.Errorf("a douar lies %.1f km from the centre of its commune, which claims %g km", geo.Distance(douar, commune), km)
	}
}

func TestTheCircleOfACommuneHoldsMostOfItsLand(t *testing.T) {
	t.Parallel()
	good, all := 0, 0
	for _, row := range table(t, "admin/communes.csv") {
		var area float64
		if err := json.Unmarshal([]byte(row["area_km2"]), &area); err != nil {
			continue
		}
		_, km, _ := morocco.Point(row["code"])
		all++
		if km >= 0.7*math.Sqrt(area/math.Pi) {
			good++
		}
	}
	if all == 0 || good*100 < all*90 {
		t.Errorf("the stated circle is wide enough for %d of %d communes", good, all)
	}
}

func TestASecondCountryRunsWithNoChangeOfCode(t *testing.T) {
	t.Parallel()
	g, err := places.Load(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{places.Region: 2, places.Province: 4, places.Commune: 12, places.Douar: 6} {
		if got := len(g.All(kind)); got != want {
			t.Errorf("%d of kind %s, want %d", got, kind, want)
		}
	}
	a, b := morocco.Country(), g.Country()
	if a.TimeZone == b.TimeZone || a.Currency == b.Currency || a.Phone == b.Phone || a.Default == b.Default {
		t.Errorf("the two countries are too alike: %+v", b)
	}
	if got := g.SpokenFirst("B1-02-2"); got != "isl" {
		t.Errorf("in the west they speak %q first", got)
	}
	found := g.Search("bourg Trois Sources, district Les Dunes", "", 5)
	if len(found) != 1 || found[0].Place.Code != "B1-02" {
		t.Errorf("one Trois-Sources lies in Les Dunes: %v", found)
	}
	if both := g.Search("العيون الثلاث", "", 1); len(both) != 2 {
		t.Errorf("two places have this name, %d came back", len(both))
	}
	if n := g.Nearest(geo.Point{Lat: -39.86, Lon: 85.31}, places.Commune, 1); len(n) != 1 || n[0].Place.Code != "A1-01" {
		t.Errorf("nearest is %v", n)
	}
	svg := string(places.Sketch(g, "", []places.Mark{{Code: "A1-01", Rank: 1, Count: 3}}, places.Sheet{Title: "Tamurt"}))
	if strings.Contains(svg, `class="c0"`) || !strings.Contains(svg, `class="dz"`) {
		t.Error("a country without outlines is drawn by its communes alone")
	}
}

func TestMoroccoIsDescribedForThePages(t *testing.T) {
	t.Parallel()
	c := morocco.Country()
	if c.Code != "ma" || c.TimeZone != "Africa/Casablanca" || c.Currency != "MAD" || c.Phone != (places.Phone{Prefix: "212", Trunk: "0"}) || c.WeekStart != "monday" {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.Languages, []string{"ar", "zgh", "fr", "en"}) || c.Default != "ar" {
		t.Errorf("languages %v, default %s", c.Languages, c.Default)
	}
	var spoken, numbers []string
	for _, s := range c.Spoken {
		spoken = append(spoken, s.Code)
	}
	for _, e := range c.Emergency {
		numbers = append(numbers, e.Number)
	}
	if !slices.Equal(spoken, []string{"ary", "shi", "tzm", "rif", "has"}) || !slices.Equal(numbers, []string{"15", "19", "177"}) {
		t.Errorf("spoken %v, emergency %v", spoken, numbers)
	}
}

func TestNoNameIsLostInASearchKey(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range morocco.All(kind) {
			for lang, name := range p.Names {
				if arabic.Key(name) == "" {
					t.Errorf("%s: the %s name %q cannot be searched", p.Code, lang, name)
				}
			}
		}
	}
}

func TestTheWordsAreGoodInFourLanguages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(places.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
	for _, key := range []string{places.ByCode, places.ByName, places.BySound, places.ByNear, places.ByPrefix, places.ByWord, places.ByShape} {
		if !c.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}
