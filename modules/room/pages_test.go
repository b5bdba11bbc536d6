package room

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
)

func TestEveryPageFitsItsDataAndEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	cat := catalogue(t)
	for _, l := range i18n.Langs() {
		p := cat.For(l, time.UTC)
		p.Now = func() time.Time { return morning }
		f := i18n.Funcs(p)
		f["href"] = func(path string) string { return "/" + string(l) + path }
		set, err := ui.Parse(f, Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range gallery() { // before any is executed
			if err := templatecheck.CheckHTML(set.Lookup(e.Template), e.Page); err != nil {
				t.Errorf("%s: %v", e.Template, err)
			}
		}
		for i, e := range gallery() {
			var b bytes.Buffer
			s := e.Page.Shell()
			s.Lang, s.Dir, s.Path = string(l), i18n.Dir(l), "/x"
			if err := set.ExecuteTemplate(&b, e.Template, e.Page); err != nil {
				t.Errorf("%s (%s): %v", e.Template, l, err)
			}
			for _, bad := range []string{"style=", "onclick", "ZgotmplZ", "⟦room", "%!"} {
				if strings.Contains(b.String(), bad) {
					t.Errorf("%s %d (%s) holds %s", e.Template, i, l, bad)
				}
			}
			if n := strings.Count(b.String(), "<h1"); n != 1 {
				t.Errorf("%s %d (%s) has %d headings of the first rank", e.Template, i, l, n)
			}
		}
	}
	for _, d := range deeds {
		if !cat.Has("deed." + d.Name) {
			t.Errorf("nobody says what %s is", d.Name)
		}
	}
	if missing := cat.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}

func TestTheListOnPaperNamesNobodyAndHasABoxToTick(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "")
		status, page, _ := x.get(by, "/en/queue/print?phase=open")
		if status != 200 || strings.Count(page, `class="box"`) != 3 || !strings.Contains(said(page), "Nourriture") || strings.Contains(page, "tel:") {
			t.Errorf("%d %s", status, said(page))
		}
	})
}

func TestTheWeekStandsBesideTheOneBefore(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		status, page, _ := x.get(x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, ""), "/en/week")
		text := said(page)
		for _, want := range []string{"Asked 412 90", "Taken on 380 71", "Delivered 2 2", "Confirmed by the person 244 60"} {
			if !strings.Contains(text, want) {
				t.Errorf("%d: %q is not in %s", status, want, text)
			}
		}
		if status, _, _ := x.get(x.somebody("Idder", actor.Coordinator, id.New[actor.Organisation](morning), ""), "/en/week"); status != 403 {
			t.Errorf("an association reads the week of all: %d", status)
		}
	})
}

func TestWhatIsWrongWithAChoiceIsSaidAllAtOnceAndKept(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody("Salma", actor.Dispatcher, actor.OrganisationID{}, "")
		status, page, _ := x.post(by, "/en/queue/bulk", "filter", "phase=open", "act", "assign")
		if text := said(page); status != 422 || !strings.Contains(text, "Choose at least one request.") || !strings.Contains(text, "Choose the team.") || !strings.Contains(page, `value="assign" checked`) {
			t.Errorf("%d %s", status, text)
		}
		if status, page, _ := x.post(by, "/en/queue/bulk", "filter", "phase=open", "act", "steal", "case", x.world.order[1]); status != 422 || !strings.Contains(page, `value="`+x.world.order[1]+`" checked`) {
			t.Errorf("another act: %d", status)
		}
		x.world.cases[x.world.order[1]].owner = "L’Étoile"
		status, _, to := x.post(by, "/en/queue/bulk", "filter", "phase=open", "act", "claim", "all", "1", "team", "left over")
		if status != 303 {
			t.Fatalf("prepared with %d", status)
		}
		if _, page, _ := x.get(by, to); !strings.Contains(said(page), "Can be done: 2 . Cannot: 1 .") || !strings.Contains(said(page), "Do it for 2 requests") {
			t.Errorf("the preview: %s", said(page))
		}
		if status, _, _ := x.get(x.somebody("Idder", actor.Dispatcher, actor.OrganisationID{}, ""), to); status != 404 {
			t.Errorf("somebody else opens the bulk: %d", status)
		}
		x.clock.Advance(draftFor + time.Minute)
		x.must(x.SweepBulks(x.ctx))
		if x.count(`SELECT COUNT(*) FROM room_bulk`)+x.count(`SELECT COUNT(*) FROM room_bulk_item`) != 0 {
			t.Error("a draft that nobody did stays")
		}
	})
}

func TestEachPackSaysHowLongNotesAreKeptAndWhoseRuleItIs(t *testing.T) {
	t.Parallel()
	for _, country := range []string{"ma", "tamurt"} {
		if _, err := ReadRules(packs.FS, country); err != nil {
			t.Error(err)
		}
	}
	for name, body := range map[string]string{"no source": "notes:\n  forget: 30d\n", "too short": "notes:\n  forget: 2h\n  source: x\n", "unknown": "nots:\n  forget: 30d\n", "no length": "notes:\n  source: x\n"} {
		var files fs.FS = fstest.MapFS{"x/room.yaml": {Data: []byte(body)}}
		if _, err := ReadRules(files, "x"); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if _, err := ReadRules(os.DirFS(t.TempDir()), "x"); err == nil {
		t.Error("a pack without measures is read")
	}
}
