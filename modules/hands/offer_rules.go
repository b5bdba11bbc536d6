package hands

import (
	"bytes"
	"fmt"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"
)

// OfferRules are a country's measures about offers: in what time a giver is
// answered, when a pledge is reminded of, what answers which need. Each stands
// in the pack with its reason.
type OfferRules struct {
	Answer struct { // a giver hears whether it is needed
		Within offerSpan
		Source string
	}
	Remind struct { // before a pledge ends
		Before offerSpan
		Source string
	}
	Prolong struct { // what one press of the button adds
		By     offerSpan
		Source string
	}
	Keep struct { // what names a giver, after the end
		For    offerSpan
		Source string
	}
	Near struct { // what counts as near enough to be proposed
		Km     float64
		Source string
	}
	Goods []Serves // what good answers which need
	Mean  struct { // what other kinds answer
		Shelter, Transport string
		Source             string
	}
}

// Serves says which need a good answers, and how many people one unit is for.
type Serves struct {
	Good, Need string
	For        int
}

// offerSpan is a length of time, "24h".
type offerSpan time.Duration

func (s *offerSpan) UnmarshalYAML(n *yaml.Node) error {
	d, err := time.ParseDuration(n.Value)
	if err != nil || d <= 0 {
		return fmt.Errorf("line %d: %q is no length of time", n.Line, n.Value)
	}
	*s = offerSpan(d)
	return nil
}

// ReadOfferRules reads offers.yaml of a country's pack. A measure without its
// reason is an error.
func ReadOfferRules(files fs.FS, country string) (r OfferRules, err error) {
	name := country + "/offers.yaml"
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return r, err
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	for what, source := range map[string]string{"answer": r.Answer.Source, "remind": r.Remind.Source, "prolong": r.Prolong.Source,
		"keep": r.Keep.Source, "near": r.Near.Source, "mean": r.Mean.Source} {
		if source == "" {
			return r, fmt.Errorf("%s: %s does not say whose rule it is", name, what)
		}
	}
	seen := map[string]bool{}
	for _, g := range r.Goods {
		if g.Good == "" || g.Need == "" || g.For < 1 || seen[g.Good] {
			return r, fmt.Errorf("%s: %q says no need, nobody whom it is for, or is there twice", name, g.Good)
		}
		seen[g.Good] = true
	}
	if r.Answer.Within == 0 || r.Remind.Before == 0 || r.Prolong.By == 0 || r.Keep.For == 0 || r.Near.Km <= 0 || len(seen) == 0 {
		return r, fmt.Errorf("%s: a measure is missing", name)
	}
	return r, nil
}

// serves is what a good is for.
func (r OfferRules) serves(good string) (Serves, bool) {
	for _, g := range r.Goods {
		if g.Good == good {
			return g, true
		}
	}
	return Serves{}, false
}
