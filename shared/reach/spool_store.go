package reach

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// takeStranded puts whoever was kept on the list of those who are called, as of
// when they called. The same session twice is one.
func (s *Service) takeStranded(ctx context.Context, item spool.Item) error {
	var x stranded
	if err := json.Unmarshal(item.Body, &x); err != nil {
		return err
	}
	seed := s.vault.Index("reach stranded", strings.Join([]string{x.Gateway, x.Session, x.From}, "\x00"))
	err := s.h.Do(ctx, actor.Actor{Channel: string(x.Kind)}, DeedWantCall, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		c, err := s.converse(t.Tx, x.Kind, x.Gateway, x.From, s.firstLang(t.Tx, x.Kind, x.From))
		if err != nil {
			return err
		}
		cid := id.Derive[Call](item.At, seed)
		known, err := db.Has(t.Tx, `SELECT 1 FROM reach_call WHERE id = ?1`, cid)
		if err != nil || known {
			return nothingIf(known, err)
		}
		var notes []string
		if x.Note != nil && len(x.Note.Bytes) > 0 {
			nid := id.Derive[note](item.At, seed)
			if known, err = db.Has(t.Tx, `SELECT 1 FROM reach_note WHERE id = ?1`, nid); err != nil || known {
				return nothingIf(known, err)
			}
			if err := s.keepNote(t.Tx, nid, c.ID, *x.Note); err != nil {
				return err
			}
			notes = []string{nid.String()}
		}
		return s.want(t, wish{cid, c.ID, x.Kind, firstOf(x.Lang, c.Lang), firstOf(x.Spoken, c.Spoken), item.At, notes})
	})
	if err == deed.ErrNothingDone {
		err = nil
	}
	return err
}

func nothingIf(yes bool, err error) error {
	if err == nil && yes {
		return deed.ErrNothingDone
	}
	return err
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
