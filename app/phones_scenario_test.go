package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

const (
	parisPhone  = "+33639980012" // 06 39 98 is kept for stories (ARCEP)
	helperPhone = "+212600990003"
	oneDouar    = "Imintalat"
)

// voice is one of those who tell of the need, and how each is spoken to.
type voice struct{ phone, joined, way, came, thanks string }

func TestATextInTashelhitAFormFromParisAndAHelpersEntryBecomeOneCaseConfirmedByText(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.wall.down = true // Paris has a page
		m.scenario("azul, nra aghrum d waman gh douar "+oneDouar+", 12 n middn", oneDouar,
			voice{familyPhone, "imun usutr", "g ubrid", "is kwn d tuwd tiwisi", "tanmmirt"})
	})
}

func TestATextInTifinaghAFormFromParisAndAHelpersEntryBecomeOneCaseConfirmedByText(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		m.wall.down = true
		m.scenario("ⴰⵣⵓⵍ, ⵏⵔⴰ ⴰⵖⵔⵓⵎ ⴷ ⵡⴰⵎⴰⵏ ⴳ ⴷⴷⵓⵡⴰⵔ ⵉⵎⵉⵏⵜⴰⵍⴰⵜ, 12 ⵏ ⵎⵉⴷⴷⵏ", "إمين تلاث",
			voice{familyPhone, "ⵉⵎⵓⵏ ⵓⵙⵓⵜⵔ", "ⴳ ⵓⴱⵔⵉⴷ", "ⵉⵙ ⴽⵯⵏ ⴷ ⵜⵓⵡⴹ ⵜⵉⵡⵉⵙⵉ", "ⵜⴰⵏⵎⵎⵉⵔⵜ"})
	})
}

// scenario is the first one of the expectations, in its channels: three people
// tell of one need.
func (m *hamlet) scenario(words, place string, v voice) {
	m.Helper()
	m.threeVoices(words, place, v, m.takenDown, m.deliver)
}

// threeVoices is the scenario with whoever tells of the need on the spot, and
// with the way in which the help is brought.
func (m *hamlet) threeVoices(words, place string, v voice, onTheSpot func(place string) *cases.Case, bring func(c cases.CaseID, code string, phones map[string]string)) {
	m.Helper()
	told := m.ownWords(words, place)
	k := m.only("sms")
	if k.Lang != "zgh" || k.People != 12 || strings.Join(k.Needs, " ") != "food water" {
		m.Errorf("what was written became %s, %d people, %v", k.Lang, k.People, k.Needs)
	}
	m.wants(told, k.Receipt.Groups())
	douar, ok := m.h.Places.Get(k.Place)
	if !ok || douar.Names["fr"] != oneDouar {
		m.Fatalf("the request lies in %q", k.Place)
	}
	abroad := m.fromParis(k.Place)
	helper := onTheSpot(k.Place)
	m.must(m.h.Cases.LookAlike(m.Context()))
	if n := m.rows(`SELECT COUNT(*) FROM cases_alike WHERE verdict IS NULL AND (a = ?1 OR b = ?1)`, k.ID); n != 2 {
		m.Fatalf("%d of 2 others are proposed as the same need", n)
	}
	m.wants(m.next(parisPhone), "Récépissé", abroad.Receipt.Groups()) // by text too: a page or a helper is soon far away
	m.wants(m.next(helperPhone), "توصلنا بطلبك", helper.Receipt.Groups(), "رمز التسليم")
	m.must(m.h.Cases.Merge(m.Context(), m.dispatcher, abroad.ID, k.ID))
	m.must(m.h.Cases.Merge(m.Context(), m.dispatcher, helper.ID, k.ID))
	if n := m.rows(`SELECT COUNT(DISTINCT COALESCE(way, channel)) FROM cases_case WHERE id = ?1 OR merged_into = ?1`, k.ID); n != 3 {
		m.Errorf("the case has %d sources", n)
	}
	all := map[voice]*cases.Case{v: k,
		{parisPhone, "jointe à une autre", "en route", "aide est-elle arrivée", "Merci"}: abroad,
		{helperPhone, "مضموم", "في الطريق", didItCome, "شكرا"}:                           helper}
	for v, own := range all {
		if own != k {
			m.wants(m.next(v.phone), v.joined, own.Receipt.Groups())
		}
	}
	bring(k.ID, m.codeIn(told), map[string]string{v.phone: v.way, parisPhone: "en route", helperPhone: "في الطريق"})
	for v, own := range all {
		m.until(v.phone, v.came)
		m.wants(m.text(v.phone, own.Receipt.String()), own.Receipt.Groups()) // each under their own number
	}
	said := m.text(familyPhone, "1")
	m.wants(said, v.thanks)
	m.closed(k.ID)
	for v, own := range all {
		heard := m.next(v.phone)
		if v.phone == familyPhone { // the answer and the notice come in either order
			heard += said
		}
		m.wants(heard, v.thanks, own.Receipt.Groups())
	}
	if n := m.rows(`SELECT COUNT(*) FROM cases_case WHERE phase <> 'final'`); n != 0 {
		m.Errorf("%d requests are still open", n)
	}
}

// ownWords writes a need in one message, and answers what is asked back: which
// of the places it is, and that nobody is fragile.
func (m *hamlet) ownWords(words, place string) (told string) {
	m.Helper()
	told = m.text(familyPhone, words)
	for range 4 {
		if m.rows(`SELECT COUNT(*) FROM cases_case`) > 0 {
			return told
		}
		answer := "0"
		for _, line := range strings.Split(told, "\n") {
			if digit, name, ok := strings.Cut(line, " "); ok && strings.Contains(name, place) {
				answer = digit
				break
			}
		}
		told = m.text(familyPhone, answer)
	}
	m.Fatalf("four answers made no request: %s", told)
	return ""
}

// fromParis fills in the form on its page.
func (m *hamlet) fromParis(place string) *cases.Case {
	m.Helper()
	front := httptest.NewServer(m.wall)
	defer front.Close()
	at := front.URL + "/fr/help/crisis_help/" + freshID() + "/"
	post := func(step string, form url.Values) {
		r, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm(at+step, form)
		m.must(err)
		r.Body.Close()
		if r.StatusCode != http.StatusSeeOther {
			m.Fatalf("the form from Paris answers %d", r.StatusCode)
		}
	}
	post("all", url.Values{"for_whom": {"far"}, "need": {"food", "water"}, "where.code": {place}, "people": {"12"}, "phone": {"+33 6 39 98 00 12"},
		"words": {"mes parents n’ont plus rien à manger"}})
	post("send", nil)
	return m.only("web")
}

// takenDown is a helper of the call centre writing down what somebody tells.
func (m *hamlet) takenDown(place string) *cases.Case {
	m.Helper()
	_, err := m.h.Cases.Ask(m.Context(), m.agent, cases.DeedTakeDown, cases.Request{Service: "crisis_help", Lang: "ar", Channel: "helper",
		Answers: forms.Answers{"for_whom": "other", "need": []string{"water", "food"}, "where": forms.Place{Code: place}, "people": int64(12), "phone": forms.Phone(helperPhone)}})
	m.must(err)
	return m.only("helper")
}

func TestWhoeverAskedTwiceIsAskedOnceWhetherHelpCame(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newHamlet(t, dsn)
		told := m.ownWords("azul, nra aghrum d waman gh douar "+oneDouar+", 12 n middn", oneDouar)
		k := m.only("sms")
		again, err := m.h.Cases.Ask(t.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "ar", Channel: "web",
			Answers: forms.Answers{"need": []string{"water"}, "where": forms.Place{Code: k.Place}, "people": int64(12), "phone": forms.Phone(familyPhone)}})
		m.must(err)
		m.wants(m.next(familyPhone), again.Receipt.Groups())
		m.must(m.h.Cases.Merge(t.Context(), m.dispatcher, again.ID, k.ID))
		m.wants(m.next(familyPhone), again.Receipt.Groups())
		m.deliver(k.ID, m.codeIn(told), map[string]string{familyPhone: "g ubrid"})
		m.until(familyPhone, "is kwn d tuwd tiwisi")
		m.wants(m.text(familyPhone, "1"), "tanmmirt")
		m.closed(k.ID)
		m.wants(m.next(familyPhone), k.Receipt.Groups())
		if all := m.p.letters.On(familyPhone); len(all) != m.read[familyPhone] {
			t.Errorf("told once more: %v", all[m.read[familyPhone]:])
		}
	})
}
