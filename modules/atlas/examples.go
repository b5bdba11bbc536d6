package atlas

import (
	"html/template"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page with invented places and requests.
func gallery() []module.Example {
	f := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "queue"}
	bdi := func(s string) template.HTML { return template.HTML("<bdi>" + template.HTMLEscapeString(s) + "</bdi>") }
	kinds := []link{{"/fr/atlas/table?by=province", "atlas.table.by_province", false}, {"/fr/atlas/table?by=commune", "atlas.table.by_commune", true}, {"/fr/atlas/table?by=place", "atlas.table.by_place", false}}
	orders := []link{{"/fr/atlas/table?sort=urgent", "atlas.table.sort_urgent", true}, {"/fr/atlas/table?sort=count", "atlas.table.sort_count", false}, {"/fr/atlas/table?sort=name", "atlas.table.sort_name", false}}
	rows := []row{
		{Href: "/fr/atlas/table?place=a", Place: bdi("Ighil, Al Haouz"), N: counts{3, 12, 140, 0}, All: 155, Teams: 2, Road: "atlas.road.closed", Shut: true, Harm: 4},
		{Href: "/fr/atlas/table?place=none", Place: bdi("…"), N: counts{0, 0, 1, 2}, All: 3},
		{Place: bdi("أمزميز، الحوز"), Teams: 1, Road: "atlas.road.rough"}}
	lines := []Line{{ID: "x", Href: "/fr/queue?case=x", Receipt: "482719448", Level: 1, Title: "…", Left: "…", Late: true}, {ID: "y", Href: "/fr/queue?case=y", Receipt: "482719449", Level: 4, Title: "…", State: "…"}}
	return []module.Example{
		{Template: "atlas_table", Page: &tablePage{Frame: f, Kinds: kinds, Sorts: orders, Rows: rows, Sum: row{N: counts{3, 12, 141, 2}, All: 158, Teams: 3}, Pager: ui.Pager{Shown: 3}}},
		{Template: "atlas_table", Page: &tablePage{Frame: f, Phase: OpenPhase, Kinds: kinds, Sorts: orders, Pager: ui.Pager{More: "/fr/atlas/table?after=x", Shown: 0, Step: rowsOf}}},
		{Template: "atlas_table", Page: &tablePage{Frame: f, One: &onePage{Name: bdi("Ighil, Al Haouz"), N: counts{1, 0, 0, 1}, All: 2, Lines: lines, Back: "/fr/atlas/table"}, Pager: ui.Pager{Shown: 2}}},
		{Template: "atlas_table", Page: &tablePage{Frame: f, One: &onePage{Name: bdi("Ighil"), Back: "/fr/atlas/table"}}},
	}
}
