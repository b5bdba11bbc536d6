package people

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// TestEveryFactOfALineAboutPeopleHasWordsAndNamesNobody walks over what the
// deeds of this package tell, and one more of each that is optional.
func TestEveryFactOfALineAboutPeopleHasWordsAndNamesNobody(t *testing.T) {
	x := open(t, model.SQLite(t))
	org, adm := x.org("Aiguille", Recognised, "A1"), x.account("touria", admin)
	cat, err := i18n.Load(ui.Locale, Files)
	x.must(err)
	lines := map[string]any{
		"people.organisation.register": x.orgOf(org).told(),
		"people.organisation.suspend":  OrganisationTold{org, Association, Suspended, "fraud", []string{"A1", "A2-01"}},
		"people.organisation.rename":   namesTold{org, 2, 1},
		"people.officer.name":          officerTold{org, id.New[Officer](x.clock.Now()), "president", id.New[Officer](x.clock.Now())},
		"people.owners.keep":           ownersTold{6},
		"people.account.disable":       accountTold{Account: adm, State: Disabled, Closed: 3, Passkeys: 2},
		"people.account.invite":        inviteTold{adm, kindInvite},
		"people.account.reset":         inviteTold{adm, kindReset},
		"people.account.set_password":  inviteTold{adm, kindFirst},
		"people.account.langs":         map[string]any{"langs": []string{"tmr", "fr"}},
		"people.grant.give":            GrantTold{id.New[Grant](x.clock.Now()), adm, actor.Coordinator, org, "A1", ""},
		"people.second.ask":            Second{ID: id.New[Second](x.clock.Now()), Kind: secondEnd, Account: adm, AskedBy: adm}.told(),
		"people.second.approve":        secondTold{id.New[Second](x.clock.Now()), secondReset, adm, adm, 2},
		"people.second.see":            map[string]any{"read": 4},
		"people.session.open":          sessionTold{Session: id.New[Session](x.clock.Now()), Device: "phone", By: byPasskey},
		"people.passkey.copied":        copiedTold{adm, id.New[Passkey](x.clock.Now()), 4},
		"people.session.refuse":        refusedTold{adm, "code"},
	}
	site := &web.Site{Cat: cat, Zone: time.UTC, Now: x.clock.Now}
	for _, lang := range i18n.Langs() {
		c := &web.Ctx{Site: site, P: cat.For(lang, time.UTC), R: httptest.NewRequest(http.MethodGet, "/", nil)}
		for word, told := range lines {
			body, err := json.Marshal(told)
			x.must(err)
			all := module.Facts(body)
			x.read(func(t *db.Tx) error { return x.Say(c, t, deed.Record{Deed: word, Told: body}, all) })
			for _, f := range all {
				switch words := string(f.Words); {
				case words == "" && f.Name != "service":
					t.Errorf("%s: %s=%s has no words in %s", word, f.Name, f.Value, lang)
				case strings.Contains(words, "touria"), strings.Contains(words, "⟦"):
					t.Errorf("%s: %s is told as %s", word, f.Name, words)
				}
			}
		}
	}
	gone := []module.Fact{{Name: "organisation", Value: id.New[actor.Organisation](x.clock.Now()).String()}, {Name: "unheard", Value: "7"}}
	c := &web.Ctx{Site: site, P: cat.For("fr", time.UTC), R: httptest.NewRequest(http.MethodGet, "/", nil)}
	x.read(func(t *db.Tx) error { return x.Say(c, t, deed.Record{Deed: "people.organisation.register"}, gone) })
	if gone[0].Words != "" || gone[1].Words != "" {
		t.Errorf("what is gone or unknown is not left as its code: %+v", gone)
	}
}
