package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	equityRead  = deed.Deed{Name: "watch.equity.read", Roles: []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Auditor}}
	equityAlert = deed.Deed{Name: "watch.equity.alert"} // the house itself
)

// EquityRead is who reads the report, for the rail of staff pages.
var EquityRead = equityRead

const day = 24 * time.Hour

// equityDays are the spans that a reader chooses from; the first stands when
// nothing was chosen, and is the one that alerts are raised from.
var equityDays = []int{30, 7, 90}

// mostWaits bounds what one report reads: some 60 MB of memory, and a few
// seconds. Whoever has more requests looks at fewer days.
const mostWaits = 1_000_000

// equityFor is how long a report is good: of thirty days a few minutes change
// nothing, and nobody makes the house count three hundred thousand requests
// again by pressing a key. The page says when they were counted.
const equityFor = 5 * time.Minute

// reports are those of one kind that were counted last, by their days.
type reports[T interface{ counted() time.Time }] struct {
	mu   sync.Mutex
	made map[int]T
}

// of is a report that is good still, or a new one. Whoever asks meanwhile waits
// for the one that is being counted.
func (r *reports[T]) of(days int, now time.Time, count func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if was, ok := r.made[days]; ok && now.Sub(was.counted()) < equityFor && !now.Before(was.counted()) {
		return was, nil
	}
	made, err := count()
	if err == nil {
		if r.made == nil {
			r.made = map[int]T{}
		}
		r.made[days] = made
	}
	return made, err
}

func (e equity) counted() time.Time { return e.Till }

// equity counts how long people waited who asked in the last days. The report
// holds no person, no case, and no group too small to hide in: whoever may read
// it at all reads all of it, because it compares places with each other.
func (s *Service) equity(ctx context.Context, by actor.Actor, days int) (e equity, err error) {
	err = s.h.Look(ctx, by, equityRead, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		e, err = s.reports.of(days, t.Now(), func() (equity, error) { return s.count(t.Tx, days) })
		return err
	})
	return e, err
}

func (s *Service) count(t *db.Tx, days int) (e equity, err error) {
	since, c := t.Now().Add(-time.Duration(days)*day), newCounting(t.Now())
	whole := true
	if s.Waits != nil {
		if whole, err = s.Waits(t, since, mostWaits, c.add); err != nil {
			return e, err
		}
	}
	if !whole {
		return e, fault.New(fault.Limited, "watch.equity.too_many", "most", mostWaits)
	}
	e = c.report(s.Equity)
	e.Since = since
	return e, nil
}

// alertTold is the line of an alert: a group, how slow, against what.
type alertTold struct {
	By      string `json:"by"`
	Group   string `json:"group,omitempty"` // "" is those of whom it is not known
	Other   bool   `json:"other,omitempty"`
	Measure string `json:"measure"`
	Cases   int    `json:"cases"`
	Seconds int64  `json:"seconds"` // the group's median
	AtLeast bool   `json:"at_least,omitempty"`
	All     int64  `json:"all_seconds"`
	Percent int    `json:"percent"` // above the median of all
	Days    int    `json:"days"`
	Week    string `json:"week"` // "2026-W47"
}

// alertSubject names what an alert is about.
func (g group) alertSubject(m int) string {
	code := g.Code
	switch {
	case g.Other:
		code = "other"
	case code == "":
		code = "unknown"
	}
	return fmt.Sprintf("watch.equity/%s.%s.%s", g.By, code, measures[m])
}

func weekOf(at time.Time) string {
	year, week := at.UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// RaiseEquity looks for groups that wait longer than others and leaves a line
// for each, once a week. The house does it by itself.
func (s *Service) RaiseEquity(ctx context.Context) error {
	var e equity
	if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { e, err = s.count(t, equityDays[0]); return err }); err != nil {
		return err
	}
	for _, g := range e.Groups {
		for m, d := range g.Of {
			if !d.Alert {
				continue
			}
			err := s.h.Do(ctx, actor.Actor{System: "equity", Channel: "system"}, equityAlert, func(t *deed.Tx) error {
				if err := t.AllowAny(); err != nil {
					return err
				}
				subject, week := g.alertSubject(m), weekOf(t.Now())
				was, err := raised(t.Tx, subject)
				if err != nil {
					return err
				}
				if !was.IsZero() && weekOf(was) == week {
					return deed.ErrNothingDone
				}
				return t.Tell(subject, alertTold{g.By, g.Code, g.Other, measures[m], g.Cases, int64(d.Median / time.Second), d.AtLeast,
					int64(e.All.Of[m].Median / time.Second), d.Slower, equityDays[0], week})
			})
			if err != nil && !errors.Is(err, deed.ErrNothingDone) {
				return err
			}
		}
	}
	return nil
}
