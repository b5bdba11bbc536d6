package linkage

import (
	"bytes"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/geo"
)

// packing is the shape of a pack: another number where it or the reading of words
// changes otherwise than by the files of the country.
const packing = "2"

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

// What parts a pack: lines, groups in a line, what is in a group. No key has any of them.
const (
	lines    = "\n"
	groups   = "|"
	between  = "\t"
	doubtful = "?"
)

// linesOf a pack: what stands open in the report, its needs, the codes of its place, its
// pictures, the name, those whom the words name, villages, what they lie in, words.
const linesOf = 9

// Pack is a sketch as bytes, so that what was heard in names and words need not be heard
// again. It holds what the report held: whoever keeps it seals it.
func (m *Model) Pack(s Sketch) []byte {
	var b bytes.Buffer
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	flag := func(is bool) string {
		if is {
			return doubtful
		}
		return ""
	}
	at := ""
	if s.hasPoint {
		at = number(s.at.Lat) + groups + number(s.at.Lon)
	}
	photos := make([]string, len(s.photos))
	for i, p := range s.photos {
		photos[i] = strconv.FormatUint(p, 16)
	}
	for _, list := range [][]string{
		{s.service, flag(s.rescue), flag(s.whole), at, number(s.reach), strconv.FormatInt(s.made, 10), strconv.Itoa(s.people), hex.EncodeToString([]byte(s.phone)), hex.EncodeToString([]byte(s.family))},
		s.needs, s.chain, photos,
	} {
		b.WriteString(strings.Join(list, between) + lines)
	}
	packed(&b, s.names)
	b.WriteString(lines)
	for _, group := range s.said {
		packed(&b, group)
		b.WriteString(groups)
	}
	b.WriteString(lines)
	for _, v := range s.villages[:len(s.villages)-len(m.knownVillages(&s))] {
		packed(&b, v.parts)
		b.WriteString(groups)
	}
	b.WriteString(lines)
	packed(&b, s.around[:len(s.around)-len(m.knownAround(&s))])
	b.WriteString(lines)
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

// Unpack is the sketch of a report that Pack packed; false of anything else.
func (m *Model) Unpack(id string, pack []byte) (s Sketch, ok bool) {
	all := strings.Split(string(pack), lines)
	if len(all) != linesOf {
		return s, false
	}
	open := strings.Split(all[0], between)
	if len(open) != 9 {
		return s, false
	}
	s = Sketch{id: id, service: open[0], rescue: open[1] != "", whole: open[2] != "", needs: listed(all[1]), chain: listed(all[2])}
	ok = true
	number := func(text string) (f float64) {
		f, err := strconv.ParseFloat(text, 64)
		ok = ok && err == nil
		return f
	}
	if lat, lon, has := strings.Cut(open[3], groups); has {
		s.at, s.hasPoint = geo.Point{Lat: number(lat), Lon: number(lon)}, true
	}
	s.reach, s.people = number(open[4]), int(number(open[6]))
	made, err := strconv.ParseInt(open[5], 10, 64)
	phone, err2 := hex.DecodeString(open[7])
	family, err3 := hex.DecodeString(open[8])
	s.made, s.phone, s.family = made, string(phone), string(family)
	for _, p := range listed(all[3]) {
		n, err := strconv.ParseUint(p, 16, 64)
		ok = ok && err == nil
		s.photos = append(s.photos, n)
	}
	if !ok || errors.Join(err, err2, err3) != nil {
		return Sketch{}, false
	}
	s.names = m.unpackName(all[4])
	for group := range strings.SplitSeq(all[5], groups) {
		if group != "" {
			s.said = append(s.said, m.unpackName(group))
		}
	}
	for group := range strings.SplitSeq(all[6], groups) {
		if group != "" {
			s.villages = append(s.villages, newVillage(m.unpackWords(group)))
		}
	}
	s.villages = append(s.villages, m.knownVillages(&s)...)
	s.around = append(m.unpackWords(all[7]), m.knownAround(&s)...)
	s.words = m.unpackWords(all[8])
	for _, t := range s.words {
		s.wordBits += t.bits
	}
	return s, true
}

// Renew is a sketch whose report says otherwise by now what stands open in it: its name
// and words are as they were. It is false where the place is another: then the words
// are to be read anew.
func (m *Model) Renew(s Sketch, r Report) (Sketch, bool) {
	x := m.begun(r)
	if !slices.Equal(s.chain, x.chain) {
		return Sketch{}, false
	}
	x.whole, x.names, x.said, x.villages, x.around, x.words, x.wordBits, x.name, x.text = s.whole, s.names, s.said, s.villages, s.around, s.words, s.wordBits, s.name, s.text
	return x, true
}

func listed(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, between)
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
	for _, piece := range listed(list) {
		key, maybe := strings.CutSuffix(piece, doubtful)
		t := *m.namePart(key, len(out) == 0)
		t.maybe = maybe
		out = append(out, &t)
	}
	return out
}
