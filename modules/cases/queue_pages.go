package cases

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// queuePage is the dispatcher's list, by deadline, life in danger first.
type queuePage struct {
	ui.Frame
	Phase    string
	Tabs     []Tab
	Lines    []Line
	Detail   *Detail // the case under the hand, on wide screens
	Map      template.HTML
	Cover    bool // some commune lacks a network
	Harm     bool // some commune was hit
	More     string
	Pager    ui.Pager
	Search   string
	Nothing  bool
	Filters  []ui.Field
	AreaName template.HTML
	CanAsk   bool
	Clear    string
}

// Tab is one phase of the work, with how much waits there.
type Tab struct {
	Href    string
	Key     string
	N       int
	Current bool
}

// Line is one case in a list. Nothing in it names a person.
type Line struct {
	ID       string
	Href     string
	Receipt  string
	Level    int
	Title    template.HTML
	Place    template.HTML
	Left     template.HTML
	Late     bool
	Due      time.Time
	Channel  string
	People   int
	Owner    template.HTML
	State    template.HTML
	Current  bool
	Speak    bool // for somebody who speaks the reader's language
	Unplaced bool
	Last     bool // it was put before its owner of last resort
}

const pageOf = 30

// phases are the tabs of the queue.
var phases = []service.Phase{service.Open, service.Owned, service.Moving, service.Waiting, service.Final}

func (o *Office) queue(c *web.Ctx) error {
	v := c.R.URL.Query()
	by := actor.From(c.Context())
	search, ok := o.found(by, v.Get("found"))
	if !ok {
		c.Flash("cases.queue.find_again")
		return c.Seek("/queue?phase=" + url.QueryEscape(v.Get("phase")))
	}
	p := &queuePage{Phase: v.Get("phase"), Search: search, CanAsk: by.Holds(DeedTakeDown.Roles...)}
	if !validPhase(p.Phase) {
		p.Phase = string(service.Open)
	}
	p.Kind, p.Nav, p.Title = ui.Staff, "queue", c.P.Text("cases.queue.title")
	o.freshGround(c.Context())
	err := o.h.Look(c.Context(), by, DeedSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		under, err := o.underHand(t, v.Get("case"))
		if err != nil {
			return err
		}
		if under != nil { // it may have moved on since the link was made
			p.Phase = string(under.Phase)
			v.Set("phase", p.Phase)
			if p.Detail, err = o.detail(c, t, under); err != nil {
				return err
			}
		}
		return o.fillQueue(c, t, p, o.wanted(by, v, p.Phase), v)
	})
	if err != nil {
		return err
	}
	return c.Render("cases_queue", p)
}

// underHand is the case that an address names, for those who may see it; nil
// for anybody else, and where there is none.
func (o *Office) underHand(t *deed.Tx, text string) (*Case, error) {
	cid, err := id.Parse[Case](text)
	if err != nil {
		return nil, nil
	}
	k, err := getCase(t.Tx, cid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if o.maySee(t, k) != nil {
		k = nil
	}
	return k, t.AllowAny()
}

func validPhase(s string) bool {
	for _, p := range phases {
		if string(p) == s {
			return true
		}
	}
	return false
}

// wanted is the part of the queue that the reader may see and asked for: their
// territory, and for an organisation what is open to all or its own.
func (o *Office) wanted(by actor.Actor, v url.Values, phase string) Queue {
	q := Queue{Phase: service.Phase(phase), Reach: reachOf(by, DeedSee.Roles), Limit: pageOf, Spoken: v.Get("spoken"), After: readMark(v.Get("after"))}
	if area := v.Get("area"); area != "" {
		if r, ok := q.Reach.within(area, o.places.Within); ok {
			q.Reach, q.Area = r, area
		}
	}
	q.Level, _ = strconv.Atoi(v.Get("level"))
	q.Last = v.Get("last") == "1"
	if phase != string(service.Open) {
		q.Org = ownOnly(by)
	}
	return q
}

// ownOnly is the organisation whose cases alone the reader sees once they are
// taken; zero for those who work for everybody.
func ownOnly(by actor.Actor) (org actor.OrganisationID) {
	if onlyFor(by) {
		org = by.Org
	}
	return org
}

// onlyFor tells whether the reader works for an organisation alone.
func onlyFor(by actor.Actor) bool {
	for _, g := range by.Grants {
		if !g.Role.ForOrganisation() && slices.Contains(DeedSee.Roles, g.Role) {
			return false
		}
	}
	return true
}

// lastPart keeps the filter in an address.
func lastPart(last bool) string {
	if last {
		return "&last=1"
	}
	return ""
}

func readMark(s string) (m Mark) {
	parts := strings.SplitN(s, "~", 3)
	if len(parts) != 3 {
		return Mark{}
	}
	rank, err1 := strconv.Atoi(parts[0])
	at, err2 := strconv.ParseInt(parts[1], 10, 64)
	if err1 != nil || err2 != nil {
		return Mark{}
	}
	return Mark{Rank: rank, Due: time.UnixMicro(at), ID: parts[2]}
}

func (m Mark) String() string { return fmt.Sprintf("%d~%d~%s", m.Rank, m.Due.UnixMicro(), m.ID) }

func (o *Office) fillQueue(c *web.Ctx, t *deed.Tx, p *queuePage, q Queue, v url.Values) error {
	counts, err := countPhases(t.Tx, q.Reach, ownOnly(t.By), q.Last)
	if err != nil {
		return err
	}
	if q.Last && v.Get("phase") == "" && counts[q.Phase] == 0 { // a notice leads to where there is something
		for _, ph := range phases {
			if counts[ph] > 0 {
				q, p.Phase = o.wanted(t.By, v, string(ph)), string(ph)
				break
			}
		}
	}
	for _, ph := range phases {
		p.Tabs = append(p.Tabs, Tab{Href: c.Href("/queue?phase=" + string(ph) + lastPart(q.Last)), Key: "cases.phase." + string(ph), N: counts[ph], Current: string(ph) == p.Phase})
	}
	var all []*Case
	if p.Search != "" {
		all, err = o.search(t, p.Search)
	} else {
		all, err = listQueue(t.Tx, q)
	}
	if err != nil {
		return err
	}
	chosen := v.Get("case")
	for _, k := range all {
		line, err := o.line(c, t.Tx, k)
		if err != nil {
			return err
		}
		next := url.Values{"phase": {p.Phase}, "case": {k.ID.String()}}
		if q.Last {
			next.Set("last", "1")
		}
		line.Href, line.Current = c.Href("/queue?"+next.Encode()), k.ID.String() == chosen
		p.Lines = append(p.Lines, line)
	}
	p.Nothing = len(all) == 0
	if len(all) == q.Limit && p.Search == "" {
		last := all[len(all)-1]
		v.Set("after", Mark{last.Rank, last.DueAt, last.ID.String()}.String())
		p.Pager = ui.Pager{More: c.Href("/queue?" + v.Encode()), Shown: len(all), Step: pageOf}
	} else {
		p.Pager = ui.Pager{Shown: len(all)}
	}
	cover, err := o.covers(t.Tx)
	if err != nil {
		return err
	}
	p.Map, p.Cover, p.Harm = o.queueMap(c, q.ground(), all, cover), len(cover) > 0, len(o.harm()) > 0
	o.queueFilters(c, p, q)
	return nil
}

// search finds by receipt, by phone (through its blind index), or by place.
// It never looks into what people wrote.
func (o *Office) search(t *deed.Tx, text string) ([]*Case, error) {
	var found []*Case
	if n, err := receipt.Parse(text); err == nil {
		k, err := db.List(t.Tx, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE receipt = ?1`, n)
		if err != nil {
			return nil, err
		}
		found = k
	} else if tel, err := parsePhone(text, o.places.Country().Phone.Prefix); err == nil {
		if found, err = casesByPhone(t.Tx, o.vault.Index("phone", tel), pageOf); err != nil {
			return nil, err
		}
	} else {
		for _, x := range o.places.Search(text, "", 3) {
			k, err := listQueue(t.Tx, Queue{Phase: service.Open, Reach: Reach{{Territory: o.areaOf(x.Place)}}, Limit: pageOf})
			if err != nil {
				return nil, err
			}
			found = append(found, k...)
		}
	}
	out := found[:0:0]
	seen := map[CaseID]bool{}
	for _, k := range found { // nobody finds what they may not see
		if !seen[k.ID] && t.Allow(k.Scope()) == nil {
			out, seen[k.ID] = append(out, k), true
		}
	}
	return out, t.AllowAny()
}

func (o *Office) areaOf(p *places.Place) string {
	if k, ok := o.places.Commune(p.Code); ok {
		return k.Code
	}
	return p.Code
}

func (o *Office) line(c *web.Ctx, t *db.Tx, k *Case) (Line, error) {
	def, err := o.def(t, k)
	if err != nil {
		return Line{}, err
	}
	l := Line{ID: k.ID.String(), Href: c.Href("/cases/" + k.ID.String()), Receipt: k.Receipt.String(), Level: k.Level, Title: o.needs(c, def, k),
		Channel: k.Channel, People: k.People, State: c.P.T(key(def, "state_staff."+k.State)), Due: k.DueAt,
		Speak: actor.From(c.Context()).Speaks(k.Spoken), Unplaced: k.Place == "", Last: !k.LastAt.IsZero()}
	if k.Place != "" {
		l.Place = o.placeSay(c, k.Place)
	}
	if k.Phase != service.Final {
		l.Left, l.Late = c.P.Left(k.DueAt)
	}
	if !k.Org.IsZero() {
		name, err := o.orgs.Name(t, k.Org, c.Lang())
		if err != nil {
			return l, err
		}
		l.Owner = template.HTML("<bdi>" + template.HTMLEscapeString(name) + "</bdi>")
	}
	return l, nil
}

// needs is what a case is called in lists: what is needed, most urgent first.
func (o *Office) needs(c *web.Ctx, def *service.Definition, k *Case) template.HTML {
	q := def.Form.Question(def.Bind.Need)
	if q == nil || q.List == nil || len(k.Needs) == 0 {
		return c.P.T(key(def, "text.name"))
	}
	var parts []string
	for _, n := range k.Needs {
		parts = append(parts, string(c.P.T(key(def, "choice."+q.List.Name+"."+n))))
	}
	return template.HTML(strings.Join(parts, string(c.P.T("cases.place.comma"))))
}

func (o *Office) queueFilters(c *web.Ctx, p *queuePage, q Queue) {
	levels := []ui.Option{{Value: "", Title: c.P.T("cases.queue.all_levels"), Chosen: q.Level == 0}}
	for n := 1; n <= 4; n++ {
		levels = append(levels, ui.Option{Value: strconv.Itoa(n), Title: c.P.T("cases.level." + strconv.Itoa(n)), Chosen: q.Level == n})
	}
	spoken := []ui.Option{{Value: "", Title: c.P.T("cases.queue.all_languages"), Chosen: q.Spoken == ""}}
	for _, s := range o.places.Country().Spoken {
		name, lang := places.In(s.Names, c.Lang())
		spoken = append(spoken, ui.Option{Value: s.Code, Title: marked(c, name, lang), Chosen: q.Spoken == s.Code})
	}
	area := []ui.Option{{Value: "", Title: c.P.T("cases.queue.all_areas"), Chosen: q.Area == ""}}
	for _, x := range o.provinces() {
		if _, ok := reachOf(actor.From(c.Context()), DeedSee.Roles).within(x.Code, o.places.Within); ok {
			area = append(area, ui.Option{Value: x.Code, Title: named(c, x), Chosen: q.Area == x.Code})
		}
	}
	last := []ui.Option{{Value: "", Title: c.P.T("cases.queue.last_any"), Chosen: !q.Last}, {Value: "1", Title: c.P.T("cases.queue.last_only"), Chosen: q.Last}}
	for _, f := range []ui.Field{
		{Name: "level", Type: "select", Label: c.P.T("cases.queue.level"), Rows: levels, Short: true},
		{Name: "spoken", Type: "select", Label: c.P.T("cases.queue.spoken"), Rows: spoken, Short: true},
		{Name: "area", Type: "select", Label: c.P.T("cases.queue.area"), Rows: area, Short: true},
		{Name: "last", Type: "select", Label: c.P.T("cases.queue.last"), Rows: last, Short: true},
	} {
		p.Filters = append(p.Filters, f)
	}
	if q.Level != 0 || q.Spoken != "" || q.Last || p.Search != "" || c.R.URL.Query().Get("area") != "" {
		p.Clear = c.Href("/queue?phase=" + p.Phase)
	}
}

// next offers one case to call: somebody who speaks the reader's language
// first; a case waits for a speaker as long as the service says before anybody
// is offered it. Life in danger waits for nobody.
func (o *Office) next(c *web.Ctx) error {
	by := actor.From(c.Context())
	var found CaseID
	err := o.h.Look(c.Context(), by, DeedContact, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listQueue(t.Tx, Queue{Phase: service.Open, Reach: reachOf(by, DeedContact.Roles), Limit: 400})
		if err != nil {
			return err
		}
		found, err = o.pick(t, by, all)
		return err
	})
	if err != nil {
		return err
	}
	if found.IsZero() {
		c.Flash("cases.queue.nobody_to_call")
		return c.Seek("/queue")
	}
	return c.Seek("/cases/" + found.String())
}

// pick chooses whom the doer should call next.
func (o *Office) pick(t *deed.Tx, by actor.Actor, all []*Case) (best CaseID, err error) {
	var fallback CaseID
	for _, k := range all {
		if !k.ContactedAt.IsZero() || len(k.PhoneKey) == 0 || t.Allow(k.Scope()) != nil {
			continue
		}
		def, err := o.def(t.Tx, k)
		if err != nil {
			return best, err
		}
		wait, _ := def.Delay("speaker_first", k.Level)
		switch {
		case k.Rank == 0, by.Speaks(k.Spoken):
			return k.ID, t.AllowAny()
		case fallback.IsZero() && (k.Spoken == "" || t.Now().Sub(k.MadeAt) >= wait):
			fallback = k.ID
		}
	}
	return fallback, t.AllowAny()
}
