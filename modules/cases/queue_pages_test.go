package cases

import (
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/service"
)

var currentTab = regexp.MustCompile(`href="/en/queue\?phase=(\w+)" aria-current="true"`)

func tabOf(page string) string {
	if m := currentTab.FindStringSubmatch(page); m != nil {
		return m[1]
	}
	return ""
}

func TestALinkToACaseShowsItInWhateverPhaseItIsNow(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d, desk := w.desk(), w.staff(actor.Dispatcher, "")
		out, _ := w.owned()
		number := groups(w.get(out.ID).Receipt.String())
		shown := func(page string) bool {
			return strings.Contains(page, `class="col end"`) && strings.Contains(saidOn(page), strings.ReplaceAll(saidOn(number), " ", " "))
		}
		for _, link := range []string{"?case=" + out.ID.String(), "?phase=open&case=" + out.ID.String(), "?phase=final&level=1&case=" + out.ID.String()} {
			status, page := d.get(desk, "/en/queue"+link)
			if status != 200 || tabOf(page) != string(service.Owned) || !shown(page) || !strings.Contains(page, "/en/cases/"+out.ID.String()) {
				t.Errorf("%s: %d, the tab %q, shown: %v", link, status, tabOf(page), shown(page))
			}
		}
		if _, page := d.get(desk, "/en/queue?phase=owned&case="+out.ID.String()); !strings.Contains(page, `aria-current="true"><`) {
			t.Error("the line of the case is not marked in the list")
		}
		if _, page := d.get(desk, "/en/queue?phase=final"); tabOf(page) != string(service.Final) || strings.Contains(page, `class="col end"`) {
			t.Error("without a case the phase that was asked for is not the one shown")
		}
	})
}

func TestALinkToACaseShowsNothingToWhoMayNotSeeItNorOfNoCase(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		out, _ := w.owned()
		elsewhere := w.staff(actor.Dispatcher, "01.051")
		for who, x := range map[string]struct {
			by   actor.Actor
			link string
		}{
			"a dispatcher of another province":     {elsewhere, out.ID.String()},
			"a dispatcher with an id of nothing":   {w.staff(actor.Dispatcher, ""), id.New[Case](w.clock.Now()).String()},
			"a dispatcher with a word for an id":   {w.staff(actor.Dispatcher, ""), "0190"},
			"a dispatcher with an empty case":      {w.staff(actor.Dispatcher, ""), ""},
			"a dispatcher with the id of the team": {elsewhere, "%00%ff"},
		} {
			status, page := d.get(x.by, "/en/queue?case="+x.link)
			if status != 200 || strings.Contains(page, `class="col end"`) || tabOf(page) != string(service.Open) {
				t.Errorf("%s: %d, the tab %q, a case beside the list: %v", who, status, tabOf(page), strings.Contains(page, `class="col end"`))
			}
		}
	})
}

func TestTheMapOfAListInSeveralProvincesIsOfItsCasesAndNotOfTheCountry(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		both := w.staff(actor.Dispatcher, tidili)
		both.Grants = append(both.Grants, actor.Grant{Role: actor.Dispatcher, Territory: "07.161"})
		drawn := regexp.MustCompile(`viewBox="0 0 1000 \d+"`)
		mapOf := func(by actor.Actor) string {
			status, page := d.get(by, "/en/queue")
			at := strings.Index(page, `<svg class="m"`)
			if status != 200 || at < 0 {
				t.Fatalf("%d, and a map: %v", status, at >= 0)
			}
			return page[at : at+strings.Index(page[at:], "</svg>")]
		}
		none := mapOf(both)
		if !strings.Contains(none, "Casablanca") {
			t.Error("with nothing listed the map is not of the country")
		}
		for _, province := range []string{tidili, "07.161"} {
			w.ask(forms.Answers{"where": forms.Place{Code: w.communeOf(province)}})
		}
		for who, by := range map[string]actor.Actor{"two provinces": both, "the country": w.staff(actor.Dispatcher, "")} {
			some := mapOf(by)
			if strings.Contains(some, "Casablanca") || !strings.Contains(some, "Al Haouz") || strings.Count(some, `class="mk`) != 2 || drawn.FindString(some) == drawn.FindString(none) {
				t.Errorf("%s: %d symbols, Casablanca on it: %v, Al Haouz: %v", who, strings.Count(some, `class="mk`), strings.Contains(some, "Casablanca"), strings.Contains(some, "Al Haouz"))
			}
		}
		if one := mapOf(w.staff(actor.Dispatcher, tidili)); strings.Count(one, `class="mk`) != 1 || !strings.Contains(one, "Al Haouz") {
			t.Error("who works in one province sees another map than that of the province")
		}
	})
}
