package app

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
)

var called = regexp.MustCompile(`href="(?:tel|sms):([^"]+)"`)

func TestADemonstrationSendsNobodyToANumberThatMayBeSomebodys(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		h.Config.Help, h.Config.SMS = "", "" // as `serve --demo` has them until an operator says otherwise
		real := map[string]bool{}
		for _, e := range h.Places.Country().Emergency {
			real[e.Number] = true
		}
		for _, lang := range []string{"ar", "zgh", "fr", "en"} {
			found := 0
			for _, path := range []string{"/", "/help", "/crisis", "/track", "/nowhere"} {
				body := html.UnescapeString(knock(h.Handler(), "GET", "/"+lang+path, "", nil).Body.String())
				for _, m := range called.FindAllStringSubmatch(body, -1) {
					if found++; !real[m[1]] {
						t.Errorf("/%s%s calls %s, which is no emergency number of the country", lang, path, m[1])
					}
				}
				if strings.Contains(body, `class="chan"`) {
					t.Errorf("/%s%s keeps an empty place for a help line", lang, path)
				}
			}
			if found == 0 {
				t.Errorf("in %s somebody in real danger finds no number at all", lang)
			}
		}
	})
}

func TestAHelpLineThatAnOperatorGivesStandsOnTheHomePage(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), clock.System{}, func(c *Config) { c.Help, c.SMS = "+212800001234", "5300" })
	for _, lang := range []string{"ar", "zgh", "fr", "en"} {
		w := knock(h.Handler(), "GET", "/"+lang+"/", "", nil)
		if body := html.UnescapeString(w.Body.String()); w.Code != http.StatusOK || !strings.Contains(body, `<div class="chan"><a href="tel:+212800001234">`) || !strings.Contains(body, `href="sms:5300"`) {
			t.Errorf("in %s: %d without the line", lang, w.Code)
		}
	}
}
