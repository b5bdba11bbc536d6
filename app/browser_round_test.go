package app

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/testkit"
)

// trek is a team on its way, the network between it and home, and a telephone.
type trek struct {
	*outing
	v       *valley
	profile string
	shots   int
}

// newTrek sends a team to so many stops of a house with its door open.
func newTrek(t *testing.T, stops int) *trek {
	t.Helper()
	testkit.NeedsChromium(t)
	o := goOut(t, model.SQLite(t), stops)
	v := &valley{T: t, h: o.h, at: "127.0.0.1:0", door: o.door}
	v.up()
	t.Cleanup(func() { v.down() })
	return &trek{outing: o, v: v, profile: t.TempDir()}
}

// telephone is a phone 360 px wide on which somebody has signed in.
func (k *trek) telephone(w walker) (b *testkit.Browser, kill func()) {
	k.Helper()
	b, kill = testkit.ChromiumIn(k.T, k.profile)
	b.Size(360, 740)
	k.signedIn(b, w)
	return b, kill
}

func (k *trek) signedIn(b *testkit.Browser, w walker) {
	k.Helper()
	_, err := chromedp.Call(b.Context(), network.SetCookie, network.SetCookieParams{Name: "session", Value: w.token, URL: k.v.site, HTTPOnly: new(true)})
	k.must(err)
}

// air is whether the phone has a network; without one the house is out of reach too.
func (k *trek) air(b *testkit.Browser, on bool) {
	k.Helper()
	if on {
		k.v.up()
	} else {
		k.v.down()
	}
	k.network(b, on)
}

// network is what the phone itself knows of its network.
func (k *trek) network(b *testkit.Browser, on bool) {
	k.Helper()
	_, err := chromedp.Call(b.Context(), network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1})
	k.must(err)
	rule := []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}
	_, err = chromedp.Call(b.Context(), network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rule})
	k.must(err)
}

// sees waits for a view, by something that only it has.
func (k *trek) sees(b *testkit.Browser, selector string) {
	k.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if b.Count("#main "+selector) > 0 {
			return
		}
	}
	k.Fatalf("%s never shows in %s, which says: %s\ncomplaints: %v", selector, b.URL(), b.Text("#main"), b.Complaints())
}

const home, unlocking, settingUp = ".fab", "[data-on=unlock]", "[data-on=setup]"

// sets is a phone set up, with everything on it that it needs without a network.
func (k *trek) sets(b *testkit.Browser, lang string) {
	k.Helper()
	at := "/" + lang + "/round"
	b.Open(k.v.site + at)
	k.sees(b, settingUp)
	b.Fill("[name=name]", "الأزرق الصغير")
	b.Fill("[name=password]", anyPassword)
	b.Click(settingUp + " .bar button")
	k.sees(b, home)
	k.v.until("the page is kept", func() bool { return js[bool](k.v, b, `caches.match("`+at+`").then(x => !!x)`) })
	k.v.until("its scripts are", func() bool {
		return js[bool](k.v, b, `Promise.all([...document.scripts].filter(s => s.src).map(s => caches.match(s.src))).then(all => all.every(x => x))`)
	})
}

// opens is the phone opened by its password.
func (k *trek) opens(b *testkit.Browser) {
	k.Helper()
	k.sees(b, unlocking)
	b.Fill("[name=password]", anyPassword)
	b.Click(unlocking + " button")
	k.sees(b, home)
}

// to goes to a view by its address, as a link of the page does.
func (k *trek) to(b *testkit.Browser, hash, selector string) {
	k.Helper()
	js[bool](k.v, b, `(location.hash = "`+hash+`", true)`)
	k.sees(b, selector)
}

func (k *trek) stop(n int) string { return k.stops[n].ID.String() }

// hands records a delivery with a witness.
func (k *trek) hands(b *testkit.Browser, stop int, blankets, witness string) {
	k.Helper()
	k.to(b, "/deliver/"+k.stop(stop), "#f-g-blanket")
	b.Fill("#f-g-blanket", blankets)
	b.Check("[name=proof][value=witness]")
	b.Fill("[name=witness]", witness)
	b.Choose("[name=relation]", "elder")
	b.Click(".bar button")
	k.sees(b, home)
}

// held is how the records on the phone stand, as far as it shows without its key.
func (k *trek) held(b *testkit.Browser) map[string]int {
	k.Helper()
	return js[map[string]int](k.v, b, `new Promise((ok, no) => { const r = indexedDB.open("twiza-round"); r.onerror = no; r.onsuccess = () => { const d = r.result, out = {};
		if (!d.objectStoreNames.length) { d.close(); return ok(out) }
		const t = d.transaction(["records", "photos"]), q = t.objectStore("records").getAll(), p = t.objectStore("photos").count();
		t.oncomplete = () => { for (const x of q.result) out[x.state] = (out[x.state] || 0) + 1; out.photos = p.result; d.close(); ok(out) } } })`)
}

func (k *trek) untilHeld(b *testkit.Browser, state string, n int) {
	k.Helper()
	k.v.until(state, func() bool { return k.held(b)[state] == n })
}

// untilSays waits for words: the page is drawn after what it tells is stored.
func (k *trek) untilSays(b *testkit.Browser, selector, words string) {
	k.Helper()
	k.v.until("words "+words, func() bool { return b.Count(selector) > 0 && strings.Contains(b.Text(selector), words) })
}

// later moves the phone's clock on.
func (k *trek) later(b *testkit.Browser, by time.Duration) {
	k.Helper()
	js[bool](k.v, b, `(() => { const now = Date.now.bind(Date), ahead = `+strconv.FormatInt(by.Milliseconds(), 10)+`; Date.now = () => now() + ahead; return true })()`)
}

// deliveries are those that the house has.
func (k *trek) deliveries() int64 {
	return k.count(`SELECT COUNT(*) FROM field_delivery`)
}

// picture is a view as people with other eyes, other windows and other schemes
// see it. With TWIZA_SHOTS=folder it is also written there.
func (k *trek) picture(b *testkit.Browser, name string) {
	k.Helper()
	if b.Count("h1") != 1 {
		k.Errorf("%s has %d headings", name, b.Count("h1"))
	}
	for _, w := range []int{320, 360} {
		b.Size(w, 740)
		if over := b.Overflow(); over > 0 {
			k.Errorf("%s is %d px wider than a window of %d", name, over, w)
		}
	}
	k.shots++
	for _, dark := range []bool{false, true} {
		b.Dark(dark)
		for _, x := range b.Axe(k.T) {
			k.Errorf("%s, dark %t: %v", name, dark, x)
		}
		if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
			b.Shot(filepath.Join(dir, "round-"+name+map[bool]string{true: "-dark"}[dark]+".png"))
		}
	}
	b.Dark(false)
}

// spelled finds words in whatever the browser wrote to the phone's store, in
// both ways in which browsers write letters.
func (k *trek) spelled(words ...string) (found []string) {
	k.Helper()
	files := 0
	k.must(filepath.WalkDir(k.profile, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		body, err := os.ReadFile(path)
		if os.IsNotExist(err) { // the browser tidies up meanwhile
			return nil
		}
		files++
		for _, w := range words {
			var wide []byte
			for _, u := range utf16.Encode([]rune(w)) {
				wide = binary.LittleEndian.AppendUint16(wide, u)
			}
			if bytes.Contains(body, []byte(w)) || bytes.Contains(body, wide) {
				found = append(found, w+" in "+strings.TrimPrefix(path, k.profile))
			}
		}
		return err
	}))
	if files < 10 {
		k.Fatalf("only %d files of a browser", files)
	}
	return found
}

func TestAWholeRoundGoesWithoutANetworkAndComesHomeOnce(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 4)
	b, kill := k.telephone(k.volunteer)
	b.Open(k.v.site + "/ar/round")
	k.sees(b, settingUp)
	k.picture(b, "01-setup")
	k.sets(b, "ar")
	k.picture(b, "02-home")
	k.air(b, false)
	b.Open(k.v.site + "/ar/round")
	k.sees(b, unlocking)
	k.picture(b, "03-locked")
	k.opens(b)
	if n := b.Count("[data-list=stops] li"); n != 4 {
		t.Fatalf("%d stops on the phone: %s", n, b.Text("#main"))
	}
	k.to(b, "/stop/"+k.stop(0), "[data-facts]")
	k.picture(b, "04-stop")
	k.to(b, "/deliver", "[data-on=number]")
	k.picture(b, "05-which")
	receipt := k.pack(k.leader, k.enrol(k.leader)).Stops[0].Receipt
	b.Fill("[name=number]", receipt[:8])
	b.Click("[data-on=number] button")
	k.sees(b, ".errs")
	b.Fill("[name=number]", receipt[:3]+" "+receipt[3:6]+" "+receipt[6:])
	b.Click("[data-on=number] button")
	k.sees(b, "#f-g-blanket")
	b.Click(".bar button")
	k.sees(b, ".errs")
	k.picture(b, "06-deliver-wrong")
	b.Fill("#f-g-blanket", "٤")
	b.Check("[name=proof][value=witness]")
	b.Fill("[name=witness]", "Lahcen Oubella")
	b.Choose("[name=relation]", "elder")
	photo := filepath.Join(t.TempDir(), "p.jpg")
	k.must(os.WriteFile(photo, withGPS(aPhoto(t, 1700, 900)), 0o600))
	b.Upload("[data-photo]", photo)
	k.sees(b, ".shots canvas")
	k.picture(b, "07-deliver")
	b.Click(".bar button")
	k.sees(b, home)

	k.to(b, "/missed/"+k.stop(1), "[name=reason]")
	b.Check("[name=reason][value=road_closed]")
	k.picture(b, "08-missed")
	b.Click(".bar button")
	k.sees(b, home)
	k.to(b, "/visit/"+k.stop(2), "[name=home]")
	b.Check("[name=home][value=fallen]")
	b.Check("[name=water][value=none]")
	b.Fill("[name=words]", "السقف سقط على المطبخ")
	k.picture(b, "09-visit")
	b.Click(".bar button")
	k.sees(b, home)
	k.asks(b, "/request/crisis_help", "0661239876")
	b.Check("[name=consent][value=spoken]")
	k.picture(b, "10-request")
	b.Click(".bar button")
	k.sees(b, home)
	k.to(b, "/relay", "[data-list=services] a")
	k.picture(b, "11-relay-which")
	k.asks(b, "/relay/crisis_help", "0661239877")
	b.Check("[name=agree]")
	k.picture(b, "12-relay")
	b.Click(".bar button")
	k.sees(b, home)
	k.picture(b, "13-home-waiting")
	k.to(b, "/outbox", "[data-list=waiting] li")
	k.picture(b, "14-outbox")
	k.to(b, "/phone", "[data-on=rescue]")
	k.picture(b, "15-phone")
	if got := k.held(b); got["waiting"] != 5 || got["photos"] != 1 {
		t.Fatalf("on the phone: %v", got)
	}
	time.Sleep(time.Second) // the browser's own files are written within the second
	kill()
	secret := []string{"Lahcen Oubella", "المطبخ", "فاطمة", "0661239876", "661239877", "الدوار الأعلى", receipt, "road_closed", anyPassword}
	for _, f := range k.spelled(secret...) {
		t.Error("read on the phone:", f)
	}

	b, _ = k.telephone(k.volunteer)
	b.Open(k.v.site + "/ar/round")
	k.opens(b)
	if got := k.held(b); got["waiting"] != 5 || got["photos"] != 1 {
		t.Fatalf("after the battery died: %v", got)
	}
	k.air(b, true)
	k.to(b, "/outbox", "[data-on=send]")
	b.Click("[data-on=send]")
	k.untilHeld(b, "sent", 5)
	k.v.until("the photo is home", func() bool { return k.held(b)["photos"] == 0 })
	k.picture(b, "16-outbox-sent")
	if n := k.deliveries(); n != 1 {
		t.Errorf("%d deliveries", n)
	}
	if left := k.aboard("blanket"); left != 96 {
		t.Errorf("%d blankets aboard", left)
	}
	if n := k.count(`SELECT COUNT(*) FROM round_photo WHERE state = 'whole' AND width = 1280`); n != 1 {
		t.Errorf("%d photos of 1280 px", n)
	}
	if n := k.count(`SELECT COUNT(*) FROM cases_case`); n != 6 {
		t.Errorf("%d cases, of 4 and 2 who were met", n)
	}
	for _, c := range b.Complaints() {
		if !strings.Contains(c, "ERR_") {
			t.Error("the browser complains:", c)
		}
	}
}

// asks fills in the form of a request.
func (k *trek) asks(b *testkit.Browser, hash, phone string) {
	k.Helper()
	k.to(b, hash, "[name=need]")
	b.Check("[name=for_whom][value=self]")
	b.Check("[name=need][value=food]")
	b.Fill(`[name="where.text"]`, "الدوار الأعلى")
	b.Fill("[name=people]", "5")
	b.Fill("[name=phone]", phone)
	b.Fill("[name=name]", "فاطمة")
}

// aboard is how many of a good are still aboard.
func (k *trek) aboard(good string) int {
	l := k.outing.line(good)
	return l.Aboard()
}
