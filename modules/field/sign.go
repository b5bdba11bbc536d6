package field

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// signBytes is how long a sign is: nobody finds one by trying.
const signBytes = 15

// newSign is what a printed list has beside a family instead of anything of
// theirs: random, so that a sheet that gets lost tells nothing. Whoever is on
// the mission opens the page of the stop with it; everybody else finds nothing.
func newSign() string {
	b := make([]byte, signBytes)
	_, _ = rand.Read(b) // never fails: it crashes the program instead
	return strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// openSign leads whoever is on the mission to the page of the stop. To anybody
// else a sign that is somebody's and one that is nobody's are the same.
func (s *Service) openSign(c *web.Ctx) error {
	var stop Stop
	err := s.h.Look(c.Context(), actor.From(c.Context()), DeedDeliver, func(t *deed.Tx) error {
		var err error
		if stop, err = signed(t.Tx, c.R.PathValue("sign")); err != nil {
			_ = t.AllowAny() // asked, and there is nothing to see
			return fault.New(fault.Missing, "error.missing")
		}
		j, err := getJourney(t.Tx, stop.Mission)
		if err != nil {
			return err
		}
		if s.mayServe(t, j) != nil {
			return fault.New(fault.Missing, "error.missing")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Seek("/missions/" + stop.Mission.String() + "/deliver/" + stop.ID.String())
}

// squares gives each stop of a sheet the QR square of its sign.
func (w *teller) squares(c *web.Ctx, stops []stopRow, j *Journey) {
	if w.err != nil {
		return
	}
	all, err := signsOf(w.t, j.ID)
	w.err = err
	for i := range stops {
		if sign := all[stops[i].Stop]; sign != "" && w.err == nil {
			stops[i].Link = c.Address() + c.Href("/stop/"+sign)
			stops[i].Square, w.err = crypt.QR(stops[i].Link)
		}
	}
}
