package cases

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// Concern is about a child alone, abuse by somebody who helps, or violence at
// home. Only named, trained people read it, within a time; the organisation
// that it is about never does. It stands in no list but theirs.
type Concern struct {
	ID       ConcernID
	Receipt  receipt.Number
	Kind     string // of the service file's safeguarding kinds
	Service  string
	State    string // open, taken, closed
	AboutOrg actor.OrganisationID
	Body     []byte // all answers, sealed
	Secret   []byte
	AskedKey []byte
	TakenBy  actor.AccountID
	Outcome  string
	DueAt    time.Time
	MadeAt   time.Time
	ClosedAt time.Time
	Lang     string
	Revision int64
	clock    time.Duration
}

type ConcernID = id.Of[Concern]

var trained = []actor.Role{actor.Safeguarding}

var (
	DeedConcernOpen  = deed.Deed{Name: "cases.concern.open", Open: true}
	DeedConcernList  = deed.Deed{Name: "cases.concern.list", Roles: trained}
	DeedConcernRead  = deed.Deed{Name: "cases.concern.read", Roles: trained}
	DeedConcernTake  = deed.Deed{Name: "cases.concern.take", Roles: trained}
	DeedConcernClose = deed.Deed{Name: "cases.concern.close", Roles: trained}
)

type concernTold struct {
	Kind    string `json:"kind,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

// ConcernSubject begins the subject of every journal line about a concern.
const ConcernSubject = "cases.concern/"

func (n *Concern) subject() string { return ConcernSubject + n.ID.String() }

// prepareConcern seals everything that was said into a concern.
func (o *Office) prepareConcern(def *service.Definition, c *Case, kind service.Concern, private forms.Answers) (*Concern, error) {
	open, err := c.answers()
	if err != nil {
		return nil, err
	}
	for k, v := range private { // the place with its words, the name, the phone
		open[k] = v
	}
	whole, err := json.Marshal(open)
	if err != nil {
		return nil, err
	}
	return &Concern{ID: id.Of[Concern](concernID(c.ID)), Receipt: c.Receipt, Kind: kind.Code, Service: def.Code, State: "open",
		Body:   o.vault.Seal("cases_concern.body|"+c.ID.String(), whole),
		Secret: c.Secret, AskedKey: c.AskedKey, Lang: c.Lang, Revision: 1, clock: kind.Clock}, nil
}

// concernID gives a concern the identifier of the request it came with, so
// that sending twice is sending once.
func concernID(c CaseID) ConcernID {
	n, _ := id.Parse[Concern](c.String()) // what String wrote is read
	return n
}

func (n *Concern) stamp(now time.Time) { n.MadeAt, n.DueAt = now, now.Add(n.clock) }

const concernColumns = `id, receipt, kind, service, state, about_org, body, secret_key, asked_key, taken_by, outcome, due_at, made_at, closed_at, lang, version`

func scanConcern(row db.Row) (*Concern, error) {
	var n Concern
	return &n, row.Scan(&n.ID, &n.Receipt, &n.Kind, &n.Service, &n.State, &n.AboutOrg, &n.Body, &n.Secret, &n.AskedKey, &n.TakenBy,
		db.Opt(&n.Outcome), db.Time(&n.DueAt), db.Time(&n.MadeAt), db.Time(&n.ClosedAt), &n.Lang, &n.Revision)
}

func addConcern(t *db.Tx, n *Concern) error {
	_, err := t.Exec(`INSERT INTO cases_concern (`+concernColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)`,
		n.ID, n.Receipt, n.Kind, n.Service, n.State, n.AboutOrg, n.Body, n.Secret, n.AskedKey, n.TakenBy, db.OrNull(n.Outcome),
		n.DueAt, n.MadeAt, n.ClosedAt, n.Lang, n.Revision)
	return err
}

func getConcern(t *db.Tx, nid ConcernID) (*Concern, error) {
	return db.One(t, scanConcern, `SELECT `+concernColumns+` FROM cases_concern WHERE id = ?1`, nid)
}

func saveConcern(t *db.Tx, n *Concern) error {
	rows, err := t.Exec(`UPDATE cases_concern SET state = ?1, taken_by = ?2, outcome = ?3, closed_at = ?4, version = version + 1 WHERE id = ?5 AND version = ?6`,
		n.State, n.TakenBy, db.OrNull(n.Outcome), n.ClosedAt, n.ID, n.Revision)
	if err == nil && rows == 0 {
		err = db.Changed()
	}
	return err
}

// mayRead refuses whoever belongs to the organisation that the concern is about.
func (n *Concern) mayRead(by actor.Actor) error {
	for _, g := range by.Grants {
		if !n.AboutOrg.IsZero() && g.Org == n.AboutOrg {
			return fault.New(fault.Missing, "error.missing")
		}
	}
	return nil
}

// Concerns lists what is open, latest deadline last, for a trained reader.
func (o *Office) Concerns(ctx context.Context, by actor.Actor) (all []*Concern, err error) {
	err = o.h.Look(ctx, by, DeedConcernList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		rows, err := db.List(t.Tx, scanConcern, `SELECT `+concernColumns+` FROM cases_concern WHERE state <> 'closed' ORDER BY due_at, id LIMIT 200`)
		for _, n := range rows {
			if n.mayRead(by) == nil {
				all = append(all, n)
			}
		}
		return err
	})
	return all, err
}

// ReadConcern opens one, and leaves a line.
func (o *Office) ReadConcern(ctx context.Context, by actor.Actor, nid ConcernID) (n *Concern, said forms.Answers, err error) {
	err = o.onConcern(ctx, by, DeedConcernRead, nid, func(t *deed.Tx, c *Concern) (concernTold, error) {
		n, said = c, forms.Answers{}
		if len(c.Body) == 0 { // its time was over: see ForgetConcerns
			return concernTold{}, nil
		}
		plain, err := o.vault.Open("cases_concern.body|"+c.ID.String(), c.Body)
		if err != nil {
			return concernTold{}, err
		}
		return concernTold{}, json.Unmarshal(plain, &said)
	})
	return n, said, err
}

// TakeConcern makes the doer answerable for it.
func (o *Office) TakeConcern(ctx context.Context, by actor.Actor, nid ConcernID) error {
	return o.onConcern(ctx, by, DeedConcernTake, nid, func(t *deed.Tx, n *Concern) (concernTold, error) {
		switch {
		case n.State == "taken" && n.TakenBy == by.Account:
			return concernTold{}, deed.ErrNothingDone
		case n.State != "open":
			return concernTold{}, fault.New(fault.Conflict, "cases.concern.taken")
		}
		n.State, n.TakenBy = "taken", by.Account
		return concernTold{}, saveConcern(t.Tx, n)
	})
}

// concernOutcomes are how a concern may end.
var concernOutcomes = []string{"protected", "referred", "unfounded"}

// CloseConcern ends it, by whoever took it.
func (o *Office) CloseConcern(ctx context.Context, by actor.Actor, nid ConcernID, outcome string) error {
	if !known(concernOutcomes, outcome) {
		return fault.New(fault.Invalid, "cases.case.reason_needed").On("outcome")
	}
	return o.onConcern(ctx, by, DeedConcernClose, nid, func(t *deed.Tx, n *Concern) (concernTold, error) {
		if n.State != "taken" || n.TakenBy != by.Account {
			return concernTold{}, fault.New(fault.Conflict, "cases.concern.take_first")
		}
		n.State, n.Outcome, n.ClosedAt = "closed", outcome, t.Now()
		return concernTold{Outcome: outcome}, saveConcern(t.Tx, n)
	})
}

func (o *Office) onConcern(ctx context.Context, by actor.Actor, d deed.Deed, nid ConcernID, fn func(*deed.Tx, *Concern) (concernTold, error)) error {
	err := o.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := getConcern(t.Tx, nid)
		if err != nil {
			return err
		}
		if err := n.mayRead(by); err != nil {
			return err
		}
		told, err := fn(t, n)
		if err != nil {
			return err
		}
		return t.Tell(n.subject(), told)
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}
