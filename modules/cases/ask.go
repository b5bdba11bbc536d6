package cases

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/service"
)

// Request is what somebody asks for, in whatever channel.
type Request struct {
	ID      CaseID // minted by the asker's side; the same one again is the same request
	Service string
	Answers forms.Answers
	Lang    string
	Channel string
	At      time.Time      // when it was first said, for imports; zero is now
	Contact string         // for imports without a phone: a name for "the same caller"
	Partly  bool           // what was not answered is left for somebody to ask by telephone
	Help    *Help          // who fills it in for the person; nil when they do it themselves
	Shared  bool           // typed on a phone that others use
	Paper   receipt.Number // the number on the sheet it was typed from; zero draws one

	Promised receipt.Number // the number that its asker was told while the store was away
	Waited   time.Duration  // how long it lay in the spool
}

// Asked is what the asker gets back.
type Asked struct {
	ID         CaseID
	Receipt    receipt.Number
	Code       string // the delivery code, for the asker's eyes only
	Level      int
	Due        time.Time
	At         time.Time
	Again      bool // it had been asked before
	Restricted bool // it went to the trained people only
	Helped     bool // somebody else filled the form in
	Waits      bool // it lies in the spool until the store answers; Receipt may be zero
}

// askTold is the journal line of a new request: facts, and a commitment to
// what was said, which nobody can read back.
type askTold struct {
	Service    string   `json:"service"`
	Version    int      `json:"version"`
	Level      int      `json:"level"`
	Reasons    []string `json:"reasons"`
	Place      string   `json:"place,omitempty"`
	Commitment []byte   `json:"commitment"`
	Waited     int64    `json:"waited,omitempty"` // seconds in the spool, while the store did not answer
}

// Ask takes a request in. When it returns, the request is on the disk and its
// receipt is good.
func (o *Office) Ask(ctx context.Context, by actor.Actor, d deed.Deed, q Request) (Asked, error) {
	if _, err := o.crisesOrLast(ctx); err != nil { // what is open now sets the delays
		return Asked{}, err
	}
	o.freshGround(ctx)
	def, err := o.current(q.Service)
	if err != nil {
		return Asked{}, err
	}
	if q.Answers, err = o.valid(def, q); err != nil {
		return Asked{}, err
	}
	if w := q.Answers.Text(def.Bind.Secret); w != "" && utf8.RuneCountInString(trackKey(w)) < leastWord {
		return Asked{}, fault.All{fault.New(fault.Invalid, "cases.ask.word_short", "least", leastWord).On(def.Bind.Secret)}
	}
	if q.ID.IsZero() {
		q.ID = id.New[Case](o.h.DB.Now())
	}
	if x, ok := o.waits(q.ID); ok { // the same again, before the first went in
		return o.setAsideAgain(by, d, def, q, x)
	}
	if o.spool != nil && web.Pressed(ctx) { // more ask than the store can take at once
		if out, err := o.setAside(by, d, def, q); err == nil {
			return out, nil
		}
	}
	out, err := o.askTwice(ctx, by, d, def, q)
	if o.spool != nil && db.IsAway(err) {
		return o.setAside(by, d, def, q)
	}
	return out, err
}

// askTwice takes a request in through the store.
func (o *Office) askTwice(ctx context.Context, by actor.Actor, d deed.Deed, def *service.Definition, q Request) (Asked, error) {
	for try := 1; ; try++ {
		out, err := o.ask(ctx, by, d, def, q)
		// A receipt drawn twice, or the same request twice at once: look again.
		if f, ok := errors.AsType[*fault.Fault](err); ok && f.Key == "error.exists" && try < 5 {
			continue
		}
		return out, err
	}
}

// leastWord is how many letters or digits the word that opens a tracker has,
// once signs and vowels are left away as they are when it is compared: one of
// signs alone would be opened by any other.
const leastWord = 4

// valid checks the answers. A row of somebody else's file is not refused for
// what nobody can be asked any more: how many they are, and a way to reach
// them; nor is a call that stopped half-way for what it left unanswered. A
// dispatcher sees that it is missing.
func (o *Office) valid(def *service.Definition, q Request) (forms.Answers, error) {
	a, err := def.Form.Validate(q.Answers)
	all, ok := errors.AsType[fault.All](err)
	if !ok || q.Channel != "import" && !q.Partly {
		return a, err
	}
	var rest fault.All
	for _, f := range all {
		unasked := q.Partly || f.Field == def.Bind.Phone || f.Field == def.Bind.Secret || f.Field == def.Bind.People
		if !unasked || q.Answers.Has(f.Field) {
			rest = append(rest, f)
		}
	}
	return def.Form.Settle(a), rest.OrNil()
}

func (o *Office) ask(ctx context.Context, by actor.Actor, d deed.Deed, def *service.Definition, q Request) (Asked, error) {
	concerns, err := def.Concerns(q.Answers)
	if err != nil {
		return Asked{}, err
	}
	c, private, err := o.prepare(def, q)
	if err != nil {
		return Asked{}, err
	}
	def = o.over(def, c.Place)
	var concern *Concern
	if len(concerns) > 0 {
		if concern, err = o.prepareConcern(def, c, concerns[0], private); err != nil {
			return Asked{}, err
		}
		hide(def, c)
	}
	if err := q.Help.excused(c, concern); err != nil {
		return Asked{}, err
	}
	out := Asked{ID: c.ID, Receipt: c.Receipt, Level: c.Level, Code: o.code(c.ID)}
	err = o.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.Allow(c.Scope()); err != nil {
			return err
		}
		if err := o.keep(t, def, c, concern, &out); err != nil {
			return err
		}
		return o.besides(t, q, c, &out)
	})
	if errors.Is(err, deed.ErrNothingDone) {
		out.Again, err = true, nil
	} else if err == nil && concern == nil && o.linkage != nil {
		o.sketches.put(shelved{near: near{n: c.number, id: c.ID, revision: c.Revision, service: c.Service}, sketch: c.sketch, seen: o.h.DB.Now()})
	}
	return out, err
}

// keep writes the request down. A concern that is not about life in danger
// goes to the trained people alone, under the same receipt.
func (o *Office) keep(t *deed.Tx, def *service.Definition, c *Case, concern *Concern, out *Asked) error {
	c.stamp(def, t.Now())
	was, err := o.whatIsKnown(t.Tx, c)
	if err != nil {
		return err
	}
	if again, err := was.again(c, out); err != nil || again {
		return errors.Join(err, ifTrue(again, deed.ErrNothingDone))
	}
	switch {
	case c.paper:
		if err := o.onPaper(t.Tx, c, was); err != nil {
			return err
		}
	case c.promised && !was.taken:
		if err := keepPromise(t.Tx, c.Receipt); err != nil {
			return err
		}
	case was.taken || was.printed:
		return fault.New(fault.Conflict, "error.exists")
	}
	out.Due = c.DueAt
	if concern != nil {
		concern.stamp(t.Now())
		alone := c.Rank != 0
		if out.Restricted = alone; !alone {
			concern.Receipt, err = freshReceipt(t.Tx)
		}
		if err == nil {
			err = addConcern(t.Tx, concern)
		}
		if err == nil {
			err = t.TellAs(DeedConcernOpen, concern.subject(), concernTold{Kind: concern.Kind})
		}
		if err != nil || alone {
			return err
		}
	}
	fresh, err := addCase(t.Tx, c)
	if err != nil {
		return err
	}
	if !fresh { // the same request came twice at once: this one is the second
		return fault.New(fault.Conflict, "error.exists")
	}
	if concern == nil { // with a concern it takes no part in any comparing
		if c.number, err = addSketch(t.Tx, c.ID, c.sketched); err != nil {
			return err
		}
	}
	return t.Tell(subject(c.ID), askTold{c.Service, c.Version, c.Level, reasonCodes(c), c.Place, crypt.Commit(c.Salt, c.AskedKey), int64(c.waited / time.Second)})
}

func ifTrue(b bool, err error) error {
	if b {
		return err
	}
	return nil
}

// prepare makes a case of a request: everything slow is done here, before the
// transaction.
func (o *Office) prepare(def *service.Definition, q Request) (*Case, forms.Answers, error) {
	number, err := receipt.New(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	whole, err := q.Answers.MarshalJSON()
	if err != nil {
		return nil, nil, err
	}
	open, private := def.Split(q.Answers)
	o.sealPlaceWords(def, open, private)
	c := &Case{ID: q.ID, Receipt: number, Service: def.Code, Version: def.Version, Lang: q.Lang, Channel: q.Channel, MadeAt: q.At, Revision: 1,
		Needs: q.Answers.List(def.Bind.Need), People: int(q.Answers.Int(def.Bind.People)), Spoken: q.Answers.Text(def.Bind.Spoken),
		AskedKey: o.vault.Index("asked", def.Code+"|"+string(whole)), Salt: crypt.NewSalt()}
	if c.Needs == nil {
		c.Needs = []string{}
	}
	if q.Paper != (receipt.Number{}) {
		c.Receipt, c.paper = q.Paper, true
	}
	if !q.Promised.IsZero() {
		c.Receipt, c.promised = q.Promised, true
	}
	c.waited = q.Waited
	o.locate(c, q.Answers.Place(def.Bind.Place))
	if c.Spoken == "" {
		c.Spoken = o.places.SpokenFirst(c.Place)
	}
	if err := o.seal(c, open, private); err != nil {
		return nil, nil, err
	}
	o.keys(def, c, q)
	if c.Level, c.Reasons, err = def.Prioritise(q.Answers, o.surroundings(c)); err != nil {
		// A rule that cannot be worked out must not shut the door on anybody: what
		// the other rules say still counts, and an operator learns of it.
		o.h.Log.Error("a priority rule failed", "service", def.Code, "problem", err.Error())
	}
	c.Crisis = o.reigning(c)
	c.Rank = 1
	if def.First(c.Reasons) {
		c.Rank = 0
	}
	if o.linkage != nil {
		r := o.report(def, c, private)
		if r.MadeAt.IsZero() {
			r.MadeAt = o.h.DB.Now()
		}
		c.sketch = o.linkage.Sketch(r)
		c.sketched = o.sketched(c.ID, c.sketch)
	}
	return c, private, nil
}

// sealPlaceWords takes a place's own words, in which people write names, out
// of the open answers.
func (o *Office) sealPlaceWords(def *service.Definition, open, private forms.Answers) {
	p := open.Place(def.Bind.Place)
	if p.Text == "" {
		return
	}
	private[def.Bind.Place] = p
	if p.Text = ""; p.IsZero() {
		delete(open, def.Bind.Place)
	} else {
		open[def.Bind.Place] = p
	}
}

func (o *Office) seal(c *Case, open, private forms.Answers) error {
	text, err := open.MarshalJSON()
	if err != nil {
		return err
	}
	c.Answers = string(text)
	if len(private) == 0 {
		return nil
	}
	plain, err := private.MarshalJSON()
	if err == nil {
		c.Sealed = o.vault.Seal("cases_case.private|"+c.ID.String(), plain)
	}
	return err
}

// keys make the case findable by phone and openable by its asker without
// storing either.
func (o *Office) keys(def *service.Definition, c *Case, q Request) {
	if p := q.Answers.Phone(def.Bind.Phone); p != "" {
		c.PhoneKey = o.vault.Index("phone", string(p))
		c.Secret = o.secret(c.ID, phone.Number(p).Last4())
	} else if q.Contact != "" {
		c.PhoneKey = o.vault.Index("contact", q.Contact)
	}
	if w := q.Answers.Text(def.Bind.Secret); w != "" && len(c.Secret) == 0 {
		c.Secret = o.secret(c.ID, w)
	}
	if p := q.Answers.Phone(def.Bind.Family); p != "" {
		c.FamilyKey = o.vault.Index("phone", string(p))
	}
}

// secret is the keyed hash of what opens the tracker beside the receipt.
func (o *Office) secret(c CaseID, typed string) []byte {
	return o.vault.Index("track", c.String()+"|"+arabic.Key(typed))
}

// code is the delivery code of a case. It is derived, stored nowhere, and
// shown to nobody but the asker at the moment of asking.
func (o *Office) code(c CaseID) string { return o.vault.Code("delivery", c.String(), CodeDigits) }

// locate fills in where the case is, as far as what was given tells: a place
// chosen, or coordinates and the commune nearest to them.
func (o *Office) locate(c *Case, p forms.Place) {
	if p.HasPoint {
		c.At, c.HasPoint = p.Point(), true
	} else if at, ok := geo.ParseIn(p.Text, o.places.Box()); ok { // a map link or coordinates, pasted
		c.At, c.HasPoint = at, true
	}
	code := p.Code
	if _, ok := o.places.Get(code); !ok { // not a code of ours: somebody has to ask
		code = ""
	}
	if code == "" && c.HasPoint {
		if near := o.places.Nearest(c.At, "commune", 1); len(near) == 1 && near[0].Km <= communeReach {
			code = near[0].Place.Code
		}
	}
	if code == "" && p.Text != "" {
		code = o.certain(p.Text)
	}
	o.put(c, code)
	if !c.HasPoint && code != "" {
		if at, _, ok := o.places.Point(code); ok {
			c.At, c.HasPoint = at, true
		}
	}
}

// communeReach is how far from a commune's centre, in km, a point may lie to
// be taken for it: a dispatcher sees that it was a guess by distance.
const communeReach = 25

// certain is the one place that a text names beyond doubt, or "".
func (o *Office) certain(text string) string {
	a := o.places.Resolve(text, places.Hint{})
	if a.Sure && a.Candidates[0].Score >= 1 {
		return a.Candidates[0].Place.Code
	}
	return ""
}

func (o *Office) put(c *Case, code string) {
	c.Place, c.Path = code, nil
	for _, p := range o.places.Path(code) {
		if slices.Contains([]string{"region", "province", "commune"}, p.Kind) {
			c.Path = append(c.Path, p.Code)
		}
	}
}

// surroundings are what a rule may lean on besides the answers.
func (o *Office) surroundings(c *Case) service.Surroundings {
	s := service.Surroundings{Now: o.h.DB.Now(), Channel: c.Channel}
	if p, ok := o.places.Get(c.Place); ok {
		s.Place, s.Kind, s.Population, s.Households = p.Code, p.Kind, p.Population, p.Households
		s.Damage, s.Shaking = o.groundAt(p.Code)
	}
	return s
}

// stamp gives a new case its state, its moment and its first deadline.
func (c *Case) stamp(def *service.Definition, now time.Time) {
	if c.MadeAt.IsZero() {
		c.MadeAt = now
	}
	c.arrive(def, def.Start(), now)
	c.DueAt = now
	if due, ok := def.Due(MoveReceive, c.Level, c.MadeAt); ok {
		c.DueAt = due
	}
}

func reasonCodes(c *Case) []string {
	out := make([]string, 0, len(c.Reasons))
	for _, r := range c.Reasons {
		out = append(out, r.Code)
	}
	return out
}
