package release

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
)

// mark is from when on a kind was not looked at yet.
func mark(t *db.Tx, kind string) (since time.Time, err error) {
	all, err := db.List(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) }, `SELECT since FROM release_mark WHERE kind = ?1`, kind)
	if len(all) > 0 {
		return all[0], err
	}
	return time.Unix(0, 0), err // nothing is older
}

func setMark(t *db.Tx, kind string, since, moment time.Time) error {
	_, err := t.Exec(`INSERT INTO release_mark (kind, since, moment) VALUES (?1, ?2, ?3) ON CONFLICT (kind) DO UPDATE SET since = excluded.since, moment = excluded.moment`, kind, since, moment)
	return err
}

// takeFacts keeps what is to be counted, as it is now. What was published stays
// as it was.
func takeFacts(t *db.Tx, kind string, all []Fact) error {
	for _, f := range all {
		if f.Gone {
			if _, err := t.Exec(`DELETE FROM release_unit WHERE kind = ?1 AND unit = ?2 AND lot IS NULL`, kind, f.ID); err != nil {
				return err
			}
			continue
		}
		tags, err := json.Marshal(f.Tags)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO release_unit (kind, unit, place, at, people, tags) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT (kind, unit) DO UPDATE SET place = excluded.place, at = excluded.at, people = excluded.people, tags = excluded.tags WHERE release_unit.lot IS NULL`,
			kind, f.ID, f.Place, f.At, max(0, f.People), string(tags)); err != nil {
			return err
		}
	}
	return nil
}

// waiting is what is not published yet, of a kind that follows none.
func waiting(t *db.Tx, kind string) ([]unit, error) {
	return db.List(t, scanUnit, `SELECT unit, place, at, people FROM release_unit WHERE kind = ?1 AND lot IS NULL ORDER BY at, unit`, kind)
}

// waitingAfter is what is not published yet and can be: it was published as
// another kind, and is where it was then.
func waitingAfter(t *db.Tx, kind, after string) ([]unit, error) {
	return db.List(t, scanUnit, `SELECT u.unit, l.place, u.at, u.people FROM release_unit u JOIN release_unit was ON was.kind = ?2 AND was.unit = u.unit
		JOIN release_lot l ON l.id = was.lot WHERE u.kind = ?1 AND u.lot IS NULL ORDER BY u.at, u.unit`, kind, after)
}

func scanUnit(r db.Row) (u unit, err error) {
	return u, r.Scan(&u.id, &u.place, db.Time(&u.at), &u.people)
}

// addLot publishes a lot. Its units may not be in another: then somebody else
// published them a moment ago, and nothing is done.
func addLot(t *db.Tx, lid id.Of[lot], kind string, l lot, floor int) (fresh bool, err error) {
	if _, err := t.Exec(`INSERT INTO release_lot (id, kind, place, n, people, moment, told) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)`,
		lid, kind, l.place, len(l.units), l.people(floor), t.Now()); err != nil {
		return false, err
	}
	const at = 200
	for from := 0; from < len(l.units); from += at {
		some := l.units[from:min(from+at, len(l.units))]
		args := []any{lid, kind}
		var in strings.Builder
		for i, u := range some {
			if i > 0 {
				in.WriteByte(',')
			}
			in.WriteString("?" + strconv.Itoa(i+3))
			args = append(args, u.id)
		}
		n, err := t.Exec(`UPDATE release_unit SET lot = ?1 WHERE kind = ?2 AND lot IS NULL AND unit IN (`+in.String()+`)`, args...)
		if err != nil || int(n) != len(some) {
			return false, err
		}
	}
	return true, nil
}

func untold(t *db.Tx, kind string) ([]printed, error) {
	return db.List(t, func(r db.Row) (l printed, err error) { return l, r.Scan(&l.id, &l.place, &l.n, db.Time(&l.moment)) },
		`SELECT id, place, n, moment FROM release_lot WHERE kind = ?1 AND told = 0 ORDER BY moment, id`, kind)
}

// tagsOf counts the units of a lot by what they are told apart by.
func tagsOf(t *db.Tx, lot string, add func(dim, category string)) error {
	all, err := db.List(t, db.Text, `SELECT tags FROM release_unit WHERE lot = ?1`, lot)
	if err != nil {
		return err
	}
	for _, s := range all {
		var tags map[string]string
		if err := json.Unmarshal([]byte(s), &tags); err != nil {
			return err
		}
		for dim, category := range tags {
			add(dim, category)
		}
	}
	return nil
}

func addCell(t *db.Tx, batch id.Of[bag], kind, place, dim, category string, n int) error {
	_, err := t.Exec(`INSERT INTO release_cell (batch, kind, place, moment, dim, category, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		batch, kind, place, t.Now(), dim, category, n)
	return err
}

func setTold(t *db.Tx, lot string) (int64, error) {
	return t.Exec(`UPDATE release_lot SET told = 1 WHERE id = ?1 AND told = 0`, lot)
}

// sum is what was published of one place between two moments.
type sum struct {
	place       string
	n, people   int
	first, last time.Time
}

func sums(t *db.Tx, kind string, since, till time.Time) ([]sum, error) {
	return db.List(t, func(r db.Row) (s sum, err error) {
		return s, r.Scan(&s.place, &s.n, &s.people, db.Time(&s.first), db.Time(&s.last))
	}, `SELECT place, SUM(n), SUM(people), MIN(moment), MAX(moment) FROM release_lot WHERE kind = ?1 AND moment > ?2 AND moment <= ?3 GROUP BY place ORDER BY place`, kind, since, till)
}

// moments is what was published of each place at each moment.
func moments(t *db.Tx, kind string, since, till time.Time) ([]sum, error) {
	return db.List(t, func(r db.Row) (s sum, err error) { return s, r.Scan(&s.place, &s.n, db.Time(&s.last)) },
		`SELECT place, SUM(n), moment FROM release_lot WHERE kind = ?1 AND moment > ?2 AND moment <= ?3 GROUP BY place, moment ORDER BY moment, place`, kind, since, till)
}

func scanStretch(r db.Row) (s stretch, err error) {
	return s, r.Scan(&s.n, db.Time(&s.first), db.Time(&s.last))
}

// lotsIn tells which lots lie between two moments.
func lotsIn(t *db.Tx, kind string, since, till time.Time) (stretch, error) {
	return db.One(t, scanStretch, `SELECT COUNT(*), MIN(moment), MAX(moment) FROM release_lot WHERE kind = ?1 AND moment > ?2 AND moment <= ?3`, kind, since, till)
}

// cellsIn tells which cells of a table do.
func cellsIn(t *db.Tx, kind, dim string, since, till time.Time) (stretch, error) {
	return db.One(t, scanStretch, `SELECT COUNT(*), MIN(moment), MAX(moment) FROM release_cell WHERE kind = ?1 AND dim = ?2 AND moment > ?3 AND moment <= ?4`, kind, dim, since, till)
}

// kinship is a cell as it is read.
type kinship struct {
	place, category string
	n               int
}

func cells(t *db.Tx, kind, dim string, since, till time.Time) ([]kinship, error) {
	return db.List(t, func(r db.Row) (k kinship, err error) { return k, r.Scan(&k.place, &k.category, &k.n) },
		`SELECT place, category, SUM(n) FROM release_cell WHERE kind = ?1 AND dim = ?2 AND moment > ?3 AND moment <= ?4 GROUP BY place, category ORDER BY place, category`, kind, dim, since, till)
}

// lastMoment is when something was last published, or looked for.
func lastMoment(t *db.Tx) (at time.Time, err error) {
	all, err := db.List(t, func(r db.Row) (at time.Time, err error) { return at, r.Scan(db.Time(&at)) }, `SELECT moment FROM release_mark ORDER BY moment DESC LIMIT 1`)
	if len(all) > 0 {
		at = all[0]
	}
	return at, err
}
