package field

import (
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page with invented teams and requests, each list with its
// longest and shortest line, each form with what can go wrong.
func gallery() []module.Example {
	return slices.Concat(teamExamples(), missionExamples(), visitExamples(), whereExamples(), caravanExamples(), roadExamples(), outreachExamples())
}

// What the examples have in common.
const (
	exampleMission = "01999999-0000-7000-8000-000000000001"
	exampleTeam    = "01999999-0000-7000-8000-000000000002"
	exampleStop    = "01999999-0000-7000-8000-000000000003"
	exampleCase    = "01999999-0000-7000-8000-000000000004"
	exampleReport  = "01999999-0000-7000-8000-00000000000f"
)

var exampleTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

// exampleFrame is a page with these fields wrong.
func exampleFrame(kind, title string, fields ...string) ui.Frame {
	f := ui.Frame{Title: title, Kind: kind}
	for _, name := range fields {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

func bdi(s template.HTML) template.HTML { return "<bdi>" + s + "</bdi>" }

func exampleTeamRow(state, mission string) teamRow {
	return teamRow{exampleTeam, bdi("Étoile 4 – Ouirgane"), bdi("L’Étoile à huit branches"), bdi("Ouirgane"), []template.HTML{"Sauvetage", "Premiers secours"},
		[]template.HTML{"Tachelhit", "Darija"}, 8, state, mission, atRow{bdi("Imlil"), exampleTime.Add(-2 * time.Hour), mission != "", false, exampleTime.Add(5 * time.Hour)}, mission != "", exampleTime.Add(-7 * time.Hour)}
}

func exampleCases() []caseRow {
	return []caseRow{
		{exampleCase, "482719063", 1, bdi("Tizi Oussem") + " · " + bdi("Ouirgane"), 7, nil, exampleTime.Add(40 * time.Minute), true, true, true},
		{exampleCase, "482719448", 3, bdi("Imlil"), 120, nil, exampleTime.Add(-time.Hour), false, false, false},
	}
}

func exampleStops() []stopRow {
	all := exampleCases()
	return []stopRow{
		{caseRow: all[0], Stop: exampleStop, Seq: 1, State: "waiting", At: exampleTime},
		{caseRow: all[1], Stop: exampleStop, Seq: 2, State: "delivered", At: exampleTime, Witness: true},
		{caseRow: all[1], Stop: exampleStop, Seq: 3, State: "not_reached", Reason: "road_closed", At: exampleTime},
		{caseRow: caseRow{ID: exampleCase, Place: bdi("Amizmiz")}, Stop: exampleStop, Seq: 4, State: "waiting", At: exampleTime},
	}
}

func exampleLines() []lineRow {
	return []lineRow{{bdi("Couverture"), "pièce", 1200, 340, 0, 3, 857, "wet", 1800}, {bdi("Panier alimentaire"), "panier", 40, 0, 0, 0, 40, "", 0}}
}

func exampleMissions() []missionRow {
	at, m := exampleTime, exampleTeamRow("away", exampleMission)
	return []missionRow{
		{exampleMission, m.Name, m.Org, bdi("Ouirgane"), "departed", at.Add(-9 * time.Hour), 3, 12, true, at.Add(-7 * time.Hour)},
		{exampleMission, m.Name, m.Org, bdi("Imlil"), "planned", at, 0, 1, false, at},
		{exampleMission, m.Name, m.Org, bdi("Asni"), "closed", at, 4, 4, false, at},
		{exampleMission, m.Name, m.Org, bdi("Asni"), "cancelled", at, 4, 4, false, at},
	}
}

func exampleGaps() []gapRow {
	return []gapRow{{bdi("Ouirgane"), []template.HTML{bdi("Les Quatre Mulets"), bdi("Le Pain de l’aube")}, []nearRow{{bdi("Ijoukak"), 31}, {bdi("Aghbar"), 1}}}}
}

func exampleUnits(prefix string) []unitField {
	return []unitField{{prefix + "blanket", bdi("Couverture"), "857", "12"}, {prefix + "food_basket", bdi("Panier alimentaire"), "40", ""}}
}

// exampleWords are answers to choose from, the second of them chosen.
func exampleWords(all ...template.HTML) (out []ui.Option) {
	for i, w := range all {
		out = append(out, ui.Option{Value: string(w), Title: w, Chosen: i == 1})
	}
	return out
}

var examplePager = ui.Pager{More: "/fr/teams?after=" + exampleTeam, Shown: 50, Step: 50}

func teamExamples() []module.Example {
	free := exampleTeamRow("ready", "")
	form := teamFormPage{Frame: exampleFrame(ui.Staff, "Équipe", "name_ar", "skills", "base_code"), ID: exampleTeam, New: true, NameFR: "Étoile 4", People: "8",
		Base: "Trois-Sources", BaseWas: "Trois-Sources", Orgs: exampleWords("L’Étoile", "Les Quatre Mulets"),
		Skills: ui.Choices{Name: "skills", Legend: "Compétences", Many: true, Options: exampleWords("Sauvetage", "Mulets", "Cuisine")},
		Langs:  ui.Choices{Name: "languages", Legend: "Langues", Many: true, Options: exampleWords("Tachelhit", "Darija")},
		Bases:  ui.Choices{Name: "base_code", Legend: "Quel lieu", Options: exampleWords("Ouirgane", "Asni")}}
	change := form
	change.Frame, change.New, change.Bases = exampleFrame(ui.Staff, "Équipe"), false, ui.Choices{}
	return []module.Example{
		{Template: "field_teams", Page: &teamsPage{Frame: exampleFrame(ui.Staff, "Équipes"), HasOwn: true, CanCreate: true, Pager: examplePager,
			Rows: []teamRow{free, exampleTeamRow("away", exampleMission), exampleTeamRow("ready", exampleMission)}}},
		{Template: "field_teams", Page: &teamsPage{Frame: exampleFrame(ui.Staff, "Équipes")}},
		{Template: "field_team", Page: &teamPage{Frame: exampleFrame(ui.Staff, "Équipe"), teamRow: free, Missions: exampleMissions(), CanEdit: true, CanPlan: true, CanClose: true}},
		{Template: "field_team", Page: &teamPage{Frame: exampleFrame(ui.Staff, "Équipe", "base_code", "back"), teamRow: exampleTeamRow("away", exampleMission), CanSay: true,
			Typed: "Trois-Sources", Bases: ui.Choices{Name: "base_code", Legend: "Quel lieu", Options: exampleWords("Ouirgane", "Asni")}}},
		{Template: "field_team_form", Page: &form},
		{Template: "field_team_form", Page: &change},
	}
}

func missionExamples() []module.Example {
	team, rows, stops := exampleTeamRow("ready", ""), exampleMissions(), exampleStops()
	found := foundPanel{ID: exampleStop, Sum: foundRow{"", 12, 2, 0, time.Time{}, false}, Can: true,
		Rows: []foundRow{{exampleStop, 12, 2, 0, exampleTime, false}, {exampleStop, 120, 0, 1, exampleTime, true}}}
	planned := missionPage{Frame: exampleFrame(ui.Staff, "Mission"), ID: exampleMission, Team: team.Name, TeamID: exampleTeam, Org: team.Org, State: "planned",
		Row: rows[1], Planned: exampleTime, Stops: stops[:1], Lines: exampleLines(), Gaps: exampleGaps(), Waiting: exampleCases(), Loads: exampleUnits("load_"),
		Hinders: []template.HTML{"…"}, Caravan: exampleCaravan(), Can: can{Add: true, Drop: true, Load: true, Depart: true, Cancel: true}}
	onTheWay := planned
	onTheWay.Found, onTheWay.Talk = found, true
	onTheWay.Visits = []visitRow{{ID: exampleStop, Place: bdi("Imlil"), Households: 106, State: "waiting", Reasons: exampleWords("Route coupée", "Danger")}, {ID: exampleStop, Place: bdi("Asni"), State: "visited", Met: 12},
		{ID: exampleStop, Place: bdi("Aghbar"), State: "not_reached", Reason: "road_closed"}, {ID: exampleStop, Place: bdi("Ijoukak"), State: "cancelled"}}
	onTheWay.Frame = exampleFrame(ui.Staff, "Mission", "back_blanket", "lost_reason", "case", "safe", "met")
	onTheWay.State, onTheWay.Row, onTheWay.Stops, onTheWay.Gaps, onTheWay.Loads = "departed", rows[0], stops, nil, nil
	onTheWay.Backs, onTheWay.Lost = exampleUnits("back_"), "3"
	onTheWay.LostGood, onTheWay.LostWhy = exampleWords("Couverture", "Panier"), exampleWords("Cassé", "Mouillé")
	onTheWay.Can = can{Add: true, Visit: true, Account: true, Close: true, Reveal: true}
	ended := missionPage{Frame: exampleFrame(ui.Staff, "Mission"), ID: exampleMission, Team: team.Name, TeamID: exampleTeam, Org: team.Org, State: "closed", Row: rows[2], Planned: exampleTime}
	return []module.Example{
		{Template: "field_missions", Page: &missionsPage{Frame: exampleFrame(ui.Staff, "Missions"), Rows: rows, Pager: examplePager, CanPlan: true}},
		{Template: "field_missions", Page: &missionsPage{Frame: exampleFrame(ui.Staff, "Missions"), Ended: true}},
		{Template: "field_mission_new", Page: &missionNewPage{Frame: exampleFrame(ui.Staff, "Nouvelle mission"), ID: exampleMission, Teams: []teamRow{team}}},
		{Template: "field_mission_new", Page: &missionNewPage{Frame: exampleFrame(ui.Staff, "Nouvelle mission", "team", "leave", "case"), ID: exampleMission,
			TeamID: exampleTeam, Team: team, Leave: "2026-11-21T14:00", Waiting: exampleCases(), Gaps: exampleGaps()}},
		{Template: "field_mission", Page: &planned},
		{Template: "field_mission", Page: &onTheWay},
		{Template: "field_mission", Page: &ended},
	}
}

func visitExamples() []module.Example {
	stops := exampleStops()
	visit := visitPage{Frame: exampleFrame(ui.Staff, "Étape", "code", "no_goods", "good_blanket"), Head: "field.visit.title", ID: exampleStop, Mission: exampleMission,
		Stop: stops[0], Units: exampleUnits("good_"), Witness: "Lahcen A.", Relation: exampleWords("Voisin", "Ancien"), Reasons: exampleWords("Route coupée", "Danger"),
		Proof: ui.Choices{Name: "proof", Legend: "La preuve", Options: []ui.Option{{Value: ByCode, Title: "Code", Icon: "key", Colour: "teal", Chosen: true},
			{Value: ByWitness, Title: "Témoin", Icon: "users", Colour: "blue"}}}}
	paper := func(title string) *paperPage {
		return &paperPage{Frame: exampleFrame(ui.Print, title), Row: exampleMissions()[0], Base: bdi("Ouirgane"), Planned: exampleTime, Left: exampleTime,
			Stops: stops, Lines: exampleLines(), Blank: make([]struct{}, 3), Vehicles: exampleVehicles(), Weight: exampleWeight(), Permit: examplePermit("granted"), Secret: true}
	}
	named := paper("Bon de route")
	named.Vehicles, named.Named, named.Back = exampleCrew(), true, exampleTime
	alone := paper("Bon de route")
	alone.Vehicles, alone.Secret, alone.Permit = nil, false, permitRow{State: "not_needed"}
	return []module.Example{
		{Template: "field_visit", Page: &visit},
		{Template: "field_visit", Page: &visitPage{Frame: exampleFrame(ui.Staff, "Étape"), Head: "field.visit.title", Mission: exampleMission, Stop: stops[2]}},
		{Template: "field_witness", Page: &witnessPage{Frame: exampleFrame(ui.Staff, "Témoin", "reason"), Head: "field.witness.title", Mission: exampleMission,
			Stop: stops[1], Reasons: exampleWords("Réclamation", "Audit")}},
		{Template: "field_witness", Page: &witnessPage{Frame: exampleFrame(ui.Staff, "Témoin"), Head: "field.witness.title", Mission: exampleMission, Stop: stops[1], Name: bdi("Lahcen A.")}},
		{Template: "field_waybill", Page: paper("Bon de route")},
		{Template: "field_waybill", Page: named},
		{Template: "field_waybill", Page: alone},
		{Template: "field_list", Page: paper("Liste de distribution")},
	}
}

func whereExamples() []module.Example {
	m := exampleTeamRow("away", exampleMission)
	return []module.Example{
		{Template: "field_where", Page: &wherePage{Frame: exampleFrame(ui.Staff, "Qui fait quoi, où"), CSV: "/fr/who-what-where.csv", At: exampleTime, Pager: examplePager,
			Rows: []whereRow{{bdi("Ouirgane"), m.Org, m.Name, "departed", exampleTime, 4, exampleLines()}, {bdi("Asni"), m.Org, m.Name, "planned", exampleTime, 0, nil}}}},
		{Template: "field_where", Page: &wherePage{Frame: exampleFrame(ui.Staff, "Qui fait quoi, où"), CSV: "/fr/who-what-where.csv", At: exampleTime}},
	}
}

func outreachExamples() []module.Example {
	rows := []unreachedRow{{exampleCase, bdi("Imlil"), 106, 120, 4, 75, false, true}, {exampleMission, bdi("Asni"), 0, 40, 3, 34, false, false}, {exampleStop, bdi("Aghbar"), 19, 19, 0, 40, true, false}}
	return []module.Example{
		{Template: "field_unreached", Page: &unreachedPage{Frame: exampleFrame(ui.Staff, "À atteindre", "place", "team"), ID: exampleMission, Rows: rows, Teams: exampleWords("Mulets", "Étoile 4"), Most: 12, Least: 5, Affected: 3, Level: 10, Share: 40, HarmLevel: 3}},
		{Template: "field_unreached", Page: &unreachedPage{Frame: exampleFrame(ui.Staff, "À atteindre"), Most: 12, Least: 5, Affected: 3, Level: 10, Share: 40, HarmLevel: 3}},
	}
}
