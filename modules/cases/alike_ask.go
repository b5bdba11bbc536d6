package cases

import (
	"context"
	"errors"
	"html/template"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
	"github.com/twiza/twiza/shared/service"
)

// Told is what somebody who is about to ask learns of earlier reports that may
// tell of the same need: how many there are, and the place that they gave
// themselves. Nobody's words, name, number or receipt is in it.
type Told struct {
	N     int
	Place template.HTML // "" where their place is not known
	Lines []AlikeLine   // for staff alone: which ones, and why
}

// draftReport is what is known of a form before it is sent. A passer-by learns
// nothing by typing somebody's number or name: for them, neither is compared.
// Otherwise whoever beats a wife at home could ask here whether she called.
func (o *Office) draftReport(def *service.Definition, d Draft, staff bool) (linkage.Report, *Case, error) {
	c := &Case{ID: o.caseOf(d.ID), Service: def.Code, Version: def.Version, MadeAt: o.h.DB.Now(), Needs: d.Answers.List(def.Bind.Need), People: int(d.Answers.Int(def.Bind.People)), Rank: 1}
	o.locate(c, d.Answers.Place(def.Bind.Place))
	if staff {
		o.keys(def, c, Request{Answers: d.Answers})
	}
	reasons := d.Answers
	if _, rs, err := def.Prioritise(reasons, o.surroundings(c)); err == nil && def.First(rs) {
		c.Rank = 0
	}
	_, private := def.Split(d.Answers)
	o.sealPlaceWords(def, forms.Answers{}, private)
	r := o.report(def, c, private)
	if w := d.Answers.Place(def.Bind.Place).Text; w != "" && private.Place(def.Bind.Place).Text == "" {
		r.Words += "\n" + w
	}
	if !staff {
		r.Name = ""
	}
	return r, c, nil
}

// toldBefore looks for what may tell of the same need as a form that is about to
// be sent. Whatever goes wrong, the form can be sent.
func (o *Office) toldBefore(c *web.Ctx, def *service.Definition, d Draft) (out *Told) {
	if o.linkage == nil {
		return nil
	}
	if concerns, err := def.Concerns(d.Answers); err != nil || len(concerns) > 0 {
		return nil // what only trained people read is compared with nothing
	}
	by := actor.From(c.Context())
	staff := by.Holds(DeedTakeDown.Roles...)
	r, k, err := o.draftReport(def, d, staff)
	if err != nil {
		return nil
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, err := o.Alike(t, r, mostAlike)
		if err != nil || len(all) == 0 {
			return err
		}
		joined, err := voices(t, all[0].Case.ID)
		if err != nil {
			return err
		}
		out = &Told{N: 1 + len(joined)}
		if k.Place != "" {
			out.Place = o.placeSay(c, k.Place)
		}
		if staff {
			out.Lines, err = o.toldLines(c, t, by, k, all)
		}
		return err
	})
	if err != nil {
		o.h.Log.Error("earlier reports could not be looked for", "problem", err.Error())
		return nil
	}
	return out
}

// toldLines are the earlier reports that whoever takes a call down may see, with
// reasons.
func (o *Office) toldLines(c *web.Ctx, t *db.Tx, by actor.Actor, k *Case, all []Alike) (out []AlikeLine, err error) {
	for _, a := range all {
		if !sees(by, a.Case) {
			continue
		}
		l, err := o.line(c, t, a.Case)
		if err != nil {
			return nil, err
		}
		p := Pair{B: l, Band: a.Band.String(), Chance: c.P.T("cases.alike.band." + a.Band.String())}
		for _, r := range a.Reasons {
			if r.Weight < 0 {
				p.But = append(p.But, o.because(c, r.Key, k, a.Case))
			} else {
				p.Why = append(p.Why, o.because(c, r.Key, k, a.Case))
			}
		}
		out = append(out, AlikeLine{l, p})
	}
	return out, nil
}

// AddVoice is somebody saying that what they just asked is what others had told
// already. Their request stands, with its own receipt. Where the comparing finds
// it very likely too, it is joined at once, for they said so and nobody else; else
// it waits for a person who decides. It is never an error: whoever asked has
// asked.
func (o *Office) AddVoice(ctx context.Context, by actor.Actor, cid CaseID) (joined bool, err error) {
	var best *Alike
	err = o.h.DB.Read(ctx, func(t *db.Tx) error {
		c, err := getCase(t, cid)
		if fault.KindOf(err) == fault.Missing { // it went to trained people alone
			return nil
		}
		if err != nil {
			return err
		}
		if shut, err := concerned(t, cid); err != nil || shut || !c.MergedInto.IsZero() {
			joined = err == nil && !c.MergedInto.IsZero()
			return err
		}
		all, err := o.likeCase(t, c, 1)
		if len(all) > 0 {
			best = &all[0]
		}
		return err
	})
	if err != nil || best == nil {
		return joined, err
	}
	err = o.h.DB.Write(ctx, func(t *db.Tx) error { return addLikeness(t, cid, best.Case.ID, best.Judgement, true) })
	if err != nil || best.Band != linkage.VeryLikely {
		return false, err
	}
	err = o.join(ctx, actor.Actor{Channel: by.Channel}, DeedAddVoice, cid, best.Case.ID, DecisionID{})
	if fault.KindOf(err) == fault.Conflict { // taken on, closed or joined elsewhere meanwhile: a person looks at it
		return false, nil
	}
	return err == nil, err
}

// voiceAdded adds the voice where the form said so, and lets nothing stand in the
// way of the receipt.
func (o *Office) voiceAdded(ctx context.Context, by actor.Actor, out Asked, said bool) bool {
	if !said || out.Restricted {
		return false
	}
	joined, err := o.AddVoice(ctx, by, out.ID)
	if err != nil {
		o.h.Log.Error("a voice was not joined: it stands as a request of its own", "problem", errors.Unwrap(err))
	}
	return joined
}

// mostWaited is how many earlier requests are read while somebody waits for a receipt,
// beside those that lie ready.
const mostWaited = 6

// toldOthers is how many others told of what may be the same need as a request
// that was just taken in, by what everybody might see: neither numbers nor names
// are compared for whoever may be a stranger.
func (o *Office) toldOthers(ctx context.Context, out Asked) (n int) {
	if out.Restricted || o.linkage == nil {
		return 0
	}
	mine, ok := o.sketches.newest(out.ID)
	if !ok { // it is compared with nobody
		return 0
	}
	err := o.h.DB.Read(ctx, func(t *db.Tx) error {
		if out.Again { // it may have been given to trained people since
			if shut, err := concerned(t, out.ID); err != nil || shut {
				return err
			}
		}
		all, rest, err := o.neighbours(t, mine.sketch, mostWaited)
		if err != nil {
			return err
		}
		if !out.Again {
			pairs, err := o.propose(t, mine, all)
			if err != nil {
				return err
			}
			o.soon.put(mine.id, compared{pairs, rest})
		}
		best, err := o.judged(t, mine.sketch.Public(), all)
		if err != nil {
			return err
		}
		told, err := found(t, best, 1)
		if err != nil || len(told) == 0 {
			return err
		}
		joined, err := voices(t, told[0].Case.ID)
		n = 1 + len(joined)
		return err
	})
	if err != nil {
		o.h.Log.Error("earlier reports could not be looked for", "problem", err.Error())
	}
	return n
}

// partedTidings tells whoever asked that their request stands for itself again.
func (o *Office) partedTidings(t *db.Tx, def *service.Definition, c *Case, n *Tidings) error {
	at, err := partedAt(t, c.ID)
	if err != nil || at.IsZero() || !c.MergedInto.IsZero() || t.Now().Sub(at) > beginningFor {
		return err
	}
	private, err := o.unseal(c)
	if err != nil {
		return err
	}
	n.Also = append(n.Also, Tidings{Send: true, Once: c.ID.String() + "|parted|" + strconv.FormatInt(at.UnixMicro(), 10), Key: "cases.message.parted",
		Args: []any{"receipt", i18n.Code(c.Receipt.String())}, Lang: c.Lang, Level: c.Level, Phone: private.Phone(def.Bind.Phone), Case: c.ID})
	return nil
}
