package cases

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// GuardianPanel is who looks after a child, on the page of its concern.
type GuardianPanel struct {
	Rows                []GuardianRow
	ID                  string // of the next proposal, minted here
	Name, Phone         string // as typed
	Kinships            []ui.Option
	Checks              []ui.Option
	Ends                []ui.Option
	Here                bool // the concern is about a child alone
	CanPropose, CanLink bool
}

// GuardianRow is one of them.
type GuardianRow struct {
	ID          string
	State       string
	Kinship     string // catalogue key
	Name, Phone string
	Reason      string // catalogue key; "" when there is none
	At          time.Time
	Mine        bool // the reader proposed it
}

func (o *Office) guardianPanel(c *web.Ctx, n *Concern, v url.Values) (p GuardianPanel, err error) {
	p = GuardianPanel{Here: n.Kind == childAlone, ID: v.Get("proposal"), Name: v.Get("guardian"), Phone: v.Get("phone")}
	if !p.Here {
		return p, nil
	}
	if p.ID == "" {
		p.ID = id.New[Guardian](o.h.DB.Now()).String()
	}
	by := actor.From(c.Context())
	all, persons, err := o.Guardians(c.Context(), by, n.ID)
	if err != nil {
		return p, err
	}
	p.CanPropose = len(n.Body) > 0
	for i, g := range all {
		row := GuardianRow{ID: g.ID.String(), State: g.State, Kinship: "cases.kinship." + g.Kinship, Name: persons[i].Name, Phone: persons[i].Phone, At: g.ProposedAt, Mine: g.ProposedBy == by.Account}
		if g.Reason != "" {
			row.Reason = "cases.guardian_end." + g.Reason
		}
		if g.State == "linked" {
			row.At = g.DecidedAt
		}
		p.CanPropose = p.CanPropose && g.State != "proposed" && g.State != "linked"
		p.Rows = append(p.Rows, row)
	}
	option := func(prefix string, codes []string, chosen ...string) (out []ui.Option) {
		for _, k := range codes {
			out = append(out, ui.Option{Value: k, Title: template.HTML(c.P.T(prefix + k)), Chosen: slices.Contains(chosen, k)})
		}
		return out
	}
	p.Kinships = option("cases.kinship.", Kinships, v.Get("kinship"))
	p.Checks, p.Ends = option("cases.guardian_check.", GuardianChecks), option("cases.guardian_end.", GuardianEnds)
	return p, nil
}

func (o *Office) proposeGuardian(c *web.Ctx) error {
	return o.guardianStep(c, "cases.guardian.proposed_now", func(ctx context.Context, by actor.Actor, nid ConcernID, v url.Values) error {
		gid, err := id.Parse[Guardian](v.Get("proposal"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		return o.ProposeGuardian(ctx, by, nid, gid, v.Get("kinship"), GuardianPerson{v.Get("guardian"), v.Get("phone")}, v["check"])
	})
}

func (o *Office) decideGuardian(c *web.Ctx) error {
	return o.guardianStep(c, "cases.guardian.decided_now", func(ctx context.Context, by actor.Actor, nid ConcernID, v url.Values) error {
		gid, err := id.Parse[Guardian](c.R.PathValue("guardian"))
		if err != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		switch c.R.PathValue("step") {
		case "link":
			return o.LinkGuardian(ctx, by, nid, gid, v["check"])
		case "refuse":
			return o.RefuseGuardian(ctx, by, nid, gid, v.Get("ends"))
		case "end":
			return o.EndGuardian(ctx, by, nid, gid, v.Get("ends"))
		}
		return fault.New(fault.Missing, "error.missing")
	})
}

func (o *Office) guardianStep(c *web.Ctx, said string, do func(context.Context, actor.Actor, ConcernID, url.Values) error) error {
	nid, err := o.concernID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := do(c.Context(), actor.From(c.Context()), nid, v); err != nil {
		if _, ok := c.FieldErrors(err); !ok {
			return err
		}
		return o.showConcernWith(c, nid, v, err)
	}
	c.Flash(said)
	return c.Seek("/concerns/" + nid.String())
}
