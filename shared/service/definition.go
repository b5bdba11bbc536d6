// Package service holds what people can ask for, as data. A service is a file:
// what is asked, how urgent it is and why, which states it goes through, who
// may move it, in what time, and every word of it in four languages. A crisis
// is a file too: it says which services it turns on, and in what time.
//
// What always holds: Go code names no service; a definition that Load returns
// has passed every check of Check, so that evaluating it needs none; a
// definition never changes once loaded, and its Hash tells two of them apart.
//
// Two languages, no third: relevance, constraints and calculations are XForms
// expressions (shared/forms); priority, eligibility and safeguarding are CEL
// (shared/rules).
package service

import (
	"slices"
	"time"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/rules"
)

// Definition is one version of one service.
type Definition struct {
	Code        string
	Version     int
	From        time.Time // from which day it holds
	Domain      string    // what field of life it belongs to: "relief", "roads"
	Icon        string
	Colour      string
	Digit       int  // the same on the home page, in text messages and in the voice menu; 0 is none
	Always      bool // takes requests at all times, not in a crisis only
	Form        *forms.Form
	Bind        Bind
	Private     []string // answers that name a person: kept sealed
	Narrow      []string // questions that need no answer and are asked all the same where each costs a message
	Default     int      // the level when no rule holds
	States      []State
	Goods       []Good
	Duplicates  Duplicates
	Complaints  []ComplaintKind
	Retention   time.Duration // how long what names a person is kept after the end
	PriorityLaw []rules.Rule  // as written, for showing how it is decided

	file     string
	lines    map[string]int // of the names at the top of the file
	source   []byte
	canon    []byte
	start    string
	moves    map[step]string
	order    []Move
	who      map[string][]actor.Role
	priority *rules.Set
	concerns *rules.Set
	first    map[string]bool // priority rules of life in danger now
	hidden   map[string]bool // priority rules that would give a concern away
	hides    map[string][]string
	kinds    map[string]Concern
	ends     map[string][]string // refuse, redirect: reasons that may be given
	delays   map[string]delay
	texts    map[string]text
	drafts   []string
	said     map[string][]string
}

// Said is how people write of a thing in their own words, in any language and
// script: of "choice.needs.food", bread and flour; of "question.people", the
// words that stand beside a number of people.
func (d *Definition) Said(key string) []string { return slices.Clone(d.said[key]) }

// Bind says which answer plays which part, by the name of its question; "" when
// none does.
type Bind struct {
	Need    string
	Place   string
	People  string
	Phone   string
	Name    string
	Text    string // own words
	Secret  string // a word chosen where there is no phone
	Family  string // the phone of the family that somebody far away asks for
	ForWhom string // oneself, or somebody else
	Fragile string
	Spoken  string // language to be called in
}

// Phase is what a state means to the engine, whatever a service calls it.
type Phase string

const (
	Open    Phase = "open"    // nobody answers for it yet
	Owned   Phase = "owned"   // somebody does
	Moving  Phase = "moving"  // help is on its way
	Waiting Phase = "waiting" // the person is asked whether it came
	Final   Phase = "final"
)

var phases = []Phase{Open, Owned, Moving, Waiting, Final}

// State is how a request stands. Its words for citizens and staff are texts:
// state.CODE and state_staff.CODE.
type State struct {
	Code  string
	Icon  string
	SMS   bool // reaching it is told by a message
	Phase Phase
}

// Move leads from one state to another by a deed. A request is received from
// no state at all.
type Move struct{ Deed, From, To string }

type step struct{ from, deed string }

// Good is a thing that can be on a manifest; unit is the code of what it is
// counted in. Its texts are good.CODE and unit.UNIT. Grams and Millilitres are
// of one unit as it is packed for the road; 0 where the file does not say.
type Good struct {
	Code, Unit         string
	Grams, Millilitres int
}

// Duplicates says what makes two requests look like one. It only ever proposes.
type Duplicates struct {
	SamePhone      bool `yaml:"same_phone"`
	SamePlaceHours int  `yaml:"same_place_hours"`
	SameNeed       bool `yaml:"same_need"`
}

// ComplaintKind is what a complaint can be about: complaint.CODE. A restricted
// one goes to trained people alone.
type ComplaintKind struct {
	Code       string
	Restricted bool
	Clock      time.Duration // in what time it is answered
}

// Concern is a restricted matter that a request gave rise to: concern.CODE.
type Concern struct {
	Code  string
	Clock time.Duration
}

// Surroundings is what a rule may lean on besides answers.
type Surroundings = rules.Context

// Prioritise says how urgent a request is, 1 to 4, and why. On an error the
// level and reasons of the rules that could be evaluated are still good.
func (d *Definition) Prioritise(a forms.Answers, s Surroundings) (level int, reasons []rules.Reason, err error) {
	return d.priority.Level(d.Default, s, a)
}

// First says whether one of the reasons is life in danger now: such a request
// stands before every other and waits for nothing (requirement M23).
func (d *Definition) First(reasons []rules.Reason) bool {
	return slices.ContainsFunc(reasons, func(r rules.Reason) bool { return d.first[r.Code] })
}

// Concerns is what the answers give rise to that trained people alone may see
// (requirement M26), each kind once, the shortest clock first.
func (d *Definition) Concerns(a forms.Answers) ([]Concern, error) {
	reasons, err := d.concerns.Ask(Surroundings{}, a)
	var out []Concern
	for _, r := range reasons {
		if k := d.kinds[r.Code]; !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(x, y Concern) int { return int(x.Clock - y.Clock) })
	return out, err
}

// Concern is the kind of that code.
func (d *Definition) Concern(code string) (Concern, bool) { k, ok := d.kinds[code]; return k, ok }

// Hide takes out of open answers whatever would give a concern away.
func (d *Definition) Hide(a forms.Answers) {
	for name, choices := range d.hides {
		switch v := a[name].(type) {
		case []string:
			kept := slices.DeleteFunc(slices.Clone(v), func(c string) bool { return slices.Contains(choices, c) })
			if a[name] = kept; len(kept) == 0 {
				delete(a, name)
			}
		case string:
			if slices.Contains(choices, v) {
				delete(a, name)
			}
		}
	}
}

// Hidden says whether a reason would give a concern away.
func (d *Definition) Hidden(reason string) bool { return d.hidden[reason] }

// Split parts what names a person from what may be worked with in lists.
func (d *Definition) Split(a forms.Answers) (open, private forms.Answers) {
	open, private = forms.Answers{}, forms.Answers{}
	for name, v := range a {
		if slices.Contains(d.Private, name) {
			private[name] = v
		} else {
			open[name] = v
		}
	}
	return open, private
}

// Start is the state in which a request is received.
func (d *Definition) Start() string { return d.start }

// State is the state of that code.
func (d *Definition) State(code string) (State, bool) {
	for _, s := range d.States {
		if s.Code == code {
			return s, true
		}
	}
	return State{}, false
}

// Moves is every move there is, in the order of the file.
func (d *Definition) Moves() []Move { return slices.Clone(d.order) }

// Move is where a deed leads from a state; false when it leads nowhere.
func (d *Definition) Move(from, deed string) (to string, ok bool) {
	to, ok = d.moves[step{from, deed}]
	return to, ok
}

// ahead is the way of a request that goes well, by the deeds of the engine.
var ahead = []string{"assign", "depart", "deliver", "confirm_yes"}

// Ahead is the states still to come if all goes well, nearest first.
func (d *Definition) Ahead(from string) []string {
	var out []string
	for _, deed := range ahead {
		if to, ok := d.Move(from, deed); ok && to != from {
			out, from = append(out, to), to
		}
	}
	return out
}

// May says whether the file lets a role do a deed. The file can only narrow
// what the engine allows: of a deed it does not mention, the engine decides.
func (d *Definition) May(deed string, role actor.Role) bool {
	roles, said := d.who[deed]
	return !said || slices.Contains(roles, role)
}

// Reasons is the reasons that may be given with "refuse" or "redirect", in
// order: their texts are refuse.CODE and redirect.CODE.
func (d *Definition) Reasons(deed string) []string { return slices.Clone(d.ends[deed]) }

// Reason says whether that reason may be given with that deed.
func (d *Definition) Reason(deed, code string) bool { return slices.Contains(d.ends[deed], code) }

// Complaint is the kind of that code.
func (d *Definition) Complaint(code string) (ComplaintKind, bool) {
	for _, k := range d.Complaints {
		if k.Code == code {
			return k, true
		}
	}
	return ComplaintKind{}, false
}

// Good is the good of that code.
func (d *Definition) Good(code string) (Good, bool) {
	for _, g := range d.Goods {
		if g.Code == code {
			return g, true
		}
	}
	return Good{}, false
}

// AllSaid is every key with its ways of being said.
func (d *Definition) AllSaid() map[string][]string { return d.said }

// Source is the file as it was read; Parse makes the same definition of it.
func (d *Definition) Source() []byte { return slices.Clone(d.source) }
