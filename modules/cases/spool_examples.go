package cases

import (
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

func spoolGallery() []module.Example {
	ticket := ui.Ticket{Code: "482719064", At: exampleAt}
	form := ui.Frame{Kind: ui.Form, HelpLine: "+212800001234"}
	return []module.Example{
		{Template: "cases_waits", Page: &waitsPage{Frame: form, Ticket: ticket, Code: "482719064", At: exampleAt, Calls: exampleCalls}},
		{Template: "cases_waits", Page: &waitsPage{Frame: form, At: exampleAt}},
		{Template: "cases_ask_done", Page: &donePage{Frame: form, Ticket: ticket, Say: "Aa", Next: "Bb", Due: exampleAt, Waits: true, Emergency: exampleCalls}},
		{Template: "cases_ask_done", Page: &donePage{Frame: form, Say: "Aa", Next: "Bb", Waits: true}},
		{Template: "cases_emergency", Page: &emergencyPage{Frame: exampleStaff("emergency")}},
		{Template: "cases_emergency", Page: &emergencyPage{Frame: exampleStaff("emergency"), On: true, Since: exampleAt}},
		{Template: "cases_emergency", Page: &emergencyPage{Frame: exampleStaff("emergency"), On: true, Machine: true}},
	}
}
