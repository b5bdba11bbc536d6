package audit

import (
	"strings"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page of the auditor's room with invented data.
func gallery() []module.Example {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	staff := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "audit"}
	wrong := staff
	for _, field := range []string{"kind", "seed", "wanted", "verdict", "words"} {
		wrong.Errors = append(wrong.Errors, ui.FieldError{Field: field, Text: "…"})
	}
	const sid = "01999999-0000-7000-8000-000000000001"
	one := sampleRow{ID: sid, Kind: "gift", Seed: "7-12-31-40-44", Items: 3, Population: 38, Marked: 2, At: at}
	var kinds, verdicts []ui.Option
	for _, k := range Kinds {
		kinds = append(kinds, ui.Option{Value: k, Title: ui.Isolated("…")})
	}
	for _, v := range Verdicts {
		verdicts = append(verdicts, ui.Option{Value: string(v), Title: ui.Isolated("…")})
	}
	steps := []Step{{0, ui.Isolated("500 DH"), "/treasury/neige"}, {1, ui.Isolated("400 DH"), ""}, {2, ui.Isolated("60"), "/depot"}, {3, ui.Isolated("482 719 064"), "/cases/" + sid}}
	fixed := []correctionRow{{ID: sid, Page: "/numbers", Sum: strings.Repeat("ab", 32), Wrong: ui.Isolated("…"), Right: ui.Isolated("…"), At: at, Since: at, Leaf: true}, {ID: sid, Sum: strings.Repeat("ab", 32), Wrong: ui.Isolated("…"), Right: ui.Isolated("…"), At: at}}
	open := ui.Frame{Title: "…", Kind: ui.Citizen, Nav: "about"}
	bad := open
	for _, field := range []string{"wrong_ar", "wrong_fr", "right_ar", "right_fr", "page", "since"} {
		bad.Errors = append(bad.Errors, ui.FieldError{Field: field, Text: "…"})
	}
	return []module.Example{
		{Template: "audit_corrections", Page: &correctionsPage{Frame: bad, Rows: fixed, May: true, ID: sid, V: map[string]string{"page": "/numbers"}}},
		{Template: "audit_corrections", Page: &correctionsPage{Frame: open, V: map[string]string{}}},
		{Template: "audit_room", Page: &roomPage{Frame: wrong, Samples: []sampleRow{one}, ID: sid, Kinds: kinds, Seed: "7-12", Wanted: "20"}},
		{Template: "audit_room", Page: &roomPage{Frame: staff, ID: sid, Kinds: kinds, Wanted: "20"}},
		{Template: "audit_sample", Page: &samplePage{Frame: staff, Sample: one, Digest: strings.Repeat("ab", 32), Rows: []itemRow{{1, Fine}, {2, Question}, {3, Wrong}, {4, ""}}}},
		{Template: "audit_item", Page: &itemPage{Frame: wrong, Sample: sid, Kind: "gift", N: 1, Of: 3, Steps: steps, Findings: []findingRow{{Question, "Où est la facture ?", at}, {Wrong, "…", at}, {Fine, "", at}}, Fresh: sid, Verdicts: verdicts, Words: "…"}},
		{Template: "audit_item", Page: &itemPage{Frame: staff, Sample: sid, Kind: "delivery", N: 2, Of: 3, Fresh: sid, Verdicts: verdicts}},
	}
}
