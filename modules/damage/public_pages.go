package damage

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/places"
)

// publicPage is what anybody may read of what was told: by commune, each line
// with how it stands and how old it is.
type publicPage struct {
	ui.Frame
	Communes []communeRow
	Areas    []ui.Option
	Waiting  int // communes that nobody has gone to yet
	More     bool
}

// communeRow is one commune: never a smaller place, never who told.
type communeRow struct {
	Code   string
	Place  template.HTML
	Wait   time.Duration // since the first was told and nobody has gone; 0 when somebody has
	CameAt time.Time
	Lines  []claimLine
}

type claimLine struct {
	What  string
	State Standing
	Age   time.Duration
	At    time.Time
	Shown []string // identifiers of public pictures
}

const (
	publicDays = 30 // of what is shown to everybody
	mostPublic = 500
	shownToll  = 60 // communes on a page
)

func (s *Service) publicReports(c *web.Ctx) error {
	area := c.R.URL.Query().Get("area")
	if p, ok := s.places.Get(area); !ok || p.Kind != places.Province {
		area = ""
	}
	p := &publicPage{}
	p.Kind, p.Nav, p.Title = ui.Citizen, "crisis", c.P.Text("damage.public.title")
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		all, err := publicClaims(t, t.Now().Add(-publicDays*24*time.Hour), mostPublic)
		if err != nil {
			return err
		}
		p.Communes, err = s.communes(c, t, all, area)
		p.Areas = s.areasOf(c, all, area)
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range p.Communes {
		if k.Wait > 0 {
			p.Waiting++
		}
	}
	if p.More = len(p.Communes) > shownToll; p.More {
		p.Communes = p.Communes[:shownToll]
	}
	c.Common("cases.crisis", "cases.emergency", "damage.claim", "damage.report")
	return c.Render("damage_public", p)
}

// communes puts claims together by commune; those where nobody has arrived stand
// first, the longest wait before the others (F05.3).
func (s *Service) communes(c *web.Ctx, t *db.Tx, all []Claim, area string) ([]communeRow, error) {
	came, err := s.arrived(t, t.Now().Add(-publicDays*24*time.Hour))
	if err != nil {
		return nil, err
	}
	rows := map[string]*communeRow{}
	first := map[string]time.Time{}
	for _, x := range all {
		code := x.Path[len(x.Path)-1]
		if k, ok := s.places.Commune(code); !ok || k.Code != code || !s.places.Within(code, area) {
			continue
		}
		row := rows[code]
		if row == nil {
			row = &communeRow{Code: code, Place: s.placeSay(c, code)}
			rows[code] = row
		}
		shown, err := shownOf(t, x.ID)
		if err != nil {
			return nil, err
		}
		row.Lines = append(row.Lines, claimLine{What: x.What, State: x.State, Age: age(t.Now().Sub(x.LastAt)), At: x.LastAt, Shown: shown})
		if was := first[code]; x.State != Refuted && (was.IsZero() || x.FirstAt.Before(was)) {
			first[code] = x.FirstAt
		}
	}
	out := make([]communeRow, 0, len(rows))
	for code, row := range rows {
		switch began := first[code]; {
		case began.IsZero():
		case came[code].After(began):
			row.CameAt = came[code]
		default:
			row.Wait = max(age(t.Now().Sub(began)), time.Minute)
		}
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b communeRow) int {
		return cmp.Or(cmp.Compare(b.Wait, a.Wait), cmp.Compare(a.Code, b.Code))
	})
	return out, nil
}

func (s *Service) areasOf(c *web.Ctx, all []Claim, chosen string) (out []ui.Option) {
	var provinces []*places.Place
	for _, x := range all {
		if p, ok := s.places.Province(x.Path[len(x.Path)-1]); ok && !slices.Contains(provinces, p) {
			provinces = append(provinces, p)
		}
	}
	places.Sort(provinces, c.Lang())
	for _, p := range provinces {
		name, _ := p.Name(c.Lang())
		out = append(out, ui.Option{Value: p.Code, Title: template.HTML(template.HTMLEscapeString(name)), Chosen: p.Code == chosen})
	}
	return out
}

// age is a length of time as people say it: minutes, then hours, then days.
func age(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return 0
	case d < time.Hour:
		return d.Truncate(time.Minute)
	case d < 2*day:
		return d.Truncate(time.Hour)
	}
	return d.Truncate(day)
}

// publicPhoto hands out a picture that somebody covered and let be public.
func (s *Service) publicPhoto(c *web.Ctx) error {
	pid, err := id.Parse[Photo](c.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.Missing, "error.missing")
	}
	picture, err := s.Shown(c.Context(), pid)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	c.W.WriteHeader(http.StatusOK)
	if _, err := c.W.Write(picture); err != nil {
		s.h.Log.Info("a picture was not seen to its end", "problem", err.Error())
	}
	return nil
}
