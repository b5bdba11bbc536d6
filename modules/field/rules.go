package field

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// TeamRules is what a country pack says of teams: which skill a need asks for,
// how long silence and a told position count, when a place needs a visit. Each
// rule names its source.
type TeamRules struct {
	Needs    []NeedRule
	Silence  Hours
	Position Hours
	Outreach OutreachRule
}

// NeedRule is what one need of a service asks for: any of the skills; none when
// any team will do.
type NeedRule struct {
	Service, Need string
	Skills        []string
	Source        string
}

// Hours is a length of time and whose measure it is.
type Hours struct {
	Hours  int
	Source string
}

// Long is the time itself.
func (h Hours) Long() time.Duration { return time.Duration(h.Hours) * time.Hour }

// OutreachRule says from how many requests or which level of damage a commune
// counts as affected, how many places a round goes to, under how many households
// a number is not shown, and by which points places are put in order.
type OutreachRule struct {
	Affected int
	Level    int
	Stops    int
	Least    int
	Points   struct{ Level, Share int }
	Source   string
}

// ReadTeamRules reads COUNTRY/teams.yaml of the packs, strictly.
func ReadTeamRules(packs fs.FS, country string) (*TeamRules, error) {
	name := country + "/teams.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return nil, fmt.Errorf("field: the pack %s does not say which skill a need asks for: %w", country, err)
	}
	r := &TeamRules{}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if what := r.wrong(); what != "" {
		return nil, fmt.Errorf("%s: %s", name, what)
	}
	return r, nil
}

// wrong is the first thing that makes no sense.
func (r *TeamRules) wrong() string {
	seen := map[string]bool{}
	for _, n := range r.Needs {
		at := n.Service + "." + n.Need
		unknown := slices.ContainsFunc(n.Skills, func(s string) bool { return !slices.Contains(Skills, s) })
		if n.Service == "" || n.Need == "" || n.Source == "" || unknown || seen[at] {
			return fmt.Sprintf("needs: %q needs a service, a need, known skills and a source, and is there once", at)
		}
		seen[at] = true
	}
	for what, h := range map[string]Hours{"silence": r.Silence, "position": r.Position} {
		if h.Hours < 1 || h.Hours > 24*30 || h.Source == "" {
			return what + " makes no sense, or has no source"
		}
	}
	if o := r.Outreach; o.Affected < 1 || o.Level < 1 || o.Level > 4 || o.Points.Level < 0 || o.Points.Share < 0 || o.Points.Level+o.Points.Share == 0 || o.Stops < 1 || o.Stops > maxStops || o.Least < 1 || o.Source == "" {
		return "outreach makes no sense, or has no source"
	}
	return ""
}

// asks is what the needs of a case ask for: a list of skills for each need that
// takes one, any of the list being enough.
func (r *TeamRules) asks(service string, needs []string) (out [][]string) {
	for _, n := range r.Needs {
		if n.Service == service && slices.Contains(needs, n.Need) && len(n.Skills) > 0 {
			out = append(out, n.Skills)
		}
	}
	return out
}

// UseTeamRules says what the country pack knows of teams. Without, no need asks
// for a skill.
func (s *Service) UseTeamRules(r *TeamRules) {
	s.rules = r
	if r.Silence.Hours > 0 {
		s.silence = r.Silence.Long()
	}
}
