package reach

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// DeedNotice is the house telling somebody how their request stands.
var DeedNotice = deed.Deed{Name: "reach.notice.put"}

type noticeTold struct {
	Channel string `json:"channel"`
	About   string `json:"about"` // the sentence
}

// Tell hears that a case moved, and puts the messages that its service file
// wants. Heard twice, it is told once; who asked twice hears it once.
func (s *Service) Tell(ctx context.Context, r deed.Record) error {
	n, err := s.desk.Notice(ctx, r.Subject)
	if err != nil {
		return err
	}
	all := slices.DeleteFunc(append([]Notice{n}, n.Also...), func(n Notice) bool { return !n.Send || n.Told })
	if len(all) == 0 {
		return nil
	}
	err = s.h.Do(ctx, actor.Actor{System: "reach", Channel: "system"}, DeedNotice, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		told := map[ConversationID]bool{}
		for _, n := range all {
			if n.Subject == "" {
				n.Subject = r.Subject
			}
			if err := s.tellHolders(t, n, told); err != nil {
				return err
			}
		}
		if !slices.Contains(slices.Collect(maps.Values(told)), true) {
			return deed.ErrNothingDone // nobody to tell, or they were told
		}
		return nil
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// tellHolders tells whoever holds a case; where nobody does, whoever answers
// the phone that was left.
func (s *Service) tellHolders(t *deed.Tx, n Notice, told map[ConversationID]bool) error {
	all, err := s.holders(t.Tx, n.Subject)
	if err != nil {
		return err
	}
	if len(all) == 0 && n.Phone != "" {
		c, err := s.converse(t.Tx, channel.SMS, "", n.Phone, n.Lang)
		if err != nil {
			return err
		}
		if err := hold(t.Tx, n.Subject, c.ID); err != nil {
			return err
		}
		all = append(all, c)
	}
	for _, c := range all {
		if c, err = s.reachable(t.Tx, c, n); err != nil {
			return err
		}
		if told[c.ID] {
			continue
		}
		if told[c.ID], err = s.notify(t, c, n.Subject, n); err != nil {
			return err
		}
	}
	return nil
}

// notify puts one notice for one conversation, and says whether it did.
func (s *Service) notify(t *deed.Tx, c *Conversation, subject string, n Notice) (bool, error) {
	if !c.StoppedAt.IsZero() || !s.serves(c.Channel) {
		return false, nil
	}
	once := n.Once + "|" + c.ID.String()
	if told, err := db.Has(t.Tx, `SELECT 1 FROM reach_message WHERE once = ?1`, once); err != nil || told {
		return false, err
	}
	lang := c.Lang
	if lang == "" {
		lang = n.Lang
	}
	lines := []Line{{Key: n.Key, Args: n.Args}}
	if n.Code != "" {
		lines = append(lines, Line{Key: "reach.done.code", Args: []any{"code", i18n.Code(n.Code)}})
	}
	var replies []channel.Reply
	if n.Waiting {
		if c.Talk.At == hall || c.Talk.At == menu || c.Talk.At == confirming {
			c.Talk.rest()
			c.Talk.At, c.Talk.About = confirming, subject
			if err := s.keep(t.Tx, c); err != nil {
				return false, err
			}
			_, replies = s.replies(c.Channel, lang, []Line{s.engine.yesNo()})
			for i := range replies {
				replies[i].Step = s.step(&c.Talk)
			}
		}
	}
	text := strings.Join(s.texts(lang, lines), "\n")
	if err := s.put(t.Tx, c, message{kind: "notice", subject: subject, once: once, text: text, lang: lang, level: n.Level, replies: replies}); err != nil {
		return false, err
	}
	return true, t.Tell(subject, noticeTold{string(c.Channel), n.Key})
}

// reachable is the conversation by which somebody can be told now: whoever
// called or used a menu is told by text message on the same number.
func (s *Service) reachable(t *db.Tx, c *Conversation, n Notice) (*Conversation, error) {
	if c.Channel != channel.USSD && c.Channel != channel.Voice {
		return c, nil
	}
	lang := c.Lang
	if lang == "" {
		lang = n.Lang
	}
	return s.converse(t, channel.SMS, "", c.Address, lang)
}

// stopOrStart does what STOP and START ask, before anything else is read.
func (s *Service) stopOrStart(c *Conversation, text string) (Said, bool) {
	switch s.words.command(text) {
	case "stop":
		s.words.script(&c.Talk, text)
		c.Talk.rest()
		c.StoppedAt = s.h.DB.Now()
		return Said{Lines: []Line{say("reach.stop.done")}}, true
	case "start":
		if c.StoppedAt.IsZero() {
			return Said{}, false
		}
		c.StoppedAt = time.Time{}
		s.words.script(&c.Talk, text)
		return Said{Lines: []Line{say("reach.stop.lifted")}}, true
	}
	return Said{}, false
}

// serves says whether there is a way out on a channel at all.
func (s *Service) serves(k channel.Kind) bool {
	return slices.ContainsFunc(s.gateways, func(g *Gateway) bool { return g.Kind == k && g.Out != nil })
}
