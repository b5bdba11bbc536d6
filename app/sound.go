package app

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/twiza/twiza/modules/watch"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// Once a day the house reads everything that always holds, as `twiza check` does, and says
// what does not: in the journal, in its log, in a figure, and on the pages of those who
// watch.

var deedSound = deed.Deed{Name: "app.house.check", Roles: []actor.Role{actor.Administrator}}

const (
	aboutSound = "app.house/sound"
	soundEvery = 24 * time.Hour
	soundLooks = 10 * time.Minute // how often it is asked whether that is over; none is run sooner after a start
	mostNamed  = 20               // findings that the journal keeps by name
)

// sounded is what a check found; the journal line holds it.
type sounded struct {
	Took  float64  `json:"took_seconds"`
	Found int      `json:"found_wrong"`
	Named []string `json:"wrong,omitempty"`
}

// openSound makes ready the daily check, and tells the figures and the pages of it.
func (h *House) openSound() {
	h.Jobs.Chore(jobs.Chore{Name: "app.check", Every: soundLooks, Do: h.checkDaily})
	h.Meter.Gauges("twiza_check_age_seconds", "How long ago the house last read everything that always holds; nothing when never.", []string{"ok"}, func(put func(float64, ...string)) {
		if last, err := h.LastCheck(context.Background()); err == nil && !last.At.IsZero() {
			put(h.clock.Now().Sub(last.At).Seconds(), strconv.FormatBool(last.Found == 0))
		}
	})
	h.Watch.Sound = h.LastCheck
}

// LastCheck is what the last daily check found; zero: there was none.
func (h *House) LastCheck(ctx context.Context) (out watch.Sound, err error) {
	err = h.DB.Read(ctx, func(t *db.Tx) error {
		r, ok, err := deed.Last(t, aboutSound)
		if err != nil || !ok {
			return err
		}
		var s sounded
		out.At = r.At
		err = json.Unmarshal(r.Told, &s)
		out.Found, out.Named = s.Found, s.Named
		return err
	})
	return out, err
}

// checkDaily checks when that was a day ago. Not right after a start, when everything is
// cold and people wait.
func (h *House) checkDaily(ctx context.Context) error {
	last, err := h.LastCheck(ctx)
	if now := h.clock.Now(); err != nil || now.Sub(last.At) < soundEvery || now.Sub(h.opened) < soundLooks {
		return err
	}
	return h.checkNow(ctx)
}

// checkNow reads everything and leaves a line, whatever it found. A check that could not be
// carried out is a finding too.
func (h *House) checkNow(ctx context.Context) error {
	begun := h.clock.Now()
	wrong, err := h.Findings(ctx, io.Discard)
	if db.IsAway(err) || ctx.Err() != nil {
		return err // it is tried again
	}
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	s := sounded{Took: h.clock.Now().Sub(begun).Seconds(), Found: len(wrong), Named: wrong[:min(mostNamed, len(wrong))]}
	for _, w := range s.Named {
		h.Log.Error("the house is not sound", "wrong", w)
	}
	if s.Found == 0 {
		h.Log.Info("the house was checked and is sound", "took_seconds", s.Took)
	}
	return h.Deeds.Do(ctx, System("check"), deedSound, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		return t.Tell(aboutSound, s)
	})
}
