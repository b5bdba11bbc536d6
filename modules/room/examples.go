package room

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

const exampleID = "01999999-0000-7000-8000-0000000000b1"

var exampleAt = time.Date(2026, 11, 22, 6, 12, 0, 0, time.UTC)

func exampleFrame(kind, nav string, wrong ...string) ui.Frame {
	f := ui.Frame{Kind: kind, Nav: nav, Title: "…"}
	for _, name := range wrong {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

func exampleLines() []Line {
	return []Line{
		{ID: exampleID, Receipt: "482719064", Level: 1, Title: "Abri, chauffage et couvertures", Place: "<bdi>Ijoukak</bdi>, <bdi>Al Haouz</bdi>", State: "Reçue", Due: exampleAt, Late: true, People: 12, Since: exampleAt.Add(-50 * time.Hour)},
		{ID: exampleID, Receipt: "482719072", Level: 2, Title: "Nourriture", State: "En charge", Owner: "<bdi>L’Étoile</bdi>", Due: exampleAt.Add(5 * time.Hour), People: 4, Since: exampleAt},
		{ID: exampleID, Receipt: "482719080", Level: 3, Title: "Eau potable", Place: "<bdi>Asni</bdi>", State: "Close", Over: true, Since: exampleAt},
	}
}

func exampleOptions(values ...string) (out []ui.Option) {
	for i, v := range values {
		out = append(out, ui.Option{Value: v, Title: "…", Chosen: i == 0})
	}
	return out
}

func exampleChoose(wrong ...string) *choosePage {
	p := &choosePage{Frame: exampleFrame(ui.Staff, "queue", wrong...), Filter: "level=1&phase=open", N: 3, More: len(wrong) > 0, Back: "/queue?phase=open",
		Acts: exampleOptions("claim", "assign", "visit", "release"), Teams: exampleOptions("1", "2"), Sectors: exampleOptions("health", "roads")}
	for i, l := range exampleLines() {
		p.Lines = append(p.Lines, ChooseLine{l, i == 1})
	}
	return p
}

// gallery is every page with invented people and data.
func gallery() []module.Example {
	l := exampleLines()
	not := []Left{{l[1], "Prise par L’Étoile il y a 20 minutes."}, {l[2], "Cette demande a changé depuis que vous l’avez choisie."}}
	note := NoteLine{Href: "/fr/handover/" + exampleID, Desk: "<bdi>Al Haouz</bdi>", Who: "<bdi>Salma Aït Lahcen</bdi>", At: exampleAt, Overdue: 12, Taken: 31, Blocked: 2}
	signed := note
	signed.SignedAt, signed.SignedBy = exampleAt.Add(time.Hour), "<bdi>Idder Oubella</bdi>"
	facts := Shift{OverdueN: 12, TakenN: 31, AnswerN: 9, BlockedN: 1}
	views := []ViewLine{{ID: exampleID, Name: "Nuit, Ijoukak", Share: Own, Mine: true, Changes: true}, {ID: exampleID + "2", Name: "أوريكة", Share: OrgShared}, {ID: exampleID + "3", Name: "P1", Share: CellShared}}
	full := &notePage{Frame: exampleFrame(ui.Staff, "handover"), ID: exampleID, Note: note, Since: exampleAt.Add(-8 * time.Hour), F: facts, Overdue: l[:1], Taken: l[1:2],
		Waits: []WaitLine{{"<bdi>L’Étoile</bdi>", 14}}, Blocked: []BlockedLine{{&l[0], "Routes", "La route est coupée", exampleAt}, {nil, "Santé", "…", exampleAt}}}
	opened, closed := *full, *full
	opened.Opened, opened.Words, opened.CanSign = true, "La piste d’Aghbar est coupée.\nRappeler le caïdat à 9 h.", true
	closed.Note, closed.Opened = signed, true
	return []module.Example{
		{Template: "room_views", Page: &viewsPage{Frame: exampleFrame(ui.Staff, "queue", "name"), Views: views, New: true, Filter: "level=1", Name: "Nuit", Shares: exampleOptions("own", "org", "cell")}},
		{Template: "room_views", Page: &viewsPage{Frame: exampleFrame(ui.Staff, "queue")}},
		{Template: "room_choose", Page: exampleChoose()},
		{Template: "room_choose", Page: exampleChoose("case", "act", "team", "sector")},
		{Template: "room_choose", Page: &choosePage{Frame: exampleFrame(ui.Staff, "queue"), Back: "/queue?"}},
		{Template: "room_bulk", Page: &bulkPage{Frame: exampleFrame(ui.Staff, "queue"), ID: exampleID, Act: "claim", State: Draft, Can: l[:1], Not: not}},
		{Template: "room_bulk", Page: &bulkPage{Frame: exampleFrame(ui.Staff, "queue"), ID: exampleID, Act: "release", State: Draft, Not: not}},
		{Template: "room_bulk", Page: &bulkPage{Frame: exampleFrame(ui.Staff, "queue"), ID: exampleID, Act: "visit", Sector: "Santé", State: Done, Did: l[:2], Not: not[:1], Undo: exampleAt, DoneAt: exampleAt}},
		{Template: "room_bulk", Page: &bulkPage{Frame: exampleFrame(ui.Staff, "queue"), ID: exampleID, Act: "assign", State: Undone, Back: l[:1], Kept: not, Lost: 1, DoneAt: exampleAt}},
		{Template: "room_notes", Page: &notesPage{Frame: exampleFrame(ui.Staff, "handover", "words"), Notes: []NoteLine{note, signed}, Desks: exampleOptions("1", "2"), Hours: exampleOptions("8", "12"), Days: 30}},
		{Template: "room_notes", Page: &notesPage{Frame: exampleFrame(ui.Staff, "handover"), Desks: exampleOptions("1"), Hours: exampleOptions("8"), Days: 30}},
		{Template: "room_note", Page: full},
		{Template: "room_note", Page: &opened},
		{Template: "room_note", Page: &closed},
		{Template: "room_print", Page: &printPage{Frame: exampleFrame(ui.Print, ""), Lines: l, At: exampleAt, More: true, Back: "/queue?"}},
		{Template: "room_print", Page: &printPage{Frame: exampleFrame(ui.Print, ""), At: exampleAt, Back: "/queue?"}},
		{Template: "room_week", Page: &weekPage{Frame: exampleFrame(ui.Staff, "week"), From: exampleAt.Add(-week), Till: exampleAt, Rows: []WeekRow{{"asked", 412, 90}, {"owned", 380, 71}, {"delivered", 301, 64}, {"helped", 244, 60}},
			Longest: l, Places: []PlaceLine{{"<bdi>Aghbar</bdi>", 14, 1, exampleAt}}}},
		{Template: "room_week", Page: &weekPage{Frame: exampleFrame(ui.Staff, "week"), From: exampleAt.Add(-week), Till: exampleAt}},
		{Template: "room_follow", Page: &followPage{Frame: exampleFrame(ui.Citizen, "crisis"), Code: "07.041.07.05", Name: "<bdi>Ijoukak</bdi>", Within: "<bdi>Al Haouz</bdi>", AsOf: exampleAt, Floor: 5, Feed: "/fr/follow/x/feed",
			Counts: []FollowCount{{"asked", 41, 12}, {"reached", 30, 9}, {"helped", 7, 0}}, Moments: []FollowMoment{{exampleAt, "reached", 9}, {exampleAt.Add(-time.Hour), "asked", 12}}}},
		{Template: "room_follow", Page: &followPage{Frame: exampleFrame(ui.Citizen, "crisis"), Code: "07.041.07.05", Name: "<bdi>Aghbar</bdi>", Floor: 5, Counts: []FollowCount{{"asked", 0, 0}}}},
		{Template: "room_follow", Page: &followPage{Frame: exampleFrame(ui.Citizen, "crisis"), Query: "Ijoukak", Looked: true, Found: []FollowPlace{{"/fr/follow/x", "<bdi>Ijoukak</bdi>", "<bdi>Al Haouz</bdi>"}}}},
		{Template: "room_follow", Page: &followPage{Frame: exampleFrame(ui.Citizen, "crisis"), Query: "xx", Looked: true}},
	}
}
