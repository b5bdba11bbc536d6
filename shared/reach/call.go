package reach

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// DeedWantCall is somebody asking to be called.
var DeedWantCall = deed.Deed{Name: "reach.call.want", Open: true}

type callTold struct {
	Channel string `json:"channel"`
}

// WantCall puts somebody on the list of those who are to be called. Who is on
// it already stays where they are.
func (s *Service) WantCall(ctx context.Context, w Who, lang, spoken string, notes []string) error {
	if w.Phone == "" {
		return errNoPhone
	}
	err := s.h.Do(ctx, actor.Actor{Channel: string(w.Kind)}, DeedWantCall, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return s.want(t, wish{id.New[Call](t.Now()), w.Conv, w.Kind, lang, spoken, t.Now(), notes})
	})
	if err == deed.ErrNothingDone {
		err = nil
	}
	return err
}

// wish is somebody's wish to be called, and since when.
type wish struct {
	id           CallID
	conv         ConversationID
	kind         channel.Kind
	lang, spoken string
	since        time.Time
	notes        []string
}

// want writes a wish down; deed.ErrNothingDone when they are on the list already,
// with what they said since.
func (s *Service) want(t *deed.Tx, w wish) error {
	waits, err := db.List(t.Tx, func(r db.Row) (c CallID, err error) { return c, r.Scan(&c) },
		`SELECT id FROM reach_call WHERE conversation = ?1 AND state <> 'done'`, w.conv)
	if err != nil {
		return err
	}
	if len(waits) > 0 {
		w.id = waits[0]
	} else if _, err := t.Exec(`INSERT INTO reach_call (id, conversation, subject, lang, spoken, state, result, made_at, due_at) VALUES (?1, ?2, '', ?3, ?4, 'waiting', '', ?5, ?6)`,
		w.id, w.conv, w.lang, w.spoken, w.since, w.since.Add(time.Duration(s.Rules.CallBack.Within))); err != nil {
		return err
	}
	subject := ofCall + w.id.String()
	if err := s.BindNotes(t.Tx, subject, w.notes); err != nil {
		return err
	}
	if len(waits) > 0 {
		return deed.ErrNothingDone
	}
	return t.Tell(subject, callTold{string(w.kind)})
}
