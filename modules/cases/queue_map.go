package cases

import (
	"html/template"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
)

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
