package cases

import (
	"strconv"
	"strings"

	"github.com/twiza/twiza/platform/db"
)

// openTelling are the open requests of a province that may ask for a need or
// be urgent for a reason: texts are compared, and whoever asks looks again.
func openTelling(t *db.Tx, province, service string, needs, reasons []string) ([]*Case, error) {
	args, or := []any{service, province}, []string{}
	for _, n := range needs {
		args = append(args, `%"`+n+`"%`)
		or = append(or, "needs LIKE ?"+strconv.Itoa(len(args)))
	}
	for _, r := range reasons {
		args = append(args, `%"code":"`+r+`"%`)
		or = append(or, "reasons LIKE ?"+strconv.Itoa(len(args)))
	}
	if len(or) == 0 {
		return nil, nil
	}
	return db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE service = ?1 AND province = ?2 AND phase <> 'final' AND merged_into IS NULL
		AND erased_at IS NULL AND (`+strings.Join(or, " OR ")+`) ORDER BY made_at, id`, args...)
}
