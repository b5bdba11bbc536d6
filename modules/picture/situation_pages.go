package picture

import (
	"html/template"
	"slices"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/release"
)

// situationPage is one sheet of paper for whoever decides: by commune people,
// needs, and who covers them, with its date.
type situationPage struct {
	ui.Frame
	Own    bool // of the reader's own territory, as it is at this moment
	Crisis template.HTML
	Since  time.Time
	Rows   []placeRow
	All    row
	None   int
	More   int
	Nobody int
	Floor  int
	AsOf   time.Time
}

// onPaper is how many lines a sheet has room for, and needsOnPaper how many needs
// a line has: the most asked for. The others are in the files.
const (
	onPaper      = 14
	needsOnPaper = 3
)

func (s *Service) showSituation(c *web.Ctx) error {
	within := s.asked(c)
	p := &situationPage{}
	err := s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		k, err := s.covered(t, time.Time{}, time.Time{}, within)
		if err != nil {
			return err
		}
		p.Rows, p.All, p.None, p.Floor, p.AsOf = s.rows(c, k), k.All, k.All.None(k.Floor), k.Floor, k.AsOf
		all, err := s.nobodyCame(t, s.began(c), within)
		p.Nobody = len(all)
		return err
	})
	if err != nil {
		return err
	}
	return s.paper(c, p)
}

func (s *Service) paper(c *web.Ctx, p *situationPage) error {
	p.Kind, p.Title = ui.Print, c.P.Text("picture.situation.title")
	if now, open, err := s.ports.Crisis(c.Context()); err == nil && open {
		p.Crisis, p.Since = c.P.T(now.Name), now.Since
	}
	if len(p.Rows) > onPaper {
		p.Rows, p.More = p.Rows[:onPaper], len(p.Rows)-onPaper
	}
	for i, r := range p.Rows {
		slices.SortStableFunc(r.Needs, func(a, b bar) int { return b.N - a.N })
		if len(r.Needs) > needsOnPaper {
			p.Rows[i].Needs, p.Rows[i].Rest = r.Needs[:needsOnPaper], true
		}
	}
	c.Common("cases.crisis", "cases.emergency", "picture.shelter", "field.road")
	return c.Render("picture_situation", p)
}

// showOwn is the same of the reader's own territory, as it is at this moment: it
// is for those who answer for these requests and see each of them anyway. Counts
// under the floor are hidden all the same, for it is paper and goes around.
func (s *Service) showOwn(c *web.Ctx) error {
	p, by := &situationPage{Own: true, Floor: s.press.Floor()}, actor.From(c.Context())
	err := s.h.Look(c.Context(), by, DeedOwn, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		p.AsOf = t.Now()
		return s.own(c, t.Tx, p, by)
	})
	if err != nil {
		return err
	}
	return s.paper(c, p)
}

func (s *Service) own(c *web.Ctx, t *db.Tx, p *situationPage, by actor.Actor) error {
	mine := func(code string) bool {
		_, ok := by.May(DeedOwn.Roles, s.scope(code))
		return ok || slices.ContainsFunc(by.Grants, func(g actor.Grant) bool {
			return slices.Contains(DeedOwn.Roles, g.Role) && (!g.Role.ForOrganisation() || g.Recognised) && (g.Territory == "" || s.places.Within(code, g.Territory))
		})
	}
	at := map[string]*row{}
	err := s.ports.Live(t, func(l Live) {
		k, ok := s.places.Commune(l.Place)
		if !ok || !mine(k.Code) {
			return
		}
		r := at[k.Code]
		if r == nil {
			r = &row{Code: k.Code, Kind: places.Commune}
			at[k.Code] = r
		}
		r.add(l)
	})
	if err != nil {
		return err
	}
	var k coverage
	for _, r := range at {
		k.Rows = append(k.Rows, *r)
	}
	slices.SortFunc(k.Rows, func(a, b row) int { return (b.Asked - b.Reached) - (a.Asked - a.Reached) })
	k.Floor = p.Floor
	for _, r := range k.Rows {
		p.All.Asked, p.All.People, p.All.Reached, p.All.Helped = p.All.Asked+r.Asked, p.All.People+r.People, p.All.Reached+r.Reached, p.All.Helped+r.Helped
		p.All.State, p.All.Association, p.All.Both = p.All.State+r.State, p.All.Association+r.Association, p.All.Both+r.Both
	}
	p.All.hide(p.Floor)
	p.None = p.All.None(p.Floor)
	for i := range k.Rows {
		k.Rows[i].hide(p.Floor)
	}
	p.Rows = s.rows(c, k)
	return nil
}

func (r *row) add(l Live) {
	r.Asked, r.People = r.Asked+1, r.People+l.People
	switch l.By {
	case byState:
		r.State++
	case byAssociation:
		r.Association++
	case byBoth:
		r.Both++
	default:
		return
	}
	if r.Reached++; l.Helped {
		r.Helped++
	}
}

// hide takes away what is few, and what would tell it.
func (r *row) hide(floor int) {
	cells := []int{r.State, r.Association, r.Both, r.Asked - r.Reached}
	for i, ok := range release.Part(cells, floor) {
		if !ok {
			cells[i] = 0
		}
	}
	if cells[3] == 0 && r.Asked > r.Reached {
		r.Reached = 0
	}
	r.State, r.Association, r.Both = cells[0], cells[1], cells[2]
	if r.Asked < floor {
		*r = row{Code: r.Code, Kind: r.Kind}
	}
	for _, n := range []*int{&r.Helped, &r.Reached} {
		if *n < floor {
			*n = 0
		}
	}
	r.People = r.People / floor * floor
}
