package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
)

// Rules are what a country knows of the words in which people offer things, and
// which service a chat asks for (intake.yaml of its pack).
type Rules struct {
	Service string   `yaml:"service"` // what a chat asks for, unless its reader says another
	Offers  []string `yaml:"offers"`  // "we have … to give"
	Asides  []string `yaml:"asides"`  // words of a place's sentence that are no part of its name
	offers  []string
	asides  map[string]bool
}

// ReadRules reads them; a country without any proposes no offers.
func ReadRules(files fs.FS, country string) (r Rules, err error) {
	name := country + "/intake.yaml"
	body, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	for _, s := range r.Offers {
		if k := arabic.Key(s); k != "" {
			r.offers = append(r.offers, " "+k+" ")
		}
	}
	r.asides = map[string]bool{}
	for _, s := range r.Asides {
		r.asides[arabic.Key(s)] = true
	}
	return r, nil
}

// offer is whether a text offers something.
func (r Rules) offer(text string) bool {
	k := " " + strings.Join(strings.Fields(arabic.Key(text)), " ") + " "
	return slices.ContainsFunc(r.offers, func(o string) bool { return strings.Contains(k, o) })
}
