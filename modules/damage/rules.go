package damage

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/arabic"
)

// Rules are what a country says of maps of damage: how attributes become levels,
// how far a point speaks, how silence weighs. Each stands in the pack with its source.
type Rules struct {
	Mappings []Mapping
	Reach    struct {
		LeastKm float64 `yaml:"least_km"`
		MostKm  float64 `yaml:"most_km"`
		Marks   int
		Source  string
	}
	Weights struct {
		One    int `yaml:"1"`
		Two    int `yaml:"2"`
		Three  int `yaml:"3"`
		Four   int `yaml:"4"`
		Source string
	}
	Silence struct {
		Silent, Told, Gone int
		Source             string
	}
	Change struct {
		Cell   int
		Least  float64
		Noise  float64
		Source string
	}
	Reports struct {
		Together Span
		Photos   int
		Forget   Span
		Source   string
	}
}

// Mapping reads one attribute of a layer as a level, 0 to 4.
type Mapping struct {
	Code    string
	Kind    Kind
	Columns []string // in the order in which they are looked for, small letters
	Values  map[string]int
	Bands   []Band
	Source  string
}

// Band is the level from a number on.
type Band struct {
	From  float64
	Level int
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

// ReadRules reads COUNTRY/damage.yaml of the packs. A measure that is missing, or
// that nobody answers for, is an error.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	body, err := fs.ReadFile(packs, country+"/damage.yaml")
	if err != nil {
		return r, fmt.Errorf("damage: the pack %s does not say what maps of damage mean: %w", country, err)
	}
	d := yaml.NewDecoder(strings.NewReader(string(body)))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("damage: %s/damage.yaml: %w", country, err)
	}
	if wrong := r.wrong(); wrong != "" {
		return r, fmt.Errorf("damage: %s/damage.yaml: %s", country, wrong)
	}
	return r, nil
}

func (r *Rules) wrong() string {
	seen := map[string]bool{}
	for _, m := range r.Mappings {
		switch {
		case m.Code == "" || seen[m.Code]:
			return "a mapping needs a code of its own"
		case m.Source == "":
			return m.Code + " names no source"
		case !slices.Contains(Kinds, m.Kind):
			return m.Code + " is of no kind of layer"
		case len(m.Columns) == 0 || len(m.Values)+len(m.Bands) == 0:
			return m.Code + " reads nothing"
		}
		seen[m.Code] = true
		for _, l := range m.Values {
			if l < 0 || l > Worst {
				return m.Code + " has a level that there is not"
			}
		}
		if !slices.IsSortedFunc(m.Bands, func(a, b Band) int {
			if a.From < b.From && a.Level <= b.Level && b.Level <= Worst {
				return -1
			}
			return 1
		}) {
			return m.Code + ": its bands do not rise"
		}
	}
	switch {
	case r.Reach.Source == "" || r.Silence.Source == "" || r.Change.Source == "" || r.Reports.Source == "":
		return "a measure names no source"
	case r.Weights.Source == "" || r.Weights.One < 1 || r.Weights.Two < r.Weights.One || r.Weights.Three < r.Weights.Two || r.Weights.Four < r.Weights.Three || r.Weights.Four > 100:
		return "a worse level must weigh at least as much, and at most a hundred"
	case r.Reach.LeastKm <= 0 || r.Reach.MostKm < r.Reach.LeastKm || r.Reach.Marks < 1:
		return "reach measures nothing"
	case r.Silence.Gone < 1 || r.Silence.Told < r.Silence.Gone || r.Silence.Silent < r.Silence.Told:
		return "silence must weigh at least as much as an answer"
	case r.Change.Cell < 4 || r.Change.Least <= 0 || r.Change.Noise <= 0:
		return "change measures nothing"
	case r.Reports.Together <= 0 || r.Reports.Photos < 0 || r.Reports.Forget <= 0:
		return "reports measure nothing"
	}
	return ""
}

// weight is of how many people in a hundred a level speaks.
func (r *Rules) weight(level int) int {
	return [...]int{0, r.Weights.One, r.Weights.Two, r.Weights.Three, r.Weights.Four}[level]
}

// mapping is the one of that code, if it reads layers of that kind.
func (r *Rules) mapping(code string, k Kind) (Mapping, bool) {
	i := slices.IndexFunc(r.Mappings, func(m Mapping) bool { return m.Code == code && m.Kind == k })
	if i < 0 {
		return Mapping{}, false
	}
	return r.Mappings[i], true
}

// columns are all that some mapping reads: nothing else of a file is kept.
func (r *Rules) columns() map[string]bool {
	out := map[string]bool{}
	for _, m := range r.Mappings {
		for _, c := range m.Columns {
			out[c] = true
		}
	}
	return out
}

// level reads the attributes of a feature; false when the mapping knows none.
func (m *Mapping) level(props map[string]string) (level int, value string, ok bool) {
	for _, c := range m.Columns {
		v, has := props[c]
		if !has || v == "" {
			continue
		}
		if l, known := m.Values[strings.ToLower(v)]; known {
			return l, v, true
		}
		if len(m.Bands) == 0 {
			continue
		}
		x, err := strconv.ParseFloat(arabic.Digits(v), 64)
		if err != nil || x != x || x < -1e6 || x > 1e6 {
			continue
		}
		l := 0
		for _, b := range m.Bands {
			if x >= b.From {
				l = b.Level
			}
		}
		return l, v, true
	}
	return 0, "", false
}

// fits is the mapping of a kind that reads most of the features; the first of
// the pack among equals.
func (r *Rules) fits(k Kind, all []Feature) string {
	best, most := "", -1
	for i := range r.Mappings {
		m := &r.Mappings[i]
		if m.Kind != k {
			continue
		}
		n := 0
		for _, f := range all {
			if _, _, ok := m.level(f.Props); ok {
				n++
			}
		}
		if n > most {
			best, most = m.Code, n
		}
	}
	return best
}
