package spellings

import (
	"context"
	"errors"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// fileVoice begins the name of a voice that is a file of another house.
const fileVoice = "file:"

// learnTold is what the journal keeps: never the words.
type learnTold struct {
	Place  string `json:"place"`
	Voices int    `json:"voices"`
	Heeded bool   `json:"heeded"`
	From   string `json:"from,omitempty"` // the deed by which it was confirmed
}

// Learn takes down, inside another deed, that a text meant a place, because
// whoever does that deed has just said so. from is that deed's word, for the
// journal. Where the text teaches nothing, or may hold more than a place,
// nothing is kept and it is no error: see places.Gazetteer.PlaceWords.
func (s *Service) Learn(t *deed.Tx, text, code, from string) error {
	rule := s.places.Country().Learn
	shown, ok := s.places.PlaceWords(text, code)
	if !ok || rule.Accounts == 0 || t.By.Account.IsZero() || len(shown) > mostShown {
		return nil
	}
	g := t.As()
	v := voice{name: t.By.Account.String(), source: string(g.Role), org: g.Org, alone: enough(rule, string(g.Role)), times: 1}
	if v.source == "" {
		return nil // nobody answers for it
	}
	k, err := keep(t.Tx, code, shown, v, t.Now())
	if err != nil {
		return err
	}
	s.soon(t.Tx)
	return t.TellAs(DeedLearn, subject(k.ID), learnTold{Place: code, Voices: k.Voices, Heeded: k.Heeded(rule), From: from})
}

// mostShown is how long a spelling may be, in bytes.
const mostShown = 200

func subject(sid ID) string { return "spellings.spelling/" + sid.String() }

// allow is for whoever answers for the places that the spelling's lies in.
func (s *Service) allow(t *deed.Tx, place string) error {
	var path []string
	for _, p := range s.places.Path(place) {
		path = append(path, p.Code)
	}
	return t.Allow(actor.Scope{Path: path})
}

// TakeBack makes a spelling count no more, whoever confirmed it.
func (s *Service) TakeBack(ctx context.Context, by actor.Actor, sid ID) error {
	return s.turn(ctx, by, DeedBack, sid, func(t *deed.Tx, k Spelling) error {
		if !k.BackAt.IsZero() {
			return deed.ErrNothingDone
		}
		return takeBack(t.Tx, sid)
	})
}

// BringBack undoes TakeBack.
func (s *Service) BringBack(ctx context.Context, by actor.Actor, sid ID) error {
	return s.turn(ctx, by, DeedBring, sid, func(t *deed.Tx, k Spelling) error {
		if k.BackAt.IsZero() {
			return deed.ErrNothingDone
		}
		return bringBack(t.Tx, sid)
	})
}

type backTold struct {
	Place  string `json:"place"`
	Voices int    `json:"voices"`
}

func (s *Service) turn(ctx context.Context, by actor.Actor, d deed.Deed, sid ID, fn func(*deed.Tx, Spelling) error) error {
	err := s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		k, err := get(t.Tx, sid)
		if err == nil {
			err = s.allow(t, k.Place)
		}
		if err == nil {
			err = fn(t, k)
		}
		if err != nil {
			return err
		}
		s.soon(t.Tx)
		return t.Tell(subject(sid), backTold{k.Place, k.Voices})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

// Taken is what came of a file.
type Taken struct {
	Rows, Added, Again int
	Unknown            int // rows of places that this house does not know
	Refused            int // rows that are no spelling: too long, a number, a person's words
}

type importTold struct {
	Rows    int `json:"rows"`
	Added   int `json:"added"`
	Again   int `json:"again"`
	Unknown int `json:"unknown"`
	Refused int `json:"refused"`
}

// TakeIn takes in a file of another house. Whoever brings it answers for it: its
// lines count at once, keep where they come from, and can be taken back one by
// one. The same file again adds nothing.
func (s *Service) TakeIn(ctx context.Context, by actor.Actor, rows []Row) (out Taken, err error) {
	rule := s.places.Country().Learn
	if rule.Accounts == 0 {
		return out, fault.New(fault.Denied, "spellings.file.not_here")
	}
	err = s.h.Do(ctx, by, DeedImport, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		out = Taken{Rows: len(rows)}
		for _, r := range rows {
			if err := s.takeRow(t, r, &out); err != nil {
				return err
			}
		}
		s.soon(t.Tx)
		return t.Tell("spellings.file/"+t.Now().UTC().Format("20060102150405"), importTold(out))
	})
	return out, err
}

func (s *Service) takeRow(t *deed.Tx, r Row, out *Taken) error {
	rule := s.places.Country().Learn
	if _, ok := s.places.Get(r.Code); !ok {
		out.Unknown++
		return nil
	}
	if s.allow(t, r.Code) != nil { // it lies where this person answers for nothing
		out.Refused++
		return nil
	}
	shown, ok := s.places.PlaceWords(r.Spelling, r.Code)
	if !ok || key(shown) != key(r.Spelling) || len(shown) > mostShown {
		out.Refused++
		return nil
	}
	was, err := find(t.Tx, key(shown), r.Code)
	if err != nil {
		return err
	}
	at := r.Last
	if now := t.Now(); at.IsZero() || at.After(now) {
		at = now
	}
	v := voice{name: fileVoice + r.Source, source: r.Source, alone: enough(rule, string(t.As().Role)), times: max(1, min(r.Confirmations, mostTimes))}
	if _, err := keep(t.Tx, r.Code, shown, v, at.Truncate(time.Microsecond)); err != nil {
		return err
	}
	if len(was) == 0 {
		out.Added++
	} else {
		out.Again++
	}
	return nil
}

const mostTimes = 1_000_000
