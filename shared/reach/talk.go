package reach

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

// Talk is how far a conversation has come. It is kept sealed, for it holds what
// somebody answered, and it is emptied when the request is on its way.
type Talk struct {
	Lang   string        `json:"lang,omitempty"`   // what we write to them in: ar, zgh, fr, en
	Spoken string        `json:"spoken,omitempty"` // what we speak to them in: shi, ary, …
	At     room          `json:"at,omitempty"`
	Latin  bool          `json:"latin,omitempty"` // they write Amazigh in Latin letters
	Serves string        `json:"serves,omitempty"`
	Asked  string        `json:"asked,omitempty"` // the question that waits for an answer
	Given  forms.Answers `json:"-"`
	Kept   string        `json:"given,omitempty"`  // Given, as it is stored
	Passed []string      `json:"passed,omitempty"` // questions that were answered or left out, in order, for going back
	Offer  []string      `json:"offer,omitempty"`  // what the digits 1, 2, … stand for now
	Begun  string        `json:"begun,omitempty"`  // identifier of the request to be: the same one however often it is sent
	About  string        `json:"about,omitempty"`  // the case that is being talked about
	Number string        `json:"number,omitempty"` // a receipt that waits for its word
	Wrong  int           `json:"wrong,omitempty"`  // answers in a row that were not understood
	Page   int           `json:"page,omitempty"`   // of a screen that is longer than the channel
	Screen string        `json:"screen,omitempty"` // that screen, whole
	Notes  []string      `json:"notes,omitempty"`  // voice notes made on the way
}

// room is where in the conversation somebody is.
type room string

const (
	hall       room = ""
	menu       room = "menu"
	asking     room = "asking"
	tracking   room = "tracking"   // we wait for a receipt
	proving    room = "proving"    // we wait for what belongs to a receipt
	confirming room = "confirming" // we wait for "did it arrive?"
	choosing   room = "choosing"   // we wait for a language
	calling    room = "calling"    // we wait for a voice note
)

func (t *Talk) pack() ([]byte, error) {
	t.Kept = ""
	if len(t.Given) > 0 {
		b, err := t.Given.MarshalJSON()
		if err != nil {
			return nil, err
		}
		t.Kept = string(b)
	}
	return json.Marshal(t)
}

func unpack(b []byte) (t Talk, err error) {
	if err = json.Unmarshal(b, &t); err == nil && t.Kept != "" {
		t.Given = forms.Answers{}
		err = json.Unmarshal([]byte(t.Kept), &t.Given)
	}
	if t.Given == nil {
		t.Given = forms.Answers{}
	}
	return t, err
}

// tag is the language with its letters: "zgh-Latn".
func (t *Talk) tag() string {
	if t.Latin && t.Lang == "zgh" {
		return t.Lang + latn
	}
	return t.Lang
}

// rest leaves the room, and forgets what was on the way.
func (t *Talk) rest() {
	*t = Talk{Lang: t.Lang, Spoken: t.Spoken, Latin: t.Latin, Given: forms.Answers{}}
}

// Line is one thing to be said: a sentence of the catalogue with its
// arguments, or choices with the keys that stand for them.
type Line struct {
	Key     string
	Args    []any
	Choices []Choice
	Text    string   // said as it is: the name of a place
	Prompts []string // recordings that say it, when they are not named by Key
}

// Choice is one answer and its digit.
type Choice struct {
	Digit int
	Key   string // a sentence of the catalogue, or
	Text  string // a name
}

func say(key string, args ...any) Line { return Line{Key: key, Args: args} }

// Said is what the engine answers to one turn.
type Said struct {
	Lines  []Line
	End    bool // a live session is over
	Record bool // in a voice session: speak after the tone
	Keys   int  // in a voice session: how many keys the answer has; 0 is until #
}

// Who is on the other side.
type Who struct {
	Kind  channel.Kind
	Phone string // E.164 where the network vouches for it, else ""
	Conv  ConversationID
}

// live says that the other side waits with the line open.
func (w Who) live() bool { return w.Kind == channel.USSD || w.Kind == channel.Voice }

// Turn is one thing somebody said, in the terms of the engine.
type Turn struct {
	Text     string
	Began    bool // a live session begins
	HasPoint bool
	Lat, Lon float64
	Note     string // the name of a voice note that was kept
	Silent   bool
}

// engine leads conversations. It holds nothing of them.
type engine struct {
	desk    Desk
	places  *places.Gazetteer
	words   *lexicon
	newCase func() string
}

func newRequestID(s *Service) func() string {
	return func() string { return id.New[requestKind](s.h.DB.Now()).String() }
}

type requestKind struct{}

// question is the next one to be asked of somebody on a narrow channel: what
// must be answered, and what the file says is worth a message all the same.
func question(def *service.Definition, t *Talk) *forms.Question {
	f := def.Form
	for _, q := range f.Questions {
		if !q.Asks() || t.Given.Has(q.Name) || slices.Contains(t.Passed, q.Name) || !f.Relevant(q, t.Given) {
			continue
		}
		if f.Wanted(q, t.Given) || slices.Contains(def.Narrow, q.Name) {
			return q
		}
	}
	return nil
}

// digits are the keys somebody pressed: "2 5", "2,5" and "25" are the same. ok
// says that there was nothing but keys.
func digits(s string) (keys []int, ok bool) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			keys = append(keys, int(r-'0'))
		case strings.ContainsRune(" ,.;-+/،؛و", r):
		default:
			return nil, false
		}
	}
	return keys, len(keys) > 0
}

// names is the language in which places are named: whoever writes Amazigh in
// Latin letters reads their names in those.
func (t *Talk) names() string {
	if t.Latin {
		return "fr"
	}
	return t.Lang
}
