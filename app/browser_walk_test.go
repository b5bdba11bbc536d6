package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/places"
	"github.com/twiza/twiza/testkit"
)

// errand is one request for help on its way through the house.
type errand struct {
	*street
	family  *testkit.Browser // a telephone without scripts
	receipt string
	code    string // what the family gives to whoever brings the help
	id      string
	douar   *places.Place // where they are, in the end
}

const (
	walkPhone = "0661 23 45 67"
	walkLast4 = "4567"
	walkWords = "الطريق مقطوعة بعد القنطرة، ولدينا شيخ مريض"
)

func TestACallForHelpBecomesADeliveryThatTheFamilyConfirms(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	e := &errand{street: newStreet(t), family: b}
	dispatcher, coordinator, auditor := b.Another(), b.Another(), b.Another()
	b.JavaScript(false)
	b.Size(360, 740)
	e.asks()
	e.follows()
	e.isFound(dispatcher)
	e.isTaken(coordinator)
	e.isDelivered(coordinator)
	e.isAccountedFor(coordinator)
	e.confirms()
	e.complains()
	e.isPrinted(auditor)
	for _, who := range []*testkit.Browser{b, dispatcher, coordinator, auditor} {
		s := e.street
		if hosts := who.Hosts(); len(hosts) != 1 || "http://"+hosts[0] != s.site {
			t.Errorf("asked for something: %v", hosts)
		}
		for _, c := range who.Complaints() {
			if !strings.Contains(c, "the server responded with a status of 4") { // a form shown again
				t.Error("the browser complains:", c)
			}
		}
	}
}

// asks is the way from the front door to the receipt.
func (e *errand) asks() {
	b := e.family
	b.Open(e.site + "/ar/")
	e.onPhone(b, "home")
	b.Follow(`main a[href="/ar/help"]`)
	e.onPhone(b, "help")
	b.Follow(`main a[href="/ar/help/crisis_help"]`)
	e.onPhone(b, "for-whom")
	b.Check("[name=for_whom][value=self]")
	b.Submit("main form")
	e.onPhone(b, "need")
	b.Submit("main form") // nothing chosen: said on the page, not lost
	if b.Status() != 422 || b.Count(".errs a") == 0 {
		e.Errorf("a step without its answer gives %d", b.Status())
	}
	e.onPhone(b, "need-refused")
	b.Check("[name=need][value=warm]")
	b.Check("[name=need][value=food]")
	b.Submit("main form")
	e.placeByLists()
	e.peopleAndBack()
	e.onPhone(b, "contact")
	b.Fill("[name=phone]", walkPhone)
	b.Fill("[name=name]", "فاطمة")
	b.Submit("main form")
	e.onPhone(b, "check")
	e.changePlaceBySearch()
	b.Submit(`form[action$="/send"]`)
	e.receives()
}

// placeByLists narrows down from the province to the douar.
func (e *errand) placeByLists() {
	b := e.family
	e.onPhone(b, "where")
	commune := e.commune()
	e.douar = e.h.Places.Children(commune.Code)[0]
	b.Follow("[name=act][value=list]")
	e.onPhone(b, "where-lists")
	for _, step := range []struct{ list, code string }{{"province", homeProvince}, {"commune", commune.Code}, {"douar", e.douar.Code}} {
		b.Choose(fmt.Sprintf(`select[name="where.%s"]`, step.list), step.code)
		b.Follow("[name=act][value=list]")
		if b.Count(fmt.Sprintf(`[name="where.code"][value="%s"]:checked`, step.code)) != 1 {
			e.Fatalf("%s was chosen from its list and does not stand on the page", step.code)
		}
	}
	e.onPhone(b, "where-chosen")
	e.douar = e.h.Places.Children(commune.Code)[2] // on second thoughts
	b.Choose(`select[name="where.douar"]`, e.douar.Code)
	b.Follow(".bar button")
}

// peopleAndBack fills in the fourth step, after a look back at the third.
func (e *errand) peopleAndBack() {
	b := e.family
	e.onPhone(b, "people")
	b.Follow("a.back")
	if b.Count(fmt.Sprintf(`[name="where.code"][value="%s"]:checked`, e.douar.Code)) != 1 {
		e.Error("going back lost the place")
	}
	b.Follow("a.back")
	if b.Count("[name=need]:checked") != 2 {
		e.Error("going back lost the needs")
	}
	b.Submit("main form")
	b.Follow(".bar button")
	b.Fill("[name=people]", "٦")
	b.Check("[name=fragile][value=elderly]")
	b.Fill("[name=words]", walkWords)
	b.Submit("main form")
}

// changePlaceBySearch changes one answer from the summary, by its name as
// people write it, and comes back to the summary.
func (e *errand) changePlaceBySearch() {
	b := e.family
	before := b.Count(".kv dt")
	b.Follow(`a.ch[href*="/where?"]`)
	other := e.h.Places.Children(e.commune().Code)[1]
	b.Check(`[name="where.code"][value=""]`) // somewhere else
	b.Fill(`[name="where.text"]`, other.Names["ar"])
	b.Follow("[name=act][value=search]")
	e.onPhone(b, "where-found")
	if b.Count(`[name="where.code"]:checked`) != 0 {
		e.Error("the place that was left is still chosen")
	}
	b.Check(fmt.Sprintf(`[name="where.code"][value="%s"]`, other.Code))
	b.Follow(".bar button")
	if !strings.HasSuffix(b.URL(), "/check") || b.Count(".kv dt") != before {
		e.Errorf("from the change back to %s with %d answers of %d", b.URL(), b.Count(".kv dt"), before)
	}
	if said := b.Text(".kv"); !strings.Contains(said, other.Names["ar"]) || !strings.Contains(said, walkWords) || !strings.Contains(said, "فاطمة") {
		e.Errorf("the summary says %s", said)
	}
	e.douar = other
}

// receives reads the receipt, and finds it again behind the back button.
func (e *errand) receives() {
	b := e.family
	e.onPhone(b, "receipt")
	e.receipt, e.code = plain(b.Attribute(".ticket .code", "aria-label")), plain(b.Attribute(".pin .code", "aria-label"))
	if _, err := receipt.Parse(e.receipt); err != nil || len(e.receipt) != 9 {
		e.Fatalf("the receipt says %q: %v", e.receipt, err)
	}
	if len(e.code) < 4 {
		e.Fatalf("the code for whoever brings the help is %q", e.code)
	}
	b.Back()
	if again := plain(b.Attribute(".ticket .code", "aria-label")); again != e.receipt {
		e.Errorf("after the back button the receipt is %q and was %q", again, e.receipt)
	}
}

// track opens the tracker as anybody does who holds the receipt.
func (e *errand) track(b *testkit.Browser, number, word string) {
	b.Open(e.site + "/ar/track")
	b.Fill("[name=number]", number)
	b.Fill("[name=word]", word)
	b.Submit(`form[action$="/track"]`)
}

func (e *errand) follows() {
	b := e.family
	e.track(b, e.receipt, "0000")
	if b.Status() != 422 || b.Count(".tl") > 0 {
		e.Errorf("a wrong word gives %d", b.Status())
	}
	e.onPhone(b, "track-refused")
	e.track(b, e.receipt, walkLast4)
	e.onPhone(b, "track")
	if b.Count(".tl li.cur") != 1 || plain(b.Attribute(".ticket .code", "aria-label")) != e.receipt {
		e.Error("the tracker does not say how the request stands")
	}
	if strings.Contains(plain(b.Text(".kv")), walkLast4) {
		e.Error("the tracker shows the digits that open it")
	}
	if strings.Contains(b.Text("main"), e.code) {
		e.Error("the tracker shows the code once more")
	}
}

// isFound is the dispatcher's part: the queue, the case, the telephone.
func (e *errand) isFound(b *testkit.Browser) {
	b.Size(1440, 900)
	e.signIn(b, "fr", "dispatcher")
	e.onDesk(b, "queue")
	if b.Count(".qi") != 1 {
		e.Fatalf("the queue shows %d cases", b.Count(".qi"))
	}
	b.Follow(".qi")
	e.onDesk(b, "queue-detail")
	b.Follow(".act-bar a.btn")
	e.onDesk(b, "case")
	_, e.id, _ = strings.Cut(b.URL(), "/cases/")
	e.id, _, _ = strings.Cut(e.id, "#") // the part of the page that the queue led to
	if seen := b.Text("main"); strings.Contains(plain(seen), walkLast4) || strings.Contains(seen, walkWords) || strings.Contains(seen, "فاطمة") {
		e.Errorf("before anybody gave a reason the page shows %s", seen)
	}
	b.Choose("[name=reason]", "call")
	b.Submit(`form[action$="/reveal"]`)
	e.onDesk(b, "case-revealed")
	if b.Count(`a[href="tel:+212661234567"]`) == 0 || !strings.Contains(b.Text(".words"), walkWords) {
		e.Error("with a reason, neither the phone nor the words show")
	}
	b.Check("[name=result][value=reached]")
	b.Submit(`form[action$="/contact"]`)
	e.onDesk(b, "case-called")
}

// isTaken is the coordinator's part: the claim, the team, the mission.
func (e *errand) isTaken(b *testkit.Browser) {
	b.Size(1440, 900)
	e.signIn(b, "fr", "coordinator")
	b.Open(e.site + "/fr/queue")
	b.Fill(".find input", e.receipt)
	b.Press("Enter")
	b.Follow(".qi")
	b.Follow(".act-bar a.btn")
	b.Submit(`form[action$="/claim"]`)
	e.onDesk(b, "case-claimed")
	b.Check(fmt.Sprintf(`[name=team][value="%s"]`, e.team))
	b.Submit(`form[action$="/assign"]`)
	e.onDesk(b, "case-assigned")
	b.Follow(`a[href*="/missions/new"]`)
	e.onDesk(b, "mission-new")
	if b.Count(fmt.Sprintf(`[name=case][value="%s"]:checked`, e.id)) != 1 {
		e.Fatalf("the case one comes from is not chosen for the mission: %s: %s", b.URL(), b.Text("main"))
	}
	b.Submit(`form[action$="/missions/new"]`)
	e.onDesk(b, "mission")
	if b.Count(fmt.Sprintf(`a[href$="/cases/%s"]`, e.id)) != 1 {
		e.Fatal("the mission does not go to the family")
	}
}

// isDelivered loads, departs, and hands over against the family's code.
func (e *errand) isDelivered(b *testkit.Browser) {
	b.Fill("[name=load_blanket]", "10")
	b.Fill("[name=load_food_basket]", "4")
	b.Submit(`form[action$="/load"]`)
	e.onDesk(b, "mission-loaded")
	b.Submit(`form[action$="/depart"]`)
	e.onDesk(b, "mission-departed")
	b.Follow(`a[href*="/deliver/"]`)
	e.onDesk(b, "delivery")
	hand := func(code string) {
		b.Fill("[name=good_blanket]", "6")
		b.Fill("[name=good_food_basket]", "1")
		b.Check("[name=proof][value=code]")
		b.Fill("[name=code]", code)
		b.Follow(".act-bar button")
	}
	wrong := "111111"
	if e.code == wrong {
		wrong = "222222"
	}
	hand(wrong)
	if b.Status() != 422 || b.Value("[name=good_blanket]") != "6" {
		e.Errorf("with a code that is not the family's the delivery gives %d", b.Status())
	}
	e.onDesk(b, "delivery-refused")
	hand(e.code)
	e.onDesk(b, "mission-delivered")
	if b.Count(`a[href*="/deliver/"]`) != 0 {
		e.Fatal("the stop still waits")
	}
}

// isAccountedFor brings back what is left, to the unit, and closes.
func (e *errand) isAccountedFor(b *testkit.Browser) {
	b.Submit(`form[action$="/close"]`)
	if b.Count(".errs") == 0 || b.Count(`form[action$="/return"]`) == 0 {
		e.Errorf("a mission that does not balance closes with %d", b.Status())
	}
	e.onDesk(b, "mission-unbalanced")
	b.Fill("[name=back_blanket]", "4")
	b.Fill("[name=back_food_basket]", "2")
	b.Submit(`form[action$="/return"]`)
	b.Choose("[name=lost_good]", "food_basket")
	b.Fill("[name=lost]", "1")
	b.Choose("[name=lost_reason]", "wet")
	b.Submit(`form[action$="/lose"]`)
	b.Submit(`form[action$="/close"]`)
	e.onDesk(b, "mission-closed")
	if b.Count(`form[action$="/close"]`) != 0 || b.Count(".tag.ok") == 0 {
		e.Error("the mission is not closed")
	}
}

// confirms is the family's word on it, and who opened their file.
func (e *errand) confirms() {
	b := e.family
	e.track(b, e.receipt, walkLast4)
	e.onPhone(b, "track-came")
	if b.Count(".look") != 1 {
		e.Errorf("%d people opened the file, as the family reads it", b.Count(".look"))
	}
	b.Follow("[name=answer][value=yes]")
	e.onPhone(b, "track-closed")
	if b.Count("[name=answer]") != 0 || b.Count(".tl li.cur, .tl li.todo") != 0 {
		e.Error("the family said yes, and the request is not closed")
	}
	b.Check("[name=stars][value='4']")
	b.Submit(`form[action$="/rate"]`)
	if b.Count(".flash") == 0 {
		e.Error("nobody thanks for the rating")
	}
}

// complains gets a receipt of its own, which opens with what opened the first.
func (e *errand) complains() {
	b := e.family
	b.Follow(`a[href="/ar/track/complain"]`)
	e.onPhone(b, "complain")
	b.Check("[name=kind][value=late]")
	b.Fill("[name=text]", "وصلت المساعدة بعد يومين")
	b.Submit(`form[action$="/complain"]`)
	e.onPhone(b, "complained")
	number := plain(b.Attribute(".ticket .code", "aria-label"))
	if _, err := receipt.Parse(number); err != nil || number == e.receipt {
		e.Fatalf("the complaint's receipt is %q: %v", number, err)
	}
	e.track(b, number, walkLast4)
	e.onPhone(b, "track-complaint")
	if plain(b.Attribute(".ticket .code", "aria-label")) != number {
		e.Error("the complaint's receipt opens something else")
	}
}

// isPrinted is the auditor's part: the whole path of the case, on paper.
func (e *errand) isPrinted(b *testkit.Browser) {
	b.Size(1440, 900)
	e.signIn(b, "fr", "auditor")
	b.Open(e.site + "/fr/cases/" + e.id + "/path")
	e.onDesk(b, "path")
	b.Print(true)
	if b.Count("h1") != 1 || !strings.Contains(plain(b.Text("main")), e.receipt) {
		e.Error("the sheet does not say which case it is")
	}
	if n := b.Count(".tbl tbody tr"); n < 10 {
		e.Errorf("the path of the case has %d lines", n)
	}
	if seen := b.Text("main"); strings.Contains(plain(seen), walkLast4) || strings.Contains(seen, e.code) || strings.Contains(seen, "⟦") {
		e.Error("the path holds what no paper may hold, or a sentence without words")
	}
}

func TestAFamilyThatGotNothingIsOpenAgain(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	by := s.coordinator()
	douar := s.h.Places.Children(s.commune().Code)[0].Code
	asked, err := s.h.Cases.Ask(t.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "ar", Channel: "web",
		Answers: forms.Answers{"need": []string{"water"}, "where": forms.Place{Code: douar}, "people": int64(3), "phone": forms.Phone("+212661234567")}})
	s.must(err)
	helpCame(t, s.h, by, s.team, asked.ID)

	b.JavaScript(false)
	b.Size(360, 740)
	e := &errand{street: s, family: b, receipt: asked.Receipt.String()}
	e.track(b, e.receipt, walkLast4)
	b.Follow("[name=answer][value=no]")
	if b.Count("[name=answer]") != 0 || b.Count(".tl li.cur") != 1 || b.Count(".tl li.todo") == 0 {
		t.Error("the family said no, and their request is not open again")
	}
	e.onPhone(b, "track-reopened")
	dispatcher := b.Another()
	dispatcher.Size(1440, 900)
	s.signIn(dispatcher, "fr", "dispatcher")
	if dispatcher.Count(".qi") != 1 {
		t.Errorf("the queue shows %d open cases", dispatcher.Count(".qi"))
	}
	dispatcher.Open(s.site + "/fr/cases/" + asked.ID.String())
	e.onDesk(dispatcher, "case-reopened")
}
