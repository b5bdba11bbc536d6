package reach

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var callers = []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell}

var (
	DeedCallSee    = deed.Deed{Name: "reach.call.see", Roles: callers}
	DeedCallTake   = deed.Deed{Name: "reach.call.take", Roles: callers}
	DeedCallReveal = deed.Deed{Name: "reach.call.reveal", Roles: callers}
	DeedCallFinish = deed.Deed{Name: "reach.call.finish", Roles: callers}
)

// callLease is how long somebody has for a call they took on; then anybody may
// take it.
const callLease = 20 * time.Minute

// callReasons are the purposes for which a number is opened.
var callReasons = []string{"call", "safety"}

// callResults are the ways a call ends. After "asked" a request was made of it.
var callResults = []string{"reached", "no_answer", "not_needed", "asked"}

type (
	callTakenTold struct {
		Since time.Time `json:"waiting_since"`
	}
	callReasonTold struct {
		Reason string `json:"reason"`
	}
	callDoneTold struct {
		Result string `json:"result"`
		Case   string `json:"case,omitempty"`
	}
)

// onCall loads somebody who is to be called and does one deed on them.
func (s *Service) onCall(ctx context.Context, by actor.Actor, d deed.Deed, cid CallID, do func(*deed.Tx, wanted) (told any, err error)) error {
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		w, err := s.getWanted(t.Tx, cid)
		if err != nil {
			return err
		}
		told, err := do(t, w)
		if err != nil {
			return err
		}
		return t.Tell(ofCall+cid.String(), told)
	}))
}

// TakeCall takes on calling somebody, for the time of a lease.
func (s *Service) TakeCall(ctx context.Context, by actor.Actor, cid CallID) error {
	return s.onCall(ctx, by, DeedCallTake, cid, func(t *deed.Tx, w wanted) (any, error) {
		switch {
		case w.heldBy(by.Account, t.Now()):
			return nil, deed.ErrNothingDone
		case w.state == "done":
			return nil, fault.New(fault.Conflict, "reach.call.over")
		case !w.free(t.Now()):
			return nil, fault.New(fault.Conflict, "reach.call.taken")
		}
		return callTakenTold{w.made.UTC()}, takeCall(t.Tx, cid, by.Account)
	})
}

// RevealCall opens the number of somebody whose call the doer has taken on.
func (s *Service) RevealCall(ctx context.Context, by actor.Actor, cid CallID, reason string) (number string, err error) {
	if !slices.Contains(callReasons, reason) {
		return "", fault.New(fault.Invalid, "reach.call.reason_needed").On("reason")
	}
	err = s.onCall(ctx, by, DeedCallReveal, cid, func(t *deed.Tx, w wanted) (any, error) {
		if !w.heldBy(by.Account, t.Now()) {
			return nil, fault.New(fault.Conflict, "reach.call.take_first")
		}
		number = w.address
		return callReasonTold{reason}, nil
	})
	return number, err
}

// FinishCall writes down how a call went. Nobody answered: it is due again
// later. A request was made: its receipt says which, its voice notes go with
// it, and whoever was called hears of it from now on.
func (s *Service) FinishCall(ctx context.Context, by actor.Actor, cid CallID, result, number string) error {
	if !slices.Contains(callResults, result) {
		return fault.New(fault.Invalid, "reach.call.result_needed").On("result")
	}
	about := ""
	if result == "asked" {
		n, err := receipt.Parse(number)
		if err != nil {
			return onField(err, "receipt")
		}
		if about, err = s.Ports.CaseOf(ctx, by, n); err != nil {
			return onField(err, "receipt")
		}
	}
	return s.onCall(ctx, by, DeedCallFinish, cid, func(t *deed.Tx, w wanted) (any, error) {
		if !w.heldBy(by.Account, t.Now()) {
			return nil, fault.New(fault.Conflict, "reach.call.take_first")
		}
		told := callDoneTold{Result: result, Case: strings.TrimPrefix(about, ofCases)}
		if result == "no_answer" {
			return told, callLater(t.Tx, cid, t.Now().Add(time.Duration(s.Rules.CallBack.Within)))
		}
		if about != "" {
			if err := rebindNotes(t.Tx, ofCall+cid.String(), about); err != nil {
				return nil, err
			}
			if err := hold(t.Tx, about, w.conv); err != nil {
				return nil, err
			}
		}
		return told, endCall(t.Tx, cid, result, about)
	})
}

// onField points a fault of somebody's entry to the field they entered it in.
func onField(err error, field string) error {
	if f, ok := err.(*fault.Fault); ok && (f.Kind == fault.Invalid || f.Kind == fault.Missing || f.Kind == fault.Denied) {
		return fault.New(fault.Invalid, f.Key, pairs(f.Args)...).On(field)
	}
	return err
}

func pairs(m map[string]any) (out []any) {
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}
