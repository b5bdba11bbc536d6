package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/twiza/twiza/platform/db"
)

const draftColumns = `d.id, d.body, d.minor, d.asset, d.wants, d.author, d.made_at, d.ended_at, d.entry, d.why`

func scanDraft(r db.Row) (*Draft, error) {
	d, body := &Draft{}, ""
	if err := r.Scan(&d.ID, &body, &d.Minor, &d.Asset, &d.Wants, &d.Author, db.Time(&d.MadeAt), db.Time(&d.EndedAt), &d.Posted, &d.Why); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), &d.Entry); err != nil {
		return nil, fmt.Errorf("ledger: draft %s: %w", d.ID, err)
	}
	return d, nil
}

func withApprovals(t *db.Tx, d *Draft, err error) (*Draft, error) {
	if err != nil {
		return nil, err
	}
	d.Agreed, err = db.List(t, func(r db.Row) (a Approval, err error) { return a, r.Scan(&a.Account, &a.Role, db.Time(&a.At)) },
		`SELECT account, role, at FROM ledger_approval WHERE draft = ?1 ORDER BY at, account`, d.ID)
	return d, err
}

func draftByID(t *db.Tx, did DraftID) (*Draft, error) {
	d, err := db.One(t, scanDraft, `SELECT `+draftColumns+` FROM ledger_draft d WHERE d.id = ?1`, did)
	return withApprovals(t, d, err)
}

func draftByRef(t *db.Tx, ref string) (*Draft, error) {
	d, err := db.One(t, scanDraft, `SELECT `+draftColumns+` FROM ledger_draft d WHERE d.ref = ?1`, ref)
	return withApprovals(t, d, err)
}

func openDrafts(t *db.Tx, limit int) ([]*Draft, error) {
	all, err := db.List(t, scanDraft, `SELECT `+draftColumns+` FROM ledger_draft d WHERE d.ended_at IS NULL ORDER BY d.made_at, d.id LIMIT ?1`, limit)
	for i := range all {
		if all[i], err = withApprovals(t, all[i], err); err != nil {
			return nil, err
		}
	}
	return all, err
}

func insertDraft(t *db.Tx, d *Draft, body string) (bool, error) {
	n, err := t.Exec(`INSERT INTO ledger_draft (id, ref, body, minor, asset, wants, author, made_at, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '') ON CONFLICT (ref) DO NOTHING`,
		d.ID, d.Entry.Ref, body, d.Minor, d.Asset, d.Wants, d.Author, d.MadeAt)
	return n == 1, err
}

func insertApproval(t *db.Tx, did DraftID, a Approval) (bool, error) {
	n, err := t.Exec(`INSERT INTO ledger_approval (draft, account, role, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (draft, account) DO NOTHING`, did, a.Account, a.Role, a.At)
	return n == 1, err
}

func endDraft(t *db.Tx, did DraftID, by EntryID, why string) (bool, error) {
	n, err := t.Exec(`UPDATE ledger_draft SET ended_at = ?2, entry = ?3, why = ?4 WHERE id = ?1 AND ended_at IS NULL`, did, t.Now(), db.OrNull(by), why)
	return n == 1, err
}

// lockDraft has others who would change the draft wait until this is over.
func lockDraft(t *db.Tx, did DraftID) error {
	_, err := t.Exec(`UPDATE ledger_draft SET wants = wants WHERE id = ?1`, did)
	return err
}
