package nightone

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Who tells: those it is about, one of the house, a neighbour, a relative
// abroad, an association.
const (
	own = iota
	household
	neighbour
	relative
	association
)

// voice is one report of a need; k counts those before it.
func (m *maker) voice(e need, k int) Request {
	r := m.r
	by := m.teller(k)
	q := Request{Event: e.event, Home: e.home, Place: e.village.code, Whole: e.whole, House: e.house, Lacks: e.needs, Souls: e.people, At: e.at.Add(time.Duration(r.ExpFloat64() * float64(4*time.Minute)))}
	if late := Begin.Add(time.Hour); q.At.After(late) {
		q.At = late.Add(-time.Duration(r.IntN(900)) * time.Second)
	}
	t := speaks(r, by)
	q.Lang, q.Script = t.lang, t.script
	q.Channel = channel(r, by)
	m.contact(&q, e, by, t)
	m.text(&q, e, by, t)
	m.where(&q, e, by, t)
	if q.Channel != "sms" {
		q.Needs = ticked(r, e.needs)
		q.People = counted(r, e)
	}
	if q.Channel == "web" && chance(r, 0.06) {
		q.Photos = []uint64{sentOn(r, e.picture)}
	}
	return q
}

func (m *maker) teller(k int) int {
	if k == 0 && chance(m.r, 0.6) {
		return own
	}
	x := m.r.Float64()
	switch {
	case x < 0.15:
		return own // the same again: nobody answered
	case x < 0.40:
		return household
	case x < 0.70:
		return neighbour
	case x < 0.88:
		return relative
	}
	return association
}

// speaks is the language somebody writes in.
func speaks(r *rand.Rand, by int) tongue {
	x := r.Float64()
	if by == relative {
		switch {
		case x < 0.5:
			return french
		case x < 0.7:
			return english
		}
		return chat
	}
	switch {
	case x < 0.32:
		return darija
	case x < 0.48:
		return chat
	case x < 0.64:
		return standard
	case x < 0.84:
		return french
	case x < 0.87:
		return english
	}
	return tachelhit
}

func channel(r *rand.Rand, by int) string {
	x := r.Float64()
	switch {
	case by == association:
		return "helper"
	case by == relative && x < 0.8, x < 0.36:
		return "web"
	case x < 0.40:
		return "voice"
	}
	return "sms"
}

// contact is who can be called back, and the name that was given.
func (m *maker) contact(q *Request, e need, by int, t tongue) {
	r := m.r
	form := q.Channel != "sms"
	switch by {
	case own:
		q.Phone = e.head.phone
		if form && chance(r, 0.85) {
			q.Name = e.head.full(r, t.arab)
		}
	case household:
		q.Phone = m.phone()
		if chance(r, 0.25) {
			q.Phone = e.head.phone // one phone in the house
		}
		if form && chance(r, 0.5) {
			q.Name = person{given: some(r, allNames().men), family: e.head.family}.full(r, t.arab)
		}
	case neighbour:
		q.Phone = m.phone()
		if form && chance(r, 0.4) {
			q.Name = person{given: some(r, allNames().men), family: some(r, e.village.families)}.full(r, t.arab)
		}
	case relative:
		q.Phone = m.abroad()
		if form && chance(r, 0.6) {
			q.Family = e.head.phone
		}
		if form && chance(r, 0.5) {
			q.Name = person{given: some(r, allNames().men), family: e.head.family}.full(r, t.arab)
		}
	case association:
		q.Phone = m.agents()
		if chance(r, 0.35) {
			q.Phone, q.Family = "", ""
		} else if chance(r, 0.3) {
			q.Family = e.head.phone
		}
		if chance(r, 0.9) {
			q.Name = e.head.full(r, t.arab)
		}
	}
	if q.Channel == "voice" {
		q.Name = ""
	}
	if form && by != relative && chance(r, 0.08) {
		q.Phone = ""
	}
}

// text is what was written: what is needed, whose family it is, a thing or two
// that the writer saw, and not all of it.
func (m *maker) text(q *Request, e need, by int, t tongue) {
	r := m.r
	short := q.Channel == "sms"
	var parts []string
	say := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if !short || chance(r, 0.4) {
		say(pick(r, t.greet))
	}
	if e.whole {
		say(pick(r, t.everybody))
	}
	for i, n := range e.needs {
		if i == 0 || chance(r, 0.75) {
			say(pick(r, t.needs[n]))
		}
	}
	told := 0
	named := q.Name != "" && by != neighbour && by != relative && by != household
	if !e.whole && (named && chance(r, 0.3) || !named && !chance(r, m.habits.Unnamed)) {
		say(strings.ReplaceAll(pick(r, t.home), "{name}", m.called(e, t)))
		told++
	}
	for _, d := range e.details {
		if chance(r, 0.45) && (!short || chance(r, 0.6)) {
			say(t.details[d])
			told++
		}
	}
	if chance(r, 0.5) {
		say(strings.ReplaceAll(pick(r, t.many), "{n}", strconv.Itoa(counted(r, e))))
	}
	if !short || chance(r, 0.3) {
		say(pick(r, t.end))
	}
	if t.arab {
		q.Text = strings.Join(parts, pick(r, []string{"، ", " ", ". "}))
	} else {
		q.Text = strings.Join(parts, pick(r, []string{", ", " ", ". "}))
	}
	if chance(r, 0.3) {
		if rs := []rune(q.Text); len(rs) > 12 {
			q.Text = slip(r, rs, []rune("aeiouاوي"))
		}
	}
	q.Bare = told == 0 && (q.Name == "" || by == neighbour) && q.Phone != e.head.phone && q.Family == ""
}

// called is how others call a family: by its head's name, mostly in full.
func (m *maker) called(e need, t tongue) string {
	switch x := m.r.Float64(); {
	case x < 0.93:
		return e.head.full(m.r, t.arab)
	case x < 0.98:
		return e.head.family.written(m.r, t.arab)
	}
	return e.head.given.written(m.r, t.arab)
}

// where is how the place was told: picked, pointed at, or written.
func (m *maker) where(q *Request, e need, by int, t tongue) {
	r := m.r
	q.PlaceText = e.village.written(r, t.arab)
	if q.Channel == "sms" {
		return
	}
	if chance(r, 0.55) {
		q.Chosen = e.village.code
		if e.village.known {
			q.PlaceText = ""
		}
	}
	if q.Channel == "web" && by != relative && chance(r, 0.6) {
		q.ReachKm = 0.02 + 0.1*r.ExpFloat64()
		q.Point, q.HasPoint = around(r, e.house, q.ReachKm), true
		if by == neighbour || chance(r, 0.1) { // where the writer stands
			q.Point = around(r, e.village.at, 1)
		}
	}
}

// ticked is what a form was given: mostly all, sometimes one less or more.
func ticked(r *rand.Rand, needs []string) []string {
	out := slices.Clone(needs)
	if len(out) > 1 && chance(r, 0.25) {
		at := r.IntN(len(out))
		if out[at] != "rescue" {
			out = slices.Delete(out, at, at+1)
		}
	}
	if more := pick(r, []string{"shelter", "warm", "food", "water", "medicine"}); chance(r, 0.2) && !slices.Contains(out, more) {
		out = append(out, more)
	}
	return out
}

// counted is how many people somebody says there are: one or two off, often.
func counted(r *rand.Rand, e need) int {
	switch x := r.Float64(); {
	case e.whole:
		return max(20, e.people+10*(r.IntN(7)-3))
	case x < 0.55:
		return e.people
	case x < 0.85:
		return max(1, e.people+1-2*r.IntN(2))
	}
	return max(1, e.people+2-4*r.IntN(2))
}

// sentOn is a picture that went through an application: two bits differ.
func sentOn(r *rand.Rand, picture uint64) uint64 {
	for range r.IntN(4) {
		picture ^= bits.RotateLeft64(1, r.IntN(64))
	}
	return picture
}
