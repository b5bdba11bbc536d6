package round

import (
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
)

// DeedApp is opening the app for work without a network. Anybody may: nothing
// of anybody is in it, and what it shows comes later, to whoever signed in.
var DeedApp = deed.Deed{Name: "round.app.open", Open: true}

// appPage is the app as every phone gets and keeps it, the same for everybody
// in one language. Its scripts put in what the phone alone knows.
type appPage struct {
	ui.Frame
	Zone    string            // in which times are shown
	Words   map[string]string // sentences with numbers in them, as the catalogue has them
	Scripts []string          // addresses, in the order in which they build on each other
}

// appScripts are the scripts of the app. They are read as they are written; age
// alone is somebody else's work (platform/ui/NOTICE.md).
var appScripts = []string{"twiza.js", "age.js", "round-words.js", "round-store.js", "round-send.js", "round-page.js", "round-form.js", "round-home.js", "round-stops.js", "round-phone.js"}

// appWords is what the scripts say by themselves, without "round.app.".
var appWords = []string{
	"aboard", "before", "boxes", "boxes_full", "colon", "comma", "compare", "erase_unsent", "errors", "goes_by_itself", "goods", "got_receipt",
	"house_away", "in_phone", "is_closed", "is_delivered", "is_delivery", "is_moved", "is_not_reached", "kb", "kept", "kept_sealed", "left_of", "lost_n", "lost_none", "mb", "mend",
	"needs_network", "needs_signin", "no_due", "no_goods", "no_pack", "nothing_waits", "opening", "pack_holds", "pack_missing", "password_changed", "photo_lost", "photos", "photos_left",
	"records", "renewed", "rescue_empty", "rescued", "sealed", "sending_now", "settled", "settled_before", "stop", "stop_of", "stops_loaded", "synced",
	"title_delivery", "title_not_reached", "title_relay", "title_request", "title_visit", "told_twice", "when", "with_code", "with_witness",
	"wrong_aboard", "wrong_choice", "wrong_empty", "wrong_missing", "wrong_name", "wrong_number", "wrong_password", "wrong_photo",
	"wrong_reason", "wrong_receipt", "wrong_stop", "wrong_value", "wrong_wait",
}

// appBorrows are sentences that it says with the words of the pages.
var appBorrows = map[string]string{
	"gps_done": "ui.gps.done", "gps_fail": "ui.gps.fail", "gps_wait": "ui.gps.wait", "people": "i18n.unit.people", "km": "i18n.unit.km",
	"wrong_code": "field.delivery.code_missing", "wrong_consent": "cases.helper.how_missing", "wrong_nothing": "field.delivery.nothing", "wrong_proof": "field.delivery.proof_missing",
	"wrong_relation": "field.delivery.relation_missing", "wrong_witness": "field.delivery.witness_missing",
}

// days are the names that browsers do not know in every language.
var days = []string{"i18n.weekday.1", "i18n.weekday.2", "i18n.weekday.3", "i18n.weekday.4", "i18n.weekday.5", "i18n.weekday.6", "i18n.weekday.7",
	"i18n.month.1", "i18n.month.2", "i18n.month.3", "i18n.month.4", "i18n.month.5", "i18n.month.6", "i18n.month.7", "i18n.month.8", "i18n.month.9", "i18n.month.10", "i18n.month.11", "i18n.month.12"}

func newAppPage(p *i18n.Printer, zone string) *appPage {
	out := &appPage{Frame: ui.Frame{Title: p.Text("round.app.title"), Kind: ui.Form}, Zone: zone, Words: map[string]string{}}
	for _, name := range appScripts {
		out.Scripts = append(out.Scripts, ui.Asset(name))
	}
	for _, k := range appWords {
		out.Words["round.app."+k] = p.Source("round.app." + k)
	}
	for k, key := range appBorrows {
		out.Words["round.app."+k] = p.Source(key)
	}
	if p.Lang() == i18n.ZGH {
		for _, k := range days {
			out.Words[k] = p.Source(k)
		}
	}
	return out
}

// showApp gives the app. A phone that others use keeps it too: what is written
// down in it is sealed under the password of whoever set it up.
func (s *Service) showApp(c *web.Ctx) error {
	c.KeepAlways()
	return c.Render("round_app", newAppPage(c.P, c.Site.Zone.String()))
}
