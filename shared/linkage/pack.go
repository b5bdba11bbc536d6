package linkage

import (
	"bytes"
	"hash/fnv"
	"strings"
)

// packing is the shape of a pack: another number where it or the reading of words
// changes otherwise than by the files of the country.
const packing = "1"

// print names what words were read by: a pack that another print made is not read.
func (m *Model) printed(files ...[]byte) {
	h := fnv.New64a()
	h.Write([]byte(packing))
	for _, f := range files {
		h.Write(f)
	}
	m.print = int64(h.Sum64() >> 1) // above 0: whatever was never packed has 0
}

// Print is by which words and weights a Pack is made; above 0. Who keeps packs keeps
// it beside them, and makes them anew when it changes.
func (m *Model) Print() int64 { return m.print }

// What parts the tokens of a pack. No key has any of them.
const (
	parts    = "\n"
	groups   = "|"
	between  = "\t"
	doubtful = "?"
)

// Pack is what a sketch heard in a name and in words, so that it need not be heard
// again. It holds what the report held: whoever keeps it seals it.
func (m *Model) Pack(s Sketch) []byte {
	var b bytes.Buffer
	if n := len(s.chain); n > 0 {
		b.WriteString(s.chain[n-1])
	}
	b.WriteString(parts)
	if s.whole {
		b.WriteString(doubtful)
	}
	b.WriteString(parts)
	packed(&b, s.names)
	b.WriteString(parts)
	for _, group := range s.said {
		packed(&b, group)
		b.WriteString(groups)
	}
	b.WriteString(parts)
	for _, v := range s.villages[:len(s.villages)-len(m.knownVillages(&s))] {
		packed(&b, v.parts)
		b.WriteString(groups)
	}
	b.WriteString(parts)
	packed(&b, s.around[:len(s.around)-len(m.knownAround(&s))])
	b.WriteString(parts)
	packed(&b, s.words)
	return b.Bytes()
}

func packed(b *bytes.Buffer, list []*token) {
	for i, t := range list {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(t.key)
		if t.maybe {
			b.WriteString(doubtful)
		}
	}
}

// Unpack is the sketch of a report whose name and words lie in a pack. It is false
// where the place is another than when the pack was made: then the words are to be
// read anew.
func (m *Model) Unpack(pack []byte, r Report) (Sketch, bool) {
	s := m.begun(r)
	all := strings.Split(string(pack), parts)
	place := ""
	if n := len(s.chain); n > 0 {
		place = s.chain[n-1]
	}
	if len(all) != 7 || all[0] != place {
		return Sketch{}, false
	}
	s.whole = all[1] != ""
	s.names = m.unpackName(all[2])
	for group := range strings.SplitSeq(all[3], groups) {
		if group != "" {
			s.said = append(s.said, m.unpackName(group))
		}
	}
	for group := range strings.SplitSeq(all[4], groups) {
		if group != "" {
			s.villages = append(s.villages, newVillage(m.unpackWords(group)))
		}
	}
	s.villages = append(s.villages, m.knownVillages(&s)...)
	s.around = append(m.unpackWords(all[5]), m.knownAround(&s)...)
	s.words = m.unpackWords(all[6])
	for _, t := range s.words {
		s.wordBits += t.bits
	}
	return s, true
}

func (m *Model) unpackWords(list string) (out []*token) {
	if list == "" {
		return nil
	}
	out = make([]*token, 0, 1+strings.Count(list, between))
	for key := range strings.SplitSeq(list, between) {
		out = append(out, m.word(key))
	}
	return out
}

func (m *Model) unpackName(list string) (out []*token) {
	if list == "" {
		return nil
	}
	for piece := range strings.SplitSeq(list, between) {
		key, maybe := strings.CutSuffix(piece, doubtful)
		t := *m.namePart(key, len(out) == 0)
		t.maybe = maybe
		out = append(out, &t)
	}
	return out
}
