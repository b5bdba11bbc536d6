package app

import (
	"context"
	"encoding/json"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
)

// openIntake builds what takes in files and messages, and joins it to those whom
// it asks.
func (h *House) openIntake(link *linkage.Model) error {
	mappings, err := intake.Mappings(packs.FS)
	if err != nil {
		return err
	}
	rules, err := intake.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Intake = intake.New(h.Deeds, h.Vault, h.Places, h.Service, mappings, rules)
	h.Intake.UsePorts(intake.Ports{Cases: intakeCases{h.Cases}, Sense: h.Words, Link: link, Learn: h.Spelled.Learn})
	return nil
}

// carryFiles moves what cases kept of files to where files are kept now. There
// is nothing to do after the first start.
func (h *House) carryFiles(ctx context.Context) error {
	return h.Cases.HandOver(ctx, func(t *db.Tx, f cases.OldFile) error {
		return h.Intake.CarryFile(t, intake.OldFile{ID: f.ID, Name: f.Name, Service: f.Service, Account: f.Account, Mapping: f.Mapping, Body: f.Body, Errors: f.Errors, Done: f.Done,
			Rows: f.Rows, Added: f.Added, Again: f.Again, Failed: f.Failed, MadeAt: f.MadeAt, DoneAt: f.DoneAt})
	}, func(t *db.Tx, r cases.OldReading) error {
		return h.Intake.CarryReading(t, r.Key, r.Heads, json.RawMessage(r.Mapping))
	})
}

// intakeCases lets intake ask of cases.
type intakeCases struct{ o *cases.Office }

func (x intakeCases) request(a intake.Asking) (q cases.Request, err error) {
	q = cases.Request{Service: a.Service, Answers: a.Answers, Lang: a.Lang, Channel: "import", At: a.At, Contact: a.Contact, Partly: !a.Whole}
	if q.ID, err = id.Parse[cases.Case](a.ID); err != nil {
		return q, fault.New(fault.Invalid, "error.missing")
	}
	return q, nil
}

func (x intakeCases) Judge(a intake.Asking) (intake.Judged, error) {
	q, err := x.request(a)
	if err != nil {
		return intake.Judged{}, err
	}
	j, err := x.o.Judge(q)
	return intake.Judged(j), err
}

func (x intakeCases) Ask(ctx context.Context, by actor.Actor, a intake.Asking) (out intake.Asked, err error) {
	q, err := x.request(a)
	if err != nil {
		return out, err
	}
	d := cases.DeedTakeDown
	if a.Whole {
		d = cases.DeedImport
	}
	got, err := x.o.Ask(ctx, by, d, q)
	if err != nil {
		return out, err
	}
	out = intake.Asked{Receipt: got.Receipt.String(), Again: got.Again, Restricted: got.Restricted}
	if !got.Restricted {
		out.Case = got.ID.String()
	}
	return out, nil
}

func caseNamed(text string) (cases.CaseID, error) {
	cid, err := id.Parse[cases.Case](text)
	if err != nil {
		return cid, fault.New(fault.Missing, "error.missing")
	}
	return cid, nil
}

func (x intakeCases) TakeBack(ctx context.Context, by actor.Actor, caseID string) error {
	cid, err := caseNamed(caseID)
	if err != nil {
		return err
	}
	return x.o.TakeBack(ctx, by, cid)
}

func (x intakeCases) Join(ctx context.Context, by actor.Actor, from, into string) error {
	a, err := caseNamed(from)
	if err != nil {
		return err
	}
	b, err := caseNamed(into)
	if err != nil {
		return err
	}
	return x.o.Merge(ctx, by, a, b)
}

func (x intakeCases) Part(ctx context.Context, by actor.Actor, from string) error {
	cid, err := caseNamed(from)
	if err != nil {
		return err
	}
	return x.o.Unmerge(ctx, by, cid)
}

func (x intakeCases) MayJoin(by actor.Actor) bool  { return deed.May(by, cases.DeedMerge) == nil }
func (x intakeCases) MayRaise(by actor.Actor) bool { return deed.May(by, cases.DeedUrgency) == nil }

func (x intakeCases) Raise(ctx context.Context, by actor.Actor, caseID string, level int) error {
	cid, err := caseNamed(caseID)
	if err != nil {
		return err
	}
	return x.o.Prioritise(ctx, by, cid, level, "")
}

func likeness(c *cases.Case) intake.Likeness {
	return intake.Likeness{ID: c.ID.String(), Receipt: c.Receipt.String(), Href: "/cases/" + c.ID.String(), Service: c.Service, State: c.State, Needs: c.Needs, Level: c.Level, Place: c.Place, At: c.MadeAt}
}

// Alike leaves out what the reader may not see on its own page.
func (x intakeCases) Alike(t *deed.Tx, r linkage.Report, limit int) (out []intake.Likeness, err error) {
	all, err := x.o.Alike(t.Tx, r, limit)
	for _, a := range all {
		if _, ok := t.By.May(cases.DeedSee.Roles, a.Case.Scope()); !ok {
			continue
		}
		l := likeness(a.Case)
		l.Band, l.Reasons = a.Band, a.Reasons
		out = append(out, l)
	}
	return out, err
}

// Stands is nothing for a case that is not there, or never was one.
func (x intakeCases) Stands(t *db.Tx, caseID string) (l intake.Likeness, err error) {
	cid, err := caseNamed(caseID)
	if err != nil {
		return l, nil
	}
	c, err := x.o.Get(t, cid)
	if fault.KindOf(err) == fault.Missing {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	return likeness(c), nil
}
