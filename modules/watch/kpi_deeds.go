package watch

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var kpiRead = deed.Deed{Name: "watch.kpi.read", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Auditor}}

// KPIRead is who reads the figures of the services, for the rail of staff pages.
var KPIRead = kpiRead

func (k kpi) counted() time.Time { return k.Till }

// kpi works out the measures of the services for the needs that were told in the
// last days. It holds no person and no case, and nothing of a service with fewer
// needs than could hide one: whoever may read it at all reads all of it.
func (s *Service) kpi(ctx context.Context, by actor.Actor, days int) (k kpi, err error) {
	err = s.h.Look(ctx, by, kpiRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		k, err = s.kpis.of(days, t.Now(), func() (kpi, error) { return s.countKPI(t.Tx, days) })
		return err
	})
	return k, err
}

func (s *Service) countKPI(t *db.Tx, days int) (k kpi, err error) {
	k = kpi{Least: s.Equity.Least, Since: t.Now().Add(-time.Duration(days) * day), Till: t.Now()}
	type cost struct{ parts, minor int64 }
	costs := map[string]cost{}
	if s.Costs != nil {
		k.Parts, k.Minor, err = s.Costs(t, k.Since, func(subject string, parts, minor int64) {
			c := costs[subject]
			costs[subject] = cost{c.parts + parts, c.minor + minor}
		})
		if err != nil {
			return k, err
		}
	}
	g, whole := newProgrammes(k.Till), true
	if s.Journeys != nil {
		whole, err = s.Journeys(t, k.Since, mostWaits, func(j Journey) {
			c := costs[j.Subject]
			g.add(j, c.parts, c.minor)
		})
	}
	if err == nil && !whole {
		err = fault.New(fault.Limited, "watch.equity.too_many", "most", mostWaits)
	}
	k.Programmes = g.report(k.Least)
	return k, err
}
