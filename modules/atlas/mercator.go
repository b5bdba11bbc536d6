package atlas

import (
	"math"

	"github.com/twiza/twiza/base/geo"
)

// Tile is one square of the world in Web Mercator (EPSG:3857): at zoom z the
// world is 2^z squares wide, x counts from the date line eastwards, y from the
// north.
type Tile struct{ Z, X, Y uint32 }

const (
	deepest = 14   // zoom of the finest tiles; maps enlarge these beyond it
	extent  = 4096 // units of a tile (MVT 2.1, 4.1)
	axis    = 32   // bits of a position along one axis of the world
)

// valid tells whether there is such a tile.
func (t Tile) valid() bool { return t.Z <= deepest && t.X < 1<<t.Z && t.Y < 1<<t.Z }

// project is where a point stands in a world of 2^32 by 2^32, a centimetre
// each. What lies beyond the poles of the projection stands at its edge.
func project(p geo.Point) (x, y uint32) {
	s := math.Sin(p.Lat * math.Pi / 180)
	s = max(-0.99999, min(0.99999, s))
	return whole(p.Lon/360 + 0.5), whole(0.5 - math.Log((1+s)/(1-s))/(4*math.Pi))
}

func whole(part float64) uint32 {
	return uint32(max(0, min(math.MaxUint32, part*(1<<axis))))
}

// unproject is project the other way round.
func unproject(x, y uint32) geo.Point {
	n := math.Pi * (1 - 2*float64(y)/(1<<axis))
	return geo.Point{Lat: math.Atan(math.Sinh(n)) * 180 / math.Pi, Lon: float64(x)/(1<<axis)*360 - 180}
}

// place is a position of the world in units of the tile; beyond its edges it is
// negative, or more than extent.
func (t Tile) place(x, y uint32) (px, py int) {
	shift := axis - t.Z - 12 // 2^12 units
	return int(int64(x)>>shift - int64(t.X)*extent), int(int64(y)>>shift - int64(t.Y)*extent)
}

// metresPerUnit is how long a unit of the tile is, at its middle.
func (t Tile) metresPerUnit() float64 {
	half := uint32(1) << (axis - 1 - t.Z)
	mid := unproject(t.X<<(axis-t.Z)|half, t.Y<<(axis-t.Z)|half)
	return equator * math.Cos(mid.Lat*math.Pi/180) / float64(uint64(extent)<<t.Z)
}

// equator is how long it is, in metres, on the sphere of the projection.
const equator = 2 * math.Pi * 6378137
