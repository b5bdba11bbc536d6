package reach

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach/channel"
)

func TestPartsInAnyOrderMakeOneRequest(t *testing.T) {
	rigs(t, func(r *rig) {
		r.part(karima, 7, 3, 3, " تحت الأنقاض عاونونا")
		r.work()
		if len(r.on(karima)) > 0 || len(r.desk.asked) > 0 {
			r.Fatal("one part of three was answered")
		}
		r.now.Advance(time.Second)
		r.part(karima, 7, 1, 3, "سلام عليكم، عندنا في الدوار")
		r.part(brahim, 7, 2, 3, "رسالة شخص آخر بنفس الرقم التسلسلي")
		r.work()
		r.now.Advance(time.Second)
		r.part(karima, 7, 2, 3, " ناس")
		r.work()
		if len(r.desk.asked) != 1 || len(r.on(karima)) != 1 {
			r.Fatalf("%d requests, %d answers", len(r.desk.asked), len(r.on(karima)))
		}
		if got := r.desk.asked[0].Answers.Text("words"); got != "سلام عليكم، عندنا في الدوار ناس تحت الأنقاض عاونونا" {
			r.Errorf("the parts make %q", got)
		}
	})
}

func TestAMessageOfWhichAPartIsLostIsReadWithoutIt(t *testing.T) {
	rigs(t, func(r *rig) {
		r.part(karima, 9, 1, 2, stones)
		r.work()
		r.now.Advance(joinWait)
		r.work()
		if len(r.desk.asked) > 0 {
			r.Error("the other part was not waited for")
		}
		r.now.Advance(2 * time.Second)
		r.work()
		if len(r.desk.asked) != 1 || len(r.on(karima)) != 1 {
			r.Fatalf("%d requests, %d answers", len(r.desk.asked), len(r.on(karima)))
		}
		r.wants(r.desk.asked[0].Answers.Text("words"), stones, "…")
	})
}

func TestAMessageToldTwiceIsAnsweredOnce(t *testing.T) {
	rigs(t, func(r *rig) {
		in := channel.Incoming{ID: "the network's name", From: karima, Text: stones, At: r.now.Now()}
		r.must(r.inbox.Heard(r.Context(), in))
		r.must(r.inbox.Heard(r.Context(), in))
		r.work()
		r.now.Advance(time.Hour)
		r.must(r.inbox.Heard(r.Context(), in))
		r.work()
		nameless := channel.Incoming{From: brahim, Text: stones, At: r.now.Now()}
		r.must(r.inbox.Heard(r.Context(), nameless))
		r.work()
		r.must(r.inbox.Heard(r.Context(), nameless))
		r.work()
		if len(r.desk.asked) != 2 || len(r.on(karima)) != 1 || len(r.on(brahim)) != 1 {
			r.Errorf("%d requests, %d and %d answers", len(r.desk.asked), len(r.on(karima)), len(r.on(brahim)))
		}
	})
}

func TestACrashBetweenTheRequestAndTheAnswerMakesNoSecondRequest(t *testing.T) {
	rigs(t, func(r *rig) {
		crashes := 2
		r.desk.after = func(Asking) error {
			if crashes--; crashes >= 0 {
				return errors.New("the power went")
			}
			return nil
		}
		r.says(karima, stones)
		for range 4 {
			r.work()
			r.now.Advance(10 * time.Second)
		}
		if len(r.desk.asked) != 1 || len(r.on(karima)) != 1 || crashes >= 0 {
			r.Fatalf("%d requests, %d answers", len(r.desk.asked), len(r.on(karima)))
		}
		r.wants(r.on(karima)[0], "100 000 000")
	})
}

func TestACrashAtTheLastQuestionMakesNoSecondRequest(t *testing.T) {
	rigs(t, func(r *rig) {
		for _, words := range []string{"سلام", "1", "3", "دوار لا يعرفه أحد وراء الجبل", "7"} {
			r.text(karima, words)
		}
		crashed := false
		r.desk.after = func(Asking) error {
			if !crashed {
				crashed = true
				return errors.New("the power went")
			}
			return nil
		}
		r.says(karima, "1")
		r.work()
		r.now.Advance(time.Second)
		r.says(karima, "7") // impatient: what they write meanwhile waits its turn
		r.work()
		for range 3 {
			r.now.Advance(10 * time.Second)
			r.work()
		}
		if len(r.desk.asked) != 1 || !crashed {
			r.Fatalf("%d requests", len(r.desk.asked))
		}
		if all := r.on(karima); len(all) != 7 || !strings.Contains(all[5]+all[6], "100 000 000") || strings.Contains(all[5]+all[6], "الاختيارات") {
			r.Errorf("the answers are %q", all)
		}
	})
}

func TestWhatSomebodyWroteIsReadInTheOrderInWhichTheyWroteIt(t *testing.T) {
	rigs(t, func(r *rig) {
		r.text(karima, "سلام")
		fails := 1
		r.desk.before = func(Asking) error {
			if fails--; fails >= 0 {
				return errors.New("the store is full")
			}
			return nil
		}
		for _, words := range []string{"1", "1 3", "دوار لا يعرفه أحد وراء الجبل", "0"} { // trapped, and hungry; then: how does it stand?
			r.says(karima, words)
			r.now.Advance(time.Microsecond)
		}
		for range 6 {
			r.work()
			r.now.Advance(5 * time.Second)
		}
		if len(r.desk.asked) != 1 {
			r.Fatalf("%d requests", len(r.desk.asked))
		}
		if got := r.desk.asked[0].Answers.Place("where").Text; got != "دوار لا يعرفه أحد وراء الجبل" {
			r.Errorf("the place is %q", got)
		}
		if all := r.on(karima); len(all) != 5 {
			r.Errorf("the answers are %q", all)
		}
	})
}

func TestFloodingFromOneNumberIsSlowedAndHoldsUpNobodyElse(t *testing.T) {
	rigs(t, func(r *rig) {
		for i := range 100 {
			r.says(karima, fmt.Sprint("سلام ", i))
		}
		r.says(brahim, stones)
		r.work()
		if n := len(r.on(karima)); n != r.Rules.Flood.PerMinute {
			r.Errorf("%d of a hundred at once were answered", n)
		}
		if len(r.on(brahim)) != 1 || len(r.desk.asked) != 1 {
			r.Errorf("whoever wrote one message got %d answers", len(r.on(brahim)))
		}
		r.now.Advance(time.Minute)
		r.work()
		if n := len(r.on(karima)); n <= r.Rules.Flood.PerMinute || n > 2*r.Rules.Flood.PerMinute {
			r.Errorf("a minute later %d were answered", n)
		}
		r.now.Advance(30 * time.Minute)
		r.work()
		if n := len(r.on(karima)); n != r.Rules.Flood.PerHour {
			r.Errorf("%d were answered in the hour", n)
		}
		if n := r.count(`reach_heard WHERE state = 'flood' AND body IS NOT NULL`); n != 40 {
			r.Errorf("%d are kept for a person to read", n)
		}
	})
}

func TestWhatIsBrokenIsKeptForAPersonAndHoldsUpNobodyElse(t *testing.T) {
	rigs(t, func(r *rig) {
		r.desk.before = func(a Asking) error {
			if a.Answers.Text("words") == stones {
				return errors.New("never")
			}
			return nil
		}
		r.says(karima, stones)
		for range 12 {
			r.work()
			r.now.Advance(5 * time.Minute)
		}
		if n := r.count(`reach_heard WHERE state = 'broken' AND body IS NOT NULL`); n != 1 {
			r.Errorf("%d are kept for a person to read", n)
		}
		r.wants(r.text(karima, "menu"), "أحتاج مساعدة")
	})
}

func TestAnUnfinishedRequestIsSentAfterTheSilence(t *testing.T) {
	rigs(t, func(r *rig) {
		r.text(karima, "سلام")
		r.text(karima, "1")
		r.text(karima, "3 6")
		r.text(brahim, "menu") // nothing told: nothing to send
		r.text(brahim, "1")
		r.must(r.Finish(r.Context()))
		if len(r.desk.asked) > 0 {
			r.Fatal("a request was sent while somebody may be typing")
		}
		r.now.Advance(time.Duration(r.Rules.Silence.After))
		r.must(r.Finish(r.Context()))
		r.must(r.Finish(r.Context()))
		r.work()
		if len(r.desk.asked) != 1 || !r.desk.asked[0].Partly || strings.Join(r.desk.asked[0].Answers.List("need"), " ") != "food water" {
			r.Fatalf("%d requests", len(r.desk.asked))
		}
		if all := r.on(karima); len(all) != 4 || !strings.Contains(all[3], "100 000 000") {
			r.Errorf("the person is told %q", all)
		}
		if len(r.on(brahim)) != 2 {
			r.Errorf("who said nothing is told %q", r.on(brahim))
		}
		r.wants(r.text(brahim, "1"), "1")
	})
}

func TestALongSilenceBeginsAnew(t *testing.T) {
	rigs(t, func(r *rig) {
		r.text(karima, "langue") // they never chose
		r.now.Advance(time.Duration(r.Rules.Silence.Forget) + time.Minute)
		r.wants(r.text(karima, "1"), "3 ") // the first service, and not the first language
		r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) error {
			c, err := r.converse1(t, karima)
			if err == nil && c.Talk.At != asking {
				r.Errorf("they are at %q", c.Talk.At)
			}
			return err
		}))
	})
}

// converse1 is the conversation of a phone.
func (r *rig) converse1(t *db.Tx, phone string) (*Conversation, error) {
	return db.One(t, r.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE address_key = ?1`, r.addressKey(channel.SMS, phone))
}

func TestAQuestionWhetherHelpCameOutlivesTheSilence(t *testing.T) {
	rigs(t, func(r *rig) {
		r.desk.notices["cases.case/1"] = Notice{Send: true, Once: "delivered", Key: "reach.confirm.ask", Lang: "fr", Level: 2, Phone: karima, Waiting: true}
		r.tell("cases.case/1")
		r.work()
		r.now.Advance(3 * 24 * time.Hour)
		r.text(karima, "1")
		if len(r.desk.said) != 1 || r.desk.said[0] != "yes" {
			r.Errorf("the answers are %q", r.desk.said)
		}
	})
}

func TestNumbersInArabicDigitsAreNumbers(t *testing.T) {
	rigs(t, func(r *rig) {
		r.text(karima, "سلام")
		for _, words := range []string{"١", "٣ ٦", "دوار لا يعرفه أحد وراء الجبل", "١٢", "٠"} {
			r.text(karima, words)
		}
		r.text(brahim, "salam")
		for _, words := range []string{"1", "۳،۶", "دوار لا يعرفه أحد وراء الجبل", "۱۲", "0"} { // Persian keyboards
			r.text(brahim, words)
		}
		if len(r.desk.asked) != 2 {
			r.Fatalf("%d requests; %q", len(r.desk.asked), r.on(karima))
		}
		for _, a := range r.desk.asked {
			if n := a.Answers.Int("people"); n != 12 || strings.Join(a.Answers.List("need"), " ") != "food water" {
				r.Errorf("%d people need %v", n, a.Answers.List("need"))
			}
		}
	})
}

func TestASenderWhoIsNoNumberIsAnsweredByNobody(t *testing.T) {
	rigs(t, func(r *rig) {
		r.says("BANK-INFO", stones)
		r.work()
		if len(r.states()) > 0 || len(r.desk.asked) > 0 {
			r.Errorf("a bank was answered: %q", r.states())
		}
		if n := r.count(`reach_heard WHERE state = 'done'`); n != 1 {
			r.Errorf("%d were read", n)
		}
	})
}
