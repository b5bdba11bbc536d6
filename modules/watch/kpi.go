package watch

import (
	"cmp"
	"slices"
	"time"
)

// Journey is what one need asked of its people, and how long it took until help
// had come: nothing in it leads to them. What has not happened is the zero moment.
type Journey struct {
	Subject string // of the journal, by which messages about it are found
	Service string
	Asked   time.Time
	Helped  time.Time // its person said that help had come
	Ended   time.Time // it was closed
	Steps   Steps
}

// Steps are the contacts that were asked of people.
type Steps struct {
	Asks    int // they asked
	Calls   int // somebody reached them by telephone
	Answers int // they said whether help had come
	Again   int // they had to ask again
	Trips   int // of the times they asked, those for which they had to go somewhere
}

func (s Steps) sum() int { return s.Asks + s.Calls + s.Answers + s.Again }

func (s *Steps) add(x Steps) {
	s.Asks, s.Calls, s.Answers, s.Again, s.Trips = s.Asks+x.Asks, s.Calls+x.Calls, s.Answers+x.Answers, s.Again+x.Again, s.Trips+x.Trips
}

// programme is one service by the three measures of the hypothesis that digital
// aid is quicker, lighter and cheaper (H1).
type programme struct {
	Service string
	Few     bool // too few needs: nothing is said of them
	Needs   int
	Helped  int  // who said that help had come; 0 where FewHelp
	FewHelp bool // too few of them: no cost for each is told, and no count
	Half    delay
	Nine    delay // nine in ten
	Steps   Steps // in all
	Median  int   // contacts asked of half of them, at most
	Most    int   // of nine in ten, at most
	Parts   int64 // parts of messages about them
	Minor   int64 // what they cost, in minor units of the country's currency
	Each    int64 // for each who was helped
}

// kpi is the report.
type kpi struct {
	Least       int
	Since, Till time.Time
	Programmes  []programme
	Parts       int64 // of all messages, also those about no need
	Minor       int64
}

// programmes gathers needs by their service.
type programmes struct {
	now time.Time
	of  map[string]*gathered
}

type gathered struct {
	waits []seen
	steps []int
	p     programme
}

func newProgrammes(now time.Time) *programmes { return &programmes{now, map[string]*gathered{}} }

func (g *programmes) add(j Journey, parts, minor int64) {
	x := g.of[j.Service]
	if x == nil {
		x = &gathered{p: programme{Service: j.Service}}
		g.of[j.Service] = x
	}
	end, there := j.Helped, !j.Helped.IsZero()
	if end.IsZero() {
		end = j.Ended
	}
	if end.IsZero() {
		end = g.now
	}
	var s seen
	s.waited[0], s.there[0] = max(0, end.Sub(j.Asked)), there
	x.waits, x.steps = append(x.waits, s), append(x.steps, j.Steps.sum())
	x.p.Needs++
	x.p.Helped += truth(there)
	x.p.Steps.add(j.Steps)
	x.p.Parts, x.p.Minor = x.p.Parts+parts, x.p.Minor+minor
}

// report works the measures out. Of fewer needs than least nothing is told but
// that there were some.
func (g *programmes) report(least int) (all []programme) {
	for _, x := range g.of {
		p := x.p
		switch {
		case p.Needs < least:
			p = programme{Service: p.Service, Few: true}
		default:
			p.Half, p.Nine = x.quantile(.5), x.quantile(.1)
			slices.Sort(x.steps)
			p.Median, p.Most = atShare(x.steps, 1, 2), atShare(x.steps, 9, 10)
			if p.FewHelp = p.Helped < least; p.FewHelp {
				// Who waits is all but who was helped: neither count is told.
				p.Helped, p.Half.Waiting, p.Nine.Waiting = 0, 0, 0
			} else {
				p.Each = (p.Minor + int64(p.Helped)/2) / int64(p.Helped)
			}
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b programme) int {
		return cmp.Or(cmp.Compare(b.Needs, a.Needs), cmp.Compare(a.Service, b.Service))
	})
	return all
}

// quantile is the time by which all but a share had been helped, as curve
// estimates it; whoever still waits is not left out.
func (x *gathered) quantile(until float64) delay {
	slices.SortFunc(x.waits, func(a, b seen) int {
		if d := cmp.Compare(a.waited[0], b.waited[0]); d != 0 {
			return d
		}
		return cmp.Compare(truth(b.there[0]), truth(a.there[0]))
	})
	c := newCurveTo(len(x.waits), until)
	for _, s := range x.waits {
		c.step(s.waited[0], s.there[0])
	}
	return c.delay()
}

// atShare is the number that a share n/of of a sorted list does not exceed.
func atShare(sorted []int, n, of int) int {
	return sorted[(len(sorted)*n+of-1)/of-1]
}
