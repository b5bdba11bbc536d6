package damage

import (
	"html/template"
	"net/url"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page with invented maps and reports.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := func(nav string) ui.Frame { return ui.Frame{Title: "…", Kind: ui.Staff, Nav: nav} }
	wrong := func(f ui.Frame, field string) ui.Frame {
		f.Errors = []ui.FieldError{{Field: field, Text: "…"}}
		return f
	}
	return append(append(layerExamples(at, staff("damage"), wrong), citizenExamples(at, wrong)...), claimExamples(at, staff("damage_reports"), wrong)...)
}

const exampleID = "01999999-0000-7000-8000-000000000031"

func layerExamples(at time.Time, f ui.Frame, wrong func(ui.Frame, string) ui.Frame) []module.Example {
	ranked := []rankedRow{
		{Code: "x", Place: bdi("Ighil, Al Haouz"), Level: 4, People: 4666, Silence: 3, Score: 55992, Why: []template.HTML{"…", "…"}},
		{Code: "y", Place: bdi("أمزميز، الحوز"), Level: 2, People: 120, Guessed: true, Requests: 3, Reports: 1, GoneAt: at, Silence: 1, Score: 240, Why: []template.HTML{"…"}}}
	tabs := []tab{{"/fr/damage?kind=commune", "damage.list.by_commune", true}, {"/fr/damage?kind=douar", "damage.list.by_douar", false}}
	levels := []levelRow{{4, 98}, {3, 3203}, {2, 0}, {1, 1776}, {0, 0}}
	readings := []ui.Option{{Value: "copernicus", Title: "…", Chosen: true}, {Value: "ems98", Title: "…"}}
	layer := layerPage{ID: exampleID, Name: "Bâtiments touchés", Source: "Copernicus EMSR695", Licence: "…", Author: "Idder", Kind: Damage, Dated: "…", At: at,
		Features: 5193, Levels: levels, Unknown: 116, Away: 3, Mappings: readings, MappingSource: "EMS-98", Places: 29, Communes: 12,
		Worst: []placeRow{{bdi("Ighil"), 4, "…"}}, CanAct: true}
	as := func(s State, can bool) *layerPage {
		p := layer
		p.Frame, p.State, p.CanAct = f, s, can
		return &p
	}
	kinds := []ui.Option{{Value: "damage", Title: "…", Chosen: true}, {Value: "shaking", Title: "…"}}
	return []module.Example{
		{Template: "damage_ranked", Page: &rankedPage{Frame: f, Kind: "commune", Tabs: tabs, Areas: readings, Rows: ranked, CSV: "/fr/damage.csv", GeoJSON: "/fr/damage.geojson", Pager: ui.Pager{Shown: 2}, Layers: 2, Silent: 3, Told: 2, Gone: 1, CanAdd: true, Waiting: 4}},
		{Template: "damage_ranked", Page: &rankedPage{Frame: f, Kind: "douar", Tabs: tabs, CSV: "/fr/damage.csv", GeoJSON: "/fr/damage.geojson", Silent: 3, Told: 2, Gone: 1}},
		{Template: "damage_layers", Page: &layersPage{Frame: f, CanAdd: true, Rows: []layerRow{
			{exampleID, "Bâtiments touchés", "Copernicus", Damage, Draft, "…", 5193, at}, {exampleID, "ShakeMap", "USGS", Shaking, Live, "…", 20, at}, {exampleID, "صور قبل وبعد", "…", Change, Withdrawn, "…", 12, at}}}},
		{Template: "damage_layers", Page: &layersPage{Frame: f}},
		{Template: "damage_layer", Page: as(Draft, true)},
		{Template: "damage_layer", Page: as(Live, true)},
		{Template: "damage_layer", Page: as(Withdrawn, true)},
		{Template: "damage_layer", Page: as(Live, false)},
		{Template: "damage_import", Page: &importPage{Frame: f, V: url.Values{}, Kinds: kinds, MB: 12}},
		{Template: "damage_import", Page: &importPage{Frame: wrong(f, "file"), V: url.Values{"name": {"Bâtiments"}}, Kinds: kinds, MB: 12}},
		{Template: "damage_change", Page: &changePage{Frame: f, V: url.Values{}, Megapixels: 16}},
		{Template: "damage_change", Page: &changePage{Frame: wrong(f, "after"), V: url.Values{"west": {"-8.4"}}, Megapixels: 16}},
	}
}

func citizenExamples(at time.Time, wrong func(ui.Frame, string) ui.Frame) []module.Example {
	form := ui.Frame{Title: "…", Kind: ui.Form, Nav: "crisis"}
	what := ui.Choices{Name: "what", Legend: "…"}
	for i, w := range Whats {
		what.Options = append(what.Options, ui.Option{Value: w, Title: "…", Icon: whatIcons[w][0], Colour: whatIcons[w][1], Digit: i + 1, Chosen: i == 0})
	}
	found := []ui.Option{{Name: "place.code", Value: "x", Title: bdi("Imlil")}}
	list := []whereList{{"place.province", "…", []ui.Option{{Value: "x", Title: "Al Haouz", Chosen: true}}}}
	public := ui.Frame{Title: "…", Kind: ui.Citizen, Nav: "crisis"}
	lines := []claimLine{{"building", Unverified, 3 * time.Hour, at, nil}, {"road", Told, 26 * time.Hour, at, []string{exampleID}}, {"bridge", Confirmed, 40 * time.Minute, at, nil},
		{"school", Disputed, time.Hour, at, nil}, {"water", Refuted, 50 * time.Hour, at, nil}}
	return []module.Example{
		{Template: "damage_report", Page: &reportPage{Frame: form, ID: exampleID, Keep: "/fr/report/" + exampleID + "/send", V: url.Values{}, What: what}},
		{Template: "damage_report", Page: &reportPage{Frame: wrong(form, "place"), ID: exampleID, V: url.Values{}, What: what, Where: whereAsked{Error: "…", Text: "Imlil", Searched: true, Found: found}}},
		{Template: "damage_report", Page: &reportPage{Frame: form, ID: exampleID, V: url.Values{}, What: what, Where: whereAsked{Code: "x", Say: bdi("Imlil"), Lists: list}}},
		{Template: "damage_report", Page: &reportPage{Frame: form, ID: exampleID, V: url.Values{}, What: what, Where: whereAsked{Text: "؟", Searched: true}}},
		{Template: "damage_told", Page: &toldPage{Frame: form, ID: exampleID, Receipt: "482719063", What: "road", Place: bdi("Imlil"), State: Unverified, At: at, MorePhotos: true, MB: 8}},
		{Template: "damage_told", Page: &toldPage{Frame: wrong(form, "photo"), ID: exampleID, Receipt: "482719063", What: "road", State: Told, At: at, MorePhotos: true, MB: 8}},
		{Template: "damage_told", Page: &toldPage{Frame: form, ID: exampleID, Receipt: "482719063", What: "crack", State: Told, At: at, Photos: 2, MB: 8}},
		{Template: "damage_public", Page: &publicPage{Frame: public, Waiting: 1, More: true, Areas: found, Communes: []communeRow{
			{Code: "x", Place: bdi("Ighil, Al Haouz"), Wait: 26 * time.Hour, Lines: lines}, {Code: "y", Place: bdi("أمزميز، الحوز"), CameAt: at, Lines: lines[:1]}}}},
		{Template: "damage_public", Page: &publicPage{Frame: public}},
	}
}

func claimExamples(at time.Time, f ui.Frame, wrong func(ui.Frame, string) ui.Frame) []module.Example {
	row := claimRow{ID: exampleID, What: "road", Place: bdi("Imlil, Al Haouz"), State: Disputed, Sources: 2, Reports: 3, FirstAt: at, LastAt: at.Add(time.Hour)}
	lost := claimRow{ID: exampleID, What: "building", State: Unverified, Sources: 1, Reports: 1, FirstAt: at, LastAt: at}
	reasons := []ui.Option{{Value: "seen", Title: "…"}}
	reported := []reportRow{
		{ID: exampleID, Receipt: "482719063", At: at, Source: "phone", Point: "31.14000, -7.92000", Sealed: true, Photos: []photoRow{{exampleID, 1, false, at}, {exampleID, 2, true, time.Time{}}}, Open: &Private{Phone: "+212600000001", Words: "القنطرة سقطت", Where: "Imlil"}},
		{ID: exampleID, Receipt: "482719448", At: at, Source: "browser", Sealed: true},
		{ID: exampleID, Receipt: "482719554", At: at, Source: "organisation", Org: bdi("L’Étoile")},
		{ID: exampleID, Receipt: "482719661", At: at, Source: "unknown", Aside: "advert"}}
	words := []wordRow{{true, "seen", false, bdi("L’Étoile"), at}, {false, "over", true, "", at}}
	whole := claimPage{Frame: f, claimRow: row, Code: "x", Reported: reported, Words: words, Confirms: reasons, Refutes: reasons, Asides: reasons, CanJudge: true, CanAside: true, CanOpen: true, CanLocate: true, CanShow: true, CanLook: true}
	bare, seeks := whole, whole
	bare.CanJudge, bare.CanAside, bare.CanOpen, bare.CanLocate, bare.CanShow, bare.CanLook, bare.Words = false, false, false, false, false, false, nil
	seeks.claimRow, seeks.Frame, seeks.Query, seeks.Found = lost, wrong(f, "reason"), "Imlil", []ui.Option{{Value: "x", Title: bdi("Imlil")}}
	var squares []squareRow
	for n := range Across * Down {
		squares = append(squares, squareRow{n, n/Across + 1, n%Across + 1, n == 14})
	}
	const pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
	return []module.Example{
		{Template: "damage_claims", Page: &claimsPage{Frame: f, Tabs: []tab{{"/fr/damage/reports", "damage.claims.all", true}}, Rows: []claimRow{row, lost}, Pager: ui.Pager{Shown: 2}}},
		{Template: "damage_claims", Page: &claimsPage{Frame: f, State: "aside", Tabs: []tab{{"/fr/damage/reports", "damage.claims.all", false}}}},
		{Template: "damage_claim", Page: &whole},
		{Template: "damage_claim", Page: &bare},
		{Template: "damage_claim", Page: &seeks},
		{Template: "damage_photo", Page: &photoPage{Frame: f, Claim: exampleID, ID: exampleID, Picture: pixel, Squares: squares, CanShow: true}},
		{Template: "damage_photo", Page: &photoPage{Frame: wrong(f, "sure"), Claim: exampleID, ID: exampleID, Picture: pixel, Squares: squares, CanShow: true}},
		{Template: "damage_photo", Page: &photoPage{Frame: f, Claim: exampleID, ID: exampleID, Picture: pixel, Squares: squares}},
	}
}
