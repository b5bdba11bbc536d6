package linkage

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
)

// Blocks are the keys under which a report is kept and looked for: two reports
// of one need share one nearly always, two others seldom. Who keeps them keeps
// only keyed hashes: they hold names and numbers.
//
// The most telling come first. Each is looked up by itself, and of those that a
// key brings only so many, nearest in time: thousands may have asked for tents
// in one town. Of all that were brought, those that share most keys are compared.
func (m *Model) Blocks(s Sketch) (out []string) {
	for _, p := range [...]string{s.phone, s.family} {
		if p != "" {
			out = append(out, "phone:"+p)
		}
	}
	for i, p := range s.photos[:min(len(s.photos), blockPhotos)] {
		for quarter := range 4 { // of 64 bits three may differ, and one quarter is still the same
			if part := p >> (16 * quarter) & 0xffff; p != 0 && !slices.Contains(s.photos[:i], p) {
				out = append(out, "photo:"+strconv.Itoa(quarter)+":"+strconv.FormatUint(part, 16))
			}
		}
	}
	out = append(out, s.nameBlocks()...)
	out = append(out, s.placeBlocks()...)
	out = append(out, s.rareBlocks()...)
	out = append(out, s.cells()...)
	return unique(out)
}

// How many keys a report has at most of each kind.
const (
	blockPhotos = 2
	blockWithin = 6
	blockWords  = 4
	blockWide   = 2 // of them, those kept for the whole province too
	blockNeeds  = 2
	tellingWord = 4.4 // bits
)

func unique(all []string) []string {
	out := all[:0]
	for _, k := range all {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// nameBlocks find a full name anywhere, its first two parts in either order, and
// each part of it within the village.
func (s *Sketch) nameBlocks() (out []string) {
	var within []string
	for _, group := range append(slices.Clip(s.said), s.names) {
		var bones []string
		for _, n := range group {
			if len(n.bone) >= 2 && !n.maybe {
				bones = append(bones, n.bone)
			}
		}
		for _, b := range bones[:min(2, len(bones))] {
			for _, v := range s.called() {
				within = append(within, "who:"+v+":"+b)
			}
		}
		if len(bones) >= 2 {
			bones = bones[:2]
			slices.Sort(bones)
			out = append(out, "name:"+bones[0]+":"+bones[1])
		}
	}
	return append(out, within[:min(len(within), blockWithin)]...)
}

// called are the skeletons of what the village is called.
func (s *Sketch) called() (out []string) {
	for _, v := range s.villages {
		if b := v.one.bone; len(b) >= 2 && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// area is the commune, or what is known; the wider one is the province.
func (s *Sketch) area(depth int) string {
	if len(s.chain) == 0 {
		return ""
	}
	return s.chain[min(depth, len(s.chain))-1]
}

// rareBlocks are rare names and words within the commune: which of many is the
// same for everybody who wrote them (min-wise hashing, Broder 1997).
func (s *Sketch) rareBlocks() (out []string) {
	type ranked struct {
		bone string
		rank uint64
	}
	var all []ranked
	for _, list := range append(slices.Clip(s.said), s.names, s.words) {
		for _, t := range list {
			if t.bits >= tellingWord && (len(t.bone) >= 2 || t.number) && !slices.ContainsFunc(all, func(r ranked) bool { return r.bone == t.bone }) {
				h := fnv.New64a()
				h.Write([]byte(t.bone))
				all = append(all, ranked{t.bone, h.Sum64()})
			}
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	for i, r := range all[:min(len(all), blockWords)] {
		out = append(out, "word:"+s.area(communes)+":"+r.bone)
		if i < blockWide && len(s.chain) > 0 {
			out = append(out, "word:"+s.area(communes-1)+":"+r.bone)
		}
	}
	return out
}

// placeBlocks are each kind of need in the place, and in the village as it was
// called.
func (s *Sketch) placeBlocks() (out []string) {
	places := s.called()
	if n := len(s.chain); n >= communes {
		places = append(places, s.chain[n-1])
	}
	for _, place := range places {
		switch {
		case s.whole:
			out = append(out, "whole:"+place)
		case s.rescue:
			out = append(out, "place:"+place+":rescue")
		}
	}
	for _, place := range places {
		for _, n := range s.needs[:min(len(s.needs), blockNeeds)] {
			out = append(out, "place:"+place+":"+n)
		}
		if len(s.needs) == 0 {
			out = append(out, "place:"+place)
		}
	}
	return out
}

// cells are squares of some two kilometres on two grids, one shifted by half a
// square: what is apart on one by its edge is together on the other.
func (s *Sketch) cells() (out []string) {
	const kmPerDegree, side = 111.2, 2.0
	if !s.hasPoint || s.reach > side {
		return nil
	}
	for grid, shift := range [...]float64{0, 0.5} {
		row := math.Floor(s.at.Lat*kmPerDegree/side + shift)
		middle := (row + 0.5 - shift) * side / kmPerDegree // one width for the whole row
		column := math.Floor(s.at.Lon*kmPerDegree*math.Cos(middle*math.Pi/180)/side + shift)
		out = append(out, "cell:"+strconv.Itoa(grid)+":"+strconv.Itoa(int(row))+":"+strconv.Itoa(int(column)))
	}
	return out
}
