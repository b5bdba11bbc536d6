package cases

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// What follows is what the operations room asks of cases: app joins the two;
// neither knows the other.

// DeedPutBack takes back what a bulk did to a case, as if it had not been done.
var DeedPutBack = deed.Deed{Name: "cases.case.put_back", Roles: []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}}

// QueueKeys are what an address of the queue may filter by. Neither a page of
// it, nor the case under the hand, nor what somebody looks for is among them.
var QueueKeys = []string{"phase", "level", "spoken", "area", "channel", "need", "unplaced", "last"}

// The deeds that may be done to many cases at once.
const (
	BulkClaim   = "claim"
	BulkRelease = "release"
	BulkAssign  = "assign"
	BulkVisit   = "visit" // a sector is asked to go and look
)

// Bulk is one deed for many cases.
type Bulk struct {
	ID     string // of the bulk, which the journal line of each case names
	Act    string
	Team   TeamID // of BulkAssign
	Sector string // of BulkVisit
}

// bulkDeeds is the deed that each act is.
var bulkDeeds = map[string]deed.Deed{BulkClaim: DeedClaim, BulkRelease: DeedRelease, BulkAssign: DeedAssign, BulkVisit: DeedTaskAdd}

// BulkActs are what somebody may do to many cases, in the order in which they
// are offered.
func BulkActs(by actor.Actor) (out []string) {
	for _, a := range []string{BulkClaim, BulkAssign, BulkVisit, BulkRelease} {
		if deed.May(by, bulkDeeds[a]) == nil {
			out = append(out, a)
		}
	}
	return out
}

func (b Bulk) decision(o *Office) decision {
	switch b.Act {
	case BulkClaim:
		return o.claimNow
	case BulkRelease:
		return releasing("")
	default:
		return o.assigning(b.Team)
	}
}

// RoomLine is a line of the queue with what the room says beside it.
type RoomLine struct {
	Line
	MadeAt time.Time
	Phase  service.Phase
}

// QueueLines are the cases that an address of the queue shows its reader, as the
// queue itself would: at most so many, and whether there are more.
func (o *Office) QueueLines(c *web.Ctx, t *deed.Tx, v url.Values, most int) (out []RoomLine, more bool, err error) {
	phase := v.Get("phase")
	if !validPhase(phase) {
		phase = string(service.Open)
	}
	text, ok := o.found(t.By, v.Get("found"))
	if !ok {
		return nil, false, fault.New(fault.Conflict, "cases.queue.find_again")
	}
	var all []*Case
	if text != "" {
		all, err = o.search(t, text)
	} else {
		v = onlyKeys(v)
		q := o.wanted(t.By, v, phase)
		q.Limit, q.Reach = most+1, o.sharp(q.Reach)
		all, err = listQueue(t.Tx, q)
	}
	if err != nil {
		return nil, false, err
	}
	more = len(all) > most
	for _, k := range all[:min(len(all), most)] {
		l, err := o.line(c, t.Tx, k)
		if err != nil {
			return nil, false, err
		}
		out = append(out, RoomLine{l, k.MadeAt, k.Phase})
	}
	return out, more, nil
}

func onlyKeys(v url.Values) url.Values {
	out := url.Values{}
	for _, k := range QueueKeys {
		if x := v.Get(k); x != "" {
			out.Set(k, x)
		}
	}
	return out
}

// StaleKeys are the parts of a filter that name something that is no longer
// there, or no longer within the reader's reach.
func (o *Office) StaleKeys(by actor.Actor, v url.Values) (gone []string) {
	level, err := strconv.Atoi(v.Get("level"))
	_, reached := reachOf(by, DeedSee.Roles).within(v.Get("area"), o.places.Within)
	_, known := o.places.Get(v.Get("area"))
	spoken := false
	for _, s := range o.places.Country().Spoken {
		spoken = spoken || s.Code == v.Get("spoken")
	}
	for key, bad := range map[string]bool{"phase": !validPhase(v.Get("phase")), "level": err != nil || level < 1 || level > 4,
		"spoken": !spoken, "area": !known || !reached, "last": v.Get("last") != "1"} {
		if v.Get(key) != "" && bad {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	return gone
}

// LinesOf are those of some cases that their reader may see, in the order given.
// Others are left out.
func (o *Office) LinesOf(c *web.Ctx, t *deed.Tx, ids []CaseID) (out []RoomLine, err error) {
	for _, cid := range ids {
		k, err := getCase(t.Tx, cid)
		if fault.KindOf(err) == fault.Missing || err == nil && !sees(t.By, k) {
			continue
		}
		if err != nil {
			return nil, err
		}
		l, err := o.line(c, t.Tx, k)
		if err != nil {
			return nil, err
		}
		out = append(out, RoomLine{l, k.MadeAt, k.Phase})
	}
	return out, nil
}

// Revisions is how often each case was written, for those that the reader may see.
func (o *Office) Revisions(t *deed.Tx, ids []CaseID) (out map[CaseID]int64, err error) {
	out = map[CaseID]int64{}
	for _, cid := range ids {
		k, err := getCase(t.Tx, cid)
		if fault.KindOf(err) == fault.Missing || err == nil && !sees(t.By, k) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[cid] = k.Revision
	}
	return out, nil
}

// Hinder tells what hinders the doer from doing b to each of these cases as they
// are now: nil where nothing does. seen is their revision when they were chosen.
func (o *Office) Hinder(ctx context.Context, by actor.Actor, b Bulk, ids []CaseID, seen []int64) (out []error, err error) {
	err = o.h.Look(ctx, by, bulkDeeds[b.Act], func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		out = make([]error, len(ids))
		for i, cid := range ids {
			k, err := getCase(t.Tx, cid)
			if err == nil {
				err = o.hinders(t, b, k, seen[i])
			}
			if fault.KindOf(err) == fault.Internal && err != nil {
				return err
			}
			out[i] = err
		}
		return nil
	})
	return out, err
}

// hinders says first what is so, and only where nothing else hinders that the
// case is no longer what was chosen.
func (o *Office) hinders(t *deed.Tx, b Bulk, k *Case, seen int64) error {
	err := o.would(t, b, k)
	if err == nil && k.Revision != seen {
		err = fault.New(fault.Conflict, "cases.bulk.changed")
	}
	return err
}

func (o *Office) would(t *deed.Tx, b Bulk, k *Case) error {
	if b.Act == BulkVisit {
		if err := t.Allow(ownerScope(k)); err != nil {
			return o.who(t, k, err)
		}
		return o.mayAsk(t.Tx, k, TaskAsk{Case: k.ID, Part: "visit", Sector: b.Sector})
	}
	if err := t.Allow(k.Scope()); err != nil {
		return o.who(t, k, err)
	}
	def, err := o.def(t.Tx, k)
	if err != nil {
		return err
	}
	if role := t.As().Role; role != "" && !def.May(word(bulkDeeds[b.Act]), role) {
		return fault.New(fault.Denied, "error.denied_here")
	}
	try := *k
	_, err = b.decision(o)(t, def, &try)
	if errors.Is(err, deed.ErrNothingDone) {
		return fault.New(fault.Conflict, "cases.bulk.already_ours")
	}
	return o.who(t, k, err)
}

// Before is what a bulk needs to know of a case to put it back: whose it was and
// until when. Identifiers, codes and moments; nothing of a person.
type Before struct {
	State  string               `json:"state"`
	Phase  service.Phase        `json:"phase"`
	Org    actor.OrganisationID `json:"org"`
	Team   TeamID               `json:"team"`
	Lease  time.Time            `json:"lease"`
	Due    time.Time            `json:"due"`
	Owned  time.Time            `json:"owned"`
	Last   actor.OrganisationID `json:"last"`
	LastAt time.Time            `json:"last_at"`
	GaveUp time.Time            `json:"gave_up"`
	Task   TaskID               `json:"task"` // that was added, of BulkVisit
}

func (k *Case) before() Before {
	return Before{State: k.State, Phase: k.Phase, Org: k.Org, Team: k.Team, Lease: k.LeaseTill, Due: k.DueAt, Owned: k.OwnedAt, Last: k.LastOrg, LastAt: k.LastAt, GaveUp: k.GaveUpAt}
}

// DoBulk does b to one case, as it was seen, as a deed of its own; keep is called
// within the same unit of work with what is needed to undo it and the revision
// that it left. deed.ErrNothingDone from keep undoes it and is returned.
func (o *Office) DoBulk(ctx context.Context, by actor.Actor, b Bulk, cid CaseID, seen int64, keep func(t *deed.Tx, before []byte, after int64) error) error {
	d, ok := bulkDeeds[b.Act]
	if !ok {
		return fault.New(fault.Invalid, "cases.bulk.what")
	}
	return o.h.Do(ctx, by, d, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		was := k.before()
		if err := o.hinders(t, b, k, seen); err != nil {
			return err
		}
		if b.Act == BulkVisit {
			was.Task = id.New[Task](t.Now())
			err = o.addTaskIn(t, TaskAsk{ID: was.Task, Case: cid, Part: "visit", Sector: b.Sector})
		} else {
			err = o.actIn(t, d, cid, b.told(o))
		}
		if err != nil {
			return err
		}
		body, err := json.Marshal(was)
		if err != nil {
			return err
		}
		return keep(t, body, k.Revision+1)
	})
}

// told has the journal line name the bulk.
func (b Bulk) told(o *Office) decision {
	return func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		told, err := b.decision(o)(t, def, c)
		if s, ok := told.(stateTold); ok {
			s.Bulk = b.ID
			told = s
		}
		return told, err
	}
}

// UndoBulk puts a case back as it was before a bulk, where nothing else has
// touched it since: after is the revision that the bulk left. A task that the
// bulk added is withdrawn where nobody has begun it.
func (o *Office) UndoBulk(ctx context.Context, by actor.Actor, bulk string, cid CaseID, after int64, before []byte, keep func(t *deed.Tx) error) error {
	var was Before
	if err := json.Unmarshal(before, &was); err != nil {
		return err
	}
	if !was.Task.IsZero() {
		return o.h.Do(ctx, by, DeedTaskWithdraw, func(t *deed.Tx) error {
			if err := o.withdrawUnbegun(t, was.Task); err != nil {
				return err
			}
			return keep(t)
		})
	}
	return o.h.Do(ctx, by, DeedPutBack, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(k.Scope()); err != nil {
			return o.who(t, k, err)
		}
		if err := o.putBack(t, k, was, after); err != nil {
			return err
		}
		if err := saveCase(t.Tx, k); err != nil {
			return err
		}
		if err := t.Tell(subject(cid), stateTold{State: k.State, Org: k.Org.String(), Team: k.Team.String(), Bulk: bulk}); err != nil {
			return err
		}
		return keep(t)
	})
}

func (o *Office) putBack(t *deed.Tx, k *Case, was Before, after int64) error {
	if k.Revision != after {
		return fault.New(fault.Conflict, "cases.bulk.changed")
	}
	if !was.Org.IsZero() {
		ok, err := o.orgs.Recognised(t.Tx, was.Org)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Denied, "error.organisation_not_recognised")
		}
	}
	k.State, k.Phase, k.Org, k.Team, k.LeaseTill, k.DueAt = was.State, was.Phase, was.Org, was.Team, was.Lease, was.Due
	k.OwnedAt, k.LastOrg, k.LastAt, k.GaveUpAt, k.ChangedAt = was.Owned, was.Last, was.LastAt, was.GaveUp, t.Now()
	return nil
}

// withdrawUnbegun withdraws a part that nobody has touched since it was asked for.
func (o *Office) withdrawUnbegun(t *deed.Tx, tid TaskID) error {
	k, err := getTask(t.Tx, tid)
	if err != nil {
		return err
	}
	c, err := getCase(t.Tx, k.Case)
	if err != nil {
		return err
	}
	if err := byOwner(t, c, k); err != nil {
		return err
	}
	if k.State != TaskOpen || k.Revision != 1 {
		return fault.New(fault.Conflict, "cases.bulk.changed")
	}
	if err := k.withdraw(t.Now()); err != nil {
		return err
	}
	if err := saveTask(t.Tx, k); err != nil {
		return err
	}
	return tellTask(t, DeedTaskWithdraw, k, "")
}
