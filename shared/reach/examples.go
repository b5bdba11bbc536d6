package reach

import (
	"html/template"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// gallery is every page of reach with invented data.
func gallery() []module.Example {
	at := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	staff := func(nav string) ui.Frame { return ui.Frame{Title: "…", Kind: ui.Staff, Nav: nav} }
	wrong := func(nav, field string) ui.Frame {
		f := staff(nav)
		f.Errors = []ui.FieldError{{Field: field, Text: "Ww"}}
		return f
	}
	const one, other = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
	cards := []GatewayCard{
		{Name: "masts", Kind: "sms", Number: numeral("5300"), Sends: true, MayTurn: true, Up: true, Known: true, Since: at, Heard: at, Sent: at, Waiting: 3, Today: 812, Parts: 1650, Minor: 49500, Currency: "MAD", PerDay: 2000, Left: 350, SpentShare: 82},
		{Name: "sill", Kind: "sms", Number: numeral("0600"), Sends: true, Known: true, Trouble: "Aa", Since: at, Simulated: true, PerDay: 500, Currency: "MAD", Parts: 500, SpentShare: 100},
		{Name: "bot", Kind: "telegram", Number: numeral("@bot"), Sends: true, Paused: true, MayTurn: true, Up: true, Known: true, Since: at, Currency: "MAD"},
		{Name: "menu", Kind: "ussd", Simulated: true, Currency: "MAD"}, {Name: "line", Kind: "voice", Up: true, Known: true, Since: at, Heard: at, Currency: "MAD"}}
	rows := []UnsentRow{
		{ID: one, Kind: "sms", Gateway: "masts", Notice: true, Receipt: "482719064", Case: "/cases/" + one, Why: "Aa", Tries: 10, At: at},
		{ID: other, Kind: "sms", Notice: true, Other: true, Why: "Dd", At: at},
		{ID: other, Kind: "whatsapp", Gateway: "chat", Unsure: true, Why: "Bb", Tries: 1, At: at}, {ID: one, Kind: "sms", Notice: true, Why: "Cc", At: at, Stopped: true}}
	line := CallLine{ID: one, Kind: "voice", Phone: "+212661234567", Spoken: "Dd", Speak: true, Made: at, Due: at, Left: "Ee", Late: true, Tries: 2, Notes: 1}
	mine, taken := line, line
	mine.Mine, mine.Till = true, at.Add(callLease)
	taken.Taken, taken.Speak, taken.Kind, taken.Till, taken.Notes = true, false, "ussd", at.Add(callLease), 0
	options := []ui.Option{{Value: "a", Title: "Ff"}, {Value: "b", Title: "Gg", Chosen: true}}
	notes := []NoteLine{{Href: "/notes/" + one, Seconds: 12, At: at, N: 1}, {Href: "/notes/" + other, At: at, N: 2}}
	lang := PromptLang{Code: "shi", Name: "Hh", Done: 12, Missing: 80, Share: 13, First: "reach.menu.title", Written: "zgh"}
	whole := PromptLang{Code: "fr", Name: "Ii", Done: 92, Share: 100, Written: "fr"}
	missing := PromptRow{Name: "reach.menu.title", Text: "ⵜⵉⵡⵉⵣⵉ", Written: "zgh", Dir: "ltr", Href: "/prompts/shi/reach.menu.title"}
	done := PromptRow{Name: "digit.4", Text: "تويزة", Written: "ar", Dir: "rtl", Done: true, Seconds: 3, At: at, Href: "/prompts/ary/digit.4", Sound: "/prompts/ary/digit.4/sound"}
	segments := []ui.Link{{Href: "/fr/prompts/shi?show=missing", Key: "reach.prompts.show_missing", Current: true, Count: 80}, {Href: "/fr/prompts/shi?show=done", Key: "reach.prompts.show_done", Count: 12}}
	row := CampaignRow{ID: one, State: "draft", Area: "Xx", N: 3, At: at, Begin: "Ll"}
	sent, old := row, row
	sent.State, old.State = "sent", "old"
	texts := []CampaignText{{"ar", "rtl", "الطريق مفتوحة", 1}, {"zgh", "ltr", "ⴰⴱⵔⵉⴷ ⵉⵕⵥⵎ", 1}, {"fr", "ltr", "La route est ouverte", 1}, {"en", "ltr", "The road is open", 1}}
	plan := []PlanLine{{Code: "07.041.01", Name: "Xx", Network: VoiceOnly, Proposal: Proposal{Ways: []Way{{WayVoice, 9400}, {WayField, 9400}}}}, {Code: "07.041.02", Name: "Yy", Network: NoNetwork, Proposal: Proposal{Ways: []Way{{WayField, 3000}}}}}
	return []module.Example{
		{Template: "reach_campaigns", Page: &campaignsPage{Frame: staff("channels"), Rows: []CampaignRow{row, sent, old}}},
		{Template: "reach_campaigns", Page: &campaignsPage{Frame: staff("channels")}},
		{Template: "reach_campaign_form", Page: &campaignFormPage{Frame: wrong("channels", "commune"), ID: one, Area: "07.041", Provinces: options, Communes: plan, Chosen: map[string]bool{"07.041.01": true}, Services: options, Texts: texts, Most: 1000}},
		{Template: "reach_campaign", Page: &campaignPage{Frame: staff("channels"), Row: row, Service: "Mm", Texts: texts, Lines: plan, Field: plan[1:], People: 214, Parts: 430, Minor: 10750, Currency: "MAD", Stopped: 3, Lately: 2, Without: 9, Langs: []CampaignLang{{"ar", 120}, {"zgh", 94}}, MaySend: true, Draft: true}},
		{Template: "reach_campaign", Page: &campaignPage{Frame: staff("channels"), Row: row, Texts: texts, Lines: plan, People: 1200, Currency: "MAD", More: true, Most: 1000, Own: true, Draft: true}},
		{Template: "reach_campaign", Page: &campaignPage{Frame: staff("channels"), Row: sent, Texts: texts, Lines: plan, People: 214, Parts: 430, Minor: 10750, Currency: "MAD", States: []CampaignState{{"taken", 200}, {"failed", 14}}}},
		{Template: "reach_channels", Page: &channelsPage{Frame: staff("channels"), Gateways: cards, Waiting: 3, Unsent: 14, Flood: 120, Broken: 2, MayRead: true}},
		{Template: "reach_channels", Page: &channelsPage{Frame: staff("channels")}},
		{Template: "reach_plan", Page: &planPage{Frame: staff("channels"), Area: "07.041", Provinces: options, Mobile: 99.95, Internet: 87.4, People: 12400, Reached: 11000, States: options,
			Lines: []PlanLine{{Code: "07.041.01", Name: "Xx", Network: VoiceOnly, Since: at, Spoken: "Dd", Cannot: 46, Share: 100, Proposal: Proposal{People: 9400, Best: 9400, Ways: []Way{{WayVoice, 9400}, {WaySMS, 5000}, {WayField, 9400}}}},
				{Code: "07.041.02", Name: "Yy", Network: NoNetwork, Spoken: "Dd", Cannot: 30, Proposal: Proposal{People: 3000, Unreached: true, Ways: []Way{{WayField, 3000}}}}},
			Unreached: []PlanLine{{Name: "Yy", Proposal: Proposal{People: 3000}}}}},
		{Template: "reach_unsent", Page: &unsentPage{Frame: wrong("channels", "message"), Rows: rows, Act: true, Hidden: 3, Pager: ui.Pager{Shown: 50, Step: 50, More: "/fr/channels/unsent?after=x"}}},
		{Template: "reach_unsent", Page: &unsentPage{Frame: staff("channels"), Rows: rows[:1]}},
		{Template: "reach_unsent", Page: &unsentPage{Frame: staff("channels")}},
		{Template: "reach_calls", Page: &callsPage{Frame: staff("calls"), Lines: []CallLine{mine, line, taken}, More: true}},
		{Template: "reach_calls", Page: &callsPage{Frame: staff("calls")}},
		{Template: "reach_call", Page: &callPage{Frame: staff("calls"), L: line, Notes: notes, Reasons: options, Results: options}},
		{Template: "reach_call", Page: &callPage{Frame: wrong("calls", "receipt"), L: mine, Reasons: options, Results: options, Receipt: "482 719 063"}},
		{Template: "reach_call", Page: &callPage{Frame: staff("calls"), L: mine, Number: "+212661234567", Because: "Jj", Reasons: options, Results: options}},
		{Template: "reach_call", Page: &callPage{Frame: staff("calls"), L: taken, Reasons: options, Results: options}},
		{Template: "reach_call", Page: &callPage{Frame: staff("calls"), L: line, Over: true}},
		{Template: "reach_prompts", Page: &promptsPage{Frame: staff("prompts"), Langs: []PromptLang{lang, whole}, Total: 92}},
		{Template: "reach_prompt_list", Page: &promptListPage{Frame: staff("prompts"), Lang: lang, Show: "missing", Segments: segments, Rows: []PromptRow{missing, done}}},
		{Template: "reach_prompt_list", Page: &promptListPage{Frame: staff("prompts"), Lang: whole, Show: "missing", Segments: segments}},
		{Template: "reach_prompt_list", Page: &promptListPage{Frame: staff("prompts"), Lang: lang, Show: "done", Segments: segments}},
		{Template: "reach_prompt", Page: &promptPage{Frame: wrong("prompts", "sound"), Lang: lang, Row: missing, Other: template.HTML("Kk"), Next: "digit.5", Left: 80, KB: mostSound >> 10, Most: mostSeconds}},
		{Template: "reach_prompt", Page: &promptPage{Frame: staff("prompts"), Lang: whole, Row: done, KB: mostSound >> 10, Most: mostSeconds}},
	}
}
