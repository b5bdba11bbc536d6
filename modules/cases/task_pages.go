package cases

import (
	"bytes"
	"encoding/csv"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// tasksPage is what an organisation and its sectors have to do for the cases
// of others, blocked parts first, each by its age.
type tasksPage struct {
	ui.Frame
	Tabs    []ui.Link
	Sectors []ui.Option // chips of the whole list; Value is the address
	Lines   []TaskLine
	Pager   ui.Pager
}

// waitingPage is the weekly list of cases that wait for another sector (F45),
// to be printed.
type waitingPage struct {
	ui.Frame
	At     time.Time
	Days   int
	CSV    string
	Groups []WaitGroup
	Pager  ui.Pager
}

// WaitGroup is what waits for one sector.
type WaitGroup struct {
	Sector template.HTML
	Rows   []WaitRow
}

// WaitRow is one part that waits.
type WaitRow struct {
	TaskLine
	Province template.HTML
	Days     int
}

const (
	tasksPerPage   = 60
	waitingPerPage = 500
)

// taskDoors are what can be seen of the parts of needs, and done to them.
func (o *Office) taskDoors() []module.Door {
	type get = func(string) string
	on := func(name string, d deed.Deed, done string, fn func(*web.Ctx, actor.Actor, TaskID, get) error) module.Door {
		return module.Post("/cases/{id}/tasks/{task}/"+name, d, o.doing(done, func(c *web.Ctx, by actor.Actor, _ CaseID, v func(string) string) error {
			tid, err := id.Parse[Task](c.R.PathValue("task"))
			if err != nil {
				return fault.New(fault.Missing, "error.missing")
			}
			return fn(c, by, tid, v)
		}))
	}
	return []module.Door{
		module.Get("/tasks", DeedTaskSee, o.showTasks),
		module.Get("/tasks/waiting", DeedTaskSee, o.showWaiting),
		module.Get("/tasks/waiting.csv", DeedTaskSee, o.waitingCSV),
		module.Post("/cases/{id}/tasks", DeedTaskAdd, o.doing("cases.task.added_now", o.postTask)),
		on("take", DeedTaskTake, "cases.task.taken_now", func(c *web.Ctx, by actor.Actor, k TaskID, _ get) error { return o.TakeTask(c.Context(), by, k) }),
		on("block", DeedTaskBlock, "cases.task.blocked_now", func(c *web.Ctx, by actor.Actor, k TaskID, v get) error {
			return o.BlockTask(c.Context(), by, k, v("reason"))
		}),
		on("unblock", DeedTaskUnblock, "cases.task.unblocked_now", func(c *web.Ctx, by actor.Actor, k TaskID, _ get) error { return o.UnblockTask(c.Context(), by, k) }),
		on("finish", DeedTaskFinish, "cases.task.finished_now", func(c *web.Ctx, by actor.Actor, k TaskID, _ get) error { return o.FinishTask(c.Context(), by, k) }),
		on("give-back", DeedTaskGiveBack, "cases.task.given_back_now", func(c *web.Ctx, by actor.Actor, k TaskID, _ get) error { return o.GiveTaskBack(c.Context(), by, k) }),
		on("withdraw", DeedTaskWithdraw, "cases.task.withdrawn_now", func(c *web.Ctx, by actor.Actor, k TaskID, _ get) error { return o.WithdrawTask(c.Context(), by, k) }),
	}
}

func (o *Office) postTask(c *web.Ctx, by actor.Actor, cid CaseID, v func(string) string) error {
	q := TaskAsk{Case: cid, Part: v("part"), Sector: v("sector")}
	if err := q.ID.UnmarshalText([]byte(v("task"))); err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	if err := q.Org.UnmarshalText([]byte(v("org"))); err != nil {
		return fault.All{fault.New(fault.Invalid, "cases.task.org_elsewhere").On("org")}
	}
	return o.AddTask(c.Context(), by, q)
}

// taskLists are the lists of the page: an organisation's own, what its sectors
// are asked, and everything in the reader's territory.
var taskLists = []string{"ours", "sectors", "all"}

func (o *Office) showTasks(c *web.Ctx) error {
	by, q := actor.From(c.Context()), c.R.URL.Query()
	p := &tasksPage{}
	p.Kind, p.Nav, p.Title = ui.Staff, "tasks", c.P.Text("cases.tasks.title")
	err := o.h.Look(c.Context(), by, DeedTaskSee, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return o.fillTasks(c, t, p, by, q)
	})
	if err != nil {
		return err
	}
	return c.Render("cases_tasks", p)
}

func (o *Office) fillTasks(c *web.Ctx, t *deed.Tx, p *tasksPage, by actor.Actor, q url.Values) error {
	orgs := orgsOf(by)
	list := q.Get("list")
	if len(orgs) == 0 || !slices.Contains(taskLists, list) {
		list = map[bool]string{true: "all", false: "ours"}[len(orgs) == 0]
	}
	f := TaskFind{After: readTaskMark(q.Get("after")), Limit: tasksPerPage + 1}
	mine, err := o.sectorsOf(t.Tx, orgs)
	if err != nil {
		return err
	}
	switch list {
	case "ours":
		f.Of = orgs
	case "sectors":
		f.Sectors, f.Not, f.Reach = mine, orgs, reachOf(by, DeedTaskSee.Roles)
	default:
		f.Reach = reachOf(by, DeedTaskSee.Roles)
		if s := q.Get("sector"); o.sectors.Has(s) {
			f.Sectors = []string{s}
		}
		o.sectorChips(c, p, q.Get("sector"))
	}
	if len(orgs) > 0 {
		for _, x := range taskLists {
			p.Tabs = append(p.Tabs, ui.Link{Href: c.Href("/tasks?list=" + x), Key: "cases.tasks.list_" + x, Current: x == list})
		}
	}
	if list == "sectors" && len(mine) == 0 { // of no sector: nothing is asked of it but by name
		return nil
	}
	all, err := listTasks(t.Tx, f)
	if err != nil {
		return err
	}
	if p.Pager.Step = tasksPerPage; len(all) > tasksPerPage {
		all = all[:tasksPerPage]
		next := url.Values{"list": {list}, "sector": {q.Get("sector")}, "after": {all[len(all)-1].mark().String()}}
		p.Pager.More = c.Href("/tasks?" + next.Encode())
	}
	p.Pager.Shown = len(all)
	w := o.taskTeller(c, t.Tx)
	for _, x := range all {
		l, err := w.placed(x)
		if err != nil {
			return err
		}
		p.Lines = append(p.Lines, l)
	}
	return nil
}

func (o *Office) sectorChips(c *web.Ctx, p *tasksPage, chosen string) {
	p.Sectors = []ui.Option{{Value: c.Href("/tasks?list=all"), Title: c.P.T("cases.tasks.all_sectors"), Chosen: !o.sectors.Has(chosen)}}
	for _, s := range o.sectors.Codes() {
		p.Sectors = append(p.Sectors, ui.Option{Value: c.Href("/tasks?list=all&sector=" + s), Title: c.P.T(sectorKey(s)), Chosen: s == chosen})
	}
}

// waiting is what has stood open or blocked for more than a week where the
// reader works.
func (o *Office) waiting(t *deed.Tx, by actor.Actor, after TaskMark, limit int) ([]*PlacedTask, error) {
	if err := t.AllowAny(); err != nil {
		return nil, err
	}
	return listWaiting(t.Tx, TaskFind{Reach: reachOf(by, DeedTaskSee.Roles), Before: t.Now().Add(-taskWaits), After: after, Limit: limit})
}

func (o *Office) showWaiting(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &waitingPage{Days: int(taskWaits / (24 * time.Hour)), CSV: c.Href("/tasks/waiting.csv")}
	p.Kind, p.Nav, p.Title = ui.Print, "tasks", c.P.Text("cases.waiting.title")
	err := o.h.Look(c.Context(), by, DeedTaskSee, func(t *deed.Tx) error {
		p.At = t.Now()
		all, err := o.waiting(t, by, readTaskMark(c.R.URL.Query().Get("after")), waitingPerPage+1)
		if err != nil {
			return err
		}
		if p.Pager.Step = waitingPerPage; len(all) > waitingPerPage {
			all = all[:waitingPerPage]
			p.Pager.More = c.Href("/tasks/waiting?after=" + url.QueryEscape(all[len(all)-1].mark().String()))
		}
		p.Pager.Shown = len(all)
		return o.waitGroups(c, t, p, all)
	})
	if err != nil {
		return err
	}
	return c.Render("cases_waiting", p)
}

func (o *Office) waitGroups(c *web.Ctx, t *deed.Tx, p *waitingPage, all []*PlacedTask) error {
	w, last := o.taskTeller(c, t.Tx), ""
	for _, x := range all {
		l, err := w.placed(x)
		if err != nil {
			return err
		}
		if x.Sector != last {
			p.Groups, last = append(p.Groups, WaitGroup{Sector: l.Sector}), x.Sector
		}
		row := WaitRow{TaskLine: l, Days: daysSince(x.Since, t.Now())}
		if at, ok := o.places.Get(x.Province); ok {
			row.Province = named(c, at)
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	return nil
}

// daysSince counts whole days.
func daysSince(at, now time.Time) int { return int(now.Sub(at) / (24 * time.Hour)) }

func (o *Office) waitingCSV(c *web.Ctx) error {
	by := actor.From(c.Context())
	var rows [][]string
	err := o.h.Look(c.Context(), by, DeedTaskSee, func(t *deed.Tx) error {
		all, err := o.waiting(t, by, TaskMark{}, math.MaxInt32)
		if err != nil {
			return err
		}
		var head []string
		for _, k := range []string{"sector", "province", "receipt", "part", "state", "why", "org", "since", "days"} {
			head = append(head, c.P.Text("cases.waiting."+k))
		}
		rows = append(rows, head)
		w := o.taskTeller(c, t.Tx)
		for _, x := range all {
			row, err := w.cells(x, t.Now())
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	body, err := sheet(rows)
	if err != nil {
		return err
	}
	return c.Download("waiting.csv", "text/csv; charset=utf-8", body)
}

// cells is a part as a spreadsheet has it.
func (w *taskTeller) cells(x *PlacedTask, now time.Time) ([]string, error) {
	def, err := w.o.def(w.t, &Case{Service: x.Service, Version: x.Version})
	if err != nil {
		return nil, err
	}
	org, err := w.org(x.Org)
	province, why := "", ""
	if at, ok := w.o.places.Get(x.Province); ok {
		province, _ = at.Name(w.c.Lang())
	}
	if x.State == TaskBlocked {
		why = w.c.P.Text("cases.task.why_" + x.Blocked)
	}
	return []string{w.c.P.Text(sectorKey(x.Sector)), province, x.Receipt.String(), w.c.P.Text(partKey(def, x.Part)), w.c.P.Text("cases.task.state_" + string(x.State)),
		why, org, x.Since.In(w.c.Site.Zone).Format(time.RFC3339), strconv.Itoa(daysSince(x.Since, now))}, err
}

// sheet writes rows as CSV that a spreadsheet shows and does not run. The mark
// at the beginning tells it that the letters are UTF-8.
func sheet(rows [][]string) ([]byte, error) {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true // RFC 4180, section 2
	for _, row := range rows {
		if err := w.Write(safeCells(row)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
