package hands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// choosers decide about offers: for their organisation its coordinators, for
// "whoever can" those who act for all.
var (
	forAll   = []actor.Role{actor.Dispatcher, actor.CrisisCell}
	choosers = []actor.Role{actor.Coordinator, actor.Dispatcher, actor.CrisisCell}
)

// The deeds on an offer. Its giver has no account: a receipt opens it.
var (
	DeedOfferMake     = deed.Deed{Name: "hands.offer.make", Open: true}
	DeedOfferMine     = deed.Deed{Name: "hands.offer.mine", Open: true}
	DeedOfferChange   = deed.Deed{Name: "hands.offer.change", Open: true}
	DeedOfferWithdraw = deed.Deed{Name: "hands.offer.withdraw", Open: true}
	DeedOfferForget   = deed.Deed{Name: "hands.offer.forget", Open: true}

	DeedOfferSee    = deed.Deed{Name: "hands.offer.see", Roles: append([]actor.Role{actor.Auditor}, choosers...)}
	DeedOfferReveal = deed.Deed{Name: "hands.offer.reveal", Roles: choosers}
	DeedOfferThank  = deed.Deed{Name: "hands.offer.thank", Roles: choosers}

	DeedOfferOverdue = deed.Deed{Name: "hands.offer.overdue"} // the house itself
	DeedOfferRemind  = deed.Deed{Name: "hands.offer.remind"}
	DeedOfferExpire  = deed.Deed{Name: "hands.offer.expire"}
)

// OfferTold is what others hear of an offer.
type OfferTold struct {
	Offer  OfferID              `json:"offer"`
	Kind   OfferKind            `json:"kind"`
	Thing  string               `json:"thing"`
	Units  int                  `json:"units"`
	Org    actor.OrganisationID `json:"org,omitzero"`
	Call   CallRef              `json:"call,omitzero"`
	Area   string               `json:"area,omitempty"` // the province
	State  OfferState           `json:"state"`
	Reason string               `json:"reason,omitempty"`
}

func (o *Offer) told() OfferTold {
	out := OfferTold{Offer: o.ID, Kind: o.Kind, Thing: o.Thing, Units: o.Units, Org: o.Org, Call: o.Call, State: o.State}
	if len(o.Path) > 1 {
		out.Area = o.Path[1]
	}
	return out
}

func offerSubject(oid OfferID) string { return "hands.offer/" + oid.String() }

func (o *Offer) scope() actor.Scope { return actor.Scope{Org: o.Org, Path: o.Path} }

// mayChoose asks whether the doer may act on an offer. What is offered to
// whoever can is decided by those who act for all, not by one organisation.
func mayChoose(t *deed.Tx, o *Offer) error {
	if err := t.Allow(o.scope()); err != nil {
		return err
	}
	if !o.Org.IsZero() || t.By.System != "" {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(t.Deed.Roles), actor.Role.ForOrganisation)
	if _, ok := t.By.May(others, o.scope()); !ok {
		return fault.New(fault.Denied, "error.denied_here")
	}
	return nil
}

func privateAt(oid OfferID) string { return crypt.At("hands_offer.private", oid.String()) }

func (s *Service) sealPrivate(o *Offer, p Private) error {
	plain, err := json.Marshal(p)
	if err == nil {
		o.private = s.vault.Seal(privateAt(o.ID), plain)
	}
	return err
}

func (s *Service) openPrivate(o *Offer) (p Private, err error) {
	if len(o.private) == 0 {
		return p, nil
	}
	plain, err := s.vault.Open(privateAt(o.ID), o.private)
	if err == nil {
		err = json.Unmarshal(plain, &p)
	}
	return p, err
}

// goodCodes are the things that can be given, and "other".
func (s *Service) goodCodes() (out []string) {
	for _, g := range s.offers.Goods.Goods() {
		out = append(out, g.Code)
	}
	return append(out, otherThing)
}

// Give takes an offer of a passer-by. Its identifier is minted by the form, so
// that twice is once; the same identifier with another content is a conflict.
func (s *Service) Give(ctx context.Context, o Offer, p Private) (out *Offer, err error) {
	p = p.tidy()
	now := s.h.DB.Now()
	if o.From.IsZero() || o.From.Before(now) {
		o.From = now.Truncate(time.Second)
	}
	o.Path = s.pathOf(o.Place)
	if o.Kind == GivesShelter {
		o.Thing = byPlaces
	}
	if err := o.wrong(p, s.goodCodes(), now).OrNil(); err != nil {
		return nil, err
	}
	o.asked = s.vault.Index("offer asked", o.content(p))
	o.secret = s.vault.Index("offer track", o.ID.String()+"|"+p.Phone.Last4())
	if err := s.sealPrivate(&o, p); err != nil {
		return nil, err
	}
	o.State = OfferOpen
	err = s.h.Do(ctx, actor.Actor{Channel: "web"}, DeedOfferMake, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if old, err := getOffer(t.Tx, o.ID); fault.KindOf(err) != fault.Missing {
			return sameOffer(&out, old, &o, err)
		}
		if err := s.mayReceive(t.Tx, &o); err != nil {
			return err
		}
		if o.Receipt, err = freshOfferReceipt(t.Tx); err != nil {
			return err
		}
		o.MadeAt, o.ChangedAt = t.Now(), t.Now()
		fresh, err := addOffer(t.Tx, &o)
		if err != nil {
			return err
		}
		if !fresh { // in the same moment, by a second press of the button
			old, err := getOffer(t.Tx, o.ID)
			return sameOffer(&out, old, &o, err)
		}
		out = &o
		return t.Tell(offerSubject(o.ID), o.told())
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return out, err
}

// sameOffer is ErrNothingDone for an offer that was sent before.
func sameOffer(out **Offer, old, o *Offer, err error) error {
	switch {
	case err != nil:
		return err
	case !old.ErasedAt.IsZero() || !bytes.Equal(old.asked, o.asked):
		return fault.New(fault.Conflict, "hands.offer.id_taken")
	}
	*out = old
	return deed.ErrNothingDone
}

// content is all that a giver typed, for telling one offer from another.
func (o *Offer) content(p Private) string {
	return strings.Join([]string{string(o.Kind), o.Thing, fmt.Sprint(o.Units, o.Seats, o.Kg), o.Road, fmt.Sprint(o.GoodTill.Unix(), o.Until.Unix()),
		o.Who, o.Org.String(), o.Call.String(), o.Place, p.Name, string(p.Phone), p.Details, p.Where}, "\x00")
}

// mayReceive refuses an offer to an organisation that may not take any (M22),
// and to a call that takes no more.
func (s *Service) mayReceive(t *db.Tx, o *Offer) error {
	if !o.Call.IsZero() {
		org, open, err := callFor(t, o.Call, o.Kind, t.Now())
		if err != nil {
			return err
		}
		if !open {
			return fault.New(fault.Conflict, "hands.offer.call_over")
		}
		o.Org = org
	}
	if o.Org.IsZero() {
		return nil
	}
	ok, err := s.orgs.Recognised(t, o.Org)
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "hands.offer.org_missing").On("org")
	}
	return err
}

// pathOf is the region, province and commune of a place.
func (s *Service) pathOf(code string) (out []string) {
	for _, p := range s.places.Path(code) {
		if len(out) < 3 {
			out = append(out, p.Code)
		}
	}
	return out
}

// givers does a giver's deed on their offer.
func (s *Service) givers(ctx context.Context, d deed.Deed, oid OfferID, decide func(*deed.Tx, *Offer) (any, error)) error {
	return s.onOffer(ctx, actor.Actor{Channel: "web"}, d, oid, (*deed.Tx).AllowAny, decide)
}

// staff does a deed of whoever may choose.
func (s *Service) staff(ctx context.Context, by actor.Actor, d deed.Deed, oid OfferID, decide func(*deed.Tx, *Offer) (any, error)) error {
	return s.onOffer(ctx, by, d, oid, nil, decide)
}

func (s *Service) onOffer(ctx context.Context, by actor.Actor, d deed.Deed, oid OfferID, may func(*deed.Tx) error, decide func(*deed.Tx, *Offer) (any, error)) error {
	err := s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		o, err := holdOffer(t.Tx, oid)
		if err != nil {
			return err
		}
		if may != nil {
			err = may(t)
		} else {
			err = mayChoose(t, o)
		}
		if err != nil {
			return err
		}
		if !o.ErasedAt.IsZero() && may != nil && d.Name != DeedOfferForget.Name {
			return fault.New(fault.Denied, "hands.mine.open_again")
		}
		told, err := decide(t, o)
		if err != nil {
			return err
		}
		if err := saveOffer(t.Tx, o); err != nil {
			return err
		}
		return t.Tell(offerSubject(oid), told)
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// Thank tells a giver that it is not needed now, and what is instead.
func (s *Service) Thank(ctx context.Context, by actor.Actor, oid OfferID) error {
	return s.staff(ctx, by, DeedOfferThank, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.Answer == AnswerThanked && o.State == OfferOpen {
			return nil, deed.ErrNothingDone
		}
		if err := o.thank(t.Now()); err != nil {
			return nil, err
		}
		lacks, err := s.lackingNear(t.Tx, o)
		if err != nil {
			return nil, err
		}
		return o.told(), s.inform(t, o, fmt.Sprintf("hands.text.thanked_%d", min(len(lacks), 3)), lackArgs(lacks)...)
	})
}

// Why a giver's name and phone may be read.
var WhyReveal = []string{"arrange", "check", "complaint"}

type offerRevealTold struct {
	Offer  OfferID `json:"offer"`
	Reason string  `json:"reason"`
}

// RevealOffer reads who gave, for a reason that is written down.
func (s *Service) RevealOffer(ctx context.Context, by actor.Actor, oid OfferID, why string) (p Private, err error) {
	if !slices.Contains(WhyReveal, why) {
		return p, fault.New(fault.Invalid, "hands.offer.reveal_why").On("reason")
	}
	err = s.h.Do(ctx, by, DeedOfferReveal, func(t *deed.Tx) error {
		o, err := getOffer(t.Tx, oid)
		if err != nil {
			return err
		}
		if err := mayChoose(t, o); err != nil {
			return err
		}
		if !o.ErasedAt.IsZero() {
			return fault.New(fault.Missing, "hands.offer.forgotten")
		}
		if p, err = s.openPrivate(o); err != nil {
			return err
		}
		return t.Tell(offerSubject(oid), offerRevealTold{oid, why})
	})
	return p, err
}
