package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog"
)

var (
	organisationRegister  = deed.Deed{Name: "people.organisation.register", Roles: []actor.Role{actor.CrisisCell, actor.Administrator}}
	organisationRename    = deed.Deed{Name: "people.organisation.rename", Roles: []actor.Role{actor.CrisisCell, actor.Administrator}}
	organisationRecognise = deed.Deed{Name: "people.organisation.recognise", Roles: []actor.Role{actor.CrisisCell}}
	organisationSuspend   = deed.Deed{Name: "people.organisation.suspend", Roles: []actor.Role{actor.CrisisCell}}
	organisationRead      = deed.Deed{Name: "people.organisation.read", Roles: actor.Roles}
	organisationPublish   = deed.Deed{Name: "people.organisation.publish", Open: true} // the recognised ones, for anybody
)

// OrganisationTold is what others hear when an organisation is registered,
// recognised or suspended.
type OrganisationTold struct {
	Organisation actor.OrganisationID `json:"organisation"`
	Kind         Kind                 `json:"kind"`
	Status       Status               `json:"status"`
	Reason       string               `json:"reason,omitempty"`
	Territory    []string             `json:"territory,omitempty"`
}

// namesTold counts names that changed; a name itself is never told.
type namesTold struct {
	Organisation actor.OrganisationID `json:"organisation"`
	Began        int                  `json:"began"`
	Ended        int                  `json:"ended"`
}

func (o Organisation) told() OrganisationTold {
	return OrganisationTold{o.ID, o.Kind, o.Status, o.Reason, o.Territory}
}

func organisationSubject(oid actor.OrganisationID) string {
	return "people.organisation/" + oid.String()
}

// reach asks whether the doer may act on every place where o works.
func (s *Service) reach(t *deed.Tx, o Organisation) error {
	if len(o.Territory) == 0 {
		return t.Allow(actor.Scope{})
	}
	for _, code := range o.Territory {
		if err := t.Allow(scope(s.places, code)); err != nil {
			return err
		}
	}
	return nil
}

// Register puts an organisation on the list, pending: it may do nothing yet.
// Its identifier may be minted by whoever fills the form; registering the same
// one again is welcome and changes nothing.
func (s *Service) Register(ctx context.Context, by actor.Actor, o Organisation) error {
	o.Names, o.Receipt = tidyNames(o.Names), tidy(o.Receipt)
	all := o.wrong()
	for _, code := range o.Territory {
		if _, ok := s.places.Get(code); !ok {
			all = append(all, fault.New(fault.Invalid, "people.territory.unknown", "place", code).On("territory"))
		}
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	slices.Sort(o.Territory)
	return welcome(s.h.Do(ctx, by, organisationRegister, func(t *deed.Tx) error {
		if err := s.reach(t, o); err != nil {
			return err
		}
		o.Status, o.Reason, o.MadeAt = Pending, "", t.Now()
		switch was, err := getOrganisation(t.Tx, o.ID); {
		case err == nil && sameOrganisation(was, o):
			return deed.ErrNothingDone
		case err == nil:
			return fault.New(fault.Conflict, "people.organisation.id_taken")
		case fault.KindOf(err) != fault.Missing:
			return err
		}
		if err := addOrganisation(t.Tx, o); err != nil {
			return err
		}
		if _, err := changeNames(t.Tx, o.ID, Names{}, o.Names, t.Now()); err != nil {
			return err
		}
		return t.Tell(organisationSubject(o.ID), o.told())
	}))
}

// welcome makes a retry a success.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

func sameOrganisation(a, b Organisation) bool {
	return a.Kind == b.Kind && a.Names == b.Names && a.Receipt == b.Receipt && a.Phone == b.Phone &&
		slices.Equal(a.Domains, b.Domains) && slices.Equal(a.Territory, b.Territory)
}

// changeNames ends the names that are no longer borne and begins the new ones.
func changeNames(t *db.Tx, oid actor.OrganisationID, was, now Names, at time.Time) (told namesTold, err error) {
	told.Organisation = oid
	for _, name := range was.all() {
		if name == "" || slices.Contains(now.all(), name) {
			continue
		}
		if err := endName(t, oid, name, at); err != nil {
			return told, err
		}
		told.Ended++
	}
	for i, name := range now.all() {
		if name == "" {
			continue
		}
		if err := addName(t, oid, Alias{Name: name, From: at}); err != nil {
			if f, ok := errors.AsType[*fault.Fault](err); ok && f.Key == "people.organisation.name_taken" {
				f.On([]string{"name_ar", "name_fr", "name_zgh"}[i])
			}
			return told, err
		}
		if !slices.Contains(was.all(), name) {
			told.Began++
		}
	}
	return told, nil
}

// Rename gives an organisation new names; the old ones stay on record with
// their dates and still find it.
func (s *Service) Rename(ctx context.Context, by actor.Actor, oid actor.OrganisationID, version int64, names Names) error {
	names = tidyNames(names)
	if err := wrongNames(names).OrNil(); err != nil {
		return err
	}
	return welcome(s.h.Do(ctx, by, organisationRename, func(t *deed.Tx) error {
		o, err := s.forChange(t, oid, version)
		if err != nil {
			return err
		}
		if o.Names == names {
			return deed.ErrNothingDone
		}
		told, err := changeNames(t.Tx, oid, o.Names, names, t.Now())
		if err != nil {
			return err
		}
		o.Names = names
		if err := saveOrganisation(t.Tx, o); err != nil {
			return err
		}
		return t.Tell(organisationSubject(oid), told)
	}))
}

// AddAlias puts another name on record: one in use beside the official ones,
// or, with To, one that was used before.
func (s *Service) AddAlias(ctx context.Context, by actor.Actor, oid actor.OrganisationID, a Alias) error {
	a.Name = tidy(a.Name)
	if err := wrongAlias(a, s.h.DB.Now()).OrNil(); err != nil {
		return err
	}
	return s.h.Do(ctx, by, organisationRename, func(t *deed.Tx) error {
		if _, err := s.forChange(t, oid, 0); err != nil {
			return err
		}
		if a.From.IsZero() {
			a.From = t.Now()
		}
		if err := addName(t.Tx, oid, a); err != nil {
			if f, ok := errors.AsType[*fault.Fault](err); ok {
				f.On("alias")
			}
			return err
		}
		told := namesTold{Organisation: oid, Began: 1}
		if !a.To.IsZero() {
			told.Ended = 1
		}
		return t.Tell(organisationSubject(oid), told)
	})
}

func wrongAlias(a Alias, now time.Time) (all fault.All) {
	for _, f := range wrongNames(Names{AR: a.Name, FR: "x"}) {
		all = append(all, f.On("alias"))
	}
	if a.From.After(now) {
		all = append(all, fault.New(fault.Invalid, "people.organisation.date_future").On("from"))
	}
	switch {
	case a.To.After(now):
		all = append(all, fault.New(fault.Invalid, "people.organisation.date_future").On("to"))
	case !a.To.IsZero() && (a.From.IsZero() || a.To.Before(a.From)):
		all = append(all, fault.New(fault.Invalid, "people.organisation.dates_crossed").On("to"))
	}
	return all
}

// forChange loads an organisation that the doer may change. version is what
// the doer saw; 0 does not mind.
func (s *Service) forChange(t *deed.Tx, oid actor.OrganisationID, version int64) (Organisation, error) {
	o, err := getOrganisation(t.Tx, oid)
	if err != nil {
		return o, err
	}
	if err := s.reach(t, o); err != nil {
		return o, err
	}
	if version != 0 && version != o.Version {
		return o, fault.New(fault.Conflict, "people.organisation.changed")
	}
	return o, nil
}

// Recognise lets an organisation act. reason is one of ReasonsToRecognise.
func (s *Service) Recognise(ctx context.Context, by actor.Actor, oid actor.OrganisationID, version int64, reason string) error {
	return s.judge(ctx, by, organisationRecognise, oid, version, reason, (*Organisation).recognise)
}

// Suspend stops an organisation: whoever acts in its name is refused from the
// next request on. reason is one of ReasonsToSuspend.
func (s *Service) Suspend(ctx context.Context, by actor.Actor, oid actor.OrganisationID, version int64, reason string) error {
	return s.judge(ctx, by, organisationSuspend, oid, version, reason, (*Organisation).suspend)
}

func (s *Service) judge(ctx context.Context, by actor.Actor, d deed.Deed, oid actor.OrganisationID, version int64, reason string,
	decide func(*Organisation, string) error) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		o, err := s.forChange(t, oid, version)
		if err != nil {
			return err
		}
		if err := decide(&o, strings.TrimSpace(reason)); err != nil {
			return err
		}
		if err := saveOrganisation(t.Tx, o); err != nil {
			return err
		}
		if err := s.publish(t, o); err != nil {
			return err
		}
		return t.Tell(organisationSubject(oid), o.told())
	})
}

// judged is what the public log commits to of a judgement and does not tell.
type judged struct {
	Receipt string `json:"receipt"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

// publish has the public know that an organisation may act from now on, or may not:
// whom the State trusts is not decided in secret.
func (s *Service) publish(t *deed.Tx, o Organisation) error {
	if s.Public == nil {
		return nil
	}
	_, err := s.Public.Append(t, translog.Leaf{Subject: organisationSubject(o.ID), Fields: map[string]string{"organisation": o.ID.String(), "kind": string(o.Status)},
		Body: judged{o.Receipt, o.Reason, o.Version}})
	return err
}
