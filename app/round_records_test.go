package app

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/twiza/twiza/shared/actor"
)

func TestARoundGoesOutAndComesHomeWhole(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 4)
		phone := o.enrol(o.volunteer)
		p := o.pack(o.volunteer, phone)
		if len(p.Missions) != 1 || len(p.Stops) != 4 || len(p.Forms) < 2 || !strings.HasPrefix(p.Recipient, "age1") || len(p.Places) < 2 || p.Missions[0].Goods[0].Aboard != 100 {
			t.Fatalf("the pack is %+v", p)
		}
		first, visit := o.delivery(0, 3), note{"id": o.id(), "kind": "visit", "made_at": "2020-01-01T00:00:00Z", "body": note{"mission": o.mission.String(), "stop": o.stops[1].ID.String(),
			"answers": note{"home": "cracked", "water": "spring", "lacks": []string{"warm"}, "words": "le toit"}}}
		all := []note{first, o.notReached(2, "road_closed"), visit, o.request("0612345678"), {"id": "no", "kind": "delivery", "body": note{}}}
		got := o.send(o.volunteer, phone, all...)
		o.want(got, "taken", "taken", "taken", "taken", "refused")
		if got[3].Receipt == "" {
			t.Error("a request has no receipt")
		}
		again := o.send(o.volunteer, phone, all...)
		o.want(again, "again", "again", "again", "again", "refused")
		if again[3].Receipt != got[3].Receipt {
			t.Errorf("the receipt was %s and is %s", got[3].Receipt, again[3].Receipt)
		}
		first["body"].(note)["goods"] = note{"blanket": 4}
		o.want(o.send(o.volunteer, phone, first), "refused")
		if l := o.line("blanket"); l.Delivered != 3 {
			t.Errorf("%d blankets delivered", l.Delivered)
		}
		if n := o.count(`SELECT COUNT(*) FROM round_record WHERE skewed = ?1`, true); n != 1 {
			t.Errorf("%d records with a clock that is wrong", n)
		}
	})
}

func TestTwoPhonesThatTellOfOneStopNeverMakeTwoDeliveries(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 5)
		a, b := o.enrol(o.volunteer), o.enrol(o.volunteer2)
		for i := range 5 {
			o.want(o.send(o.volunteer, a, o.delivery(i, 2)), "taken")
		}
		var second []note
		for i := range 4 {
			second = append(second, o.delivery(i, 5))
		}
		second = append(second, o.notReached(4, "nobody_there"))
		got := o.send(o.volunteer2, b, second...)
		o.want(got, "conflict", "conflict", "conflict", "conflict", "conflict")
		if k := got[0].Other; k == nil || k.Kind != "delivery" || k.Goods["blanket"] != 2 || k.Yours {
			t.Fatalf("what stands is told as %+v", k)
		}
		settle := func(w walker, rid any, choice string) (int, string) {
			r := o.call("POST", "/api/v1/round/records/"+rid.(string)+"/settle?lang=fr", w.token, note{"choice": choice, "reason": "two_handovers"})
			return r.Code, r.Body.String()
		}
		for i, x := range []struct {
			choice    string
			delivered int // blankets, afterwards
			stops     int
		}{{"theirs", 10, 5}, {"mine", 13, 5}, {"both", 18, 6}} {
			if code, said := settle(o.volunteer2, second[i]["id"], x.choice); code != 200 {
				t.Fatalf("%s: %d %s", x.choice, code, said)
			}
			j, err := o.h.Field.Journey(t.Context(), o.mission)
			o.must(err)
			if l := o.line("blanket"); l.Delivered != x.delivered || len(j.Stops) != x.stops {
				t.Fatalf("after %s: %d blankets, %d stops", x.choice, l.Delivered, len(j.Stops))
			}
			if code, _ := settle(o.coordinator, second[i]["id"], "both"); code != 409 {
				t.Errorf("%s: decided twice: %d", x.choice, code)
			}
		}
		if code, _ := settle(o.volunteer2, second[4]["id"], "mine"); code != 409 {
			t.Errorf("a visit that found nobody undid a delivery: %d", code)
		}
		if code, said := settle(o.coordinator, second[3]["id"], "both"); code != 200 {
			t.Errorf("the coordination could not decide: %d %s", code, said)
		}
		if code, _ := settle(o.volunteer, second[4]["id"], "both"); code != 403 {
			t.Errorf("a stranger decided: %d", code)
		}
		o.want(o.send(o.volunteer2, b, second...), "again", "again", "again", "again", "conflict")
		if n := o.count(`SELECT COUNT(*) FROM field_replaced`); n != 1 {
			t.Errorf("%d deliveries were put aside", n)
		}
	})
}

func TestTheSameBatchTwiceAtOnceIsTakenOnce(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 6)
		phone := o.enrol(o.leader)
		batch := []note{o.delivery(0, 1), o.delivery(1, 2), o.notReached(2, "unsafe"), o.request("0612345678"), o.delivery(0, 7),
			{"id": o.id(), "kind": "visit", "body": note{"mission": o.mission.String(), "stop": o.stops[1].ID.String(), "answers": note{"home": "stands", "water": "tap"}}}}
		body, err := json.Marshal(note{"device": phone, "records": batch})
		o.must(err)
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				w := o.call("POST", "/api/v1/round/records", o.leader.token, body)
				if w.Code != 200 {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
		}
		wait.Wait()
		o.want(o.send(o.leader, phone, batch...), "again", "again", "again", "again", "conflict", "again")
		if n := o.count(`SELECT COUNT(*) FROM field_delivery`); n != 2 {
			t.Errorf("%d deliveries", n)
		}
		if n := o.count(`SELECT COUNT(*) FROM cases_case`); n != 7 {
			t.Errorf("%d requests", n)
		}
		if n := o.count(`SELECT COUNT(*) FROM round_record`); n != 6 {
			t.Errorf("%d records", n)
		}
		if n := o.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'round.visit.record'`); n != 1 {
			t.Errorf("%d lines of one visit", n)
		}
	})
}

func TestAVolunteerWorksOnlyWhereTheyWerePlaced(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 2)
	phone := o.enrol(o.volunteer)
	first := o.delivery(0, 1)
	o.placed = nil
	if p := o.pack(o.volunteer, phone); len(p.Missions) != 0 {
		t.Errorf("a volunteer who is on no mission took %d along", len(p.Missions))
	}
	if w := o.call("GET", "/api/v1/round/pack?device="+phone+"&mission="+o.mission.String(), o.volunteer.token, nil); w.Code != 403 {
		t.Errorf("they took one along by its name: %d", w.Code)
	}
	o.want(o.send(o.volunteer, phone, first, o.notReached(1, "unsafe")), "refused", "refused")
	o.placed = []actor.AccountID{o.volunteer.id}
	o.want(o.send(o.volunteer, phone, first), "taken")
	if w := knock(o.door, "GET", "/fr/missions/"+o.mission.String(), o.volunteer.token, nil); w.Code != 403 {
		t.Errorf("a volunteer reads the whole mission: %d", w.Code)
	}
}

func TestAWrongCodeCountsOnceHoweverOftenThePhoneSendsIt(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 2)
	phone := o.enrol(o.volunteer)
	wrong := o.delivery(0, 1)
	b := wrong["body"].(note)
	b["proof"], b["code"] = "code", "000000"
	for range 8 {
		o.want(o.send(o.volunteer, phone, wrong), "refused")
	}
	if n := o.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'cases.case.check_code'`); n != 1 {
		t.Errorf("%d tries at the family's code", n)
	}
	if n := o.count(`SELECT COUNT(*) FROM round_record WHERE body IS NOT NULL`); n != 0 {
		t.Errorf("a refused record keeps its words")
	}
}

func TestOneBadRecordNeverHindersAnother(t *testing.T) {
	t.Parallel()
	o := goOut(t, model.SQLite(t), 3)
	phone := o.enrol(o.volunteer)
	bad := []note{{}, {"id": o.id(), "kind": "spell", "body": note{}}, {"id": o.id(), "kind": "delivery", "body": []int{1}}, {"id": o.id(), "kind": "delivery", "body": note{"goods": "many"}},
		{"id": o.id(), "kind": "delivery"}, {"id": o.id(), "kind": "relay", "body": note{"box": "AAAA"}}, {"id": o.id(), "kind": "request", "body": note{"service": "no", "consent": "spoken", "answers": note{}}},
		{"id": o.id(), "kind": "visit", "body": note{"mission": o.mission.String(), "stop": o.stops[0].ID.String(), "answers": note{"home": "castle"}}},
		{"id": o.id(), "kind": "not_reached", "body": note{"mission": o.mission.String(), "stop": o.stops[0].ID.String(), "reason": strings.Repeat("x", 40_000)}}}
	for _, b := range bad {
		got := o.send(o.volunteer, phone, b, o.delivery(0, 1))
		if got[0].State != "refused" || got[0].Message == "" || strings.Contains(got[0].Message, "[") {
			t.Errorf("%v is %+v", b, got[0])
		}
	}
	for _, garbage := range []string{"", "{", "[]", `{"device":"x"}`, `{"device":"` + phone + `","records":7}`, "\xff\xfe", `{"device":"` + phone + `","more":1}`} {
		if w := o.call("POST", "/api/v1/round/records", o.volunteer.token, []byte(garbage)); w.Code != 422 {
			t.Errorf("%q answers %d", garbage, w.Code)
		}
	}
}
