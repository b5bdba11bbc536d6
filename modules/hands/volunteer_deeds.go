package hands

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

// The deeds on a volunteer. What is open is done by the person themselves: on
// the public form, or as the holder of their number.
var (
	DeedRegister        = deed.Deed{Name: "hands.volunteer.register", Open: true}
	DeedVolunteerMine   = deed.Deed{Name: "hands.volunteer.mine", Open: true}
	DeedForget          = deed.Deed{Name: "hands.volunteer.forget", Open: true}
	DeedVolunteerList   = deed.Deed{Name: "hands.volunteer.list", Roles: []actor.Role{actor.Coordinator, actor.CrisisCell, actor.Auditor}}
	DeedAccept          = deed.Deed{Name: "hands.volunteer.accept", Roles: runs}
	DeedDecline         = deed.Deed{Name: "hands.volunteer.decline", Roles: runs}
	DeedVet             = deed.Deed{Name: "hands.volunteer.vet", Roles: runs}
	DeedRemove          = deed.Deed{Name: "hands.volunteer.remove", Roles: runs}
	DeedRevealVolunteer = deed.Deed{Name: "hands.volunteer.reveal", Roles: runs}
	DeedInvite          = deed.Deed{Name: "hands.volunteer.invite", Roles: runs}
)

// runs is who runs the volunteers of an organisation.
var runs = []actor.Role{actor.Coordinator}

// VolunteerTold is what others hear of a volunteer: nothing that names them.
type VolunteerTold struct {
	Volunteer VolunteerID          `json:"volunteer"`
	Org       actor.OrganisationID `json:"org,omitzero"`
	State     Standing             `json:"state"`
	Commune   string               `json:"commune,omitempty"`
	Skills    []string             `json:"skills,omitempty"`
	Vetting   string               `json:"vetting,omitempty"`
	Minor     bool                 `json:"minor,omitempty"`
	Reason    string               `json:"reason,omitempty"`
}

func (v *Volunteer) told() VolunteerTold {
	return VolunteerTold{Volunteer: v.ID, Org: v.Org, State: v.State, Reason: v.Reason}
}

func volunteerSubject(vid VolunteerID) string { return "hands.volunteer/" + vid.String() }

// volunteerScope is under whom and where somebody volunteers.
func (s *Service) volunteerScope(v *Volunteer) actor.Scope {
	return actor.Scope{Org: v.Org, Path: s.path(v.Commune)}
}

// path is a place and all that it lies in, as codes.
func (s *Service) path(code string) (out []string) {
	for _, p := range s.places.Path(code) {
		out = append(out, p.Code)
	}
	return out
}

// languagesSpoken are those that somebody can speak: the country's own, then
// French, English and signs.
func (s *Service) languagesSpoken() (out []string) {
	for _, l := range s.places.Country().Spoken {
		out = append(out, l.Code)
	}
	return append(out, otherSpoken...)
}

var otherSpoken = []string{"fr", "en", "sgn"}

// checkVolunteer tidies a registration and says everything that is wrong with it.
func (s *Service) checkVolunteer(v *Volunteer, p *Person, consent bool) error {
	p.Name, p.Guardian.Name = tidy(p.Name), tidy(p.Guardian.Name)
	v.Skills, v.Languages, v.Hours = known(v.Skills, Skills), known(v.Languages, s.languagesSpoken()), v.Hours&everyHalf
	p.Limits.Codes = known(p.Limits.Codes, Efforts)
	if !s.crew.Rules.minor(v.Born, s.h.DB.Now()) {
		p.Guardian = Guardian{} // nobody keeps what is not needed
	}
	all := v.wrong(*p, consent, s.crew.Rules, s.h.DB.Now())
	commune, ok := s.places.Commune(v.Place)
	if !ok {
		all = append(all, fault.New(fault.Invalid, "hands.place.unknown").On("place"))
	} else {
		v.Commune = commune.Code
	}
	return all.OrNil()
}

// Register takes in somebody who offers hours. Its identifier is minted where
// the form was opened: sent twice, it is one, and the same number comes back.
func (s *Service) Register(ctx context.Context, by actor.Actor, v Volunteer, p Person, consent bool) (n receipt.Number, err error) {
	if err := s.checkVolunteer(&v, &p, consent); err != nil {
		return n, err
	}
	v.State, v.Vetting = Waiting, Vettings[0]
	keys, err := s.seal(&v, p)
	if err != nil {
		return n, err
	}
	if v.Receipt, err = receipt.New(rand.Reader); err != nil {
		return n, err
	}
	err = s.h.Do(ctx, by, DeedRegister, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n = v.Receipt
		if old, err := getVolunteer(t.Tx, v.ID); err == nil {
			n, err = s.again(t.Tx, old, keys)
			return err
		}
		if err := s.mayJoin(t.Tx, v.Org, v.Commune); err != nil {
			return err
		}
		if twice, err := livePhone(t.Tx, keys.phone, v.Org, v.ID); err != nil || twice {
			return cmp.Or(err, error(fault.New(fault.Conflict, "hands.volunteer.registered_already").On("phone")))
		}
		v.MadeAt, v.ChangedAt = t.Now(), t.Now()
		if fresh, err := addVolunteer(t.Tx, &v, keys); err != nil || !fresh {
			return cmp.Or(err, deed.ErrNothingDone)
		}
		told := v.told()
		told.Commune, told.Skills, told.Minor = v.Commune, v.Skills, s.crew.Rules.minor(v.Born, t.Now())
		return t.Tell(volunteerSubject(v.ID), told)
	})
	return n, welcomed(err)
}

// again answers a form that was sent before.
func (s *Service) again(t *db.Tx, old *Volunteer, k keysOf) (n receipt.Number, err error) {
	was, err := phoneKey(t, old.ID)
	if err == nil && !slices.Equal(was, k.phone) {
		err = fault.New(fault.Conflict, "hands.form.id_taken")
	}
	return old.Receipt, cmp.Or(err, deed.ErrNothingDone)
}

// mayJoin refuses an organisation that is not recognised, or does not work there.
func (s *Service) mayJoin(t *db.Tx, org actor.OrganisationID, commune string) error {
	if org.IsZero() {
		return nil
	}
	all, err := s.crew.Helpers.Helping(t, s.path(commune))
	if err == nil && !slices.Contains(all, org) {
		err = fault.New(fault.Invalid, "hands.volunteer.org_not_here").On("org")
	}
	return err
}

// welcomed makes a retry a success.
func welcomed(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// Mine opens a registration by its number and the last four digits of its phone.
// Whatever does not fit gets the same sentence, so that nobody learns which
// numbers exist.
func (s *Service) Mine(ctx context.Context, n receipt.Number, last4 string) (vid VolunteerID, err error) {
	err = s.h.Look(ctx, actor.Actor{}, DeedVolunteerMine, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		found, key, err := byReceipt(t.Tx, n.String())
		if err != nil && fault.KindOf(err) != fault.Missing {
			return err
		}
		given := s.wordKey(found, lastDigits(last4))
		if err != nil || len(key) == 0 || subtle.ConstantTimeCompare(given, key) != 1 {
			return fault.New(fault.Missing, "hands.own.no_match")
		}
		vid = found
		return nil
	})
	return vid, err
}

// lastDigits are the last four digits of what somebody typed, in any script.
func lastDigits(text string) string {
	var out []rune
	for _, r := range arabic.Digits(text) {
		if r >= '0' && r <= '9' {
			out = append(out, r)
		}
	}
	return string(out[max(0, len(out)-4):])
}

// actVolunteer holds a volunteer, asks whether the doer may, decides, saves, tells.
func (s *Service) actVolunteer(ctx context.Context, by actor.Actor, d deed.Deed, vid VolunteerID, decide func(*deed.Tx, *Volunteer) (VolunteerTold, error)) error {
	return welcomed(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		v, err := holdVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		told, err := decide(t, v)
		if err != nil {
			return err
		}
		return t.Tell(volunteerSubject(vid), told)
	}))
}

// Accept takes somebody on, under the doer's organisation.
func (s *Service) Accept(ctx context.Context, by actor.Actor, vid VolunteerID) error {
	return s.actVolunteer(ctx, by, DeedAccept, vid, func(t *deed.Tx, v *Volunteer) (told VolunteerTold, err error) {
		org := t.As().Org
		if v.State == Accepted && v.Org == org {
			return told, deed.ErrNothingDone
		}
		if v.Org.IsZero() {
			key, err := phoneKey(t.Tx, vid)
			if err != nil {
				return told, err
			}
			if twice, err := livePhone(t.Tx, key, org, vid); err != nil || twice {
				return told, cmp.Or(err, error(fault.New(fault.Conflict, "hands.volunteer.yours_already")))
			}
			v.Org = org
		}
		if err := v.move(Accepted, "", t.Now()); err != nil {
			return told, err
		}
		if err := saveVolunteer(t.Tx, v); err != nil {
			return told, err
		}
		return v.told(), s.informVolunteer(t, v, reach.Line{Key: "hands.sms.accepted", Args: []any{"org", s.orgName(t.Tx, v.Org, v.Lang)}})
	})
}

// Decline thanks somebody who is not needed, and says why.
func (s *Service) Decline(ctx context.Context, by actor.Actor, vid VolunteerID, reason string) error {
	if !slices.Contains(ReasonsDeclined, reason) {
		return fault.New(fault.Invalid, "hands.form.choose").On("reason")
	}
	return s.actVolunteer(ctx, by, DeedDecline, vid, func(t *deed.Tx, v *Volunteer) (told VolunteerTold, err error) {
		if v.Org.IsZero() { // others may still need them
			return told, fault.New(fault.Conflict, "hands.volunteer.of_nobody")
		}
		if err := v.move(Declined, reason, t.Now()); err != nil {
			return told, err
		}
		if err := saveVolunteer(t.Tx, v); err != nil {
			return told, err
		}
		return v.told(), s.informVolunteer(t, v, reach.Line{Key: "hands.sms.declined", Args: []any{"org", s.orgName(t.Tx, v.Org, v.Lang)}})
	})
}

// Vet notes how far the organisation has looked at somebody.
func (s *Service) Vet(ctx context.Context, by actor.Actor, vid VolunteerID, level string) error {
	if !slices.Contains(Vettings, level) {
		return fault.New(fault.Invalid, "hands.form.choose").On("vetting")
	}
	return s.actVolunteer(ctx, by, DeedVet, vid, func(t *deed.Tx, v *Volunteer) (told VolunteerTold, err error) {
		if v.State != Accepted {
			return told, fault.New(fault.Conflict, "hands.volunteer.cannot_now")
		}
		if v.Vetting == level {
			return told, deed.ErrNothingDone
		}
		v.Vetting, v.ChangedAt = level, t.Now()
		told = v.told()
		told.Vetting = level
		return told, saveVolunteer(t.Tx, v)
	})
}

// revealTold says what was opened, and why.
type revealTold struct {
	Volunteer VolunteerID `json:"volunteer"`
	Reason    string      `json:"reason"`
}

// Reveal opens what names a volunteer, for those who run their organisation. It
// leaves a line.
func (s *Service) Reveal(ctx context.Context, by actor.Actor, vid VolunteerID, reason string) (p Person, err error) {
	if !slices.Contains(ReasonsToReveal, reason) {
		return p, fault.New(fault.Invalid, "hands.form.choose").On("why")
	}
	err = s.h.Do(ctx, by, DeedRevealVolunteer, func(t *deed.Tx) error {
		v, err := getVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		if p, err = s.open(v); err != nil {
			return err
		}
		return t.Tell(volunteerSubject(vid), revealTold{vid, reason})
	})
	return p, err
}

// inviteTold says that somebody was given an account.
type inviteTold struct {
	Volunteer VolunteerID     `json:"volunteer"`
	Account   actor.AccountID `json:"account"`
}

// Invite gives an accepted volunteer an account of the role volunteer, under
// their organisation and nowhere else. link is told once. Again, as long as
// nobody used it, it is another link.
func (s *Service) Invite(ctx context.Context, by actor.Actor, vid VolunteerID) (link string, err error) {
	err = s.h.Do(ctx, by, DeedInvite, func(t *deed.Tx) error {
		v, err := holdVolunteer(t.Tx, vid)
		if err != nil {
			return err
		}
		if err := t.Allow(s.volunteerScope(v)); err != nil {
			return err
		}
		if v.State != Accepted {
			return fault.New(fault.Conflict, "hands.volunteer.cannot_now")
		}
		p, err := s.open(v)
		if err != nil {
			return err
		}
		a := Newcomer{Account: v.Account, Login: "v" + v.Receipt.String(), Name: p.Name, Langs: v.Languages, Scope: s.volunteerScope(v)}
		if v.Account, link, err = s.crew.Accounts.Invite(t, a); err != nil {
			return err
		}
		if err := saveVolunteer(t.Tx, v); err != nil {
			return err
		}
		return t.Tell(volunteerSubject(vid), inviteTold{vid, v.Account})
	})
	return link, err
}

// endAccount takes away the account that a volunteer had for it.
func (s *Service) endAccount(t *deed.Tx, v *Volunteer, forget bool) error {
	if v.Account.IsZero() {
		return nil
	}
	aid := v.Account
	v.Account = actor.AccountID{}
	return s.crew.Accounts.End(t, aid, v.Org, forget)
}

// informVolunteer sends somebody a notice, once.
func (s *Service) informVolunteer(t *deed.Tx, v *Volunteer, l reach.Line) error {
	p, err := s.open(v)
	if err != nil || p.Phone == "" {
		return err
	}
	return s.crew.Phones.Inform(t, reach.Inform{Subject: volunteerSubject(v.ID), Phone: string(p.Phone), Lang: v.Lang, Line: l})
}

// orgName is what an organisation is called; "" when it cannot be read, for a
// message that must go out all the same.
func (s *Service) orgName(t *db.Tx, org actor.OrganisationID, lang string) string {
	name, err := s.orgs.Name(t, org, lang)
	if err != nil {
		return ""
	}
	return name
}

// readPhone reads a telephone number as people write it.
func (s *Service) readPhone(text, field string) (phone.Number, *fault.Fault) {
	n, err := phone.Parse(text, s.places.Country().Phone.Prefix)
	if err == nil {
		return n, nil
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return "", f.On(field)
	}
	return "", fault.New(fault.Invalid, "hands.volunteer.phone_missing").On(field)
}
