package story

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/twiza/twiza/base/geo"
)

// Gazetteer is where the story learns the real places. Every region,
// province, commune and douar of the country may be among them.
type Gazetteer interface{ Places() []Place }

// Place is a real place. A douar whose point or share is not known has that of
// its commune.
type Place struct {
	Code           string
	Kind           string // only "commune" and "douar" are asked from
	Parent         string // code of the place it lies in; "" at the top
	NameAR, NameFR string
	Lat, Lon       float64 // both 0: not known
	Population     int
	Shi            float64 // share of its people who speak Tachelhit, 0 to 1
}

// How far the story reaches, and how fast calls thin out with distance from
// the epicentre: in the mountains house by house, further away commune by
// commune. Chosen so that the night looks like the reports of it; not a model
// of shaking.
const (
	reachKm       = 150
	douarFadeKm   = 18
	communeFadeKm = 16
	douarShare    = 0.62 // of all requests come from a named douar
)

// land is the gazetteer made ready to be asked from.
type land struct {
	at       map[string]Place
	douars   urn
	communes urn
}

func survey(g Gazetteer) (*land, error) {
	l := &land{at: map[string]Place{}}
	for _, p := range g.Places() {
		if p.Shi < 0 || p.Shi > 1 {
			return nil, fmt.Errorf("story: place %s: %v of its people speak Tachelhit; a share is 0 to 1", p.Code, p.Shi)
		}
		l.at[p.Code] = p
	}
	for _, p := range g.Places() {
		if parent, ok := l.at[p.Parent]; ok && p.Kind == "douar" {
			if p.Shi == 0 {
				p.Shi = parent.Shi
			}
			l.at[p.Code] = p
		}
		km := geo.Distance(l.point(p), Epicentre)
		if km > reachKm {
			continue
		}
		switch p.Kind {
		case "douar":
			l.douars.add(p.Code, float64(max(p.Population, 20))*math.Exp(-km/douarFadeKm))
		case "commune":
			l.communes.add(p.Code, math.Pow(float64(max(p.Population, 20)), 0.8)*math.Exp(-km/communeFadeKm))
		}
	}
	if len(l.douars.codes) == 0 || len(l.communes.codes) == 0 {
		return nil, fmt.Errorf("story: the gazetteer has %d douars and %d communes within %d km of the epicentre",
			len(l.douars.codes), len(l.communes.codes), reachKm)
	}
	return l, nil
}

// point is where p is, or where the first place around it is that is known.
func (l *land) point(p Place) geo.Point {
	for range 4 {
		if p.Lat != 0 || p.Lon != 0 {
			break
		}
		p = l.at[p.Parent]
	}
	return geo.Point{Lat: p.Lat, Lon: p.Lon}
}

// commune is the code of the commune a place is or lies in.
func (l *land) commune(code string) string {
	if p := l.at[code]; p.Kind == "douar" {
		return p.Parent
	}
	return code
}

// within is whether a place is, or lies in, one of the territories.
func (l *land) within(code string, territories []string) bool {
	for range 5 {
		if code == "" {
			return false
		}
		if slices.Contains(territories, code) {
			return true
		}
		code = l.at[code].Parent
	}
	return false
}

// urn draws codes in proportion to their weights.
type urn struct {
	codes []string
	upTo  []float64 // running sum of the weights
}

func (u *urn) add(code string, weight float64) {
	if len(u.upTo) > 0 {
		weight += u.upTo[len(u.upTo)-1]
	}
	u.codes, u.upTo = append(u.codes, code), append(u.upTo, weight)
}

func (u *urn) draw(r *rand.Rand) string {
	i, _ := slices.BinarySearch(u.upTo, r.Float64()*u.upTo[len(u.upTo)-1])
	return u.codes[min(i, len(u.codes)-1)]
}
