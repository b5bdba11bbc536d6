package intake

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

type candidateKind struct{}

// CandidateID names a candidate. It is made of where the candidate comes from
// and of what it says, so that the same message is the same candidate for ever.
type CandidateID = id.Of[candidateKind]

// State is what became of a candidate.
type State string

const (
	Waiting State = "waiting"
	Case    State = "case"   // a person made a request of it
	Joined  State = "joined" // a person said that it tells of a need that another told of
	Offer   State = "offer"
	Aside   State = "aside" // it asks for nothing, as somebody, or nobody but the house, saw
)

// Kind is what a candidate seems to be, as the house reads it.
type Kind string

const (
	Need    Kind = "need"
	Gives   Kind = "offer"
	Nothing Kind = "none"
)

// Candidate is one message or row that may be a request.
type Candidate struct {
	ID      CandidateID
	File    FileID
	Seq     int
	Source  source.Kind
	Service string
	Kind    Kind
	State   State
	Reason  string // why it was set aside; "says_nothing" when the house did
	Points  int    // in which order people go through them: the more, the sooner
	Danger  bool
	Needs   []string
	People  int
	Lang    string
	Place   string   // code, "" where the words do not say it beyond doubt
	Path    []string // region, province, commune

	Sealed                      []byte
	PhoneKey, SenderKey, Spoken []byte // blind indexes: of the number, the sender, the words

	SaidAt, MadeAt time.Time
	Brought        actor.AccountID
	Account        actor.AccountID
	DecidedAt      time.Time
	CaseID, Into   string
	Times          int // how often it was taken back: each time makes another request
	Version        int
}

// Body is what a candidate says. It names people, and is sealed.
type Body struct {
	Words   string         `json:"words,omitempty"`
	Place   string         `json:"place,omitempty"` // the words for the place, out of the words
	From    string         `json:"from,omitempty"`
	Phones  []phone.Number `json:"phones,omitempty"`
	Media   bool           `json:"media,omitempty"`
	Point   *geo.Point     `json:"point,omitempty"`
	Contact string         `json:"contact,omitempty"`
	Answers forms.Answers  `json:"answers,omitempty"` // of a row, as its columns were read
}

// Scope is where a candidate lies, as far as its words tell.
func (c *Candidate) Scope() actor.Scope {
	path := append([]string(nil), c.Path...)
	if c.Place != "" {
		path = append(path, c.Place)
	}
	return actor.Scope{Path: path, Service: c.Service}
}

// decide is somebody saying what a waiting candidate is.
func (c *Candidate) decide(to State, by actor.AccountID, now time.Time) error {
	if c.State != Waiting {
		return fault.New(fault.Conflict, "intake.triage.decided")
	}
	c.State, c.Account, c.DecidedAt = to, by, now
	return nil
}

// undoFor is how long somebody may take back what they said of a candidate.
const undoFor = 2 * time.Hour

// undo takes back what somebody said of it.
func (c *Candidate) undo(now time.Time) error {
	switch {
	case c.State == Waiting:
		return fault.New(fault.Conflict, "intake.triage.nothing_to_undo")
	case len(c.Sealed) == 0, now.Sub(c.DecidedAt) > undoFor:
		return fault.New(fault.Conflict, "intake.triage.too_late")
	}
	if c.State == Case || c.State == Joined {
		c.Times++
	}
	c.State, c.Reason, c.Account, c.DecidedAt, c.CaseID, c.Into = Waiting, "", actor.AccountID{}, time.Time{}, "", ""
	return nil
}

// sameWords is what two messages of the same words share, whatever phone
// exported them: spelling is folded, and spaces and signs are nothing.
func sameWords(text string) string { return strings.Join(strings.Fields(arabic.Key(text)), " ") }
