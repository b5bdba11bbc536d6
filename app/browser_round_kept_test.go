package app

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/round"
)

func TestAPhoneThatWasCutOffHandsInWhatItHoldsAndErasesItself(t *testing.T) {
	t.Parallel()
	for _, locked := range []bool{false, true} {
		k := newTrek(t, 2)
		b, _ := k.telephone(k.volunteer)
		k.sets(b, "ar")
		k.air(b, false)
		k.hands(b, 0, "5", "Lahcen Oubella")
		device := js[string](k.v, b, `Store.get("phone").then(p => p.device)`)
		if locked {
			b.Open(k.v.site + "/ar/round")
			k.sees(b, unlocking)
		}
		did, err := id.Parse[round.Device](device)
		k.must(err)
		k.must(k.h.Round.CutOff(t.Context(), k.coordinator.by, did))
		k.v.network(calls("POST", "/api/v1/round/rescue", drops)) // the line breaks just then
		k.v.up()
		if locked {
			k.network(b, true)
		} else {
			k.network(b, true)
			js[bool](k.v, b, `(Send.drain(), true)`)
		}
		k.v.until("the phone has lost its key", func() bool { return js[string](k.v, b, `Store.state()`) == "cut" })
		if got := k.held(b); got["waiting"] != 0 {
			t.Errorf("locked %t: cut off, it still holds %v", locked, got)
		}
		k.picture(b, "19-cut")
		k.v.network(nil)
		b.Open(k.v.site + "/ar/round")
		k.sees(b, settingUp)
		k.v.until("it says why", func() bool { return strings.Contains(b.Text("#main"), "عُزل هذا الهاتف") })
		k.picture(b, "20-was-cut")
		if n := k.count(`SELECT COUNT(*) FROM round_record WHERE state = 'conflict' AND why = 'cut'`); n != 1 || k.deliveries() != 0 {
			t.Errorf("locked %t: %d records wait at home, %d deliveries", locked, n, k.deliveries())
		}
		if names := js[[]string](k.v, b, `indexedDB.databases().then(all => all.map(d => d.name))`); strings.Contains(strings.Join(names, " "), "twiza-round") {
			if got := k.held(b); len(got) > 0 && (got["waiting"] > 0 || got["photos"] > 0) {
				t.Errorf("locked %t: it is not erased: %v", locked, got)
			}
		}
	}
}

func TestAWrongPasswordOpensNothingAndErasesNothing(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.air(b, false)
	k.hands(b, 0, "5", "Brahim")
	k.to(b, "/phone", "[data-on=lock]")
	b.Click("[data-on=lock]")
	k.sees(b, unlocking)
	if said := b.Text("#main"); !strings.Contains(said, "تسجيل واحد في هاتفك") || strings.Contains(said, "Brahim") {
		t.Errorf("a locked phone says %s", said)
	}
	try := func(password string) {
		t.Helper()
		b.Fill("[name=password]", password)
		b.Click(unlocking + " button")
		k.v.until("it has answered", func() bool { return b.Count("#main .errs") > 0 || b.Count("#main "+home) > 0 })
	}
	for range 9 {
		try("not this one")
		k.untilSays(b, ".errs", "كلمة السر غير صحيحة")
		js[bool](k.v, b, `(document.querySelectorAll(".errs").forEach(x => x.remove()), true)`)
	}
	try("not this one")
	js[bool](k.v, b, `(document.querySelectorAll(".errs").forEach(x => x.remove()), true)`)
	try(anyPassword) // right, and too early
	k.untilSays(b, ".errs", "انتظر دقيقة")
	k.picture(b, "21-wait")
	b.Open(k.v.site + "/ar/round") // closing the page does not help
	k.sees(b, unlocking)
	try(anyPassword)
	if b.Count(home) > 0 {
		t.Error("closing the page takes the wait back")
	}
	k.later(b, 61*time.Second)
	js[bool](k.v, b, `(document.querySelectorAll(".errs").forEach(x => x.remove()), true)`)
	try(anyPassword)
	k.sees(b, home)
	if got := k.held(b); got["waiting"] != 1 {
		t.Errorf("after the wrong passwords the phone holds %v", got)
	}
}

func TestWhatIsShownOfAFamilyHidesItselfAndAPhoneThatIsLeftLocksItself(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.to(b, "/stop/"+k.stop(0), "[data-facts]")
	k.untilSays(b, "[data-facts]", "3\u00a0أشخاص")
	k.later(b, 100*time.Second)
	time.Sleep(1500 * time.Millisecond)
	if b.Text("[data-facts]") == "" {
		t.Error("hidden before two minutes have passed")
	}
	k.later(b, 30*time.Second)
	k.v.until("it is hidden", func() bool { return b.Text("[data-facts]") == "" })
	k.picture(b, "22-covered")
	b.Click("[data-on=again]")
	k.v.until("it shows again", func() bool { return strings.Contains(b.Text("[data-facts]"), "3\u00a0أشخاص") })
	k.later(b, 16*time.Minute)
	k.sees(b, unlocking)
	if js[bool](k.v, b, `Store.isOpen()`) {
		t.Error("the key is still there")
	}
	if said := b.Text("body"); strings.Contains(said, "3\u00a0أشخاص") {
		t.Errorf("a locked phone shows %s", said)
	}
}

func TestWhatWasSentIsErasedAfterADayAndEverythingWhenItRanOut(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.hands(b, 0, "5", "Brahim")
	k.untilHeld(b, "sent", 1)
	k.later(b, 23*time.Hour)
	js[bool](k.v, b, `Store.tidy()`)
	k.untilHeld(b, "sent", 1)
	k.later(b, 2*time.Hour)
	js[bool](k.v, b, `Store.tidy()`)
	k.untilHeld(b, "sent", 0)
	b.Open(k.v.site + "/ar/round")
	k.opens(b)
	k.network(b, false)
	k.hands(b, 1, "5", "Brahim")
	k.later(b, 15*24*time.Hour)
	if js[bool](k.v, b, `Store.tidy()`) || k.held(b)["waiting"] != 1 {
		t.Error("what was never sent is erased")
	}
	k.network(b, true)
	b.Open(k.v.site + "/ar/round")
	k.opens(b)
	k.untilHeld(b, "sent", 1)
	k.later(b, 15*24*time.Hour)
	if !js[bool](k.v, b, `Store.tidy()`) || js[string](k.v, b, `Store.state()`) != "none" {
		t.Error("a pack that ran out long ago is still on the phone")
	}
}

func TestSomebodyWhoForgotTheirPasswordHandsInWhatThePhoneHolds(t *testing.T) {
	t.Parallel()
	k := newTrek(t, 2)
	b, _ := k.telephone(k.volunteer)
	k.sets(b, "ar")
	k.network(b, false)
	k.hands(b, 0, "5", "Brahim")
	b.Open(k.v.site + "/ar/round")
	k.sees(b, unlocking)
	b.Click("#main details summary")
	b.Click("[data-on=lost]")
	k.sees(b, ".errs") // not without a network
	if k.held(b)["waiting"] != 1 {
		t.Fatal("it was erased and not handed in")
	}
	k.network(b, true)
	b.Click("[data-on=lost]")
	k.sees(b, settingUp)
	if k.deliveries() != 1 {
		t.Errorf("%d deliveries", k.deliveries())
	}
}
