package intake

import (
	"context"
	"slices"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/linkage"
)

// What was read of one candidate, in one unit of work.
type reading struct {
	candidate *Candidate
	body      Body
	around    []*Candidate
	bodies    []Body
	alike     []Likeness
	undo      bool
	prev      *Candidate
}

type readTold struct {
	Around int `json:"around"`
}

// mostAlike bounds what is shown beside a candidate.
const (
	mostAlike  = 4
	mostAround = 4
)

// readCandidate opens what a candidate says, and what its sender wrote around it.
// It is a deed, and leaves one line for the page.
func (s *Service) readCandidate(ctx context.Context, by actor.Actor, cid CandidateID) (r reading, err error) {
	err = s.h.Do(ctx, by, DeedRead, func(t *deed.Tx) error {
		r = reading{}
		if r.candidate, err = getCandidate(t.Tx, cid); err != nil {
			return err
		}
		if err := allow(t, r.candidate); err != nil {
			return err
		}
		if r.body, err = s.open(r.candidate); err != nil {
			return err
		}
		near, err := around(t.Tx, r.candidate, within, mostAround)
		if err != nil {
			return err
		}
		for _, n := range near {
			if !mayWork(by, n) {
				continue
			}
			b, err := s.open(n)
			if err != nil {
				return err
			}
			r.around, r.bodies = append(r.around, n), append(r.bodies, b)
		}
		if r.candidate.State == Waiting {
			if r.alike, err = s.alike(t, r.candidate, r.body); err != nil {
				return err
			}
		}
		if r.prev, err = before(t.Tx, by, r.candidate); err != nil {
			return err
		}
		again := *r.candidate
		r.undo = again.undo(t.Now()) == nil
		return t.Tell(subject(cid), readTold{len(r.around)})
	})
	return r, err
}

// report is a candidate as it is compared.
func (s *Service) report(c *Candidate, b Body) linkage.Report {
	r := linkage.Report{ID: c.ID.String(), Service: c.Service, Needs: c.Needs, Rescue: slices.Contains(c.Needs, "rescue"), Place: c.Place, Path: c.Path, MadeAt: c.SaidAt,
		Phone: c.PhoneKey, Words: b.Words, Where: b.Place, People: c.People}
	if b.Point != nil {
		r.At, r.HasPoint = *b.Point, true
	} else if at, reach, ok := s.places.Point(c.Place); ok && c.Place != "" {
		r.At, r.HasPoint, r.ReachKm = at, true, reach
	}
	return r
}

// alike lists what may tell of the same need: requests first, then candidates.
func (s *Service) alike(t *deed.Tx, c *Candidate, b Body) (out []Likeness, err error) {
	mine := s.report(c, b)
	if out, err = s.Cases.Alike(t, mine, mostAlike); err != nil {
		return nil, err
	}
	others, err := likely(t.Tx, c, 20)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if !mayWork(t.By, o) {
			continue
		}
		body, err := s.open(o)
		if err != nil {
			return nil, err
		}
		l, like := s.compare(mine, s.report(o, body), c, o)
		if !like {
			continue
		}
		into := o.CaseID
		if o.State == Joined {
			into = o.Into
		}
		switch {
		case o.State == Waiting:
			l.ID, l.Href, l.Service, l.Needs, l.Place, l.At, l.Waiting = o.ID.String(), "/triage/"+o.ID.String(), o.Service, o.Needs, o.Place, o.SaidAt, true
		case into == "" || slices.ContainsFunc(out, func(x Likeness) bool { return x.ID == into }):
			continue
		default:
			stands, err := s.Cases.Stands(t.Tx, into)
			if err != nil {
				return nil, err
			}
			stands.Band, stands.Reasons = l.Band, l.Reasons
			l = stands
		}
		if out = append(out, l); len(out) >= mostAlike+2 {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b Likeness) int { return int(b.Band) - int(a.Band) })
	return out, nil
}

// compare holds two candidates against each other.
func (s *Service) compare(a, b linkage.Report, x, y *Candidate) (l Likeness, like bool) {
	if s.Link != nil {
		j := s.Link.Compare(s.Link.Sketch(a), s.Link.Sketch(b))
		l.Band, l.Reasons = j.Band, j.Reasons
		if len(a.Phone) > 0 && string(a.Phone) == string(b.Phone) { // another need of the same people is worth a look here
			l.Band = max(l.Band, linkage.Likely)
		}
		return l, l.Band != linkage.Unlikely
	}
	same := func(key string, p, q []byte) {
		if len(p) > 0 && string(p) == string(q) {
			l.Band, like = linkage.Likely, true
			l.Reasons = append(l.Reasons, linkage.Reason{Key: key})
		}
	}
	same(linkage.SamePhone, x.PhoneKey, y.PhoneKey)
	same(linkage.SameWords, x.Spoken, y.Spoken)
	return l, like
}
