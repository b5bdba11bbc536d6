package people

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Offices is what an association answers by (dahir 1-58-376, art. 5), in the
// order in which people read them. The set is closed.
var Offices = []string{"president", "treasurer", "secretary"}

// Officer is somebody who holds an office of an organisation, or did. It is no
// account: most who preside over an association never sign in.
type Officer struct {
	ID     id.Of[Officer]
	Org    actor.OrganisationID
	Office string
	Name   string // sealed in the store, and never in the journal
	From   time.Time
	Until  time.Time // zero while they hold it
	KeptBy actor.AccountID
	sealed []byte
}

func officerAt(oid id.Of[Officer]) string { return "people_officer.name|" + oid.String() }

// wrong says everything that an officer cannot be kept with.
func (x Officer) wrong(now time.Time) (all fault.All) {
	if !slices.Contains(Offices, x.Office) {
		all = append(all, fault.New(fault.Invalid, "people.officer.office_missing").On("office"))
	}
	switch {
	case arabic.Key(x.Name) == "":
		all = append(all, fault.New(fault.Invalid, "people.officer.name_missing").On("officer"))
	case utf8.RuneCountInString(x.Name) > maxName:
		all = append(all, fault.New(fault.Invalid, "people.account.name_long", "most", maxName).On("officer"))
	}
	switch {
	case x.From.IsZero():
		all = append(all, fault.New(fault.Invalid, "people.organisation.date_unread").On("since"))
	case x.From.After(now):
		all = append(all, fault.New(fault.Invalid, "people.organisation.date_future").On("since"))
	}
	return all
}

const officerColumns = `x.id, x.org, x.office, x.name, x.from_at, x.until_at, x.kept_by`

func scanOfficer(r db.Row) (x Officer, err error) {
	return x, r.Scan(&x.ID, &x.Org, &x.Office, &x.sealed, db.Time(&x.From), db.Time(&x.Until), &x.KeptBy)
}

// officersOf lists who holds the offices of an organisation, then who held
// them, the latest first. Names stay sealed.
func officersOf(t *db.Tx, oid actor.OrganisationID) ([]Officer, error) {
	return db.List(t, scanOfficer, `SELECT `+officerColumns+` FROM people_officer x WHERE x.org = ?1
		ORDER BY CASE WHEN x.until_at IS NULL THEN 0 ELSE 1 END, CASE x.office WHEN 'president' THEN 0 WHEN 'treasurer' THEN 1 ELSE 2 END, x.from_at DESC, x.id LIMIT 200`, oid)
}

func getOfficer(t *db.Tx, oid actor.OrganisationID, xid id.Of[Officer]) (Officer, error) {
	return db.One(t, scanOfficer, `SELECT `+officerColumns+` FROM people_officer x WHERE x.id = ?1 AND x.org = ?2`, xid, oid)
}

func addOfficer(t *db.Tx, x Officer) error {
	_, err := t.Exec(`INSERT INTO people_officer (id, org, office, name, from_at, kept_by, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		x.ID, x.Org, x.Office, x.sealed, x.From, x.KeptBy, t.Now())
	if fault.KindOf(err) == fault.Conflict {
		return fault.New(fault.Conflict, "people.organisation.changed")
	}
	return err
}

func endOfficer(t *db.Tx, xid id.Of[Officer], at time.Time) error {
	n, err := t.Exec(`UPDATE people_officer SET until_at = ?1 WHERE id = ?2 AND until_at IS NULL`, at, xid)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "people.officer.ended")
	}
	return err
}
