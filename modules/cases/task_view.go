package cases

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// TaskLine is one part of a need in a list. Nothing in it names a person.
type TaskLine struct {
	ID      string
	Href    string // of the case
	Receipt string
	Voice   bool // it came with a report that was joined to this case
	Level   int
	Part    template.HTML
	Sector  template.HTML
	Org     template.HTML // who was asked by name, or does it; "" is nobody yet
	Place   template.HTML
	State   string
	Why     template.HTML // it is blocked
	Since   time.Time
	Age     template.HTML
	Late    bool // it has stood still for longer than it should
	Can     TaskCan
}

// TaskCan is what the reader may do to a part now.
type TaskCan struct{ Take, Block, Unblock, Finish, GiveBack, Withdraw bool }

// TasksCan is what the reader may do about the parts of a case, and among what
// to choose.
type TasksCan struct {
	Add     bool
	ID      string // of the part that the form would ask for
	Parts   []ui.Option
	Sectors []ui.Option
	Orgs    []ui.Option
	Why     []ui.Option
}

// taskTeller puts parts into words for one reader, and asks for each name once.
type taskTeller struct {
	o     *Office
	c     *web.Ctx
	t     *db.Tx
	names map[actor.OrganisationID]string
}

func (o *Office) taskTeller(c *web.Ctx, t *db.Tx) *taskTeller {
	return &taskTeller{o, c, t, map[actor.OrganisationID]string{}}
}

func (w *taskTeller) org(oid actor.OrganisationID) (string, error) {
	name, ok := w.names[oid]
	if ok || oid.IsZero() {
		return name, nil
	}
	name, err := w.o.orgs.Name(w.t, oid, w.c.Lang())
	w.names[oid] = name
	return name, err
}

func (w *taskTeller) line(def *service.Definition, k *Task) (TaskLine, error) {
	name, err := w.org(k.Org)
	now := w.o.h.DB.Now()
	l := TaskLine{ID: k.ID.String(), Part: w.c.P.T(partKey(def, k.Part)), Sector: w.c.P.T(sectorKey(k.Sector)), State: string(k.State), Since: k.Since,
		Age: w.c.P.Duration(now.Sub(k.Since)), Late: k.Waits(now)}
	if name != "" {
		l.Org = template.HTML("<bdi>" + template.HTMLEscapeString(name) + "</bdi>")
	}
	if k.State == TaskBlocked {
		l.Why = w.c.P.T("cases.task.why_" + k.Blocked)
	}
	return l, err
}

func (w *taskTeller) placed(p *PlacedTask) (TaskLine, error) {
	def, err := w.o.def(w.t, &Case{Service: p.Service, Version: p.Version})
	if err != nil {
		return TaskLine{}, err
	}
	l, err := w.line(def, &p.Task)
	l.Href, l.Receipt, l.Level = w.c.Href("/cases/"+p.Page.String()), p.Receipt.String(), p.Level
	if p.Place != "" {
		l.Place = w.o.placeSay(w.c, p.Place)
	}
	return l, err
}

// tasks fills in who does which part of a case, its voices' parts too.
func (o *Office) tasks(c *web.Ctx, t *deed.Tx, k *Case, d *Detail) error {
	all, err := tasksOf(t.Tx, k.ID)
	if err != nil {
		return err
	}
	def, err := o.def(t.Tx, k)
	if err != nil {
		return err
	}
	w := o.taskTeller(c, t.Tx)
	for _, x := range all {
		own, its := k, def
		if x.Case != k.ID { // a voice, perhaps of an older version of the service
			if own, err = getCase(t.Tx, x.Case); err != nil {
				return err
			}
			if its, err = o.def(t.Tx, own); err != nil {
				return err
			}
		}
		l, err := w.line(its, x)
		if err != nil {
			return err
		}
		l.Receipt, l.Voice = own.Receipt.String(), own != k
		if l.Can, err = canTask(t, own, x); err != nil {
			return err
		}
		if l.Can.Block {
			d.TasksCan.Why = o.blockOptions(c)
		}
		d.Tasks = append(d.Tasks, l)
	}
	if k.Phase == service.Final || !k.MergedInto.IsZero() || o.helpers == nil || !reaches(t, DeedTaskAdd, ownerScope(k)) {
		return nil
	}
	return o.askForm(c, t.Tx, def, k, d, w)
}

func reaches(t *deed.Tx, d deed.Deed, s actor.Scope) bool {
	_, ok := t.By.May(d.Roles, s)
	return ok
}

// canTask works out which buttons a part has.
func canTask(t *deed.Tx, c *Case, k *Task) (can TaskCan, err error) {
	if !k.Live() {
		return can, nil
	}
	r, err := root(t.Tx, c)
	if err != nil {
		return can, err
	}
	s := doerScope(c, k)
	can.Take = k.State == TaskOpen && reaches(t, DeedTaskTake, s)
	can.Withdraw = reaches(t, DeedTaskWithdraw, ownerScope(r))
	if k.Org.IsZero() {
		return can, nil
	}
	can.GiveBack = reaches(t, DeedTaskGiveBack, s)
	can.Block = k.State == TaskDoing && reaches(t, DeedTaskBlock, s)
	can.Unblock = k.State == TaskBlocked && reaches(t, DeedTaskUnblock, s)
	can.Finish = k.State != TaskOpen && reaches(t, DeedTaskFinish, s)
	return can, nil
}

// askForm fills in the form that asks for one more part.
func (o *Office) askForm(c *web.Ctx, t *db.Tx, def *service.Definition, k *Case, d *Detail, w *taskTeller) error {
	typed := c.R.PostForm // what was chosen, when it was not good
	d.TasksCan.Add, d.TasksCan.ID = true, id.New[Task](o.h.DB.Now()).String()
	for _, p := range parts(def, k) {
		d.TasksCan.Parts = append(d.TasksCan.Parts, ui.Option{Value: p, Title: c.P.T(partKey(def, p)), Chosen: typed.Get("part") == p})
	}
	for _, s := range o.sectors.Codes() {
		d.TasksCan.Sectors = append(d.TasksCan.Sectors, ui.Option{Value: s, Title: c.P.T(sectorKey(s)), Chosen: typed.Get("sector") == s})
	}
	near, err := o.helpers.Helping(t, k.Scope().Path)
	if err != nil {
		return err
	}
	for _, oid := range near {
		if oid == k.Org {
			continue
		}
		name, err := w.org(oid)
		if err != nil {
			return err
		}
		d.TasksCan.Orgs = append(d.TasksCan.Orgs, ui.Option{Value: oid.String(), Title: template.HTML(template.HTMLEscapeString(name)), Chosen: typed.Get("org") == oid.String()})
	}
	return nil
}

func (o *Office) blockOptions(c *web.Ctx) (out []ui.Option) {
	for _, r := range blockReasons {
		out = append(out, ui.Option{Value: r, Title: c.P.T("cases.task.why_" + r)})
	}
	return out
}

// ofTask tells whether a journal line is about a part of a need.
func ofTask(r deed.Record) bool { return strings.HasPrefix(r.Deed, "cases.task.") }

// orgsOf are the organisations in whose name the reader works.
func orgsOf(by actor.Actor) (out []actor.OrganisationID) {
	for _, g := range by.Grants {
		if g.Role.ForOrganisation() && g.Recognised && !slices.Contains(out, g.Org) {
			out = append(out, g.Org)
		}
	}
	return out
}

// sectorsOf are the sectors that those organisations belong to.
func (o *Office) sectorsOf(t *db.Tx, orgs []actor.OrganisationID) ([]string, error) {
	var domains []string
	if o.helpers == nil {
		return nil, nil
	}
	for _, oid := range orgs {
		some, err := o.helpers.Domains(t, oid)
		if err != nil {
			return nil, err
		}
		domains = append(domains, some...)
	}
	return o.sectors.Of(domains), nil
}

func (m TaskMark) String() string {
	return strings.Join([]string{strconv.Itoa(m.Rank), m.Head, m.Place, strconv.FormatInt(m.Since.UnixMicro(), 10), m.ID}, "~")
}

// readTaskMark reads what String wrote; anything else is the beginning.
func readTaskMark(s string) TaskMark {
	p := strings.Split(s, "~")
	if len(p) != 5 {
		return TaskMark{}
	}
	rank, err1 := strconv.Atoi(p[0])
	at, err2 := strconv.ParseInt(p[3], 10, 64)
	if err1 != nil || err2 != nil {
		return TaskMark{}
	}
	return TaskMark{Rank: rank, Head: p[1], Place: p[2], Since: time.UnixMicro(at), ID: p[4]}
}
