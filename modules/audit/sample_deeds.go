package audit

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog"
	"github.com/twiza/twiza/shared/translog/verify"
)

var auditors = []actor.Role{actor.Auditor}

// The deeds of the auditor's room. Reading a path leaves a line: it ends at a family.
var (
	DeedSee  = deed.Deed{Name: "audit.sample.see", Roles: auditors}
	DeedDraw = deed.Deed{Name: "audit.sample.draw", Roles: auditors}
	DeedPath = deed.Deed{Name: "audit.item.read", Roles: auditors}
	DeedMark = deed.Deed{Name: "audit.finding.mark", Roles: auditors}
	DeedSeal = deed.Deed{Name: "audit.report.seal", Roles: auditors}
)

// Deeds is everything that can be done here.
var Deeds = []deed.Deed{DeedSee, DeedDraw, DeedPath, DeedMark, DeedSeal, DeedCorrections, DeedCorrect}

func subjectOf(sid SampleID) string   { return "audit.sample/" + sid.String() }
func wordsAt(fid FindingID) string    { return crypt.At("audit_finding.words", fid.String()) }
func allow(t *deed.Tx) error          { return t.Allow(actor.Scope{}) }
func on(field, key string) error      { return fault.All{fault.New(fault.Invalid, key).On(field)} }
func long(text string, most int) bool { return utf8.RuneCountInString(text) > most }

// drawn is the journal line of a sample.
type drawn struct {
	Kind       string `json:"kind"`
	Seed       string `json:"seed"`
	Wanted     int    `json:"wanted"`
	Population int    `json:"population"`
	Digest     string `json:"digest"`
}

// DrawSample draws a sample of all things of a kind. The same identifier again is
// welcome and draws nothing.
func (s *Service) DrawSample(ctx context.Context, by actor.Actor, x Sample) error {
	x.Seed = strings.TrimSpace(x.Seed)
	var all fault.All
	if !slices.Contains(Kinds, x.Kind) {
		all = append(all, fault.New(fault.Invalid, "audit.sample.kind_missing").On("kind"))
	}
	if x.Seed == "" || long(x.Seed, mostSeed) {
		all = append(all, fault.New(fault.Invalid, "audit.sample.seed_missing").On("seed"))
	}
	if x.Wanted < 1 || x.Wanted > mostWanted {
		all = append(all, fault.New(fault.Invalid, "audit.sample.wanted_wrong", "most", mostWanted).On("wanted"))
	}
	if err := all.OrNil(); err != nil {
		return err
	}
	var population []string
	err := s.h.Look(ctx, by, DeedDraw, func(t *deed.Tx) (err error) { // nobody who writes waits for it
		if err := allow(t); err != nil {
			return err
		}
		population, err = s.p.All(t.Tx, x.Kind)
		return err
	})
	if err != nil {
		return err
	}
	if len(population) == 0 {
		return on("kind", "audit.sample.nothing")
	}
	file, drew := list(population), Draw(x.Seed, population, x.Wanted)
	x.Population, x.Digest = len(population), Digest(file)
	err = s.h.Do(ctx, by, DeedDraw, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		x.By, x.DrawnAt = by.Account, t.Now()
		fresh, err := insertSample(t.Tx, x, file, drew)
		if err != nil {
			return err
		}
		if !fresh {
			return deed.ErrNothingDone
		}
		return t.Tell(subjectOf(x.ID), drawn{x.Kind, x.Seed, x.Wanted, x.Population, x.Digest})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// found is the journal line of a finding: not its words.
type found struct {
	N       int     `json:"n"`
	Subject string  `json:"subject"`
	Verdict Verdict `json:"verdict"`
}

// Mark writes down what an auditor found of an item. The same finding again is welcome.
func (s *Service) Mark(ctx context.Context, by actor.Actor, f Finding, words string) error {
	words = strings.TrimSpace(words)
	switch {
	case !slices.Contains(Verdicts, f.Verdict):
		return on("verdict", "audit.finding.verdict_missing")
	case f.Verdict != Fine && words == "":
		return on("words", "audit.finding.words_missing")
	case long(words, mostWords):
		return on("words", "audit.finding.words_long")
	}
	err := s.h.Do(ctx, by, DeedMark, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		i, err := itemAt(t.Tx, f.Sample, f.N)
		if err != nil {
			return err
		}
		if words != "" {
			f.Words = s.vault.SealText(wordsAt(f.ID), words)
		}
		f.By, f.At = by.Account, t.Now()
		fresh, err := insertFinding(t.Tx, f)
		if err != nil {
			return err
		}
		if !fresh {
			return deed.ErrNothingDone
		}
		return t.Tell(subjectOf(f.Sample), found{i.N, i.Subject, f.Verdict})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

// The report of a sample, as its file has it.
type (
	report struct {
		Digest     string       `json:"digest"`
		DrawnAt    string       `json:"drawn_at"`
		Items      []reportItem `json:"items"`
		Kind       string       `json:"kind"`
		Population int          `json:"population"`
		Sample     string       `json:"sample"`
		Seed       string       `json:"seed"`
		Wanted     int          `json:"wanted"`
	}
	reportItem struct {
		Findings []reportFinding `json:"findings"`
		N        int             `json:"n"`
		Subject  string          `json:"subject"`
	}
	reportFinding struct {
		At      string  `json:"at"`
		By      string  `json:"by"`
		Verdict Verdict `json:"verdict"`
		Words   string  `json:"words"`
	}
)

// sealed is the journal line of a report.
type sealed struct {
	Sum   string `json:"sum"`
	Items int    `json:"items"`
	Wrong int    `json:"wrong"`
}

// Seal writes the report of a sample: canonical JSON, whose SHA-256 goes into the journal
// and into the public log, so that nobody, this house included, hands out another one
// later. Sealed again after another finding it is another report.
func (s *Service) Seal(ctx context.Context, by actor.Actor, sid SampleID) (body []byte, sum string, err error) {
	err = s.h.Do(ctx, by, DeedSeal, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		r, wrong, err := s.report(t, sid)
		if err != nil {
			return err
		}
		if body, err = verify.Canonical(r); err != nil {
			return err
		}
		sum = sumOf(body)
		if s.Public != nil {
			fields := map[string]string{"kind": r.Kind, "count": strconv.Itoa(len(r.Items)), "sum": sum}
			if _, err := s.Public.Append(t, translog.Leaf{Subject: subjectOf(sid), Fields: fields, Body: map[string]string{"sample": sid.String(), "seed": r.Seed}}); err != nil {
				return err
			}
		}
		return t.Tell(subjectOf(sid), sealed{sum, len(r.Items), wrong})
	})
	return body, sum, err
}

func (s *Service) report(t *deed.Tx, sid SampleID) (r report, wrong int, err error) {
	x, err := sampleByID(t.Tx, sid)
	if err != nil {
		return r, 0, err
	}
	items, err := itemsOf(t.Tx, sid)
	if err != nil {
		return r, 0, err
	}
	said, err := findingsOf(t.Tx, sid)
	if err != nil {
		return r, 0, err
	}
	r = report{Digest: x.Digest, DrawnAt: x.DrawnAt.UTC().Format(time.RFC3339), Items: []reportItem{}, Kind: x.Kind, Population: x.Population, Sample: sid.String(), Seed: x.Seed, Wanted: x.Wanted}
	for _, i := range items {
		out := reportItem{Findings: []reportFinding{}, N: i.N, Subject: i.Subject}
		for _, f := range said {
			if f.N != i.N {
				continue
			}
			words := ""
			if f.Words != nil {
				if words, err = s.vault.OpenText(wordsAt(f.ID), f.Words); err != nil {
					return r, 0, err
				}
			}
			out.Findings = append(out.Findings, reportFinding{f.At.UTC().Format(time.RFC3339), f.By.String(), f.Verdict, words})
		}
		if n := len(out.Findings); n > 0 && out.Findings[n-1].Verdict == Wrong {
			wrong++
		}
		r.Items = append(r.Items, out)
	}
	return r, wrong, nil
}
