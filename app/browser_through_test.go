package app

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/testkit"
)

// left is which cookies a browser holds.
func (s *street) left(b *testkit.Browser) (names []string) {
	s.Helper()
	all, err := chromedp.Call(b.Context(), network.GetCookies, network.GetCookiesParams{})
	s.must(err)
	for _, k := range all.Cookies {
		names = append(names, "cookie "+k.Name)
	}
	return names
}

// stored is what scripts keep of the house in this window.
func (s *street) stored(b *testkit.Browser) string {
	s.Helper()
	kept, err := chromedp.Call(b.Context(), runtime.Evaluate, runtime.EvaluateParams{Expression: `JSON.stringify([Object.keys(sessionStorage),Object.keys(localStorage)])`, ReturnByValue: new(true)})
	s.must(err)
	return string(kept.Result.Value)
}

// fillsIn answers the whole form on one page, and sends it.
func (s *street) fillsIn(b *testkit.Browser, need string) {
	s.Helper()
	at := b.URL()
	b.Open(at[:strings.LastIndex(at, "/")+1] + "all")
	b.Check("[name=for_whom][value=self]")
	b.Check("[name=need][value=" + need + "]")
	b.Fill(`[name="where.text"]`, "أيت بوكماز")
	b.Fill("[name=people]", "5")
	b.Fill("[name=words]", walkWords)
	b.Fill("[name=phone]", walkPhone)
	b.Fill("[name=name]", "فاطمة")
	b.Follow(`main form[action$="/all"] .bar button`)
	s.look(b, "through-check", 360, 320)
	b.Submit(`main form[action$="/send"]`)
}

// showsNothing goes back through the history of a window, page by page.
func (s *street) showsNothing(b *testkit.Browser, steps int, words ...string) {
	s.Helper()
	for range steps {
		b.Back()
		said := b.Text("body")
		for _, w := range words {
			if strings.Contains(said, w) {
				s.Errorf("%s, reached by the back button, still says %q", b.URL(), w)
			}
		}
		for _, field := range []string{"[name=phone]", "[name=name]", "[name=words]"} {
			if b.Count(field) > 0 && b.Value(field) != "" {
				s.Errorf("%s still holds %s", b.URL(), field)
			}
		}
	}
}

func TestASharedPhoneShowsNothingAfterItsUserHasLeft(t *testing.T) {
	t.Parallel()
	first := testkit.Chromium(t)
	s := newStreet(t)
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		b := first.Another()
		b.Size(360, 740)
		b.JavaScript(scripts)
		b.Open(s.site + "/ar/help/crisis_help")
		s.look(b, "through-first", 360, 320)
		b.Check("[name=for_whom][value=self]") // somebody begins, and then thinks of it
		b.Submit(`form[action$="/shared"]`)
		s.look(b, "through-shared", 360, 320)
		s.fillsIn(b, "food")
		s.look(b, "through-done", 360, 320)
		receipt := b.Text(".ticket .code")
		if receipt == "" {
			t.Fatalf("%s: no receipt", name)
		}
		b.Submit(`form[action$="/leave"]`)
		s.look(b, "through-left", 360, 320)
		if left := s.left(b); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
		if scripts {
			if kept := s.stored(b); !strings.Contains(kept, "[[],[]]") {
				t.Errorf("%s: kept by scripts: %s", name, kept)
			}
		}
		s.showsNothing(b, 4, receipt, "فاطمة", walkWords, walkLast4)
	}
}

func TestAHelpersWindowShowsNothingOfThePersonAfterwards(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	b.Size(360, 740)
	b.Open(s.site + "/fr/help/crisis_help")
	b.Follow(`a[href$="/helper"]`)
	s.look(b, "through-helper", 360, 320)
	b.Check("[name=how][value=spoken]")
	b.Check("[name=kind][value=cybercafe]")
	b.Submit(`main form[action$="/helper"]`)
	s.fillsIn(b, "warm")
	s.look(b, "through-helper-done", 360, 320)
	receipt := b.Text(".ticket .code")
	if said := b.Text("main"); b.Count(".pin") > 0 || strings.Contains(said, "فاطمة") {
		t.Errorf("the helper reads the code or the name: %s", said)
	}
	b.Submit(`form[action$="/leave"]`)
	if left := s.left(b); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	s.showsNothing(b, 5, receipt, "فاطمة", walkWords, walkLast4)
}

func TestARelativeInAnotherZoneReadsTheirOwnTimeToo(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	s.must(inZone(b, "America/Montreal"))
	s.asksFromFar(b)
	if said := b.Text("main"); strings.Count(said, "chez vous") == 0 || !strings.Contains(said, "Les heures sont celles du Maroc") {
		t.Errorf("in Montreal: %s", said)
	}
	s.must(inZone(b, "Africa/Casablanca"))
	b.Open(s.site + "/fr/track/open")
	if said := b.Text("main"); strings.Contains(said, "chez vous") {
		t.Errorf("in Casablanca: %s", said)
	}
	b.JavaScript(false)
	b.Open(s.site + "/fr/track/open")
	if said := b.Text("main"); strings.Contains(said, "chez vous") || !strings.Contains(said, "Les heures sont celles du Maroc") {
		t.Errorf("without scripts: %s", said)
	}
}

// inZone is a telephone that somebody carries in another country.
func inZone(b *testkit.Browser, zone string) error {
	_, err := chromedp.Call(b.Context(), emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
	return err
}

// asksFromFar is a relative abroad whose tracker is open.
func (s *street) asksFromFar(b *testkit.Browser) {
	s.Helper()
	out, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "web",
		Answers: forms.Answers{"for_whom": "far", "need": []string{"food"}, "where": forms.Place{Code: s.commune().Code}, "people": int64(4), "phone": forms.Phone("+15145551234"), "family_phone": forms.Phone(waysPhone)}})
	s.must(err)
	b.Open(s.site + "/fr/track")
	b.Fill("[name=number]", out.Receipt.String())
	b.Fill("[name=word]", "1234")
	b.Submit(`main form[action$="/track"]`)
	s.look(b, "through-far", 360, 320)
}
