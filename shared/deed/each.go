package deed

import (
	"encoding/json"
	"time"

	"github.com/twiza/twiza/platform/db"
)

// Each hands the lines of some deeds that were kept since a moment to each, in
// the order in which they were kept. It reads the whole journal, which has no
// index by deed: for reports, never for a page that is opened often.
func Each(t *db.Tx, since time.Time, words []string, each func(word, subject string, told json.RawMessage) error) error {
	wanted := map[string]bool{}
	for _, w := range words {
		wanted[w] = true
	}
	_, err := db.List(t, func(r db.Row) (none struct{}, err error) {
		var word, subject, told string
		if err = r.Scan(&word, &subject, &told); err != nil || !wanted[word] {
			return none, err
		}
		return none, each(word, subject, json.RawMessage(told))
	}, `SELECT deed, subject, told FROM deed_record WHERE at >= ?1 ORDER BY seq`, since)
	return err
}
