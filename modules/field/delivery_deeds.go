package field

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on a delivery.
var (
	DeedDeliver = deed.Deed{Name: "field.delivery.record", Roles: afield}
	DeedWitness = deed.Deed{Name: "field.delivery.reveal_witness", Roles: manage}
)

// DeliveryTold is what others hear of a delivery.
type DeliveryTold struct {
	Delivery DeliveryID           `json:"delivery"`
	Mission  MissionID            `json:"mission"`
	Org      actor.OrganisationID `json:"org"`
	Team     TeamID               `json:"team"`
	Stop     StopID               `json:"stop"`
	Case     CaseID               `json:"case"`
	Goods    map[string]int       `json:"goods"`
	Proof    string               `json:"proof"`
	Relation string               `json:"relation,omitempty"`
}

// Deliver records what was handed over at a stop. Told twice under one
// identifier, it is recorded once; again reports that it was there already.
//
// A code is checked first, in a unit of work of its own: a wrong try counts
// even though nothing is delivered. It is asked about only when everything
// else is in order, so that nobody can use up a family's tries from afar.
func (s *Service) Deliver(ctx context.Context, by actor.Actor, d Handover) (again bool, err error) {
	d = d.tidy()
	if err := d.wrong().OrNil(); err != nil {
		return false, err
	}
	var about CaseID
	err = s.h.Look(ctx, by, DeedDeliver, func(t *deed.Tx) error {
		j, err := getJourney(t.Tx, d.Mission)
		if err != nil {
			return err
		}
		stop, _, err := s.handOver(t, j, d)
		if err != nil {
			return err
		}
		about = stop.Case
		return nil
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return true, nil
	}
	if err != nil {
		return false, s.named(err)
	}
	if d.Proof == ByCode {
		ok, err := s.cases.CheckCode(ctx, by, about, string(d.Code))
		if err != nil {
			return false, err
		}
		if !ok {
			return false, fault.New(fault.Invalid, "field.delivery.code_wrong").On("code")
		}
	}
	err = s.record(ctx, by, d)
	if errors.Is(err, deed.ErrNothingDone) {
		return true, nil
	}
	return false, s.named(err)
}

// handOver decides whether d can be recorded, and changes j as it would. It
// is ErrNothingDone when d is on record already.
func (s *Service) handOver(t *deed.Tx, j *Journey, d Handover) (*Stop, *Delivery, error) {
	if err := s.mayServe(t, j); err != nil {
		return nil, nil, err
	}
	switch old, err := findDelivery(t.Tx, d.ID); {
	case err != nil:
		return nil, nil, err
	case old != nil:
		name, err := s.vault.OpenText(witnessAt(d.ID), old.Witness)
		if err == nil && !old.same(d, name) {
			err = fault.New(fault.Conflict, "field.delivery.other_content")
		}
		if err == nil {
			err = deed.ErrNothingDone
		}
		return nil, nil, err
	}
	if err := j.must(Departed); err != nil {
		return nil, nil, err
	}
	stop, err := j.stop(d.Stop)
	if err != nil {
		return nil, nil, err
	}
	if err := stop.deliver(t.Now()); err != nil {
		return nil, nil, err
	}
	if err := j.Goods.deliver(d.Goods); err != nil {
		return nil, nil, err
	}
	out := &Delivery{ID: d.ID, Mission: d.Mission, Stop: d.Stop, Goods: d.Goods, Proof: d.Proof, Relation: d.Relation, Account: t.By.Account, At: t.Now()}
	if d.Witness != "" {
		out.Witness = s.vault.SealText(witnessAt(d.ID), d.Witness)
	}
	return stop, out, nil
}

func witnessAt(did DeliveryID) string { return crypt.At("field_delivery.witness", did.String()) }

func (s *Service) record(ctx context.Context, by actor.Actor, d Handover) error {
	return s.h.Do(ctx, by, DeedDeliver, func(t *deed.Tx) error {
		j, err := hold(t.Tx, d.Mission)
		if err != nil {
			return err
		}
		was := slices.Clone(j.Goods)
		stop, out, err := s.handOver(t, j, d)
		if err != nil {
			return err
		}
		if err := addDelivery(t.Tx, out); err != nil {
			return err
		}
		if err := errors.Join(saveStop(t.Tx, *stop), saveGoods(t.Tx, j.ID, j.Goods), s.enter(t, j, was, "deliver/"+d.ID.String())); err != nil {
			return err
		}
		briefs, err := s.briefs(t.Tx, []CaseID{stop.Case})
		if err != nil {
			return err
		}
		with := Advance{Team: j.Team.String(), Mission: j.ID.String(), Goods: d.Goods}
		if err := s.advance(t, briefs[stop.Case], "deliver", with); err != nil {
			return err
		}
		return t.Tell(missionSubject(j.ID), DeliveryTold{d.ID, j.ID, j.Org, j.Team, d.Stop, stop.Case, d.Goods, d.Proof, d.Relation})
	})
}

// Why somebody may need to know who stood by.
var ReasonsToReveal = []string{"complaint", "call_back", "audit"}

// witnessTold is the line that revealing a witness leaves.
type witnessTold struct {
	Delivery DeliveryID `json:"delivery"`
	Case     CaseID     `json:"case"`
	Reason   string     `json:"reason"`
}

// Witness reveals who stood by at a delivery, for a reason that is written down.
func (s *Service) Witness(ctx context.Context, by actor.Actor, mid MissionID, sid StopID, reason string) (name string, err error) {
	if !slices.Contains(ReasonsToReveal, reason) {
		return "", fault.New(fault.Invalid, "field.delivery.reveal_why").On("reason")
	}
	err = s.h.Do(ctx, by, DeedWitness, func(t *deed.Tx) error {
		j, stop, d, err := s.witnessed(t, mid, sid)
		if err != nil {
			return err
		}
		if name, err = s.vault.OpenText(witnessAt(d.ID), d.Witness); err != nil {
			return err
		}
		return t.Tell(missionSubject(j.ID), witnessTold{d.ID, stop.Case, reason})
	})
	return name, err
}

// WitnessRead is one reading of the name of somebody who stood by.
type WitnessRead struct {
	At     time.Time
	Org    actor.OrganisationID
	Role   string
	Reason string // one of ReasonsToReveal
}

// WitnessReads lists who read the name of a witness of a case: its family may know.
func (s *Service) WitnessReads(t *db.Tx, c CaseID) (out []WitnessRead, err error) {
	missions, err := missionsFor(t, c)
	if err != nil {
		return nil, err
	}
	for _, mid := range missions {
		trail, err := deed.Trail(t, missionSubject(mid))
		if err != nil {
			return nil, err
		}
		for _, r := range trail {
			var told witnessTold
			if r.Deed != DeedWitness.Name {
				continue
			}
			if err := json.Unmarshal(r.Told, &told); err != nil {
				return nil, err
			}
			if told.Case == c {
				out = append(out, WitnessRead{r.At, r.Org, r.Role, told.Reason})
			}
		}
	}
	return out, nil
}

// witnessed finds a delivery that somebody stood by at, for who may know it.
func (s *Service) witnessed(t *deed.Tx, mid MissionID, sid StopID) (*Journey, *Stop, *Delivery, error) {
	j, err := getJourney(t.Tx, mid)
	if err != nil {
		return nil, nil, nil, err
	}
	scope, err := s.scope(t.Tx, j)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := t.Allow(scope); err != nil {
		return nil, nil, nil, err
	}
	stop, err := j.stop(sid)
	if err != nil {
		return nil, nil, nil, err
	}
	d, err := deliveryAt(t.Tx, sid)
	if err == nil && (d == nil || d.Witness == nil) {
		err = fault.New(fault.Missing, "field.delivery.no_witness")
	}
	return j, stop, d, err
}
