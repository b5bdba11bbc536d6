package linkage

import (
	"slices"

	"github.com/twiza/twiza/base/arabic"
)

// named weighs the names: of who can be called, and of those whom the words name.
// Sharing a name is worth as much as the name is rare (Newcombe 1959; Winkler
// 1989): half of the village is called Mohamed. Within a place a family's name is
// worth less, since cousins bear it; but never so much less that knowing the
// place would speak against.
func (c *comparison) named(where float64, level string) float64 {
	far, lev := c.names(1)
	if lev == "" {
		return 0
	}
	bits := far
	if far > 0 && where > 0 {
		local := c.m.file.Names.Wider
		if level == "place" || level == "named" || level == "spot" || level == "door" {
			local = c.m.file.Names.Local
		}
		near, _ := c.names(local)
		bits = max(near, min(far, far-where))
	}
	c.saw("name", lev)
	c.sayEither(SameName, OtherName, bits)
	if lev == "same" || lev == "part" {
		c.telling += max(0, bits)
	}
	return bits
}

// names is the best that can be said of those whom the two are about. Each says
// whose house it is, or, where it does not, it is taken for that of the person who
// can be called.
func (c *comparison) names(local float64) (best float64, level string) {
	for _, a := range c.a.about() {
		for _, b := range c.b.about() {
			if bits, l := c.m.sameNames(a, b, local); level == "" || bits > best {
				best, level = bits, l
			}
		}
	}
	if level != "" && level != "same" && level != "part" && whole(c.a.said) && whole(c.b.said) {
		best, level = c.m.bits["name"]["house"], "house" // both say it, and it is not the same
	}
	return best, level
}

// about are the people whose need a report tells of, as far as it says.
func (s *Sketch) about() [][]*token {
	if whole(s.said) || len(s.names) == 0 {
		return s.said
	}
	return append(slices.Clip(s.said), s.names)
}

// whole is whether somebody is named in full.
func whole(said [][]*token) bool {
	for _, group := range said {
		if n := len(group); n > 1 && !group[n-1].maybe {
			return true
		}
	}
	return false
}

// worth is how much of a name's rarity sharing it is worth.
func worth(a, b *token, local float64) float64 {
	bits := min(a.bits, b.bits)
	if !a.given && !b.given {
		bits *= local
	}
	return bits
}

// closeness is how much of it is left when they only sound alike.
func closeness(like float64) float64 {
	return min(1, max(0.2, 0.6+0.4*(like-alikeFrom)/(0.95-alikeFrom)))
}

// sameNames lays two names side by side, whatever order their parts are in.
func (m *Model) sameNames(a, b []*token, local float64) (float64, string) {
	if len(a) > len(b) {
		a, b = b, a
	}
	l := laid{local: local}
	l.lay(a, b, alikeFrom)
	if l.found > 0 {
		l.lay(a, b, slipFrom)
	}
	if l.found >= 2 && !l.known {
		l.bits += l.lost // of two names that are shared one is a given name, listed or not
	}
	bits, found, given, against := l.bits, l.found, l.given, l.against(a, b)
	level := "other"
	switch {
	case found >= 2 && !against:
		level = "same"
	case found > 0 && !against:
		level = "part"
	case found > 0 && !given:
		level = "family"
	default: // a given name that two families share is nothing
		bits = 0
	}
	return bits + m.bits["name"][level], level
}

// laid is two names laid side by side.
type laid struct {
	local float64
	mine  [mostNames]bool // parts that were found in the other
	taken [mostNames]bool
	found int
	given bool
	known bool // a part is listed as a given name
	bits  float64
	lost  float64 // the least that a part which may be a family's was taken
}

// lay finds for each part that has none yet the one that sounds most like it.
func (l *laid) lay(a, b []*token, least float64) {
	for k, x := range a {
		best, at := 0.0, -1
		for i, y := range b {
			if l.mine[k] || l.taken[i] {
				continue
			}
			if like := sounds(x, y, least); like > best {
				best, at = like, i
			}
		}
		if at < 0 {
			continue
		}
		l.mine[k], l.taken[at] = true, true
		l.found++
		l.given = l.given || x.given || b[at].given || k == 0 && at == 0
		whole, kept := worth(x, b[at], 1)*closeness(best), worth(x, b[at], l.local)*closeness(best)
		l.bits += kept
		l.known = l.known || x.given || b[at].given
		if lost := whole - kept; l.found == 1 || lost < l.lost {
			l.lost = lost
		}
	}
}

// against is whether a part of each is not in the other.
func (l *laid) against(a, b []*token) bool {
	left := func(list []*token, found [mostNames]bool) bool {
		for i, t := range list {
			if !found[i] && !t.maybe {
				return true
			}
		}
		return false
	}
	return left(a, l.mine) && left(b, l.taken)
}

// sounds is how alike two names are, 0 when they are not. Names that begin with
// Abd must be alike in what follows too: Abdelhamid is not Abdelmajid. One that
// does not is seldom the other, and a slip is no excuse: Brahim is not Abderrahim.
func sounds(a, b *token, least float64) float64 {
	switch {
	case a.key == b.key:
		return 1
	case a.number || b.number:
		return 0
	case a.servant != nil && b.servant != nil:
		if arabic.LikenessFrom(a.servant, b.servant, slipFrom) == 0 {
			return 0
		}
	case a.servant != nil || b.servant != nil:
		least = max(least, alikeFrom)
	}
	return arabic.LikenessFrom(a.sound, b.sound, least)
}
