package round

import (
	"context"
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
)

// Ports is what round asks of the rest of the house. Identifiers of others are
// text here: whoever keeps the thing reads them.
type Ports struct {
	Field  Field
	Cases  Cases
	People People
}

// Field is what round asks of whoever sends missions.
type Field interface {
	// Carry lists the open missions that the doer may work on, or one; it asks.
	Carry(t *deed.Tx, only, lang string) ([]Mission, error)
	// MayServe asks whether the doer may work on a mission.
	MayServe(t *deed.Tx, mission string) error
	Deliver(ctx context.Context, by actor.Actor, d Handover) (again bool, err error)
	NotReached(ctx context.Context, by actor.Actor, mission, stop, reason string) error
	// Twice tells whether an error of these says that somebody has told of the
	// stop before: a person must look at both.
	Twice(err error) bool
	CheckCode(ctx context.Context, by actor.Actor, mission, stop, code string) (bool, error)
	Stands(t *db.Tx, mission, stop string) (Standing, error)
	// CaseAt is the case of a stop.
	CaseAt(t *db.Tx, mission, stop string) (string, error)
	// Again records a delivery that was told of twice, at an extra stop or
	// instead of the one on record, and then asks then, in one unit of work.
	Again(ctx context.Context, by actor.Actor, d Handover, account actor.AccountID, instead bool, then func(t *deed.Tx, replaced string) error) error
	NotReachedInstead(ctx context.Context, by actor.Actor, mission, stop, reason string, then func(*deed.Tx) error) error
	Delivered(t *db.Tx, delivery string) (bool, error)
	Relations() []string
	// GoodKeys is the catalogue key of the name of every good, by its code.
	GoodKeys() map[string]string
	ReasonsNotReached() []string
}

// Cases is what round asks of whoever keeps requests.
type Cases interface {
	// Forms lists the services that take requests now.
	Forms(ctx context.Context) ([]RequestForm, error)
	Ask(ctx context.Context, by actor.Actor, a Asking) (Asked, error)
	// MayOpen tells whether somebody may open what names the person of a case.
	MayOpen(ctx context.Context, by actor.Actor, caseID string) error
	Receipt(t *db.Tx, caseID string) (string, error)
	Subject(caseID string) string
}

// People is what round asks of whoever keeps accounts.
type People interface {
	// Confirm checks the password of somebody who is signed in, limited as
	// signing in is; a wrong one is a fault on the field password.
	Confirm(ctx context.Context, limit *web.Limiter, by actor.Actor, from, password string) error
	// Session names the session that a request comes with; "" is none.
	Session(t *db.Tx, c *web.Ctx) (string, error)
	// EndSession ends one session of an account, in the caller's unit of work.
	EndSession(t *deed.Tx, account actor.AccountID, session string) error
	AccountName(t *db.Tx, account actor.AccountID) (string, error)
	OrgName(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
}

// Mission is a journey as a phone takes it along.
type Mission struct {
	ID, Team, State string
	Org             actor.OrganisationID
	PlannedAt       time.Time
	Goods           []Cargo
	Stops           []Stop
}

// Cargo is one good of a mission; Name and Unit are catalogue keys, or "".
type Cargo struct {
	Code, Name, Unit string
	Loaded, Aboard   int
}

// Stop is a visit to the people of one case, without anything that names them.
type Stop struct {
	ID, Receipt, Service, Place, Commune, State, Reason string
	Seq, Level, People                                  int
	HasPoint                                            bool
	At                                                  geo.Point
	Needs                                               []string // catalogue keys
	Due                                                 time.Time
}

// Handover is a delivery as a phone tells it.
type Handover struct {
	ID, Mission, Stop string
	Goods             map[string]int
	NoGoods           bool
	Proof             string
	Code              string
	Witness, Relation string
}

// Standing is what is on record of a stop.
type Standing struct {
	Case, Mission, State, Reason string
	Org                          actor.OrganisationID
	Delivery                     string
	Goods                        map[string]int
	Proof                        string
	Account                      actor.AccountID
	At                           time.Time
}

// RequestForm is a service that can be asked for, and its questions.
type RequestForm struct {
	Service, Name string // Name is a catalogue key
	Form          *forms.Form
}

// Asking is a request that somebody wrote down for a person.
type Asking struct {
	ID, Service   string
	Answers       json.RawMessage
	Lang, Spoken  string
	Consent, Help string
	Channel       string
	Partly        bool // what was not answered is asked by telephone
}

// Asked is what came of it.
type Asked struct {
	Case, Receipt string // no case when only trained people may read it
	Again         bool
}
