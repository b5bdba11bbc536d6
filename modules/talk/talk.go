// Package talk lets the people of one mission talk to each other: leader,
// volunteers, coordinator, dispatcher; on a page that needs no script, and from
// the most basic phone by text message.
//
// Words: a channel belongs to one mission and lives as long as it; a Member is
// somebody on it, seen by the others as a role and a number; a Message may become
// a task, which is open until somebody says that it is done.
//
// What always holds: only who may work on the mission reads or writes; nobody
// sees another's phone number; what was said is sealed, closes with the mission
// and is erased some time after; nobody floods it.
package talk

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/reach"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

type (
	missionKind struct{}
	MissionID   = id.Of[missionKind] // a mission as talk points at it; whoever keeps missions has the same text
)

// Mission is what talk needs to know of one.
type Mission struct {
	Team map[string]string // its name by language
	Org  actor.OrganisationID
	Open bool // planned or on its way
}

// Missions is what talk asks of whoever sends people.
type Missions interface {
	// May asks whether the doer may work on a mission, in their own unit of work.
	May(t *deed.Tx, mission string) error
	Mission(t *db.Tx, mission string) (Mission, error)
}

// Person is a volunteer who was placed on a mission, with the phone that they gave.
type Person struct {
	ID, Phone, Lang string
	Account         actor.AccountID
}

// Crew is what talk asks of whoever places volunteers.
type Crew interface {
	On(t *db.Tx, mission string) ([]Person, error)
	// ByPhone lists the missions that somebody with this phone was placed on.
	ByPhone(t *db.Tx, phone string) ([]string, error)
}

// Phones tells somebody something on their phone.
type Phones interface {
	Inform(t *deed.Tx, n reach.Inform) error
}

// Ports is what talk asks of the rest of the house.
type Ports struct {
	Rules    Rules
	Missions Missions
	Crew     Crew
	Phones   Phones        // nil when the house sends no messages
	Number   func() string // to which a text is written; "" when there is none
}

// Service is what talk can do for the rest of the house.
type Service struct {
	h     *deed.House
	vault *crypt.Vault
	// prefix is the country calling code.
	prefix string
	Ports
}

// New makes the service.
func New(h *deed.House, v *crypt.Vault, prefix string, p Ports) *Service {
	return &Service{h: h, vault: v, prefix: prefix, Ports: p}
}

// Manifest is talk as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "talk", Files: Files, Say: s.Say, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: checks(),
		Sealed: []crypt.Column{{Table: "talk_member", Column: "phone"}, {Table: "talk_message", Column: "body"}},
		Chores: []module.Chore{{Name: "talk.forget", Every: time.Hour, Do: s.Forget}},
		Hears: []module.Hearing{
			{Word: "field.mission.close", Do: s.ended},
			{Word: "field.mission.cancel", Do: s.ended},
		},
	}
}

// ended writes down when a mission ended, from when its channel is kept no
// longer than the country says.
func (s *Service) ended(ctx context.Context, r deed.Record) error {
	mid, err := missionOf(r.Subject)
	if err != nil {
		return err
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return endChannel(t, mid, r.At) })
}

// Forget erases what was said on channels whose time is over, and the phones.
func (s *Service) Forget(ctx context.Context) error {
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return forgetChannels(t, t.Now().AddDate(0, 0, -s.Rules.KeepDays)) })
}

func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

func readID[T any](text string) (id.Of[T], error) {
	out, err := id.Parse[T](text)
	if err != nil {
		return out, fault.New(fault.Missing, "error.missing")
	}
	return out, nil
}
