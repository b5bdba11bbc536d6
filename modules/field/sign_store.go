package field

import "github.com/twiza/twiza/platform/db"

func addSign(t *db.Tx, sid StopID) error {
	_, err := t.Exec(`INSERT INTO field_sign (sign, stop, made_at) VALUES (?1, ?2, ?3)`, newSign(), sid, t.Now())
	return err
}

func dropSign(t *db.Tx, sid StopID) error {
	_, err := t.Exec(`DELETE FROM field_sign WHERE stop = ?1`, sid)
	return err
}

// signed is the stop that a sign belongs to.
func signed(t *db.Tx, sign string) (Stop, error) {
	return db.One(t, scanStop, `SELECT `+stopColumns+` FROM field_stop s JOIN field_sign g ON g.stop = s.id WHERE g.sign = ?1`, sign)
}

// signsOf are the signs of a mission, by stop.
func signsOf(t *db.Tx, mid MissionID) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.List(t, func(r db.Row) (n int, err error) {
		var stop, sign string
		err = r.Scan(&stop, &sign)
		out[stop] = sign
		return 0, err
	}, `SELECT g.stop, g.sign FROM field_sign g JOIN field_stop s ON s.id = g.stop WHERE s.mission = ?1`, mid)
	return out, err
}
