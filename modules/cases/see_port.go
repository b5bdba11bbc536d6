package cases

import (
	"context"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Seen is the receipt of a case, for whoever may see the case on its page.
func (o *Office) Seen(ctx context.Context, by actor.Actor, cid CaseID) (n receipt.Number, err error) {
	err = o.h.Look(ctx, by, DeedSee, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		n = k.Receipt
		return o.maySee(t, k)
	})
	return n, err
}

// Find is the case that has a receipt, for whoever may see it. Others learn no
// more than of a number that nobody has.
func (o *Office) Find(ctx context.Context, by actor.Actor, n receipt.Number) (cid CaseID, err error) {
	err = o.h.Look(ctx, by, DeedSee, func(t *deed.Tx) error {
		k, err := caseByReceipt(t.Tx, n)
		if fault.KindOf(err) == fault.Missing {
			return fault.New(fault.Missing, "cases.track.no_match")
		}
		if err != nil {
			return err
		}
		if cid = k.ID; o.maySee(t, k) != nil {
			return fault.New(fault.Missing, "cases.track.no_match")
		}
		return nil
	})
	return cid, err
}

// MayOpen tells whether somebody may open what names the person of a case, as
// Reveal asks: for an organisation, only in what it answers for.
func (o *Office) MayOpen(ctx context.Context, by actor.Actor, cid CaseID) error {
	return o.h.Look(ctx, by, DeedReveal, func(t *deed.Tx) error {
		k, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := t.Allow(k.Scope()); err != nil {
			return err
		}
		owner, err := root(t.Tx, k)
		if err != nil {
			return err
		}
		if g := t.As(); g.Role.ForOrganisation() && owner.Org != g.Org {
			return fault.New(fault.Denied, "cases.case.claim_first")
		}
		def, err := o.def(t.Tx, k)
		if err != nil {
			return err
		}
		if role := t.As().Role; role != "" && !def.May(word(DeedReveal), role) {
			return fault.New(fault.Denied, "error.denied_here")
		}
		return nil
	})
}
