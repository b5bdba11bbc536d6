package hands

import (
	"bytes"
	"context"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// RecogniseOffer opens a receipt with the last four digits of the phone that
// was given. Whatever does not fit gets the same sentence.
func (s *Service) RecogniseOffer(ctx context.Context, n receipt.Number, typed string) (oid OfferID, err error) {
	err = s.h.Look(ctx, actor.Actor{}, DeedOfferMine, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		o, err := offerByReceipt(t.Tx, n)
		if fault.KindOf(err) == fault.Missing || err == nil && !s.opens(o, typed) {
			return fault.New(fault.Missing, "hands.mine.no_match")
		}
		if err == nil {
			oid = o.ID
		}
		return err
	})
	return oid, err
}

func (s *Service) opens(o *Offer, typed string) bool {
	key := arabic.Key(arabic.Digits(typed))
	return key != "" && len(o.secret) > 0 && bytes.Equal(o.secret, s.vault.Index("offer track", o.ID.String()+"|"+key))
}

// ChangeOffer says another quantity or another end; a pledge that had expired
// lives again.
func (s *Service) ChangeOffer(ctx context.Context, oid OfferID, units int, until time.Time) error {
	return s.givers(ctx, DeedOfferChange, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.Units == units && o.Until.Equal(until) && o.State == OfferOpen {
			return nil, deed.ErrNothingDone
		}
		err := o.change(units, until, t.Now())
		return o.told(), err
	})
}

// ProlongOffer adds what one press of the button adds, from now or from its end.
func (s *Service) ProlongOffer(ctx context.Context, oid OfferID) error {
	return s.givers(ctx, DeedOfferChange, oid, func(t *deed.Tx, o *Offer) (any, error) {
		until := o.Until
		if until.Before(t.Now()) {
			until = t.Now()
		}
		until = until.Add(time.Duration(s.offers.Rules.Prolong.By))
		if most := t.Now().Add(longestPledge); until.After(most) {
			until = most
		}
		if !o.GoodTill.IsZero() && !o.GoodTill.After(t.Now()) {
			return nil, fault.New(fault.Conflict, "hands.offer.goods_spoilt")
		}
		err := o.change(o.Units, until, t.Now())
		return o.told(), err
	})
}

// WithdrawOffer takes back what nobody has fetched.
func (s *Service) WithdrawOffer(ctx context.Context, oid OfferID) error {
	return s.givers(ctx, DeedOfferWithdraw, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.State == OfferWithdrawn {
			return nil, deed.ErrNothingDone
		}
		return o.told(), closeOffer(t, o, OfferWithdrawn)
	})
}

// closeOffer ends an offer and gives back what was chosen of it and not
// fetched.
func closeOffer(t *deed.Tx, o *Offer, as OfferState) error {
	if err := o.end(as, t.Now()); err != nil {
		return err
	}
	all, err := matchesOf(t.Tx, o.ID)
	for _, m := range all {
		if err != nil {
			return err
		}
		if m.State == MatchStanding && m.Held > 0 {
			o.Taken -= m.release(MatchLapsed, t.Now())
			err = saveMatch(t.Tx, m)
		}
	}
	return err
}

// ForgetOffer erases who gave it. What came of it stays counted.
func (s *Service) ForgetOffer(ctx context.Context, oid OfferID) error {
	return s.forgetOffer(ctx, actor.Actor{Channel: "web"}, oid)
}

func (s *Service) forgetOffer(ctx context.Context, by actor.Actor, oid OfferID) error {
	return s.onOffer(ctx, by, DeedOfferForget, oid, (*deed.Tx).AllowAny, func(t *deed.Tx, o *Offer) (any, error) {
		if !o.ErasedAt.IsZero() {
			return nil, deed.ErrNothingDone
		}
		if o.State == OfferOpen {
			if err := closeOffer(t, o, OfferWithdrawn); err != nil {
				return nil, err
			}
		}
		o.private, o.secret, o.ErasedAt = nil, nil, t.Now()
		return o.told(), nil
	})
}
