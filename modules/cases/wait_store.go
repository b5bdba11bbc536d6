package cases

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/service"
)

// Wait is how long one request waited, and which groups it belongs to: nothing
// in it leads to its person.
type Wait struct {
	Channel  string // by which it came: "web", "sms", "helper" …
	Spoken   string // language spoken; "" when nobody said
	Province string // code; "" when the place is not known
	Commune  string
	Asked    time.Time
	Owned    time.Time // somebody took it on; zero: nobody yet
	Helped   time.Time // its person said that help had come; zero: not yet
	Ended    time.Time // it was closed; zero: it is open
}

// Waits hands every request that came since a moment to each, in no order,
// without those that were joined to another, which carries the work for both.
// At most as many are read as said; whole is false when there were more.
// Restricted concerns are in a table of their own and are never among them.
//
// A row is handed over as one text, because there may be three hundred thousand
// of them and most of what reading one costs is handing over its columns.
func (o *Office) Waits(t *db.Tx, since time.Time, most int, each func(Wait)) (whole bool, err error) {
	names := map[string]string{} // few, and held once each
	all, err := db.List(t, func(r db.Row) (none struct{}, err error) {
		var row string
		if err = r.Scan(&row); err != nil {
			return none, err
		}
		w, ok, err := readWait(row, names)
		if ok {
			each(w)
		}
		return none, err
	}, `SELECT made_at || '|' || COALESCE(owned_at, 0) || '|' || COALESCE(helped_at, 0) || '|' || changed_at || '|' || phase || '|' || COALESCE(way, channel)
		|| '|' || COALESCE(province, '') || '|' || COALESCE(commune, '') || '|' || spoken FROM cases_case WHERE made_at >= ?1 AND merged_into IS NULL LIMIT ?2`, since, most+1)
	return len(all) <= most, err
}

// readWait reads a row of Waits. Not ok is what was taken on before the moment
// was kept: of it nothing can be said.
func readWait(row string, names map[string]string) (w Wait, ok bool, err error) {
	part := strings.SplitN(row, "|", 9)
	if len(part) != 9 {
		return w, false, fmt.Errorf("a wait of %d parts", len(part))
	}
	var at [4]time.Time
	for i := range at {
		us, err := strconv.ParseInt(part[i], 10, 64)
		if err != nil {
			return w, false, err
		}
		if us != 0 {
			at[i] = time.UnixMicro(us).UTC()
		}
	}
	name := func(s string) string {
		known, ok := names[s]
		if !ok {
			known = strings.Clone(s)
			names[known] = known
		}
		return known
	}
	w = Wait{Channel: name(part[5]), Spoken: name(part[8]), Province: name(part[6]), Commune: name(part[7]), Asked: at[0], Owned: at[1], Helped: at[2]}
	phase := service.Phase(part[4])
	if phase == service.Final {
		w.Ended = at[3]
	}
	return w, phase == service.Final || phase == service.Open || !w.Owned.IsZero(), nil
}
