package cases

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// Where the store does not answer, a request is written down beside it, in the
// spool of this process (decision 14), and goes in by itself when the store
// answers again. Its asker gets the receipt number that it will have: numbers
// are drawn beforehand, and the store gives them to nobody else.

// askKind names requests among what lies in the spool.
const askKind = "cases.ask"

// asked is a request as it lies in the spool.
type asked struct {
	Request Request         `json:"request"`
	Number  receipt.Number  `json:"number,omitzero"`
	Deed    string          `json:"deed"`
	Account actor.AccountID `json:"account,omitzero"` // of staff who took it down
	Channel string          `json:"channel"`
}

// pending is what this process knows of a request that waits in its spool.
type pending struct {
	id         CaseID
	number     receipt.Number
	key        []byte // what was asked, to know it again
	secret     []byte // what opens its tracker
	at, due    time.Time
	level      int
	restricted bool
	shared     bool
	helped     bool
	told       bool // the asker was told the delivery code

	landing *landing // nil for one that was found on the disk
}

// landing is whether the disk has a request: err counts once done is closed.
type landing struct {
	done chan struct{}
	err  error
}

// asides are the requests that wait, and the numbers that may be promised.
type asides struct {
	mu       sync.Mutex
	byID     map[CaseID]*pending
	byNumber map[receipt.Number]*pending
	numbers  []receipt.Number // that may be promised
	asked    bool             // the numbers that were drawn before the start are among them

	given map[receipt.Number]bool // since the start, until asked
	next  []receipt.Number        // that are kept for the next start, and given by nobody now
}

func newAsides() *asides {
	return &asides{byID: map[CaseID]*pending{}, byNumber: map[receipt.Number]*pending{}}
}

// UseSpool is called while the house is built, before anybody is told of what
// waits in the spool. p is the porch that takes requests meanwhile; nil is none.
func (o *Office) UseSpool(s *spool.Spool, p *Porch) {
	o.spool, o.asides = s, newAsides()
	if p != nil {
		o.asides = p.o.asides
		o.crises.keep(p.o.crises.last(), 0, time.Time{})
	}
	s.Take(askKind, o.takeIn, func(x spool.Item) {
		a, err := readAsked(x)
		if err == nil {
			err = o.remember(a)
		}
		if err != nil {
			o.h.Log.Error("a request in the spool was not understood; it is kept", "problem", err.Error())
		}
	})
}

func readAsked(x spool.Item) (a asked, err error) {
	return a, json.Unmarshal(x.Body, &a)
}

// waits is the request under that identifier that waits in the spool.
func (o *Office) waits(cid CaseID) (pending, bool) {
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	a, ok := o.asides.byID[cid]
	if !ok {
		return pending{}, false
	}
	return *a, true
}

func (o *Office) waitsUnder(n receipt.Number) (pending, bool) {
	if n.IsZero() {
		return pending{}, false
	}
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	a, ok := o.asides.byNumber[n]
	if !ok {
		return pending{}, false
	}
	return *a, true
}

// out is what its asker is told of it.
func (a pending) out(o *Office) Asked {
	out := Asked{ID: a.id, Receipt: a.number, Level: a.level, Due: a.due, At: a.at, Restricted: a.restricted, Helped: a.helped, Waits: true}
	if a.told && !a.restricted {
		out.Code = o.code(a.id)
	}
	return out
}

// setAside takes a request in without the store. When it returns without an
// error, the request is on this machine's disk.
func (o *Office) setAside(by actor.Actor, d deed.Deed, def *service.Definition, q Request) (Asked, error) {
	if q.At.IsZero() {
		q.At = o.h.DB.Now()
	}
	a := asked{Request: q, Deed: d.Name, Account: by.Account, Channel: by.Channel, Number: q.Paper}
	x, err := o.lookAside(def, a)
	if err != nil {
		return Asked{}, err
	}
	o.asides.mu.Lock()
	if was, ok := o.asides.byID[q.ID]; ok { // the same at the same moment
		o.asides.mu.Unlock()
		return o.again(*was, x.key)
	}
	if n := len(o.asides.numbers); a.Number.IsZero() && n > 0 {
		a.Number, o.asides.numbers = o.asides.numbers[n-1], o.asides.numbers[:n-1]
		x.number = a.Number
		if !o.asides.asked {
			if o.asides.given == nil {
				o.asides.given = map[receipt.Number]bool{}
			}
			o.asides.given[a.Number] = true
		}
	}
	land := &landing{done: make(chan struct{})}
	x.landing = land
	o.asides.put(x) // before the disk has it: the same request at the same moment finds it, and waits
	o.asides.mu.Unlock()
	err = o.spool.Keep(askKind, q.At, a)
	land.err = err
	close(land.done)
	if err != nil {
		// Its number is not given to anybody else: whether the disk has it is not known.
		o.asides.drop(q.ID)
		o.h.Log.Error("a request could not be kept", "problem", err.Error())
		return Asked{}, &fault.Fault{Kind: fault.Away, Key: "cases.spool.full", Cause: err}
	}
	return x.out(o), nil
}

// setAsideAgain answers whoever asks again while their request waits.
func (o *Office) setAsideAgain(by actor.Actor, d deed.Deed, def *service.Definition, q Request, was pending) (Asked, error) {
	q.At = was.at
	x, err := o.lookAside(def, asked{Request: q, Deed: d.Name, Account: by.Account, Channel: by.Channel})
	if err != nil {
		return Asked{}, err
	}
	return o.again(was, x.key)
}

// again is the same request a second time: with other answers it is refused, as
// the store would (see earlier.again).
func (o *Office) again(was pending, key []byte) (Asked, error) {
	if !bytes.Equal(was.key, key) {
		return Asked{}, fault.New(fault.Conflict, "cases.case.other_content")
	}
	if was.landing != nil {
		if <-was.landing.done; was.landing.err != nil {
			return Asked{}, fault.New(fault.Away, "cases.spool.full")
		}
	}
	out := was.out(o)
	out.Again = true
	return out, nil
}

func (s *asides) put(x *pending) {
	s.byID[x.id] = x
	if !x.number.IsZero() {
		s.byNumber[x.number] = x
	}
}

func (s *asides) drop(cid CaseID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x, ok := s.byID[cid]; ok {
		delete(s.byID, cid)
		delete(s.byNumber, x.number)
	}
}

// lookAside works out what can be told of a request without the store.
func (o *Office) lookAside(def *service.Definition, a asked) (*pending, error) {
	q := a.Request
	c, private, err := o.prepare(def, q)
	if err != nil {
		return nil, err
	}
	concerns, err := def.Concerns(q.Answers)
	if err != nil {
		return nil, err
	}
	def = o.over(def, c.Place)
	x := &pending{id: c.ID, number: a.Number, key: c.AskedKey, secret: c.Secret, at: q.At, level: c.Level, shared: q.Shared, helped: q.Channel == "helper",
		told: byAsker(q.Channel) || q.Channel == "helper" && c.PhoneKey == nil}
	var concern *Concern
	if len(concerns) > 0 {
		if concern, err = o.prepareConcern(def, c, concerns[0], private); err != nil {
			return nil, err
		}
		x.restricted = c.Rank != 0
	}
	if err := q.Help.excused(c, concern); err != nil {
		return nil, err
	}
	c.stamp(def, q.At)
	x.due = c.DueAt
	return x, nil
}

// remember is what a process that starts does for each request it finds.
func (o *Office) remember(a asked) error {
	def, err := o.current(a.Request.Service)
	if err != nil {
		return err
	}
	x, err := o.lookAside(def, a)
	if err != nil {
		return err
	}
	o.asides.mu.Lock()
	defer o.asides.mu.Unlock()
	o.asides.put(x)
	return nil
}

// takeIn brings a request from the spool into the store: once, however often it
// is handed out.
func (o *Office) takeIn(ctx context.Context, item spool.Item) error {
	a, err := readAsked(item)
	if err != nil {
		return err
	}
	q := a.Request
	q.Waited = max(0, o.h.DB.Now().Sub(q.At))
	if q.Paper.IsZero() {
		q.Promised = a.Number
	}
	by, word := actor.Actor{Account: a.Account, Channel: a.Channel}, DeedAsk
	if a.Deed != DeedAsk.Name { // they were allowed when they did it
		by.System, word = "spool", DeedTakeDown
	}
	def, err := o.current(q.Service)
	if err != nil {
		return err
	}
	if _, err := o.crisesOrLast(ctx); err != nil {
		return err
	}
	out, err := o.askTwice(ctx, by, word, def, q)
	switch f, is := errors.AsType[*fault.Fault](err); {
	case is && f.Key == "cases.case.other_content":
		// Somebody sent another request under an identifier that was used: it was
		// acknowledged, so it goes in under one of its own.
		q.ID = id.Derive[Case](q.ID.Time(), o.vault.Index("case set aside", fmt.Sprintf("%s|%s|%s", q.ID, a.Number, q.At)))
		out, err = o.askTwice(ctx, by, word, def, q)
	case fault.KindOf(err) == fault.Invalid && !q.Partly: // the form became stricter meanwhile: somebody asks for the rest
		q.Partly = true
		out, err = o.askTwice(ctx, by, word, def, q)
	}
	if err != nil {
		return err
	}
	if !q.Promised.IsZero() && out.Receipt != q.Promised {
		if err := o.alsoUnder(ctx, q.Promised, out.ID); err != nil {
			return err
		}
	}
	o.asides.drop(a.Request.ID)
	return nil
}
