package people

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	officerName = deed.Deed{Name: "people.officer.name", Roles: []actor.Role{actor.Administrator, actor.Coordinator}}
	officerEnd  = deed.Deed{Name: "people.officer.end", Roles: []actor.Role{actor.Administrator, actor.Coordinator}}
)

// officerTold is the journal line: which office, never who.
type officerTold struct {
	Organisation actor.OrganisationID `json:"organisation"`
	Officer      id.Of[Officer]       `json:"officer"`
	Office       string               `json:"office"`
	Ended        id.Of[Officer]       `json:"ended,omitzero"`
}

// ofOrganisation is what keeping an organisation's officers touches: the
// organisation, everywhere it works. Whoever coordinates one province of it
// does not say who presides over all.
func (s *Service) ofOrganisation(o Organisation) (all []actor.Scope) {
	if len(o.Territory) == 0 {
		return []actor.Scope{{Org: o.ID}}
	}
	for _, code := range o.Territory {
		at := scope(s.places, code)
		at.Org = o.ID
		all = append(all, at)
	}
	return all
}

// allowOfficers asks whether the doer may change an organisation's officers.
func (s *Service) allowOfficers(t *deed.Tx, oid actor.OrganisationID) error {
	o, err := getOrganisation(t.Tx, oid)
	if err != nil {
		return err
	}
	for _, at := range s.ofOrganisation(o) {
		if err := t.Allow(at); err != nil {
			return err
		}
	}
	return nil
}

// NameOfficer keeps who holds an office from a day on. Whoever held it until
// then is ended on that day and stays on record.
func (s *Service) NameOfficer(ctx context.Context, by actor.Actor, x Officer) error {
	x.Name = tidy(x.Name)
	if err := x.wrong(s.h.DB.Now()).OrNil(); err != nil {
		return err
	}
	return welcome(s.h.Do(ctx, by, officerName, func(t *deed.Tx) error {
		if err := s.allowOfficers(t, x.Org); err != nil {
			return err
		}
		all, err := officersOf(t.Tx, x.Org)
		if err != nil {
			return err
		}
		told := officerTold{Organisation: x.Org, Officer: x.ID, Office: x.Office}
		for _, was := range all {
			switch {
			case was.ID == x.ID: // sent twice is kept once
				return deed.ErrNothingDone
			case was.Office != x.Office:
				continue
			case !was.Until.IsZero() && x.From.Before(was.Until): // somebody held it then
				return fault.New(fault.Invalid, "people.officer.before_the_other", "from", was.Until).On("since")
			case !was.Until.IsZero():
				continue
			case !x.From.After(was.From):
				return fault.New(fault.Invalid, "people.officer.before_the_other", "from", was.From).On("since")
			}
			if err := endOfficer(t.Tx, was.ID, x.From); err != nil {
				return err
			}
			told.Ended = was.ID
		}
		x.sealed, x.KeptBy = s.vault.SealText(officerAt(x.ID), x.Name), t.By.Account
		if err := addOfficer(t.Tx, x); err != nil {
			return err
		}
		return t.Tell(organisationSubject(x.Org), told)
	}))
}

// EndOfficer says until when somebody held an office that nobody holds since.
func (s *Service) EndOfficer(ctx context.Context, by actor.Actor, oid actor.OrganisationID, xid id.Of[Officer], until time.Time) error {
	if until.IsZero() {
		return fault.All{fault.New(fault.Invalid, "people.organisation.date_unread").On("until")}
	}
	if until.After(s.h.DB.Now()) {
		return fault.All{fault.New(fault.Invalid, "people.organisation.date_future").On("until")}
	}
	return s.h.Do(ctx, by, officerEnd, func(t *deed.Tx) error {
		if err := s.allowOfficers(t, oid); err != nil {
			return err
		}
		x, err := getOfficer(t.Tx, oid, xid)
		if err != nil {
			return err
		}
		if until.Before(x.From) {
			return fault.All{fault.New(fault.Invalid, "people.organisation.dates_crossed").On("until")}
		}
		if err := endOfficer(t.Tx, xid, until); err != nil {
			return err
		}
		return t.Tell(organisationSubject(oid), officerTold{Organisation: oid, Officer: xid, Office: x.Office, Ended: xid})
	})
}
