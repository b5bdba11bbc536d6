package room

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

// View is a filter of the queue that somebody kept under a name.
type View struct {
	ID      ViewID
	Account actor.AccountID
	Share   Share
	Org     actor.OrganisationID // of OrgShared; zero else
	Name    string
	Filter  string // as an address writes it, its keys in order
	MadeAt  time.Time
	Version int64
}

type (
	viewKind struct{}
	ViewID   = id.Of[viewKind]
)

// Share says who sees a view beside its keeper.
type Share string

const (
	Own        Share = "own"
	OrgShared  Share = "org"  // everybody of the organisation
	CellShared Share = "cell" // the crisis cell, dispatchers and the call centre
)

const (
	maxName   = 60 // letters of a name
	mostViews = 30 // of one keeper
	maxFilter = 60 // letters of one value: a code
	manyDigit = 7  // from so many on it may be somebody's number
)

// cleanName is a name as it is kept: one line, not too long, and nobody's
// telephone number, for others may read it.
func cleanName(text string) (string, error) {
	name := strings.Join(strings.Fields(forms.Clean(text, false)), " ")
	digits := 0
	for _, r := range arabic.Digits(name) {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	switch {
	case name == "":
		return "", fault.All{fault.New(fault.Invalid, "room.view.name_missing").On("name")}
	case len([]rune(name)) > maxName:
		return "", fault.All{fault.New(fault.Invalid, "room.view.name_long", "max", maxName).On("name")}
	case digits >= manyDigit:
		return "", fault.All{fault.New(fault.Invalid, "room.view.name_number").On("name")}
	}
	return name, nil
}

// cleanFilter keeps what an address of the queue may filter by, in one order.
func cleanFilter(query string, keys []string) string {
	v, _ := url.ParseQuery(query) // what cannot be read is left out
	out := url.Values{}
	for k := range v {
		if x := v.Get(k); slices.Contains(keys, k) && x != "" && len(x) <= maxFilter && forms.Clean(x, false) == x {
			out.Set(k, x)
		}
	}
	return out.Encode()
}

// sharable are those whom somebody may share a view with.
func sharable(by actor.Actor) []Share {
	out := []Share{Own}
	for _, g := range by.Grants {
		if !slices.Contains(leads, g.Role) || g.Role.ForOrganisation() && !g.Recognised {
			continue
		}
		if !g.Org.IsZero() && !slices.Contains(out, OrgShared) {
			out = append(out, OrgShared)
		}
		if g.Role == actor.CrisisCell && !slices.Contains(out, CellShared) {
			out = append(out, CellShared)
		}
	}
	return out
}

// shareOrg is the organisation for which somebody may share.
func shareOrg(by actor.Actor) (org actor.OrganisationID) {
	for _, g := range by.Grants {
		if slices.Contains(leads, g.Role) && !g.Org.IsZero() && (!g.Role.ForOrganisation() || g.Recognised) {
			return g.Org
		}
	}
	return org
}

// seenBy tells whether somebody sees the view in their list.
func (v *View) seenBy(by actor.Actor) bool {
	switch v.Share {
	case OrgShared:
		return v.Account == by.Account || slices.ContainsFunc(by.Grants, func(g actor.Grant) bool {
			return g.Org == v.Org && slices.Contains(DeedViewSee.Roles, g.Role) && (!g.Role.ForOrganisation() || g.Recognised)
		})
	case CellShared:
		return v.Account == by.Account || by.Holds(actor.CrisisCell, actor.Dispatcher, actor.Agent)
	}
	return v.Account == by.Account
}

// changedBy tells whether somebody may rename or delete it: its keeper, and of one
// that is shared whoever may share so.
func (v *View) changedBy(by actor.Actor) bool {
	if v.Account == by.Account {
		return true
	}
	for _, g := range by.Grants {
		switch {
		case v.Share == OrgShared && g.Org == v.Org && g.Role == actor.Coordinator && g.Recognised:
			return true
		case v.Share == CellShared && g.Role == actor.CrisisCell:
			return true
		}
	}
	return false
}
