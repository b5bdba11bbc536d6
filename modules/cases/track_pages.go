package cases

import (
	"net/http"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// trackDoorPage asks for the receipt and what belongs to it.
type trackDoorPage struct {
	ui.Frame
	Number string
	Shared bool // others use this phone, as the reader said before
	Calls  []Emergency
}

const trackCookie = "track"

func (o *Office) trackDoor(c *web.Ctx) error {
	c.Common("cases.crisis", "cases.emergency")
	return o.showTrackDoor(c, c.R.URL.Query().Get("number"), nil)
}

func (o *Office) showTrackDoor(c *web.Ctx, number string, wrong error) error {
	p := &trackDoorPage{Number: number, Shared: c.Shared(), Calls: o.emergency(c)}
	p.Nav, p.Title = "track", c.P.Text("cases.track.title")
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_track_door", p)
}

// openTrack lets the holder of a receipt in. Tries are limited per receipt and
// per address: four digits are few.
func (o *Office) openTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	var wrong fault.All
	number, err := receipt.Parse(v.Get("number"))
	if err != nil {
		wrong = append(wrong, asFault(err).On("number"))
	}
	typed := v.Get("word")
	if typed == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "cases.track.word_missing").On("word"))
	}
	if len(wrong) > 0 {
		return o.showTrackDoor(c, v.Get("number"), wrong)
	}
	if err := limitTrack(c, number); err != nil {
		return o.showTrackDoor(c, v.Get("number"), err)
	}
	h, err := o.Recognise(c.Context(), number, typed)
	if fault.KindOf(err) == fault.Missing {
		return o.showTrackDoor(c, v.Get("number"), fault.All{fault.New(fault.Invalid, "cases.track.no_match").On("word")})
	}
	if err != nil {
		return err
	}
	if v.Get("shared") != "" {
		c.Share()
	}
	o.hold(c, h)
	return c.Seek("/track/open")
}

// limitTrack counts a try at a receipt. Everybody on the staff reads receipts,
// and four digits are ten thousand: at 24 tries a day most of a year would not
// be enough for all of them, where six a quarter of an hour is a fortnight.
func limitTrack(c *web.Ctx, n receipt.Number) error { return LimitTrack(c.Site.Limit, c.From(), n) }

// LimitTrack counts a try from anywhere: an address, or a conversation.
func LimitTrack(l *web.Limiter, from string, n receipt.Number) error {
	if err := l.Take("track:"+from, 60, 15*time.Minute); err != nil {
		return err
	}
	if err := l.Take("track:"+n.String(), 6, 15*time.Minute); err != nil {
		return err
	}
	return l.Take("track a day:"+n.String(), 24, 24*time.Hour)
}

// How often the holder of a receipt may send one thing, for a case and for an
// address: a village behind one mast has one address.
const (
	sendsPerCase    = 10
	sendsPerAddress = 120
)

// limitHolder counts what the holder of a receipt sends, each door by itself,
// so that nobody fills a journal by holding a button down.
func limitHolder(c *web.Ctx, word string, cid CaseID) error {
	err := c.Site.Limit.Take("track "+word+":"+c.From(), sendsPerAddress, 15*time.Minute)
	if err == nil {
		err = c.Site.Limit.Take("track "+word+":"+cid.String(), sendsPerCase, time.Hour)
	}
	if err != nil {
		return fault.New(fault.Limited, "cases.track.too_often")
	}
	return nil
}

// closeTrack forgets, on a phone that others use too.
func (o *Office) closeTrack(c *web.Ctx) error {
	http.SetCookie(c.W, &http.Cookie{Name: trackCookie, Path: "/", MaxAge: -1})
	return c.Seek("/track")
}

// holds is who the reader's browser was recognised as.
func (o *Office) holds(c *web.Ctx) (h Holder, ok bool) {
	k, err := c.R.Cookie(trackCookie)
	if err != nil {
		return h, false
	}
	if h, ok = o.holder(k.Value, o.h.DB.Now()); !ok || h.Case.IsZero() {
		return h, ok
	}
	if _, waits := o.waits(h.Case); waits {
		return h, true
	}
	// A pass is opened anew each time: with the person the case forgot its holder.
	var own *Case
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) (err error) { own, err = getCase(t, h.Case); return err })
	return h, err == nil && own.ErasedAt.IsZero()
}

func (o *Office) track(c *web.Ctx) error {
	h, ok := o.holds(c)
	switch {
	case !ok:
		return c.Seek("/track")
	}
	if c.Shared() { // as long as somebody reads
		o.hold(c, h)
	}
	switch {
	case !h.Concern.IsZero():
		return o.trackConcern(c, h.Concern)
	case !h.Complaint.IsZero():
		return o.trackComplaint(c, h.Complaint)
	}
	if x, waits := o.waits(h.Case); waits {
		return o.showWaits(c, x)
	}
	return o.trackCase(c, h.Case, nil)
}

func (o *Office) trackCase(c *web.Ctx, cid CaseID, wrong error) error {
	p := &trackPage{}
	status, err := o.wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = o.h.Look(c.Context(), actor.From(c.Context()), DeedTrack, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		own, err := getCase(t.Tx, cid)
		if err != nil {
			return err
		}
		k := own
		if !own.MergedInto.IsZero() { // the work goes on under the other number
			if k, err = getCase(t.Tx, own.MergedInto); err != nil {
				return err
			}
		}
		return o.fillTrack(c, t.Tx, p, own, k)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "cases_track", p)
}

// mine is the case that the reader's browser may act on.
func (o *Office) mine(c *web.Ctx) (CaseID, error) {
	h, ok := o.holds(c)
	if !ok || h.Case.IsZero() {
		return CaseID{}, fault.New(fault.Denied, "cases.track.open_again")
	}
	return h.Case, nil
}

// acting is the case that carries the work: the one it was merged into, if any.
func (o *Office) acting(c *web.Ctx) (CaseID, error) {
	cid, err := o.mine(c)
	if err != nil {
		return cid, err
	}
	err = o.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := getCase(t, cid)
		if err == nil && !k.MergedInto.IsZero() {
			cid = k.MergedInto
		}
		return err
	})
	return cid, err
}

func (o *Office) answerTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.acting(c)
	if err == nil {
		err = limitHolder(c, "answer", cid)
	}
	if err != nil {
		return err
	}
	if err := o.Confirm(c.Context(), person(), DeedConfirm, cid, Answer(v.Get("answer"))); err != nil {
		return err
	}
	c.Flash("cases.track.answered")
	return c.Seek("/track/open")
}

func (o *Office) reopenTrack(c *web.Ctx) error {
	cid, err := o.acting(c)
	if err == nil {
		err = limitHolder(c, "reopen", cid)
	}
	if err != nil {
		return err
	}
	if err := o.Reopen(c.Context(), person(), DeedReopen, cid); err != nil {
		return err
	}
	c.Flash("cases.track.reopened")
	return c.Seek("/track/open")
}

func (o *Office) rateTrack(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	cid, err := o.acting(c)
	if err == nil {
		err = limitHolder(c, "rate", cid)
	}
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(v.Get("stars"))
	if err := o.Rate(c.Context(), cid, n); err != nil {
		return err
	}
	c.Flash("cases.track.rated")
	return c.Seek("/track/open")
}

func (o *Office) eraseTrack(c *web.Ctx) error {
	cid, err := o.mine(c)
	if err == nil {
		err = limitHolder(c, "erase", cid)
	}
	if err != nil {
		return err
	}
	if err := o.Erase(c.Context(), person(), cid); err != nil {
		return err
	}
	c.Flash("cases.track.erased")
	return o.closeTrack(c)
}

// person is the holder of a receipt, acting for themselves.
func person() actor.Actor { return actor.Actor{Channel: "web"} }
