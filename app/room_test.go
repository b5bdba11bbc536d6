package app

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/room"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/people"
)

// dispatch is a house with two associations, each with a team, and a dispatcher.
type dispatch struct {
	*testing.T
	h     *House
	door  http.Handler
	clock *clock.Held
	orgs  [2]actor.OrganisationID
	teams [2]field.TeamID
	heads [2]walker // who coordinates each
	desk  walker
	n     int
}

func dispatching(t *testing.T, dsn string) *dispatch {
	t.Helper()
	c := &clock.Held{At: morning}
	d := &dispatch{T: t, h: openHouse(t, dsn, c), clock: c}
	d.door = d.h.Handler()
	somebody(t, d.h, "root", actor.Grant{Role: actor.Administrator})
	base := d.douars()[0]
	for i, name := range []string{"Tamga", "Agadir"} {
		o := people.Organisation{ID: id.New[actor.Organisation](morning), Kind: people.Association, Names: people.Names{AR: "جمعية " + name, FR: "Association " + name}, Receipt: "7/2020", Status: people.Recognised, Phone: "+212524001122"}
		d.must(d.h.People.SeedOrganisation(t.Context(), o))
		d.orgs[i] = o.ID
		d.heads[i] = d.walker("head"+name, actor.Grant{Role: actor.Coordinator, Org: o.ID, Recognised: true})
		m := field.Team{ID: id.New[field.Team](morning), Org: o.ID, Names: field.Names{FR: "Équipe " + name}, Skills: []string{"logistics"}, Languages: []string{"shi"}, People: 4, Base: base}
		d.must(d.h.Field.CreateTeam(t.Context(), d.heads[i].by, m))
		d.teams[i] = m.ID
	}
	d.desk = d.walker("desk", actor.Grant{Role: actor.Dispatcher, Territory: homeProvince})
	return d
}

func (d *dispatch) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *dispatch) walker(login string, g actor.Grant) walker {
	d.Helper()
	w := walker{id: somebody(d.T, d.h, login, g)}
	w.by = actor.Actor{Account: w.id, Name: login, Org: g.Org, Channel: "web", Grants: []actor.Grant{g}}
	var err error
	w.token, err = d.h.People.Session(d.Context(), System("test"), w.id)
	d.must(err)
	return w
}

func (d *dispatch) douars() (all []string) {
	for _, commune := range d.h.Places.Children(homeProvince) {
		for _, x := range d.h.Places.Children(commune.Code) {
			all = append(all, x.Code)
		}
	}
	return all
}

// ask puts in so many requests from different places.
func (d *dispatch) ask(many int) (out []string) {
	d.Helper()
	douars := d.douars()
	for range many {
		d.n++
		a := forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: douars[d.n%len(douars)]}, "people": int64(3), "phone": forms.Phone(fmt.Sprintf("+2126%08d", 30_000_000+d.n))}
		got, err := d.h.Cases.Ask(d.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Answers: a, Lang: "fr", Channel: "web"})
		d.must(err)
		out = append(out, got.ID.String())
	}
	return out
}

// held is what a bulk must give back: who has a case, how, and until when.
type held struct {
	State, Org, Team                string
	Lease, Due, Owned, GaveUp, Last time.Time
	Revision                        int64
}

func (d *dispatch) held(c string) (x held) {
	d.Helper()
	cid, err := id.Parse[cases.Case](c)
	d.must(err)
	d.must(d.h.DB.Read(d.Context(), func(t *db.Tx) error {
		k, err := d.h.Cases.Get(t, cid)
		if err == nil {
			x = held{k.State, k.Org.String(), k.Team.String(), k.LeaseTill, k.DueAt, k.OwnedAt, k.GaveUpAt, k.LastAt, k.Revision}
		}
		return err
	}))
	return x
}

func (x held) without() held { x.Revision = 0; return x }

func (d *dispatch) count(q string, args ...any) (n int64) {
	d.Helper()
	d.must(d.h.DB.Read(d.Context(), func(t *db.Tx) (err error) { n, err = db.One(t, db.Int, q, args...); return err }))
	return n
}

// states is how often each state stands among the cases of a bulk.
func (d *dispatch) states(b room.BulkID) string {
	var parts []string
	for _, s := range []string{"chosen", "done", "kept", "left", "undone"} {
		if n := d.count(`SELECT COUNT(*) FROM room_bulk_item WHERE bulk = ?1 AND state = ?2`, b, s); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", s, n))
		}
	}
	return strings.Join(parts, ", ")
}

func (d *dispatch) prepare(w walker, what room.What, all []string) room.BulkID {
	d.Helper()
	b, err := d.h.Room.Prepare(d.Context(), w.by, what, all)
	d.must(err)
	return b
}

func TestABulkLeavesOutWhatChangedSinceItWasLookedOverAndNamesWhoHasIt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.ask(4)
		caseOf := func(i int) cases.CaseID { return caseIDs(all[i : i+1])[0] }
		b := d.prepare(d.heads[0], room.What{Act: "claim"}, all)
		d.must(d.h.Cases.Claim(t.Context(), d.heads[1].by, caseOf(0)))
		d.must(d.h.Cases.Prioritise(t.Context(), d.desk.by, caseOf(1), 1, ""))
		get := func() string {
			w := knock(d.door, "GET", "/en/queue/bulk/"+b.String(), d.heads[0].token, nil)
			return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(w.Body.String(), " ")), " ")
		}
		if page := get(); !strings.Contains(page, "Can be done: 2") || !strings.Contains(page, "Association Agadir") || !strings.Contains(page, "changed since you chose it") {
			t.Errorf("the preview: %s", page)
		}
		for range 2 { // sent twice, it is done once
			if w := knock(d.door, "POST", "/en/queue/bulk/"+b.String()+"/do", d.heads[0].token, url.Values{}); w.Code != 303 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		if got := d.states(b); got != "done 2, left 2" {
			t.Fatal(got)
		}
		if page := get(); !strings.Contains(page, "Undo all of it") || !strings.Contains(page, "Association Agadir") {
			t.Errorf("the result: %s", page)
		}
		if n := d.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'cases.case.claim' AND told LIKE ?1`, "%"+b.String()+"%"); n != 2 {
			t.Errorf("%d lines of cases name the bulk", n)
		}
		if n := d.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'room.bulk.do'`); n != 1 {
			t.Errorf("%d lines of the bulk", n)
		}
		d.must(d.h.Room.Undo(t.Context(), d.heads[0].by, b))
		if got := d.states(b); got != "left 2, undone 2" {
			t.Error(got)
		}
		if d.held(all[0]).Org != d.orgs[1].String() || d.held(all[2]).Org != "" {
			t.Error("undoing touched what was not done, or did not give back what was")
		}
		if err := d.h.Room.Do(t.Context(), d.heads[0].by, b); fault.KindOf(err) != fault.Conflict {
			t.Errorf("what was undone is done again: %v", err)
		}
		if err := d.h.Room.Undo(t.Context(), d.heads[1].by, b); fault.KindOf(err) != fault.Missing {
			t.Errorf("somebody else's bulk: %v", err)
		}
	})
}

func TestABulkCanBeUndoneForTenMinutes(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.ask(2)
		b := d.prepare(d.heads[0], room.What{Act: "claim"}, all)
		d.must(d.h.Room.Do(t.Context(), d.heads[0].by, b))
		d.clock.Advance(10 * time.Minute)
		if err := d.h.Room.Undo(t.Context(), d.heads[0].by, b); asKey(err) != "room.bulk.too_late" {
			t.Errorf("after ten minutes: %v", err)
		}
		if d.held(all[0]).Org != d.orgs[0].String() {
			t.Error("it was undone all the same")
		}
	})
}

func asKey(err error) string {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Key
	}
	return ""
}

func TestTwoWhoDoTheSameBulkAtOnceOwnEachRequestOnce(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.ask(6)
		bulks := [2]room.BulkID{d.prepare(d.heads[0], room.What{Act: "claim"}, all), d.prepare(d.heads[1], room.What{Act: "claim"}, all)}
		var wg sync.WaitGroup
		for i := range 4 { // each of them sends twice
			wg.Go(func() {
				if err := d.h.Room.Do(t.Context(), d.heads[i%2].by, bulks[i%2]); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := d.count(`SELECT COUNT(*) FROM room_bulk_item WHERE state = 'done'`); n != 6 {
			t.Errorf("%d done: %s and %s", n, d.states(bulks[0]), d.states(bulks[1]))
		}
		if n := d.count(`SELECT COUNT(*) FROM deed_record WHERE deed = 'cases.case.claim'`); n != 6 {
			t.Errorf("%d lines for six requests", n)
		}
		for i := range 2 {
			d.must(d.h.Room.Undo(t.Context(), d.heads[i].by, bulks[i]))
		}
		for _, c := range all {
			if d.held(c).Org != "" {
				t.Error("one is owned still")
			}
		}
	})
}

func TestASectorIsAskedToGoAndLookAtManyAndIsAskedNoMore(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.ask(3)
		b := d.prepare(d.desk, room.What{Act: "visit", Sector: d.h.Sectors.Codes()[0]}, all)
		d.must(d.h.Room.Do(t.Context(), d.desk.by, b))
		open := `SELECT COUNT(*) FROM cases_task WHERE part = 'visit' AND state = 'open'`
		if n := d.count(open); n != 3 {
			t.Fatalf("%d asked: %s", n, d.states(b))
		}
		again := d.prepare(d.desk, room.What{Act: "visit", Sector: d.h.Sectors.Codes()[0]}, all)
		d.must(d.h.Room.Do(t.Context(), d.desk.by, again))
		if d.states(again) != "left 3" || d.count(open) != 3 {
			t.Errorf("asked twice: %s", d.states(again))
		}
		var first string
		d.must(d.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			first, err = db.One(tx, db.Text, `SELECT id FROM cases_task WHERE case_id = ?1`, all[0])
			return err
		}))
		tid, err := id.Parse[cases.Task](first)
		d.must(err)
		d.must(d.h.Cases.TakeTask(t.Context(), d.heads[0].by, tid))
		d.must(d.h.Room.Undo(t.Context(), d.desk.by, b))
		if d.states(b) != "kept 1, undone 2" || d.count(open) != 0 || d.count(`SELECT COUNT(*) FROM cases_task WHERE state = 'doing'`) != 1 {
			t.Errorf("undone: %s", d.states(b))
		}
	})
}

// TestWhateverOthersDoMeanwhileABulkGivesBackWhatItTookAndNothingElse does a bulk
// of any kind among the deeds of others, before, between and after, and undoes it:
// each request is then as it was before the bulk, or as somebody left it since.
func TestWhateverOthersDoMeanwhileABulkGivesBackWhatItTookAndNothingElse(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		rapid.Check(t, func(r *rapid.T) {
			all := d.ask(rapid.IntRange(1, 5).Draw(r, "requests"))
			touch := func(when string) map[string]bool {
				touched := map[string]bool{}
				for range rapid.IntRange(0, 4).Draw(r, when) {
					c := rapid.SampledFrom(all).Draw(r, "case")
					was := d.held(c).Revision
					d.meddle(r, c)
					if d.held(c).Revision != was {
						touched[c] = true
					}
				}
				return touched
			}
			touch("before")
			who := rapid.SampledFrom([]walker{d.heads[0], d.heads[1], d.desk}).Draw(r, "who")
			what := room.What{Act: rapid.SampledFrom(cases.BulkActs(who.by)).Draw(r, "act"), Sector: d.h.Sectors.Codes()[0], Team: d.teams[rapid.IntRange(0, 1).Draw(r, "team")].String()}
			b := d.prepare(who, what, all)
			meanwhile := touch("meanwhile")
			before := map[string]held{}
			for _, c := range all {
				before[c] = d.held(c)
			}
			for range rapid.IntRange(1, 2).Draw(r, "sent") {
				d.must(d.h.Room.Do(t.Context(), who.by, b))
			}
			after, since := map[string]held{}, map[string]bool{}
			for _, c := range all {
				after[c] = d.held(c)
				if meanwhile[c] && after[c] != before[c] {
					r.Fatalf("%s: changed since it was chosen, and done all the same: %+v, %+v", what.Act, before[c], after[c])
				}
			}
			since = touch("since")
			left := map[string]held{}
			for _, c := range all {
				left[c] = d.held(c)
			}
			for range rapid.IntRange(1, 2).Draw(r, "undone") {
				d.must(d.h.Room.Undo(t.Context(), who.by, b))
			}
			for _, c := range slices.Sorted(maps.Keys(before)) {
				now := d.held(c)
				switch want := before[c].without(); {
				case since[c] && what.Act != "visit" && now != left[c]:
					r.Fatalf("%s: touched since, and undone all the same: %+v, %+v", what.Act, left[c], now)
				case !since[c] && now.without() != want:
					r.Fatalf("%s: was %+v, is %+v", what.Act, want, now.without())
				}
			}
		})
	})
}

// meddle is one deed of somebody else, or one that is refused.
func (d *dispatch) meddle(r *rapid.T, c string) {
	cid := caseIDs([]string{c})[0]
	who := d.heads[rapid.IntRange(0, 1).Draw(r, "head")]
	var err error
	switch rapid.IntRange(0, 4).Draw(r, "deed") {
	case 0:
		err = d.h.Cases.Claim(d.Context(), who.by, cid)
	case 1:
		err = d.h.Cases.Release(d.Context(), d.desk.by, cid, "")
	case 2:
		team, perr := id.Parse[field.Team](d.teams[rapid.IntRange(0, 1).Draw(r, "their team")].String())
		d.must(perr)
		var k cases.TeamID
		d.must(k.UnmarshalText([]byte(team.String())))
		err = d.h.Cases.Assign(d.Context(), d.desk.by, cid, k)
	case 3:
		err = d.h.Cases.Prioritise(d.Context(), d.desk.by, cid, rapid.IntRange(1, 3).Draw(r, "level"), "")
	case 4:
		err = d.h.Cases.Contact(d.Context(), d.desk.by, cid, "no_answer", "")
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		r.Fatal(err)
	}
}

func TestAViewIsKeptFromTheQueueAndOpensIt(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		d.ask(2)
		w := knock(d.door, "GET", "/en/queue?phase=open&level=2", d.desk.token, nil)
		if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, `name="filter" value="level=2&amp;phase=open"`) || !strings.Contains(body, "/en/queue/bulk?level=2") {
			t.Fatalf("%d: the queue has no place for views", w.Code)
		}
		w = knock(d.door, "POST", "/en/queue/views", d.desk.token, url.Values{"name": {"Nobody yet"}, "filter": {"area=99.999&level=2&phase=open"}})
		if w.Code != 303 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		w = knock(d.door, "GET", w.Header().Get("Location"), d.desk.token, nil)
		if to := w.Header().Get("Location"); to != "/en/queue?level=2&phase=open" || !strings.Contains(strings.Join(w.Header().Values("Set-Cookie"), ";"), "room.view.partly_gone") {
			t.Errorf("opened at %s", to)
		}
		if body := knock(d.door, "GET", "/en/queue", d.desk.token, nil).Body.String(); !strings.Contains(body, "Nobody yet") {
			t.Error("it does not stand above the queue")
		}
		if body := knock(d.door, "GET", "/en/queue", d.heads[0].token, nil).Body.String(); strings.Contains(body, "Nobody yet") {
			t.Error("somebody else sees it")
		}
		body := knock(d.door, "GET", "/en/queue/print?phase=open", d.desk.token, nil).Body.String()
		if strings.Count(body, `class="box"`) != 2 || strings.Contains(body, "+2126") {
			t.Error("the list on paper is not the queue, or names somebody")
		}
	})
}

func TestTheHandOverNoteAndTheWeekTellHowTheWorkStands(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.ask(3)
		ids := caseIDs(all)
		d.must(d.h.Cases.Claim(t.Context(), d.heads[0].by, ids[0]))
		tid := id.New[cases.Task](morning)
		d.must(d.h.Cases.AddTask(t.Context(), d.desk.by, cases.TaskAsk{ID: tid, Case: ids[1], Part: "visit", Sector: d.h.Sectors.Codes()[0]}))
		d.must(d.h.Cases.TakeTask(t.Context(), d.heads[1].by, tid))
		d.must(d.h.Cases.BlockTask(t.Context(), d.heads[1].by, tid, "road_cut"))
		d.clock.Advance(7 * time.Hour)
		w := knock(d.door, "POST", "/en/handover", d.desk.token, url.Values{"desk": {homeProvince + "|"}, "hours": {"8"}, "words": {"Rien de plus"}})
		if w.Code != 303 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		page := func(path string) string {
			w := knock(d.door, "GET", path, d.desk.token, nil)
			if w.Code != 200 {
				t.Fatalf("%s: %d", path, w.Code)
			}
			return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(w.Body.String(), " ")), " ")
		}
		note := page(w.Header().Get("Location"))
		for _, want := range []string{"1 request taken on since", "Association Tamga 1", "1 part blocked", "overdue"} {
			if !strings.Contains(note, want) {
				t.Errorf("%q is not in %s", want, note)
			}
		}
		if text := page("/en/week"); !strings.Contains(text, "Asked 3 0") || !strings.Contains(text, "Taken on 1 0") {
			t.Errorf("the week: %s", text)
		}
	})
}

func TestWhoFollowsAPlaceReadsOnlyWhatWasPublished(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		d := dispatching(t, dsn)
		all := d.douars()
		busy, _ := d.h.Places.Commune(all[0])
		quiet, _ := d.h.Places.Commune(all[len(all)-1])
		for i, n := range map[string]int{all[0]: 6, all[len(all)-1]: 3} {
			for range n {
				d.n++
				_, err := d.h.Cases.Ask(t.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "web",
					Answers: forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: i}, "people": int64(3), "phone": forms.Phone(fmt.Sprintf("+2126%08d", 40_000_000+d.n))}})
				d.must(err)
			}
		}
		_, err := d.h.Press.Publish(t.Context())
		d.must(err)
		for code, want := range map[string]string{busy.Code: "6 requests for help", quiet.Code: "None, or fewer than 5"} {
			w := knock(d.door, "GET", "/en/follow/"+code, "", nil)
			page := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(w.Body.String(), " ")), " ")
			if w.Code != 200 || !strings.Contains(page, want) {
				t.Errorf("%d %s", w.Code, page)
			}
		}
		if w := knock(d.door, "GET", "/en/follow/"+all[0], "", nil); w.Header().Get("Location") != "/en/follow/"+busy.Code {
			t.Errorf("a douar is followed by itself: %d", w.Code)
		}
		w := knock(d.door, "GET", "/en/follow/"+busy.Code+"/feed", "", nil)
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/atom+xml") || strings.Count(w.Body.String(), "<entry>") != 1 {
			t.Errorf("the feed: %s", w.Body)
		}
		if w := knock(d.door, "GET", "/en/follow/nowhere", "", nil); w.Code != 404 {
			t.Errorf("a place that is not there: %d", w.Code)
		}
	})
}
