package people

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// ownersKeep is told when the house takes in the offices of the State that the
// country pack names.
var ownersKeep = deed.Deed{Name: "people.owners.keep"}

// ownersTold counts the offices that were taken in.
type ownersTold struct {
	Organisations int `json:"organisations"`
}

// KeepOwners makes an organisation of every office that answers in the last
// resort (T12), so that its people can be given roles before anything is put
// before it. One that the house has under the same name already is that one.
// What is there stays as people left it; doing it again changes nothing. The
// house does it at its start.
func (s *Service) KeepOwners(ctx context.Context) (err error) {
	for range 3 { // of two houses that start on one store, the second finds the work done
		if err = s.keepOwners(ctx); fault.KindOf(err) != fault.Conflict {
			break
		}
	}
	return err
}

func (s *Service) keepOwners(ctx context.Context) error {
	if s.places.Owners() == nil {
		return nil
	}
	kept := map[string]actor.OrganisationID{}
	err := s.h.Do(ctx, actor.Actor{System: "pack", Channel: "cli"}, ownersKeep, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		clear(kept)
		if err := keptOwners(t.Tx, kept); err != nil {
			return err
		}
		fresh := 0
		for _, x := range s.places.Owners().All() {
			if _, ok := kept[x.Key()]; ok {
				continue
			}
			oid, err := s.keepOwner(t.Tx, x)
			if err != nil {
				return err
			}
			kept[x.Key()] = oid
			fresh++
		}
		if fresh == 0 {
			return deed.ErrNothingDone
		}
		return t.Tell("people.owners/"+s.places.Country().Code, ownersTold{fresh})
	})
	if err = welcome(err); err == nil {
		s.owners = kept
	}
	return err
}

func keptOwners(t *db.Tx, into map[string]actor.OrganisationID) error {
	_, err := db.List(t, func(r db.Row) (none struct{}, err error) {
		var place, service string
		var oid actor.OrganisationID
		if err = r.Scan(&place, &service, &oid); err == nil {
			into[place+"|"+service] = oid
		}
		return none, err
	}, `SELECT place, service, org FROM people_owner`)
	return err
}

// keepOwner finds or makes the organisation of one office.
func (s *Service) keepOwner(t *db.Tx, x places.Owner) (oid actor.OrganisationID, err error) {
	o := Organisation{Kind: State, Names: Names{AR: x.Names["ar"], FR: x.Names["fr"], ZGH: x.Names["zgh"]}, Domains: x.Domains,
		Status: Recognised, Reason: "mandate", MadeAt: t.Now()}
	for _, code := range append([]string{x.Place}, x.Also...) {
		if code != "" {
			o.Territory = append(o.Territory, code)
		}
	}
	slices.Sort(o.Territory)
	for _, name := range []*string{&o.Names.AR, &o.Names.FR, &o.Names.ZGH} {
		if *name == "" {
			continue
		}
		switch holder, err := stateHolder(t, *name); {
		case err == nil && !holder.IsZero() && oid.IsZero():
			oid = holder
		case fault.KindOf(err) == fault.Conflict: // an association has that name
			*name += " (" + tidy(s.places.Country().Code+" "+x.Place+" "+x.Service) + ")"
		case err != nil:
			return oid, err
		}
	}
	if oid.IsZero() {
		sum := sha256.Sum256([]byte("owner|" + s.places.Country().Code + "|" + x.Key()))
		o.ID = id.Derive[actor.Organisation](time.UnixMilli(0), sum[:])
		oid = o.ID
		if err := addOrganisation(t, o); err != nil {
			return oid, err
		}
		for _, name := range o.Names.all() {
			if name == "" {
				continue
			}
			if err := addName(t, oid, Alias{Name: name, From: t.Now()}); err != nil {
				return oid, err
			}
		}
	}
	_, err = t.Exec(`INSERT INTO people_owner (place, service, org, kept_at) VALUES (?1, ?2, ?3, ?4)`, x.Place, x.Service, oid, t.Now())
	return oid, err
}

// stateHolder is the body of the State that bears a name; zero when nobody
// does, and a conflict when somebody else does.
func stateHolder(t *db.Tx, name string) (actor.OrganisationID, error) {
	holder, err := nameHolder(t, arabic.Key(name))
	if err != nil || holder.IsZero() {
		return holder, err
	}
	o, err := getOrganisation(t, holder)
	if err == nil && o.Kind != State {
		err = fault.New(fault.Conflict, "people.organisation.name_taken", "name", name)
	}
	return holder, err
}

// LastOwner is the organisation that answers in the last resort for a service
// at a place; zero only in a house whose pack names nobody.
func (s *Service) LastOwner(place, service string) actor.OrganisationID {
	x, _ := s.places.Owner(place, service)
	return s.owners[x.Key()]
}
