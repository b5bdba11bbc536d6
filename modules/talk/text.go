package talk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach"
)

// HeardText takes a text message to the house that begins with one of the words
// of a channel, from the phone of somebody who is on one: "team we are at the
// bridge", "task bring ropes". Of several open missions it goes to the latest.
// once names what came in, so that it is said once whatever crashes. Whatever
// else anybody writes is not handled here: a person in need who writes "team"
// is heard as one in need.
func (s *Service) HeardText(ctx context.Context, once, from, text string) (answer []reach.Line, handled bool, err error) {
	rest, task, ours := s.Rules.read(text)
	if !ours {
		return nil, false, nil
	}
	number, err := phone.Parse(from, s.prefix)
	if err != nil {
		return nil, false, nil
	}
	mid, err := s.missionOfPhone(ctx, string(number))
	if err != nil || mid.IsZero() {
		return nil, false, err
	}
	rest, err = tidy(rest, s.Rules.Letters)
	if err != nil {
		return said(err), true, nil
	}
	x := Said{ID: id.New[Message](s.h.DB.Now()), Mission: mid, Text: rest, Task: task, once: once, via: "sms"}
	others := 0
	err = s.h.Do(ctx, actor.Actor{Channel: "sms"}, DeedText, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if err := s.open(t.Tx, mid); err != nil {
			return err
		}
		if old, err := findMessage(t.Tx, x.ID, once); err != nil {
			return err
		} else if old != nil { // read again after a crash
			return deed.ErrNothingDone
		}
		if err := s.crew(t.Tx, mid); err != nil {
			return err
		}
		m, err := memberBy(t.Tx, `m.mission = ?1 AND m.phone_key = ?2`, mid, s.key(string(number)))
		if err != nil {
			return err
		}
		if m == nil {
			return fault.New(fault.Missing, "error.missing")
		}
		out, n, err := s.say(t, m, x)
		if err != nil {
			return err
		}
		others = n
		return t.Tell(subject(mid), out)
	})
	switch kind := fault.KindOf(err); {
	case err == nil, errors.Is(err, deed.ErrNothingDone):
		key := "talk.sms.passed"
		if task {
			key = "talk.sms.task_made"
		}
		return []reach.Line{{Key: key, Args: []any{"n", others}}}, true, nil
	case kind == fault.Missing:
		return nil, false, nil
	case kind == fault.Limited, kind == fault.Conflict, kind == fault.Invalid:
		return said(err), true, nil
	}
	return nil, false, err
}

// said puts a fault into the words of an answer.
func said(err error) []reach.Line {
	f, ok := errors.AsType[*fault.Fault](err)
	if all, many := errors.AsType[fault.All](err); !ok && many && len(all) > 0 {
		f = all[0]
	}
	if f == nil {
		return nil
	}
	var args []any
	for k, v := range f.Args {
		args = append(args, k, v)
	}
	return []reach.Line{{Key: f.Key, Args: args}}
}

// missionOfPhone is the latest open mission on which somebody has this phone;
// zero when there is none.
func (s *Service) missionOfPhone(ctx context.Context, number string) (mid MissionID, err error) {
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := missionsByPhone(t, s.key(number))
		if err != nil {
			return err
		}
		if s.Crew != nil {
			more, err := s.Crew.ByPhone(t, number)
			if err != nil {
				return err
			}
			all = append(all, more...)
		}
		slices.SortFunc(all, func(a, b string) int { return strings.Compare(b, a) }) // names begin with their moment
		for _, text := range slices.Compact(all) {
			m, err := s.Missions.Mission(t, text)
			if fault.KindOf(err) == fault.Missing {
				continue
			}
			if err != nil {
				return err
			}
			if m.Open {
				mid, err = id.Parse[missionKind](text)
				return err
			}
		}
		return nil
	})
	return mid, err
}
