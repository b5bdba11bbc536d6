package cases

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// bounded is a count that stops at countMost.
type bounded int

// say is the count as people read it: "999+" where it stopped.
func (n bounded) say(c *web.Ctx) string {
	if int(n) >= countMost {
		return c.P.Plain(countMost-1) + "+"
	}
	return c.P.Plain(int(n))
}

// counts is what waits in one part of the work.
type counts struct {
	phases   map[service.Phase]bounded
	overdue  bounded
	teamless bounded // taken by somebody, and no team goes yet
	at       time.Time
}

// tally keeps the counts of each part for a moment: everybody who looks at the
// same part is told the same, and the store is asked once.
type tally struct {
	mu    sync.Mutex
	all   map[string]*tallyPart
	first firstContact
}

type tallyPart struct {
	mu   sync.Mutex
	last counts
}

// firstContact is the median wait for the first contact.
type firstContact struct {
	mu     sync.Mutex
	median time.Duration
	known  bool
	at     time.Time
}

const (
	countFor   = time.Second      // as long as counts are told again without asking
	contactFor = 30 * time.Second // the same of the median
	countParts = 2000             // different parts remembered
)

func (k *tally) part(name string) *tallyPart {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= countParts {
		k.all = map[string]*tallyPart{}
	}
	p := k.all[name]
	if p == nil {
		p = &tallyPart{}
		k.all[name] = p
	}
	return p
}

// countsOf counts the part of the work that somebody sees, whatever filter is on
// but that of owners of last resort, which has tabs of its own.
// kept takes a count that was made a moment ago: for lines that stay open, of which
// there are many. A page counts anew.
func (o *Office) countsOf(t *db.Tx, by actor.Actor, last, kept bool) (counts, error) {
	r, org := o.sharp(reachOf(by, DeedSee.Roles)), ownOnly(by)
	p := o.counting.part(fmt.Sprint(r, org, last, r == nil))
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := t.Now().Sub(p.last.at); kept && !p.last.at.IsZero() && age >= 0 && age < countFor {
		return p.last, nil
	}
	got, err := countPhases(t, r, org, last)
	if err != nil {
		return counts{}, err
	}
	c := counts{phases: map[service.Phase]bounded{}, at: t.Now()}
	for ph, n := range got {
		c.phases[ph] = bounded(n)
	}
	for _, ph := range []service.Phase{service.Open, service.Owned, service.Moving} {
		q := Queue{Reach: r}
		if ph != service.Open {
			q.Org = org
		}
		n, err := q.overdue(t, ph)
		if err != nil {
			return counts{}, err
		}
		c.overdue = min(c.overdue+bounded(n), countMost)
	}
	n, err := Queue{Reach: r, Org: org}.count(t, service.Owned, ` AND team IS NULL`)
	c.teamless = bounded(n)
	if err == nil {
		p.last = c
	}
	return c, err
}

// countedNow are the tabs' counts for a line that stays open.
func (o *Office) countedNow(ctx context.Context, by actor.Actor, q Queue) (out map[service.Phase]bounded, err error) {
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		c, err := o.countsOf(t, by, q.Last, true)
		out = map[service.Phase]bounded{}
		for _, ph := range phases {
			if ph != service.Final {
				out[ph] = c.phases[ph]
			}
		}
		return err
	})
	return out, err
}

// firstContactNow is the median, of the newest requests whose people were reached.
func (o *Office) firstContactNow(t *db.Tx) (time.Duration, bool, error) {
	f := &o.counting.first
	f.mu.Lock()
	defer f.mu.Unlock()
	if age := t.Now().Sub(f.at); f.at.IsZero() || age < 0 || age >= contactFor {
		all, err := firstContacts(t)
		if err != nil {
			return 0, false, err
		}
		f.at, f.known = t.Now(), len(all) > 0
		if f.known {
			f.median = all[len(all)/2]
		}
	}
	return f.median, f.known, nil
}

// UseFree is called while the house is built: fn counts the teams that are free,
// of an organisation (zero: of all), and all of them.
func (o *Office) UseFree(fn func(t *db.Tx, org actor.OrganisationID) (free, all int, err error)) {
	o.free = fn
}

// figures are the numbers of the bar above the queue.
func (o *Office) figures(c *web.Ctx, t *db.Tx, by actor.Actor, n counts) (out []ui.Figure, err error) {
	out = []ui.Figure{
		{Key: "cases.figure.overdue", Value: n.overdue.say(c), Hot: n.overdue > 0},
		{Key: "cases.phase.open", Value: n.phases[service.Open].say(c)},
		{Key: "cases.figure.teamless", Value: n.teamless.say(c)},
	}
	if o.free != nil {
		free, all, err := o.free(t, ownOnly(by))
		if err != nil {
			return nil, err
		}
		out = append(out, ui.Figure{Key: "cases.figure.free", Value: fmt.Sprintf("%d/%d", free, all)})
	}
	if !onlyFor(by) {
		d, known, err := o.firstContactNow(t)
		if err != nil {
			return nil, err
		}
		if known {
			out = append(out, ui.Figure{Key: "cases.figure.contact", Value: c.P.Plain(d)})
		}
	}
	return out, nil
}
