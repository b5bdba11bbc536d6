// Package audit is the auditor's room: a sample of what happened, drawn by a seed that
// anybody can draw again, the path of each thing in it from the money to the family's
// number, what the auditor found, and a report that nobody can change later.
//
// Words: a Sample is some of all things of a kind. Its seed decides which, and whoever
// gives the seed (a lottery's number, a word of the day) decides without knowing what
// there is. A Finding is what an auditor says of one of them.
// A Correction is something that the house said in public and that was wrong.
//
// What always holds: a sample is what its seed draws from all there was, and says how many
// that was; each path that is read leaves a line; findings are added and never changed;
// a report's fingerprint stands in the public log (docs/audit.md).
package audit

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog"
)

//go:embed schema/*.sql pages/*.html locale/*.json
var Files embed.FS

// Sample is some of all things of a kind.
type Sample struct {
	ID         SampleID
	Kind       string
	Seed       string
	Wanted     int
	Population int
	Digest     string // of the population
	By         actor.AccountID
	DrawnAt    time.Time
}

// Item is one thing of a sample.
type Item struct {
	N       int
	Subject string // "giving.gift/0190…"
}

// Finding is what an auditor says of an item.
type Finding struct {
	ID      FindingID
	Sample  SampleID
	N       int
	Verdict Verdict
	Words   []byte // sealed; nil is none
	By      actor.AccountID
	At      time.Time
}

// Verdict is what a finding comes to. The set is closed.
type Verdict string

const (
	Fine     Verdict = "fine"
	Question Verdict = "question"
	Wrong    Verdict = "wrong"
)

// Verdicts are all of them, in the order of the form.
var Verdicts = []Verdict{Fine, Question, Wrong}

// Kinds are what samples are drawn of, in the order of the form.
var Kinds = []string{"gift", "payment", "lot", "delivery"}

type (
	SampleID  = id.Of[Sample]
	FindingID = id.Of[Finding]
)

const (
	mostWanted = 500
	mostSeed   = 100
	mostWords  = 1000
)

// Step is a line of a path, in words; Depth is how far in it stands.
type Step struct {
	Depth int
	Words template.HTML
	Href  string // "" leads nowhere
}

// Ports are what audit asks of whoever keeps what it looks at.
type Ports struct {
	// All lists the subjects of a kind, in any order.
	All func(t *db.Tx, kind string) ([]string, error)
	// Path tells a thing from the money to the family's number.
	Path func(c *web.Ctx, t *db.Tx, subject string) ([]Step, error)
}

// Service is the auditor's room of one house.
type Service struct {
	// Public is the log that everybody may check; nil where there is none. Set while
	// the house is built.
	Public *translog.Log

	h     *deed.House
	vault *crypt.Vault
	zone  *time.Location
	p     Ports
}

// New joins the auditor's room to a house.
func New(h *deed.House, v *crypt.Vault, zone *time.Location, p Ports) *Service {
	return &Service{h: h, vault: v, zone: zone, p: p}
}

// list is a population as its file has it: its subjects in order, each followed by a
// line feed.
func list(subjects []string) []byte {
	var out bytes.Buffer
	for _, s := range slices.Sorted(slices.Values(subjects)) {
		out.WriteString(s + "\n")
	}
	return out.Bytes()
}

// Digest is the fingerprint of a population: SHA-256 over its file.
func Digest(list []byte) string { return sumOf(list) }

// Draw takes some of a population by a seed: those whose SHA-256 over the seed, a line
// feed and the subject is smallest, in that order. Whoever has the seed and the
// population draws the same; who has only one of them knows nothing of the sample.
func Draw(seed string, subjects []string, wanted int) []string {
	type lot struct{ hash, subject string }
	all := make([]lot, 0, len(subjects))
	for _, s := range subjects {
		sum := sha256.Sum256([]byte(seed + "\n" + s))
		all = append(all, lot{string(sum[:]), s})
	}
	slices.SortFunc(all, func(a, b lot) int { return strings.Compare(a.hash, b.hash) })
	out := []string{}
	for _, l := range all[:min(wanted, len(all))] {
		out = append(out, l.subject)
	}
	return out
}

// Manifest is audit as the house sees it.
func (s *Service) Manifest() module.Manifest {
	return module.Manifest{Name: "audit", Files: Files, Deeds: Deeds, Doors: s.doors(), Gallery: gallery(), Checks: []module.Check{
		{Name: "audit: each sample is what its seed drew", Find: misdrawn},
		{Name: "audit: corrections say what was published", Find: s.reworded},
	}, Say: s.say, Sealed: []crypt.Column{{Table: "audit_finding", Column: "words"}}}
}
