package watch

import (
	"context"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// exported is what the journal keeps of a file that was taken: which lines.
type exported struct {
	Deed  string `json:"deed,omitempty"`
	Lines int    `json:"lines"`
	First int64  `json:"first,omitempty"`
	Last  int64  `json:"last,omitempty"`
}

// allow lets in those who read for the whole country: lines have no territory,
// so a role that is bound to one reaches none of them.
func allow(t *deed.Tx) error { return t.Allow(actor.Scope{}) }

// Verify walks the whole chain, says what it found, and keeps that as a line.
// The walk happens outside the unit of work: it may take seconds.
func (s *Service) Verify(ctx context.Context, by actor.Actor) (deed.Verdict, error) {
	if err := s.h.Look(ctx, by, journalVerify, allow); err != nil {
		return deed.Verdict{}, err
	}
	v, err := deed.Verify(ctx, s.h.DB)
	if err != nil {
		return v, err
	}
	if v.Broken != "" {
		s.h.Log.Error("the journal was altered", "where", v.Broken)
	}
	return v, s.h.Do(ctx, by, journalVerify, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		return t.Tell("watch.journal/chain", verdict(v))
	})
}

// mostLines is how many lines one file holds; the next file begins where it ends.
const mostLines = 20_000

// File gives lines as CSV, the newest first, and keeps a line that says which.
// Restricted lines are in no file.
func (s *Service) File(ctx context.Context, by actor.Actor, before int64, word string) ([]byte, error) {
	var all []deed.Record
	if err := s.h.Look(ctx, by, journalExport, func(t *deed.Tx) (err error) {
		if err := allow(t); err != nil {
			return err
		}
		all, _, err = s.lines(t.Tx, before, word, mostLines, false)
		return err
	}); err != nil {
		return nil, err
	}
	body, err := asFile(all)
	if err != nil {
		return nil, err
	}
	told := exported{Deed: word, Lines: len(all)}
	if len(all) > 0 {
		told.First, told.Last = all[len(all)-1].Seq, all[0].Seq
	}
	return body, s.h.Do(ctx, by, journalExport, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		return t.Tell("watch.journal/lines", told)
	})
}

// orgNames looks up each organisation of a page once.
func (s *Service) orgNames(t *db.Tx, lines []deed.Record, lang string) (map[actor.OrganisationID]string, error) {
	names := map[actor.OrganisationID]string{}
	for _, r := range lines {
		if _, known := names[r.Org]; known || r.Org.IsZero() {
			continue
		}
		name, err := s.people.OrgName(t, r.Org, lang)
		if err != nil {
			return nil, err
		}
		names[r.Org] = name
	}
	return names, nil
}
