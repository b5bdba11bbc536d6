package field

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const teamColumns = `f.id, f.org, f.name_ar, f.name_fr, f.skills, f.languages, f.people, f.base, f.state, f.made_at, f.changed_at, f.version`

func scanTeam(r db.Row) (*Team, error) {
	var m Team
	var skills, languages string
	err := r.Scan(&m.ID, &m.Org, &m.Names.AR, &m.Names.FR, &skills, &languages, &m.People, &m.Base, &m.State,
		db.Time(&m.MadeAt), db.Time(&m.ChangedAt), &m.Version)
	if err != nil {
		return nil, err
	}
	return &m, errors.Join(json.Unmarshal([]byte(skills), &m.Skills), json.Unmarshal([]byte(languages), &m.Languages))
}

// pack keeps a short list of codes in one column.
func pack(codes []string) string {
	if len(codes) == 0 {
		return "[]"
	}
	b, _ := json.Marshal(codes) // strings always marshal
	return string(b)
}

// sortKey is what teams are listed by: letters of one script stand together.
func (m *Team) sortKey() string {
	if m.Names.FR != "" {
		return arabic.Key(m.Names.FR)
	}
	return arabic.Key(m.Names.AR)
}

func getTeam(t *db.Tx, tid TeamID) (*Team, error) {
	return db.One(t, scanTeam, `SELECT `+teamColumns+` FROM field_team f WHERE f.id = ?1`, tid)
}

// addTeam keeps a new team; the same identifier again changes nothing.
func addTeam(t *db.Tx, m *Team) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO field_team (id, org, name_ar, name_fr, sort, skills, languages, people, base, state, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.Org, m.Names.AR, m.Names.FR, m.sortKey(), pack(m.Skills), pack(m.Languages), m.People, m.Base, string(m.State), m.MadeAt, m.ChangedAt)
	return n == 1, err
}

// saveTeam writes back what getTeam read, unless somebody else did first.
func saveTeam(t *db.Tx, m *Team) error {
	n, err := t.Exec(`UPDATE field_team SET name_ar = ?1, name_fr = ?2, sort = ?3, skills = ?4, languages = ?5, people = ?6, base = ?7,
		state = ?8, changed_at = ?9, version = version + 1 WHERE id = ?10 AND version = ?11`,
		m.Names.AR, m.Names.FR, m.sortKey(), pack(m.Skills), pack(m.Languages), m.People, m.Base, string(m.State), m.ChangedAt, m.ID, m.Version)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "field.team.changed")
	}
	return err
}

// setTeamState follows its mission; whoever edits the team meanwhile loses nothing.
func setTeamState(t *db.Tx, tid TeamID, to TeamState, now time.Time) error {
	_, err := t.Exec(`UPDATE field_team SET state = ?1, changed_at = ?2, version = version + 1 WHERE id = ?3`, string(to), now, tid)
	return err
}

// teamFind is what a list of teams is looked up by.
type teamFind struct {
	org   actor.OrganisationID // zero is every one
	after TeamID               // the last team of the page before
	limit int
	gone  bool // disbanded ones too
}

func listTeams(t *db.Tx, f teamFind) ([]*Team, error) {
	gone := ""
	if !f.gone {
		gone = ` AND f.state <> 'disbanded'`
	}
	return db.List(t, scanTeam, `SELECT `+teamColumns+` FROM field_team f
		WHERE (?1 = '' OR f.org = ?1)`+gone+` AND (?2 = '' OR (f.sort, f.id) > (SELECT x.sort, x.id FROM field_team x WHERE x.id = ?2))
		ORDER BY f.sort, f.id LIMIT ?3`, f.org.String(), f.after.String(), f.limit)
}

// openMission is the mission that binds a team now; zero when it is free.
func openMission(t *db.Tx, tid TeamID) (MissionID, error) {
	mid, err := db.One(t, func(r db.Row) (m MissionID, err error) { return m, r.Scan(&m) },
		`SELECT id FROM field_mission WHERE team = ?1 AND state IN ('planned', 'departed')`, tid)
	if fault.KindOf(err) == fault.Missing {
		return MissionID{}, nil
	}
	return mid, err
}

// bound is the open mission of each team that has one.
func bound(t *db.Tx) (map[TeamID]MissionID, error) {
	type pair struct {
		team    TeamID
		mission MissionID
	}
	all, err := db.List(t, func(r db.Row) (p pair, err error) { return p, r.Scan(&p.team, &p.mission) },
		`SELECT team, id FROM field_mission WHERE state IN ('planned', 'departed')`)
	out := make(map[TeamID]MissionID, len(all))
	for _, p := range all {
		out[p.team] = p.mission
	}
	return out, err
}
