// Package linkage says whether two reports tell of one need. In a disaster one
// family is told of by a son, by a neighbour, by a cousin in Lyon, in three
// languages and five spellings; seen nine times it takes nine lorries from
// others. But two families of one village who lack the same things are two
// families, and fusing them would leave one in the cold. So this package only
// proposes, with reasons that a page can say in words, and a person decides.
//
// The method is record linkage after Fellegi and Sunter (1969): each thing that
// can be compared speaks for or against by the logarithm of how much more often
// it is seen between reports of one need than between others. Two questions are
// asked: is it about the same people, and is it the same need of theirs? The
// probability is the product of both. What always holds:
//
//   - Compare is symmetric, and lies between 0 and 1.
//   - What agrees never lowers, what is not known says nothing.
//   - The same place and the same need are never "very likely" by themselves:
//     that takes something that tells people apart (a phone, a name, a picture,
//     words that few would write).
//
// Nothing is stored here. Weights and thresholds are data of the country pack.
package linkage

import (
	"time"

	"github.com/twiza/twiza/base/geo"
)

// Report is what is known of one report of a need. Whatever is not known stays
// empty and speaks neither for nor against.
type Report struct {
	ID       string // of the case or candidate
	Service  string
	Needs    []string
	Rescue   bool     // people under rubble or in danger now
	Place    string   // code of the gazetteer, "" when not known
	Path     []string // codes of what it lies in: region, province, commune
	At       geo.Point
	HasPoint bool
	ReachKm  float64 // how uncertain the point is; 0 when nobody said
	MadeAt   time.Time
	Phone    []byte   // blind index of the number, nil when not known
	Family   []byte   // blind index of the number of those it is about
	Name     string   // of the person, in any script
	Words    string   // free text; where Where is empty, with the words given for the place
	Where    string   // the words given for the place, as they were written
	People   int      // 0 when not said
	Photos   []uint64 // PhotoHash of each picture
}

// Judgement is how likely two reports tell of one need, and why.
type Judgement struct {
	Probability float64 // 0 to 1
	Band        Band
	Reasons     []Reason // the weightiest first
}

// Band is what may be said of a pair to a person who decides.
type Band int

// The bands, least first.
const (
	Unlikely   Band = iota // not worth showing
	Likely                 // worth looking at
	VeryLikely             // shown first
)

// String is the band as keys of words and figures name it.
func (b Band) String() string { return [...]string{"unlikely", "likely", "very_likely"}[b] }

// Reason is one thing that speaks for (Weight above 0) or against, in bits: one
// bit doubles the odds, or halves them.
type Reason struct {
	Key    string
	Weight float64
}

// What speaks for, and what against. These are all the keys that a Reason has.
const (
	SamePhone  = "same_phone"
	SamePlace  = "same_place"
	Near       = "near"
	SameName   = "same_name"
	SameWords  = "same_words"
	SameNeeds  = "same_needs"
	SamePhoto  = "same_photo"
	SameHour   = "same_hour"
	SamePeople = "same_people"

	OtherPlace  = "other_place"
	OtherName   = "other_name"
	OtherNeeds  = "other_needs"
	OtherPeople = "other_people"
	Far         = "far"
	LongAgo     = "long_ago"
)

// Reasons are all the keys that a Reason may have, so that whoever says them in
// words can see that none is missing.
func Reasons() []string {
	return []string{SamePhone, SamePlace, Near, SameName, SameWords, SameNeeds, SamePhoto, SameHour, SamePeople,
		OtherPlace, OtherName, OtherNeeds, OtherPeople, Far, LongAgo}
}
