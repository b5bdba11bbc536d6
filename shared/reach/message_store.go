package reach

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach/channel"
)

// unsent is a message that did not go out, or of which nobody knows, without
// its text and address.
type unsent struct {
	id      MessageID
	channel channel.Kind
	gateway string
	kind    string
	subject string
	state   string
	code    string
	tries   int
	at      time.Time // when it was put
	stopped bool      // its reader said STOP since
}

const unsentColumns = `m.id, m.channel, m.gateway, m.kind, m.subject, m.state, m.code, m.tries, m.made_at,
	CASE WHEN m.kind = 'notice' AND c.stopped_at IS NOT NULL THEN 1 ELSE 0 END`

func scanUnsent(r db.Row) (m unsent, err error) {
	var stopped int
	err = r.Scan(&m.id, &m.channel, &m.gateway, &m.kind, &m.subject, &m.state, &m.code, &m.tries, db.Time(&m.at), &stopped)
	m.stopped = stopped == 1
	return m, err
}

// mark is where a list of unsent messages goes on.
type mark struct {
	at time.Time
	id string
}

func readMark(s string) (m mark) {
	at, mid, _ := strings.Cut(s, "~")
	us, err := strconv.ParseInt(at, 10, 64)
	if _, bad := id.Parse[message](mid); err != nil || bad != nil {
		return mark{}
	}
	return mark{time.UnixMicro(us), mid}
}

func (m mark) String() string { return fmt.Sprintf("%d~%s", m.at.UnixMicro(), m.id) }

// listUnsent is what was not sent, the latest first.
func listUnsent(t *db.Tx, after mark, limit int) ([]unsent, error) {
	q, args := `SELECT `+unsentColumns+` FROM reach_message m JOIN reach_conversation c ON c.id = m.conversation WHERE m.state IN ('failed', 'unsure')`, []any{limit}
	if after.id != "" {
		q, args = q+` AND (m.made_at < ?2 OR m.made_at = ?2 AND m.id < ?3)`, append(args, after.at, after.id)
	}
	return db.List(t, scanUnsent, q+` ORDER BY m.made_at DESC, m.id DESC LIMIT ?1`, args...)
}

func countUnsent(t *db.Tx) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM reach_message WHERE state IN ('failed', 'unsure')`)
}

// getUnsent is one of them; fault.Missing when it is none any more.
func getUnsent(t *db.Tx, mid MessageID) (unsent, error) {
	return db.One(t, scanUnsent, `SELECT `+unsentColumns+` FROM reach_message m JOIN reach_conversation c ON c.id = m.conversation
		WHERE m.id = ?1 AND m.state IN ('failed', 'unsure')`, mid)
}

// sendAgain puts a message among those to be sent, with a new time of use.
func sendAgain(t *db.Tx, mid MessageID, valid time.Duration) error {
	_, err := t.Exec(`UPDATE reach_message SET state = 'waiting', code = '', ref = NULL, tries = 0, not_before = ?1, valid_till = ?2, leased_till = NULL, sent_at = NULL, done_at = NULL
		WHERE id = ?3 AND state IN ('failed', 'unsure') AND body IS NOT NULL`, t.Now(), t.Now().Add(valid), mid)
	return err
}

// letGo leaves a message unsent for good.
func letGo(t *db.Tx, mid MessageID) error {
	_, err := t.Exec(`UPDATE reach_message SET state = 'dropped', done_at = ?1 WHERE id = ?2 AND state IN ('failed', 'unsure')`, t.Now(), mid)
	return err
}
