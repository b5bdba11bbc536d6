package damage

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// rankedPage is where to go first, with the reasons.
type rankedPage struct {
	ui.Frame
	Kind    string // commune or douar
	Tabs    []tab
	Areas   []ui.Option
	Levels  []ui.Option // at least
	Weights [Worst]int  // of a hundred people
	Rows    []rankedRow
	Map     template.HTML
	CSV     string
	GeoJSON string
	Pager   ui.Pager
	Layers  int // that count now
	Silent  int
	Told    int
	Gone    int
	CanAdd  bool
	Waiting int // things that citizens told and nobody verified
}

type tab struct {
	Href, Key string
	Current   bool
}

type rankedRow struct {
	Code     string
	Place    template.HTML
	Level    int
	People   int
	Guessed  bool
	Requests int
	Reports  int
	GoneAt   time.Time
	Silence  int
	Score    int64
	Why      []template.HTML
}

const rankedPerPage = 50

// rankedKinds are the places that a list can be of.
var rankedKinds = []string{places.Commune, places.Douar}

// asked is what list a reader wants.
func (s *Service) asked(v url.Values) (kind, area string, least int) {
	kind, area = v.Get("kind"), v.Get("area")
	least, _ = strconv.Atoi(v.Get("least")) // what is no number is any level
	if !slices.Contains(rankedKinds, kind) {
		kind = places.Commune
	}
	if _, ok := s.places.Get(area); !ok {
		area = ""
	}
	return kind, area, max(1, min(least, Worst))
}

func (s *Service) showRanked(c *web.Ctx) error {
	v, by := c.R.URL.Query(), actor.From(c.Context())
	kind, area, least := s.asked(v)
	p := &rankedPage{Kind: kind, Silent: s.rules.Silence.Silent, Told: s.rules.Silence.Told, Gone: s.rules.Silence.Gone, CanAdd: deed.May(by, DeedBring) == nil}
	p.Frame.Kind, p.Nav, p.Title = ui.Staff, "damage", c.P.Text("damage.list.title")
	query := url.Values{"kind": {kind}, "area": {area}, "least": {strconv.Itoa(least)}}
	for level := 1; level <= Worst; level++ {
		p.Levels = append(p.Levels, ui.Option{Value: strconv.Itoa(level), Title: c.P.T("damage.level." + strconv.Itoa(level)), Chosen: level == least})
		p.Weights[level-1] = s.rules.weight(level)
	}
	p.CSV, p.GeoJSON = c.Href("/damage.csv?"+query.Encode()), c.Href("/damage.geojson?"+query.Encode())
	for _, k := range rankedKinds {
		p.Tabs = append(p.Tabs, tab{c.Href("/damage?" + url.Values{"kind": {k}, "area": {area}, "least": {strconv.Itoa(least)}}.Encode()), "damage.list.by_" + k, k == kind})
	}
	err := s.h.Look(c.Context(), by, DeedList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.rank(t.Tx, kind, area, least)
		if err != nil {
			return err
		}
		p.Areas = s.areas(c, area)
		p.Map = s.rankedMap(c, all, area)
		after := slices.IndexFunc(all, func(x Ranked) bool { return x.Place.Code == v.Get("after") })
		all = all[after+1:]
		if len(all) > rankedPerPage {
			all = all[:rankedPerPage]
			query.Set("after", all[rankedPerPage-1].Place.Code)
			p.Pager.More = c.Href("/damage?" + query.Encode())
		}
		p.Pager.Shown, p.Pager.Step = len(all), rankedPerPage
		for i := range all {
			p.Rows = append(p.Rows, s.rankedRow(c, &all[i]))
		}
		live, err := liveLayers(t.Tx)
		if err != nil {
			return err
		}
		p.Layers = len(live)
		p.Waiting, err = countUnverified(t.Tx)
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("damage_ranked", p)
}

func (s *Service) rankedRow(c *web.Ctx, x *Ranked) rankedRow {
	row := rankedRow{Code: x.Place.Code, Place: s.placeSay(c, x.Place.Code), Level: x.Level, People: x.People, Guessed: x.Guessed,
		Requests: x.Requests, Reports: x.Reports, GoneAt: x.GoneAt, Silence: x.Silence, Score: x.Score}
	for i := range x.Why {
		row.Why = append(row.Why, s.whySay(c, &x.Why[i]))
	}
	return row
}

// areas are the provinces that some layer speaks of, to choose from.
func (s *Service) areas(c *web.Ctx, chosen string) (out []ui.Option) {
	codes, _ := s.known()
	var all []*places.Place
	for _, code := range codes {
		if p, ok := s.places.Province(code); ok && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	places.Sort(all, c.Lang())
	for _, p := range all {
		name, _ := p.Name(c.Lang())
		out = append(out, ui.Option{Value: p.Code, Title: template.HTML(template.HTMLEscapeString(name)), Chosen: p.Code == chosen})
	}
	return out
}

// mostMarks is how many places a map shows: more than anybody can tell apart.
const mostMarks = 150

// rankedMap shows the worst places; the list beside it has them all.
func (s *Service) rankedMap(c *web.Ctx, all []Ranked, area string) template.HTML {
	var list []places.Mark
	for i := range all[:min(len(all), mostMarks)] {
		x := &all[i]
		name, _ := x.Place.Name(c.Lang())
		list = append(list, places.Mark{Code: x.Place.Code, Rank: Worst + 1 - x.Level, Title: name + " — " + c.P.Text("damage.level."+strconv.Itoa(x.Level))})
	}
	if len(list) == 0 {
		return ""
	}
	return places.Sketch(s.places, area, list, places.Sheet{Title: c.P.Text("damage.list.map"), Lang: c.Lang(), Labels: true, Fit: true})
}

// whySay is what a layer says of a place, with its source and its day.
func (s *Service) whySay(c *web.Ctx, x *Said) template.HTML {
	var what template.HTML
	switch km := strconv.FormatFloat(x.Km, 'f', -1, 64); {
	case x.Layer.Kind == Shaking && x.Value != "":
		what = c.P.T("damage.why.shaking", "value", bdi(x.Value))
	case x.Layer.Kind == Shaking:
		what = c.P.T("damage.why.shaking_level", "level", c.P.T("damage.level."+strconv.Itoa(x.Level)))
	case x.Layer.Kind == Change:
		what = c.P.T("damage.why.change", "n", x.upTo(1), "km", bdi(km))
	case x.Km == 0:
		what = c.P.T("damage.why.place", "level", c.P.T("damage.level."+strconv.Itoa(x.Level)))
	default:
		level := Worst
		for level > 1 && x.Counts[level] == 0 {
			level--
		}
		what = c.P.T("damage.why.points_"+strconv.Itoa(level), "n", x.Counts[level], "km", bdi(km))
		if rest := x.upTo(1) - x.Counts[level]; rest > 0 {
			what += " " + c.P.T("damage.why.more", "n", rest)
		}
	}
	return c.P.T("damage.why.from", "what", what, "source", bdi(x.Layer.Source), "day", s.day(c, x.Layer.Dated))
}

// Line is what one live layer says of a place, for the pages of others.
type Line struct {
	Level int
	Why   template.HTML
}

// Lines put what live layers say of a place into words, the worst first.
func (s *Service) Lines(c *web.Ctx, place string) (out []Line) {
	for _, x := range s.At(place) {
		out = append(out, Line{x.Level, s.whySay(c, &x)})
	}
	return out
}

// day is a date as a layer writes it.
func (s *Service) day(c *web.Ctx, dated string) template.HTML {
	d, err := time.ParseInLocation(time.DateOnly, dated, c.Site.Zone)
	if err != nil {
		return bdi(dated)
	}
	return c.P.Date(d)
}

// cell is what a layer says of a place, for programs: kind, level, the area's
// value or how many points of each level from 1 on, the reach, source and day.
func (x *Said) cell() string {
	what := x.Value
	if x.Km > 0 {
		what = fmt.Sprintf("%v in %g km", x.Counts[1:], x.Km)
	}
	return fmt.Sprintf("%s %d (%s), %s, %s", x.Layer.Kind, x.Level, what, x.Layer.Source, x.Layer.Dated)
}

// rankedHeads are the columns of the file, each with its HXL hashtag
// (hxlstandard.org, 1.1).
var rankedHeads = [][2]string{
	{"code", "#geo+code"}, {"place", "#geo+name"}, {"kind", "#geo+type"}, {"lat", "#geo+lat"}, {"lon", "#geo+lon"}, {"level", "#severity+num"},
	{"people", "#population"}, {"people_estimated", "#population+estimated"}, {"requests", "#reach+requests"}, {"reports", "#reach+reports"},
	{"gone", "#date+visited"}, {"silence", "#indicator+silence"}, {"score", "#indicator+score"}, {"why", "#description"},
}

func (s *Service) rankedList(c *web.Ctx, each func(*Ranked) error) error {
	kind, area, least := s.asked(c.R.URL.Query())
	return s.h.Look(c.Context(), actor.From(c.Context()), DeedList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := s.rank(t.Tx, kind, area, least)
		for i := range all {
			if err == nil {
				err = each(&all[i])
			}
		}
		return err
	})
}

func (s *Service) rankedCells(c *web.Ctx, x *Ranked) []string {
	at, _, _ := s.places.Point(x.Place.Code)
	gone := ""
	if !x.GoneAt.IsZero() {
		gone = x.GoneAt.In(c.Site.Zone).Format(time.RFC3339)
	}
	name, _ := x.Place.Name(c.Lang())
	var why []string
	for i := range x.Why {
		why = append(why, x.Why[i].cell())
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', 5, 64) }
	return []string{x.Place.Code, name, x.Place.Kind, number(at.Lat), number(at.Lon), strconv.Itoa(x.Level), strconv.Itoa(x.People), strconv.FormatBool(x.Guessed),
		strconv.Itoa(x.Requests), strconv.Itoa(x.Reports), gone, strconv.Itoa(x.Silence), strconv.FormatInt(x.Score, 10), strings.Join(why, " | ")}
}

func (s *Service) rankedCSV(c *web.Ctx) error {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true // RFC 4180, section 2
	var heads, tags []string
	for _, h := range rankedHeads {
		heads, tags = append(heads, h[0]), append(tags, h[1])
	}
	if err := w.WriteAll([][]string{heads, tags}); err != nil {
		return err
	}
	err := s.rankedList(c, func(x *Ranked) error {
		row := s.rankedCells(c, x)
		for i := range row {
			row[i] = harmless(row[i])
		}
		return w.Write(row)
	})
	if err != nil {
		return err
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return c.Download("damage.csv", "text/csv; charset=utf-8", b.Bytes())
}

// harmless is a cell that a spreadsheet shows and does not run (OWASP, "CSV
// injection"); a number stays one.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

func (s *Service) rankedGeoJSON(c *web.Ctx) error {
	type point struct {
		Type        string     `json:"type"`
		Coordinates [2]float64 `json:"coordinates"`
	}
	type feature struct {
		Type       string            `json:"type"`
		Properties map[string]string `json:"properties"`
		Geometry   *point            `json:"geometry"`
	}
	doc := struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{"FeatureCollection", []feature{}}
	err := s.rankedList(c, func(x *Ranked) error {
		f := feature{Type: "Feature", Properties: map[string]string{}}
		for i, v := range s.rankedCells(c, x) {
			f.Properties[rankedHeads[i][0]] = v
		}
		if at, _, ok := s.places.Point(x.Place.Code); ok {
			f.Geometry = &point{"Point", [2]float64{at.Lon, at.Lat}}
		}
		doc.Features = append(doc.Features, f)
		return nil
	})
	if err != nil {
		return err
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return c.Download("damage.geojson", "application/geo+json", body)
}

// placeSay is a place with what it lies in, the smallest first.
func (s *Service) placeSay(c *web.Ctx, code string) template.HTML {
	path := s.places.Path(code)
	var parts []string
	for i := len(path) - 1; i >= 0; i-- {
		if path[i].Kind == places.Region && len(parts) > 0 {
			continue
		}
		name, lang := path[i].Name(c.Lang())
		parts = append(parts, string(saidIn(name, lang, c.Lang())))
	}
	if len(parts) == 0 {
		return c.P.T("damage.place.unknown")
	}
	return template.HTML(strings.Join(parts, string(c.P.T("damage.place.comma"))+" "))
}

// saidIn is a text with a direction of its own, marked with its language when
// that is not the page's.
func saidIn(text, lang, page string) template.HTML {
	if lang == page || lang == "" {
		return bdi(text)
	}
	return template.HTML(`<bdi lang="` + template.HTMLEscapeString(lang) + `" dir="` + i18n.Dir(i18n.Lang(lang)) + `">` + template.HTMLEscapeString(text) + `</bdi>`)
}

func bdi(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}
