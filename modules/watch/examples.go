package watch

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page of watch with invented data.
func (s *Service) gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := ui.Frame{Title: "…", Kind: ui.Staff, Nav: "journal"}
	rows := []lineRow{
		{Seq: 42, At: at, Label: "A reconnu l’organisation", Word: "people.organisation.recognise", Kind: "Organisation", Short: "9f01c2d3", Path: "/journal/path/people.organisation/x",
			Who: "77aa00bb", Role: "Cellule de crise", Org: "Cellule de crise Atlas", Channel: "web", Facts: []fact{{Words: "Pièces vérifiées"}, {Words: "Reconnue"}, {Words: "Al Haouz", Path: "/organisations/x"}, {Code: "unheard=7"}}},
		{Seq: 41, At: at, Label: "S’est vu refuser l’accès", Word: "people.session.refuse", Kind: "Compte", Short: "none", Path: "/journal/path/people.account/none",
			Role: "Une personne sans compte", Channel: "web", Facts: []fact{{Words: "Identifiant inconnu"}}},
	}
	sum := []byte("thirty-two bytes of a chain head")
	return []module.Example{
		{Template: "watch_journal", Page: &journalPage{Frame: staff, Rows: rows, Words: []ui.Option{{Value: "people.session.open", Title: "S’est connecté", Chosen: true}}, Word: "people.session.open",
			Pager: ui.Pager{More: "/fr/journal?before=41", Shown: 2, Step: pageLines}, MayExport: true, MostLines: mostLines}},
		{Template: "watch_journal", Page: &journalPage{Frame: staff}},
		{Template: "watch_path", Page: &pathPage{Frame: ui.Frame{Title: "…", Kind: ui.Print}, Kind: "Organisation", ID: "0190", Rows: rows}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff, Chain: chain{Sealed: 12034, Waiting: 3, Head: sum, At: at}, Groups: groups(sum), Last: &verified{Sealed: 12000, Sound: true}, LastAt: at, Sound: Sound{At: at}}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff, Last: &verified{Sealed: 7}, LastAt: at, Sound: Sound{At: at, Found: 2, Named: []string{"ledger: …"}}}},
		{Template: "watch_integrity", Page: &integrityPage{Frame: staff}},
		{Template: "watch_books", Page: &booksPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "books"}, Count: 1204, MayExport: true,
			Goods: []goodRow{{Name: "Couverture", Left: 1240, Road: 130, Given: 1100, Lost: 10, Orgs: []goodRow{{Name: "Étoile", Left: 1240, Road: 130, Given: 1100, Lost: 10}}}, {Name: "خيمة", Left: 4, Given: 4}},
			Money: []accountRow{{Code: "fund/neige", Href: "/books/account?code=fund%2Fneige", Kind: "…", Holds: "12 DH"}}, MayClose: true, Closed: at, Sound: Sound{At: at, Found: 1}, Till: "2026-11-21",
			Moves: []moveRow{{On: "2026-11-21", At: at, Href: "/missions/x", About: "…", Lines: []template.HTML{"…", "…"}}, {On: "2026-11-21", At: at, About: "…", Lines: []template.HTML{"…"}}}}},
		{Template: "watch_statement", Page: &statementPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "books"}, Code: "fund/neige", Kind: "…", Lines: []statementRow{{at, "2026-11-21", "…", "12 DH", "12 DH"}, {at, "2026-11-21", "…", "-2 DH", "10 DH"}}, Next: "/books/account?code=fund%2Fneige&after=7"}},
		{Template: "watch_statement", Page: &statementPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "books"}, Code: "fund/neige", Kind: "…"}},
		{Template: "watch_books", Page: &booksPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "books"}}},
		{Template: "watch_kpi", Page: kpiSample(at)},
		{Template: "watch_kpi", Page: &kpiPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "kpi"}, Days: 7, Tabs: []spanTab{{7, "/fr/kpi?days=7", true}}, Least: 5, Since: at, Till: at, Currency: "MAD"}},
		{Template: "watch_equity", Page: equitySample(at)},
		{Template: "watch_equity", Page: &equityPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "equity"}, Days: 7, Tabs: []spanTab{{7, "/fr/equity?days=7", true}}, Least: 5, Slower: 20, Since: at}},
	}
}

func kpiSample(at time.Time) *kpiPage {
	return &kpiPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "kpi"}, Days: 30, Tabs: []spanTab{{7, "/fr/kpi?days=7", false}, {30, "/fr/kpi?days=30", true}}, Since: at.AddDate(0, 0, -30), Till: at,
		Least: 5, Parts: 4200, Minor: 105_000, Other: 9_125, Currency: "MAD", File: "/fr/kpi/file?days=30",
		Services: []kpiService{
			{Name: "Demander de l’aide", Needs: 1240, Helped: 911, Half: delayCell{Median: 19 * time.Hour}, Nine: delayCell{Median: 80 * time.Hour, AtLeast: true}, Median: 2, Most: 5, Asks: 1302,
				Rows: []kpiCount{{Key: "calls", N: 845}, {Key: "answers", N: 911}, {Key: "again", Few: true}, {Key: "trips", N: 38}}, Parts: 3835, Minor: 95_875, Each: 105},
			{Name: "Route coupée", Needs: 12, FewHelp: true, Half: delayCell{Median: 40 * time.Hour, AtLeast: true}, Nine: delayCell{Median: 40 * time.Hour, AtLeast: true}, Median: 1, Most: 1, Asks: 12,
				Rows: []kpiCount{{Key: "calls"}, {Key: "answers"}, {Key: "again"}, {Key: "trips"}}},
			{Name: "Autre chose", Few: true}}}
}

func equitySample(at time.Time) *equityPage {
	all := delayCell{Median: 3 * time.Hour}
	slow := delayCell{Median: 5*time.Hour + 20*time.Minute, Waiting: 14, Slower: 77, Alert: true}
	open := delayCell{Median: 26 * time.Hour, AtLeast: true, Waiting: 61, Slower: 12}
	tabs := []spanTab{{7, "/fr/equity?days=7", false}, {30, "/fr/equity?days=30", true}, {90, "/fr/equity?days=90", false}}
	return &equityPage{Frame: ui.Frame{Title: "…", Kind: ui.Staff, Nav: "equity"}, Days: 30, Tabs: tabs, Since: at.AddDate(0, 0, -30), Till: at, Cases: 1240, Owner: all, Help: open, Least: 5, Slower: 20, File: "/fr/equity/file?days=30",
		Alerts: []equityAlarm{{Group: "<bdi>SMS</bdi>", Kind: byChannel, Measure: toOwner, Percent: 77, Cell: slow, All: all, Cases: 212, Raised: at}, {Group: "<bdi>Tidili</bdi>", Kind: byCommune, Measure: toHelp, Percent: 31, Cell: open, All: all, Cases: 9}},
		Kinds: []equityKind{{Name: byChannel, Rows: []equityRow{{Group: "<bdi>SMS</bdi>", Cases: 212, Owner: slow, Help: open}, {Group: "Web", Cases: 1028, Owner: all, Help: all}}},
			{Name: byLanguage, Rows: []equityRow{{Group: "Tachelhit", Cases: 1240, Owner: all, Help: open}}},
			{Name: byProvince, Rows: []equityRow{{Group: "Al Haouz", Cases: 1237, Owner: all, Help: open}, {Group: "…", Few: true}}},
			{Name: byCommune, Rows: []equityRow{{Group: "Tidili", Cases: 9, Owner: slow, Help: open}}, More: 31}}}
}
