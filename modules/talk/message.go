package talk

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/actor"
)

// Member is somebody on the channel of a mission.
type Member struct {
	ID      MemberID
	Mission MissionID
	N       int
	Role    string
	Account actor.AccountID // zero for a volunteer who never signed in
	Person  string          // a volunteer, as whoever places them names them; "" for staff
	Phone   []byte          // sealed; nil when there is none
	Lang    string
	Texts   bool // gets what others say as text messages
}

// Message is one thing that somebody said, and what became of it.
type Message struct {
	ID       MessageID
	Mission  MissionID
	Member   MemberID
	Body     []byte // sealed; nil when it was forgotten
	Via      string // web or sms
	Once     string
	Texts    int // that the house sent because of it
	At       time.Time
	HiddenAt time.Time
	TaskAt   time.Time // when it became a task; zero when it is none
	DoneAt   time.Time
}

type (
	MemberID  = id.Of[Member]
	MessageID = id.Of[Message]
)

func bodyAt(m MessageID) string { return crypt.At("talk_message.body", m.String()) }
func phoneAt(m MemberID) string { return crypt.At("talk_member.phone", m.String()) }

// tidy is what somebody said without what hides in it, and whether it can be kept.
func tidy(text string, most int) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text))
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", fault.All{fault.New(fault.Invalid, "talk.message.empty").On("text")}
	case n > most:
		return "", fault.All{fault.New(fault.Invalid, "talk.message.long", "most", most).On("text")}
	}
	return text, nil
}

// makeTask turns what was said into something to do.
func (m *Message) makeTask(now time.Time) error {
	switch {
	case !m.TaskAt.IsZero():
		return errNothing
	case !m.HiddenAt.IsZero() || m.Body == nil:
		return fault.New(fault.Conflict, "talk.message.hidden")
	}
	m.TaskAt = now
	return nil
}

func (m *Message) finish(now time.Time) error {
	switch {
	case m.TaskAt.IsZero():
		return fault.New(fault.Conflict, "talk.task.none")
	case !m.DoneAt.IsZero():
		return errNothing
	}
	m.DoneAt = now
	return nil
}

func (m *Message) hide(now time.Time) error {
	if !m.HiddenAt.IsZero() {
		return errNothing
	}
	m.HiddenAt = now
	return nil
}
