package field

import (
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

const roadColumns = `r.id, r.place, r.state, r.source, r.report, r.since, r.until, r.org, r.at`

func scanRoad(r db.Row) (w RoadWord, err error) {
	return w, r.Scan(&w.ID, &w.Place, &w.State, &w.Source, &w.Report, db.Time(&w.Since), db.Time(&w.Until), &w.Org, db.Time(&w.At))
}

// roadsNow is the last word about each place, as long as it holds.
func roadsNow(t *db.Tx) (roads, error) {
	all, err := db.List(t, scanRoad, `SELECT `+roadColumns+` FROM field_road r WHERE (r.until IS NULL OR r.until > ?1) AND NOT EXISTS (
		SELECT 1 FROM field_road n WHERE n.place = r.place AND (n.since > r.since OR n.since = r.since AND (n.at > r.at OR n.at = r.at AND n.id > r.id)))`, t.Now())
	out := make(roads, len(all))
	for _, w := range all {
		out[w.Place] = w
	}
	return out, err
}

const maxHistory = 200

// roadHistory is every word about a place, the latest first.
func roadHistory(t *db.Tx, place string) ([]RoadWord, error) {
	return db.List(t, scanRoad, `SELECT `+roadColumns+` FROM field_road r WHERE r.place = ?1 ORDER BY r.since DESC, r.at DESC, r.id DESC LIMIT ?2`, place, maxHistory)
}

// findRoad is nil when there is none.
func findRoad(t *db.Tx, rid RoadWordID) (*RoadWord, error) {
	w, err := db.One(t, scanRoad, `SELECT `+roadColumns+` FROM field_road r WHERE r.id = ?1`, rid)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &w, err
}

func addRoad(t *db.Tx, w *RoadWord) error {
	_, err := t.Exec(`INSERT INTO field_road (id, place, state, source, report, since, until, org, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
		w.ID, w.Place, string(w.State), w.Source, w.Report, w.Since, w.Until, w.Org, w.At)
	return err
}

// reportsTaken are the reports of people that somebody has answered with a word.
func reportsTaken(t *db.Tx) (map[string]bool, error) {
	all, err := db.List(t, db.Text, `SELECT report FROM field_road WHERE report IS NOT NULL`)
	out := make(map[string]bool, len(all))
	for _, c := range all {
		out[c] = true
	}
	return out, err
}
