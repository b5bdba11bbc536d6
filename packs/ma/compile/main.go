// Command compile writes packs/ma/places/*.csv from the published census tables,
// and with -outlines the shapes of regions and provinces. The same input gives
// the same bytes.
//
//	go run ./packs/ma/compile ../shared/data
//	go run ./packs/ma/compile -outlines DIR ../shared/data
//
// DIR holds regions.json and provinces.json of the npm package morocco-map; see
// outlines/refresh.sh.
package main

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	out := flag.String("to", "packs/ma", "the pack to write")
	shapes := flag.String("outlines", "", "write the outlines from the TopoJSON files in this folder")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: compile [-to DIR] [-outlines DIR] DATA")
		os.Exit(2)
	}
	write := places
	if *shapes != "" {
		write = func(data, to string) error { return outlines(*shapes, data, to) }
	}
	if err := write(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

// header is the table every country pack has; the lang columns are named in
// country.yaml.
var header = []string{
	"code", "kind", "parent", "name_ar", "name_fr", "name_zgh", "lat", "lon", "population", "households",
	"lang_darija_pct", "lang_tachelhit_pct", "lang_tamazight_pct", "lang_tarifit_pct", "lang_hassania_pct", "illiteracy_pct",
}

// places writes one table per level.
func places(data, to string) error {
	src := map[string][]row{}
	for name, path := range map[string]string{
		"region": "admin/regions.csv", "province": "admin/provinces.csv", "commune": "admin/communes.csv",
		"douar": "douars/douars_hcp2024_epicentral.csv",
	} {
		rows, err := read(filepath.Join(data, path))
		if err != nil {
			return err
		}
		src[name] = rows
	}
	centres := weigh(src["commune"])
	for _, level := range []struct{ kind, parent, file string }{
		{"region", "", "regions.csv"}, {"province", "region_code", "provinces.csv"},
		{"commune", "province_code", "communes.csv"}, {"douar", "commune_code", "douars.csv"},
	} {
		table := [][]string{}
		for _, r := range src[level.kind] {
			line, err := compile(r, level.kind, level.parent, centres)
			if err != nil {
				return fmt.Errorf("%s: %w", level.file, err)
			}
			table = append(table, line)
		}
		slices.SortFunc(table, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		if err := save(filepath.Join(to, "places", level.file), table); err != nil {
			return err
		}
	}
	return nil
}

func compile(r row, kind, parent string, centres map[string]centre) ([]string, error) {
	if kind == "douar" {
		return []string{
			r.get("douar_code"), kind, r.get(parent), clean(r.get("name_ar")), clean(r.get("point_name_latin")), "",
			degrees(r.get("lat")), degrees(r.get("lon")), r.get("population_2024"), r.get("households_2024"), "", "", "", "", "", "",
		}, r.err
	}
	lat, lon := r.get("lat"), r.get("lon")
	if c, ok := centres[r.get("code")]; ok && kind != "commune" {
		lat, lon = c.at()
	}
	line := []string{
		r.get("code"), kind, r.get(parent), clean(r.get("name_ar")), clean(r.get("name_fr")), clean(r.get("name_zgh")),
		degrees(lat), degrees(lon), r.get("pop_legal_2024"), r.get("households_2024"),
	}
	for _, share := range []string{"lang_darija_pct", "lang_tachelhit_pct", "lang_tamazight_pct", "lang_tarifit_pct", "lang_hassania_pct", "illiteracy_10plus_pct"} {
		line = append(line, percent(r.get(share)))
	}
	return line, r.err
}

// centre is the mean of commune centres, each weighing as many people as live
// there: where the people of a province or region are, not its empty middle.
type centre struct{ lat, lon, people float64 }

func (c centre) at() (lat, lon string) {
	return strconv.FormatFloat(c.lat/c.people, 'f', -1, 64), strconv.FormatFloat(c.lon/c.people, 'f', -1, 64)
}

func weigh(communes []row) map[string]centre {
	all := map[string]centre{}
	for _, r := range communes {
		lat, lon, people := number(r.get("lat")), number(r.get("lon")), number(r.get("pop_legal_2024"))
		for _, of := range []string{r.get("province_code"), r.get("region_code")} {
			c := all[of]
			all[of] = centre{c.lat + lat*people, c.lon + lon*people, c.people + people}
		}
	}
	return all
}

// row is one line of a source table, read by column name.
type row struct {
	columns map[string]int
	fields  []string
	err     error
}

func (r *row) get(column string) string {
	if column == "" {
		return ""
	}
	i, ok := r.columns[column]
	if !ok {
		if !optional[column] {
			r.err = fmt.Errorf("no column %s", column)
		}
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

// optional columns are missing from some levels.
var optional = map[string]bool{"lat": true, "lon": true, "name_zgh": true}

func read(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	columns := map[string]int{}
	for i, name := range lines[0] {
		columns[strings.TrimPrefix(name, "\ufeff")] = i
	}
	rows := make([]row, 0, len(lines)-1)
	for _, fields := range lines[1:] {
		rows = append(rows, row{columns: columns, fields: fields})
	}
	return rows, nil
}

func save(path string, table [][]string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(header)
	w.WriteAll(table) // a bytes.Buffer does not fail
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// clean leaves single spaces, and writes the Moroccan gaf with the one of its
// two characters (U+06AD, not U+0763) that our font and old phones have.
func clean(name string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(name), " "), "ݣ", "ڭ")
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// degrees keeps five decimals, a metre; percent one, as the census publishes.
func degrees(s string) string { return round(s, 5) }
func percent(s string) string { return round(s, 1) }

func round(s string, decimals int) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return ""
	}
	t := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(t, "0"), ".")
}
