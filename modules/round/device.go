package round

import (
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Device is a phone that somebody takes to the field.
type Device struct {
	ID       DeviceID
	Account  actor.AccountID
	Org      actor.OrganisationID
	Name     []byte // sealed
	Salt     []byte // of the key that comes from its holder's password
	State    DeviceState
	Session  string // where its holder last signed in on it
	MadeAt   time.Time
	SeenAt   time.Time
	PackedAt time.Time
	EndedAt  time.Time
	EndedBy  actor.AccountID
}

type DeviceID = id.Of[Device]

// DeviceState is whether a device may still learn anything. The set is closed.
type DeviceState string

const (
	Active DeviceState = "active"
	Cut    DeviceState = "cut"
)

const (
	// packLife is how long a pack is good for.
	packLife = 7 * 24 * time.Hour
	// mostDevices of one account that are not cut off.
	mostDevices = 5
	// iterations of PBKDF2-HMAC-SHA-256 (OWASP, Password Storage Cheat Sheet).
	iterations = 600_000
	saltSize   = 16
	// seenEvery is how exact "last seen" is: looking must not cost a write.
	seenEvery = 5 * time.Minute
	maxName   = 60
)

// errCut says that a device was cut off. state is for its program, which then
// erases what it knows.
func errCut() error { return fault.New(fault.Unknown, "round.device.is_cut", "state", "cut") }

// holds tells whether somebody may work with the device.
func (d *Device) holds(by actor.Actor) error {
	switch {
	case d.State == Cut:
		return errCut()
	case d.Account != by.Account:
		return fault.New(fault.Denied, "round.device.not_yours")
	}
	return nil
}

const deviceColumns = `d.id, d.account, d.org, d.name, d.salt, d.state, d.session, d.made_at, d.seen_at, d.packed_at, d.ended_at, d.ended_by`

func scanDevice(r db.Row) (d Device, err error) {
	return d, r.Scan(&d.ID, &d.Account, &d.Org, &d.Name, &d.Salt, &d.State, db.Opt(&d.Session), db.Time(&d.MadeAt), db.Time(&d.SeenAt),
		db.Time(&d.PackedAt), db.Time(&d.EndedAt), &d.EndedBy)
}

func getDevice(t *db.Tx, did DeviceID) (Device, error) {
	d, err := db.One(t, scanDevice, `SELECT `+deviceColumns+` FROM round_device d WHERE d.id = ?1`, did)
	if fault.KindOf(err) == fault.Missing {
		err = fault.New(fault.Missing, "round.device.missing")
	}
	return d, err
}

// addDevice keeps a new device; fresh is false when its identifier is known.
func addDevice(t *db.Tx, d Device) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO round_device (id, account, org, name, salt, state, session, made_at, seen_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING`,
		d.ID, d.Account, d.Org, d.Name, d.Salt, string(d.State), db.OrNull(d.Session), d.MadeAt, d.SeenAt)
	return n == 1, err
}

func activeDevices(t *db.Tx, account actor.AccountID) (int64, error) {
	return db.One(t, db.Int, `SELECT COUNT(*) FROM round_device WHERE account = ?1 AND state = 'active'`, account)
}

// cutDevice ends a device; cut is false when it was ended before.
func cutDevice(t *db.Tx, did DeviceID, by actor.AccountID) (cut bool, err error) {
	n, err := t.Exec(`UPDATE round_device SET state = 'cut', ended_at = ?1, ended_by = ?2 WHERE id = ?3 AND state = 'active'`, t.Now(), by, did)
	return n == 1, err
}

// sawDevice notes that a device is in use, and with which session.
func sawDevice(t *db.Tx, did DeviceID, session string) error {
	_, err := t.Exec(`UPDATE round_device SET seen_at = ?1, session = COALESCE(?2, session) WHERE id = ?3`, t.Now(), db.OrNull(session), did)
	return err
}

func packedDevice(t *db.Tx, did DeviceID) error {
	_, err := t.Exec(`UPDATE round_device SET packed_at = ?1 WHERE id = ?2`, t.Now(), did)
	return err
}

// DeviceRow is a device with how much of it waits for a person.
type DeviceRow struct {
	Device
	Waiting int
}

// devicesOf lists the devices of an account, or of an organisation, or all;
// the latest in use first.
func devicesOf(t *db.Tx, account actor.AccountID, orgs []actor.OrganisationID, all bool, limit int) ([]DeviceRow, error) {
	var one, two actor.OrganisationID
	if len(orgs) > 0 {
		one = orgs[0]
	}
	if len(orgs) > 1 {
		two = orgs[1]
	}
	everything := 0
	if all {
		everything = 1
	}
	return db.List(t, func(r db.Row) (x DeviceRow, err error) {
		return x, r.Scan(&x.ID, &x.Account, &x.Org, &x.Name, &x.Salt, &x.State, db.Opt(&x.Session), db.Time(&x.MadeAt), db.Time(&x.SeenAt),
			db.Time(&x.PackedAt), db.Time(&x.EndedAt), &x.EndedBy, &x.Waiting)
	}, `SELECT `+deviceColumns+`, (SELECT COUNT(*) FROM round_record r WHERE r.device = d.id AND r.state = 'conflict') FROM round_device d
		WHERE ?1 = 1 OR d.account = ?2 OR d.org = ?3 OR d.org = ?4 ORDER BY d.seen_at DESC, d.id LIMIT ?5`, everything, account.String(), one.String(), two.String(), limit)
}

func nameAt(did DeviceID) string { return crypt.At("round_device.name", did.String()) }
