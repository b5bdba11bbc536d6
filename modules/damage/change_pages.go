package damage

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// changePage asks for two pictures of one place, and where they lie.
type changePage struct {
	ui.Frame
	V          url.Values
	Megapixels int
}

// darkroom lets two pairs be compared at once: each takes a core for seconds and
// tens of megabytes.
var darkroom = make(chan struct{}, 2)

func (s *Service) changeDoor(c *web.Ctx) error { return s.showChange(c, url.Values{}, nil) }

func (s *Service) showChange(c *web.Ctx, v url.Values, wrong error) error {
	p := &changePage{V: v, Megapixels: mostPixels >> 20}
	p.Kind, p.Nav, p.Title = ui.Staff, "damage", c.P.Text("damage.change.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "damage_change", p)
}

// comparePair makes a draft of what differs between two pictures.
func (s *Service) comparePair(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	l := layerOf(v)
	l.Kind = Change
	before, err1 := fileOf(c, "before")
	after, err2 := fileOf(c, "after")
	if err1 != nil || err2 != nil {
		return s.showChange(c, v, both(l.wrong(s.h.DB.Now()), all(err1, err2)))
	}
	found, err := s.Pair(c.Context(), before, after, v.Get("world"), v)
	if err != nil {
		return s.showChange(c, v, both(l.wrong(s.h.DB.Now()), err))
	}
	lid, again, err := s.Bring(c.Context(), actor.From(c.Context()), l, slices.Concat(before, after, []byte(strings.Join([]string{v.Get("world"), v.Get("west"), v.Get("south"), v.Get("east"), v.Get("north")}, "\x00"))), found)
	if err != nil {
		return s.showChange(c, v, err)
	}
	if again {
		c.Flash("damage.import.again")
	}
	return c.Seek("/damage/layers/" + lid.String())
}

// Pair finds what differs between two pictures that lie where the world file
// says, or else between the bounds that were typed.
func (s *Service) Pair(ctx context.Context, before, after []byte, world string, v url.Values) ([]Feature, error) {
	select {
	case darkroom <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-darkroom }()
	a, err1 := readPicture(before, "before")
	b, err2 := readPicture(after, "after")
	if err1 != nil || err2 != nil {
		return nil, all(err1, err2)
	}
	size := a.Bounds()
	at, err := boundsOf(world, v, size.Dx(), size.Dy())
	if err != nil {
		return nil, err
	}
	cells, err := s.rules.compare(a, b)
	if errors.Is(err, errSizes) {
		return nil, fault.All{fault.New(fault.Invalid, "damage.change.sizes").On("after")}
	}
	if err != nil {
		return nil, err
	}
	if len(cells) == 0 {
		return nil, fault.All{fault.New(fault.Invalid, "damage.change.none").On("after")}
	}
	if len(cells) > mostFeatures {
		return nil, fault.All{fault.New(fault.Invalid, "damage.file.many", "most", mostFeatures).On("after")}
	}
	return s.rules.onGround(cells, at, size.Dx(), size.Dy()), nil
}

// all joins what is wrong with several fields.
func all(errs ...error) error {
	var out fault.All
	for _, err := range errs {
		if more, ok := errors.AsType[fault.All](err); ok {
			out = append(out, more...)
		} else if err != nil {
			return err
		}
	}
	return out.OrNil()
}

func boundsOf(world string, v url.Values, width, height int) (b bounds, err error) {
	if strings.TrimSpace(world) != "" {
		return worldFile(arabic.Digits(world), width, height)
	}
	for name, to := range map[string]*float64{"west": &b.West, "south": &b.South, "east": &b.East, "north": &b.North} {
		if *to, err = strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(arabic.Digits(v.Get(name))), ",", "."), 64); err != nil {
			return b, fault.All{fault.New(fault.Invalid, "damage.change.bounds_wrong").On(name)}
		}
	}
	if !b.valid() {
		return b, fault.All{fault.New(fault.Invalid, "damage.change.bounds_wrong").On("west")}
	}
	return b, nil
}
