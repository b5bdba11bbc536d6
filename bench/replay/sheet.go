package replay

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// sheet is the shared spreadsheet of September 2023: each request a row, read and
// placed on a map by somebody, taken in the order in which it came. Nobody sees
// which rows tell of one need. It is given what it did not always have: whoever
// reads a row understands it and finds the right village, no row is lost, no two
// people write over each other, and a crew takes what lies near its first stop.
type sheet struct {
	n      *Night
	place  func(code string) geo.Point
	fresh  []int // rows that nobody has read
	open   []int // rows that wait for a crew, in the order of coming
	free   []int // crews
	done   int   // stops that a crew has called in and nobody has ticked off
	rescue map[int]bool
}

// Sheet is the night worked from a spreadsheet. place is the middle of a place.
func Sheet(n *Night, place func(code string) geo.Point) Arm {
	return &sheet{n: n, place: place, rescue: map[int]bool{}}
}

func (s *sheet) Name() string { return "spreadsheet" }

func (s *sheet) Told(_ context.Context, _ time.Duration, row int) error {
	s.fresh = append(s.fresh, row)
	return nil
}

func (s *sheet) Free(crew int) { s.free = append(s.free, crew) }

func (s *sheet) at(row int) geo.Point {
	if q := s.n.Requests[row]; q.HasPoint {
		return q.Point
	}
	return s.place(s.n.Requests[row].Place)
}

// Next sends a crew if there is one and something for it; else ticks off what is
// done; else reads the next row.
func (s *sheet) Next(context.Context, time.Duration) (*Act, error) {
	d := TheDesk
	for i, crew := range s.free {
		rows := s.choose(crew)
		if len(rows) == 0 {
			continue
		}
		s.free = slices.Delete(s.free, i, i+1)
		s.open = slices.DeleteFunc(s.open, func(r int) bool { return slices.Contains(rows, r) })
		takes := d.Mind + d.Points(4) + d.Call + time.Duration(len(rows))*(d.Dictate+d.Points(1)+d.Keys(6)) // filter, scroll, write the crew beside each row
		var stops []Stop
		for _, r := range rows {
			takes += d.Read(s.n.Requests[r].Text)
			stops = append(stops, Stop{Row: r, At: s.at(r)})
		}
		return &Act{"send a crew", takes, func(context.Context, time.Duration) error { s.n.Send(crew, stops); return nil }}, nil
	}
	if s.done > 0 {
		s.done--
		return &Act{"tick off a row", d.Mind + d.Points(2) + d.Keys(4), nil}, nil
	}
	if len(s.fresh) == 0 {
		return nil, nil
	}
	row := s.fresh[0]
	s.fresh = s.fresh[1:]
	q := s.n.Requests[row]
	takes := d.Read(q.Text, q.PlaceText) + d.Mind + d.Points(2) // mark what kind it is
	if !q.HasPoint && q.Chosen == "" {                          // copy the name to a map, look at what it finds, copy the point back
		takes += d.Points(6) + d.Keys(6) + 2*d.Mind + 4*time.Second
	}
	return &Act{"read a row", takes, func(context.Context, time.Duration) error {
		s.rescue[row] = slices.Contains(q.Lacks, "rescue")
		s.open = append(s.open, row)
		return nil
	}}, nil
}

// choose is the first row that a crew can serve, near its base if there is one,
// and others that lie near that one.
func (s *sheet) choose(crew int) (rows []int) {
	c := s.n.Crews[crew]
	fits := func(r int) bool { return s.rescue[r] == c.Rescue }
	first := slices.IndexFunc(s.open, func(r int) bool { return fits(r) && geo.Distance(s.at(r), c.Base) <= OwnKm })
	if first < 0 {
		first = slices.IndexFunc(s.open, fits)
	}
	if first < 0 {
		return nil
	}
	rows = []int{s.open[first]}
	if c.Rescue {
		return rows
	}
	for _, r := range s.open {
		if len(rows) == s.n.Road.Stops {
			break
		}
		if r != rows[0] && fits(r) && geo.Distance(s.at(r), s.at(rows[0])) <= ByTheWayKm {
			rows = append(rows, r)
		}
	}
	return rows
}

// A crew works within OwnKm of its base while anybody waits there, and takes with
// it what lies within ByTheWayKm of its first stop. Both ways do so.
const (
	OwnKm      = 40
	ByTheWayKm = 8
)

func (s *sheet) Visited(context.Context, time.Duration, int, Stop, bool, bool) error {
	s.done++
	return nil
}

func (s *sheet) Back(context.Context, time.Duration, int) error { return nil }
