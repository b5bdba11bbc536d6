package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/intake/source"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

type fileKind struct{}

// FileID names a file that somebody brought in.
type FileID = id.Of[fileKind]

// fileTold is the line that a file leaves: how many, and never whose.
type fileTold struct {
	Rows    int    `json:"rows"`
	File    string `json:"file,omitempty"` // preview, done; or the kind of a chat
	Waiting int    `json:"waiting,omitempty"`
	Aside   int    `json:"aside,omitempty"`
	Again   int    `json:"again,omitempty"`
	Kept    int    `json:"kept,omitempty"`
}

func fileSubject(f FileID) string { return "intake.file/" + f.String() }

// Brought is what became of the messages or rows of a file.
type Brought struct {
	Read, Waiting, Aside, Again, Dropped int
	Failed                               []RowError
}

// batch is how many candidates are kept in one unit of work.
const batch = 200

// Bring makes candidates of a file: each message or row waits for a person. The
// same file, or a longer one of the same chat, adds what is new.
func (s *Service) Bring(ctx context.Context, by actor.Actor, fid FileID, m Mapping, c source.Content) (done Brought, err error) {
	made, done, err := s.candidates(fid, by.Account, m, c)
	if err != nil {
		return done, err
	}
	for from := 0; from < len(made); from += batch {
		part := made[from:min(from+batch, len(made))]
		var now Brought
		err := s.h.Do(ctx, by, DeedTake, func(t *deed.Tx) error {
			now = Brought{}
			if err := t.AllowAny(); err != nil {
				return err
			}
			for _, c := range part {
				fresh, err := addCandidate(t.Tx, c)
				switch {
				case err != nil:
					return err
				case !fresh:
					now.Again++
				case c.State == Aside:
					now.Aside++
				default:
					now.Waiting++
				}
			}
			return t.Tell(fileSubject(fid), fileTold{Rows: len(part), File: string(c.Kind), Waiting: now.Waiting, Aside: now.Aside, Again: now.Again})
		})
		if err != nil {
			return done, err
		}
		done.Waiting, done.Aside, done.Again = done.Waiting+now.Waiting, done.Aside+now.Aside, done.Again+now.Again
	}
	return done, nil
}

// candidates reads a file; what is slow happens here, before any unit of work.
func (s *Service) candidates(fid FileID, by actor.AccountID, m Mapping, c source.Content) (made []*Candidate, done Brought, err error) {
	done.Dropped = c.Dropped
	seen := map[string]int{}
	for i, it := range c.Items {
		key := fmt.Sprint(it.At.Unix()/60, "|", sameWords(it.Text), it.Media)
		k, err := s.fromChat(fid, i, c.Kind, it, seen[key], by)
		if err != nil {
			return nil, done, err
		}
		seen[key]++
		made = append(made, k)
	}
	if c.Kind.Chat() {
		done.Read = len(c.Items)
		return made, done, nil
	}
	def, err := s.def(m.Service)
	if err != nil {
		return nil, done, err
	}
	done.Read = len(c.Table.Rows)
	for i, row := range c.Table.Rows {
		a, err := s.request(def, m, c.Table.Heads, row)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				return nil, done, err
			}
			done.Failed = append(done.Failed, RowError{i + 2, err})
			continue
		}
		k, err := s.fromRow(fid, i, c.Kind, def, a, by)
		if err != nil {
			return nil, done, err
		}
		made = append(made, k)
	}
	return made, done, nil
}

// Back takes back the requests that a file became at once, as long as nobody has
// taken them up; kept is how many stay because somebody did.
func (s *Service) Back(ctx context.Context, by actor.Actor, fid FileID) (back, kept int, err error) {
	var all []string
	err = s.h.Look(ctx, by, DeedTakeBack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		mine, err := ownFile(t.Tx, fid, by.Account)
		if err == nil && !mine {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err == nil {
			all, err = takenOf(t.Tx, fid)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	for _, caseID := range all {
		switch err := s.Cases.TakeBack(ctx, by, caseID); {
		case err == nil:
			back++
			if err := s.h.DB.Write(ctx, func(t *db.Tx) error { return setBack(t, fid, caseID) }); err != nil {
				return back, kept, err
			}
		case fault.KindOf(err) == fault.Internal:
			return back, kept, err
		default:
			kept++
		}
	}
	err = s.h.Do(ctx, by, DeedTakeBack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(fileSubject(fid), fileTold{Rows: back, Kept: kept})
	})
	return back, kept, err
}

type overFile struct {
	id   FileID
	told fileTold
}

// forgetBatch is how many files are forgotten at a turn.
const forgetBatch = 200

// ForgetFiles forgets files that somebody looked at and nobody took in, and the
// rows that could not be taken in, once their time is over.
func (s *Service) ForgetFiles(ctx context.Context) error {
	k := s.places.Country().Keep
	if k.Imports.Days == 0 || k.FailedRows.Days == 0 {
		return nil
	}
	var all []overFile
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		all, err = over(t, t.Now().Add(-k.Imports.For()), t.Now().Add(-k.FailedRows.For()), forgetBatch)
		return err
	})
	for _, f := range all {
		did := s.h.Do(ctx, actor.Actor{System: "retention"}, DeedForget, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			n, err := dropFile(t.Tx, f)
			if err == nil && n == 0 {
				return deed.ErrNothingDone // taken in meanwhile
			}
			if err != nil {
				return err
			}
			return t.Tell(fileSubject(f.id), f.told)
		})
		if !errors.Is(did, deed.ErrNothingDone) {
			err = errors.Join(err, did)
		}
	}
	return err
}

// TakeFile is the command line's way in: read, map, take, and write the rows
// that failed. Of a chat it makes candidates, for people to look at.
func (s *Service) TakeFile(ctx context.Context, by actor.Actor, body []byte, say func(error) string) (Taken, []byte, error) {
	if err := deed.May(by, DeedTake); err != nil {
		return Taken{}, nil, err
	}
	zone := s.places.Country().Zone()
	c, err := source.Read(bytes.NewReader(body), zone)
	if err != nil {
		return Taken{}, nil, err
	}
	if c.Kind.Chat() {
		b, err := s.Bring(ctx, by, id.New[fileKind](s.h.DB.Now()), Mapping{}, c)
		return Taken{Rows: b.Read, Added: b.Waiting, Again: b.Again, Aside: b.Aside, Chat: true}, nil, err
	}
	m, err := s.mappingFor(ctx, c.Table)
	if err != nil {
		return Taken{}, nil, err
	}
	if !m.Fits(c.Table) {
		return Taken{}, nil, errors.New("no mapping fits this file's columns; bring it in by the page, which asks how to read them")
	}
	done, err := s.Import(ctx, by, m, c.Table, nil)
	if err != nil || len(done.Failed) == 0 {
		return done, nil, err
	}
	return done, errorFile(c.Table, done.Failed, "why", say), nil
}
