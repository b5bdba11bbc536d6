package story

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// One mission for so many requests: 45 for the night's 1,200.
const requestsPerMission = 27

// From crowd requests on there are more missions than the teams can make one
// after the other.
const crowd = 12_000

// field sends teams to the people who wait, commune by commune.
type field struct {
	s     *Story
	land  *land
	r     *rand.Rand
	free  []time.Duration // when each team can leave again
	towns []*town         // communes somebody has asked from, in order of asking
	at    map[string]*town
	draws [][]float64 // how much each team is drawn to each town: 0 outside its territory
	next  int         // the first request that has not joined a queue
}

// town is a commune and those in it whom no team has taken on, in order, by
// the need they lead with.
type town struct {
	code string
	wait map[string][]int
}

func newField(s *Story, l *land, r *rand.Rand) *field {
	f := &field{s: s, land: l, r: r, free: make([]time.Duration, len(s.Teams)), at: map[string]*town{}}
	for _, q := range s.Requests {
		if c := l.commune(q.Place); c != "" && f.at[c] == nil {
			f.at[c] = &town{code: c, wait: map[string][]int{}}
			f.towns = append(f.towns, f.at[c])
		}
	}
	const nearKm = 30
	for _, t := range s.Teams {
		home, o := l.point(l.at[t.Base]), s.Organisations[t.Org]
		draw := make([]float64, len(f.towns))
		for i, c := range f.towns {
			if o.Recognised() && l.within(c.code, o.Territory) {
				draw[i] = math.Exp(-geo.Distance(home, l.point(l.at[c.code])) / nearKm)
			}
		}
		f.draws = append(f.draws, draw)
	}
	return f
}

// dispatch sends the missions. Two in three leave through the first day and
// the second; the others in the last hours, so that they are on the road when
// the story stops.
func (f *field) dispatch() {
	count := (len(f.s.Requests) + requestsPerMission/2) / requestsPerMission
	leave := make([]time.Duration, count)
	for i := range leave {
		from, to := 2*time.Hour, Now-6*time.Hour
		if i%3 == 2 {
			from, to = Now-5*time.Hour, Now-20*time.Minute
		}
		leave[i] = (from + time.Duration(f.r.Int64N(int64(to-from)))).Truncate(time.Minute)
	}
	slices.Sort(leave)
	for _, at := range leave {
		f.queue(at)
		team, to := f.crew(at)
		if team < 0 {
			continue
		}
		if stops := f.choose(team, to); len(stops) > 0 {
			f.send(team, stops, at)
		}
	}
}

// queue lets those wait who asked at least half an hour before at. Requests
// without a place on the map, second reports and restricted ones are not for
// teams.
func (f *field) queue(at time.Duration) {
	for ; f.next < len(f.s.Requests) && f.s.Requests[f.next].At+30*time.Minute <= at; f.next++ {
		if q := f.s.Requests[f.next]; q.Place != "" && q.DuplicateOf < 0 && !restricted(q) {
			c := f.at[f.land.commune(q.Place)]
			c.wait[q.Needs[0]] = append(c.wait[q.Needs[0]], f.next)
		}
	}
}

// crew is the team that leaves at that hour, and the commune it leaves for: of
// the teams at home, taken in random order, the first for whom enough people
// wait. While anybody is under stones, the rescue teams mostly come first. In
// a crowd nobody is at home, and a team is out twice.
func (f *field) crew(at time.Duration) (team int, to *town) {
	order := f.r.Perm(len(f.s.Teams))
	if f.r.Float64() < 0.4 && slices.ContainsFunc(f.towns, func(c *town) bool { return len(c.wait["rescue"]) > 0 }) {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(f.saves(b), f.saves(a)) })
	}
	for _, mustBeHome := range []bool{true, false} {
		for _, team := range order {
			if mustBeHome && f.free[team] > at {
				continue
			}
			if to := f.pull(team); to != nil {
				return team, to
			}
		}
		if len(f.s.Requests) < crowd {
			break
		}
	}
	return -1, nil
}

// saves is 1 for a rescue team.
func (f *field) saves(team int) int {
	if slices.Contains(f.s.Teams[team].Serves, "rescue") {
		return 1
	}
	return 0
}

// pull is the commune that draws a team most: many people it can help, those
// under stones first, not far from where it starts. Nil when fewer than two
// wait anywhere; a rescue team leaves for one.
func (f *field) pull(team int) *town {
	var to *town
	best := 0.0
	for i, c := range f.towns {
		if f.draws[team][i] == 0 {
			continue
		}
		sum := 0
		for _, need := range f.s.Teams[team].Serves {
			sum += len(c.wait[need]) * worth(need)
		}
		if draw := float64(sum) * f.draws[team][i]; draw > best && sum > 1 {
			best, to = draw, c
		}
	}
	return to
}

// worth makes people under stones weigh more than all the others around them.
func worth(need string) int {
	if need == "rescue" {
		return 12
	}
	return 1
}

// choose takes from the queue those the team will visit: rescue first, then
// who has waited longest. A rescue is long work, so few fit in one mission.
func (f *field) choose(team int, from *town) []int {
	most := 5 + f.r.IntN(8)
	if f.saves(team) > 0 {
		most = 3 + f.r.IntN(4)
	}
	var stops []int
	for len(stops) < most {
		first := ""
		for _, need := range f.s.Teams[team].Serves {
			if w := from.wait[need]; len(w) > 0 && (first == "" || worth(need) > worth(first) ||
				worth(need) == worth(first) && w[0] < from.wait[first][0]) {
				first = need
			}
		}
		if first == "" {
			break
		}
		stops = append(stops, from.wait[first][0])
		from.wait[first] = from.wait[first][1:]
	}
	return stops
}

// send plays one mission: the way there, each stop, the way home.
func (f *field) send(team int, stops []int, at time.Duration) {
	m := Mission{Team: team, Departed: at}
	clock := at + minutes(f.r, 35, 110)
	for _, i := range stops {
		stop := Stop{Request: i}
		if clock <= Now {
			stop.Arrived = clock
			stop.Proof = pick(f.r, []string{"code", "witness"}, []float64{78, 22})
		}
		m.Stops = append(m.Stops, stop)
		clock += minutes(f.r, 18, 45)
	}
	clock += minutes(f.r, 30, 100)
	f.free[team] = clock + time.Hour
	if clock <= Now {
		m.Back = clock
	}
	for i := range m.Stops {
		f.visit(&m.Stops[i], team, at)
	}
	f.load(&m)
	f.s.Missions = append(f.s.Missions, m)
}

// visit says what became of a request that a mission went to.
func (f *field) visit(stop *Stop, team int, left time.Duration) {
	q := &f.s.Requests[stop.Request]
	q.Team, q.Org, q.Mission = team, f.s.Teams[team].Org, len(f.s.Missions)
	q.Taken = max(q.At+5*time.Minute, left-minutes(f.r, 20, 150))
	if stop.Arrived == 0 {
		q.Fate, q.Settled = EnRoute, left
		return
	}
	since := Now - stop.Arrived
	answered := []float64{14, 68, 10, 6, 0}
	if since < 3*time.Hour {
		answered = []float64{60, 36, 3, 1, 0}
	} else if since > 12*time.Hour {
		answered = []float64{6, 68, 10, 7, 9}
	}
	q.Fate = pick(f.r, []string{Delivered, Confirmed, Partly, Reopened, Silent}, answered)
	switch q.Fate {
	case Delivered:
		q.Settled = stop.Arrived
	case Silent: // called after a day part without an answer
		q.Settled = stop.Arrived + 9*time.Hour + minutes(f.r, 5, 150)
	default:
		q.Settled = min(Now, stop.Arrived+minutes(f.r, 15, 300))
	}
}

func minutes(r *rand.Rand, from, to int) time.Duration {
	return time.Duration(from+r.IntN(to-from+1)) * time.Minute
}
