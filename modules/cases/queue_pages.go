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
	Pane     *Pane   // the map
	More     string
	Pager    ui.Pager
	Search   string
	Nothing  bool
	Desk     *Desk  // views and what can be done with the filter; nil where no room is open
	About    string // what the filters depend on
	Filters  choices
	CanAsk   bool
	Clear    string
	Watch    *Watch // how the page learns what is done while it is open; nil where it does not
	Clock    time.Time
	Here     string // the same page anew
	Under    int    // where nothing waits to be taken: how much is under way
	UnderURL string
}

// Watch is what a page that follows the queue starts from.
type Watch struct {
	URL   string // of the line that stays open
	Since int64  // number of the newest line of the journal that the page knows of
	New   string // "show 1 new", "show 2 new" … as a list that scripts read
	Many  string // more than that
}

// Tab is one phase of the work, with how much waits there.
type Tab struct {
	Href    string
	Key     string
	Phase   string
	N       string // "" is none
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
	Version  int64
	Lease    Lease
	Held     template.HTML // for how long somebody still answers for it
}

// Lease is until when somebody answers for a case.
type Lease struct {
	Till time.Time
	Left int // of a hundred parts
	All  int // seconds from its beginning to its end
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
		if err := o.fillQueue(c, t, p, o.wanted(by, v, p.Phase), v); err != nil {
			return err
		}
		if p.Desk, err = o.deskOf(c, t, p.Phase); err != nil {
			return err
		}
		o.point(p.Pane, under)
		return nil
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
	q.Last, q.Unplaced = v.Get("last") == "1", v.Get("unplaced") == "1"
	if x := v.Get("channel"); slices.Contains(queueChannels, x) {
		q.Channel = x
	}
	if x := v.Get("need"); slices.ContainsFunc(o.queueNeeds(), func(n needName) bool { return n.code == x }) {
		q.Need = x
	}
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
			k, err := listQueue(t.Tx, Queue{Phase: service.Open, Reach: o.sharp(Reach{{Territory: o.areaOf(x.Place)}}), Limit: pageOf})
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
		Speak: actor.From(c.Context()).Speaks(k.Spoken), Unplaced: k.Place == "", Last: !k.LastAt.IsZero(), Version: k.Revision,
		Lease: k.leaseNow(def, t.Now())}
	if k.Place != "" {
		l.Place = o.placeSay(c, k.Place)
	}
	if k.Phase != service.Final {
		l.Left, l.Late = c.P.Left(k.DueAt)
	}
	if l.Lease.All > 0 {
		l.Held, _ = c.P.Left(l.Lease.Till)
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
		all, err := listQueue(t.Tx, Queue{Phase: service.Open, Reach: o.sharp(reachOf(by, DeedContact.Roles)), Limit: 400})
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
