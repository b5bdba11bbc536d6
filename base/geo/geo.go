// Package geo holds a point on the ground and how far two of them are apart,
// and reads the coordinates that people paste: from a map, a message or a GPS.
package geo

import (
	"math"
	"strconv"
)

// Point is a place on the ground, in degrees of WGS84.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Valid is whether p is on the globe at all.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 // NaN is neither
}

// String is "31.11902, -7.97390": five decimals, about one metre. Parse reads it back.
func (p Point) String() string {
	return strconv.FormatFloat(p.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(p.Lon, 'f', 5, 64)
}

// earthKm is the mean radius of the Earth (IUGG R1).
const earthKm = 6371.0088

// Distance is how many kilometres part a from b on the great circle, by the
// haversine formula: within 0.5 % of the truth, as the crow flies.
func Distance(a, b Point) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	sLat, sLon := math.Sin(dLat/2), math.Sin(dLon/2)
	h := sLat*sLat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*sLon*sLon
	return 2 * earthKm * math.Asin(math.Min(1, math.Sqrt(h)))
}
