package hands

import (
	"sync"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach"
)

// What volunteers ask of the rest of the house. app fills these ports.

// Phones puts questions to people's phones, and tells them things.
type Phones interface {
	Ask(t *deed.Tx, q reach.Question) error
	Inform(t *deed.Tx, n reach.Inform) error
}

// Newcomer is a volunteer who is to be given an account.
type Newcomer struct {
	Account actor.AccountID // the one they were invited to before; zero makes one
	Login   string
	Name    string
	Langs   []string
	Scope   actor.Scope // of whose organisation, and where
}

// Accounts is asked for accounts of the role volunteer.
type Accounts interface {
	// Invite makes the account, or another link for one that nobody used yet.
	Invite(t *deed.Tx, a Newcomer) (aid actor.AccountID, link string, err error)
	// End takes the role away; an account that holds no other is shut, and with
	// forget it bears no name any more.
	End(t *deed.Tx, aid actor.AccountID, org actor.OrganisationID, forget bool) error
}

// Journey is a mission of the field that a call may be for.
type Journey struct {
	ID    string
	Place string // code of where it goes
	At    time.Time
}

// Missions is asked what an organisation means to set out on.
type Missions interface {
	Planned(t *db.Tx, org actor.OrganisationID) ([]Journey, error)
}

// CrewPorts is all of them.
type CrewPorts struct {
	Rules    Rules
	Helpers  Helpers
	Phones   Phones
	Accounts Accounts
	Missions Missions
	Zone     *time.Location
	// Forgot keeps that a volunteer was forgotten where a restored backup will
	// find it; nil keeps it nowhere.
	Forgot  func(v VolunteerID, at time.Time) error
	Address string // of the house, "https://…", for what is printed; "" is left out
}

// UseCrew is called while the house is built.
func (s *Service) UseCrew(p CrewPorts) { s.crew.CrewPorts = p }

// crew is what the part of volunteers keeps in memory.
type crew struct {
	CrewPorts
	mu  sync.Mutex
	saw map[CallID]int // openings of the pages of calls that are not written down yet
}

// crewPart adds volunteers, calls for them and shifts to the manifest.
func (s *Service) crewPart(m *module.Manifest) {
	m.Say = s.sayFirst(m.Say)
	m.Deeds = append(m.Deeds, crewDeeds...)
	m.Doors = append(m.Doors, s.crewDoors()...)
	m.Gallery = append(m.Gallery, crewGallery()...)
	m.Checks = append(m.Checks, crewChecks()...)
	m.Chores = append(m.Chores,
		module.Chore{Name: "hands.calls", Every: time.Minute, Do: s.Round},
		module.Chore{Name: "hands.retain", Every: time.Hour, Do: s.Retain})
	for _, column := range []string{"name", "phone", "guardian", "limits", "papers"} {
		m.Sealed = append(m.Sealed, crypt.Column{Table: "hands_volunteer", Column: column})
	}
	m.Sealed = append(m.Sealed, crypt.Column{Table: "hands_attestation", Column: "initials"})
}

// crewDeeds is everything that can be done with volunteers and calls.
var crewDeeds = []deed.Deed{
	DeedRegister, DeedVolunteerMine, DeedForget, DeedVolunteerList, DeedAccept, DeedDecline, DeedVet, DeedRemove, DeedRevealVolunteer, DeedInvite,
	DeedCallMake, DeedCallSee, DeedCallClose, DeedCallRead, DeedAskVolunteer, DeedOfferSelf, DeedAnswer, DeedRemind, DeedAskNext, deedForgetPlacing,
	DeedCheckIn, DeedNotePresence, DeedConfirmHours, DeedRoster, DeedMyShifts,
	DeedAttest, DeedAttestFor, DeedVerify,
}

// zone is where the country's clocks are.
func (s *Service) zone() *time.Location {
	if s.crew.Zone == nil {
		return time.UTC
	}
	return s.crew.Zone
}
