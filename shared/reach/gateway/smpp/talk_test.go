package smpp

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

func TestALongMessageGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	p.up()
	long := strings.Repeat("Le camion part à midi. ", 12) // two parts
	done := p.sending("42", long)
	first := w.expect(submitSM)
	w.answer(first, statusOK, []byte("A1\x00"))
	w.answer(w.expect(submitSM), statusThrottled, nil) // and is tried again by itself
	w.answer(w.expect(submitSM), statusSystem, nil)
	if err := <-done; !errors.Is(err, channel.ErrAway) {
		t.Fatalf("the second part was not taken: %v", err)
	}
	done = p.sending("42", long)
	second := w.expect(submitSM)
	w.answer(second, statusOK, []byte("A2\x00"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	whole := ""
	for i, raw := range []pdu{first, second} {
		m, err := readMessage(raw.body)
		if err != nil || m.class != esmUserHeader || m.registered != 1 || m.coding != 0 {
			t.Fatalf("part %d: class %#x, %v", i+1, m.class, err)
		}
		h, rest, err := sms.ParseUDH(m.short)
		if err != nil || h.Part != i+1 || h.Parts != 2 || h.Ref != reference("42")&0xFF {
			t.Fatalf("part %d says %+v, %v", i+1, h, err)
		}
		whole += sms.DecodeGSM7(rest)
	}
	if whole != long {
		t.Error("the parts are not the text")
	}

	// One part delivered is not the message delivered.
	if s := w.tell(1, receiptOf("A2", "DELIVRD")); s != statusOK || len(p.in.Reports()) != 0 {
		t.Fatalf("status %d and %d reports after one part of two", s, len(p.in.Reports()))
	}
	w.tell(2, receiptOf("A1", "DELIVRD"))
	if got := p.in.Reports(); len(got) != 1 || got[0].ID != "42" || got[0].State != channel.Delivered {
		t.Errorf("after both: %+v", got)
	}
}

func TestALongMessageFailsWithAnyOfItsParts(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	p.up()
	done := p.sending("7", strings.Repeat("ماء ", 30))
	w.answer(w.expect(submitSM), statusOK, []byte("B1\x00"))
	w.answer(w.expect(submitSM), statusOK, []byte("B2\x00"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.tell(1, receiptOf("B1", "DELIVRD"))
	w.tell(2, receiptOf("B2", "ENROUTE"))
	w.tell(3, receiptOf("B2", "EXPIRED"))
	got := p.in.Reports()
	if len(got) != 1 || got[0].ID != "7" || got[0].State != channel.Failed || got[0].Code != "EXPIRED" {
		t.Errorf("%+v", got)
	}
}

func TestAReceiptThatOvertakesItsAnswerFindsItsMessage(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	p.up()
	done := p.sending("early", "vite")
	asked := w.expect(submitSM)
	w.say(pdu{id: deliverSM, seq: 3, body: receiptOf("E9", "DELIVRD").bytes()})
	w.quiet(50 * time.Millisecond)
	w.answer(asked, statusOK, []byte("E9\x00"))
	w.expect(deliverSM | answerTo)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := p.in.Reports(); len(got) != 1 || got[0].ID != "early" {
		t.Errorf("%+v", got)
	}
	// A name that we do not know any more is told as it stands.
	w.tell(4, receiptOf("OLD-1", "DELIVRD"))
	if got := p.in.Reports(); len(got) != 2 || got[1].ID != "" || got[1].Ref != "OLD-1" {
		t.Errorf("%+v", got)
	}
}

func TestAnAnswerThatCameTooLateIsStillKnown(t *testing.T) {
	t.Parallel()
	p := play(t, func(c *Config) { c.Answer = 500 * time.Millisecond })
	w := p.open(statusOK)
	p.up()
	done := p.sending("late", "tard")
	asked := w.expect(submitSM)
	if err := <-done; !errors.Is(err, channel.ErrUnsure) {
		t.Fatalf("without an answer: %v", err)
	}
	w.answer(asked, statusOK, []byte("L1\x00"))
	w.tell(1, receiptOf("L1", "DELIVRD"))
	if got := p.in.Reports(); len(got) != 1 || got[0].ID != "late" || got[0].State != channel.Delivered {
		t.Errorf("%+v", got)
	}
	done = p.sending("late", "tard") // is welcome, and not said twice
	if err := <-done; err != nil {
		t.Errorf("the same again: %v", err)
	}
	w.quiet(50 * time.Millisecond)
}

func TestNoMoreQuestionsAreOpenThanTheWindowAllows(t *testing.T) {
	t.Parallel()
	p := play(t, func(c *Config) { c.Window = 3 })
	w := p.open(statusOK)
	p.up()
	var all []chan error
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		all = append(all, p.sending(id, "fenêtre"))
	}
	asked := []pdu{w.expect(submitSM), w.expect(submitSM), w.expect(submitSM)}
	w.quiet(50 * time.Millisecond)
	slices.Reverse(asked) // answers come in any order
	for i, q := range asked {
		w.answer(q, statusOK, []byte{byte('A' + i), 0})
	}
	for i := range 2 {
		w.answer(w.expect(submitSM), statusOK, []byte{byte('X' + i), 0})
	}
	for _, done := range all {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsToldAgainBecauseOurThanksWereLostIsOneMessage(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	p.in.Refuse(1)
	if s := w.tell(1, text("212661234542", "1")); s != statusNotNow {
		t.Errorf("the inbox was full, and it was answered %s", nameOf(s))
	}
	w.tell(2, text("212661234542", "1"))
	w.tell(3, text("212661234542", "1")) // written once more: another message
	if got := p.in.From("+212661234542"); len(got) != 2 {
		t.Fatalf("two messages are %d", len(got))
	}
	_ = w.Close() // the centre never got our last thanks
	w = p.open(statusOK)
	w.tell(1, text("212661234542", "1"))
	if got := p.in.From("+212661234542"); len(got) != 2 {
		t.Fatalf("one told again over a new connection makes %d messages of two", len(got))
	}
	w.tell(2, text("212661234542", "1"))
	if got := p.in.From("+212661234542"); len(got) != 3 {
		t.Errorf("a third of the same words makes %d messages", len(got))
	}
	w.say(pdu{id: unbind, seq: 3}) // after a goodbye nothing of ours was lost
	w.expect(unbind | answerTo)
	w = p.open(statusOK)
	w.tell(1, text("212661234542", "1"))
	if got := p.in.From("+212661234542"); len(got) != 4 {
		t.Errorf("a fourth of the same words makes %d messages", len(got))
	}
}

func TestWhatCannotBeReadIsRefusedForGood(t *testing.T) {
	t.Parallel()
	p := play(t, nil)
	w := p.open(statusOK)
	picture := text("212661234542", "x")
	picture.coding = 0x04
	if s := w.tell(1, picture); s != statusNever {
		t.Errorf("8 bits of data were answered %s", nameOf(s))
	}
	cut := text("212661234542", "x")
	cut.class, cut.short = esmUserHeader, []byte{9, 0, 3}
	if s := w.tell(2, cut); s != statusNever {
		t.Errorf("a header that is cut off was answered %s", nameOf(s))
	}
	w.say(pdu{id: deliverSM, seq: 3, body: []byte{1, 2, 3}})
	if a := w.expect(deliverSM | answerTo); a.status != statusNever {
		t.Errorf("a body that is none was answered %s", nameOf(a.status))
	}
	if s := w.tell(4, receiptOf("", "")); s != statusOK {
		t.Errorf("a receipt that says nothing was answered %s, and would come for ever", nameOf(s))
	}
	if got := p.in.All(); len(got) != 0 || len(p.in.Reports()) != 0 {
		t.Errorf("%d things were heard", len(got))
	}
}
