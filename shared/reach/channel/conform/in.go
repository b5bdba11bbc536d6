package conform

import (
	"errors"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// hears waits until somebody's text is heard whole and unchanged.
func (b *bench) hears(t *testing.T, i int, text string) {
	t.Helper()
	has := func() bool {
		for _, in := range b.inbox.From(b.number(i)) {
			if in.Text == text {
				return true
			}
		}
		return false
	}
	if !eventually(t, has) {
		t.Fatalf("a text of %d characters was not heard; %d things were heard, %d of them whole from this number",
			len([]rune(text)), len(b.inbox.All()), len(b.inbox.From(b.number(i))))
	}
}

func heard(t *testing.T, b *bench) {
	for i, x := range texts {
		b.write(i, x.text)
	}
	for i, x := range texts {
		t.Log(x.name)
		b.hears(t, i, x.text)
	}
	// The same words written once more are a second message.
	b.write(0, texts[0].text)
	if !eventually(t, func() bool { return len(b.inbox.From(b.number(0))) == 2 }) {
		t.Errorf("the same words were written twice, and heard %d times", len(b.inbox.From(b.number(0))))
	}
}

func heardTwice(t *testing.T, b *bench) {
	b.Fail(channel.Faults{Twice: -1})
	b.write(1, "dit deux fois, entendu une fois")
	b.hears(t, 1, "dit deux fois, entendu une fois")
	if b.Nameless {
		return // two tellings cannot be told from two messages: that is all the protocol lets one promise
	}
	if !eventually(t, func() bool { return len(b.inbox.All()) >= 2 }) {
		t.Fatal("the simulator tells once what it was to tell twice")
	}
	for _, in := range b.inbox.All() {
		if in.ID == "" {
			t.Error("what came in has no name, so that a second telling cannot be known for one")
		}
	}
	time.Sleep(50 * time.Millisecond)
	if k := len(b.inbox.From(b.number(1))); k != 1 {
		t.Errorf("one text told twice is %d messages", k)
	}
}

func heardMixed(t *testing.T, b *bench) {
	b.Fail(channel.Faults{Mix: 1})
	b.write(1, long())
	b.write(2, "la deuxième passe devant")
	b.write(1, "et la dernière")
	b.hears(t, 1, long())
	b.hears(t, 2, "la deuxième passe devant")
	b.hears(t, 1, "et la dernière")
}

func pressed(t *testing.T, b *bench) {
	for i, step := range []string{"first", "2nd", ""} {
		m := b.compose(1, "de quoi avez-vous besoin ?")
		for _, x := range []struct{ key, text string }{{"1", "de l'eau"}, {"2", "un abri"}, {"3", "des soins pour quelqu'un qui ne peut pas marcher"}} {
			b.said = append(b.said, x.text)
			m.Replies = append(m.Replies, channel.Reply{Key: x.key, Text: x.text, Step: step})
		}
		b.send(t, m)
		if !b.Press(m.To, "2") {
			t.Fatal("there is no button 2")
		}
		if !eventually(t, func() bool { return len(b.inbox.From(m.To)) > i }) {
			t.Fatalf("the tap on number %d was not heard", i+1)
		}
		if in := b.inbox.From(m.To)[i]; in.Text != "2" || in.Step != step {
			t.Errorf("a tap on 2 of question %q is heard as %q of %q", step, in.Text, in.Step)
		}
	}
}

func forged(t *testing.T, b *bench) {
	b.said = append(b.said, "message falsifié")
	if err := b.Forge(b.number(1), "message falsifié"); !errors.Is(err, channel.ErrForged) {
		t.Errorf("a forged call was answered with %v", err)
	}
	b.write(2, "le vrai message")
	b.hears(t, 2, "le vrai message")
	if k := len(b.inbox.From(b.number(1))); k > 0 {
		t.Errorf("a forged text was heard %d times", k)
	}
}

func heardAgain(t *testing.T, b *bench) {
	b.inbox.Refuse(2)
	b.write(1, "le disque est plein, redis-le")
	b.hears(t, 1, "le disque est plein, redis-le")
	if k := b.inbox.Refused(); k != 2 {
		t.Errorf("the inbox refused %d times and not twice", k)
	}
	if k := len(b.inbox.From(b.number(1))); k != 1 {
		t.Errorf("one text, told until it was kept, is %d messages", k)
	}
}
