package field

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// DeedGapList sees where people wait and nobody goes. Claiming is a deed on each
// request.
var DeedGapList = deed.Deed{Name: "field.gap.list", Roles: manage}

// gapsPage is where people wait and nobody goes, the nearest to the reader first (N30).
type gapsPage struct {
	ui.Frame
	From    template.HTML
	FromWas string
	Rows    []forgottenRow
	CanTake bool // for an organisation of one's own
}

type forgottenRow struct {
	Code    string
	Place   template.HTML
	Waiting int
	Level   int
	Oldest  time.Time
	Km      int // -1 when not known
	Road    RoadState
	Queue   string // address of the queue, narrowed to it
}

const maxGaps = 60

func (s *Service) showGaps(c *web.Ctx) error { return s.gapsWith(c, nil) }

func (s *Service) gapsWith(c *web.Ctx, wrong error) error {
	by := actor.From(c.Context())
	p := &gapsPage{FromWas: c.R.URL.Query().Get("from"), CanTake: !ownOrg(by).IsZero()}
	p.Kind, p.Title = ui.Staff, c.P.Text("field.gaps.title")
	status, err := wrongs(c, &p.Frame, wrong)
	if err != nil {
		return err
	}
	err = s.h.Look(c.Context(), by, DeedGapList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		from, err := s.origin(t.Tx, by, p.FromWas)
		if err != nil {
			return err
		}
		w := s.teller(c, t.Tx)
		if from != "" {
			p.From = w.place(from)
		}
		p.Rows, err = w.forgotten(by, from)
		for i := range p.Rows {
			p.Rows[i].Queue = c.Href("/queue?area=" + url.QueryEscape(p.Rows[i].Code))
		}
		return cmp.Or(err, w.err)
	})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "field_gaps_page", p)
}

// forgotten are the places where people wait, nobody has taken any of them on,
// and nobody is on the way, within what the reader works in.
func (w *teller) forgotten(by actor.Actor, origin string) (out []forgottenRow, err error) {
	if w.gapsOf == nil {
		return nil, nil
	}
	all, err := w.gapsOf.Forgotten(w.t, 10*maxGaps)
	if err != nil {
		return nil, err
	}
	going, err := communesGoneTo(w.t)
	if err != nil {
		return nil, err
	}
	known, err := roadsNow(w.t)
	if err != nil {
		return nil, err
	}
	from, _, has := w.places.Point(origin)
	for _, f := range all {
		path := w.path(f.Commune)
		if _, may := by.May(DeedGapList.Roles, actor.Scope{Path: path}); slices.Contains(going, f.Commune) || !may && by.System == "" {
			continue
		}
		out = append(out, forgottenRow{Code: f.Commune, Place: w.place(f.Commune), Waiting: f.Waiting, Level: f.Level, Oldest: f.Oldest,
			Km: w.away(from, has, f.Commune), Road: known.at(path).State})
	}
	slices.SortStableFunc(out, func(a, b forgottenRow) int {
		if (a.Km < 0) != (b.Km < 0) {
			return b.Km - a.Km
		}
		return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(b.Waiting, a.Waiting))
	})
	return out[:min(maxGaps, len(out))], nil
}

// takeGap takes on what waits at a place, for the reader's organisation.
func (s *Service) takeGap(c *web.Ctx) error {
	commune := c.R.PathValue("place")
	if _, err := c.Form(); err != nil {
		return err
	}
	if s.gapsOf == nil {
		return fault.New(fault.Missing, "error.missing")
	}
	by := actor.From(c.Context())
	if ownOrg(by).IsZero() {
		return fault.New(fault.Denied, "error.denied")
	}
	n, err := s.gapsOf.Claim(c.Context(), by, commune)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "field.gaps.taken")
	}
	if err != nil {
		return s.gapsWith(c, err)
	}
	c.Flash("field.gaps.taken_now")
	return c.Seek("/missions/new")
}
