package cases

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

// Around is how a form is filled in, beside its answers. It is kept sealed with
// the draft and is gone with it.
type Around struct {
	Help   *Help  `json:"help,omitempty"`   // somebody fills it in for the person
	Shared bool   `json:"shared,omitempty"` // on a phone that others use
	Paper  string `json:"paper,omitempty"`  // the number of the sheet it is typed from
	Partly bool   `json:"partly,omitempty"` // it waited on a phone: what is missing is asked by telephone
}

func (a Around) zero() bool { return a == Around{} }

// number is the receipt that stands on the sheet; zero where there is none.
func (a Around) number() receipt.Number {
	n, err := receipt.Parse(a.Paper)
	if err != nil {
		return receipt.Number{}
	}
	return n
}

// sealAround is nothing for a form that somebody fills in for themselves on
// their own phone.
func (o *Office) sealAround(d Draft) ([]byte, error) {
	if d.Around.zero() {
		return nil, nil
	}
	plain, err := json.Marshal(d.Around)
	if err != nil {
		return nil, err
	}
	return o.vault.Seal("cases_draft.around|"+d.ID.String(), plain), nil
}

func (o *Office) openAround(d *Draft, sealed []byte) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := o.vault.Open("cases_draft.around|"+d.ID.String(), sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &d.Around)
}

// dropDraft forgets a form under way: it was sent, or its writer left.
func dropDraft(t *db.Tx, did DraftID) error {
	_, err := t.Exec(`DELETE FROM cases_draft WHERE id = ?1`, did)
	return err
}

// addShared keeps in mind that a request was typed on a phone that others use.
func addShared(t *db.Tx, c CaseID, till time.Time) error {
	_, err := t.Exec(`INSERT INTO cases_shared (case_id, ends_at) VALUES (?1, ?2) ON CONFLICT (case_id) DO NOTHING`, c, till)
	return err
}

func isShared(t *db.Tx, c CaseID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM cases_shared WHERE case_id = ?1`, c)
}

func sweepShared(t *db.Tx) error {
	_, err := t.Exec(`DELETE FROM cases_shared WHERE ends_at <= ?1`, t.Now())
	return err
}
