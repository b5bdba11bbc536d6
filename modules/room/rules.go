package room

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Rules are what a country says of the room. Each stands in the pack with its source.
type Rules struct {
	Notes struct {
		Forget Span // after which a note of a shift goes, signed or not
		Source string
	}
}

// Span is a length of time as a pack writes it: 18h, 30d.
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

// ReadRules reads COUNTRY/room.yaml of the packs. A measure that is missing, or
// that nobody answers for, is an error.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	body, err := fs.ReadFile(packs, country+"/room.yaml")
	if err != nil {
		return r, fmt.Errorf("room: the pack %s does not say how long notes of shifts are kept: %w", country, err)
	}
	d := yaml.NewDecoder(strings.NewReader(string(body)))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s/room.yaml: %w", country, err)
	}
	switch {
	case r.Notes.Source == "":
		return r, fmt.Errorf("%s/room.yaml: notes do not say whose rule it is", country)
	case time.Duration(r.Notes.Forget) < 24*time.Hour:
		return r, fmt.Errorf("%s/room.yaml: a note that goes within the day is read by nobody", country)
	}
	return r, nil
}
