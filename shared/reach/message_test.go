package reach

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// tell tells the holders of a case how it stands.
func (r *rig) tell(subject string) {
	r.Helper()
	if err := r.Tell(r.Context(), deed.Record{Subject: subject}); err != nil {
		r.Fatal(err)
	}
}

func TestWhoSaysStopGetsNoNoticeUntilStart(t *testing.T) {
	rigs(t, func(r *rig) {
		r.now.At = noon.Add(11 * time.Hour) // people sleep
		r.text(karima, "سلام")
		r.notice("cases.case/1", "a", karima, 4) // waits for the morning
		r.now.Advance(time.Second)
		r.wants(r.text(karima, "قف"), "ابدأ")
		r.notice("cases.case/1", "b", karima, 1)
		r.now.Advance(12 * time.Hour)
		r.work()
		if all := r.on(karima); len(all) != 2 {
			r.Fatalf("after STOP arrived %q", all)
		}
		r.stand("taken", "dropped stopped", "taken")
		r.wants(r.text(karima, "start"), "")
		r.notice("cases.case/1", "c", karima, 1)
		r.work()
		if all := r.on(karima); len(all) != 4 {
			r.Errorf("after START arrived %q", all)
		}
	})
}

func TestQuietHoursHoldWhatIsNotUrgentUntilMorning(t *testing.T) {
	rigs(t, func(r *rig) {
		r.now.At = noon.Add(11 * time.Hour)
		r.notice("cases.case/1", "a", karima, 4)
		r.notice("cases.case/2", "a", brahim, 1)
		r.work()
		if len(r.on(karima)) != 0 || len(r.on(brahim)) != 1 {
			r.Fatalf("at night %d and %d arrived", len(r.on(karima)), len(r.on(brahim)))
		}
		r.now.At = time.Date(2026, 11, 22, 7, 59, 59, 0, time.UTC)
		r.work()
		if len(r.on(karima)) != 0 {
			r.Error("it came before eight")
		}
		r.now.Advance(time.Second)
		r.work()
		if len(r.on(karima)) != 1 {
			r.Error("it did not come at eight")
		}
		if !strings.Contains(r.text(brahim, "menu"), "1 ") {
			r.Error("whoever writes is not answered")
		}
	})
}

func TestANoticeThatFailedInTheEveningIsNotTriedAgainAtNight(t *testing.T) {
	rigs(t, func(r *rig) {
		r.now.At = time.Date(2026, 11, 21, 20, 59, 59, 0, time.UTC)
		r.mast.net.Fail(channel.Faults{Away: 1})
		r.notice("cases.case/1", "a", karima, 4)
		r.work()
		r.now.Advance(2 * time.Hour)
		r.work()
		if len(r.on(karima)) != 0 {
			r.Error("it woke them")
		}
		r.now.Advance(10 * time.Hour)
		r.work()
		if len(r.on(karima)) != 1 {
			r.Error("it never came")
		}
	})
}

func TestTheDaysBudgetHoldsBackWhatIsNotUrgentAndNothingElse(t *testing.T) {
	rigs(t, func(r *rig) {
		r.g.PerDay, r.g.Minor = 2, 25
		r.notice("cases.case/1", "a", karima, 4)
		r.notice("cases.case/2", "a", karima, 4)
		r.work()
		r.notice("cases.case/3", "a", karima, 3)
		r.notice("cases.case/4", "a", brahim, 2)
		r.says(brahim, "menu")
		r.work()
		if len(r.on(karima)) != 2 || len(r.on(brahim)) != 2 {
			r.Fatalf("%d and %d arrived over the budget", len(r.on(karima)), len(r.on(brahim)))
		}
		if n := r.count(`reach_spent WHERE gateway = 'mast' AND parts >= 4 AND minor = 25 * parts`); n != 1 {
			r.Error("what was spent is not kept")
		}
		r.now.At = time.Date(2026, 11, 22, 0, 30, 0, 0, time.UTC)
		r.work()
		if len(r.on(karima)) != 2 {
			r.Error("a new day began at midnight, and somebody was woken")
		}
		r.now.Advance(8 * time.Hour)
		r.work()
		if len(r.on(karima)) != 3 {
			r.Error("what was held back never came")
		}
	})
}

func TestARefusedNumberFailsAndIsListed(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Refuse: 1})
		r.says(karima, "menu")
		r.work()
		r.stand("failed no_such_number")
		r.now.Advance(time.Hour)
		r.work()
		if len(r.mast.sent) != 1 {
			r.Errorf("it was sent %d times", len(r.mast.sent))
		}
		if n := r.count(`reach_message WHERE state IN ('failed', 'unsure') AND body IS NOT NULL AND done_at IS NOT NULL`); n != 1 {
			r.Errorf("%d stand on the list", n)
		}
	})
}

func TestAGatewayThatIsAwayIsTriedAgainEverMoreSlowly(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Away: 3})
		r.says(karima, "menu")
		var moments []time.Duration
		for begin, was := r.now.At, 0; len(r.on(karima)) == 0 && r.now.At.Sub(begin) < time.Hour; r.now.Advance(time.Second) {
			r.work()
			if n := len(r.mast.sent); n > was {
				moments, was = append(moments, r.now.At.Sub(begin)), n
			}
		}
		if fmt.Sprint(moments) != "[0s 2s 6s 14s]" {
			r.Errorf("it was tried after %v", moments)
		}
		r.stand("taken")
	})
}

func TestAMessageThatNoGatewayTakesIsListed(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Away: -1})
		r.says(karima, "menu")
		for range 20 {
			r.work()
			r.now.Advance(18 * time.Minute)
		}
		r.stand("failed away")
		if len(r.mast.sent) != mostSends {
			r.Errorf("it was sent %d times", len(r.mast.sent))
		}
	})
}

func TestABusyGatewayIsGivenTheTimeItAsksFor(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Busy: 1})
		r.says(karima, "menu")
		r.work()
		r.now.Advance(29 * time.Second)
		r.work()
		if len(r.mast.sent) != 1 {
			r.Error("it was not waited for")
		}
		r.now.Advance(time.Second)
		r.work()
		r.stand("taken")
	})
}

func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.once = false
		r.mast.net.Fail(channel.Faults{Hang: 1})
		r.says(karima, "menu")
		for range 3 {
			r.work()
			r.now.Advance(time.Hour)
		}
		r.stand("unsure lost")
		if n := len(r.on(karima)); n != 1 {
			r.Errorf("it arrived %d times", n)
		}
		r.must(r.inbox.Became(r.Context(), channel.Report{ID: r.mast.sent[0], State: channel.Delivered}))
		r.stand("delivered")
	})
}

func TestAGatewayThatKnowsAMessageForTheSameIsToldAgain(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Hang: 2})
		r.says(karima, "menu")
		for range 4 {
			r.work()
			r.now.Advance(10 * time.Second)
		}
		r.stand("taken")
		if len(r.mast.sent) != 3 || len(r.on(karima)) != 1 {
			r.Errorf("sent %d times, arrived %d times", len(r.mast.sent), len(r.on(karima)))
		}
	})
}

func TestAReportThatOvertakesTheAnswerIsBelieved(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.early = func(o channel.Outgoing) {
			r.must(r.inbox.Became(r.Context(), channel.Report{Ref: "ref-" + o.ID, State: channel.Delivered}))
		}
		r.says(karima, "menu")
		r.work()
		r.mast.early = func(o channel.Outgoing) {
			for range 2 {
				r.must(r.inbox.Became(r.Context(), channel.Report{ID: o.ID, State: channel.Taken}))
				r.must(r.inbox.Became(r.Context(), channel.Report{ID: o.ID, State: channel.Delivered}))
			}
		}
		r.says(brahim, "menu")
		r.work()
		r.stand("delivered", "delivered")
		if n := r.count(`reach_spent WHERE parts >= 2`); n != 1 {
			r.Error("what was sent is not counted")
		}
	})
}

func TestWhatIsDeliveredStaysDelivered(t *testing.T) {
	rigs(t, func(r *rig) {
		r.says(karima, "menu")
		r.work()
		ref := "ref-" + r.mast.sent[0]
		r.must(r.inbox.Became(r.Context(), channel.Report{Ref: ref, State: channel.Failed, Code: "unreachable"}))
		r.stand("failed unreachable")
		r.must(r.inbox.Became(r.Context(), channel.Report{Ref: ref, State: channel.Delivered}))
		r.must(r.inbox.Became(r.Context(), channel.Report{Ref: ref, State: channel.Failed, Code: "unreachable"}))
		r.must(r.inbox.Became(r.Context(), channel.Report{Ref: "somebody else's", State: channel.Failed}))
		r.stand("delivered")
	})
}

func TestAMessageThatIsBeingSentIsNotTooLate(t *testing.T) {
	rigs(t, func(r *rig) {
		r.says(karima, "menu")
		r.must(r.Read(r.Context()))
		r.now.Advance(time.Duration(r.Rules.Valid.Answer))
		r.mast.early = func(channel.Outgoing) {
			r.now.Advance(time.Second)
			if _, err := r.leaseMessages(r.Context(), r.g, sendBatch); err != nil { // as another process does
				r.Error(err)
			}
		}
		r.work()
		r.stand("taken")
		r.mast.early = nil
		r.says(brahim, "menu")
		r.must(r.Read(r.Context()))
		r.now.Advance(time.Duration(r.Rules.Valid.Answer) + time.Second)
		r.work()
		r.stand("taken", "failed too_late")
	})
}

func TestMessagesToOnePersonArriveInTheOrderInWhichTheyWerePut(t *testing.T) {
	rigs(t, func(r *rig) {
		for i := range 20 {
			r.desk.notices["cases.case/1"] = Notice{Send: true, Once: fmt.Sprint(i), Key: "reach.ask.no_such_digit", Args: []any{"digit", i}, Lang: "en", Level: 1, Phone: karima}
			r.tell("cases.case/1")
			r.now.Advance(time.Millisecond)
		}
		r.work()
		for i, text := range r.on(karima) {
			if want := fmt.Sprintf("The number %d is not among the choices.", i); text != want {
				r.Fatalf("as number %d arrived %q", i, text)
			}
		}
		if n := len(r.on(karima)); n != 20 {
			r.Errorf("%d arrived", n)
		}
	})
}

// arrives waits until something is on a phone.
func (r *rig) arrives(phone string) bool {
	late := time.After(10 * time.Second)
	for {
		changed := r.mast.net.Changed()
		if len(r.on(phone)) > 0 {
			return true
		}
		select {
		case <-changed:
		case <-late:
			return false
		}
	}
}

func TestAMessageThatHangsHoldsUpNobodyElse(t *testing.T) {
	rigs(t, func(r *rig) {
		letGo := make(chan struct{})
		r.mast.early = func(o channel.Outgoing) {
			if o.To == karima {
				<-letGo
			}
		}
		r.says(karima, "menu")
		r.must(r.Read(r.Context()))
		done := make(chan error, 1)
		go func() { done <- r.Send(r.Context(), r.g) }()
		r.arrives(karima)
		r.says(brahim, "menu")
		r.must(r.Read(r.Context()))
		if !r.arrives(brahim) {
			r.Error("it waits for the one that hangs")
		}
		close(letGo)
		r.must(<-done)
		r.stand("taken", "taken")
	})
}

func TestANoticeIsPutOnceForItsMoment(t *testing.T) {
	rigs(t, func(r *rig) {
		for range 3 {
			r.notice("cases.case/1", "owned", karima, 1)
			r.work()
		}
		r.notice("cases.case/1", "moving", karima, 1)
		r.work()
		if n := len(r.on(karima)); n != 2 {
			r.Errorf("%d arrived", n)
		}
	})
}

func TestNoLogLineHoldsANumberOrATextOrACode(t *testing.T) {
	rigs(t, func(r *rig) {
		r.mast.net.Fail(channel.Faults{Away: 1, Busy: 1, Hang: 1})
		r.desk.before = func(Asking) error {
			r.desk.before = nil
			return fmt.Errorf("the store is full")
		}
		for _, words := range []string{"سلام", "1", "3", "زنقة الورد الأبيض", "7", "0", "مرحبا من جديد عندنا خبر آخر", "stop"} {
			r.says(karima, words)
			for range 3 {
				r.work()
				r.now.Advance(20 * time.Second)
			}
		}
		r.says("BANK-INFO", "رصيدك ألف درهم")
		r.notice("cases.case/1", "a", brahim, 1)
		r.must(r.inbox.Became(r.Context(), channel.Report{ID: "no identifier of ours", State: channel.Failed}))
		if err := r.inbox.Heard(r.Context(), channel.Incoming{ID: "x", From: "", Text: "سر"}); err == nil || strings.Contains(err.Error(), "سر") {
			r.Errorf("a sender without an address: %v", err)
		}
		r.now.Advance(time.Hour)
		r.must(r.Finish(r.Context()))
		r.work()
		if len(r.desk.asked) == 0 || !strings.Contains(r.log.String(), "the store is full") {
			r.Fatal("nothing happened that could be logged")
		}
		for _, secret := range []string{"600000101", "600000102", "BANK", "سلام", "الورد", "مرحبا", "رصيدك", "123456", "100000000", "100 000 000"} {
			if strings.Contains(r.log.String(), secret) {
				r.Errorf("the log holds %q:\n%s", secret, r.log)
			}
		}
	})
}
