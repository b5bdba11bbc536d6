package round

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
)

// Consents is how a person can agree that somebody asks in their name.
var Consents = []string{"spoken", "written"}

// mostBox bounds what a sealed request says.
const mostBox = 24 << 10

// asked sends a request on, as a helper's entry: the identifier of the record
// is that of the request.
func (s *Service) asked(ctx context.Context, by actor.Actor, r *told, channel string, partly bool) error {
	if !slices.Contains(Consents, r.body.Consent) {
		return fault.New(fault.Invalid, "round.record.consent_missing").On("consent")
	}
	if len(r.body.Answers) == 0 {
		return fault.New(fault.Invalid, "round.record.unreadable")
	}
	got, err := s.Cases.Ask(ctx, by, Asking{ID: r.ID.String(), Service: r.body.Service, Answers: r.body.Answers, Lang: r.body.Lang, Spoken: r.body.Spoken,
		Consent: r.body.Consent, Help: r.body.Help, Channel: channel, Partly: partly})
	r.Case, r.Receipt = got.Case, got.Receipt
	return err
}

// carried opens a request that the phone could not read, and sends it on. The
// one who carried it learns the number of the receipt, to take it back, and
// nothing else. What was left unanswered is asked by telephone: whoever wrote it
// is far away, and nobody else can mend it.
func (s *Service) carried(ctx context.Context, by actor.Actor, r *told) error {
	box, err := s.letterbox()
	if err != nil {
		return err
	}
	plain, err := box.Open(r.body.Box, mostBox)
	if err != nil {
		return fault.New(fault.Invalid, "round.relay.closed")
	}
	var in wireRecord
	inner := told{}
	if json.Unmarshal(plain, &in) != nil || in.Kind != string(KindRequest) || json.Unmarshal(in.Body, &inner.body) != nil {
		return fault.New(fault.Invalid, "round.relay.unreadable")
	}
	if inner.ID, err = id.Parse[Record](in.ID); err != nil {
		return fault.New(fault.Invalid, "round.relay.unreadable")
	}
	err = s.asked(ctx, by, &inner, "relay", true)
	r.Case, r.Receipt = inner.Case, inner.Receipt
	return err
}
