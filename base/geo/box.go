package geo

// Box is a part of the globe between two parallels and two meridians. The zero
// Box holds nothing.
type Box struct{ South, West, North, East float64 }

// Holds is whether p lies in the box.
func (b Box) Holds(p Point) bool {
	return b != Box{} && p.Lat >= b.South && p.Lat <= b.North && p.Lon >= b.West && p.Lon <= b.East
}

// See widens the box until it holds p.
func (b Box) See(p Point) Box {
	if b == (Box{}) {
		return Box{p.Lat, p.Lon, p.Lat, p.Lon}
	}
	return Box{min(b.South, p.Lat), min(b.West, p.Lon), max(b.North, p.Lat), max(b.East, p.Lon)}
}

// Wider is the box with so many degrees more on each side.
func (b Box) Wider(by float64) Box {
	if b == (Box{}) {
		return b
	}
	return Box{b.South - by, b.West - by, b.North + by, b.East + by}
}

// ParseIn is Parse for whoever knows the country: a point outside of it that lies
// inside when latitude and longitude change places was written the other way
// round, as some maps and all of GeoJSON do. Anything else outside stays where it
// is: to guess a missing sign would move people.
func ParseIn(text string, country Box) (Point, bool) {
	p, ok := Parse(text)
	if !ok || country.Holds(p) {
		return p, ok
	}
	if turned := (Point{p.Lon, p.Lat}); country.Holds(turned) {
		return turned, true
	}
	return p, true
}
