package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// gather makes a table of records whose fields differ: a head for every field,
// in the order in which they were first seen.
type gather struct {
	at    map[string]int
	heads []string
	rows  [][]string
}

func (g *gather) put(row []string, head, value string) []string {
	i, known := g.at[head]
	if !known {
		if len(g.heads) == MaxHeads {
			return row
		}
		i = len(g.heads)
		g.at[head], g.heads = i, append(g.heads, head)
	}
	for len(row) <= i {
		row = append(row, "")
	}
	row[i] = value
	return row
}

func (g *gather) table() (t Table, err error) {
	if err = t.add(g.heads); err != nil || len(g.heads) == 0 {
		return t, err
	}
	for _, row := range g.rows {
		for len(row) < len(g.heads) {
			row = append(row, "")
		}
		if err = t.add(row); err != nil {
			return t, err
		}
	}
	return t, nil
}

// flat spells an object out, field by field in the order of their names: what
// lies within another is named after both, and a list is joined as its columns
// are ("food|water").
func (g *gather) flat(row []string, name string, v any, depth int) []string {
	switch v := v.(type) {
	case map[string]any:
		if depth > 5 {
			return row
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			under := k
			if name != "" {
				under = name + "/" + k
			}
			row = g.flat(row, under, v[k], depth+1)
		}
	case []any:
		var parts []string
		for _, x := range v {
			if _, nested := x.(map[string]any); !nested {
				parts = append(parts, word(x))
			}
		}
		row = g.put(row, name, strings.Join(parts, "|"))
	default:
		row = g.put(row, name, word(v))
	}
	return row
}

func word(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return clip(strings.ToValidUTF8(v, ""), MaxField)
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}

// readJSONLines reads one object a line (jsonlines.org), or a list of objects.
func readJSONLines(body []byte) (t Table, err error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if bytes.HasPrefix(body, []byte("[")) {
		if _, err := d.Token(); err != nil {
			return t, wrong("bad_json")
		}
	}
	g := gather{at: map[string]int{}}
	for d.More() {
		var v map[string]any
		if d.Decode(&v) != nil {
			return t, wrong("bad_record", "n", len(g.rows)+1)
		}
		if g.rows = append(g.rows, g.flat(nil, "", v, 0)); len(g.rows) > MaxRows {
			return t, wrong("too_many", "max", MaxRows)
		}
	}
	return g.table()
}

// readGeoJSON reads the points of a collection (RFC 7946): their properties are
// columns, beside id, lat and lon. What is no point keeps its row, without a
// position, and says in its column geometry what it is.
func readGeoJSON(body []byte) (t Table, err error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	var file struct {
		Features []struct {
			ID       any `json:"id"`
			Geometry *struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
			Properties map[string]any `json:"properties"`
		} `json:"features"`
	}
	if d.Decode(&file) != nil {
		return t, wrong("bad_json")
	}
	if len(file.Features) > MaxRows {
		return t, wrong("too_many", "max", MaxRows)
	}
	g := gather{at: map[string]int{}}
	for i, f := range file.Features {
		own := word(f.ID)
		if _, has := f.Properties["id"]; own == "" && !has {
			own = strconv.Itoa(i + 1)
		}
		row := g.flat(nil, "", f.Properties, 0)
		if own != "" {
			row = g.put(row, "id", own)
		}
		if f.Geometry != nil {
			row = g.put(row, "geometry", f.Geometry.Type)
			var at []float64
			if f.Geometry.Type == "Point" && json.Unmarshal(f.Geometry.Coordinates, &at) == nil && len(at) >= 2 {
				row = g.put(row, "lat", strconv.FormatFloat(at[1], 'f', -1, 64))
				row = g.put(row, "lon", strconv.FormatFloat(at[0], 'f', -1, 64))
			}
		}
		g.rows = append(g.rows, row)
	}
	return g.table()
}
