package cases

import (
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/service"
)

// A part of the country is asked for along its index: without it a search by
// place read all that waits, some 450 ms over 100,000 requests.
func TestAPartOfTheCountryIsAskedForAlongItsIndex(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		if w.h.DB.Engine() != "sqlite" {
			return // PostgreSQL chooses by what it has counted, and has nothing to count here
		}
		commune, ok := w.places.Commune(w.douar())
		if !ok {
			t.Fatal("no commune")
		}
		for _, c := range []struct {
			territory, index string
		}{{"", "cases_case_queue"}, {tidili, "cases_case_area"}, {commune.Code, "cases_case_area"}} {
			r := w.sharp(Reach{{Territory: c.territory}})
			if c.territory == "" {
				r = nil
			}
			var a asking
			q := `EXPLAIN QUERY PLAN SELECT id FROM cases_case WHERE ` + Queue{Reach: r}.where(&a, service.Open) + ` ORDER BY rank, due_at, id LIMIT 30`
			w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				plan, err := db.List(tx, func(r db.Row) (line string, err error) {
					var x, y, z int64
					return line, r.Scan(&x, &y, &z, &line)
				}, q, a.args...)
				if all := strings.Join(plan, "; "); err == nil && (!strings.Contains(all, c.index+" (") || strings.Contains(all, "TEMP B-TREE")) {
					t.Errorf("%q is read by %s", c.territory, all)
				}
				return err
			}))
		}
	})
}

// Whatever the queue is filtered by is in the index that it is read along: a filter that
// almost nothing passes took more than a second over 200,000 requests, and takes a
// tenth of that.
func TestWhatTheQueueIsFilteredByStandsInItsIndexes(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		if w.h.DB.Engine() != "sqlite" {
			return // the same lines of SQL made them there
		}
		var a asking
		filter := Queue{Reach: w.sharp(Reach{{Territory: tidili, Service: "crisis_help"}}), Level: 1, Spoken: "shi", Channel: "phone", Need: "food", Unplaced: true}.where(&a, service.Open)
		for _, index := range []string{"cases_case_queue", "cases_case_area"} {
			w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
				columns, err := db.List(tx, db.Text, `SELECT name FROM pragma_index_info('`+index+`')`)
				for _, c := range strings.FieldsFunc(filter, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
					if territory := c == "province" || c == "commune" || c == "region"; c != "merged_into" && !slices.Contains(columns, c) && !(territory && index == "cases_case_queue") {
						t.Errorf("%s lacks %s", index, c)
					}
				}
				return err
			}))
		}
	})
}
