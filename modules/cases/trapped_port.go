package cases

import (
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/rules"
)

// OpenTelling lists the open requests of a province, for a service, that ask
// for one of these needs or were found urgent for one of these reasons, however
// urgent somebody thinks them since: where people may be under rubble. Whoever
// works there asks; app joins the two.
func (o *Office) OpenTelling(t *db.Tx, province, service string, needs, reasons []string) ([]*Case, error) {
	all, err := openTelling(t, province, service, needs, reasons)
	return slices.DeleteFunc(all, func(c *Case) bool {
		return !slices.ContainsFunc(c.Needs, func(n string) bool { return slices.Contains(needs, n) }) &&
			!slices.ContainsFunc(c.Reasons, func(r rules.Reason) bool { return slices.Contains(reasons, r.Code) })
	}), err
}
