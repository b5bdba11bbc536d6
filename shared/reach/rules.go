package reach

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Rules are the measures of a country: when people sleep, how long a silence
// is, how much one number may write. Each stands in the pack with its source.
type Rules struct {
	Quiet struct {
		From, Till Hour
		Source     string
	}
	Silence struct { // an unfinished request is sent as far as it is known
		After  Span
		Forget Span // a conversation begins anew
		Source string
	}
	Flood struct {
		PerMinute int `yaml:"per_minute"` // of one number, at once; more is answered more slowly
		PerHour   int `yaml:"per_hour"`   // more is kept and read by a person
		Source    string
	}
	CallBack struct {
		Within Span
		Source string
	} `yaml:"call_back"`
	Valid struct { // how long a message is of use
		Answer Span
		Notice Span
		Source string
	}
	Voice struct { // what the telephone menu is recorded in
		Languages []VoiceLang
		Source    string
	}
	Equipment struct { // per cent of people who have it, where there is a network for it
		Mobile, Internet float64
		Source           string
	}
	Plan struct {
		VoiceFirst float64 `yaml:"voice_first"` // per cent who cannot read, from which a voice goes before a text
		Unreached  int     // per cent reached under which somebody has to go there
		Source     string
	}
	Campaign struct { // a text of the staff for everybody with an open request in some communes
		Most   int  // people whom one reaches
		Each   Span // in which nobody is written to by two
		Valid  Span // in which a draft can be sent
		Source string
	}
	Equity struct {
		Slower int // per cent above the median of all from which on the alert is raised
		Least  int // cases that make a group
		Source string
	}
}

// VoiceLang is a language that the telephone menu speaks, and the one in whose
// letters its sentences are shown to whoever records them.
type VoiceLang struct{ Code, Written string }

// Hour is a time of the day, "21:00", in minutes after midnight.
type Hour int

func (h *Hour) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.Parse("15:04", n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is no time of day", n.Line, n.Value)
	}
	*h = Hour(t.Hour()*60 + t.Minute())
	return nil
}

// Span is a length of time, "15m".
type Span time.Duration

func (s *Span) UnmarshalYAML(n *yaml.Node) error {
	d, err := time.ParseDuration(n.Value)
	if err != nil || d <= 0 {
		return fmt.Errorf("line %d: %q is no length of time", n.Line, n.Value)
	}
	*s = Span(d)
	return nil
}

// ReadRules reads COUNTRY/reach.yaml of the packs.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	body, err := fs.ReadFile(packs, country+"/reach.yaml")
	if err != nil {
		return r, fmt.Errorf("reach: the pack %s does not say when people sleep: %w", country, err)
	}
	if err = yaml.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("%s/reach.yaml: %w", country, err)
	}
	for what, source := range map[string]string{"quiet": r.Quiet.Source, "silence": r.Silence.Source, "flood": r.Flood.Source,
		"call_back": r.CallBack.Source, "valid": r.Valid.Source, "voice": r.Voice.Source, "equity": r.Equity.Source, "campaign": r.Campaign.Source} {
		if source == "" {
			return r, fmt.Errorf("%s/reach.yaml: %s does not say whose rule it is", country, what)
		}
	}
	if r.Flood.PerMinute < 1 || r.Flood.PerHour < r.Flood.PerMinute || r.Silence.After == 0 || r.Silence.Forget < r.Silence.After ||
		r.CallBack.Within == 0 || r.Valid.Answer == 0 || r.Valid.Notice == 0 || r.Equity.Slower < 1 || r.Equity.Least < 1 || r.Equipment.Mobile <= 0 || r.Equipment.Internet <= 0 || r.Plan.VoiceFirst <= 0 || r.Plan.Unreached <= 0 ||
		r.Campaign.Most < 1 || r.Campaign.Each == 0 || r.Campaign.Valid == 0 {
		return r, fmt.Errorf("%s/reach.yaml: a measure is missing or makes no sense", country)
	}
	for _, l := range r.Voice.Languages {
		if l.Code == "" || l.Written == "" || strings.ContainsFunc(l.Code, func(c rune) bool { return c < 'a' || c > 'z' }) {
			return r, fmt.Errorf("%s/reach.yaml: voice: a language needs its code and the one it is written in", country)
		}
	}
	return r, nil
}

// awake is the first moment from at on in which people are not asleep.
func (r *Rules) awake(at time.Time, zone *time.Location) time.Time {
	from, till := int(r.Quiet.From), int(r.Quiet.Till)
	if from == till {
		return at
	}
	local := at.In(zone)
	now := local.Hour()*60 + local.Minute()
	asleep := now >= from || now < till
	if from < till {
		asleep = now >= from && now < till
	}
	if !asleep {
		return at
	}
	day := local
	if from > till && now >= from {
		day = local.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), till/60, till%60, 0, 0, zone)
}
