package field

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
)

// Team is people who set out together: what they can do, which languages they
// speak, and where they start from.
type Team struct {
	ID        TeamID
	Org       actor.OrganisationID
	Names     Names
	Skills    []string // codes of Skills
	Languages []string // codes of languages that people speak: shi, ary, fr …
	People    int
	Base      string // place code
	State     TeamState
	MadeAt    time.Time
	ChangedAt time.Time
	Version   int64 // rises with every change; a stale writer loses
}

// TeamState is where a team is. The set is closed.
type TeamState string

const (
	Ready     TeamState = "ready"     // at its base
	Away      TeamState = "away"      // on a mission that has departed
	Disbanded TeamState = "disbanded" // no more; its missions stay on record
)

// Skills is what a team can be good at, in the order in which people read it.
var Skills = []string{"rescue", "first_aid", "nurse", "doctor", "midwife", "engineer", "driver_4x4", "mule",
	"logistics", "carpenter", "cook", "water_point", "social_work", "interpreter"}

// Names is what a team is called; one of the two may be "".
type Names struct {
	AR string `json:"ar,omitempty"` // in Arabic letters
	FR string `json:"fr,omitempty"` // in Latin letters
}

// In is the name for a reader of lang, and the language it is really in.
func (n Names) In(lang string) (name, nameLang string) {
	arabicFirst := lang == "ar" || lang == "zgh"
	if arabicFirst && n.AR != "" || n.FR == "" {
		return n.AR, "ar"
	}
	return n.FR, "fr"
}

func (n Names) tidy() Names {
	return Names{strings.Join(strings.Fields(n.AR), " "), strings.Join(strings.Fields(n.FR), " ")}
}

const (
	maxName   = 120 // characters
	maxPeople = 999
)

// wrong says everything that a team cannot be kept with. Its base and its
// languages are the country's to know.
func (m *Team) wrong() (all fault.All) {
	if m.Names == (Names{}) {
		all = append(all, fault.New(fault.Invalid, "field.team.name_missing").On("name_ar"))
	}
	for _, f := range []struct{ field, name string }{{"name_ar", m.Names.AR}, {"name_fr", m.Names.FR}} {
		switch {
		case utf8.RuneCountInString(f.name) > maxName:
			all = append(all, fault.New(fault.Invalid, "field.team.name_long", "most", maxName).On(f.field))
		case f.name != "" && arabic.Key(f.name) == "":
			all = append(all, fault.New(fault.Invalid, "field.team.name_no_letters").On(f.field))
		}
	}
	if len(m.Skills) == 0 || slices.ContainsFunc(m.Skills, func(s string) bool { return !slices.Contains(Skills, s) }) {
		all = append(all, fault.New(fault.Invalid, "field.team.skills_missing").On("skills"))
	}
	if len(m.Languages) == 0 {
		all = append(all, fault.New(fault.Invalid, "field.team.languages_missing").On("languages"))
	}
	if m.People < 1 || m.People > maxPeople {
		all = append(all, fault.New(fault.Invalid, "field.team.people_wrong", "most", maxPeople).On("people"))
	}
	return all
}

// same tells whether two teams say the same, whoever wrote them down.
func (m *Team) same(o *Team) bool {
	return m.Org == o.Org && m.Names == o.Names && slices.Equal(m.Skills, o.Skills) &&
		slices.Equal(m.Languages, o.Languages) && m.People == o.People && m.Base == o.Base
}

// edit gives a team what the form says now.
func (m *Team) edit(to Team, now time.Time) error {
	if m.State == Disbanded {
		return fault.New(fault.Conflict, "field.team.is_disbanded")
	}
	m.Names, m.Skills, m.Languages, m.People, m.Base, m.ChangedAt = to.Names, to.Skills, to.Languages, to.People, to.Base, now
	return nil
}

// disband ends a team that is on no mission.
func (m *Team) disband(busy bool, now time.Time) error {
	switch {
	case m.State == Disbanded:
		return fault.New(fault.Conflict, "field.team.is_disbanded")
	case busy:
		return fault.New(fault.Conflict, "field.team.busy")
	}
	m.State, m.ChangedAt = Disbanded, now
	return nil
}

// speaks tells whether somebody in the team speaks the language.
func (m *Team) speaks(lang string) bool { return lang != "" && slices.Contains(m.Languages, lang) }

// known keeps what is in the list, in the list's order and once.
func known(chosen, list []string) (out []string) {
	for _, x := range list {
		if slices.Contains(chosen, x) {
			out = append(out, x)
		}
	}
	return out
}
