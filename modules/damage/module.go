// Package damage says how bad it is, and where: from maps that others made of
// the shaking and of the ruins, from pictures before and after, and from what
// people tell of a road, a bridge, a house.
//
// Words: a Layer is a map that somebody brought in, with its source and its day;
// it gives each place a level, 0 to 4. A Report is what one person tells of one
// thing; a Claim is the thing that reports agree about. A Word is what somebody
// on the staff says of a claim.
//
// What always holds: no layer counts that a person did not accept, and one that
// is withdrawn can be brought back and says the same again; a level raises who
// waits and lowers nobody; what citizens tell is unverified until two independent
// sources or an authority say so, and says it wherever it stands; a picture is
// public only after a person covered what must not be seen; what the public reads
// is of communes, never of a house or a person.
package damage

import (
	"context"
	"embed"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Cases is what damage asks of whoever keeps requests.
type Cases interface {
	// Heard counts the requests of each place that came since a moment.
	Heard(t *db.Tx, since time.Time) (map[string]int, error)
	// Raise weighs the open requests at these places again, and tells how many
	// became more urgent. None becomes less.
	Raise(ctx context.Context, places []string) (int, error)
}

// Missions is what damage asks of whoever sends people.
type Missions interface {
	// Gone is when somebody last set out to each commune, since a moment.
	Gone(t *db.Tx, since time.Time) (map[string]time.Time, error)
	// Arrived is when somebody last helped in each: all that everybody may read, for
	// who is on the way is nobody's business on the road.
	Arrived(t *db.Tx, since time.Time) (map[string]time.Time, error)
}

// Orgs is what damage asks of whoever keeps organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
	// Official tells whether an organisation is the State's, or a commune.
	Official(t *db.Tx, org actor.OrganisationID) (bool, error)
}

// Ports is what damage asks of the rest of the house.
type Ports struct {
	Rules    Rules
	Cases    Cases
	Missions Missions
	Orgs     Orgs
}

// Service is what damage can do for the rest of the house.
type Service struct {
	h      *deed.House
	vault  *crypt.Vault
	places *places.Gazetteer
	rules  Rules
	cases  Cases
	field  Missions
	orgs   Orgs
	ground ground
}

// New makes the service.
func New(h *deed.House, v *crypt.Vault, g *places.Gazetteer, p Ports) *Service {
	return &Service{h: h, vault: v, places: g, rules: p.Rules, cases: p.Cases, field: p.Missions, orgs: p.Orgs}
}

// Manifest is damage as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "damage", Files: Files, Say: s.Say, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: s.checks(),
		Sealed: []crypt.Column{{Table: "damage_report", Column: "private"}, {Table: "damage_photo", Column: "body"}},
		Hears: []module.Hearing{
			{Word: DeedAccept.Name, Do: s.spread},
			{Word: DeedRestore.Name, Do: s.spread},
		},
		Chores: []module.Chore{
			{Name: "damage.drafts", Every: 24 * time.Hour, Do: s.dropStale},
			{Name: "damage.reports.forget", Every: 24 * time.Hour, Do: s.forgetReports},
		},
	}
}

// spread has the open requests at the places of a layer weighed again, once it
// counts.
func (s *Service) spread(ctx context.Context, r deed.Record) error {
	lid, err := id.Parse[Layer](r.Subject[len("damage.layer/"):])
	if err != nil {
		return err
	}
	var codes []string
	err = s.h.DB.Read(ctx, func(t *db.Tx) error {
		l, err := getLayer(t, lid)
		if err != nil || l.State != Live { // withdrawn in the meantime
			return err
		}
		all, err := seenOf(t, lid)
		for _, x := range all {
			codes = append(codes, x.Place)
		}
		return err
	})
	if err != nil || len(codes) == 0 || s.cases == nil {
		return err
	}
	s.forget()
	if err := s.Fresh(ctx); err != nil {
		return err
	}
	n, err := s.cases.Raise(ctx, codes)
	s.h.Log.Info("requests were weighed again", "layer", lid.String(), "places", len(codes), "raised", n)
	return err
}
