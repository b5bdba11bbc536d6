package people

import (
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const accountColumns = `a.id, a.login, a.name, a.langs, a.password, a.totp_secret, a.totp_last, a.state, a.made_at, a.version`

func scanAccount(r db.Row) (a Account, err error) {
	var langs string
	err = r.Scan(&a.ID, &a.Login, &a.Name, &langs, &a.password, &a.totp, &a.totpLast, &a.State, db.Time(&a.MadeAt), &a.Version)
	return a, errors.Join(err, unpack(langs, &a.Langs))
}

func getAccount(t *db.Tx, aid actor.AccountID) (Account, error) {
	return db.One(t, scanAccount, `SELECT `+accountColumns+` FROM people_account a WHERE a.id = ?1`, aid)
}

func accountByLogin(t *db.Tx, login string) (Account, error) {
	return db.One(t, scanAccount, `SELECT `+accountColumns+` FROM people_account a WHERE a.login = ?1`, login)
}

func addAccount(t *db.Tx, a Account) error {
	_, err := t.Exec(`INSERT INTO people_account (id, login, name, langs, password, totp_secret, totp_last, state, made_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)`,
		a.ID, a.Login, a.Name, pack(a.Langs), a.password, noBytes(a.totp), a.totpLast, string(a.State), a.MadeAt)
	return err
}

// noBytes stores none as NULL.
func noBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// saveAccount keeps everything but the login; somebody who was faster is a conflict.
func saveAccount(t *db.Tx, a Account) error {
	n, err := t.Exec(`UPDATE people_account SET name = ?1, langs = ?2, password = ?3, totp_secret = ?4, totp_last = ?5, state = ?6, version = version + 1
		WHERE id = ?7 AND version = ?8`, a.Name, pack(a.Langs), a.password, noBytes(a.totp), a.totpLast, string(a.State), a.ID, a.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.account.changed")
	}
	return err
}

// holdAccount keeps other hands off an account until the deed ends.
func holdAccount(t *db.Tx, aid actor.AccountID) error {
	_, err := t.Exec(`UPDATE people_account SET state = state WHERE id = ?1`, aid)
	return err
}

// setPasswordHash keeps a password hashed anew, of an account that was read in
// the same unit of work.
func setPasswordHash(t *db.Tx, aid actor.AccountID, hash string) error {
	_, err := t.Exec(`UPDATE people_account SET password = ?1 WHERE id = ?2`, hash, aid)
	return err
}

// accountPage is how many accounts a page lists.
const accountPage = 50

// listAccounts lists a page of accounts by login; more says that there are
// others. Query is part of a login or of a name.
func listAccounts(t *db.Tx, query, after string) (all []Account, more bool, err error) {
	all, err = db.List(t, scanAccount, `SELECT `+accountColumns+` FROM people_account a
		WHERE a.login > ?1 AND (?2 = '' OR a.login LIKE ?3 ESCAPE '!' OR lower(a.name) LIKE ?3 ESCAPE '!') ORDER BY a.login LIMIT ?4`,
		after, query, "%"+likeText(query)+"%", accountPage+1)
	if more = len(all) > accountPage; more {
		all = all[:accountPage]
	}
	return all, more, err
}

// invite is a link that lets one person choose a password, once.
type invite struct {
	id      id.Of[invite]
	account actor.AccountID // none for the first administrator's
	kind    string          // first_admin, invite, reset
	madeAt  time.Time
	till    time.Time
	usedAt  time.Time
}

const (
	kindFirst  = "first_admin"
	kindInvite = "invite"
	kindReset  = "reset"
)

func scanInvite(r db.Row) (i invite, err error) {
	return i, r.Scan(&i.id, &i.account, &i.kind, db.Time(&i.madeAt), db.Time(&i.till), db.Time(&i.usedAt))
}

// getInvite finds the invitation that a link stands for. One that was used,
// that ended or that never was is the same to whoever holds it.
func getInvite(t *db.Tx, token string) (invite, error) {
	i, err := db.One(t, scanInvite, `SELECT id, account, kind, made_at, expires_at, used_at FROM people_invite WHERE token = ?1`, crypt.TokenSum(token))
	if fault.KindOf(err) == fault.Missing || err == nil && (!i.usedAt.IsZero() || !t.Now().Before(i.till)) {
		return invite{}, fault.New(fault.Missing, "people.welcome.over")
	}
	return i, err
}

// addInvite makes a link for an account, and ends those it had.
func addInvite(t *db.Tx, aid actor.AccountID, kind string, lives time.Duration) (token string, err error) {
	if aid.IsZero() {
		_, err = t.Exec(`DELETE FROM people_invite WHERE kind = ?1 AND used_at IS NULL`, kindFirst)
	} else {
		_, err = t.Exec(`DELETE FROM people_invite WHERE account = ?1 AND used_at IS NULL`, aid)
	}
	if err != nil {
		return "", err
	}
	token = crypt.Token()
	_, err = t.Exec(`INSERT INTO people_invite (id, token, account, kind, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
		id.New[invite](t.Now()), crypt.TokenSum(token), aid, kind, t.Now(), t.Now().Add(lives))
	return token, err
}

// takeInvite says whose the first administrator's link is now. Of two who
// choose at once, one gets it.
func takeInvite(t *db.Tx, i invite, aid actor.AccountID) error {
	n, err := t.Exec(`UPDATE people_invite SET account = ?1 WHERE id = ?2 AND account IS NULL AND used_at IS NULL`, aid, i.id)
	if err == nil && n == 0 {
		return fault.New(fault.Missing, "people.welcome.over")
	}
	return err
}

func useInvite(t *db.Tx, i invite) error {
	n, err := t.Exec(`UPDATE people_invite SET used_at = ?1 WHERE id = ?2 AND used_at IS NULL`, t.Now(), i.id)
	if err == nil && n == 0 {
		return fault.New(fault.Missing, "people.welcome.over")
	}
	return err
}

// dropInvites ends the links that were made for an account and not used.
func dropInvites(t *db.Tx, aid actor.AccountID) error {
	_, err := t.Exec(`DELETE FROM people_invite WHERE account = ?1 AND used_at IS NULL`, aid)
	return err
}
