package reach

import (
	"context"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedListen is hearing somebody's own voice: it leaves a line that the person
// can read.
var DeedListen = deed.Deed{Name: "reach.note.listen", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator, actor.Leader}}

// oneListening is how long asking for the same sound again is the same
// listening: players ask for it in pieces.
const oneListening = 10 * time.Minute

type listenTold struct {
	Note NoteID `json:"note"`
}

// Listen opens a voice note, for whoever may open what names the person that it
// is about. One that speaks of nothing yet is nobody's to hear.
func (s *Service) Listen(ctx context.Context, by actor.Actor, nid NoteID) (media string, sound []byte, err error) {
	if err := deed.May(by, DeedListen); err != nil {
		return "", nil, err
	}
	about := ""
	err = s.h.DB.Read(ctx, func(t *db.Tx) (err error) { about, err = subjectOfNote(t, nid); return err })
	if err != nil {
		return "", nil, err
	}
	switch {
	case strings.HasPrefix(about, ofCases):
		err = s.Ports.MayHear(ctx, by, about)
	case strings.HasPrefix(about, ofCall):
		err = deed.May(by, DeedCallSee)
	default:
		err = fault.New(fault.Missing, "error.missing")
	}
	if err != nil {
		return "", nil, err
	}
	err = welcome(s.h.Do(ctx, by, DeedListen, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		if now, err := subjectOfNote(t.Tx, nid); err != nil || now != about { // it was given to another case meanwhile
			return fault.New(fault.Conflict, "error.changed_meanwhile")
		}
		if media, sound, err = s.openNote(t.Tx, nid); err != nil {
			return err
		}
		if on, err := listensOn(t.Tx, nid, by.Account); err != nil || on {
			if err == nil {
				err = deed.ErrNothingDone
			}
			return err
		}
		return t.Tell(about, listenTold{nid})
	}))
	return media, sound, err
}
