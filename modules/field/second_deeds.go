package field

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedSecond decides between two accounts of one stop.
var DeedSecond = deed.Deed{Name: "field.delivery.settle", Roles: afield}

func errNotPlaced() error { return fault.New(fault.Denied, "field.mission.not_placed") }

// Second is a delivery that somebody else has told of already, and that a
// person has decided on: both happened, or this one is right.
type Second struct {
	Handover                 // its code was checked before; it is not needed here
	Account  actor.AccountID // who was there
	Instead  bool            // it takes the place of what is on record; otherwise both stand
	// Then is done in the same unit of work, and may still refuse it.
	Then func(t *deed.Tx, replaced DeliveryID) error
}

// secondTold is what others hear of it. Instead is the delivery that it replaces.
type secondTold struct {
	Delivery DeliveryID           `json:"delivery"`
	Mission  MissionID            `json:"mission"`
	Org      actor.OrganisationID `json:"org"`
	Stop     StopID               `json:"stop"`
	Case     CaseID               `json:"case"`
	Goods    map[string]int       `json:"goods"`
	Proof    string               `json:"proof"`
	Instead  DeliveryID           `json:"instead,omitzero"`
}

// DeliverAgain records a second handover. Both stand: it gets a stop of its
// own, behind the others. This one is right: what was on record is put aside,
// its goods are aboard again, and this one counts. Either way nothing is handed
// out that is not aboard, and the manifest balances to the unit.
func (s *Service) DeliverAgain(ctx context.Context, by actor.Actor, d Second) error {
	d.Handover = d.tidy()
	told := d.Handover
	if told.Proof == ByCode {
		told.Code = "0" // it was looked at before, and is not kept
	}
	if err := told.wrong().OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedSecond, func(t *deed.Tx) error {
		j, err := hold(t.Tx, d.Mission)
		if err != nil {
			return err
		}
		if err := s.mayServe(t, j); err != nil {
			return err
		}
		if err := j.must(Departed); err != nil {
			return err
		}
		stop, err := j.stop(d.Stop)
		if err != nil {
			return err
		}
		if was, err := s.Delivered(t.Tx, d.ID); err != nil || was {
			if err == nil {
				err = fault.New(fault.Conflict, "field.delivery.other_content")
			}
			return err
		}
		old, err := deliveryAt(t.Tx, d.Stop)
		if err != nil {
			return err
		}
		was := slices.Clone(j.Goods)
		at, err := s.secondAt(t, j, stop, old, d)
		if err != nil {
			return err
		}
		if err := j.Goods.deliver(d.Goods); err != nil {
			return err
		}
		out := &Delivery{ID: d.ID, Mission: d.Mission, Stop: at.ID, Goods: d.Goods, Proof: d.Proof, Relation: d.Relation, Account: d.Account, At: t.Now()}
		if d.Witness != "" {
			out.Witness = s.vault.SealText(witnessAt(d.ID), d.Witness)
		}
		if err := addDelivery(t.Tx, out); err != nil {
			return err
		}
		if err := saveGoods(t.Tx, j.ID, j.Goods); err != nil {
			return err
		}
		if err := s.enter(t, j, was, "deliver/"+d.ID.String()); err != nil {
			return err
		}
		line := secondTold{Delivery: d.ID, Mission: j.ID, Org: j.Org, Stop: at.ID, Case: at.Case, Goods: d.Goods, Proof: d.Proof}
		if d.Instead {
			line.Instead = old.ID
		}
		if d.Then != nil {
			if err := d.Then(t, line.Instead); err != nil {
				return err
			}
		}
		return t.Tell(missionSubject(j.ID), line)
	})
	return s.named(err)
}

// secondAt is the stop that a second handover stands at.
func (s *Service) secondAt(t *deed.Tx, j *Journey, stop *Stop, old *Delivery, d Second) (Stop, error) {
	if !d.Instead {
		return s.extraStop(t, j, stop, d.Goods)
	}
	if old == nil {
		return Stop{}, fault.New(fault.Conflict, "field.stop.answered", "state", string(stop.State))
	}
	for good, n := range old.Goods {
		if l := j.Goods.line(good); l != nil {
			l.Delivered -= n
		}
	}
	goods, err := json.Marshal(old.Goods)
	if err != nil {
		return Stop{}, err
	}
	return *stop, replace(t.Tx, old, string(goods), d.ID)
}

// extraStop is a stop more for the people of another, answered as it is made.
// Where nobody had reached them before, their case moves on, if it is still
// the team's to move; if not, the goods are accounted for all the same.
func (s *Service) extraStop(t *deed.Tx, j *Journey, like *Stop, goods map[string]int) (Stop, error) {
	out := *like
	out.ID, out.State, out.Reason, out.ChangedAt = id.New[Stop](t.Now()), Delivered, "", t.Now()
	for _, other := range j.Stops {
		out.Seq = max(out.Seq, other.Seq+1)
	}
	if out.Seq > 2*maxStops {
		return out, fault.New(fault.Invalid, "field.mission.stops_many", "most", 2*maxStops)
	}
	if err := addStop(t.Tx, out); err != nil {
		return out, err
	}
	if like.State == Delivered {
		return out, nil
	}
	if like.State == Waiting { // told while its case had moved on: this answers it
		like.State, like.ChangedAt, like.Reason = NotReached, t.Now(), "already_served"
		if err := saveStop(t.Tx, *like); err != nil {
			return out, err
		}
	}
	with := Advance{Team: j.Team.String(), Mission: j.ID.String(), Goods: goods}
	for _, word := range []string{"depart", "deliver"} {
		if err := s.cases.Advance(t, out.Case, word, with); fault.KindOf(err) == fault.Conflict {
			break
		} else if err != nil {
			return out, err
		}
	}
	return out, nil
}

// NotReachedInstead changes why a stop was not reached, once a person has
// looked at two reasons. A stop that was delivered stays so: its proof stands.
func (s *Service) NotReachedInstead(ctx context.Context, by actor.Actor, mid MissionID, sid StopID, reason string, then func(*deed.Tx) error) error {
	return s.act(ctx, by, DeedNotReached, mid, func(t *deed.Tx, j *Journey) (any, error) {
		if err := j.must(Departed); err != nil {
			return nil, err
		}
		stop, err := j.stop(sid)
		switch {
		case err != nil:
			return nil, err
		case !slices.Contains(ReasonsNotReached, reason):
			return nil, fault.New(fault.Invalid, "field.stop.reason_missing").On("reason")
		case stop.State != NotReached:
			return nil, fault.New(fault.Conflict, "field.stop.answered", "state", string(stop.State))
		}
		stop.Reason, stop.ChangedAt = reason, t.Now()
		if err := then(t); err != nil {
			return nil, err
		}
		told := j.told()
		told.Cases, told.Reason = []CaseID{stop.Case}, reason
		return told, saveStop(t.Tx, *stop)
	})
}

// CheckCode tells whether somebody gave the code of the family at a stop, for
// an account that is kept until a person has looked at it. A wrong try counts.
func (s *Service) CheckCode(ctx context.Context, by actor.Actor, mid MissionID, sid StopID, code Secret) (bool, error) {
	var about CaseID
	err := s.h.Look(ctx, by, DeedDeliver, func(t *deed.Tx) error {
		if err := s.MayServe(t, mid); err != nil {
			return err
		}
		at, err := s.Stands(t.Tx, mid, sid)
		about = at.Case
		return err
	})
	if err != nil {
		return false, err
	}
	return s.cases.CheckCode(ctx, by, about, string(Handover{Proof: ByCode, Code: code}.tidy().Code))
}
