package cases

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// ForSomebody is a request that somebody of an association wrote down for a
// person in front of them, perhaps days ago and without a network.
type ForSomebody struct {
	ID      string // of the request: sent again it is the same one
	Service string
	Answers json.RawMessage
	Lang    string
	Spoken  string // which language the person speaks, where the form did not ask
	Written bool   // the person agreed in writing; otherwise they said so
	Helper  string // one of the kinds of helpers; "" is an association
	Channel string
	Partly  bool // what was not answered is asked by telephone
}

// AskFor takes in such a request, with the consent that its person gave.
func (o *Office) AskFor(ctx context.Context, by actor.Actor, f ForSomebody) (out Asked, err error) {
	def, err := o.current(f.Service)
	if err != nil {
		return out, fault.New(fault.Invalid, "cases.service.unknown").On("service")
	}
	q := Request{Service: def.Code, Lang: f.Lang, Channel: f.Channel, Partly: f.Partly, Help: &Help{Kind: f.Helper, How: HowPresent, Text: consentText, Lang: f.Lang}}
	if q.ID, err = id.Parse[Case](f.ID); err != nil {
		return out, fault.New(fault.Invalid, "cases.api.bad_id").On("id")
	}
	if !slices.Contains(i18n.Langs(), i18n.Lang(q.Lang)) {
		q.Lang = o.places.Country().Default
		q.Help.Lang = q.Lang
	}
	if !slices.Contains(helperKinds, q.Help.Kind) {
		q.Help.Kind = "association"
	}
	if f.Written {
		q.Help.How = HowWritten
	}
	var wrong fault.All
	if q.Answers, wrong = def.Form.FromJSON(f.Answers, o.places.Country().Phone.Prefix); len(wrong) > 0 {
		return out, wrong
	}
	if s := def.Form.Question(def.Bind.Spoken); s != nil && !q.Answers.Has(s.Name) {
		if _, known := s.List.Choice(f.Spoken); known {
			q.Answers[s.Name] = forms.Value(f.Spoken)
		}
	}
	return o.Ask(ctx, by, DeedAsk, q)
}
