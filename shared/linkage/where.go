package linkage

import (
	"math"
	"slices"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/geo"
)

// where weighs the places: by their codes, and by the points where both have
// one. A point says more than a code when it is at one door; otherwise what
// disagrees counts, since people write from where they have fled to.
func (c *comparison) where() (bits float64, level string) {
	byPoint, byCode := c.points(), c.codes()
	switch {
	case byPoint == "door", byPoint == "spot":
		level = byPoint
	case byCode == "place":
		level = "place"
	case byCode != "apart" && byCode != "other" && byPoint != "far" && len(c.a.villages) > 0 && len(c.b.villages) > 0:
		switch {
		case c.sameVillage() && (byCode == "commune" || c.sameAround()):
			level = "named"
		case c.sameVillage():
			level = "said"
		case byPoint == "":
			level = "apart"
		default:
			level = byPoint
		}
	case (byCode == "apart" || byCode == "other") && byPoint != "far" && c.sameVillage():
		level = "called"
	case byCode == "apart", byCode == "other":
		level = byCode
	case byPoint != "":
		level = byPoint
	default:
		level = byCode
	}
	if level == "" {
		return 0, ""
	}
	bits = c.saw("where", level)
	switch level {
	case "door", "spot", "near":
		c.say(Near, bits)
	case "far":
		c.say(Far, bits)
	default:
		c.sayEither(SamePlace, OtherPlace, bits)
	}
	if level == "door" {
		c.telling += max(0, bits-c.m.bits["where"]["place"])
	}
	return bits, level
}

// Kilometres between two points, beside what they are uncertain by: one house as
// a phone knows it, one village, the next one, another valley.
const (
	doorKm = 0.15
	spotKm = 0.5
	nearKm = 2.5
	farKm  = 8
	fineKm = 0.35 // a point that is known so well may tell a house
)

func (c *comparison) points() string {
	a, b := c.a, c.b
	if !a.hasPoint || !b.hasPoint {
		return ""
	}
	km, unsure := geo.Distance(a.at, b.at), math.Hypot(a.reach, b.reach)
	switch {
	case km <= doorKm && max(a.reach, b.reach) <= fineKm:
		return "door"
	case km <= spotKm && unsure <= 2*spotKm:
		return "spot"
	case km > farKm+2*unsure:
		return "far"
	case unsure <= 2*nearKm && km <= max(nearKm, unsure): // the middle of a commune is near everything in it
		return "near"
	}
	return ""
}

// Depths of a chain of codes: region, province, commune, and a place within it.
const (
	communes = 3
	douars   = 4
)

// sameVillage is whether both call the village the same, where no code says so.
func (c *comparison) sameVillage() bool {
	for _, a := range c.a.villages {
		for _, b := range c.b.villages {
			if oneName(a, b) {
				return true
			}
		}
	}
	return false
}

// sameAround is whether both name one thing that the place lies in.
func (c *comparison) sameAround() bool {
	for _, x := range c.a.around {
		if slices.ContainsFunc(c.b.around, func(y *token) bool { return sounds(x, y, alikeFrom) > 0 }) {
			return true
		}
	}
	return false
}

// oneName is whether two names of a village are one: all words of the shorter
// are in the other, or they are one run together.
func oneName(v, w village) bool {
	if sounds(v.one, w.one, alikeFrom) > 0 {
		return true
	}
	a, b := v.parts, w.parts
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y *token) bool { return sounds(x, y, alikeFrom) > 0 }) {
			return false
		}
	}
	return len(a) > 1 || len(a) == len(b)
}

// village is what a village is called: its words, and all of them as one, since
// people part them as they like.
type village struct {
	parts []*token
	one   *token
}

func newVillage(parts []*token) village {
	one := &token{}
	for _, t := range parts {
		one.key += t.key
		one.sound = append(one.sound, t.sound...)
	}
	one.bone = arabic.Skeleton(one.sound)
	return village{parts, one}
}

func (c *comparison) codes() string {
	a, b := c.a.chain, c.b.chain
	least := min(len(a), len(b))
	if least == 0 {
		return ""
	}
	shared := 0
	for shared < least && a[shared] == b[shared] {
		shared++
	}
	switch {
	case shared >= douars:
		return "place"
	case shared == least && shared == communes:
		return "commune"
	case shared == least:
		return "" // only a province or a region is known of one
	case shared == communes:
		return "apart"
	}
	return "other"
}
