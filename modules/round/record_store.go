package round

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const recordColumns = `r.id, r.device, r.account, r.org, r.kind, r.digest, r.state, r.why, r.mission, r.stop, r.case_id, r.form, r.receipt, r.body, r.answers,
	r.instead_of, r.made_at, r.got_at, r.skewed, r.choice, r.reason, r.settled_by, r.settled_at`

func scanRecord(row db.Row) (r Record, err error) {
	return r, row.Scan(&r.ID, &r.Device, &r.Account, &r.Org, &r.Kind, &r.Digest, &r.State, db.Opt(&r.Why), db.Opt(&r.Mission), db.Opt(&r.Stop),
		db.Opt(&r.Case), db.Opt(&r.Form), db.Opt(&r.Receipt), &r.Body, &r.Answers, db.Opt(&r.InsteadOf), db.Time(&r.MadeAt), db.Time(&r.GotAt), &r.Skewed,
		db.Opt(&r.Choice), db.Opt(&r.Reason), &r.SettledBy, db.Time(&r.SettledAt))
}

func getRecord(t *db.Tx, rid RecordID) (Record, error) {
	r, err := db.One(t, scanRecord, `SELECT `+recordColumns+` FROM round_record r WHERE r.id = ?1`, rid)
	if fault.KindOf(err) == fault.Missing {
		err = fault.New(fault.Missing, "round.record.missing")
	}
	return r, err
}

// findRecord is a record that may be there.
func findRecord(t *db.Tx, rid RecordID) (r Record, there bool, err error) {
	r, err = getRecord(t, rid)
	if fault.KindOf(err) == fault.Missing {
		return r, false, nil
	}
	return r, err == nil, err
}

// addRecord keeps a record; fresh is false when its identifier is known.
func addRecord(t *db.Tx, r *Record) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO round_record (id, device, account, org, kind, digest, state, why, mission, stop, case_id, form, receipt, body, answers, instead_of, made_at, got_at, skewed)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Device, r.Account, r.Org, string(r.Kind), r.Digest, string(r.State), db.OrNull(r.Why), db.OrNull(r.Mission), db.OrNull(r.Stop), db.OrNull(r.Case),
		db.OrNull(r.Form), db.OrNull(r.Receipt), r.Body, r.Answers, db.OrNull(r.InsteadOf), r.MadeAt, r.GotAt, r.Skewed)
	return n == 1, err
}

// settleRecord ends the waiting of a record; first is false when somebody else
// has decided.
func settleRecord(t *db.Tx, rid RecordID, choice, reason string, by actor.AccountID) (first bool, err error) {
	n, err := t.Exec(`UPDATE round_record SET state = 'settled', choice = ?1, reason = ?2, settled_by = ?3, settled_at = ?4, body = NULL
		WHERE id = ?5 AND state = 'conflict'`, choice, reason, by, t.Now(), rid)
	return n == 1, err
}

// releaseRecord says what became of a record of a device that was cut off, once
// somebody let it in: it is taken, or it waits for another reason.
func releaseRecord(t *db.Tx, r *Record) (first bool, err error) {
	n, err := t.Exec(`UPDATE round_record SET state = ?1, why = ?2, case_id = ?3, receipt = ?4, answers = ?5, body = ?6 WHERE id = ?7 AND state = 'conflict' AND why = 'cut'`,
		string(r.State), db.OrNull(r.Why), db.OrNull(r.Case), db.OrNull(r.Receipt), r.Answers, r.Body, r.ID)
	return n == 1, err
}

// replaceRecord says that another account was chosen over one that was taken.
func replaceRecord(t *db.Tx, rid, reason string, by actor.AccountID) error {
	_, err := t.Exec(`UPDATE round_record SET state = 'settled', choice = 'replaced', reason = ?1, settled_by = ?2, settled_at = ?3 WHERE id = ?4 AND state = 'taken'`,
		reason, by, t.Now(), rid)
	return err
}

// waitingRecords are those of an organisation (or of all) that wait for a
// person, the oldest first.
func waitingRecords(t *db.Tx, orgs []actor.OrganisationID, limit int) (out []Record, err error) {
	for _, org := range orgs {
		page, err := db.List(t, scanRecord, `SELECT `+recordColumns+` FROM round_record r WHERE r.state = 'conflict' AND r.org = ?1 ORDER BY r.got_at, r.id LIMIT ?2`, org, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out[:min(limit, len(out))], nil
}

// ownWaiting are the records of one's own that wait for a person.
func ownWaiting(t *db.Tx, account actor.AccountID, limit int) ([]Record, error) {
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM round_record r WHERE r.state = 'conflict' AND r.account = ?1 ORDER BY r.got_at, r.id LIMIT ?2`, account, limit)
}

// recordsOf are the records about a case that were taken, the oldest first.
func recordsOf(t *db.Tx, caseID string) ([]Record, error) {
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM round_record r WHERE r.case_id = ?1 AND r.state IN ('taken', 'settled') ORDER BY r.got_at, r.id`, caseID)
}

// forgetRecords takes out what was said about a case.
func forgetRecords(t *db.Tx, caseID string) error {
	for _, q := range []string{
		`DELETE FROM round_photo_part WHERE photo IN (SELECT p.id FROM round_photo p JOIN round_record r ON r.id = p.record WHERE r.case_id = ?1)`,
		`DELETE FROM round_photo WHERE record IN (SELECT id FROM round_record WHERE case_id = ?1)`,
		`UPDATE round_record SET body = NULL, answers = NULL WHERE case_id = ?1`,
	} {
		if _, err := t.Exec(q, caseID); err != nil {
			return err
		}
	}
	_, err := t.Exec(`UPDATE round_record SET state = 'settled', choice = 'theirs', settled_at = ?1 WHERE case_id = ?2 AND state = 'conflict'`, t.Now(), caseID)
	return err
}

// waitedTooLong are a few of the records that have waited since before.
func waitedTooLong(t *db.Tx, before time.Time) ([]Record, error) {
	return db.List(t, scanRecord, `SELECT `+recordColumns+` FROM round_record r WHERE r.state = 'conflict' AND r.got_at < ?1 ORDER BY r.got_at LIMIT 100`, before)
}

// Fieldwork counts what came home about a case: visits with answers, and photos.
func (s *Service) Fieldwork(t *db.Tx, caseID string) (visits, photos int, err error) {
	v, err := db.One(t, db.Int, `SELECT COUNT(*) FROM round_record WHERE case_id = ?1 AND kind = 'visit' AND state = 'taken' AND answers IS NOT NULL`, caseID)
	if err != nil {
		return 0, 0, err
	}
	p, err := db.One(t, db.Int, `SELECT COUNT(*) FROM round_photo p JOIN round_record r ON r.id = p.record WHERE r.case_id = ?1 AND r.state IN ('taken', 'settled') AND p.state = 'whole'`, caseID)
	return int(v), int(p), err
}
