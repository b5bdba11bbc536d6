package cases

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

var taskDesk = []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}

// The deeds on a part of a need. Each leaves a line under the task and one
// under its case, so that the path of the case shows who did which part.
var (
	DeedTaskSee      = deed.Deed{Name: "cases.task.see", Roles: DeedSee.Roles}
	DeedTaskAdd      = deed.Deed{Name: "cases.task.add", Roles: taskDesk}
	DeedTaskTake     = deed.Deed{Name: "cases.task.take", Roles: []actor.Role{actor.Coordinator}}
	DeedTaskBlock    = deed.Deed{Name: "cases.task.block", Roles: taskDesk}
	DeedTaskUnblock  = deed.Deed{Name: "cases.task.unblock", Roles: taskDesk}
	DeedTaskFinish   = deed.Deed{Name: "cases.task.finish", Roles: taskDesk}
	DeedTaskGiveBack = deed.Deed{Name: "cases.task.give_back", Roles: taskDesk}
	DeedTaskWithdraw = deed.Deed{Name: "cases.task.withdraw", Roles: taskDesk}
)

var taskDeeds = []deed.Deed{DeedTaskSee, DeedTaskAdd, DeedTaskTake, DeedTaskBlock, DeedTaskUnblock, DeedTaskFinish, DeedTaskGiveBack, DeedTaskWithdraw}

// Helpers is what tasks ask of whoever keeps organisations.
type Helpers interface {
	// Helping lists the recognised organisations that work in a place, given by
	// the codes that lead to it.
	Helping(t *db.Tx, path []string) ([]actor.OrganisationID, error)
	// Domains tells what an organisation is good at.
	Domains(t *db.Tx, org actor.OrganisationID) ([]string, error)
}

// UseTasks is called while the house is built: the sectors that may be asked
// for a part, and who knows which organisations help where.
func (o *Office) UseTasks(s *Sectors, h Helpers) { o.sectors, o.helpers = s, h }

// taskTold is the journal line of a part. It has no "state": that word is the
// case's.
type taskTold struct {
	Task   string    `json:"task"`
	Case   string    `json:"case"`
	Part   string    `json:"part"`
	Sector string    `json:"sector"`
	Org    string    `json:"to,omitempty"` // who was asked, or does it
	State  TaskState `json:"task_state"`
	Reason string    `json:"reason,omitempty"`
}

// caseClosed is why the house itself withdraws a part.
const caseClosed = "case_closed"

func (k *Task) subject() string { return "cases.task/" + k.ID.String() }

func tellTask(t *deed.Tx, d deed.Deed, k *Task, reason string) error {
	told := taskTold{k.ID.String(), k.Case.String(), k.Part, k.Sector, k.Org.String(), k.State, reason}
	if err := t.TellAs(d, k.subject(), told); err != nil {
		return err
	}
	return t.TellAs(d, subject(k.Case), told)
}

// root is the case whose owner answers for c: c itself, or the one it was
// joined to.
func root(t *db.Tx, c *Case) (*Case, error) {
	if c.MergedInto.IsZero() {
		return c, nil
	}
	return getCase(t, c.MergedInto)
}

// ownerScope is reached by the owner of a case and by those who work for all.
// Of a case that nobody owns no organisation disposes, so its scope is put
// under an organisation that cannot be: one with the identifier of the case.
func ownerScope(c *Case) actor.Scope {
	s := c.Scope()
	if s.Org.IsZero() {
		s.Org, _ = id.Parse[actor.Organisation](c.ID.String()) // what String wrote is read
	}
	return s
}

// doerScope is reached by the organisation that does a part, and by those who
// work for all, where its case lies.
func doerScope(c *Case, k *Task) actor.Scope {
	s := c.Scope()
	s.Org = k.Org
	return s
}

// TaskAsk asks a sector, or one organisation, for a part of a need.
type TaskAsk struct {
	ID     TaskID // minted by the asker's side; the same one again is the same task
	Case   CaseID
	Part   string
	Sector string
	Org    actor.OrganisationID // zero: the sector, nobody by name
}

// AddTask hands a part of a need to another sector or organisation (F45, F46).
// The owner of the case stays its owner.
func (o *Office) AddTask(ctx context.Context, by actor.Actor, q TaskAsk) error {
	if q.ID.IsZero() {
		q.ID = id.New[Task](o.h.DB.Now())
	}
	err := o.h.Do(ctx, by, DeedTaskAdd, func(t *deed.Tx) error { return o.addTaskIn(t, q) })
	return nothingIsFine(err)
}

func (o *Office) addTaskIn(t *deed.Tx, q TaskAsk) error {
	c, err := getCase(t.Tx, q.Case)
	if err != nil {
		return err
	}
	if err := t.Allow(ownerScope(c)); err != nil {
		return err
	}
	was, err := taskBefore(t.Tx, q.ID)
	if err != nil {
		return err
	}
	if was != nil {
		if was.Case == q.Case && was.Part == q.Part && was.Sector == q.Sector {
			return deed.ErrNothingDone
		}
		return fault.New(fault.Conflict, "cases.task.other_content")
	}
	if err := o.mayAsk(t.Tx, c, q); err != nil {
		return err
	}
	k := &Task{ID: q.ID, Case: c.ID, Part: q.Part, Sector: q.Sector, Org: q.Org, State: TaskOpen, Since: t.Now(), MadeAt: t.Now(), MadeBy: t.As().Org, Revision: 1}
	// The case is written too: whoever closes it at this moment, finds the
	// task, or this finds it closed.
	if err := saveCase(t.Tx, c); err != nil {
		return err
	}
	if err := addTask(t.Tx, k); err != nil {
		return err
	}
	return tellTask(t, DeedTaskAdd, k, "")
}

func nothingIsFine(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// mayAsk tells everything that hinders asking for this part.
func (o *Office) mayAsk(t *db.Tx, c *Case, q TaskAsk) error {
	switch {
	case !c.MergedInto.IsZero():
		return fault.New(fault.Conflict, "cases.case.is_merged")
	case c.Phase == service.Final:
		return fault.New(fault.Conflict, "cases.task.case_closed")
	}
	def, err := o.def(t, c)
	if err != nil {
		return err
	}
	var wrong fault.All
	if !slices.Contains(parts(def, c), q.Part) {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.task.part_unknown").On("part"))
	}
	if !o.sectors.Has(q.Sector) {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.task.sector_unknown").On("sector"))
	}
	f, err := o.mayHelp(t, c, q.Org)
	if err != nil {
		return err
	}
	if f != nil {
		wrong = append(wrong, f.On("org"))
	}
	if len(wrong) > 0 {
		return wrong
	}
	all, err := tasksOf(t, c.ID)
	for _, k := range all {
		if err == nil && k.Live() && k.Part == q.Part && k.Sector == q.Sector {
			return fault.New(fault.Conflict, "cases.task.asked_already")
		}
	}
	return err
}

// mayHelp tells what hinders an organisation from being asked by name.
func (o *Office) mayHelp(t *db.Tx, c *Case, org actor.OrganisationID) (*fault.Fault, error) {
	switch {
	case org.IsZero():
		return nil, nil
	case org == c.Org:
		return fault.New(fault.Invalid, "cases.task.own_org"), nil
	}
	ok, err := o.orgs.Recognised(t, org)
	if err != nil || !ok {
		return fault.New(fault.Denied, "error.organisation_not_recognised"), err
	}
	near, err := o.helpers.Helping(t, c.Scope().Path)
	if err != nil || slices.Contains(near, org) {
		return nil, err
	}
	return fault.New(fault.Invalid, "cases.task.org_elsewhere"), nil
}

// actTask loads a part with its case, asks whether the doer may, decides,
// saves, and tells it under both.
func (o *Office) actTask(ctx context.Context, by actor.Actor, d deed.Deed, tid TaskID, allow func(*deed.Tx, *Case, *Task) error, decide func(*deed.Tx, *Task) error) error {
	err := o.h.Do(ctx, by, d, func(t *deed.Tx) error {
		k, err := getTask(t.Tx, tid)
		if err != nil {
			return err
		}
		c, err := getCase(t.Tx, k.Case)
		if err != nil {
			return err
		}
		if err := allow(t, c, k); err != nil {
			return err
		}
		if err := decide(t, k); err != nil {
			if errors.Is(err, errAlreadySo) {
				return deed.ErrNothingDone
			}
			return o.whoHas(t.Tx, c, k, err)
		}
		if err := saveTask(t.Tx, k); err != nil {
			return err
		}
		return tellTask(t, d, k, k.Blocked)
	})
	return nothingIsFine(err)
}

// whoHas names the organisation that has a part, to the one who came second.
func (o *Office) whoHas(t *db.Tx, c *Case, k *Task, err error) error {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || k.Org.IsZero() || !strings.HasSuffix(f.Key, "_by_other") && !strings.HasSuffix(f.Key, "_of_other") {
		return err
	}
	name, nerr := o.orgs.Name(t, k.Org, c.Lang)
	if nerr != nil {
		return nerr
	}
	return fault.New(f.Kind, strings.TrimSuffix(f.Key, "_other"), "who", name, "since", k.Since)
}

// byTaker allows the coordinators of the organisation that was asked by name,
// and else those of any that works there; who comes second, is told by whom.
func byTaker(t *deed.Tx, c *Case, k *Task) error {
	s := doerScope(c, k)
	if !s.Org.IsZero() && t.Allow(s) == nil {
		return nil
	}
	s.Org = actor.OrganisationID{}
	return t.Allow(s)
}

func byDoer(t *deed.Tx, c *Case, k *Task) error { return t.Allow(doerScope(c, k)) }

func byOwner(t *deed.Tx, c *Case, _ *Task) error {
	r, err := root(t.Tx, c)
	if err != nil {
		return err
	}
	return t.Allow(ownerScope(r))
}

// TakeTask takes a part on for the doer's organisation. Of two at once, one
// gets it and the other is told by whom.
func (o *Office) TakeTask(ctx context.Context, by actor.Actor, tid TaskID) error {
	return o.actTask(ctx, by, DeedTaskTake, tid, byTaker, func(t *deed.Tx, k *Task) error { return k.take(t.As().Org, t.Now()) })
}

// BlockTask says that a part cannot go on, and why: the others see it, with
// its age.
func (o *Office) BlockTask(ctx context.Context, by actor.Actor, tid TaskID, reason string) error {
	return o.actTask(ctx, by, DeedTaskBlock, tid, byDoer, func(t *deed.Tx, k *Task) error { return k.block(reason, t.Now()) })
}

// UnblockTask says that it goes on.
func (o *Office) UnblockTask(ctx context.Context, by actor.Actor, tid TaskID) error {
	return o.actTask(ctx, by, DeedTaskUnblock, tid, byDoer, func(t *deed.Tx, k *Task) error { return k.unblock(t.Now()) })
}

// FinishTask says that a part is done. The case goes its own way: only the
// person says whether help came.
func (o *Office) FinishTask(ctx context.Context, by actor.Actor, tid TaskID) error {
	return o.actTask(ctx, by, DeedTaskFinish, tid, byDoer, func(t *deed.Tx, k *Task) error { return k.finish(t.Now()) })
}

// GiveTaskBack leaves a part to its sector again.
func (o *Office) GiveTaskBack(ctx context.Context, by actor.Actor, tid TaskID) error {
	return o.actTask(ctx, by, DeedTaskGiveBack, tid, byDoer, func(t *deed.Tx, k *Task) error { return k.giveBack(t.Now()) })
}

// WithdrawTask ends a part that the owner of the case no longer asks for.
func (o *Office) WithdrawTask(ctx context.Context, by actor.Actor, tid TaskID) error {
	return o.actTask(ctx, by, DeedTaskWithdraw, tid, byOwner, func(t *deed.Tx, k *Task) error { return k.withdraw(t.Now()) })
}

// endTasks withdraws what is still asked for when a case has come to its end,
// its own parts and those of the voices joined to it. A case that was joined
// to another has not ended: its parts stay its own, and go on.
func endTasks(t *deed.Tx, c *Case) error {
	if c.Phase != service.Final || !c.MergedInto.IsZero() {
		return nil
	}
	all, err := tasksOf(t.Tx, c.ID)
	if err != nil {
		return err
	}
	for _, k := range all {
		if !k.Live() {
			continue
		}
		if err := errors.Join(k.withdraw(t.Now()), saveTask(t.Tx, k)); err != nil {
			return err
		}
		if err := tellTask(t, DeedTaskWithdraw, k, caseClosed); err != nil {
			return err
		}
	}
	return nil
}

// freeTasks leaves to their sectors what a suspended organisation was asked
// for or did.
func (o *Office) freeTasks(ctx context.Context, org actor.OrganisationID) error {
	var theirs []TaskID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { theirs, err = heldTasks(t, org, 5000); return err })
	anybody := func(t *deed.Tx, c *Case, _ *Task) error { return t.Allow(c.Scope()) }
	for _, tid := range theirs {
		err = errors.Join(err, o.actTask(ctx, actor.Actor{System: "suspension"}, DeedTaskGiveBack, tid, anybody, func(t *deed.Tx, k *Task) error {
			if k.Org != org {
				return errAlreadySo // given back or withdrawn in the meantime
			}
			return k.giveBack(t.Now())
		}))
	}
	return err
}
