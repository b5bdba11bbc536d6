package damage

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// LayerID names a layer.
type LayerID = id.Of[Layer]

// Layer is a map of damage or of shaking, with where it comes from. It says
// nothing to anybody before a person of the crisis cell has accepted it, and
// nothing again once it is withdrawn; it can be brought back.
type Layer struct {
	ID       LayerID
	Kind     Kind
	State    State
	Name     string
	Source   string
	Licence  string
	Author   string
	Dated    string // the day of what it shows: "2023-09-13"
	Mapping  string
	Digest   []byte
	Features int
	Body     []byte // not read in lists
	Account  actor.AccountID
	MadeAt   time.Time
	StateAt  time.Time
	Revision int64
}

// Kind is what a layer shows. The set is closed.
type Kind string

const (
	Damage  Kind = "damage"  // what was seen of buildings
	Shaking Kind = "shaking" // how strong the ground shook
	Change  Kind = "change"  // what differs between two pictures
)

// Kinds in the order in which they are read.
var Kinds = []Kind{Damage, Shaking, Change}

// State is how a layer stands.
type State string

const (
	Draft     State = "draft"     // brought in, and nobody has accepted it
	Live      State = "live"      // counts
	Withdrawn State = "withdrawn" // counts no longer
)

// next is where a deed leads a layer from; false when it leads nowhere.
func (l *Layer) next(to State) bool {
	switch to {
	case Live:
		return l.State == Draft || l.State == Withdrawn
	case Withdrawn:
		return l.State == Live
	}
	return false
}

// move leads the layer to a state; where it is already, there is nothing to do.
func (l *Layer) move(to State, now time.Time) error {
	if !l.next(to) {
		return fault.New(fault.Conflict, "damage.layer.cannot_now")
	}
	l.State, l.StateAt = to, now
	return nil
}

// mostText is how long what a layer says of itself may be, in letters.
const mostText = 200

// wrong says everything that a layer cannot be kept with.
func (l *Layer) wrong(now time.Time) (all fault.All) {
	for _, f := range []struct{ name, text string }{{"name", l.Name}, {"source", l.Source}, {"licence", l.Licence}, {"author", l.Author}} {
		switch n := utf8.RuneCountInString(strings.TrimSpace(f.text)); {
		case n == 0:
			all = append(all, fault.New(fault.Invalid, "damage.layer.missing_"+f.name).On(f.name))
		case n > mostText:
			all = append(all, fault.New(fault.Invalid, "damage.layer.long", "most", mostText).On(f.name))
		}
	}
	day, err := time.Parse(time.DateOnly, l.Dated)
	if err != nil || day.Year() < 1900 || day.After(now.Add(48*time.Hour)) {
		all = append(all, fault.New(fault.Invalid, "damage.layer.date_wrong").On("dated"))
	}
	return all
}
