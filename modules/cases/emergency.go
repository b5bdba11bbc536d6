package cases

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Emergency mode is for when somebody may be doing harm with a session that is not
// theirs, or when nobody knows what is broken: everything can be read, nothing
// changes, and requests for help are taken as always (requirement C06).
//
// One administrator begins it, at once. It takes another one to end it, or the
// operator at the machine: whoever stole a session cannot open what closed.
var (
	DeedEmergencyBegin = deed.Deed{Name: "cases.emergency.begin", Roles: []actor.Role{actor.Administrator}}
	DeedEmergencyEnd   = deed.Deed{Name: "cases.emergency.end", Roles: []actor.Role{actor.Administrator}}
)

type emergencyKind struct{}

// emergency is what is known of it, for a moment: every door asks.
type emergency struct {
	mu      sync.Mutex
	on      bool
	since   time.Time
	begun   time.Time // as the store said last
	till    time.Time // when to look again
	machine bool      // the operator's command line or file says so
	forced  bool      // for as long as this process runs
	file    string
}

const emergencyFor = 2 * time.Second

// ForceEmergency is the operator's word for this process: on is for as long as it
// runs; file is one whose being there says so, also when the store is away.
func (o *Office) ForceEmergency(on bool, file string) {
	o.urgent.mu.Lock()
	defer o.urgent.mu.Unlock()
	o.urgent.forced, o.urgent.file = on, file
}

// Emergency tells whether it is emergency mode, and since when. A store that does
// not answer leaves it as it was last.
func (o *Office) Emergency(ctx context.Context) (on bool, since time.Time) {
	e := &o.urgent
	now := o.h.DB.Now()
	e.mu.Lock()
	if left := e.till.Sub(now); left > 0 && left <= emergencyFor {
		defer e.mu.Unlock()
		return e.on, e.since
	}
	e.till = now.Add(emergencyFor) // others have what was known until this is done
	file := e.file
	e.mu.Unlock()
	machine := false
	if file != "" {
		_, err := os.Stat(file)
		machine = err == nil
	}
	begun, err := o.emergencySince(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.begun = begun
	}
	e.machine, e.since = e.forced || machine, e.begun
	e.on = e.machine || !e.begun.IsZero()
	return e.on, e.since
}

func (o *Office) emergencySince(ctx context.Context) (at time.Time, err error) {
	err = o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err := openEmergencies(t)
		if len(all) > 0 {
			at = all[0].at
		}
		return err
	})
	return at, err
}

type emergencyRow struct {
	id id.Of[emergencyKind]
	at time.Time
	by actor.AccountID
}

// forgetEmergency lets the next door look again.
func (o *Office) forgetEmergency() {
	o.urgent.mu.Lock()
	o.urgent.till = time.Time{}
	o.urgent.mu.Unlock()
}

type emergencyTold struct{}

// BeginEmergency closes every door that changes anything but intake.
func (o *Office) BeginEmergency(ctx context.Context, by actor.Actor) error {
	err := o.h.Do(ctx, by, DeedEmergencyBegin, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := openEmergencies(t.Tx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			return fault.New(fault.Conflict, "cases.emergency.is_already")
		}
		eid, err := addEmergency(t.Tx, by.Account)
		if err != nil {
			return err
		}
		return t.Tell("cases.emergency/"+eid.String(), emergencyTold{})
	})
	o.forgetEmergency()
	return err
}

// EndEmergency opens them again.
func (o *Office) EndEmergency(ctx context.Context, by actor.Actor) error {
	err := o.h.Do(ctx, by, DeedEmergencyEnd, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := openEmergencies(t.Tx)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.Conflict, "cases.emergency.is_already")
		}
		for _, x := range all {
			if by.System == "" && x.by == by.Account {
				return fault.New(fault.Denied, "cases.emergency.another")
			}
			if err := errors.Join(endEmergency(t.Tx, x.id), t.Tell("cases.emergency/"+x.id.String(), emergencyTold{})); err != nil {
				return err
			}
		}
		return nil
	})
	o.forgetEmergency()
	return err
}

// emergencyPage is where administrators begin and end it.
type emergencyPage struct {
	ui.Frame
	On      bool
	Since   time.Time
	Machine bool // only the operator ends it
}

func (o *Office) emergencyDoor(c *web.Ctx) error {
	o.forgetEmergency()
	p := &emergencyPage{}
	p.On, p.Since = o.Emergency(c.Context())
	o.urgent.mu.Lock()
	p.Machine = o.urgent.machine
	o.urgent.mu.Unlock()
	p.Kind, p.Nav, p.Title = ui.Staff, "emergency", c.P.Text("cases.emergency.title")
	return c.Render("cases_emergency", p)
}

func (o *Office) beginEmergency(c *web.Ctx) error {
	if err := o.BeginEmergency(c.Context(), actor.From(c.Context())); err != nil {
		return err
	}
	c.Flash("cases.emergency.begun_now")
	return c.Seek("/emergency")
}

func (o *Office) endEmergency(c *web.Ctx) error {
	if err := o.EndEmergency(c.Context(), actor.From(c.Context())); err != nil {
		return err
	}
	c.Flash("cases.emergency.ended_now")
	return c.Seek("/emergency")
}
