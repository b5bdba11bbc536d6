package reach

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// What a short text is about, where a question of Ask is open, in this order:
//
//  1. STOP, and every word of commands.yaml, is what it always is.
//  2. In the middle of a request every digit is the request's.
//  3. While "did it arrive?" waits, 1, 2 and 3 are its answers; a question that
//     is put meanwhile has other digits. "Yes" in words could be either, and is
//     asked about.
//  4. A menu, or a wish to prove or choose something, has the digits if it came
//     after the question; else the question has.
//  5. Out of nowhere the question has its digits, and "yes" and "no". A digit
//     that it does not have opens the service of that digit.
//
// An answer to a question that is over says so once, and begins nothing.

// answersQuestion takes a text for the answer to an open question, if it is
// one. wrote is when they wrote last before.
func (s *Service) answersQuestion(ctx context.Context, x heard, c *Conversation, wrote time.Time, written string) (out Said, handled bool, err error) {
	var all []posed
	if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { all, err = s.questionsOf(t, c.ID); return err }); err != nil {
		return out, false, err
	}
	for _, q := range all {
		if q.state == "heard" && q.heard == x.id { // a crash came between
			return s.hearer(ctx, q, q.choice)
		}
	}
	text := strings.TrimSpace(arabic.Digits(forms.Clean(written, true)))
	if c.Talk.At == asking || s.words.command(text) != "" {
		return out, false, nil
	}
	if keys, ok := digits(text); ok {
		if len(keys) != 1 || keys[0] == 0 || c.Talk.At == confirming && keys[0] <= len(confirmAnswers) {
			return out, false, nil
		}
		return s.digitAnswers(ctx, x, c, wrote, all, keys[0])
	}
	if word := s.words.yesNo(text); word == "yes" || word == "no" {
		return s.wordAnswers(ctx, x, c, wrote, all, word)
	}
	return out, false, nil
}

// asksNow says whether a question is the last thing that somebody was asked.
func (q posed) asksNow(c *Conversation, wrote time.Time) bool {
	if q.sentAt.IsZero() {
		return false
	}
	return c.Talk.At == hall || c.Talk.At == confirming || q.sentAt.After(wrote)
}

func (s *Service) digitAnswers(ctx context.Context, x heard, c *Conversation, wrote time.Time, all []posed, digit int) (Said, bool, error) {
	now := s.h.DB.Now()
	for _, q := range all {
		if q.stands(digit) && q.open(now) && q.asksNow(c, wrote) {
			return s.take(ctx, x, q, q.Digits[digit-q.first])
		}
	}
	for _, q := range all {
		if !q.stands(digit) || !q.asksNow(c, wrote) || c.Talk.At == menu {
			continue
		}
		if q.settled() {
			return Said{Lines: []Line{say("reach.question.already")}}, true, nil
		}
		return s.tooLate(ctx, q)
	}
	return Said{}, false, nil
}

func (s *Service) wordAnswers(ctx context.Context, x heard, c *Conversation, wrote time.Time, all []posed, word string) (Said, bool, error) {
	var open, over []posed
	for _, q := range all {
		switch {
		case !q.asksNow(c, wrote) || !q.IsYesNo && !q.settled():
		case q.open(s.h.DB.Now()):
			open = append(open, q)
		default:
			over = append(over, q)
		}
	}
	switch {
	case len(open) > 0 && c.Talk.At == confirming:
		return Said{Lines: append([]Line{say("reach.question.which"), say("reach.confirm.ask"), s.engine.yesNo()}, asked(open)...)}, true, nil
	case len(open) > 1:
		return Said{Lines: append([]Line{say("reach.question.which")}, asked(open)...)}, true, nil
	case len(open) == 1 && word == "yes":
		return s.take(ctx, x, open[0], open[0].Digits[0])
	case len(open) == 1:
		return s.take(ctx, x, open[0], open[0].Digits[1])
	case len(over) == 0 || c.Talk.At == confirming:
		return Said{}, false, nil
	case over[0].settled():
		return Said{Lines: []Line{say("reach.question.already")}}, true, nil
	}
	return s.tooLate(ctx, over[0])
}

// take gives a question its one answer.
func (s *Service) take(ctx context.Context, x heard, q posed, choice int) (Said, bool, error) {
	first := false
	err := s.h.DB.Write(ctx, func(t *db.Tx) (err error) { first, err = takeAnswer(t, q.id, choice, x.id); return err })
	if err != nil {
		return Said{}, false, err
	}
	if !first { // the same phone, by another way in, a moment ago
		return Said{Lines: []Line{say("reach.question.already")}}, true, nil
	}
	return s.hearer(ctx, q, choice)
}

// hearer tells whoever asked.
func (s *Service) hearer(ctx context.Context, q posed, choice int) (Said, bool, error) {
	fn, ok := s.answers[q.kind]
	if !ok { // the part of the house that asked is gone
		return Said{Lines: []Line{say("reach.question.over")}}, true, nil
	}
	line, err := fn(ctx, actor.Actor{Channel: "sms"}, q.subject, choice)
	if f, is := errors.AsType[*fault.Fault](err); is {
		switch f.Kind {
		case fault.Conflict, fault.Missing, fault.Invalid:
			line, err = sentence(f), nil
		}
	}
	if err != nil {
		return Said{}, false, err
	}
	if line.Key == "" && line.Text == "" {
		line = say("reach.question.thanks")
	}
	return Said{Lines: []Line{line}}, true, nil
}

// tooLate says, once, that nobody waits for an answer any more.
func (s *Service) tooLate(ctx context.Context, q posed) (Said, bool, error) {
	err := s.h.DB.Write(ctx, func(t *db.Tx) error { return overSaid(t, q.id) })
	return Said{Lines: []Line{say("reach.question.over")}}, true, err
}

// asked are questions as they were put.
func asked(all []posed) (out []Line) {
	for _, q := range all {
		out = append(out, Line{Text: q.words()})
	}
	return out
}

// stillOpen says again, below the end of a request, what somebody was asked
// before and did not answer.
func (s *Service) stillOpen(ctx context.Context, c *Conversation, lines []Line) ([]Line, error) {
	var open []posed
	err := s.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := s.questionsOf(t, c.ID)
		for _, q := range all {
			if q.open(t.Now()) && !q.sentAt.IsZero() {
				open = append(open, q)
			}
		}
		return err
	})
	if len(open) > 0 {
		lines = append(append(lines, say("reach.question.still")), asked(open)...)
	}
	return lines, err
}

// closeAndAsk ends what a message answered and puts what waited for its turn.
func (s *Service) closeAndAsk(t *db.Tx, c *Conversation, done []HeardID) error {
	for _, x := range done {
		if err := closeQuestions(t, x); err != nil {
			return err
		}
	}
	if !c.StoppedAt.IsZero() || !s.idle(c, t.Now()) {
		return nil
	}
	all, err := s.questionsOf(t, c.ID)
	for _, q := range all {
		if err == nil && q.state == "turn" && q.until.After(t.Now()) {
			err = s.putQuestion(t, c, q)
		}
	}
	return err
}
