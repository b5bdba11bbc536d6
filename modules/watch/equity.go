package watch

import (
	"cmp"
	"slices"
	"time"
)

// Wait is how long one request waited, and which groups it belongs to: nothing
// in it leads to its person. What is not known is "", what has not happened is
// the zero moment.
type Wait struct {
	Channel  string
	Spoken   string
	Province string
	Commune  string
	Asked    time.Time
	Owned    time.Time // somebody took it on
	Helped   time.Time // its person said that help had come
	Ended    time.Time // it was closed
}

// EquityRules are the measures of a country: by how many per cent the median of
// a group may lie above that of all, and how many cases make a group.
type EquityRules struct{ Slower, Least int }

// The ways in which requests are told apart, in the order in which they are read.
const (
	byChannel  = "channel"
	byLanguage = "language"
	byProvince = "province"
	byCommune  = "commune"
)

var byAll = [...]string{byChannel, byLanguage, byProvince, byCommune}

// What is measured: from asking until somebody took it on, and until its
// person said that help had come.
const (
	toOwner = "owner"
	toHelp  = "help"
)

var measures = [...]string{toOwner, toHelp}

// group is the requests that have something in common.
type group struct {
	By    string
	Code  string // "" is those of whom it is not known
	Other bool   // all groups too small to be shown by themselves
	Few   bool   // too few even so: nothing is said of them
	Cases int
	Of    [len(measures)]delay
}

// delay is how long a group waited.
type delay struct {
	Median  time.Duration
	AtLeast bool // more than half of them still wait: so long, or longer
	Waiting int  // who has not got there
	Slower  int  // per cent above the median of all; 0 when it is not
	Alert   bool
}

// equity is the report.
type equity struct {
	EquityRules
	Since, Till time.Time
	All         group
	Groups      []group // those of one way of telling apart stand together, alerts first
}

// seen is one request, ready to be counted.
type seen struct {
	waited [len(measures)]time.Duration
	there  [len(measures)]bool // it got there; else it waited at least so long
	of     [len(byAll)]int     // its groups
}

// counting gathers requests one by one.
type counting struct {
	now    time.Time
	all    []seen
	groups []group
	named  [len(byAll)]map[string]int
}

func newCounting(now time.Time) *counting {
	c := &counting{now: now}
	for i := range c.named {
		c.named[i] = map[string]int{}
	}
	return c
}

func (c *counting) add(w Wait) {
	var s seen
	for i, at := range [...]time.Time{w.Owned, w.Helped} {
		s.there[i] = !at.IsZero()
		if at.IsZero() {
			at = w.Ended
		}
		if at.IsZero() {
			at = c.now
		}
		s.waited[i] = max(0, at.Sub(w.Asked))
	}
	for i, code := range [...]string{w.Channel, w.Spoken, w.Province, w.Commune} {
		n, ok := c.named[i][code]
		if !ok {
			n = len(c.groups)
			c.groups = append(c.groups, group{By: byAll[i], Code: code})
			c.named[i][code] = n
		}
		c.groups[n].Cases++
		s.of[i] = n
	}
	c.all = append(c.all, s)
}

// report compares the groups. A group that is too small is counted with the
// others of its kind that are.
func (c *counting) report(r EquityRules) equity {
	e := equity{EquityRules: r, Till: c.now, All: group{Cases: len(c.all)}}
	place := c.pool(r.Least)
	for m := range measures {
		slices.SortFunc(c.all, func(a, b seen) int {
			if d := cmp.Compare(a.waited[m], b.waited[m]); d != 0 || a.there[m] == b.there[m] {
				return d
			}
			return cmp.Compare(truth(b.there[m]), truth(a.there[m]))
		})
		whole := newCurve(len(c.all))
		curves := make([]curve, len(c.groups))
		for i := range curves {
			curves[i] = newCurve(c.groups[i].Cases)
		}
		for _, s := range c.all {
			whole.step(s.waited[m], s.there[m])
			for _, g := range s.of {
				curves[place[g]].step(s.waited[m], s.there[m])
			}
		}
		e.All.Of[m] = whole.delay()
		for i := range c.groups {
			if g := &c.groups[i]; !g.Few && g.Cases > 0 {
				g.Of[m] = curves[i].delay()
				g.Of[m].compare(e.All.Of[m], r.Slower)
			}
		}
	}
	for _, g := range c.groups {
		if g.Cases > 0 {
			e.Groups = append(e.Groups, g)
		}
	}
	slices.SortStableFunc(e.Groups, compareGroups)
	return e
}

// pool moves the cases of groups that are too small into one of their kind,
// and says where each group's cases are counted now.
func (c *counting) pool(least int) (place []int) {
	others := map[string]int{}
	place = make([]int, len(c.groups))
	for i := range place {
		place[i] = i
		g := &c.groups[i]
		if g.Cases >= least {
			continue
		}
		o, ok := others[g.By]
		if !ok {
			o = len(c.groups)
			others[g.By] = o
			c.groups = append(c.groups, group{By: g.By, Other: true})
			g = &c.groups[i]
		}
		place[i] = o
		c.groups[o].Cases += g.Cases
		g.Cases = 0
	}
	for _, o := range others {
		c.groups[o].Few = c.groups[o].Cases < least
	}
	return place
}

// compare says by how much a group is slower than all. Where more than half of
// all still wait there is nothing to compare with.
func (d *delay) compare(all delay, slower int) {
	if all.AtLeast || d.Median <= all.Median {
		return
	}
	base := max(all.Median, time.Second)
	d.Slower = int((d.Median - all.Median) * 100 / base) // downwards: what is shown as 20 % is that at least
	d.Alert = d.Slower >= slower
}

// alarmed tells whether any measure of a group is slower than it may be.
func (g group) alarmed() bool {
	return slices.ContainsFunc(g.Of[:], func(d delay) bool { return d.Alert })
}

func compareGroups(a, b group) int {
	return cmp.Or(cmp.Compare(slices.Index(byAll[:], a.By), slices.Index(byAll[:], b.By)),
		cmp.Compare(truth(b.alarmed()), truth(a.alarmed())), cmp.Compare(truth(a.Other), truth(b.Other)),
		cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Code, b.Code))
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// curve follows what share of a group still waits, by the product-limit
// estimate of Kaplan and Meier (Journal of the American Statistical Association
// 53, 1958): whoever still waits, or was let go without help, counts as waiting
// for as long as is known and no longer. Steps come in the order of the time
// waited. Until the first of them is let go the count is in whole numbers.
type curve struct {
	until float64 // the share that still waits when it has come as far as is asked for
	share float64 // of those who still waited when this run of arrivals began
	begin int     // how many they were
	left  int     // how many are left of them
	last  time.Duration
	found bool
	half  time.Duration
	wait  int
}

func newCurve(n int) curve { return newCurveTo(n, .5) }

// newCurveTo follows a group until no more than a share of it still waits.
func newCurveTo(n int, until float64) curve { return curve{until: until, share: 1, begin: n, left: n} }

func (c *curve) step(waited time.Duration, there bool) {
	c.last = waited
	if there {
		c.left--
		if !c.found && c.share*float64(c.left) <= c.until*float64(c.begin)*(1+1e-12) {
			c.found, c.half = true, waited
		}
		return
	}
	c.wait++
	c.share *= float64(c.left) / float64(c.begin)
	c.left--
	c.begin = c.left
}

// delay is the time by which half of the group had got there; where fewer have,
// the longest time that is known of anybody in it is a lower bound.
func (c *curve) delay() delay {
	if c.found {
		return delay{Median: c.half, Waiting: c.wait}
	}
	return delay{Median: c.last, AtLeast: true, Waiting: c.wait}
}
