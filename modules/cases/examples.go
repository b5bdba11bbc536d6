package cases

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page with invented people and data: for the eye, and for
// the test that each template fits its page.
func gallery() []module.Example {
	all := append(frontGallery(), askGallery()...)
	all = append(all, trackGallery()...)
	all = append(append(append(all, deskGallery()...), safeGallery()...), throughGallery()...)
	all = append(all, spoolGallery()...)
	return append(append(all, keptGallery()...), taskGallery()...)
}

var (
	exampleAt    = time.Date(2026, 11, 21, 9, 12, 0, 0, time.UTC)
	exampleCalls = []Emergency{{"15", "<bdi>Ambulance</bdi>"}, {"177", "<bdi>Gendarmerie</bdi>"}}
	exampleTiles = []Tile{{Href: "/fr/help/a", Icon: "hand-heart", Colour: "brick", Digit: 1, Name: "Aa", Purpose: "Bb"}, {Href: "/fr/help/b", Icon: "road-horizon", Colour: "blue", Digit: 2, Name: "Cc", Purpose: "Dd"}}
	exampleID    = "01900000-0000-7000-8000-000000000001"
)

func frontGallery() []module.Example {
	return []module.Example{
		{Template: "cases_home", Page: &homePage{Services: exampleTiles}},
		{Template: "cases_home", Page: &homePage{Frame: ui.Frame{Crisis: &ui.Banner{Title: "Aa", Since: exampleAt}, HelpLine: "+212800001234", ShortCode: "5300", Demo: true}, Services: exampleTiles}},
		{Template: "cases_help", Page: &helpPage{Services: exampleTiles, Danger: "Aa", Calls: exampleCalls}},
		{Template: "cases_about", Page: &aboutPage{Calls: exampleCalls}},
	}
}

func askGallery() []module.Example {
	needs := Asking{Choices: &ui.Choices{Name: "need", Legend: "Aa", Hint: "Bb", Many: true, Large: true, Options: []ui.Option{
		{Value: "rescue", Title: "Cc", Example: "Dd", Icon: "siren", Colour: "brick", Digit: 1}, {Value: "food", Title: "Ee", Icon: "bowl-food", Colour: "olive", Digit: 3, Chosen: true}}}}
	lists := []PlaceList{{Name: "where.province", Label: "Aa", Options: []ui.Option{{Value: "07.041", Title: "Bb", Chosen: true}}}}
	where := Asking{Place: &PlaceAsking{Name: "where", Legend: "Aa", Hint: "Bb", Large: true, Text: "Tizi", Searched: true, Lists: lists,
		Found: []ui.Option{{Value: "1", Title: "Cc", Name: "where.code"}, {Value: "2", Title: "Dd", Name: "where.code"}}}}
	chosen := Asking{Place: &PlaceAsking{Name: "where", Legend: "Aa", Error: "Ee", Large: true, Code: "1", Chosen: "1", ChosenSay: "Cc", Lists: lists, Where: ui.Where{Lat: "31.2", Lon: "-8.1"}}}
	field := Asking{Field: &ui.Field{Name: "words", Type: "textarea", Label: "Aa", Hint: "Bb", Spare: true, Value: "<script>alert(1)</script>"}}
	wrong := ui.Frame{Kind: ui.Form, Nav: "help", Errors: []ui.FieldError{{Field: "need", Text: "Ff"}}}
	step := func(f ui.Frame, a ...Asking) *stepPage {
		return &stepPage{Frame: f, Service: "a", Draft: exampleID, Step: "need", Progress: ui.Progress{Back: "/fr/help", At: 2, Of: 6}, Askings: a, Button: "Gg", AllURL: "/fr/help/a?all=1"}
	}
	first := step(ui.Frame{Kind: ui.Form}, needs)
	first.Danger, first.Calls = "Hh", exampleCalls
	several := step(ui.Frame{Kind: ui.Form}, field, Asking{Note: "Ii"})
	several.Heading, several.Change = "Jj", true
	pairs := []ui.Pair{{Name: "Aa", Value: "Bb", Change: "/fr/help/a/x/need?change=1"}, {Name: "Cc", Value: "Dd"}}
	ticket := ui.Ticket{Code: "482719064", At: exampleAt}
	return []module.Example{
		{Template: "cases_ask_step", Page: first},
		{Template: "cases_ask_step", Page: step(wrong, needs)},
		{Template: "cases_ask_step", Page: step(ui.Frame{Kind: ui.Form}, where)},
		{Template: "cases_ask_step", Page: step(ui.Frame{Kind: ui.Form}, chosen)},
		{Template: "cases_ask_step", Page: several},
		{Template: "cases_ask_all", Page: &allPage{Frame: ui.Frame{Kind: ui.Form}, Service: "a", Draft: exampleID, Name: "Aa", Askings: []Asking{needs, where, field}}},
		{Template: "cases_ask_check", Page: &checkPage{Frame: ui.Frame{Kind: ui.Form}, Service: "a", Draft: exampleID, Progress: ui.Progress{At: 6, Of: 6}, Pairs: pairs}},
		{Template: "cases_ask_check", Page: &checkPage{Frame: ui.Frame{Kind: ui.Form}, Service: "a", Draft: exampleID, Progress: ui.Progress{At: 6, Of: 6}, Pairs: pairs, Staff: true}},
		{Template: "cases_ask_done", Page: &donePage{Frame: ui.Frame{Kind: ui.Form, HelpLine: "+212800001234"}, Ticket: ticket, Say: "Aa", Next: "Bb", Due: exampleAt, Code: "123456", Emergency: exampleCalls}},
		{Template: "cases_ask_done", Page: &donePage{Frame: ui.Frame{Kind: ui.Form}, Ticket: ticket, Say: "Aa", Next: "Bb", Restricted: true}},
	}
}

func trackGallery() []module.Example {
	ticket := ui.Ticket{Code: "482719064", At: exampleAt}
	form := ui.Frame{Kind: ui.Form, Nav: "track"}
	stages := ui.Timeline{{State: "done", Title: "Aa", At: exampleAt}, {State: "cur", Icon: "truck", Title: "Bb", At: exampleAt, By: "<bdi>Cc</bdi>", Late: "Dd"}, {State: "todo", Title: "Ee"}}
	open := &trackPage{Frame: form, Receipt: "482719064", Ticket: ticket, Icon: "truck", Colour: "saffron", Now: "Aa", NowMore: "Bb", Stages: stages,
		Asked: []ui.Pair{{Name: "Cc", Value: "Dd"}}, CodeHint: true, Late: "Ff", Last: LastView{Name: "<bdi>Ii</bdi>", Law: "Jj", Since: exampleAt}, Looks: []LookLine{{exampleAt, "Gg", "Hh"}}, JoinedTo: true}
	stars := []ui.Option{{Value: "5", Title: "Aa"}, {Value: "1", Title: "Bb"}}
	waiting := &trackPage{Frame: form, Receipt: "482719064", Ticket: ticket, Icon: "question", Colour: "saffron", Now: "Aa", Stages: stages, CanAnswer: true, CanRate: true, Stars: stars}
	closed := &trackPage{Frame: form, Receipt: "482719064", Ticket: ticket, Icon: "seal-check", Colour: "teal", Now: "Aa", Stages: stages, Closed: true, CanReopen: true, CanErase: true, CanRate: true, Stars: stars}
	return []module.Example{
		{Template: "cases_track_door", Page: &trackDoorPage{Number: "482", Calls: exampleCalls}},
		{Template: "cases_track_door", Page: &trackDoorPage{Frame: ui.Frame{Errors: []ui.FieldError{{Field: "number", Text: "Aa"}, {Field: "word", Text: "Bb"}}}}},
		{Template: "cases_track", Page: open}, {Template: "cases_track", Page: waiting}, {Template: "cases_track", Page: closed},
		{Template: "cases_track", Page: &trackPage{Frame: form, Receipt: "482719064", Ticket: ticket, Icon: "seal-check", Colour: "teal", Now: "Aa", Closed: true, Erased: true}},
		{Template: "cases_track_other", Page: &trackOtherPage{Frame: form, Ticket: ticket, State: "Aa", Due: exampleAt, Open: true}},
		{Template: "cases_track_other", Page: &trackOtherPage{Frame: form, Ticket: ticket, State: "Aa", Answer: "Bb\nCc"}},
		{Template: "cases_complain", Page: &complainPage{Frame: form, ID: exampleID, Text: "Aa", Receipt: "482719064", Kinds: ui.Choices{Name: "kind", Legend: "Bb", Options: []ui.Option{{Value: "a", Title: "Cc"}}}}},
		{Template: "cases_complained", Page: &complainedPage{Frame: form, Ticket: ticket}},
		{Template: "cases_complained", Page: &complainedPage{Frame: form, Ticket: ticket, Restricted: true}},
	}
}

// exampleStaff is a dispatcher who does not exist.
func exampleStaff(nav string) ui.Frame {
	return ui.Frame{Kind: ui.Staff, Nav: nav, User: &ui.User{Name: "Salma Idrissi", Initials: "SI", Org: "Aa", Links: []ui.Link{{Href: "/queue", Key: "cases.queue.title", Icon: "siren.regular", Current: true, Count: 3}}}}
}

func exampleLine() Line {
	return Line{ID: exampleID, Href: "/fr/cases/" + exampleID, Receipt: "482719064", Level: 1, Title: "Aa", Place: "Bb", Left: "Cc", Late: true, Due: exampleAt, Last: true,
		Channel: "web", People: 6, Owner: "Dd", State: "Ee", Current: true, Speak: true}
}

func exampleDetail() Detail {
	l := exampleLine()
	why := []ui.Option{{Value: "call", Title: "Aa"}, {Value: "deliver", Title: "Bb"}}
	return Detail{ID: l.ID, Receipt: l.Receipt, Level: 1, Title: l.Title, State: l.State, Phase: "open", Left: l.Left, Late: true, Due: exampleAt, Reasons: []template.HTML{"Aa", "Bb"},
		Facts: []ui.Pair{{Name: "Aa", Value: "Bb"}}, Place: "Cc", Approx: "Dd", HasWords: true, HasPhone: true, HasName: true, Owner: "Ee", LeaseTill: exampleAt.Add(time.Hour),
		Voices: []Line{l}, MergedInto: &l, Alike: []AlikeLine{{Line: l, Pair: examplePair(l)}}, Joint: &Joint{Voices: 3, People: 9}, AskServed: true, Team: exampleID,
		Candidates: []CandidateLine{{ID: exampleID, Name: "Gg", Org: "Hh", Km: "Ii", Why: "Jj", Free: true, First: true, Skills: []template.HTML{"Kk"}, Whys: []template.HTML{"Jj", "Kk"}}, {ID: exampleID, Name: "Ll", Org: "Mm", Why: "Nn"}},
		Teams:      TeamsNote{Asked: []template.HTML{"Kk"}, Lacks: true, Others: true},
		Trail:      []TrailLine{{1, exampleAt, "Oo", "Pp", []template.HTML{"Qq"}}},
		Can:        Can{true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true},
		RefuseWhy:  why, RedirectWhy: why, RevealWhy: why, Found: []ui.Option{{Name: "place", Value: "1", Title: "Rr"}}, PlaceQuery: "Asni", PlaceWords: "near the old mill", Last: LastView{Name: "<bdi>Xx</bdi>", Law: "Yy", Since: exampleAt, Because: "Zz"},
		Spoken: "Ss", Channel: "phone", MadeAt: exampleAt, MissionNew: "/missions/new?team=" + exampleID}
}

func deskGallery() []module.Example {
	d := exampleDetail()
	opened := exampleDetail()
	opened.Fieldwork = &Fieldwork{Href: "/round/cases/" + exampleID, Visits: 2, Photos: 1}
	opened.Open = &Opened{Name: "Tt", Phone: "+212661234542", Words: []Words{{Text: "<b>Uu</b>", Lang: "ary", Receipt: "482719064", Heard: Heard{Spans: []HeardSpan{{"<b>", "Vv"}, {"Uu</b>", ""}}, Adds: []ui.Option{{Name: "says", Value: "needs.water", Title: "Ww", Chosen: true}}}}}, Pairs: []ui.Pair{{Name: "Vv", Value: "Ww"}},
		Notes: []Note{{Kind: "call", Body: "Xx", MadeAt: exampleAt}}, Because: "Yy"}
	erased := Detail{ID: exampleID, Receipt: "482719064", Level: 4, Title: "Aa", State: "Bb", Phase: "final", Erased: true, Missing: "Cc", MadeAt: exampleAt, Channel: "desk"}
	tabs := []Tab{{"/fr/queue?phase=open", "cases.phase.open", "open", "999+", true}, {"/fr/queue?phase=owned", "cases.phase.owned", "owned", "4", false}}
	filters := []ui.Field{{Name: "level", Type: "select", Label: "Aa", Short: true, Rows: []ui.Option{{Value: "", Title: "Bb", Chosen: true}}}}
	return []module.Example{
		{Template: "cases_queue", Page: &queuePage{Frame: exampleStaff("queue"), Phase: "open", Tabs: tabs, Lines: []Line{exampleLine(), {ID: exampleID, Receipt: "482719064", Level: 4, Title: "Zz", Left: "Yy", Unplaced: true, State: "Xx", Channel: "import"}},
			Detail: &d, Pane: &Pane{SVG: `<svg class="m" viewBox="0 0 10 10" role="img"><title>Map</title></svg>`, Shown: Shown{Cover: true, Harm: true}, Phase: "open", Box: "-9 30 -7 32", All: "-13 27 -1 36", Names: "fr ar", Table: "/fr/atlas/table", Case: exampleID, At: "-8.1 31.2 1500"}, Pager: ui.Pager{More: "/fr/queue?after=x", Shown: 30, Step: 30}, Filters: choices{All: filters}, CanAsk: true, Clear: "/fr/queue", Search: "Asni",
			Clock: exampleAt, Here: "/fr/queue", Watch: &Watch{URL: "/fr/queue/live?phase=open", Since: 7, New: `["Aa","Bb"]`, Many: "Cc"}}},
		{Template: "cases_queue", Page: &queuePage{Frame: exampleStaff("queue"), Phase: "open", Tabs: tabs, Nothing: true, About: "none", Filters: choices{All: filters}, Clock: exampleAt, Here: "/fr/queue", Under: 31, UnderURL: "/fr/queue?phase=owned"}},
		{Template: "cases_keys_page", Page: &keysPage{Frame: exampleStaff("queue")}},
		{Template: "cases_taken", Page: &takenPage{Frame: exampleStaff("queue"), ID: exampleID, Who: "Aa", At: exampleAt}},
		{Template: "cases_case", Page: &casePage{Frame: exampleStaff("queue"), D: d}},
		{Template: "cases_case", Page: &casePage{Frame: exampleStaff("queue"), D: opened}},
		{Template: "cases_case", Page: &casePage{Frame: exampleStaff("queue"), D: erased}},
		{Template: "cases_alike", Page: &alikePage{Frame: exampleStaff("alike"), Pairs: []Pair{examplePair(exampleLine()), examplePair(exampleLine())}, Shown: 2, VeryLikely: 1, Likely: 1, May: true, Undo: 3}},
		{Template: "cases_alike", Page: &alikePage{Frame: exampleStaff("alike")}},
		{Template: "cases_alike_preview", Page: &alikePreview{Frame: exampleStaff("alike"), Pairs: []Pair{examplePair(exampleLine())}}},
		{Template: "cases_path", Page: &pathPage{Frame: ui.Frame{Kind: ui.Print}, Receipt: "482719064", Service: "Aa", Place: "Bb", Last: d.Last, Lines: d.Trail, AsOf: exampleAt}},
	}
}

func safeGallery() []module.Example {
	line := ConcernLine{Href: "/fr/concerns/" + exampleID, Receipt: "482719064", Kind: "Aa", State: "Bb", Left: "Cc", Late: true, Mine: true}
	complaint := ComplaintLine{Href: "/fr/complaints/" + exampleID, Receipt: "482719064", Kind: "Aa", Place: "Bb", Left: "Cc", Open: true}
	options := []ui.Option{{Value: "a", Title: "Dd"}}
	return []module.Example{
		{Template: "cases_concerns", Page: &concernsPage{Frame: exampleStaff("concerns"), Lines: []ConcernLine{line}}},
		{Template: "cases_concerns", Page: &concernsPage{Frame: exampleStaff("concerns")}},
		{Template: "cases_concern", Page: &concernPage{Frame: exampleStaff("concerns"), ID: exampleID, Line: line, MadeAt: exampleAt, Pairs: []ui.Pair{{Name: "Ee", Value: "Ff"}}, Words: "Gg", Phone: "+212661234542", CaseHref: "/fr/cases/x", CanTake: true, CanClose: true, Outcomes: options,
			Guardian: GuardianPanel{Here: true, ID: exampleID, Name: "Mm", Phone: "Nn", CanPropose: true, Kinships: options, Checks: options, Ends: options, Rows: []GuardianRow{
				{ID: exampleID, State: "proposed", Kinship: "cases.kinship.aunt_uncle", Name: "Oo", Phone: "+212661234542", At: exampleAt}, {ID: exampleID, State: "proposed", Kinship: "cases.kinship.sibling", Name: "Pp", At: exampleAt, Mine: true},
				{ID: exampleID, State: "linked", Kinship: "cases.kinship.mother", Name: "Qq", At: exampleAt}, {ID: exampleID, State: "ended", Kinship: "cases.kinship.foster", Reason: "cases.guardian_end.replaced", At: exampleAt}}},
			HearReasons: options, Voices: []Voice{{ID: exampleID, Seconds: 12 * time.Second, At: exampleAt}, {ID: "x", At: exampleAt, Open: true}}}},
		{Template: "cases_complaints", Page: &complaintsPage{Frame: exampleStaff("complaints"), Lines: []ComplaintLine{complaint, {Href: "/x", Receipt: "482719064", Kind: "Hh"}}}},
		{Template: "cases_complaint", Page: &complaintPage{Frame: exampleStaff("complaints"), ID: exampleID, Line: complaint, Words: "Ii", CaseHref: "/fr/cases/x", Answer: "Jj"}},
		{Template: "cases_crises", Page: &crisesPage{Frame: exampleStaff("crises"), Open: []CrisisLine{{exampleID, "Kk", exampleAt, "Ll"}}, Templates: options, Areas: options}},
	}
}

func examplePair(l Line) Pair {
	return Pair{A: l, B: l, Band: "very_likely", Chance: "Mm", Why: []template.HTML{"Nn", "Oo"}, But: []template.HTML{"Pp"}, Asker: true, CanJoin: true, CanPart: true, At: 1,
		Rows: []PairRow{{"Qq", "Rr", "Rr", true}, {"Ss", "Tt", "Uu", false}}}
}
