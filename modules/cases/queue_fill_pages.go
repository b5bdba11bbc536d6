package cases

import (
	"encoding/json"
	"net/url"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

func (o *Office) fillQueue(c *web.Ctx, t *deed.Tx, p *queuePage, q Queue, v url.Values) error {
	n, err := o.countsOf(t.Tx, t.By, q.Last, false)
	if err != nil {
		return err
	}
	if q.Last && v.Get("phase") == "" && n.phases[q.Phase] == 0 { // a notice leads to where there is something
		for _, ph := range phases {
			if n.phases[ph] > 0 {
				q, p.Phase = o.wanted(t.By, v, string(ph)), string(ph)
				break
			}
		}
	}
	o.tabs(c, p, q, n)
	if p.Figures, err = o.figures(c, t.Tx, t.By, n); err != nil {
		return err
	}
	along := q
	along.Reach = o.sharp(q.Reach)
	var all []*Case
	if p.Search != "" {
		all, err = o.search(t, p.Search)
	} else {
		all, err = listQueue(t.Tx, along)
	}
	if err != nil {
		return err
	}
	for _, k := range all {
		line, err := o.line(c, t.Tx, k)
		if err != nil {
			return err
		}
		next := filterOf(v, p.Phase)
		next.Set("case", line.ID)
		line.Href, line.Current = c.Href("/queue?"+next.Encode()), line.ID == v.Get("case")
		p.Lines = append(p.Lines, line)
	}
	p.Pager = ui.Pager{Shown: len(all)}
	till := Mark{}
	if p.Nothing = len(all) == 0; len(all) == q.Limit && p.Search == "" {
		till = till.of(all[len(all)-1])
		more := filterOf(v, p.Phase)
		more.Set("after", till.String())
		p.Pager = ui.Pager{More: c.Href("/queue?" + more.Encode()), Shown: len(all), Step: pageOf}
	}
	cover, err := o.covers(t.Tx)
	if err != nil {
		return err
	}
	p.Pane = o.pane(c, q, all, cover)
	o.queueFilters(c, p, q)
	return o.watch(c, t.Tx, p, v, till)
}

// filterOf keeps what the reader looks at in the address of a page beside it.
func filterOf(v url.Values, phase string) url.Values {
	out := QueueQuery(v)
	out.Set("phase", phase)
	if x := v.Get("found"); x != "" {
		out.Set("found", x)
	}
	return out
}

func (o *Office) tabs(c *web.Ctx, p *queuePage, q Queue, n counts) {
	for _, ph := range phases {
		tab := Tab{Href: c.Href("/queue?phase=" + string(ph) + lastPart(q.Last)), Key: "cases.phase." + string(ph), Phase: string(ph), Current: string(ph) == p.Phase}
		if n.phases[ph] > 0 {
			tab.N = n.phases[ph].say(c)
		}
		p.Tabs = append(p.Tabs, tab)
		if (ph == service.Owned || ph == service.Moving) && n.phases[ph] > 0 && n.phases[service.Open] == 0 {
			if p.Under += int(n.phases[ph]); p.UnderURL == "" {
				p.UnderURL = tab.Href
			}
		}
	}
}

// newSaid is up to how many new ones a page says how many.
const newSaid = 20

// watch has the page follow what is done, where it shows a part of the work
// and not what a search found once.
func (o *Office) watch(c *web.Ctx, t *db.Tx, p *queuePage, v url.Values, till Mark) error {
	p.Clock, p.Here = t.Now(), c.Href("/queue")
	if q := c.R.URL.RawQuery; q != "" {
		p.Here += "?" + q
	}
	if o.live == nil || p.Search != "" {
		return nil
	}
	since, err := deed.Head(t)
	if err != nil {
		return err
	}
	about := filterOf(v, p.Phase)
	about.Set("after", v.Get("after"))
	if till.ID != "" {
		about.Set("till", till.String())
	}
	p.Watch = &Watch{URL: c.Href("/queue/live?" + about.Encode()), Since: since, Many: c.P.Text("cases.queue.show_many", "n", newSaid)}
	var said []string
	for n := range newSaid {
		said = append(said, c.P.Text("cases.queue.show_new", "n", n+1))
	}
	list, err := json.Marshal(said)
	p.Watch.New = string(list)
	return err
}
