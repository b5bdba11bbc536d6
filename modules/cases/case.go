package cases

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/rules"
	"github.com/twiza/twiza/shared/service"
)

// Case is one call for help: what was asked and where, who answers for it
// now, until when, and how it stands. What names a person is not in it: see
// Private.
type Case struct {
	ID        CaseID
	Receipt   receipt.Number
	Service   string
	Version   int // of the service, as it was when the request came
	Crisis    CrisisID
	State     string // a state of the service
	Phase     service.Phase
	Rank      int // 0: life in danger now, before everything else
	Level     int // 1 most urgent … 4
	Reasons   []rules.Reason
	Needs     []string
	People    int
	Place     string   // gazetteer code, "" when the words given were not resolved
	Path      []string // region, province, commune; as far as known
	At        geo.Point
	HasPoint  bool
	Spoken    string // language to be called in
	Lang      string // language of the pages or messages
	Channel   string
	Answers   string // canonical JSON of what is not private
	Sealed    []byte // canonical JSON of what is, sealed
	PhoneKey  []byte // blind index
	FamilyKey []byte // the same of the family's own phone, when somebody far away asks
	Secret    []byte // keyed hash of the last four digits or the chosen word
	AskedKey  []byte // keyed hash of all that was asked, to know a retry
	Salt      []byte // of the journal's commitment

	Org         actor.OrganisationID
	LeaseTill   time.Time
	Team        TeamID
	ContactedAt time.Time
	CalledAt    time.Time            // the last call that nobody answered
	OwnedAt     time.Time            // when somebody first took it on, however it went on
	HelpedAt    time.Time            // when its person first said that help had come
	LastOrg     actor.OrganisationID // before whom it was put in the last resort
	LastAt      time.Time            // since when; zero when it is before nobody
	GaveUpAt    time.Time            // when whoever had it gave it back, and nobody has it since
	DueAt       time.Time
	MadeAt      time.Time
	ChangedAt   time.Time
	MergedInto  CaseID
	MergedFrom  string // the state before it was merged
	ErasedAt    time.Time
	CodeTries   int
	CodeFrom    time.Time
	Revision    int64
	paper       bool          // its number stands on a sheet that was printed before
	promised    bool          // its number was told to its asker while the store was away
	waited      time.Duration // in the spool
	sketched    sketched      // what is kept of it for comparing, when it is new
	sketch      linkage.Sketch
	number      int64 // under which its sketch is found
}

type (
	CaseID   = id.Of[Case]
	TeamID   = id.Of[teamKind]
	teamKind struct{}
)

// Moves are the words that a service file may use to say what leads from one
// state to another. The engine knows the words; the file says where they lead.
const (
	MoveReceive   = "receive"
	MoveContact   = "contact"
	MoveClaim     = "claim"
	MoveRelease   = "release"
	MoveExpire    = "expire"
	MoveAssign    = "assign"
	MoveDepart    = "depart"
	MoveDeliver   = "deliver"
	MoveYes       = "confirm_yes"
	MovePartly    = "confirm_partly"
	MoveNo        = "confirm_no"
	MoveSilence   = "close_silent"
	MoveRefuse    = "refuse"
	MoveRedirect  = "redirect"
	MoveReopen    = "reopen"
	MoveMerge     = "merge"
	MoveUnmerge   = "unmerge"
	leaseFallback = 4 * time.Hour
)

// Scope is whose the case is and where it lies.
func (c *Case) Scope() actor.Scope {
	path := c.Path
	if c.Place != "" && !slices.Contains(path, c.Place) {
		path = append(slices.Clone(path), c.Place)
	}
	return actor.Scope{Org: c.Org, Path: path, Service: c.Service}
}

// move leads the case to the next state, if the service allows it from here,
// and sets the next deadline.
func (c *Case) move(def *service.Definition, word string, now time.Time) error {
	if !c.MergedInto.IsZero() {
		return fault.New(fault.Conflict, "cases.case.is_merged")
	}
	to, ok := def.Move(c.State, word)
	if !ok || word == MoveReopen && !c.ErasedAt.IsZero() { // whoever was forgotten cannot be helped under this number
		return fault.New(fault.Conflict, "cases.case.cannot_now")
	}
	c.arrive(def, to, now)
	if due, ok := def.Due(word, c.Level, now); ok {
		c.DueAt = due
	}
	return nil
}

func (c *Case) arrive(def *service.Definition, state string, now time.Time) {
	c.State = state
	if s, ok := def.State(state); ok {
		c.Phase = s.Phase
	}
	switch c.Phase {
	case service.Open:
		c.Org, c.LeaseTill, c.Team = actor.OrganisationID{}, time.Time{}, TeamID{}
	case service.Owned, service.Waiting, service.Final: // whoever sets out late is late still
		c.takenUp()
	}
	c.ChangedAt = now
}

// claim gives the case to an organisation for as long as the lease lasts.
// Of two who ask at once, the second is told who was first.
func (c *Case) claim(def *service.Definition, org actor.OrganisationID, now time.Time) error {
	if org.IsZero() {
		return fault.New(fault.Denied, "cases.case.claim_for_whom")
	}
	if !c.Org.IsZero() {
		if c.Org == org {
			return errAlreadyOurs
		}
		return fault.New(fault.Conflict, "cases.case.taken_by_other")
	}
	if err := c.move(def, MoveClaim, now); err != nil {
		return err
	}
	c.Org, c.LeaseTill, c.OwnedAt = org, now.Add(c.lease(def)), first(c.OwnedAt, now)
	return nil
}

// first keeps the first of two moments: the one that is there already.
func first(was, now time.Time) time.Time {
	if was.IsZero() {
		return now
	}
	return was
}

func (c *Case) lease(def *service.Definition) time.Duration {
	if d, ok := def.Delay("lease", c.Level); ok {
		return d
	}
	return leaseFallback
}

// release gives the case back to everyone.
func (c *Case) release(def *service.Definition, word string, now time.Time) error {
	if c.Org.IsZero() {
		return fault.New(fault.Conflict, "cases.case.nobody_has_it")
	}
	if err := c.move(def, word, now); err != nil {
		return err
	}
	c.GaveUpAt = now
	return nil
}

// assign gives the work to a team of the organisation that owns the case, or
// takes it into ownership for that organisation. The lease stops running: a
// team on its way is held by its mission.
func (c *Case) assign(def *service.Definition, org actor.OrganisationID, team TeamID, now time.Time) error {
	if !c.Org.IsZero() && c.Org != org {
		return fault.New(fault.Conflict, "cases.case.taken_by_other")
	}
	if err := c.move(def, MoveAssign, now); err != nil {
		return err
	}
	c.Org, c.Team, c.LeaseTill, c.OwnedAt = org, team, now.Add(c.lease(def)), first(c.OwnedAt, now)
	return nil
}

// Answer is what the person says of a delivery.
type Answer string

const (
	Yes    Answer = "yes"
	Partly Answer = "partly"
	No     Answer = "no"
)

func (a Answer) move() (string, bool) {
	switch a {
	case Yes:
		return MoveYes, true
	case Partly:
		return MovePartly, true
	case No:
		return MoveNo, true
	}
	return "", false
}

// confirm records what the person says; "no" opens the case again.
func (c *Case) confirm(def *service.Definition, a Answer, now time.Time) error {
	word, ok := a.move()
	if !ok {
		return fault.New(fault.Invalid, "cases.case.answer_unknown").On("answer")
	}
	if err := c.move(def, word, now); err != nil {
		return err
	}
	if a == Yes {
		c.HelpedAt = first(c.HelpedAt, now)
	}
	return nil
}

// closeSilent closes what nobody answers about: only after a call that was
// recorded, and only when the service's silence has passed since then.
func (c *Case) closeSilent(def *service.Definition, now time.Time) error {
	wait, ok := def.Delay("silence", c.Level)
	if !ok || c.CalledAt.IsZero() {
		return fault.New(fault.Conflict, "cases.case.call_first")
	}
	if till := c.CalledAt.Add(wait); now.Before(till) {
		return fault.New(fault.Conflict, "cases.case.silence_not_over", "till", till)
	}
	return c.move(def, MoveSilence, now)
}

// Open codes: a wrong one may be tried so often within the hour, then only a
// witness will do.
const (
	codeTries  = 5
	codeWindow = time.Hour
	// CodeDigits is the length of the delivery code that the family holds.
	CodeDigits = 6
)

// tryCode counts a wrong code.
func (c *Case) tryCode(right bool, now time.Time) error {
	if now.Sub(c.CodeFrom) > codeWindow {
		c.CodeTries, c.CodeFrom = 0, now
	}
	if c.CodeTries >= codeTries {
		return fault.New(fault.Limited, "cases.case.code_locked").On("code")
	}
	if !right {
		c.CodeTries++
	}
	return nil
}
