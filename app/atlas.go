package app

import (
	"context"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/atlas"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// openAtlas joins the map to those whose things it shows.
func (h *House) openAtlas() {
	h.Atlas = atlas.New(h.Deeds, h.Places, atlas.Ports{Requests: atlasCases{h.Cases}, Field: atlasField{h.Field}, Harm: h.harm, Follow: h.followSubjects})
}

func (h *House) harm(ctx context.Context) (map[string]int, error) {
	if err := h.Damage.Fresh(ctx); err != nil {
		return nil, err
	}
	return h.Damage.Harm(), nil
}

// followSubjects is what the map hears of deeds: what they were done to.
func (h *House) followSubjects(ctx context.Context) (<-chan []string, error) {
	news, err := h.Live.Listen(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan []string)
	go func() {
		defer close(out)
		for all := range news {
			subjects := make([]string, len(all))
			for i, x := range all {
				subjects[i] = x.Subject
			}
			select {
			case out <- subjects:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// atlasCases lets the map ask of cases.
type atlasCases struct{ o *cases.Office }

func spotOf(s cases.Spot) atlas.Request {
	return atlas.Request{ID: s.ID.String(), At: s.At, Placed: s.HasPoint, Level: s.Level, Phase: string(s.Phase), Org: s.Org.String(), Service: s.Service,
		Region: s.Region, Province: s.Province, Commune: s.Commune, Smallest: s.Place}
}

func (x atlasCases) Each(t *db.Tx, each func(atlas.Request)) error {
	return x.o.EachSpot(t, func(s cases.Spot) { each(spotOf(s)) })
}

func (x atlasCases) Some(t *db.Tx, ids []string) (out []atlas.Request, err error) {
	all, err := x.o.SpotsOf(t, ids)
	for _, s := range all {
		out = append(out, spotOf(s))
	}
	return out, err
}

func (x atlasCases) Count(t *db.Tx) (int, error) { return x.o.CountSpots(t) }

func (x atlasCases) Sight(by actor.Actor) atlas.Sight {
	reach, org := cases.Sight(by)
	s := atlas.Sight{All: reach == nil, Org: org.String()}
	for _, p := range reach {
		s.Parts = append(s.Parts, atlas.Part{Territory: p.Territory, Service: p.Service})
	}
	return s
}

func (x atlasCases) Lines(c *web.Ctx, t *db.Tx, ids []string) (out []atlas.Line, err error) {
	var known []cases.CaseID
	for _, text := range ids {
		cid, err := id.Parse[cases.Case](text)
		if err != nil {
			return nil, err
		}
		known = append(known, cid)
	}
	all, err := x.o.SpotLines(c, t, known)
	for _, l := range all {
		out = append(out, atlas.Line{ID: l.ID, Href: l.Href, Receipt: l.Receipt, Level: l.Level, Title: l.Title, Left: l.Left, State: l.State, Late: l.Late})
	}
	return out, err
}

// atlasField lets the map ask of the field.
type atlasField struct{ f *field.Service }

func (x atlasField) Teams(t *db.Tx, org actor.OrganisationID) (out []atlas.Team, err error) {
	all, err := x.f.Abouts(t, org)
	for _, a := range all {
		out = append(out, atlas.Team{ID: a.Team.String(), Names: map[string]string{"ar": a.Names.AR, "fr": a.Names.FR}, Place: a.Place, Away: a.Away})
	}
	return out, err
}

func (x atlasField) Roads(t *db.Tx) (out []atlas.Road, err error) {
	all, err := x.f.RoadsNow(t)
	for _, w := range all {
		out = append(out, atlas.Road{Place: w.Place, State: string(w.State)})
	}
	return out, err
}
