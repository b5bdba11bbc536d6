package places

import (
	"cmp"
	"slices"

	"github.com/twiza/twiza/base/arabic"
)

// sounds are the ways in which the names of an index sound, each once for each
// script, however many places share it. Those of one gist stand together, among
// them those of one frame, sorted, so that what two of them begin with is compared
// once. Lists side by side: a search walks through hundreds and looks at little of
// each.
type sounds struct {
	whole, frames listed
	mass          []arabic.Mass // of each sound
	first         []int32       // of each frame, its first sound; one more than there are
	hefts         []int16       // of each frame, its heaviest sound
	lone          []bool        // of each frame, whether a place that sounds so has no name in the other script
	names         []int32       // spellings, those of one sound together
	named         []int32       // where those of each sound begin; one more than there are
	groups        []group
	gists         [3]table // gists, whole and with one or two consonants missing → groups

	heard []sounded // taken in, until sealed
}

// listed are sequences of phones, one after the other.
type listed struct {
	phones []byte
	starts []int32 // one more than there are
	shared []uint8 // how many phones each begins with as the one before it
}

// group is the frames of one gist in one script.
type group struct {
	from, to int32
	heft     int16 // of the heaviest
	latin    bool
	lone     bool // as of its frames
}

// sounded is a spelling that was taken in.
type sounded struct {
	gist, frame, phones string
	latin, lone         bool
	n                   int32
}

func (l *listed) of(n int32) []byte { return l.phones[l.starts[n]:l.starts[n+1]] }

func (l *listed) add(phones, last string) {
	shared := 0
	for shared < min(len(last), len(phones), mostShared) && last[shared] == phones[shared] {
		shared++
	}
	l.starts = append(l.starts, int32(len(l.phones)))
	l.phones, l.shared = append(l.phones, phones...), append(l.shared, uint8(shared))
}

func (l *listed) seal() {
	l.starts = append(l.starts, int32(len(l.phones)))
	l.phones, l.starts, l.shared = slices.Clone(l.phones), slices.Clone(l.starts), slices.Clone(l.shared)
}

// mostShared is more than a name has phones.
const mostShared = 255

// bearers are the spellings that sound so.
func (s *sounds) bearers(n int32) []int32 { return s.names[s.named[n]:s.named[n+1]] }

// add takes a spelling in; seal, which is told of each the place, ends it.
func (s *sounds) add(n int32, phones []byte, latin bool) {
	var room [64]byte
	gist := arabic.AppendGist(room[:0], phones)
	h := sounded{gist: string(gist[:min(len(gist), mostGist)]), phones: string(phones), latin: latin, n: n}
	h.frame = string(arabic.AppendFrame(room[:0], phones))
	s.heard = append(s.heard, h)
}

func (s *sounds) seal(all []spelling) {
	for i := range s.heard {
		h := &s.heard[i]
		h.lone = !all[h.n].place.spelt[1-scriptOf(all[h.n].key)]
	}
	script := map[bool]int{true: 1}
	slices.SortFunc(s.heard, func(a, b sounded) int {
		return cmp.Or(cmp.Compare(a.gist, b.gist), cmp.Compare(script[a.latin], script[b.latin]), cmp.Compare(a.frame, b.frame),
			cmp.Compare(a.phones, b.phones), cmp.Compare(a.n, b.n))
	})
	s.names = make([]int32, 0, len(s.heard))
	var last sounded
	for i, h := range s.heard {
		group := i == 0 || h.gist != last.gist || h.latin != last.latin
		frame := group || h.frame != last.frame
		if group {
			s.open(h)
			last.frame = ""
		}
		if frame {
			s.first, s.hefts = append(s.first, int32(len(s.mass))), append(s.hefts, 0)
			s.lone = append(s.lone, false)
			s.frames.add(h.frame, last.frame)
			s.groups[len(s.groups)-1].to = int32(len(s.hefts))
			last.phones = ""
		}
		if frame || h.phones != last.phones {
			s.begin(h, last)
		}
		s.names = append(s.names, h.n)
		if h.lone {
			s.lone[len(s.lone)-1], s.groups[len(s.groups)-1].lone = true, true
		}
		last = h
	}
	s.first, s.named = append(s.first, int32(len(s.mass))), append(s.named, int32(len(s.names)))
	s.whole.seal()
	s.frames.seal()
	s.mass, s.first, s.hefts = slices.Clone(s.mass), slices.Clone(s.first), slices.Clone(s.hefts)
	s.named, s.groups, s.lone, s.heard = slices.Clone(s.named), slices.Clone(s.groups), slices.Clone(s.lone), nil
	for i := range s.gists {
		s.gists[i].seal()
	}
}

// open begins a group.
func (s *sounds) open(h sounded) {
	for missing := range s.gists {
		for _, hash := range worn(nil, []byte(h.gist), missing) {
			s.gists[missing].put(hash, int32(len(s.groups)))
		}
	}
	at := int32(len(s.hefts))
	s.groups = append(s.groups, group{from: at, to: at, latin: h.latin})
}

// begin takes in a sound that its frame has not.
func (s *sounds) begin(h, last sounded) {
	m := arabic.MassOf([]byte(h.phones))
	s.whole.add(h.phones, last.phones)
	s.mass, s.named = append(s.mass, m), append(s.named, int32(len(s.names)))
	g, heft := &s.groups[len(s.groups)-1], &s.hefts[len(s.hefts)-1]
	*heft = max(*heft, int16(m.Heft))
	g.heft = max(g.heft, *heft)
}
