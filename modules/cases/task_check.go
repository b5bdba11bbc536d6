package cases

import (
	"slices"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/module"
)

// taskChecks are what always holds of the parts of a need. What the schema
// refuses by itself is not repeated here.
func (o *Office) taskChecks() []module.Check {
	return []module.Check{
		query("a closed case leaves no part open",
			`SELECT k.id FROM cases_task k JOIN cases_case c ON c.id = k.case_id LEFT JOIN cases_case r ON r.id = c.merged_into
			WHERE k.state IN ('open', 'doing', 'blocked') AND COALESCE(r.phase, c.phase) = 'final' LIMIT 20`),
		query("every part has a journal line of its beginning, and so has its case",
			`SELECT k.id FROM cases_task k WHERE 2 <> (SELECT COUNT(*) FROM deed_record r
			WHERE r.deed = '`+DeedTaskAdd.Name+`' AND r.told LIKE '%"task":"' || k.id || '"%' AND r.subject IN ('cases.task/' || k.id, 'cases.case/' || k.case_id)) LIMIT 20`),
		{Name: "a part is one that its service knows, and its sector one of the pack", Find: o.checkParts},
	}
}

func (o *Office) checkParts(t *db.Tx) (bad []string, err error) {
	type row struct {
		id, part, sector, service string
		version                   int
	}
	all, err := db.List(t, func(r db.Row) (x row, err error) {
		return x, r.Scan(&x.id, &x.part, &x.sector, &x.service, &x.version)
	}, `SELECT MIN(k.id), k.part, k.sector, c.service, c.service_version FROM cases_task k JOIN cases_case c ON c.id = k.case_id
		GROUP BY k.part, k.sector, c.service, c.service_version`)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		c := &Case{Service: x.service, Version: x.version}
		def, err := o.def(t, c)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(parts(def, c), x.part) || !o.sectors.Has(x.sector) {
			bad = append(bad, x.id+" (part "+x.part+", sector "+x.sector+")")
		}
	}
	return bad, nil
}
