package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/testkit"
)

// What happens to a request on its way through a bad network.
type fate int

const (
	passes  fate = iota
	drops        // the line goes dead before the house hears it
	loses        // the house hears it and does it; the line goes dead before it can say so
	dawdles      // five seconds, which is more than a person does
	gone         // a proxy says that the house is away
)

// valley is a house and the network between it and one telephone.
type valley struct {
	*testing.T
	h    *House
	at   string // host:port
	site string
	door http.Handler

	mu    sync.Mutex
	fate  func(*http.Request) fate
	heard []string // "POST /fr/help/…" that reached the house
	late  [][]byte // bodies of forms, for a network that repeats them
	srv   *http.Server
}

func newValley(t *testing.T) *valley {
	t.Helper()
	v := &valley{T: t, h: openHouse(t, model.SQLite(t), clock.System{}), at: "127.0.0.1:0"}
	v.door = v.h.Handler()
	v.up()
	t.Cleanup(v.down)
	return v
}

func (v *valley) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// up opens the house, at the address that it always had.
func (v *valley) up() {
	v.Helper()
	var l net.Listener
	for range 50 { // the last connections may still hold the port
		var err error
		if l, err = net.Listen("tcp", v.at); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if l == nil {
		v.Fatalf("%s is not free", v.at)
	}
	v.at = l.Addr().String()
	v.site = "http://" + v.at
	v.srv = &http.Server{Handler: http.HandlerFunc(v.carry)}
	go v.srv.Serve(l)
}

// down is a house that is switched off, or a valley without a mast.
func (v *valley) down() { v.srv.Close() }

func (v *valley) network(f func(*http.Request) fate) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fate = f
}

// posts is a network that is bad for forms alone.
func posts(f fate) func(*http.Request) fate {
	return func(r *http.Request) fate {
		if r.Method == "POST" {
			return f
		}
		return passes
	}
}

func (v *valley) carry(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a line that went dead has said what it has said
	r.Body = io.NopCloser(bytes.NewReader(body))
	v.mu.Lock()
	f := passes
	if v.fate != nil {
		f = v.fate(r)
	}
	if f != drops {
		v.heard = append(v.heard, r.Method+" "+r.URL.Path)
	}
	if r.Method == "POST" {
		v.late = append(v.late, append([]byte(r.URL.Path+"\n"), body...))
	}
	v.mu.Unlock()
	switch f {
	case drops:
		hangUp(w)
		return
	case loses:
		v.door.ServeHTTP(httptest.NewRecorder(), r)
		hangUp(w)
		return
	case gone:
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	case dawdles:
		time.Sleep(5 * time.Second)
	}
	v.door.ServeHTTP(w, r)
}

func hangUp(w http.ResponseWriter) {
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		c.Close()
	}
}

// cases is how many requests the house has.
func (v *valley) cases() (n int) {
	v.Helper()
	v.must(v.h.DB.Read(context.Background(), func(t *db.Tx) (err error) {
		n, err = db.One(t, func(r db.Row) (n int, err error) { return n, r.Scan(&n) }, `SELECT COUNT(*) FROM cases_case`)
		return err
	}))
	return n
}

// js asks a script of the page's own world, and waits for what it promises.
func js[T any](v *valley, b *testkit.Browser, expression string) (out T) {
	v.Helper()
	got, err := chromedp.Call(b.Context(), runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ReturnByValue: new(true), AwaitPromise: new(true)})
	v.must(err)
	if got.ExceptionDetails != nil {
		v.Fatalf("%s: %s", expression, got.ExceptionDetails.Exception.Description)
	}
	if len(got.Result.Value) > 0 {
		v.must(json.Unmarshal(got.Result.Value, &out))
	}
	return out
}

// until waits for something that happens by itself.
func (v *valley) until(what string, met func() bool) {
	v.Helper()
	// Longer than the minute after which a phone that had trouble tries again by itself.
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if met() {
			return
		}
	}
	v.Fatalf("it never came about that %s", what)
}

const outbox = `new Promise((ok, no) => { const r = indexedDB.open("twiza", 1); r.onupgradeneeded = () => r.result.createObjectStore("out", {keyPath: "id"}); r.onerror = no;
	r.onsuccess = () => { const q = r.result.transaction("out").objectStore("out").getAll(); q.onsuccess = () => { r.result.close(); ok(JSON.stringify(q.result)) } } })`

type keptForm struct {
	ID   string
	Rows [][2]string
	Bad  string
	Got  *struct{ Receipt, Say, Done string }
}

func (v *valley) outbox(b *testkit.Browser) (all []keptForm) {
	v.Helper()
	v.must(json.Unmarshal([]byte(js[string](v, b, outbox)), &all))
	return all
}

// waiting is how many forms are on the phone and not with the house.
func (v *valley) waiting(b *testkit.Browser) (n int) {
	for _, k := range v.outbox(b) {
		if k.Got == nil {
			n++
		}
	}
	return n
}

// visited is a phone whose owner has once had the form open.
func (v *valley) visited(b *testkit.Browser) {
	v.Helper()
	b.Size(360, 740)
	b.Open(v.site + "/fr/")
	b.Open(v.site + "/fr/help/crisis_help")
	for _, page := range []string{"/fr/help/crisis_help", "/fr/help/crisis_help?all=1", "/fr/offline", "/fr/saved"} {
		v.until(page+" is kept", func() bool { return js[bool](v, b, `caches.match("`+page+`").then(x => !!x)`) })
	}
	b.Open(v.site + "/fr/")
	v.until("the worker looks after the page", func() bool { return js[bool](v, b, `!!navigator.serviceWorker.controller`) })
}

const (
	valleyPhone = "0661239876"
	valleyWords = "le pont de Tamaloukt est coupé"
)

// answers fills in the rest of the whole form.
func (v *valley) answers(b *testkit.Browser, people string) {
	v.Helper()
	b.Fill(`[name="where.text"]`, "Aït Bougmez")
	b.Fill("[name=people]", people)
	b.Fill("[name=words]", valleyWords)
	b.Fill("[name=phone]", valleyPhone)
	b.Fill("[name=name]", "Fatima")
}

// writes opens the form anew and fills it in.
func (v *valley) writes(b *testkit.Browser, people string) {
	v.Helper()
	b.Open(v.site + "/fr/help/crisis_help?all=1")
	b.Check("[name=need][value=water]")
	v.answers(b, people)
}

const sendAll = `main form[action$="/all"] .bar button`

// keeps sends a form into nothing, and finds it kept.
func (v *valley) keeps(b *testkit.Browser, people string) {
	v.Helper()
	v.writes(b, people)
	b.Follow(sendAll)
	v.until("the form is kept", func() bool {
		return strings.HasSuffix(b.URL(), "/fr/saved") && strings.Contains(b.Text("#waits"), "Numéro provisoire")
	})
}

// look writes the page down as a picture, where TWIZA_SHOTS names a folder.
func (v *valley) look(b *testkit.Browser, name string) {
	v.Helper()
	if over := b.Overflow(); over > 0 {
		v.Errorf("%s is %d px wider than a telephone", name, over)
	}
	for _, x := range b.Axe(v.T) {
		v.Errorf("%s: %v", name, x)
	}
	if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
		b.Shot(filepath.Join(dir, "offline-"+name+".png"))
	}
}

// receipts are the numbers that the phone was told.
func (v *valley) receipts(b *testkit.Browser) (all []string) {
	for _, k := range v.outbox(b) {
		if k.Got != nil {
			all = append(all, k.Got.Receipt)
		}
	}
	return all
}

// nothingPersonal looks through every copy that the phone keeps of pages.
func (v *valley) nothingPersonal(b *testkit.Browser) {
	v.Helper()
	pages := js[map[string]string](v, b, `(async () => { const out = {}; for (const n of await caches.keys()) for (const k of await (await caches.open(n)).keys())
		out[k.url] = await (await caches.match(k)).text(); return out })()`)
	if len(pages) < 5 {
		v.Errorf("only %d copies", len(pages))
	}
	for url, text := range pages {
		if !strings.Contains(url, "/assets/") && regexp.MustCompile(`Tamaloukt|Fatima|1239876|12 39 87 6|Bougmez|class="ticket|/track/|X-Shared`).MatchString(text) {
			v.Errorf("the copy of %s holds somebody's data", url)
		}
		if strings.Contains(url, "/done") || strings.Contains(url, "/check") || strings.Contains(url, "/track") || strings.Contains(url, "/queue") {
			v.Errorf("%s is kept", url)
		}
	}
}

func TestAFormWithoutANetworkIsKeptAndSentOnceWhenItReturns(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	v.down()

	b.Open(v.site + "/fr/")
	if said := b.Text("[data-copy]"); !regexp.MustCompile(`\d\d:\d\d`).MatchString(said) || !strings.Contains(said, "Le réseau ne répond pas") {
		t.Errorf("the copy does not say from when it is: %q", said)
	}
	b.Open(v.site + "/fr/track")
	if b.Text("h1") != "Pas de réseau" {
		t.Errorf("a page that is not kept: %s", b.Text("main"))
	}
	v.until("the pages that are kept are listed", func() bool { return b.Count(`#copies a[href="/fr/help/crisis_help"]`) == 1 })
	v.look(b, "offline")
	v.keeps(b, "5")
	if v.cases() != 0 || v.waiting(b) != 1 {
		t.Fatalf("%d cases, %d waiting", v.cases(), v.waiting(b))
	}
	b.Open(v.site + "/fr/")
	v.until("home says that a form waits", func() bool { return b.Text("[data-outbox] b") == "1" })
	v.look(b, "home")
	b.Follow("[data-outbox] a")
	v.until("what waits is listed", func() bool { return b.Count("#waits li") == 1 })
	v.look(b, "saved")
	v.nothingPersonal(b)

	v.up()
	b.Click("[data-go] button")
	v.until("it is sent", func() bool { return v.waiting(b) == 0 })
	got := v.receipts(b)
	if v.cases() != 1 || len(got) != 1 || len(got[0]) != 9 {
		t.Fatalf("%d cases, receipts %v", v.cases(), got)
	}
	v.until("the number is read", func() bool { return plain(b.Text("#waits .code")) == got[0] })
	v.look(b, "sent")
	if rest := js[string](v, b, outbox); strings.Contains(rest, "Fatima") || strings.Contains(rest, "Tamaloukt") {
		t.Error("what was sent is still on the phone")
	}
	b.Follow("[data-see]")
	if plain(b.Text(".ticket .code")) != got[0] || b.Text(".pin .code") == "" {
		t.Errorf("the receipt: %s", b.Text("main"))
	}
	v.until("what is on paper needs no copy", func() bool { return len(v.outbox(b)) == 0 })
	v.nothingPersonal(b)
	if said := b.Complaints(); len(said) > 0 && !strings.Contains(strings.Join(said, " "), "ERR_") {
		t.Error("the browser complains:", said)
	}
}

func TestALineThatGoesDeadInTheMiddleOfARequestLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	for i, x := range []struct {
		name string
		fate fate
	}{{"before the house heard it", drops}, {"after it was taken", loses}, {"at a proxy", gone}} {
		v.network(nil)
		v.writes(b, "5")
		b.Follow(sendAll) // the summary
		v.network(posts(x.fate))
		b.Follow(`main form[action$="/send"] .bar button`)
		if !strings.HasSuffix(b.URL(), "/fr/saved") || v.waiting(b) != 1 {
			t.Fatalf("%s: %s, %d waiting", x.name, b.URL(), v.waiting(b))
		}
		if rest := js[string](v, b, outbox); strings.Contains(rest, "Fatima") || strings.Contains(rest, "Tamaloukt") {
			t.Errorf("%s: what waits of a summary can be read on the phone: %s", x.name, rest)
		}
		b.Click("[data-go] button") // the same again: the line is as bad as before
		time.Sleep(300 * time.Millisecond)
		v.network(nil)
		b.Open(v.site + "/fr/saved")
		v.until(x.name+": it is sent", func() bool { return v.waiting(b) == 0 })
		if v.cases() != i+1 || len(v.receipts(b)) != i+1 {
			t.Fatalf("%s: %d cases, receipts %v", x.name, v.cases(), v.receipts(b))
		}
	}
	// The house took it, and the page with the receipt never came.
	v.writes(b, "6")
	b.Follow(sendAll)
	v.network(func(r *http.Request) fate {
		if strings.HasSuffix(r.URL.Path, "/done") {
			return drops
		}
		return passes
	})
	b.Follow(`main form[action$="/send"] .bar button`)
	v.until("the lost receipt is on the phone", func() bool { return v.waiting(b) == 0 && len(v.receipts(b)) == 4 })
	if v.cases() != 4 || !strings.HasSuffix(b.URL(), "/fr/saved") {
		t.Errorf("%d cases, at %s", v.cases(), b.URL())
	}
}

func TestAPhoneWhoseBatteryDiesSendsWhatItKeptAndOnlyOnce(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	profile := t.TempDir()
	b, kill := testkit.ChromiumIn(t, profile)
	v.visited(b)
	v.network(posts(drops))
	v.keeps(b, "5")
	time.Sleep(time.Second) // a telephone's own store writes within the second
	kill()

	b, kill = testkit.ChromiumIn(t, profile)
	told := make(chan bool, 9)
	v.network(func(r *http.Request) fate {
		if r.Method == "POST" {
			told <- true
			return loses
		}
		return passes
	})
	b.Open(v.site + "/fr/")
	<-told // it is on its way, and the house has it
	v.until("the house has it", func() bool { return v.cases() == 1 })
	kill() // before the phone hears of it

	v.network(nil)
	b, _ = testkit.ChromiumIn(t, profile)
	b.Open(v.site + "/fr/saved")
	v.until("the phone knows", func() bool { return v.waiting(b) == 0 && len(v.receipts(b)) == 1 })
	if v.cases() != 1 {
		t.Errorf("%d cases", v.cases())
	}
}

func TestTwoPeopleAndTwoWindowsOfOnePhoneMakeTwoRequests(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	v.down()
	v.keeps(b, "5")
	other := b.Tab()
	other.Size(360, 740)
	v.keeps(other, "9") // from the same copy, in another window
	all := v.outbox(b)
	if len(all) != 2 || all[0].ID == all[1].ID {
		t.Fatalf("waiting: %+v", all)
	}
	v.up()
	for range 3 { // buttons, a network that comes and goes, windows opened again
		for _, w := range []*testkit.Browser{b, other} {
			js[any](v, w, `dispatchEvent(new Event("online")); navigator.serviceWorker.ready.then(r => { for (let i = 0; i < 5; i++) r.active.postMessage(0) })`)
		}
	}
	v.until("both are sent", func() bool { return v.waiting(b) == 0 })
	if got := v.receipts(b); v.cases() != 2 || len(got) != 2 || got[0] == got[1] {
		t.Errorf("%d cases, receipts %v", v.cases(), got)
	}
	v.mu.Lock()
	late := v.late
	v.mu.Unlock()
	for i := len(late) - 1; i >= 0; i-- { // a network that says everything again, the last first
		path, body, _ := bytes.Cut(late[i], []byte("\n"))
		r := httptest.NewRequest("POST", string(path), bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		v.door.ServeHTTP(httptest.NewRecorder(), r)
	}
	if v.cases() != 2 {
		t.Errorf("after everything was said twice there are %d cases", v.cases())
	}
}

func TestWhoIsCutOffBetweenTwoQuestionsGoesOnInTheWholeForm(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	b.Open(v.site + "/fr/help/crisis_help")
	b.Check("[name=for_whom][value=other]")
	b.Follow(".bar button")
	b.Check("[name=need][value=food]")
	b.Check("[name=need][value=warm]")
	v.network(func(*http.Request) fate { return drops })
	b.Follow(".bar button")
	if !strings.HasSuffix(b.URL(), "/all") || b.Text("[data-copy]") == "" {
		t.Fatalf("at %s: %s", b.URL(), b.Text("main"))
	}
	same := b.URL()
	b.Open(same) // turned over in the hand, the page loads again
	for _, x := range []string{"[name=for_whom][value=other]", "[name=need][value=food]", "[name=need][value=warm]"} {
		if b.Count(x+":checked") != 1 {
			t.Errorf("%s is not as it was answered", x)
		}
	}
	if b.Count("[name=act]") == 0 || b.Text("[name=act]") != "" {
		t.Error("a search is offered that nobody can answer")
	}
	v.answers(b, "7")
	v.look(b, "all")
	b.Open(same)
	if b.Value("[name=words]") != valleyWords {
		t.Error("the page loaded again has forgotten what was written")
	}
	b.Follow(sendAll)
	b.Open(same) // the way back after sending leads to what waits
	if !strings.HasSuffix(b.URL(), "/fr/saved") {
		t.Errorf("after it was kept, the form shows again: %s", b.URL())
	}
	v.network(nil)
	b.Open(v.site + "/fr/")
	v.until("it is sent", func() bool { return v.waiting(b) == 0 })
	var needs, answers string
	v.must(v.h.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		_, err = db.One(tx, func(r db.Row) (n int, err error) { return 0, r.Scan(&needs, &answers) }, `SELECT needs, answers FROM cases_case`)
		return err
	}))
	if !strings.Contains(needs, "food") || !strings.Contains(needs, "warm") || !strings.Contains(answers, `"other"`) || v.cases() != 1 {
		t.Errorf("%d cases; %s %s", v.cases(), needs, answers)
	}
}

func TestASlowNetworkShowsACopyWithItsTimeAndWaitsWhereThereIsNone(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	v.network(func(r *http.Request) fate {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			return passes
		}
		return dawdles
	})
	from := time.Now()
	b.Open(v.site + "/fr/")
	if took := time.Since(from); took < 3900*time.Millisecond || b.Text("[data-copy]") == "" { // it says that it is a copy: the answer itself did not come first
		t.Errorf("after %v: %q", took, b.Text("[data-copy]"))
	}
	b.Open(v.site + "/fr/about")
	if b.Count("[data-copy]") != 0 || b.Text("h1") == "Pas de réseau" {
		t.Errorf("a page that only takes long does not come: %s", b.Text("h1"))
	}
	first, second := "", ""
	for _, id := range []*string{&first, &second} {
		b.Open(v.site + "/fr/help/crisis_help")
		*id = b.Attribute("main form", "action")
	}
	if first == second || b.Text("[data-copy]") == "" {
		t.Errorf("two openings of one copy share the name %s", first)
	}
}

func TestARefusedFormIsMendedAndSentAndTroubleOfOursIsTriedAgain(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	v.down()
	v.keeps(b, "beaucoup")
	v.keeps(b, "4")
	v.up()
	v.network(posts(gone))
	b.Open(v.site + "/fr/saved")
	b.Click("[data-go] button")
	time.Sleep(500 * time.Millisecond)
	if v.waiting(b) != 2 || v.cases() != 0 || strings.Contains(b.Text("#waits"), "Corriger") {
		t.Errorf("while the house is away: %d waiting, %s", v.waiting(b), b.Text("#waits"))
	}
	v.network(nil)
	b.Click("[data-go] button")
	v.until("the second is not held up by the first", func() bool { return v.cases() == 1 && strings.Contains(b.Text("#waits"), "Corriger") })
	if v.waiting(b) != 1 || b.Text("[data-bad] [data-v]") == "" {
		t.Errorf("%d waiting: %s", v.waiting(b), b.Text("#waits"))
	}
	v.look(b, "refused")
	b.Follow("[data-mend]:not([hidden])")
	if b.Status() != http.StatusUnprocessableEntity || b.Value("[name=people]") != "beaucoup" || b.Value("[name=words]") != valleyWords || b.Count("[name=need][value=water]:checked") != 1 {
		t.Fatalf("to be mended, %d: %s", b.Status(), b.Text("main"))
	}
	b.Fill("[name=people]", "12")
	b.Follow(sendAll)
	b.Follow(`main form[action$="/send"] .bar button`)
	if b.Text(".ticket .code") == "" {
		t.Fatalf("mended: %s", b.Text("main"))
	}
	v.until("nothing is left to mend", func() bool { return v.waiting(b) == 0 })
	if v.cases() != 2 {
		t.Errorf("%d cases", v.cases())
	}
}

func TestAPhoneThatOthersUseKeepsNothingAndSaysWhy(t *testing.T) {
	t.Parallel()
	testkit.NeedsChromium(t)
	v := newValley(t)
	b, _ := testkit.ChromiumIn(t, t.TempDir())
	v.visited(b)
	v.down()
	v.keeps(b, "3") // somebody else's, from before
	v.up()
	v.network(func(r *http.Request) fate {
		if strings.HasSuffix(r.URL.Path, "/send") {
			return drops
		}
		return passes
	})
	b.Open(v.site + "/fr/help/crisis_help")
	b.Submit(`form[action$="/shared"]`)
	at := b.URL()
	b.Open(at[:strings.LastIndex(at, "/")+1] + "all")
	b.Check("[name=need][value=water]")
	v.answers(b, "5")
	b.Follow(sendAll)
	b.Follow(`main form[action$="/send"] .bar button`)
	if said := b.Text("#shared"); !strings.Contains(said, "D’autres utilisent ce téléphone") || !strings.Contains(said, "rien n’est gardé") {
		t.Errorf("at %s: %q", b.URL(), said)
	}
	v.look(b, "shared")
	v.network(func(*http.Request) fate { return drops })
	for _, path := range []string{"/fr/help/crisis_help", "/fr/help/crisis_help?all=1", at[len(v.site):]} {
		b.Open(v.site + path)
		if b.Count("main form") > 0 || b.Text("#shared") == "" {
			t.Errorf("%s shows a form on a phone of others: %s", path, b.Text("main"))
		}
	}
	b.Open(v.site + "/fr/saved")
	if b.Count("#waits") > 0 || b.Text("#shared") == "" {
		t.Errorf("others see what waits: %s", b.Text("main"))
	}
	if n := v.waiting(b); n != 1 {
		t.Errorf("%d wait on the phone, one from before", n)
	}
	if stored := js[string](v, b, `JSON.stringify(sessionStorage)`); stored != "{}" {
		t.Errorf("scripts keep %s", stored)
	}
	v.nothingPersonal(b)
	v.network(nil)
	b.Open(v.site + at[len(v.site):])
	b.Submit(`form[action$="/leave"]`)
	if n := len(v.outbox(b)); n != 1 {
		t.Errorf("whoever leaves takes along what waits for others: %d", n)
	}
}
