package reach

import (
	"context"
	"strings"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/reach/channel"
)

// voiceSeconds is how long somebody may speak after the tone.
const voiceSeconds = 60

// Talk answers one turn of a session that waits: USSD, or a telephone call.
// A session that drops goes on where it was when the person comes back. One that
// the store cannot carry on ends with a sentence that is true: the number is kept,
// and somebody calls.
func (s *Service) Talk(ctx context.Context, in channel.Turn) (channel.Said, error) {
	from, err := s.address(in.Kind, in.From)
	if err != nil || !strings.HasPrefix(from, "+") { // a withheld number can be told nothing and called by nobody
		return s.farewell(in.Kind, "ar", "", say("reach.live.no_number")), nil
	}
	if in.Gone {
		return channel.Said{End: true}, nil
	}
	said, err := s.talk(ctx, in, from)
	if s.away(err) {
		return s.strand(in, from, err)
	}
	return said, err
}

// talk answers one turn through the store.
func (s *Service) talk(ctx context.Context, in channel.Turn, from string) (channel.Said, error) {
	c, turn, err := s.entered(ctx, in, from)
	if err != nil {
		return channel.Said{}, err
	}
	if in.Kind == channel.USSD && strings.TrimSpace(in.Keys) == moreKeys && c.Talk.Screen != "" {
		return s.finish(ctx, c, in, c.Talk.Screen, channel.Said{})
	}
	c.Talk.Screen = ""
	s.forget(c)
	e := *s.engine
	e.newCase = func() string { // the same session makes one request, however often it is told
		return id.Derive[requestKind](s.h.DB.Now(), s.vault.Index("reach session", in.Gateway+"\x00"+in.Session+"\x00"+string(c.Talk.At))).String()
	}
	out, err := e.hear(ctx, s.who(c), &c.Talk, turn)
	if err != nil {
		return channel.Said{}, err
	}
	text := strings.Join(s.texts(c.Talk.tag(), out.Lines), "\n")
	said := channel.Said{End: out.End, Keys: out.Keys, Lang: c.Talk.Spoken}
	if in.Kind == channel.Voice {
		said.Prompts = prompts(s.printer(c.Talk.Lang), out.Lines)
		if out.Record {
			said.Record = voiceSeconds
			said.Prompts = append(said.Prompts, channel.Prompt{Name: "tone"})
		}
	}
	return s.finish(ctx, c, in, text, said)
}

// entered is the conversation of a session, with what was recorded kept.
func (s *Service) entered(ctx context.Context, in channel.Turn, from string) (c *Conversation, turn Turn, err error) {
	turn = Turn{Text: in.Keys, Began: in.New, Silent: in.Silent}
	err = s.h.DB.Write(ctx, func(t *db.Tx) error {
		if c, err = s.converse(t, in.Kind, in.Gateway, from, s.firstLang(t, in.Kind, from)); err != nil {
			return err
		}
		if g, ok := s.gateway(in.Gateway); ok {
			if err := g.spoke(t); err != nil {
				return err
			}
		}
		if in.Noted != nil && len(in.Noted.Bytes) > 0 {
			nid := id.New[note](t.Now())
			turn.Note = nid.String()
			return s.keepNote(t, nid, c.ID, *in.Noted)
		}
		return nil
	})
	if err == nil {
		c.Gateway = in.Gateway
		s.speaks(c)
	}
	return c, turn, err
}

// firstLang is what somebody is greeted in who was never in such a session:
// what they wrote to us in on another channel, else what the country speaks
// first.
func (s *Service) firstLang(t *db.Tx, k channel.Kind, from string) string {
	if lang := writesIn(t, s.addressKey(k, from)); lang != "" {
		return lang
	}
	return s.places.Country().Default
}

// finish keeps how far the talk came and cuts what is said to the channel.
func (s *Service) finish(ctx context.Context, c *Conversation, in channel.Turn, text string, said channel.Said) (channel.Said, error) {
	if in.Kind == channel.USSD {
		said.Text, c.Talk.Screen = screen(text, moreKeys+" "+strings.Join(s.texts(c.Talk.tag(), []Line{say("reach.live.more")}), ""))
		said.End = said.End && c.Talk.Screen == ""
	}
	s.speaks(c)
	err := s.h.DB.Write(ctx, func(t *db.Tx) error { return s.keep(t, c) })
	return said, err
}

func (s *Service) farewell(k channel.Kind, lang, spoken string, l Line) channel.Said {
	out := channel.Said{End: true, Lang: spoken}
	if k == channel.Voice {
		out.Prompts = prompts(s.printer(lang), []Line{l})
		return out
	}
	out.Text, _ = screen(strings.Join(s.texts(lang, []Line{l}), "\n"), "")
	return out
}

// keepNote seals a voice note.
func (s *Service) keepNote(t *db.Tx, nid NoteID, c ConversationID, n channel.Note) error {
	_, err := t.Exec(`INSERT INTO reach_note (id, conversation, subject, media, seconds, body, made_at) VALUES (?1, ?2, '', ?3, ?4, ?5, ?6)`,
		nid, c, n.Type, n.Seconds, s.vault.Seal(crypt.At("reach_note.body", nid.String()), n.Bytes), t.Now())
	return err
}

// BindNotes gives voice notes to the case that they speak of.
func (s *Service) BindNotes(t *db.Tx, subject string, notes []string) error {
	for _, n := range notes {
		nid, err := id.Parse[note](n)
		if err != nil {
			return err
		}
		if _, err := t.Exec(`UPDATE reach_note SET subject = ?1 WHERE id = ?2`, subject, nid); err != nil {
			return err
		}
	}
	return nil
}

// TextNumber is the number to which a text message is written; "" when the
// house has none.
func (s *Service) TextNumber() string {
	for _, g := range s.gateways {
		if g.Kind == channel.SMS && g.Number != "" {
			return g.Number
		}
	}
	return ""
}
