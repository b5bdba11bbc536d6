package app

import (
	"net/http"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach"
)

// classOf is how much a door matters when more come than can be served.
func classOf(d module.Door) web.Class {
	word := d.Deed.Name
	switch {
	case d.Class != web.Public: // its module says so
		return d.Class
	case slices.Contains([]string{"/healthz", "/readyz", "/metrics", "/favicon.ico", "/sw.js"}, d.Path):
		return web.Always
	case strings.HasSuffix(d.Path, "/live"), strings.HasSuffix(d.Path, "/events"):
		return web.Live
	case d.Method == "POST" && slices.Contains(vitalWords, word):
		return web.Vital
	case slices.Contains(intakeWords, word), d.Path == "/{$}", strings.HasPrefix(d.Path, "/help"), d.Path == "/offline":
		return web.Intake
	case bulky(d.Path):
		return web.Bulk
	case !d.Deed.Open:
		return web.Staff
	}
	return web.Public
}

// vitalWords are how somebody asks for help, by whatever way.
var vitalWords = []string{cases.DeedAsk.Name, cases.DeedTakeDown.Name, reach.DeedHook.Name}

// intakeWords lead there, and tell those who asked how it stands.
var intakeWords = []string{cases.DeedDraft.Name, cases.DeedTrack.Name}

// bulky are statistics, exports and feeds: they can wait until the night is over.
func bulky(path string) bool {
	for _, end := range []string{".csv", ".xlsx", ".geojson", ".json", ".atom", ".pdf"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	for _, part := range []string{"/kpi", "/equity", "/stat", "/export", "/journal", "/import", "/files/", "/coverage", "/openapi"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// openInEmergency are the doors that take something in all the same: people ask
// for help, follow it and leave; whoever helps signs in, finds and reads what they
// need to call back. Each read of a person leaves its line as always.
var openInEmergency = append([]string{cases.DeedDraft.Name, cases.DeedTrack.Name, cases.DeedLeave.Name, cases.DeedSee.Name, cases.DeedReveal.Name,
	cases.DeedEmergencyBegin.Name, cases.DeedEmergencyEnd.Name, "people.session.open", "people.session.close"}, vitalWords...)

// gate closes what changes anything, while it is emergency mode.
func (h *House) gate(c *web.Ctx) error {
	if c.R.Method == http.MethodGet || c.R.Method == http.MethodHead || slices.Contains(openInEmergency, c.Door.Word) {
		return nil
	}
	if h.Config.Dev && strings.HasPrefix(c.Door.Path, "/dev/") {
		return nil
	}
	if on, _ := h.Cases.Emergency(c.Context()); on {
		return fault.New(fault.Away, "cases.emergency.closed")
	}
	return nil
}

// call is whom people are told to call where the house cannot answer them.
func (h *House) call() string {
	if h.Config.Help != "" {
		return h.Config.Help
	}
	if all := h.Places.Country().Emergency; len(all) > 0 {
		return all[0].Number
	}
	return ""
}

// trouble fills in what every page says when something is wrong.
func (h *House) trouble(c *web.Ctx) (emergency, away bool) {
	emergency, _ = h.Cases.Emergency(c.Context())
	_, away = h.DB.Away()
	return emergency, away || actor.From(c.Context()).Unread
}
