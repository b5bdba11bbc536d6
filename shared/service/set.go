package service

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Set is every service and every kind of crisis that packs hold.
type Set struct {
	services []*Definition
	crises   []*Crisis
}

// All is every service, by digit and then by code.
func (s *Set) All() []*Definition { return slices.Clone(s.services) }

// Get is the service of that code.
func (s *Set) Get(code string) (*Definition, bool) {
	for _, d := range s.services {
		if d.Code == code {
			return d, true
		}
	}
	return nil, false
}

// Crises is every kind of crisis, by code.
func (s *Set) Crises() []*Crisis { return slices.Clone(s.crises) }

// Crisis is the kind of crisis of that code.
func (s *Set) Crisis(code string) (*Crisis, bool) {
	for _, c := range s.crises {
		if c.Code == code {
			return c, true
		}
	}
	return nil, false
}

// Findings is every mistake of some files, told at once.
type Findings []Finding

func (f Findings) Error() string {
	const shown = 40
	var b strings.Builder
	for i, x := range f {
		if i == shown {
			fmt.Fprintf(&b, "\nand %d more", len(f)-shown)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.String())
	}
	return b.String()
}

func (f Findings) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Load reads every service and crisis under a folder of packs. Any mistake is
// an error, with all of them: Findings.
func Load(fsys fs.FS, dir string) (*Set, error) {
	r, err := CheckFS(fsys, dir)
	if err != nil {
		return nil, err
	}
	if err := Findings(r.Findings).orNil(); err != nil {
		return nil, err
	}
	return r.set, nil
}

// Report is what a check found.
type Report struct {
	Findings []Finding
	Coverage []Coverage // of each file in each language
	Services int
	Crises   int
	set      *Set
}

// Check lints the packs in a folder of the disk: "twiza pack check DIR".
func Check(dir string) []Finding {
	r, err := CheckFS(os.DirFS(dir), ".")
	if err != nil {
		return []Finding{{File: dir, Line: 1, Text: err.Error()}}
	}
	return r.Findings
}

// CheckFS lints the packs under a folder. A file is a service or a crisis when
// it says so (kind: service, kind: crisis) or lies in a folder of that name;
// other files are passed over.
func CheckFS(fsys fs.FS, dir string) (Report, error) {
	out := Report{set: &Set{}}
	numbers := map[string]bool{}
	err := fs.WalkDir(fsys, dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if path.Base(name) == "country.yaml" {
			serves(body, numbers)
			return nil
		}
		return out.read(name, body)
	})
	if err != nil {
		return out, fmt.Errorf("service: reading packs: %w", err)
	}
	out.across(numbers)
	slices.SortStableFunc(out.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out, nil
}

func (out *Report) read(name string, body []byte) error {
	r := &reading{file: name}
	switch kindOf(name, body) {
	case "service":
		d, err := r.service(body)
		if err != nil {
			return err
		}
		out.Services++
		out.set.services = append(out.set.services, d)
		out.Coverage = append(out.Coverage, coverage(name, d.texts, d.drafts)...)
	case "crisis":
		c, err := r.crisis(body)
		if err != nil {
			return err
		}
		out.Crises++
		out.set.crises = append(out.set.crises, c)
		out.Coverage = append(out.Coverage, coverage(name, c.texts, c.drafts)...)
	case "?":
		r.find(1, "kind: service or kind: crisis is missing")
	}
	out.Findings = append(out.Findings, r.found...)
	return nil
}

// kindOf is what a file is: by its own word, and failing that "?" in a folder
// where there is nothing else.
func kindOf(name string, body []byte) string {
	for line := range bytes.Lines(body) {
		if after, ok := bytes.CutPrefix(line, []byte("kind:")); ok {
			word, _, _ := strings.Cut(string(after), "#")
			if word = strings.Trim(strings.TrimSpace(word), `"'`); word == "service" || word == "crisis" {
				return word
			}
		}
	}
	if folder := path.Base(path.Dir(name)); folder == "services" || folder == "crises" {
		return "?"
	}
	return ""
}

// serves notes what the emergency numbers of a country serve.
func serves(body []byte, into map[string]bool) {
	var country struct {
		Emergency []struct {
			Serves []string `yaml:"serves"`
		} `yaml:"emergency"`
	}
	if yaml.Unmarshal(body, &country) != nil {
		return // whoever reads countries tells
	}
	for _, e := range country.Emergency {
		for _, s := range e.Serves {
			into[s] = true
		}
	}
}

// across tells what only all files together can: codes and digits that two
// have, services and numbers that a crisis names and nobody has.
func (out *Report) across(numbers map[string]bool) {
	set := out.set
	slices.SortStableFunc(set.services, func(a, b *Definition) int {
		x, y := a.Digit, b.Digit
		if x == 0 {
			x = 10
		}
		if y == 0 {
			y = 10
		}
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a.Code, b.Code))
	})
	slices.SortStableFunc(set.crises, func(a, b *Crisis) int { return strings.Compare(a.Code, b.Code) })
	codes, digits := map[string]string{}, map[int]string{}
	for _, d := range set.services {
		if was, twice := codes[d.Code]; twice {
			out.find(d.file, d.lines["code"], "the code %q is that of %s too", d.Code, was)
		}
		codes[d.Code] = d.file
		if d.Digit == 0 {
			continue
		}
		if was, twice := digits[d.Digit]; twice {
			out.find(d.file, d.lines["digit"], "the digit %d is that of %s too", d.Digit, was)
		}
		digits[d.Digit] = d.file
	}
	crises := map[string]string{}
	for _, c := range set.crises {
		if was, twice := crises[c.Code]; twice {
			out.find(c.file, c.lines["code"], "the code %q is that of %s too", c.Code, was)
		}
		crises[c.Code] = c.file
		for _, s := range append(slices.Clone(c.Services), slices.Sorted(maps.Keys(c.overrides))...) {
			if codes[s] == "" {
				out.find(c.file, c.lines["service "+s], "there is no service %q", s)
			}
		}
		for _, n := range c.Numbers {
			if len(numbers) > 0 && !numbers[n] {
				out.find(c.file, c.lines["number "+n], "no emergency number of a country serves %q", n)
			}
		}
	}
}

func (out *Report) find(file string, line int, format string, args ...any) {
	out.Findings = append(out.Findings, Finding{File: file, Line: max(line, 1), Text: fmt.Sprintf(format, args...)})
}
