package reach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/reach/channel"
)

// DeedAskPhone is the house putting a question to somebody's phone.
var DeedAskPhone = deed.Deed{Name: "reach.question.put"}

// Question is put to a phone number by text message, outside of any case:
// "your lorry is wanted at Tnirt tomorrow at 8: will it come?".
type Question struct {
	Kind    string // who hears the answer: the kind given to Answers, "hands.match"
	Subject string // what it is about: "hands.match/0190…"
	Phone   string // any spelling of the country, or "+…"
	Lang    string // "ar", "zgh", "fr", "en": for a number that never wrote to us
	// Line is the question. Without choices it is answered by yes (1) or no (2).
	// With choices, Choice.Digit is the number that the hearer is told; the digit
	// on the phone may be another, where an earlier question has that one.
	Line  Line
	Until time.Time // nobody waits for the answer any longer
}

// Inform is a plain notice to a phone number, outside of any case.
type Inform struct {
	Subject, Phone, Lang string
	Line                 Line   // sent once per subject, key and phone
	Urgent               bool   // also at night, and over the day's budget: lives hang on it
	Again                string // tells apart a sentence that is meant to be said again, as of another date; "" is once
}

// HearAnswer is told what somebody chose: the digit of the Question's choice,
// 1 for yes and 2 for no where it had none. by is a passer-by on channel "sms",
// who is known by the phone alone: what it does is an Open deed. It is told one
// choice for each question, and the same one again after a crash. The line it
// gives back is the answer to the person; the zero Line is a plain thank-you. A
// fault of kind Conflict, Missing or Invalid is said to them in its words (what
// was asked is settled meanwhile); after any other error it is told again.
type HearAnswer func(ctx context.Context, by actor.Actor, subject string, choice int) (Line, error)

// Answers says who hears the answers to questions of a kind. Called while the
// house is built.
func (s *Service) Answers(kind string, fn func(ctx context.Context, by actor.Actor, subject string, choice int) (Line, error)) {
	if s.answers == nil {
		s.answers = map[string]HearAnswer{}
	}
	s.answers[kind] = fn
}

// HearText is shown each text message before anything else reads it, and tells
// whether it was for it: a team's own words to each other. once names what came
// in, the same again after a crash. Whatever it does not handle goes on as if
// nobody had looked.
type HearText func(ctx context.Context, once, from, text string) (answer []Line, handled bool, err error)

// Hears says who is shown text messages first. Called while the house is built.
func (s *Service) Hears(fn HearText) { s.hearText = fn }

// Notices and questions of other parts of the house are not urgent: they wait
// for the morning and for the next day's budget.
const askLevel = 3

// askedLately is how long after its answer the same question is a repetition
// of the one that was answered.
const askedLately = time.Hour

// Ask puts a question, in the caller's own transaction. Whoever said STOP is
// not asked, and at night it waits for the morning. Asked again while it is
// open, or within the hour after its answer, it is the same question. Several
// open questions to one number have digits of their own each, and a person in
// the middle of a request is asked when that is sent.
func (s *Service) Ask(t *deed.Tx, q Question) error {
	if _, ok := s.answers[q.Kind]; !ok || q.Subject == "" {
		return fmt.Errorf("reach: nobody hears the answers to %q", q.Kind)
	}
	c, err := s.called(t, q.Phone, q.Lang)
	if err != nil || c == nil || !q.Until.After(t.Now()) {
		return err
	}
	same, err := db.Has(t.Tx, `SELECT 1 FROM reach_question WHERE conversation = ?1 AND kind = ?2 AND subject = ?3
		AND (state IN ('turn', 'open', 'heard') AND until > ?4 OR state = 'answered' AND done_at > ?5)`, c.ID, q.Kind, q.Subject, t.Now(), t.Now().Add(-askedLately))
	if err != nil || same {
		return err
	}
	x, err := s.pose(t.Tx, c, q)
	if err != nil {
		return err
	}
	if s.idle(c, t.Now()) {
		if err := s.putQuestion(t.Tx, c, x); err != nil {
			return err
		}
	}
	return t.TellAs(DeedAskPhone, q.Subject, noticeTold{string(channel.SMS), q.Line.Key})
}

// Inform sends a plain notice, in the caller's own transaction: once for its
// subject, its sentence and the phone; not to whoever said STOP, and at night only
// what is urgent.
func (s *Service) Inform(t *deed.Tx, n Inform) error {
	c, err := s.called(t, n.Phone, n.Lang)
	if err != nil || c == nil {
		return err
	}
	once := strings.Join([]string{"inform", n.Subject, n.Line.Key, c.ID.String()}, "|")
	if n.Again != "" {
		once += "|" + n.Again
	}
	if told, err := db.Has(t.Tx, `SELECT 1 FROM reach_message WHERE once = ?1`, once); err != nil || told {
		return err
	}
	text, level := strings.Join(s.texts(c.Lang, []Line{n.Line}), "\n"), askLevel
	if n.Urgent {
		level = urgentLevel
	}
	if err := s.put(t.Tx, c, message{kind: "notice", subject: n.Subject, once: once, text: text, lang: c.Lang, level: level}); err != nil {
		return err
	}
	return t.TellAs(DeedNotice, n.Subject, noticeTold{string(channel.SMS), n.Line.Key})
}

// called is the conversation by text message with a number; nil when there is
// no way to it: it said STOP, or the house has no gateway.
func (s *Service) called(t *deed.Tx, number, lang string) (*Conversation, error) {
	to, err := s.address(channel.SMS, number)
	if err != nil || !strings.HasPrefix(to, "+") {
		return nil, fault.New(fault.Invalid, "reach.question.no_phone")
	}
	if !s.serves(channel.SMS) {
		return nil, nil
	}
	if lang == "" {
		lang = s.firstLang(t.Tx, channel.SMS, to)
	}
	c, err := s.converse(t.Tx, channel.SMS, "", to, lang)
	if err != nil || !c.StoppedAt.IsZero() {
		return nil, err
	}
	if c.Lang == "" {
		c.Lang = lang
	}
	return c, nil
}

// question is one as it is kept.
type questionID = id.Of[posed]

type posed struct {
	id      questionID
	conv    ConversationID
	kind    string
	subject string
	sealed  []byte
	state   string
	first   int
	choices int
	choice  int
	heard   HeardID
	until   time.Time
	doneAt  time.Time
	sentAt  time.Time // when it left the house; zero when it did not
	posedAs
}

// posedAs is what is sealed of it: the words as they are sent, and what each
// choice is to whoever hears it.
type posedAs struct {
	Text    string   `json:"text"`
	Labels  []string `json:"labels"`
	Digits  []int    `json:"digits"`
	IsYesNo bool     `json:"yes_no,omitempty"`
}

// pose keeps a question that waits for its turn.
func (s *Service) pose(t *db.Tx, c *Conversation, q Question) (posed, error) {
	x := posed{id: id.New[posed](t.Now()), conv: c.ID, kind: q.Kind, subject: q.Subject, state: "turn", until: q.Until}
	all := q.Line.Choices
	if len(all) == 0 {
		all, x.IsYesNo = []Choice{{1, "reach.question.yes", ""}, {2, "reach.question.no", ""}}, true
	}
	if len(all) < 2 || len(all) > 9 {
		return x, fmt.Errorf("reach: a question of %q has %d choices", q.Kind, len(all))
	}
	asks := q.Line
	asks.Choices = nil
	x.Text = strings.Join(s.texts(c.Lang, []Line{asks}), "\n")
	for _, a := range all {
		x.Labels = append(x.Labels, strings.Join(s.texts(c.Lang, []Line{{Key: a.Key, Text: a.Text}}), " "))
		x.Digits = append(x.Digits, a.Digit)
	}
	x.choices = len(all)
	return x, s.insertQuestion(t, x)
}

// words is a question as the person reads it.
func (x posed) words() string {
	out := x.Text
	for i, l := range x.Labels {
		out += fmt.Sprintf("\n%d %s", x.first+i, l)
	}
	return out
}

// idle says whether somebody can be asked something now: they are not in the
// middle of a request or of another question of ours. The one whether help came
// may wait for days, and its digits are left to it.
func (s *Service) idle(c *Conversation, now time.Time) bool {
	switch c.Talk.At {
	case hall, confirming:
		return true
	case asking: // sent by itself after a while
		return false
	}
	return now.Sub(c.WroteAt) >= time.Duration(s.Rules.Silence.After)
}

// putQuestion sends a question if there are digits for it: none that an open
// one has, nor one that was answered a moment ago, whose answer may come twice.
func (s *Service) putQuestion(t *db.Tx, c *Conversation, x posed) error {
	others, err := s.questionsOf(t, c.ID)
	if err != nil {
		return err
	}
	var taken [10]bool
	if c.Talk.At == confirming {
		taken[1], taken[2], taken[3] = true, true, true
	}
	for _, o := range others {
		if o.id != x.id && o.first > 0 && (o.open(t.Now()) || o.settled() && t.Now().Sub(o.doneAt) < settling) {
			for i := range o.choices {
				taken[o.first+i] = true
			}
		}
	}
	x.first = free(taken, x.choices)
	if x.first == 0 {
		return nil
	}
	m := message{id: id.New[message](t.Now()), kind: "notice", subject: x.subject, once: "question|" + x.id.String(), text: x.words(), lang: c.Lang, level: askLevel, till: x.until}
	if err := s.put(t, c, m); err != nil {
		return err
	}
	return openQuestion(t, x, m.id)
}

// settling is how long an answer that comes again is the same answer.
const settling = 5 * time.Minute

// free is the first of n digits in a row that nothing stands for, 0 when there
// are none.
func free(taken [10]bool, n int) int {
	for first := 1; first+n <= 10; first++ {
		if !slices.Contains(taken[first:first+n], true) {
			return first
		}
	}
	return 0
}

func (x posed) open(now time.Time) bool { return x.state == "open" && x.until.After(now) }
func (x posed) settled() bool           { return x.state == "heard" || x.state == "answered" }

// stands says whether a digit is one of its choices on the phone.
func (x posed) stands(digit int) bool {
	return x.first > 0 && digit >= x.first && digit < x.first+x.choices
}

// Turns asks what waited for its turn, and forgets what nobody waits for.
func (s *Service) Turns(ctx context.Context) error {
	var all []posed
	err := s.h.DB.Write(ctx, func(t *db.Tx) (err error) {
		if err := endQuestions(t, t.Now()); err != nil {
			return err
		}
		all, err = s.turns(t, 200)
		return err
	})
	for _, x := range all {
		err = errors.Join(err, s.h.DB.Write(ctx, func(t *db.Tx) error {
			c, err := s.getConversation(t, x.conv)
			if err != nil || !s.idle(c, t.Now()) || !c.StoppedAt.IsZero() {
				return err
			}
			return s.putQuestion(t, c, x)
		}))
	}
	return err
}

func (s *Service) sealQuestion(x posed) ([]byte, error) {
	plain, err := json.Marshal(x.posedAs)
	return s.vault.Seal(crypt.At("reach_question.body", x.id.String()), plain), err
}
