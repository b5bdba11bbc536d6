package picture

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

// column is one of every file of coverage, with its HXL hashtag (Humanitarian
// Exchange Language 1.1, hxlstandard.org): the second line of a sheet, and the
// name of a property on a map. An empty cell is none, or fewer than the floor.
type column struct{ head, tag string }

var columns = []column{
	{"code", "#adm+code"}, {"level", "#adm+level"}, {"name", "#adm+name"}, {"within", "#adm+name+within"}, {"asked", "#affected+requests"}, {"people", "#affected+ind+rounded"},
	{"reached", "#reached+requests"}, {"by_state", "#reached+requests+state"}, {"by_associations", "#reached+requests+ngo"}, {"by_both", "#reached+requests+both"},
	{"by_untold", "#reached+requests+unknown"}, {"by_none", "#affected+requests+notreached"}, {"helped", "#reached+requests+confirmed"},
	{"first", "#date+start"}, {"last", "#date+end"}, {"as_of", "#date+reported"},
}

// heads are the columns, with one for each need that there may be: what each
// request asked for first. need_untold is of whom it is not told, wait the band of
// hours within which half or more of those that were taken on were.
func (s *Service) heads() []column {
	all := slices.Clone(columns)
	codes, _ := s.ports.Needs()
	for _, code := range codes {
		all = append(all, column{"need_" + code, "#affected+requests+need_" + tagged(code)})
	}
	return append(all, column{"need_else", "#affected+requests+need_else"}, column{"need_untold", "#affected+requests+need_untold"}, column{"wait", "#reached+wait+half"})
}

// tagged is a code as an attribute of a hashtag may be: letters, digits, underscore.
func tagged(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(code))
}

// needCells are the counts of the columns of needs, and the wait, of one line.
func (s *Service) needCells(k coverage, r row) (out []string) {
	of, rest := map[string]int{}, r.Asked
	if r.Kind == places.Commune {
		for _, c := range k.Needs[r.Code] {
			of[c.Code] = c.N
		}
		rest = of[""]
	}
	codes, _ := s.ports.Needs()
	for _, code := range codes {
		out = append(out, shown(of[code]))
	}
	out = append(out, shown(of[release.Other]), shown(rest))
	if r.Kind != places.Commune {
		return append(out, "")
	}
	return append(out, k.Wait[r.Code])
}

// shown is a count as a file has it.
func shown(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *Service) plain(c *web.Ctx, code string) string {
	if p, ok := s.places.Get(code); ok {
		text, _ := p.Name(c.Lang())
		return text
	}
	return c.P.Text("picture.country")
}

func (s *Service) cells(c *web.Ctx, k coverage, r row) []string {
	parent := ""
	if p, ok := s.places.Get(r.Code); ok && p.Parent != "" {
		parent = s.plain(c, p.Parent)
	}
	level := r.Kind
	if level == "" {
		level = "country"
	}
	return append([]string{r.Code, level, s.plain(c, r.Code), parent, shown(r.Asked), shown(r.People), shown(r.Reached), shown(r.State), shown(r.Association), shown(r.Both),
		shown(r.Untold), shown(r.None(k.Floor)), shown(r.Helped), r.First.UTC().Format(time.RFC3339), r.Last.UTC().Format(time.RFC3339), k.AsOf.UTC().Format(time.RFC3339)}, s.needCells(k, r)...)
}

// table is the coverage as a sheet: heads, hashtags, a line for each place.
func (s *Service) table(c *web.Ctx) (rows [][]string, err error) {
	var k coverage
	if err := s.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		k, err = s.covered(t, time.Time{}, time.Time{}, s.asked(c))
		return err
	}); err != nil {
		return nil, err
	}
	var heads, tags []string
	for _, x := range s.heads() {
		heads, tags = append(heads, x.head), append(tags, x.tag)
	}
	rows = append(rows, heads, tags)
	for _, r := range k.Rows {
		rows = append(rows, s.cells(c, k, r))
	}
	return rows, nil
}

func (s *Service) coverageCSV(c *web.Ctx) error {
	rows, err := s.table(c)
	if err != nil {
		return err
	}
	return sheet(c, "coverage.csv", rows)
}

// sheet answers with a CSV that a spreadsheet shows and does not run: a cell that
// would begin a formula gets an apostrophe before it (OWASP, "CSV injection"). A
// line of hashtags begins with none of these.
func sheet(c *web.Ctx, file string, rows [][]string) error {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true // RFC 4180, section 2
	for _, row := range rows {
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Download(file, "text/csv; charset=utf-8", b.Bytes())
}

func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// coverageXLSX writes the same for those whose program reads nothing else. The
// library costs 2.6 MB of the program (measured with -s -w, 22 November 2026); a
// writer of our own would be a second thing to keep right for every spreadsheet
// there is.
func (s *Service) coverageXLSX(c *web.Ctx) error {
	rows, err := s.table(c)
	if err != nil {
		return err
	}
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, x := range row {
			cells[j] = x
			if n, err := strconv.Atoi(x); err == nil && i > 1 && rows[0][j] != "code" {
				cells[j] = n
			}
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	return c.Download("coverage.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes())
}

// feature is a commune on a map, at its centre: what the census publishes of it,
// and never a point of a request.
type feature struct {
	Type       string         `json:"type"`
	Geometry   *geometry      `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geometry struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"`
}

func (s *Service) coverageGeoJSON(c *web.Ctx) error {
	rows, err := s.table(c)
	if err != nil {
		return err
	}
	out := struct {
		Type     string            `json:"type"`
		Tags     map[string]string `json:"hxl"`
		Features []feature         `json:"features"`
	}{"FeatureCollection", map[string]string{}, []feature{}}
	for i, head := range rows[0] {
		out.Tags[head] = rows[1][i]
	}
	for _, row := range rows[2:] {
		f := feature{Type: "Feature", Properties: map[string]any{}}
		if p, ok := s.places.Get(row[0]); ok && p.Kind == places.Commune {
			if at, _, ok := s.places.Point(p.Code); ok {
				f.Geometry = &geometry{"Point", [2]float64{at.Lon, at.Lat}} // RFC 7946: longitude first
			}
		}
		for i, cell := range row {
			if n, err := strconv.Atoi(cell); err == nil && rows[0][i] != "code" {
				f.Properties[rows[1][i]] = n
			} else if cell != "" {
				f.Properties[rows[1][i]] = cell
			}
		}
		out.Features = append(out.Features, f)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return c.Download("coverage.geojson", "application/geo+json", body)
}

// A feed of what was published (RFC 4287), a day each entry.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Link    []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feedDays is how many days a feed goes back.
const feedDays = 30

func (s *Service) atom(c *web.Ctx) error {
	within := s.asked(c)
	type day struct {
		n    map[string]int
		last time.Time
	}
	days, order := map[string]*day{}, []string{}
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		for _, kind := range []string{release.Asked, release.Reached, release.Helped} {
			all, err := s.press.Moments(t, kind, within, t.Now().AddDate(0, 0, -feedDays), time.Time{})
			if err != nil {
				return err
			}
			for _, m := range all {
				key := m.At.In(c.Site.Zone).Format(time.DateOnly)
				d := days[key]
				if d == nil {
					d = &day{n: map[string]int{}}
					days[key], order = d, append(order, key)
				}
				if d.n[kind] += m.N; m.At.After(d.last) {
					d.last = m.At
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	base := c.Address()
	title := c.P.Text("picture.feed.title", "place", s.plain(c, within))
	feed := atomFeed{Lang: c.Lang(), ID: base + c.Href("/crisis.atom?area="+within), Title: title, Author: c.P.Text("ui.brand"), Updated: s.h.DB.Now().UTC().Format(time.RFC3339),
		Link: []atomLink{{"self", base + c.Href("/crisis.atom?area="+within)}, {"alternate", base + c.Href("/coverage?area="+within)}}}
	slices.Sort(order)
	slices.Reverse(order)
	for i, key := range order {
		d := days[key]
		if i == 0 {
			feed.Updated = d.last.UTC().Format(time.RFC3339)
		}
		feed.Entries = append(feed.Entries, atomEntry{ID: "tag:twiza,2026:picture/" + within + "/" + key, Title: c.P.Text("picture.feed.day", "day", key, "n", d.n[release.Asked]),
			Updated: d.last.UTC().Format(time.RFC3339), Link: atomLink{"alternate", base + c.Href("/coverage?area="+within)},
			Summary: c.P.Text("picture.feed.summary", "asked", d.n[release.Asked], "reached", d.n[release.Reached], "helped", d.n[release.Helped])})
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return err
	}
	c.W.Header().Set("Cache-Control", "public, max-age=300")
	c.W.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = c.W.Write(append([]byte(xml.Header), body...))
	return err
}
