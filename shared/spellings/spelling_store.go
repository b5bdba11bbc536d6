package spellings

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

const columns = `s.id, s.place, s.key, s.shown, s.script, s.first_at, s.last_at, s.taken_back_at,
	(SELECT COUNT(*) FROM spellings_voice v WHERE v.spelling = s.id),
	(SELECT COUNT(*) FROM spellings_voice v WHERE v.spelling = s.id AND v.alone = 1),
	(SELECT COALESCE(SUM(v.times), 0) FROM spellings_voice v WHERE v.spelling = s.id)`

func scan(r db.Row) (s Spelling, err error) {
	return s, r.Scan(&s.ID, &s.Place, &s.Key, &s.Shown, &s.Script, db.Time(&s.FirstAt), db.Time(&s.LastAt), db.Time(&s.BackAt), &s.Voices, &s.Alone, &s.Times)
}

func get(t *db.Tx, sid ID) (Spelling, error) {
	return db.One(t, scan, `SELECT `+columns+` FROM spellings_spelling s WHERE s.id = ?1`, sid)
}

func find(t *db.Tx, key, place string) ([]Spelling, error) {
	return db.List(t, scan, `SELECT `+columns+` FROM spellings_spelling s WHERE s.key = ?1 AND s.place = ?2`, key, place)
}

// keep writes down that somebody confirmed a spelling of a place, and gives it
// back as it then is. Whoever confirms again counts no second time.
func keep(t *db.Tx, place, shown string, v voice, at time.Time) (s Spelling, err error) {
	k := key(shown)
	was, err := find(t, k, place)
	if err != nil {
		return s, err
	}
	if len(was) == 0 {
		s = Spelling{ID: id.New[Spelling](t.Now())}
		_, err = t.Exec(`INSERT INTO spellings_spelling (id, place, key, shown, script, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`, s.ID, place, k, shown, script(shown), at)
	} else {
		s = was[0]
		_, err = t.Exec(`UPDATE spellings_spelling SET last_at = CASE WHEN last_at < ?2 THEN ?2 ELSE last_at END WHERE id = ?1`, s.ID, at)
	}
	if err != nil {
		return s, err
	}
	alone := 0
	if v.alone {
		alone = 1
	}
	if strings.HasPrefix(v.name, fileVoice) { // the same file again says the same
		_, err = t.Exec(`INSERT INTO spellings_voice (spelling, voice, source, org, alone, times, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT (spelling, voice) DO UPDATE SET times = CASE WHEN spellings_voice.times < excluded.times THEN excluded.times ELSE spellings_voice.times END, last_at = excluded.last_at`,
			s.ID, v.name, v.source, v.org, alone, v.times, at)
	} else {
		_, err = t.Exec(`INSERT INTO spellings_voice (spelling, voice, source, org, alone, times, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT (spelling, voice) DO UPDATE SET times = spellings_voice.times + 1, source = excluded.source, org = excluded.org,
			alone = CASE WHEN excluded.alone = 1 THEN 1 ELSE spellings_voice.alone END, last_at = excluded.last_at`,
			s.ID, v.name, v.source, v.org, alone, v.times, at)
	}
	if err != nil {
		return s, err
	}
	return get(t, s.ID)
}

// elsewhere is whether the same spelling was confirmed for another place too.
func elsewhere(t *db.Tx, s Spelling) (bool, error) {
	return db.Has(t, `SELECT 1 FROM spellings_spelling WHERE key = ?1 AND place <> ?2 AND taken_back_at IS NULL`, s.Key, s.Place)
}

// takeBack and bringBack are each other's undoing.
func takeBack(t *db.Tx, sid ID) error {
	_, err := t.Exec(`UPDATE spellings_spelling SET taken_back_at = ?2 WHERE id = ?1`, sid, t.Now())
	return err
}

func bringBack(t *db.Tx, sid ID) error {
	_, err := t.Exec(`UPDATE spellings_spelling SET taken_back_at = NULL WHERE id = ?1`, sid)
	return err
}

// heeded is what the gazetteer is to know.
func heeded(t *db.Tx, rule places.Learning) ([]places.Learnt, error) {
	if rule.Accounts == 0 {
		return nil, nil
	}
	return db.List(t, func(r db.Row) (l places.Learnt, err error) { return l, r.Scan(&l.Code, &l.Spelling) },
		`SELECT s.place, s.shown FROM spellings_spelling s WHERE s.taken_back_at IS NULL AND
		(EXISTS (SELECT 1 FROM spellings_voice v WHERE v.spelling = s.id AND v.alone = 1) OR (SELECT COUNT(*) FROM spellings_voice v WHERE v.spelling = s.id) >= ?1)
		ORDER BY s.id`, rule.Accounts)
}

// state says whether anything changed since somebody last looked.
func state(t *db.Tx) (string, error) {
	return db.One(t, func(r db.Row) (string, error) {
		var n, back, voices, last int64
		err := r.Scan(&n, &back, &voices, &last)
		return strings.Join([]string{num(n), num(back), num(voices), num(last)}, "/"), err
	}, `SELECT (SELECT COUNT(*) FROM spellings_spelling), (SELECT COALESCE(SUM(CASE WHEN taken_back_at IS NULL THEN 0 ELSE taken_back_at END), 0) FROM spellings_spelling),
		(SELECT COUNT(*) FROM spellings_voice), (SELECT COALESCE(MAX(last_at), 0) FROM spellings_voice)`)
}

// cursor is where a list goes on: a moment and a name.
type cursor struct {
	at time.Time
	id ID
}

// list is the spellings, the last confirmed first; key "" is all of them, else
// those whose key holds it. taken is those that were taken back, or the others.
func list(t *db.Tx, key string, taken bool, from cursor, limit int) ([]Spelling, error) {
	where := `s.taken_back_at IS NULL`
	if taken {
		where = `s.taken_back_at IS NOT NULL`
	}
	args := []any{limit}
	if key != "" {
		args = append(args, "%"+key+"%") // a key holds letters, digits and spaces only
		where += ` AND s.key LIKE ?2`
	}
	if !from.at.IsZero() {
		a, b := "?"+num(int64(len(args)+1)), "?"+num(int64(len(args)+2))
		args = append(args, from.at, from.id)
		where += ` AND (s.last_at < ` + a + ` OR s.last_at = ` + a + ` AND s.id < ` + b + `)`
	}
	return db.List(t, scan, `SELECT `+columns+` FROM spellings_spelling s WHERE `+where+` ORDER BY s.last_at DESC, s.id DESC LIMIT ?1`, args...)
}

// ofPlace is the spellings of one place.
func ofPlace(t *db.Tx, place string, taken bool) ([]Spelling, error) {
	where := `s.taken_back_at IS NULL`
	if taken {
		where = `s.taken_back_at IS NOT NULL`
	}
	return db.List(t, scan, `SELECT `+columns+` FROM spellings_spelling s WHERE s.place = ?1 AND `+where+` ORDER BY s.last_at DESC, s.id DESC`, place)
}

// source is where confirmations of a spelling come from.
type source struct {
	text string
	org  actor.OrganisationID
	n    int
	file bool
}

func sources(t *db.Tx, sid ID) ([]source, error) {
	return db.List(t, func(r db.Row) (s source, err error) {
		var name string
		err = r.Scan(&name, &s.text, &s.org, &s.n)
		s.file = strings.HasPrefix(name, fileVoice)
		return s, err
	}, `SELECT MIN(voice), source, org, SUM(times) FROM spellings_voice WHERE spelling = ?1 GROUP BY source, org ORDER BY source, org`, sid)
}
