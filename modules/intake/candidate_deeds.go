package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

var desk = []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Agent}

// What can be done to a candidate. Tidy is the house's own.
var (
	DeedRead    = deed.Deed{Name: "intake.candidate.read", Roles: desk}
	DeedConfirm = deed.Deed{Name: "intake.candidate.confirm", Roles: desk}
	DeedJoin    = deed.Deed{Name: "intake.candidate.join", Roles: desk}
	DeedAside   = deed.Deed{Name: "intake.candidate.set_aside", Roles: desk}
	DeedOffer   = deed.Deed{Name: "intake.candidate.offer", Roles: desk}
	DeedUndo    = deed.Deed{Name: "intake.candidate.undo", Roles: desk}
	DeedTidy    = deed.Deed{Name: "intake.candidate.tidy"}
)

// AsideReasons are why somebody sets a candidate aside.
var AsideReasons = []string{"no_request", "told_before", "not_here", "not_true", "other"}

// Choice is what a person left of what the house proposed.
type Choice struct {
	Needs, Fragile []string
	People         int
	Place          string // code; "" leaves the words
	PlaceText      string
	Call           bool // the number in the words is the one to call
	Level          int  // as the person sees it; 0 leaves it to the rules
	Into           string
}

type decidedTold struct {
	Case    string `json:"case,omitempty"`
	Into    string `json:"into,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Place   string `json:"place,omitempty"`
	Changed int    `json:"changed,omitempty"` // of what was proposed, how much the person changed
	Was     string `json:"was,omitempty"`
}

func subject(c CandidateID) string { return "intake.candidate/" + c.String() }

// mayWork tells whether somebody may work on a candidate: where its words place
// it, or because they brought it in.
func mayWork(by actor.Actor, c *Candidate) bool {
	if by.System != "" || !by.Account.IsZero() && by.Account == c.Brought && by.Holds(desk...) {
		return true
	}
	_, ok := by.May(desk, c.Scope())
	return ok
}

func allow(t *deed.Tx, c *Candidate) error {
	if mayWork(t.By, c) && t.By.Account == c.Brought {
		return t.AllowAny()
	}
	return t.Allow(c.Scope())
}

// decide loads a waiting candidate, asks, decides, saves and tells.
func (s *Service) decide(ctx context.Context, by actor.Actor, d deed.Deed, cid CandidateID, change func(*deed.Tx, *Candidate) (decidedTold, error)) error {
	return s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		c, err := getCandidate(t.Tx, cid)
		if err != nil {
			return err
		}
		if err := allow(t, c); err != nil {
			return err
		}
		told, err := change(t, c)
		if err != nil {
			return err
		}
		if err := saveCandidate(t.Tx, c); err != nil {
			return err
		}
		return t.Tell(subject(cid), told)
	})
}

// waiting is a candidate that somebody may decide about, and what it says.
func (s *Service) waiting(ctx context.Context, by actor.Actor, d deed.Deed, cid CandidateID) (c *Candidate, b Body, err error) {
	err = s.h.Look(ctx, by, d, func(t *deed.Tx) error {
		if c, err = getCandidate(t.Tx, cid); err != nil {
			return err
		}
		if err := allow(t, c); err != nil {
			return err
		}
		if c.State != Waiting {
			return fault.New(fault.Conflict, "intake.triage.decided")
		}
		b, err = s.open(c)
		return err
	})
	return c, b, err
}

// Confirm makes a request of a candidate, as a person left it. The request is
// asked first: were the house to fall between the two, the candidate still
// waits, and confirmed again it is the same request.
func (s *Service) Confirm(ctx context.Context, by actor.Actor, cid CandidateID, choice Choice) (out Asked, err error) {
	d := DeedConfirm
	if choice.Into != "" {
		d = DeedJoin
	}
	c, b, err := s.waiting(ctx, by, d, cid)
	if err != nil {
		return out, err
	}
	def, err := s.def(c.Service)
	if err != nil {
		return out, err
	}
	if out, err = s.ask(ctx, by, def, c, b, choice); err != nil {
		return out, err
	}
	var apart error
	if choice.Into != "" && !out.Restricted {
		if apart = s.Cases.Join(ctx, by, out.Case, choice.Into); apart != nil {
			choice.Into = "" // the request is there; that it is not joined is told
		}
	}
	err = s.decide(ctx, by, d, cid, func(t *deed.Tx, c *Candidate) (decidedTold, error) {
		to := Case
		if choice.Into != "" {
			to = Joined
		}
		if err := c.decide(to, by.Account, t.Now()); err != nil {
			return decidedTold{}, err
		}
		c.CaseID, c.Into = out.Case, choice.Into
		if out.Restricted { // from now on only trained people read it
			c.Sealed, c.State, c.Into = nil, Case, ""
		}
		told := decidedTold{Case: out.Case, Into: c.Into, Place: choice.Place, Changed: changed(c, choice)}
		if s.Learn != nil && choice.Place != "" && b.Place != "" && choice.PlaceText == b.Place && !out.Restricted {
			return told, s.Learn(t, b.Place, choice.Place, d.Name)
		}
		return told, nil
	})
	return out, errors.Join(err, apart)
}

func (s *Service) ask(ctx context.Context, by actor.Actor, def *service.Definition, c *Candidate, b Body, choice Choice) (out Asked, err error) {
	a := s.asking(def, c, b, choice)
	by.Channel = "import"
	if out, err = s.Cases.Ask(ctx, by, a); err != nil {
		return out, err
	}
	if choice.Level > 0 && !out.Restricted && !out.Again && s.Cases.MayRaise(by) {
		judged, err := s.Cases.Judge(a)
		if err == nil && choice.Level < judged.Level {
			err = s.Cases.Raise(ctx, by, out.Case, choice.Level)
		}
		return out, err
	}
	return out, nil
}

// asking is the request that a choice makes of a candidate.
func (s *Service) asking(def *service.Definition, c *Candidate, b Body, choice Choice) Asking {
	answers := b.Answers.Clone()
	if answers == nil {
		answers = forms.Answers{}
	}
	set := func(name string, v forms.Value, has bool) {
		if name == "" || def.Form.Question(name) == nil {
			return
		}
		if delete(answers, name); has {
			answers[name] = v
		}
	}
	if len(choice.Needs) == 0 {
		choice.Needs = otherNeed(def)
	}
	set(def.Bind.Need, choice.Needs, len(choice.Needs) > 0)
	set(def.Bind.Fragile, choice.Fragile, len(choice.Fragile) > 0)
	set(def.Bind.People, int64(choice.People), choice.People > 0)
	set(def.Bind.Text, b.Words, b.Words != "")
	where := forms.Place{Code: choice.Place, Text: choice.PlaceText}
	if b.Point != nil {
		where.Lat, where.Lon, where.HasPoint = b.Point.Lat, b.Point.Lon, true
	}
	set(def.Bind.Place, where, !where.IsZero())
	if choice.Call && len(b.Phones) > 0 {
		set(def.Bind.Phone, forms.Phone(b.Phones[0]), true)
	}
	a := Asking{Service: def.Code, Answers: answers, Lang: langOf(c.Lang), At: c.SaidAt, Contact: b.Contact}
	if b.From != "" {
		a.Contact = string(c.Source) + "|" + b.From
	}
	a.ID = id.Derive[candidateKind](c.SaidAt, s.vault.Index("intake case", fmt.Sprintf("%s|%d", c.ID, c.Times))).String()
	return a
}

// otherNeed is "something else", where a service knows it: a request that asks for
// nothing in its list is asked about by telephone.
func otherNeed(def *service.Definition) []string {
	if q := def.Form.Question(def.Bind.Need); q != nil && q.List != nil {
		if _, ok := q.List.Choice("other"); ok {
			return []string{"other"}
		}
	}
	return nil
}

// changed counts what a person changed of what was proposed.
func changed(c *Candidate, choice Choice) (n int) {
	for _, x := range c.Needs {
		if !slices.Contains(choice.Needs, x) {
			n++
		}
	}
	for _, x := range choice.Needs {
		if !slices.Contains(c.Needs, x) {
			n++
		}
	}
	if c.Place != "" && c.Place != choice.Place {
		n++
	}
	if c.People != 0 && c.People != choice.People {
		n++
	}
	return n
}

// SetAside says that a candidate asks for nothing, and why.
func (s *Service) SetAside(ctx context.Context, by actor.Actor, cid CandidateID, reason string) error {
	if !slices.Contains(AsideReasons, reason) {
		return fault.New(fault.Invalid, "intake.triage.reason_needed").On("reason")
	}
	return s.decide(ctx, by, DeedAside, cid, func(t *deed.Tx, c *Candidate) (decidedTold, error) {
		err := c.decide(Aside, by.Account, t.Now())
		c.Reason = reason
		return decidedTold{Reason: reason}, err
	})
}

// AsOffer says that a candidate offers something.
func (s *Service) AsOffer(ctx context.Context, by actor.Actor, cid CandidateID) error {
	return s.decide(ctx, by, DeedOffer, cid, func(t *deed.Tx, c *Candidate) (decidedTold, error) {
		return decidedTold{}, c.decide(Offer, by.Account, t.Now())
	})
}

// UndoLast takes back what somebody said last, and gives the candidate that
// waits again. A request that somebody took up in the meantime stays.
func (s *Service) UndoLast(ctx context.Context, by actor.Actor) (CandidateID, error) {
	var c *Candidate
	err := s.h.Look(ctx, by, DeedUndo, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err == nil {
			c, err = lastOf(t.Tx, by.Account)
		}
		return err
	})
	if err != nil {
		return CandidateID{}, err
	}
	if c == nil {
		return CandidateID{}, fault.New(fault.Conflict, "intake.triage.nothing_to_undo")
	}
	return c.ID, s.Undo(ctx, by, c.ID)
}

// Undo lets a candidate wait again, whoever decided.
func (s *Service) Undo(ctx context.Context, by actor.Actor, cid CandidateID) error {
	var was *Candidate
	err := s.h.Look(ctx, by, DeedUndo, func(t *deed.Tx) (err error) {
		if was, err = getCandidate(t.Tx, cid); err != nil {
			return err
		}
		if err := allow(t, was); err != nil {
			return err
		}
		again := *was
		return again.undo(t.Now())
	})
	if err != nil {
		return err
	}
	if was.CaseID != "" {
		if was.State == Joined {
			if err := s.Cases.Part(ctx, by, was.CaseID); err != nil {
				return err
			}
		}
		if err := s.Cases.TakeBack(ctx, by, was.CaseID); err != nil {
			return err
		}
	}
	return s.decide(ctx, by, DeedUndo, cid, func(t *deed.Tx, c *Candidate) (decidedTold, error) {
		told := decidedTold{Was: string(c.State), Case: c.CaseID, Into: c.Into}
		return told, c.undo(t.Now())
	})
}

// tidyBatch is how many candidates are emptied at a turn.
const tidyBatch = 500

type tidyTold struct {
	Candidates int64 `json:"candidates"`
}

// Tidy empties what candidates say once somebody has decided and there was time
// to take it back, as long as files that nobody took in are kept (law 09-08,
// art. 3(e)). What was decided stays.
func (s *Service) Tidy(ctx context.Context) error {
	keep := s.places.Country().Keep.Imports.For()
	if keep == 0 {
		return nil
	}
	err := s.h.Do(ctx, actor.Actor{System: "retention"}, DeedTidy, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		n, err := forgetBodies(t.Tx, t.Now().Add(-max(keep, undoFor)), tidyBatch)
		if err != nil {
			return err
		}
		if n == 0 {
			return deed.ErrNothingDone
		}
		return t.Tell("intake.candidate", tidyTold{n})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// erased forgets what a candidate said when the person of its request is forgotten.
func (s *Service) erased(ctx context.Context, r deed.Record) error {
	const of = "cases.case/"
	if len(r.Subject) <= len(of) {
		return nil
	}
	return s.h.DB.Write(ctx, func(t *db.Tx) error { return forgetCase(t, r.Subject[len(of):]) })
}

// within is how far apart two messages of one sender may stand to be read together.
const within = 10 * time.Minute
