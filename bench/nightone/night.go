// Package nightone makes the night that everything is measured on: ten thousand
// requests in one hour after an earthquake, some three for each need, from the
// family, its neighbours, relatives abroad and an association with one phone, in
// four languages and two scripts, half of them short messages, spelled as people
// spell. Beside them stand the families that must not be fused: cousins of one
// name in one village with the same needs.
//
// One seed is one night, always the same. Nobody in it exists.
package nightone

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
)

// Request is one report as it was sent, and what is true of it.
type Request struct {
	ID      string
	At      time.Time
	Channel string // web, sms, voice, helper
	Lang    string // ary, ar, fr, en, shi
	Script  string // Arab, Latn
	Text    string
	// PlaceText is how the place was written; Chosen the code that was picked from
	// the lists instead, "" in all messages and many forms.
	PlaceText, Chosen string
	Point             geo.Point
	HasPoint          bool
	ReachKm           float64
	Phone, Family     string // E.164, "" where none was given
	Name              string
	Needs             []string // what was ticked; nil in messages
	People            int
	Photos            []uint64

	// What is true, which no program is told.
	Event int       // the need that it tells of
	Home  int       // the people whose need it is: some have two
	Place string    // code of the place, its commune's where the gazetteer lacks it
	Whole bool      // it is the need of a whole place
	Bare  bool      // it holds nothing that tells these people from their neighbours
	House geo.Point // where they are
	Lacks []string  // what they need, whatever was told
	Souls int       // how many they are
}

// Begin is when the night begins.
var Begin = time.Date(2023, 9, 8, 22, 11, 0, 0, time.UTC)

// Habits are what people do more on some nights than on others.
type Habits struct {
	Unnamed float64 // share of reports that do not say whose house it is, where no name was given either
}

// Make is the night of a seed: n requests, oldest first. Nearly all say whose
// house it is, as whoever calls for help does.
func Make(seed uint64, n int) []Request { return MakeWith(seed, n, Habits{Unnamed: 0.03}) }

// MakeWith is a night of other habits.
func MakeWith(seed uint64, n int, h Habits) []Request {
	m := &maker{r: rand.New(rand.NewPCG(seed, 1)), land: theGround(), habits: h, phones: int(seed*7919) % 1_000_000}
	for len(m.out) < n {
		m.need()
	}
	m.out = m.out[:n]
	slices.SortStableFunc(m.out, func(a, b Request) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) })
	for i := range m.out {
		m.out[i].ID = fmt.Sprintf("N%d-%06d", seed, i)
	}
	return m.out
}

type maker struct {
	r      *rand.Rand
	land   *ground
	habits Habits
	out    []Request
	event  int
	home   int
	phones int
	agent  string // the phone of an association that asks for many
	asks   int
}

// need is one need, and all who tell of it.
type need struct {
	event   int
	home    int
	at      time.Time
	village village
	house   geo.Point
	head    person
	needs   []string
	people  int
	details [2]int
	picture uint64
	whole   bool
}

func (m *maker) need() {
	r := m.r
	e := need{event: m.event, home: m.home, village: pick(r, m.land.villages), at: Begin.Add(time.Duration(r.Float64() * float64(45*time.Minute))), whole: chance(r, 0.03)}
	m.event++
	m.home++
	if chance(r, 0.3) { // some valleys were struck hardest
		e.village = some(r, m.land.villages)
	}
	e.house = around(r, e.village.at, 0.7)
	e.head = person{given: some(r, allNames().men), family: some(r, e.village.families), phone: m.phone()}
	if chance(r, 0.15) {
		e.head.given = some(r, allNames().women)
	}
	e.people = 2 + r.IntN(8)
	e.needs = needsOf(r)
	e.details = [2]int{r.IntN(details), r.IntN(details)}
	e.picture = r.Uint64()
	if e.whole {
		e.people = 40 + 10*r.IntN(40)
		e.needs = slices.DeleteFunc(e.needs, func(n string) bool { return n == "rescue" })
		if len(e.needs) == 0 {
			e.needs = []string{pick(r, []string{"water", "road", "shelter", "food"})}
		}
	}
	m.tell(e)
	if !e.whole && chance(r, 0.02) { // the same people, and later in the hour another need of theirs
		e.event = m.event
		m.event++
		e.needs = slices.DeleteFunc([]string{"medicine", "water", "road", "food"}, func(n string) bool { return slices.Contains(e.needs, n) })[:1]
		e.at = e.at.Add(10 * time.Minute)
		e.details = [2]int{r.IntN(details), r.IntN(details)}
		m.tell(e)
	}
}

const details = 24

// needsOf are one to three needs; under rubble comes first.
func needsOf(r *rand.Rand) []string {
	if chance(r, 0.4) {
		if chance(r, 0.4) {
			return []string{"rescue", "medicine"}
		}
		return []string{"rescue"}
	}
	all := []string{"shelter", "warm", "food", "water", "medicine", "road"}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+r.IntN(3)]
}

// voices is how many tell of one need: three in the mean, nine never.
func voices(r *rand.Rand) int {
	x := r.Float64()
	for k, p := range [...]float64{0.20, 0.26, 0.22, 0.14, 0.08, 0.05, 0.03} {
		if x -= p; x < 0 {
			return k + 1
		}
	}
	return 8
}

func (m *maker) tell(e need) {
	for k := range voices(m.r) {
		m.out = append(m.out, m.voice(e, k))
	}
}

// phone is a number of nobody: 06 00 is what the demonstration uses too.
func (m *maker) phone() string {
	m.phones = (m.phones + 7919) % 1_000_000
	return fmt.Sprintf("+212600%06d", m.phones)
}

func (m *maker) abroad() string {
	m.phones = (m.phones + 7919) % 1_000_000
	return fmt.Sprintf("+33639980%06d", m.phones) // longer than any number in France
}

// agents is the phone of an association: it asks for some twenty families, and
// then another one does.
func (m *maker) agents() string {
	if m.asks%20 == 0 {
		m.agent = m.phone()
	}
	m.asks++
	return m.agent
}
