package app

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/modules/round"
	"github.com/twiza/twiza/testkit"
)

// calls is a network that is bad for one kind of call alone.
func calls(method, path string, f fate) func(*http.Request) fate {
	return func(r *http.Request) fate {
		if r.Method == method && strings.HasPrefix(r.URL.Path, path) {
			return f
		}
		return passes
	}
}

// sends presses the button.
func (k *trek) sends(b *testkit.Browser) {
	k.Helper()
	k.to(b, "/outbox", "[data-on=send]")
	k.v.until("nothing is under way", func() bool { return !js[bool](k.v, b, `Send.state.busy`) })
	b.Click("[data-on=send]")
}

func TestALineThatBreaksWhileAPhoneSendsDoublesNoDelivery(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 3)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	for i, x := range []struct {
		name string
		fate fate
	}{{"before the house heard it", drops}, {"after it was taken", loses}, {"at a proxy", gone}} {
		k.v.network(calls("POST", "/api/v1/round/records", x.fate))
		k.hands(b, i, "2", "Brahim")
		k.sends(b)
		k.v.until(x.name+": the phone has tried", func() bool { return js[bool](k.v, b, `!Send.state.busy && !!Send.state.trouble`) })
		if got := k.held(b)["waiting"]; got != 1 {
			t.Fatalf("%s: %d wait", x.name, got)
		}
		k.v.network(nil)
		k.sends(b)
		k.untilHeld(b, "sent", i+1)
	}
	// A network that says everything again, the last first.
	k.v.mu.Lock()
	said := append([][]byte{}, k.v.late...)
	k.v.mu.Unlock()
	again := 0
	for i := len(said) - 1; i >= 0; i-- {
		path, body, _ := strings.Cut(string(said[i]), "\n")
		if path == "/api/v1/round/records" {
			if got := k.call("POST", path, k.volunteer.token, []byte(body)); got.Code != http.StatusOK {
				t.Errorf("said again: %d %s", got.Code, got.Body)
			}
			again++
		}
	}
	if again < 5 || k.deliveries() != 3 || k.aboard("blanket") != 94 {
		t.Errorf("%d calls said again, %d deliveries, %d blankets aboard", again, k.deliveries(), k.aboard("blanket"))
	}
}

func TestTwoAccountsOfOneStopAreShownSideBySideAndDecided(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 3)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.air(b, false)
	for i := range 3 {
		k.hands(b, i, "5", "Brahim")
	}
	other := k.enrol(k.volunteer2)
	k.want(k.send(k.volunteer2, other, k.delivery(0, 2), k.delivery(1, 2), k.notReached(2, "nobody_there")), "taken", "taken", "taken")
	k.air(b, true)
	k.sends(b)
	k.untilHeld(b, "conflict", 3)
	k.picture(b, "17-outbox-conflicts")
	decides := func(choice string) {
		t.Helper()
		k.to(b, "/outbox", "[data-list=needs] a")
		b.Click("[data-list=needs] li:first-child a")
		k.sees(b, "[data-on=settle]")
		if choice == "" {
			b.Click("[data-on=settle] button")
			k.sees(b, ".errs")
			k.picture(b, "18-two")
			return
		}
		b.Check("[name=choice][value=" + choice + "]")
		b.Choose("[name=reason]", "counted_again")
		b.Click("[data-on=settle] button")
	}
	decides("")
	if said := b.Text(".two-sides"); !strings.Contains(said, "5") || !strings.Contains(said, "2") || !strings.Contains(said, "غطاء") {
		t.Errorf("the two sides: %s", said)
	}
	k.v.network(calls("POST", "/api/v1/round/records/", drops))
	decides("both") // without a network nobody decides
	k.sees(b, ".errs")
	k.v.network(nil)
	decides("both")
	k.untilHeld(b, "sent", 1)
	if k.deliveries() != 3 || k.aboard("blanket") != 100-2-2-5 {
		t.Errorf("both: %d deliveries, %d aboard", k.deliveries(), k.aboard("blanket"))
	}
	decides("mine")
	k.untilHeld(b, "sent", 2)
	if k.deliveries() != 3 || k.aboard("blanket") != 100-2-5-5 {
		t.Errorf("mine: %d deliveries, %d aboard", k.deliveries(), k.aboard("blanket"))
	}
	// The third is decided at home meanwhile, and the phone is told.
	var left round.RecordID
	rid := js[string](k.v, b, `Store.all().then(all => all.find(r => r.state == "conflict").id)`)
	k.must(left.UnmarshalText([]byte(rid)))
	_, err := k.h.Round.Settle(t.Context(), k.coordinator.by, left, round.Theirs, "other")
	k.must(err)
	decides("mine")
	k.untilHeld(b, "sent", 3)
	k.untilSays(b, "#main", "سبق أن حسم")
	if k.deliveries() != 3 || k.aboard("blanket") != 100-2-5-5 {
		t.Errorf("at the end %d deliveries, %d aboard", k.deliveries(), k.aboard("blanket"))
	}
}

func TestAPhoneCannotReadTheRequestsThatItCarries(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.air(b, false)
	k.asks(b, "/relay/crisis_help", "0661239877")
	b.Click(".bar button")
	k.sees(b, ".errs") // nobody agreed yet
	b.Check("[name=agree]")
	b.Click(".bar button")
	k.sees(b, home)
	open := js[string](k.v, b, `Store.all().then(async all => JSON.stringify(all) + atob(all[0].body.box))`)
	if !strings.Contains(open, "age-encryption.org/v1") {
		t.Fatalf("what is carried is no age file: %.200s", open)
	}
	for _, word := range []string{"فاطمة", "661239877", "الدوار الأعلى", "food", "consent"} {
		if strings.Contains(open, word) {
			t.Errorf("the phone, opened, reads %q in it", word)
		}
	}
	k.to(b, "/relay", "[data-list=services] a")
	k.untilSays(b, "#main", "1 من 50")
	k.to(b, "/outbox", "[data-list=waiting] li")
	if said := b.Text("#main"); strings.Contains(said, "فاطمة") || !strings.Contains(said, "لا يقرؤه هذا الهاتف") {
		t.Errorf("the outbox: %s", said)
	}
	js[bool](k.v, b, `(async () => { for (let i = 0; i < 49; i++) await Store.save({id: Store.mint(), state: "waiting", at: Date.now(), kind: "relay", made_at: new Date().toISOString(), body: {box: ""}, about: {}}); return true })()`)
	k.to(b, "/relay/crisis_help", "p.card")
	if said := b.Text("#main"); !strings.Contains(said, "50") || b.Count("[name=agree]") > 0 {
		t.Errorf("the fifty-first: %s", said)
	}
	k.air(b, true)
	k.sends(b)
	k.untilHeld(b, "refused", 49) // empty ones
	k.untilHeld(b, "sent", 1)
	if n := k.count(`SELECT COUNT(*) FROM cases_case`); n != 3 {
		t.Errorf("%d cases, of 2 and the one that came sealed", n)
	}
}

func TestAPhotoGoesOnFromWhereTheLineBroke(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.v.network(calls("PATCH", "/", drops))
	file := filepath.Join(t.TempDir(), "p.jpg")
	k.must(os.WriteFile(file, aPhoto(t, 1280, 960), 0o600))
	k.to(b, "/deliver/"+k.stop(0), "#f-g-blanket")
	b.Upload("[data-photo]", file)
	k.sees(b, ".shots canvas")
	b.Fill("#f-g-blanket", "1")
	b.Check("[name=proof][value=witness]")
	b.Fill("[name=witness]", "Brahim")
	b.Choose("[name=relation]", "elder")
	b.Click(".bar button")
	k.sees(b, home)
	k.untilHeld(b, "sent", 1) // the delivery does not wait for its picture
	n, heard := 0, 0
	k.v.network(func(r *http.Request) fate {
		if r.Method != "PATCH" {
			return passes
		}
		if n++; n == 2 {
			return loses // taken, and the phone never hears of it
		} else if n == 3 {
			return drops
		}
		heard++
		return passes
	})
	for end := time.Now().Add(20 * time.Second); k.held(b)["photos"] > 0 && time.Now().Before(end); {
		k.sends(b)
		time.Sleep(200 * time.Millisecond)
	}
	size := k.count(`SELECT COALESCE(MAX(size), 0) FROM round_photo WHERE state = 'whole'`)
	if size == 0 || size > 160_000 {
		t.Fatalf("a photo of %d bytes is home", size)
	}
	if most := int(size)/(48<<10) + 1; n < 4 || heard > most {
		t.Errorf("%d pieces were sent and %d heard of a photo of %d bytes: it began anew", n, heard, size)
	}
}

func TestARescueFileIsTakenByTheHouseAndWhatThePhoneSendsLaterCountsOnce(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 3)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.air(b, false)
	k.hands(b, 0, "5", "Brahim")
	k.hands(b, 1, "6", "Idder")
	k.to(b, "/phone", "[data-on=rescue]")
	js[bool](k.v, b, `(URL.createObjectURL = blob => { blob.arrayBuffer().then(x => { window.saved = Store.to64(new Uint8Array(x)) }); return "#" }, true)`)
	b.Click("[data-on=rescue]")
	k.v.until("the file is made", func() bool { return js[bool](k.v, b, `!!window.saved`) })
	letter, err := base64.StdEncoding.DecodeString(js[string](k.v, b, `window.saved`))
	k.must(err)
	if !strings.HasPrefix(string(letter), "age-encryption.org/v1") || strings.Contains(string(letter), "Brahim") {
		t.Fatalf("the file: %.60q", letter)
	}
	got := k.call("POST", "/api/v1/round/rescue", k.coordinator.token, letter)
	var out round.RecordsOut
	k.must(json.Unmarshal(got.Body.Bytes(), &out))
	k.want(out.Results, "taken", "taken")
	k.air(b, true)
	k.sends(b)
	k.untilHeld(b, "sent", 2)
	if k.deliveries() != 2 || k.aboard("blanket") != 89 {
		t.Errorf("%d deliveries, %d aboard", k.deliveries(), k.aboard("blanket"))
	}
}

func TestARefusedRecordSaysWhyAndIsMended(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.to(b, "/deliver/"+k.stop(0), "#f-g-blanket")
	b.Fill("#f-g-blanket", "3")
	b.Check("[name=proof][value=code]")
	b.Fill("[name=code]", "0000")
	b.Click(".bar button")
	k.sees(b, home)
	k.untilHeld(b, "refused", 1)
	k.sees(b, "[data-list=wait] a")
	k.untilSays(b, "[data-list=wait]", "الرمز غير صحيح")
	old := js[string](k.v, b, `Store.all().then(all => all[0].id)`)
	b.Click("[data-list=wait] a")
	k.sees(b, "[data-f=edit]")
	k.picture(b, "23-refused")
	b.Click("[data-f=edit]")
	k.sees(b, "#f-g-blanket")
	if b.Value("#f-g-blanket") != "3" {
		t.Error("what was written is not there any more")
	}
	b.Check("[name=proof][value=witness]")
	b.Fill("[name=witness]", "Brahim")
	b.Choose("[name=relation]", "elder")
	b.Click(".bar button")
	k.untilHeld(b, "sent", 1)
	if got := k.held(b); got["refused"] != 0 || k.deliveries() != 1 {
		t.Errorf("mended: %v on the phone, %d deliveries", got, k.deliveries())
	}
	if n := k.count(`SELECT COUNT(*) FROM round_record WHERE instead_of = ?1`, old); n != 1 {
		t.Errorf("%d records say that they mend it", n)
	}
}
