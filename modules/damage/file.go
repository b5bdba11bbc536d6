package damage

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
)

// Read reads a file of points, areas or codes of places: GeoJSON (RFC 7946) in
// longitude and latitude of WGS84, or CSV with columns for them or for a code.
// keep names the attributes that are kept. What cannot be read is told with the
// number of the feature or of the line.
func Read(body []byte, keep map[string]bool) ([]Feature, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	head := bytes.TrimSpace(body)
	switch {
	case len(head) == 0:
		return nil, wrongFile("empty")
	case len(body) > mostFile:
		return nil, wrongFile("large", "mb", mostFile>>20)
	case !utf8.Valid(body):
		return nil, wrongFile("not_text")
	}
	read := readCSV
	if head[0] == '{' || head[0] == '[' {
		read = readGeoJSON
	}
	all, err := read(body, keep)
	if err == nil && len(all) == 0 {
		err = wrongFile("nothing")
	}
	return all, err
}

func wrongFile(what string, args ...any) error {
	return fault.All{fault.New(fault.Invalid, "damage.file."+what, args...).On("file")}
}

// geoFeature is what is read of a GeoJSON feature.
type geoFeature struct {
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

func readGeoJSON(body []byte, keep map[string]bool) ([]Feature, error) {
	var doc struct {
		Type string `json:"type"`
		CRS  *struct {
			Properties struct {
				Name string `json:"name"`
			} `json:"properties"`
		} `json:"crs"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(body, &doc); err != nil || doc.Type != "FeatureCollection" {
		return nil, wrongFile("not_geojson")
	}
	// RFC 7946 knows WGS84 alone; older files name it in a crs member.
	if doc.CRS != nil && !slices.ContainsFunc([]string{"CRS84", "EPSG::4326", "EPSG:4326"}, func(s string) bool { return strings.HasSuffix(doc.CRS.Properties.Name, s) }) {
		return nil, wrongFile("other_crs", "crs", clip(doc.CRS.Properties.Name))
	}
	if len(doc.Features) > mostFeatures {
		return nil, wrongFile("many", "most", mostFeatures)
	}
	out := make([]Feature, 0, len(doc.Features))
	corners := 0
	for i, raw := range doc.Features {
		var g geoFeature
		if err := json.Unmarshal(raw, &g); err != nil {
			return nil, wrongFile("feature", "n", i+1)
		}
		f, err := g.feature(i+1, keep)
		if err != nil {
			return nil, err
		}
		if corners += f.corners(); corners > mostCorners {
			return nil, wrongFile("many", "most", mostFeatures)
		}
		out = append(out, f)
	}
	return out, nil
}

func (f *Feature) corners() int {
	n := len(f.Points)
	for _, r := range f.Rings {
		n += len(r)
	}
	return n
}

func (g *geoFeature) feature(n int, keep map[string]bool) (f Feature, err error) {
	f.Props = map[string]string{}
	for name, raw := range g.Properties {
		if name = strings.ToLower(name); keep[name] {
			if v, ok := scalar(raw); ok {
				f.Props[name] = v
			}
		}
		if name == "code" {
			f.Code, _ = scalar(raw)
		}
	}
	if g.Geometry == nil {
		if f.Code != "" {
			return f, nil
		}
		return f, wrongFile("no_geometry", "n", n)
	}
	var rings [][][]float64
	var points [][]float64
	switch raw := g.Geometry.Coordinates; g.Geometry.Type {
	case "Point":
		points = make([][]float64, 1)
		err = json.Unmarshal(raw, &points[0])
	case "MultiPoint":
		err = json.Unmarshal(raw, &points)
	case "Polygon":
		err = json.Unmarshal(raw, &rings)
	case "MultiPolygon":
		var many [][][][]float64
		err = json.Unmarshal(raw, &many)
		rings = slices.Concat(many...)
	default:
		return f, wrongFile("geometry", "n", n, "kind", clip(g.Geometry.Type))
	}
	if err != nil || len(points)+len(rings) == 0 {
		return f, wrongFile("feature", "n", n)
	}
	if f.Points, err = positions(points, n); err != nil {
		return f, err
	}
	for _, r := range rings {
		line, err := positions(r, n)
		if err != nil {
			return f, err
		}
		if k := len(line); k > 1 && line[0] == line[k-1] {
			line = line[:k-1]
		}
		if len(line) < 3 {
			return f, wrongFile("ring", "n", n)
		}
		f.Rings = append(f.Rings, line)
	}
	return f, nil
}

func positions(all [][]float64, n int) ([]geo.Point, error) {
	out := make([]geo.Point, 0, len(all))
	for _, at := range all {
		if len(at) < 2 {
			return nil, wrongFile("feature", "n", n)
		}
		p := geo.Point{Lat: at[1], Lon: at[0]}
		if !p.Valid() {
			return nil, wrongFile("position", "n", n)
		}
		out = append(out, p)
	}
	return out, nil
}

// scalar is an attribute as text; a list or an object is none.
func scalar(raw json.RawMessage) (string, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return clip(s), true
	}
	var x json.Number
	if json.Unmarshal(raw, &x) == nil {
		return clip(x.String()), x != ""
	}
	return "", false
}

// clip is a text that came from a file, as long as it is kept.
func clip(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s))
	for n := range s {
		if n >= mostProp {
			return s[:n]
		}
	}
	return s
}

// The columns of a CSV that say where, in small letters.
var (
	latHeads  = []string{"lat", "latitude", "y"}
	lonHeads  = []string{"lon", "lng", "long", "longitude", "x"}
	codeHeads = []string{"code", "commune_code", "place_code", "pcode"}
)

func readCSV(body []byte, keep map[string]bool) (out []Feature, err error) {
	r := csv.NewReader(bytes.NewReader(body))
	if line, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	heads, err := r.Read()
	if err != nil {
		return nil, wrongFile("no_columns")
	}
	for i := range heads {
		heads[i] = strings.ToLower(strings.TrimSpace(heads[i]))
	}
	column := func(names []string) int {
		return slices.IndexFunc(heads, func(h string) bool { return slices.Contains(names, h) })
	}
	lat, lon, code := column(latHeads), column(lonHeads), column(codeHeads)
	if lat < 0 || lon < 0 {
		lat, lon = -1, -1
	}
	if lat < 0 && code < 0 {
		return nil, wrongFile("no_columns")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, wrongFile("row", "n", line)
		}
		if len(out) == mostFeatures {
			return nil, wrongFile("many", "most", mostFeatures)
		}
		f := Feature{Props: map[string]string{}}
		for i, v := range row {
			if i < len(heads) && keep[heads[i]] {
				f.Props[heads[i]] = clip(v)
			}
		}
		if lat >= 0 {
			p, ok := position(row, lat, lon)
			if !ok {
				return nil, wrongFile("row", "n", line)
			}
			f.Points = []geo.Point{p}
		} else if code < len(row) {
			f.Code = clip(row[code])
		}
		out = append(out, f)
	}
}

func position(row []string, lat, lon int) (p geo.Point, ok bool) {
	if max(lat, lon) >= len(row) {
		return p, false
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(arabic.Digits(s)), ",", "."), 64)
		ok = ok && err == nil
		return x
	}
	ok = true
	p = geo.Point{Lat: number(row[lat]), Lon: number(row[lon])}
	return p, ok && p.Valid()
}
