package stock

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is the page of depots with invented data.
func gallery() []module.Example {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	org, good := ui.Isolated("جمعية النجمة"), ui.Isolated("بطانيات")
	kept := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "depot"}
	for _, field := range []string{"good", "units", "source", "number", "amount", "customs", "lost_good", "lost_units", "reason"} {
		kept.Errors = append(kept.Errors, ui.FieldError{Field: field, Text: "…"})
	}
	one := []ui.Option{{Value: "blanket", Title: good, Chosen: true}}
	typed := map[string]string{"units": "12", "number": "482719064", "amount": "120", "lost_units": "1"}
	full := &depotPage{Frame: kept, MayKeep: true, One: true, Org: "9", ID: "1", LossID: "2", Goods: one, Lost: one, Sources: one, Reasons: one, V: typed,
		Rows:   []depotRow{{org, good, 12, 3, 40, 1, false}, {org, good, 0, 3, 40, 0, true}},
		Lots:   []lotRow{{org, good, 56, Bought, "", 560_00, at, []fateRow{{Handed, 30, ui.Isolated("إيجوكاك")}, {Handed, 10, ""}, {OnRoad, 3, ""}, {InDepot, 12, ""}, {Gone, 1, ""}}}, {org, good, 4, Given, "309-010-2026-0012345-K", 0, at, nil}},
		Losses: []lossRow{{org, good, 1, "wet", at}}}
	all := *full
	all.One, all.MayKeep, all.Frame = false, false, ui.Frame{Title: "…", Kind: ui.Staff, Nav: "depot"}
	return []module.Example{
		{Template: "stock_depot", Page: full},
		{Template: "stock_depot", Page: &all},
		{Template: "stock_depot", Page: &depotPage{Frame: all.Frame, V: map[string]string{}}},
	}
}
