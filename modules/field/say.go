package field

import (
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// toldIn is where the words of a fact may stand, the first that has any.
var toldIn = map[string][]string{
	"state":       {"field.mission.state.", "field.team.state."},
	"reason":      {"field.not_reached.", "field.reveal.", "field.anyway."},
	"proof":       {"field.proof."},
	"relation":    {"field.relation."},
	"skills":      {"field.skill."},
	"lost_reason": {"field.lost."},
	"kind":        {"field.vehicle.kind."},
	"road":        {"field.road.state.", "field.vehicle.road."},
	"permit":      {"field.permit.state."},
	"source":      {"field.road.source."},
}

// Say puts the facts of the lines of missions and teams into words.
func (s *Service) Say(c *web.Ctx, t *db.Tx, r deed.Record, all []module.Fact) error {
	w := s.teller(c, t)
	for i := range all {
		if err := w.say(c, &all[i]); err != nil {
			return err
		}
	}
	return w.err
}

func (w *teller) say(c *web.Ctx, f *module.Fact) error {
	name := f.Name
	if whole, part, ok := strings.Cut(name, "."); ok && whole == "goods" {
		if _, inList, ok := strings.Cut(part, "."); ok {
			name = inList
		} else {
			f.Words = w.p.T("field.fact.good", "good", w.good(part), "n", units(f.Value))
			return nil
		}
	}
	switch name {
	case "case", "cases", "report", "team", "mission", "org":
		return w.identified(f)
	case "base", "place":
		if _, ok := w.places.Get(f.Value); ok {
			f.Words = w.place(f.Value)
		}
	case "people":
		f.Words = w.p.T("field.fact.people", "n", units(f.Value))
	case "good":
		f.Words = w.good(f.Value)
	case "loaded", "delivered", "returned", "lost":
		f.Words, f.Silent = w.p.T("field.fact.counted", "what", w.p.T("field.manifest."+name), "n", units(f.Value)), f.Value == "0"
	case "kg", "litres", "units":
		f.Words = w.p.T("field.fact."+name, "n", units(f.Value))
	case "beyond":
		f.Words = w.p.T("field.road.stopped", "n", units(f.Value))
	case "since", "until":
		if at, err := time.Parse(time.RFC3339, f.Value); err == nil {
			f.Words = w.p.DateClock(at)
		}
	case "delivery", "stop", "instead", "vehicle", "offer":
		f.Words = w.p.T("field.fact."+name, "id", isolated(tail(f.Value), "", ""))
	default:
		for _, prefix := range toldIn[name] {
			if f.Words == "" && c.Site.Cat.Has(prefix+f.Value) {
				f.Words = w.p.T(prefix + f.Value)
			}
		}
	}
	return nil
}

// identified says what an identifier names, with the way to its page. What is
// none, or names what is gone, keeps its code.
func (w *teller) identified(f *module.Fact) (err error) {
	switch f.Name {
	case "team":
		tid, wrong := id.Parse[Team](f.Value)
		if wrong != nil {
			return nil
		}
		var m *Team
		if m, err = getTeam(w.t, tid); err == nil {
			f.Words, f.Href = w.teamName(m), "/teams/"+f.Value
		}
	case "mission":
		f.Words, f.Href = w.p.T("field.fact.mission", "id", isolated(tail(f.Value), "", "")), "/missions/"+f.Value
	case "org":
		oid, wrong := id.Parse[actor.Organisation](f.Value)
		if wrong != nil {
			return nil
		}
		var name string
		if name, err = w.orgs.Name(w.t, oid, w.lang()); err == nil {
			f.Words, f.Href = isolated(name, "", ""), "/organisations/"+f.Value
		}
	default:
		cid, wrong := id.Parse[caseKind](f.Value)
		if wrong != nil {
			return nil
		}
		var found []Brief
		if found, err = w.cases.Briefs(w.t, []CaseID{cid}); err == nil && len(found) == 1 {
			f.Words, f.Href = w.p.T("field.fact.case", "receipt", w.p.Code(found[0].Receipt)), "/cases/"+f.Value
		}
	}
	if fault.KindOf(err) == fault.Missing {
		return nil
	}
	return err
}

// tail is an identifier by its last signs; the first are only the time.
func tail(text string) string { return text[max(0, len(text)-8):] }

func units(text string) int {
	n, _ := strconv.Atoi(text) // what is no number says nothing of itself
	return n
}
