package hands

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

type (
	CallID  = id.Of[Call]
	ShiftID = id.Of[Shift]
)

// Call says what is wanted, where, how much and until when, in the name of a
// recognised organisation. A call for people has a Shift: when and where they
// are expected.
type Call struct {
	ID        CallID
	Org       actor.OrganisationID
	Kind      string
	Place     string // code
	Wanted    int
	Placed    int // people who have a place; never more than Wanted
	State     CallState
	Skill     string // "" is any
	Spoken    string // language; "" is any
	Children  bool   // the work is with children
	Demands   []string
	Words     Words // what is to be done
	Until     time.Time
	Saw       int
	MadeAt    time.Time
	ChangedAt time.Time
	Shift     Shift
}

// CallState is whether a call still looks for anybody. The set is closed.
type CallState string

const (
	Open   CallState = "open"
	Full   CallState = "full"
	Closed CallState = "closed"
)

// People is the kind of a call for people; others call for things.
const People = "people"

// Words is a text in one of the two languages that staff write, or in both.
type Words struct{ AR, FR string }

// In is the text for a reader of lang, and the language it is really in.
func (w Words) In(lang string) (text, textLang string) {
	if arabicFirst := lang == "ar" || lang == "zgh"; arabicFirst && w.AR != "" || w.FR == "" {
		return w.AR, "ar"
	}
	return w.FR, "fr"
}

// Shift is when and where those are expected who answer a call.
type Shift struct {
	ID      ShiftID
	Mission string // of the field; "" for none
	Meet    Words  // where they meet
	From    time.Time
	To      time.Time
}

const (
	maxWanted = 500
	// longestShift is how long one shift may last: a fortnight's camp.
	longestShift = 15 * 24 * time.Hour
	// farthestShift is how far ahead people may be called.
	farthestShift = 120 * 24 * time.Hour
	maxBriefing   = 400 // characters
)

// Left is how many places are free.
func (c *Call) Left() int { return c.Wanted - c.Placed }

// Over tells whether nobody can take a place any more.
func (c *Call) Over(now time.Time) bool { return c.State == Closed || !now.Before(c.Until) }

// wrong says everything that a call for people cannot be kept with. Its place
// and its language are the country's to know.
func (c *Call) wrong(now time.Time) (all fault.All) {
	bad := func(field, key string, args ...any) {
		all = append(all, fault.New(fault.Invalid, key, args...).On(field))
	}
	if c.Wanted < 1 || c.Wanted > maxWanted {
		bad("wanted", "hands.call.wanted_wrong", "most", maxWanted)
	}
	if c.Skill != "" && !slices.Contains(Skills, c.Skill) {
		bad("skill", "hands.form.choose")
	}
	for _, x := range c.Demands {
		if !slices.Contains(Efforts, x) {
			bad("demands", "hands.form.choose")
		}
	}
	if c.Words == (Words{}) {
		bad("words_ar", "hands.call.words_missing")
	}
	if c.Shift.Meet == (Words{}) {
		bad("meet_ar", "hands.call.meet_missing")
	}
	for field, text := range map[string]string{"words_ar": c.Words.AR, "words_fr": c.Words.FR, "meet_ar": c.Shift.Meet.AR, "meet_fr": c.Shift.Meet.FR} {
		if utf8.RuneCountInString(text) > maxBriefing {
			bad(field, "hands.form.words_long", "most", maxBriefing)
		}
	}
	switch {
	case c.Shift.From.IsZero():
		bad("from", "hands.form.date_unread")
	case c.Shift.From.After(now.Add(farthestShift)):
		bad("from", "hands.call.too_far_off")
	}
	switch {
	case c.Shift.To.IsZero():
		bad("to", "hands.form.date_unread")
	case !c.Shift.To.After(now), !c.Shift.To.After(c.Shift.From):
		bad("to", "hands.call.ends_first")
	case c.Shift.To.Sub(c.Shift.From) > longestShift:
		bad("to", "hands.call.too_long")
	}
	return all
}

// same tells whether two calls say the same, whoever wrote them down.
func (c *Call) same(o *Call) bool {
	return c.Org == o.Org && c.Kind == o.Kind && c.Place == o.Place && c.Wanted == o.Wanted && c.Skill == o.Skill && c.Spoken == o.Spoken && c.Children == o.Children &&
		slices.Equal(c.Demands, o.Demands) && c.Words == o.Words && c.Shift.Mission == o.Shift.Mission && c.Shift.Meet == o.Shift.Meet &&
		c.Shift.From.Equal(o.Shift.From) && c.Shift.To.Equal(o.Shift.To)
}

// seat gives away a place; false when there is none.
func (c *Call) seat() bool {
	if c.State != Open || c.Placed >= c.Wanted {
		return false
	}
	if c.Placed++; c.Placed == c.Wanted {
		c.State = Full
	}
	return true
}

// free takes a place back.
func (c *Call) free() {
	if c.Placed--; c.State == Full {
		c.State = Open
	}
}
