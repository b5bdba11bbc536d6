package field

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/fault"
)

// Means is what a country pack says of vehicles: what each kind takes, how
// fast and at what cost it goes by the state of the road, what needs a permit,
// and how what people say of a road is read. Each figure names its source.
type Means struct {
	Winding       float64     `yaml:"winding"` // a road by the straight line
	WindingSource string      `yaml:"winding_source"`
	Kinds         []MeansKind `yaml:"kinds"`
	Permits       []PermitRule
	Reports       ReportRule
	ForgetDays    int    `yaml:"forget_days"` // after the end of a mission; plates and drivers
	ForgetSource  string `yaml:"forget_source"`
}

// MeansKind is what a kind of vehicle usually does.
type MeansKind struct {
	Code    string
	Road    RoadClass
	Kg      int
	Litres  int
	Seats   int
	Kmh     map[RoadState]float64
	Ready   int // minutes until it can leave
	Cost    int // of a kilometre, in whole units of the country's money
	RangeKm int `yaml:"range_km"` // there and back; 0 is as far as one likes
	Source  string
}

// PermitRule is something that needs a permit, and by which text.
type PermitRule struct {
	Code   string
	Kinds  []string
	FromKg int `yaml:"from_kg"`
	Days   int // before the journey, by which it is to be asked for
	Names  map[string]string
	Source string
}

// ReportRule reads a report of people as a state of a road: by which service
// they report, which question says who passes, and what its answers mean.
type ReportRule struct {
	Service, Question string
	States            map[string]RoadState
}

// ReadMeans reads COUNTRY/means.yaml of the packs, strictly.
func ReadMeans(packs fs.FS, country string) (*Means, error) {
	name := country + "/means.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return nil, fmt.Errorf("field: the pack %s does not say by what help travels: %w", country, err)
	}
	m := &Means{}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if what := m.wrong(); what != "" {
		return nil, fmt.Errorf("%s: %s", name, what)
	}
	return m, nil
}

// wrong is the first thing that makes no sense.
func (m *Means) wrong() string {
	if m.Winding < 1 || m.WindingSource == "" || m.ForgetDays < 1 || m.ForgetSource == "" {
		return "winding or forget_days is missing, makes no sense, or has no source"
	}
	seen := map[string]bool{}
	for _, k := range m.Kinds {
		if !slices.Contains(Kinds, k.Code) || seen[k.Code] {
			return fmt.Sprintf("kinds: %q is none of %v, or there twice", k.Code, Kinds)
		}
		seen[k.Code] = true
		v := Vehicle{Kind: k.Code, Road: k.Road, Kg: k.Kg, Litres: k.Litres, Seats: k.Seats}
		if len(v.wrong("", "")) > 0 || k.Ready < 0 || k.Cost < 0 || k.RangeKm < 0 || k.Source == "" {
			return fmt.Sprintf("kinds: a figure of %s makes no sense, or has no source", k.Code)
		}
		for _, s := range RoadStates {
			if (k.Road.passes(s) != GetsNot) != (k.Kmh[s] > 0) {
				return fmt.Sprintf("kinds: how fast %s goes where the road is %s does not fit its class %s", k.Code, s, k.Road)
			}
		}
	}
	for _, p := range m.Permits {
		unknown := slices.ContainsFunc(p.Kinds, func(k string) bool { return !slices.Contains(Kinds, k) })
		if p.Code == "" || p.Source == "" || unknown || p.FromKg < 0 || len(p.Names) < 4 {
			return fmt.Sprintf("permits: %q needs a code, known kinds, its name in four languages and its source", p.Code)
		}
	}
	for answer, s := range m.Reports.States {
		if !slices.Contains(RoadStates, s) {
			return fmt.Sprintf("reports: %s means %q, which is none of %v", answer, s, RoadStates)
		}
	}
	return ""
}

// Kind is what a kind of vehicle usually does.
func (m *Means) Kind(code string) (MeansKind, bool) {
	if i := slices.IndexFunc(m.Kinds, func(k MeansKind) bool { return k.Code == code }); i >= 0 {
		return m.Kinds[i], true
	}
	return MeansKind{}, false
}

// UseMeans says what the country pack knows of vehicles. Without, none is
// proposed and nothing needs a permit.
func (s *Service) UseMeans(m *Means) { s.means = m }

// Errand is what has to get somewhere.
type Errand struct {
	Burden
	Level int // 1 most urgent … 4
	Km    float64
	HasKm bool // as the crow flies, from where the vehicles stand
	Road  RoadState
}

// Mean is one way to do an errand.
type Mean struct {
	Kind       string
	Road       RoadClass
	Kg, Litres int
	Have       bool // it is on the mission, or somebody lends it
	Offer      string
	Reach      Reach
	Far        bool // further than it goes
	Trips      int
	Takes      time.Duration // until the last of it is there; 0 when the distance is not known
	Cost       int           // in whole units of the country's money; 0 likewise
	Why        []Reason
}

// Reason is a sentence by its key, with what it speaks of in pairs.
type Reason struct {
	Key  string
	Args []any
}

// Rank orders the ways to do an errand, the best first, each with its reasons:
// those that get there before those that might and those that do not; those at
// hand before those that somebody would have to find; then the fastest when
// lives hang on it (levels 1 and 2), otherwise the cheapest. It proposes; a
// person decides.
func (m *Means) Rank(e Errand, have []Mean) []Mean {
	out := slices.Clone(have)
	for _, k := range m.Kinds {
		if !slices.ContainsFunc(have, func(h Mean) bool { return h.Kind == k.Code }) {
			out = append(out, Mean{Kind: k.Code, Road: k.Road, Kg: k.Kg, Litres: k.Litres})
		}
	}
	for i := range out {
		m.reckon(e, &out[i])
	}
	slices.SortStableFunc(out, func(a, b Mean) int { return better(e, a, b) })
	return out
}

// reckon works out what a way would take, and says why it stands where it does.
func (m *Means) reckon(e Errand, x *Mean) {
	k, _ := m.Kind(x.Kind)
	x.Reach = x.Road.passes(e.Road)
	x.Trips = max(1, int(max(trips(e.Grams, x.Kg), trips(e.Millilitres, x.Litres))))
	speed := k.Kmh[e.Road]
	if e.Road == "" {
		speed = k.Kmh[RoadOpen]
	}
	km := e.Km
	if x.Road != Air {
		km *= m.Winding
	}
	x.Far = e.HasKm && k.RangeKm > 0 && 2*km > float64(k.RangeKm)
	if e.HasKm && speed > 0 && x.Reach != GetsNot {
		hours := float64(2*x.Trips-1) * km / speed
		x.Takes = (time.Duration(k.Ready)*time.Minute + time.Duration(hours*float64(time.Hour))).Round(time.Minute)
		x.Cost = int(float64(2*x.Trips)*km) * k.Cost
	}
	x.Why = x.why(e, k)
}

// trips is how often somebody goes, for thousandths of what one journey takes.
func trips(thousandths int64, each int) int64 {
	if each < 1 {
		return 1
	}
	one := int64(each) * 1000
	return (thousandths + one - 1) / one
}

func (x *Mean) why(e Errand, k MeansKind) (out []Reason) {
	say := func(key string, args ...any) { out = append(out, Reason{"field.means.why_" + key, args}) }
	switch {
	case x.Reach == GetsNot:
		say("stopped")
	case x.Reach == Around:
		say("around")
	case x.Road == Air:
		say("air")
	case e.Road == "":
		say("unknown")
	default:
		say("passes")
	}
	if x.Far {
		say("far", "km", k.RangeKm)
	}
	switch {
	case x.Offer != "":
		say("offered")
	case x.Have:
		say("declared")
	default:
		say("nobody")
	}
	if x.Trips > 1 {
		say("trips", "n", x.Trips)
	}
	if !e.HasKm {
		say("distance")
	}
	return out
}

func better(e Errand, a, b Mean) int {
	far := func(x Mean) int {
		if x.Far {
			return int(GetsNot)
		}
		return int(x.Reach)
	}
	hand := func(x Mean) int {
		if x.Have {
			return 0
		}
		return 1
	}
	for _, by := range []func(Mean) int{far, hand} {
		if d := by(a) - by(b); d != 0 {
			return d
		}
	}
	fast, cheap := int(a.Takes-b.Takes), a.Cost-b.Cost
	if e.Level > 2 && cheap != 0 {
		return cheap
	}
	if fast != 0 {
		return fast
	}
	return a.Trips - b.Trips
}

// errNoMeans is for a country of which nobody has said by what help travels.
func errNoMeans() error { return fault.New(fault.Missing, "field.means.none") }
