package places

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Load reads the pack of a country: <country>/country.yaml, <country>/places/*.csv
// and, where there are any, <country>/outlines/{regions,provinces}.json and
// <country>/owners.{yaml,csv}. The error
// is every Problem at once, each with its file and line.
func Load(fsys fs.FS, country string) (*Gazetteer, error) {
	var bad problems
	c, ok := readCountry(fsys, country+"/country.yaml", country, &bad)
	if !ok {
		return nil, errors.Join(bad...) // the tables lean on it
	}
	tables, err := fs.Glob(fsys, country+"/places/*.csv")
	if err != nil || len(tables) == 0 {
		bad.add(country+"/places", 0, "no table of places")
	}
	var lines []origin
	for _, file := range tables {
		lines = append(lines, readTable(fsys, file, c, &bad)...)
	}
	all := check(lines, &bad)
	outlines := map[string][]Outline{}
	for kind, file := range map[string]string{Region: "regions", Province: "provinces"} {
		outlines[kind] = readOutlines(fsys, country+"/outlines/"+file+".json", kind, all, &bad)
	}
	owners := readOwners(fsys, country, c, all, &bad)
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	g := build(c, lines, outlines)
	g.owners = owners
	return g, nil
}

// origin is a place and the line that says so.
type origin struct {
	*Place
	file   string
	line   int
	coords int // how many of lat and lon are there
}

func readTable(fsys fs.FS, file string, c Country, bad *problems) []origin {
	f, err := fsys.Open(file)
	if err != nil {
		bad.add(file, 0, "%v", err)
		return nil
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		bad.add(file, 1, "no header: %v", err)
		return nil
	}
	head = slices.Clone(head)
	set := setters(head, file, c, bad)
	var out []origin
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			n := 0
			if broken, ok := errors.AsType[*csv.ParseError](err); ok {
				n, err = broken.Line, broken.Err
			}
			bad.add(file, n, "%v", err)
			return out
		}
		at, _ := r.FieldPos(0)
		o := origin{Place: &Place{Names: map[string]string{}}, file: file, line: at}
		for i, text := range fields {
			if set[i] == nil {
				continue
			}
			if err := set[i](&o, strings.TrimSpace(text)); err != nil {
				bad.add(file, at, "%s: %v", head[i], err)
			}
		}
		o.HasPoint = o.coords == 2
		out = append(out, o)
	}
}

type setter func(*origin, string) error

// setters is what each column of a table does to a place. Columns may come in
// any order; an unknown one is a mistake.
func setters(head []string, file string, c Country, bad *problems) []setter {
	out := make([]setter, len(head))
	seen := map[string]bool{}
	for i, name := range head {
		name = strings.TrimPrefix(name, "\ufeff")
		if seen[name] {
			bad.add(file, 1, "column %s comes twice", name)
		}
		seen[name] = true
		if out[i] = column(name, c); out[i] == nil {
			bad.add(file, 1, "unknown column %s", name)
		}
	}
	for _, name := range []string{"code", "kind", "parent"} {
		if !seen[name] {
			bad.add(file, 1, "no column %s", name)
		}
	}
	if seen["lat"] != seen["lon"] {
		bad.add(file, 1, "lat and lon go together")
	}
	return out
}

var plainColumns = map[string]setter{
	"code":           func(o *origin, s string) error { o.Code = s; return nil },
	"kind":           func(o *origin, s string) error { o.Kind = s; return nil },
	"parent":         func(o *origin, s string) error { o.Parent = s; return nil },
	"lat":            func(o *origin, s string) error { return coordinate(o, &o.At.Lat, s) },
	"lon":            func(o *origin, s string) error { return coordinate(o, &o.At.Lon, s) },
	"population":     func(o *origin, s string) error { return count(&o.Population, s) },
	"households":     func(o *origin, s string) error { return count(&o.Households, s) },
	"illiteracy_pct": func(o *origin, s string) error { return share(&o.Illiteracy, s) },
}

// column is the setter of a named column: name_<language>, lang_<census>_pct, or
// a plain one; nil when there is no such thing.
func column(name string, c Country) setter {
	if set := plainColumns[name]; set != nil {
		return set
	}
	if lang, ok := strings.CutPrefix(name, "name_"); ok && lang != "" {
		return func(o *origin, s string) error {
			if s != "" {
				o.Names[lang] = s
			}
			return nil
		}
	}
	census, ok := strings.CutPrefix(name, "lang_")
	census, pct := strings.CutSuffix(census, "_pct")
	for _, spoken := range c.Spoken {
		if ok && pct && census != "" && spoken.Census == census {
			return func(o *origin, s string) error { return language(o.Place, spoken.Code, s) }
		}
	}
	return nil
}

func coordinate(o *origin, to *float64, s string) error {
	if s == "" {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("%q is not degrees", s)
	}
	*to = v
	o.coords++
	return nil
}

func count(to *int, s string) error {
	if s == "" {
		return nil
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a whole number", s)
	}
	*to = v
	return nil
}

func share(to *float64, s string) error {
	if s == "" {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return fmt.Errorf("%q is not a share of 0 to 100", s)
	}
	*to = v
	return nil
}

func language(p *Place, code, s string) error {
	if s == "" {
		return nil
	}
	var v float64
	if err := share(&v, s); err != nil {
		return err
	}
	if p.Langs == nil {
		p.Langs = map[string]float64{}
	}
	p.Langs[code] = v
	return nil
}

// check looks at places together: codes once, parents there and one level wider.
func check(lines []origin, bad *problems) map[string]*Place {
	all := make(map[string]*Place, len(lines))
	for _, o := range lines {
		if o.Code == "" {
			bad.add(o.file, o.line, "no code")
		} else if all[o.Code] != nil {
			bad.add(o.file, o.line, "code %s comes twice", o.Code)
		}
		all[o.Code] = o.Place
	}
	for _, o := range lines {
		level := slices.Index(kinds, o.Kind)
		parent := all[o.Parent]
		switch {
		case level < 0:
			bad.add(o.file, o.line, "kind %q is none of %s", o.Kind, strings.Join(kinds, ", "))
		case level == 0 && o.Parent != "":
			bad.add(o.file, o.line, "a region lies in no other place")
		case level > 0 && parent == nil:
			bad.add(o.file, o.line, "parent %q is not in this pack", o.Parent)
		case level > 0 && parent.Kind != kinds[level-1]:
			bad.add(o.file, o.line, "a %s lies in a %s, and %s is a %s", o.Kind, kinds[level-1], o.Parent, parent.Kind)
		}
		if len(o.Names) == 0 {
			bad.add(o.file, o.line, "no name in any language")
		}
		if o.coords == 1 || !o.At.Valid() {
			bad.add(o.file, o.line, "lat and lon go together and are on the globe")
		}
	}
	return all
}
