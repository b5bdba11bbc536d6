package field

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
)

// Want is what a team is looked for: where, for which needs, in which language.
type Want struct {
	At       geo.Point
	HasPoint bool
	Place    string // code; "" when nobody knows it
	Spoken   string // code of the language that the people speak
	Service  string
	Needs    []string
}

// Proposal is which teams might go, in the order in which the house would send
// them, and what it knows of those who are not in the list.
type Proposal struct {
	Teams  []TeamBrief
	Asked  []string // the skills that the needs ask for; none when any team will do
	Lacks  bool     // a skill is asked for, and no free team of the list has all that is
	Others bool     // then: another recognised organisation has such a team, free; which one is theirs to say
}

// TeamBrief is a team that might go, and why it stands where it stands in the list.
type TeamBrief struct {
	Team    TeamID
	Org     actor.OrganisationID
	Name    string // in the country's own language; Names has both
	Names   Names
	Km      float64 // from where it is, as the crow flies
	HasKm   bool
	Free    bool
	Reason  string   // catalogue key of the shortest reason, without arguments
	Why     []Reason // every reason, the weightiest first
	Skills  []string
	Missing int  // needs for which it has none of the skills
	Passes  bool // it has what the road there asks for
	speaks  bool
}

// bandKm is how far apart two teams may stand and still be about equally near.
const bandKm = 10

// Propose lists the teams of an organisation (zero: of every recognised one)
// that might go: free ones first; of those, the ones with the skills that the
// needs ask for; then, of those about equally near, the ones that the road lets
// through and who speak the language; then the nearest. Nobody with the skill
// is said, and the nearest without it is proposed all the same: a person decides.
func (s *Service) Propose(t *db.Tx, org actor.OrganisationID, w Want, limit int) (p Proposal, err error) {
	look, err := s.looking(t, w)
	if err != nil {
		return p, err
	}
	teams, err := listTeams(t, teamFind{limit: math.MaxInt32})
	if err != nil {
		return p, err
	}
	may, able := map[actor.OrganisationID]bool{}, false
	for _, m := range teams {
		ok, asked := may[m.Org]
		if !asked {
			if ok, err = s.orgs.Recognised(t, m.Org); err != nil {
				return p, err
			}
			may[m.Org] = ok
		}
		if !ok {
			continue
		}
		b := look.brief(m)
		if org.IsZero() || m.Org == org {
			p.Teams = append(p.Teams, b)
			able = able || b.Free && b.Missing == 0
		} else {
			p.Others = p.Others || b.Free && b.Missing == 0
		}
	}
	slices.SortFunc(p.Teams, sooner)
	p.Asked = look.skills()
	p.Lacks = len(p.Asked) > 0 && !able
	p.Others = p.Others && p.Lacks
	p.Teams = shorten(p.Teams, limit, p.Lacks)
	return p, nil
}

// shorten keeps the first of a list; where nobody free has the skill, its last
// place goes to the first team that has it and is away: somebody may call it back.
func shorten(all []TeamBrief, limit int, lacks bool) []TeamBrief {
	if len(all) <= limit || limit < 1 {
		return all[:max(0, min(limit, len(all)))]
	}
	out := slices.Clone(all[:limit])
	able := func(b TeamBrief) bool { return b.Missing == 0 }
	if i := slices.IndexFunc(all, able); lacks && i >= limit {
		out[limit-1] = all[i]
	}
	return out
}

// looking is one search for a team.
type looking struct {
	*Service
	now   time.Time
	want  Want
	asks  [][]string
	road  RoadWord
	busy  map[TeamID]MissionID
	where map[TeamID]Whereabouts
}

func (s *Service) looking(t *db.Tx, w Want) (l looking, err error) {
	l = looking{Service: s, now: t.Now(), want: w, asks: s.rules.asks(w.Service, w.Needs)}
	if l.busy, err = bound(t); err != nil {
		return l, err
	}
	if l.where, err = s.whereabouts(t); err != nil {
		return l, err
	}
	if !w.HasPoint && w.Place != "" {
		l.want.At, _, l.want.HasPoint = s.places.Point(w.Place)
	}
	known, err := roadsNow(t)
	if w.Place != "" {
		l.road = known.at(s.path(w.Place))
	}
	return l, err
}

// skills is everything that is asked for, each once.
func (l *looking) skills() (out []string) {
	for _, any := range l.asks {
		out = append(out, any...)
	}
	return known(out, Skills)
}

func (l *looking) brief(m *Team) TeamBrief {
	b := TeamBrief{Team: m.ID, Org: m.Org, Names: m.Names, Free: l.busy[m.ID].IsZero(), Skills: m.Skills, speaks: m.speaks(l.want.Spoken)}
	b.Name, _ = m.Names.In(l.places.Country().Default)
	say := func(key string, args ...any) { b.Why = append(b.Why, Reason{"field.why." + key, args}) }
	at := l.where[m.ID]
	if !b.Free {
		if at.Back.After(l.now) {
			say("busy_back", "at", at.Back)
		} else {
			say("busy")
		}
	}
	l.skilled(m, &b, say)
	l.far(m, at, &b, say)
	if b.speaks {
		say("language")
	}
	l.passes(m, &b, say)
	b.Reason = b.short()
	return b
}

// skilled says which of the skills asked for a team has, and for which need it
// has none.
func (l *looking) skilled(m *Team, b *TeamBrief, say func(string, ...any)) {
	var has []string
	for _, any := range l.asks {
		i := slices.IndexFunc(any, func(s string) bool { return slices.Contains(m.Skills, s) })
		if i < 0 {
			b.Missing++
			say("lacks", "skill", i18n.Key("field.skill."+any[0]))
		} else if !slices.Contains(has, any[i]) {
			has = append(has, any[i])
			say("skill", "skill", i18n.Key("field.skill."+any[i]))
		}
	}
}

func (l *looking) far(m *Team, at Whereabouts, b *TeamBrief, say func(string, ...any)) {
	from, told := m.Base, at.Place != "" && l.now.Sub(at.At) <= l.rules.Position.Long()
	if told {
		from = at.Place
	}
	here, _, ok := l.places.Point(from)
	if !ok || !l.want.HasPoint {
		say("far_unknown")
		return
	}
	b.Km, b.HasKm = geo.Distance(here, l.want.At), true
	km := int(math.Round(b.Km))
	if told {
		say("km_told", "km", km, "minutes", int(l.now.Sub(at.At)/time.Minute))
	} else {
		say("km_base", "km", km)
	}
}

// passes says how the road there is, and whether the team has what it asks
// for: what teams ride is known only by their skills.
func (l *looking) passes(m *Team, b *TeamBrief, say func(string, ...any)) {
	class := Road
	switch {
	case slices.Contains(m.Skills, "mule"):
		class = Path
	case slices.Contains(m.Skills, "driver_4x4"):
		class = Track
	}
	state := l.road.State
	if state == "" {
		b.Passes = true
		say("road_unknown")
		return
	}
	b.Passes = class.passes(state) == Gets
	say("road_" + string(state))
	if state == RoadOpen {
		return
	}
	switch {
	case class.passes(state) == GetsNot:
		say("no_vehicle")
	case class == Path:
		say("mule")
	default:
		say("four")
	}
}

// short is the one sentence that fits a narrow list.
func (b *TeamBrief) short() string {
	switch {
	case !b.Free:
		return "field.team.why_busy"
	case b.speaks && b.HasKm:
		return "field.team.why_language"
	case b.speaks:
		return "field.team.why_language_far"
	case b.HasKm:
		return "field.team.why_near"
	}
	return "field.team.why_free"
}

// sooner orders briefs as Propose promises. A team that is nowhere on the map
// comes after those that are.
func sooner(a, b TeamBrief) int {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(first(a.Free, b.Free), cmp.Compare(a.Missing, b.Missing), first(a.HasKm, b.HasKm),
		cmp.Compare(math.Floor(a.Km/bandKm), math.Floor(b.Km/bandKm)), first(a.Passes, b.Passes), first(a.speaks, b.speaks),
		cmp.Compare(a.Km, b.Km), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Team.String(), b.Team.String()))
}

// Near is Propose for whoever asks for no skill.
func (s *Service) Near(t *db.Tx, org actor.OrganisationID, at geo.Point, hasPoint bool, spoken string, limit int) ([]TeamBrief, error) {
	p, err := s.Propose(t, org, Want{At: at, HasPoint: hasPoint, Spoken: spoken}, limit)
	return p.Teams, err
}
