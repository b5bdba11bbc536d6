package field

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

func exampleVehicles() []vehicleRow {
	return []vehicleRow{{ID: exampleStop, Kind: "lorry", Road: Road, Kg: 10_000, Litres: 40_000, Seats: 2, Offered: true, Secret: true},
		{ID: exampleStop, Kind: "4x4", Road: Track, Kg: 500, Litres: 1500, Seats: 4}, {ID: exampleStop, Kind: "mule", Road: Path, Kg: 80, Litres: 160}}
}

func exampleCrew() []vehicleRow {
	all := exampleVehicles()
	all[0].Plate, all[0].Driver = bdi("12345 – A – 26"), bdi("Lahcen A.")
	return all
}

func exampleWeight() weightRow {
	return weightRow{Kg: 2340.5, Litres: 9800, MostKg: 10_580, MostLitres: 41_660}
}

func examplePermit(state string) permitRow {
	p := permitRow{State: state, Needs: []needRow{{bdi("Autorisation du gouverneur"), "Law 18-18", 10}}}
	if state == "granted" {
		p.Number, p.Authority, p.Dated = "147/2026", "Province d’Al Haouz", exampleTime
	}
	return p
}

func exampleCaravan() caravanSum {
	return caravanSum{Vehicles: exampleVehicles(), Weight: exampleWeight(), Permit: examplePermit("asked"), Stopped: 1, Anyway: exampleWords("Guide", "Danger")}
}

func caravanExamples() []module.Example {
	fresh := newVehicle{Kinds: exampleWords("Camion", "Mulets"), Roads: exampleWords("Route", "Piste"), Offers: exampleWords("Camion prêté"), Kg: "900", Plate: "12345 – A – 26"}
	full := caravanPage{Frame: exampleFrame(ui.Staff, "Caravane", "load", "permit", "kind"), ID: exampleMission, Team: bdi("Étoile 4 – Ouirgane"), State: "planned", Vehicles: exampleVehicles(),
		Weight: exampleWeight(), Permit: examplePermit("asked"), States: exampleWords("Demandée", "Accordée"), Loads: exampleUnits("load_"), Gaps: exampleGaps(), Fresh: exampleStop, New: fresh,
		Gifts: []giftRow{{unitField{"gift_" + exampleCase, bdi("Couverture"), "40", ""}, bdi("Imlil"), exampleTime}},
		Legs: []legRow{{bdi("Ouirgane"), "482719063", RoadOpen, "", exampleTime, "x"}, {bdi("Imlil"), "", RoadFoot, "stopped", exampleTime, "x"},
			{bdi("Asni"), "482719448", RoadClosed, "around", exampleTime, "x"}, {bdi("Aghbar"), "", "", "", time.Time{}, "x"}},
		Can: can{Load: true, Depart: true}}
	full.Weight.Over = []template.HTML{"…"}
	full.Weight.Unweighed = []template.HTML{bdi("Panier alimentaire")}
	bare := caravanPage{Frame: exampleFrame(ui.Staff, "Caravane"), ID: exampleMission, Team: bdi("Étoile 4 – Ouirgane"), State: "departed", Permit: examplePermit(noPermit), Lines: exampleLines()}
	means := []meanRow{{Kind: "helicopter", Road: Air, Best: true, Gets: true, Takes: 90 * time.Minute, Cost: 1_750_000, Why: []template.HTML{"…", "…"}}, {Kind: "lorry", Road: Road, Have: true, Why: []template.HTML{"…"}}}
	errand := errandRow{Name: "Imlil", Place: bdi("Imlil"), Receipt: "482719063", Level: 1, Road: RoadClosed, Said: exampleTime, Km: 31, Kg: 240, Means: means, Money: "MAD"}
	return []module.Example{
		{Template: "field_caravan", Page: &full},
		{Template: "field_caravan", Page: &bare},
		{Template: "field_means", Page: &meansPage{Frame: exampleFrame(ui.Staff, "Moyens"), Mission: exampleMission, Errands: []errandRow{errand, {Name: "Asni", Place: bdi("Asni"), Level: 4, Km: -1, Money: "MAD"}}}},
		{Template: "field_means", Page: &meansPage{Frame: exampleFrame(ui.Staff, "Moyens", "base"), Levels: exampleWords("Vital", "Urgent")}},
		{Template: "field_means", Page: &meansPage{Frame: exampleFrame(ui.Staff, "Moyens"), Mission: exampleMission}},
	}
}

func roadExamples() []module.Example {
	rows := []roadRow{{Code: "x", Place: bdi("Imlil"), State: RoadClosed, Source: "seen", Since: exampleTime, Age: 2 * time.Hour, Until: exampleTime.Add(24 * time.Hour), Km: 12},
		{Code: "y", Place: bdi("Asni"), State: RoadRough, Source: "report", Since: exampleTime, Km: -1},
		{Code: "z", Place: bdi("Ouirgane"), State: RoadFoot, Source: "gendarmerie", Since: exampleTime, Km: 31}, {Code: "a", Place: bdi("Aghbar"), State: RoadOpen, Source: "authority", Since: exampleTime, Km: 40}}
	form := roadFormPage{Frame: exampleFrame(ui.Staff, "Route", "base", "base_code", "state", "source", "since", "until"), ID: exampleStop, Base: "Trois-Sources", States: exampleWords("Ouverte", "Fermée"),
		Sources: exampleWords("Vu", "Signalé"), Bases: ui.Choices{Name: "base_code", Legend: "Quel lieu", Options: exampleWords("Ouirgane", "Asni")}}
	return []module.Example{
		{Template: "field_roads", Page: &roadsPage{Frame: exampleFrame(ui.Staff, "Routes"), From: bdi("Asni"), Rows: rows, CSV: "/fr/roads.csv", CanSay: true, Pager: examplePager,
			Reports: []roadReportRow{{Case: exampleCase, Href: "/cases/" + exampleCase, Receipt: "482719063", Code: "x", Place: bdi("Imlil"), States: exampleWords("Ouverte", "Fermée"), At: exampleTime, Fresh: exampleStop}, {Case: exampleReport, Href: "/damage/reports/" + exampleReport, Code: "y", Place: bdi("Imlil"), States: exampleWords("Ouverte", "Fermée"), At: exampleTime, Fresh: exampleStop}}}},
		{Template: "field_roads", Page: &roadsPage{Frame: exampleFrame(ui.Staff, "Routes"), CSV: "/fr/roads.csv"}},
		{Template: "field_road", Page: &roadPage{Frame: exampleFrame(ui.Staff, "Route"), Code: "x", Place: bdi("Imlil"), Now: rows[1], Rows: rows, CanSay: true}},
		{Template: "field_road", Page: &roadPage{Frame: exampleFrame(ui.Staff, "Route"), Code: "x", Place: bdi("Imlil")}},
		{Template: "field_road_form", Page: &form},
		{Template: "field_road_form", Page: &roadFormPage{Frame: exampleFrame(ui.Staff, "Route"), ID: exampleStop, Code: "x", Base: "Imlil"}},
		{Template: "field_gaps_page", Page: &gapsPage{Frame: exampleFrame(ui.Staff, "Oubliés"), From: bdi("Asni"), CanTake: true, Rows: []forgottenRow{
			{Code: "x", Place: bdi("Imlil"), Waiting: 31, Level: 1, Oldest: exampleTime, Km: 12, Road: RoadClosed, Queue: "/fr/queue?area=x"}, {Code: "y", Place: bdi("Aghbar"), Waiting: 1, Level: 4, Oldest: exampleTime, Km: -1, Queue: "/fr/queue?area=y"}}}},
		{Template: "field_gaps_page", Page: &gapsPage{Frame: exampleFrame(ui.Staff, "Oubliés")}},
	}
}
