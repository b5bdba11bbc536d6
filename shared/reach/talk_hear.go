package reach

import (
	"context"
	"slices"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

// hear takes one turn of a conversation and says what to answer. What must be
// kept for certain was kept by the desk when it returns; doing the same turn
// again, after a crash, does nothing twice.
func (e *engine) hear(ctx context.Context, w Who, t *Talk, in Turn) (Said, error) {
	text := strings.TrimSpace(arabic.Digits(forms.Clean(in.Text, true)))
	if t.Lang == "" || t.At == hall {
		e.words.script(t, text)
	}
	if t.Lang == "" {
		t.Lang = e.places.Country().Default
	}
	if in.Began && (t.At == hall || text == "") {
		return e.begin(ctx, w, t)
	}
	if word := e.words.command(text); word != "" {
		if word == "call" && in.Note != "" {
			t.Notes = append(t.Notes, in.Note)
		}
		return e.command(ctx, w, t, word)
	}
	if n, err := receipt.Parse(text); err == nil && t.At != proving && t.At != asking { // nine digits there are a phone, or a number of people
		return e.open(ctx, w, t, n, "")
	}
	switch t.At {
	case asking:
		return e.answer(ctx, w, t, in, text)
	case tracking:
		if tel := e.family(w, text); tel != "" {
			t.Number, t.At = tel, proving
			return Said{Lines: []Line{say("reach.news.ask_word")}}, nil
		}
		return e.misread(ctx, w, t, say("reach.track.not_number"))
	case proving:
		if strings.HasPrefix(t.Number, "+") {
			s, err := e.desk.Family(ctx, w, t.Number, text)
			return e.opened(t, w, s, err)
		}
		n, err := receipt.Parse(t.Number)
		if err != nil {
			return Said{}, err
		}
		return e.open(ctx, w, t, n, text)
	case confirming:
		return e.confirm(ctx, w, t, text)
	case choosing:
		return e.choose(ctx, w, t, text)
	case calling:
		return e.noted(ctx, w, t, in)
	}
	return e.greet(ctx, w, t, in, text)
}

// begin opens a live session, or a conversation that dropped: it goes on where
// it was.
func (e *engine) begin(ctx context.Context, w Who, t *Talk) (Said, error) {
	if t.At == asking && t.Asked != "" {
		def, err := e.service(ctx, t.Serves)
		if err == nil {
			return e.ask(ctx, w, t, def, say("reach.talk.we_were_here"))
		}
	}
	if t.At == confirming {
		return Said{Lines: []Line{say("reach.confirm.ask"), e.yesNo()}, Keys: 1}, nil
	}
	t.rest()
	if w.Kind == channel.Voice && t.Spoken == "" {
		t.At = choosing
		return Said{Lines: []Line{say("reach.language.ask"), e.spokenChoices()}, Keys: 1}, nil
	}
	return e.menu(ctx, t)
}

// greet reads what somebody wrote out of nowhere: a digit of the menu, a shared
// place, or their need in their own words.
func (e *engine) greet(ctx context.Context, w Who, t *Talk, in Turn, text string) (Said, error) {
	all, err := e.desk.Services(ctx)
	if err != nil {
		return Said{}, err
	}
	if keys, ok := digits(text); ok && len(keys) == 1 {
		if keys[0] == 0 {
			return e.follow(ctx, w, t)
		}
		for _, def := range all {
			if def.Digit == keys[0] {
				return e.start(ctx, w, t, def)
			}
		}
	}
	if len(all) > 0 && (in.HasPoint || in.Note != "" || e.words.tells(all[0], text)) {
		return e.inOwnWords(ctx, w, t, all[0], in, text)
	}
	return e.menu(ctx, t)
}

// menu offers the services by their digits, the same as on the home page.
func (e *engine) menu(ctx context.Context, t *Talk) (Said, error) {
	all, err := e.desk.Services(ctx)
	if err != nil {
		return Said{}, err
	}
	t.rest()
	t.At, t.Offer = menu, menuOffer(all)
	choices := Line{}
	for _, def := range all {
		if def.Digit > 0 {
			choices.Choices = append(choices.Choices, Choice{Digit: def.Digit, Key: key(def, "text.name")})
		}
	}
	choices.Choices = append(choices.Choices, Choice{Digit: 0, Key: "reach.menu.follow"})
	return Said{Lines: []Line{say("reach.menu.title"), choices, say("reach.menu.more")}, Keys: 1}, nil
}

func (e *engine) start(ctx context.Context, w Who, t *Talk, def *service.Definition) (Said, error) {
	t.rest()
	e.open1(t, def)
	return e.ask(ctx, w, t, def)
}

// open1 begins a request.
func (e *engine) open1(t *Talk, def *service.Definition) {
	t.At, t.Serves, t.Begun = asking, def.Code, e.newCase()
}

// inOwnWords makes a request of what somebody wrote. Everything they wrote is
// kept as their words; what can be read out of it need not be asked.
func (e *engine) inOwnWords(ctx context.Context, w Who, t *Talk, def *service.Definition, in Turn, text string) (Said, error) {
	t.rest()
	e.open1(t, def)
	if in.Note != "" {
		t.Notes = append(t.Notes, in.Note)
	}
	e.words.fill(def, e.places, t.Given, text)
	if in.HasPoint && def.Bind.Place != "" {
		p := t.Given.Place(def.Bind.Place)
		p.Lat, p.Lon, p.HasPoint = in.Lat, in.Lon, true
		t.Given[def.Bind.Place] = p
	}
	if e.urgent(def, t) { // trapped people wait for nothing: what is missing, somebody asks by telephone
		return e.file(ctx, w, t, def, true)
	}
	return e.ask(ctx, w, t, def)
}

func (e *engine) urgent(def *service.Definition, t *Talk) bool {
	_, reasons, err := def.Prioritise(t.Given, service.Surroundings{})
	return err == nil && def.First(reasons)
}

// ask puts the next question, or sends the request when there is none.
func (e *engine) ask(ctx context.Context, w Who, t *Talk, def *service.Definition, before ...Line) (Said, error) {
	e.fromChannel(w, t, def)
	q := question(def, t)
	if q == nil {
		return e.file(ctx, w, t, def, len(t.Notes) > 0) // what was said aloud is missing in writing
	}
	t.Asked = q.Name
	t.Offer = nil
	out := Said{Lines: append(before, say(key(def, "question."+q.Name)))}
	switch q.Type {
	case forms.TypeOne, forms.TypeMany:
		l := Line{}
		for _, c := range q.List.Choices {
			if c.Digit > 0 {
				l.Choices = append(l.Choices, Choice{Digit: c.Digit, Key: key(def, "choice."+q.List.Name+"."+c.Name)})
			}
		}
		out.Lines = append(out.Lines, l)
		if q.Type == forms.TypeOne {
			out.Keys = 1
		} else {
			out.Lines = append(out.Lines, say("reach.ask.many"))
		}
	case forms.TypePlace:
		if w.Kind == channel.Voice {
			out.Record = true
			out.Lines = append(slices.Clone(before), say("reach.ask.place_voice"))
			break
		}
		words := t.Given.Text(def.Bind.Text)
		if _, maybe := e.words.locate(e.places, e.words.about(def, words)); words != "" && len(maybe) > 0 && t.Wrong == 0 {
			return e.offer(t, words, maybe, before), nil // they named it already
		}
		out.Lines = append(out.Lines, say("reach.ask.place"))
	case forms.TypeText:
		out.Record = w.Kind == channel.Voice
	}
	if !def.Form.Wanted(q, t.Given) {
		out.Lines = append(out.Lines, say("reach.ask.skip"))
	}
	return out, nil
}

// fromChannel takes over what the channel already tells: whose phone it is.
func (e *engine) fromChannel(w Who, t *Talk, def *service.Definition) {
	if q := def.Form.Question(def.Bind.Phone); q != nil && w.Phone != "" && !t.Given.Has(q.Name) {
		t.Given[q.Name] = forms.Phone(w.Phone)
	}
	if q := def.Form.Question(def.Bind.Spoken); q != nil && t.Spoken != "" && !t.Given.Has(q.Name) {
		if _, ok := q.List.Choice(t.Spoken); ok {
			t.Given[q.Name] = t.Spoken
		}
	}
}

// answer reads an answer to the question that was asked.
func (e *engine) answer(ctx context.Context, w Who, t *Talk, in Turn, text string) (Said, error) {
	def, err := e.service(ctx, t.Serves)
	if err != nil {
		t.rest()
		return e.menu(ctx, t)
	}
	q := def.Form.Question(t.Asked)
	if q == nil || question(def, t) == nil {
		return e.ask(ctx, w, t, def)
	}
	wanted := def.Form.Wanted(q, t.Given)
	switch {
	case in.Silent:
		return e.misread(ctx, w, t, say("reach.talk.silence"))
	case in.Note != "":
		return e.spoke(ctx, w, t, def, q, in.Note)
	case text == "0" && !wanted && len(t.Offer) == 0:
		t.Passed = append(t.Passed, q.Name)
		return e.ask(ctx, w, t, def)
	case text == "" && !in.HasPoint:
		return e.ask(ctx, w, t, def)
	case q.Type == forms.TypePlace:
		return e.place(ctx, w, t, def, q, in, text)
	}
	v, wrong := e.read(def, q, text)
	if wrong != nil {
		return e.misread(ctx, w, t, sentence(wrong))
	}
	trial := t.Given.Clone()
	trial[q.Name] = v
	if f := only(def.Form, q, trial); f != nil {
		return e.misread(ctx, w, t, sentence(f))
	}
	t.Given, t.Wrong = trial, 0
	t.Passed = append(t.Passed, q.Name)
	if e.urgent(def, t) && t.Given.Has(def.Bind.Place) { // nothing else is worth a moment
		return e.file(ctx, w, t, def, true)
	}
	return e.ask(ctx, w, t, def)
}

// read understands one answer: keys, the words of a choice, a number, a phone.
func (e *engine) read(def *service.Definition, q *forms.Question, text string) (forms.Value, *fault.Fault) {
	if q.Type != forms.TypeOne && q.Type != forms.TypeMany {
		a, wrong := def.Form.FromValues(map[string][]string{q.Name: {text}}, e.places.Country().Phone.Prefix)
		if len(wrong) > 0 {
			return nil, wrong[0]
		}
		return a[q.Name], nil
	}
	var names []string
	keys, ok := digits(text)
	for _, k := range keys {
		i := slices.IndexFunc(q.List.Choices, func(c forms.Choice) bool { return c.Digit == k && k != 0 })
		if i < 0 {
			return nil, fault.New(fault.Invalid, "reach.ask.no_such_digit", "digit", k)
		}
		if !slices.Contains(names, q.List.Choices[i].Name) {
			names = append(names, q.List.Choices[i].Name)
		}
	}
	if !ok {
		names = e.words.choices(def, q, text)
	}
	switch {
	case len(names) == 0:
		return nil, fault.New(fault.Invalid, "reach.ask.choose_digit")
	case q.Type == forms.TypeMany:
		return names, nil
	case len(names) > 1:
		return nil, fault.New(fault.Invalid, "reach.ask.one_only")
	}
	return names[0], nil
}

// only is what the form says against this one answer.
func only(f *forms.Form, q *forms.Question, a forms.Answers) *fault.Fault {
	_, err := f.Validate(a)
	for _, x := range faults(err) {
		if x.Field == q.Name {
			return x
		}
	}
	return nil
}

// misread says what was not understood and asks again; after three times in a
// row it stops asking: somebody calls.
func (e *engine) misread(ctx context.Context, w Who, t *Talk, why Line) (Said, error) {
	t.Wrong++
	if t.Wrong >= patience {
		return e.callBack(ctx, w, t)
	}
	if t.At == asking {
		if def, err := e.service(ctx, t.Serves); err == nil {
			return e.ask(ctx, w, t, def, why)
		}
	}
	return Said{Lines: []Line{why}}, nil
}

// patience is how often in a row somebody is asked the same.
const patience = 3

// service is one that takes requests now.
func (e *engine) service(ctx context.Context, code string) (*service.Definition, error) {
	all, err := e.desk.Services(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.Code == code {
			return d, nil
		}
	}
	return nil, fault.New(fault.Missing, "reach.ask.closed")
}

func key(d *service.Definition, k string) string { return "service." + d.Code + "." + k }
