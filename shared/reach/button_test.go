package reach

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// chatRoom is somebody in a chat, and the messages that they were sent.
type chatRoom struct {
	*rig
	kind  channel.Kind
	from  string
	inbox channel.Inbox
	g     *Gateway
	got   []channel.Outgoing
	n     int
}

func (r *rig) chat(k channel.Kind, from string) *chatRoom {
	r.Helper()
	c := &chatRoom{rig: r, kind: k, from: from, g: &Gateway{Name: "chat", Kind: k, Out: r.mast}}
	r.must(r.Use(c.g))
	c.inbox = r.Inbox(c.g)
	r.mast.early = func(o channel.Outgoing) { c.got = append(c.got, o) }
	return c
}

// writes is one message, or a tap where it has a step.
func (c *chatRoom) writes(text, step string) channel.Outgoing {
	c.Helper()
	c.n++
	c.must(c.inbox.Heard(c.Context(), channel.Incoming{ID: fmt.Sprint("c", c.n), From: c.from, Text: text, Step: step, At: c.now.Now()}))
	c.must(c.Read(c.Context()))
	c.must(c.Send(c.Context(), c.g))
	c.now.Advance(6 * time.Second)
	if len(c.got) < c.n {
		c.Fatalf("%q was not answered", text)
	}
	return c.got[len(c.got)-1]
}

// taps taps the button of a digit under a message.
func (c *chatRoom) taps(under channel.Outgoing, digit string) channel.Outgoing {
	c.Helper()
	i := slices.IndexFunc(under.Replies, func(r channel.Reply) bool { return r.Key == digit })
	if i < 0 {
		c.Fatalf("there is no button %s under %q", digit, under.Text)
	}
	key, step := channel.Tap(under.Replies[i].Payload())
	return c.writes(key, step)
}

func keysOf(m channel.Outgoing) (all []string) {
	for _, r := range m.Replies {
		all = append(all, r.Key)
	}
	return all
}

func TestChoicesAreButtonsInAChatAndDigitsGoOnWorking(t *testing.T) {
	rigs(t, func(r *rig) {
		c := r.chat(channel.Telegram, "777")
		menu := c.writes("bonjour", "")
		if got := keysOf(menu); !slices.Equal(got, []string{"1", "0"}) || strings.Contains(menu.Text, "1 ") || menu.Replies[0].Text == "" || menu.Replies[0].Step == "" {
			t := menu.Replies
			r.Fatalf("the menu has the buttons %+v under %q", t, menu.Text)
		}
		form := c.taps(menu, "1")
		if len(form.Replies) != 0 || !strings.Contains(form.Text, "\n2 ") {
			r.Errorf("a question with several answers has buttons %v under %q", keysOf(form), form.Text)
		}
		c.writes("2 5", "")
		was := len(c.got)
		for len(r.desk.asked) == 0 && len(c.got) < was+12 {
			last := c.got[len(c.got)-1]
			switch {
			case len(last.Replies) > 0:
				c.taps(last, last.Replies[0].Key)
			case strings.Contains(last.Text, "douar"):
				c.writes("derrière la montagne que personne ne connaît", "")
			case strings.Contains(last.Text, "téléphone"):
				c.writes("0661234567", "")
			default:
				c.writes("7", "")
			}
		}
		if len(r.desk.asked) != 1 {
			r.Errorf("taps and digits made %d requests", len(r.desk.asked))
		}
		if n := r.count(`reach_message WHERE replies IS NOT NULL`); n == 0 {
			r.Error("no buttons were kept")
		}
		r.now.Advance(25 * time.Hour)
		r.must(r.Sweep(r.Context()))
		if n := r.count(`reach_message WHERE replies IS NOT NULL`); n != 0 {
			r.Errorf("the buttons of %d messages are kept for ever", n)
		}
	})
}

func TestAnOldButtonNeverAnswersANewerQuestion(t *testing.T) {
	rigs(t, func(r *rig) {
		c := r.chat(channel.Telegram, "777")
		menu := c.writes("bonjour", "")
		c.taps(menu, "1")
		asked := c.got[len(c.got)-1]
		again := c.taps(menu, "1") // scrolled up, in the middle of the form
		r.wants(again.Text, "question d’avant", strings.Split(asked.Text, "\n")[0])
		c.writes("menu", "")
		waits := func(subject string) channel.Outgoing {
			r.desk.notices[subject] = Notice{Send: true, Once: subject, Key: "reach.confirm.ask", Lang: "fr", Level: 1, Waiting: true}
			r.must(r.h.DB.Write(r.Context(), func(t *db.Tx) error {
				conv, err := r.converse(t, channel.Telegram, "chat", "777", "fr")
				if err != nil {
					return err
				}
				return hold(t, subject, conv.ID)
			}))
			r.must(r.Tell(r.Context(), deed.Record{Subject: subject}))
			r.must(r.Send(r.Context(), c.g))
			return c.got[len(c.got)-1]
		}
		first := waits("cases.case/1")
		c.n++
		if got := keysOf(first); !slices.Equal(got, []string{"1", "2", "3"}) {
			r.Fatalf("did it arrive? has the buttons %v", got)
		}
		second := waits("cases.case/2")
		c.n++
		r.wants(c.taps(first, "1").Text, "question d’avant", "arrivée")
		if len(r.desk.said) != 0 {
			r.Fatalf("an old button confirmed: %q", r.desk.said)
		}
		c.taps(second, "2")
		if fmt.Sprint(r.desk.said) != "[no]" {
			r.Errorf("the newer one was answered %q", r.desk.said)
		}
		c.taps(second, "1") // once more: it is no longer asked
		if fmt.Sprint(r.desk.said) != "[no]" {
			r.Errorf("answered twice: %q", r.desk.said)
		}
		if now := c.taps(menu, "1"); strings.Contains(now.Text, "d’avant") && r.count(`reach_conversation WHERE asking = 1`) != 0 {
			r.Error("the menu is old and opened a service")
		}
	})
}

func TestAMenuButtonIsGoodWhileNothingElseIsAsked(t *testing.T) {
	rigs(t, func(r *rig) {
		c := r.chat(channel.Telegram, "777")
		menu := c.writes("bonjour", "")
		r.now.Advance(30 * time.Hour) // the conversation begins anew
		c.taps(menu, "1")
		if r.count(`reach_conversation WHERE asking = 1`) != 1 {
			r.Error("yesterday's menu opens nothing, though nothing else is asked")
		}
		r.desk.open = nil
		c.writes("menu", "")
		r.now.Advance(30 * time.Hour)
		r.wants(c.taps(menu, "1").Text, "question d’avant")
	})
}

func TestWhatsAppReadsALongListInTheTextAsWell(t *testing.T) {
	rigs(t, func(r *rig) {
		c := r.chat(channel.WhatsApp, "+212661234542")
		menu := c.writes("bonjour", "")
		if len(menu.Replies) != 2 || !strings.Contains(menu.Text, "\n") {
			r.Errorf("the menu is %q with %v", menu.Text, keysOf(menu))
		}
		langs := c.writes("langue", "")
		if len(langs.Replies) != 4 || !strings.Contains(langs.Text, "\n3 ") {
			r.Errorf("four choices are %v under %q", keysOf(langs), langs.Text)
		}
		if !langs.Answer {
			r.Error("it is no answer")
		}
		got := c.taps(langs, "4")
		if c.taps(menu, "0"); len(got.Replies) == 0 {
			r.Error("English has no menu")
		}
	})
}

func TestABasicPhoneGetsNoButtonsAndAGarbledStepIsAnOldOne(t *testing.T) {
	rigs(t, func(r *rig) {
		seen := 0
		r.mast.early = func(o channel.Outgoing) { seen += len(o.Replies) }
		r.wants(r.text(karima, "bonjour"), "1 ")
		if seen != 0 {
			r.Error("a text message has buttons")
		}
		c := r.chat(channel.Telegram, "777")
		c.writes("bonjour", "")
		for _, step := range []string{"zzzz", "'; DROP TABLE", strings.Repeat("9", 300)} {
			r.wants(c.writes("1", step).Text, "question d’avant")
		}
	})
}
