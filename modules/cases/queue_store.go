package cases

import (
	"cmp"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Queue says which part of the work a reader wants to see.
type Queue struct {
	Phase    service.Phase
	Reach    Reach
	Area     string // that the reader chose, within their reach
	Org      actor.OrganisationID
	Level    int
	Spoken   string
	Channel  string
	Need     string // its code
	Unplaced bool   // only what nobody has found on the map yet
	Last     bool   // only what stands before its owner of last resort
	After    Mark
	Till     Mark     // the last of a page; zero: no end
	Only     []CaseID // of these alone; nil: of all
	Limit    int
}

// Mark is where a page of the queue ended.
type Mark struct {
	Rank int
	Due  time.Time
	ID   string
}

func (m Mark) of(k *Case) Mark { return Mark{k.Rank, k.DueAt, k.ID.String()} }

func (m Mark) compare(x Mark) int {
	return cmp.Or(cmp.Compare(m.Rank, x.Rank), m.Due.Compare(x.Due), cmp.Compare(m.ID, x.ID))
}

// listQueue is a page of the queue: life in danger first, then by deadline. Each
// part of the reach is asked for by itself, along its index, and the parts are
// put together: asked for as one, they would have the store read all that waits
// in the country.
func listQueue(t *db.Tx, q Queue) ([]*Case, error) {
	parts := q.Reach
	if len(parts) < 2 {
		return listPart(t, q)
	}
	var all []*Case
	seen := map[CaseID]bool{}
	for _, p := range parts {
		q.Reach = Reach{p}
		some, err := listPart(t, q)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			if !seen[k.ID] {
				seen[k.ID], all = true, append(all, k)
			}
		}
	}
	slices.SortFunc(all, func(a, b *Case) int { return Mark{}.of(a).compare(Mark{}.of(b)) })
	return all[:min(len(all), q.Limit)], nil
}

func listPart(t *db.Tx, q Queue) ([]*Case, error) {
	var a asking
	w := q.where(&a, q.Phase)
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE `+w+` ORDER BY rank, due_at, id LIMIT `+a.put(q.Limit), a.args...)
}

func (q Queue) where(a *asking, phase service.Phase) string {
	w := `merged_into IS NULL AND phase = ` + a.put(string(phase)) + ` AND ` + q.Reach.where(a, "")
	if m := q.After; m.ID != "" {
		w += ` AND (rank, due_at, id) > (` + a.put(m.Rank) + `, ` + a.put(m.Due) + `, ` + a.put(m.ID) + `)`
	}
	if m := q.Till; m.ID != "" {
		w += ` AND (rank, due_at, id) <= (` + a.put(m.Rank) + `, ` + a.put(m.Due) + `, ` + a.put(m.ID) + `)`
	}
	if q.Only != nil {
		var ids []any
		for _, x := range q.Only {
			ids = append(ids, x)
		}
		w += ` AND ` + a.in("id", ids...)
	}
	switch {
	case q.Last && !q.Org.IsZero(): // also what is before them and with somebody else
		w += ` AND ` + stillBefore + ` AND (org = ` + a.put(q.Org) + ` OR last_org = ` + a.put(q.Org) + `)`
	case q.Last:
		w += ` AND ` + stillBefore
	case !q.Org.IsZero():
		w += ` AND org = ` + a.put(q.Org)
	}
	if q.Level != 0 {
		w += ` AND level = ` + a.put(q.Level)
	}
	if q.Spoken != "" {
		w += ` AND spoken = ` + a.put(q.Spoken)
	}
	if q.Channel != "" { // as people see it: the channel, or the way within it
		w += ` AND COALESCE(way, channel) = ` + a.put(q.Channel)
	}
	if q.Need != "" {
		w += ` AND needs LIKE ` + a.put(`%"`+q.Need+`"%`)
	}
	if q.Unplaced {
		w += ` AND place IS NULL`
	}
	return w
}

// countMost is as far as the tabs count: what follows reads "999+". Counting on
// would have the store read the whole of a night for a number that nobody works by.
const countMost = 1000

// countPhases counts what waits in each phase, for the tabs, up to countMost:
// what is open for everybody, the rest for one organisation only, if one is named.
func countPhases(t *db.Tx, r Reach, org actor.OrganisationID, last bool) (map[service.Phase]int, error) {
	out := map[service.Phase]int{}
	for _, ph := range phases {
		if ph == service.Final {
			continue
		}
		q := Queue{Reach: r, Last: last}
		if ph != service.Open {
			q.Org = org
		}
		n, err := q.count(t, ph, "")
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[ph] = n
		}
	}
	return out, nil
}

// count is how many there are in a phase, up to countMost; more is a further
// condition. Parts of a reach do not overlap (see sharp).
func (q Queue) count(t *db.Tx, ph service.Phase, more string, args ...any) (n int, err error) {
	parts := q.Reach
	switch {
	case parts == nil:
		parts = Reach{{}}
	case len(parts) == 0:
		return 0, nil // somebody whose grants reach nothing
	}
	for _, p := range parts {
		var a asking
		a.args = append(a.args, args...)
		if q.Reach != nil {
			q.Reach = Reach{p}
		}
		w := q.where(&a, ph) + more
		k, err := db.One(t, db.Int, `SELECT COUNT(*) FROM (SELECT 1 FROM cases_case WHERE `+w+` LIMIT `+a.put(countMost-n)+`) x`, a.args...)
		if err != nil {
			return 0, err
		}
		if n += int(k); n >= countMost {
			return countMost, nil
		}
	}
	return n, nil
}

// overdue counts what is late in a phase, up to countMost, along the index of
// the queue.
func (q Queue) overdue(t *db.Tx, ph service.Phase) (n int, err error) {
	for rank := range 2 {
		k, err := q.count(t, ph, ` AND rank = ?1 AND due_at < ?2`, rank, t.Now())
		if err != nil {
			return 0, err
		}
		n += k
	}
	return min(n, countMost), nil
}

// lately is how many of the newest requests the first contact is measured over.
const latelyAsked = 1000

// firstContacts are how long each of the newest requests waited until somebody
// reached its person, shortest first; those whom nobody reached are not in it.
func firstContacts(t *db.Tx) ([]time.Duration, error) {
	all, err := db.List(t, func(r db.Row) (d time.Duration, err error) {
		var made, reached time.Time
		if err = r.Scan(db.Time(&made), db.Time(&reached)); err != nil || reached.IsZero() {
			return -1, err
		}
		return reached.Sub(made), nil
	}, `SELECT made_at, contacted_at FROM cases_case ORDER BY id DESC LIMIT ?1`, latelyAsked)
	all = slices.DeleteFunc(all, func(d time.Duration) bool { return d < 0 })
	slices.Sort(all)
	return all, err
}

// sharp says of each territory on which level it lies, and puts its provinces in
// the place of a region, so that lists and counts go along an index. What lies
// within another part is left out: nothing is then counted twice.
func (o *Office) sharp(r Reach) Reach {
	if r == nil {
		return nil
	}
	out := Reach{}
	for i, p := range r {
		if slices.ContainsFunc(r, func(x Part) bool { return x != p && o.covering(x, p) }) || slices.Index(r, p) < i {
			continue
		}
		k, known := o.places.Get(p.Territory)
		switch {
		case p.Territory == "" || !known || p.level != "":
			out = append(out, p)
		case k.Kind == places.Region:
			for _, x := range o.places.Children(p.Territory) {
				out = append(out, Part{Territory: x.Code, Service: p.Service, level: "province"})
			}
			out = append(out, Part{Territory: p.Territory, Service: p.Service, level: "region", bare: true})
		case k.Kind == places.Province:
			out = append(out, Part{Territory: p.Territory, Service: p.Service, level: "province"})
		case k.Kind == places.Commune:
			in, _ := o.places.Province(p.Territory)
			if in == nil {
				out = append(out, p)
				break
			}
			out = append(out, Part{Territory: p.Territory, Service: p.Service, level: "commune", province: in.Code})
		default:
			out = append(out, p)
		}
	}
	return out
}

// covering tells whether one part has all that another has.
func (o *Office) covering(x, p Part) bool {
	return (x.Service == "" || x.Service == p.Service) && (x.Territory == "" || x.Territory == p.Territory || p.Territory != "" && o.places.Within(p.Territory, x.Territory))
}
