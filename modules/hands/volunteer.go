package hands

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
)

type VolunteerID = id.Of[Volunteer]

// Volunteer is somebody who offers hours under one organisation. What names
// them is sealed in the store and stands in Person.
type Volunteer struct {
	ID          VolunteerID
	Receipt     receipt.Number
	Org         actor.OrganisationID // zero while any organisation will do
	State       Standing
	Reason      string // why not, a code of ReasonsDeclined or ReasonsRemoved
	Vetting     string
	Place       string // code
	Commune     string // of the place
	Born        int    // year
	Lang        string // in which the house writes to them
	Languages   []string
	Skills      []string
	Hours       Week
	Account     actor.AccountID // zero for most
	MadeAt      time.Time
	ChangedAt   time.Time
	ForgottenAt time.Time
	version     int64
	sealed      sealedPerson
}

// Standing is where a volunteer stands with the organisation. The set is closed.
type Standing string

const (
	Waiting  Standing = "waiting" // nobody has answered yet
	Accepted Standing = "accepted"
	Declined Standing = "declined"
	Removed  Standing = "removed"
	Left     Standing = "left" // of their own will
)

// Live tells whether the volunteer is one, or may yet be.
func (s Standing) Live() bool { return s == Waiting || s == Accepted }

// Person is what names a volunteer, and what they told in confidence.
type Person struct {
	Name     string
	Phone    phone.Number
	Guardian Guardian // of a minor
	Limits   Limits
	Papers   []Paper
}

// Guardian answers for a minor.
type Guardian struct {
	Name  string       `json:"name,omitempty"`
	Phone phone.Number `json:"phone,omitempty"`
}

// Limits is what somebody cannot do. It may tell of their health, so that only
// the program weighs it, and whoever opens it leaves a line.
type Limits struct {
	Codes []string `json:"codes,omitempty"` // of Efforts
	Words string   `json:"words,omitempty"`
}

// Paper is a certificate that somebody says they hold.
type Paper struct {
	Kind   string `json:"kind"` // of PaperKinds
	Number string `json:"number,omitempty"`
	Until  string `json:"until,omitempty"` // 2027-05-31; "" when it does not end
}

// The closed lists, in the order in which people read them.
var (
	// Skills is what somebody can do for others.
	Skills = []string{"rescue", "first_aid", "nurse", "doctor", "midwife", "children", "social_work", "interpreter", "cook", "distribution",
		"logistics", "driver", "driver_4x4", "mule", "carpenter", "mason", "electrician", "plumber", "engineer", "phone_line", "computer"}
	// Efforts is what a call may ask of a body, and what somebody may be unable to do.
	Efforts = []string{"lifting", "walking", "heights", "night", "crowd", "blood"}
	// PaperKinds is what certificates are about.
	PaperKinds = []string{"first_aid", "health", "driving", "rescue", "teaching", "other"}
	// Vettings is how far an organisation has looked at somebody, the least first.
	Vettings = []string{"none", "papers_seen", "reference", "police_record"}
	// ReasonsDeclined and ReasonsRemoved are why somebody is not taken, or no more.
	ReasonsDeclined = []string{"enough_people", "too_far", "skill_not_needed", "too_young", "papers_missing", "other_organisation"}
	ReasonsRemoved  = []string{"did_not_come", "moved_away", "unsafe_conduct", "papers_false", "no_answer"}
	// ReasonsToReveal are why a name or a phone is opened.
	ReasonsToReveal = []string{"call_them", "check_papers", "shift", "emergency"}
)

// forChildren is the vetting that work with children needs (requirement F18.3).
const forChildren = "police_record"

// Week is when somebody has time: 14 half days, the morning of Monday first.
type Week uint16

const everyHalf Week = 1<<14 - 1

// Half is one of them: Monday is day 0; afternoons begin at noon and last
// until the next morning.
func Half(day int, afternoon bool) Week {
	n := day * 2
	if afternoon {
		n++
	}
	return 1 << n
}

// halves are the half days that a time touches, as a clock in zone shows them.
func halves(from, to time.Time, zone *time.Location) (w Week) {
	for at := from; at.Before(to) && w != everyHalf; at = at.Add(time.Hour) {
		w |= halfOf(at, zone)
	}
	return w | halfOf(to.Add(-time.Minute), zone)
}

func halfOf(at time.Time, zone *time.Location) Week {
	local := at.In(zone)
	day := (int(local.Weekday()) + 6) % 7
	if local.Hour() < dawn { // the night belongs to the day before
		return Half((day+6)%7, true)
	}
	return Half(day, local.Hour() >= 12)
}

// dawn is the hour at which a morning begins.
const dawn = 5

// minor tells whether somebody may be under age: of the year of birth alone,
// who turns adult this year counts as a minor until it is over.
func (r Rules) minor(born int, now time.Time) bool { return now.Year()-born <= r.Age.Adult }

// tooYoung tells whether somebody is surely younger than the least age.
func (r Rules) tooYoung(born int, now time.Time) bool { return now.Year()-born < r.Age.Least }

const (
	maxName   = 120 // characters
	maxWords  = 600
	maxPapers = 6
	oldest    = 100 // years
)

// wrong says everything that a registration cannot be kept with. Where somebody
// is and what they speak is the country's to know.
func (v *Volunteer) wrong(p Person, consent bool, r Rules, now time.Time) (all fault.All) {
	all = append(all, wrongName(p.Name, "name", "hands.volunteer.name_missing")...)
	if p.Phone == "" {
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.phone_missing").On("phone"))
	}
	if len(v.Skills) == 0 {
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.skills_missing").On("skills"))
	}
	if len(v.Languages) == 0 {
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.languages_missing").On("languages"))
	}
	if v.Hours&everyHalf == 0 {
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.hours_missing").On("hours"))
	}
	if utf8.RuneCountInString(p.Limits.Words) > maxWords {
		all = append(all, fault.New(fault.Invalid, "hands.form.words_long", "most", maxWords).On("limit_words"))
	}
	for _, x := range p.Papers {
		if _, err := time.Parse(time.DateOnly, x.Until); x.Until != "" && err != nil {
			all = append(all, fault.New(fault.Invalid, "hands.form.date_unread").On("papers"))
			break
		}
	}
	return append(all, v.wrongAge(p, consent, r, now)...)
}

func (v *Volunteer) wrongAge(p Person, consent bool, r Rules, now time.Time) (all fault.All) {
	switch {
	case v.Born < now.Year()-oldest || v.Born > now.Year():
		return fault.All{fault.New(fault.Invalid, "hands.volunteer.born_wrong").On("born")}
	case r.tooYoung(v.Born, now):
		return fault.All{fault.New(fault.Invalid, "hands.volunteer.too_young", "least", r.Age.Least).On("born")}
	case !r.minor(v.Born, now):
		return nil
	}
	all = wrongName(p.Guardian.Name, "guardian", "hands.volunteer.guardian_missing")
	switch {
	case p.Guardian.Phone == "":
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.guardian_phone_missing").On("guardian_phone"))
	case p.Guardian.Phone == p.Phone:
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.guardian_phone_same").On("guardian_phone"))
	}
	if !consent {
		all = append(all, fault.New(fault.Invalid, "hands.volunteer.consent_missing").On("consent"))
	}
	return all
}

func wrongName(name, field, missing string) fault.All {
	switch {
	case arabic.Key(name) == "":
		return fault.All{fault.New(fault.Invalid, missing).On(field)}
	case utf8.RuneCountInString(name) > maxName:
		return fault.All{fault.New(fault.Invalid, "hands.form.words_long", "most", maxName).On(field)}
	}
	return nil
}

// move gives a volunteer another standing.
func (v *Volunteer) move(to Standing, reason string, now time.Time) error {
	from := map[Standing][]Standing{Accepted: {Waiting}, Declined: {Waiting}, Removed: {Accepted}, Left: {Waiting, Accepted}}
	if !slices.Contains(from[to], v.State) {
		return fault.New(fault.Conflict, "hands.volunteer.cannot_now")
	}
	v.State, v.Reason, v.ChangedAt = to, reason, now
	return nil
}

// initials are the first letters of the first two words of a name, for lists
// that need not name anybody.
func initials(name string) string {
	var out []string
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		if out = append(out, string(unicode.ToUpper(r))+"."); len(out) == 2 {
			break
		}
	}
	return strings.Join(out, " ")
}

// tidy is a text with single spaces.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// known keeps what is in the list, in the list's order and once.
func known(chosen, list []string) (out []string) {
	for _, x := range list {
		if slices.Contains(chosen, x) {
			out = append(out, x)
		}
	}
	return out
}
