package picture

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
)

// ShelterID names a shelter.
type ShelterID = id.Of[Shelter]

// Shelter is a place where people can go.
type Shelter struct {
	ID        ShelterID
	Name      string // as people there call it: "مدرسة النخيل"
	Place     string // code of a commune or a douar
	Capacity  int    // people
	Fit       bool   // somebody in a wheelchair can go in and use it
	Protected bool   // for those who must not be found: never published
	OpenedAt  time.Time
	ClosedAt  time.Time
	Revision  int64
}

const (
	longestName = 80 // characters
	mostPeople  = 100_000
)

// wrong says everything that a shelter cannot be opened with.
func (s *Shelter) wrong() (all fault.All) {
	s.Name = strings.Join(strings.Fields(s.Name), " ")
	if s.Name == "" || len([]rune(s.Name)) > longestName {
		all = append(all, fault.New(fault.Invalid, "picture.shelter.name_wrong", "most", longestName).On("name"))
	}
	if s.Place == "" {
		all = append(all, fault.New(fault.Invalid, "picture.shelter.place_wrong").On("place"))
	}
	if s.Capacity < 1 || s.Capacity > mostPeople {
		all = append(all, fault.New(fault.Invalid, "picture.shelter.capacity_wrong", "most", mostPeople).On("capacity"))
	}
	return all
}

const shelterColumns = `id, name, place, capacity, fit, protected, opened_at, closed_at, version`

func scanShelter(r db.Row) (s Shelter, err error) {
	return s, r.Scan(&s.ID, &s.Name, &s.Place, &s.Capacity, &s.Fit, &s.Protected, db.Time(&s.OpenedAt), db.Time(&s.ClosedAt), &s.Revision)
}

// publicShelters are those that are open to everybody. It is the only way by which
// shelters come to a public page.
func publicShelters(t *db.Tx) ([]Shelter, error) {
	return db.List(t, scanShelter, `SELECT `+shelterColumns+` FROM picture_shelter WHERE closed_at IS NULL AND NOT protected ORDER BY place, name, id LIMIT 2000`)
}

// allShelters are those that are open, the protected ones too.
func allShelters(t *db.Tx) ([]Shelter, error) {
	return db.List(t, scanShelter, `SELECT `+shelterColumns+` FROM picture_shelter WHERE closed_at IS NULL ORDER BY place, name, id LIMIT 2000`)
}

func getShelter(t *db.Tx, sid ShelterID) (Shelter, error) {
	return db.One(t, scanShelter, `SELECT `+shelterColumns+` FROM picture_shelter WHERE id = ?1`, sid)
}

func addShelter(t *db.Tx, s Shelter) error {
	_, err := t.Exec(`INSERT INTO picture_shelter (id, name, place, capacity, fit, protected, opened_at, changed_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1)`,
		s.ID, s.Name, s.Place, s.Capacity, s.Fit, s.Protected, s.OpenedAt)
	return err
}

func endShelter(t *db.Tx, sid ShelterID) (int64, error) {
	return t.Exec(`UPDATE picture_shelter SET closed_at = ?1, changed_at = ?1, version = version + 1 WHERE id = ?2 AND closed_at IS NULL`, t.Now(), sid)
}
