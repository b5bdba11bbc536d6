// Package channel is what every way of reaching people looks like from inside:
// a text message through a company or through an old phone on a window sill, a
// USSD menu, a telephone menu by keys, a chat. Each way is a gateway package
// beside this one with its real client, a simulator that speaks the same
// protocol and fails on command, and both pass the suite of channel/conform.
//
// What always holds: an address, a text and a recording are a person's own and
// never stand in a log or an error; a gateway hands on what it heard before it
// thanks the network for it, so that what was thanked for is on the disk; what
// may have happened is never called failed.
package channel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind is a way of reaching people.
type Kind string

const (
	SMS      Kind = "sms"
	USSD     Kind = "ussd"
	Voice    Kind = "voice"
	Telegram Kind = "telegram"
	WhatsApp Kind = "whatsapp"
)

// Kinds is every way, in the order in which people read them.
var Kinds = []Kind{SMS, USSD, Voice, Telegram, WhatsApp}

// Outgoing is one message on its way to somebody.
type Outgoing struct {
	ID       string        // ours, a UUID; the same one again is the same message
	To       string        // "+212661234542" for sms and whatsapp, the number of a chat for telegram
	Text     string        // as the person is to read it
	Lang     string        // "ar", "zgh", "fr", "en"
	ValidFor time.Duration // after which it helps nobody any more; 0 is the gateway's own
	Replies  []Reply       // what may be answered, for chats that have buttons

	// Answer says that the person wrote within the time in which the channel lets
	// anything be written back (WhatsApp: 24 hours). Otherwise Template names the
	// sentence approved beforehand, and Args fills it.
	Answer   bool
	Template string
	Args     []string
}

// Sent is what a gateway says of a message it took.
type Sent struct {
	Ref   string // the gateway's own name of it, by which reports come back; may be ""
	Parts int    // how many parts it says it made; 0 when it does not say
}

// Incoming is a message that somebody sent us.
type Incoming struct {
	ID   string    // the network's own name of it; "" where it has none
	From string    // as Outgoing.To
	To   string    // the number or bot it was sent to
	Text string    // as written, or the digit of a button that was tapped
	Step string    // of a button: the Reply.Step that it came with
	At   time.Time // when the network took it; zero when it does not say

	// A message longer than one part comes in parts, in any order: the same
	// Series, Part from 1 to Parts. Parts is 0 for a message that came whole.
	Series      uint16
	Part, Parts int

	Lat, Lon float64 // a place shared from a chat, WGS84, where HasPoint says so
	HasPoint bool

	Audio     []byte // a voice note
	AudioType string // its media type, "audio/ogg"
}

// State is what became of a message.
type State string

const (
	Taken     State = "taken"     // the network has it
	Delivered State = "delivered" // the person's phone has it
	Failed    State = "failed"    // it will not arrive
)

// Report says what became of a message.
type Report struct {
	ID    string // ours, or
	Ref   string // the gateway's, as Sent.Ref
	State State
	Code  string // the gateway's reason, a code and never a text
	At    time.Time
}

// Gateway is one way out.
type Gateway interface {
	// Send hands a message over. It returns when the gateway has it, or with one
	// of the errors below.
	Send(ctx context.Context, m Outgoing) (Sent, error)
}

// Inbox is who hears what comes in. When a method returns nil it is on the disk.
type Inbox interface {
	Heard(ctx context.Context, in Incoming) error
	Became(ctx context.Context, r Report) error
}

// Runner is a gateway that keeps a connection of its own. Run returns when ctx
// ends and not before: it comes back by itself after a failure, ever more
// slowly up to a minute, and tells note "up" or a code of what is wrong.
type Runner interface {
	Run(ctx context.Context, in Inbox, note func(state string)) error
}

// Watcher is a gateway that asks what became of messages: after a start it is
// given the names (Outgoing.ID) of those whose fate is not known.
type Watcher interface{ Watch(ids ...string) }

// Hook is a gateway that is called over HTTP. The body was read and bounded
// by the caller. It checks the signature before it believes anything, hands on
// what was said, and returns what to answer.
type Hook interface {
	Hook(ctx context.Context, r *http.Request, body []byte, in Inbox) (Answer, error)
}

// Answer is what a hook's caller is told.
type Answer struct {
	Status int    // 0 is 200
	Type   string // media type of Body
	Body   []byte
}

// Turn is what somebody did in a session that waits for an answer: they
// called, typed, pressed keys, or hung up.
type Turn struct {
	Kind    Kind
	Gateway string
	Session string // the network's name of the session
	From    string // "+212…"; "" when the number is withheld
	New     bool   // the session begins
	Keys    string // what was typed or pressed: digits, *, #, or text in USSD
	Noted   *Note  // a recording they made
	Silent  bool   // they were asked and did nothing
	Gone    bool   // they hung up, or the session dropped
}

// Note is a voice note.
type Note struct {
	Type    string // media type
	Seconds int
	Bytes   []byte
}

// Said is what they are told.
type Said struct {
	Text    string   // USSD: at most 160 characters, choices included
	Prompts []Prompt // voice: to be played one after the other
	Lang    string   // voice: the spoken language, "shi", "ary", …
	Keys    int      // voice: how many keys are waited for; 0 is any number, ended by #
	Record  int      // voice: record up to so many seconds after a tone, ended by #
	End     bool     // the session ends here
}

// Prompt is one recorded sentence, by name; the file is NAME of language LANG.
type Prompt struct {
	Name string // "choice.needs.water", "digit.4"
	Text string // what it says, for whoever records it
}

// Talker answers the turns of live sessions.
type Talker interface {
	Talk(ctx context.Context, t Turn) (Said, error)
}

// Live is a gateway of live sessions that is called over HTTP, as USSD is.
type Live interface {
	Live(ctx context.Context, r *http.Request, body []byte, with Talker) (Answer, error)
}

// Caller is a gateway of live sessions that keeps a connection of its own, as
// the telephone exchange does. Play finds the recording of a prompt.
type Caller interface {
	Run(ctx context.Context, with Talker, note func(state string)) error
}

// What can go wrong when sending. Errors are wrapped with a code, never with a
// text or an address.
var (
	ErrRefused = errors.New("channel: refused for good")            // never will: no such number, blocked, not allowed
	ErrAway    = errors.New("channel: the gateway does not answer") // it did not take it: try again
	ErrBusy    = errors.New("channel: too many at once")            // it did not take it: try again after Wait
	ErrUnsure  = errors.New("channel: it may have been taken")      // the answer was lost
	ErrForged  = errors.New("channel: the signature does not fit")  // of hooks: nothing was believed
	ErrGarbled = errors.New("channel: it cannot be read")           // of hooks: not in the form of the protocol
)

// Problem is one of the errors above with what the gateway said.
type Problem struct {
	Err  error
	Code string        // the gateway's code, such as "ESME_RINVDSTADR" or "http_503"
	Wait time.Duration // with ErrBusy: how long it asks for
}

func (p *Problem) Error() string { return fmt.Sprintf("%v (%s)", p.Err, p.Code) }
func (p *Problem) Unwrap() error { return p.Err }

// Wrong makes a Problem.
func Wrong(err error, code string) error { return &Problem{Err: err, Code: code} }

// CodeOf is the gateway's code that an error carries, or "".
func CodeOf(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}

// Once says of a gateway that sending the same ID again never makes a second
// message, so that ErrUnsure may simply be tried again. Of any other, an unsure
// message waits for a report before it is tried again.
type Once interface{ SendsOnce() bool }
