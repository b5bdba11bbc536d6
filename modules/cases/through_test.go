package cases

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/shared/linkage"
)

// window is a browser with cookies and without scripts, in somebody's hands.
type window struct {
	*testing.T
	d    *frontDesk
	by   actor.Actor
	c    *http.Client
	at   string // the address that it shows
	last *http.Response
}

func (d *frontDesk) window(t *testing.T, by actor.Actor) *window {
	jar, err := cookiejar.New(nil)
	d.w.must(err)
	return &window{T: t, d: d, by: by, c: &http.Client{Jar: jar}}
}

func (b *window) read(r *http.Response, err error) (int, string) {
	b.Helper()
	b.d.w.must(err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	b.d.w.must(err)
	b.at, b.last = r.Request.URL.RequestURI(), r
	if r.Header.Get("Cache-Control") != "no-store" {
		b.Errorf("%s may be kept: %q", b.at, r.Header.Get("Cache-Control"))
	}
	return r.StatusCode, string(body)
}

func (b *window) open(path string) (int, string) {
	b.Helper()
	b.d.by.Store(&b.by)
	return b.read(b.c.Get(b.d.srv.URL + path))
}

func (b *window) send(path string, v url.Values) (int, string) {
	b.Helper()
	b.d.by.Store(&b.by)
	return b.read(b.c.PostForm(b.d.srv.URL+path, v))
}

func (b *window) cookies() (names []string) {
	u, err := url.Parse(b.d.srv.URL + "/en/")
	b.d.w.must(err)
	for _, k := range b.c.Jar.Cookies(u) {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	return names
}

// draft is the folder of a new form.
func (b *window) draft() string {
	b.Helper()
	_, page := b.open("/en/help/crisis_help")
	m := regexp.MustCompile(`/en/help/crisis_help/[0-9a-f-]{36}/`).FindString(page)
	if m == "" {
		b.Fatal("no form to fill in")
	}
	return m
}

func (w *world) filled(more url.Values) url.Values {
	v := url.Values{"for_whom": {"self"}, "need": {"food"}, "where.code": {w.douar()}, "people": {"5"}, "words": {"the bridge of Tamaloukt"}, "phone": {"0661234542"}, "name": {"Aicha Ouzal"}}
	for k, x := range more {
		v[k] = x
	}
	return v
}

// personal is what a page must not say once a helper is done.
var personal = regexp.MustCompile(`Tamaloukt|Ouzal|61234542|61 23 45 42|Brahim`)

func helps(how string) url.Values {
	return url.Values{"kind": {"neighbour"}, "how": {how}, "helper_name": {"Brahim"}}
}

func TestAfterAnAssistedSessionTheHelpersPagesShowNothingOfThePerson(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		helper := d.window(t, actor.Actor{Channel: "web"})
		at := helper.draft()
		if _, page := helper.open(at + "helper"); !strings.Contains(page, "I write the request in your name") {
			t.Error("the consent is not there to be read out")
		}
		if status, page := helper.send(at+"helper", url.Values{}); status != 422 || strings.Count(page, `class="err"`) != 2 {
			t.Errorf("a helper who says nothing gets %d", status)
		}
		if status, _ := helper.send(at+"helper", helps(HowSpoken)); status != 200 || !strings.HasSuffix(helper.at, "/for_whom") {
			t.Fatalf("after consent: %d at %s", status, helper.at)
		}
		if status, page := helper.send(at+"all", w.filled(nil)); status != 200 || !personal.MatchString(page) || !strings.Contains(page, "A neighbour") {
			t.Fatalf("the summary: %d", status)
		}
		status, page := helper.send(at+"send", nil)
		if said := saidOn(page); status != 200 || !strings.HasSuffix(helper.at, "/done") || !strings.Contains(said, "Give them this number") || strings.Contains(said, "Your delivery code") || personal.MatchString(page) {
			t.Fatalf("the receipt: %d at %s: %s", status, helper.at, said)
		}
		var k *Case
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			all, err := casesByPhone(tx, w.vault.Index("phone", string(phone1)), 1)
			if err == nil {
				k = all[0]
			}
			return err
		}))
		if !strings.Contains(page, groups(k.Receipt.String())) && !strings.Contains(saidOn(page), groups(k.Receipt.String())) || k.Channel != "helper" {
			t.Errorf("a case by %q whose number is not on the page", k.Channel)
		}
		n, err := w.TidingsOf(t.Context(), subject(k.ID))
		if err != nil || n.Phone != "+212661234542" || n.Code != w.code(k.ID) || strings.Contains(page, n.Code) {
			t.Errorf("the family's own phone is not told its code, or the helper is: %+v %v", n, err)
		}
		if words := w.trail(subject(k.ID)); !slices.Contains(words, DeedConsent.Name) {
			t.Errorf("no line of consent: %v", words)
		}
		for _, step := range []string{"need", "contact", "check", "all", "helper"} { // the back button
			if _, page := helper.open(at + step); personal.MatchString(page) {
				t.Errorf("back to %s shows the person", step)
			}
		}
		another := d.window(t, actor.Actor{Channel: "web"}) // the same history, a new window
		for _, step := range []string{"done", "check"} {
			if status, page := another.open(at + step); status != 404 || strings.Contains(saidOn(page), groups(k.Receipt.String())) {
				t.Errorf("%s opens elsewhere: %d", step, status)
			}
		}
		if status, _ := helper.send("/en/leave", nil); status != 200 || helper.last.Header.Get("Clear-Site-Data") == "" || len(helper.cookies()) > 0 {
			t.Errorf("after leaving: %d, cookies %v", status, helper.cookies())
		}
		if status, page := helper.open(at + "done"); status != 404 || strings.Contains(saidOn(page), groups(k.Receipt.String())) {
			t.Errorf("after leaving the receipt shows: %d", status)
		}
		_, page = helper.open("/en/track/open")
		if !strings.HasSuffix(helper.at, "/track") {
			t.Errorf("a tracker is open at %s: %s", helper.at, page)
		}
	})
}

func TestWhoeverHelpsSeesAfterwardsWhatTheirRoleSeesAndNothingMore(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		for name, x := range map[string]struct {
			by   actor.Actor
			sees int
		}{
			"a coordinator of the place": {w.staff(actor.Coordinator, tidili), 200},
			"a coordinator elsewhere":    {w.staff(actor.Coordinator, "01.051"), 403},
			"a leader of a team":         {w.staff(actor.Safeguarding, ""), 403},
			"an account without a role":  {actor.Actor{Account: id.New[actor.Account](w.clock.Now()), Channel: "web"}, 403},
		} {
			w.clock.Advance(time.Hour)
			b := d.window(t, x.by)
			at := b.draft()
			b.send(at+"helper", helps(HowPresent))
			b.send(at+"all", w.filled(nil))
			status, page := b.send(at+"send", nil)
			if status != 200 || !strings.HasSuffix(b.at, "/done") || personal.MatchString(page) {
				t.Errorf("%s: %d at %s", name, status, b.at)
				continue
			}
			did, err := id.Parse[draftKind](strings.Split(at, "/")[4])
			w.must(err)
			cid := w.caseOf(did)
			if k, ok, err := w.consent(cid); err != nil || !ok || k.Account != x.by.Account || k.How != HowPresent {
				t.Errorf("%s: the record of consent: %+v %v", name, k, err)
			}
			status, page = b.open("/en/cases/" + cid.String())
			if status != x.sees || personal.MatchString(page) {
				t.Errorf("%s: the case answers %d", name, status)
			}
		}
	})
}

// consent is what stands about helping with a case.
func (w *world) consent(cid CaseID) (k Consent, ok bool, err error) {
	err = w.h.DB.Read(w.t.Context(), func(t *db.Tx) (err error) { k, ok, err = consentTo(t, cid, aboutHelp); return err })
	return k, ok, err
}

func TestWithoutConsentOnlyLifeInDangerIsTakenInAndItIsAskedLater(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		b := d.window(t, actor.Actor{Channel: "web"})
		at := b.draft()
		b.send(at+"helper", helps(HowToAsk))
		b.send(at+"all", w.filled(nil))
		if status, page := b.send(at+"send", nil); status != 422 || !strings.Contains(page, "First ask the person") {
			t.Fatalf("food without consent: %d", status)
		}
		b.send(at+"all", w.filled(url.Values{"need": {"rescue"}}))
		if status, _ := b.send(at+"send", nil); status != 200 || !strings.HasSuffix(b.at, "/done") {
			t.Fatalf("life in danger: %d at %s", status, b.at)
		}
		did, err := id.Parse[draftKind](strings.Split(at, "/")[4])
		w.must(err)
		cid, agent := w.caseOf(did), w.staff(actor.Agent, "")
		if k, ok, _ := w.consent(cid); !ok || k.How != HowToAsk || k.given() {
			t.Errorf("not marked as still to be asked: %+v", k)
		}
		if _, page := d.get(agent, "/en/cases/"+cid.String()); !strings.Contains(page, "Not asked yet") || !strings.Contains(page, "/consent") {
			t.Error("staff are not told to ask")
		}
		w.clock.Advance(time.Minute)
		if status, _ := d.post(agent, "/en/cases/"+cid.String()+"/consent", "how", "spoken"); status != 303 {
			t.Errorf("writing the answer down: %d", status)
		}
		if k, _, _ := w.consent(cid); k.How != HowSpoken || k.Account != agent.Account || !k.given() {
			t.Errorf("the answer: %+v", k)
		}
		if _, page := d.get(agent, "/en/cases/"+cid.String()); strings.Contains(page, cid.String()+"/consent") {
			t.Error("it is still asked for")
		}
		// A child alone cannot be asked, and goes to those who are trained for it.
		b = d.window(t, actor.Actor{Channel: "web"})
		at = b.draft()
		b.send(at+"helper", helps(HowToAsk))
		b.send(at+"all", w.filled(url.Values{"fragile": {"child_alone"}}))
		if status, page := b.send(at+"send", nil); status != 200 || !strings.HasSuffix(b.at, "/done") || strings.Contains(page, "delivery code goes") {
			t.Errorf("a child alone: %d at %s", status, b.at)
		}
	})
}

func TestAPersonWithoutAPhoneHasTheCodeFromTheHand(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		b := w.desk().window(t, actor.Actor{Channel: "web"})
		at := b.draft()
		b.send(at+"helper", helps(HowPresent))
		b.send(at+"all", w.filled(url.Values{"phone": {""}, "secret": {"two olive trees"}}))
		_, page := b.send(at+"send", nil)
		did, err := id.Parse[draftKind](strings.Split(at, "/")[4])
		w.must(err)
		if !strings.Contains(page, "has no phone") || !strings.Contains(digitsOf(page), w.code(w.caseOf(did))) {
			t.Error("nobody could ever tell them the code")
		}
	})
}

func digitsOf(page string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, html.UnescapeString(saidOn(page)))
}

func TestASharedPhoneKeepsNothing(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		b := d.window(t, actor.Actor{Channel: "web"})
		at := b.draft()
		if _, page := b.open("/en/help/crisis_help"); !strings.Contains(page, "/shared") {
			t.Error("nobody is offered it")
		}
		b.send(at+"shared", nil)
		if got := b.cookies(); !slices.Equal(got, []string{"seat", "shared"}) {
			t.Errorf("cookies: %v", got)
		}
		for _, k := range b.last.Request.Response.Cookies() { // of the answer that led here
			if k.Name != "lang" && (k.MaxAge != 0 || !k.Expires.IsZero() || !k.HttpOnly) {
				t.Errorf("%s outlives the window", k.Name)
			}
		}
		_, page := b.send(at+"all", w.filled(nil))
		for _, step := range []string{"contact", "all"} {
			if _, page := b.open(at + step); strings.Contains(page, "data-draft") || !strings.Contains(page, `autocomplete="off"`) || strings.Contains(page, `autocomplete="tel"`) {
				t.Errorf("%s leaves something with the browser", step)
			}
		}
		if !personal.MatchString(page) {
			t.Error("the person does not see what they wrote")
		}
		if status, page := d.window(t, actor.Actor{}).open(at + "check"); status != 404 || personal.MatchString(page) {
			t.Errorf("the address alone opens the form: %d", status)
		}
		if status, page := d.window(t, actor.Actor{}).send(at+"contact", url.Values{"phone": {""}}); status != 404 || personal.MatchString(page) {
			t.Errorf("the address alone changes the form: %d", status)
		}
		b.send("/en/leave", nil)
		if _, err := w.ReadDraft(t.Context(), draftIn(t, at)); fault.KindOf(err) != fault.Missing {
			t.Errorf("the form is still kept: %v", err)
		}
		out := w.ask(nil)
		b.send("/en/track", url.Values{"number": {out.Receipt.String()}, "word": {"4542"}, "shared": {"yes"}})
		if !strings.HasSuffix(b.at, "/track/open") || !slices.Equal(b.cookies(), []string{"shared", "track"}) {
			t.Fatalf("the tracker: %s %v", b.at, b.cookies())
		}
		b.open("/en/about")
		if b.open("/en/track/open"); !strings.HasSuffix(b.at, "/track") {
			t.Error("the tracker stays open behind another page")
		}
		b.send("/en/track", url.Values{"number": {out.Receipt.String()}, "word": {"4542"}})
		w.clock.Advance(4 * time.Minute)
		b.open("/en/track/open") // still read
		w.clock.Advance(4 * time.Minute)
		if b.open("/en/track/open"); !strings.HasSuffix(b.at, "/track/open") {
			t.Error("it closed while it was read")
		}
		w.clock.Advance(6 * time.Minute)
		if b.open("/en/track/open"); !strings.HasSuffix(b.at, "/track") {
			t.Error("it stays open though nobody reads it")
		}
	})
}

func draftIn(t *testing.T, at string) DraftID {
	t.Helper()
	did, err := id.Parse[draftKind](strings.Split(at, "/")[4])
	if err != nil {
		t.Fatal(err)
	}
	return did
}

var sheetNumber = regexp.MustCompile(`/en/paper/sheets/[0-9a-f-]{36}$`)

func TestASheetOfPaperIsTypedInOnceUnderItsOwnNumber(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		b := d.window(t, actor.Actor{Channel: "web"})
		if status, page := b.send("/en/help/crisis_help/paper", nil); status != 200 || !sheetNumber.MatchString(b.at) || strings.Count(page, `class="blank"`) != 1 || !strings.Contains(page, `class="qr"`) || strings.Contains(page, "⟦") {
			t.Fatalf("printing: %d at %s", status, b.at)
		}
		if status, _ := b.send("/en/help/crisis_help/paper", url.Values{"n": {"20"}}); status != 422 {
			t.Errorf("a passer-by prints twenty: %d", status)
		}
		agent := w.staff(actor.Agent, "")
		desk := d.window(t, agent)
		if _, page := desk.send("/en/help/crisis_help/paper", url.Values{"n": {"20"}}); strings.Count(page, `class="blank"`) != 20 {
			t.Error("the desk does not get its twenty")
		}
		var all []Sheet
		batch, err := id.Parse[batchKind](desk.at[len(desk.at)-36:])
		w.must(err)
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { all, err = sheets(tx, batch); return err }))
		number := all[0].Number
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) error {
			if taken, err := receiptTaken(tx, number); err != nil || !taken {
				t.Errorf("the number on a sheet may be given to somebody else: %v", err)
			}
			return nil
		}))
		if status, _ := b.open("/en/paper/" + number.String()); status != 401 {
			t.Errorf("anybody types in: %d", status)
		}
		if status, _ := desk.open("/en/paper/" + unprinted(t).String()); status != 404 {
			t.Errorf("a number that no sheet has: %d", status)
		}
		_, page := desk.open("/en/paper/" + number.String())
		at := regexp.MustCompile(`/en/help/crisis_help/[0-9a-f-]{36}/`).FindString(page)
		if !strings.Contains(page, `name="paper" value="`+number.String()+`"`) || at == "" {
			t.Fatal("the form does not carry the number")
		}
		if status, _ := desk.send(at+"all", w.filled(url.Values{"paper": {number.String()}})); status != 200 || !strings.HasSuffix(desk.at, "/check") {
			t.Fatalf("typed in: %d at %s", status, desk.at)
		}
		desk.send(at+"send", nil)
		k := w.get(w.caseOf(draftIn(t, at)))
		if k.Receipt != number || k.Channel != "paper" || !strings.HasSuffix(desk.at, "/cases/"+k.ID.String()) {
			t.Errorf("the case has %s by %q", k.Receipt, k.Channel)
		}
		if h, err := w.Recognise(t.Context(), number, "4542"); err != nil || h.Case != k.ID {
			t.Errorf("the slip that was torn off opens nothing: %v", err)
		}
		if n, err := w.TidingsOf(t.Context(), subject(k.ID)); err != nil || n.Code == "" || n.Phone != "+212661234542" {
			t.Errorf("the family is not told: %+v", n)
		}
		if status, page := desk.open("/en/paper/" + number.String()); status != 409 || !strings.Contains(page, "typed in before") || !strings.Contains(page, "/en/cases/"+k.ID.String()) {
			t.Errorf("typed twice: %d", status)
		}
		at = desk.draft() // somebody who had the same form open
		desk.send(at+"all", w.filled(url.Values{"paper": {number.String()}}))
		if status, page := desk.send(at+"send", nil); status != 422 || !strings.Contains(page, "typed in before") {
			t.Errorf("sent twice: %d", status)
		}
		// Whoever is not of the staff cannot put a number on their request.
		at = b.draft()
		b.send(at+"all", w.filled(url.Values{"paper": {all[1].Number.String()}}))
		b.send(at+"send", nil)
		if k := w.get(w.caseOf(draftIn(t, at))); k.Receipt == all[1].Number || k.Channel != "web" {
			t.Error("a passer-by used up a sheet")
		}
	})
}

// unprinted is a good number that stands on no sheet.
func unprinted(t *testing.T) receipt.Number {
	t.Helper()
	n, err := receipt.New(strings.NewReader(strings.Repeat("\x10\x20\x30\x40", 2)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARelativeFarAwayIsToldWhatConsentAllows(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		family := w.ask(forms.Answers{"people": int64(4)})
		far := w.ask(forms.Answers{"for_whom": "far", "phone": forms.Phone("+33612345678"), "family_phone": phone1, "words": nil, "name": nil})
		var alike []Likeness
		w.must(w.LookAlike(t.Context()))
		w.must(w.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) { alike, err = likenesses(tx, far.ID); return err }))
		if len(alike) == 0 || elseOf(alike[0], far.ID) != family.ID || !slices.ContainsFunc(alike[0].Reasons, func(r linkage.Reason) bool { return r.Key == linkage.SamePhone }) {
			t.Errorf("the two requests for one family are not held together: %+v", alike)
		}
		if k := w.get(far.ID); strings.Contains(k.Answers, "family_phone") || strings.Contains(k.Answers, "61234542") {
			t.Error("the family's phone stands open")
		}
		b := d.window(t, actor.Actor{Channel: "web"})
		ask := func(who, word string) string {
			_, page := b.send("/en/news", url.Values{"who": {who}, "word": {word}})
			return saidOn(page)
		}
		for who, word := range map[string]string{"0661234542": "olive tree", family.Receipt.String(): "4542", "0699999999": "olive tree"} {
			if said := ask(who, word); !strings.Contains(said, "We can tell you nothing") || strings.Contains(said, "Received") {
				t.Errorf("without consent %s is told: %s", who, said)
			}
		}
		home := d.window(t, actor.Actor{Channel: "web"})
		home.send("/en/track", url.Values{"number": {family.Receipt.String()}, "word": {"4542"}})
		if status, page := home.send("/en/track/share", url.Values{"share_word": {"..!?"}}); status != 422 || !strings.Contains(saidOn(page), "Choose a word of at least") {
			t.Errorf("a word of signs: %d", status)
		}
		if status, _ := home.send("/en/track/share", url.Values{"share_word": {"Olive tree"}}); status != 200 {
			t.Errorf("sharing: %d", status)
		}
		state := html.UnescapeString(ask("0661 23 45 42", "olive tree"))
		if !strings.Contains(state, "all that the family allows") || personal.MatchString(state) || strings.Contains(state, "Food") || !strings.Contains(state, "Times are Morocco time") {
			t.Errorf("with consent: %s", state)
		}
		if said := ask("0661234542", "another word"); !strings.Contains(said, "We can tell you nothing") {
			t.Error("any word opens it")
		}
		if said := ask(family.Receipt.String(), "olive tree"); !strings.Contains(said, "all that the family allows") {
			t.Errorf("by receipt: %s", said)
		}
		home.send("/en/track/share", url.Values{"stop": {"1"}})
		w.clock.Advance(16 * time.Minute)
		if said := ask("0661234542", "olive tree"); !strings.Contains(said, "We can tell you nothing") {
			t.Error("it goes on after it was taken back")
		}
		if words := w.trail(subject(family.ID)); slices.Index(words, DeedShare.Name) < 0 {
			t.Errorf("the path does not tell: %v", words)
		}
	})
}

var figures = regexp.MustCompile(`\d requests? in this commune`)

func TestNewsOfAPlaceAreWhatWasPublishedOfIt(t *testing.T) {
	taskWorlds(t, func(t *testing.T, w *taskWorld) {
		d := w.desk()
		commune, ok := w.places.Commune(w.douar())
		if !ok {
			t.Fatal("no commune")
		}
		published := 0
		w.UsePublished(func(_ *db.Tx, code string) (n Tally, err error) {
			if code == commune.Code {
				n.Asked = published
			}
			return n, nil
		})
		for i := range 6 {
			if published = 0; i >= 5 {
				published = i
			}
			if _, page := d.get(actor.Actor{}, "/en/news?place="+w.douar()); figures.MatchString(saidOn(page)) != (i >= 5) || !strings.Contains(page, "We know of this place") {
				t.Errorf("with %d requests: %s", i, saidOn(page))
			}
		}
		if _, page := d.get(actor.Actor{}, "/en/news?place="+tidili); !strings.Contains(page, "Choose a commune") {
			t.Error("a province is told of")
		}
		if _, page := d.get(actor.Actor{}, "/en/news?q=asni"); !strings.Contains(page, "/en/news?place=") {
			t.Error("a place is not found by its name")
		}
	})
}

func TestWithThePersonGoesWhatTheyAgreedTo(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		out, _ := w.delivered()
		for _, err := range []error{w.Share(t.Context(), person(), DeedShare, out.ID, "olive tree", "en"), w.Confirm(t.Context(), person(), DeedConfirm, out.ID, Yes)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Erase(t.Context(), person(), out.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.NewsFor(t.Context(), out.Receipt, "", "olive tree"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("there is still news of them: %v", err)
		}
		if err := w.Share(t.Context(), person(), DeedShare, out.ID, "olive tree", "en"); fault.KindOf(err) != fault.Denied {
			t.Errorf("a forgotten person shares: %v", err)
		}
	})
}
