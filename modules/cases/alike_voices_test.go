package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func TestEachPersonIsToldOnceThatTheirRequestWasJoinedAndOnceThatItIsApart(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		lead, voice := w.ask(nil), w.other(1, nil)
		by := w.staff(actor.Dispatcher, tidili)
		tidings := func(c CaseID) Tidings {
			n, err := w.TidingsOf(t.Context(), subject(c))
			w.must(err)
			return n
		}
		keys := func(n Tidings) (out []string) {
			for _, x := range append([]Tidings{n}, n.Also...) {
				if x.Send {
					out = append(out, x.Key+" "+x.Once)
				}
			}
			return out
		}
		w.clock.Advance(2 * time.Hour)
		w.must(w.Merge(t.Context(), by, voice.ID, lead.ID))
		first := keys(tidings(voice.ID))
		w.must(w.Merge(t.Context(), by, voice.ID, lead.ID)) // again changes nothing
		w.clock.Advance(time.Minute)
		if again := keys(tidings(voice.ID)); !slices.Equal(first, again) || len(first) != 1 || !strings.Contains(first[0], "message.duplicate") {
			t.Errorf("told %v, then %v", first, again)
		}
		w.must(w.Unmerge(t.Context(), by, voice.ID))
		if apart := keys(tidings(voice.ID)); !slices.ContainsFunc(apart, func(s string) bool { return strings.HasPrefix(s, "cases.message.parted ") }) {
			t.Errorf("apart, and told %v", apart)
		}
		if of := keys(tidings(lead.ID)); slices.ContainsFunc(of, func(s string) bool { return strings.Contains(s, "parted") }) {
			t.Errorf("whoever asked first is told of it: %v", of)
		}
	})
}

func TestHelpThatCameOnceIsSeenUnderEveryReceipt(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		lead, owner := w.delivered()
		voice := w.other(1, nil)
		w.must(w.Merge(t.Context(), w.staff(actor.Dispatcher, tidili), voice.ID, lead.ID))
		s, err := w.StandFor(t.Context(), voice.Receipt, "", w.end(voice.ID))
		if err != nil || !s.Waiting || s.Case != voice.ID || s.Receipt != voice.Receipt {
			t.Fatalf("the voice stands at %+v, %v", s, err)
		}
		if _, err := w.Reveal(t.Context(), owner, voice.ID, "deliver"); err != nil {
			t.Errorf("whoever answers for the need cannot read one of its voices: %v", err)
		}
		w.must(w.AnswerFrom(t.Context(), voice.ID, "sms", Yes))
		for _, x := range []Asked{lead, voice} {
			if s, err := w.StandFor(t.Context(), x.Receipt, "", w.end(x.ID)); err != nil || !strings.HasSuffix(s.Key, ".closed") {
				t.Errorf("%s stands at %s, %v", x.Receipt, s.Key, err)
			}
		}
	})
}

func TestAnOrganisationLearnsYesOrNoAndNothingMore(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		ours, theirs := w.staff(actor.Coordinator, tidili), w.staff(actor.Coordinator, tidili)
		mine, other := w.ask(nil), w.ask(forms.Answers{"need": []string{"water"}})
		if _, err := w.Served(t.Context(), ours, mine.ID); fault.KindOf(err) != fault.Denied {
			t.Errorf("somebody asks of a case that is not theirs: %v", err)
		}
		w.must(w.Claim(t.Context(), ours, mine.ID))
		asks := func(want Served) {
			t.Helper()
			if got, err := w.Served(t.Context(), ours, mine.ID); err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
		asks(ServedNo)
		w.must(w.Claim(t.Context(), theirs, other.ID))
		asks(ServedYes)
		if _, err := w.Served(t.Context(), theirs, mine.ID); err == nil {
			t.Error("they ask of ours")
		}
		w.must(w.Release(t.Context(), theirs, other.ID, ""))
		asks(ServedNo)
		nobody := w.ask(forms.Answers{"phone": nil, "secret": "zitoun"})
		w.must(w.Claim(t.Context(), ours, nobody.ID))
		if got, err := w.Served(t.Context(), ours, nobody.ID); err != nil || got != ServedUnknown {
			t.Errorf("without a number: %q, %v", got, err)
		}
		shut := w.ask(forms.Answers{"need": []string{"rescue"}, "fragile": []string{"child_alone"}})
		w.must(w.Claim(t.Context(), ours, shut.ID))
		if got, err := w.Served(t.Context(), ours, shut.ID); err != nil || got != ServedUnknown {
			t.Errorf("of what only trained people read: %q, %v", got, err)
		}
		w.must(w.Claim(t.Context(), theirs, other.ID))
		n := w.rows(`SELECT COUNT(*) FROM deed_record WHERE deed = ?1 AND subject = ?2 AND (told LIKE '%yes%' OR told LIKE '%no%') AND told NOT LIKE ?3`, DeedServed.Name, subject(mine.ID), "%"+theirs.Org.String()+"%")
		if n != 3 {
			t.Errorf("%d lines of 3 questions, none with who", n)
		}
	})
}
