package reach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// hearing is a part of the house that asks, and keeps what it is answered.
type hearing struct {
	mu     sync.Mutex
	got    []string // "subject choice"
	fail   error
	answer Line
}

func (h *hearing) hear(_ context.Context, by actor.Actor, subject string, choice int) (Line, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if by.Known() || by.Channel != "sms" {
		return Line{}, fmt.Errorf("somebody else answers: %+v", by)
	}
	h.got = append(h.got, fmt.Sprint(subject, " ", choice))
	return h.answer, h.fail
}

var deedTest = deed.Deed{Name: "reach.test.do"}

const lorry = "hands.match/01900000-0000-7000-8000-000000000001"

// asks puts a question as a deed of another module does.
func (r *rig) asks(subject, phone string) {
	r.Helper()
	r.puts(Question{Kind: "hands.match", Subject: subject, Phone: phone, Lang: "fr", Line: Line{Text: "Ton camion " + subject[len(subject)-1:] + " ?"}, Until: r.now.Now().Add(6 * time.Hour)})
}

func (r *rig) puts(q Question) {
	r.Helper()
	r.must(r.h.Do(r.Context(), actor.Actor{System: "test"}, deedTest, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := r.Ask(t, q); err != nil {
			return err
		}
		return t.Tell(q.Subject, struct{}{})
	}))
	r.work()
}

func (r *rig) hearer() *hearing {
	h := &hearing{}
	r.Answers("hands.match", h.hear)
	return h
}

// last is what arrived on a phone last.
func (r *rig) last(phone string) string {
	r.Helper()
	all := r.on(phone)
	if len(all) == 0 {
		r.Fatal("nothing arrived")
	}
	return all[len(all)-1]
}

func (r *rig) heardOf(h *hearing, want ...string) {
	r.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.Join(h.got, "; ") != strings.Join(want, "; ") {
		r.Errorf("heard %q and not %q", h.got, want)
	}
}

func TestYesAndNoAreUnderstoodInEveryLanguageAndScript(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		for i, c := range []struct {
			words string
			want  int
		}{{"1", 1}, {"٢", 2}, {"۱", 1}, {" 2. ", 2}, {"Oui !", 1}, {"non", 2}, {"نعم", 1}, {"لا", 2}, {"إيه", 1}, {"واخا", 1}, {"iyeh", 1}, {"la", 2}, {"ⵢⴰⵀ", 1}, {"ⵓⵀⵓ", 2}, {"yah", 1}, {"uhu", 2}, {"YES", 1}, {"No", 2}} {
			phone, subject := fmt.Sprintf("+2126000002%02d", i), fmt.Sprintf("hands.match/%d", i)
			h.got = nil
			r.asks(subject, phone)
			r.wants(r.last(phone), "Ton camion", "\n1 Oui\n2 Non")
			r.wants(r.text(phone, c.words), "")
			if want := fmt.Sprint(subject, " ", c.want); len(h.got) != 1 || h.got[0] != want {
				r.Errorf("%q was heard as %q", c.words, h.got)
			}
		}
		if r.desk.calls+len(r.desk.asked) != 0 {
			r.Error("an answer made a request")
		}
	})
}

func TestAnAnswerHeardTwiceCountsOnce(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		h.answer = Line{Text: "Choukran, à demain."}
		r.asks(lorry, karima)
		r.asks(lorry, karima) // a deed done again
		if n := len(r.on(karima)); n != 1 {
			r.Fatalf("asked %d times", n)
		}
		if got := r.text(karima, "1"); got != "Choukran, à demain." {
			r.Errorf("answered %q", got)
		}
		r.wants(r.text(karima, "1"), "déjà notée")
		r.wants(r.text(karima, "2"), "déjà notée")
		r.wants(r.text(karima, "oui"), "déjà notée")
		r.heardOf(h, lorry+" 1")
		r.asks(lorry, karima)
		if strings.Contains(r.last(karima), "camion") {
			r.Error("asked again within the hour of its answer")
		}
		r.now.Advance(10 * time.Minute) // long enough for a new wish
		r.wants(r.text(karima, "menu"), "1 ")
		r.text(karima, "1")
		r.heardOf(h, lorry+" 1")
		if n := r.count(`reach_question WHERE body IS NOT NULL`); n != 0 {
			r.Error("what was asked is kept")
		}
	})
}

func TestACrashBetweenAnAnswerAndItsHearerLosesNothingAndChangesNothing(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks(lorry, karima)
		h.fail = errors.New("the store is full")
		r.says(karima, "1")
		r.work()
		r.says(karima, "2") // impatient
		h.fail = nil
		for range 5 {
			r.work()
			r.now.Advance(20 * time.Second)
		}
		r.heardOf(h, lorry+" 1", lorry+" 1")
		if n := r.count(`reach_question WHERE state = 'answered' AND choice = 1`); n != 1 {
			r.Error("it is not answered by what came first")
		}
	})
}

func TestManyAnswersAtOnceAreOneAnswer(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks(lorry, karima)
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				if err := r.inbox.Heard(r.Context(), channel.Incoming{ID: fmt.Sprint("at once ", i), From: karima, Text: fmt.Sprint(1 + i%2), At: r.now.Now()}); err != nil {
					r.Error(err)
				}
				if err := r.Read(r.Context()); err != nil {
					r.Error(err)
				}
			})
		}
		all.Wait()
		for range 10 {
			r.work()
			r.now.Advance(20 * time.Second)
		}
		// whoever lost the row to another reader tells the same choice again
		if len(slices.Compact(h.got)) != 1 {
			r.Errorf("heard %q", h.got)
		}
	})
}

func TestSeveralOpenQuestionsToOneNumberHaveDigitsOfTheirOwn(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		for i := range 5 {
			r.asks(fmt.Sprintf("hands.match/%d", i), karima)
			r.now.Advance(time.Second)
		}
		all := r.on(karima)
		if len(all) != 4 {
			r.Fatalf("%d arrived: there are digits for four", len(all))
		}
		for i, text := range all {
			r.wants(text, fmt.Sprintf("Ton camion %d ?\n%d Oui\n%d Non", i, 2*i+1, 2*i+2))
		}
		r.wants(r.text(karima, "oui"), "quelle question", "camion 0", "3 Oui", "8 Non")
		r.heardOf(h)
		r.says(karima, "4")
		r.work()
		r.heardOf(h, "hands.match/1 2")
		r.must(r.Turns(r.Context()))
		r.work()
		if strings.Contains(strings.Join(r.on(karima), ""), "camion 4") {
			r.Error("its digits were given away while the answer may come twice")
		}
		r.now.Advance(6 * time.Minute)
		r.must(r.Turns(r.Context()))
		r.work()
		r.wants(r.last(karima), "camion 4 ?\n3 Oui\n4 Non")
		r.text(karima, "3")
		r.heardOf(h, "hands.match/1 2", "hands.match/4 1")
	})
}

func TestAFormUnderWayIsFinishedFirst(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.text(karima, "bonjour")
		r.text(karima, "1")
		was := len(r.on(karima))
		r.asks(lorry, karima)
		if len(r.on(karima)) != was {
			r.Fatal("somebody was interrupted")
		}
		r.text(karima, "1") // of the form
		r.heardOf(h)
		r.now.Advance(15 * time.Minute)
		r.must(r.Finish(r.Context()))
		r.work()
		if len(r.desk.asked) != 1 {
			r.Fatal("the request was lost")
		}
		r.wants(r.last(karima), "Ton camion", "1 Oui")
		r.text(karima, "1")
		r.heardOf(h, lorry+" 1")
	})
}

func TestAQuestionThatWasOpenBeforeAFormIsSaidAgainBelowItsEnd(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks(lorry, karima)
		r.text(karima, "menu")
		r.text(karima, "1") // the menu came after the question
		r.heardOf(h)
		for _, w := range []string{"1", "Tnirt derrière la montagne que personne ne connaît", "7", "0", "0", "0", "0"} {
			if len(r.desk.asked) == 0 {
				r.text(karima, w)
			}
		}
		if len(r.desk.asked) != 1 {
			r.Fatal("the form did not end")
		}
		r.wants(r.last(karima), "aussi demandé", "Ton camion", "1 Oui")
		r.text(karima, "2")
		r.heardOf(h, lorry+" 2")
	})
}

func TestDidItArriveKeepsItsDigits(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		waits := func(subject string) {
			r.desk.notices[subject] = Notice{Send: true, Once: subject, Key: "reach.confirm.ask", Lang: "fr", Level: 1, Phone: karima, Waiting: true}
			r.tell(subject)
			r.work()
		}
		waits("cases.case/1")
		r.asks(lorry, karima)
		r.wants(r.last(karima), "4 Oui\n5 Non")
		r.wants(r.text(karima, "oui"), "quelle question", "arrivée", "4 Oui")
		r.heardOf(h)
		r.text(karima, "4")
		r.heardOf(h, lorry+" 1")
		if len(r.desk.said) != 0 {
			r.Fatalf("a confirmation was heard: %q", r.desk.said)
		}
		r.text(karima, "1")
		if fmt.Sprint(r.desk.said) != "[yes]" {
			r.Errorf("the confirmation was %q", r.desk.said)
		}
		r.asks("hands.match/2", karima) // and the other way round: the confirmation comes later
		waits("cases.case/2")
		r.wants(r.text(karima, "1"), "aussi demandé", "camion 2")
		if fmt.Sprint(r.desk.said) != "[yes yes]" {
			r.Errorf("the confirmations were %q", r.desk.said)
		}
		r.text(karima, "1")
		r.heardOf(h, lorry+" 1", "hands.match/2 1")
	})
}

func TestAnExpiredQuestionSaysSoOnce(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks(lorry, karima)
		r.now.Advance(7 * time.Hour)
		r.must(r.Turns(r.Context()))
		r.wants(r.text(karima, "1"), "close")
		r.heardOf(h)
		if len(r.desk.asked) != 0 || r.count(`reach_conversation WHERE asking = 1`) != 0 {
			r.Error("an old answer began a request")
		}
		r.text(karima, "1")
		if r.count(`reach_conversation WHERE asking = 1`) != 1 {
			r.Error("the digit of the menu is not heard after that")
		}
	})
}

func TestAQuestionNobodyReadYetIsNotAnswered(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.now.At = noon.Add(11 * time.Hour) // people sleep
		r.text(brahim, "bonjour")
		r.puts(Question{Kind: "hands.match", Subject: lorry, Phone: brahim, Lang: "fr", Line: Line{Text: "Ton camion ?"}, Until: noon.Add(30 * time.Hour)})
		r.now.Advance(15 * time.Minute)
		r.must(r.Turns(r.Context()))
		r.text(brahim, "oui")
		r.heardOf(h)
		r.now.At = noon.Add(20*time.Hour + time.Minute)
		r.must(r.Turns(r.Context()))
		r.work()
		r.wants(r.last(brahim), "camion")
		r.text(brahim, "oui")
		r.heardOf(h, lorry+" 1")
	})
}

func TestWhoSaidStopIsNotAsked(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks(lorry, karima)
		r.text(karima, "STOP")
		r.asks("hands.match/2", karima)
		if n := len(r.on(karima)); n != 2 {
			r.Errorf("%d arrived", n)
		}
		r.text(karima, "1") // who writes again may still answer what they were asked
		r.heardOf(h, lorry+" 1")
	})
}

func TestAQuestionWithChoicesTellsTheDigitOfTheChoice(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks("hands.match/1", karima)
		r.puts(Question{Kind: "hands.match", Subject: lorry, Phone: karima, Lang: "fr", Until: noon.Add(time.Hour),
			Line: Line{Text: "Quand ?", Choices: []Choice{{1, "", "matin"}, {2, "", "soir"}, {7, "", "jamais"}}}})
		r.wants(r.last(karima), "3 matin\n4 soir\n5 jamais")
		h.fail = fault.New(fault.Conflict, "reach.question.over")
		r.wants(r.text(karima, "5"), "close")
		r.heardOf(h, lorry+" 7")
		if n := r.count(`reach_question WHERE state = 'answered' AND choice = 7`); n != 1 {
			r.Error("it is not settled")
		}
	})
}

func TestANoticeOutsideOfCasesIsSentOnceForItsSubjectAndSentence(t *testing.T) {
	rigs(t, func(r *rig) {
		inform := func(subject, key string) {
			r.must(r.h.Do(r.Context(), actor.Actor{System: "test"}, deedTest, func(t *deed.Tx) error {
				r.must(t.AllowAny())
				if err := r.Inform(t, Inform{Subject: subject, Phone: "0600 00 01 01", Lang: "en", Line: say(key)}); err != nil {
					return err
				}
				return t.Tell(subject, struct{}{})
			}))
			r.work()
		}
		for range 3 {
			inform(lorry, "reach.question.thanks")
		}
		inform(lorry, "reach.question.over")
		inform("hands.offer/1", "reach.question.thanks")
		if n := len(r.on(karima)); n != 3 {
			r.Errorf("%d arrived", n)
		}
		if n := r.told(DeedNotice, lorry); n != 2 {
			r.Errorf("the journal tells %d times of it", n)
		}
		err := r.h.Do(r.Context(), actor.Actor{System: "test"}, deedTest, func(t *deed.Tx) error {
			r.must(t.AllowAny())
			return r.Inform(t, Inform{Subject: lorry, Phone: "ring my neighbour", Line: say("reach.question.thanks")})
		})
		r.refused(err, fault.Invalid, "a number that is none")
	})
}

func TestWhatCouldNotBeSentToAHandCanBeSentAgain(t *testing.T) {
	rigs(t, func(r *rig) {
		r.staffed()
		r.hearer()
		r.mast.net.Fail(channel.Faults{Refuse: 1})
		r.asks(lorry, karima)
		r.stand("failed no_such_number")
		var mid string
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) (err error) {
			mid, err = db.One(t, db.Text, `SELECT id FROM reach_message`)
			return err
		}))
		m, err := id.Parse[message](mid)
		r.must(err)
		r.must(r.SendAgain(r.Context(), as(actor.CrisisCell), []MessageID{m}))
		r.work()
		r.wants(r.last(karima), "camion")
	})
}

func TestErasingASubjectTakesItsQuestionsAway(t *testing.T) {
	rigs(t, func(r *rig) {
		r.hearer()
		r.asks(lorry, karima)
		r.must(r.Forget(r.Context(), deed.Record{Subject: lorry}))
		if n := r.count(`reach_question`) + r.count(`reach_conversation`) + r.count(`reach_message WHERE body IS NOT NULL`); n != 0 {
			r.Errorf("%d things are kept of it", n)
		}
	})
}

func TestWhoWasOnlyEverAskedIsNotForgottenWhileTheQuestionIsOpen(t *testing.T) {
	rigs(t, func(r *rig) {
		h := r.hearer()
		r.asks("hands.match/1", karima)
		r.now.Advance(40 * 24 * time.Hour)
		r.must(r.Turns(r.Context()))
		r.puts(Question{Kind: "hands.match", Subject: lorry, Phone: karima, Lang: "fr", Line: Line{Text: "Et demain ?"}, Until: r.now.Now().Add(time.Hour)})
		r.must(r.Sweep(r.Context()))
		r.text(karima, "1")
		r.heardOf(h, lorry+" 1")
	})
}
