package damage

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// tell has somebody report; whoever they are is in the letters of who: "p1" left
// that phone, "d1" sent from that browser, "" nothing is known.
func (x *house) tell(what, place, who string) Report {
	x.t.Helper()
	r := Report{ID: id.New[Report](x.clock.Now()), What: what, Place: place, Lang: "ar"}
	var p Private
	for _, w := range strings.Fields(who) {
		switch w[0] {
		case 'p':
			p.Phone = "+21266100000" + w[1:]
		case 'd':
			r.Device = []byte(w)
		}
	}
	out, err := x.Tell(x.ctx, actor.Actor{Channel: "web"}, r, p)
	x.must(err)
	return out
}

func (x *house) claim(cid ClaimID) (c Claim) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { c, err = getClaim(t, cid); return err })
	return c
}

func TestAReportIsUnverifiedUntilTwoIndependentSourcesOrAnAuthority(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		first := x.tell("building", ighil, "p1 d1")
		for i, who := range []string{"p1 d1", "p1 d2", "p2 d1", "p2", ""} { // each shares a phone or a browser with one before, or says nothing
			if r := x.tell("building", ighil, who); r.Claim != first.Claim {
				t.Fatalf("%q began another claim", who)
			}
			if c := x.claim(first.Claim); c.State != Unverified || c.Sources != 1 || c.Reports != i+2 {
				t.Fatalf("after %q: %+v", who, c)
			}
		}
		x.tell("building", ighil, "p3")
		if c := x.claim(first.Claim); c.State != Told || c.Sources != 2 {
			t.Fatalf("two phones: %+v", c)
		}
		x.must(x.SayWord(x.ctx, x.somebody(actor.Dispatcher, x.org(true)), first.Claim, true, "seen"))
		if c := x.claim(first.Claim); c.State != Confirmed {
			t.Fatalf("an authority said so: %+v", c)
		}
		other := x.tell("road", ighil, "p1")
		if other.Claim == first.Claim {
			t.Fatal("a road and a building are one claim")
		}
		x.must(x.SayWord(x.ctx, x.cell, other.Claim, false, "over"))
		if c := x.claim(other.Claim); c.State != Refuted {
			t.Fatalf("the crisis cell says it is not so: %+v", c)
		}
	})
}

func TestAnOrganisationIsOneSourceHoweverManyOfItSpeak(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	r, ours := x.tell("bridge", ighil, ""), x.org(false)
	for range 3 {
		x.must(x.SayWord(x.ctx, x.somebody(actor.Coordinator, ours), r.Claim, true, "seen"))
	}
	x.must(x.SayWord(x.ctx, x.somebody(actor.Leader, ours), r.Claim, true, "called"))
	if c := x.claim(r.Claim); c.State != Unverified || c.Sources != 1 {
		t.Fatalf("one organisation made it %+v", c)
	}
	x.must(x.SayWord(x.ctx, x.somebody(actor.Coordinator, x.org(false)), r.Claim, true, "seen"))
	if c := x.claim(r.Claim); c.State != Told {
		t.Fatalf("a second organisation: %+v", c)
	}
	x.clock.Advance(time.Minute)
	x.must(x.SayWord(x.ctx, x.somebody(actor.Coordinator, ours), r.Claim, false, "seen_otherwise"))
	if c := x.claim(r.Claim); c.State != Disputed {
		t.Fatalf("one of them says otherwise now: %+v", c)
	}
	x.refused(x.SayWord(x.ctx, x.cell, r.Claim, true, "abuse"), "damage.claim.reason_missing")
}

// No story in which everybody shares a phone, a browser or an organisation with
// everybody makes a rumour look verified.
func TestOneSourceAloneNeverVerifies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"phone", "device", "org", "chain", "nothing"}).Draw(t, "kind")
		org := id.New[actor.Organisation](morning)
		var reports []Report
		var words []Word
		for i := range rapid.IntRange(1, 30).Draw(t, "n") {
			var r Report
			free := fmt.Sprintf("x%d", i)
			switch kind {
			case "phone":
				r.Phone, r.Device = []byte("one"), []byte(free)
			case "device":
				r.Device, r.Phone = []byte("one"), []byte(free)
			case "org":
				r.Org, r.Phone = org, []byte(free)
				if rapid.Bool().Draw(t, "word") {
					words = append(words, Word{Confirms: true, Org: org, Account: id.New[actor.Account](morning)})
				}
			case "chain": // each shares something with the one before
				r.Phone, r.Device = fmt.Appendf(nil, "p%d", i/2), fmt.Appendf(nil, "d%d", (i+1)/2)
			}
			if rapid.IntRange(0, 5).Draw(t, "aside") == 0 && kind != "chain" {
				r.SetAside = "abuse"
			}
			reports = append(reports, r)
			if state, n, _ := settle(reports, words); state == Told || state == Confirmed || n > 1 {
				t.Fatalf("%s: %d reports are %s by %d sources", kind, len(reports), state, n)
			}
		}
	})
}

func TestTheOrderOfReportsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var reports []Report
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			r := Report{}
			if rapid.Bool().Draw(t, "phone") {
				r.Phone = fmt.Appendf(nil, "%d", rapid.IntRange(0, 4).Draw(t, "p"))
			}
			if rapid.Bool().Draw(t, "device") {
				r.Device = fmt.Appendf(nil, "%d", rapid.IntRange(0, 4).Draw(t, "d"))
			}
			reports = append(reports, r)
		}
		first := sources(reports, nil)
		if second := sources(rapid.Permutation(reports).Draw(t, "order"), nil); first != second {
			t.Fatalf("%d sources became %d", first, second)
		}
	})
}

func TestAReportSentTwiceOrAtOnceIsOneReport(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		r := Report{ID: id.New[Report](x.clock.Now()), What: "road", Place: ighil, Lang: "fr"}
		var wait sync.WaitGroup
		got := make([]Report, 8)
		for i := range got {
			wait.Add(1)
			go func() {
				defer wait.Done()
				var err error
				if got[i], err = x.Tell(x.ctx, actor.Actor{Channel: "web"}, r, Private{Words: "coupée"}); err != nil {
					t.Error(err)
				}
			}()
		}
		wait.Wait()
		for _, g := range got {
			if g.Receipt != got[0].Receipt || g.Claim != got[0].Claim {
				t.Fatalf("%v and %v", g.Receipt, got[0].Receipt)
			}
		}
		if c := x.claim(got[0].Claim); c.Reports != 1 {
			t.Fatalf("%+v", c)
		}
		_, err := x.Tell(x.ctx, actor.Actor{Channel: "web"}, r, Private{Words: "autre chose"})
		x.refused(err, "damage.report.id_taken")
	})
}

func TestReportsOfPointsFarApartAreTwoThings(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	p, _ := x.places.Get(ighil)
	at := func(north float64, who string) Report {
		out, err := x.Tell(x.ctx, actor.Actor{Channel: "web"}, Report{ID: id.New[Report](x.clock.Now()), What: "road", Place: ighil, Device: []byte(who), Lang: "fr", HasPoint: true, At: geo.Point{Lat: p.At.Lat + north, Lon: p.At.Lon}}, Private{})
		x.must(err)
		return out
	}
	a, b, c := at(0, "d1"), at(0.05, "d2"), at(0.01, "d3")
	if a.Claim == b.Claim || a.Claim != c.Claim {
		t.Fatalf("%v %v %v", a.Claim, b.Claim, c.Claim)
	}
	if x.claim(b.Claim).State != Unverified || x.claim(a.Claim).State != Told {
		t.Fatal("two roads five kilometres apart vouch for each other")
	}
	x.clock.Advance(8 * 24 * time.Hour)
	if d := at(0, "d4"); d.Claim == a.Claim {
		t.Fatal("what is told a week later is told of something else")
	}
}

func TestAReportWithoutAPlaceWaitsForSomebodyAndThenJoinsTheOthers(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	first := x.tell("school", ighil, "p1")
	lost, err := x.Tell(x.ctx, actor.Actor{Channel: "web"}, Report{ID: id.New[Report](x.clock.Now()), What: "school", Lang: "ar", Device: []byte("d9")}, Private{Where: "عند الشجرة الكبيرة"})
	x.must(err)
	if c := x.claim(lost.Claim); c.Place != "" || c.State != Unverified {
		t.Fatalf("%+v", c)
	}
	x.refused(x.Locate(x.ctx, x.cell, lost.Claim, "nowhere"), "damage.claim.place_unknown")
	x.must(x.Locate(x.ctx, x.cell, lost.Claim, ighil))
	if c := x.claim(first.Claim); c.State != Told || c.Reports != 2 {
		t.Fatalf("what it joined is %+v", c)
	}
	if c := x.claim(lost.Claim); c.State != Aside || c.Reports != 0 {
		t.Fatalf("what it left is %+v", c)
	}
	_, err = x.Tell(x.ctx, actor.Actor{Channel: "web"}, Report{ID: id.New[Report](x.clock.Now()), Lang: "ar"}, Private{Words: strings.Repeat("x", mostWords+1)})
	x.refused(err, "damage.report.what_missing", "damage.report.where_missing", "damage.report.words_long")
}

func TestAbuseIsSetAsideWithAReasonAndCanBeBroughtBack(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	a, b := x.tell("water", ighil, "p1"), x.tell("water", ighil, "p2")
	x.refused(x.SetAside(x.ctx, x.somebody(actor.Coordinator, x.org(false)), a.Claim, b.ID, "abuse"), "error.denied")
	x.refused(x.SetAside(x.ctx, x.cell, a.Claim, b.ID, "dull"), "damage.claim.reason_missing")
	x.must(x.SetAside(x.ctx, x.cell, a.Claim, b.ID, "abuse"))
	if c := x.claim(a.Claim); c.State != Unverified || c.Reports != 1 {
		t.Fatalf("%+v", c)
	}
	x.must(x.SetAside(x.ctx, x.cell, a.Claim, a.ID, "nonsense"))
	if c := x.claim(a.Claim); c.State != Aside {
		t.Fatalf("%+v", c)
	}
	x.must(x.SetAside(x.ctx, x.cell, a.Claim, a.ID, ""))
	x.must(x.SetAside(x.ctx, x.cell, a.Claim, b.ID, ""))
	if c := x.claim(a.Claim); c.State != Told || x.lines(DeedBack) != 2 {
		t.Fatalf("%+v", c)
	}
}

func TestWhatNamesWhoToldIsSealedReadWithALineAndForgotten(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		out, err := x.Tell(x.ctx, actor.Actor{Channel: "web"}, Report{ID: id.New[Report](x.clock.Now()), What: "crack", Place: ighil, Lang: "ar"}, Private{Phone: "+212661000001", Words: "دار عائشة"})
		x.must(err)
		x.read(func(t *db.Tx) error {
			all, err := db.List(t, db.Text, `SELECT CAST(told AS TEXT) FROM deed_record`)
			for _, line := range all {
				if strings.Contains(line, "661000001") || strings.Contains(line, "عائشة") {
					return fmt.Errorf("the journal tells %s", line)
				}
			}
			return err
		})
		_, err = x.Reveal(x.ctx, x.somebody(actor.Auditor, actor.OrganisationID{}), out.Claim, out.ID)
		x.refused(err, "error.denied")
		p, err := x.Reveal(x.ctx, x.cell, out.Claim, out.ID)
		if x.must(err); p.Phone != "+212661000001" || p.Words != "دار عائشة" || x.lines(DeedReveal) != 1 {
			t.Fatalf("%+v, %d lines", p, x.lines(DeedReveal))
		}
		x.clock.Advance(181 * 24 * time.Hour)
		x.must(x.forgetReports(x.ctx))
		x.must(x.forgetReports(x.ctx))
		if _, err = x.Reveal(x.ctx, x.cell, out.Claim, out.ID); fault.KindOf(err) != fault.Missing || x.lines(DeedForget) != 1 {
			t.Fatalf("%v, %d lines", err, x.lines(DeedForget))
		}
		if c := x.claim(out.Claim); c.State != Unverified || c.Sources != 1 {
			t.Fatalf("forgetting who told changed how it stands: %+v", c)
		}
	})
}
