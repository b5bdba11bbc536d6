package reach

import (
	"testing"
	"time"

	"github.com/twiza/twiza/platform/db"
)

func TestWhatMessagesCostIsKnownForEachSubjectAndInAll(t *testing.T) {
	rigs(t, func(r *rig) {
		r.g.Minor = 25
		costs := func(since time.Time) (about map[string]int64, parts, minor int64) {
			about = map[string]int64{}
			r.must(r.h.DB.Read(r.Context(), func(t *db.Tx) (err error) {
				parts, minor, err = r.Costs(t, since, func(subject string, _, minor int64) { about[subject] += minor })
				return err
			}))
			return about, parts, minor
		}
		r.notice("cases.case/1", "a", karima, 1)
		r.notice("cases.case/1", "b", karima, 1)
		r.notice("cases.case/2", "a", brahim, 1)
		r.says(brahim, "menu") // an answer about no case
		r.work()
		about, parts, minor := costs(r.now.At.Add(-time.Hour))
		if minor != 25*parts || parts < 4 {
			t.Errorf("in all %d parts cost %d", parts, minor)
		}
		if about["cases.case/1"] != 2*about["cases.case/2"] || about["cases.case/2"] == 0 || about["cases.case/1"]+about["cases.case/2"] >= minor || len(about) != 2 {
			t.Errorf("%v of %d", about, minor)
		}
		r.now.Advance(48 * time.Hour)
		if about, parts, minor := costs(r.now.At.Add(-time.Hour)); len(about) != 0 || parts != 0 || minor != 0 {
			t.Errorf("of an hour in which nothing was sent: %v, %d, %d", about, parts, minor)
		}
	})
}
