package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twiza/twiza/platform/db"
)

// misdrawn names samples that are not what their seed draws from their list.
func misdrawn(t *db.Tx) (bad []string, err error) {
	all, err := db.List(t, scanSample, `SELECT `+sampleColumns+` FROM audit_sample s ORDER BY s.id`)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		items, err := itemsOf(t, s.ID)
		if err != nil {
			return nil, err
		}
		var subjects []string
		for _, i := range items {
			subjects = append(subjects, i.Subject)
		}
		file, err := populationOf(t, s.ID)
		if err != nil {
			return nil, err
		}
		from := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
		if Digest(file) != s.Digest || len(from) != s.Population || !slices.Equal(subjects, Draw(s.Seed, from, s.Wanted)) {
			bad = append(bad, fmt.Sprintf("audit.sample/%s: it is not what its seed draws from its list", s.ID))
		}
	}
	return bad, nil
}
