package watch

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page of watch with invented data.
func (s *Service) gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "journal"}
	rows := []lineRow{
		{Seq: 42, At: at, Label: "A reconnu l’organisation", Word: "people.organisation.recognise", Kind: "people.organisation", Short: "9f01c2d3", Path: "/journal/path/people.organisation/x",
			Who: "77aa00bb", Role: "Cellule de crise", Org: "Cellule de crise Atlas", Channel: "web", Facts: []fact{{"reason", "papers_checked"}, {"status", "recognised"}, {"territory", "07.041, 07.161"}}},
		{Seq: 41, At: at, Label: "S’est vu refuser l’accès", Word: "people.session.refuse", Kind: "people.account", Short: "none", Path: "/journal/path/people.account/none",
			Role: "Une personne sans compte", Channel: "web", Facts: []fact{{"result", "login"}}},
	}
	sum := []byte("thirty-two bytes of a chain head")
	return []module.Example{
		{Template: "watch_journal", Page: &journalPage{Frame: staff, Rows: rows, Words: []ui.Option{{Value: "people.session.open", Title: "S’est connecté", Chosen: true}}, Word: "people.session.open",
			Pager: ui.Pager{More: "/fr/journal?before=41", Shown: 2, Step: pageLines}, MayExport: true, MostLines: mostLines}},
		{Template: "watch_journal", Page: &journalPage{Frame: staff}},
		{Template: "watch_path", Page: &pathPage{Frame: ui.Frame{Title: "…", Kind: ui.Print}, Kind: "people.organisation", ID: "0190", Rows: rows}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff, Chain: chain{Sealed: 12034, Waiting: 3, Head: sum, At: at}, Groups: groups(sum), Last: &verified{Sealed: 12000, Sound: true}, LastAt: at}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff, Last: &verified{Sealed: 7}, LastAt: at}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff}},
	}
}
