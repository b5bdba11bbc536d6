package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/service"
)

// desk lets conversations ask of cases.
type desk struct{ h *House }

func (d desk) Services(ctx context.Context) ([]*service.Definition, error) {
	return d.h.Cases.Open(ctx)
}

func (d desk) Ask(ctx context.Context, a reach.Asking) (out reach.Asked, err error) {
	cid, err := id.Parse[cases.Case](a.ID)
	if err != nil {
		return out, err
	}
	q := cases.Request{ID: cid, Service: a.Service, Answers: a.Answers, Lang: a.Lang, Channel: string(a.Channel), Partly: a.Partly}
	got, err := d.h.Cases.Ask(ctx, actor.Actor{Channel: string(a.Channel)}, cases.DeedAsk, q)
	if err != nil {
		return out, err
	}
	out = reach.Asked{Receipt: got.Receipt.String(), Code: got.Code, Restricted: got.Restricted}
	if got.Restricted { // it has no subject that an open list may hold
		out.Code = ""
		return out, d.h.DB.Write(ctx, func(t *db.Tx) error { // their voice is for the trained people alone
			return d.h.Reach.BindNotes(t, cases.ConcernSubject+a.ID, a.Notes)
		})
	}
	out.Case = cases.Subject(got.ID)
	return out, d.h.DB.Write(ctx, func(t *db.Tx) error {
		if err := d.h.Reach.Hold(t, out.Case, a.Conv); err != nil {
			return err
		}
		return d.h.Reach.BindNotes(t, out.Case, a.Notes)
	})
}

// standing is how a case stands, in the sentence for where it is heard. The
// telephone menu says what is recorded, and so keeps to the service's own.
func (d desk) standing(w reach.Who, s cases.Stand) reach.Standing {
	out := reach.Standing{Case: cases.Subject(s.Case), Receipt: s.Receipt.String(), State: s.Key, Waiting: s.Waiting, Late: s.Late}
	if s.Before != "" && w.Kind != channel.Voice {
		out.State = s.Before
	}
	return out
}

func (d desk) Mine(ctx context.Context, w reach.Who) (out []reach.Standing, err error) {
	var held []cases.CaseID
	err = d.h.DB.Read(ctx, func(t *db.Tx) error {
		all, err := d.h.Reach.Held(t, w.Conv, 5)
		for _, s := range all {
			if cid, err := cases.CaseOf(s); err == nil {
				held = append(held, cid)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	all, err := d.h.Cases.StandsOf(ctx, phone.Number(w.Phone), held)
	for _, s := range all {
		out = append(out, d.standing(w, s))
	}
	return out, err
}

func (d desk) Open(ctx context.Context, w reach.Who, n receipt.Number, word string) (out reach.Standing, err error) {
	if err := cases.LimitTrack(d.h.Site.Limit, "conversation "+w.Conv.String(), n); err != nil {
		return out, err
	}
	s, err := d.h.Cases.StandFor(ctx, n, phone.Number(w.Phone), word)
	if fault.KindOf(err) == fault.Missing && word != "" { // a relative, perhaps, who hears the news and holds nothing
		s, err := d.h.Cases.NewsStandFor(ctx, n, "", word)
		return news(s), err
	}
	if err != nil {
		return out, err
	}
	out = d.standing(w, s)
	return out, d.h.DB.Write(ctx, func(t *db.Tx) error { return d.h.Reach.Hold(t, out.Case, w.Conv) })
}

func (d desk) Family(ctx context.Context, w reach.Who, tel, word string) (out reach.Standing, err error) {
	if err := d.h.Cases.LimitNews(d.h.Site.Limit, "conversation "+w.Conv.String(), phone.Number(tel)); err != nil {
		return out, err
	}
	s, err := d.h.Cases.NewsStandFor(ctx, receipt.Number{}, phone.Number(tel), word)
	return news(s), err
}

func news(s cases.NewsStand) reach.Standing {
	return reach.Standing{State: s.Key, Late: s.Late, News: &reach.News{Since: s.Since, Commune: s.Commune}}
}

func (d desk) Answer(ctx context.Context, w reach.Who, subject, answer string) error {
	cid, err := cases.CaseOf(subject)
	if err != nil {
		return fault.New(fault.Missing, "cases.track.no_match")
	}
	return d.h.Cases.AnswerFrom(ctx, cid, string(w.Kind), cases.Answer(answer))
}

func (d desk) Notice(ctx context.Context, subject string) (reach.Notice, error) {
	n, err := d.h.Cases.TidingsOf(ctx, subject)
	return notice(n), err
}

func notice(n cases.Tidings) reach.Notice {
	out := reach.Notice{Subject: cases.Subject(n.Case), Send: n.Send, Once: n.Once, Key: n.Key, Args: n.Args, Code: n.Code, Lang: n.Lang, Level: n.Level, Phone: string(n.Phone), Waiting: n.Waiting, Told: n.Told}
	for _, x := range n.Also {
		out.Also = append(out.Also, notice(x))
	}
	return out
}

func (d desk) CallBack(ctx context.Context, w reach.Who, lang, spoken string, notes []string) error {
	return d.h.Reach.WantCall(ctx, w, lang, spoken, notes)
}

// openReach builds the part of the house that works without internet.
func (h *House) openReach() error {
	rules, err := reach.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	if h.Reach, err = reach.New(h.Deeds, h.Vault, h.Places, rules); err != nil {
		return err
	}
	h.Reach.UseDesk(desk{h})
	switch l, err := senseOf(h.Config.Country); {
	case err == nil:
		h.Words = l
		h.Reach.UseSense(l)
		h.Cases.UseSense(l)
	case !errors.Is(err, fs.ErrNotExist): // a country without such a list is read word by word
		return err
	}
	h.Reach.PromptDir = h.Config.Prompts
	h.Reach.Ports = h.reachPorts()
	h.Cases.UseVoices(h.voices())
	h.Cases.UseNetwork(h.Reach.Lacking)
	if err := h.gateways(); err != nil {
		return fmt.Errorf("gateways: %w", err)
	}
	return nil
}

// recordings lists the voice notes that speak of a case.
func (h *House) recordings(t *db.Tx, subject string) (out []cases.Recording, err error) {
	all, err := h.Reach.NotesOf(t, subject)
	for _, n := range all {
		out = append(out, cases.Recording{Href: "/notes/" + n.ID.String(), Seconds: time.Duration(n.Seconds) * time.Second, At: n.At})
	}
	return out, err
}

// voices are what people said aloud of what no open queue may show.
func (h *House) voices() *cases.Voices {
	return &cases.Voices{Allow: h.Reach.LetHear, Sound: h.Reach.Sound, Play: reach.Play,
		List: func(t *db.Tx, subject string, by actor.AccountID) (out []cases.Voice, err error) {
			all, err := h.Reach.NotesOf(t, subject)
			for _, n := range all {
				v := cases.Voice{ID: n.ID.String(), Seconds: time.Duration(n.Seconds) * time.Second, At: n.At}
				if err == nil {
					v.Open, err = reach.Hearable(t, n.ID, by)
				}
				out = append(out, v)
			}
			return out, err
		}}
}
