package reach

import (
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

func keepPrompt(t *db.Tx, lang, name string, s Sound, by actor.AccountID) error {
	_, err := t.Exec(`INSERT INTO reach_prompt (lang, name, media, seconds, body, account, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
		ON CONFLICT (lang, name) DO UPDATE SET media = ?3, seconds = ?4, body = ?5, account = ?6, made_at = ?7`, lang, name, s.Media, s.Seconds, s.Body, by, t.Now())
	return err
}

func dropPrompt(t *db.Tx, lang, name string) (gone bool, err error) {
	n, err := t.Exec(`DELETE FROM reach_prompt WHERE lang = ?1 AND name = ?2`, lang, name)
	return n > 0, err
}

// listPrompts is every recording without its sound.
func listPrompts(t *db.Tx) ([]Recording, error) {
	return db.List(t, func(r db.Row) (p Recording, err error) {
		return p, r.Scan(&p.Lang, &p.Name, &p.Media, &p.Seconds, db.Time(&p.At))
	}, `SELECT lang, name, media, seconds, made_at FROM reach_prompt ORDER BY lang, name`)
}

func getPrompt(t *db.Tx, lang, name string) (Recording, error) {
	return db.One(t, func(r db.Row) (p Recording, err error) {
		return p, r.Scan(&p.Lang, &p.Name, &p.Media, &p.Seconds, &p.Body, db.Time(&p.At))
	}, `SELECT lang, name, media, seconds, body, made_at FROM reach_prompt WHERE lang = ?1 AND name = ?2`, lang, name)
}
