package cases

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/platform/db"
)

// PaperRules is how long the number of a printed sheet stays taken that nobody
// uses, as the country's pack says.
type PaperRules struct {
	UnusedDays int    `yaml:"unused_days"`
	Source     string `yaml:"source"`
}

// ReadPaperRules reads COUNTRY/paper.yaml of the packs.
func ReadPaperRules(packs fs.FS, country string) (r PaperRules, err error) {
	name := country + "/paper.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return r, fmt.Errorf("cases: the pack %s does not say how long a sheet is good: %w", country, err)
	}
	read := yaml.NewDecoder(bytes.NewReader(body))
	read.KnownFields(true)
	if err := read.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	if r.UnusedDays < 1 || r.UnusedDays > 3660 || r.Source == "" {
		return r, fmt.Errorf("%s: unused_days is a number from 1 to 3660, and needs a source", name)
	}
	return r, nil
}

// UsePaper is called while the house is built. Without it no number is given up.
func (o *Office) UsePaper(r PaperRules) { o.paper = r }

// SweepSheets gives up the numbers of sheets that nobody used in time: whoever
// types one in later is told that the number is unknown, and makes the request
// without it. Sheets that were used are kept with their request.
func (o *Office) SweepSheets(ctx context.Context) error {
	if o.paper.UnusedDays == 0 {
		return nil
	}
	return o.h.DB.Write(ctx, func(t *db.Tx) error {
		return giveUpSheets(t, t.Now().Add(-time.Duration(o.paper.UnusedDays)*24*time.Hour))
	})
}
