package hands

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// sealedPerson is a person as the table has it.
type sealedPerson struct{ name, phone, guardian, limits, papers []byte }

const volunteerColumns = `v.id, v.receipt, v.org, v.state, v.reason, v.vetting, v.name, v.phone, v.guardian, v.limits, v.papers, v.place, v.commune, v.born, v.lang,
	v.languages, v.skills, v.hours, v.account, v.made_at, v.changed_at, v.forgotten_at, v.version`

func scanVolunteer(r db.Row) (*Volunteer, error) {
	var v Volunteer
	var languages, skills string
	err := r.Scan(&v.ID, &v.Receipt, &v.Org, &v.State, &v.Reason, &v.Vetting, &v.sealed.name, &v.sealed.phone, &v.sealed.guardian, &v.sealed.limits, &v.sealed.papers,
		&v.Place, &v.Commune, &v.Born, &v.Lang, &languages, &skills, &v.Hours, &v.Account, db.Time(&v.MadeAt), db.Time(&v.ChangedAt), db.Time(&v.ForgottenAt), &v.version)
	if err != nil {
		return nil, err
	}
	return &v, errors.Join(json.Unmarshal([]byte(languages), &v.Languages), json.Unmarshal([]byte(skills), &v.Skills))
}

func getVolunteer(t *db.Tx, vid VolunteerID) (*Volunteer, error) {
	return db.One(t, scanVolunteer, `SELECT `+volunteerColumns+` FROM hands_volunteer v WHERE v.id = ?1`, vid)
}

// holdVolunteer reads a volunteer and keeps every other hand off until this unit
// of work ends. Whoever holds a call too, holds the call first.
func holdVolunteer(t *db.Tx, vid VolunteerID) (*Volunteer, error) {
	n, err := t.Exec(`UPDATE hands_volunteer SET version = version + 1 WHERE id = ?1`, vid)
	if err == nil && n == 0 {
		err = fault.New(fault.Missing, "error.missing")
	}
	if err != nil {
		return nil, err
	}
	return getVolunteer(t, vid)
}

// volunteersOf are the registrations that an account stands for.
func volunteersOf(t *db.Tx, aid actor.AccountID) ([]*Volunteer, error) {
	return db.List(t, scanVolunteer, `SELECT `+volunteerColumns+` FROM hands_volunteer v WHERE v.account = ?1 AND v.state = 'accepted' ORDER BY v.made_at, v.id`, aid)
}

// seal puts a person under the keys of the house.
func (s *Service) seal(v *Volunteer, p Person) (k keysOf, err error) {
	row := v.ID.String()
	v.sealed.name, v.sealed.phone = s.vault.SealText(crypt.At("hands_volunteer.name", row), p.Name), s.vault.SealText(crypt.At("hands_volunteer.phone", row), string(p.Phone))
	guardian, err1 := json.Marshal(p.Guardian)
	limits, err2 := json.Marshal(p.Limits)
	papers, err3 := json.Marshal(p.Papers)
	v.sealed.guardian = s.vault.Seal(crypt.At("hands_volunteer.guardian", row), guardian)
	v.sealed.limits = s.vault.Seal(crypt.At("hands_volunteer.limits", row), limits)
	v.sealed.papers = s.vault.Seal(crypt.At("hands_volunteer.papers", row), papers)
	k = keysOf{s.vault.Index("hands_phone", string(p.Phone)), s.wordKey(v.ID, p.Phone.Last4())}
	return k, errors.Join(err1, err2, err3)
}

// keysOf are the blind indexes of a person.
type keysOf struct{ phone, secret []byte }

// wordKey is what the last four digits of the phone of a registration come to.
func (s *Service) wordKey(vid VolunteerID, last4 string) []byte {
	return s.vault.Index("hands_mine", vid.String()+"|"+last4)
}

// open is the person of a volunteer; empty of one who was forgotten.
func (s *Service) open(v *Volunteer) (p Person, err error) {
	if len(v.sealed.name) == 0 {
		return p, nil
	}
	row := v.ID.String()
	read := func(at string, sealed []byte, into any) error {
		plain, err := s.vault.Open(at, sealed)
		if err == nil {
			err = json.Unmarshal(plain, into)
		}
		return err
	}
	var number string
	var err1, err2 error
	p.Name, err1 = s.vault.OpenText(crypt.At("hands_volunteer.name", row), v.sealed.name)
	number, err2 = s.vault.OpenText(crypt.At("hands_volunteer.phone", row), v.sealed.phone)
	p.Phone = phone.Number(number)
	return p, errors.Join(err1, err2, read(crypt.At("hands_volunteer.guardian", row), v.sealed.guardian, &p.Guardian),
		read(crypt.At("hands_volunteer.limits", row), v.sealed.limits, &p.Limits), read(crypt.At("hands_volunteer.papers", row), v.sealed.papers, &p.Papers))
}

// addVolunteer keeps a new registration; the same identifier again changes
// nothing. A phone that is registered there already is a conflict; a number that
// is given out already is none of the reader's business, and is drawn again.
func addVolunteer(t *db.Tx, v *Volunteer, k keysOf) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO hands_volunteer (id, receipt, org, state, reason, vetting, name, phone, guardian, limits, papers, phone_key, secret_key, place, commune, born, lang,
		languages, skills, hours, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, 1) ON CONFLICT (id) DO NOTHING`,
		v.ID, v.Receipt, v.Org, string(v.State), v.Reason, v.Vetting, v.sealed.name, v.sealed.phone, v.sealed.guardian, v.sealed.limits, v.sealed.papers, k.phone, k.secret,
		v.Place, v.Commune, v.Born, v.Lang, pack(v.Languages), pack(v.Skills), int64(v.Hours), v.MadeAt, v.ChangedAt)
	return n == 1, err
}

// livePhone tells whether a phone is registered already for an organisation, or
// for any; but is left out.
func livePhone(t *db.Tx, key []byte, org actor.OrganisationID, but VolunteerID) (bool, error) {
	return db.Has(t, `SELECT 1 FROM hands_volunteer WHERE phone_key = ?1 AND COALESCE(org, '') = ?2 AND id <> ?3 AND state IN ('waiting', 'accepted')`, key, org.String(), but)
}

func phoneKey(t *db.Tx, vid VolunteerID) ([]byte, error) {
	return db.One(t, func(r db.Row) (k []byte, err error) { return k, r.Scan(&k) }, `SELECT phone_key FROM hands_volunteer WHERE id = ?1`, vid)
}

// saveVolunteer writes back what holdVolunteer read; the person stays sealed.
func saveVolunteer(t *db.Tx, v *Volunteer) error {
	_, err := t.Exec(`UPDATE hands_volunteer SET org = ?1, state = ?2, reason = ?3, vetting = ?4, account = ?5, changed_at = ?6 WHERE id = ?7`,
		v.Org, string(v.State), v.Reason, v.Vetting, v.Account, v.ChangedAt, v.ID)
	return err
}

// forgetVolunteer destroys what names somebody. Hours stay as counts.
func forgetVolunteer(t *db.Tx, v *Volunteer, at time.Time) error {
	if _, err := t.Exec(`UPDATE hands_attestation SET initials = NULL, salt = NULL WHERE volunteer = ?1`, v.ID); err != nil {
		return err
	}
	_, err := t.Exec(`UPDATE hands_volunteer SET name = NULL, phone = NULL, guardian = NULL, limits = NULL, papers = NULL, phone_key = NULL, secret_key = NULL, account = NULL,
		born = 0, place = '', state = ?1, reason = ?2, changed_at = ?3, forgotten_at = ?3 WHERE id = ?4`, string(v.State), v.Reason, at, v.ID)
	return err
}

// forgottenOnes gathers who was forgotten, and when.
func forgottenOnes(t *db.Tx, all map[VolunteerID]time.Time) error {
	_, err := db.List(t, func(r db.Row) (struct{}, error) {
		var vid VolunteerID
		var at time.Time
		err := r.Scan(&vid, db.Time(&at))
		all[vid] = at
		return struct{}{}, err
	}, `SELECT id, forgotten_at FROM hands_volunteer WHERE forgotten_at IS NOT NULL`)
	return err
}

// byReceipt is the registration that a number opens, and what its word must
// come to. One that was forgotten has none.
func byReceipt(t *db.Tx, number string) (vid VolunteerID, secret []byte, err error) {
	type row struct {
		vid VolunteerID
		key []byte
	}
	x, err := db.One(t, func(r db.Row) (x row, err error) { return x, r.Scan(&x.vid, &x.key) },
		`SELECT id, secret_key FROM hands_volunteer WHERE receipt = ?1 AND forgotten_at IS NULL`, number)
	return x.vid, x.key, err
}

// volunteerFind is what a list of volunteers is looked up by; "" is any.
type volunteerFind struct {
	org     actor.OrganisationID // and, while they wait, those who take any
	state   Standing
	skill   string
	spoken  string
	vetting string
	after   VolunteerID
	limit   int
}

// listVolunteers is a page of volunteers, the latest first.
func listVolunteers(t *db.Tx, f volunteerFind) ([]*Volunteer, error) {
	like := func(code string) string {
		if code == "" {
			return ""
		}
		return `%"` + code + `"%`
	}
	return db.List(t, scanVolunteer, `SELECT `+volunteerColumns+` FROM hands_volunteer v
		WHERE (?1 = '' OR v.org = ?1 OR v.org IS NULL) AND v.state = ?2 AND v.forgotten_at IS NULL
		AND (?3 = '' OR v.skills LIKE ?3) AND (?4 = '' OR v.languages LIKE ?4) AND (?5 = '' OR v.vetting = ?5)
		AND (?6 = '' OR (v.made_at, v.id) < (SELECT x.made_at, x.id FROM hands_volunteer x WHERE x.id = ?6))
		ORDER BY v.made_at DESC, v.id DESC LIMIT ?7`, f.org.String(), string(f.state), like(f.skill), like(f.spoken), f.vetting, f.after.String(), f.limit)
}

// eachAccepted is every accepted volunteer of an organisation.
func eachAccepted(t *db.Tx, org actor.OrganisationID) ([]*Volunteer, error) {
	return db.List(t, scanVolunteer, `SELECT `+volunteerColumns+` FROM hands_volunteer v WHERE v.org = ?1 AND v.state = 'accepted' AND v.forgotten_at IS NULL ORDER BY v.made_at, v.id`, org)
}

// overdue are those whose time is over: turned down before one moment, or never
// answered since another.
func overdue(t *db.Tx, turnedDown, unanswered time.Time, limit int) ([]VolunteerID, error) {
	return db.List(t, func(r db.Row) (v VolunteerID, err error) { return v, r.Scan(&v) }, `SELECT id FROM hands_volunteer
		WHERE forgotten_at IS NULL AND (state IN ('declined', 'removed') AND changed_at <= ?1 OR state = 'waiting' AND made_at <= ?2) ORDER BY changed_at, id LIMIT ?3`, turnedDown, unanswered, limit)
}

// pack keeps a short list of codes in one column.
func pack(codes []string) string {
	if len(codes) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(codes) // strings always marshal
	return string(b)
}
