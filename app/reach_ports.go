package app

import (
	"context"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach"
)

// reachPorts let the staff pages of reach ask of cases.
func (h *House) reachPorts() reach.Ports {
	return reach.Ports{
		MaySee: func(ctx context.Context, by actor.Actor, subject string) (n receipt.Number, err error) {
			cid, err := cases.CaseOf(subject)
			if err != nil {
				return n, err
			}
			return h.Cases.Seen(ctx, by, cid)
		},
		MayHear: func(ctx context.Context, by actor.Actor, subject string) error {
			cid, err := cases.CaseOf(subject)
			if err != nil {
				return err
			}
			return h.Cases.MayOpen(ctx, by, cid)
		},
		CaseOf: func(ctx context.Context, by actor.Actor, n receipt.Number) (string, error) {
			cid, err := h.Cases.Find(ctx, by, n)
			return cases.Subject(cid), err
		},
		Open: func(t *db.Tx, province string, communes []string, service string, most int) (out []reach.Person, err error) {
			all, err := h.Cases.OpenIn(t, province, communes, service, most)
			for _, x := range all {
				out = append(out, reach.Person{Subject: cases.Subject(x.Case), Phone: string(x.Phone), Lang: x.Lang})
			}
			return out, err
		},
		Services: h.Service.All,
	}
}
