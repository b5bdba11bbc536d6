package hands

import (
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// funnelOf is one line of a funnel as the tables tell it.
type funnelKey struct{ call, kind, thing string }

type funnelSums struct {
	funnelKey
	pledged, came, delivered, confirmed int
}

// thingSums adds up what became of offers, by the call that they answered, or
// by thing where they answered none. The sums are those that fateOf counts for
// one offer.
func thingSums(t *db.Tx) ([]funnelSums, error) {
	return db.List(t, func(r db.Row) (x funnelSums, err error) {
		return x, r.Scan(&x.call, &x.kind, &x.thing, &x.pledged, &x.came, &x.delivered, &x.confirmed)
	}, `SELECT x.call, x.kind, x.thing, CAST(SUM(x.pledged) AS BIGINT), CAST(SUM(x.used + x.loaded) AS BIGINT), CAST(SUM(x.used + x.given) AS BIGINT),
		CAST(SUM(x.used_heard + x.given_heard) AS BIGINT) FROM (
		SELECT COALESCE(o.call, '') AS call, o.kind AS kind, CASE WHEN o.call IS NULL THEN o.thing ELSE '' END AS thing, `+pledgedUnits+` AS pledged,
			COALESCE((SELECT SUM(m.used) FROM hands_match m WHERE m.offer = o.id), 0) AS used,
			COALESCE((SELECT SUM(l.units) FROM hands_load l WHERE l.offer = o.id AND l.source <> 'back'), 0) AS loaded,
			COALESCE((SELECT SUM(g.units) FROM hands_given g JOIN hands_load l ON l.mission = g.mission AND l.seq = g.seq WHERE l.offer = o.id), 0) AS given,
			COALESCE((SELECT SUM(m.used) FROM hands_match m JOIN hands_heard h ON m.need = 'case/' || h.case_id
				WHERE m.offer = o.id AND h.came = 1 AND h.at >= m.used_at), 0) AS used_heard,
			COALESCE((SELECT SUM(g.units) FROM hands_given g JOIN hands_load l ON l.mission = g.mission AND l.seq = g.seq
				JOIN hands_heard h ON h.case_id = g.case_id WHERE l.offer = o.id AND h.came = 1 AND h.at >= g.at), 0) AS given_heard
		FROM hands_offer o) x GROUP BY x.call, x.kind, x.thing`)
}

// peopleSums adds up what became of calls for people: who has a place or waits
// for one, who came, who stayed to the end, whose hours the leader confirmed.
func peopleSums(t *db.Tx) ([]funnelSums, error) {
	return db.List(t, func(r db.Row) (x funnelSums, err error) {
		return x, r.Scan(&x.call, &x.pledged, &x.came, &x.delivered, &x.confirmed)
	}, `SELECT p.call, COUNT(CASE WHEN p.state IN ('placed', 'full') THEN 1 END), COUNT(p.in_at), COUNT(p.out_at), COUNT(p.confirmed_at)
		FROM hands_placing p GROUP BY p.call`)
}

// firstDelivery is, for each offer of which something was handed over, how long
// that took from the pledge.
func firstDelivery(t *db.Tx) (map[funnelKey][]time.Duration, error) {
	type row struct {
		funnelKey
		took int64
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.call, &x.kind, &x.thing, &x.took) },
		`SELECT COALESCE(o.call, ''), o.kind, CASE WHEN o.call IS NULL THEN o.thing ELSE '' END, MIN(x.at) - o.made_at
		FROM hands_offer o JOIN (SELECT l.offer AS offer, g.at AS at FROM hands_given g JOIN hands_load l ON l.mission = g.mission AND l.seq = g.seq
			UNION ALL SELECT m.offer, m.used_at FROM hands_match m WHERE m.used > 0) x ON x.offer = o.id
		GROUP BY o.id, o.call, o.kind, o.thing, o.made_at`)
	out := map[funnelKey][]time.Duration{}
	for _, x := range all {
		out[x.funnelKey] = append(out[x.funnelKey], time.Duration(x.took)*time.Microsecond)
	}
	return out, err
}

// median is the middle of some lengths of time; of none, none.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

type funnelCall struct {
	id     CallID
	org    actor.OrganisationID
	kind   string
	thing  string
	place  string
	wanted int
	saw    int
	madeAt time.Time
}

// calledFor are the calls of which a funnel is told, the latest first.
func calledFor(t *db.Tx, only CallID, limit int) ([]funnelCall, error) {
	return db.List(t, func(r db.Row) (c funnelCall, err error) {
		return c, r.Scan(&c.id, &c.org, &c.kind, &c.thing, &c.place, &c.wanted, &c.saw, db.Time(&c.madeAt))
	}, `SELECT c.id, c.org, c.kind, COALESCE(w.thing, ''), c.place, c.wanted, c.saw, c.made_at FROM hands_call c LEFT JOIN hands_want w ON w.call = c.id
		WHERE (?1 = '' OR c.id = ?1) ORDER BY c.made_at DESC, c.id DESC LIMIT ?2`, only.String(), limit)
}

// funnels is every funnel, or that of one call; what was delivered stands
// first.
func funnels(t *db.Tx, only CallID, limit int) (out []Funnel, err error) {
	calls, err := calledFor(t, only, limit)
	if err != nil {
		return nil, err
	}
	things, err := thingSums(t)
	if err != nil {
		return nil, err
	}
	people, err := peopleSums(t)
	if err != nil {
		return nil, err
	}
	took, err := firstDelivery(t)
	if err != nil {
		return nil, err
	}
	sums := map[string]funnelSums{}
	for _, x := range append(things, people...) {
		if x.call != "" {
			sums[x.call] = x
			continue
		}
		if only.IsZero() {
			out = append(out, Funnel{Kind: x.kind, Thing: x.thing, Pledged: x.pledged, Came: x.came, Delivered: x.delivered, Confirmed: x.confirmed, First: median(took[x.funnelKey])})
		}
	}
	for _, c := range calls {
		x := sums[c.id.String()]
		out = append(out, Funnel{Call: c.id, Kind: c.kind, Thing: c.thing, Org: c.org.String(), Place: c.place, Wanted: c.wanted, Saw: c.saw, MadeAt: c.madeAt,
			Pledged: x.pledged, Came: x.came, Delivered: x.delivered, Confirmed: x.confirmed, First: median(took[funnelKey{c.id.String(), c.kind, ""}])})
	}
	rankFunnels(out)
	return out, nil
}
