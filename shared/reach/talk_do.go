package reach

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

// command does what a word asks for that answers no question.
func (e *engine) command(ctx context.Context, w Who, t *Talk, word string) (Said, error) {
	switch word {
	case "menu":
		return e.menu(ctx, t)
	case "help":
		return Said{Lines: []Line{say("reach.help.text")}}, nil
	case "back":
		return e.back(ctx, w, t)
	case "follow":
		return e.follow(ctx, w, t)
	case "language":
		t.At = choosing
		return Said{Lines: []Line{say("reach.language.ask"), writtenChoices}, Keys: 1}, nil
	case "call":
		return e.callBack(ctx, w, t)
	case "ar", "zgh", "fr", "en":
		t.Lang = word
		if t.At == asking {
			if def, err := e.service(ctx, t.Serves); err == nil {
				return e.ask(ctx, w, t, def)
			}
		}
		return e.menu(ctx, t)
	}
	return e.menu(ctx, t) // start: stop and start themselves are the service's, before a conversation
}

var writtenChoices = Line{Choices: []Choice{{1, "reach.language.ar", ""}, {2, "reach.language.zgh", ""}, {3, "reach.language.fr", ""}, {4, "reach.language.en", ""}}}

// spokenChoices are the languages that a telephone menu can be heard in.
func (e *engine) spokenChoices() Line {
	l := Line{}
	for i, s := range e.places.Country().Spoken {
		if i == 8 {
			break
		}
		name, _ := forms.Text(s.Names).In("fr")
		l.Choices = append(l.Choices, Choice{Digit: i + 1, Text: name})
		l.Prompts = append(l.Prompts, "language."+s.Code)
	}
	return l
}

func (e *engine) choose(ctx context.Context, w Who, t *Talk, text string) (Said, error) {
	keys, ok := digits(text)
	if !ok || len(keys) != 1 {
		return e.misread(ctx, w, t, say("reach.ask.choose_digit"))
	}
	if w.Kind == channel.Voice {
		all := e.places.Country().Spoken
		if keys[0] < 1 || keys[0] > len(all) {
			return e.misread(ctx, w, t, say("reach.ask.no_such_digit", "digit", keys[0]))
		}
		t.Spoken = all[keys[0]-1].Code
		return e.menu(ctx, t)
	}
	if keys[0] < 1 || keys[0] > len(writtenChoices.Choices) {
		return e.misread(ctx, w, t, say("reach.ask.no_such_digit", "digit", keys[0]))
	}
	t.Lang = []string{"ar", "zgh", "fr", "en"}[keys[0]-1]
	return e.menu(ctx, t)
}

// back takes the last answer back and asks it again.
func (e *engine) back(ctx context.Context, w Who, t *Talk) (Said, error) {
	if t.At != asking || len(t.Passed) == 0 {
		return e.menu(ctx, t)
	}
	def, err := e.service(ctx, t.Serves)
	if err != nil {
		return e.menu(ctx, t)
	}
	last := t.Passed[len(t.Passed)-1]
	t.Passed = t.Passed[:len(t.Passed)-1]
	delete(t.Given, last)
	t.Offer, t.Wrong = nil, 0
	return e.ask(ctx, w, t, def, say("reach.talk.taken_back"))
}

// file sends the request. With partly, what is missing is left for somebody to
// ask by telephone: it is better known now than complete tomorrow.
func (e *engine) file(ctx context.Context, w Who, t *Talk, def *service.Definition, partly bool) (Said, error) {
	e.fromChannel(w, t, def)
	got, err := e.desk.Ask(ctx, Asking{ID: t.Begun, Service: def.Code, Answers: t.Given, Lang: t.Lang, Channel: w.Kind, Partly: partly, Notes: t.Notes, Conv: w.Conv})
	if all := faults(err); len(all) > 0 {
		return e.mend(ctx, w, t, def, all[0], partly)
	}
	if err != nil {
		return Said{}, err
	}
	spokenIn, number := t.Spoken, got.Receipt
	t.rest()
	t.Spoken, t.About = spokenIn, got.Case
	out := Said{End: w.live(), Lines: []Line{{Key: key(def, "message."+def.Start()), Args: []any{"receipt", i18n.Code(number), "code", got.Code}, Prompts: receiptPrompts("reach.done.receipt", number)}}}
	switch {
	case got.Restricted:
		out.Lines = []Line{{Key: "reach.done.restricted", Args: []any{"receipt", i18n.Code(number)}, Prompts: append(receiptPrompts("reach.done.receipt", number), "reach.done.restricted")}}
	case got.Code != "":
		out.Lines = append(out.Lines, Line{Key: "reach.done.code", Args: []any{"code", got.Code}, Prompts: receiptPrompts("reach.done.code", got.Code)})
	}
	return out, nil
}

// mend asks again for the answer that the desk would not take.
func (e *engine) mend(ctx context.Context, w Who, t *Talk, def *service.Definition, f *fault.Fault, partly bool) (Said, error) {
	q := def.Form.Question(f.Field)
	switch {
	case q == nil:
		return Said{}, f
	case partly && !t.Given.Has(f.Field): // nothing that was said is wrong: asking again would not end, so somebody calls
		return e.handOver(ctx, w, t)
	case !t.Given.Has(f.Field): // it was left out, or said aloud
		return e.file(ctx, w, t, def, true)
	}
	delete(t.Given, q.Name)
	t.Passed = slices.DeleteFunc(t.Passed, func(n string) bool { return n == q.Name })
	if question(def, t) == nil { // an answer nobody asks for here: it can only be left out
		return e.misread(ctx, w, t, sentence(f))
	}
	return e.misread(ctx, w, t, sentence(f))
}

// receiptPrompts says a number digit by digit.
func receiptPrompts(before, digits string) []string {
	out := []string{before}
	for i, r := range digits {
		if i > 0 && i%3 == 0 {
			out = append(out, "pause")
		}
		out = append(out, "digit."+string(r))
	}
	return out
}

// follow tells how the requests of this phone stand, or asks for a receipt.
func (e *engine) follow(ctx context.Context, w Who, t *Talk) (Said, error) {
	mine, err := e.desk.Mine(ctx, w)
	if err != nil {
		return Said{}, err
	}
	if len(mine) > 0 {
		return e.tell(t, w, mine[0])
	}
	t.rest()
	t.At = tracking
	return Said{Lines: []Line{say("reach.track.ask_number")}, Keys: receipt.Digits}, nil
}

// open opens a receipt: for the phone that asked without more ado, for any
// other with what belongs to it.
func (e *engine) open(ctx context.Context, w Who, t *Talk, n receipt.Number, word string) (Said, error) {
	s, err := e.desk.Open(ctx, w, n, arabic.Digits(word))
	if fault.KindOf(err) == fault.Missing && word == "" {
		t.At, t.Number = proving, n.String()
		return Said{Lines: []Line{say("reach.track.ask_word")}, Keys: 4}, nil
	}
	return e.opened(t, w, s, err)
}

// family is the phone by which a relative asks after a family; "" when a text is
// none. Keys of a telephone menu are receipts.
func (e *engine) family(w Who, text string) string {
	if w.Kind == channel.Voice || !strings.HasPrefix(text, "0") && !strings.HasPrefix(text, "+") {
		return ""
	}
	n, err := phone.Parse(text, e.places.Country().Phone.Prefix)
	if err != nil {
		return ""
	}
	return string(n)
}

// opened says what came of a try to open a request.
func (e *engine) opened(t *Talk, w Who, s Standing, err error) (Said, error) {
	switch kind := fault.KindOf(err); {
	case err == nil && s.News != nil:
		return e.news(t, w, s), nil
	case err == nil:
		return e.tell(t, w, s)
	case kind == fault.Missing:
		t.Wrong++
		if t.Wrong >= patience {
			t.rest()
		}
		return Said{Lines: []Line{say("reach.track.no_match")}, End: w.live()}, nil
	case kind == fault.Limited:
		t.rest()
		return Said{Lines: []Line{say("reach.track.too_often")}, End: w.live()}, nil
	}
	return Said{}, err
}

// tell says how a request stands, and asks whether help came where that is
// what is waited for.
func (e *engine) tell(t *Talk, w Who, s Standing) (Said, error) {
	t.rest()
	out := Said{Lines: []Line{say(s.State), {Key: "reach.track.number", Args: []any{"receipt", i18n.Code(s.Receipt)}, Prompts: receiptPrompts("reach.done.receipt", s.Receipt)}}}
	if s.Late {
		out.Lines = append(out.Lines, say("reach.track.late"))
	}
	if s.Waiting {
		t.At, t.About = confirming, s.Case
		out.Lines = append(out.Lines, e.yesNo())
		out.Keys = 1
		return out, nil
	}
	out.End = w.live()
	return out, nil
}

// news says to a relative what the family allows, and nothing else: neither the
// receipt, nor the place within its commune, nor a way to confirm.
func (e *engine) news(t *Talk, w Who, s Standing) Said {
	t.rest()
	out := Said{Lines: []Line{say(s.State)}, End: w.live()}
	if w.Kind != channel.Voice { // of dates and names there are no recordings
		out.Lines = append(out.Lines, say("reach.news.since", "when", s.News.Since))
		if s.News.Commune != "" {
			out.Lines = append(out.Lines, Line{Text: e.placeName(s.News.Commune, t.names())})
		}
	}
	if s.Late {
		out.Lines = append(out.Lines, say("reach.news.late"))
	}
	out.Lines = append(out.Lines, say("reach.news.only"))
	return out
}

func (e *engine) yesNo() Line {
	return Line{Choices: []Choice{{1, "reach.confirm.yes", ""}, {2, "reach.confirm.no", ""}, {3, "reach.confirm.partly", ""}}}
}

var confirmAnswers = map[int]string{1: "yes", 2: "no", 3: "partly"}

// confirm takes "did it arrive?". Whatever else is said is not taken for a no.
func (e *engine) confirm(ctx context.Context, w Who, t *Talk, text string) (Said, error) {
	keys, ok := digits(text)
	answer := ""
	if ok && len(keys) == 1 {
		answer = confirmAnswers[keys[0]]
	} else {
		answer = e.words.yesNo(text)
	}
	if answer == "" {
		if t.Wrong++; t.Wrong >= patience {
			t.rest()
			return e.menu(ctx, t)
		}
		return Said{Lines: []Line{say("reach.confirm.ask"), e.yesNo()}, Keys: 1}, nil
	}
	err := e.desk.Answer(ctx, w, t.About, answer)
	if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.Missing { // answered meanwhile, by telephone perhaps
		t.rest()
		return Said{Lines: []Line{say("reach.confirm.not_now")}, End: w.live()}, nil
	}
	if err != nil {
		return Said{}, err
	}
	t.rest()
	return Said{Lines: []Line{say("reach.confirm.thanks_" + answer)}, End: w.live()}, nil
}

// spoke takes a voice note in place of a written answer: somebody listens.
func (e *engine) spoke(ctx context.Context, w Who, t *Talk, def *service.Definition, q *forms.Question, note string) (Said, error) {
	if !slices.Contains(t.Notes, note) {
		t.Notes = append(t.Notes, note)
	}
	switch q.Type {
	case forms.TypePlace, forms.TypeText:
		t.Passed, t.Wrong = append(t.Passed, q.Name), 0
		if question(def, t) == nil { // what was said aloud is missing in writing
			return e.file(ctx, w, t, def, true)
		}
		return e.ask(ctx, w, t, def)
	}
	return e.ask(ctx, w, t, def)
}

// noted takes the voice note of somebody who asked to be called back.
func (e *engine) noted(ctx context.Context, w Who, t *Talk, in Turn) (Said, error) {
	if in.Note != "" {
		t.Notes = append(t.Notes, in.Note)
	}
	return e.callBack(ctx, w, t)
}

// callBack hands over to a person: whoever cannot or will not go on is called.
// What they said so far goes with them.
func (e *engine) callBack(ctx context.Context, w Who, t *Talk) (Said, error) {
	if t.At == asking {
		if def, err := e.service(ctx, t.Serves); err == nil && len(t.Given)+len(t.Notes) > 0 {
			out, err := e.file(ctx, w, t, def, true)
			if err == nil {
				out.Lines = append(out.Lines, say("reach.call.coming"))
			}
			return out, err
		}
	}
	return e.handOver(ctx, w, t)
}

// handOver puts them on the list of those who are called.
func (e *engine) handOver(ctx context.Context, w Who, t *Talk) (Said, error) {
	err := e.desk.CallBack(ctx, w, t.Lang, t.Spoken, t.Notes)
	if errors.Is(err, errNoPhone) {
		t.rest()
		return Said{Lines: []Line{say("reach.call.no_phone")}, End: w.live()}, nil
	}
	if err != nil {
		return Said{}, err
	}
	t.rest()
	return Said{Lines: []Line{say("reach.call.coming")}, End: w.live()}, nil
}

var errNoPhone = errors.New("reach: no phone to call")

// yesNo reads an answer in words.
func (l *lexicon) yesNo(text string) string {
	return map[string]string{"واه": "yes", "اييه": "yes", "واخا": "yes", "واخه": "yes", "n3am": "yes", "iyeh": "yes", "ah": "yes", "wah": "yes", "ⵉⵢⵢⵀ": "yes", "la": "no", "oho": "no", "ⵓⵀⵓⵢ": "no",
		"oui": "yes", "yes": "yes", "نعم": "yes", "ايه": "yes", "اه": "yes", "ⵢⴰⵀ": "yes", "yah": "yes", "wakha": "yes",
		"non": "no", "no": "no", "لا": "no", "ⵓⵀⵓ": "no", "uhu": "no", "lla": "no",
		"partly": "partly", "en partie": "partly", "ناقصه": "partly", "جزئيا": "partly"}[arabic.Key(text)]
}

func sentence(f *fault.Fault) Line { return Line{Key: f.Key, Args: []any{f.Args}} }

// faults are the wrong fields in an error; none when it is something else.
func faults(err error) fault.All {
	if all, ok := errors.AsType[fault.All](err); ok {
		return all
	}
	return nil
}
