package service

import (
	"maps"
	"slices"
	"strings"

	"github.com/twiza/twiza/shared/actor"
)

// leads is the phase that each deed must end in, for the engine relies on it:
// whoever claims owns, whoever departs moves. A contact changes no phase.
var leads = map[string]Phase{
	"receive": Open, "release": Open, "expire": Open, "reopen": Open, "unmerge": Open, "confirm_no": Open, "confirm_partly": Open,
	"claim": Owned, "assign": Owned, "depart": Moving, "deliver": Waiting,
	"confirm_yes": Final, "close_silent": Final, "refuse": Final, "redirect": Final, "merge": Final,
}

// states reads the states, the moves between them and who may make them.
func (b *builder) states() {
	for _, s := range b.f.States {
		switch _, twice := b.d.State(s.Code); {
		case !code(s.Code):
			b.find(s.Line, "a state needs a code in small letters, digits and _")
			continue
		case twice:
			b.find(s.Line, "two states are called %q", s.Code)
			continue
		case !slices.Contains(phases, Phase(s.Phase.Is)):
			b.find(max(s.Phase.Line, s.Line), "the phase of %s is none of open, owned, moving, waiting, final", s.Code)
		case s.Icon.Is == "":
			b.find(s.Line, "the state %s has no icon", s.Code)
		}
		b.d.States = append(b.d.States, State{Code: s.Code, Icon: s.Icon.Is, SMS: s.SMS, Phase: Phase(s.Phase.Is)})
		b.w.add("state."+s.Code, s.Texts, s.Line, messageArgs...)
		b.w.add("state_staff."+s.Code, s.Staff, s.Line)
	}
	for _, m := range b.f.Moves {
		b.move(m)
	}
	if b.d.start == "" {
		b.find(b.at("moves"), "no move says where a request is received: {deed: receive, to: …}")
		return
	}
	b.ways()
	b.doers()
}

func (b *builder) move(m fileMove) {
	to, known := b.d.State(m.To.Is)
	switch {
	case !slices.Contains(deeds, m.Deed.Is):
		b.find(max(m.Deed.Line, m.Line), "unknown deed %q", m.Deed.Is)
		return
	case !known:
		b.find(max(m.To.Line, m.Line), "%s leads to the unknown state %q", m.Deed.Is, m.To.Is)
		return
	case leads[m.Deed.Is] != "" && leads[m.Deed.Is] != to.Phase:
		b.find(m.Line, "%s must lead to a state whose phase is %s, and %s is %s", m.Deed.Is, leads[m.Deed.Is], to.Code, to.Phase)
	}
	if m.Deed.Is == "receive" {
		if len(m.From) > 0 || b.d.start != "" {
			b.find(m.Line, "a request is received once, from no state")
		}
		m.From, b.d.start = []ref{{"", m.Line}}, to.Code
	} else if len(m.From) == 0 {
		b.find(m.Line, "%s comes from no state", m.Deed.Is)
	}
	for _, from := range m.From {
		state, known := b.d.State(from.Is)
		at := step{from.Is, m.Deed.Is}
		_, twice := b.d.moves[at]
		switch {
		case !known && from.Is != "":
			b.find(from.Line, "%s comes from the unknown state %q", m.Deed.Is, from.Is)
			continue
		case twice:
			b.find(from.Line, "%s leads from %q to two states", m.Deed.Is, from.Is)
			continue
		case m.Deed.Is == "contact" && known && state.Phase != to.Phase:
			b.find(from.Line, "contact changes no phase, and %s is %s while %s is %s", from.Is, state.Phase, to.Code, to.Phase)
		}
		b.d.moves[at] = to.Code
		b.d.order = append(b.d.order, Move{m.Deed.Is, from.Is, to.Code})
	}
}

// reach is every state that can be come to from one, without some deeds.
func (d *Definition) reach(from string, without ...string) map[string]bool {
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, m := range d.order {
			if m.From == queue[0] && !seen[m.To] && !slices.Contains(without, m.Deed) {
				seen[m.To] = true
				queue = append(queue, m.To)
			}
		}
	}
	return seen
}

// ways tells states that nothing leads to, states that lead nowhere, and help
// for somebody in danger that waits for a verification (requirement M23).
func (b *builder) ways() {
	line := map[string]int{}
	for _, s := range b.f.States {
		line[s.Code] = s.Line
	}
	all := b.d.reach(b.d.start)
	for _, s := range b.d.States {
		if !all[s.Code] {
			b.find(line[s.Code], "no move leads to the state %s", s.Code)
			continue
		}
		ends := s.Phase == Final
		for to := range b.d.reach(s.Code) {
			end, _ := b.d.State(to)
			ends = ends || end.Phase == Final
		}
		if !ends {
			b.find(line[s.Code], "the state %s has no way out to an end", s.Code)
		}
	}
	if !b.saves() {
		return
	}
	unverified := b.d.reach(b.d.start, "contact")
	for _, p := range []Phase{Owned, Moving, Waiting} {
		with, without := false, false
		for _, s := range b.d.States {
			with = with || s.Phase == p && all[s.Code]
			without = without || s.Phase == p && unverified[s.Code]
		}
		if with && !without {
			b.find(b.f.Priority.Line, "a rule of level 1 waits for a verification: no state whose phase is %s is reached without contact", p)
		}
	}
}

// saves says whether a life may hang on this service.
func (b *builder) saves() bool {
	return b.d.Default == 1 || slices.ContainsFunc(b.d.PriorityLaw, func(r rule) bool { return r.Level == 1 })
}

// doers reads who may do what. A deed that nobody may do is told: whoever
// wrote it forgot somebody.
func (b *builder) doers() {
	used := map[string]bool{}
	for _, m := range b.d.order {
		used[m.Deed] = true
	}
	for _, deed := range slices.Sorted(maps.Keys(b.f.Who)) {
		roles := b.f.Who[deed]
		if len(roles) == 0 {
			b.find(b.at("who"), "who: nobody may %s", deed)
			continue
		}
		if !slices.Contains(deeds, deed) && !slices.Contains(narrowed, deed) {
			b.find(roles[0].Line, "who: unknown deed %q", deed)
		}
		b.d.who[deed] = []actor.Role{}
		for _, r := range roles {
			switch {
			case actor.Role(r.Is).Valid():
				b.d.who[deed] = append(b.d.who[deed], actor.Role(r.Is))
			case !slices.Contains(doers, r.Is):
				b.find(r.Line, "who: unknown role %q", r.Is)
			}
		}
	}
	for _, deed := range slices.Sorted(maps.Keys(used)) {
		if _, said := b.f.Who[deed]; !said {
			b.find(b.at("who"), "who: nobody is named for %s", deed)
		}
	}
	for _, name := range neededDelays(used) {
		if _, set := b.f.Delays[name]; !set {
			b.find(b.at("delays"), "delays: %s is not set", name)
		}
	}
	for _, deed := range []string{"refuse", "redirect"} {
		if used[deed] && len(b.f.Reasons[deed]) == 0 {
			b.find(b.at("reasons"), "reasons: none may be given with %s, and no one is turned away without a reason", deed)
		}
	}
	for _, s := range b.d.States {
		if _, said := b.f.Messages[s.Code]; s.SMS && !said {
			b.find(b.at("messages"), "messages: %s is told by a message, and has none", s.Code)
		}
	}
}

// code says whether a name can be a code: small letters, digits and _.
func code(s string) bool {
	return s != "" && len(s) <= 40 && s[0] >= 'a' && s[0] <= 'z' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
