package intake

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

const exampleID = "01999999-0000-7000-8000-0000000000a1"

var exampleAt = time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)

func exampleFrame(nav string, wrong ...string) ui.Frame {
	f := ui.Frame{Kind: ui.Staff, Nav: nav, Title: "…"}
	for _, name := range wrong {
		f.Errors = append(f.Errors, ui.FieldError{Field: name, Text: "…"})
	}
	return f
}

func exampleTabs() (out []Tab) {
	for i, s := range []State{Waiting, Case, Joined, Offer, Aside} {
		out = append(out, Tab{Href: "/fr/triage?state=" + string(s), Key: "intake.state." + string(s), N: 412 - 100*i, Current: i == 0})
	}
	return out
}

func exampleLines() []TriageLine {
	return []TriageLine{
		{Href: "/fr/triage/a", Title: "Abri, Chauffage et couvertures", Place: "<bdi>Ijoukak</bdi>, <bdi>Al Haouz</bdi>", Danger: true, Current: true, At: exampleAt},
		{Href: "/fr/triage/b", Title: "Nourriture", At: exampleAt.Add(time.Minute)},
		{Href: "/fr/triage/c", Title: "Offre possible", Place: "<bdi>Asni</bdi>", Offer: true, At: exampleAt.Add(time.Hour)},
		{Href: "/fr/triage/d", Title: "…", At: exampleAt, Why: "…"},
	}
}

func exampleOpen() *Opened {
	o := &Opened{ID: exampleID, Source: "whatsapp", State: "waiting", At: exampleAt, Lang: "fr", HasWords: true, Media: true,
		Words:  []Span{{Text: "Bonjour"}, {Text: "on dort dehors", Says: "Abri"}, {Text: "6 familles", Says: "6 foyers"}, {Text: "Appelez le 0661••••••"}},
		Around: []Neighbour{{At: exampleAt, Words: "Bonjour à tous", Href: "/fr/triage/x"}, {At: exampleAt, Href: "/fr/triage/y"}},
		People: "24", PlaceText: "Ijoukak", Phone: "06 61 •• •• ••", Call: true, Level: 2, Reasons: []template.HTML{"Dans le froid et sans abri"}, Join: true,
		Levels: []ui.Option{{Value: "", Title: "…"}, {Value: "1", Title: "1"}}, Prev: "/fr/triage/p", Next: "/fr/triage/n"}
	o.Found = []Span{o.Words[1], o.Words[2]}
	for i, n := range []string{"Personnes sous les décombres", "Chauffage et couvertures", "Nourriture", "Médicament ou médecin", "Abri", "Eau potable"} {
		o.Needs = append(o.Needs, Tick{Name: "need", Value: n, Key: needKeys[i : i+1], Title: template.HTML(n), On: i == 4, Count: 20 * (i / 4)})
	}
	o.Fragile = []Tick{{Name: "fragile", Value: "infant", Key: "z", Title: "Un bébé", Icon: "baby", On: true}, {Name: "fragile", Value: "ill", Title: "Un malade"}}
	o.Places = []PlaceTick{{Code: "1", Name: "<bdi>Ijoukak</bdi>", Path: "<bdi>Al Haouz</bdi>", Reason: "intake.place.chosen", Digit: 1, On: true}, {Code: "2", Name: "<bdi>Ijoukak</bdi>", Reason: "intake.place.by_point", Digit: 2}}
	o.Alike = []AlikeLine{{ID: "1", Receipt: "482719064", Href: "/fr/cases/1", Band: "very_likely", Level: 2, Title: "Abri", Place: "<bdi>Ijoukak</bdi>", State: "…", At: exampleAt, Reasons: []string{"intake.like.same_phone", "intake.like.same_words"}, First: true},
		{ID: "2", Href: "/fr/triage/2", Band: "likely", Title: "Abri", Waiting: true, At: exampleAt, Reasons: []string{"intake.like.same_place"}}}
	for i, r := range AsideReasons {
		o.Asides = append(o.Asides, ui.Option{Value: r, Title: template.HTML(r), Digit: i + 1})
	}
	return o
}

// gallery is every page with invented people and data.
func gallery() []module.Example {
	bare := &Opened{ID: exampleID, Source: "telegram", State: "waiting", At: exampleAt, Level: 4, Next: "/fr/triage", Asides: exampleOpen().Asides, Media: true}
	done := &Opened{ID: exampleID, Source: "whatsapp", State: "case", At: exampleAt, HasWords: true, Words: []Span{{Text: "…"}}, Next: "/fr/triage", CaseHref: "/fr/cases/1", Undo: true}
	return []module.Example{
		{Template: "intake_files", Page: &filePage{Frame: exampleFrame("import", "file"), Before: []FileLine{{"file.csv", exampleAt, 949, 930, 9, 10, "/fr/import/x/errors.csv"}}}},
		{Template: "intake_preview", Page: &previewPage{Frame: exampleFrame("import"), ID: exampleID, Name: "file.csv", Source: "csv", Rows: 949, Known: true, Wrong: 1,
			Columns: []FileColumn{{"Aa", ui.Field{Name: "id", Type: "select", Label: "Bb", Rows: []ui.Option{{Value: "id", Title: "id", Chosen: true}}}}},
			Sample:  []FileSample{{Line: 2, Needs: "Cc", Place: "Dd", Level: 2}, {Line: 3, Wrong: "Ee"}}}},
		{Template: "intake_chat", Page: &chatPage{Frame: exampleFrame("import"), ID: exampleID, Name: "_chat.txt", Source: "whatsapp", Read: 1000, Waiting: 700, Aside: 300, Dropped: 12, Needs: 610, Offers: 90, Phones: 204, Located: 377, From: exampleAt, Until: exampleAt.Add(50 * time.Hour)}},
		{Template: "intake_filed", Page: &filedPage{Frame: exampleFrame("import"), ID: exampleID, Name: "file.csv", Rows: 949, Added: 930, Again: 9, Restricted: 2, Failed: 10, ErrorsHref: "/fr/import/x/errors.csv"}},
		{Template: "intake_filed", Page: &filedPage{Frame: exampleFrame("import"), ID: exampleID, Name: "_chat.txt", Rows: 1000, Waiting: 700, Aside: 300, Each: true}},
		{Template: "intake_triage", Page: &triagePage{Frame: exampleFrame("triage"), Keys: keys, State: "waiting", Tabs: exampleTabs(), Lines: exampleLines(), First: "/fr/triage/a", More: true}},
		{Template: "intake_triage", Page: &triagePage{Frame: exampleFrame("triage"), Keys: keys, State: "waiting", Tabs: exampleTabs(), Lines: exampleLines(), Open: exampleOpen(), CanUndo: true}},
		{Template: "intake_triage", Page: &triagePage{Frame: exampleFrame("triage", "reason", "into", "people"), Keys: keys, State: "waiting", Tabs: exampleTabs(), Open: bare}},
		{Template: "intake_triage", Page: &triagePage{Frame: exampleFrame("triage"), Keys: keys, State: "aside", Tabs: exampleTabs(), Open: done}},
		{Template: "intake_triage", Page: &triagePage{Frame: exampleFrame("triage"), Keys: keys, State: "offer", Tabs: exampleTabs()}},
	}
}
