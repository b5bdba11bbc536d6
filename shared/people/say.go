package people

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// saidBy is where the words of a fact stand, by the beginning of the deed's
// name: the first that fits and has the word.
var saidBy = []struct{ deeds, fact, key string }{
	{"people.second.", "kind", "people.second.kind."},
	{"people.organisation.", "kind", "people.kind."},
	{"people.organisation.", "reason", "people.reason."},
	{"people.organisation.", "status", "people.status."},
	{"people.officer.", "office", "people.office."},
	{"people.session.", "result", "people.fact.refused_"},
	{"people.session.", "device", "people.device."},
	{"people.session.", "by", "people.fact.by_"},
	{"people.", "kind", "people.fact.link_"},
	{"people.", "state", "people.standing."},
	{"people.", "role", "role."},
}

// Say puts the facts of the lines of people into words. An account is told by the
// end of its number: a line names nobody.
func (s *Service) Say(c *web.Ctx, t *db.Tx, r deed.Record, all []module.Fact) error {
	for i := range all {
		if err := s.say(c, t, r, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) say(c *web.Ctx, t *db.Tx, r deed.Record, f *module.Fact) error {
	for _, k := range saidBy {
		if f.Name == k.fact && strings.HasPrefix(r.Deed, k.deeds) && c.Site.Cat.Has(k.key+f.Value) {
			f.Words = c.P.T(k.key + f.Value)
			return nil
		}
	}
	n, notNumber := strconv.Atoi(f.Value)
	switch f.Name {
	case "organisation":
		return s.sayOrganisation(c, t, f)
	case "account", "asked_by":
		f.Words, f.Href = c.P.T("people.fact."+f.Name, "id", ended(f.Value)), "/accounts/"+f.Value
	case "second":
		f.Words, f.Href = c.P.T("people.fact.second", "id", ended(f.Value)), "/safeguarding"
	case "session", "grant", "officer", "passkey":
		f.Words = c.P.T("people.fact."+f.Name, "id", ended(f.Value))
	case "ended": // names of an organisation, or an officer
		if f.Words = c.P.T("people.fact.officer_ended", "id", ended(f.Value)); notNumber == nil {
			f.Words, f.Silent = c.P.T("people.fact.ended", "n", n), n == 0
		}
	case "began", "read", "sessions_closed", "organisations", "passkeys_ended", "counter_kept":
		if notNumber == nil {
			f.Words, f.Silent = c.P.T("people.fact."+f.Name, "n", n), n == 0
		}
	case "langs":
		f.Words = apart(s.langName(f.Value, c.Lang()))
	case "territory":
		f.Words = apart(placeName(s.places, f.Value, c.Lang()))
	case "service":
		if key := "service." + f.Value + ".text.name"; c.Site.Cat.Has(key) {
			f.Words = c.P.T(key)
		}
	}
	return nil
}

// sayOrganisation says the name of an organisation; one that is gone keeps its code.
func (s *Service) sayOrganisation(c *web.Ctx, t *db.Tx, f *module.Fact) error {
	oid, err := id.Parse[actor.Organisation](f.Value)
	if err != nil {
		return nil
	}
	name, err := s.OrgName(t, oid, c.Lang())
	if err == nil {
		f.Words, f.Href = apart(name), "/organisations/"+f.Value
	} else if fault.KindOf(err) == fault.Missing {
		err = nil
	}
	return err
}

// apart is a text of its own direction.
func apart(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}

// ended is an identifier by its last signs; the first are only the time.
func ended(text string) template.HTML { return apart(text[max(0, len(text)-8):]) }
