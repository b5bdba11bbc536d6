package intake

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/testkit"
)

func TestAThousandMessagesBecomeCandidatesAndNoneARequest(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.CrisisCell, "")
		zone := x.places.Country().Zone()
		talk := testkit.Talk(1000, 1)
		start := time.Now()
		done := x.bring(by, testkit.AsWhatsApp(talk, zone))
		took := time.Since(start)
		if done.Read != 1000 || done.Dropped != 1 || done.Waiting+done.Aside != 1000 {
			t.Fatalf("%+v", done)
		}
		want := map[string]int{}
		for _, s := range talk {
			want[s.Kind]++
		}
		got, phones, located := map[Kind]int{}, 0, 0
		for _, c := range append(x.all(Waiting), x.all(Aside)...) {
			if got[c.Kind]++; c.Kind == Need {
				if len(c.PhoneKey) > 0 {
					phones++
				}
				if len(x.body(c).Place) > 0 {
					located++
				}
			}
		}
		if got[Need] < want["need"]*95/100 || got[Nothing] < want["none"]*85/100 || got[Gives] < want["offer"]*85/100 {
			t.Errorf("read %v of %v", got, want)
		}
		if phones < want["need"]/4 || located < want["need"]*8/10 {
			t.Errorf("of %d pleas %d have a number and %d name a place", want["need"], phones, located)
		}
		t.Logf("%d ms; %v; %d with a number, %d with words for a place", took.Milliseconds(), got, phones, located)
		if len(x.cases.order) != 0 {
			t.Errorf("%d requests were made by nobody", len(x.cases.order))
		}
		if again := x.bring(by, testkit.AsWhatsApp(talk, zone)); again.Again != 1000 || again.Waiting+again.Aside != 0 {
			t.Errorf("again: %+v", again)
		}
		longer := append(slices.Clone(talk), testkit.Said{At: talk[999].At.Add(time.Hour), From: "Voisin 3", Text: "À Asni il manque encore 20 tentes"})
		if more := x.bring(by, testkit.AsWhatsApp(longer, zone)); more.Again != 1000 || more.Waiting != 1 {
			t.Errorf("a longer export: %+v", more)
		}
	})
}

// looks is what a candidate is, but for where it came from.
func (x *house) looks(c *Candidate) string {
	b := x.body(c)
	return fmt.Sprint(c.Kind, c.State, c.Points, c.Danger, c.Needs, c.People, c.Lang, c.Place, c.SaidAt, b.Words, b.Place, b.Phones, b.From)
}

func TestTheSameTalkGivesTheSameCandidatesFromWhatsAppAndTelegram(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		zone := x.places.Country().Zone()
		talk := testkit.Talk(60, 2)
		x.bring(x.somebody(actor.CrisisCell, ""), testkit.AsWhatsApp(talk, zone))
		x.bring(x.somebody(actor.CrisisCell, ""), testkit.AsTelegram(talk, zone))
		of := map[string][]string{}
		for _, c := range append(x.all(Waiting), x.all(Aside)...) {
			of[string(c.Source)] = append(of[string(c.Source)], x.looks(c))
		}
		for k := range of {
			slices.Sort(of[k])
		}
		if len(of["whatsapp"]) != 60 || !slices.Equal(of["whatsapp"], of["telegram"]) {
			t.Errorf("%d and %d", len(of["whatsapp"]), len(of["telegram"]))
		}
		if again := x.bring(x.somebody(actor.CrisisCell, ""), testkit.AsTelegramPage(talk, zone)); again.Waiting+again.Aside != 0 || again.Again != 60 {
			t.Errorf("the same export as a page: %+v", again)
		}
	})
}

func TestWhatAPersonLeftTickedIsWhatIsAsked(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Dispatcher, "")
		var learnt []string
		x.Learn = func(_ *deed.Tx, text, code, from string) error {
			learnt = append(learnt, text+"="+code+" "+from)
			return nil
		}
		c := x.one(by, "Au douar Ijoukak on dort dehors, 30 personnes. Tel 0661234542")
		if !slices.Equal(c.Needs, []string{"shelter"}) || c.People != 30 || c.Kind != Need {
			t.Fatalf("read as %v, %d, %s", c.Needs, c.People, c.Kind)
		}
		asni := x.places.Search("Asni", "", 1)[0].Place.Code
		out, err := x.Confirm(t.Context(), by, c.ID, Choice{Needs: []string{"shelter", "water"}, Fragile: []string{"infant"}, People: 12, Place: asni, PlaceText: x.body(c).Place, Call: true, Level: 1})
		x.must(err)
		a := x.cases.asked[out.Case].a
		if got := fmt.Sprintln(a.Answers.List("need"), a.Answers.List("fragile"), a.Answers.Int("people"), a.Answers.Place("where").Code == asni, a.Answers.Phone("phone"), a.Whole, a.At.Equal(c.SaidAt), a.Contact); got != "[shelter water] [infant] 12 true +212661234542 false true whatsapp|Voisin\n" {
			t.Error(got)
		}
		if x.cases.raised[out.Case] != 1 {
			t.Errorf("raised %v", x.cases.raised)
		}
		if len(learnt) != 1 || !strings.HasSuffix(learnt[0], "Ijoukak="+asni+" intake.candidate.confirm") {
			t.Errorf("learnt %q", learnt)
		}
		if l := x.lines("intake.candidate.confirm"); len(l) != 1 || strings.Contains(l[0], "0661") || !strings.Contains(l[0], `"changed":`) {
			t.Errorf("lines %v", l)
		}
		if _, err := x.Confirm(t.Context(), by, c.ID, Choice{}); fact(err) != "intake.triage.decided" {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestOfTwoWhoConfirmAtOnceOneIsToldAndOneRequestIsMade(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.CrisisCell, "")
		c := x.one(by, "SOS Asni, il faut des tentes pour 10 familles")
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = x.Confirm(x.ctx, x.somebody(actor.CrisisCell, ""), c.ID, Choice{Needs: []string{[]string{"shelter", "food"}[i%2]}})
			})
		}
		wg.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		}
		if good != 1 || len(x.cases.order) != 1 {
			t.Errorf("%d succeeded, %d requests", good, len(x.cases.order))
		}
	})
}

func TestWhatWasDecidedLastIsTakenBackUntilSomebodyTookItUp(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Dispatcher, "")
		c := x.one(by, "SOS Asni, il faut des tentes pour 10 familles")
		first, err := x.Confirm(t.Context(), by, c.ID, Choice{Needs: []string{"shelter"}})
		x.must(err)
		x.clock.Advance(time.Minute)
		back, err := x.UndoLast(t.Context(), by)
		x.must(err)
		if back != c.ID || !slices.Contains(x.cases.back, first.Case) {
			t.Errorf("took back %v", x.cases.back)
		}
		second, err := x.Confirm(t.Context(), by, c.ID, Choice{Needs: []string{"food"}})
		x.must(err)
		if second.Case == first.Case {
			t.Error("a request that was taken back came to life")
		}
		x.cases.taken = map[string]bool{second.Case: true}
		x.clock.Advance(time.Minute)
		if _, err := x.UndoLast(t.Context(), by); fact(err) != "cases.case.cannot_now" {
			t.Errorf("taken up, and taken back: %v", err)
		}
		if got := x.all(Case); len(got) != 1 || got[0].CaseID != second.Case {
			t.Errorf("%+v", got)
		}
		x.must(x.SetAside(t.Context(), by, x.one(by, "il manque de l'eau à Asni").ID, "told_before"))
		x.clock.Advance(undoFor + time.Second)
		if _, err := x.UndoLast(t.Context(), by); fact(err) != "intake.triage.too_late" {
			t.Errorf("too late: %v", err)
		}
		if _, err := x.UndoLast(t.Context(), x.somebody(actor.Agent, "")); fact(err) != "intake.triage.nothing_to_undo" {
			t.Errorf("somebody else's: %v", err)
		}
	})
}

func TestOneIsJoinedToAnotherAndPartedAgain(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Dispatcher, "")
		a := x.one(by, "SOS Asni, il faut des tentes pour 10 familles. Tel 0661234542")
		b := x.one(by, "on dort dehors à Asni, appelez le 06 61 23 45 42")
		first, err := x.Confirm(t.Context(), by, a.ID, Choice{Needs: []string{"shelter"}})
		x.must(err)
		r, err := x.readCandidate(t.Context(), by, b.ID)
		x.must(err)
		if len(r.alike) != 1 || r.alike[0].ID != first.Case || r.alike[0].Reasons[0].Key != linkage.SamePhone {
			t.Fatalf("alike: %+v", r.alike)
		}
		x.clock.Advance(time.Second)
		second, err := x.Confirm(t.Context(), by, b.ID, Choice{Needs: []string{"shelter"}, Into: first.Case})
		x.must(err)
		if x.cases.joined[second.Case] != first.Case || len(x.all(Joined)) != 1 {
			t.Errorf("joined %v", x.cases.joined)
		}
		x.clock.Advance(time.Second)
		_, err = x.UndoLast(t.Context(), by)
		x.must(err)
		if len(x.cases.joined) != 0 || len(x.all(Joined)) != 0 {
			t.Error("it is joined still")
		}
		x.cases.apart = fault.New(fault.Conflict, "cases.case.is_merged")
		if _, err := x.Confirm(t.Context(), by, b.ID, Choice{Needs: []string{"shelter"}, Into: first.Case}); fact(err) == "" {
			t.Error("nobody says that it could not be joined")
		}
		if got := x.all(Case); len(got) != 2 {
			t.Errorf("what could not be joined is lost: %d", len(got))
		}
	})
}

func TestWhatOnlyTrainedPeopleMayReadIsGoneFromHere(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Agent, "")
		c := x.one(x.somebody(actor.CrisisCell, ""), "طفل وحده في إجوكاك بدون أهله يحتاج مأوى")
		out, err := x.Confirm(t.Context(), by, c.ID, Choice{Needs: []string{"shelter"}, Fragile: []string{"child_alone"}})
		x.must(err)
		got := x.all(Case)
		if !out.Restricted || len(got) != 1 || len(got[0].Sealed) != 0 || got[0].CaseID != "" {
			t.Errorf("%+v", got)
		}
		if l := x.lines("intake.candidate.confirm"); len(l) != 1 || strings.Contains(l[0], "case\"") {
			t.Errorf("the line points at it: %v", l)
		}
	})
}

func TestAMessageThatSaysNothingIsSetAsideAndCanBeTakenUp(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Agent, "")
		c := x.one(x.somebody(actor.CrisisCell, ""), "merci à tous, que Dieu vous garde")
		if c.State != Aside || c.Reason != says {
			t.Fatalf("%s %s", c.State, c.Reason)
		}
		x.must(x.Undo(t.Context(), by, c.ID))
		if len(x.all(Waiting)) != 1 {
			t.Error("it waits for nobody")
		}
		if err := x.SetAside(t.Context(), by, c.ID, "because"); fact(err) != "intake.triage.reason_needed" {
			t.Errorf("without a reason: %v", err)
		}
		x.must(x.AsOffer(t.Context(), by, c.ID))
		if len(x.all(Offer)) != 1 {
			t.Error("it is no offer")
		}
	})
}

func TestAReaderLeavesALineAndReadsWhereTheyWork(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		owner := x.somebody(actor.CrisisCell, "")
		c := x.one(owner, "Ijoukak : il faut des tentes, 10 familles dehors")
		if c.Place == "" {
			t.Fatal("Ijoukak is not known")
		}
		province, _ := x.places.Province(c.Place)
		here, away := x.somebody(actor.Dispatcher, province.Code), x.somebody(actor.Dispatcher, x.places.All("province")[70].Code)
		if province.Code == x.places.All("province")[70].Code {
			t.Fatal("choose another province")
		}
		if _, err := x.readCandidate(t.Context(), here, c.ID); err != nil {
			t.Error(err)
		}
		for _, who := range []actor.Actor{away, x.somebody(actor.Coordinator, ""), x.somebody(actor.Leader, ""), x.somebody(actor.Volunteer, ""), {}} {
			if _, err := x.readCandidate(t.Context(), who, c.ID); err == nil {
				t.Errorf("%+v read it", who.Grants)
			}
		}
		if l := x.lines("intake.candidate.read"); len(l) != 1 || l[0] != subject(c.ID)+` {"around":0}` {
			t.Errorf("lines %v", l)
		}
		x.read(func(tx *db.Tx) error {
			all, err := list(tx, listed{state: Waiting, limit: 10, mine: away})
			if len(all) != 0 {
				t.Error("listed elsewhere")
			}
			return err
		})
	})
}

func TestWhatTheSamePersonWroteAroundItStandsBeside(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Agent, "")
		x.bring(x.somebody(actor.CrisisCell, ""), "09/09/2023, 03:10 - A: Bonjour, nous sommes à Ijoukak\n09/09/2023, 03:11 - B: ok merci\n09/09/2023, 03:12 - A: il faut des tentes pour tout le monde\n09/09/2023, 03:40 - A: encore de l'eau svp\n")
		by.Grants[0].Territory = ""
		for _, c := range x.all(Waiting) {
			if strings.Contains(x.body(c).Words, "tentes") {
				r, err := x.readCandidate(t.Context(), by, c.ID)
				x.must(err)
				if len(r.bodies) != 1 || !strings.Contains(r.bodies[0].Words, "Ijoukak") {
					t.Errorf("beside it: %+v", r.bodies)
				}
				return
			}
		}
		t.Error("no plea")
	})
}

func TestWhatWasDecidedIsForgottenInItsTimeAndWithItsPerson(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.CrisisCell, "")
		waits, asked, aside := x.one(by, "Asni : 10 tentes svp"), x.one(by, "Asni : de l'eau pour 20 personnes"), x.one(by, "Asni : il faut du lait pour 3 bébés")
		out, err := x.Confirm(t.Context(), by, asked.ID, Choice{Needs: []string{"water"}})
		x.must(err)
		x.must(x.SetAside(t.Context(), by, aside.ID, "told_before"))
		x.must(x.erased(t.Context(), deed.Record{Subject: "cases.case/" + out.Case}))
		left := func() (out []int) {
			for _, s := range []State{Waiting, Case, Aside} {
				for _, c := range x.all(s) {
					out = append(out, min(1, len(c.Sealed)))
				}
			}
			return out
		}
		if got := left(); !slices.Equal(got, []int{1, 0, 1}) {
			t.Errorf("after the erasure: %v", got)
		}
		x.clock.Advance(x.places.Country().Keep.Imports.For() + time.Second)
		x.must(x.Tidy(t.Context()))
		x.must(x.Tidy(t.Context()))
		if got := left(); !slices.Equal(got, []int{1, 0, 0}) {
			t.Errorf("after their time: %v", got)
		}
		if len(x.lines("intake.candidate.tidy")) != 1 || x.all(Waiting)[0].ID != waits.ID {
			t.Error("the journal does not say it")
		}
	})
}

func TestARowIsACandidateWithWhatItsColumnsSay(t *testing.T) {
	engines(t, func(t *testing.T, x *house) {
		by := x.somebody(actor.Dispatcher, "")
		file := "_uuid,_submission_time,need,people,words,phone,lat,lon,where\nu1,2023-09-10T08:00:00,food water,14,la route est coupée,0661234542,31.06,-8.12,Ijoukak\nu2,2023-09-10T08:00:00,food,x,,,,,\nu3,2023-09-10T09:00:00,,,rien,,,,Asni\nu4,2023-09-10T09:00:00,warm,,merci,,,,Asni\n"
		done := x.bring(by, file)
		if done.Waiting+done.Aside != 3 || len(done.Failed) != 1 || done.Failed[0].Line != 3 {
			t.Fatalf("%+v", done)
		}
		if again := x.bring(by, file); again.Again != 3 {
			t.Errorf("again %+v", again)
		}
		for _, c := range x.all(Waiting) {
			if c.People == 14 {
				if got := fmt.Sprintln(c.Needs, c.Source, len(c.PhoneKey) > 0, c.Place != ""); got != "[road food water] kobo true true\n" {
					t.Error(got)
				}
				out, err := x.Confirm(t.Context(), by, c.ID, Choice{Needs: c.Needs, People: 14, Place: c.Place, Call: true})
				x.must(err)
				if x.cases.asked[out.Case].a.Answers.Text("words") != "la route est coupée" {
					t.Error("its words are lost")
				}
			}
		}
	})
}
