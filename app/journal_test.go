package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/shared/deed"
)

var (
	toldAsCode = regexp.MustCompile(`<span class="tag"><bdi dir="ltr">([^<]*=[^<]*)</bdi></span>`)
	toldLink   = regexp.MustCompile(`<span class="tag"><a href="([^"]+)">`)
)

func TestTheJournalTellsEveryFactOfTheNightInWordsAndLeadsToWhatItNames(t *testing.T) {
	t.Parallel()
	evening.Engines(t, func(t *testing.T, dsn string) {
		h := shown(t, dsn)
		handler, auditor, cell := h.Handler(), inAs(t, h, "audit"), inAs(t, h, "crise")
		done, links := map[string]bool{}, map[string]string{}
		for _, word := range h.deedWords() {
			if name, _, _ := strings.Cut(word, "."); h.say(word) == nil && name != "watch" {
				continue // its module has no words for facts yet, and shows codes
			}
			for _, lang := range []string{"ar", "zgh", "fr", "en"} {
				w := knock(handler, "GET", "/"+lang+"/journal?"+url.Values{"deed": {word}}.Encode(), auditor, nil)
				body := w.Body.String()
				if w.Code != http.StatusOK {
					t.Fatalf("%s in %s: %d", word, lang, w.Code)
				}
				if strings.Contains(body, "<tr>") && strings.Contains(body, `class="tag"`) {
					done[word] = true
				}
				if code := toldAsCode.FindStringSubmatch(body); code != nil {
					t.Errorf("%s in %s is told as a code: %s", word, lang, code[1])
				}
				if strings.Contains(body, "⟦") {
					t.Errorf("%s in %s: a sentence lacks what it names", word, lang)
				}
				for _, m := range toldLink.FindAllStringSubmatch(body, 1) {
					links[word+" "+lang] = m[1]
				}
			}
		}
		if len(done) < 20 {
			t.Errorf("only %d kinds of deeds told anything: the looking is wrong", len(done))
		}
		for _, word := range []string{"cases.case.claim", "cases.case.depart", "cases.complaint.open", "field.mission.plan", "field.team.create", "people.organisation.register"} {
			to := links[word+" fr"]
			if w := knock(handler, "GET", to, auditor, nil); to == "" || w.Code != http.StatusOK {
				t.Errorf("%s leads to %q, which answers an auditor with %d", word, to, w.Code)
			}
		}
		seen := knock(handler, "GET", "/fr/journal?deed=cases.case.depart", cell, nil).Body.String()
		for _, m := range toldLink.FindAllStringSubmatch(seen, -1) {
			if w := knock(handler, "GET", m[1], cell, nil); w.Code != http.StatusOK {
				t.Errorf("the crisis cell is led to %s, which answers %d", m[1], w.Code)
			}
		}
	})
}

func TestADoorOfTheHouseIsFoundByItsAddress(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		door, path string
		leads      bool
	}{
		{"/cases/{id}", "/cases/0190", true}, {"/cases/{id}", "/cases/", false}, {"/cases/{id}", "/cases/0190/path", false},
		{"/cases/{id}/path", "/cases/0190/path", true}, {"/teams/new", "/teams/0190", false}, {"/teams", "/teams", true},
	} {
		if leads(x.door, x.path) != x.leads {
			t.Errorf("%s through %s: %v", x.path, x.door, !x.leads)
		}
	}
	if (&House{}).say(deed.Deed{Name: "nobody.thing.do"}.Name) != nil {
		t.Error("a deed of no module is told by one")
	}
}
