package ledger

import (
	"fmt"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
)

const accountColumns = `a.id, a.code, a.kind, a.asset, a.earmark, a.floor, a.balance, a.held, a.made_at, a.closed_at`

func scanAccount(r db.Row) (*Account, error) {
	a := &Account{}
	var floor *int64
	err := r.Scan(&a.ID, &a.Code, &a.Kind, &a.Asset, &a.Earmark, &floor, &a.Balance, &a.Held, db.Time(&a.MadeAt), db.Time(&a.ClosedAt))
	if floor != nil {
		a.Limited, a.Floor = true, *floor
	}
	return a, err
}

// Get is an account by its code.
func Get(t *db.Tx, code string) (*Account, error) {
	return db.One(t, scanAccount, `SELECT `+accountColumns+` FROM ledger_account a WHERE a.code = ?1`, code)
}

// Accounts are all accounts whose code begins so, by code.
func Accounts(t *db.Tx, beginning string) ([]*Account, error) {
	return db.List(t, scanAccount, `SELECT `+accountColumns+` FROM ledger_account a WHERE substr(a.code, 1, ?2) = ?1 ORDER BY a.code`, beginning, len([]rune(beginning)))
}

// MoneyAccounts are the accounts of money, by code.
func MoneyAccounts(t *db.Tx) ([]*Account, error) {
	return db.List(t, scanAccount, `SELECT `+accountColumns+` FROM ledger_account a WHERE a.asset NOT LIKE 'lot/%' ORDER BY a.code`)
}

// HeldUnder is what each account holds whose code begins so, by code.
func HeldUnder(t *db.Tx, beginning string) (map[string]int64, error) {
	all, err := Accounts(t, beginning)
	out := make(map[string]int64, len(all))
	for _, a := range all {
		out[a.Code] = a.Balance
	}
	return out, err
}

// Has tells whether anything was entered about something.
func Has(t *db.Tx, about string) (bool, error) {
	return db.Has(t, `SELECT 1 FROM ledger_entry WHERE about = ?1`, about)
}

func insertAccount(t *db.Tx, a Account) (bool, error) {
	var floor any
	if a.Limited {
		floor = a.Floor
	}
	n, err := t.Exec(`INSERT INTO ledger_account (id, code, kind, asset, earmark, floor, balance, held, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)
		ON CONFLICT (code) DO NOTHING`, a.ID, a.Code, string(a.Kind), a.Asset, a.Earmark, floor, t.Now())
	return n == 1, err
}

// closeAccount ends an account that is empty.
func closeAccount(t *db.Tx, aid AccountID) (bool, error) {
	n, err := t.Exec(`UPDATE ledger_account SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL AND balance = 0 AND held = 0`, aid, t.Now())
	return n == 1, err
}

// accountsOf are the accounts that postings touch.
func accountsOf(t *db.Tx, all []Posting) (map[AccountID]*Account, error) {
	out := map[AccountID]*Account{}
	var marks []string
	var args []any
	for _, p := range all {
		if _, ok := out[p.Account]; !ok {
			out[p.Account] = nil
			args = append(args, p.Account)
			marks = append(marks, fmt.Sprintf("?%d", len(args)))
		}
	}
	got, err := db.List(t, scanAccount, `SELECT `+accountColumns+` FROM ledger_account a WHERE a.id IN (`+strings.Join(marks, ", ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	for _, a := range got {
		out[a.ID] = a
	}
	for aid, a := range out {
		if a == nil {
			return nil, unknown("account", aid)
		}
	}
	return out, nil
}

// addTo changes what an account holds, unless it would fall under its floor or has
// been closed meanwhile. The row is the lock.
func addTo(t *db.Tx, aid AccountID, amount int64) (bool, error) {
	n, err := t.Exec(`UPDATE ledger_account SET balance = balance + ?2 WHERE id = ?1 AND closed_at IS NULL AND (?2 > 0 OR floor IS NULL OR balance + ?2 - held >= floor)`, aid, amount)
	return n == 1, err
}

const entryColumns = `e.id, e.ref, e.about, e.purpose, e.document, e.value_on, e.was_minor, e.was_in, e.rate, e.rate_on, e.rate_from, e.reverses, e.deed, e.account, e.role, e.made_at, e.sum`

func scanEntry(r db.Row) (e Entry, err error) {
	var w Was
	err = r.Scan(&e.ID, &e.Ref, &e.About, &e.Purpose, &e.Document, &e.ValueOn, db.Opt(&w.Minor), db.Opt(&w.Currency), db.Opt(&w.Rate), db.Opt(&w.On), db.Opt(&w.From),
		&e.Reverses, &e.Deed, &e.By, &e.Role, db.Time(&e.MadeAt), &e.Sum)
	if w.Currency != "" {
		e.Was = &w
	}
	return e, err
}

func insertEntry(t *db.Tx, e Entry) (bool, error) {
	w := Was{}
	if e.Was != nil {
		w = *e.Was
	}
	n, err := t.Exec(`INSERT INTO ledger_entry (id, ref, about, purpose, document, value_on, was_minor, was_in, rate, rate_on, rate_from, reverses, deed, account, role, made_at, sum)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (ref) DO NOTHING`,
		e.ID, e.Ref, e.About, e.Purpose, e.Document, e.ValueOn, db.OrNull(w.Minor), db.OrNull(w.Currency), db.OrNull(w.Rate), db.OrNull(w.On), db.OrNull(w.From),
		db.OrNull(e.Reverses), e.Deed, db.OrNull(e.By), e.Role, e.MadeAt, e.Sum)
	if err != nil || n == 0 {
		return false, err
	}
	for i := 0; i < len(e.Postings); i += rowsAtOnce {
		if err := insertPostings(t, e.ID, i, e.Postings[i:min(i+rowsAtOnce, len(e.Postings))]); err != nil {
			return false, err
		}
	}
	return true, nil
}

const rowsAtOnce = 100

func insertPostings(t *db.Tx, eid EntryID, from int, all []Posting) error {
	var rows []string
	args := []any{eid}
	for i, p := range all {
		k := len(args)
		rows = append(rows, fmt.Sprintf("(?1, ?%d, ?%d, ?%d, ?%d, ?%d)", k+1, k+2, k+3, k+4, k+5))
		args = append(args, from+i, p.Account, p.Asset, p.Amount, what(p.Fee))
	}
	_, err := t.Exec(`INSERT INTO ledger_posting (entry, n, account, asset, amount, what) VALUES `+strings.Join(rows, ", "), args...)
	return err
}

func scanPosting(r db.Row) (p Posting, err error) {
	var what string
	err = r.Scan(&p.Account, &p.Asset, &p.Amount, &what)
	p.Fee = what == "fee"
	return p, err
}

func withPostings(t *db.Tx, e Entry, err error) (Entry, error) {
	if err != nil {
		return e, err
	}
	e.Postings, err = db.List(t, scanPosting, `SELECT account, asset, amount, what FROM ledger_posting WHERE entry = ?1 ORDER BY n`, e.ID)
	return e, err
}

func entryByRef(t *db.Tx, ref string) (Entry, error) {
	e, err := db.One(t, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry e WHERE e.ref = ?1`, ref)
	return withPostings(t, e, err)
}

func entryByID(t *db.Tx, eid EntryID) (Entry, error) {
	e, err := db.One(t, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry e WHERE e.id = ?1`, eid)
	return withPostings(t, e, err)
}

func entriesAbout(t *db.Tx, about string) ([]Entry, error) {
	all, err := db.List(t, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry e WHERE e.about = ?1 ORDER BY e.seq`, about)
	for i := range all {
		if all[i], err = withPostings(t, all[i], err); err != nil {
			return nil, err
		}
	}
	return all, err
}

// reversalOf is the entry that took another back; zero where none did.
func reversalOf(t *db.Tx, eid EntryID) (out EntryID, err error) {
	out, err = db.One(t, func(r db.Row) (x EntryID, err error) { return x, r.Scan(&x) }, `SELECT id FROM ledger_entry WHERE reverses = ?1`, eid)
	if fault.KindOf(err) == fault.Missing {
		return EntryID{}, nil
	}
	return out, err
}
