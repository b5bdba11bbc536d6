package cases

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// QueueQuery is what of an address of the queue says which part of the work is
// shown, without anything else that stood in it: the filter that a page beside
// the queue carries on.
func QueueQuery(v url.Values) url.Values { return onlyKeys(v) }

// queueChannels are the ways in which requests come, as the filter offers them.
var queueChannels = []string{"phone", "web", "sms", "ussd", "voice", "desk", "paper", "round", "relay", "telegram", "whatsapp", "import", "api"}

// needName is one kind of need that some service knows.
type needName struct{ code, key string }

// queueNeeds are the kinds of need of all services, each once.
func (o *Office) queueNeeds() (out []needName) {
	seen := map[string]bool{}
	for _, def := range o.services.All() {
		q := def.Form.Question(def.Bind.Need)
		if q == nil || q.List == nil {
			continue
		}
		for _, x := range q.List.Choices {
			if !seen[x.Name] {
				seen[x.Name] = true
				out = append(out, needName{x.Name, key(def, "choice."+q.List.Name+"."+x.Name)})
			}
		}
	}
	return out
}

// leaseNow is how much is left of the time for which somebody answers for a case.
func (c *Case) leaseNow(def *service.Definition, now time.Time) (l Lease) {
	if c.LeaseTill.IsZero() || c.Phase != service.Owned {
		return l
	}
	whole := c.lease(def)
	l = Lease{Till: c.LeaseTill, All: int(whole.Seconds())}
	if left := c.LeaseTill.Sub(now); left > 0 && whole > 0 {
		l.Left = min(100, int(100*left/whole))
	}
	return l
}

// choices are lists to choose from, made when nobody saw the same a moment ago.
type choices struct {
	All  []ui.Field // those of an example
	make func() []ui.Field
}

// Fields are the lists.
func (k choices) Fields() []ui.Field {
	if k.make == nil {
		return k.All
	}
	return k.make()
}

func (o *Office) queueFilters(c *web.Ctx, p *queuePage, q Queue) {
	reach := reachOf(actor.From(c.Context()), DeedSee.Roles)
	p.About = fmt.Sprint(reach == nil, reach, q.Level, q.Spoken, q.Area, q.Channel, q.Need, q.Unplaced, q.Last)
	p.Filters = choices{make: func() []ui.Field { return o.filters(c, reach, q) }}
	if q.Level != 0 || q.Spoken != "" || q.Last || q.Unplaced || q.Channel != "" || q.Need != "" || p.Search != "" || q.Area != "" {
		p.Clear = c.Href("/queue?phase=" + p.Phase)
	}
}

func (o *Office) filters(c *web.Ctx, reach Reach, q Queue) (out []ui.Field) {
	row := func(value string, title template.HTML, chosen bool) ui.Option {
		return ui.Option{Value: value, Title: title, Chosen: chosen}
	}
	levels := []ui.Option{row("", c.P.T("cases.queue.all_levels"), q.Level == 0)}
	for n := 1; n <= 4; n++ {
		levels = append(levels, row(strconv.Itoa(n), c.P.T("cases.level."+strconv.Itoa(n)), q.Level == n))
	}
	spoken := []ui.Option{row("", c.P.T("cases.queue.all_languages"), q.Spoken == "")}
	for _, s := range o.places.Country().Spoken {
		name, lang := places.In(s.Names, c.Lang())
		spoken = append(spoken, row(s.Code, marked(c, name, lang), q.Spoken == s.Code))
	}
	area := []ui.Option{row("", c.P.T("cases.queue.all_areas"), q.Area == "")}
	for _, x := range o.provinces() {
		if _, ok := reach.within(x.Code, o.places.Within); ok {
			area = append(area, row(x.Code, named(c, x), q.Area == x.Code))
		}
	}
	channel := []ui.Option{row("", c.P.T("cases.queue.all_channels"), q.Channel == "")}
	for _, x := range queueChannels {
		channel = append(channel, row(x, c.P.T("cases.channel."+x), q.Channel == x))
	}
	need := []ui.Option{row("", c.P.T("cases.queue.all_needs"), q.Need == "")}
	for _, x := range o.queueNeeds() {
		need = append(need, row(x.code, c.P.T(x.key), q.Need == x.code))
	}
	placed := []ui.Option{row("", c.P.T("cases.queue.placed_any"), !q.Unplaced), row("1", c.P.T("cases.queue.unplaced"), q.Unplaced)}
	last := []ui.Option{row("", c.P.T("cases.queue.last_any"), !q.Last), row("1", c.P.T("cases.queue.last_only"), q.Last)}
	for _, f := range []ui.Field{
		{Name: "level", Label: c.P.T("cases.queue.level"), Rows: levels},
		{Name: "need", Label: c.P.T("cases.queue.need"), Rows: need},
		{Name: "spoken", Label: c.P.T("cases.queue.spoken"), Rows: spoken},
		{Name: "area", Label: c.P.T("cases.queue.area"), Rows: area},
		{Name: "channel", Label: c.P.T("cases.queue.channel"), Rows: channel},
		{Name: "unplaced", Label: c.P.T("cases.case.place"), Rows: placed},
		{Name: "last", Label: c.P.T("cases.queue.last"), Rows: last},
	} {
		f.Type, f.Short = "select", true
		out = append(out, f)
	}
	return out
}

// keysPage tells which keys the queue knows, for whoever has no script or asks.
type keysPage struct{ ui.Frame }

func (o *Office) queueKeys(c *web.Ctx) error {
	p := &keysPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "queue", c.P.Text("cases.keys.title")
	return c.Render("cases_keys_page", p)
}
