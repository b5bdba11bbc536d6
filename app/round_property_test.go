package app

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// anotherMission sends another team of the same association out.
func (o *outing) anotherMission(stops int) {
	o.Helper()
	douars := o.douars()
	o.n++
	m := field.Team{ID: id.New[field.Team](morning), Org: o.org, Names: field.Names{FR: fmt.Sprint("Équipe n° ", o.n)}, Skills: []string{"logistics"}, Languages: []string{"shi"}, People: 4, Base: douars[0]}
	o.must(o.h.Field.CreateTeam(o.Context(), o.coordinator.by, m))
	p := field.Plan{ID: id.New[field.Mission](morning), Team: m.ID, At: morning}
	for i := range stops {
		a := forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: douars[i%len(douars)]}, "people": int64(3), "phone": forms.Phone(fmt.Sprintf("+2126%08d", 20_000_000+o.n*100+i))}
		out, err := o.h.Cases.Ask(o.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Answers: a, Lang: "fr", Channel: "web"})
		o.must(err)
		o.must(o.h.Cases.Claim(o.Context(), o.coordinator.by, out.ID))
		var k field.CaseID
		o.must(k.UnmarshalText([]byte(out.ID.String())))
		p.Cases = append(p.Cases, k)
	}
	o.must(o.h.Field.Plan(o.Context(), o.coordinator.by, p))
	o.must(o.h.Field.Load(o.Context(), o.coordinator.by, p.ID, map[string]int{"blanket": 30}))
	o.must(o.h.Field.Depart(o.Context(), o.coordinator.by, p.ID))
	o.mission = p.ID
	j, err := o.h.Field.Journey(o.Context(), p.ID)
	o.must(err)
	o.stops = j.Stops
}

// TestHoweverTwoPhonesSendNothingIsDoubledAndManifestsBalance lets two phones
// tell of the same stops, each record any number of times, in any order and at
// once; then a person decides on what waits, in any way, and the mission closes.
func TestHoweverTwoPhonesSendNothingIsDoubledAndManifestsBalance(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		o := goOut(t, dsn, 1)
		walkers := []walker{o.volunteer, o.volunteer2}
		phones := []string{o.enrol(o.volunteer), o.enrol(o.volunteer2)}
		rapid.Check(t, func(r *rapid.T) {
			o.anotherMission(4)
			written := make([][]note, 2)
			for d := range 2 {
				for range rapid.IntRange(1, 5).Draw(r, "records") {
					stop := rapid.IntRange(0, 3).Draw(r, "stop")
					if rapid.IntRange(0, 4).Draw(r, "kind") == 0 {
						written[d] = append(written[d], o.notReached(stop, rapid.SampledFrom(field.ReasonsNotReached).Draw(r, "reason")))
					} else {
						written[d] = append(written[d], o.delivery(stop, rapid.IntRange(1, 9).Draw(r, "blankets")))
					}
				}
			}
			told := map[string]string{}
			for range rapid.IntRange(2, 5).Draw(r, "goes") {
				var wait sync.WaitGroup
				var mu sync.Mutex
				for d := range 2 {
					batch := rapid.SliceOfN(rapid.SampledFrom(written[d]), 1, 6).Draw(r, "batch")
					wait.Go(func() {
						for _, x := range o.send(walkers[d], phones[d], batch...) {
							mu.Lock()
							told[x.ID] = x.State
							mu.Unlock()
						}
					})
				}
				wait.Wait()
			}
			for d := range 2 {
				for i, x := range o.send(walkers[d], phones[d], written[d]...) {
					told[written[d][i]["id"].(string)] = x.State
				}
			}
			o.onceEach(r, 4)
			for _, rid := range slices.Sorted(maps.Keys(told)) {
				if told[rid] != round.ResultConflict {
					continue
				}
				choice := rapid.SampledFrom([]string{round.Mine, round.Theirs, round.Both}).Draw(r, "choice")
				w := o.call("POST", "/api/v1/round/records/"+rid+"/settle", o.coordinator.token, note{"choice": choice, "reason": "counted_again"})
				if w.Code != 200 && w.Code != 409 && w.Code != 422 { // more than is aboard, or a proof that stands
					r.Fatalf("%s: %d %s", choice, w.Code, w.Body)
				}
			}
			o.closes(r)
		})
	})
}

// onceEach wants one delivery at most for each of the first stops, and every
// unit of them on the manifest.
func (o *outing) onceEach(r *rapid.T, stops int) {
	j, err := o.h.Field.Journey(o.Context(), o.mission)
	o.must(err)
	if len(j.Stops) != stops {
		r.Fatalf("%d stops before anybody decided", len(j.Stops))
	}
	if n, all := o.count(`SELECT COUNT(DISTINCT stop) FROM field_delivery WHERE mission = ?1`, o.mission), o.count(`SELECT COUNT(*) FROM field_delivery WHERE mission = ?1`, o.mission); n != all {
		r.Fatalf("%d deliveries at %d stops", all, n)
	}
}

// closes ends the mission: what is left comes back, and it balances to the unit.
func (o *outing) closes(r *rapid.T) {
	j, err := o.h.Field.Journey(o.Context(), o.mission)
	o.must(err)
	given := o.count(`SELECT COALESCE(SUM(g.quantity), 0) FROM field_delivered g JOIN field_delivery d ON d.id = g.delivery WHERE d.mission = ?1`, o.mission)
	if l := o.line("blanket"); int64(l.Delivered) != given {
		r.Fatalf("the manifest says %d, the deliveries %d", l.Delivered, given)
	}
	for _, s := range j.Stops {
		if s.State == field.Waiting {
			o.must(o.h.Field.NotReached(o.Context(), o.leader.by, o.mission, s.ID, "no_time"))
		}
	}
	o.must(o.h.Field.Return(o.Context(), o.leader.by, o.mission, map[string]int{"blanket": o.line("blanket").Aboard()}))
	if err := o.h.Field.Close(o.Context(), o.leader.by, o.mission); err != nil {
		r.Fatalf("the mission does not close: %v", err)
	}
}
