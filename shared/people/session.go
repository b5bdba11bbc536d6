package people

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// How long a session lasts. OWASP ASVS 5.0 asks for an end after inactivity
// (7.3.1) and an end whatever happens (7.3.2), both decided and written down.
// Ours: half a day, which is one shift in the field, and one week of a crisis.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	// seenEvery is how exact "last used" is: a page must not cost a write.
	seenEvery = 5 * time.Minute
)

// Session is one place where an account is signed in.
type Session struct {
	ID      id.Of[Session]
	Account actor.AccountID
	Device  string // phone, computer or program
	MadeAt  time.Time
	SeenAt  time.Time
	Till    time.Time
}

// over tells whether a session has ended by itself.
func (s Session) over(now time.Time) bool {
	return !now.Before(s.Till) || now.Sub(s.SeenAt) >= sessionIdle
}

// device says from what a browser calls itself whether it is a phone, so that
// people know their sessions apart. Nothing else of it is kept.
func device(userAgent string) string {
	for _, sign := range []string{"Mobi", "Android", "iPhone", "iPad"} {
		if strings.Contains(userAgent, sign) {
			return "phone"
		}
	}
	if strings.HasPrefix(userAgent, "Mozilla/") || strings.HasPrefix(userAgent, "Opera/") {
		return "computer"
	}
	return "program"
}

// openSession keeps a new session and gives the token that its holder shows;
// the house itself keeps only the hash.
func openSession(t *db.Tx, aid actor.AccountID, device string) (s Session, token string, err error) {
	s = Session{ID: id.New[Session](t.Now()), Account: aid, Device: device, MadeAt: t.Now(), SeenAt: t.Now(), Till: t.Now().Add(sessionLife)}
	token = crypt.Token()
	_, err = t.Exec(`INSERT INTO people_session (id, token, account, device, made_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		s.ID, crypt.TokenSum(token), s.Account, s.Device, s.MadeAt, s.SeenAt, s.Till)
	return s, token, err
}

func scanSession(r db.Row) (s Session, err error) {
	return s, r.Scan(&s.ID, &s.Account, &s.Device, db.Time(&s.MadeAt), db.Time(&s.SeenAt), db.Time(&s.Till))
}

const sessionColumns = `s.id, s.account, s.device, s.made_at, s.seen_at, s.expires_at`

// sessionsOf lists where an account is signed in, the newest use first.
func sessionsOf(t *db.Tx, aid actor.AccountID) ([]Session, error) {
	all, err := db.List(t, scanSession, `SELECT `+sessionColumns+` FROM people_session s WHERE s.account = ?1 ORDER BY s.seen_at DESC, s.id LIMIT 100`, aid)
	var open []Session
	for _, s := range all {
		if !s.over(t.Now()) {
			open = append(open, s)
		}
	}
	return open, err
}

// sessionByToken finds a session; none is fault.Missing.
func sessionByToken(t *db.Tx, token string) (Session, error) {
	return db.One(t, scanSession, `SELECT `+sessionColumns+` FROM people_session s WHERE s.token = ?1`, crypt.TokenSum(token))
}

// closeSession ends one session of an account.
func closeSession(t *db.Tx, aid actor.AccountID, sid id.Of[Session]) error {
	n, err := t.Exec(`DELETE FROM people_session WHERE id = ?1 AND account = ?2`, sid, aid)
	if err == nil && n == 0 {
		return fault.New(fault.Missing, "error.missing")
	}
	return err
}

// closeAll ends every session of an account and says how many there were.
func closeAll(t *db.Tx, aid actor.AccountID) (int64, error) {
	return t.Exec(`DELETE FROM people_session WHERE account = ?1`, aid)
}

// visit is a session with who it belongs to and in what quality: all that a
// request needs to know, in one query.
type visit struct {
	session Session
	who     actor.Actor
}

// loadVisit reads who holds a token. It is asked anew for every request, so
// that a closed session, an ended role or a suspended organisation takes effect
// at once. None, or one that is over, is fault.Unknown.
func loadVisit(t *db.Tx, token, lang string) (v visit, err error) {
	var names Names
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var langs, role, territory, service, status string
		var org Names
		var g actor.Grant
		if err := r.Scan(&v.session.ID, &v.session.Account, &v.session.Device, db.Time(&v.session.MadeAt), db.Time(&v.session.SeenAt), db.Time(&v.session.Till),
			&v.who.Name, &langs, db.Opt(&role), &g.Org, db.Opt(&territory), db.Opt(&service),
			db.Opt(&status), db.Opt(&org.AR), db.Opt(&org.FR), db.Opt(&org.ZGH)); err != nil {
			return none, err
		}
		v.who.Account, v.who.Langs = v.session.Account, nil
		if role != "" {
			g.Role, g.Territory, g.Service, g.Recognised = actor.Role(role), territory, service, Status(status) == Recognised
			v.who.Grants = append(v.who.Grants, g)
		}
		if v.who.Org.IsZero() && !g.Org.IsZero() {
			v.who.Org, names = g.Org, org
		}
		return none, unpack(langs, &v.who.Langs)
	}, `SELECT `+sessionColumns+`, a.name, a.langs, g.role, g.org, g.territory, g.service, o.status, o.name_ar, o.name_fr, o.name_zgh
		FROM people_session s JOIN people_account a ON a.id = s.account AND a.state = 'active'
		LEFT JOIN people_grant g ON g.account = a.id AND g.ended_at IS NULL
		LEFT JOIN people_organisation o ON o.id = g.org
		WHERE s.token = ?1 ORDER BY g.given_at, g.id`, crypt.TokenSum(token))
	if err != nil {
		return visit{}, err
	}
	if v.session.ID.IsZero() || v.session.over(t.Now()) {
		return visit{}, fault.New(fault.Unknown, "error.sign_in")
	}
	v.who.OrgName = names.In(lang)
	return v, nil
}

// seen notes that a session is in use.
func seen(t *db.Tx, sid id.Of[Session]) error {
	_, err := t.Exec(`UPDATE people_session SET seen_at = ?1 WHERE id = ?2 AND seen_at < ?1`, t.Now(), sid)
	return err
}
