package people

import (
	"encoding/base64"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Passkey is a key in somebody's phone, computer or on their key ring, by which
// they sign in: alone, where the device checks that it is them, or instead of
// the code of the authenticator app.
type Passkey struct {
	ID       id.Of[Passkey]
	Account  actor.AccountID
	Name     string // given by its holder
	MadeAt   time.Time
	UsedAt   time.Time // zero: never yet
	CopiedAt time.Time // its counter went back: it opens nothing any more

	key  crypt.Passkey
	name []byte // sealed
}

const (
	maxPasskeys    = 20 // of one account
	maxPasskeyName = 60 // characters
	// questionLife is how long somebody may look for their device.
	questionLife = 5 * time.Minute
	// recently is how long ago somebody may have shown who they are, to change
	// how they come in: a phone left on a table is not enough.
	recently = 10 * time.Minute
)

// What a question to a passkey is for.
const (
	askAdd    = "add"    // a new one, of somebody who is signed in
	askAlone  = "alone"  // to sign in with nothing else
	askSecond = "second" // instead of the code
)

func passkeyNameAt(pid id.Of[Passkey]) string { return crypt.At("people_passkey.name", pid.String()) }

// handleOf is what an authenticator keeps to tell whose a passkey is: the
// account's identifier, which names nobody outside (level 3, 14.6.1).
func handleOf(aid actor.AccountID) []byte { return []byte(aid.String()) }

func wrongPasskeyName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return fault.All{fault.New(fault.Invalid, "people.passkey.name_missing").On("name")}
	case n > maxPasskeyName:
		return fault.All{fault.New(fault.Invalid, "people.passkey.name_long", "most", maxPasskeyName).On("name")}
	}
	return nil
}

const passkeyColumns = `id, account, credential, key, counter, flags, transports, name, made_at, used_at, copied_at`

func scanPasskey(r db.Row) (p Passkey, err error) {
	var credential, transports string
	var counter, flags int64
	if err := r.Scan(&p.ID, &p.Account, &credential, &p.key.Key, &counter, &flags, &transports, &p.name, db.Time(&p.MadeAt), db.Time(&p.UsedAt), db.Time(&p.CopiedAt)); err != nil {
		return p, err
	}
	p.key.Counter, p.key.Flags = uint32(counter), byte(flags)
	p.key.ID, err = base64.RawURLEncoding.DecodeString(credential)
	return p, errors.Join(err, unpack(transports, &p.key.Transports))
}

// passkeysOf lists the passkeys of an account, the oldest first.
func passkeysOf(t *db.Tx, aid actor.AccountID) ([]Passkey, error) {
	return db.List(t, scanPasskey, `SELECT `+passkeyColumns+` FROM people_passkey WHERE account = ?1 ORDER BY made_at, id`, aid)
}

// passkeyOf finds one by what its authenticator calls it.
func passkeyOf(t *db.Tx, credential []byte) (Passkey, error) {
	return db.One(t, scanPasskey, `SELECT `+passkeyColumns+` FROM people_passkey WHERE credential = ?1`, base64.RawURLEncoding.EncodeToString(credential))
}

// addPasskey keeps a new one; one that is somebody's already is a conflict.
func addPasskey(t *db.Tx, p Passkey) error {
	n, err := t.Exec(`INSERT INTO people_passkey (id, account, credential, key, counter, flags, transports, name, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
		ON CONFLICT (credential) DO NOTHING`, p.ID, p.Account, base64.RawURLEncoding.EncodeToString(p.key.ID), p.key.Key, int64(p.key.Counter), int64(p.key.Flags), pack(p.key.Transports), p.name, p.MadeAt)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.passkey.known")
	}
	return err
}

// usePasskey notes that one was shown. One that is gone, that was copied, or
// whose counter somebody else moved meanwhile, opens nothing.
func usePasskey(t *db.Tx, was Passkey, now crypt.Passkey) error {
	n, err := t.Exec(`UPDATE people_passkey SET counter = ?1, flags = ?2, used_at = ?3 WHERE id = ?4 AND counter = ?5 AND copied_at IS NULL`,
		int64(now.Counter), int64(now.Flags), t.Now(), was.ID, int64(was.key.Counter))
	if err == nil && n == 0 {
		return &refused{whyPasskey, was.Account}
	}
	return err
}

func markCopied(t *db.Tx, pid id.Of[Passkey]) error {
	_, err := t.Exec(`UPDATE people_passkey SET copied_at = ?1 WHERE id = ?2 AND copied_at IS NULL`, t.Now(), pid)
	return err
}

func removePasskey(t *db.Tx, aid actor.AccountID, pid id.Of[Passkey]) error {
	n, err := t.Exec(`DELETE FROM people_passkey WHERE id = ?1 AND account = ?2`, pid, aid)
	if err == nil && n == 0 {
		return fault.New(fault.Missing, "error.missing")
	}
	return err
}

// dropPasskeys takes every passkey from an account that gets a new way in.
func dropPasskeys(t *db.Tx, aid actor.AccountID) (int64, error) {
	if _, err := t.Exec(`DELETE FROM people_passkey_question WHERE account = ?1`, aid); err != nil {
		return 0, err
	}
	return t.Exec(`DELETE FROM people_passkey WHERE account = ?1`, aid)
}

// question is one that waits for its answer.
type question struct {
	purpose string
	account actor.AccountID // of askAdd
	kept    []byte
	till    time.Time
}

func keepQuestion(t *db.Tx, q question, challenge string) error {
	_, err := t.Exec(`INSERT INTO people_passkey_question (challenge, purpose, account, kept, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)`,
		crypt.TokenSum(challenge), q.purpose, q.account, string(q.kept), t.Now().Add(questionLife))
	return err
}

// takeQuestion takes away the question of a challenge: of two who answer it,
// in whichever process, one finds it. None is fault.Missing.
func takeQuestion(t *db.Tx, challenge string) (question, error) {
	return db.One(t, func(r db.Row) (q question, err error) {
		var kept string
		err = r.Scan(&q.purpose, &q.account, &kept, db.Time(&q.till))
		q.kept = []byte(kept)
		return q, err
	}, `DELETE FROM people_passkey_question WHERE challenge = ?1 RETURNING purpose, account, kept, expires_at`, crypt.TokenSum(challenge))
}

func tidyQuestions(t *db.Tx) error {
	_, err := t.Exec(`DELETE FROM people_passkey_question WHERE expires_at <= ?1`, t.Now())
	return err
}

// provenAt is when the holder of a session last showed who they are: when they
// came in, or gave their password again.
func provenAt(t *db.Tx, token string) (time.Time, error) {
	return db.One(t, func(r db.Row) (at time.Time, err error) {
		var again time.Time
		if err = r.Scan(db.Time(&at), db.Time(&again)); again.After(at) {
			at = again
		}
		return at, err
	}, `SELECT made_at, confirmed_at FROM people_session WHERE token = ?1`, crypt.TokenSum(token))
}

func noteProven(t *db.Tx, sid id.Of[Session]) error {
	_, err := t.Exec(`UPDATE people_session SET confirmed_at = ?1 WHERE id = ?2`, t.Now(), sid)
	return err
}
