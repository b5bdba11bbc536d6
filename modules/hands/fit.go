package hands

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
)

// Fit is a volunteer whom a call may ask, and why.
type Fit struct {
	Volunteer *Volunteer
	Placing   *Placing // they put themselves forward; nil when they did not
	Km        float64
	HasKm     bool
	Speaks    bool // the language that the call wants
	Can       bool // what the call wants
}

// fitting are the volunteers of a call's organisation who match it and were not
// asked yet: those who put themselves forward first, then the nearest. within is
// how far away in kilometres; 0 is any distance.
func (s *Service) fitting(t *db.Tx, c *Call, within int) (out []Fit, err error) {
	all, err := eachAccepted(t, c.Org)
	if err != nil {
		return nil, err
	}
	asked, err := placingsOf(t, c.ID)
	if err != nil {
		return nil, err
	}
	elsewhere, err := busy(t, c.ID, VolunteerID{}, c.Shift.From, c.Shift.To)
	if err != nil {
		return nil, err
	}
	by := make(map[VolunteerID]*Placing, len(asked))
	for _, p := range asked {
		by[p.Volunteer] = p
	}
	for _, v := range all {
		p := by[v.ID]
		if p != nil && p.State != Offered || elsewhere[v.ID] {
			continue
		}
		limits, err := s.limits(v)
		if err != nil {
			return nil, err
		}
		f, ok := s.match(c, v, limits, within, t.Now())
		if f.Placing = p; ok {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, nearerFit)
	return out, nil
}

// fit tells whether one volunteer matches a call now.
func (s *Service) fit(t *db.Tx, c *Call, v *Volunteer, within int) (f Fit, ok bool, err error) {
	elsewhere, err := busy(t, c.ID, v.ID, c.Shift.From, c.Shift.To)
	if err != nil || elsewhere[v.ID] || v.Org != c.Org || v.State != Accepted {
		return f, false, err
	}
	limits, err := s.limits(v)
	if err != nil {
		return f, false, err
	}
	f, ok = s.match(c, v, limits, within, t.Now())
	return f, ok, nil
}

func (s *Service) limits(v *Volunteer) ([]string, error) {
	p, err := s.open(v)
	return p.Limits.Codes, err
}

// match weighs a volunteer against a call: skill, language, time, body, vetting,
// age and distance. Work with children is for those who are of age and whose
// police record was seen (requirement F18.3).
func (s *Service) match(c *Call, v *Volunteer, limits []string, within int, now time.Time) (f Fit, ok bool) {
	f = Fit{Volunteer: v, Can: c.Skill != "" && slices.Contains(v.Skills, c.Skill), Speaks: c.Spoken != "" && slices.Contains(v.Languages, c.Spoken)}
	needs := halves(c.Shift.From, c.Shift.To, s.zone())
	switch {
	case c.Skill != "" && !f.Can, c.Spoken != "" && !f.Speaks, v.Hours&needs != needs:
		return f, false
	case c.Children && (v.Vetting != forChildren || s.crew.Rules.minor(v.Born, now)):
		return f, false
	case slices.ContainsFunc(c.Demands, func(x string) bool { return slices.Contains(limits, x) }):
		return f, false
	}
	there, _, ok1 := s.places.Point(c.Place)
	here, _, ok2 := s.places.Point(v.Place)
	if f.HasKm = ok1 && ok2; f.HasKm {
		f.Km = geo.Distance(here, there)
	}
	if within == 0 {
		return f, true
	}
	if f.HasKm {
		return f, f.Km <= float64(within)
	}
	return f, v.Commune != "" && s.places.Within(c.Place, v.Commune) // on no map: the commune alone says that they are near
}

// nearerFit orders as fitting promises; who is on no map comes last.
func nearerFit(a, b Fit) int {
	rank := func(f Fit) int {
		if f.Placing != nil {
			return 0
		}
		return 1
	}
	km := func(f Fit) float64 {
		if f.HasKm {
			return f.Km
		}
		return math.Inf(1)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(km(a), km(b)), cmp.Compare(a.Volunteer.ID.String(), b.Volunteer.ID.String()))
}

// why says, in the reader's words, why somebody is proposed.
func (f Fit) why(p *i18n.Printer, c *Call, spoken func(string) template.HTML) (out []template.HTML) {
	if f.Placing != nil {
		out = append(out, p.T("hands.fit.offered"))
	}
	if f.HasKm {
		out = append(out, p.T("hands.fit.km", "km", int(math.Ceil(f.Km))))
	}
	if f.Can {
		out = append(out, p.T("hands.skill."+c.Skill))
	}
	if f.Speaks {
		out = append(out, p.T("hands.fit.speaks", "lang", spoken(c.Spoken)))
	}
	out = append(out, p.T("hands.fit.time"))
	if c.Children {
		out = append(out, p.T("hands.fit.vetted"))
	}
	return out
}
