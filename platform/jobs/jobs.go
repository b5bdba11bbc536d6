// Package jobs does what must be done later and for certain, on either
// database: jobs put in the caller's own transaction, and chores that come
// round by the clock and are leased to one process at a time.
package jobs

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
)

//go:embed schema/*.sql
var Files embed.FS

// Handler does one job. It may run more than once: a process can die after
// the work and before saying so.
type Handler func(ctx context.Context, body json.RawMessage) error

// Chore is something the house does by itself every so often.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Queue hands out jobs and chores.
type Queue struct {
	db       *db.DB
	log      *slog.Logger
	holder   string
	handlers map[string]Handler
	chores   []Chore
	nudge    chan struct{}
}

type job struct {
	id    id.Of[job]
	kind  string
	body  string
	tries int
}

// Leases outlive a slow job, and end soon after a dead process. One that lasts
// longer than any is from before the clock was put back, and binds nobody.
const (
	jobLease   = 2 * time.Minute
	choreLease = time.Minute

	// ahead is from when on a lease can only be of a clock that was set back since:
	// two processes that lease at the same moment are never so far apart.
	ahead    = 10 * time.Minute
	maxTries = 12
)

func New(d *db.DB, log *slog.Logger, holder string) *Queue {
	return &Queue{db: d, log: log, holder: holder, handlers: map[string]Handler{}, nudge: make(chan struct{}, 1)}
}

// Handle names who does a kind of job. Called while the house is built.
func (q *Queue) Handle(kind string, h Handler) { q.handlers[kind] = h }

// Chore adds a chore. Called while the house is built.
func (q *Queue) Chore(c Chore) { q.chores = append(q.chores, c) }

// Put keeps a job in the caller's transaction. once, if not empty, names the
// job so that putting it again while it waits changes nothing.
func (q *Queue) Put(t *db.Tx, kind, once string, body any, at time.Time) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("jobs: %s: %w", kind, err)
	}
	_, err = t.Exec(`INSERT INTO jobs_job (id, kind, once, body, run_at, tries) VALUES (?1, ?2, ?3, ?4, ?5, 0)
		ON CONFLICT (once) DO NOTHING`, id.New[job](t.Now()), kind, db.OrNull(once), string(b), at)
	t.After(q.wake)
	return err
}

func (q *Queue) wake() {
	select {
	case q.nudge <- struct{}{}:
	default:
	}
}

// Run works until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, c := range q.chores {
		wg.Go(func() { q.round(ctx, c) })
	}
	wg.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			if _, err := q.Drain(ctx); err != nil && ctx.Err() == nil {
				q.log.Error("jobs", "problem", err.Error())
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-q.nudge:
			}
		}
	})
	wg.Wait()
}

// Drain does every job that is due, and says how many it did.
func (q *Queue) Drain(ctx context.Context) (done int, err error) {
	for ctx.Err() == nil {
		all, err := q.lease(ctx)
		if err != nil || len(all) == 0 {
			return done, err
		}
		for _, j := range all {
			if err := q.finish(ctx, j, q.try(ctx, j)); err != nil {
				return done, err
			}
			done++
		}
	}
	return done, nil
}

func (q *Queue) lease(ctx context.Context) (all []job, err error) {
	err = q.db.Write(ctx, func(t *db.Tx) error {
		lock := ""
		if t.Postgres() {
			lock = " FOR UPDATE SKIP LOCKED"
		}
		all, err = db.List(t, func(r db.Row) (j job, err error) { return j, r.Scan(&j.id, &j.kind, &j.body, &j.tries) },
			`UPDATE jobs_job SET leased_till = ?1, tries = tries + 1 WHERE id IN (
				SELECT id FROM jobs_job WHERE gave_up_at IS NULL AND run_at <= ?2 AND (leased_till IS NULL OR leased_till < ?2 OR leased_till > ?3)
				ORDER BY run_at, id LIMIT 50`+lock+`)
			RETURNING id, kind, body, tries`, t.Now().Add(jobLease), t.Now(), t.Now().Add(ahead))
		return err
	})
	return all, err
}

func (q *Queue) try(ctx context.Context, j job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	h, ok := q.handlers[j.kind]
	if !ok {
		return fmt.Errorf("nobody does %q", j.kind)
	}
	return h(ctx, json.RawMessage(j.body))
}

func (q *Queue) finish(ctx context.Context, j job, problem error) error {
	if problem == nil {
		return q.db.Write(ctx, func(t *db.Tx) error {
			_, err := t.Exec(`DELETE FROM jobs_job WHERE id = ?1`, j.id)
			return err
		})
	}
	q.log.Error("job failed", "kind", j.kind, "job", j.id.String(), "tries", j.tries, "problem", problem.Error())
	return q.db.Write(ctx, func(t *db.Tx) error {
		var gaveUp time.Time
		if j.tries >= maxTries {
			gaveUp = t.Now()
		}
		_, err := t.Exec(`UPDATE jobs_job SET leased_till = NULL, run_at = ?1, gave_up_at = ?2, problem = ?3 WHERE id = ?4`,
			t.Now().Add(pause(j.tries)), gaveUp, problem.Error(), j.id)
		return err
	})
}

// pause grows from two seconds to about an hour.
func pause(tries int) time.Duration { return min(time.Second<<min(tries, 12), time.Hour) }

func (q *Queue) round(ctx context.Context, c Chore) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		if err := q.turn(ctx, c); err != nil && ctx.Err() == nil {
			q.log.Error("chore failed", "chore", c.Name, "problem", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// turn does a chore once, if no other process holds its lease, or has done it
// within half of its time: each process has its own beat, and one of them is enough.
func (q *Queue) turn(ctx context.Context, c Chore) error {
	var mine int64
	err := q.db.Write(ctx, func(t *db.Tx) (err error) {
		mine, err = t.Exec(`INSERT INTO jobs_lease (name, holder, till) VALUES (?1, ?2, ?3)
			ON CONFLICT (name) DO UPDATE SET holder = ?2, till = ?3 WHERE jobs_lease.holder = ?2
			OR jobs_lease.till < ?4 AND (jobs_lease.done_at IS NULL OR jobs_lease.done_at <= ?5 OR jobs_lease.done_at > ?6) OR jobs_lease.till > ?6`,
			c.Name, q.holder, t.Now().Add(choreLease), t.Now(), t.Now().Add(-c.Every/2), t.Now().Add(ahead))
		return err
	})
	if err != nil || mine == 0 {
		return err
	}
	work, over := context.WithCancel(ctx)
	var holding sync.WaitGroup
	holding.Go(func() { q.hold(work, c.Name) })
	err = c.Do(ctx)
	over()
	holding.Wait()
	if err != nil {
		return err
	}
	return q.db.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`UPDATE jobs_lease SET done_at = ?1 WHERE name = ?2 AND holder = ?3`, t.Now(), c.Name, q.holder)
		return err
	})
}

// hold keeps the lease of a chore that takes long.
func (q *Queue) hold(ctx context.Context, name string) {
	tick := time.NewTicker(choreLease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			q.db.Write(ctx, func(t *db.Tx) error { // else another takes it over, as when this process were gone
				_, err := t.Exec(`UPDATE jobs_lease SET till = ?1 WHERE name = ?2 AND holder = ?3`, t.Now().Add(choreLease), name, q.holder)
				return err
			})
		}
	}
}
