package linkage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/shared/places"
)

// Model compares reports by the weights of one country. It does not change after
// Load and may be used by many at once.
type Model struct {
	file                           file
	print                          int64
	bits                           map[string]map[string]float64 // log2(m/u) by thing and level
	heardWords, heardNames         memory
	names                          lexicon
	words                          lexicon
	whole                          []string            // what somebody says who speaks for a whole place, as keys
	places                         map[string][]*token // what a place is called: it tells no people in it apart
	paths                          map[string][]string // and what it lies in, where a report does not say
	titles                         map[string]bool     // sidi, haj, madame
	short                          map[string]string   // med is Mohamed
	homes, after, fillers, hamlets map[string]bool
	villages                       map[string][]village // what a douar is called, each name as its words
	joined                         map[string]bool      // ait, ben, abd: one name with what follows
}

// odds are how often a level is seen between two reports of one need (m), and
// between two of others (u): the m and u probabilities of Fellegi and Sunter.
type odds struct {
	M, U float64
	Why  string
}

// file is linkage.yaml.
type file struct {
	Version int
	Bands   struct {
		VeryLikely float64 `yaml:"very_likely"` // the least probability
		Likely     float64
		Telling    float64 // bits that something which tells people apart must bring, or it is never very likely
		Why        string
	}
	Who, What struct {
		Prior float64 // how often two reports are of one people, before anything is known; of one need of theirs
		Why   string
	}
	Levels map[string]map[string]odds
	Names  struct {
		Given, Family float64              // bits of a name that is not listed: how rare it is
		Local         float64              // share of them that a family's name keeps within one place, where many bear it
		Wider         float64              // and where the place may be another of that name
		Common        map[float64][]string // bits of given names that many bear, and of family names
		Clans         map[float64][]string
		Titles        []string
		Joined        []string
		Homes         []string          // words beside which a family or its head is named: house, family
		After         []string          // those of them that stand after it: the Amrani family
		Short         map[string]string // names that are often cut short
		Fillers       []string          // and what may stand between
		Why           string
	}
	Words struct {
		Rare     float64              // bits of a word that is not listed
		Most     float64              // bits that words may bring in all
		Common   map[float64][]string // words that many write
		Whole    []string             // words of somebody who speaks for a whole place
		Villages []string             // words beside which a village is named
		Why      string
	}
}

// levels are what can be compared, each from what speaks most for one need to
// what speaks most against it. Load refuses weights that are in another order:
// more agreement would lower the probability.
var levels = map[string][]string{
	"phone":  {"same", "other"},
	"photo":  {"same", "alike"},
	"where":  {"door", "spot", "place", "named", "said", "near", "called", "commune", "apart", "other", "far"},
	"name":   {"same", "part", "family", "other", "house"},
	"people": {"same", "close", "other"},
	"words":  {"copy", "most", "some"},
	"whole":  {"both", "one"},
	"needs":  {"all", "same", "trapped", "most", "some", "other"},
	"rescue": {"both", "one"},
	"ago":    {"hour", "day", "days", "week", "month", "longer"},
}

// Load reads the weights and thresholds of a country pack, <country>/linkage.yaml,
// and what its places are called.
func Load(fsys fs.FS, country string) (*Model, error) {
	g, err := places.Load(fsys, country)
	if err != nil {
		return nil, err
	}
	return LoadFor(fsys, country, g)
}

// LoadFor is Load for whoever has the places of the country already.
func LoadFor(fsys fs.FS, country string, g *places.Gazetteer) (*Model, error) {
	name := country + "/linkage.yaml"
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&m.file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := m.weigh(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := m.learn(fsys, country, raw); err != nil {
		return nil, err
	}
	m.know(g)
	return m, nil
}

// weigh makes bits of odds, and names everything that is wrong with them.
func (m *Model) weigh() error {
	var bad []error
	wrong := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	m.bits = map[string]map[string]float64{}
	for thing, order := range levels {
		m.bits[thing] = map[string]float64{}
		last := math.Inf(1)
		for _, level := range order {
			o, ok := m.file.Levels[thing][level]
			if !ok || !(o.M > 0 && o.M <= 1 && o.U > 0 && o.U <= 1) || o.Why == "" {
				wrong("%s.%s wants m and u between 0 and 1, and why", thing, level)
				continue
			}
			b := math.Log2(o.M / o.U)
			if b > last {
				wrong("%s.%s speaks more for one need than the level before it", thing, level)
			}
			m.bits[thing][level], last = b, b
		}
		if extra := len(m.file.Levels[thing]) - len(order); extra > 0 {
			wrong("%s has %d levels that nothing reads", thing, extra)
		}
	}
	if extra := len(m.file.Levels) - len(levels); extra > 0 {
		wrong("%d things are weighed that nothing compares", extra)
	}
	f := &m.file
	for what, p := range map[string]float64{"who.prior": f.Who.Prior, "what.prior": f.What.Prior, "bands.likely": f.Bands.Likely, "bands.very_likely": f.Bands.VeryLikely,
		"names.local": f.Names.Local, "names.wider": f.Names.Wider} {
		if !(p > 0 && p < 1) {
			wrong("%s is a share between 0 and 1", what)
		}
	}
	for what, b := range map[string]float64{"names.given": f.Names.Given, "names.family": f.Names.Family, "words.rare": f.Words.Rare, "words.most": f.Words.Most, "bands.telling": f.Bands.Telling} {
		if !(b > 0 && b <= 20) {
			wrong("%s is between 0 and 20 bits", what)
		}
	}
	if f.Bands.VeryLikely <= f.Bands.Likely {
		wrong("very likely is more than likely")
	}
	if len(bad) == 0 && share(logit(f.Who.Prior)+m.bits["where"]["place"]) >= f.Bands.Likely {
		wrong("the same place alone would be likely")
	}
	return errors.Join(bad...)
}

// logit is a share as bits for against.
func logit(p float64) float64 { return math.Log2(p / (1 - p)) }

// share is bits as a probability.
func share(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }
