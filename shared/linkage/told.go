package linkage

import "strings"

// Of the words of two reports: so many bits of rare ones shared are some, so many
// are most; and with so great a share of all words of the shorter one it is the
// same text sent on.
const (
	someBits  = 4
	mostBits  = 9
	copyBits  = 12
	copyShare = 0.75
)

// told weighs the words. Those that many write say little, however many they are.
func (c *comparison) told() float64 {
	all, rare := shared(c.a.words, c.b.words)
	level := ""
	switch {
	case all >= copyBits && all >= copyShare*min(c.a.wordBits, c.b.wordBits):
		level = "copy"
	case rare >= mostBits:
		level = "most"
	case rare >= someBits:
		level = "some"
	default:
		return 0
	}
	bits := min(c.saw("words", level), c.m.file.Words.Most)
	c.telling += bits
	c.say(SameWords, bits)
	return bits
}

// shared sums the rarity of the words that both have, and of those of them that
// are rare. Both lists are in the order of their skeletons.
func shared(a, b []*token) (all, rare float64) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch order := strings.Compare(a[i].bone, b[j].bone); {
		case order < 0:
			i++
		case order > 0:
			j++
		default:
			from := j
			for ; i < len(a) && a[i].bone == b[from].bone; i++ {
				best := 0.0
				for j = from; j < len(b) && b[j].bone == b[from].bone; j++ {
					if sounds(a[i], b[j], wordsFrom) > 0 {
						best = max(best, min(a[i].bits, b[j].bits))
					}
				}
				all += best
				if best > commonBits {
					rare += best
				}
			}
		}
	}
	return all, rare
}
