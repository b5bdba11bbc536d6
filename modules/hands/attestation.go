package hands

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on attestations. The holder makes one of their own; whoever runs the
// organisation makes one for somebody without a phone.
var (
	DeedAttest    = deed.Deed{Name: "hands.attestation.make", Open: true}
	DeedAttestFor = deed.Deed{Name: "hands.attestation.make_for", Roles: runs}
	DeedVerify    = deed.Deed{Name: "hands.attestation.verify", Open: true}
)

// Attestation is a signed paper: so many minutes under one organisation, between
// two days. What is signed names nobody. The paper shows the name because its
// holder hands it over; whoever checks it sees initials.
type Attestation struct {
	ID        id.Of[Attestation]
	Code      string // of its address
	Volunteer VolunteerID
	Org       actor.OrganisationID
	Minutes   int
	Shifts    int
	From, To  time.Time
	MadeAt    time.Time
	Bound     []byte // binds the initials to the signature
	Signature []byte
	initials  []byte // sealed; gone when the volunteer is forgotten
	salt      []byte
}

// attests is the purpose of the key that signs.
const attests = "attestation"

// codeLength is how many digits a code has: digits are typed on any keyboard and
// read aloud in any language, and 24 of them are too many to try (2^79).
const codeLength = 24

func newCode() string {
	code := make([]byte, 0, codeLength)
	for len(code) < codeLength {
		raw := make([]byte, codeLength)
		rand.Read(raw) // never fails: see crypto/rand
		for _, b := range raw {
			if b < 250 && len(code) < codeLength { // what lies above would favour low digits
				code = append(code, '0'+b%10)
			}
		}
	}
	return string(code)
}

// readCode is a code as somebody typed it from paper: in any digits, with gaps.
func readCode(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, arabic.Digits(text))
}

// Statement is what is signed, byte for byte, in lines that people can read.
func (a *Attestation) Statement() string {
	return fmt.Sprintf("twiza attestation 1\ncode %s\norganisation %s\nminutes %d\nshifts %d\nfrom %s\nto %s\nmade %s\nholder %s\n",
		a.Code, a.Org, a.Minutes, a.Shifts, a.From.UTC().Format(time.DateOnly), a.To.UTC().Format(time.DateOnly), a.MadeAt.UTC().Format(time.RFC3339), hex.EncodeToString(a.Bound))
}

// attestTold is what others hear of an attestation.
type attestTold struct {
	Volunteer VolunteerID          `json:"volunteer"`
	Org       actor.OrganisationID `json:"org"`
	Minutes   int                  `json:"minutes"`
	Shifts    int                  `json:"shifts"`
}

func attestationSubject(aid id.Of[Attestation]) string {
	return "hands.attestation/" + aid.String()
}

// Attest makes a paper of every hour that leaders confirmed of a volunteer, and
// tells the name to write on it. Asked again while no hour was added, it is the
// same paper. DeedAttest is for the holder; DeedAttestFor is for whoever runs
// the organisation, and leaves a line that the name was shown.
func (s *Service) Attest(ctx context.Context, by actor.Actor, d deed.Deed, vid VolunteerID) (a *Attestation, name string, err error) {
	err = s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		v, err := holdVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		p, err := s.open(v)
		if err != nil {
			return err
		}
		name = p.Name
		minutes, shifts, from, to, err := hoursOf(t.Tx, vid)
		switch {
		case err != nil:
			return err
		case minutes == 0 || v.Org.IsZero() || p.Name == "":
			return fault.New(fault.Conflict, "hands.attestation.no_hours")
		}
		if a, err = lastAttestation(t.Tx, vid); err != nil {
			return err
		}
		if a != nil && a.Minutes == minutes && a.Shifts == shifts {
			if d.Open {
				return deed.ErrNothingDone
			}
			return t.Tell(attestationSubject(a.ID), attestTold{vid, a.Org, minutes, shifts})
		}
		a = &Attestation{ID: id.New[Attestation](t.Now()), Code: newCode(), Volunteer: vid, Org: v.Org, Minutes: minutes, Shifts: shifts, From: from, To: to, MadeAt: t.Now(), salt: crypt.NewSalt()}
		short := initials(p.Name)
		a.Bound = crypt.Commit(a.salt, []byte(short))
		a.initials = s.vault.SealText(crypt.At("hands_attestation.initials", a.ID.String()), short)
		a.Signature = s.vault.Sign(attests, []byte(a.Statement()))
		if err := addAttestation(t.Tx, a); err != nil {
			return err
		}
		return t.Tell(attestationSubject(a.ID), attestTold{vid, a.Org, minutes, shifts})
	})
	return a, name, welcomed(err)
}

// Verified is what anybody may know of a paper by its code.
type Verified struct {
	Attestation
	Initials string // "" of a volunteer who was forgotten
}

// Verify looks a paper up by its code and checks that the house signed exactly
// this. A code that is none, and a paper that somebody altered, are the same
// fault: nobody should trust either.
func (s *Service) Verify(ctx context.Context, by actor.Actor, code string) (out Verified, err error) {
	err = s.h.Look(ctx, by, DeedVerify, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		a, err := attestationByCode(t.Tx, readCode(code))
		if err != nil {
			return notOurs(err)
		}
		out = Verified{Attestation: *a}
		if len(a.initials) > 0 {
			if out.Initials, err = s.vault.OpenText(crypt.At("hands_attestation.initials", a.ID.String()), a.initials); err != nil {
				return err
			}
			if !crypt.Committed(a.Bound, a.salt, []byte(out.Initials)) {
				return notOurs(nil)
			}
		}
		if !s.vault.Signed(attests, []byte(a.Statement()), a.Signature) {
			return notOurs(nil)
		}
		return nil
	})
	return out, err
}

func notOurs(err error) error {
	if err != nil && fault.KindOf(err) != fault.Missing {
		return err
	}
	return fault.New(fault.Missing, "hands.attestation.not_ours")
}

const attestationColumns = `a.id, a.code, a.volunteer, a.org, a.minutes, a.shifts, a.from_at, a.to_at, a.initials, a.salt, a.bound, a.signature, a.made_at`

func scanAttestation(r db.Row) (*Attestation, error) {
	var a Attestation
	return &a, r.Scan(&a.ID, &a.Code, &a.Volunteer, &a.Org, &a.Minutes, &a.Shifts, db.Time(&a.From), db.Time(&a.To), &a.initials, &a.salt, &a.Bound, &a.Signature, db.Time(&a.MadeAt))
}

func attestationByCode(t *db.Tx, code string) (*Attestation, error) {
	return db.One(t, scanAttestation, `SELECT `+attestationColumns+` FROM hands_attestation a WHERE a.code = ?1`, code)
}

// lastAttestation is the newest paper of a volunteer; nil when there is none.
func lastAttestation(t *db.Tx, vid VolunteerID) (*Attestation, error) {
	all, err := db.List(t, scanAttestation, `SELECT `+attestationColumns+` FROM hands_attestation a WHERE a.volunteer = ?1 ORDER BY a.made_at DESC, a.id DESC LIMIT 1`, vid)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func addAttestation(t *db.Tx, a *Attestation) error {
	_, err := t.Exec(`INSERT INTO hands_attestation (id, code, volunteer, org, minutes, shifts, from_at, to_at, initials, salt, bound, signature, made_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,
		a.ID, a.Code, a.Volunteer, a.Org, a.Minutes, a.Shifts, a.From, a.To, a.initials, a.salt, a.Bound, a.Signature, a.MadeAt)
	return err
}
