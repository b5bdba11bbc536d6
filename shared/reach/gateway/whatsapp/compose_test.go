package whatsapp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

func TestAfterADayOnlyATemplatePasses(t *testing.T) {
	t.Parallel()
	held := &clock.Held{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	n := channel.NewNetwork()
	w, s := simulate(t, n, &conform.Inbox{}, quiet(), held)
	s.Approve("received", "ar", "توصلنا بطلبك {{1}}. الرمز: {{2}}")
	s.Open(phone)
	send := func(m channel.Outgoing) error {
		m.To = phone
		_, err := w.Send(t.Context(), m)
		return err
	}
	if err := send(channel.Outgoing{Text: "مرحبا", Answer: true}); err != nil {
		t.Errorf("within the day: %v", err)
	}
	held.Advance(24*time.Hour + time.Second)
	if err := send(channel.Outgoing{Text: "مرحبا", Answer: true}); !errors.Is(err, channel.ErrRefused) || channel.CodeOf(err) != "131047" {
		t.Errorf("a day later: %v", err)
	}
	if err := send(channel.Outgoing{Text: "مرحبا"}); !errors.Is(err, channel.ErrRefused) || channel.CodeOf(err) != "no_template" {
		t.Errorf("without a template: %v", err)
	}
	if err := send(channel.Outgoing{Lang: "zgh", Template: "received", Args: []string{"TW-42\n  K7", ""}}); err != nil {
		t.Errorf("by template: %v", err)
	}
	if err := send(channel.Outgoing{Lang: "fr", Template: "received", Args: []string{"TW-42", "K7"}}); channel.CodeOf(err) != "132001" {
		t.Errorf("by a template that nobody approved: %v", err)
	}
	if err := send(channel.Outgoing{Lang: "ar", Template: "received"}); channel.CodeOf(err) != "132000" {
		t.Errorf("by a template that is not filled: %v", err)
	}
	got := n.On(phone)
	if len(got) != 2 || got[1].Text != "توصلنا بطلبك TW-42 K7. الرمز: –" {
		t.Errorf("on the phone is %v", got)
	}
}

func TestAnswersAreButtonsOrAListOrWords(t *testing.T) {
	t.Parallel()
	replies := func(n int, text string) (rs []channel.Reply) {
		for i := range n {
			rs = append(rs, channel.Reply{Key: string(rune('1' + i)), Text: text})
		}
		return rs
	}
	for _, c := range []struct {
		name    string
		text    string
		replies []channel.Reply
		kind    string // of the message
	}{
		{"three short ones", "?", replies(3, "de l'eau"), "button"},
		{"three long ones", "?", replies(3, "de l'eau pour trois familles et leurs bêtes"), "list"},
		{"five", "?", replies(5, "ⴰⵎⴰⵏ"), "list"},
		{"two under a long text", strings.Repeat("م", 1025), replies(2, "ماء"), "list"},
		{"eleven", "?", append(replies(9, "eau"), channel.Reply{Key: "10", Text: "b"}, channel.Reply{Key: "11", Text: "c"}), "text"},
		{"two of one key", "?", []channel.Reply{{Key: "1", Text: "a"}, {Key: "1", Text: "b"}}, "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in, n := &conform.Inbox{}, channel.NewNetwork()
			w, s := simulate(t, n, in, quiet(), clock.System{})
			s.Open(phone)
			if _, err := w.Send(t.Context(), channel.Outgoing{To: phone, Text: c.text, Replies: c.replies, Answer: true}); err != nil {
				t.Fatal(err)
			}
			got := n.On(phone)[0].Text
			if c.kind == "text" {
				if !strings.HasPrefix(got, c.text+"\n1 ") {
					t.Errorf("without buttons, the answers are not under the text: %q", got)
				}
				return
			}
			if got != c.text || len(s.Keys(phone)) != len(c.replies) || s.lists[phone] != (c.kind == "list") {
				t.Fatalf("the text or the answers were changed: %q, %v", got, s.Keys(phone))
			}
			if !s.Press(phone, "2") || s.Press(phone, "2") {
				t.Fatal("an answer cannot be tapped, or can be tapped twice")
			}
			eventually(t, func() bool { return len(in.All()) == 1 }, "the tap was heard")
			if tap := in.All()[0]; tap.Text != "2" || tap.From != phone || tap.To != "+212520001122" {
				t.Errorf("a tap on 2 is heard as %q", tap.Text)
			}
		})
	}
}

func TestALongAnswerIsCutBetweenLettersAndStandsWholeBelow(t *testing.T) {
	t.Parallel()
	i := choices(channel.Outgoing{Text: "?", Replies: []channel.Reply{{Key: "1", Text: strings.Repeat("💧", 30)}, {Key: "2", Text: "x"}}})
	row := i.Action.Sections[0].Rows[0]
	if units(row.Title) > rowLimit || !strings.HasSuffix(row.Title, "💧…") || row.Detail != strings.Repeat("💧", 30) {
		t.Errorf("the row is %q, %q", row.Title, row.Detail)
	}
	if !fits(*i) {
		t.Error("it would be refused")
	}
}

// FuzzCompose keeps what is composed within the limits of the API, whatever the
// words and answers are.
func FuzzCompose(f *testing.F) {
	f.Add("?", "1", "de l'eau", "2", "un abri", 3)
	f.Add("؟", "1", strings.Repeat("💧", 40), "", "x\x80", 10)
	f.Fuzz(func(t *testing.T, text, key, answer, key2, answer2 string, more int) {
		m := channel.Outgoing{Text: text, Replies: []channel.Reply{{Key: key, Text: answer}, {Key: key2, Text: answer2}}}
		for i := range min(max(more, 0), 12) {
			m.Replies = append(m.Replies, channel.Reply{Key: strings.Repeat("x", i+1), Text: answer})
		}
		if i := choices(m); text != "" && i != nil && !fits(*i) {
			t.Errorf("it would be refused: %+v", *i)
		}
	})
}
