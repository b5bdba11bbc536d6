package cases

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/service"
)

// askedColumns are what a case has from the beginning, the rest comes later.
const askedColumns = `id, receipt, service, service_version, crisis, state, phase, rank, level, reasons, needs, people,
	place, commune, province, region, lat, lon, spoken, lang, channel, answers, private, phone_key, secret_key, asked_key, salt, way, family_key`

const caseColumns = askedColumns + `,
	org, lease_till, team, contacted_at, called_at, due_at, made_at, changed_at, merged_into, merged_from_state, erased_at,
	code_tries, code_tries_from, version, owned_at, helped_at, last_org, last_at, gave_up_at`

func scanCase(row db.Row) (*Case, error) {
	var c Case
	var reasons, needs, place, commune, province, region, phase, way string
	var lat, lon any
	err := row.Scan(&c.ID, &c.Receipt, &c.Service, &c.Version, &c.Crisis, &c.State, &phase, &c.Rank, &c.Level, &reasons, &needs, &c.People,
		db.Opt(&place), db.Opt(&commune), db.Opt(&province), db.Opt(&region), &lat, &lon, &c.Spoken, &c.Lang, &c.Channel, &c.Answers,
		&c.Sealed, &c.PhoneKey, &c.Secret, &c.AskedKey, &c.Salt, db.Opt(&way), &c.FamilyKey,
		&c.Org, db.Time(&c.LeaseTill), &c.Team, db.Time(&c.ContactedAt), db.Time(&c.CalledAt), db.Time(&c.DueAt), db.Time(&c.MadeAt),
		db.Time(&c.ChangedAt), &c.MergedInto, db.Opt(&c.MergedFrom), db.Time(&c.ErasedAt), &c.CodeTries, db.Time(&c.CodeFrom), &c.Revision,
		db.Time(&c.OwnedAt), db.Time(&c.HelpedAt), &c.LastOrg, db.Time(&c.LastAt), db.Time(&c.GaveUpAt))
	if err != nil {
		return nil, err
	}
	c.Phase = service.Phase(phase)
	if way != "" {
		c.Channel = way
	}
	c.lies(place, region, province, commune, lat, lon)
	if err := json.Unmarshal([]byte(reasons), &c.Reasons); err != nil {
		return nil, err
	}
	return &c, json.Unmarshal([]byte(needs), &c.Needs)
}

// lies puts a case where its columns say that it lies.
func (c *Case) lies(place, region, province, commune string, lat, lon any) {
	c.Place = place
	for _, p := range [...]string{region, province, commune} {
		if p != "" {
			c.Path = append(c.Path, p)
		}
	}
	if y, ok := lat.(float64); ok {
		x, _ := lon.(float64)
		c.At, c.HasPoint = geo.Point{Lat: y, Lon: x}, true
	}
}

// asked is what askedColumns hold, and the moments that follow them.
func (c *Case) asked(path [3]string) []any {
	reasons, _ := json.Marshal(c.Reasons) // plain structs of strings: cannot fail
	needs, _ := json.Marshal(c.Needs)
	var lat, lon any
	if c.HasPoint {
		lat, lon = c.At.Lat, c.At.Lon
	}
	channel, way := wayOf(c.Channel)
	return []any{c.ID, c.Receipt, c.Service, c.Version, c.Crisis, c.State, string(c.Phase), c.Rank, c.Level, string(reasons), string(needs), c.People,
		db.OrNull(c.Place), db.OrNull(path[2]), db.OrNull(path[1]), db.OrNull(path[0]), lat, lon, c.Spoken, c.Lang, channel, c.Answers,
		c.Sealed, c.PhoneKey, c.Secret, c.AskedKey, c.Salt, db.OrNull(way), c.FamilyKey, c.DueAt, c.MadeAt, c.ChangedAt, c.Revision}
}

func (c *Case) levels() (p [3]string) {
	copy(p[:], c.Path)
	return p
}

func getCase(t *db.Tx, cid CaseID) (*Case, error) {
	return db.One(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE id = ?1`, cid)
}

func caseByReceipt(t *db.Tx, n receipt.Number) (*Case, error) {
	return db.One(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE receipt = ?1`, n)
}

// addCase keeps a new case, which nobody owns yet; the same identifier again
// changes nothing. What a new case cannot have is left out: most of what an
// insert costs is handing over its columns.
func addCase(t *db.Tx, c *Case) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO cases_case (`+askedColumns+`, due_at, made_at, changed_at, code_tries, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
		?28, ?29, ?30, ?31, ?32, 0, ?33) ON CONFLICT (id) DO NOTHING`, c.asked(c.levels())...)
	return n == 1, err
}

// saveCase writes back what getCase read, unless somebody else did first.
func saveCase(t *db.Tx, c *Case) error {
	reasons, _ := json.Marshal(c.Reasons)
	needs, _ := json.Marshal(c.Needs)
	var lat, lon any
	if c.HasPoint {
		lat, lon = c.At.Lat, c.At.Lon
	}
	n, err := t.Exec(`UPDATE cases_case SET state = ?1, phase = ?2, rank = ?3, level = ?4, reasons = ?5, people = ?6, org = ?7, lease_till = ?8,
		team = ?9, contacted_at = ?10, called_at = ?11, due_at = ?12, changed_at = ?13, merged_into = ?14, merged_from_state = ?15,
		code_tries = ?16, code_tries_from = ?17, place = ?18, commune = ?19, province = ?20, region = ?21, owned_at = ?24, helped_at = ?25,
		last_org = ?26, last_at = ?27, gave_up_at = ?28, needs = ?29, lat = ?30, lon = ?31, version = version + 1
		WHERE id = ?22 AND version = ?23`,
		c.State, string(c.Phase), c.Rank, c.Level, string(reasons), c.People, c.Org, c.LeaseTill, c.Team, c.ContactedAt, c.CalledAt, c.DueAt,
		c.ChangedAt, c.MergedInto, db.OrNull(c.MergedFrom), c.CodeTries, c.CodeFrom,
		db.OrNull(c.Place), db.OrNull(c.levels()[2]), db.OrNull(c.levels()[1]), db.OrNull(c.levels()[0]), c.ID, c.Revision,
		c.OwnedAt, c.HelpedAt, c.LastOrg, c.LastAt, c.GaveUpAt, string(needs), lat, lon)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	c.Revision++
	return err
}

func casesByPhone(t *db.Tx, key []byte, limit int) ([]*Case, error) {
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE phone_key = ?1 OR family_key = ?1 ORDER BY made_at DESC, id DESC LIMIT ?2`, key, limit)
}

// voices are the cases that were joined to this one.
func voices(t *db.Tx, cid CaseID) ([]*Case, error) {
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE merged_into = ?1 ORDER BY made_at, id`, cid)
}

// overdueLeases are claims that have run out.
func overdueLeases(t *db.Tx, limit int) ([]CaseID, error) {
	return db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE lease_till IS NOT NULL AND lease_till <= ?1 AND phase = 'owned' ORDER BY lease_till LIMIT ?2`, t.Now(), limit)
}

func casesOwnedBy(t *db.Tx, org actor.OrganisationID, phase service.Phase, limit int) ([]CaseID, error) {
	return db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE org = ?1 AND phase = ?2 ORDER BY rank, due_at LIMIT ?3`, org, string(phase), limit)
}

func scanCaseID(r db.Row) (cid CaseID, err error) { return cid, r.Scan(&cid) }

// Note is something that staff wrote down about a case.
type Note struct {
	Kind    string
	Body    string
	Account actor.AccountID
	MadeAt  time.Time
}

func addNote(t *db.Tx, nid NoteID, cid CaseID, kind string, sealed []byte, by actor.AccountID) error {
	_, err := t.Exec(`INSERT INTO cases_note (id, case_id, kind, body, account, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`, nid, cid, kind, sealed, by, t.Now())
	return err
}

type noteRow struct {
	id     NoteID
	note   Note
	sealed []byte
}

func listNotes(t *db.Tx, cid CaseID) ([]noteRow, error) {
	return db.List(t, func(r db.Row) (n noteRow, err error) {
		return n, r.Scan(&n.id, &n.note.Kind, &n.sealed, &n.note.Account, db.Time(&n.note.MadeAt))
	}, `SELECT id, kind, body, account, made_at FROM cases_note WHERE case_id = ?1 ORDER BY made_at, id`, cid)
}

// lately are the cases of one phone that are not over, or changed after a
// moment: those that wait for an answer first, then the latest.
func lately(t *db.Tx, phone []byte, after time.Time) ([]CaseID, error) {
	return db.List(t, func(r db.Row) (c CaseID, err error) { return c, r.Scan(&c) },
		`SELECT id FROM cases_case WHERE phone_key = ?1 AND (phase <> 'final' OR changed_at > ?2)
		ORDER BY CASE WHEN phase = 'waiting' THEN 0 ELSE 1 END, made_at DESC, id DESC LIMIT 5`, phone, after)
}
