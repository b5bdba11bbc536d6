package spellings

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is the page of spellings with invented data.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "spellings"}
	wrong := staff
	wrong.Errors = []ui.FieldError{{Field: "file", Text: "…"}}
	rows := []spellingRow{
		{ID: "1", Shown: "Tijgalt", Place: "<bdi>Tajgalte</bdi> · <bdi>Ijoukak</bdi>", Times: 3, From: []template.HTML{"Régulation", "<bdi>Association Tifaouine</bdi>"}, Last: at, Heeded: true},
		{ID: "2", Shown: "تجكَالت", Place: `<bdi lang="ar">تجڭالت</bdi> · <bdi>Ijoukak</bdi>`, Times: 2, From: []template.HTML{"Fichier de <bdi>Atlas</bdi>"}, Last: at, Heeded: true, Homonym: true},
		{ID: "3", Shown: "Asni lfouqani", Place: "<bdi>Asni</bdi>", Times: 1, From: []template.HTML{"Centre d’appels"}, Last: at, Theirs: true},
	}
	back := []spellingRow{{ID: "4", Shown: "Lbldia", Place: "<bdi>Amizmiz</bdi>", Times: 1, From: []template.HTML{"Centre d’appels"}, Last: at, Back: at}}
	return []module.Example{
		{Template: "spellings_list", Page: &spellingsPage{Frame: staff, Rows: rows, Accounts: 2, Pager: ui.Pager{More: "/fr/spellings?before=1", Shown: 3, Step: pageRows}, Done: &Taken{Rows: 9, Added: 5, Again: 2, Unknown: 1, Refused: 1}}},
		{Template: "spellings_list", Page: &spellingsPage{Frame: staff, Rows: back, Taken: true, Query: "lbldia", Accounts: 2, Pager: ui.Pager{Shown: 1, Step: pageRows}}},
		{Template: "spellings_list", Page: &spellingsPage{Frame: wrong, Accounts: 2}},
	}
}
