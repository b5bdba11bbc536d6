package field

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
)

// Permit is what an authority said to a mission.
type Permit struct {
	Mission   MissionID
	State     PermitState
	Number    string // as it stands on the paper
	Authority string // who signed it, or was asked
	Dated     time.Time
	ChangedAt time.Time
}

// PermitState is how far a permit has come. The set is closed.
type PermitState string

const (
	NotNeeded PermitState = "not_needed"
	Asked     PermitState = "asked"
	Granted   PermitState = "granted"
	Refused   PermitState = "refused"
)

// PermitStates in the order in which people read them.
var PermitStates = []PermitState{NotNeeded, Asked, Granted, Refused}

const (
	maxNumber    = 60 // characters
	maxAuthority = 160
)

func (p Permit) tidy() Permit {
	p.Number, p.Authority = strings.Join(strings.Fields(p.Number), " "), strings.Join(strings.Fields(p.Authority), " ")
	if p.State == NotNeeded {
		p.Number, p.Authority, p.Dated = "", "", time.Time{}
	}
	return p
}

// wrong says everything that a permit cannot be kept with.
func (p Permit) wrong(now time.Time) (all fault.All) {
	if !slices.Contains(PermitStates, p.State) {
		all = append(all, fault.New(fault.Invalid, "field.permit.state_missing").On("permit"))
	}
	if p.State != NotNeeded && p.Authority == "" {
		all = append(all, fault.New(fault.Invalid, "field.permit.authority_missing").On("authority"))
	}
	if p.State == Granted && p.Number == "" {
		all = append(all, fault.New(fault.Invalid, "field.permit.number_missing").On("number"))
	}
	if p.State == Granted && p.Dated.IsZero() || p.Dated.After(now.Add(24*time.Hour)) {
		all = append(all, fault.New(fault.Invalid, "field.permit.date_wrong").On("dated"))
	}
	if utf8.RuneCountInString(p.Number) > maxNumber {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.long", "most", maxNumber).On("number"))
	}
	if utf8.RuneCountInString(p.Authority) > maxAuthority {
		all = append(all, fault.New(fault.Invalid, "field.vehicle.long", "most", maxAuthority).On("authority"))
	}
	return all
}

// Needed lists the rules of the country by which vehicles and what they carry
// need a permit. A mission without vehicles needs none: it is no caravan.
func (m *Means) Needed(vehicles []Vehicle, b Burden) (out []PermitRule) {
	for _, r := range m.Permits {
		kinds := len(r.Kinds) == 0 || slices.ContainsFunc(vehicles, func(v Vehicle) bool { return slices.Contains(r.Kinds, v.Kind) })
		if len(vehicles) > 0 && kinds && b.Grams >= int64(r.FromKg)*1000 {
			out = append(out, r)
		}
	}
	return out
}

// hinders refuses to let a caravan leave without the paper that it needs, or
// that somebody thought it needed and asked for.
func (p Permit) hinders(needed []PermitRule) error {
	switch {
	case p.State == Granted:
		return nil
	case p.State == Refused:
		return fault.New(fault.Conflict, "field.permit.was_refused").On("permit")
	case p.State == Asked:
		return fault.New(fault.Conflict, "field.permit.still_asked").On("permit")
	case len(needed) > 0:
		return fault.New(fault.Conflict, "field.permit.needed", "n", len(needed)).On("permit")
	}
	return nil
}
