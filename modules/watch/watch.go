// Package watch lets auditors and the crisis cell read what was done: the
// journal line by line, the path of one case from its beginning, and the proof
// that no line was altered since it was kept. And it compares how long people
// wait, by the way they asked, the language they speak and the place they live
// in, so that nobody waits longer for being poor or far away without anybody
// seeing it; and says of each service how long help took, what it asked of people
// and what its messages cost. And it shows the ledger: where goods are, and files that
// an accountant adds up again with other tools.
//
// What always holds: reading changes nothing; what is taken out of the house (a
// file of lines) and what is proved (a verification) is itself a line of the
// journal. Lines hold codes, identifiers and numbers, so they can be shown whole.
package watch

import (
	"context"
	"embed"
	"time"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
	"github.com/twiza/twiza/shared/places"
)

//go:embed locale/*.json pages/*.html
var Files embed.FS

// Service reads the journal of one house.
type Service struct {
	// Words lists every deed of the house, to choose from. Set while the house
	// is built; nil offers no choice.
	Words func() []string
	// Restricted tells whether the lines of a subject ("cases.concern/0190…")
	// may be read by auditors only, and never leave the house in a file. Set
	// while the house is built; nil is none.
	Restricted func(subject string) bool
	// Say is how the module whose lines a deed leaves puts their facts into
	// words; nil where it has none. Set while the house is built.
	Say func(word string) module.Say
	// Opens tells whether somebody may open a page of the house, so that nobody
	// is sent to a closed door. Set while the house is built; nil links nothing.
	Opens func(by actor.Actor, path string) bool
	// Places names territories. Set while the house is built; nil shows codes.
	Places *places.Gazetteer

	// Waits hands every request that came since a moment to each, at most as many
	// as said; whole is false when there were more. Set while the house is built;
	// nil is none.
	Waits func(t *db.Tx, since time.Time, most int, each func(Wait)) (whole bool, err error)
	// Equity are the country's measures of the report. Set while the house is built.
	Equity EquityRules

	// Journeys hands every need that was told since a moment to each, as Waits does;
	// Costs is what messages cost since a moment, about each subject and in all. Set
	// while the house is built; nil is none.
	Journeys func(t *db.Tx, since time.Time, most int, each func(Journey)) (whole bool, err error)
	Costs    func(t *db.Tx, since time.Time, about func(subject string, parts, minor int64)) (parts, minor int64, err error)

	// Sound is what the house last found of everything that always holds. Set while
	// the house is built; nil knows of no check.
	Sound func(ctx context.Context) (Sound, error)

	// LotOf tells what an asset of the ledger is, where it is goods. Set while the
	// house is built; nil knows none.
	LotOf func(asset string) (Lot, bool)

	h       *deed.House
	people  *people.Service
	reports reports[equity]
	kpis    reports[kpi]
}

// Sound is what a check of the whole house found.
type Sound struct {
	At    time.Time // zero: there was none yet
	Found int
	Named []string // the first of it, as the log of the house says it
}

// New joins watch to a house, and to the names of its organisations.
func New(h *deed.House, p *people.Service) *Service { return &Service{h: h, people: p} }

var (
	journalRead   = deed.Deed{Name: "watch.journal.read", Roles: []actor.Role{actor.Auditor, actor.CrisisCell}}
	journalVerify = deed.Deed{Name: "watch.journal.verify", Roles: []actor.Role{actor.Auditor, actor.CrisisCell}}
	journalExport = deed.Deed{Name: "watch.journal.export", Roles: []actor.Role{actor.Auditor}}
)

// Manifest is the module as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{
		Name: "watch", Files: Files,
		Deeds: []deed.Deed{journalRead, journalVerify, journalExport, equityRead, equityAlert, kpiRead, booksRead, booksExport, booksClose},
		Doors: []module.Door{
			module.Get("/journal", journalRead, s.showJournal),
			module.Post("/journal/file", journalExport, s.file),
			module.Get("/journal/path/{kind}/{id}", journalRead, s.showPath),
			module.Get("/journal/integrity", journalRead, s.showIntegrity),
			module.Post("/journal/integrity", journalVerify, s.verifyPost),
			module.Get("/equity", equityRead, s.showEquity),
			module.Get("/equity/file", equityRead, s.equityFile),
			{API: true, Method: "GET", Path: "/api/v1/equity", Deed: equityRead, Out: EquityOut{}, Handle: s.apiEquity},
			module.Get("/books", booksRead, s.showBooks),
			module.Get("/books/account", booksRead, s.showStatement),
			module.Post("/books/close", booksClose, s.closeForm),
			module.Post("/books/file", booksExport, s.booksFile),
			module.Get("/kpi", kpiRead, s.showKPI),
			module.Get("/kpi/file", kpiRead, s.kpiFile),
			{API: true, Method: "GET", Path: "/api/v1/kpi", Deed: kpiRead, Out: KPIOut{}, Handle: s.apiKPI},
		},
		Chores:  []module.Chore{{Name: "watch.equity", Every: day, Do: s.RaiseEquity}},
		Gallery: s.gallery(),
	}
}
