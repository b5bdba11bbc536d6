package people

import (
	"net/url"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// officers opens the names of an organisation's officers for its page.
func (s *Service) officers(t *deed.Tx, oid actor.OrganisationID) ([]Officer, error) {
	all, err := officersOf(t.Tx, oid)
	for i := range all {
		if err == nil {
			all[i].Name, err = s.vault.OpenText(officerAt(all[i].ID), all[i].sealed)
		}
	}
	return all, err
}

// mayKeepOfficers tells whether a reader may change them.
func (s *Service) mayKeepOfficers(by actor.Actor, o Organisation) bool {
	for _, at := range s.ofOrganisation(o) {
		if _, ok := by.May(officerName.Roles, at); !ok {
			return false
		}
	}
	return true
}

// readDay reads a day as a date field sends it; none is the zero time.
func readDay(c *web.Ctx, s string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, s, c.Site.Zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (s *Service) officerPost(c *web.Ctx, oid actor.OrganisationID, _ int64, f url.Values) error {
	xid, err := id.Parse[Officer](f.Get("id"))
	if err != nil {
		return fault.New(fault.Invalid, "people.form.stale")
	}
	return s.NameOfficer(c.Context(), actor.From(c.Context()), Officer{ID: xid, Org: oid, Office: f.Get("office"), Name: f.Get("officer"), From: readDay(c, f.Get("since"))})
}

func (s *Service) officerEndPost(c *web.Ctx, oid actor.OrganisationID, _ int64, f url.Values) error {
	xid, err := id.Parse[Officer](c.R.PathValue("officer"))
	if err != nil {
		return missing()
	}
	return s.EndOfficer(c.Context(), actor.From(c.Context()), oid, xid, readDay(c, f.Get("until")))
}
