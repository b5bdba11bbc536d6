package cases

import (
	"context"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Somebody who asked aloud for what no open queue may show, a child alone say,
// left a voice that only the trained people may hear: on the concern's page, one
// voice at a time, for a reason, and each hearing is a line in the journal.

// DeedConcernHear is hearing such a voice.
var DeedConcernHear = deed.Deed{Name: "cases.concern.hear", Roles: trained}

// hearReasons are why a voice of a concern is opened.
var hearReasons = []string{"safety", "call", "find", "verify"}

type concernHeardTold struct {
	Note   string `json:"note"`
	Reason string `json:"reason"`
}

// Voice is one recording of a concern.
type Voice struct {
	ID      string
	Seconds time.Duration
	At      time.Time
	Open    bool // the reader gave a reason a moment ago and may hear it now
}

// Voices keeps what people said aloud: app fills it.
type Voices struct {
	// List are the voices that speak of a subject; Open says what by may hear now.
	List func(t *db.Tx, subject string, by actor.AccountID) ([]Voice, error)
	// Allow lets somebody hear one for some minutes; fault.Missing when it does not
	// speak of the subject.
	Allow func(t *db.Tx, subject, voice string, by actor.AccountID) error
	// Sound is the sound itself, for whoever was allowed; fault.Denied for others.
	Sound func(t *db.Tx, subject, voice string, by actor.AccountID) (media string, sound []byte, err error)
	// Play answers with it.
	Play func(c *web.Ctx, media string, sound []byte) error
}

// UseVoices is called while the house is built.
func (o *Office) UseVoices(v *Voices) { o.voices = v }

// HearConcern opens one voice of a concern to the doer, for some minutes and a
// reason.
func (o *Office) HearConcern(ctx context.Context, by actor.Actor, nid ConcernID, voice, reason string) error {
	if !known(hearReasons, reason) {
		return fault.All{fault.New(fault.Invalid, "cases.case.reason_needed").On("reason")}
	}
	if o.voices == nil {
		return fault.New(fault.Missing, "error.missing")
	}
	return o.h.Do(ctx, by, DeedConcernHear, func(t *deed.Tx) error {
		n, err := o.readable(t, nid)
		if err != nil {
			return err
		}
		if err := o.voices.Allow(t.Tx, n.subject(), voice, by.Account); err != nil {
			return err
		}
		return t.Tell(n.subject(), concernHeardTold{voice, reason})
	})
}

// ConcernSound is the sound of a voice that the reader opened.
func (o *Office) ConcernSound(ctx context.Context, by actor.Actor, nid ConcernID, voice string) (media string, sound []byte, err error) {
	if o.voices == nil {
		return "", nil, fault.New(fault.Missing, "error.missing")
	}
	err = o.h.Look(ctx, by, DeedConcernHear, func(t *deed.Tx) error {
		n, err := o.readable(t, nid)
		if err != nil {
			return err
		}
		media, sound, err = o.voices.Sound(t.Tx, n.subject(), voice, by.Account)
		return err
	})
	return media, sound, err
}

// readable is a concern, for a trained reader whom it is not about.
func (o *Office) readable(t *deed.Tx, nid ConcernID) (*Concern, error) {
	if err := t.AllowAny(); err != nil {
		return nil, err
	}
	n, err := getConcern(t.Tx, nid)
	if err == nil {
		err = n.mayRead(t.By)
	}
	return n, err
}

// fillVoices shows which voices there are, and those that were opened.
func (o *Office) fillVoices(c *web.Ctx, p *concernPage, n *Concern) error {
	if o.voices == nil {
		return nil
	}
	err := o.h.DB.Read(c.Context(), func(t *db.Tx) (err error) {
		p.Voices, err = o.voices.List(t, n.subject(), actor.From(c.Context()).Account)
		return err
	})
	for _, r := range hearReasons {
		p.HearReasons = append(p.HearReasons, ui.Option{Value: r, Title: c.P.T("cases.concern.hear_" + r)})
	}
	return err
}

func (o *Office) hearConcern(c *web.Ctx) error {
	nid, err := o.concernID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	if err := o.HearConcern(c.Context(), actor.From(c.Context()), nid, c.R.PathValue("voice"), v.Get("reason")); err != nil {
		if _, fields := c.FieldErrors(err); fields {
			return o.showConcern(c, nid, err)
		}
		return err
	}
	return c.Seek("/concerns/" + nid.String() + "#voices")
}

func (o *Office) playConcern(c *web.Ctx) error {
	nid, err := o.concernID(c)
	if err != nil {
		return err
	}
	media, sound, err := o.ConcernSound(c.Context(), actor.From(c.Context()), nid, c.R.PathValue("voice"))
	if err != nil {
		return err
	}
	return o.voices.Play(c, media, sound)
}
