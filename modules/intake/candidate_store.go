package intake

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const candidateColumns = `c.id, c.file, c.seq, c.source, c.service, c.kind, c.state, c.reason, c.points, c.danger, c.needs, c.people, c.lang, c.place, c.commune, c.province, c.region,
	c.body, c.phone_key, c.sender_key, c.words_key, c.said_at, c.made_at, c.brought, c.account, c.decided_at, c.case_id, c.into_id, c.times, c.version`

func scanCandidate(r db.Row) (*Candidate, error) {
	c := &Candidate{}
	var needs, commune, province, region string
	var danger int
	err := r.Scan(&c.ID, &c.File, &c.Seq, &c.Source, &c.Service, &c.Kind, &c.State, &c.Reason, &c.Points, &danger, &needs, &c.People, &c.Lang, db.Opt(&c.Place),
		db.Opt(&commune), db.Opt(&province), db.Opt(&region), &c.Sealed, &c.PhoneKey, &c.SenderKey, &c.Spoken, db.Time(&c.SaidAt), db.Time(&c.MadeAt), &c.Brought, &c.Account,
		db.Time(&c.DecidedAt), db.Opt(&c.CaseID), db.Opt(&c.Into), &c.Times, &c.Version)
	if err != nil {
		return nil, err
	}
	c.Danger = danger == 1
	for _, p := range []string{region, province, commune} {
		if p != "" {
			c.Path = append(c.Path, p)
		}
	}
	return c, json.Unmarshal([]byte(needs), &c.Needs)
}

// addCandidate keeps a candidate; fresh is false where the same message or row
// came before.
func addCandidate(t *db.Tx, c *Candidate) (fresh bool, err error) {
	if c.Needs == nil {
		c.Needs = []string{}
	}
	needs, err := json.Marshal(c.Needs)
	if err != nil {
		return false, err
	}
	at := func(i int) any {
		if i < len(c.Path) {
			return c.Path[i]
		}
		return nil
	}
	n, err := t.Exec(`INSERT INTO intake_candidate (id, file, seq, source, service, kind, state, reason, points, danger, needs, people, lang, place, region, province, commune,
		body, phone_key, sender_key, words_key, said_at, made_at, brought, decided_at, times, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, 0, 1) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.File, c.Seq, string(c.Source), c.Service, string(c.Kind), string(c.State), c.Reason, c.Points, one(c.Danger), string(needs), c.People, c.Lang, none(c.Place), at(0), at(1), at(2),
		c.Sealed, c.PhoneKey, c.SenderKey, c.Spoken, c.SaidAt, t.Now(), c.Brought, moment(c.DecidedAt))
	return n == 1, err
}

// saveCandidate keeps what somebody decided. Of two at once the second is told.
func saveCandidate(t *db.Tx, c *Candidate) error {
	n, err := t.Exec(`UPDATE intake_candidate SET state = ?1, reason = ?2, account = ?3, decided_at = ?4, case_id = ?5, into_id = ?6, times = ?7, body = ?8, version = version + 1
		WHERE id = ?9 AND version = ?10`, string(c.State), c.Reason, c.Account, moment(c.DecidedAt), none(c.CaseID), none(c.Into), c.Times, c.Sealed, c.ID, c.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "intake.triage.decided")
	}
	c.Version++
	return err
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func none(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func getCandidate(t *db.Tx, cid CandidateID) (*Candidate, error) {
	return db.One(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.id = ?1`, cid)
}

// listed is the page of a list, for one reader.
type listed struct {
	state  State
	after  *Candidate // the page begins behind it; nil is the beginning
	limit  int
	mine   actor.Actor
	latest bool // what was decided last comes first
}

// scanned is how many candidates are looked at for one page: those of other
// territories are stepped over.
const scanned = 400

// list gives the candidates of a state that somebody may work on, the most
// urgent first, of two as urgent whoever spoke first.
func list(t *db.Tx, l listed) (out []*Candidate, err error) {
	after := l.after
	for seen := 0; len(out) < l.limit && seen < 10*scanned; seen += scanned {
		var batch []*Candidate
		switch {
		case l.latest:
			batch, err = db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.state = ?1 ORDER BY c.decided_at DESC, c.id LIMIT ?2`, string(l.state), scanned)
		case after == nil:
			batch, err = db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.state = ?1 ORDER BY c.points DESC, c.said_at, c.id LIMIT ?2`, string(l.state), scanned)
		default:
			batch, err = db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.state = ?1 AND c.points <= ?2
				AND (c.points < ?2 OR c.said_at > ?3 OR (c.said_at = ?3 AND c.id > ?4)) ORDER BY c.points DESC, c.said_at, c.id LIMIT ?5`, string(l.state), after.Points, after.SaidAt, after.ID, scanned)
		}
		if err != nil {
			return nil, err
		}
		for _, c := range batch {
			if after = c; mayWork(l.mine, c) && len(out) < l.limit {
				out = append(out, c)
			}
		}
		if len(batch) < scanned || l.latest {
			break
		}
	}
	return out, err
}

// before is the candidate that stands before another in the list.
func before(t *db.Tx, by actor.Actor, at *Candidate) (*Candidate, error) {
	batch, err := db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.state = 'waiting' AND c.points >= ?1
		AND (c.points > ?1 OR c.said_at < ?2 OR (c.said_at = ?2 AND c.id < ?3)) ORDER BY c.points, c.said_at DESC, c.id DESC LIMIT ?4`, at.Points, at.SaidAt, at.ID, scanned)
	if i := slices.IndexFunc(batch, func(c *Candidate) bool { return mayWork(by, c) }); err == nil && i >= 0 {
		return batch[i], nil
	}
	return nil, err
}

// counts is how many candidates stand in each state, in the whole country.
func counts(t *db.Tx) (map[State]int, error) {
	out := map[State]int{}
	_, err := db.List(t, func(r db.Row) (x struct{}, err error) {
		var state State
		var n int
		err = r.Scan(&state, &n)
		out[state] = n
		return x, err
	}, `SELECT state, COUNT(*) FROM intake_candidate GROUP BY state`)
	return out, err
}

// likely lists candidates that may tell of what this one tells: the same number,
// the same words, the same place within two days.
func likely(t *db.Tx, c *Candidate, limit int) ([]*Candidate, error) {
	var place any
	if c.Place != "" {
		place = c.Place
	}
	return db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.id IN (
		SELECT id FROM intake_candidate WHERE phone_key = ?1 UNION SELECT id FROM intake_candidate WHERE words_key = ?2
		UNION SELECT id FROM intake_candidate WHERE place = ?3 AND said_at BETWEEN ?4 AND ?5)
		AND c.id <> ?6 AND c.state IN ('waiting', 'case', 'joined') AND c.kind = 'need' AND c.body IS NOT NULL ORDER BY c.said_at, c.id LIMIT ?7`,
		blob(c.PhoneKey), blob(c.Spoken), place, c.SaidAt.Add(-48*time.Hour), c.SaidAt.Add(48*time.Hour), c.ID, limit)
}

func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// around are what the same sender wrote just before and after, in the same file.
func around(t *db.Tx, c *Candidate, within time.Duration, limit int) ([]*Candidate, error) {
	if len(c.SenderKey) == 0 {
		return nil, nil
	}
	return db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.file = ?1 AND c.sender_key = ?2 AND c.said_at BETWEEN ?3 AND ?4 AND c.id <> ?5
		AND c.body IS NOT NULL ORDER BY c.seq LIMIT ?6`, c.File, c.SenderKey, c.SaidAt.Add(-within), c.SaidAt.Add(within), c.ID, limit)
}

// lastOf is what somebody decided last.
func lastOf(t *db.Tx, who actor.AccountID) (*Candidate, error) {
	all, err := db.List(t, scanCandidate, `SELECT `+candidateColumns+` FROM intake_candidate c WHERE c.account = ?1 AND c.decided_at IS NOT NULL ORDER BY c.decided_at DESC, c.id LIMIT 1`, who)
	if len(all) == 0 {
		return nil, err
	}
	return all[0], err
}

// forgetBodies empties what candidates say that were decided before a moment.
func forgetBodies(t *db.Tx, before time.Time, limit int) (int64, error) {
	return t.Exec(`UPDATE intake_candidate SET body = NULL, phone_key = NULL, sender_key = NULL, words_key = NULL, version = version + 1
		WHERE id IN (SELECT id FROM intake_candidate WHERE state <> 'waiting' AND body IS NOT NULL AND decided_at <= ?1 ORDER BY decided_at, id LIMIT ?2)`, before, limit)
}

func forgetCase(t *db.Tx, caseID string) error {
	_, err := t.Exec(`UPDATE intake_candidate SET body = NULL, phone_key = NULL, sender_key = NULL, words_key = NULL, version = version + 1
		WHERE case_id = ?1 AND body IS NOT NULL`, caseID)
	return err
}
