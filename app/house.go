package app

import (
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/atlas"
	"github.com/twiza/twiza/modules/audit"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/modules/damage"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/giving"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/modules/intake"
	"github.com/twiza/twiza/modules/picture"
	"github.com/twiza/twiza/modules/room"
	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/modules/stock"
	"github.com/twiza/twiza/modules/talk"
	"github.com/twiza/twiza/modules/watch"
	"github.com/twiza/twiza/modules/works"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/jobs"
	"github.com/twiza/twiza/platform/ship"
	"github.com/twiza/twiza/platform/spool"
	"github.com/twiza/twiza/platform/telemetry"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/ledger"
	"github.com/twiza/twiza/shared/live"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/release"
	"github.com/twiza/twiza/shared/sense"
	"github.com/twiza/twiza/shared/service"
	"github.com/twiza/twiza/shared/spellings"
	"github.com/twiza/twiza/shared/translog"
)

// House is every module, joined.
type House struct {
	Config  Config
	DB      *db.DB
	Vault   *crypt.Vault
	Places  *places.Gazetteer
	Service *service.Set
	Sectors *cases.Sectors
	Deeds   *deed.House
	Jobs    *jobs.Queue
	Live    *live.Hub
	People  *people.Service
	Cases   *cases.Office
	Field   *field.Service
	Damage  *damage.Service
	Atlas   *atlas.Service
	Works   *works.Service
	Giving  *giving.Service
	Stock   *stock.Service
	Audit   *audit.Service
	Talk    *talk.Service
	Hands   *hands.Service
	Round   *round.Service
	Room    *room.Service
	Press   *release.Press // every count that the public reads
	Picture *picture.Service
	Watch   *watch.Service
	Reach   *reach.Service
	Intake  *intake.Service
	Spool   *spool.Spool   // nil for a command that serves nobody
	wrote   []byte         // what was known last (known.go)
	opened  time.Time      // when it was
	porch   *cases.Porch   // takes requests while the house is being opened; nil for one that opened at once
	ships   *ship.Shipper  // nil where no copies leave
	Words   *sense.Lexicon // nil where the country has none
	Spelled *spellings.Service
	Proof   *translog.Log // the public one
	Modules []module.Manifest
	Site    *web.Site
	Log     *slog.Logger
	Meter   *telemetry.Meter
	clock   clock.Clock
	phones  *phones // invented ones, in a demonstration
	Note    string  // something an operator must read at the start
}

// Open builds the house: keys, store, tables, packs, modules. Everything that
// can fail does so here, before a door opens. A house that serves people opens its
// doors first: see start.go.
func Open(ctx context.Context, c Config, now clock.Clock, log *slog.Logger) (h *House, err error) {
	h = &House{Config: c, Log: log, Meter: telemetry.NewMeter(), clock: now, opened: now.Now()}
	begun := h // what fails below returns none
	defer func() {
		if err != nil && begun.DB != nil {
			begun.DB.Close()
		}
	}()
	go alikeOf(c.Country) // read beside all that follows, which waits for it where it needs it
	go senseOf(c.Country)
	ring, err := h.ring()
	if err != nil {
		return nil, err
	}
	dsn, err := c.dsn()
	if err != nil {
		return nil, err
	}
	open := db.Open
	if c.beside {
		open = db.OpenBeside
	}
	if h.DB, err = open(dsn, now); err != nil {
		return nil, err
	}
	if h.Vault, err = crypt.OpenVault(ctx, h.DB, ring); err != nil {
		return nil, err
	}
	h.jobs()
	if err = h.packs(); err != nil {
		return nil, err
	}
	if c.Spool != "" {
		h.Spool = spool.Open(c.Spool, spoolMost, h.Vault, now, log)
	}
	if err = h.join(); err != nil {
		return nil, err
	}
	if err = h.settle(ctx); err != nil {
		return nil, err
	}
	if h.Spool != nil {
		if err = h.Spool.Begin(); err != nil {
			return nil, err
		}
		h.Spool.Recall()
	}
	if err = h.site(); err != nil {
		return nil, err
	}
	h.spoken()
	return h, nil
}

// jobs is what is done in the store and told of it.
func (h *House) jobs() {
	host, _ := os.Hostname()
	h.Jobs = jobs.New(h.DB, h.Log, fmt.Sprintf("%s/%d/%s", host, os.Getpid(), id.New[House](h.clock.Now())))
	h.Deeds = deed.NewHouse(h.DB, h.Jobs, h.Log, h.Meter)
}

// spoken is what is done once the words are there.
func (h *House) spoken() {
	h.gauges()
	h.Deeds.Words(h.Site.Changed)
}

// ring finds the master key: in a variable, or in a file that is never in the
// data folder. On the first start one is made, and said loudly.
func (h *House) ring() (*crypt.Ring, error) {
	if h.Config.KeyText != "" {
		return crypt.FromEnv(h.Config.KeyText)
	}
	r, created, err := crypt.OpenRing(h.Config.Key, h.Config.Data)
	if created {
		h.Note = "A new master key was made in " + h.Config.Key + ".\nWithout it nobody can read what people entrusted to this house. It is not in any backup: copy it now to a place of its own."
	}
	return r, err
}

func (h *House) packs() (err error) {
	g, err := placesOf(h.Config.Country)
	if err != nil {
		return err
	}
	h.Places = g.Apart()
	if err = h.Places.Missing(); err != nil {
		return err
	}
	if err = h.outlines(); err != nil {
		return err
	}
	if h.Service, err = service.Load(packs.FS, "."); err != nil {
		return err
	}
	h.Sectors, err = cases.LoadSectors(packs.FS)
	return err
}

// join builds the modules over each other. Nothing is asked of the store.
func (h *House) join() error {
	h.Live = live.New(h.Deeds)
	h.People = people.New(h.Deeds, h.Vault, h.Places)
	h.Cases = cases.New(h.Deeds, h.Vault, h.Places, h.Service, orgs{h.People})
	h.Cases.UseTasks(h.Sectors, orgs{h.People})
	h.Field = field.New(h.Deeds, h.Vault, h.Places, goods{h.Service}, orgs{h.People})
	h.Field.UseCases(fieldCases{h.Cases})
	h.Field.UseGaps(fieldGaps{h.Cases})
	if err := h.openDamage(); err != nil {
		return err
	}
	h.openAtlas()
	means, err := field.ReadMeans(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Field.UseMeans(means)
	teams, err := field.ReadTeamRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Field.UseTeamRules(teams)
	h.Field.UseContacts(fieldContacts{h.Cases, h.Damage})
	h.Cases.UseTeams(caseTeams{h.Field})
	h.Cases.UseFree(h.Field.FreeTeams)
	h.Cases.UseLive(h.Live)
	alike, err := alikeOf(h.Config.Country)
	if err != nil {
		return err
	}
	h.Cases.UseLinkage(alike)
	h.Spelled = spellings.New(h.Deeds, h.Places, orgs{h.People})
	h.Cases.UseSpellings(h.Spelled)
	h.Cases.UseForget(h.writeErasure)
	h.Cases.UseRecordings(h.recordings)
	sheets, err := cases.ReadPaperRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Cases.UsePaper(sheets)
	h.Cases.UseLastOwners(lastOwners{h.People, h.Places.Owners()})
	h.Hands = hands.New(h.Deeds, h.Vault, h.Places, orgs{h.People})
	if err := h.openOffers(); err != nil {
		return err
	}
	h.Round = round.New(h.Deeds, h.Vault, h.Places)
	if err := h.openRound(); err != nil {
		return err
	}
	h.Watch = watch.New(h.Deeds, h.People)
	h.Watch.Words, h.Watch.Say, h.Watch.Opens, h.Watch.Places = h.deedWords, h.say, h.opens, h.Places
	h.Watch.Restricted = func(subject string) bool { return strings.HasPrefix(subject, cases.ConcernSubject) }
	if err := h.openReach(); err != nil {
		return err
	}
	if err := h.openPress(); err != nil {
		return err
	}
	h.openPicture()
	if err := h.openCrew(); err != nil {
		return err
	}
	if err := h.openWorks(); err != nil {
		return err
	}
	if err := h.openGiving(); err != nil {
		return err
	}
	h.openStock()
	h.openAudit()
	if err := h.openTalk(); err != nil {
		return err
	}
	if err := h.openIntake(alike); err != nil {
		return err
	}
	h.Watch.LotOf = func(asset string) (l watch.Lot, ok bool) {
		l.Org, l.Good, l.Key, ok = h.Field.LotOf(asset)
		return l, ok
	}
	h.Watch.Journeys, h.Watch.Costs = journeys(h.Cases), h.Reach.Costs
	h.Watch.Waits, h.Watch.Equity = waits(h.Cases), watch.EquityRules{Slower: h.Reach.Rules.Equity.Slower, Least: h.Reach.Rules.Equity.Least}
	if err := h.openRoom(); err != nil {
		return err
	}
	if err := h.openLog(); err != nil {
		return err
	}
	h.Modules = []module.Manifest{h.People.Manifest(), h.Cases.Manifest(), h.Field.Manifest(), ledger.Manifest(), h.Giving.Manifest(), h.Stock.Manifest(), h.Audit.Manifest(), h.Damage.Manifest(), h.Atlas.Manifest(), h.Works.Manifest(), h.Talk.Manifest(), h.Hands.Manifest(), h.Round.Manifest(), h.Intake.Manifest(), h.Room.Manifest(), h.Watch.Manifest(), h.Spelled.Manifest(), h.Proof.Manifest(), h.Press.Manifest(), h.Picture.Manifest(), h.Reach.Manifest(cases.MoveWords(), append(cases.EraseWords(), hands.ForgetWords()...))}
	h.openSpool()
	for _, m := range h.Modules {
		for _, x := range m.Hears {
			h.Deeds.Hear(x.Word, m.Name, x.Do, x.When)
		}
		for _, x := range m.Chores {
			h.Jobs.Chore(jobs.Chore{Name: x.Name, Every: x.Every, Do: x.Do})
		}
	}
	h.Jobs.Chore(jobs.Chore{Name: "crypt.reseal", Every: time.Hour, Do: h.reseal})
	h.Jobs.Chore(jobs.Chore{Name: "deed.seal", Every: 5 * time.Second, Do: h.Deeds.Seal})
	h.openSound()
	h.Cases.ForceEmergency(h.Config.Emergency, filepath.Join(h.Config.Data, "emergency"))
	return nil
}

// settle brings the tables up to date, and puts into them what every house has.
func (h *House) settle(ctx context.Context) error {
	if err := h.migrate(ctx); err != nil {
		return err
	}
	if err := h.carryFiles(ctx); err != nil {
		return err
	}
	if err := h.People.KeepOwners(ctx); err != nil {
		return err
	}
	if err := h.Cases.KeepServices(ctx); err != nil {
		return err
	}
	if h.Spool == nil {
		return nil
	}
	_, err := h.Cases.Crises(ctx) // known from the start, should the store go away at once
	return err
}

// sealedColumns is every column of every module that holds sealed values.
func (h *House) sealedColumns() (all []crypt.Column) {
	for _, m := range h.Modules {
		all = append(all, m.Sealed...)
	}
	return all
}

// resealBatch is how many values of a column are sealed anew at a turn.
const resealBatch = 500

// reseal seals anew what an older data key sealed, a little at a time, so that
// a key that leaked opens nothing for long.
func (h *House) reseal(ctx context.Context) error {
	n, err := h.Vault.Reseal(ctx, h.sealedColumns(), resealBatch)
	if n > 0 {
		h.Log.Info("sealed anew", "values", n)
	}
	return err
}

// deedWords are the words of every deed of the house.
func (h *House) deedWords() (out []string) {
	for _, m := range h.Modules {
		for _, d := range m.Deeds {
			out = append(out, d.Name)
		}
	}
	slices.Sort(out)
	return out
}

func (h *House) migrate(ctx context.Context) error {
	if err := h.DB.Migrate(ctx, "jobs", jobs.Files); err != nil {
		return err
	}
	if err := h.DB.Migrate(ctx, "deed", deed.Files); err != nil {
		return err
	}
	if err := h.DB.Migrate(ctx, "web", web.Files); err != nil {
		return err
	}
	for _, m := range h.Modules {
		if err := h.DB.Migrate(ctx, m.Name, m.Files); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) site() error {
	cat, err := h.words()
	if err != nil {
		return err
	}
	h.Site = &web.Site{Cat: cat, Zone: h.Places.Country().Zone(), Now: h.clock.Now, Log: h.Log, Meter: h.Meter, Proxied: h.Config.Proxied,
		National: h.Places.Country().Phone.Prefix,
		Langs:    i18n.Langs(), Enter: h.enter, Frame: h.frame, Limit: &web.Limiter{Now: h.clock.Now}, Gate: h.gate, Shed: web.NewShed(), Call: h.call(), Templates: h.templates, Reload: h.Config.Dev}
	h.figuresOfTrouble()
	if h.DB.Engine() == "postgres" { // others may serve the same house
		h.Site.Limit.Join(h.DB, func(name string) []byte { return h.Vault.Index("limit", name) },
			func(err error) { h.Log.Error("tries are not counted together", "problem", err.Error()) })
	}
	h.Reach.Cat, h.Reach.Zone = cat, h.Site.Zone
	h.People.Home = homeOf
	h.People.Services = h.serviceOptions
	return nil
}

func (h *House) templates(funcs template.FuncMap) (*template.Template, error) {
	files := []fs.FS{h.source("platform/web", web.Pages), h.source("app", Files)}
	for _, m := range h.Modules {
		files = append(files, h.source("modules/"+m.Name, h.source("shared/"+m.Name, m.Files)))
	}
	return ui.Parse(funcs, files...)
}

// Handler is every door of the house.
func (h *House) Handler() http.Handler {
	var routes []web.Route
	for _, d := range h.allDoors() {
		d.Class = classOf(d)
		routes = append(routes, d.Route())
	}
	mux := h.Site.Mux(routes)
	if h.Config.Dev {
		return h.reloading(mux)
	}
	return mux
}

// allDoors is every door: those of the modules, then the house's own.
func (h *House) allDoors() (all []module.Door) {
	for _, m := range h.Modules {
		all = append(all, m.Doors...)
	}
	return append(all, h.doors()...)
}

// Close lets go of everything.
func (h *House) Close() error {
	if h.Spool != nil {
		if err := h.Spool.Close(); err != nil {
			h.Log.Error("spool", "problem", err.Error())
		}
	}
	return h.DB.Close()
}

// System is the house itself doing something by a command.
func System(name string) actor.Actor { return actor.Actor{System: name, Channel: "cli"} }
