package story

import (
	"encoding/csv"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/phone"
)

const (
	packDir   = "../../packs/demo"
	placesDir = "../../packs/ma/places"
	seed      = 8092023
	size      = 1200
)

// country is the census, read from the pack of the country.
type country []Place

func (c country) Places() []Place { return c }

var theCountry = sync.OnceValues(func() (country, error) {
	all := country{}
	for _, name := range []string{"regions", "provinces", "communes", "douars"} {
		rows, err := table(placesDir + "/" + name + ".csv")
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all = append(all, Place{
				Code: r["code"], Kind: r["kind"], Parent: r["parent"], NameAR: r["name_ar"], NameFR: r["name_fr"],
				Lat: number(r["lat"]), Lon: number(r["lon"]),
				Population: int(number(r["population"])), Shi: number(r["lang_tachelhit_pct"]) / 100,
			})
		}
	}
	return all, nil
})

// number is 0 where the census says nothing.
func number(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

func table(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, cell := range row {
			m[rows[0][i]] = cell
		}
		all = append(all, m)
	}
	return all, nil
}

func census(t testing.TB) country {
	t.Helper()
	c, err := theCountry()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func night(t testing.TB, seed uint64, n int) *Story {
	t.Helper()
	s, err := Night(os.DirFS(packDir), census(t), seed, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSameSeedTellsTheSameNight(t *testing.T) {
	t.Parallel()
	if a, b := night(t, seed, size), night(t, seed, size); !reflect.DeepEqual(a, b) {
		t.Error("two tellings of one seed differ")
	}
	if a, b := night(t, seed, size), night(t, seed+1, size); reflect.DeepEqual(a.Requests, b.Requests) {
		t.Error("two seeds told the same night")
	}
}

func TestTheNightHasItsNumbers(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	if len(s.Requests) != 1200 || len(s.Organisations) != 14 || len(s.Teams) != 60 {
		t.Errorf("%d requests, %d organisations, %d teams", len(s.Requests), len(s.Organisations), len(s.Teams))
	}
	if n := len(s.Missions); n < 40 || n > 45 {
		t.Errorf("%d missions, want about 45", n)
	}
	away := 0
	for _, m := range s.Missions {
		if m.Back == 0 {
			away++
		}
	}
	if away < 5 || away > 25 {
		t.Errorf("%d missions are under way when the story stops", away)
	}
	status := map[string]int{}
	for _, o := range s.Organisations {
		status[o.Status]++
	}
	if status["recognised"] != 12 || status["pending"] != 1 || status["suspended"] != 1 {
		t.Errorf("organisations: %v", status)
	}
}

func TestEveryPlaceIsReal(t *testing.T) {
	t.Parallel()
	c := census(t)
	known, epicentral := map[string]Place{}, map[string]bool{}
	for _, p := range c {
		known[p.Code] = p
		if p.Kind == "douar" {
			epicentral[p.Parent] = true
		}
	}
	if len(epicentral) != 10 {
		t.Fatalf("the douars lie in %d communes, want ten", len(epicentral))
	}
	s := night(t, seed, size)
	douars, nowhere := 0, 0
	for i, q := range s.Requests {
		p, ok := known[q.Place]
		switch {
		case q.Place == "" && q.PlaceText != "":
			nowhere++
		case !ok || p.Kind != "douar" && p.Kind != "commune":
			t.Errorf("request %d comes from %q", i, q.Place)
		case p.Kind == "douar":
			douars++
		}
		if (q.Lat != 0) != (q.Lon != 0) || q.Lat != 0 && (q.Lat < 27 || q.Lat > 33 || q.Lon < -11 || q.Lon > -5) {
			t.Errorf("request %d is at %v, %v", i, q.Lat, q.Lon)
		}
	}
	if douars < size*56/100 || douars > size*66/100 {
		t.Errorf("%d of %d requests come from the douars of the epicentre, want about 62 %%", douars, size)
	}
	if nowhere == 0 || nowhere > size*6/100 {
		t.Errorf("%d requests have words for a place and no place", nowhere)
	}
	for _, o := range s.Organisations {
		for _, code := range o.Territory {
			if _, ok := known[code]; !ok {
				t.Errorf("%s works in %s, which is nowhere", o.Key, code)
			}
		}
	}
	for _, team := range s.Teams {
		if known[team.Base].Kind != "commune" {
			t.Errorf("%s leaves from %q", team.Key, team.Base)
		}
	}
}

func TestTimesRiseAndPeakInTheFirstHours(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	early := 0
	for i, q := range s.Requests {
		if q.At < 0 || q.At >= Span || i > 0 && q.At < s.Requests[i-1].At {
			t.Fatalf("request %d was made at %v", i, q.At)
		}
		if q.At < 6*time.Hour {
			early++
		}
		for _, later := range []time.Duration{q.Taken, q.Settled} {
			if later != 0 && (later < q.At || later > Now) {
				t.Errorf("request %d, made at %v, was acted on at %v", i, q.At, later)
			}
		}
	}
	if early*6 < size*3/2 {
		t.Errorf("%d requests in the first six hours: no peak", early)
	}
}

func TestEveryTelephoneIsInTheInventedRange(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	owner := map[string]int{}
	for i, q := range s.Requests {
		if q.Phone == "" {
			if q.Word == "" && q.Channel != "import" {
				t.Errorf("request %d can never be opened again: no telephone and no word", i)
			}
			continue
		}
		n, err := phone.Parse(q.Phone, "212")
		if err != nil || n.String() != q.Phone || !strings.HasPrefix(q.Phone, "+21260000") {
			t.Errorf("request %d: %q: %v", i, q.Phone, err)
		}
		if first, ok := owner[q.Phone]; ok && q.DuplicateOf != first {
			t.Errorf("requests %d and %d share a telephone and are not one family", first, i)
		} else if !ok {
			owner[q.Phone] = i
		}
	}
}

func TestTextsCanBeRead(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	langs, needs := map[string]int{}, map[string]int{}
	for i, q := range s.Requests {
		for _, text := range []string{q.Text, q.PlaceText, q.Name, q.Word} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "{}�") {
				t.Errorf("request %d says %q", i, text)
			}
		}
		if strings.TrimSpace(q.Text) == "" || q.Spoken == "" || q.ForWhom == "" || q.People < 1 || len(q.Needs) == 0 {
			t.Errorf("request %d lacks something: %+v", i, q)
		}
		langs[q.TextLang]++
		needs[q.Needs[0]]++
	}
	for _, lang := range scripts {
		if langs[lang] == 0 {
			t.Errorf("nobody writes %s: %v", lang, langs)
		}
	}
	// Urgencies are mixed: no need drowns the others, none is missing.
	for _, need := range []string{"rescue", "medicine", "water", "food", "warm", "shelter", "road", "other"} {
		if n := needs[need]; n < size*3/100 || n > size*28/100 {
			t.Errorf("%d of %d lead with %s: %v", n, size, need, needs)
		}
	}
}

func TestLanguagesFollowTheCensus(t *testing.T) {
	t.Parallel()
	share := map[string]float64{}
	c := census(t)
	for _, p := range c {
		share[p.Code] = p.Shi
	}
	for _, p := range c {
		if p.Kind == "douar" {
			share[p.Code] = share[p.Parent]
		}
	}
	want, got, n := 0.0, 0.0, 0.0
	for _, q := range night(t, seed, size).Requests {
		if q.Place == "" {
			continue
		}
		want += share[q.Place]
		n++
		if q.Spoken == "shi" {
			got++
		}
	}
	if d := (got - want) / n; d < -0.04 || d > 0.04 {
		t.Errorf("%.0f of %.0f speak Tachelhit, the census says %.0f", got, n, want)
	}
}

func TestSecondReportsAreSecondReports(t *testing.T) {
	t.Parallel()
	s := night(t, seed, size)
	n, phones, merged := 0, 0, 0
	for i, q := range s.Requests {
		if q.DuplicateOf < 0 {
			if q.Merged {
				t.Errorf("request %d is merged into nothing", i)
			}
			continue
		}
		n++
		if q.Merged {
			merged++
		}
		first := s.Requests[q.DuplicateOf]
		samePhone := q.Phone != "" && q.Phone == first.Phone
		if samePhone {
			phones++
		}
		if !samePhone && (q.Place != first.Place || !slices.Equal(q.Needs, first.Needs)) {
			t.Errorf("request %d has nothing in common with %d", i, q.DuplicateOf)
		}
		if q.DuplicateOf >= i || first.DuplicateOf >= 0 || q.Mission >= 0 || q.Team >= 0 {
			t.Errorf("request %d tells %d again", i, q.DuplicateOf)
		}
	}
	if n < size*5/100 || n > size*11/100 {
		t.Errorf("%d of %d are second reports, want about 8 %%", n, size)
	}
	if phones < n/4 || phones > n*3/4 || merged == 0 || merged == n {
		t.Errorf("of %d second reports %d come from the same telephone and %d are merged", n, phones, merged)
	}
}
