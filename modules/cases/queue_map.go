package cases

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Pane is the map beside a list: a drawing that needs nothing, and what the one
// that moves starts from (template cases_pane).
type Pane struct {
	SVG   template.HTML
	Shown Shown
	Phase string // of the list; "" when the map shows all phases
	Box   string // what it shows first: west, south, east and north in degrees
	All   string // the same of all that the reader sees
	Names string // the languages in which a place is named, as far as it has one
	Table string // address of the same as a table
	Case  string // the one under the hand
	At    string // where that is: longitude, latitude, metres around it; "" when nobody knows
}

// Shown is what a map has to explain beside priorities.
type Shown struct {
	Cover bool // some commune lacks a network
	Harm  bool // some commune was hit
}

// ground is what the map of a list shows: the one area it is about, or all.
func (q Queue) ground() string {
	if len(q.Reach) == 1 {
		return q.Reach[0].Territory
	}
	return ""
}

// queueMap shows where the listed cases are, a symbol for each commune with
// the worst of them: in the one area that the list is about, or as near as all
// of them leave room for.
func (o *Office) queueMap(c *web.Ctx, territory string, all []*Case, cover map[string]places.Cover) template.HTML {
	marks := map[string]*places.Mark{}
	var order []string
	for _, k := range all {
		p, ok := o.places.Commune(k.Place)
		if !ok {
			continue
		}
		m := marks[p.Code]
		if m == nil {
			m = &places.Mark{Code: p.Code, Rank: k.Level}
			marks[p.Code], order = m, append(order, p.Code)
		}
		m.Count++
		m.Rank = min(m.Rank, k.Level)
	}
	var list []places.Mark
	for _, code := range order {
		list = append(list, *marks[code])
	}
	return places.Sketch(o.places, territory, list, places.Sheet{Title: c.P.Text("cases.queue.map"), Lang: c.Lang(), Labels: true, Fit: territory == "", Cover: cover, Harm: o.harm()})
}

// pane is the map of a part of the queue.
func (o *Office) pane(c *web.Ctx, q Queue, all []*Case, cover map[string]places.Cover) *Pane {
	p := &Pane{SVG: o.queueMap(c, q.ground(), all, cover), Shown: Shown{Cover: len(cover) > 0, Harm: len(o.harm()) > 0}, Names: inTurn(c.Lang())}
	v := url.Values{}
	if q.Phase != service.Final { // what is over is not on the map
		p.Phase = string(q.Phase)
		v.Set("phase", p.Phase)
	}
	p.Table = c.Href("/atlas/table")
	if len(v) > 0 {
		p.Table += "?" + v.Encode()
	}
	p.All = o.boxOf(q.ground())
	var seen geo.Box
	for _, k := range all {
		if at, _, ok := o.spot(k); ok {
			seen = seen.See(at)
		}
	}
	if p.Box = p.All; seen != (geo.Box{}) {
		p.Box = boxText(seen.Wider(leastBox))
	}
	return p
}

// point shows which case is under the hand; nil is none.
func (o *Office) point(p *Pane, under *Case) {
	if p != nil && under != nil {
		p.Case, p.At = under.ID.String(), o.spotText(under)
	}
}

// leastBox is how many degrees a map shows around what it shows.
const leastBox = 0.08

// spot is where a case is thought to be, and within how many kilometres: where
// its person pointed, or its place.
func (o *Office) spot(k *Case) (at geo.Point, km float64, ok bool) {
	if k.HasPoint {
		return k.At, 0, true
	}
	return o.places.Point(k.Place)
}

func (o *Office) spotText(k *Case) string {
	at, km, ok := o.spot(k)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.5f %.5f %.0f", at.Lon, at.Lat, math.Round(km*1000))
}

// boxOf is the part of the globe in which a territory lies, or the country.
func (o *Office) boxOf(territory string) string {
	var b geo.Box
	for _, p := range o.places.All(places.Commune) {
		if !p.HasPoint || !o.places.Within(p.Code, territory) && territory != "" {
			continue
		}
		b = b.See(p.At)
	}
	if b == (geo.Box{}) {
		b = o.places.Box()
	}
	return boxText(b.Wider(leastBox))
}

func boxText(b geo.Box) string {
	return fmt.Sprintf("%.4f %.4f %.4f %.4f", b.West, b.South, b.East, b.North)
}

// inTurn are the languages in which a reader is told a name: their own, then
// those that serve instead.
func inTurn(lang string) string {
	rest := map[string][]string{"fr": {"ar", "zgh"}, "en": {"fr", "ar", "zgh"}, "zgh": {"ar", "fr"}, "ar": {"fr", "zgh"}}[lang]
	return strings.Join(append([]string{cmp.Or(lang, "ar")}, rest...), " ")
}
