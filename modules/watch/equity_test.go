package watch

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

var rules = EquityRules{Slower: 20, Least: 5}

// lately is a request that came an hour ago from a place, by a way.
func lately(now time.Time, channel string) Wait {
	return Wait{Channel: channel, Spoken: "shi", Province: "A1", Commune: "A1.1", Asked: now.Add(-20 * 24 * time.Hour)}
}

// after is a request that got an owner after so long.
func after(now time.Time, channel string, owned time.Duration) Wait {
	w := lately(now, channel)
	w.Owned = w.Asked.Add(owned)
	w.Helped = w.Owned.Add(time.Hour)
	return w
}

func find(t *testing.T, e equity, by, code string) group {
	t.Helper()
	for _, g := range e.Groups {
		if g.By == by && g.Code == code && !g.Other {
			return g
		}
	}
	t.Fatalf("no group %s %q in %+v", by, code, e.Groups)
	return group{}
}

// hundred holds the median of all at a hundred minutes, whatever a few others do.
func hundred(c *counting) {
	for range 100 {
		c.add(after(c.now, "web", 100*time.Minute))
	}
}

var moment = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func TestTwentyPerCentSlowerIsAnAlertAndNineteenIsNone(t *testing.T) {
	t.Parallel()
	for percent, alert := range map[int]bool{19: false, 20: true, 21: true} {
		c := newCounting(moment)
		hundred(c)
		for range 9 {
			c.add(after(moment, "sms", time.Duration(100+percent)*time.Minute))
		}
		e := c.report(rules)
		g := find(t, e, byChannel, "sms")
		if g.Of[0].Median != time.Duration(100+percent)*time.Minute || g.Of[0].Slower != percent || g.Of[0].Alert != alert || e.All.Of[0].Median != 100*time.Minute {
			t.Errorf("%d %% slower: %+v beside %+v", percent, g, e.All)
		}
		if alert && e.Groups[0].Code != "sms" {
			t.Error("the alert does not stand first")
		}
	}
	c := newCounting(moment)
	hundred(c)
	for range 9 {
		c.add(after(moment, "sms", 120*time.Minute-time.Microsecond))
	}
	if g := find(t, c.report(rules), byChannel, "sms"); g.Of[0].Alert || g.Of[0].Slower != 19 {
		t.Error("a moment less than 20 % is an alert, or is shown as 20 %")
	}
}

func TestWhoeverStillWaitsCountsForAsLongAsTheyHaveWaited(t *testing.T) {
	t.Parallel()
	c := newCounting(moment)
	hundred(c)
	for range 3 {
		c.add(after(moment, "sms", 90*time.Minute))
	}
	for range 5 { // twenty days, and nobody came
		c.add(lately(moment, "sms"))
	}
	e := c.report(rules)
	g := find(t, e, byChannel, "sms")
	if !g.Of[0].AtLeast || g.Of[0].Median != 20*24*time.Hour || g.Of[0].Waiting != 5 || !g.Of[0].Alert {
		t.Errorf("five of eight wait: %+v", g.Of[0])
	}
	if e.All.Of[0].AtLeast || e.All.Of[0].Waiting != 5 {
		t.Errorf("all: %+v", e.All.Of[0])
	}
}

func TestWhoeverAskedJustNowMakesNoGroupLookFast(t *testing.T) {
	t.Parallel()
	c := newCounting(moment)
	for i := range 10 {
		c.add(after(moment, "sms", time.Duration(i+1)*time.Hour))
	}
	for range 1000 { // the last minute
		w := lately(moment, "sms")
		w.Asked = moment.Add(-time.Minute)
		c.add(w)
	}
	if d := c.report(rules).All.Of[0]; d.Median != 5*time.Hour || d.AtLeast || d.Waiting != 1000 {
		t.Errorf("%+v", d)
	}
}

func TestARequestThatWasClosedWithoutHelpWaitedUntilThen(t *testing.T) {
	t.Parallel()
	c := newCounting(moment)
	for range 5 {
		w := lately(moment, "web")
		w.Ended = w.Asked.Add(3 * time.Hour)
		c.add(w)
	}
	if d := c.report(rules).All.Of[1]; d.Median != 3*time.Hour || !d.AtLeast {
		t.Errorf("%+v", d)
	}
}

// plainMedian is the same by the definition, one moment after the other.
func plainMedian(waited []time.Duration, there []bool) (time.Duration, bool) {
	moments := slices.Sorted(slices.Values(waited))
	share := 1.0
	for _, at := range slices.Compact(slices.Clone(moments)) {
		risk, came := 0, 0
		for i, w := range waited {
			if w >= at {
				risk++
			}
			if w == at && there[i] {
				came++
			}
		}
		share *= 1 - float64(came)/float64(risk)
		if came > 0 && share <= 0.5+1e-9 {
			return at, true
		}
	}
	return moments[len(moments)-1], false
}

func TestTheMedianIsThatOfKaplanAndMeier(t *testing.T) {
	t.Parallel()
	// Freireich and others (Blood 21, 1963), weeks of remission under
	// 6-mercaptopurine; the median is 23 weeks. + is left when last seen.
	weeks := []time.Duration{6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}
	c := newCurve(len(weeks))
	type one struct {
		at    time.Duration
		there bool
	}
	var all []one
	for i, w := range weeks {
		all = append(all, one{w, i < 9})
	}
	slices.SortStableFunc(all, func(a, b one) int { return int(a.at - b.at) }) // arrivals stand before those left at the same time
	for _, x := range all {
		c.step(x.at, x.there)
	}
	if d := c.delay(); d.Median != 23 || d.AtLeast || d.Waiting != 12 {
		t.Errorf("the median of the known table is %+v", d)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		k := newCounting(moment)
		var waited []time.Duration
		var there []bool
		for range 1 + r.IntN(30) {
			d, ok := time.Duration(1+r.IntN(12))*time.Hour, r.IntN(3) > 0
			w := lately(moment, "web")
			if ok {
				w.Owned = w.Asked.Add(d)
			} else {
				w.Ended = w.Asked.Add(d)
			}
			k.add(w)
			waited, there = append(waited, d), append(there, ok)
		}
		want, found := plainMedian(waited, there)
		if d := k.report(rules).All.Of[0]; d.Median != want || d.AtLeast == found {
			t.Fatalf("%v %v: %+v and not %v %v", waited, there, d, want, found)
		}
	}
}

func TestGroupsTooSmallToHideInAreCountedTogether(t *testing.T) {
	t.Parallel()
	c := newCounting(moment)
	hundred(c)
	for i := range 3 {
		for range 4 {
			w := after(moment, "web", 300*time.Minute)
			w.Commune = fmt.Sprint("small", i)
			c.add(w)
		}
	}
	for range 2 {
		w := after(moment, "voice", 300*time.Minute)
		w.Spoken = "rif"
		c.add(w)
	}
	e := c.report(rules)
	for _, g := range e.Groups {
		switch {
		case strings.HasPrefix(g.Code, "small"), g.Code == "rif", g.Code == "voice":
			t.Errorf("%+v is shown by itself", g)
		case g.Other && g.By == byCommune && (g.Few || g.Cases != 12 || g.Of[0].Median != 300*time.Minute || !g.Of[0].Alert):
			t.Errorf("the small communes together: %+v", g)
		case g.Other && g.By != byCommune && (!g.Few || g.Of != [len(measures)]delay{}):
			t.Errorf("two people: %+v", g)
		}
	}
	if len(e.Groups) != 7 {
		t.Errorf("%d groups: %+v", len(e.Groups), e.Groups)
	}
}

func TestWhereHalfOfAllStillWaitNobodyIsCalledSlower(t *testing.T) {
	t.Parallel()
	c := newCounting(moment)
	for range 20 {
		c.add(lately(moment, "web"))
	}
	for i := range 6 {
		c.add(after(moment, "sms", time.Duration(i)*time.Hour))
	}
	for _, g := range c.report(rules).Groups {
		if g.alarmed() || g.Of[0].Slower != 0 {
			t.Errorf("%+v", g)
		}
	}
}

// waiting is a house whose report reads what a test says.
func (x *house) waiting(all *[]Wait) {
	x.Equity = rules
	x.Waits = func(_ *db.Tx, since time.Time, most int, each func(Wait)) (bool, error) {
		n := 0
		for _, w := range *all {
			if !w.Asked.Before(since) {
				each(w)
				n++
			}
		}
		return n <= most, nil
	}
}

// slow is a hundred requests from the web and nine by text message, slower.
func slow(now time.Time, percent int) (all []Wait) {
	for range 100 {
		all = append(all, after(now, "web", 100*time.Minute))
	}
	for range 9 {
		all = append(all, after(now, "sms", time.Duration(100+percent)*time.Minute))
	}
	return all
}

// alerts are the lines that the house left.
func (x *house) alerts() (all []deed.Record) {
	x.t.Helper()
	x.must(x.h.DB.Read(x.t.Context(), func(t *db.Tx) (err error) {
		all, err = deed.Lines(t, 0, equityAlert.Name, 100)
		return err
	}))
	return all
}

var tag = regexp.MustCompile(`<[^>]*>`)

// bare is a page without its tags.
func bare(page string) string {
	return strings.ReplaceAll(tag.ReplaceAllString(page, ""), "\u00a0", " ")
}

func TestAnAlertIsToldOnceAWeekForEachGroupAndMeasure(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn) // 21 November 2026 is a Saturday
		var all []Wait
		x.waiting(&all)
		all = slow(x.clock.Now(), 19)
		x.must(x.RaiseEquity(t.Context()))
		if n := len(x.alerts()); n != 0 {
			t.Fatalf("%d alerts for 19 %%", n)
		}
		all = slow(x.clock.Now(), 21)
		for range 2 {
			x.must(x.RaiseEquity(t.Context()))
			x.clock.Advance(24 * time.Hour)
		}
		lines := x.alerts()
		if len(lines) != 1 || lines[0].Subject != "watch.equity/channel.sms.owner" || lines[0].Role != "system:equity" {
			t.Fatalf("%d alerts: %+v", len(lines), lines)
		}
		var told alertTold
		x.must(json.Unmarshal(lines[0].Told, &told))
		if want := (alertTold{By: "channel", Group: "sms", Measure: "owner", Cases: 9, Seconds: 7260, All: 6000, Percent: 21, Days: 30, Week: "2026-W47"}); told != want {
			t.Errorf("%+v", told)
		}
		x.must(x.RaiseEquity(t.Context())) // Monday
		if n := len(x.alerts()); n != 2 {
			t.Errorf("%d alerts in two weeks", n)
		}
		by := as(actor.CrisisCell, "")
		srv := x.edge(&by)
		if _, body := x.answer(http.Get(srv.URL + "/en/journal?deed=watch.equity.alert")); !strings.Contains(bare(body), "21 % longer than all") || !strings.Contains(bare(body), "Half of the group: 2 hours 1 minute") {
			t.Errorf("the journal does not tell it in words: %s", body)
		}
	})
}

func TestWhoReadsEquityAndWhatTheySee(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		all := slow(x.clock.Now(), 50)
		x.waiting(&all)
		x.must(x.RaiseEquity(t.Context()))
		for _, role := range actor.Roles {
			by := as(role, "A1")
			srv := x.edge(&by)
			reads := role == actor.CrisisCell || role == actor.Dispatcher || role == actor.Auditor
			for _, path := range []string{"/fr/equity", "/fr/equity/file", "/api/v1/equity"} {
				status, _ := x.answer(http.Get(srv.URL + path))
				if want := map[bool]int{true: 200, false: 403}[reads]; status != want {
					t.Errorf("%s at %s: %d", role, path, status)
				}
			}
		}
		by := as(actor.Dispatcher, "A1")
		srv := x.edge(&by)
		_, body := x.answer(http.Get(srv.URL + "/en/equity"))
		_, body, _ = strings.Cut(body, `id="alerts"`)
		first, rest, _ := strings.Cut(body, "<details")
		for _, want := range []string{"sms", "It takes 50 % longer until somebody", "all: 1 hour 40 minutes", "9 requests", "told in the journal"} {
			if !strings.Contains(bare(first), want) {
				t.Errorf("the alert does not say %q first: %s", want, bare(first))
			}
		}
		if !strings.Contains(first, "<svg") {
			t.Error("the alert is known by its colour alone")
		}
		if !strings.Contains(rest, "Kaplan") || !strings.Contains(rest, "By commune") {
			t.Error("it does not say how it was counted, or of whom")
		}
		if _, body := x.answer(http.Get(srv.URL + "/en/equity?days=7")); !strings.Contains(body, "Nobody asked in these days") {
			t.Error("nobody asked in the last week, and the page does not say so")
		}
	})
}

func TestTheFileAndTheAPISayTheSameAsThePage(t *testing.T) {
	x := open(t, model.SQLite(t))
	all := slow(x.clock.Now(), 50)
	all = append(all, after(x.clock.Now(), "=cmd()", time.Hour), after(x.clock.Now(), "voice", time.Hour))
	for range 6 {
		w := after(x.clock.Now(), "web", time.Hour)
		w.Commune = "=1+1"
		all = append(all, w)
	}
	x.waiting(&all)
	by := as(actor.Auditor, "")
	srv := x.edge(&by)
	_, body := x.answer(http.Get(srv.URL + "/fr/equity/file?days=90"))
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !slices.Equal(rows[0], equityColumns) {
		t.Fatalf("%v: %v", err, rows)
	}
	found := map[string][]string{}
	for _, r := range rows[1:] {
		found[r[1]+"|"+r[2]+"|"+r[4]] = r[5:]
	}
	for key, want := range map[string]string{"||owner": "117,0,6000,false,0,false", "channel|sms|owner": "9,0,9000,false,50,true", "channel||help": ",,,,,", "commune|'=1+1|owner": "6,0,3600,false,0,false"} {
		if got := strings.Join(found[key], ","); got != want {
			t.Errorf("%s is %q and not %q", key, got, want)
		}
	}
	_, body = x.answer(http.Get(srv.URL + "/api/v1/equity?days=90"))
	var out EquityOut
	x.must(json.Unmarshal([]byte(body), &out))
	if out.Days != 90 || out.Cases != 117 || out.Owner.Seconds != 6000 || out.Least != 5 || len(out.Groups) != 7 || !out.Groups[0].Owner.Alert || out.Groups[0].Code != "sms" {
		t.Errorf("%s", body)
	}
	for _, g := range out.Groups {
		if g.Other && (g.Cases != 0 || g.Owner != nil) {
			t.Errorf("two people are told of: %+v", g)
		}
	}
}

func TestAReportIsGoodForFiveMinutesAndNeverGoesOverItsBound(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.Equity = rules
	counted := 0
	x.Waits = func(_ *db.Tx, _ time.Time, _ int, each func(Wait)) (bool, error) {
		counted++
		each(after(x.clock.Now(), "web", time.Hour))
		return counted < 3, nil
	}
	by := as(actor.Auditor, "")
	for range 5 {
		if _, err := x.equity(t.Context(), by, 30); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.equity(t.Context(), by, 7); err != nil || counted != 2 {
		t.Errorf("counted %d times for two spans, %v", counted, err)
	}
	x.clock.Advance(equityFor)
	if _, err := x.equity(t.Context(), by, 30); fault.KindOf(err) != fault.Limited {
		t.Errorf("too many: %v", err)
	}
	if _, err := x.equity(t.Context(), as(actor.Agent, ""), 30); fault.KindOf(err) != fault.Denied {
		t.Errorf("an agent: %v", err)
	}
}

func TestThreeHundredThousandRequestsAreComparedInASecond(t *testing.T) {
	testkit.Long(t, "it takes a second of processor")
	c := newCounting(moment)
	r := rand.New(rand.NewPCG(3, 4))
	for range 300_000 {
		w := after(moment, []string{"web", "sms", "voice", "phone"}[r.IntN(4)], time.Duration(r.IntN(48*3600))*time.Second)
		w.Commune = fmt.Sprint(r.IntN(1500))
		w.Province = fmt.Sprint(r.IntN(75))
		if r.IntN(3) == 0 {
			w.Owned, w.Helped = time.Time{}, time.Time{}
		}
		c.add(w)
	}
	begin := time.Now()
	if e := c.report(rules); e.All.Cases != 300_000 {
		t.Fatal(e.All)
	}
	if took := time.Since(begin); took > 5*time.Second { // far above what it needs, for a machine that is busy
		t.Errorf("it took %v", took)
	} else {
		t.Log(took)
	}
}
