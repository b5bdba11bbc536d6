package giving

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

const fundColumns = `f.id, f.code, f.names, f.iban, f.currency, f.basis, f.opened_at, f.ended_at`

func scanFund(r db.Row) (*Fund, error) {
	var f Fund
	var names string
	if err := r.Scan(&f.ID, &f.Code, &names, &f.IBAN, &f.Currency, &f.Basis, db.Time(&f.OpenedAt), db.Time(&f.EndedAt)); err != nil {
		return nil, err
	}
	return &f, json.Unmarshal([]byte(names), &f.Names)
}

func allFunds(t *db.Tx) ([]*Fund, error) {
	return db.List(t, scanFund, `SELECT `+fundColumns+` FROM giving_fund f ORDER BY f.opened_at, f.code`)
}

func fundByCode(t *db.Tx, code string) (*Fund, error) {
	return db.One(t, scanFund, `SELECT `+fundColumns+` FROM giving_fund f WHERE f.code = ?1`, code)
}

func fundByID(t *db.Tx, fid FundID) (*Fund, error) {
	return db.One(t, scanFund, `SELECT `+fundColumns+` FROM giving_fund f WHERE f.id = ?1`, fid)
}

// collect notes since when a fund collects no more; zero: it collects.
func collect(t *db.Tx, fid FundID, ended time.Time) error {
	var at any
	if !ended.IsZero() {
		at = ended
	}
	_, err := t.Exec(`UPDATE giving_fund SET ended_at = ?2 WHERE id = ?1`, fid, at)
	return err
}

func insertFund(t *db.Tx, f *Fund) error {
	names, err := json.Marshal(f.Names)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT INTO giving_fund (id, code, names, iban, currency, basis, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		f.ID, f.Code, string(names), f.IBAN, string(f.Currency), f.Basis, f.OpenedAt)
	return err
}

const giftColumns = `g.id, g.fund, g.receipt, COALESCE(g.announced, 0), g.announced_at, COALESCE(g.minor, 0), g.received_at, g.entry, g.leaf, g.earmark, g.back, g.back_at`

func scanGift(r db.Row) (*Gift, error) {
	var g Gift
	err := r.Scan(&g.ID, &g.Fund, &g.Receipt, &g.Announced, db.Time(&g.AnnouncedAt), &g.Minor, db.Time(&g.ReceivedAt), &g.Entry, &g.Leaf, &g.Earmark, &g.Back, db.Time(&g.BackAt))
	return &g, err
}

func giftByReceipt(t *db.Tx, n receipt.Number) (*Gift, error) {
	return db.One(t, scanGift, `SELECT `+giftColumns+` FROM giving_gift g WHERE g.receipt = ?1`, n)
}

// announceGift keeps a gift that is to come; the same identifier again changes nothing.
func announceGift(t *db.Tx, g *Gift) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO giving_gift (id, fund, receipt, announced, announced_at, earmark) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING`,
		g.ID, g.Fund, g.Receipt, g.Announced, g.AnnouncedAt, g.Earmark)
	return n == 1, err
}

func giftByID(t *db.Tx, gid GiftID) (*Gift, error) {
	return db.One(t, scanGift, `SELECT `+giftColumns+` FROM giving_gift g WHERE g.id = ?1`, gid)
}

func insertGift(t *db.Tx, g *Gift) error {
	_, err := t.Exec(`INSERT INTO giving_gift (id, fund, receipt, minor, received_at, entry, leaf, earmark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		g.ID, g.Fund, g.Receipt, g.Minor, g.ReceivedAt, g.Entry, g.Leaf, g.Earmark)
	return err
}

// receiveGift notes that an announced gift came, once.
func receiveGift(t *db.Tx, g *Gift) (bool, error) {
	n, err := t.Exec(`UPDATE giving_gift SET minor = ?2, received_at = ?3, entry = ?4, leaf = ?5, back = '', back_at = NULL WHERE id = ?1 AND entry IS NULL`, g.ID, g.Minor, g.ReceivedAt, g.Entry, g.Leaf)
	return n == 1, err
}

// giveBack notes that a gift has not come after all: it is waited for again, as one that
// was announced.
func giveBack(t *db.Tx, g *Gift) error {
	_, err := t.Exec(`UPDATE giving_gift SET announced = COALESCE(announced, minor), announced_at = COALESCE(announced_at, received_at), minor = NULL, received_at = NULL, entry = NULL, leaf = NULL,
		back = ?2, back_at = ?3 WHERE id = ?1`, g.ID, string(g.Back), g.BackAt)
	return err
}

func countGifts(t *db.Tx, fid FundID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM giving_gift g WHERE g.fund = ?1 AND g.received_at IS NOT NULL`, fid)
}

func numberTaken(t *db.Tx, n receipt.Number) (bool, error) {
	return db.Has(t, `SELECT 1 FROM giving_gift g WHERE g.receipt = ?1 UNION ALL SELECT 1 FROM giving_spending s WHERE s.number = ?1`, n)
}
