package damage

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// resettle works out how a claim stands and keeps it.
func (s *Service) resettle(t *db.Tx, c *Claim) error {
	reports, err := reportsOf(t, c.ID)
	if err != nil {
		return err
	}
	words, err := wordsOf(t, c.ID)
	if err != nil {
		return err
	}
	was := c.State
	if c.State, c.Sources, c.Reports = settle(reports, words); c.State != was {
		c.StateAt = t.Now()
	}
	return saveClaim(t, c)
}

// onClaim loads a claim, lets act decide and save, works out how it stands, and
// tells.
func (s *Service) onClaim(ctx context.Context, by actor.Actor, d deed.Deed, cid ClaimID, act func(*deed.Tx, *Claim) (ClaimTold, error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		c, err := getClaim(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(c.scope()); err != nil {
			return err
		}
		told, err := act(t, &c)
		if err != nil {
			return err
		}
		if err := s.resettle(t.Tx, &c); err != nil {
			return err
		}
		told.State, told.Sources = c.State, c.Sources
		return t.Tell(claimSubject(cid), told)
	}))
}

// SayWord writes down what somebody on the staff says of a claim. The word of an
// authority decides; that of an organisation is one source, however often.
func (s *Service) SayWord(ctx context.Context, by actor.Actor, cid ClaimID, confirms bool, reason string) error {
	d, reasons := DeedRefute, RefuteReasons
	if confirms {
		d, reasons = DeedConfirm, ConfirmReasons
	}
	if !slices.Contains(reasons, reason) {
		return fault.All{fault.New(fault.Invalid, "damage.claim.reason_missing").On("reason")}
	}
	return s.onClaim(ctx, by, d, cid, func(t *deed.Tx, c *Claim) (told ClaimTold, err error) {
		w := Word{ID: id.New[Word](t.Now()), Claim: cid, Confirms: confirms, Reason: reason, Org: by.Org, Account: by.Account, At: t.Now()}
		if g := t.As(); !g.Org.IsZero() {
			w.Org = g.Org
		}
		if w.Official, err = s.official(t, w.Org); err != nil {
			return told, err
		}
		all, err := wordsOf(t.Tx, cid)
		if err != nil {
			return told, err
		}
		for _, old := range lastWords(all) {
			if old.speaker() == w.speaker() && old.Confirms == w.Confirms && old.Reason == w.Reason {
				return told, deed.ErrNothingDone
			}
		}
		return ClaimTold{Reason: reason}, addWord(t.Tx, &w)
	})
}

// official tells whether the doer speaks for an authority: in the crisis cell,
// or for an organisation that is the State's or a commune.
func (s *Service) official(t *deed.Tx, org actor.OrganisationID) (bool, error) {
	if t.As().Role == actor.CrisisCell {
		return true, nil
	}
	if org.IsZero() || s.orgs == nil {
		return false, nil
	}
	return s.orgs.Official(t.Tx, org)
}

// Locate puts a claim at a place that a person chose.
func (s *Service) Locate(ctx context.Context, by actor.Actor, cid ClaimID, code string) error {
	if _, ok := s.places.Get(code); !ok {
		return fault.All{fault.New(fault.Invalid, "damage.claim.place_unknown").On("place")}
	}
	return s.onClaim(ctx, by, DeedLocate, cid, func(t *deed.Tx, c *Claim) (ClaimTold, error) {
		if c.Place == code {
			return ClaimTold{}, deed.ErrNothingDone
		}
		s.put(c, code)
		if err := t.Allow(c.scope()); err != nil {
			return ClaimTold{}, err
		}
		return ClaimTold{Place: code}, s.joinLike(t, c)
	})
}

// joinLike hands the reports and words of a claim to one that tells the same of
// the place where it turned out to lie; it is left with nothing.
func (s *Service) joinLike(t *deed.Tx, c *Claim) error {
	like, err := claimsLike(t.Tx, c.What, c.Place, c.FirstAt.Add(-time.Duration(s.rules.Reports.Together)))
	if err != nil {
		return err
	}
	mine, err := reportsOf(t.Tx, c.ID)
	if err != nil || len(mine) == 0 {
		return err
	}
	for _, x := range like {
		others, err := reportsOf(t.Tx, x.ID)
		if err != nil {
			return err
		}
		if x.ID == c.ID || !joins(&mine[0], others) {
			continue
		}
		if err := handOver(t.Tx, c.ID, x.ID); err != nil {
			return err
		}
		if x.LastAt.Before(c.LastAt) {
			x.LastAt = c.LastAt
		}
		if err := s.resettle(t.Tx, &x); err != nil {
			return err
		}
		return t.Tell(claimSubject(x.ID), ClaimTold{State: x.State, Sources: x.Sources})
	}
	return nil
}

// SetAside lets a report count no longer, for a reason; with "" it counts again.
// Pictures of a report that is set aside are public no longer.
func (s *Service) SetAside(ctx context.Context, by actor.Actor, cid ClaimID, rid ReportID, reason string) error {
	d := DeedBack
	if reason != "" {
		d = DeedAside
		if !slices.Contains(AsideReasons, reason) {
			return fault.All{fault.New(fault.Invalid, "damage.claim.reason_missing").On("reason")}
		}
	}
	return s.onClaim(ctx, by, d, cid, func(t *deed.Tx, c *Claim) (told ClaimTold, err error) {
		r, err := getReport(t.Tx, rid)
		switch {
		case err != nil:
			return told, err
		case r.Claim != cid:
			return told, fault.New(fault.Missing, "error.missing")
		case r.SetAside == reason:
			return told, deed.ErrNothingDone
		}
		if reason != "" {
			err = hidePhotos(t.Tx, rid)
		}
		return ClaimTold{Report: rid.String(), Reason: reason}, errors.Join(err, setAside(t.Tx, rid, reason))
	})
}
