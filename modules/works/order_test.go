package works

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/module"
)

// planned is an order at Montvert that is ready to begin.
func (x *house) planned(at ...geo.Point) OrderID {
	x.t.Helper()
	o := Order{ID: id.New[Order](x.clock.Now()), Org: x.ours, Place: "A1-03", Volume: 120, Dangers: []string{"gas"}, Lang: "fr"}
	if len(at) > 0 {
		o.At, o.HasPoint = at[0], true
	}
	x.must(x.Plan(x.ctx, x.somebody(actor.Coordinator), o, "+299123456"))
	x.must(x.AddPhoto(x.ctx, x.somebody(actor.Leader), o.ID, Before, picture(10)))
	return o.ID
}

func (x *house) state(oid OrderID) *Order {
	x.t.Helper()
	o, err := x.Order(x.ctx, oid)
	x.must(err)
	return o
}

func (x *house) told(oid OrderID) (lines []string) {
	x.read(func(t *db.Tx) (err error) {
		lines, err = db.List(t, db.Text, `SELECT deed || ' ' || role || ' ' || told FROM deed_record WHERE subject = ?1 ORDER BY seq`, subject(oid))
		return err
	})
	return lines
}

var (
	site   = geo.Point{Lat: -39.97, Lon: 85.42}
	beside = geo.Point{Lat: -39.9712, Lon: 85.42} // 133 m
	far    = geo.Point{Lat: -39.98, Lon: 85.42}   // 1.1 km
)

func TestNoWorkBeginsWherePeopleMayBeUnderTheRubble(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		leader, desk := x.somebody(actor.Leader), x.somebody(actor.Dispatcher)
		oid := x.planned(site)
		away := x.world.report(Trapped{Place: "A1-03", HasPoint: true, At: far})
		x.must(x.Begin(x.ctx, leader, oid)) // further than the country says
		x.must(x.Stop(x.ctx, leader, oid))
		_ = away
		near := x.world.report(Trapped{HasPoint: true, At: beside})
		x.refused(x.Begin(x.ctx, leader, oid), "works.order.people_under")
		status, page := x.at(leader).post("/fr/works/" + oid.String() + "/begin")
		if status != 409 || !strings.Contains(page, "Ne commencez pas") || !strings.Contains(page, "sous ces décombres") || strings.Contains(page, "Pas ici") {
			t.Errorf("not said on the page of whoever leads: %d", status)
		}
		x.refused(x.SetApart(x.ctx, leader, oid, near, "searched"), "error.denied")
		x.refused(x.SetApart(x.ctx, desk, oid, near, "because"), "works.order.reason_missing")
		x.must(x.SetApart(x.ctx, desk, oid, near, "searched"))
		x.must(x.SetApart(x.ctx, desk, oid, near, "searched"))
		x.must(x.Begin(x.ctx, leader, oid))
		if got := strings.Join(x.told(oid), "\n"); strings.Count(got, "set_apart") != 1 || !strings.Contains(got, `"reason":"searched"`) {
			t.Errorf("told %s", got)
		}
	})
}

func TestAReportWithoutAPointStopsEverySiteOfItsPlace(t *testing.T) {
	t.Parallel()
	g, err := tamurt()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		order Order
		x     Trapped
		want  bool
	}{
		{"133 m away", Order{Place: "A1-03", HasPoint: true, At: site}, Trapped{HasPoint: true, At: beside}, true},
		{"1.1 km away in the same place", Order{Place: "A1-03", HasPoint: true, At: site}, Trapped{Place: "A1-03", HasPoint: true, At: far}, false},
		{"the same place, no point", Order{Place: "A1-03", HasPoint: true, At: site}, Trapped{Place: "A1-03"}, true},
		{"a douar of the site's commune", Order{Place: "A1-03"}, Trapped{Place: "A1-03-1", HasPoint: true, At: far}, true},
		{"the commune of the site's douar", Order{Place: "A1-03-1", HasPoint: true, At: site}, Trapped{Place: "A1-03"}, true},
		{"another douar", Order{Place: "A1-03-1"}, Trapped{Place: "A1-03-2"}, false},
		{"nobody knows where", Order{Place: "A1-03-1"}, Trapped{}, false},
	} {
		if got := c.order.blockedBy(c.x, 300, g.Within); got != c.want {
			t.Errorf("%s: blocked %v", c.name, got)
		}
	}
}

func TestAReportThatComesWhileWorkGoesOnStopsItAndTellsWhoeverLeads(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		oid, other := x.planned(site), x.planned(far)
		x.must(x.Begin(x.ctx, x.somebody(actor.Leader), oid))
		x.must(x.Begin(x.ctx, x.somebody(actor.Leader), other))
		x.must(x.Watch(x.ctx))
		if x.state(oid).State != Working {
			t.Fatal("stopped for nothing")
		}
		c := x.world.report(Trapped{HasPoint: true, At: beside})
		var wait sync.WaitGroup // the deed is heard in two processes, and the watch looks too
		for range 4 {
			wait.Go(func() {
				if err := x.Watch(x.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if o := x.state(oid); o.State != Stopped || o.StoppedFor != c {
			t.Errorf("still %s for %q", o.State, o.StoppedFor)
		}
		if x.state(other).State != Working {
			t.Error("a kilometre away nobody had to stop")
		}
		if len(x.world.told) != 1 || x.world.told[0].Phone != "+299123456" || !x.world.told[0].Urgent || x.world.told[0].Line.Key != "works.sms.stop" {
			t.Errorf("whoever leads was told %+v", x.world.told)
		}
		if got := strings.Join(x.told(oid), "\n"); strings.Count(got, "works.order.stop system:works") != 1 || strings.Contains(got, "299123456") {
			t.Errorf("told %s", got)
		}
		x.refused(x.Begin(x.ctx, x.somebody(actor.Leader), oid), "works.order.people_under")
		if _, page := x.at(x.somebody(actor.Leader)).get("/fr/works/" + oid.String()); !strings.Contains(page, "Arrêté pour l’appel") {
			t.Error("the page does not say why")
		}
		x.world.over()
		x.must(x.Begin(x.ctx, x.somebody(actor.Leader), oid))
		if len(x.Manifest().Hears) < 5 || !slices.ContainsFunc(x.Manifest().Chores, func(c module.Chore) bool { return c.Name == "works.watch" && c.Every <= 5*time.Second }) {
			t.Error("nobody looks when a report comes")
		}
	})
}

func TestPicturesBeforeAndAfterCloseAnOrderAndStaySealed(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		leader := x.somebody(actor.Leader)
		o := Order{ID: id.New[Order](x.clock.Now()), Org: x.ours, Place: "A1-03", Volume: 120}
		x.must(x.Plan(x.ctx, x.somebody(actor.Coordinator), o, ""))
		x.must(x.Plan(x.ctx, x.somebody(actor.Coordinator), o, ""))
		x.refused(x.Begin(x.ctx, leader, o.ID), "works.order.before_missing")
		x.refused(x.AddPhoto(x.ctx, leader, o.ID, After, picture(1)), "works.photo.not_now")
		x.refused(x.AddPhoto(x.ctx, leader, o.ID, "now", picture(1)), "works.photo.moment_missing")
		x.refused(x.AddPhoto(x.ctx, leader, o.ID, Before, []byte("GIF89a")), "works.photo.choose")
		if status, page := x.at(leader).upload("/fr/works/"+o.ID.String()+"/photos", Before, picture(2)); status != 303 {
			t.Fatalf("%d %s", status, page)
		}
		x.must(x.AddPhoto(x.ctx, leader, o.ID, Before, picture(2))) // the same again
		x.must(x.Begin(x.ctx, leader, o.ID))
		x.refused(x.Finish(x.ctx, leader, o.ID), "works.order.after_missing")
		x.refused(x.AddPhoto(x.ctx, leader, o.ID, Before, picture(3)), "works.photo.not_now")
		x.must(x.AddPhoto(x.ctx, leader, o.ID, After, picture(4)))
		x.must(x.Finish(x.ctx, leader, o.ID))
		x.must(x.Finish(x.ctx, leader, o.ID))
		x.refused(x.Begin(x.ctx, leader, o.ID), "works.order.cannot_now")
		var pid PhotoID
		x.read(func(t *db.Tx) error {
			all, err := photosOf(t, o.ID)
			if err == nil && len(all) != 2 {
				err = fmt.Errorf("%d pictures", len(all))
			}
			if err != nil {
				return err
			}
			pid = all[slices.IndexFunc(all, func(p Photo) bool { return p.Moment == Before })].ID
			p, err := getPhoto(t, pid)
			if err == nil && strings.Contains(string(p.Body), string(picture(2)[:20])) {
				err = fmt.Errorf("a picture lies open in the store")
			}
			return err
		})
		got, err := x.LookPhoto(x.ctx, leader, o.ID, pid)
		x.must(err)
		if string(got) != string(picture(2)) {
			t.Error("another picture")
		}
		if lines := strings.Join(x.told(o.ID), "\n"); strings.Count(lines, "works.photo.look leader") != 1 {
			t.Errorf("a look left no line: %s", lines)
		}
		stranger := x.somebody(actor.Leader)
		stranger.Grants[0].Org = id.New[actor.Organisation](morning)
		_, err = x.LookPhoto(x.ctx, stranger, o.ID, pid)
		x.refused(err, "error.denied_here")
		x.clock.Advance(1100 * 24 * time.Hour)
		x.must(x.forgetPhotos(x.ctx))
		if _, err = x.LookPhoto(x.ctx, leader, o.ID, pid); fault.KindOf(err) != fault.Missing {
			t.Errorf("three years later it opens: %v", err)
		}
	})
}

func TestAnOrderIsWorkedThroughOnThePagesAndPrinted(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	desk := x.at(x.somebody(actor.Coordinator))
	oid := id.New[Order](x.clock.Now()).String()
	form := []string{"id", oid, "org", x.ours.String(), "danger", "gas", "phone", "0612345678"}
	status, page := desk.post("/fr/works/new", append(form, "place", "zzz", "volume", "-4", "lat", "x", "lon", "900")...)
	if status != 422 || strings.Count(page, `class="err"`) < 3 || !strings.Contains(page, "zzz") {
		t.Errorf("garbage: %d", status)
	}
	status, page = desk.post("/fr/works/new", append(form, "place", "Trois-Sources", "volume", "٦٠")...)
	if status != 422 || strings.Count(page, `name="place_code"`) < 2 {
		t.Errorf("two places of one name: %d", status)
	}
	if status, page = desk.post("/fr/works/new", append(form, "place", "Montvert", "volume", "٦٠", "lat", "-39.97", "lon", "85.42")...); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	if status, page = desk.get("/fr/works"); status != 200 || !strings.Contains(page, "Montvert") {
		t.Errorf("the list: %d", status)
	}
	x.world.report(Trapped{Place: "A1-03"})
	for _, lang := range []string{"ar", "zgh", "fr", "en"} {
		if status, page = desk.get("/" + lang + "/works/" + oid + "/paper"); status != 200 || strings.Contains(page, "0612345678") || strings.Contains(page, "⟦") {
			t.Errorf("the sheet in %s: %d", lang, status)
		}
	}
	for _, path := range []string{"/fr/works/x", "/fr/works/" + id.New[Order](x.clock.Now()).String(), "/fr/works/x/paper"} {
		if status, _ := desk.get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestOrdersThatMakeNoSenseAreRefusedWithEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	bad := Order{ID: id.New[Order](x.clock.Now()), Place: "nowhere", Volume: 0, Dangers: []string{"dragons"}}
	x.refused(x.Plan(x.ctx, x.somebody(actor.Coordinator), bad, "12"), "works.order.volume_wrong", "works.order.danger_wrong", "works.order.org_missing", "works.order.place_unknown", "works.order.phone_wrong")
	good := Order{ID: bad.ID, Org: x.ours, Place: "A1-03", Volume: 5}
	x.refused(x.Plan(x.ctx, x.somebody(actor.Agent), good, ""), "error.denied")
	x.world.suspended = true
	x.refused(x.Plan(x.ctx, x.somebody(actor.Dispatcher), good, ""), "works.order.not_recognised")
}

func TestEveryPageOfWorksFitsItsDataInEveryLanguage(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(ui.Locale, Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
	keys := []string{}
	for _, d := range Deeds {
		keys = append(keys, "deed."+d.Name)
	}
	for prefix, all := range map[string][]string{"works.danger.": Dangers, "works.apart.": ReasonsApart, "works.state.": {"planned", "working", "stopped", "done", "cancelled"}} {
		for _, k := range all {
			keys = append(keys, prefix+k)
		}
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("nobody says %s", k)
		}
	}
	for _, l := range i18n.Langs() {
		f := i18n.Funcs(c.For(l, time.UTC))
		f["href"] = func(path string) string { return "/" + string(l) + path }
		set, err := ui.Parse(f, Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range gallery() {
			if err := templatecheck.CheckHTML(set.Lookup(e.Template), e.Page); err != nil {
				t.Errorf("%s: %v", e.Template, err)
			}
		}
	}
	for _, country := range []string{"ma", "tamurt"} {
		if _, err := ReadRules(packs.FS, country); err != nil {
			t.Error(err)
		}
	}
}
