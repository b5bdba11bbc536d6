package app

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/works"
	"github.com/twiza/twiza/shared/actor"
)

// rubble is a site of the story: where a machine clears what fell down.
type rubble struct {
	org     int // of the story
	place   string
	at      geo.Point
	volume  int // m³
	dangers []string
	begins  time.Duration // after the shock; it is planned two hours earlier
	phone   int           // of whoever leads the crew, in the story's range
}

// clear puts two machines to work: one beside a call for rescue that is still to
// come, so that it stops; and one where nobody calls from.
func (n *night) clear() {
	if i := n.callToCome(); i >= 0 {
		q := n.story.Requests[i]
		p, _ := n.from(i)
		p.Lat += 0.0008 // some ninety metres
		r := rubble{org: n.org("cellule-atlas"), place: q.Place, at: p, volume: 140, dangers: []string{"unstable", "gas"}, begins: q.At - 30*time.Minute, phone: 41}
		n.at(r.begins-2*time.Hour, func(ctx context.Context) error { return n.planWorks(ctx, r) })
		n.at(q.At+time.Minute, n.h.Works.Watch) // as the house does by itself
	}
	school := rubble{org: n.org("ponts-matin"), place: "07.041.05.07", volume: 260, dangers: []string{"unstable", "electricity"}, begins: story.Now - 4*time.Hour, phone: 42}
	n.at(school.begins-2*time.Hour, func(ctx context.Context) error {
		p, _, _ := n.h.Places.Point(school.place)
		school.at = n.quiet(p)
		return n.planWorks(ctx, school)
	})
}

// org is an organisation of the story by its key.
func (n *night) org(key string) int {
	return slices.IndexFunc(n.story.Organisations, func(o story.Organisation) bool { return o.Key == key })
}

// crews is the province in which the story's machines work.
const crews = "07.041"

// callToCome is the last call for rescue from a point that nobody called from
// before: one that is still open when the story ends, if there is any; -1 when
// the story has none.
func (n *night) callToCome() (best int) {
	best = -1
	open := false
	for i, q := range n.story.Requests {
		p, ok := n.from(i)
		if !slices.Contains(q.Needs, "rescue") || !ok || q.Merged || q.At < declared+3*time.Hour || !slices.Contains(n.path(q.Place), crews) || !n.alone(p, q.At) {
			continue
		}
		still := slices.Contains([]string{story.Received, story.Contacted, story.Claimed, story.Assigned, story.EnRoute}, q.Fate)
		if best < 0 || still && !open || still == open && q.At > n.story.Requests[best].At {
			best, open = i, still
		}
	}
	return best
}

// from is where a request comes from: its own point, or that of its place.
func (n *night) from(i int) (p geo.Point, ok bool) {
	q := n.story.Requests[i]
	if q.Lat != 0 {
		return geo.Point{Lat: q.Lat, Lon: q.Lon}, true
	}
	p, _, ok = n.h.Places.Point(q.Place)
	return p, ok
}

// far is beyond what a report stops (packs/ma/works.yaml, with room), in km.
const far = 0.5

// alone tells whether nobody calls from near a point before then.
func (n *night) alone(p geo.Point, before time.Duration) bool {
	for i, q := range n.story.Requests {
		if x, ok := n.from(i); ok && q.At < before && geo.Distance(p, x) < far {
			return false
		}
	}
	return true
}

// quiet is a point near another, within the same commune, from where nobody calls.
func (n *night) quiet(p geo.Point) geo.Point {
	for km := 1; km < 12; km++ {
		for _, d := range [][2]float64{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
			x := geo.Point{Lat: p.Lat + d[0]*float64(km)*0.009, Lon: p.Lon + d[1]*float64(km)*0.0105}
			if n.alone(x, story.Now) {
				return x
			}
		}
	}
	return p
}

// planWorks gives the order, and lets the crew begin with a picture of the site.
func (n *night) planWorks(ctx context.Context, r rubble) error {
	o := works.Order{ID: id.New[works.Order](n.clock.Now()), Org: n.cast.orgs[r.org], Place: r.place, HasPoint: true, At: r.at, Volume: r.volume, Dangers: r.dangers, Lang: "ar"}
	by := n.who(actor.Coordinator, actor.Scope{Org: o.Org, Path: n.path(r.place)})
	if err := n.h.Works.Plan(ctx, by, o, string(demoPhone(r.phone))); err != nil {
		return err
	}
	n.at(r.begins, func(ctx context.Context) error {
		if err := n.h.Works.AddPhoto(ctx, by, o.ID, works.Before, heap(r.volume)); err != nil {
			return err
		}
		return n.h.Works.Begin(ctx, by, o.ID)
	})
	return nil
}

// heap is a drawing of stones under a sky that stands for a picture of a site:
// the demonstration has no photograph of anybody's house.
func heap(stones int) []byte {
	p := image.NewRGBA(image.Rect(0, 0, 480, 320))
	for y := range 320 {
		for x := range 480 {
			p.SetRGBA(x, y, color.RGBA{R: uint8(180 + y/8), G: uint8(205 + y/10), B: 228, A: 255})
		}
	}
	for i := range stones * 3 {
		x, w := (i*97)%480, 12+(i*31)%34
		top := 320 - (i*53)%(40+140*(240-max(x-240, 240-x))/240)
		grey := uint8(96 + (i*29)%96)
		for dy := range w * 2 / 3 {
			for dx := range w {
				p.SetRGBA(x+dx-dy/3, top+dy, color.RGBA{R: grey, G: grey - 12, B: grey - 26, A: 255})
			}
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, p, nil) // memory always takes it
	return b.Bytes()
}
