package room

import (
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const viewColumns = `id, account, share, org, name, filter, made_at, version`

func (s *Service) scanView(r db.Row) (*View, error) {
	var v View
	var sealed []byte
	err := r.Scan(&v.ID, &v.Account, (*string)(&v.Share), &v.Org, &sealed, &v.Filter, db.Time(&v.MadeAt), &v.Version)
	if err == nil {
		v.Name, err = s.vault.OpenText(nameAt(v.ID), sealed)
	}
	return &v, err
}

func nameAt(v ViewID) string { return crypt.At("room_view.name", v.String()) }

// nameKey tells whether one keeper has two views of one name.
func (s *Service) nameKey(a actor.AccountID, name string) []byte {
	return s.vault.Index("room_view", a.String()+"|"+name)
}

func (s *Service) getView(t *db.Tx, vid ViewID) (*View, error) {
	return db.One(t, s.scanView, `SELECT `+viewColumns+` FROM room_view WHERE id = ?1`, vid)
}

// viewNamed is the view of that keeper and name, or nil.
func (s *Service) viewNamed(t *db.Tx, a actor.AccountID, name string) (*View, error) {
	all, err := db.List(t, s.scanView, `SELECT `+viewColumns+` FROM room_view WHERE account = ?1 AND name_key = ?2`, a, s.nameKey(a, name))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func countViews(t *db.Tx, a actor.AccountID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM room_view WHERE account = ?1`, a)
}

func (s *Service) addView(t *db.Tx, v *View) error {
	_, err := t.Exec(`INSERT INTO room_view (id, account, share, org, name, name_key, filter, made_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)`,
		v.ID, v.Account, string(v.Share), v.Org, s.vault.SealText(nameAt(v.ID), v.Name), s.nameKey(v.Account, v.Name), v.Filter, v.MadeAt)
	return err
}

func (s *Service) saveView(t *db.Tx, v *View) error {
	n, err := t.Exec(`UPDATE room_view SET name = ?1, name_key = ?2, version = version + 1 WHERE id = ?3 AND version = ?4`,
		s.vault.SealText(nameAt(v.ID), v.Name), s.nameKey(v.Account, v.Name), v.ID, v.Version)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	return err
}

func dropView(t *db.Tx, vid ViewID) error {
	_, err := t.Exec(`DELETE FROM room_view WHERE id = ?1`, vid)
	return err
}

// mostListed is how many views of one kind are looked at: more than a list can be
// read with.
const mostListed = 200

// viewsOf are the views that somebody sees: their own first, then those shared
// with them, the oldest first.
func (s *Service) viewsOf(t *db.Tx, by actor.Actor) (out []*View, err error) {
	all, err := db.List(t, s.scanView, `SELECT `+viewColumns+` FROM room_view WHERE account = ?1 ORDER BY made_at, id LIMIT ?2`, by.Account, mostListed)
	if err != nil {
		return nil, err
	}
	seen := map[actor.OrganisationID]bool{}
	for _, g := range by.Grants {
		if g.Org.IsZero() || seen[g.Org] {
			continue
		}
		seen[g.Org] = true
		more, err := db.List(t, s.scanView, `SELECT `+viewColumns+` FROM room_view WHERE share = 'org' AND org = ?1 AND account <> ?2 ORDER BY made_at, id LIMIT ?3`, g.Org, by.Account, mostListed)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	more, err := db.List(t, s.scanView, `SELECT `+viewColumns+` FROM room_view WHERE share = 'cell' AND account <> ?1 ORDER BY made_at, id LIMIT ?2`, by.Account, mostListed)
	for _, v := range append(all, more...) {
		if v.seenBy(by) {
			out = append(out, v)
		}
	}
	return out, err
}
