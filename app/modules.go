package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/watch"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// What follows fills the ports by which one module asks another. No module
// knows the one that answers.

type orgs struct{ p *people.Service }

func (o orgs) Name(t *db.Tx, oid actor.OrganisationID, lang string) (string, error) {
	return o.p.OrgName(t, oid, lang)
}

func (o orgs) Recognised(t *db.Tx, oid actor.OrganisationID) (bool, error) {
	return o.p.Recognised(t, oid)
}

// Helping lists the recognised organisations that work in a place: those that
// say so, and those of the whole country.
func (o orgs) Helping(t *db.Tx, path []string) (out []actor.OrganisationID, err error) {
	all, err := o.p.Organisations(t)
	for _, x := range all {
		here := func(code string) bool { return slices.Contains(path, code) }
		if x.Status == people.Recognised && (len(x.Territory) == 0 || slices.ContainsFunc(x.Territory, here)) {
			out = append(out, x.ID)
		}
	}
	return out, err
}

func (o orgs) Domains(t *db.Tx, oid actor.OrganisationID) ([]string, error) {
	x, err := o.p.Organisation(t, oid)
	return x.Domains, err
}

// lastOwners lets cases ask who answers for the State.
type lastOwners struct {
	p *people.Service
	o *places.Owners
}

func (x lastOwners) LastOwner(place, service string) actor.OrganisationID {
	return x.p.LastOwner(place, service)
}

func (x lastOwners) Late(level int) time.Duration { return x.o.Late(level) }

type goods struct{ s *service.Set }

func (g goods) Goods(code string) (out []field.Good) {
	seen := map[string]bool{}
	for _, d := range g.s.All() {
		if code != "" && d.Code != code {
			continue
		}
		for _, x := range d.Goods {
			if !seen[x.Code] {
				seen[x.Code] = true
				out = append(out, field.Good{Code: x.Code, Key: "service." + d.Code + ".good." + x.Code, Unit: "service." + d.Code + ".unit." + x.Unit,
					Grams: x.Grams, Millilitres: x.Millilitres})
			}
		}
	}
	return out
}

// fieldCases lets the field ask of cases.
type fieldCases struct{ o *cases.Office }

func toCase(c field.CaseID) cases.CaseID {
	k, _ := id.Parse[cases.Case](c.String()) // what String wrote is read; none is none
	return k
}

func toTeam(t field.TeamID) (k cases.TeamID) {
	_ = k.UnmarshalText([]byte(t.String()))
	return k
}

func (f fieldCases) brief(t *db.Tx, c *cases.Case) (b field.Brief, err error) {
	b = field.Brief{Receipt: c.Receipt.String(), Service: c.Service, State: c.State, Phase: string(c.Phase), Level: c.Level, Org: c.Org,
		Path: c.Path, PlaceCode: c.Place, HasPoint: c.HasPoint, At: c.At, People: c.People, Due: c.DueAt}
	if err = b.ID.UnmarshalText([]byte(c.ID.String())); err == nil {
		err = b.Team.UnmarshalText([]byte(c.Team.String()))
	}
	if err == nil {
		b.NeedKeys, err = f.o.NeedKeys(t, c)
	}
	return b, err
}

func (f fieldCases) Briefs(t *db.Tx, ids []field.CaseID) (out []field.Brief, err error) {
	for _, x := range ids {
		c, err := f.o.Get(t, toCase(x))
		if err != nil {
			return nil, err
		}
		b, err := f.brief(t, c)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func (f fieldCases) Waiting(t *db.Tx, org actor.OrganisationID, team field.TeamID, limit int) (out []field.Brief, err error) {
	all, err := f.o.WaitingFor(t, org, toTeam(team), limit)
	for _, c := range all {
		b, err := f.brief(t, c)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, err
}

func (f fieldCases) Unserved(t *db.Tx, commune string, limit int) (out []field.PlaceNeed, err error) {
	codes, counts, err := f.o.Unserved(t, commune, limit)
	for i := range codes {
		out = append(out, field.PlaceNeed{Place: codes[i], Waiting: counts[i]})
	}
	return out, err
}

// fieldGaps lets the field ask where nobody goes.
type fieldGaps struct{ o *cases.Office }

func (g fieldGaps) Forgotten(t *db.Tx, limit int) (out []field.Forgotten, err error) {
	all, err := g.o.Forgotten(t, limit)
	for _, f := range all {
		out = append(out, field.Forgotten(f))
	}
	return out, err
}

func (g fieldGaps) Claim(ctx context.Context, by actor.Actor, commune string) (int, error) {
	return g.o.ClaimPlace(ctx, by, commune)
}

// fieldContacts lets the field ask of whom anybody heard, and where it is bad.
type fieldContacts struct {
	o *cases.Office
	d *damage.Service
}

func (f fieldContacts) Heard(t *db.Tx, since time.Time) (map[string]int, error) {
	return f.o.HeardFrom(t, since)
}

func (f fieldContacts) Harm() map[string]int { return f.d.Harm() }

// fieldRoads lets the field hear what people told of roads.
type fieldRoads struct {
	o *cases.Office
	d *damage.Service // nil before there is one
}

func (f fieldRoads) RoadReports(t *db.Tx, rule field.ReportRule, limit int) (out []field.RoadReport, err error) {
	all, err := f.o.RoadReports(t, rule.Service, rule.Question, limit)
	for _, r := range all {
		k := field.RoadReport{Receipt: r.Case.Receipt.String(), Place: r.Case.Place, State: rule.States[r.Answer], At: r.Case.MadeAt}
		if err := k.Case.UnmarshalText([]byte(r.Case.ID.String())); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	if err != nil {
		return nil, err
	}
	told, err := damageRoads(t, f.d, limit)
	return append(out, told...), err
}

func (f fieldCases) Advance(t *deed.Tx, c field.CaseID, word string, with field.Advance) error {
	var team cases.TeamID
	if err := team.UnmarshalText([]byte(with.Team)); err != nil {
		return err
	}
	return f.o.Advance(t, toCase(c), word, team, with.Mission, with.Goods)
}

func (f fieldCases) CheckCode(ctx context.Context, by actor.Actor, c field.CaseID, code string) (bool, error) {
	return f.o.CheckCode(ctx, by, toCase(c), code)
}

// caseTeams lets cases ask of the field.
type caseTeams struct{ f *field.Service }

func (x caseTeams) Propose(t *db.Tx, org actor.OrganisationID, c *cases.Case, limit int) (out cases.Proposed, err error) {
	p, err := x.f.Propose(t, org, field.Want{At: c.At, HasPoint: c.HasPoint, Place: c.Place, Spoken: c.Spoken, Service: c.Service, Needs: c.Needs}, limit)
	out.Asked, out.Lacks, out.Others = p.Asked, p.Lacks, p.Others
	for _, b := range p.Teams {
		k := cases.Candidate{Org: b.Org, Names: forms.Text{"ar": b.Names.AR, "fr": b.Names.FR}, Km: b.Km, HasKm: b.HasKm, Free: b.Free, Reason: b.Reason, Skills: b.Skills, Able: b.Missing == 0}
		for _, w := range b.Why {
			k.Why = append(k.Why, cases.Because(w))
		}
		if err := k.Team.UnmarshalText([]byte(b.Team.String())); err != nil {
			return out, err
		}
		out.Teams = append(out.Teams, k)
	}
	return out, err
}

func (x caseTeams) Team(t *db.Tx, team cases.TeamID, lang string) (string, actor.OrganisationID, error) {
	k, err := id.Parse[field.Team](team.String())
	if err != nil {
		return "", actor.OrganisationID{}, err
	}
	return x.f.TeamName(t, k, lang)
}

func (x caseTeams) Witnessed(t *db.Tx, c cases.CaseID) (out []cases.Look, err error) {
	var k field.CaseID
	if err := k.UnmarshalText([]byte(c.String())); err != nil {
		return nil, err
	}
	all, err := x.f.WitnessReads(t, k)
	for _, r := range all {
		out = append(out, cases.Look{At: r.At, Org: r.Org, Role: r.Role, Reason: "field.reveal." + r.Reason})
	}
	return out, err
}

// waits lets watch ask cases how long people waited.
func waits(o *cases.Office) func(*db.Tx, time.Time, int, func(watch.Wait)) (bool, error) {
	return func(t *db.Tx, since time.Time, most int, each func(watch.Wait)) (bool, error) {
		return o.Waits(t, since, most, func(w cases.Wait) { each(watch.Wait(w)) })
	}
}

// serviceOptions are the services that a role can be bound to.
func (h *House) serviceOptions(lang string) (out []ui.Option) {
	p := h.Site.Cat.For(i18n.Lang(lang), h.Site.Zone)
	for _, d := range h.Service.All() {
		out = append(out, ui.Option{Value: d.Code, Title: p.T("service." + d.Code + ".text.name")})
	}
	return out
}

// writeErasure keeps an erasure where a restored backup will find it.
func (h *House) writeErasure(c cases.CaseID, at time.Time) error {
	return appendErasure(h.Config.Journal, c, at)
}

// journeys lets watch ask cases what each need asked of its people.
func journeys(o *cases.Office) func(*db.Tx, time.Time, int, func(watch.Journey)) (bool, error) {
	return func(t *db.Tx, since time.Time, most int, each func(watch.Journey)) (bool, error) {
		return o.Journeys(t, since, most, func(j cases.Journey) {
			each(watch.Journey{Subject: j.Subject, Service: j.Service, Asked: j.Asked, Helped: j.Helped, Ended: j.Ended, Steps: watch.Steps(j.Steps)})
		})
	}
}
