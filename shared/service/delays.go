package service

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// delay is how long something may take, by level, and who set it so.
type delay struct {
	by     [levels + 1]time.Duration
	source string
}

// Delay is how long something may take at a level: first_contact, deliver,
// lease, silence, speaker_first.
func (d *Definition) Delay(name string, level int) (time.Duration, bool) {
	x, ok := d.delays[name]
	if !ok || level < 1 || level > levels {
		return 0, false
	}
	return x.by[level], true
}

// DelaySource is the key of the text that says who set a delay.
func (d *Definition) DelaySource(name string) string { return "source." + d.delays[name].source }

// Due is when the delay that begins with a deed ends: after receive, the first
// contact; after a claim or a contact, the delivery; after a delivery, the
// silence. False where none begins.
func (d *Definition) Due(deed string, level int, at time.Time) (time.Time, bool) {
	name, ok := next[deed]
	if !ok {
		return time.Time{}, false
	}
	by, ok := d.Delay(name, level)
	return at.Add(by), ok
}

var delayNames = []string{"first_contact", "deliver", "lease", "silence", "speaker_first"}

// duration reads "15m", "72h" or "7d".
func duration(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0 && n <= 3660
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0 && d <= 3660*24*time.Hour
}

func (r *reading) duration(v ref) time.Duration {
	d, ok := duration(v.Is)
	if !ok {
		r.find(v.Line, "%q is not a time such as 15m, 72h or 7d", v.Is)
	}
	return d
}

// lasting is a time a delay may last. To be offered first to a speaker may
// last no time at all: somebody in danger waits for no language.
func (r *reading) lasting(name string, v ref) time.Duration {
	if name == "speaker_first" && v.Is == "0m" {
		return 0
	}
	return r.duration(v)
}

// delay reads one delay. Whoever is in more danger never waits longer.
func (r *reading) delay(name string, f fileDelay, sources map[string]words) delay {
	out := delay{source: f.Source.Is}
	if !slices.Contains(delayNames, name) {
		r.find(f.Line, "unknown delay %q: there is %s", name, strings.Join(delayNames, ", "))
	}
	if _, ok := sources[f.Source.Is]; !ok {
		r.find(max(f.Source.Line, f.Line), "the delay %s needs a source that is written under sources", name)
	}
	for i, v := range []ref{f.One, f.Two, f.Three, f.Four} {
		switch {
		case v.Is == "" && f.All.Is == "":
			r.find(f.Line, "the delay %s is not set for level %d", name, i+1)
		case v.Is == "":
			out.by[i+1] = r.lasting(name, f.All)
		case f.All.Is != "":
			r.find(v.Line, "the delay %s is set for all levels and for level %d", name, i+1)
		default:
			out.by[i+1] = r.lasting(name, v)
		}
		if i > 0 && out.by[i+1] > 0 && out.by[i] > out.by[i+1] {
			r.find(max(v.Line, f.Line), "the delay %s is longer for level %d than for level %d, which is less urgent", name, i, i+1)
		}
	}
	return out
}

// neededDelays is the delays a service must set, given the deeds it knows.
func neededDelays(used map[string]bool) []string {
	needs := map[string]bool{"first_contact": true}
	for deed, name := range map[string]string{"deliver": "deliver", "claim": "lease", "close_silent": "silence"} {
		if used[deed] {
			needs[name] = true
		}
	}
	return slices.Sorted(maps.Keys(needs))
}
