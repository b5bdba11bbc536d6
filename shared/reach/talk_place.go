package reach

import (
	"context"

	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

// place reads where it is. What the gazetteer does not know is kept in their
// own words: nobody is refused for the spelling of a village.
func (e *engine) place(ctx context.Context, w Who, t *Talk, def *service.Definition, q *forms.Question, in Turn, text string) (Said, error) {
	take := func(p forms.Place) (Said, error) {
		if was := t.Given.Place(q.Name); p.Text == "" {
			p.Text = was.Text
		}
		t.Given[q.Name], t.Wrong, t.Offer = p, 0, nil
		t.Passed = append(t.Passed, q.Name)
		if e.urgent(def, t) {
			return e.file(ctx, w, t, def, true)
		}
		return e.ask(ctx, w, t, def, e.placeLine(t, p)...)
	}
	if in.HasPoint {
		return take(forms.Place{Lat: in.Lat, Lon: in.Lon, HasPoint: true})
	}
	if keys, ok := digits(text); ok && len(t.Offer) > 0 {
		words := t.Offer[0] // what they wrote stands first, then the places offered
		switch n := keys[0]; {
		case len(keys) == 1 && n == 0:
			return take(forms.Place{Text: words})
		case len(keys) == 1 && n < len(t.Offer):
			return take(forms.Place{Code: t.Offer[n], Text: words})
		}
		return e.misread(ctx, w, t, say("reach.ask.no_such_digit", "digit", keys[0]))
	}
	if _, ok := digits(text); ok && e.gazetted(text) == "" {
		return e.misread(ctx, w, t, say("reach.ask.place_is_number"))
	}
	sure, maybe := e.words.locate(e.places, text)
	if sure != "" {
		return take(forms.Place{Code: sure, Text: text})
	}
	if len(maybe) == 0 {
		return take(forms.Place{Text: text})
	}
	return e.offer(t, text, maybe, nil), nil
}

// offer lets somebody choose among the places that their words may mean.
func (e *engine) offer(t *Talk, words string, maybe []string, before []Line) Said {
	t.Offer = append([]string{words}, maybe...)
	l := Line{}
	for i, code := range maybe {
		l.Choices = append(l.Choices, Choice{Digit: i + 1, Text: e.placeName(code, t.names())})
	}
	l.Choices = append(l.Choices, Choice{Digit: 0, Key: "reach.ask.place_none"})
	return Said{Lines: append(before, say("reach.ask.place_which"), l), Keys: 1}
}

func (e *engine) gazetted(code string) string {
	if p, ok := e.places.Get(code); ok {
		return p.Code
	}
	return ""
}

func (e *engine) placeLine(t *Talk, p forms.Place) []Line {
	if p.Code == "" {
		return nil
	}
	return []Line{{Text: e.placeName(p.Code, t.names())}}
}

// placeName is a place with what it lies in, for somebody who has to tell two
// villages of one name apart.
func (e *engine) placeName(code, lang string) string {
	p, ok := e.places.Get(code)
	if !ok {
		return code
	}
	name, _ := p.Name(lang)
	if up, ok := e.places.Get(p.Parent); ok {
		n, _ := up.Name(lang)
		comma := ", "
		if lang == "ar" {
			comma = "، "
		}
		name += comma + n
	}
	return name
}
