package talk

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func (x *house) said(text string) Said {
	return Said{ID: id.New[Message](x.clock.Now()), Mission: x.mid, Text: text}
}

// heard is every line of the channel, oldest first: who, what.
func (x *house) heard() (out []string) {
	x.t.Helper()
	x.read(func(t *db.Tx) error {
		all, err := lastMessages(t, x.mid, 100)
		if err != nil {
			return err
		}
		members, err := membersOf(t, x.mid)
		for _, k := range all {
			i := slices.IndexFunc(members, func(m Member) bool { return m.ID == k.Member })
			text := "(gone)"
			if k.Body != nil {
				if text, err = x.vault.OpenText(bodyAt(k.ID), k.Body); err != nil {
					return err
				}
			}
			out = append(out, fmt.Sprintf("%s: %s", members[i].Role, text))
		}
		return err
	})
	return out
}

func TestABasicPhoneTalksWithTheTeamAndNobodySeesANumber(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		leader := x.somebody(actor.Leader)
		x.must(x.Post(x.ctx, leader, x.said("Rendez-vous au pont à 9 h")))
		if got := x.world.phones("talk.sms.message"); !slices.Equal(got, []string{"+299600001", "+299600002"}) {
			t.Errorf("the volunteers' phones got it: %v", got)
		}
		x.clock.Advance(time.Minute)
		answer, ours, err := x.HeardText(x.ctx, "heard-1", "600001", "Equipe : nous sommes au pont")
		x.must(err)
		if !ours || len(answer) != 1 || answer[0].Key != "talk.sms.passed" {
			t.Errorf("ours %v, answer %v", ours, answer)
		}
		_, _, err = x.HeardText(x.ctx, "heard-1", "600001", "Equipe : nous sommes au pont") // read again after a crash
		x.must(err)
		if got := x.heard(); !slices.Equal(got, []string{"leader: Rendez-vous au pont à 9 h", "volunteer: nous sommes au pont"}) {
			t.Errorf("the channel: %v", got)
		}
		if got := x.world.phones("talk.sms.message"); len(got) != 3 || got[2] != "+299600002" {
			t.Errorf("the other volunteer got it, and nobody their own: %v", got)
		}
		x.must(x.SetPhone(x.ctx, leader, x.mid, "0600009", "fr"))
		x.clock.Advance(time.Minute)
		_, _, err = x.HeardText(x.ctx, "heard-2", "+299600002", "فريق الطريق مقطوعة")
		x.must(err)
		if got := x.world.phones("talk.sms.message"); len(got) != 5 {
			t.Errorf("the leader's own phone too: %v", got)
		}
		status, page := x.at(leader).get("/fr/talk/" + x.mid.String())
		if status != 200 || !strings.Contains(page, "الطريق مقطوعة") || !strings.Contains(page, "Bénévole") || !strings.Contains(page, "payé par la maison") && !strings.Contains(page, "payés par la maison") {
			t.Errorf("the page: %d", status)
		}
		for _, hidden := range []string{"600001", "600002", "600009"} {
			if strings.Contains(page, hidden) {
				t.Errorf("a number is shown: %s", hidden)
			}
		}
		for _, n := range x.world.told {
			for _, a := range n.Line.Args {
				if s, ok := a.(string); ok && strings.Contains(s, "60000") {
					t.Errorf("a number is told: %v", n.Line.Args)
				}
			}
		}
		x.read(func(t *db.Tx) error {
			lines, err := db.List(t, db.Text, `SELECT told FROM deed_record WHERE subject = ?1`, subject(x.mid))
			if all := strings.Join(lines, " "); err == nil && (strings.Contains(all, "pont") || strings.Contains(all, "60000")) {
				err = fmt.Errorf("the journal holds %s", all)
			}
			return err
		})
	})
}

func TestWhoeverIsOnNoMissionIsHeardAsSomebodyInNeed(t *testing.T) {
	t.Parallel()
	x := open(t, model.SQLite(t))
	for _, c := range []struct{ from, text string }{
		{"+299777777", "équipe médicale svp, ma mère est blessée"}, // a stranger
		{"600001", "nous avons besoin d’eau"},                      // a member, in need themselves
		{"600001", ""}, {"600001", "  "}, {"not a phone", "equipe bonjour"}, {"", "task x"}, {"600001", "teams"},
	} {
		if _, ours, err := x.HeardText(x.ctx, "h"+c.text, c.from, c.text); err != nil || ours {
			t.Errorf("%q from %q: ours %v, %v", c.text, c.from, ours, err)
		}
	}
	if got := x.heard(); len(got) != 0 {
		t.Errorf("the channel: %v", got)
	}
	if answer, ours, err := x.HeardText(x.ctx, "h1", "600001", "équipe"); err != nil || !ours || answer[0].Key != "talk.message.empty" {
		t.Errorf("a word alone: %v %v %v", answer, ours, err)
	}
	if answer, ours, err := x.HeardText(x.ctx, "h2", "600001", "team "+strings.Repeat("ا", 301)); err != nil || !ours || answer[0].Key != "talk.message.long" {
		t.Errorf("too long: %v %v %v", answer, ours, err)
	}
}

func TestADecisionBecomesATaskInOneStepByButtonAndByText(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		leader := x.somebody(actor.Leader)
		first := x.said("Il faut des cordes")
		x.must(x.Post(x.ctx, leader, first))
		d := x.at(leader)
		at := "/fr/talk/" + x.mid.String()
		if status, _ := d.post(at + "/" + first.ID.String() + "/task"); status != 303 {
			t.Fatalf("one button: %d", status)
		}
		x.must(x.MakeTask(x.ctx, leader, x.mid, first.ID)) // twice
		x.clock.Advance(time.Minute)
		answer, _, err := x.HeardText(x.ctx, "h", "600001", "tâche, apporter les cordes")
		x.must(err)
		if answer[0].Key != "talk.sms.task_made" || len(x.world.phones("talk.sms.task")) != 1 {
			t.Errorf("by text: %v", answer)
		}
		x.clock.Advance(time.Minute)
		if status, _ := d.post(at, "id", id.New[Message](x.clock.Now()).String(), "text", "Prévenir l’école", "task", "1"); status != 303 {
			t.Errorf("at once: %d", status)
		}
		tasks := func() (open, done int) {
			x.read(func(t *db.Tx) error {
				all, err := tasksOf(t, x.mid)
				for _, k := range all {
					if k.DoneAt.IsZero() {
						open++
					} else {
						done++
					}
				}
				return err
			})
			return open, done
		}
		if open, done := tasks(); open != 3 || done != 0 {
			t.Fatalf("%d open, %d done", open, done)
		}
		x.must(x.FinishTask(x.ctx, leader, x.mid, first.ID))
		x.must(x.FinishTask(x.ctx, leader, x.mid, first.ID))
		if open, done := tasks(); open != 2 || done != 1 {
			t.Errorf("%d open, %d done", open, done)
		}
		x.refused(x.MakeTask(x.ctx, leader, x.mid, id.New[Message](x.clock.Now())), "error.missing")
	})
}

func TestAChannelClosesWithItsMissionAndIsForgottenLater(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		leader := x.somebody(actor.Leader)
		x.must(x.Post(x.ctx, leader, x.said("Nous partons")))
		x.world.open[x.mid.String()] = false
		x.must(x.ended(x.ctx, deed.Record{Subject: "field.mission/" + x.mid.String(), At: x.clock.Now()}))
		x.refused(x.Post(x.ctx, leader, x.said("encore")), "talk.channel.closed")
		x.refused(x.SetPhone(x.ctx, leader, x.mid, "0600009", "fr"), "talk.channel.closed")
		if _, ours, err := x.HeardText(x.ctx, "h", "600001", "equipe encore"); err != nil || ours {
			t.Errorf("a text after the end: %v %v", ours, err)
		}
		status, page := x.at(leader).get("/fr/talk/" + x.mid.String())
		if status != 200 || !strings.Contains(page, "Nous partons") || strings.Contains(page, "<textarea") {
			t.Errorf("to be read only: %d", status)
		}
		x.clock.Advance(29 * 24 * time.Hour)
		x.must(x.Forget(x.ctx))
		if got := x.heard(); got[0] != "leader: Nous partons" {
			t.Errorf("forgotten too early: %v", got)
		}
		x.clock.Advance(2 * 24 * time.Hour)
		x.must(x.Forget(x.ctx))
		x.must(x.Forget(x.ctx))
		if got := x.heard(); got[0] != "leader: (gone)" {
			t.Errorf("kept too long: %v", got)
		}
		x.read(func(t *db.Tx) error {
			all, err := membersOf(t, x.mid)
			for _, m := range all {
				if m.Phone != nil || m.Texts {
					err = fmt.Errorf("member %d still has a phone", m.N)
				}
			}
			return err
		})
		if status, page := x.at(leader).get("/fr/talk/" + x.mid.String()); status != 200 || !strings.Contains(page, "effacé") {
			t.Errorf("forgotten: %d", status)
		}
	})
}

func TestNobodyFloodsAChannelAndTheLeaderKeepsItInOrder(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.Rules.Hour, x.Rules.Texts = 3, 4
		volunteer := x.somebody(actor.Volunteer)
		for i := range 3 {
			x.clock.Advance(time.Second)
			x.must(x.Post(x.ctx, volunteer, x.said(fmt.Sprint("message ", i))))
		}
		x.refused(x.Post(x.ctx, volunteer, x.said("one too many")), "talk.message.often")
		if got := x.world.phones("talk.sms.message"); len(got) != 4 {
			t.Errorf("%d texts where 4 are let out: %v", len(got), got)
		}
		x.clock.Advance(61 * time.Minute)
		last := x.said("an hour later")
		x.must(x.Post(x.ctx, volunteer, last))
		x.must(x.Post(x.ctx, volunteer, last)) // sent twice, said once
		other := last
		other.Text = "something else"
		x.refused(x.Post(x.ctx, volunteer, other), "talk.message.id_taken")
		x.refused(x.Hide(x.ctx, volunteer, x.mid, last.ID), "error.denied")
		x.must(x.Hide(x.ctx, x.somebody(actor.Leader), x.mid, last.ID))
		_, page := x.at(x.somebody(actor.Leader)).get("/fr/talk/" + x.mid.String())
		if strings.Contains(page, "an hour later") || !strings.Contains(page, "Masqué") {
			t.Error("what was hidden shows")
		}
		x.refused(x.MakeTask(x.ctx, x.somebody(actor.Leader), x.mid, last.ID), "talk.message.hidden")
		stranger := x.somebody(actor.Leader)
		stranger.Grants[0].Org = id.New[actor.Organisation](morning)
		x.refused(x.Post(x.ctx, stranger, x.said("let me in")), "error.denied_here")
		if status, _ := x.at(stranger).get("/fr/talk/" + x.mid.String()); status != 403 {
			t.Errorf("a stranger reads: %d", status)
		}
		x.refused(x.Post(x.ctx, volunteer, x.said(" \u202e\x00 ")), "talk.message.empty")
	})
}

func TestManyTalkAtOnceAndEachIsHeardOnceUnderANumberOfTheirOwn(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		var wait sync.WaitGroup
		for i := range 8 {
			by, k := x.somebody(actor.Volunteer), x.said(fmt.Sprint("hello ", i))
			wait.Go(func() {
				if err := x.Post(x.ctx, by, k); err != nil {
					t.Error(err)
				}
			})
			wait.Go(func() {
				if _, _, err := x.HeardText(x.ctx, fmt.Sprint("h", i), "600001", fmt.Sprint("team text ", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		got := x.heard()
		slices.Sort(got)
		if len(got) != 16 || len(slices.Compact(got)) != 16 {
			t.Errorf("%d messages: %v", len(got), got)
		}
		x.read(func(t *db.Tx) error {
			all, err := membersOf(t, x.mid)
			for i, m := range all {
				if m.N != i+1 {
					err = fmt.Errorf("member %d has number %d", i+1, m.N)
				}
			}
			if err == nil && len(all) != 10 {
				err = fmt.Errorf("%d members", len(all))
			}
			return err
		})
	})
}

func TestEveryPageOfTalkFitsItsDataInEveryLanguage(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(ui.Locale, Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
	for _, d := range Deeds {
		if !c.Has("deed." + d.Name) {
			t.Errorf("nobody says %s", d.Name)
		}
	}
	for _, r := range talks {
		if !c.Has("talk.role." + string(r)) {
			t.Errorf("nobody says %s", r)
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
