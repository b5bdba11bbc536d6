package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// Forgotten is a commune where people wait and nobody has taken any of them on.
type Forgotten struct {
	Commune string
	Waiting int
	Level   int // the most urgent
	Oldest  time.Time
}

// claimable is which services an organisation may take requests of.
func (o *Office) claimable() (codes []any) {
	for _, d := range o.services.All() {
		for _, m := range d.Moves() {
			if m.Deed == MoveClaim && !slices.Contains(codes, any(d.Code)) {
				codes = append(codes, d.Code)
			}
		}
	}
	return codes
}

// Forgotten lists such communes, the longest wait first. A commune where
// anybody has taken on anything is not among them.
func (o *Office) Forgotten(t *db.Tx, limit int) ([]Forgotten, error) {
	services := o.claimable()
	if len(services) == 0 {
		return nil, nil
	}
	return db.List(t, func(r db.Row) (f Forgotten, err error) {
		return f, r.Scan(&f.Commune, &f.Waiting, &f.Level, db.Time(&f.Oldest))
	},
		`SELECT commune, COUNT(*), MIN(level), MIN(made_at) FROM cases_case WHERE phase = 'open' AND commune IS NOT NULL AND merged_into IS NULL
		AND service IN (`+numbered(2, len(services))+`)
		AND commune NOT IN (SELECT commune FROM cases_case WHERE phase IN ('owned', 'moving', 'waiting') AND merged_into IS NULL AND commune IS NOT NULL)
		GROUP BY commune ORDER BY MIN(made_at), commune LIMIT ?1`, append([]any{limit}, services...)...)
}

// mostClaimed is how many requests one claim of a place takes on: more than a
// team can serve helps nobody.
const mostClaimed = 30

// ClaimPlace takes on the requests that wait in a commune for the doer's
// organisation, the most urgent first, each as its own deed, and tells how many
// that were. Those that somebody was faster with stay theirs.
func (o *Office) ClaimPlace(ctx context.Context, by actor.Actor, commune string) (n int, err error) {
	var all []CaseID
	services := o.claimable()
	if len(services) == 0 {
		return 0, nil
	}
	err = o.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = db.List(t, scanCaseID, `SELECT id FROM cases_case WHERE phase = 'open' AND commune = ?1 AND merged_into IS NULL
			AND service IN (`+numbered(3, len(services))+`) ORDER BY rank, due_at, id LIMIT ?2`, append([]any{commune, mostClaimed}, services...)...)
		return err
	})
	for _, cid := range all {
		switch e := o.Claim(ctx, by, cid); fault.KindOf(e) {
		case fault.Internal:
			if e != nil {
				return n, e
			}
			n++
		case fault.Conflict: // somebody was faster
		default:
			return n, e
		}
	}
	return n, err
}

// RoadReport is a request that tells of a road, with what it says of who passes.
type RoadReport struct {
	Case   *Case
	Answer string // the code that was chosen; "" when nothing was
}

// RoadReports lists the requests of a service that are not ended, the latest
// first, with the answer to one of its questions.
func (o *Office) RoadReports(t *db.Tx, service, question string, limit int) (out []RoadReport, err error) {
	all, err := db.List(t, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE service = ?1 AND phase IN ('open', 'owned') AND merged_into IS NULL
		ORDER BY made_at DESC, id DESC LIMIT ?2`, service, limit)
	for _, c := range all {
		var answers map[string]json.RawMessage
		r := RoadReport{Case: c}
		if json.Unmarshal([]byte(c.Answers), &answers) == nil && answers[question] != nil {
			if json.Unmarshal(answers[question], &r.Answer) != nil {
				r.Answer = "" // not one choice: whoever looks at it will choose
			}
		}
		out = append(out, r)
	}
	return out, err
}

// numbered is n parameters, the first of which is from: "?3, ?4".
func numbered(from, n int) string {
	out := ""
	for i := range n {
		if i > 0 {
			out += ", "
		}
		out += "?" + strconv.Itoa(from+i)
	}
	return out
}
