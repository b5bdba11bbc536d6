package cases

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// Journey is what one need asked of its people, and how long it took until help
// had come: nothing in it leads to them. What was joined to another request is
// counted with the one that carries the work.
type Journey struct {
	Subject string // of the journal
	Service string
	Asked   time.Time // first said, by whoever said it first
	Helped  time.Time // its person said that help had come; zero: not yet
	Ended   time.Time // it was closed; zero: it is open
	Steps   Steps
}

// Steps are the contacts that were asked of people, by what the journal has.
type Steps struct {
	Asks    int // they asked, by whatever way: one, however many questions
	Calls   int // somebody reached them by telephone
	Answers int // they said whether help had come
	Again   int // they had to ask again
	Trips   int // they came to a desk, or handed in a sheet of paper
}

// Sum is every contact; a trip is one of the times they asked.
func (s Steps) Sum() int { return s.Asks + s.Calls + s.Answers + s.Again }

// journeyWords are the deeds that are a contact with a person.
var journeyWords = []string{DeedContact.Name, DeedConsentFor.Name, DeedConfirm.Name, DeedConfirmFor.Name, DeedReopen.Name}

// Journeys hands every need that was told since a moment to each, in no order. At
// most as many requests are read as said; whole is false when there were more.
// Restricted concerns are never among them.
func (o *Office) Journeys(t *db.Tx, since time.Time, most int, each func(Journey)) (whole bool, err error) {
	all, rootOf := map[string]*Journey{}, map[string]string{}
	n := 0
	_, err = db.List(t, func(r db.Row) (none struct{}, err error) {
		var own, into, svc, channel, way, phase string
		var asked, helped, changed time.Time
		if err = r.Scan(&own, db.Opt(&into), &svc, &channel, db.Opt(&way), &phase, db.Time(&asked), db.Time(&helped), db.Time(&changed)); err != nil {
			return none, err
		}
		n++
		root := own
		if into != "" {
			root, rootOf[own] = into, into
		}
		j := all[root]
		if j == nil {
			j = &Journey{}
			all[root] = j
		}
		j.ask(asked, channel, way)
		if into == "" {
			j.Subject, j.Service, j.Helped = "cases.case/"+own, svc, helped
			if service.Phase(phase) == service.Final {
				j.Ended = changed
			}
		}
		return none, nil
	}, `SELECT id, merged_into, service, channel, way, phase, made_at, helped_at, changed_at FROM cases_case WHERE made_at >= ?1 LIMIT ?2`, since, most+1)
	if err != nil || n > most {
		return false, err
	}
	err = deed.Each(t, since, journeyWords, func(word, subject string, told json.RawMessage) error {
		own := strings.TrimPrefix(subject, "cases.case/")
		if into, ok := rootOf[own]; ok {
			own = into
		}
		if j := all[own]; j != nil {
			return j.Steps.add(word, told)
		}
		return nil
	})
	for _, j := range all {
		if err == nil && j.Subject != "" { // else what it was joined to was asked before
			each(*j)
		}
	}
	return true, err
}

// ask counts one asking of a need.
func (j *Journey) ask(at time.Time, channel, way string) {
	if j.Asked.IsZero() || at.Before(j.Asked) {
		j.Asked = at
	}
	j.Steps.Asks++
	if channel == "desk" && way == "" || way == "paper" {
		j.Steps.Trips++
	}
}

// add counts one line of the journal.
func (s *Steps) add(word string, told json.RawMessage) error {
	switch word {
	case DeedConfirm.Name:
		s.Answers++
	case DeedReopen.Name:
		s.Again++
	case DeedContact.Name:
		var call stateTold
		if err := unmarshal(told, &call); err != nil {
			return err
		}
		if call.Result == "reached" { // a call that nobody heard asked nothing of them
			s.Calls++
		}
	default: // what staff asked them by telephone
		s.Calls++
	}
	return nil
}
