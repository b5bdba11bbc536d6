package cases

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

var desk = []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell}

// The deeds on a case. A service file may allow fewer roles, never more.
var (
	DeedAsk        = deed.Deed{Name: "cases.case.ask", Open: true}
	DeedTakeDown   = deed.Deed{Name: "cases.case.take_down", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator}}
	DeedSee        = deed.Deed{Name: "cases.case.see", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator, actor.Leader, actor.Auditor}}
	DeedContact    = deed.Deed{Name: "cases.case.contact", Roles: append([]actor.Role{actor.Coordinator}, desk...)}
	DeedClaim      = deed.Deed{Name: "cases.case.claim", Roles: []actor.Role{actor.Coordinator}}
	DeedRelease    = deed.Deed{Name: "cases.case.release", Roles: []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}}
	DeedExpire     = deed.Deed{Name: "cases.case.expire"}
	DeedAssign     = deed.Deed{Name: "cases.case.assign", Roles: []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}}
	DeedDepart     = deed.Deed{Name: "cases.case.depart"}
	DeedDeliver    = deed.Deed{Name: "cases.case.deliver"}
	DeedTurnBack   = deed.Deed{Name: "cases.case.turn_back"}
	DeedConfirm    = deed.Deed{Name: "cases.case.confirm", Open: true}
	DeedConfirmFor = deed.Deed{Name: "cases.case.confirm_for", Roles: desk}
	DeedSilence    = deed.Deed{Name: "cases.case.close_silent", Roles: desk}
	DeedRefuse     = deed.Deed{Name: "cases.case.refuse", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedRedirect   = deed.Deed{Name: "cases.case.redirect", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedReopen     = deed.Deed{Name: "cases.case.reopen", Open: true}
	DeedReopenFor  = deed.Deed{Name: "cases.case.reopen_for", Roles: desk}
	DeedReveal     = deed.Deed{Name: "cases.case.reveal", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.Coordinator, actor.Leader}}
	DeedLocate     = deed.Deed{Name: "cases.case.locate", Roles: desk}
	DeedUrgency    = deed.Deed{Name: "cases.case.prioritise", Roles: []actor.Role{actor.Dispatcher, actor.CrisisCell}}
	DeedChange     = deed.Deed{Name: "cases.case.change", Open: true}
	DeedErase      = deed.Deed{Name: "cases.case.erase", Open: true}
)

// decision changes a case, or says what hinders it, and what the journal is told.
// It writes nothing of the case itself.
type decision func(*deed.Tx, *service.Definition, *Case) (any, error)

// act loads a case, asks whether the doer may act on it, decides, saves, tells.
func (o *Office) act(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID, decide decision) error {
	err := o.h.Do(ctx, by, d, func(t *deed.Tx) error { return o.actIn(t, d, cid, decide) })
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

func (o *Office) actIn(t *deed.Tx, d deed.Deed, cid CaseID, decide decision) error {
	c, err := getCase(t.Tx, cid)
	if err != nil {
		return err
	}
	if t.Deed.Name == d.Name { // as part of another deed, that deed has asked already
		if err := t.Allow(c.Scope()); err != nil {
			return o.who(t, c, err)
		}
	}
	def, err := o.def(t.Tx, c)
	if err != nil {
		return err
	}
	if role := t.As().Role; role != "" && !def.May(word(d), role) {
		return fault.New(fault.Denied, "error.denied_here")
	}
	told, err := decide(t, def, c)
	if err != nil {
		return o.who(t, c, err)
	}
	if err := saveCase(t.Tx, c); err != nil {
		return err
	}
	if err := endTasks(t, c); err != nil {
		return err
	}
	return t.TellAs(d, subject(c.ID), told)
}

// who names the organisation that has the case, to the one who came second.
// Whoever could not see the case at all is told no more than at its page.
func (o *Office) who(t *deed.Tx, c *Case, err error) error {
	f, ok := errors.AsType[*fault.Fault](err)
	if c.Org.IsZero() || !ok || f.Key != "cases.case.taken_by_other" && f.Key != "error.denied_here" {
		return err
	}
	if !sees(t.By, c) {
		return fault.New(fault.Denied, "error.denied_here")
	}
	name, nerr := o.orgs.Name(t.Tx, c.Org, c.Lang)
	if nerr != nil {
		return nerr
	}
	return fault.New(fault.Conflict, "cases.case.taken_by", "who", name, "since", c.ChangedAt)
}

// sees tells whether somebody reads a case on its page: as its owner, or as
// taken, where they might have gone themselves. It says the same as maySee.
func sees(by actor.Actor, c *Case) bool {
	if by.System != "" {
		return true
	}
	s := c.Scope()
	if _, ok := by.May(DeedSee.Roles, s); ok {
		return true
	}
	s.Org = actor.OrganisationID{}
	_, ok := by.May(DeedSee.Roles, s)
	return ok
}

// word is the last part of a deed's name, which service files use.
func word(d deed.Deed) string { return d.Name[len("cases.case."):] }

// stateTold is the journal line of a move.
type stateTold struct {
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	Org    string `json:"org,omitempty"`
	Team   string `json:"team,omitempty"`
	Answer string `json:"answer,omitempty"`
	Other  string `json:"other,omitempty"`
	Result string `json:"result,omitempty"`
	From   string `json:"from,omitempty"`
	Bulk   string `json:"bulk,omitempty"` // the bulk that it was part of
}

// Claim takes a case on for the doer's organisation, for the time of a lease.
func (o *Office) Claim(ctx context.Context, by actor.Actor, cid CaseID) error {
	return o.act(ctx, by, DeedClaim, cid, o.claimNow)
}

func (o *Office) claimNow(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
	org := t.As().Org
	ok, err := o.orgs.Recognised(t.Tx, org) // now, not when the request came in
	if err != nil {
		return nil, err
	}
	if !ok && !org.IsZero() {
		return nil, fault.New(fault.Denied, "error.organisation_not_recognised")
	}
	if err := c.claim(def, org, t.Now()); err != nil {
		if errors.Is(err, errAlreadyOurs) {
			err = deed.ErrNothingDone
		}
		return nil, err
	}
	return stateTold{State: c.State, Org: org.String()}, nil
}

// Release gives a case back to everyone.
func (o *Office) Release(ctx context.Context, by actor.Actor, cid CaseID, reason string) error {
	return o.act(ctx, by, DeedRelease, cid, releasing(reason))
}

func releasing(reason string) decision {
	return func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		had := c.Org.String()
		if err := c.release(def, MoveRelease, t.Now()); err != nil {
			return nil, err
		}
		return stateTold{State: c.State, Org: had, Reason: reason}, nil
	}
}

// ExpireLeases gives back every claim that has run out. The house does it by
// itself.
func (o *Office) ExpireLeases(ctx context.Context) error {
	var late []CaseID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { late, err = overdueLeases(t, 200); return err })
	for _, cid := range late {
		err = errors.Join(err, o.act(ctx, actor.Actor{System: "lease"}, DeedExpire, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
			if c.LeaseTill.IsZero() || c.LeaseTill.After(t.Now()) || c.Phase != service.Owned {
				return nil, deed.ErrNothingDone // renewed or gone in the meantime
			}
			had := c.Org.String()
			return stateTold{State: c.State, Org: had}, c.release(def, MoveExpire, t.Now())
		}))
	}
	return err
}

// Suspended gives back what an organisation had claimed but not set out for.
func (o *Office) Suspended(ctx context.Context, r deed.Record) error {
	var told struct {
		Organisation actor.OrganisationID `json:"organisation"`
	}
	if err := json.Unmarshal(r.Told, &told); err != nil {
		return err
	}
	var theirs []CaseID
	err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		theirs, err = casesOwnedBy(t, told.Organisation, service.Owned, 5000)
		return err
	})
	for _, cid := range theirs {
		err = errors.Join(err, o.act(ctx, actor.Actor{System: "suspension"}, DeedExpire, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
			if c.Org != told.Organisation || c.Phase != service.Owned {
				return nil, deed.ErrNothingDone
			}
			return stateTold{State: c.State, Org: c.Org.String(), Reason: "organisation_suspended"}, c.release(def, MoveExpire, t.Now())
		}))
	}
	return errors.Join(err, o.freeTasks(ctx, told.Organisation))
}

// Assign gives the case to a team.
func (o *Office) Assign(ctx context.Context, by actor.Actor, cid CaseID, team TeamID) error {
	return o.act(ctx, by, DeedAssign, cid, o.assigning(team))
}

// assigning is how a case is given to a team, as part of one deed.
func (o *Office) assigning(team TeamID) decision {
	return func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		_, org, err := o.teams.Team(t.Tx, team, c.Lang)
		if err != nil {
			return nil, err
		}
		ok, err := o.orgs.Recognised(t.Tx, org)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fault.New(fault.Denied, "error.organisation_not_recognised")
		}
		if g := t.As(); g.Role.ForOrganisation() && g.Org != org {
			return nil, fault.New(fault.Denied, "cases.case.not_your_team")
		}
		if err := c.assign(def, org, team, t.Now()); err != nil {
			return nil, err
		}
		return stateTold{State: c.State, Org: org.String(), Team: team.String()}, nil
	}
}

// Contact results.
var contactResults = map[string]bool{"reached": true, "no_answer": true, "wrong_number": true}

// Contact writes down a call: reached, nobody answered, or a wrong number.
// What was said may be noted; notes are sealed.
func (o *Office) Contact(ctx context.Context, by actor.Actor, cid CaseID, result, note string) error {
	if !contactResults[result] {
		return fault.New(fault.Invalid, "cases.case.result_unknown").On("result")
	}
	return o.act(ctx, by, DeedContact, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		c.ChangedAt = t.Now()
		if result == "reached" {
			c.ContactedAt, c.CalledAt = t.Now(), time.Time{}
			if _, ok := def.Move(c.State, MoveContact); ok {
				if err := c.move(def, MoveContact, t.Now()); err != nil {
					return nil, err
				}
			}
		} else {
			c.CalledAt = t.Now()
		}
		return stateTold{State: c.State, Result: result}, o.note(t, c, "call", note)
	})
}

// note seals what a member of staff wrote.
func (o *Office) note(t *deed.Tx, c *Case, kind, text string) error {
	if text = forms.Clean(text, true); text == "" {
		return nil
	}
	if len([]rune(text)) > maxNote {
		return fault.New(fault.Invalid, "cases.case.note_long", "max", maxNote).On("note")
	}
	nid := id.New[noteKind](t.Now())
	return addNote(t.Tx, nid, c.ID, kind, o.vault.Seal("cases_note.body|"+nid.String(), []byte(text)), t.By.Account)
}

const maxNote = 2000

// Confirm records what the person says on the tracker; by telephone, staff do
// it with DeedConfirmFor.
func (o *Office) Confirm(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID, a Answer) error {
	return o.act(ctx, by, d, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		err := c.confirm(def, a, t.Now())
		return stateTold{State: c.State, Answer: string(a)}, err
	})
}

// CloseSilent closes a delivered case about which nobody answers.
func (o *Office) CloseSilent(ctx context.Context, by actor.Actor, cid CaseID) error {
	return o.act(ctx, by, DeedSilence, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		err := c.closeSilent(def, t.Now())
		return stateTold{State: c.State}, err
	})
}

// End refuses a case or sends it to somebody else; both need a reason of the
// service's list, and the person reads it with the way to appeal.
func (o *Office) End(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID, reason, note string) error {
	return o.act(ctx, by, d, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		if !def.Reason(word(d), reason) {
			return nil, fault.New(fault.Invalid, "cases.case.reason_needed").On("reason")
		}
		if err := c.move(def, word(d), t.Now()); err != nil {
			return nil, err
		}
		return stateTold{State: c.State, Reason: reason}, o.note(t, c, word(d), note)
	})
}

// Reopen takes a closed case up again.
func (o *Office) Reopen(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID) error {
	return o.act(ctx, by, d, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		err := c.move(def, MoveReopen, t.Now())
		return stateTold{State: c.State}, err
	})
}

// Locate puts the case at a place that a person chose.
func (o *Office) Locate(ctx context.Context, by actor.Actor, cid CaseID, code string) error {
	if _, ok := o.places.Get(code); !ok {
		return fault.New(fault.Invalid, "cases.case.place_unknown").On("place")
	}
	return o.act(ctx, by, DeedLocate, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		if !c.MergedInto.IsZero() {
			return nil, fault.New(fault.Conflict, "cases.case.is_merged")
		}
		from := c.Place
		o.put(c, code)
		c.LastOrg, c.LastAt = actor.OrganisationID{}, time.Time{} // another office may answer there: the house puts it before that one
		c.ChangedAt = t.Now()
		if c.State == def.Start() { // nobody has called yet: by when, a crisis may say there
			if def, err := o.def(t.Tx, c); err != nil {
				return nil, err
			} else if due, ok := def.Due(MoveReceive, c.Level, c.MadeAt); ok {
				c.DueAt = due
			}
		}
		if err := o.sketchAnew(t.Tx, def, c); err != nil {
			return nil, err
		}
		if err := t.Allow(c.Scope()); err != nil {
			return nil, err
		}
		return map[string]string{"from": from, "to": code}, o.learnPlace(t, def, c, code)
	})
}

// learnPlace keeps how the person wrote the place that somebody has just found
// for them, so that the next who writes so is understood.
func (o *Office) learnPlace(t *deed.Tx, def *service.Definition, c *Case, code string) error {
	if o.spellings == nil || !c.ErasedAt.IsZero() {
		return nil
	}
	private, err := o.unseal(c)
	if err != nil {
		return err
	}
	return o.spellings.Learn(t, private.Place(def.Bind.Place).Text, code, DeedLocate.Name)
}

// Prioritise sets another urgency than the rules did, with a reason code.
func (o *Office) Prioritise(ctx context.Context, by actor.Actor, cid CaseID, level int, note string) error {
	if level < 1 || level > 4 {
		return fault.New(fault.Invalid, "cases.case.level_unknown").On("level")
	}
	return o.act(ctx, by, DeedUrgency, cid, func(t *deed.Tx, def *service.Definition, c *Case) (any, error) {
		if c.Rank == 0 && level > 1 {
			return nil, fault.New(fault.Denied, "cases.case.life_in_danger")
		}
		if err := noVoiceWaits(t.Tx, c, level); err != nil {
			return nil, err
		}
		from := c.Level
		c.Level, c.ChangedAt = level, t.Now()
		if due, ok := def.Due(MoveReceive, level, c.MadeAt); ok && c.Phase == service.Open {
			c.DueAt = due
		}
		return map[string]int{"from": from, "to": level}, o.note(t, c, "urgency", note)
	})
}
