package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// tolerance is how far, in degrees, a simplified border may stray: 0.006° is
// some 600 m, less than a pen stroke on a map of one province.
const tolerance = 0.006

// smallest is the area, in square degrees, under which a ring is a rock at sea.
const smallest = 2e-4

// topology is the part of TopoJSON that morocco-map uses.
type topology struct {
	Objects map[string]struct {
		Geometries []struct {
			ID   string          `json:"id"`
			Type string          `json:"type"`
			Arcs json.RawMessage `json:"arcs"`
		} `json:"geometries"`
	} `json:"objects"`
	Arcs      [][][2]int `json:"arcs"`
	Transform struct {
		Scale     [2]float64 `json:"scale"`
		Translate [2]float64 `json:"translate"`
	} `json:"transform"`
}

type xy struct{ lon, lat float64 }

// outlines writes regions.json and provinces.json: our code → rings of [lon, lat].
// Both levels carry ISO 3166-2 identifiers, which the census tables have as well.
func outlines(topo, data, to string) error {
	for _, level := range []string{"regions", "provinces"} {
		codes, err := read(filepath.Join(data, "admin", level+".csv"))
		if err != nil {
			return err
		}
		iso := map[string]string{}
		for _, r := range codes {
			iso[r.get("iso_3166_2")] = r.get("code")
		}
		shapes, err := convert(filepath.Join(topo, level+".json"), iso)
		if err != nil {
			return fmt.Errorf("%s: %w", level, err)
		}
		if err := os.WriteFile(filepath.Join(to, "outlines", level+".json"), shapes, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func convert(path string, iso map[string]string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var t topology
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	arcs := t.lines()
	found := map[string][][]xy{}
	for _, object := range t.Objects {
		for _, g := range object.Geometries {
			code, ok := iso[g.ID]
			if !ok || found[code] != nil {
				return nil, fmt.Errorf("%s is no code of ours, or comes twice", g.ID)
			}
			rings, err := ringsOf(g.Type, g.Arcs)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", g.ID, err)
			}
			found[code] = stitch(rings, arcs)
		}
	}
	if len(found) != len(iso) {
		return nil, fmt.Errorf("%d shapes for %d codes", len(found), len(iso))
	}
	return print(found), nil
}

// lines undoes the delta coding and simplifies each arc once, so that
// neighbours keep one border between them.
func (t *topology) lines() [][]xy {
	out := make([][]xy, len(t.Arcs))
	for i, arc := range t.Arcs {
		var x, y int
		line := make([]xy, len(arc))
		for j, d := range arc {
			x, y = x+d[0], y+d[1]
			line[j] = xy{
				float64(x)*t.Transform.Scale[0] + t.Transform.Translate[0],
				float64(y)*t.Transform.Scale[1] + t.Transform.Translate[1],
			}
		}
		out[i] = simplify(line)
	}
	return out
}

// simplify drops what strays less than the tolerance (Douglas and Peucker). A
// closed arc is halved first, for its ends are one point.
func simplify(line []xy) []xy {
	if len(line) < 3 {
		return line
	}
	if line[0] == line[len(line)-1] {
		half := len(line) / 2
		return append(simplify(line[:half+1]), simplify(line[half:])[1:]...)
	}
	far, at := 0.0, 0
	for i := 1; i < len(line)-1; i++ {
		if d := astray(line[i], line[0], line[len(line)-1]); d > far {
			far, at = d, i
		}
	}
	if far <= tolerance {
		return []xy{line[0], line[len(line)-1]}
	}
	return append(simplify(line[:at+1]), simplify(line[at:])[1:]...)
}

// astray is the distance from p to the segment a–b, degrees of longitude
// shortened as at 31° north.
func astray(p, a, b xy) float64 {
	const squeeze = 0.857 // cos 31°
	px, bx := (p.lon-a.lon)*squeeze, (b.lon-a.lon)*squeeze
	py, by := p.lat-a.lat, b.lat-a.lat
	t := 0.0
	if l := bx*bx + by*by; l > 0 {
		t = max(0, min(1, (px*bx+py*by)/l))
	}
	return math.Hypot(px-t*bx, py-t*by)
}

// ringsOf flattens a polygon or several into their rings of arc numbers.
func ringsOf(kind string, arcs json.RawMessage) ([][]int, error) {
	switch kind {
	case "Polygon":
		var rings [][]int
		err := json.Unmarshal(arcs, &rings)
		return rings, err
	case "MultiPolygon":
		var many [][][]int
		err := json.Unmarshal(arcs, &many)
		return slices.Concat(many...), err
	}
	return nil, errors.New("neither polygon nor polygons but " + kind)
}

// stitch joins arcs into rings; ~n is arc n walked backwards.
func stitch(rings [][]int, arcs [][]xy) [][]xy {
	var out [][]xy
	for _, ring := range rings {
		var line []xy
		for _, n := range ring {
			var arc []xy
			if n < 0 {
				arc = slices.Clone(arcs[^n])
				slices.Reverse(arc)
			} else {
				arc = arcs[n]
			}
			if len(line) > 0 {
				arc = arc[1:]
			}
			line = append(line, arc...)
		}
		if len(line) > 3 && area(line) >= smallest {
			out = append(out, line[:len(line)-1]) // closed by whoever draws it
		}
	}
	return out
}

func area(ring []xy) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.lon*q.lat - q.lon*p.lat
	}
	return math.Abs(sum) / 2
}

// print writes one code a line, so that a change can be read.
func print(shapes map[string][][]xy) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, code := range slices.Sorted(maps.Keys(shapes)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n%q:[", code)
		for j, ring := range shapes[code] {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('[')
			for k, p := range ring {
				if k > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, "[%s,%s]", round(strconv.FormatFloat(p.lon, 'f', -1, 64), 3), round(strconv.FormatFloat(p.lat, 'f', -1, 64), 3))
			}
			b.WriteByte(']')
		}
		b.WriteByte(']')
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}
