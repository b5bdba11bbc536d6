package sense

import (
	"math"
	"strings"
)

// What a text adds to its place in the order in which people read: points, set by
// hand. A life in danger stands before everything that can be added up.
const (
	pointsDanger   = 1000
	pointsMaybe    = 5
	pointsNeed     = 10
	pointsRoad     = 5
	pointsWeak     = 5
	pointsUnserved = 20 // no help has come at all
	pointsServed   = -8 // much has come already
)

// Urgency is in which order texts want to be read: the more, the sooner. It
// orders a list that a person goes through; it refuses and delays nothing.
func (r Reading) Urgency() float64 {
	points := 0.0
	for _, key := range r.Keys() {
		switch {
		case key == danger:
			points += pointsDanger
		case key == MaybeDanger:
			points += pointsMaybe
		case key == "unserved":
			points += pointsUnserved
		case key == "served":
			points += pointsServed
		case key == "needs.road":
			points += pointsRoad
		case strings.HasPrefix(key, "needs."):
			points += pointsNeed
		case strings.HasPrefix(key, "weak."):
			points += pointsWeak
		}
	}
	return points + math.Log1p(float64(r.People()))
}
