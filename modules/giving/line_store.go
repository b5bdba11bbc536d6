package giving

import (
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
)

// insertStatement keeps a file of the bank; one that was taken in before is not fresh.
func insertStatement(t *db.Tx, s *Statement) (fresh bool, err error) {
	adds := 0
	if s.Adds {
		adds = 1
	}
	n, err := t.Exec(`INSERT INTO giving_statement (id, fund, sum, name, adds, lines, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (fund, sum, name) DO NOTHING`,
		s.ID, s.Fund, s.Sum, s.Name, adds, s.Lines, s.MadeAt)
	return n == 1, err
}

// statementsOf are the last files of a fund, latest first.
func statementsOf(t *db.Tx, fid FundID, limit int) ([]Statement, error) {
	return db.List(t, func(r db.Row) (s Statement, err error) {
		var adds int
		err = r.Scan(&s.ID, &s.Fund, &s.Sum, &s.Name, &adds, &s.Lines, db.Time(&s.MadeAt))
		s.Adds = adds == 1
		return s, err
	}, `SELECT s.id, s.fund, s.sum, s.name, s.adds, s.lines, s.made_at FROM giving_statement s WHERE s.fund = ?1 ORDER BY s.made_at DESC, s.id DESC LIMIT ?2`, fid, limit)
}

// refOf is the bank's own name of the line that a gift came by; "" is none.
func refOf(t *db.Tx, gid GiftID) (string, error) {
	refs, err := db.List(t, db.Text, `SELECT l.ref FROM giving_line l WHERE l.gift = ?1`, gid)
	if err != nil || len(refs) == 0 {
		return "", err
	}
	return refs[0], nil
}

func statementSum(t *db.Tx, sid StatementID) (string, error) {
	return db.One(t, db.Text, `SELECT s.sum FROM giving_statement s WHERE s.id = ?1`, sid)
}

const lineColumns = `l.id, l.statement, l.fund, l.ref, l.day, l.minor, l.said, l.state, l.gift, l.spending, l.tries, l.made_at`

func scanLine(r db.Row) (*Line, error) {
	var l Line
	err := r.Scan(&l.ID, &l.Statement, &l.Fund, &l.Ref, &l.Day, &l.Minor, &l.Said, &l.State, &l.Gift, &l.Spending, &l.Tries, db.Time(&l.MadeAt))
	return &l, err
}

// insertLine keeps a line; one that the bank told before is not fresh.
func insertLine(t *db.Tx, l *Line) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO giving_line (id, statement, fund, ref, day, minor, said, state, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8) ON CONFLICT (fund, ref) DO NOTHING`,
		l.ID, l.Statement, l.Fund, l.Ref, l.Day, l.Minor, l.Said, l.MadeAt)
	return n == 1, err
}

// holdLine reads a line and keeps other hands off it until the deed ends.
func holdLine(t *db.Tx, lid LineID) (*Line, error) {
	if _, err := t.Exec(`UPDATE giving_line SET state = state WHERE id = ?1`, lid); err != nil {
		return nil, err
	}
	return db.One(t, scanLine, `SELECT `+lineColumns+` FROM giving_line l WHERE l.id = ?1`, lid)
}

func explainLine(t *db.Tx, l *Line) error {
	_, err := t.Exec(`UPDATE giving_line SET state = ?2, gift = ?3, spending = ?4, tries = ?5 WHERE id = ?1`, l.ID, string(l.State), l.Gift, l.Spending, l.Tries)
	return err
}

// openLines are those that nobody explained, oldest first.
func openLines(t *db.Tx, fid FundID, limit int) ([]*Line, error) {
	return db.List(t, scanLine, `SELECT `+lineColumns+` FROM giving_line l WHERE l.fund = ?1 AND l.state = 'open' ORDER BY l.day, l.id LIMIT ?2`, fid, limit)
}

// toldLines are those that somebody or their number explained, latest first; ref is the
// bank's own name of one, or "" for all.
func toldLines(t *db.Tx, fid FundID, ref string, limit int) ([]*Line, error) {
	return db.List(t, scanLine, `SELECT `+lineColumns+` FROM giving_line l WHERE l.fund = ?1 AND l.state <> 'open' AND (?2 = '' OR l.ref = ?2) ORDER BY l.day DESC, l.id DESC LIMIT ?3`, fid, ref, limit)
}

// unexplained is how many lines nobody explained, what came by them and what left.
func unexplained(t *db.Tx, fid FundID) (n, in, out int64, err error) {
	row, err := db.One(t, func(r db.Row) (x [3]int64, err error) { return x, r.Scan(&x[0], &x[1], &x[2]) },
		`SELECT COUNT(*), COALESCE(SUM(CASE WHEN l.minor > 0 THEN l.minor ELSE 0 END), 0), COALESCE(SUM(CASE WHEN l.minor < 0 THEN -l.minor ELSE 0 END), 0)
		FROM giving_line l WHERE l.fund = ?1 AND l.state = 'open'`, fid)
	return row[0], row[1], row[2], err
}

const envelopeColumns = `e.id, e.fund, e.n, e.name, e.about, e.made_at, e.earmark`

func envelopesOf(t *db.Tx, fid FundID) ([]*Envelope, error) {
	return db.List(t, scanEnvelope, `SELECT `+envelopeColumns+` FROM giving_envelope e WHERE e.fund = ?1 ORDER BY e.n`, fid)
}

func scanEnvelope(r db.Row) (*Envelope, error) {
	var e Envelope
	err := r.Scan(&e.ID, &e.Fund, &e.N, &e.Name, db.Opt(&e.About), db.Time(&e.MadeAt), &e.Earmark)
	return &e, err
}

func envelopeByID(t *db.Tx, eid EnvelopeID) (*Envelope, error) {
	return db.One(t, scanEnvelope, `SELECT `+envelopeColumns+` FROM giving_envelope e WHERE e.id = ?1`, eid)
}

// addEnvelope makes one of that name, or finds it. The fund's row is locked first:
// two who make one at once get two numbers.
func addEnvelope(t *db.Tx, e *Envelope) error {
	if err := lockFund(t, e.Fund); err != nil {
		return err
	}
	_, err := t.Exec(`INSERT INTO giving_envelope (id, fund, n, name, made_at, about, earmark) SELECT ?1, ?2, COALESCE(MAX(e.n), 0) + 1, ?3, ?4, ?5, ?6 FROM giving_envelope e WHERE e.fund = ?2 ON CONFLICT (fund, name) DO NOTHING`,
		e.ID, e.Fund, e.Name, e.MadeAt, db.OrNull(e.About), e.Earmark)
	if err != nil {
		return err
	}
	is, err := db.One(t, scanEnvelope, `SELECT `+envelopeColumns+` FROM giving_envelope e WHERE e.fund = ?1 AND e.name = ?2`, e.Fund, e.Name)
	if err == nil {
		*e = *is
	}
	return err
}

const spendingColumns = `s.id, s.fund, s.envelope, s.number, s.kind, s.minor, s.purpose, s.payee, s.document, s.draft, s.state, s.author, s.made_at, s.ended_at, s.entry, s.line`

func scanSpending(r db.Row) (*Spending, error) {
	var s Spending
	err := r.Scan(&s.ID, &s.Fund, &s.Envelope, &s.Number, &s.Kind, &s.Minor, &s.Purpose, &s.Payee, &s.Document, &s.Draft, &s.State, &s.Author, db.Time(&s.MadeAt), db.Time(&s.EndedAt), &s.Entry, &s.Line)
	return &s, err
}

func insertSpending(t *db.Tx, s *Spending) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO giving_spending (id, fund, envelope, number, kind, minor, purpose, payee, document, draft, state, author, made_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'waiting', ?11, ?12) ON CONFLICT (id) DO NOTHING`,
		s.ID, s.Fund, s.Envelope, s.Number, string(s.Kind), s.Minor, s.Purpose, s.Payee, s.Document, s.Draft, s.Author, s.MadeAt)
	return n == 1, err
}

// holdSpending reads one and keeps other hands off it until the deed ends.
func holdSpending(t *db.Tx, sid SpendingID) (*Spending, error) {
	if _, err := t.Exec(`UPDATE giving_spending SET state = state WHERE id = ?1`, sid); err != nil {
		return nil, err
	}
	return db.One(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.id = ?1`, sid)
}

func endSpending(t *db.Tx, s *Spending) error {
	_, err := t.Exec(`UPDATE giving_spending SET state = ?2, ended_at = ?3, entry = ?4 WHERE id = ?1`, s.ID, string(s.State), s.EndedAt, s.Entry)
	return err
}

// payBy notes which line of the bank paid a spending, once.
func payBy(t *db.Tx, sid SpendingID, lid LineID) (bool, error) {
	n, err := t.Exec(`UPDATE giving_spending SET line = ?2 WHERE id = ?1 AND line IS NULL AND kind = 'pay' AND state = 'done'`, sid, lid)
	return n == 1, err
}

// unpayBy notes that a line of the bank did not pay a spending.
func unpayBy(t *db.Tx, sid SpendingID, lid LineID) error {
	_, err := t.Exec(`UPDATE giving_spending SET line = NULL WHERE id = ?1 AND line = ?2`, sid, lid)
	return err
}

// spendingByNumber is that of a fund with a number; nil is none.
func spendingByNumber(t *db.Tx, fid FundID, n receipt.Number) (*Spending, error) {
	all, err := db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.fund = ?1 AND s.number = ?2`, fid, n)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// paidByNumber is the payment of a number, of any fund, that was agreed to.
func paidByNumber(t *db.Tx, n receipt.Number) (*Spending, error) {
	all, err := db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.number = ?1 AND s.kind = 'pay' AND s.state = 'done'`, n)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Subjects are all gifts that came and all payments that were agreed to, for whoever
// audits.
func Subjects(t *db.Tx) (gifts, payments []string, err error) {
	if gifts, err = db.List(t, db.Text, `SELECT 'giving.gift/' || g.id FROM giving_gift g WHERE g.entry IS NOT NULL`); err != nil {
		return nil, nil, err
	}
	payments, err = db.List(t, db.Text, `SELECT 'giving.spending/' || s.id FROM giving_spending s WHERE s.kind = 'pay' AND s.state = 'done'`)
	return gifts, payments, err
}

// spendingsOf are those of a fund, latest first.
func spendingsOf(t *db.Tx, fid FundID, limit int) ([]*Spending, error) {
	return db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.fund = ?1 ORDER BY s.made_at DESC, s.id DESC LIMIT ?2`, fid, limit)
}

// spendingOf is the one that an entry of the ledger is of; nil is none.
func spendingOf(t *db.Tx, about string) (*Spending, error) {
	all, err := db.List(t, scanSpending, `SELECT `+spendingColumns+` FROM giving_spending s WHERE s.id = ?1`, about)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}
