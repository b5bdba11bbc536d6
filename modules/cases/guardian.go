package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Guardian is who looks after a child alone. No child is handed to anybody on
// one person's word: a trained person proposes, another one links, and each says
// that every check was made. Only trained people ever see it.
type Guardian struct {
	ID         GuardianID
	Concern    ConcernID
	Kinship    string
	State      string // proposed, linked, refused, ended
	Reason     string // why refused or ended
	ProposedBy actor.AccountID
	ProposedAt time.Time
	DecidedBy  actor.AccountID
	DecidedAt  time.Time
	EndedAt    time.Time
	body       []byte
}

type GuardianID = id.Of[Guardian]

// GuardianPerson is what names a guardian: sealed, and erased with the concern.
type GuardianPerson struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
}

// The lists that a guardian is described with. Checks are those that a person
// makes before a child goes with anybody: all of them, by both.
var (
	Kinships       = []string{"mother", "father", "grandparent", "sibling", "aunt_uncle", "kafil", "foster", "institution"}
	GuardianChecks = []string{"identity", "kinship", "child_heard", "authority_told"}
	GuardianEnds   = []string{"returned", "replaced", "danger", "of_age", "mistake"}
)

// childAlone is the kind of concern that a guardian answers.
const childAlone = "child_alone"

// The deeds on a guardian: of trained people alone.
var (
	DeedGuardianPropose = deed.Deed{Name: "cases.guardian.propose", Roles: trained}
	DeedGuardianLink    = deed.Deed{Name: "cases.guardian.link", Roles: trained}
	DeedGuardianRefuse  = deed.Deed{Name: "cases.guardian.refuse", Roles: trained}
	DeedGuardianEnd     = deed.Deed{Name: "cases.guardian.end", Roles: trained}
)

var guardianDeeds = []deed.Deed{DeedGuardianPropose, DeedGuardianLink, DeedGuardianRefuse, DeedGuardianEnd}

func guardianAt(g GuardianID) string { return crypt.At("cases_guardian.body", g.String()) }

func everyCheck(checks []string) error {
	for _, c := range GuardianChecks {
		if !slices.Contains(checks, c) {
			return fault.All{fault.New(fault.Invalid, "cases.guardian.checks_missing").On("check")}
		}
	}
	return nil
}

// ProposeGuardian names who would look after a child. The same again is welcome.
func (o *Office) ProposeGuardian(ctx context.Context, by actor.Actor, nid ConcernID, gid GuardianID, kinship string, p GuardianPerson, checks []string) error {
	var wrong fault.All
	if !known(Kinships, kinship) {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.guardian.kinship_missing").On("kinship"))
	}
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" || len([]rune(p.Name)) > 120 {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.guardian.name_missing").On("guardian"))
	}
	if p.Phone = strings.TrimSpace(p.Phone); p.Phone != "" {
		n, err := phone.Parse(p.Phone, o.places.Country().Phone.Prefix)
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "cases.guardian.phone_wrong").On("phone"))
		}
		p.Phone = string(n)
	}
	if err := everyCheck(checks); err != nil {
		wrong = append(wrong, err.(fault.All)...)
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return o.onConcern(ctx, by, DeedGuardianPropose, nid, func(t *deed.Tx, n *Concern) (concernTold, error) {
		if n.Kind != childAlone || len(n.Body) == 0 {
			return concernTold{}, fault.New(fault.Conflict, "cases.guardian.not_here")
		}
		all, err := guardiansOf(t.Tx, nid)
		if err != nil {
			return concernTold{}, err
		}
		for _, g := range all {
			switch {
			case g.ID == gid:
				return concernTold{}, deed.ErrNothingDone
			case g.State == "proposed" || g.State == "linked":
				return concernTold{}, fault.New(fault.Conflict, "cases.guardian.has_one")
			}
		}
		g := Guardian{ID: gid, Concern: nid, Kinship: kinship, State: "proposed", ProposedBy: by.Account, ProposedAt: t.Now(), body: o.vault.Seal(guardianAt(gid), plain)}
		if err := addGuardian(t.Tx, g); err != nil {
			if fault.KindOf(err) == fault.Conflict { // in the same moment, by somebody else
				err = fault.New(fault.Conflict, "cases.guardian.has_one")
			}
			return concernTold{}, err
		}
		return concernTold{Kind: kinship}, nil
	})
}

// LinkGuardian is the second pair of eyes: never those that proposed.
func (o *Office) LinkGuardian(ctx context.Context, by actor.Actor, nid ConcernID, gid GuardianID, checks []string) error {
	if err := everyCheck(checks); err != nil {
		return err
	}
	return o.onGuardian(ctx, by, DeedGuardianLink, nid, gid, func(t *deed.Tx, g *Guardian) error {
		switch {
		case g.State == "linked":
			return deed.ErrNothingDone
		case g.State != "proposed":
			return fault.New(fault.Conflict, "cases.guardian.over")
		case g.ProposedBy == by.Account || by.Account.IsZero():
			return fault.New(fault.Denied, "cases.guardian.another_person")
		}
		g.State, g.DecidedBy, g.DecidedAt = "linked", by.Account, t.Now()
		return nil
	})
}

// RefuseGuardian ends a proposal, by anybody trained.
func (o *Office) RefuseGuardian(ctx context.Context, by actor.Actor, nid ConcernID, gid GuardianID, reason string) error {
	return o.endGuardian(ctx, by, DeedGuardianRefuse, nid, gid, "proposed", "refused", reason)
}

// EndGuardian ends a link, by anybody trained.
func (o *Office) EndGuardian(ctx context.Context, by actor.Actor, nid ConcernID, gid GuardianID, reason string) error {
	return o.endGuardian(ctx, by, DeedGuardianEnd, nid, gid, "linked", "ended", reason)
}

func (o *Office) endGuardian(ctx context.Context, by actor.Actor, d deed.Deed, nid ConcernID, gid GuardianID, from, to, reason string) error {
	if !known(GuardianEnds, reason) {
		return fault.All{fault.New(fault.Invalid, "cases.case.reason_needed").On("ends")}
	}
	return o.onGuardian(ctx, by, d, nid, gid, func(t *deed.Tx, g *Guardian) error {
		switch g.State {
		case to:
			return deed.ErrNothingDone
		case from:
		default:
			return fault.New(fault.Conflict, "cases.guardian.over")
		}
		g.State, g.Reason = to, reason
		if to == "ended" {
			g.EndedAt = t.Now()
		} else {
			g.DecidedBy, g.DecidedAt = by.Account, t.Now()
		}
		return nil
	})
}

// onGuardian decides on one guardian of one concern, for whoever may read it.
func (o *Office) onGuardian(ctx context.Context, by actor.Actor, d deed.Deed, nid ConcernID, gid GuardianID, decide func(*deed.Tx, *Guardian) error) error {
	return o.onConcern(ctx, by, d, nid, func(t *deed.Tx, _ *Concern) (concernTold, error) {
		g, err := holdGuardian(t.Tx, gid)
		if err == nil && g.Concern != nid {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return concernTold{}, err
		}
		if err := decide(t, &g); err != nil {
			return concernTold{}, err
		}
		return concernTold{Kind: g.Kinship, Outcome: g.Reason}, saveGuardian(t.Tx, g, by.Account)
	})
}

// Guardians are those of a concern, the latest first, with what names them; to
// be shown on the page that ReadConcern left a line for, and on no other.
func (o *Office) Guardians(ctx context.Context, by actor.Actor, nid ConcernID) (all []Guardian, persons []GuardianPerson, err error) {
	err = o.h.Look(ctx, by, DeedConcernRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := getConcern(t.Tx, nid)
		if err == nil {
			err = n.mayRead(by)
		}
		if err != nil {
			return err
		}
		all, err = guardiansOf(t.Tx, nid)
		for _, g := range all {
			var p GuardianPerson
			if len(g.body) > 0 {
				plain, err := o.vault.Open(guardianAt(g.ID), g.body)
				if err != nil {
					return err
				}
				if err := json.Unmarshal(plain, &p); err != nil {
					return err
				}
			}
			persons = append(persons, p)
		}
		return err
	})
	return all, persons, err
}

// ForgetGuardians erases what names the guardians of concerns that were forgotten.
func (o *Office) ForgetGuardians(ctx context.Context) error {
	return o.h.DB.Write(ctx, func(t *db.Tx) error { return forgetGuardians(t) })
}
