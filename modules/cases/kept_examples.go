package cases

import (
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// keptGallery is what a phone without a network shows, on a house that has every
// number and on one that has none, on a phone of one's own and of others.
func keptGallery() []module.Example {
	form := ui.Frame{Kind: ui.Form, HelpLine: "+212800001234", ShortCode: "5300", USSD: "*555#"}
	others := ui.Frame{Kind: ui.Form, Shared: true}
	copied := ui.Frame{Kind: ui.Form, Copy: exampleAt}
	return []module.Example{
		{Template: "cases_offline", Page: &offlinePage{Frame: form, Calls: exampleCalls}},
		{Template: "cases_offline", Page: &offlinePage{Frame: others}},
		{Template: "cases_saved", Page: &savedPage{Frame: form, Calls: exampleCalls}},
		{Template: "cases_saved", Page: &savedPage{Frame: others}},
		{Template: "cases_home", Page: &homePage{Frame: ui.Frame{Copy: exampleAt}, Services: exampleTiles}},
		{Template: "cases_ask_all", Page: &allPage{Frame: copied, Service: "a", Draft: exampleID, Name: "Aa", Danger: "Bb", Calls: exampleCalls, Out: Outgoing{To: "/fr/help/a/" + exampleID + "/send", Kept: "Cc"}}},
	}
}
