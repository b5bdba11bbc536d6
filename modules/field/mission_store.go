package field

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const missionColumns = `m.id, m.org, m.team, m.state, m.planned_at, m.departed_at, m.closed_at, m.made_at, m.changed_at`

func scanMission(r db.Row) (m Mission, err error) {
	return m, r.Scan(&m.ID, &m.Org, &m.Team, &m.State, db.Time(&m.PlannedAt), db.Time(&m.DepartedAt), db.Time(&m.ClosedAt),
		db.Time(&m.MadeAt), db.Time(&m.ChangedAt))
}

const stopColumns = `s.id, s.mission, s.seq, s.case_id, s.service, s.place, s.commune, s.state, s.reason, s.changed_at`

func scanStop(r db.Row) (s Stop, err error) {
	return s, r.Scan(&s.ID, &s.Mission, &s.Seq, &s.Case, &s.Service, db.Opt(&s.Place), db.Opt(&s.Commune), &s.State, db.Opt(&s.Reason), db.Time(&s.ChangedAt))
}

// hold reads a journey and keeps every other hand off it until this unit of
// work ends: the update comes first, so that under PostgreSQL the row is
// locked before anything is read.
func hold(t *db.Tx, mid MissionID) (*Journey, error) {
	n, err := t.Exec(`UPDATE field_mission SET version = version + 1, changed_at = ?1 WHERE id = ?2`, t.Now(), mid)
	if err == nil && n == 0 {
		err = fault.New(fault.Missing, "field.mission.missing")
	}
	if err != nil {
		return nil, err
	}
	return getJourney(t, mid)
}

func getJourney(t *db.Tx, mid MissionID) (*Journey, error) {
	m, err := db.One(t, scanMission, `SELECT `+missionColumns+` FROM field_mission m WHERE m.id = ?1`, mid)
	if err != nil {
		return nil, err
	}
	all, err := withCargo(t, []Mission{m})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// withCargo fills in the stops and the goods of a page of missions.
func withCargo(t *db.Tx, page []Mission) ([]*Journey, error) {
	out := make([]*Journey, len(page))
	at := make(map[MissionID]*Journey, len(page))
	ids := make([]any, len(page))
	for i, m := range page {
		out[i] = &Journey{Mission: m}
		at[m.ID], ids[i] = out[i], m.ID
	}
	if len(page) == 0 {
		return out, nil
	}
	stops, err := db.List(t, scanStop, `SELECT `+stopColumns+` FROM field_stop s WHERE s.mission IN (`+marks(1, len(ids))+`) ORDER BY s.mission, s.seq`, ids...)
	if err != nil {
		return nil, err
	}
	for _, s := range stops {
		at[s.Mission].Stops = append(at[s.Mission].Stops, s)
	}
	visits, err := db.List(t, scanVisit, `SELECT `+visitColumns+` FROM field_outreach v WHERE v.mission IN (`+marks(1, len(ids))+`) ORDER BY v.mission, v.seq`, ids...)
	if err != nil {
		return nil, err
	}
	for _, v := range visits {
		at[v.Mission].Visits = append(at[v.Mission].Visits, v)
	}
	type row struct {
		mission MissionID
		line    Line
	}
	lines, err := db.List(t, func(r db.Row) (l row, err error) {
		return l, r.Scan(&l.mission, &l.line.Good, &l.line.Loaded, &l.line.Delivered, &l.line.Returned, &l.line.Lost, db.Opt(&l.line.LostReason))
	}, `SELECT mission, good, loaded, delivered, returned, lost, lost_reason FROM field_line WHERE mission IN (`+marks(1, len(ids))+`)`, ids...)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		goods := &at[l.mission].Goods
		i, _ := goods.find(l.line.Good) // sorted here: databases do not agree on the order of letters
		*goods = append((*goods)[:i], append(Manifest{l.line}, (*goods)[i:]...)...)
	}
	return out, nil
}

// marks is n numbered parameters, the first of which is from: "?3, ?4".
func marks(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "?%d", from+i)
	}
	return b.String()
}

// addMission keeps a new mission; the same identifier again changes nothing,
// and a team that is bound already is a conflict.
func addMission(t *db.Tx, m Mission) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO field_mission (id, org, team, state, planned_at, made_at, changed_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1) ON CONFLICT (id) DO NOTHING`, m.ID, m.Org, m.Team, string(m.State), m.PlannedAt, m.MadeAt, m.ChangedAt)
	if fault.KindOf(err) == fault.Conflict { // the one other thing that is unique: the open mission of a team
		err = errTeamBusy()
	}
	return n == 1, err
}

func errTeamBusy() error { return fault.New(fault.Conflict, "field.team.busy").On("team") }

// saveMission writes back what hold read.
func saveMission(t *db.Tx, m Mission) error {
	_, err := t.Exec(`UPDATE field_mission SET state = ?1, departed_at = ?2, closed_at = ?3 WHERE id = ?4`, string(m.State), m.DepartedAt, m.ClosedAt, m.ID)
	return err
}

func addStop(t *db.Tx, s Stop) error {
	_, err := t.Exec(`INSERT INTO field_stop (id, mission, seq, case_id, service, place, commune, state, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
		s.ID, s.Mission, s.Seq, s.Case, s.Service, db.OrNull(s.Place), db.OrNull(s.Commune), string(s.State), s.ChangedAt)
	if err != nil {
		return err
	}
	return addSign(t, s.ID)
}

func saveStop(t *db.Tx, s Stop) error {
	_, err := t.Exec(`UPDATE field_stop SET state = ?1, reason = ?2, changed_at = ?3 WHERE id = ?4`, string(s.State), db.OrNull(s.Reason), s.ChangedAt, s.ID)
	return err
}

func dropStop(t *db.Tx, sid StopID) error {
	if err := dropSign(t, sid); err != nil {
		return err
	}
	_, err := t.Exec(`DELETE FROM field_stop WHERE id = ?1`, sid)
	return err
}

// stopOf is where a case waits for a team; zero when it waits at no stop.
func stopOf(t *db.Tx, c CaseID) (Stop, error) {
	s, err := db.One(t, scanStop, `SELECT `+stopColumns+` FROM field_stop s WHERE s.case_id = ?1 AND s.state = 'waiting'`, c)
	if fault.KindOf(err) == fault.Missing {
		return Stop{}, nil
	}
	return s, err
}

// moveStop follows a case that was located anew.
func moveStop(t *db.Tx, c CaseID, place, commune string) error {
	_, err := t.Exec(`UPDATE field_stop SET place = ?1, commune = ?2 WHERE case_id = ?3 AND state = 'waiting'`, db.OrNull(place), db.OrNull(commune), c)
	return err
}

// saveGoods writes a manifest as it is now.
func saveGoods(t *db.Tx, mid MissionID, goods Manifest) error {
	if _, err := t.Exec(`DELETE FROM field_line WHERE mission = ?1`, mid); err != nil {
		return err
	}
	for _, l := range goods {
		if _, err := t.Exec(`INSERT INTO field_line (mission, good, loaded, delivered, returned, lost, lost_reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
			mid, l.Good, l.Loaded, l.Delivered, l.Returned, l.Lost, db.OrNull(l.LostReason)); err != nil {
			return err
		}
	}
	return nil
}

// departedOnes are all missions that ever set out, with their goods.
func departedOnes(t *db.Tx) (out []*Journey, err error) {
	all, err := db.List(t, scanMission, `SELECT `+missionColumns+` FROM field_mission m WHERE m.departed_at IS NOT NULL ORDER BY m.id`)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(all, 200) {
		with, err := withCargo(t, some)
		if err != nil {
			return nil, err
		}
		out = append(out, with...)
	}
	return out, nil
}

// OpenMissions are those planned or on their way, the latest first.
func OpenMissions(t *db.Tx, limit int) ([]Mission, error) {
	return db.List(t, scanMission, `SELECT `+missionColumns+` FROM field_mission m WHERE m.state IN ('planned', 'departed') ORDER BY m.planned_at DESC, m.id DESC LIMIT ?1`, limit)
}

// MissionOf is a mission, also after its end.
func MissionOf(t *db.Tx, mid MissionID) (Mission, error) {
	return db.One(t, scanMission, `SELECT `+missionColumns+` FROM field_mission m WHERE m.id = ?1`, mid)
}

// missionFind is what a list of missions is looked up by.
type missionFind struct {
	open  bool // planned and departed ones; otherwise the ended ones
	org   actor.OrganisationID
	team  TeamID
	after mark
	limit int
}

// mark is where a page of missions ended.
type mark struct {
	at time.Time
	id MissionID
}

// listMissions is a page of missions, the latest first.
func listMissions(t *db.Tx, f missionFind) ([]*Journey, error) {
	states := map[bool]string{true: `'planned', 'departed'`, false: `'closed', 'cancelled'`}[f.open]
	at, mid := int64(1<<62), ""
	if !f.after.id.IsZero() {
		at, mid = f.after.at.UnixMicro(), f.after.id.String()
	}
	page, err := db.List(t, scanMission, `SELECT `+missionColumns+` FROM field_mission m
		WHERE m.state IN (`+states+`) AND (?1 = '' OR m.org = ?1) AND (?2 = '' OR m.team = ?2)
		AND (m.planned_at < ?3 OR (m.planned_at = ?3 AND m.id < ?4))
		ORDER BY m.planned_at DESC, m.id DESC LIMIT ?5`, f.org.String(), f.team.String(), at, mid, f.limit)
	if err != nil {
		return nil, err
	}
	return withCargo(t, page)
}
