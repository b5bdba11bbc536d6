package app

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/spellings"

	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/modules/picture"
	"github.com/twiza/twiza/modules/room"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/modules/watch"
	"github.com/twiza/twiza/modules/works"
)

// place is one place on the rail of staff pages, and who may go there.
type place struct {
	href, key, icon, nav string
	deed                 deed.Deed
}

// rail is in the order of the day's work.
var rail = []place{
	{"/queue", "app.rail.queue", "siren.regular", "queue", cases.DeedSee},
	{"/alike", "app.rail.alike", "arrows-merge.bold", "alike", cases.DeedAlikeSee},
	{"/calls", "app.rail.calls", "phone-call.regular", "calls", reach.DeedCallSee},
	{"/tasks", "app.rail.tasks", "squares-four.regular", "tasks", cases.DeedTaskSee},
	{"/handover", "app.rail.handover", "note-pencil", "handover", room.DeedNoteList},
	{"/missions", "app.rail.missions", "truck.regular", "missions", field.DeedMissionSee},
	{"/round", "app.rail.round", "list.regular", "my_round", round.DeedPack},
	{"/shifts", "app.rail.shifts", "calendar-check.regular", "shifts", hands.DeedMyShifts},
	{"/volunteers", "app.rail.hands", "hand-heart.regular", "volunteers", hands.DeedVolunteerList},
	{"/offers", "app.rail.offers", "package.regular", "offers", hands.DeedOfferSee},
	{"/round/devices", "app.rail.devices", "path.regular", "round", round.DeedDeviceList},
	{"/teams", "app.rail.teams", "users-three.regular", "teams", field.DeedTeamList},
	{"/roads", "app.rail.roads", "path.regular", "roads", field.DeedRoadList},
	{"/damage", "app.rail.damage", "warning.regular", "damage", damage.DeedList},
	{"/damage/reports", "app.rail.damage_reports", "megaphone.regular", "damage_reports", damage.DeedClaims},
	{"/works", "app.rail.works", "package.regular", "works", works.DeedSee},
	{"/gaps", "app.rail.gaps", "map-pin.regular", "gaps", field.DeedGapList},
	{"/unreached", "app.rail.unreached", "house.regular", "unreached", field.DeedUnreached},
	{"/who-what-where", "app.rail.where", "map-trifold.regular", "where", field.DeedTeamList},
	{"/shelters", "app.rail.shelters", "tent", "shelters", picture.DeedShelters},
	{"/situation/own", "app.rail.situation", "printer.bold", "situation", picture.DeedOwn},
	{"/complaints", "app.rail.complaints", "scales.regular", "complaints", cases.DeedComplaintSee},
	{"/concerns", "app.rail.concerns", "shield-warning.regular", "concerns", cases.DeedConcernList},
	{"/triage", "app.rail.triage", "files.regular", "triage", intake.DeedRead},
	{"/import", "app.rail.import", "upload-simple.regular", "import", intake.DeedTake},
	{"/spellings", "app.rail.spellings", "file-text.regular", "spellings", spellings.DeedSee},
	{"/channels", "app.rail.channels", "broadcast.regular", "channels", reach.DeedChannelSee},
	{"/prompts", "app.rail.prompts", "microphone.regular", "prompts", reach.DeedPromptSee},
	{"/emergency", "app.rail.emergency", "warning.regular", "emergency", cases.DeedEmergencyBegin},
	{"/crises", "app.rail.crises", "flag.regular", "crises", cases.DeedCrisisOpen},
	{"/organisations", "app.rail.organisations", "building.regular", "organisations", deed.Deed{Roles: []actor.Role{actor.Administrator, actor.CrisisCell, actor.Auditor}}},
	{"/accounts", "app.rail.accounts", "user.regular", "accounts", deed.Deed{Roles: []actor.Role{actor.Administrator}}},
	{"/equity", "app.rail.equity", "chart-bar.regular", "equity", watch.EquityRead},
	{"/week", "app.rail.week", "calendar-check.regular", "week", room.DeedWeek},
	{"/kpi", "app.rail.kpi", "gauge.regular", "kpi", watch.KPIRead},
	{"/depot", "app.rail.depot", "package.regular", "depot", stock.DeedSee},
	{"/treasury", "app.rail.treasury", "hand-coins", "treasury", giving.DeedSee},
	{"/books", "app.rail.books", "scales.regular", "books", watch.BooksRead},
	{"/audit", "app.rail.audit", "seal-check", "audit", audit.DeedSee},
	{"/journal", "app.rail.journal", "clipboard-text.regular", "journal", deed.Deed{Roles: []actor.Role{actor.Auditor, actor.CrisisCell}}},
	{"/me", "app.rail.me", "gear.regular", "me", deed.Deed{Roles: actor.Roles}},
}

// holds tells whether a page lies there: it says so itself, or by its address.
func (p place) holds(f *ui.Frame) bool {
	path, _, _ := strings.Cut(f.Path, "?")
	return f.Nav == p.nav || f.Nav == "" && strings.HasPrefix(path+"/", p.href+"/")
}

// frame fills in what stands around every page.
func (h *House) frame(c *web.Ctx, f *ui.Frame) {
	f.Phones = h.phones != nil
	f.Demo, f.HelpLine, f.ShortCode, f.Mandate = h.Config.Demo, h.Config.Help, h.Config.SMS, h.Config.Mandate
	f.USSD = h.menuCode()
	f.Emergency, f.Away = h.trouble(c)
	by := actor.From(c.Context())
	if !by.Account.IsZero() {
		u := &ui.User{Name: by.Name, Initials: initials(by.Name), Org: by.OrgName}
		for _, p := range rail {
			if deed.May(by, p.deed) == nil {
				u.Links = append(u.Links, ui.Link{Href: p.href, Key: p.key, Icon: p.icon, Current: p.holds(f)})
			}
		}
		f.User = u
		if n, err := h.People.Notices(c.Context(), by); err == nil && n > 0 {
			f.Notice = &ui.Link{Href: "/safeguarding", Key: "people.second.notice", Count: int(n)}
		} else if n, err := h.Cases.BeforeOwner(c.Context(), by); err == nil && n > 0 {
			f.Notice = &ui.Link{Href: "/queue?last=1", Key: "cases.last.notice", Count: int(n)}
		}
	}
	if now, err := h.Cases.Crises(c.Context()); err == nil && len(now) > 0 {
		f.Crisis = &ui.Banner{Title: c.P.T(now[0].NameKey()), Since: now[0].OpenedAt}
	}
}

func initials(name string) string {
	var out []string
	for _, w := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(w)
		out = append(out, string(r))
	}
	if len(out) > 2 {
		out = []string{out[0], out[len(out)-1]}
	}
	return strings.Join(out, "")
}

// homeOf is where somebody goes after signing in.
func homeOf(by actor.Actor) string {
	for _, p := range rail {
		if deed.May(by, p.deed) == nil {
			return p.href
		}
	}
	return "/me"
}

// enter finds out who is there.
func (h *House) enter(c *web.Ctx) context.Context { return h.People.Enter(c) }

// menuCode is what people dial for the menu, where an operator opens one.
func (h *House) menuCode() string {
	for _, g := range h.Reach.Gateways() {
		if g.Kind == channel.USSD && !g.Simulated {
			return g.Number
		}
	}
	return ""
}
