package story

import (
	"fmt"
	"math/rand/v2"
)

// PhoneRange is how every telephone number of the story begins: 06 00 in
// Morocco. Moroccan numbering reserves no block for fiction, so nothing of a
// demonstration may ever be sent to one of these numbers.
const PhoneRange = "+212600"

const phoneBlock = 1_000_000 // numbers in PhoneRange

// folk makes up people: names from the pack, and numbers of which no two are
// the same.
type folk struct {
	pack  *pack
	r     *rand.Rand
	block int // how many numbers are in play: small stories stay in 06 00 00
	next  int
	step  int // odd and not a multiple of five, so it visits every number once
}

func newFolk(p *pack, r *rand.Rand, n int) *folk {
	f := &folk{pack: p, r: r, block: 10_000}
	for f.block < n {
		f.block *= 10
	}
	f.next = r.IntN(f.block)
	f.step = f.block/10*3 + 10*r.IntN(f.block/20) + 7
	return f
}

func (f *folk) phone() string {
	f.next = (f.next + f.step) % f.block
	return fmt.Sprintf("%s%06d", PhoneRange, f.next)
}

// name is "given family", in Arabic letters or Latin ones.
func (f *folk) name(arabic bool) string {
	g, s := f.pack.given[f.r.IntN(len(f.pack.given))], f.pack.family[f.r.IntN(len(f.pack.family))]
	if arabic {
		return g.ar + " " + s.ar
	}
	return g.latin + " " + s.latin
}

func (f *folk) word() string { return f.pack.words[f.r.IntN(len(f.pack.words))] }
