package cases

import (
	"html/template"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// throughGallery is what goes through somebody else: helpers, shared phones,
// paper, and relatives far away.
func throughGallery() []module.Example {
	form := ui.Frame{Kind: ui.Form, Nav: "help", HelpLine: "+212800001234"}
	wrong := ui.Frame{Kind: ui.Form, Nav: "help", Errors: []ui.FieldError{{Field: "how", Text: "Aa"}, {Field: "kind", Text: "Bb"}}}
	kinds := ui.Choices{Name: "kind", Legend: "Cc", Options: []ui.Option{{Value: "relative", Title: "Dd"}, {Value: "cybercafe", Title: "Ee", Chosen: true}}}
	hows := ui.Choices{Name: "how", Legend: "Ff", Options: []ui.Option{{Value: HowPresent, Title: "Gg"}, {Value: HowToAsk, Title: "Hh"}}}
	helper := &helperPage{Frame: form, Service: "a", Draft: exampleID, Back: "/fr/help/a", Text: "Ii", Say: "Ii", Kinds: kinds, Hows: hows}
	refused := *helper
	refused.Frame, refused.Name, refused.Phone, refused.Own, refused.Change = wrong, "<b>Uu</b>", "06", true, true
	refused.Hows.Error = "Jj"
	field := Asking{Field: &ui.Field{Name: "words", Type: "textarea", Label: "Aa", Fill: "off"}}
	step := func(b Beside) *stepPage {
		return &stepPage{Frame: form, Service: "a", Draft: exampleID, Step: "need", Progress: ui.Progress{Back: "/fr/help", At: 1, Of: 6}, Askings: []Asking{field}, Heading: "Ll", Button: "Kk", Beside: b}
	}
	ticket := ui.Ticket{Code: "482719064", At: exampleAt}
	questions := []PaperQuestion{{N: 1, Label: "Ll", Many: true, Choices: []ui.Option{{Title: "Mm", Digit: 1}, {Title: "Nn", Digit: 2}}}, {N: 2, Label: "Oo", Squares: make([]struct{}, 10)}, {N: 3, Label: "Pp", Lines: []template.HTML{"Qq", ""}}}
	sheet := SheetView{Number: "482719064", QR: `<svg class="qr" viewBox="0 0 1 1" aria-hidden="true"></svg>`, Questions: questions}
	toAsk := exampleDetail()
	toAsk.Consents, toAsk.AskConsent, toAsk.CanShare = []ConsentLine{{What: "Rr", How: "Ss", At: exampleAt, ToAsk: true}, {What: "Tt", How: "Uu", At: exampleAt, Ended: true}}, true, true
	return []module.Example{
		{Template: "cases_ask_helper", Page: helper}, {Template: "cases_ask_helper", Page: &refused},
		{Template: "cases_ask_step", Page: step(Beside{HelpURL: "/fr/help/a/x/helper", SharedURL: "/fr/help/a/x/shared", PaperURL: "/fr/help/a/paper"})},
		{Template: "cases_ask_step", Page: step(Beside{Helper: true, Shared: true})},
		{Template: "cases_ask_all", Page: &allPage{Frame: form, Service: "a", Draft: exampleID, Name: "Aa", Askings: []Asking{field}, Beside: Beside{Paper: "482719064"}}},
		{Template: "cases_ask_done", Page: &donePage{Frame: form, Ticket: ticket, Say: "Aa", Next: "Bb", Due: exampleAt, Helped: true, Shared: true}},
		{Template: "cases_ask_done", Page: &donePage{Frame: form, Ticket: ticket, Say: "Aa", Next: "Bb", Code: "123456", Helped: true}},
		{Template: "cases_left", Page: &leftPage{Frame: ui.Frame{Kind: ui.Form}, SignedIn: true}},
		{Template: "cases_paper_print", Page: &printPage{Frame: form, Service: "a", Name: "Aa", N: "1"}},
		{Template: "cases_paper_print", Page: &printPage{Frame: ui.Frame{Kind: ui.Form, Errors: []ui.FieldError{{Field: "n", Text: "Aa"}}}, Service: "a", Name: "Aa", Many: true, N: "900"}},
		{Template: "cases_paper_sheets", Page: &sheetsPage{Frame: ui.Frame{Kind: ui.Print, HelpLine: "+212800001234"}, Name: "Aa", Sheets: []SheetView{sheet, sheet}, Emergency: exampleCalls}},
		{Template: "cases_paper_desk", Page: &paperDeskPage{Frame: exampleStaff("queue"), Number: "482", Services: exampleTiles}},
		{Template: "cases_paper_used", Page: &paperUsedPage{Frame: exampleStaff("queue"), Number: "482719064", At: exampleAt, Case: "/fr/cases/x"}},
		{Template: "cases_paper_used", Page: &paperUsedPage{Frame: exampleStaff("queue"), Number: "482719064", At: exampleAt}},
		{Template: "cases_case", Page: &casePage{Frame: exampleStaff("queue"), D: toAsk}},
		{Template: "cases_news", Page: &newsPage{Search: "Tizi", Found: []ui.Option{{Value: "/fr/news?place=1", Title: "Aa"}}, Place: "Bb", Known: []template.HTML{"Cc", "Dd"}, Zone: Zone{Offset: "+01:00"}}},
		{Template: "cases_news", Page: &newsPage{Frame: ui.Frame{Errors: []ui.FieldError{{Field: "who", Text: "Aa"}}}, Who: "06", NotFound: true, Zone: Zone{Offset: "+01:00"}}},
		{Template: "cases_news", Page: &newsPage{Family: &FamilyNews{State: "Aa", Icon: "truck", Since: exampleAt, Commune: "Bb", Late: true, Due: exampleAt}, Zone: Zone{"+01:00", true}}},
		{Template: "cases_track", Page: &trackPage{Frame: ui.Frame{Kind: ui.Form, Nav: "track"}, Receipt: "482719064", Ticket: ticket, Icon: "truck", Colour: "saffron", Now: "Aa", Shared: true, CanShare: true, Shares: exampleAt, Zone: Zone{"+01:00", true}}},
		{Template: "cases_track", Page: &trackPage{Frame: ui.Frame{Kind: ui.Form, Nav: "track"}, Receipt: "482719064", Ticket: ticket, Icon: "truck", Colour: "saffron", Now: "Aa", CanShare: true}},
	}
}
