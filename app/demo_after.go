package app

import (
	"context"
	"slices"
	"time"

	"github.com/twiza/twiza/app/story"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
)

var said = map[string]cases.Answer{story.Confirmed: cases.Yes, story.Partly: cases.Partly, story.Reopened: cases.No}

// after puts down what people say of a delivery, or that they say nothing.
func (n *night) after(s story.Stop) {
	i := s.Request
	q := n.story.Requests[i]
	switch q.Fate {
	case story.Confirmed, story.Partly, story.Reopened:
		n.at(q.Settled, func(ctx context.Context) error { return n.confirm(ctx, i) })
	case story.Silent: // the service waits longer than the night before silence closes anything
		n.at(q.Settled, func(ctx context.Context) error { return n.ring(ctx, i, "no_answer") })
	}
}

// confirm is the person answering, on their own phone or called by staff; some
// say afterwards how it went.
func (n *night) confirm(ctx context.Context, i int) error {
	q := n.story.Requests[i]
	by, d := actor.Actor{Channel: "web"}, cases.DeedConfirm
	if q.Channel != "web" {
		by, d = n.agent(q.Spoken), cases.DeedConfirmFor
	}
	if err := n.h.Cases.Confirm(ctx, by, d, n.asked[i].ID, said[q.Fate]); err != nil {
		return err
	}
	later := q.Settled + time.Duration(2+n.chance.IntN(40))*time.Minute
	if q.Fate == story.Confirmed && n.chance.Float64() < 0.5 {
		stars := 5 - n.chance.IntN(6)/2 // 5 5 4 4 3 3
		n.at(later, func(ctx context.Context) error { return n.h.Cases.Rate(ctx, n.asked[i].ID, stars) })
	}
	if g, ok := n.angry(i); ok {
		n.at(later, func(ctx context.Context) error { return n.complain(ctx, i, g) })
	}
	return nil
}

// angry is the complaint of the pack that somebody like this would make, once.
func (n *night) angry(i int) (g grievance, ok bool) {
	q := n.story.Requests[i]
	if q.Phone == "" && q.Word == "" || n.chance.Float64() < 0.5 { // no tracker, or no time
		return g, false
	}
	at := slices.IndexFunc(n.anger, func(g grievance) bool {
		return g.fate == q.Fate && langOf(g.lang) == langOf(q.TextLang) && (g.org == "" || g.org == n.story.Organisations[q.Org].Key)
	})
	if at < 0 {
		return g, false
	}
	g = n.anger[at]
	n.anger = slices.Delete(n.anger, at, at+1)
	return g, true
}

// complain says what went wrong; some complaints are answered within the night.
func (n *night) complain(ctx context.Context, i int, g grievance) error {
	pid := id.New[cases.Complaint](n.clock.Now())
	_, restricted, err := n.h.Cases.Complain(ctx, n.asked[i].ID, pid, g.kind, g.text, langOf(g.lang))
	if err != nil || restricted || g.answer == "" {
		return err
	}
	by := n.desk(n.scope(i, -1))
	n.at(n.clock.Now().Sub(n.start)+3*time.Hour, func(ctx context.Context) error {
		if _, _, err := n.h.Cases.ReadComplaint(ctx, by, pid); err != nil {
			return err
		}
		return n.h.Cases.AnswerComplaint(ctx, by, pid, g.answer)
	})
	return nil
}
