package app

import (
	"context"
	"errors"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/people"
)

// openRound joins what works without a network to those whom it asks.
func (h *House) openRound() error {
	visits, err := round.ReadVisits(packs.FS, "visits")
	if err != nil {
		return err
	}
	h.Round.UseVisits(visits)
	h.Round.UsePorts(round.Ports{Field: roundField{h.Field}, Cases: roundCases{h}, People: roundPeople{h.People}})
	h.Cases.UseFieldwork(h.fieldwork)
	h.People.Phones = h.phonesOf
	return nil
}

// fieldwork is what came home from the field about a case.
func (h *House) fieldwork(t *db.Tx, subject string) (*cases.Fieldwork, error) {
	cid, err := cases.CaseOf(subject)
	if err != nil {
		return nil, err
	}
	visits, photos, err := h.Round.Fieldwork(t, cid.String())
	if err != nil || visits+photos == 0 {
		return nil, err
	}
	return &cases.Fieldwork{Href: "/round/cases/" + cid.String(), Visits: visits, Photos: photos}, nil
}

// phonesOf are the phones that somebody takes to the field, for their own page.
func (h *House) phonesOf(t *db.Tx, a actor.AccountID) (out []people.Phone, err error) {
	all, err := h.Round.DevicesOf(t, a)
	for _, d := range all {
		out = append(out, people.Phone{Name: d.Name, SeenAt: d.SeenAt, End: "/round/devices/" + d.ID + "/give-up"})
	}
	return out, err
}

// roundField lets a round ask of the field.
type roundField struct{ f *field.Service }

func (x roundField) Carry(t *deed.Tx, only, lang string) (out []round.Mission, err error) {
	var mid field.MissionID
	if only != "" {
		if mid, err = id.Parse[field.Mission](only); err != nil {
			return nil, fault.New(fault.Missing, "field.mission.missing")
		}
	}
	all, err := x.f.Carry(t, mid)
	for _, c := range all {
		out = append(out, x.mission(c, lang))
	}
	return out, err
}

func (x roundField) mission(c field.Carried, lang string) round.Mission {
	name, _ := c.TeamNames.In(lang)
	m := round.Mission{ID: c.ID.String(), Team: name, State: string(c.State), Org: c.Org, PlannedAt: c.PlannedAt}
	stock := map[string]field.Good{}
	for _, g := range x.f.Loadable() {
		stock[g.Code] = g
	}
	for _, l := range c.Goods {
		g := stock[l.Good]
		m.Goods = append(m.Goods, round.Cargo{Code: l.Good, Name: g.Key, Unit: g.Unit, Loaded: l.Loaded, Aboard: l.Aboard()})
	}
	for _, s := range c.Stops {
		b := c.Briefs[s.Case]
		m.Stops = append(m.Stops, round.Stop{ID: s.ID.String(), Receipt: b.Receipt, Service: s.Service, Place: s.Place, Commune: s.Commune, State: string(s.State),
			Reason: s.Reason, Seq: s.Seq, Level: b.Level, People: b.People, HasPoint: b.HasPoint, At: b.At, Needs: b.NeedKeys, Due: b.Due})
	}
	return m
}

func (x roundField) MayServe(t *deed.Tx, mission string) error {
	mid, err := id.Parse[field.Mission](mission)
	if err != nil {
		return fault.New(fault.Missing, "field.mission.missing")
	}
	return x.f.MayServe(t, mid)
}

// stopOf reads the names of a mission and of a stop.
func stopOf(mission, stop string) (mid field.MissionID, sid field.StopID, err error) {
	if mid, err = id.Parse[field.Mission](mission); err != nil {
		return mid, sid, fault.New(fault.Missing, "field.mission.missing")
	}
	if sid, err = id.Parse[field.Stop](stop); err != nil {
		return mid, sid, fault.New(fault.Missing, "field.stop.missing")
	}
	return mid, sid, nil
}

func handover(d round.Handover) (out field.Handover, err error) {
	out = field.Handover{Goods: d.Goods, NoGoods: d.NoGoods, Proof: d.Proof, Code: field.Secret(d.Code), Witness: d.Witness, Relation: d.Relation}
	if out.Mission, out.Stop, err = stopOf(d.Mission, d.Stop); err != nil {
		return out, err
	}
	if out.ID, err = id.Parse[field.Delivery](d.ID); err != nil {
		err = fault.New(fault.Invalid, "field.delivery.id_wrong")
	}
	return out, err
}

func (x roundField) Deliver(ctx context.Context, by actor.Actor, d round.Handover) (bool, error) {
	told, err := handover(d)
	if err != nil {
		return false, err
	}
	return x.f.Deliver(ctx, by, told)
}

func (x roundField) NotReached(ctx context.Context, by actor.Actor, mission, stop, reason string) error {
	mid, sid, err := stopOf(mission, stop)
	if err != nil {
		return err
	}
	return x.f.NotReached(ctx, by, mid, sid, reason)
}

// Twice: the stop was answered, its case moved on, or its mission has ended.
func (x roundField) Twice(err error) bool {
	f, ok := errors.AsType[*fault.Fault](err)
	return ok && (slices.Contains([]string{"field.stop.answered", "field.stop.case_moved"}, f.Key) ||
		f.Key == "field.mission.cannot_now" && f.Args["state"] == string(field.Closed))
}

func (x roundField) CheckCode(ctx context.Context, by actor.Actor, mission, stop, code string) (bool, error) {
	mid, sid, err := stopOf(mission, stop)
	if err != nil {
		return false, err
	}
	return x.f.CheckCode(ctx, by, mid, sid, field.Secret(code))
}

func (x roundField) Stands(t *db.Tx, mission, stop string) (out round.Standing, err error) {
	mid, sid, err := stopOf(mission, stop)
	if err != nil {
		return out, err
	}
	s, err := x.f.Stands(t, mid, sid)
	return round.Standing{Case: s.Case.String(), Mission: string(s.Mission), State: string(s.State), Reason: s.Reason, Org: s.Org,
		Delivery: s.Delivery.String(), Goods: s.Goods, Proof: s.Proof, Account: s.Account, At: s.At}, err
}

func (x roundField) CaseAt(t *db.Tx, mission, stop string) (string, error) {
	mid, sid, err := stopOf(mission, stop)
	if err != nil {
		return "", err
	}
	c, err := x.f.CaseAt(t, mid, sid)
	return c.String(), err
}

func (x roundField) Again(ctx context.Context, by actor.Actor, d round.Handover, account actor.AccountID, instead bool, then func(*deed.Tx, string) error) error {
	told, err := handover(d)
	if err != nil {
		return err
	}
	return x.f.DeliverAgain(ctx, by, field.Second{Handover: told, Account: account, Instead: instead,
		Then: func(t *deed.Tx, replaced field.DeliveryID) error { return then(t, replaced.String()) }})
}

func (x roundField) NotReachedInstead(ctx context.Context, by actor.Actor, mission, stop, reason string, then func(*deed.Tx) error) error {
	mid, sid, err := stopOf(mission, stop)
	if err != nil {
		return err
	}
	return x.f.NotReachedInstead(ctx, by, mid, sid, reason, then)
}

func (x roundField) Delivered(t *db.Tx, delivery string) (bool, error) {
	did, err := id.Parse[field.Delivery](delivery)
	if err != nil {
		return false, err
	}
	return x.f.Delivered(t, did)
}

func (x roundField) GoodKeys() map[string]string {
	out := map[string]string{}
	for _, g := range x.f.Loadable() {
		out[g.Code] = g.Key
	}
	return out
}

func (roundField) Relations() []string         { return field.Relations }
func (roundField) ReasonsNotReached() []string { return field.ReasonsNotReached }

// roundCases lets a round ask of cases.
type roundCases struct{ h *House }

func (x roundCases) Forms(ctx context.Context) (out []round.RequestForm, err error) {
	all, err := x.h.Cases.Open(ctx)
	for _, d := range all {
		if d.Form != nil {
			out = append(out, round.RequestForm{Service: d.Code, Name: "service." + d.Code + ".text.name", Form: d.Form})
		}
	}
	return out, err
}

// Ask takes in what a volunteer wrote down for a person, as a helper's entry.
func (x roundCases) Ask(ctx context.Context, by actor.Actor, a round.Asking) (out round.Asked, err error) {
	got, err := x.h.Cases.AskFor(ctx, by, cases.ForSomebody{ID: a.ID, Service: a.Service, Answers: a.Answers, Lang: a.Lang, Spoken: a.Spoken,
		Written: a.Consent == "written", Helper: a.Help, Channel: a.Channel, Partly: a.Partly})
	if err != nil {
		return out, err
	}
	out = round.Asked{Receipt: got.Receipt.String(), Again: got.Again}
	if !got.Restricted {
		out.Case = got.ID.String()
	}
	return out, nil
}

func (x roundCases) MayOpen(ctx context.Context, by actor.Actor, caseID string) error {
	cid, err := id.Parse[cases.Case](caseID)
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	return x.h.Cases.MayOpen(ctx, by, cid)
}

func (x roundCases) Receipt(t *db.Tx, caseID string) (string, error) {
	cid, err := id.Parse[cases.Case](caseID)
	if err != nil {
		return "", fault.New(fault.Missing, "error.missing")
	}
	c, err := x.h.Cases.Get(t, cid)
	if err != nil {
		return "", err
	}
	return c.Receipt.String(), nil
}

func (x roundCases) Subject(caseID string) string {
	cid, _ := id.Parse[cases.Case](caseID) // what String wrote is read
	return cases.Subject(cid)
}

// roundPeople lets a round ask of people.
type roundPeople struct{ p *people.Service }

func (x roundPeople) Confirm(ctx context.Context, limit *web.Limiter, by actor.Actor, from, password string) error {
	return x.p.Confirm(ctx, limit, by, from, password)
}

func (x roundPeople) Session(t *db.Tx, c *web.Ctx) (string, error) { return x.p.SessionOf(t, c) }

func (x roundPeople) EndSession(t *deed.Tx, account actor.AccountID, session string) error {
	return x.p.EndSession(t, account, session)
}

func (x roundPeople) AccountName(t *db.Tx, account actor.AccountID) (string, error) {
	return x.p.AccountName(t, account)
}

func (x roundPeople) OrgName(t *db.Tx, org actor.OrganisationID, lang string) (string, error) {
	return x.p.OrgName(t, org, lang)
}
