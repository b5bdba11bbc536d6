package works

import (
	"bytes"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// Rules are the measures of a country about clearing rubble, each with whose it is.
type Rules struct {
	Trapped      []TrappedRule
	Metres       int
	MetresSource string `yaml:"metres_source"`
	KeepDays     int    `yaml:"keep_days"`
	KeepSource   string `yaml:"keep_source"`
}

// TrappedRule says by which needs and which reasons of its priority a request
// of a service tells that people may be under rubble.
type TrappedRule struct {
	Service string
	Needs   []string
	Reasons []string
}

// ReadRules reads COUNTRY/works.yaml of the packs, strictly.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	name := country + "/works.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return r, fmt.Errorf("works: the pack %s does not say when rubble may be cleared: %w", country, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	ok := len(r.Trapped) > 0 && r.Metres > 0 && r.Metres <= 5000 && r.MetresSource != "" && r.KeepDays > 0 && r.KeepSource != ""
	for _, t := range r.Trapped {
		ok = ok && t.Service != "" && len(t.Needs)+len(t.Reasons) > 0
	}
	if !ok {
		return r, fmt.Errorf("%s: a measure is missing, makes no sense, or has no source", name)
	}
	return r, nil
}
