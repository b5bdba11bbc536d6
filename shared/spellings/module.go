// Package spellings learns how people really write the names of places. When
// somebody who works here says "this text meant this village", the words that
// named it are kept with the village, and the next person who writes so is
// understood.
//
// Words: a Spelling is such words for one place; a voice is an account, or a
// file of another house, that confirmed it.
//
// What always holds: a spelling is heeded once enough confirmed it (the country
// pack says how many, and who is enough alone), and never in place of a name
// that the census gives another place; confirmed for two places it is a homonym,
// and a person chooses; it can be taken back and brought back. Nothing is kept
// of a text but the words for the place: see places.Gazetteer.PlaceWords.
package spellings

import (
	"context"
	"embed"
	"strconv"
	"sync"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/places"
)

//go:embed schema/*.sql locale/*.json pages/*.html
var Files embed.FS

// Orgs gives the names of organisations.
type Orgs interface {
	Name(t *db.Tx, org actor.OrganisationID, lang string) (string, error)
}

// Service keeps the spellings of a house.
type Service struct {
	h      *deed.House
	places *places.Gazetteer
	orgs   Orgs

	mu    sync.Mutex
	state string // of the store, when the gazetteer last learnt from it
}

// New joins the spellings to a house and to the places that learn them.
func New(h *deed.House, g *places.Gazetteer, orgs Orgs) *Service {
	return &Service{h: h, places: g, orgs: orgs}
}

// keepers answer for what is found by name.
var keepers = []actor.Role{actor.Dispatcher, actor.CrisisCell, actor.Administrator}

// The deeds of spellings. Learning happens inside the deed by which somebody
// puts a request at a place.
var (
	DeedLearn  = deed.Deed{Name: "spellings.spelling.learn", Roles: []actor.Role{actor.Agent, actor.Dispatcher, actor.CrisisCell, actor.Coordinator, actor.Administrator}}
	DeedSee    = deed.Deed{Name: "spellings.spelling.see", Roles: keepers}
	DeedBack   = deed.Deed{Name: "spellings.spelling.take_back", Roles: keepers}
	DeedBring  = deed.Deed{Name: "spellings.spelling.bring_back", Roles: keepers}
	DeedExport = deed.Deed{Name: "spellings.spelling.export", Roles: keepers}
	DeedImport = deed.Deed{Name: "spellings.spelling.import", Roles: keepers}
)

// Manifest is the module as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "spellings", Files: Files, Say: s.Say, Deeds: []deed.Deed{DeedLearn, DeedSee, DeedBack, DeedBring, DeedExport, DeedImport},
		Doors: []module.Door{
			module.Get("/spellings", DeedSee, s.show),
			module.Post("/spellings/{id}/take-back", DeedBack, s.takeBackPost),
			module.Post("/spellings/{id}/bring-back", DeedBring, s.bringBackPost),
			module.Post("/spellings/file", DeedExport, s.filePost),
			{Method: "POST", Path: "/spellings/import", Deed: DeedImport, Handle: s.importPost, MaxBody: mostFile + 64<<10},
		},
		Gallery: gallery(), Checks: checks(),
	}
}

// refreshEvery is how soon a process finds what another one learnt.
const refreshEvery = 20 * time.Second

// Run keeps the gazetteer of this process up to date until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.h.Log.Error("spellings not read", "problem", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Refresh lets the gazetteer of this process learn what the store holds, when
// that changed.
func (s *Service) Refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []places.Learnt
	now := ""
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) {
		if now, err = state(t); err != nil || now == s.state {
			return err
		}
		all, err = heeded(t, s.places.Country().Learn)
		return err
	})
	if err != nil || now == s.state {
		return err
	}
	s.places.Learn(all)
	s.state = now
	return nil
}

// soon refreshes this process after a deed was kept: whoever confirmed tries it
// at once. Another process has up to refreshEvery.
func (s *Service) soon(t *db.Tx) {
	t.After(func() {
		if err := s.Refresh(context.WithoutCancel(t.Context())); err != nil {
			s.h.Log.Error("spellings not read", "problem", err.Error())
		}
	})
}

func num(n int64) string { return strconv.FormatInt(n, 10) }
