package works

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

const exampleID = "01999999-0000-7000-8000-000000000001"

var exampleTime = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)

func exampleFrame(kind, title string, fields ...string) ui.Frame {
	f := ui.Frame{Title: title, Kind: kind, Nav: "works"}
	for _, name := range fields {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

// gallery is every page with an invented site.
func gallery() []module.Example {
	row := orderRow{exampleID, "<bdi>Imlil</bdi>, <bdi>Asni</bdi>", "<bdi>L’Étoile</bdi>", "planned", 340, exampleTime, 2}
	calm := row
	calm.State, calm.Blocked = "working", 0
	done := calm
	done.State = "done"
	why := []ui.Option{{Value: "searched", Title: "Fouillé"}, {Value: "elsewhere", Title: "Ailleurs"}}
	choices := func(name, legend string) ui.Choices {
		return ui.Choices{Name: name, Legend: template.HTML(legend), Many: name == "danger", Options: []ui.Option{{Value: "gas", Title: "Gaz"}, {Value: "slope", Title: "Pente", Chosen: true}}}
	}
	blocked := orderPage{Frame: exampleFrame(ui.Staff, "Chantier", "begin"), Row: row, Dangers: []template.HTML{"Gaz", "Pente"}, HasPhone: true, Reasons: why,
		Blocks: []blockRow{{exampleID, "482719063", "<bdi>Imlil</bdi>", 120}, {exampleID, "482719448", "<bdi>Asni</bdi>", -1}}, Apart: []apartRow{{"482719063", "searched"}},
		Before: []photoRow{{exampleID, 1, exampleTime, false}}, CanBegin: true, CanCancel: true, CanApart: true, CanBefore: true, CanLook: true}
	atWork := orderPage{Frame: exampleFrame(ui.Staff, "Chantier", "photo", "moment"), Row: calm, Before: []photoRow{{exampleID, 1, exampleTime, true}},
		CanStop: true, CanFinish: true, CanAfter: true, CanLook: true}
	stopped := orderPage{Frame: exampleFrame(ui.Staff, "Chantier"), Row: row, StoppedFor: "482719063", CanBegin: true, CanCancel: true}
	stopped.Row.State = "stopped"
	paper := blocked
	paper.Frame, paper.At = exampleFrame(ui.Print, "Ordre de travaux"), exampleTime
	return []module.Example{
		{Template: "works_orders", Page: &ordersPage{Frame: exampleFrame(ui.Staff, "Chantiers"), Rows: []orderRow{row, calm, stopped.Row}, CanPlan: true}},
		{Template: "works_orders", Page: &ordersPage{Frame: exampleFrame(ui.Staff, "Chantiers"), Ended: true, Rows: []orderRow{done}}},
		{Template: "works_orders", Page: &ordersPage{Frame: exampleFrame(ui.Staff, "Chantiers")}},
		{Template: "works_form", Page: &formPage{Frame: exampleFrame(ui.Staff, "Chantier", "place", "lat", "volume", "phone", "org", "danger", "place_code"), ID: exampleID, Place: "Imlil", Volume: "340",
			Orgs: []ui.Option{{Value: exampleID, Title: "L’Étoile"}, {Value: "x", Title: "Asni"}}, Found: choices("place_code", "Quel lieu"), Dangers: choices("danger", "Dangers")}},
		{Template: "works_order", Page: &blocked},
		{Template: "works_order", Page: &atWork},
		{Template: "works_order", Page: &stopped},
		{Template: "works_paper", Page: &paper},
		{Template: "works_photo", Page: &photoPage{Frame: exampleFrame(ui.Staff, "Photo"), Order: exampleID, Picture: "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="}},
	}
}
