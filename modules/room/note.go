package room

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// Note is what whoever leaves a shift writes for whoever comes.
type Note struct {
	ID       NoteID
	Desk     Desk
	Account  actor.AccountID
	Sealed   []byte // the words
	Facts    Shift
	Since    time.Time // when the shift began
	MadeAt   time.Time
	SignedBy actor.AccountID
	SignedAt time.Time
}

type (
	noteKind struct{}
	NoteID   = id.Of[noteKind]
)

// Desk is the area of a shift: one territory of one organisation's desk.
type Desk struct {
	Area string // code of a place; "" is the whole country
	Org  actor.OrganisationID
}

// Slot names a desk in one word: "07.041|0199…".
func (d Desk) Slot() string { return d.Area + "|" + d.Org.String() }

// desksOf are the desks at which somebody works, in the order of their roles.
func desksOf(by actor.Actor) (out []Desk) {
	for _, g := range by.Grants {
		d := Desk{g.Territory, g.Org}
		if slices.Contains(works, g.Role) && (!g.Role.ForOrganisation() || g.Recognised) && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// forOrg is the organisation alone whose work a note of that desk tells of: zero
// for those who work for everybody.
func (d Desk) forOrg(by actor.Actor) (org actor.OrganisationID) {
	for _, g := range by.Grants {
		if (Desk{g.Territory, g.Org}) != d || !slices.Contains(works, g.Role) {
			continue
		}
		if !g.Role.ForOrganisation() {
			return actor.OrganisationID{}
		}
		org = g.Org
	}
	return org
}

// deskOf finds the desk of a form among those at which somebody works.
func deskOf(by actor.Actor, slot string) (Desk, bool) {
	for _, d := range desksOf(by) {
		if d.Slot() == slot {
			return d, true
		}
	}
	return Desk{}, false
}

// Shifts are how long a shift may have lasted, in hours.
var Shifts = []int{8, 4, 12, 24}

const (
	maxWords  = 4000
	mostNamed = 20 // of each kind that a note names
	mostNotes = 30 // that a list shows
)

// cleanWords are the words of a note as they are kept; none is fine.
func cleanWords(text string) (string, error) {
	text = forms.Clean(text, true)
	if len([]rune(text)) > maxWords {
		return "", fault.All{fault.New(fault.Invalid, "room.note.long", "max", maxWords).On("words")}
	}
	return text, nil
}

func packFacts(s Shift) string {
	b, _ := json.Marshal(s) // codes and numbers always marshal
	return string(b)
}
