package damage

import (
	"encoding/base64"
	"html/template"
	"slices"
	"strconv"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// photoPage shows one picture to somebody of the staff, under a grid of squares
// that can be covered.
type photoPage struct {
	ui.Frame
	Claim, ID string
	Picture   template.URL
	Squares   []squareRow
	CanShow   bool
}

type squareRow struct {
	N, Row, Column int
	On             bool
}

// lookForm answers a POST with a picture inside the page, for nobody's cache.
func (s *Service) lookForm(c *web.Ctx) error { return s.showPicture(c, nil, nil) }

func (s *Service) showPicture(c *web.Ctx, squares []int, wrong error) error {
	cid, pid, err := s.photoID(c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	picture, err := s.Look(c.Context(), by, cid, pid)
	if err != nil {
		return err
	}
	p := &photoPage{Claim: cid.String(), ID: pid.String(), CanShow: deed.May(by, DeedPhotoShow) == nil}
	p.Kind, p.Nav, p.Title = ui.Staff, "damage_reports", c.P.Text("damage.photo.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	p.Picture = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(picture))
	for n := range Across * Down {
		p.Squares = append(p.Squares, squareRow{n, n/Across + 1, n%Across + 1, slices.Contains(squares, n)})
	}
	return c.RenderStatus(status, "damage_photo", p)
}

func (s *Service) photoID(c *web.Ctx) (cid ClaimID, pid PhotoID, err error) {
	if cid, err = s.claimID(c); err != nil {
		return cid, pid, err
	}
	if pid, err = id.Parse[Photo](c.R.PathValue("photo")); err != nil {
		err = fault.New(fault.Missing, "error.missing")
	}
	return cid, pid, err
}

// coverForm covers squares of a picture and lets it be public, once somebody
// said that they looked at what is left.
func (s *Service) coverForm(c *web.Ctx) error {
	cid, pid, err := s.photoID(c)
	if err != nil {
		return err
	}
	v, err := c.Form()
	if err != nil {
		return err
	}
	var squares []int
	for _, x := range v["square"] {
		n, err := strconv.Atoi(x)
		if err != nil || n < 0 || n >= Across*Down {
			return fault.New(fault.Invalid, "error.unreadable")
		}
		squares = append(squares, n)
	}
	if v.Get("sure") == "" {
		return s.showPicture(c, squares, fault.All{fault.New(fault.Invalid, "damage.photo.sure_missing").On("sure")})
	}
	if err := s.Show(c.Context(), actor.From(c.Context()), cid, pid, squares); err != nil {
		return err
	}
	c.Flash("damage.photo.shown_now")
	return c.Seek("/damage/reports/" + cid.String())
}
