package linkage

import (
	"cmp"
	"math"
	"slices"
)

// Compare is how likely two reports tell of one need, and why. Which is named
// first makes no difference.
func (m *Model) Compare(a, b Sketch) Judgement {
	if cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.name, b.name), cmp.Compare(a.text, b.text), cmp.Compare(a.made, b.made)) > 0 {
		a, b = b, a
	}
	c := comparison{m: m, a: &a, b: &b}
	who, what := c.who(), c.what()
	ago := c.ago()
	who += logit(m.file.Who.Prior) + what
	what = logit(m.file.What.Prior) + min(0, what) + ago
	j := Judgement{Probability: share(who) * share(what), Reasons: c.reasons}
	switch {
	case j.Probability >= m.file.Bands.VeryLikely && c.telling >= m.file.Bands.Telling:
		j.Band = VeryLikely
	case j.Probability >= m.file.Bands.Likely:
		j.Band = Likely
	}
	slices.SortStableFunc(j.Reasons, func(x, y Reason) int {
		return cmp.Or(-cmp.Compare(math.Abs(x.Weight), math.Abs(y.Weight)), cmp.Compare(x.Key, y.Key))
	})
	return j
}

// Levels are what was seen when two reports were compared, a level of each thing
// that both tell: what weights are counted from.
func (m *Model) Levels(a, b Sketch) map[string]string {
	c := comparison{m: m, a: &a, b: &b, seen: map[string]string{}}
	c.who()
	c.what()
	c.ago()
	return c.seen
}

// comparison is two sketches laid side by side.
type comparison struct {
	m       *Model
	a, b    *Sketch
	reasons []Reason
	telling float64           // bits of what tells people of one place apart
	seen    map[string]string // levels, when somebody wants them
}

// saw is what a level weighs.
func (c *comparison) saw(thing, level string) float64 {
	if c.seen != nil {
		c.seen[thing] = level
	}
	return c.m.bits[thing][level]
}

// say keeps a reason that is worth saying.
func (c *comparison) say(key string, bits float64) {
	const worth = 0.3
	if math.Abs(bits) < worth {
		return
	}
	for i := range c.reasons {
		if c.reasons[i].Key == key {
			c.reasons[i].Weight += bits
			return
		}
	}
	c.reasons = append(c.reasons, Reason{key, bits})
}

// sayEither says one key for and another against.
func (c *comparison) sayEither(pro, contra string, bits float64) {
	if bits > 0 {
		c.say(pro, bits)
	} else {
		c.say(contra, bits)
	}
}

// who sums up whether both are about the same people.
func (c *comparison) who() float64 {
	where, level := c.where()
	sum := where + c.phone() + c.photo() + c.count() + c.told() + c.everybody(level)
	return sum + c.named(where, level)
}

func (c *comparison) phone() float64 {
	a, b := c.a, c.b
	one := func(x, y string) bool { return x != "" && x == y }
	switch {
	case one(a.phone, b.phone), one(a.phone, b.family), one(a.family, b.phone), one(a.family, b.family):
		bits := c.saw("phone", "same")
		c.telling += bits
		c.say(SamePhone, bits)
		return bits
	case (a.phone != "" || a.family != "") && (b.phone != "" || b.family != ""):
		return c.saw("phone", "other")
	}
	return 0
}

// Bits that part two pictures (of 64): so few are one picture that was sent on,
// so few more one that was cut or darkened.
const (
	samePicture  = 4
	alikePicture = 9
)

func (c *comparison) photo() float64 {
	bits := 0.0
	switch n := alike(c.a.photos, c.b.photos); {
	case n <= samePicture:
		bits = c.saw("photo", "same")
	case n <= alikePicture:
		bits = c.saw("photo", "alike")
	}
	c.telling += bits
	c.say(SamePhoto, bits)
	return bits
}

// few people are counted to one: more are estimated.
const (
	fewPeople = 12
	twice     = 2.0
)

func (c *comparison) count() float64 {
	a, b := float64(min(c.a.people, c.b.people)), float64(max(c.a.people, c.b.people))
	level := ""
	switch {
	case a <= 0:
		return 0
	case a == b:
		level = "same"
	case b-a <= 2 && b <= fewPeople, b <= a*1.25:
		level = "close"
	case b-a > 2 && b > a*twice:
		level = "other"
	default:
		return 0
	}
	bits := c.saw("people", level)
	c.sayEither(SamePeople, OtherPeople, bits)
	return bits
}

// everybody weighs reports that speak for a whole place: two of one place are
// likely one need, and one of them is not one family's.
func (c *comparison) everybody(where string) float64 {
	switch {
	case c.a.whole != c.b.whole:
		bits := c.saw("whole", "one")
		c.say(OtherPeople, bits)
		return bits
	case c.a.whole && (where == "place" || where == "named" || where == "spot" || where == "door"):
		bits := c.saw("whole", "both")
		c.say(SamePlace, bits)
		return bits
	}
	return 0
}

// what sums up whether it is the same need of theirs. People under rubble are
// told of by many: where all that both lack is the same, it says less when they
// are among it.
func (c *comparison) what() float64 {
	sum, level := c.needs()
	if level != "some" && level != "most" {
		return sum
	}
	switch {
	case c.a.rescue && c.b.rescue:
		bits := c.saw("rescue", "both")
		c.say(SameNeeds, bits)
		sum += bits
	case c.a.rescue != c.b.rescue:
		bits := c.saw("rescue", "one")
		c.say(OtherNeeds, bits)
		sum += bits
	}
	return sum
}

func (c *comparison) needs() (bits float64, level string) {
	a, b := c.a.needs, c.b.needs
	if c.a.service != "" && c.b.service != "" && c.a.service != c.b.service {
		bits := c.saw("needs", "other")
		c.say(OtherNeeds, bits)
		return bits, "service"
	}
	if len(a) == 0 || len(b) == 0 {
		return 0, ""
	}
	both := 0
	for _, n := range a {
		if _, ok := slices.BinarySearch(b, n); ok {
			both++
		}
	}
	level = "other"
	switch {
	case both == len(a) && both == len(b) && c.a.rescue && c.b.rescue:
		level = "trapped"
	case both == len(a) && both == len(b) && both > 1:
		level = "all"
	case both == len(a) && both == len(b):
		level = "same"
	case both > 1:
		level = "most"
	case both > 0:
		level = "some"
	}
	bits = c.saw("needs", level)
	c.sayEither(SameNeeds, OtherNeeds, bits)
	return bits, level
}

func (c *comparison) ago() float64 {
	if c.a.made == 0 || c.b.made == 0 {
		return 0
	}
	const hour = 3600
	apart := c.a.made - c.b.made
	if apart < 0 {
		apart = -apart
	}
	level := "longer"
	for _, w := range []struct {
		most  int64
		level string
	}{{2 * hour, "hour"}, {24 * hour, "day"}, {72 * hour, "days"}, {10 * 24 * hour, "week"}, {45 * 24 * hour, "month"}} {
		if apart <= w.most {
			level = w.level
			break
		}
	}
	bits := c.saw("ago", level)
	c.sayEither(SameHour, LongAgo, bits)
	return bits
}
