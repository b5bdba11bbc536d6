package intake

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func (s *Service) keepFile(ctx context.Context, by actor.Actor, fid FileID, kind source.Kind, name string, m Mapping, body []byte, rows int) error {
	about, err := s.sealAbout(fid, cut(name, 120), m)
	if err != nil {
		return err
	}
	sealed := s.vault.Seal("intake_file.body|"+fid.String(), body)
	return s.h.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(`INSERT INTO intake_file (id, kind, service, sealed, body, state, rows, added, again, failed, account, made_at)
			VALUES (?1, ?2, ?3, ?4, ?5, 'preview', ?6, 0, 0, 0, ?7, ?8)`, fid, string(kind), m.Service, about, sealed, rows, by.Account, t.Now())
		return err
	})
}

// about is what is known of a file besides its rows. Names of files and of
// columns name people too: "Aicha.csv".
type about struct {
	Name    string  `json:"name"`
	Mapping Mapping `json:"mapping"`
}

func (s *Service) sealAbout(iid FileID, name string, m Mapping) ([]byte, error) {
	plain, err := json.Marshal(about{name, m})
	if err != nil {
		return nil, err
	}
	return s.vault.Seal("intake_file.sealed|"+iid.String(), plain), nil
}

func (s *Service) openAbout(iid FileID, sealed []byte) (a about, err error) {
	plain, err := s.vault.Open("intake_file.sealed|"+iid.String(), sealed)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(plain, &a)
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

// mappingFor finds how these columns are read: as remembered for the same
// heads, else by a mapping of the pack that fits, else by names that agree.
func (s *Service) mappingFor(ctx context.Context, t source.Table) (m Mapping, err error) {
	var kept [][]byte
	where := s.headsKey(t.Heads)
	err = s.h.DB.Read(ctx, func(tx *db.Tx) error {
		kept, err = db.List(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT sealed FROM intake_reading WHERE key = ?1`, where)
		return err
	})
	if err != nil {
		return m, err
	}
	if len(kept) == 1 {
		plain, err := s.vault.Open(readingAt(where), kept[0])
		if err != nil {
			return m, err
		}
		return m, json.Unmarshal(plain, &m)
	}
	for _, m := range s.mappings {
		if m.Fits(t) {
			return m, nil
		}
	}
	return s.guess(t), nil
}

// headsKey is what the same heads are known again by; it tells nobody what
// they are.
func (s *Service) headsKey(heads []string) string {
	return hex.EncodeToString(s.vault.Index("import heads", strings.Join(heads, "\x1f")))
}

func readingAt(key string) string { return "intake_reading.sealed|" + key }

// What columns are called in the sheets and surveys that come most often.
var (
	ownHeads = []string{"id", "_uuid", "_id", "uuid", "ID"}
	atHeads  = []string{"_submission_time", "submission_time", "received_at", "created_at", "timestamp"}
	latHeads = []string{"lat", "latitude", "Latitude"}
	lonHeads = []string{"lon", "lng", "longitude", "Longitude"}
)

// first is the first of some heads that a file has, "" when it has none.
func first(t source.Table, heads []string) string {
	for _, h := range heads {
		if slices.Contains(t.Heads, h) {
			return h
		}
	}
	return ""
}

// guess takes columns that are called like our questions.
func (s *Service) guess(t source.Table) Mapping {
	m := Mapping{Code: "file", Columns: map[string]Column{}, ID: t.Heads[0], At: first(t, atHeads)}
	if own := first(t, ownHeads); own != "" {
		m.ID = own
	}
	def, err := s.def("")
	if err != nil {
		return m
	}
	m.Service = def.Code
	for _, q := range def.Form.Questions {
		for _, h := range t.Heads {
			if q.Asks() && strings.EqualFold(h, q.Name) {
				m.Columns[q.Name] = columnOf(def.Bind.Place == q.Name, h)
			}
		}
	}
	if lat, lon := first(t, latHeads), first(t, lonHeads); lat != "" && lon != "" && def.Bind.Place != "" {
		c := m.Columns[def.Bind.Place]
		c.Lat, c.Lon = lat, lon
		m.Columns[def.Bind.Place] = c
	}
	return m
}

func columnOf(place bool, head string) Column {
	if place {
		return Column{Text: []string{head}}
	}
	return Column{From: []string{head}, Split: "|"}
}

// kept is a file that waits to be taken in.
type kept struct {
	id           FileID
	kind         source.Kind
	name, state  string
	about, whole []byte // sealed
	rows         int
	mapping      Mapping
	content      source.Content
}

// readFile opens a file that waits to be taken in, for whoever brought it: it is
// full of names, and nobody else's.
func (s *Service) readFile(ctx context.Context, by actor.Actor, fid FileID) (k kept, err error) {
	err = s.h.DB.Read(ctx, func(tx *db.Tx) error {
		k, err = db.One(tx, func(r db.Row) (k kept, err error) {
			return k, r.Scan(&k.kind, &k.about, &k.state, &k.whole, &k.rows)
		}, `SELECT kind, sealed, state, body, rows FROM intake_file WHERE id = ?1 AND account = ?2`, fid, by.Account)
		return err
	})
	if err != nil {
		return k, err
	}
	k.id = fid
	a, err := s.openAbout(fid, k.about)
	k.name, k.mapping = a.Name, a.Mapping
	if err != nil || len(k.whole) == 0 {
		return k, err
	}
	body, err := s.vault.Open("intake_file.body|"+fid.String(), k.whole)
	if err != nil {
		return k, err
	}
	k.content, err = source.Read(bytes.NewReader(body), s.places.Country().Zone())
	return k, err
}

func (s *Service) keepMapping(ctx context.Context, iid FileID, name string, m Mapping, t source.Table) error {
	about, err := s.sealAbout(iid, name, m)
	if err != nil {
		return err
	}
	return s.h.DB.Write(ctx, func(tx *db.Tx) error {
		err := s.remember(tx, s.headsKey(t.Heads), m)
		if err == nil {
			_, err = tx.Exec(`UPDATE intake_file SET sealed = ?1 WHERE id = ?2`, about, iid)
		}
		return err
	})
}

// remember keeps how columns with these heads are read.
func (s *Service) remember(tx *db.Tx, key string, m Mapping) error {
	plain, err := json.Marshal(m)
	if err == nil {
		_, err = tx.Exec(`INSERT INTO intake_reading (key, sealed, at) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET sealed = ?2, at = ?3`,
			key, s.vault.Seal(readingAt(key), plain), tx.Now())
	}
	return err
}

// finish forgets the file, and keeps the rows that failed for their owner.
func (s *Service) finish(ctx context.Context, fid FileID, done Taken, failed []byte) error {
	var sealed []byte
	if len(failed) > 0 {
		sealed = s.vault.Seal("intake_file.errors|"+fid.String(), failed)
	}
	return s.h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE intake_file SET state = 'done', body = NULL, added = ?1, again = ?2, failed = ?3, errors = ?4, done_at = ?5 WHERE id = ?6`,
			done.Added, done.Again, len(done.Failed), sealed, tx.Now(), fid)
		return err
	})
}

// keepTaken remembers which request a file became.
func (s *Service) keepTaken(ctx context.Context, fid FileID, caseID string) error {
	return s.h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO intake_taken (file, case_id) VALUES (?1, ?2) ON CONFLICT (file, case_id) DO NOTHING`, fid, caseID)
		return err
	})
}

// takenOf are the requests that a file became and that were not taken back.
func takenOf(tx *db.Tx, fid FileID) ([]string, error) {
	return db.List(tx, db.Text, `SELECT case_id FROM intake_taken WHERE file = ?1 AND back_at IS NULL ORDER BY case_id`, fid)
}

func setBack(tx *db.Tx, fid FileID, caseID string) error {
	_, err := tx.Exec(`UPDATE intake_taken SET back_at = ?1 WHERE file = ?2 AND case_id = ?3`, tx.Now(), fid, caseID)
	return err
}

// ownFile is whether somebody brought a file.
func ownFile(tx *db.Tx, fid FileID, who actor.AccountID) (bool, error) {
	return db.Has(tx, `SELECT 1 FROM intake_file WHERE id = ?1 AND account = ?2`, fid, who)
}

// failedRows are the sealed rows of a file that failed, for whoever brought it,
// and how many they are.
func failedRows(tx *db.Tx, fid FileID, who actor.AccountID) (sealed []byte, n int, err error) {
	sealed, err = db.One(tx, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b, &n) },
		`SELECT errors, failed FROM intake_file WHERE id = ?1 AND account = ?2`, fid, who)
	return sealed, n, err
}

// fileLine is a file that was taken in, as it is kept.
type fileLine struct {
	id                         FileID
	sealed                     []byte
	at                         time.Time
	rows, added, again, failed int
	errors                     bool
}

func filesOf(tx *db.Tx, who actor.AccountID, limit int) ([]fileLine, error) {
	return db.List(tx, func(r db.Row) (l fileLine, err error) {
		var errors int64 // whether those that failed are still kept
		err = r.Scan(&l.id, &l.sealed, db.Time(&l.at), &l.rows, &l.added, &l.again, &l.failed, &errors)
		l.errors = errors > 0
		return l, err
	}, `SELECT id, sealed, done_at, rows, added, again, failed, CASE WHEN errors IS NULL THEN 0 ELSE 1 END FROM intake_file WHERE state = 'done' AND account = ?1 ORDER BY done_at DESC LIMIT ?2`, who, limit)
}

// over are files that were kept long enough: looked at and never taken in, or
// with rows that failed.
func over(tx *db.Tx, preview, done time.Time, limit int) ([]overFile, error) {
	return db.List(tx, func(r db.Row) (f overFile, err error) { return f, r.Scan(&f.id, &f.told.File, &f.told.Rows) },
		`SELECT id, state, CASE WHEN state = 'preview' THEN rows ELSE failed END FROM intake_file
		WHERE (state = 'preview' AND made_at <= ?1) OR (state = 'done' AND done_at <= ?2 AND errors IS NOT NULL) ORDER BY id LIMIT ?3`, preview, done, limit)
}

func dropFile(tx *db.Tx, f overFile) (int64, error) {
	drop := `DELETE FROM intake_file WHERE id = ?1 AND state = 'preview'`
	if f.told.File == "done" {
		drop = `UPDATE intake_file SET errors = NULL WHERE id = ?1 AND state = 'done' AND errors IS NOT NULL`
	}
	return tx.Exec(drop, f.id)
}
