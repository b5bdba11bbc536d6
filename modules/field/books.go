package field

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
)

// What a mission carries is in the ledger from the moment it departs: each unit
// leaves the organisation's depot for the road, and from the road is given, comes
// back or is lost. The manifest and the ledger are written by one deed; `twiza
// check` compares them, so that a number changed by hand in either is found.

// booked are the places of one good of one mission. The depot that was never counted has
// no floor; where an organisation writes down what arrives (modules/stock), goods leave
// the counted one, and what is not there cannot leave. What people offered comes from
// them, and was in no depot.
type booked struct{ depot, road, given, lost ledger.Account }

func bookedFor(j *Journey, good string) booked {
	of := func(kind ledger.Kind, code string) ledger.Account {
		return ledger.GoodsAccount(kind, j.Org.String(), good, code)
	}
	mission := "mission/" + j.ID.String()
	return booked{of(ledger.Giver, "depot/"+j.Org.String()), of(ledger.Transit, mission+"/road"), of(ledger.Given, mission+"/given"), of(ledger.Lost, mission+"/lost")}
}

// enter writes down in the ledger what changed on a manifest since it was so. ref
// names what changed it, once. A mission that departed before there was a ledger
// is entered whole first.
func (s *Service) enter(t *deed.Tx, j *Journey, was Manifest, ref string) error {
	if len(was) > 0 {
		begun, err := ledger.Has(t.Tx, aboutMission(j.ID))
		if err == nil && !begun {
			err = s.enter(t, &Journey{Mission: j.Mission, Goods: was}, nil, "carried/"+j.ID.String())
		}
		if err != nil {
			return err
		}
	}
	e := ledger.Entry{ID: id.New[ledger.Entry](t.Now()), Ref: "field/" + ref, About: aboutMission(j.ID), ValueOn: ledger.Day(t.Now(), s.places.Country().Zone())}
	for _, now := range j.Goods {
		then := Line{}
		if l := was.line(now.Good); l != nil {
			then = *l
		}
		b := bookedFor(j, now.Good)
		back := now.Returned - then.Returned - (now.Loaded - then.Loaded)
		depot, offered, err := s.source(t, j, b, now.Good, back, ref)
		if err != nil {
			return err
		}
		for _, x := range []struct {
			at    ledger.Account
			units int
		}{{depot, back + offered}, {b.depot, -offered}, {b.road, now.Aboard() - then.Aboard()}, {b.given, now.Delivered - then.Delivered}, {b.lost, now.Lost - then.Lost}} {
			if x.units == 0 {
				continue
			}
			x.at.ID = id.New[ledger.Account](t.Now())
			a, err := ledger.OpenAccount(t, x.at)
			if err != nil {
				return err
			}
			e.Postings = append(e.Postings, ledger.Posting{Account: a.ID, Amount: int64(x.units)})
		}
	}
	if len(e.Postings) == 0 {
		return nil
	}
	_, _, err := ledger.Post(t, e)
	return err
}

// source is where units of a good leave from, or come back to, and how many of those
// that leave people offered. A mission that departed before there was a ledger left an
// uncounted depot, whatever is counted now.
func (s *Service) source(t *deed.Tx, j *Journey, b booked, good string, back int, ref string) (depot ledger.Account, offered int, err error) {
	at, counted, err := ledger.Depot(t.Tx, j.Org.String(), good)
	if err != nil || !counted || back == 0 || strings.HasPrefix(ref, "carried/") {
		return b.depot, 0, err
	}
	if strings.HasPrefix(ref, "depart/") {
		aboard, err := giftsAboard(t.Tx, j.ID)
		if err != nil {
			return at, 0, err
		}
		for _, a := range aboard {
			if a.Good == good {
				offered += a.Units
			}
		}
	}
	is, err := ledger.Get(t.Tx, at.Code)
	if err == nil && is.Free() < int64(-back-offered) {
		err = fault.New(fault.Conflict, "field.manifest.depot_short", "good", s.goodName(good), "n", is.Free())
	}
	return at, offered, err
}

// LotOf tells whose an asset of the ledger is and which good, with the key of its name;
// the key is "" where no service of today has it.
func (s *Service) LotOf(asset string) (org actor.OrganisationID, good, key string, ok bool) {
	who, good, is := ledger.ParseGoods(asset)
	org, err := id.Parse[actor.Organisation](who)
	if !is || err != nil {
		return org, "", "", false
	}
	for _, g := range s.goods.Goods("") {
		if g.Code == good {
			return org, good, g.Key, true
		}
	}
	return org, good, "", true // no service knows it any more
}

func aboutMission(mid MissionID) string { return "field.mission/" + mid.String() }

// differ names missions whose manifest and ledger do not say the same. A mission of
// before the ledger is in neither until it moves.
func differ(t *db.Tx) (bad []string, err error) {
	journeys, err := departedOnes(t)
	if err != nil {
		return nil, err
	}
	held, err := ledger.HeldUnder(t, "mission/")
	if err != nil {
		return nil, err
	}
	for _, j := range journeys {
		begun, err := ledger.Has(t, aboutMission(j.ID))
		if err != nil {
			return nil, err
		}
		for _, l := range j.Goods {
			b := bookedFor(j, l.Good)
			want := map[string]int64{b.road.Code: int64(l.Aboard()), b.given.Code: int64(l.Delivered), b.lost.Code: int64(l.Lost)}
			for _, code := range slices.Sorted(maps.Keys(want)) {
				if is := held[code]; begun && is != want[code] {
					bad = append(bad, code+": the ledger and the manifest of the mission do not agree")
				}
				delete(held, code)
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(held)) {
		if held[code] != 0 {
			bad = append(bad, code+": the ledger knows of goods that are on no manifest")
		}
	}
	return bad, nil
}
