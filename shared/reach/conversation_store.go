package reach

import (
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// addressKey finds an address again without telling it. One number is one
// person whichever way it comes.
func (s *Service) addressKey(k channel.Kind, address string) []byte {
	switch k {
	case channel.SMS, channel.USSD, channel.Voice, channel.WhatsApp:
		return s.vault.Index("reach phone", address)
	}
	return s.vault.Index("reach "+string(k), address)
}

const conversationColumns = `id, channel, address, gateway, lang, spoken, talk, stopped_at, wrote_at, revision,
	EXISTS (SELECT 1 FROM reach_question q WHERE q.conversation = reach_conversation.id)`

func (s *Service) scanConversation(r db.Row) (c *Conversation, err error) {
	c = &Conversation{}
	var address, talk []byte
	if err = r.Scan(&c.ID, &c.Channel, &address, &c.Gateway, &c.Lang, &c.Spoken, &talk, db.Time(&c.StoppedAt), db.Time(&c.WroteAt), &c.revision, &c.Asked); err != nil {
		return nil, err
	}
	if c.Address, err = s.vault.OpenText(crypt.At("reach_conversation.address", c.ID.String()), address); err != nil {
		return nil, err
	}
	c.Talk.Given = forms.Answers{}
	if len(talk) > 0 {
		plain, err := s.vault.Open(crypt.At("reach_conversation.talk", c.ID.String()), talk)
		if err != nil {
			return nil, err
		}
		if c.Talk, err = unpack(plain); err != nil {
			return nil, err
		}
	}
	c.Talk.Lang, c.Talk.Latin = strings.CutSuffix(c.Lang, latn)
	c.Talk.Spoken = c.Spoken
	return c, nil
}

func (s *Service) getConversation(t *db.Tx, cid ConversationID) (*Conversation, error) {
	return db.One(t, s.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE id = ?1`, cid)
}

// converse is the conversation with an address, which begins here if there is
// none yet.
func (s *Service) converse(t *db.Tx, k channel.Kind, gateway, address, lang string) (*Conversation, error) {
	if err := s.begun(t, k, gateway, address, lang); err != nil {
		return nil, err
	}
	return db.One(t, s.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE channel = ?1 AND address_key = ?2`,
		string(k), s.addressKey(k, address))
}

// begun makes a conversation with an address if there is none yet.
func (s *Service) begun(t *db.Tx, k channel.Kind, gateway, address, lang string) error {
	fresh := id.New[Conversation](t.Now())
	_, err := t.Exec(`INSERT INTO reach_conversation (id, channel, address_key, address, gateway, lang, spoken, asking, made_at, revision)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', 0, ?7, 1) ON CONFLICT (channel, address_key) DO NOTHING`,
		fresh, string(k), s.addressKey(k, address), s.vault.SealText(crypt.At("reach_conversation.address", fresh.String()), address), gateway, lang, t.Now())
	return err
}

// keep saves how far the talk has come. db.Changed when somebody was faster.
func (s *Service) keep(t *db.Tx, c *Conversation) error {
	c.Lang, c.Spoken = c.Talk.tag(), c.Talk.Spoken
	var sealed any
	if c.Talk.At != hall || c.Talk.About != "" {
		plain, err := c.Talk.pack()
		if err != nil {
			return err
		}
		sealed = s.vault.Seal(crypt.At("reach_conversation.talk", c.ID.String()), plain)
	}
	half := 0
	if c.Talk.At == asking {
		half = 1
	}
	n, err := t.Exec(`UPDATE reach_conversation SET gateway = ?1, lang = ?2, spoken = ?3, talk = ?4, asking = ?5, stopped_at = ?6, wrote_at = ?7, revision = revision + 1
		WHERE id = ?8 AND revision = ?9`, c.Gateway, c.Lang, c.Spoken, sealed, half, c.StoppedAt, c.WroteAt, c.ID, c.revision)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	c.revision++
	return err
}

// unfinished are conversations that stopped in the middle of a request.
func unfinished(t *db.Tx, before time.Time, limit int) ([]ConversationID, error) {
	return db.List(t, func(r db.Row) (c ConversationID, err error) { return c, r.Scan(&c) },
		`SELECT id FROM reach_conversation WHERE asking = 1 AND wrote_at < ?1 ORDER BY wrote_at, id LIMIT ?2`, before, limit)
}

// hold says that a conversation is told of a case.
func hold(t *db.Tx, subject string, c ConversationID) error {
	_, err := t.Exec(`INSERT INTO reach_holder (subject, conversation, made_at) VALUES (?1, ?2, ?3) ON CONFLICT (subject, conversation) DO NOTHING`, subject, c, t.Now())
	return err
}

// Hold lets a conversation hear of a case from now on, in the caller's own
// transaction.
func (s *Service) Hold(t *db.Tx, subject string, c ConversationID) error { return hold(t, subject, c) }

// Held are the cases that a conversation holds, the latest first.
func (s *Service) Held(t *db.Tx, c ConversationID, limit int) ([]string, error) {
	return db.List(t, db.Text, `SELECT subject FROM reach_holder WHERE conversation = ?1 ORDER BY made_at DESC, subject DESC LIMIT ?2`, c, limit)
}

func (s *Service) holders(t *db.Tx, subject string) ([]*Conversation, error) {
	return db.List(t, s.scanConversation, `SELECT `+conversationColumns+` FROM reach_conversation WHERE id IN (SELECT conversation FROM reach_holder WHERE subject = ?1)
		ORDER BY made_at, id`, subject)
}

// writesIn is the language in which somebody last wrote to us from an address,
// on whatever channel; "" when they never did.
func writesIn(t *db.Tx, key []byte) string {
	all, err := db.List(t, db.Text, `SELECT lang FROM reach_conversation WHERE channel IN ('sms', 'ussd', 'voice', 'telegram', 'whatsapp') AND address_key = ?1 AND lang <> ''
		ORDER BY wrote_at DESC LIMIT 1`, key)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}
