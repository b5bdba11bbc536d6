package atlas

import (
	"encoding/hex"

	"github.com/twiza/twiza/base/geo"
)

// Request is what the map knows of a request that is not over: where it is, how
// urgent, whose. Nothing in it names a person.
type Request struct {
	ID                                  string // "0199…"
	At                                  geo.Point
	Placed                              bool    // At holds; else nobody knows where it is
	RadiusKm                            float64 // within how much of At; 0 is as good as exact
	Level                               int     // 1 most urgent … 4
	Phase                               string
	Org                                 string // who answers for it; "" is nobody
	Service                             string
	Region, Province, Commune, Smallest string // place codes; "" where not known
}

// Sight is what part of the requests a reader sees: what their queue would show.
// Two readers with the same sight see the same map.
type Sight struct {
	All   bool // everywhere, of every service
	Parts []Part
	Org   string // of what somebody has taken, only what this organisation has; "" is everybody's
	Phase string // only requests in this phase; "" is all that are not over
}

// Part is one territory of one service; "" is all of them.
type Part struct{ Territory, Service string }

// OpenPhase is the phase in which a request is nobody's yet.
const OpenPhase = "open"

// mark is an identifier in sixteen bytes. Those of several requests, added
// without carrying, give the one that is left when the others have gone.
type mark [2]uint64

func markOf(text string) (m mark, ok bool) {
	var b [16]byte
	if len(text) != 36 {
		return m, false
	}
	if _, err := hex.Decode(b[:], []byte(text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:])); err != nil {
		return m, false
	}
	for i, x := range b {
		m[i/8] = m[i/8]<<8 | uint64(x)
	}
	return m, true
}

func (m mark) String() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(m[i/8] >> (56 - 8*(i%8)))
	}
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// dot is a request as the index keeps it, in forty bytes.
type dot struct {
	id      mark
	x, y    uint32
	where   uint32 // of index.paths
	radius  uint16 // ten metres each
	org     uint16 // of index.orgs
	service uint8  // of index.services
	phase   uint8  // of index.phases
	level   uint8
	placed  bool
}

// cell is what stands in one square of the world: how many of each level, the
// sum of their positions, and their identifiers added without carrying.
type cell struct {
	n      [levels]uint32
	sx, sy uint64
	ids    mark
}

const levels = 4

func (c *cell) count() (n int) {
	for _, x := range c.n {
		n += int(x)
	}
	return n
}

// worst is the most urgent level in the cell: 1 … 4.
func (c *cell) worst() int {
	for i, x := range c.n {
		if x > 0 {
			return i + 1
		}
	}
	return levels
}

func (c *cell) add(d *dot) {
	c.n[d.level-1]++
	c.sx, c.sy = c.sx+uint64(d.x), c.sy+uint64(d.y)
	c.ids[0], c.ids[1] = c.ids[0]^d.id[0], c.ids[1]^d.id[1]
}

func (c *cell) take(d *dot) {
	c.n[d.level-1]--
	c.sx, c.sy = c.sx-uint64(d.x), c.sy-uint64(d.y)
	c.ids[0], c.ids[1] = c.ids[0]^d.id[0], c.ids[1]^d.id[1]
}

func (c *cell) join(o *cell) {
	for i := range c.n {
		c.n[i] += o.n[i]
	}
	c.sx, c.sy = c.sx+o.sx, c.sy+o.sy
	c.ids[0], c.ids[1] = c.ids[0]^o.ids[0], c.ids[1]^o.ids[1]
}

// middle is where the cell's symbol stands: the mean of its members.
func (c *cell) middle() (x, y uint32) {
	n := uint64(c.count())
	return uint32(c.sx / n), uint32(c.sy / n)
}
