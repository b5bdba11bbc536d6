package talk

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const memberColumns = `m.id, m.mission, m.n, m.role, m.account, m.person, m.phone, m.lang, m.texts`

func scanMember(r db.Row) (m Member, err error) {
	err = r.Scan(&m.ID, &m.Mission, &m.N, &m.Role, &m.Account, db.Opt(&m.Person), &m.Phone, &m.Lang, &m.Texts)
	if len(m.Phone) == 0 {
		m.Phone = nil
	}
	return m, err
}

func membersOf(t *db.Tx, mid MissionID) ([]Member, error) {
	return db.List(t, scanMember, `SELECT `+memberColumns+` FROM talk_member m WHERE m.mission = ?1 ORDER BY m.n`, mid)
}

func memberBy(t *db.Tx, where string, args ...any) (*Member, error) {
	m, err := db.One(t, scanMember, `SELECT `+memberColumns+` FROM talk_member m WHERE `+where, args...)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &m, err
}

// missionsByPhone lists the channels on which somebody gave this phone.
func missionsByPhone(t *db.Tx, key []byte) ([]string, error) {
	return db.List(t, db.Text, `SELECT m.mission FROM talk_member m WHERE m.phone_key = ?1 ORDER BY m.made_at DESC, m.id DESC`, key)
}

// addMember lets somebody in; the number is the next one. Two at once: one of
// them tries again (fault.Conflict).
func addMember(t *db.Tx, m *Member, key []byte) error {
	n, err := db.One(t, db.Int, `SELECT COALESCE(MAX(n), 0) FROM talk_member WHERE mission = ?1`, m.Mission)
	if err != nil {
		return err
	}
	m.N = int(n) + 1
	_, err = t.Exec(`INSERT INTO talk_member (id, mission, n, role, account, person, phone, phone_key, lang, texts, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
		m.ID, m.Mission, m.N, m.Role, m.Account, db.OrNull(m.Person), m.Phone, key, m.Lang, m.Texts, t.Now())
	return err
}

func savePhone(t *db.Tx, m *Member, key []byte) error {
	_, err := t.Exec(`UPDATE talk_member SET phone = ?1, phone_key = ?2, texts = ?3, lang = ?4 WHERE id = ?5`, m.Phone, key, m.Texts, m.Lang, m.ID)
	return err
}

const messageColumns = `k.id, k.mission, k.member, k.body, k.via, k.once, k.texts, k.at, k.hidden_at, k.task_at, k.done_at`

func scanMessage(r db.Row) (k Message, err error) {
	err = r.Scan(&k.ID, &k.Mission, &k.Member, &k.Body, &k.Via, db.Opt(&k.Once), &k.Texts, db.Time(&k.At), db.Time(&k.HiddenAt), db.Time(&k.TaskAt), db.Time(&k.DoneAt))
	if len(k.Body) == 0 {
		k.Body = nil
	}
	return k, err
}

// findMessage is one by its own name or by what came in; nil when there is none.
func findMessage(t *db.Tx, kid MessageID, once string) (*Message, error) {
	k, err := db.One(t, scanMessage, `SELECT `+messageColumns+` FROM talk_message k WHERE k.id = ?1 OR k.once = ?2 AND ?2 <> ''`, kid, once)
	if fault.KindOf(err) == fault.Missing {
		return nil, nil
	}
	return &k, err
}

// lastMessages are the latest, the oldest of them first.
func lastMessages(t *db.Tx, mid MissionID, most int) ([]Message, error) {
	return db.List(t, scanMessage, `SELECT `+messageColumns+` FROM talk_message k WHERE k.id IN (
		SELECT l.id FROM talk_message l WHERE l.mission = ?1 ORDER BY l.at DESC, l.id DESC LIMIT ?2) ORDER BY k.at, k.id`, mid, most)
}

// tasksOf is every message that became a task, the open ones first.
func tasksOf(t *db.Tx, mid MissionID) ([]Message, error) {
	return db.List(t, scanMessage, `SELECT `+messageColumns+` FROM talk_message k WHERE k.mission = ?1 AND k.task_at IS NOT NULL
		ORDER BY CASE WHEN k.done_at IS NULL THEN 0 ELSE 1 END, k.task_at, k.id`, mid)
}

func addMessage(t *db.Tx, k Message) error {
	_, err := t.Exec(`INSERT INTO talk_message (id, mission, member, body, via, once, texts, at, task_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
		k.ID, k.Mission, k.Member, k.Body, k.Via, db.OrNull(k.Once), k.Texts, k.At, k.TaskAt)
	return err
}

// saveTask, saveDone and saveHidden write down what became of a message, and by whom.
func saveTask(t *db.Tx, k Message, by actor.AccountID) error {
	_, err := t.Exec(`UPDATE talk_message SET task_at = ?1, task_by = ?2 WHERE id = ?3`, k.TaskAt, by, k.ID)
	return err
}

func saveDone(t *db.Tx, k Message, by actor.AccountID) error {
	_, err := t.Exec(`UPDATE talk_message SET done_at = ?1, done_by = ?2 WHERE id = ?3`, k.DoneAt, by, k.ID)
	return err
}

func saveHidden(t *db.Tx, k Message, by actor.AccountID) error {
	_, err := t.Exec(`UPDATE talk_message SET hidden_at = ?1, hidden_by = ?2 WHERE id = ?3`, k.HiddenAt, by, k.ID)
	return err
}

// saidSince counts what a member said.
func saidSince(t *db.Tx, m MemberID, since time.Time) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM talk_message WHERE member = ?1 AND at > ?2`, m, since)
}

// textsSince counts the texts that the house sent for a mission.
func textsSince(t *db.Tx, mid MissionID, since time.Time) (int64, error) {
	return db.One(t, db.Int, `SELECT COALESCE(SUM(texts), 0) FROM talk_message WHERE mission = ?1 AND at > ?2`, mid, since)
}

// hold keeps every other hand off a channel until this unit of work ends, and
// tells whether it was closed.
func hold(t *db.Tx, mid MissionID) (ended bool, err error) {
	if _, err := t.Exec(`INSERT INTO talk_channel (mission, version) VALUES (?1, 1) ON CONFLICT (mission) DO UPDATE SET version = talk_channel.version + 1`, mid); err != nil {
		return false, err
	}
	return db.Has(t, `SELECT 1 FROM talk_channel WHERE mission = ?1 AND ended_at IS NOT NULL`, mid)
}

func endChannel(t *db.Tx, mid MissionID, at time.Time) error {
	if _, err := hold(t, mid); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE talk_channel SET ended_at = ?2 WHERE mission = ?1 AND ended_at IS NULL`, mid, at)
	return err
}

// forgetChannels erases what was said on channels that ended before, and the
// phones of those who said it.
func forgetChannels(t *db.Tx, before time.Time) error {
	const over = `SELECT c.mission FROM talk_channel c WHERE c.ended_at < ?1 AND c.forgotten_at IS NULL`
	for _, q := range []string{`UPDATE talk_message SET body = NULL WHERE body IS NOT NULL AND mission IN (` + over + `)`,
		`UPDATE talk_member SET phone = NULL, phone_key = NULL, texts = FALSE, person = CASE WHEN account IS NULL THEN id ELSE NULL END WHERE mission IN (` + over + `)`} {
		if _, err := t.Exec(q, before); err != nil {
			return err
		}
	}
	_, err := t.Exec(`UPDATE talk_channel SET forgotten_at = ?2 WHERE ended_at < ?1 AND forgotten_at IS NULL`, before, t.Now())
	return err
}
