package story

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// rest says what became of the requests that no mission went to.
func (f *field) rest() {
	for i := range f.s.Requests {
		q := &f.s.Requests[i]
		if q.Mission < 0 {
			f.settle(q)
		}
		q.Late = (q.Fate == Received || q.Fate == Contacted) && !q.Merged && Now-q.At > patience(*q)
	}
}

// patience is how long a request may wait in this story before it is late.
// The deadlines that people see are the service's, in packs/services.
func patience(q Request) time.Duration {
	switch {
	case q.Needs[0] == "rescue" || restricted(q):
		return time.Hour
	case q.Needs[0] == "medicine":
		return 12 * time.Hour
	default:
		return 24 * time.Hour
	}
}

func (f *field) settle(q *Request) {
	age := Now - q.At
	fate := f.likely(*q, age)
	switch {
	case fate == Contacted:
		q.Fate, q.Settled = fate, min(Now, q.At+minutes(f.r, 10, 400))
	case fate == Claimed || fate == Assigned:
		f.take(q, fate)
	case fate == Refused:
		q.Fate, q.Reason, q.Settled = fate, "need_met", min(Now, q.At+minutes(f.r, 30, 600))
		if f.far(*q) {
			q.Reason = "outside_crisis_area"
		}
	case fate == Redirected:
		f.redirect(q)
	}
}

var leftovers = []string{Received, Contacted, Claimed, Assigned, Refused, Redirected}

// likely draws a fate by age and need. Somebody answers for nearly everyone
// who said that people are under stones; the safeguarding people alone call
// back a child who is alone; a second report that was joined waits for nobody.
func (f *field) likely(q Request, age time.Duration) string {
	var share []float64
	switch {
	case q.Merged:
		return Received
	case restricted(q), q.DuplicateOf >= 0, q.Place == "":
		share = []float64{45, 55, 0, 0, 0, 0}
	case q.Needs[0] == "rescue" && age < 30*time.Minute:
		share = []float64{70, 10, 20, 0, 0, 0}
	case q.Needs[0] == "rescue":
		share = []float64{3, 12, 25, 60, 0, 0}
	case age < 3*time.Hour:
		share = []float64{70, 16, 14, 0, 0, 0}
	case age < 12*time.Hour:
		share = []float64{45, 22, 18, 15, 0, 0}
	case age < 24*time.Hour:
		share = []float64{28, 21, 20, 23, 2, 6}
	default:
		share = []float64{11, 15, 26, 37, 3, 8}
	}
	return pick(f.r, leftovers, share)
}

// take gives a request to an organisation, and to one of its teams. A lease
// runs out by itself, so what is only claimed was claimed lately.
func (f *field) take(q *Request, fate string) {
	town := slices.Index(f.towns, f.at[f.land.commune(q.Place)])
	var can []int
	for i, t := range f.s.Teams {
		if f.draws[i][town] > 0 && slices.Contains(t.Serves, q.Needs[0]) {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		q.Fate, q.Settled = Contacted, min(Now, q.At+minutes(f.r, 10, 400))
		return
	}
	team := can[f.r.IntN(len(can))]
	q.Org, q.Fate = f.s.Teams[team].Org, fate
	ago := minutes(f.r, 4, 110)
	if fate == Assigned {
		q.Team, ago = team, minutes(f.r, 15, 170)
	}
	q.Taken = max(q.At+time.Minute, Now-ago)
	q.Settled = q.Taken
	if fate == Assigned {
		q.Settled = min(Now, q.Taken+minutes(f.r, 2, 12))
	}
}

// far is whether a request comes from beyond the places that were shaken hard.
func (f *field) far(q Request) bool {
	const shakenKm = 60
	return geo.Distance(f.land.point(f.land.at[q.Place]), Epicentre) > shakenKm
}

// redirect hands a request to a public body whose work it is; where none
// does that work, somebody calls back.
func (f *field) redirect(q *Request) {
	q.Settled = min(Now, q.At+minutes(f.r, 20, 500))
	q.Org = slices.IndexFunc(f.s.Organisations, func(o Organisation) bool {
		public := o.Kind == "state" || o.Kind == "commune"
		return public && o.Recognised() && slices.Contains(o.Domains, q.Needs[0]) && f.land.within(q.Place, o.Territory)
	})
	if q.Org < 0 {
		q.Fate = Contacted
		return
	}
	q.Fate, q.Reason = Redirected, "other_service"
}
