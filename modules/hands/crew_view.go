package hands

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// callView is a call for people as every page shows it.
type callView struct {
	ID       string
	Org      template.HTML
	Place    template.HTML
	Words    template.HTML
	Meet     template.HTML
	Skill    template.HTML // "" is any
	Spoken   template.HTML // "" is any
	Demands  []template.HTML
	Children bool
	From, To time.Time
	SameDay  bool
	Wanted   int
	Placed   int
	Left     int
	State    string // open, full, closed
	Mission  string // where to read it; "" is none
}

func (s *Service) callView(c *web.Ctx, t *db.Tx, k *Call) (v callView, err error) {
	name, err := s.orgs.Name(t, k.Org, c.Lang())
	if err != nil {
		return v, err
	}
	words, wl := k.Words.In(c.Lang())
	meet, ml := k.Shift.Meet.In(c.Lang())
	v = callView{ID: k.ID.String(), Org: saidIn(name, "", ""), Place: s.placeSay(c, k.Place), Words: saidIn(words, wl, c.Lang()), Meet: saidIn(meet, ml, c.Lang()),
		Children: k.Children, From: k.Shift.From, To: k.Shift.To, Wanted: k.Wanted, Placed: k.Placed, Left: k.Left(), State: string(k.State), Mission: k.Shift.Mission}
	if k.Over(t.Now()) {
		v.State, v.Left = string(Closed), 0
	}
	v.SameDay = v.From.In(c.Site.Zone).Format(time.DateOnly) == v.To.In(c.Site.Zone).Format(time.DateOnly)
	if k.Skill != "" {
		v.Skill = c.P.T("hands.skill." + k.Skill)
	}
	if k.Spoken != "" {
		v.Spoken = s.spokenSay(c, k.Spoken)
	}
	v.Demands = keysSay(c.P, "hands.effort.", k.Demands)
	return v, nil
}

// spokenSay is what a language is called.
func (s *Service) spokenSay(c *web.Ctx, code string) template.HTML {
	country := s.places.Country()
	for _, l := range country.Spoken {
		if l.Code == code {
			if name := l.Names[c.Lang()]; name != "" {
				return saidIn(name, "", "")
			}
			return saidIn(l.Names[country.Default], country.Default, c.Lang())
		}
	}
	return c.P.T("hands.language." + code)
}

func keysSay(p *i18n.Printer, prefix string, codes []string) (out []template.HTML) {
	for _, code := range codes {
		out = append(out, p.T(prefix+code))
	}
	return out
}

// codeOptions are the answers to choose from, each a key of the catalogue.
func codeOptions(p *i18n.Printer, prefix string, codes []string, chosen ...string) (out []ui.Option) {
	for _, code := range codes {
		out = append(out, ui.Option{Value: code, Title: p.T(prefix + code), Chosen: slices.Contains(chosen, code)})
	}
	return out
}

func (s *Service) spokenOptions(c *web.Ctx, chosen ...string) (out []ui.Option) {
	for _, code := range s.languagesSpoken() {
		out = append(out, ui.Option{Value: code, Title: s.spokenSay(c, code), Chosen: slices.Contains(chosen, code)})
	}
	return out
}

// dayRow is one day of a week, morning and afternoon.
type dayRow struct {
	Name         template.HTML
	AM, PM       string // what a form sends for it
	HasAM, HasPM bool
}

// monday is some Monday, to name the days of the week by.
var monday = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)

func weekRows(p *i18n.Printer, w Week) (out []dayRow) {
	for day := range 7 {
		out = append(out, dayRow{p.Weekday(monday.AddDate(0, 0, day)), strconv.Itoa(day * 2), strconv.Itoa(day*2 + 1), w&Half(day, false) != 0, w&Half(day, true) != 0})
	}
	return out
}

// readWeek reads the half days that were ticked; "all" is every one.
func readWeek(ticked []string) (w Week) {
	for _, x := range ticked {
		if x == "all" {
			return everyHalf
		}
		if n, err := strconv.Atoi(x); err == nil && n >= 0 && n < 14 {
			w |= 1 << n
		}
	}
	return w
}

// readWhole reads a whole number as people type it; what is none is -1.
func readWhole(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(arabic.Digits(text)))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// readMoment reads a date and a time of the country, as a browser sends it or as
// somebody types it; zero when it is neither.
func readMoment(c *web.Ctx, text string) time.Time {
	text = strings.TrimSpace(arabic.Digits(text))
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, c.Site.Zone); err == nil && at.Year() > 2000 && at.Year() < 2200 {
			return at.UTC()
		}
	}
	return time.Time{}
}

// pathID reads an identifier of the address; one that is none belongs to nothing.
func pathID[T any](c *web.Ctx, name string) (id.Of[T], error) {
	out, err := id.Parse[T](c.R.PathValue(name))
	if err != nil {
		return out, fault.New(fault.Missing, "error.missing")
	}
	return out, nil
}

// hidden are the values of a form that the next page carries along.
type hidden struct{ Name, Value string }

func carried(v url.Values, but ...string) (out []hidden) {
	for name, all := range v {
		if slices.Contains(but, name) {
			continue
		}
		for _, x := range all {
			out = append(out, hidden{name, x})
		}
	}
	slices.SortStableFunc(out, func(a, b hidden) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// coordinated is the organisation in whose name somebody runs volunteers; zero
// for those who see all.
func coordinated(by actor.Actor, roles ...actor.Role) (org actor.OrganisationID) {
	for _, g := range by.Grants {
		if !slices.Contains(roles, g.Role) {
			continue
		}
		if !g.Role.ForOrganisation() {
			return actor.OrganisationID{}
		}
		if org.IsZero() {
			org = g.Org
		}
	}
	return org
}
