package hands

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Rules are the measures of a country about volunteers: who is of age, how long
// somebody who was not taken is kept. Each stands in the pack with its source.
type Rules struct {
	Age struct {
		Adult, Least int // years
		Source       string
	}
	Forget struct {
		TurnedDown Span `yaml:"turned_down"`
		Unanswered Span
		Source     string
	}
	Remind struct {
		Before Span
		Source string
	}
	CheckIn struct {
		Early  Span // how long before a shift somebody may say that they are there
		Source string
	} `yaml:"check_in"`
	Near struct {
		First, Wide int // km
		Source      string
	}
}

// Span is a length of time as a pack writes it: 18h, 90d.
type Span time.Duration

// UnmarshalYAML reads a length of time.
func (s *Span) UnmarshalYAML(n *yaml.Node) error {
	if days, ok := strings.CutSuffix(n.Value, "d"); ok {
		k, err := strconv.Atoi(days)
		*s = Span(time.Duration(k) * 24 * time.Hour)
		return err
	}
	d, err := time.ParseDuration(n.Value)
	*s = Span(d)
	return err
}

// ReadRules reads COUNTRY/hands.yaml of the packs. A measure that is missing, or
// that nobody answers for, is an error.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	body, err := fs.ReadFile(packs, country+"/hands.yaml")
	if err != nil {
		return r, fmt.Errorf("hands: the pack %s does not say who may volunteer: %w", country, err)
	}
	if err = yaml.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("%s/hands.yaml: %w", country, err)
	}
	for what, source := range map[string]string{"age": r.Age.Source, "forget": r.Forget.Source, "remind": r.Remind.Source, "check_in": r.CheckIn.Source, "near": r.Near.Source} {
		if source == "" {
			return r, fmt.Errorf("%s/hands.yaml: %s does not say whose rule it is", country, what)
		}
	}
	if r.Age.Least < 1 || r.Age.Adult < r.Age.Least || r.Forget.TurnedDown <= 0 || r.Forget.Unanswered <= 0 || r.Remind.Before <= 0 || r.CheckIn.Early <= 0 || r.Near.First < 1 || r.Near.Wide < r.Near.First {
		return r, fmt.Errorf("%s/hands.yaml: a measure is missing or makes no sense", country)
	}
	return r, nil
}
