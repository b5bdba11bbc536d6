package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
)

// crashing is the desk of a house whose power goes as soon as it has kept a
// request, so often as is said.
type crashing struct {
	reach.Desk
	times *int
}

func (c crashing) Ask(ctx context.Context, a reach.Asking) (reach.Asked, error) {
	out, err := c.Desk.Ask(ctx, a)
	if *c.times--; err == nil && *c.times >= 0 {
		err = errors.New("the power went")
	}
	return out, err
}

func TestAHouseThatCrashesWithARequestInHandMakesNoSecondOne(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		times := 2
		m.h.Reach.UseDesk(crashing{desk{m.h}, &times})
		m.heard("ناس تحت الأنقاض عندنا عاونونا")
		if len(m.all()) != 1 || len(m.net.On(basicPhone)) != 1 || times >= 0 {
			t.Fatalf("%d requests, %d answers", len(m.all()), len(m.net.On(basicPhone)))
		}
		m.wants(m.net.On(basicPhone)[0].Text, m.all()[0].Receipt.Groups())
		for _, words := range []string{"menu", "1", "3 6", "دوار لا يعرفه أحد وراء الجبل", "7"} {
			m.text(basicPhone, words)
		}
		times = 1
		was := len(m.net.On(basicPhone))
		m.heard("0")
		if len(m.all()) != 2 || len(m.net.On(basicPhone)) != was+1 {
			t.Fatalf("%d requests, %d answers to one message", len(m.all()), len(m.net.On(basicPhone))-was)
		}
		m.wants(m.net.On(basicPhone)[was].Text, m.all()[1].Receipt.Groups())
	})
}

// heard is a message that comes in while the house goes down and up again.
func (m *masts) heard(words string) {
	m.Helper()
	if err := m.inbox.Heard(m.Context(), channel.Incoming{ID: id.New[masts](m.now.Now()).String(), From: basicPhone, Text: words, At: m.now.Now()}); err != nil {
		m.Fatal(err)
	}
	for range 4 {
		m.work()
		m.now.Advance(10 * time.Second)
	}
}
