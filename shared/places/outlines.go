package places

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/geo"
)

// Outline is the border of a place: closed rings without the repeated last
// point. Rings inside rings are holes, drawn with the even-odd rule.
type Outline struct {
	Code  string
	Rings [][]geo.Point
}

// readOutlines reads {"code": [[[lon, lat], …], …]}; a pack may have none.
func readOutlines(fsys fs.FS, file, kind string, all map[string]*Place, bad *problems) []Outline {
	raw, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var shapes map[string][][][2]float64
	if err == nil {
		err = json.Unmarshal(raw, &shapes)
	}
	if err != nil {
		bad.add(file, 0, "%v", err)
		return nil
	}
	var out []Outline
	for code, rings := range shapes {
		if p := all[code]; p == nil || p.Kind != kind {
			bad.add(file, lineOf(raw, code), "%s is no %s of this pack", code, kind)
			continue
		}
		o := Outline{Code: code}
		for _, ring := range rings {
			line := make([]geo.Point, len(ring))
			for i, at := range ring {
				line[i] = geo.Point{Lat: at[1], Lon: at[0]}
				if !line[i].Valid() {
					bad.add(file, lineOf(raw, code), "%s leaves the globe", code)
				}
			}
			o.Rings = append(o.Rings, line)
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Outline) int { return strings.Compare(a.Code, b.Code) })
	return out
}

func lineOf(raw []byte, code string) int {
	before, _, _ := strings.Cut(string(raw), strconv.Quote(code))
	return 1 + strings.Count(before, "\n")
}

// feature is what is read of a GeoJSON feature.
type feature struct {
	Properties struct {
		Code any `json:"code"`
	} `json:"properties"`
	Geometry struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// ReadGeoJSON reads outlines an operator brings: a FeatureCollection in WGS84
// whose features have a "code" property and are polygons (RFC 7946). Features of
// one code add up. It holds the file to what it says and knows no gazetteer; see
// WithOutlines.
func ReadGeoJSON(r io.Reader) ([]Outline, error) {
	var doc struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return nil, fmt.Errorf("outlines: %w", err)
	}
	if doc.Type != "FeatureCollection" {
		return nil, errors.New("outlines: not a FeatureCollection")
	}
	found := map[string]*Outline{}
	for i, f := range doc.Features {
		code, ok := f.Properties.Code.(string)
		if !ok || code == "" {
			return nil, fmt.Errorf("outlines: feature %d has no code written as text", i+1)
		}
		rings, err := f.rings()
		if err != nil {
			return nil, fmt.Errorf("outlines: feature %d (%s): %w", i+1, code, err)
		}
		if found[code] == nil {
			found[code] = &Outline{Code: code}
		}
		found[code].Rings = append(found[code].Rings, rings...)
	}
	out := make([]Outline, 0, len(found))
	for _, code := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[code])
	}
	return out, nil
}

func (f feature) rings() ([][]geo.Point, error) {
	var rings [][][]float64
	var err error
	switch f.Geometry.Type {
	case "Polygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &rings)
	case "MultiPolygon":
		var many [][][][]float64
		err = json.Unmarshal(f.Geometry.Coordinates, &many)
		rings = slices.Concat(many...)
	default:
		err = fmt.Errorf("%q is no polygon", f.Geometry.Type)
	}
	if err != nil {
		return nil, err
	}
	out := make([][]geo.Point, 0, len(rings))
	for _, ring := range rings {
		line, err := ringOf(ring)
		if err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

func ringOf(ring [][]float64) ([]geo.Point, error) {
	line := make([]geo.Point, 0, len(ring))
	for _, at := range ring {
		if len(at) < 2 {
			return nil, errors.New("a position needs a longitude and a latitude")
		}
		p := geo.Point{Lat: at[1], Lon: at[0]}
		if !p.Valid() {
			return nil, fmt.Errorf("%v is not on the globe", p)
		}
		line = append(line, p)
	}
	if n := len(line); n > 1 && line[0] == line[n-1] {
		line = line[:n-1]
	}
	if len(line) < 3 {
		return nil, errors.New("a ring needs three corners")
	}
	return line, nil
}

// WithOutlines is a gazetteer that also knows these outlines, in the place of
// its own of the same codes. All codes must be places of the country.
func (g *Gazetteer) WithOutlines(more []Outline) (*Gazetteer, error) {
	byCode := map[string]Outline{}
	for _, list := range g.outlines {
		for _, o := range list {
			byCode[o.Code] = o
		}
	}
	var unknown []string
	for _, o := range more {
		if g.byCode[o.Code] == nil {
			unknown = append(unknown, o.Code)
		}
		byCode[o.Code] = o
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("outlines of unknown places: %s", strings.Join(unknown, ", "))
	}
	wider := *g
	wider.drawn = newDrawn()
	wider.outlines = map[string][]Outline{}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		kind := g.byCode[code].Kind
		wider.outlines[kind] = append(wider.outlines[kind], byCode[code])
	}
	return &wider, nil
}
