package damage

import (
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
)

type (
	ClaimID  = id.Of[Claim]
	ReportID = id.Of[Report]
	WordID   = id.Of[Word]
	PhotoID  = id.Of[Photo]
)

// Whats is what people can tell of, in the order in which they are asked. The
// set is closed.
var Whats = []string{"building", "road", "bridge", "school", "clinic", "landslide", "water", "crack"}

// Claim is one thing at one place that reports agree about. What is not verified
// says so wherever it stands (requirement M12).
type Claim struct {
	ID       ClaimID
	What     string
	Place    string   // "" while nobody knows where
	Path     []string // region, province, commune; as far as known
	State    Standing
	Sources  int // independent ones
	Reports  int // that nobody set aside
	FirstAt  time.Time
	LastAt   time.Time
	StateAt  time.Time // when it came to stand as it does
	Revision int64
}

// Standing is how far a claim can be believed. The set is closed.
type Standing string

const (
	Unverified Standing = "unverified" // one source
	Told       Standing = "told"       // two independent sources
	Confirmed  Standing = "confirmed"  // an authority looked
	Disputed   Standing = "disputed"   // others say it is not so
	Refuted    Standing = "refuted"    // an authority says it is not so
	Aside      Standing = "aside"      // every report of it was set aside
)

// Report is what one person told.
type Report struct {
	ID       ReportID // minted by the teller's side
	Claim    ClaimID
	Receipt  receipt.Number
	Digest   []byte // keyed, of all that was said
	Phone    []byte // blind index; nil when none was left
	Device   []byte // the same of the browser; nil when it is not known
	Org      actor.OrganisationID
	Sealed   []byte // of Private
	At       geo.Point
	HasPoint bool
	SetAside string // why; "" when it counts
	Lang     string
	MadeAt   time.Time

	What  string // of the claim it makes or joins
	Place string
}

// Private is what names the person who told, and their own words.
type Private struct {
	Phone string `json:"phone,omitempty"`
	Words string `json:"words,omitempty"`
	Where string `json:"where,omitempty"`
}

// Word is what somebody on the staff says of a claim.
type Word struct {
	ID       WordID
	Claim    ClaimID
	Confirms bool
	Reason   string
	Official bool
	Org      actor.OrganisationID
	Account  actor.AccountID
	At       time.Time
}

// Reasons of words and of setting a report aside.
var (
	ConfirmReasons = []string{"seen", "called", "service", "picture"}
	RefuteReasons  = []string{"seen_otherwise", "other_place", "over", "old"}
	AsideReasons   = []string{"abuse", "nonsense", "advert", "test"}
)

// speaker is who a word is of: an organisation speaks once, whoever types.
func (w Word) speaker() string {
	if !w.Org.IsZero() {
		return "org " + w.Org.String()
	}
	return "account " + w.Account.String()
}

// lastWords keeps the last word of each speaker.
func lastWords(all []Word) []Word {
	var out []Word
	for i, w := range all {
		if !slices.ContainsFunc(all[i+1:], func(x Word) bool { return x.speaker() == w.speaker() }) {
			out = append(out, w)
		}
	}
	return out
}

// sources counts who told independently of each other: whoever shares a phone,
// a browser or an organisation with another is the same source. Those of whom
// nothing is known are one source together, and only when there is no other.
// Words count once for each organisation.
func sources(reports []Report, words []Word) int {
	group := map[string]string{} // key → another key of its group
	var root func(k string) string
	root = func(k string) string {
		if up, ok := group[k]; ok && up != k {
			return root(up)
		}
		group[k] = k
		return k
	}
	unknown := 0
	for _, r := range reports {
		if r.SetAside != "" {
			continue
		}
		var keys []string
		if r.Phone != nil {
			keys = append(keys, "phone "+string(r.Phone))
		}
		if r.Device != nil {
			keys = append(keys, "device "+string(r.Device))
		}
		if !r.Org.IsZero() {
			keys = append(keys, "org "+r.Org.String())
		}
		if len(keys) == 0 {
			unknown = 1
			continue
		}
		for _, k := range keys {
			group[root(k)] = root(keys[0])
		}
	}
	for _, w := range words {
		if w.Confirms {
			root(w.speaker())
		}
	}
	n := 0
	for k := range group {
		if root(k) == k {
			n++
		}
	}
	return max(n, unknown)
}

// settle works out how a claim stands from its reports and the words about it,
// oldest first. An authority's last word decides; without one, a word against
// makes it disputed, and two independent sources make it told.
func settle(reports []Report, words []Word) (state Standing, n, counted int) {
	words = lastWords(words)
	for _, r := range reports {
		if r.SetAside == "" {
			counted++
		}
	}
	n = sources(reports, words)
	var official *Word
	against := false
	for i := range words {
		w := &words[i]
		if w.Official {
			official = w
		}
		against = against || !w.Confirms
	}
	switch {
	case official != nil && official.Confirms:
		return Confirmed, n, counted
	case official != nil:
		return Refuted, n, counted
	case n == 0:
		return Aside, n, counted
	case against:
		return Disputed, n, counted
	case n >= 2:
		return Told, n, counted
	}
	return Unverified, n, counted
}

// joins tells whether a report tells of the same thing as an earlier one at the
// same place: where both say exactly where, that must be near.
func joins(r *Report, others []Report) bool {
	if !r.HasPoint {
		return true
	}
	for _, o := range others {
		if o.HasPoint {
			return geo.Distance(r.At, o.At) <= together
		}
	}
	return true
}

// together is how far apart, in km, two points may be that tell of one thing.
const together = 3
