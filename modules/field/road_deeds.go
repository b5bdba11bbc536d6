package field

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// The deeds on roads. What is known of them is for all staff to see.
var (
	DeedRoadList = deed.Deed{Name: "field.road.list", Roles: actor.Roles}
	DeedRoadSay  = deed.Deed{Name: "field.road.say", Roles: manage}
)

// RoadTold is what others hear of a road.
type RoadTold struct {
	Road   RoadState `json:"road"`
	Place  string    `json:"place"`
	Source string    `json:"source"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"`
	Report string    `json:"report,omitempty"`
}

// SayRoad writes down who gets to a place. Its identifier is minted where the
// form was opened: sent twice, it is said once.
func (s *Service) SayRoad(ctx context.Context, by actor.Actor, w RoadWord) error {
	return welcome(s.h.Do(ctx, by, DeedRoadSay, func(t *deed.Tx) error {
		w := w
		if w.Since.IsZero() {
			w.Since = t.Now()
		}
		w.Since, w.Until = w.Since.Truncate(time.Microsecond), w.Until.Truncate(time.Microsecond)
		all := w.wrong(t.Now())
		if _, ok := s.places.Get(w.Place); !ok {
			all = append(all, fault.New(fault.Invalid, "field.road.place_unknown").On("base"))
		}
		if err := t.Allow(actor.Scope{Path: s.path(w.Place)}); err != nil {
			return err
		}
		switch old, err := findRoad(t.Tx, w.ID); {
		case err != nil:
			return err
		case old != nil && old.same(&w):
			return deed.ErrNothingDone
		case old != nil:
			return fault.New(fault.Conflict, "field.mission.id_taken")
		}
		if err := all.OrNil(); err != nil {
			return err
		}
		w.Org, w.At = t.As().Org, t.Now()
		switch err := addRoad(t.Tx, &w); {
		case fault.KindOf(err) == fault.Conflict && !w.Report.IsZero():
			return fault.New(fault.Conflict, "field.road.report_taken")
		case err != nil:
			return err
		}
		return t.Tell("field.road/"+w.ID.String(), RoadTold{w.State, w.Place, w.Source, w.Since, w.Until, w.Report.String()})
	}))
}

// RoadReport is what people told of a road, and what it means.
type RoadReport struct {
	Case    CaseID
	Receipt string
	Place   string
	State   RoadState // "" when they did not say who passes
	At      time.Time
	Href    string // page of what they told, without the language; "" is that of the case
}

// RoadReports is what field asks of whoever hears of roads from people: those
// that nobody has dealt with, the latest first, read by the country's rule.
type RoadReports interface {
	RoadReports(t *db.Tx, rule ReportRule, limit int) ([]RoadReport, error)
}

// UseRoadReports says who hears of roads. Without, nobody reports any.
func (s *Service) UseRoadReports(r RoadReports) { s.hearsay = r }

const maxReports = 30

// reports are those that nobody has made a word of and that the reader may.
func (s *Service) reports(t *deed.Tx) (out []RoadReport, err error) {
	if s.hearsay == nil || s.means.Reports.Service == "" {
		return nil, nil
	}
	all, err := s.hearsay.RoadReports(t.Tx, s.means.Reports, maxReports)
	if err != nil {
		return nil, err
	}
	taken, err := reportsTaken(t.Tx)
	return slices.DeleteFunc(all, func(r RoadReport) bool {
		_, may := t.By.May(DeedRoadSay.Roles, actor.Scope{Path: s.path(r.Place), Service: s.means.Reports.Service})
		return r.Place == "" || taken[r.Case.String()] || !may && t.By.System == ""
	}), err
}
