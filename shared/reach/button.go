package reach

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

// Chats show choices as buttons. A button names the question that it was put
// under, so that one of yesterday never answers what is asked today; whoever
// taps it is told so and asked again. Digits can be typed as on any phone.

// What a chat shows at most: a list of ten, and three buttons whose words are
// short (WhatsApp, "Interactive messages"). Telegram shows as many.
const (
	mostReplies = 10
	mostButtons = 3
	buttonLong  = 20
)

// chat says whether a channel has buttons.
func chat(k channel.Kind) bool { return k == channel.Telegram || k == channel.WhatsApp }

// replies are the choices of what is said, and the lines that are left to be
// read above them. A question with several answers at once has no buttons: a
// tap is one answer.
func (s *Service) replies(k channel.Kind, tag string, all []Line) (above []Line, out []channel.Reply) {
	if !chat(k) {
		return all, nil
	}
	short, rest := true, 0
	for _, l := range all {
		if l.Key == "reach.ask.many" {
			return all, nil
		}
		for _, c := range l.Choices {
			text := strings.Join(s.texts(tag, []Line{{Key: c.Key, Text: c.Text}}), " ")
			out = append(out, channel.Reply{Key: strconv.Itoa(c.Digit), Text: text})
			short = short && utf8.RuneCountInString(text)+2 <= buttonLong
		}
		if len(l.Choices) > 0 {
			rest++
		}
		if l.Key == "reach.ask.skip" {
			out = append(out, channel.Reply{Key: "0", Text: strings.Join(s.texts(tag, []Line{say("reach.ask.nothing")}), " ")})
		}
	}
	if rest != 1 || len(out) > mostReplies { // of two questions at once, nobody knows which is tapped
		return all, nil
	}
	if k == channel.WhatsApp && (len(out) > mostButtons || !short) { // a list there is behind one button: it is read in the text as well
		return all, out
	}
	for _, l := range all {
		l.Choices = nil
		above = append(above, l)
	}
	return above, out
}

// step names what a conversation is asked now: the same question, asked again,
// is the same step.
func (s *Service) step(t *Talk) string {
	of := []string{string(t.At), t.Serves, t.Asked, t.Begun, t.About}
	return s.stepOf(append(of, t.Offer...))
}

func (s *Service) stepOf(of []string) string {
	sum := s.vault.Index("reach step", strings.Join(of, "\x00"))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:5]))
}

// outdated says whether a button is of another question than the one that
// waits. In the hall the menu's buttons are as good as its digits.
func (s *Service) outdated(ctx context.Context, t *Talk, step string) (bool, error) {
	if step == "" || step == s.step(t) {
		return false, nil
	}
	if t.At != hall {
		return true, nil
	}
	all, err := s.engine.desk.Services(ctx)
	return step != s.step(&Talk{At: menu, Offer: menuOffer(all)}), err
}

// menuOffer is what the digits of the menu stand for now.
func menuOffer(all []*service.Definition) (out []string) {
	for _, def := range all {
		if def.Digit > 0 {
			out = append(out, strconv.Itoa(def.Digit)+" "+def.Code)
		}
	}
	return out
}

// again says once more what somebody is asked, for whoever tapped an old button.
func (e *engine) again(ctx context.Context, w Who, t *Talk) (Said, error) {
	old := say("reach.talk.old_button")
	var out Said
	var err error
	switch t.At {
	case asking:
		if def, err := e.service(ctx, t.Serves); err == nil {
			return e.ask(ctx, w, t, def, old)
		}
		out, err = e.menu(ctx, t)
	case confirming:
		out = Said{Lines: []Line{say("reach.confirm.ask"), e.yesNo()}}
	case choosing:
		out = Said{Lines: []Line{say("reach.language.ask"), writtenChoices}}
	case tracking:
		out = Said{Lines: []Line{say("reach.track.ask_number")}}
	case proving:
		out = Said{Lines: []Line{say("reach.track.ask_word")}}
	default:
		out, err = e.menu(ctx, t)
	}
	out.Lines = append([]Line{old}, out.Lines...)
	return out, err
}

func repliesAt(m MessageID) string { return crypt.At("reach_message.replies", m.String()) }

// sealReplies and openReplies keep the buttons of a message.
func (s *Service) sealReplies(m MessageID, all []channel.Reply) (any, error) {
	if len(all) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(all)
	return s.vault.Seal(repliesAt(m), plain), err
}

func (s *Service) openReplies(m MessageID, sealed []byte) (all []channel.Reply, err error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	plain, err := s.vault.Open(repliesAt(m), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &all)
	}
	return all, err
}
