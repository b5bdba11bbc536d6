package damage

import (
	"encoding/json"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

const layerColumns = `l.id, l.kind, l.state, l.name, l.source, l.licence, l.author, l.dated, l.mapping, l.digest, l.features, l.account, l.made_at, l.state_at, l.version`

func layerInto(l *Layer) []any {
	return []any{&l.ID, &l.Kind, &l.State, &l.Name, &l.Source, &l.Licence, &l.Author, &l.Dated, &l.Mapping, &l.Digest, &l.Features, &l.Account,
		db.Time(&l.MadeAt), db.Time(&l.StateAt), &l.Revision}
}

func scanLayer(r db.Row) (l Layer, err error) { return l, r.Scan(layerInto(&l)...) }

func scanWhole(r db.Row) (l Layer, err error) { return l, r.Scan(append(layerInto(&l), &l.Body)...) }

// getLayer reads a layer with its features.
func getLayer(t *db.Tx, lid LayerID) (Layer, error) {
	return db.One(t, scanWhole, `SELECT `+layerColumns+`, l.body FROM damage_layer l WHERE l.id = ?1`, lid)
}

// sameLayer is the layer that was made of the same file; false when none was.
func sameLayer(t *db.Tx, digest []byte) (Layer, bool, error) {
	l, err := db.One(t, scanLayer, `SELECT `+layerColumns+` FROM damage_layer l WHERE l.digest = ?1`, digest)
	if fault.KindOf(err) == fault.Missing {
		return l, false, nil
	}
	return l, err == nil, err
}

// mostLayers is how many layers a list shows.
const mostLayers = 200

func listLayers(t *db.Tx) ([]Layer, error) {
	return db.List(t, scanLayer, `SELECT `+layerColumns+` FROM damage_layer l ORDER BY l.made_at DESC, l.id DESC LIMIT ?1`, mostLayers)
}

func liveLayers(t *db.Tx) ([]Layer, error) {
	return db.List(t, scanLayer, `SELECT `+layerColumns+` FROM damage_layer l WHERE l.state = 'live' ORDER BY l.made_at, l.id LIMIT ?1`, mostLayers)
}

// staleDrafts are layers that nobody accepted for long.
func staleDrafts(t *db.Tx) ([]Layer, error) {
	return db.List(t, scanLayer, `SELECT `+layerColumns+` FROM damage_layer l WHERE l.state = 'draft' AND l.made_at < ?1 ORDER BY l.id LIMIT ?2`, t.Now().Add(-draftLife), mostLayers)
}

// edition changes whenever what is live does.
func edition(t *db.Tx) (string, error) {
	return db.One(t, db.Text, `SELECT CAST(COUNT(*) AS TEXT) || '/' || CAST(COALESCE(MAX(state_at), 0) AS TEXT) FROM damage_layer WHERE state = 'live'`)
}

func addLayer(t *db.Tx, l *Layer) error {
	_, err := t.Exec(`INSERT INTO damage_layer (id, kind, state, name, source, licence, author, dated, mapping, digest, features, body, account, made_at, state_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)`,
		l.ID, string(l.Kind), string(l.State), l.Name, l.Source, l.Licence, l.Author, l.Dated, l.Mapping, l.Digest, l.Features, l.Body, l.Account, l.MadeAt, l.StateAt)
	return err
}

// saveLayer writes back its state and mapping, unless somebody else did first.
func saveLayer(t *db.Tx, l *Layer) error {
	n, err := t.Exec(`UPDATE damage_layer SET state = ?1, state_at = ?2, mapping = ?3, version = version + 1 WHERE id = ?4 AND version = ?5`,
		string(l.State), l.StateAt, l.Mapping, l.ID, l.Revision)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	return err
}

func dropLayer(t *db.Tx, lid LayerID) error {
	_, err := t.Exec(`DELETE FROM damage_layer WHERE id = ?1 AND state = 'draft'`, lid)
	return err
}

// keepSeen writes down what a layer says of each place, in the place of what it
// said before.
func keepSeen(t *db.Tx, lid LayerID, all []Seen) error {
	if _, err := t.Exec(`DELETE FROM damage_place WHERE layer = ?1`, lid); err != nil {
		return err
	}
	for _, s := range all {
		counts, err := json.Marshal(s.Counts)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`INSERT INTO damage_place (layer, place, level, counts, km, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
			lid, s.Place, s.Level, string(counts), s.Km, s.Value); err != nil {
			return err
		}
	}
	return nil
}

func seenOf(t *db.Tx, lid LayerID) ([]Seen, error) {
	return db.List(t, func(r db.Row) (s Seen, err error) {
		var counts string
		if err = r.Scan(&s.Place, &s.Level, &counts, &s.Km, &s.Value); err != nil {
			return s, err
		}
		return s, json.Unmarshal([]byte(counts), &s.Counts)
	}, `SELECT place, level, counts, km, value FROM damage_place WHERE layer = ?1 ORDER BY place`, lid)
}
