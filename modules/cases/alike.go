package cases

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/service"
)

// Alike is a case that may tell of the same need as a report, how likely, and why.
type Alike struct {
	Case *Case // the one that carries the work
	linkage.Judgement
}

// UseLinkage is called while the house is built: m says how likely two reports
// tell of one need. Without it nothing is ever proposed.
func (o *Office) UseLinkage(m *linkage.Model) { o.linkage = m }

// report is what is known of a case, for comparing it with others. It stays in
// memory: names and words are never stored outside their seal.
func (o *Office) report(def *service.Definition, c *Case, private forms.Answers) linkage.Report {
	r := o.openReport(c)
	r.Name, r.Words, r.Where = private.Text(def.Bind.Name), private.Text(def.Bind.Text), private.Place(def.Bind.Place).Text
	return r
}

// openReport is a report without name and words.
func (o *Office) openReport(c *Case) linkage.Report {
	r := linkage.Report{ID: c.ID.String(), Service: c.Service, Needs: c.Needs, Rescue: c.Rank == 0, Place: c.Place, Path: c.Path, At: c.At, HasPoint: c.HasPoint,
		MadeAt: c.MadeAt, Phone: c.PhoneKey, Family: c.FamilyKey, People: c.People}
	if r.HasPoint {
		r.ReachKm = o.reachKm(c.testimony())
	}
	return r
}

// blocks are the keys under which a report is looked for, as keyed hashes: who
// reads the table learns of nobody.
func (o *Office) blocks(s linkage.Sketch) (out []int64) {
	for _, key := range o.linkage.Blocks(s) {
		b := int64(binary.BigEndian.Uint64(o.vault.Index("alike", key)))
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}

// Alike finds the cases that may tell of the same need as a report, the most
// probable first. It looks at a bounded number, whatever the house holds: the
// latest under each of the report's keys. What only trained people may read
// stands under none.
func (o *Office) Alike(t *db.Tx, r linkage.Report, limit int) ([]Alike, error) {
	if o.linkage == nil {
		return nil, nil
	}
	mine := o.linkage.Sketch(r)
	all, _, err := o.neighbours(t, mine, mostSeen)
	if err != nil {
		return nil, err
	}
	best, err := o.judged(t, mine, all)
	if err != nil {
		return nil, err
	}
	return found(t, best, limit)
}

// neighbours are the cases that a report is compared with. Of those that do not lie
// ready it reads so many at most; rest are the others, by number.
func (o *Office) neighbours(t *db.Tx, mine linkage.Sketch, most int) (all []shelved, rest []int64, err error) {
	ns, err := numberedUnder(t, o.blocks(mine))
	if err != nil {
		return nil, nil, err
	}
	all, missing := o.sketches.under(ns, o.h.DB.Now())
	n := min(most, len(missing))
	more, err := o.glimpsed(t, missing[:n])
	return append(all, more...), missing[n:], err
}

// judged compares a report with cases; of those that carry the work, the best that
// is said of any of their voices counts. What may be the same need is read again
// first: the shelf, and what was heard once, say what was so before.
func (o *Office) judged(t *db.Tx, mine linkage.Sketch, all []shelved) (map[CaseID]linkage.Judgement, error) {
	self := mine.ID()
	compare := func(x shelved) linkage.Judgement {
		if x.over || x.service != mine.Service() || x.root().String() == self || x.id.String() == mine.ID() {
			return linkage.Judgement{}
		}
		return o.linkage.Compare(mine, x.sketch)
	}
	var sure []shelved
	var doubtful, itself []int64
	for _, x := range all {
		switch {
		case x.fresh:
			sure = append(sure, x)
		case x.id.String() == mine.ID():
			itself = append(itself, x.n)
		case compare(x).Band > linkage.Unlikely:
			doubtful = append(doubtful, x.n)
		}
	}
	if len(sure)+len(doubtful) > 0 {
		doubtful = append(doubtful, itself...) // to whom it was joined meanwhile is no other
	}
	again, err := o.numbered(t, doubtful)
	if err != nil {
		return nil, err
	}
	sure = append(sure, again...)
	for _, x := range sure {
		if x.id.String() == mine.ID() {
			self = x.root().String()
		}
	}
	best := map[CaseID]linkage.Judgement{}
	for _, x := range sure {
		j := compare(x)
		if was, ok := best[x.root()]; j.Band > linkage.Unlikely && (!ok || j.Probability > was.Probability) {
			best[x.root()] = j
		}
	}
	return best, nil
}

// found reads the cases that carry the work and are not over, the most probable
// first. It reads no more than it needs: of twenty neighbours in one village, the few
// that count.
func found(t *db.Tx, best map[CaseID]linkage.Judgement, limit int) (out []Alike, err error) {
	ids := slices.SortedFunc(maps.Keys(best), func(a, b CaseID) int { return cmp.Compare(best[b].Probability, best[a].Probability) })
	for len(ids) > 0 && len(out) < limit {
		n := min(len(ids), limit-len(out))
		for n < len(ids) && best[ids[n]].Probability == best[ids[n-1]].Probability {
			n++ // which of these comes first, the cases themselves tell
		}
		all, err := casesOf(t, ids[:n])
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			if c.Phase != service.Final && c.ErasedAt.IsZero() {
				out = append(out, Alike{c, best[c.ID]})
			}
		}
		ids = ids[n:]
	}
	return mostProbable(out, limit), nil
}

func mostProbable(out []Alike, limit int) []Alike {
	slices.SortFunc(out, func(a, b Alike) int {
		if a.Probability != b.Probability {
			if a.Probability > b.Probability {
				return -1
			}
			return 1
		}
		if d := b.Case.MadeAt.Compare(a.Case.MadeAt); d != 0 {
			return d
		}
		return slices.Compare([]byte(a.Case.ID.String()), []byte(b.Case.ID.String()))
	})
	return out[:min(limit, len(out))]
}

// sketchAnew writes down anew under which keys a case is looked for: it came, or
// its place changed, or it was taken apart from another.
func (o *Office) sketchAnew(t *db.Tx, def *service.Definition, c *Case) error {
	if o.linkage == nil || !c.ErasedAt.IsZero() {
		return nil
	}
	if closed, err := concerned(t, c.ID); err != nil || closed {
		return err
	}
	private, err := o.unseal(c)
	if err != nil {
		return err
	}
	if err := dropSketch(t, c.ID); err != nil {
		return err
	}
	_, err = addSketch(t, c.ID, o.sketched(c.ID, o.linkage.Sketch(o.report(def, c, private))))
	return err
}

// How much the house compares at a turn, and how many pairs it proposes of one case.
const (
	lookBatch  = 50
	lookSpends = 400 * time.Millisecond // of two seconds
	mostAlike  = 6
	sketchStep = 200
)

// LookAlike compares what came since it was done last with what was there, and
// proposes what may be one need. Nothing is joined: somebody decides.
func (o *Office) LookAlike(ctx context.Context) error { return o.lookFor(ctx, time.Hour) }

// lookAWhile is LookAlike as the house does it by itself, after receipts were given:
// nobody waits for it, and while many ask it leaves the machine to them.
func (o *Office) lookAWhile(ctx context.Context) error { return o.lookFor(ctx, lookSpends) }

func (o *Office) lookFor(ctx context.Context, most time.Duration) error {
	if o.linkage == nil {
		return nil
	}
	for begun := o.h.DB.Now(); o.h.DB.Now().Sub(begun) < most; {
		n, err := o.lookAlike(ctx)
		if err != nil || n < lookBatch {
			return err
		}
	}
	return nil
}

type proposal struct {
	a, b CaseID
	j    linkage.Judgement
}

// lookAlike proposes of the next cases, and tells how many those were.
func (o *Office) lookAlike(ctx context.Context) (n int, err error) {
	var fresh []CaseID
	var found []proposal
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		found = nil
		if fresh, err = newSketches(t, lookBatch); err != nil {
			return err
		}
		for _, cid := range fresh {
			more, err := o.proposals(t, cid)
			if err != nil {
				return err
			}
			found = append(found, more...)
		}
		return nil
	})
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	return len(fresh), o.h.DB.Write(ctx, func(t *db.Tx) error {
		for _, p := range found {
			if err := addLikeness(t, p.a, p.b, p.j, false); err != nil {
				return err
			}
		}
		return looked(t, fresh)
	})
}

// proposals are the pairs of one case that somebody should look at.
func (o *Office) proposals(t *db.Tx, cid CaseID) (out []proposal, err error) {
	if x, begun := o.soon.take(cid); begun {
		if mine, ready := o.sketches.newest(cid); ready {
			return o.others(t, mine, x)
		}
	}
	c, err := getCase(t, cid)
	if err != nil || !c.ErasedAt.IsZero() {
		return nil, err
	}
	all, err := o.likeCase(t, c, mostAlike)
	for _, a := range all {
		out = append(out, proposal{rootID(c), a.Case.ID, a.Judgement})
	}
	return out, err
}

// others are the pairs of a case that was compared with some while it was taken in.
func (o *Office) others(t *db.Tx, mine shelved, x compared) ([]proposal, error) {
	if len(x.rest) == 0 {
		return x.found, nil
	}
	all, err := o.numbered(t, x.rest)
	if err != nil {
		return nil, err
	}
	more, err := o.propose(t, mine, all)
	if err != nil {
		return nil, err
	}
	more = append(x.found, more...)
	slices.SortStableFunc(more, func(a, b proposal) int { return cmp.Compare(b.j.Probability, a.j.Probability) })
	var out []proposal
	for _, p := range more { // one case may be found by two of its voices
		if len(out) < mostAlike && !slices.ContainsFunc(out, func(o proposal) bool { return o.b == p.b }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// propose are the pairs of a case with some of its neighbours.
func (o *Office) propose(t *db.Tx, mine shelved, all []shelved) ([]proposal, error) {
	best, err := o.judged(t, mine.sketch, all)
	if err != nil {
		return nil, err
	}
	like, err := found(t, best, mostAlike)
	if err != nil {
		return nil, err
	}
	out := make([]proposal, 0, len(like))
	for _, a := range like {
		out = append(out, proposal{mine.root(), a.Case.ID, a.Judgement})
	}
	return out, nil
}

// likeCase finds what may tell of the same need as a case.
func (o *Office) likeCase(t *db.Tx, c *Case, limit int) ([]Alike, error) {
	if o.linkage == nil || c.MergedInto.IsZero() && c.Phase == service.Final {
		return nil, nil
	}
	def, err := o.def(t, c)
	if err != nil {
		return nil, err
	}
	private, err := o.unseal(c)
	if err != nil {
		return nil, err
	}
	return o.Alike(t, o.report(def, c, private), limit)
}

// erase forgets the person of a case, and whatever others could find or learn of
// them through it: its keys, the position that a case carries because of it. It
// tells whether there was anybody left to forget.
func (o *Office) erase(t *db.Tx, cid CaseID, at time.Time) (bool, error) {
	o.sketches.drop(cid)
	o.soon.take(cid)
	did, err := erase(t, cid, at)
	if err != nil || !did {
		return did, err
	}
	if err := errors.Join(dropSketch(t, cid), forgetPairs(t, cid)); err != nil {
		return did, err
	}
	c, err := getCase(t, cid)
	if fault.KindOf(err) == fault.Missing {
		return did, nil
	}
	if err != nil {
		return did, err
	}
	if l, err := getLead(t, cid); err != nil {
		return did, err
	} else if l != nil {
		l.Own.At, l.Joint.At = nil, nil
		if err := putLead(t, cid, l); err != nil {
			return did, err
		}
	}
	if c.MergedInto.IsZero() {
		return did, nil
	}
	up, err := getCase(t, c.MergedInto)
	if err != nil {
		return did, err
	}
	all, err := voices(t, up.ID)
	if err != nil || !up.ErasedAt.IsZero() {
		return did, err
	}
	return did, o.gather(t, up, all)
}
