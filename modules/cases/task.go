package cases

import (
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// Task is a part of what a case needs that another sector or organisation
// carries out, so that one need of three sectors is one case with three tasks
// (F45). Whoever owns the case goes on owning it; the sector answers for the
// part whoever does it and while nobody does (T12). A task says what and
// where, never who is helped.
type Task struct {
	ID       TaskID
	Case     CaseID
	Part     string               // a need of the case's service, or one of otherParts
	Sector   string               // of the pack's sectors
	Org      actor.OrganisationID // who was asked, or does it; zero: the sector, and nobody has taken it
	State    TaskState
	Blocked  string // one of blockReasons while it is blocked
	Since    time.Time
	MadeAt   time.Time
	MadeBy   actor.OrganisationID // zero: somebody of no organisation
	Revision int64
}

type TaskID = id.Of[Task]

// TaskState is how a part stands. Since is when it began.
type TaskState string

const (
	TaskOpen      TaskState = "open" // asked, and nobody has begun
	TaskDoing     TaskState = "doing"
	TaskBlocked   TaskState = "blocked"
	TaskDone      TaskState = "done"
	TaskWithdrawn TaskState = "withdrawn"
)

// otherParts are parts that any need may have, whatever its service asks about.
var otherParts = []string{"visit", "papers", "transport", "follow_up"}

// blockReasons are why a part cannot go on, as codes, so that everybody reads
// them in their own language and nobody writes about a person.
var blockReasons = []string{"road_cut", "no_means", "no_budget", "papers_missing", "other_first", "not_reached", "unsafe", "other"}

// taskWaits is how long a part may stay open or blocked before its case stands
// on the weekly list of those that wait for another sector (F45).
const taskWaits = 7 * 24 * time.Hour

var errAlreadySo = errors.New("cases: the part stands so already")

// Live tells whether the part is still to be done.
func (k *Task) Live() bool {
	return k.State == TaskOpen || k.State == TaskDoing || k.State == TaskBlocked
}

// Waits tells whether it has stood still for longer than it should.
func (k *Task) Waits(now time.Time) bool {
	return (k.State == TaskOpen || k.State == TaskBlocked) && now.Sub(k.Since) > taskWaits
}

func (k *Task) arrive(s TaskState, now time.Time) { k.State, k.Blocked, k.Since = s, "", now }

// take gives the part to an organisation. Of two who take it at once, the
// second is told who was first; who else was asked by name, is told that too.
func (k *Task) take(org actor.OrganisationID, now time.Time) error {
	switch {
	case org.IsZero():
		return fault.New(fault.Denied, "cases.task.take_for_whom")
	case !k.Live():
		return errTaskOver()
	case k.State != TaskOpen && k.Org == org:
		return errAlreadySo
	case k.State != TaskOpen:
		return fault.New(fault.Conflict, "cases.task.taken_by_other")
	case !k.Org.IsZero() && k.Org != org:
		return fault.New(fault.Conflict, "cases.task.asked_of_other")
	}
	k.Org = org
	k.arrive(TaskDoing, now)
	return nil
}

// block says that the part cannot go on, and why. Another reason later does
// not make it younger.
func (k *Task) block(reason string, now time.Time) error {
	switch {
	case !known(blockReasons, reason):
		return fault.New(fault.Invalid, "cases.task.reason_needed").On("blocked-" + k.ID.String())
	case k.State == TaskBlocked && k.Blocked == reason:
		return errAlreadySo
	case k.State == TaskBlocked:
		k.Blocked = reason
		return nil
	case k.State != TaskDoing:
		return k.notUnderWay()
	}
	k.arrive(TaskBlocked, now)
	k.Blocked = reason
	return nil
}

func (k *Task) unblock(now time.Time) error {
	switch k.State {
	case TaskDoing:
		return errAlreadySo
	case TaskBlocked:
		k.arrive(TaskDoing, now)
		return nil
	}
	return k.notUnderWay()
}

func (k *Task) finish(now time.Time) error {
	switch k.State {
	case TaskDone:
		return errAlreadySo
	case TaskDoing, TaskBlocked:
		k.arrive(TaskDone, now)
		return nil
	}
	return k.notUnderWay()
}

// giveBack leaves the part to its sector again: it never vanishes with who had it.
func (k *Task) giveBack(now time.Time) error {
	switch {
	case !k.Live():
		return errTaskOver()
	case k.Org.IsZero():
		return errAlreadySo
	}
	k.Org = actor.OrganisationID{}
	if k.State != TaskOpen { // an open one goes on waiting: declining makes it no younger
		k.arrive(TaskOpen, now)
	}
	return nil
}

// withdraw ends a part that is no longer needed.
func (k *Task) withdraw(now time.Time) error {
	switch {
	case k.State == TaskWithdrawn:
		return errAlreadySo
	case !k.Live():
		return errTaskOver()
	}
	k.arrive(TaskWithdrawn, now)
	return nil
}

func (k *Task) notUnderWay() error {
	if !k.Live() {
		return errTaskOver()
	}
	return fault.New(fault.Conflict, "cases.task.not_under_way")
}

func errTaskOver() error { return fault.New(fault.Conflict, "cases.task.over") }
