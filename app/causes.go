package app

import (
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
)

// causes tells giving of the crises and missions that money is set apart for.
type causes struct{ h *House }

const (
	causeCrisis  = "cases.crisis/"
	causeMission = "field.mission/"
	mostMissions = 50
)

func (x causes) Now(c *web.Ctx, t *db.Tx) (out []giving.Cause, err error) {
	all, err := cases.CrisesOpen(t)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		out = append(out, crisisCause(c, k))
	}
	missions, err := field.OpenMissions(t, mostMissions)
	if err != nil {
		return nil, err
	}
	for _, m := range missions {
		one, err := x.mission(c, t, m)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (x causes) Open(t *db.Tx, about string) (bool, error) {
	if kid, ok := strings.CutPrefix(about, causeCrisis); ok {
		k, found, err := cases.CrisisOf(t, kid)
		return found && k.ClosedAt.IsZero(), err
	}
	mid, ok := missionIn(about)
	if !ok {
		return false, nil
	}
	_, _, open, err := x.h.Field.Under(t, mid)
	if fault.KindOf(err) == fault.Missing {
		return false, nil
	}
	return open, err
}

func (x causes) Of(c *web.Ctx, t *db.Tx, about string) (giving.Cause, error) {
	if kid, ok := strings.CutPrefix(about, causeCrisis); ok {
		k, found, err := cases.CrisisOf(t, kid)
		if err != nil || !found {
			return giving.Cause{}, err
		}
		return crisisCause(c, k), nil
	}
	mid, ok := missionIn(about)
	if !ok {
		return giving.Cause{}, nil
	}
	m, err := field.MissionOf(t, mid)
	if fault.KindOf(err) == fault.Missing {
		return giving.Cause{}, nil
	}
	if err != nil {
		return giving.Cause{}, err
	}
	return x.mission(c, t, m)
}

func crisisCause(c *web.Ctx, k cases.Crisis) giving.Cause {
	name := c.P.T("giving.cause.crisis", "name", c.P.T(k.NameKey()), "when", c.P.Date(k.OpenedAt))
	return giving.Cause{About: causeCrisis + k.ID.String(), Name: name, Public: name}
}

func (x causes) mission(c *web.Ctx, t *db.Tx, m field.Mission) (giving.Cause, error) {
	name, _, err := x.h.Field.TeamName(t, m.Team, string(c.Lang()))
	if err != nil {
		return giving.Cause{}, err
	}
	return giving.Cause{About: causeMission + m.ID.String(), Name: c.P.T("giving.cause.mission", "team", name, "when", c.P.DateClock(m.PlannedAt)), Public: c.P.T("giving.cause.a_mission"), Href: "/missions/" + m.ID.String()}, nil
}

func missionIn(about string) (mid field.MissionID, ok bool) {
	text, ok := strings.CutPrefix(about, causeMission)
	if !ok {
		return mid, false
	}
	mid, err := id.Parse[field.Mission](text)
	return mid, err == nil
}
