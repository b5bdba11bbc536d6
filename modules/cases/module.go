// Package cases carries any service that somebody can ask for: a call for
// help, an aid programme, a procedure. What is asked, how urgent it is, which
// states it goes through and who may move it is data in a service file; this
// package knows how to ask, to own, to confirm and to judge, and names no
// service.
//
// Words: a Case is one request on its way. Its Receipt is the nine digits that
// its asker holds. To claim a case is to take it on for an organisation for
// the time of a lease. Two cases may be merged when they tell of one need; both
// voices are kept. A Concern is what no open queue may ever show.
//
// What always holds: a request that got a receipt is on the disk; one case has
// at most one owner; only recognised organisations own; what names a person is
// sealed, and whoever unseals it leaves a line that the person can read.
package cases

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/shared/translog"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Orgs is what cases asks of whoever keeps organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	Recognised(t *db.Tx, org actor.OrganisationID) (bool, error)
}

// Teams is what cases asks of whoever keeps teams.
type Teams interface {
	// Propose lists the teams of an organisation (zero: of all) that might go,
	// in the order in which the house would send them.
	Propose(t *db.Tx, org actor.OrganisationID, c *Case, limit int) (Proposed, error)
	// Team tells whose a team is and what it is called.
	Team(t *db.Tx, team TeamID, lang string) (name string, org actor.OrganisationID, err error)
	// Witnessed lists who read the name of somebody who stood by when help was
	// brought for a case.
	Witnessed(t *db.Tx, c CaseID) ([]Look, error)
}

// Proposed is who might go for a case.
type Proposed struct {
	Teams  []Candidate
	Asked  []string // codes of the skills that its needs ask for
	Lacks  bool     // no free team of the list has them
	Others bool     // then: another organisation has a free team that does; yes or no and no more
}

// Candidate is a team that might go, and why it stands where it stands in the list.
type Candidate struct {
	Team   TeamID
	Org    actor.OrganisationID
	Names  forms.Text // "ar", "fr"
	Km     float64
	HasKm  bool
	Free   bool
	Reason string // message key
	Why    []Because
	Skills []string
	Able   bool // has the skills that the needs ask for
}

// Because is a reason by its message key, with what it speaks of in pairs.
type Because struct {
	Key  string
	Args []any
}

// Office is where cases are worked.
type Office struct {
	// Public is the log that everybody may check; nil where there is none. Set while
	// the house is built.
	Public *translog.Log

	h        *deed.House
	vault    *crypt.Vault
	places   *places.Gazetteer
	services *service.Set
	orgs     Orgs
	teams    Teams
	public   Published
	crises   crisesNow
	sectors  *Sectors
	helpers  Helpers
	last     LastOwners
	old      sync.Map // "code/version" → *service.Definition, of versions no longer in the pack
	forget   func(CaseID, time.Time) error

	recordings func(*db.Tx, string) ([]Recording, error)
	fieldwork  func(*db.Tx, string) (*Fieldwork, error)
	voices     *Voices
	paper      PaperRules
	network    func(*db.Tx) (map[string]places.Cover, error)
	ground     Ground // nil when nobody keeps maps of damage
	spellings  Spellings
	linkage    *linkage.Model
	sketches   shelf
	allHeard   atomic.Bool // what was heard by older words was heard anew
	soon       soon
	sense      *sense.Lexicon // nil where the country has none
	desk       deskFn         // what stands above the queue; nil where nothing does
	spool      *spool.Spool   // nil where requests do not wait beside the store
	asides     *asides
	urgent     emergency
	mind       draftMemory
	live       Live // nil where nothing tells pages that something was done
	watching   watchers
	counting   tally
	free       func(*db.Tx, actor.OrganisationID) (int, int, error)
}

// New opens the office. teams may be set later with UseTeams, because teams
// ask cases in turn.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, s *service.Set, orgs Orgs) *Office {
	return &Office{h: h, vault: v, places: g, services: s, orgs: orgs, asides: newAsides(), public: func(*db.Tx, string) (Tally, error) { return Tally{}, nil }}
}

// UseTeams and UseForget are called while the house is built. forget writes an
// erasure down where a restored backup will find it.
func (o *Office) UseTeams(t Teams)                                { o.teams = t }
func (o *Office) UseForget(fn func(c CaseID, at time.Time) error) { o.forget = fn }

// Spellings learns how people write places, from somebody who says that a text
// meant one: from is the deed by which they say so. What is no name of a place is
// not kept, and is no error.
type Spellings interface {
	Learn(t *deed.Tx, text, code, from string) error
}

// UseSpellings is called while the house is built; without, nothing is learnt.
func (o *Office) UseSpellings(s Spellings) { o.spellings = s }

// UseNetwork is called while the house is built: fn says which communes lack
// what of a network, for the maps.
func (o *Office) UseNetwork(fn func(*db.Tx) (map[string]places.Cover, error)) { o.network = fn }

// covers is what networks lack now, as somebody on the staff learnt it.
func (o *Office) covers(t *db.Tx) (map[string]places.Cover, error) {
	if o.network == nil {
		return nil, nil
	}
	return o.network(t)
}

// current is a service as the pack has it, with its own delays: those of a
// crisis hang on where a case is.
func (o *Office) current(code string) (*service.Definition, error) {
	d, ok := o.services.Get(code)
	if !ok {
		return nil, fault.New(fault.Missing, "cases.service.unknown")
	}
	return d, nil
}

// def is the service of a case as it was when the case came, with the delays
// of the crises that reign where the case is.
func (o *Office) def(t *db.Tx, c *Case) (*service.Definition, error) {
	d, ok := o.services.Get(c.Service)
	if ok && d.Version == c.Version {
		return o.over(d, c.Place), nil
	}
	key := fmt.Sprintf("%s/%d", c.Service, c.Version)
	if old, ok := o.old.Load(key); ok {
		return old.(*service.Definition), nil
	}
	body, err := db.One(t, db.Text, `SELECT body FROM cases_service WHERE code = ?1 AND version = ?2`, c.Service, c.Version)
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", key, err)
	}
	old, err := service.Parse(key, []byte(body))
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", key, err)
	}
	o.old.Store(key, old)
	return old, nil
}

// KeepServices writes down the versions of all services that the pack holds.
// The same version with other content is an error: it must get a new number.
func (o *Office) KeepServices(ctx context.Context) error {
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		for _, d := range o.services.All() {
			was, err := db.List(t, db.Text, `SELECT hash FROM cases_service WHERE code = ?1 AND version = ?2`, d.Code, d.Version)
			switch {
			case err != nil:
				return err
			case len(was) == 1 && was[0] != d.Hash():
				return fmt.Errorf("service %s was changed without a new version number (it is still %d)", d.Code, d.Version)
			case len(was) == 1:
				continue
			}
			if _, err := t.Exec(`INSERT INTO cases_service (code, version, hash, body, at) VALUES (?1, ?2, ?3, ?4, ?5)`,
				d.Code, d.Version, d.Hash(), string(d.Source()), t.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

var errAlreadyOurs = errors.New("cases: already ours")

func subject(cid CaseID) string { return "cases.case/" + cid.String() }

type (
	crisisKind struct{}
	noteKind   struct{}
	draftKind  struct{}
	CrisisID   = id.Of[crisisKind]
	NoteID     = id.Of[noteKind]
)

// numbered is any kind of thing that a receipt can belong to.
func receiptTaken(t *db.Tx, n receipt.Number) (bool, error) {
	return db.Has(t, `SELECT 1 FROM cases_case WHERE receipt = ?1 UNION ALL SELECT 1 FROM cases_concern WHERE receipt = ?1
		UNION ALL SELECT 1 FROM cases_complaint WHERE receipt = ?1 UNION ALL SELECT 1 FROM cases_paper WHERE number = ?1
		UNION ALL SELECT 1 FROM cases_promised WHERE number = ?1`, n)
}

// freshReceipt is a number that belongs to nothing yet.
func freshReceipt(t *db.Tx) (receipt.Number, error) {
	for {
		n, err := receipt.New(rand.Reader)
		if err != nil {
			return n, err
		}
		if taken, err := receiptTaken(t, n); err != nil || !taken {
			return n, err
		}
	}
}
