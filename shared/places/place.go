// Package places knows where people are: regions, provinces, communes and douars
// of one country, in every spelling the country uses. It finds a place from what
// somebody wrote or from where their phone stands, and it never guesses silently:
// it proposes, with a score and a reason, and homonyms all come back.
//
// A Gazetteer is read once from a country pack (data, no code), does not change
// afterwards, and may be used by many at once.
package places

import (
	"embed"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// Files holds this package's words: the kinds of places and the reasons of a match.
//
//go:embed locale/*.json
var Files embed.FS

// The levels of places, widest first. A pack names them in its own languages.
const (
	Region   = "region"
	Province = "province"
	Commune  = "commune"
	Douar    = "douar"
)

var kinds = []string{Region, Province, Commune, Douar}

// Place is a region, province, commune or douar. Places are shared: read, never
// write.
type Place struct {
	Code   string // as the statistics office writes it: "07.041.07.11"
	Kind   string
	Parent string            // code of the place it lies in; "" for a region
	Names  map[string]string // by language: ar, fr, zgh …; at least one

	At       geo.Point // only when HasPoint; see Gazetteer.Point for the rest
	HasPoint bool

	Population int // of the last census
	Households int
	// Langs is how many per cent of people speak each language (ary, shi, tzm,
	// rif, has in Morocco); people speak several, so it sums to more than 100.
	// Empty where the census publishes nothing.
	Langs      map[string]float64
	Illiteracy float64 // per cent of people of ten and more; 0 where not published

	n     int32     // its number in its gazetteer
	level int8      // how fine its kind is: see kinds
	up    [4]*Place // what it lies in by level, itself included
	spelt [2]bool   // whether a name of it is written in Latin letters, and in others
	prior float64   // how much likelier than others of its name it is meant
}

// scriptOf is the script of a key, as Place.spelt counts them.
func scriptOf(key string) int {
	if key == "" || key[0] < 0x80 {
		return 0
	}
	return 1
}

// levelOf is how fine a kind is, from 0.
func levelOf(kind string) int { return slices.Index(kinds, kind) }

// in is whether p is o or lies in it.
func (p *Place) in(o *Place) bool { return p.up[o.level] == o }

// perTenfold is how much more is said of a place with ten times the people, in
// parts of a score: between two names equally like a text it decides, and it
// makes good for a vowel, not for a consonant.
const (
	perTenfold = 0.012
	mostPrior  = 100_000        // people: beyond, nobody is told apart by size
	mostRank   = 5 * perTenfold // that many people, in parts of a score
)

// stand works out where a place stands, once all are known.
func (p *Place) stand(all map[string]*Place) {
	p.up, p.level = [4]*Place{}, int8(levelOf(p.Kind))
	for o := p; o != nil; o = all[o.Parent] {
		p.up[levelOf(o.Kind)] = o
	}
	p.prior = perTenfold * math.Log10(float64(1+min(p.Population, mostPrior)))
}

// instead says which languages serve a reader whose own has no name for a place.
var instead = map[string][]string{
	"zgh": {"ar", "fr"}, "ar": {"fr", "zgh"}, "fr": {"ar", "zgh"}, "en": {"fr", "ar"},
}

// In picks the name for a reader of lang, and says in which language it really
// is, so that the page can mark it. "" and "" when there is no name at all.
func In(names map[string]string, lang string) (name, nameLang string) {
	for _, l := range append([]string{lang}, instead[lang]...) {
		if n := names[l]; n != "" {
			return n, l
		}
	}
	for _, l := range slices.Sorted(maps.Keys(names)) {
		if n := names[l]; n != "" {
			return n, l
		}
	}
	return "", ""
}

// Name is the place's name for a reader of lang, and the language it is really
// in: a douar without a Latin name shows in Arabic to everybody.
func (p *Place) Name(lang string) (name, nameLang string) {
	if name, nameLang = In(p.Names, lang); name == "" {
		return p.Code, ""
	}
	return name, nameLang
}

// Sort puts places in the order a reader of lang looks them up: by the key of
// their name, the article aside, then by code.
func Sort(list []*Place, lang string) {
	keys := make(map[*Place]string, len(list))
	for _, p := range list {
		name, _ := p.Name(lang)
		keys[p] = tight(arabic.Key(name))
	}
	slices.SortFunc(list, func(a, b *Place) int {
		if c := strings.Compare(keys[a], keys[b]); c != 0 {
			return c
		}
		return strings.Compare(a.Code, b.Code)
	})
}
