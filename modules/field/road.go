package field

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// RoadWordID names one word about a road.
type RoadWordID = id.Of[RoadWord]

// RoadWord is what somebody said of the way to a place: who can get there, how
// they know, since when and until when. Words are added, never changed.
type RoadWord struct {
	ID     RoadWordID
	Place  string // code of a douar, commune, province …
	State  RoadState
	Source string // one of RoadSources
	Report CaseID // the request by which people told of it; zero when none did
	Since  time.Time
	Until  time.Time // zero: until somebody says otherwise
	Org    actor.OrganisationID
	At     time.Time // when it was written down
}

// RoadState is who can get to a place. The set is closed; "" is not known.
type RoadState string

const (
	RoadOpen   RoadState = "open"   // to lorries
	RoadRough  RoadState = "rough"  // to 4x4 only
	RoadFoot   RoadState = "foot"   // to mules and people on foot only
	RoadClosed RoadState = "closed" // to everybody
)

// RoadStates from the best to the worst.
var RoadStates = []RoadState{RoadOpen, RoadRough, RoadFoot, RoadClosed}

// RoadSources is how somebody knows, in the order in which people read it.
var RoadSources = []string{"seen", "report", "roads_service", "authority", "gendarmerie", "other"}

func (s RoadState) rank() int { return slices.Index(RoadStates, s) }

// roadSlack is how far ahead of ours another clock may be.
const roadSlack = 10 * time.Minute

// wrong says everything that a word cannot be kept with.
func (r *RoadWord) wrong(now time.Time) (all fault.All) {
	if !slices.Contains(RoadStates, r.State) {
		all = append(all, fault.New(fault.Invalid, "field.road.state_missing").On("state"))
	}
	if !slices.Contains(RoadSources, r.Source) {
		all = append(all, fault.New(fault.Invalid, "field.road.source_missing").On("source"))
	}
	if r.Since.After(now.Add(roadSlack)) {
		all = append(all, fault.New(fault.Invalid, "field.road.since_wrong").On("since"))
	}
	if !r.Until.IsZero() && (!r.Until.After(r.Since) || !r.Until.After(now)) {
		all = append(all, fault.New(fault.Invalid, "field.road.until_wrong").On("until"))
	}
	return all
}

func (r *RoadWord) same(o *RoadWord) bool {
	return r.Place == o.Place && r.State == o.State && r.Source == o.Source && r.Report == o.Report && r.Since.Equal(o.Since) && r.Until.Equal(o.Until)
}

// roads is the last word about each place that still holds.
type roads map[string]RoadWord

// at is what holds for a place that lies on a path, widest first: the word
// about the smallest place of it, unless a wider one was said later and is
// worse. Nothing said is the zero word.
func (all roads) at(path []string) (out RoadWord) {
	for i := len(path) - 1; i >= 0; i-- {
		w, ok := all[path[i]]
		if ok && (out.State == "" || w.Since.After(out.Since) && w.State.rank() > out.State.rank()) {
			out = w
		}
	}
	return out
}
