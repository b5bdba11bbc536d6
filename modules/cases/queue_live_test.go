package cases

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/live"
	"github.com/twiza/twiza/shared/service"
)

// heardEvent is one event of a line that stays open.
type heardEvent struct{ name, id, data string }

// openLine is a page that follows the queue.
type openLine struct {
	t      *testing.T
	events chan heardEvent
	stop   context.CancelFunc
}

// liveWorld follows the journal as a served house does.
func (w *taskWorld) follow() *live.Hub {
	w.t.Helper()
	hub := live.New(w.h)
	w.UseLive(hub)
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { hub.Run(ctx); close(over) }()
	w.t.Cleanup(func() { stop(); <-over })
	return hub
}

func (d *frontDesk) line(by actor.Actor, path, last string) *openLine {
	t := d.w.t
	t.Helper()
	d.by.Store(&by)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	q, err := http.NewRequestWithContext(ctx, "GET", d.srv.URL+path, nil)
	d.w.must(err)
	q.Header.Set("Accept-Encoding", "gzip")
	if last != "" {
		q.Header.Set("Last-Event-ID", last)
	}
	r, err := http.DefaultClient.Do(q)
	d.w.must(err)
	if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/event-stream") || r.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%s answers %d, %v", path, r.StatusCode, r.Header)
	}
	l := &openLine{t, make(chan heardEvent, 1000), stop}
	go func() {
		defer r.Body.Close()
		defer close(l.events)
		var e heardEvent
		for s := bufio.NewScanner(r.Body); s.Scan(); {
			name, value, _ := strings.Cut(s.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					l.events <- e
				}
				e = heardEvent{id: e.id}
			}
		}
	}()
	return l
}

// next is the next event of a name; nil where the line ended.
func (l *openLine) next(name string) *heardEvent {
	l.t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case e, open := <-l.events:
			if !open {
				return nil
			}
			if e.name == name {
				return &e
			}
		case <-late:
			l.t.Fatalf("nothing of %q was told", name)
		}
	}
}

// until is what was told of a case, with everything that was told before it.
func (l *openLine) until(c CaseID) (found liveCase, all []liveCase) {
	l.t.Helper()
	for {
		e := l.next("cases")
		if e == nil {
			l.t.Fatal("the line ended")
		}
		var got liveCases
		if err := json.Unmarshal([]byte(e.data), &got); err != nil {
			l.t.Fatal(err)
		}
		all = append(all, got.Cases...)
		for _, x := range got.Cases {
			if x.ID == c.String() {
				return x, all
			}
		}
	}
}

func (w *world) head() (n int64) {
	w.t.Helper()
	if err := w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { n, err = deed.Head(t); return err }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestAnOpenQueueLearnsWhatIsDoneInItsPartAndOfNothingElse(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		w.follow()
		here, there := w.desk(), w.desk()
		inside, outside := here.line(w.staff(actor.Dispatcher, tidili), "/en/queue/live?phase=open", ""), there.line(w.staff(actor.Dispatcher, "01.051"), "/en/queue/live?phase=open", "")
		inside.next("now")
		outside.next("now")
		out := w.ask(nil)
		got, _ := inside.until(out.ID)
		if !got.In || got.V == 0 || got.Say == "" {
			t.Errorf("a new request is told as %+v", got)
		}
		by := w.helper(tidili, "warm")
		w.must(w.Claim(t.Context(), by, out.ID))
		for got.In { // a reading may still be of before
			got, _ = inside.until(out.ID)
		}
		if !strings.HasPrefix(got.Say, "Taken by ") {
			t.Errorf("who took it is told as %q", got.Say)
		}
		else_ := w.ask(forms.Answers{"where": forms.Place{Code: w.communeOf("01.051")}})
		if got, all := outside.until(else_.ID); len(all) != 1 || !got.In {
			t.Errorf("the other territory was told %+v", all)
		}
	})
}

func TestARestrictedConcernIsNeverToldToAnOpenQueue(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		w.follow()
		l := w.desk().line(w.staff(actor.CrisisCell, ""), "/en/queue/live?phase=open", "")
		l.next("now")
		w.must(w.h.Do(t.Context(), actor.Actor{System: "test"}, DeedConcernOpen, func(x *deed.Tx) error {
			return errors.Join(x.AllowAny(), x.Tell(ConcernSubject+id.New[Concern](x.Now()).String(), struct{}{}))
		}))
		out := w.ask(nil)
		if _, all := l.until(out.ID); len(all) != 1 {
			t.Errorf("told %+v", all)
		}
	})
}

func TestALineThatWasCutGoesOnWhereItWas(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		w.follow()
		d, by := w.desk(), w.staff(actor.Dispatcher, "")
		first := d.line(by, "/en/queue/live?phase=open", "")
		first.next("now")
		seen := w.ask(nil)
		first.until(seen.ID)
		first.stop()
		number := strconv.FormatInt(w.head(), 10)
		missed := w.other(1, nil)
		for name, l := range map[string]*openLine{"the browser": d.line(by, "/en/queue/live?phase=open", number), "the page": d.line(by, "/en/queue/live?phase=open&since="+number, "")} {
			if got, _ := l.until(missed.ID); !got.In {
				t.Errorf("%s: what was missed is told as %+v", name, got)
			}
			if e := l.next("now"); e == nil || e.id == "" {
				t.Errorf("%s: the line does not say how far it is", name)
			}
		}
	})
}

func TestALineEndsWithTheSessionAndWithTheRights(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		hub := w.follow()
		for name, after := range map[string]actor.Actor{"signed out": {}, "another territory": {}, "no role any more": {}} {
			d, by := w.desk(), w.staff(actor.Dispatcher, "")
			l := d.line(by, "/en/queue/live?phase=open", "")
			l.next("now")
			switch name {
			case "another territory":
				after = by
				after.Grants = []actor.Grant{{Role: actor.Dispatcher, Territory: "01.051"}}
			case "no role any more":
				after = by
				after.Grants = nil
			}
			d.by.Store(&after)
			w.must(w.h.Do(t.Context(), actor.Actor{System: "test"}, deed.Deed{Name: "people.session.close"}, func(x *deed.Tx) error {
				return errors.Join(x.AllowAny(), x.Tell("people.account/1", struct{}{}))
			}))
			if e := l.next("cases"); e != nil {
				t.Errorf("%s: the line goes on with %+v", name, e)
			}
		}
		for tries := 0; hub.Listeners() > 0; tries++ {
			if tries > 1000 {
				t.Fatalf("%d still listen", hub.Listeners())
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

func TestNobodyOpensMoreLinesThanTheyHaveWindows(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		w.follow()
		d, by := w.desk(), w.staff(actor.Dispatcher, "")
		for range watchMost {
			d.line(by, "/en/queue/live", "").next("now")
		}
		if status, _ := d.get(by, "/en/queue/live"); status != 429 {
			t.Errorf("one more answers %d", status)
		}
		if status, _ := d.get(actor.Actor{}, "/en/queue/live"); status == 200 {
			t.Error("a passer-by may listen")
		}
	})
}

func TestWhoeverComesSecondIsToldWhoWasFirst(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, _ := w.owned()
		status, page := d.post(w.helper(tidili, "warm"), "/en/cases/"+out.ID.String()+"/claim")
		if status != 409 || !strings.Contains(page, "Somebody was quicker") || !strings.Contains(page, "/en/cases/"+out.ID.String()) || !strings.Contains(page, "Open it anyway") {
			t.Errorf("%d %s", status, saidOn(page))
		}
	})
}

func TestFiltersOfTheQueueStayInItsAddressAndFindWhatTheySay(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, by := w.desk(), w.staff(actor.Dispatcher, "")
		out := w.ask(nil)
		k := w.get(out.ID)
		number := saidOn(groups(k.Receipt.String()))
		has := func(address string) bool {
			_, page := d.get(by, address)
			return strings.Contains(page, `data-id="`+out.ID.String()+`"`)
		}
		for address, want := range map[string]bool{
			"/en/queue?phase=open&need=" + k.Needs[0]: true, "/en/queue?phase=open&need=unheard": true, "/en/queue?phase=open&unplaced=1": false,
			"/en/queue?phase=open&channel=" + k.Channel: true, "/en/queue?phase=open&channel=telegram": false,
		} {
			if has(address) != want {
				t.Errorf("%s shows %s: %t", address, number, !want)
			}
		}
		_, page := d.get(by, "/en/queue?phase=open&channel="+k.Channel+"&need="+k.Needs[0])
		if link := "channel=" + k.Channel + "&amp;need=" + k.Needs[0]; !strings.Contains(page, "case="+out.ID.String()+"&amp;"+link) {
			t.Error("a line of the list loses the filter")
		}
	})
}

// Whether the parts of a reach are asked for one by one or all at once is the same.
func TestARegionIsListedAlongItsProvinces(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		for n := range 6 {
			w.other(n, nil)
			w.ask(forms.Answers{"where": forms.Place{Code: w.communeOf("07.161")}})
		}
		for _, r := range []Reach{nil, {{Territory: "07"}}, {{Territory: tidili}}, {{Territory: tidili}, {Territory: "07"}}, {{Territory: "07.161"}, {Territory: tidili}}, {}} {
			all, along := w.queue0(Queue{Phase: service.Open, Reach: r, Limit: 100}), w.queue0(Queue{Phase: service.Open, Reach: w.sharp(r), Limit: 100})
			if len(all) != len(along) {
				t.Fatalf("%v: %d and %d", r, len(all), len(along))
			}
			for i := range all {
				if all[i].ID != along[i].ID {
					t.Errorf("%v: another order at %d", r, i)
				}
			}
			var n map[service.Phase]int
			w.must(w.h.DB.Read(t.Context(), func(x *db.Tx) (err error) {
				n, err = countPhases(x, w.sharp(r), actor.OrganisationID{}, false)
				return err
			}))
			if n[service.Open] != len(all) {
				t.Errorf("%v: %d counted of %d", r, n[service.Open], len(all))
			}
		}
	})
}
