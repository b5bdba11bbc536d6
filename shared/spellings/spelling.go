package spellings

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

// ID names a spelling.
type ID = id.Of[Spelling]

// Spelling is how people wrote a place.
type Spelling struct {
	ID      ID
	Place   string // its code
	Key     string // see arabic.Key
	Shown   string // as somebody wrote it
	Script  string // ISO 15924: Arab, Latn, Tfng
	FirstAt time.Time
	LastAt  time.Time
	BackAt  time.Time // taken back; zero is not

	Voices int // different people and files that confirmed it
	Alone  int // of them, those that are enough alone
	Times  int // how often in all
}

// Heeded is whether the places are found by it: enough confirmed it, and nobody
// took it back.
func (s Spelling) Heeded(rule places.Learning) bool {
	return s.BackAt.IsZero() && rule.Accounts > 0 && (s.Alone > 0 || s.Voices >= rule.Accounts)
}

// voice is somebody who confirmed.
type voice struct {
	name, source string
	org          actor.OrganisationID
	alone        bool
	times        int
}

// enough is whether a role confirms alone.
func enough(rule places.Learning, role string) bool { return slices.Contains(rule.Roles, role) }

// key is a spelling made comparable, as the gazetteer does.
func key(shown string) string { return arabic.Key(arabic.Tifinagh(shown)) }

// script is the one of a spelling's first letter.
func script(shown string) string {
	for _, r := range shown {
		switch {
		case r >= 0x600 && r < 0x780 || r >= 0xFB50 && r < 0xFF00:
			return "Arab"
		case r >= 0x2D30 && r < 0x2D80:
			return "Tfng"
		case r >= 'A' && r < 0x600:
			return "Latn"
		}
	}
	return "Latn"
}
