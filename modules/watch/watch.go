// Package watch lets auditors and the crisis cell read what was done: the
// journal line by line, the path of one case from its beginning, and the proof
// that no line was altered since it was kept.
//
// What always holds: reading changes nothing; what is taken out of the house (a
// file of lines) and what is proved (a verification) is itself a line of the
// journal. Lines hold codes, identifiers and numbers, so they can be shown whole.
package watch

import (
	"embed"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/people"
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

	h      *deed.House
	people *people.Service
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
		Deeds: []deed.Deed{journalRead, journalVerify, journalExport},
		Doors: []module.Door{
			module.Get("/journal", journalRead, s.showJournal),
			module.Post("/journal/file", journalExport, s.file),
			module.Get("/journal/path/{kind}/{id}", journalRead, s.showPath),
			module.Get("/journal/integrity", journalRead, s.showIntegrity),
			module.Post("/journal/integrity", journalVerify, s.verifyPost),
		},
		Gallery: s.gallery(),
	}
}
