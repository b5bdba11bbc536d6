package places

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/platform/i18n"
)

// Owner is the office of the State that answers in the last resort for what
// people need in a place, whoever serves them (T12).
type Owner struct {
	Place   string   // code of the place that it is called after; "" is the country's
	Also    []string // other places that it answers for: the region of a wali
	Service string   // "" is every service without an office of its own
	Domains []string // what it is good at, as organisations say it
	Names   Names    // "ar", "fr", and "zgh" where somebody wrote it
}

// Key names the office among those of its country.
func (o Owner) Key() string { return o.Place + "|" + o.Service }

// Owners is who answers for the State in a country, and when they are asked to:
// <country>/owners.yaml and owners.csv.
type Owners struct {
	Law  Names                    // on what it rests, for people to read
	late [urgencies]time.Duration // by level, 1 first
	all  []*Owner
	of   map[string]*Owner // place and service
}

const urgencies = 4

// Late is by how long a deadline may be missed, at a level from 1 to 4, before a
// request is put before its owner of last resort. Any other level is the least
// urgent.
func (o *Owners) Late(level int) time.Duration {
	if level < 1 || level > urgencies {
		level = urgencies
	}
	return o.late[level-1]
}

// All is every office, as the pack lists them.
func (o *Owners) All() (out []Owner) {
	for _, x := range o.all {
		out = append(out, *x)
	}
	return out
}

// Speak adds the words of the pack to those of the house.
func (o *Owners) Speak(c *i18n.Catalogue, drafts []string) error {
	if o == nil {
		return nil
	}
	for _, l := range i18n.Langs() {
		if err := c.AddText(l, "places.owners.law", o.Law[string(l)], slices.Contains(drafts, string(l)), false); err != nil {
			return fmt.Errorf("owners: %w", err)
		}
	}
	return nil
}

// Owners is who answers for the State; nil for a pack that says nothing.
func (g *Gazetteer) Owners() *Owners { return g.owners }

// Owner is who answers in the last resort for a service at a place: the nearest
// office on the way up from the place that has this service, and where none has,
// the nearest of all. A place that nobody knows, or "", is the country's.
func (g *Gazetteer) Owner(place, service string) (o Owner, ok bool) {
	if g.owners == nil {
		return o, false
	}
	for _, service := range []string{service, ""} {
		for p := g.byCode[place]; p != nil; p = g.byCode[p.Parent] {
			if x := g.owners.of[p.Code+"|"+service]; x != nil {
				return *x, true
			}
		}
		if x := g.owners.of["|"+service]; x != nil {
			return *x, true
		}
	}
	return o, false
}

// readOwners reads who answers; nil where the pack has no such file, which the
// house does not start with.
func readOwners(fsys fs.FS, country string, c Country, known map[string]*Place, bad *problems) *Owners {
	file := country + "/owners.yaml"
	raw, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	o := &Owners{of: map[string]*Owner{}}
	var said struct {
		Law    Names             `yaml:"law"`
		Late   map[string]string `yaml:"late"`
		Source string            `yaml:"source"`
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err == nil {
		err = d.Decode(&said)
	}
	if err != nil {
		yamlProblems(file, err, bad)
		return o
	}
	o.Law = said.Law
	c.named(func(what string, _ ...any) { bad.add(file, 0, "law: %s", what) }, said.Law)
	if strings.TrimSpace(said.Source) == "" {
		bad.add(file, 0, "source: whose delays are these?")
	}
	for i := range o.late {
		if o.late[i], err = time.ParseDuration(said.Late[strconv.Itoa(i+1)]); err != nil || o.late[i] <= 0 || i > 0 && o.late[i] < o.late[i-1] {
			bad.add(file, 0, "late: level %d needs a time such as 4h, not shorter than the level before", i+1)
		}
	}
	o.readRows(fsys, country+"/owners.csv", known, bad)
	return o
}

var ownerColumns = []string{"place", "also", "service", "domains", "name_ar", "name_fr", "name_zgh"}

func (o *Owners) readRows(fsys fs.FS, file string, known map[string]*Place, bad *problems) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		bad.add(file, 0, "%v", err)
		return
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = len(ownerColumns)
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 || !slices.Equal(rows[0], ownerColumns) {
		bad.add(file, 1, "the columns are %s (%v)", strings.Join(ownerColumns, ","), err)
		return
	}
	for i, row := range rows[1:] {
		x := &Owner{Place: row[0], Also: list(row[1]), Service: row[2], Domains: list(row[3]), Names: Names{"ar": row[4], "fr": row[5], "zgh": row[6]}}
		if row[4] == "" || row[5] == "" {
			bad.add(file, i+2, "an office needs its name in Arabic and in French")
		}
		o.all = append(o.all, x)
		for _, place := range append([]string{x.Place}, x.Also...) {
			key := place + "|" + x.Service
			if _, ok := known[place]; place != "" && !ok {
				bad.add(file, i+2, "%q is no place of this country", place)
			}
			if o.of[key] != nil {
				bad.add(file, i+2, "two offices answer for %q and the service %q", place, x.Service)
			}
			o.of[key] = x
		}
	}
	if o.of["|"] == nil {
		bad.add(file, 0, "nobody answers for what has no place: a row without place and service is missing")
	}
	for _, p := range known {
		if p.Kind == Province && o.of[p.Code+"|"] == nil {
			bad.add(file, 0, "nobody answers for the province %s", p.Code)
		}
	}
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

// Missing says what the house cannot start without.
func (g *Gazetteer) Missing() error {
	if g.owners == nil {
		return fmt.Errorf("the pack of %s does not say who answers in the last resort: owners.yaml and owners.csv", g.country.Code)
	}
	if k := g.country.Keep; k.Concerns.Days == 0 || k.Imports.Days == 0 || k.FailedRows.Days == 0 {
		return fmt.Errorf("the pack of %s does not say how long concerns, files and failed rows are kept: country.yaml, keep", g.country.Code)
	}
	return nil
}
