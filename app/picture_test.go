package app

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
	"github.com/twiza/twiza/testkit"
)

// openDoors is every door through which anybody may look without a key: those of
// which no part is the number of somebody's thing.
func (h *House) openDoors() (all []string) {
	for _, d := range h.allDoors() {
		if d.Method == http.MethodGet && d.Deed.Open && !strings.Contains(strings.ReplaceAll(d.Path, "{$}", ""), "{") {
			all = append(all, strings.TrimSuffix(d.Path, "{$}"))
		}
	}
	return append(all, "/crisis?near=Asni", "/coverage?area=07", "/coverage.csv?area=07.041", "/numbers?days=0&area=07.041", "/numbers.csv?days=0", "/numbers.csv?days=7&area=07", "/situation?area=07.041",
		"/crisis.atom?area=07.041", "/news?place="+struck, "/follow?place="+struck, "/reports?area=07.041")
}

func TestNothingOfAPersonStandsBehindAnyOpenDoor(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		house, s := h.Handler(), told(t, h, few)
		secrets := map[string]string{"دار الأمان": "a protected shelter"}
		for i, q := range s.Requests {
			if q.Name != "" && strings.Contains(q.Name, " ") {
				secrets[q.Name] = fmt.Sprint("the name of request ", i)
			}
			if q.Phone != "" {
				secrets[q.Phone], secrets[strings.TrimPrefix(q.Phone, "+212")] = fmt.Sprint("the phone of request ", i), fmt.Sprint("the phone of request ", i)
				secrets[h.Site.Cat.For("fr", h.Site.Zone).Plain(phone.Number(q.Phone))] = fmt.Sprint("the written phone of request ", i)
			}
			if q.Lat != 0 {
				secrets[strconv.FormatFloat(q.Lat, 'f', 3, 64)], secrets[strconv.FormatFloat(q.Lon, 'f', 3, 64)] = fmt.Sprint("the point of request ", i), fmt.Sprint("the point of request ", i)
			}
		}
		if err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
			all, err := db.List(tx, db.Text, `SELECT receipt FROM cases_case`)
			for _, r := range all {
				secrets[r], secrets[r[:3]+" "+r[3:6]+" "+r[6:]] = "a receipt", "a receipt"
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{places.Commune, places.Douar} { // a centre that the census publishes is nobody's point
			for _, p := range h.Places.All(kind) {
				if p.HasPoint {
					delete(secrets, strconv.FormatFloat(p.At.Lat, 'f', 3, 64))
					delete(secrets, strconv.FormatFloat(p.At.Lon, 'f', 3, 64))
				}
			}
		}
		if len(secrets) < few {
			t.Fatalf("only %d things to look for", len(secrets))
		}
		read := 0
		for _, lang := range []string{"ar", "fr"} {
			for _, door := range h.openDoors() {
				path := "/" + lang + door
				if strings.HasPrefix(door, "/api/") || strings.HasPrefix(door, "/assets/") || !strings.HasPrefix(door, "/") {
					path = door
				}
				body := knock(house, "GET", path, "", nil).Body.String()
				read += len(body)
				for secret, what := range secrets {
					if strings.Contains(body, secret) {
						t.Errorf("%s shows %s: %s", path, what, secret)
					}
				}
			}
		}
		if read < 100_000 {
			t.Errorf("only %d bytes were read", read)
		}
	})
}

// day is every number of every public file and table of one day, by what it says
// and where it says it: the same in two formats are two numbers.
func (h *House) day(t *testing.T, house http.Handler) map[string]int {
	t.Helper()
	out := map[string]int{}
	areas := []string{""}
	for _, kind := range []string{places.Region, places.Province} {
		for _, p := range h.Places.All(kind) {
			if h.Places.Within(p.Code, "07") {
				areas = append(areas, p.Code)
			}
		}
	}
	get := func(path string) string { return knock(house, "GET", "/fr"+path, "", nil).Body.String() }
	for _, area := range areas {
		rows := sheetOf(t, get("/coverage.csv?area="+area))
		coverageOf(out, "coverage", rows)
		coverageOf(out, "xlsx", bookOf(t, get("/coverage.xlsx?area="+area)))
		mapOf(t, out, rows, get("/coverage.geojson?area="+area))
		for _, row := range sheetOf(t, get("/numbers.csv?days=0&area="+area))[2:] {
			out[strings.Join(append([]string{"numbers", area}, row[:3]...), "|")] = number(row[3])
		}
		for _, page := range []string{"/coverage?area=", "/situation?area=", "/numbers?days=0&area="} {
			pageOf(out, page+area, get(page+area))
		}
	}
	return out
}

func sheetOf(t *testing.T, body string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatal(len(rows), err)
	}
	return rows
}

func bookOf(t *testing.T, body string) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil || len(rows) < 2 {
		t.Fatal(len(rows), err)
	}
	return rows
}

// countColumn tells whether a column of coverage is a count of requests: people are
// rounded, and a thing of their own.
func countColumn(head string) bool {
	return !slices.Contains([]string{"code", "level", "name", "within", "people", "first", "last", "as_of", "wait"}, head)
}

func coverageOf(out map[string]int, file string, rows [][]string) {
	for _, row := range rows[2:] {
		for i, head := range rows[0] {
			if countColumn(head) {
				cell := "" // a spreadsheet ends a line at its last cell
				if i < len(row) {
					cell = row[i]
				}
				out[strings.Join([]string{file, row[1], row[0], head}, "|")] = number(cell)
			}
		}
	}
}

// mapOf reads the properties of a map, by the hashtags that the sheet names.
func mapOf(t *testing.T, out map[string]int, sheet [][]string, body string) {
	t.Helper()
	var g struct {
		Features []struct{ Properties map[string]any }
	}
	if err := json.Unmarshal([]byte(body), &g); err != nil || len(g.Features) != len(sheet)-2 {
		t.Fatal(len(g.Features), err)
	}
	for _, f := range g.Features {
		for i, head := range sheet[0] {
			if n, ok := f.Properties[sheet[1][i]].(float64); countColumn(head) {
				code, _ := f.Properties["#adm+code"].(string)
				if out[strings.Join([]string{"geojson", fmt.Sprint(f.Properties["#adm+level"]), code, head}, "|")] = int(n); !ok && f.Properties[sheet[1][i]] != nil {
					t.Errorf("%s of %s is %v", head, code, f.Properties[sheet[1][i]])
				}
			}
		}
	}
}

var (
	tableOf = regexp.MustCompile(`(?s)<table.*?</table>`)
	lineOf  = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	cellOf  = regexp.MustCompile(`(?s)<t([hd])[^>]*>(.*?)</t[hd]>`)
	countOf = regexp.MustCompile(`(?s)<span class="hv">(.*?)</span>`)
	signs   = regexp.MustCompile(`<[^>]*>`)
	digits  = regexp.MustCompile(`[0-9][0-9\x{a0}\x{202f}]*`)
)

// pageOf reads the numbers of the tables and bars of a page: those of a column that
// is a time or a share are left out, for they count nobody.
func pageOf(out map[string]int, page, body string) {
	for i, table := range tableOf.FindAllString(body, -1) {
		var heads []string
		for _, line := range lineOf.FindAllStringSubmatch(table, -1) {
			cells := cellOf.FindAllStringSubmatch(line[1], -1)
			if len(cells) > 0 && cells[len(cells)-1][1] == "h" {
				heads = nil
				for _, c := range cells {
					heads = append(heads, plainText(c[2]))
				}
				continue
			}
			for j := 1; j < len(cells) && j < len(heads); j++ {
				text := plainText(cells[j][2])
				if strings.Contains(text, "%") || slices.Contains([]string{"Personnes", "Attend depuis", "Moitié prise en charge en"}, heads[j]) {
					continue
				}
				for k, n := range digits.FindAllString(text, -1) {
					out[fmt.Sprintf("page|%s|%d|%s|%s|%d", page, i, plainText(cells[0][2]), heads[j], k)] = number(strings.NewReplacer("\u00a0", "", "\u202f", "").Replace(n))
				}
			}
		}
	}
	for i, n := range countOf.FindAllStringSubmatch(body, -1) {
		out[fmt.Sprintf("page|%s|bar|%d", page, i)] = number(strings.NewReplacer("\u00a0", "", "\u202f", "").Replace(plainText(n[1])))
	}
}

func plainText(markup string) string {
	return strings.TrimSpace(html.UnescapeString(signs.ReplaceAllString(markup, "")))
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

// The attacker reads everything on two days and subtracts whatever adds up: a day
// from the next, communes from their province, provinces from their region, days and
// categories from their total. Nothing of 1 to 4 ever comes out.
func TestTwoDaysOfEveryPublicOutputTellNothingUnderFive(t *testing.T) {
	testkit.Long(t, "it fetches all that is public twice over, and attacks it")
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		house := h.Handler()
		now := h.clock.(*clock.Held)
		publish := func() {
			if _, err := h.Press.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		publish()
		days := []map[string]int{h.day(t, house)}
		for i, p := range slices.Concat(h.Places.Children("07.041"), h.Places.Children("07.161")) {
			for range i % 7 { // none, one, two … six in each commune
				h.askFrom(t, p.Code, []string{[]string{"water", "food", "shelter"}[i%3]})
			}
		}
		for i, p := range h.Places.Children("07.041")[:4] { // and so many that needs are told of a commune by itself, a few of them few
			for need, n := range map[string]int{"water": 21 + i, "food": 12, "shelter": 9, "warm": 6 + i, "rescue": i} {
				for range n {
					h.askFrom(t, p.Code, []string{need})
				}
			}
		}
		now.Advance(24 * time.Hour)
		publish()
		days = append(days, h.day(t, house))
		now.Advance(80 * time.Hour) // and those that waited are counted with their neighbours
		publish()
		days = append(days, h.day(t, house))
		asked := 0
		fine := func(what string, n int) {
			t.Helper()
			if asked++; n != 0 && n > -5 && n < 5 {
				t.Errorf("%s is %d", what, n)
			}
		}
		for i, day := range days {
			for key, n := range day {
				fine(key, n)
				if rest, ok := strings.CutPrefix(key, "coverage|"); ok { // three files say one thing
					for _, file := range []string{"xlsx|", "geojson|"} {
						if other, ok := day[file+rest]; !ok || other != n {
							t.Errorf("%s is %d, in %s %d", key, n, file, other)
						}
					}
				}
				if i > 0 && !strings.HasPrefix(key, "page|") && !strings.Contains(key, "untold") && !strings.HasSuffix(key, "by_none") { // these are what is left of two figures: less of one is more of the other
					fine("since the day before, "+key, n-days[i-1][key])
				}
			}
			for _, kind := range []string{release.Asked, release.Reached, release.Helped} {
				for area, inside := range map[string]string{"": "region", "07": "province"} {
					rest := day["numbers|"+area+"|all|"+area+"|"+kind]
					for key, n := range day {
						if strings.HasPrefix(key, "numbers|"+area+"|"+inside+"|") && strings.HasSuffix(key, "|"+kind) {
							rest -= n
						}
					}
					fine(fmt.Sprintf("day %d: %s of %q beside what lies inside", i, kind, area), rest)
				}
				for _, table := range []string{"day", "need", "channel", "spoken", "wait"} {
					rest, any := day["numbers||all||"+kind], false
					for key, n := range day {
						if strings.HasPrefix(key, "numbers||"+table+"|") && strings.HasSuffix(key, "|"+kind) {
							rest, any = rest-n, true
						}
					}
					if any {
						fine(fmt.Sprintf("day %d: %s beside its %s", i, kind, table), rest)
					}
				}
				for _, province := range []string{"07.041", "07.161"} {
					rest := day["numbers|"+province+"|all|"+province+"|"+kind]
					for key, n := range day {
						if part := strings.Split(key, "|"); part[0] == "coverage" && part[1] == places.Commune && h.Places.Within(part[2], province) && part[3] == kind {
							rest -= n
						}
					}
					fine(fmt.Sprintf("day %d: %s of %s beside its communes", i, kind, province), rest)
				}
			}
		}
		h.needsAttacked(t, days, fine)
		if before, after := days[0]["numbers||all||asked"], days[2]["numbers||all||asked"]; before < 30 || after < before+50 || asked < 500 {
			t.Errorf("%d, then %d, of %d numbers: the test asks little", before, after, asked)
		}
	})
}

// needsAttacked subtracts the needs of each commune from what was asked there, and
// those of all communes from those of their province.
func (h *House) needsAttacked(t *testing.T, days []map[string]int, fine func(string, int)) {
	t.Helper()
	told := 0
	for i, day := range days {
		rest, within := map[string]int{}, map[string]int{}
		for key, n := range day {
			part := strings.Split(key, "|")
			if part[0] == "coverage" && part[1] == places.Commune && strings.HasPrefix(part[3], "need_") {
				rest[part[2]] += n
				if part[3] == "need_untold" {
					continue
				}
				if n > 0 {
					told++
				}
				if o, ok := h.Places.Province(part[2]); ok {
					within[o.Code+"|need|"+strings.TrimPrefix(part[3], "need_")] += n
				}
			}
		}
		for code, n := range rest {
			if asked := day["coverage|"+places.Commune+"|"+code+"|asked"]; asked != n {
				t.Errorf("day %d: of %d requests of %s needs tell %d", i, asked, code, n)
			}
		}
		for key, n := range within {
			if whole, ok := day["numbers|"+key+"|asked"]; ok {
				fine(fmt.Sprintf("day %d: %s beside its communes", i, key), whole-n)
			}
		}
	}
	if told < 12 {
		t.Errorf("%d needs of communes are told: the test asks little", told)
	}
}

// Four requests from a commune that was quiet change no byte of anything public.
func TestFourRequestsChangeNoByteOfAnythingPublic(t *testing.T) {
	testkit.Long(t, "it fetches all that is public twice over")
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		house := h.Handler()
		read := func() map[string]string {
			if _, err := h.Press.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			out := map[string]string{}
			for _, d := range append(h.Picture.Manifest().Doors, h.Press.Manifest().Doors...) {
				if d.Method == "GET" && d.Deed.Open {
					out[d.Path] = knock(house, "GET", "/fr"+d.Path+"?", "", nil).Body.String()
				}
			}
			for _, path := range []string{"/fr/news?place=" + hushed, "/fr/follow?place=" + hushed, "/fr/crisis?near=" + hushed, "/fr/coverage?area=" + hushed[:6], "/fr/numbers?area=" + hushed[:6]} {
				out[path] = knock(house, "GET", path, "", nil).Body.String()
			}
			return out
		}
		if got := h.waitingIn(t, hushed); got != 0 {
			t.Fatalf("%s is not quiet: %d", hushed, got)
		}
		before := read()
		for range 4 {
			h.askFrom(t, hushed, []string{"water"})
		}
		for path, body := range read() {
			if sameBut(body) != sameBut(before[path]) {
				t.Errorf("%s tells of four requests", path)
			}
		}
		h.askFrom(t, hushed, []string{"water"})
		if after := read(); sameBut(after["/coverage.csv"]) == sameBut(before["/coverage.csv"]) {
			t.Error("a fifth is not told of: the test asks nothing")
		}
	})
}

// hushed is a commune from which the story hears nothing.
const hushed = "08.201.01.03"

func (h *House) waitingIn(t *testing.T, commune string) (n int) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *db.Tx) error {
		return h.Cases.CountedSince(tx, time.Unix(0, 0), func(c cases.Counted) {
			if c.Place == commune {
				n++
			}
		})
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// sameBut is a page without what is new each time it is made.
func sameBut(page string) string {
	lines := strings.Split(page, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, `name="_`) }), "\n")
}
