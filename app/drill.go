package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ship"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// deedDrill is bringing the copies back for a trial, beside the house.
var deedDrill = deed.Deed{Name: "app.house.drill", Roles: []actor.Role{actor.Administrator}}

const aboutCopies = "app.house/copies"

// drilled is what a trial found; the journal line holds it.
type drilled struct {
	Moment  time.Time `json:"moment"` // the copy is of
	Lost    float64   `json:"lost_seconds"`
	Took    float64   `json:"took_seconds"`
	Files   int       `json:"files"`
	Lines   int64     `json:"journal_lines"`
	Missing int64     `json:"journal_lines_not_in_the_copy"`
	Found   int       `json:"found_wrong"`

	tables []string
	wrong  []string
}

// drillEvery is how often the house tries its copies by itself.
const drillEvery = 7 * 24 * time.Hour

func drill(ctx context.Context, e *env, args []string) error {
	var c Config
	var s source
	f := flags(e, "drill", "bring the copies back beside the house, for a trial, and compare", &c)
	s.flags(e, f)
	rest, err := parse(f, args, &c)
	if err != nil {
		return err
	}
	if s.from == "" || len(rest) > 0 {
		return usage{"say: twiza drill --from PLACE --backup-secret FILE --data DIR"}
	}
	if c.DB != "" {
		return usage{"drill tries copies of an SQLite store; for PostgreSQL use scripts/pg-restore.sh"}
	}
	place, keys, at, err := s.open(e)
	if err != nil {
		return err
	}
	h, err := quiet(ctx, c, e)
	if err != nil {
		return err
	}
	defer h.Close()
	d, err := h.drill(ctx, place, keys, at)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "The copy is of %s: %d files, %d journal lines, brought back and compared in %.1f s.\n", d.Moment.Local().Format(time.RFC3339), d.Files, d.Lines, d.Took)
	fmt.Fprintf(e.out, "Lost would be %d journal lines, the oldest of them %.0f s old.\n", d.Missing, d.Lost)
	for _, t := range d.tables {
		fmt.Fprintln(e.out, t)
	}
	for _, w := range d.wrong {
		fmt.Fprintln(e.out, w)
	}
	if d.Found > 0 {
		fmt.Fprintf(e.out, "%d found wrong\n", d.Found)
		return errFound
	}
	fmt.Fprintln(e.out, "clean")
	return nil
}

// drill restores into a folder of its own, compares with the living house, and
// leaves a line in the journal, whatever it found.
func (h *House) drill(ctx context.Context, place ship.Place, keys *crypt.Unseal, at time.Time) (d drilled, err error) {
	begun := h.clock.Now()
	dir, err := os.MkdirTemp("", "twiza-drill-")
	if err != nil {
		return d, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "twiza.db")
	r, err := ship.Restore(ctx, place, keys, at, path)
	if err != nil {
		d.wrong = append(d.wrong, err.Error())
	} else {
		d.Moment, d.Files = r.Moment, r.Files
		err = h.compare(ctx, path, &d)
	}
	if err != nil && len(d.wrong) == 0 {
		return d, err
	}
	d.Took, d.Found = h.clock.Now().Sub(begun).Seconds(), len(d.wrong)
	return d, h.Deeds.Do(ctx, System("drill"), deedDrill, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(aboutCopies, d)
	})
}

// compare looks at a copy as a house: its pages, its journal, its keys, its rows.
func (h *House) compare(ctx context.Context, path string, d *drilled) error {
	if err := db.Sound(ctx, path); err != nil {
		d.wrong = append(d.wrong, err.Error())
		return nil
	}
	back, err := db.Open("file:"+path, h.clock)
	if err != nil {
		return err
	}
	defer back.Close()
	c, err := deed.Compare(ctx, back, h.DB)
	if err != nil {
		return err
	}
	d.Lines, d.Missing, d.wrong = c.Lines, c.Behind, append(d.wrong, c.Wrong...)
	if !c.Since.IsZero() {
		d.Lost = max(0, h.clock.Now().Sub(c.Since).Seconds())
	}
	ring, err := h.ring()
	if err != nil {
		return err
	}
	if v, err := crypt.OpenVault(ctx, back, ring); err != nil {
		d.wrong = append(d.wrong, "the copy's keys: "+err.Error())
	} else if err := v.Check(ctx); err != nil {
		d.wrong = append(d.wrong, "the copy's keys: "+err.Error())
	}
	return h.tables(ctx, back, d)
}

// tables counts rows on both sides. Other counts are no fault, for the house goes
// on; a table that one side lacks is.
func (h *House) tables(ctx context.Context, back *db.DB, d *drilled) error {
	there, err1 := back.Counts(ctx)
	here, err2 := h.DB.Counts(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	copied := map[string]int64{}
	for _, c := range there {
		copied[c.Table] = c.Rows
	}
	same := 0
	for _, c := range here {
		n, ok := copied[c.Table]
		delete(copied, c.Table)
		switch {
		case !ok:
			d.wrong = append(d.wrong, "the copy lacks the table "+c.Table)
		case n != c.Rows:
			d.tables = append(d.tables, fmt.Sprintf("%s: %d rows in the copy, %d now", c.Table, n, c.Rows))
		default:
			same++
		}
	}
	for name := range copied {
		d.wrong = append(d.wrong, "the house lacks the table "+name)
	}
	d.tables = append(d.tables, fmt.Sprintf("%d tables have as many rows as now", same))
	return nil
}

// lastDrill is when copies were tried last, and whether all was well. Zero: never.
func (h *House) lastDrill(ctx context.Context) (at time.Time, ok bool, err error) {
	err = h.DB.Read(ctx, func(t *db.Tx) error {
		line, found, err := deed.Last(t, aboutCopies)
		if err != nil || !found {
			return err
		}
		var d drilled
		at, err = line.At, json.Unmarshal(line.Told, &d)
		ok = err == nil && d.Found == 0
		return err
	})
	return at, ok, err
}

// drillWeekly tries the copies when that was a week ago.
func (h *House) drillWeekly(ctx context.Context, place ship.Place, keys *crypt.Unseal) error {
	last, _, err := h.lastDrill(ctx)
	if err != nil || h.clock.Now().Sub(last) < drillEvery {
		return err
	}
	if lag, problem := h.ships.Lag(); problem != nil || lag > ship.Late {
		return nil // that is said elsewhere; a trial would say it again
	}
	d, err := h.drill(ctx, place, keys, time.Time{})
	if err != nil {
		return err
	}
	if d.Found > 0 {
		h.Log.Error("the copies were tried and are not sound", "problems", d.wrong)
		return nil
	}
	h.Log.Info("the copies were tried and came back", "lost_seconds", d.Lost, "took_seconds", d.Took)
	return nil
}
