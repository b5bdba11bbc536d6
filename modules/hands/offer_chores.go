package hands

import (
	"context"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// choreBatch is how many offers a chore takes at a turn; the next one finds
// what is left.
const choreBatch = 200

// itself is the house acting on an offer.
func itself(name string) actor.Actor { return actor.Actor{System: name, Channel: "system"} }

// MindOffers is what the house does about offers by itself: it flags those
// that nobody answered in time, reminds givers before a pledge ends, ends it,
// and forgets who gave once their time is over.
func (s *Service) MindOffers(ctx context.Context) error {
	r, now := s.offers.Rules, s.h.DB.Now()
	for _, x := range []struct {
		which  string
		before time.Time
		do     func(context.Context, OfferID) error
	}{
		{"unanswered", now.Add(-time.Duration(r.Answer.Within)), s.flagOffer},
		{"expire", now, s.expireOffer},
		{"remind", now.Add(time.Duration(r.Remind.Before)), s.remindOffer},
		{"forget", now.Add(-time.Duration(r.Keep.For)), func(ctx context.Context, oid OfferID) error { return s.forgetOffer(ctx, itself("retention"), oid) }},
	} {
		var due []OfferID
		err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { due, err = offersDue(t, x.which, x.before, choreBatch); return err })
		for _, oid := range due {
			if err == nil {
				err = x.do(ctx, oid)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) flagOffer(ctx context.Context, oid OfferID) error {
	return s.staff(ctx, itself("offers"), DeedOfferOverdue, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.State != OfferOpen || o.Answer != "" || !o.FlaggedAt.IsZero() {
			return nil, deed.ErrNothingDone
		}
		o.FlaggedAt = t.Now()
		return o.told(), nil
	})
}

// remindOffer asks the giver whether it still stands.
func (s *Service) remindOffer(ctx context.Context, oid OfferID) error {
	return s.staff(ctx, itself("offers"), DeedOfferRemind, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.State != OfferOpen || !o.RemindedAt.IsZero() || !o.Ends().After(t.Now()) {
			return nil, deed.ErrNothingDone
		}
		o.RemindedAt = t.Now()
		if o.Until.Sub(o.MadeAt) <= time.Duration(s.offers.Rules.Remind.Before) {
			return o.told(), nil // it was made for hours, and needs no reminder
		}
		return o.told(), s.inform(t, o, "hands.text.remind", "when", i18n.Date(o.Until))
	})
}

func (s *Service) expireOffer(ctx context.Context, oid OfferID) error {
	return s.staff(ctx, itself("offers"), DeedOfferExpire, oid, func(t *deed.Tx, o *Offer) (any, error) {
		if o.State != OfferOpen || o.Ends().After(t.Now()) {
			return nil, deed.ErrNothingDone
		}
		if err := closeOffer(t, o, OfferExpired); err != nil {
			return nil, err
		}
		if o.Taken == o.Units {
			return o.told(), nil // all of it came: there is nothing to say
		}
		return o.told(), s.inform(t, o, "hands.text.expired")
	})
}

// inform tells a giver something by a short message; one who was forgotten, or
// gave no number that takes messages, reads it on their page alone.
func (s *Service) inform(t *deed.Tx, o *Offer, key string, args ...any) error {
	if s.offers.Texts == nil || len(o.private) == 0 {
		return nil
	}
	p, err := s.openPrivate(o)
	if err != nil || p.Phone == "" {
		return err
	}
	return s.offers.Texts.Inform(t, Text{Subject: offerSubject(o.ID), Phone: p.Phone, Lang: o.Lang, Key: key, Again: o.Until.Format(time.DateOnly),
		Args: append([]any{"number", i18n.Code(o.Receipt.String())}, args...)})
}

// nearby is how many needs are looked at for one offer.
const nearby = 500

// lackingNear is what is most lacking where an offer lies: in its province, or
// else in the country.
func (s *Service) lackingNear(t *db.Tx, o *Offer) ([]Lack, error) {
	area := ""
	if len(o.Path) > 1 {
		area = o.Path[1]
	}
	all, err := s.offers.Needs.Waiting(t, area, nearby)
	if err == nil && len(all) == 0 && area != "" {
		all, err = s.offers.Needs.Waiting(t, "", nearby)
	}
	return lacking(all, 5), err
}

// lackArgs are the three that are most lacking, for a message.
func lackArgs(all []Lack) (out []any) {
	for i, name := range []string{"first", "second", "third"} {
		if i < len(all) {
			out = append(out, name, i18n.Key(all[i].Key))
		}
	}
	return out
}
