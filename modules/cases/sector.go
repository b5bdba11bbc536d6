package cases

import (
	"bytes"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/platform/i18n"
)

// Sector is a field of the State's work: health, roads, water. Every part of a
// need has one, which answers for it whoever carries it out (T12).
type Sector struct {
	Code    string               `yaml:"code"`
	Domains []string             `yaml:"domains"` // of the organisations that belong to it
	Names   map[i18n.Lang]string `yaml:"names"`
}

// Sectors is the closed list of a pack, in the order in which people read it.
type Sectors struct {
	all    []Sector
	drafts []i18n.Lang
}

var sectorCode = regexp.MustCompile(`^[a-z][a-z_]{1,30}$`)

// LoadSectors reads sectors.yaml of a folder of packs. A code twice, or a name
// that a language lacks, is an error.
func LoadSectors(files fs.FS) (*Sectors, error) {
	const name = "sectors.yaml"
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var said struct {
		Drafts  []i18n.Lang `yaml:"draft_languages"`
		Sectors []Sector    `yaml:"sectors"`
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&said); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Sectors{drafts: said.Drafts}
	for _, x := range said.Sectors {
		if !sectorCode.MatchString(x.Code) || s.Has(x.Code) {
			return nil, fmt.Errorf("%s: the code %q cannot be one, or is there twice", name, x.Code)
		}
		for _, l := range i18n.Langs() {
			if x.Names[l] == "" {
				return nil, fmt.Errorf("%s: %s has no name in %s", name, x.Code, l)
			}
		}
		s.all = append(s.all, x)
	}
	if len(s.all) == 0 {
		return nil, fmt.Errorf("%s: there is no sector", name)
	}
	return s, nil
}

// Has tells whether there is such a sector. No list has none.
func (s *Sectors) Has(code string) bool {
	return s != nil && slices.ContainsFunc(s.all, func(x Sector) bool { return x.Code == code })
}

// Codes is every sector, in order.
func (s *Sectors) Codes() (out []string) {
	if s != nil {
		for _, x := range s.all {
			out = append(out, x.Code)
		}
	}
	return out
}

// Of is the sectors that an organisation of those domains belongs to.
func (s *Sectors) Of(domains []string) (out []string) {
	if s != nil {
		for _, x := range s.all {
			if slices.ContainsFunc(x.Domains, func(d string) bool { return slices.Contains(domains, d) }) {
				out = append(out, x.Code)
			}
		}
	}
	return out
}

// Speak adds the names of the sectors to the words of the house.
func (s *Sectors) Speak(c *i18n.Catalogue) error {
	for _, x := range s.all {
		for _, l := range i18n.Langs() {
			if err := c.AddText(l, sectorKey(x.Code), x.Names[l], slices.Contains(s.drafts, l), false); err != nil {
				return fmt.Errorf("sectors: %w", err)
			}
		}
	}
	return nil
}

func sectorKey(code string) string { return "cases.sector." + code }
