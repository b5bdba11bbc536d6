package app

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/testkit"
)

func TestAnybodyPlaysAPhoneOfTheDemonstrationWithoutScripts(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	m := newHamlet(t, model.SQLite(t))
	m.p.recorded = func(_, name string) bool { return name == "language.shi" }
	front := httptest.NewServer(m.h.Handler())
	defer front.Close()
	b.JavaScript(false)
	shot := func(name string, width int) {
		b.Size(width, heightOf(width))
		if over := b.Overflow(); over > 0 {
			t.Errorf("%s is %d px wider than a window of %d", name, over, width)
		}
		if dir := os.Getenv("TWIZA_SHOTS"); dir != "" {
			b.Shot(filepath.Join(dir, "phones-"+name+".png"))
		}
	}
	sees := func(where string, words ...string) {
		t.Helper()
		text := b.Text(where)
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not show %q: %s", where, w, text)
			}
		}
	}
	b.Open(front.URL + "/ar/")
	b.Follow(`.band a`)
	shot("idle-ar", 360)

	b.Fill("[name=text]", "سلام")
	b.Submit(`form[action$="/text"]`)
	sees(".letters", "سلام", "1 أحتاج مساعدة")
	shot("text-ar", 360)

	b.Open(front.URL + "/fr/phones/neighbour")
	b.Fill("[name=text]", "azul, nra aghrum d waman gh douar Imintalat, 12 n middn")
	b.Submit(`form[action$="/text"]`)
	sees(".letters", "Imintalat, Amghras")
	b.Submit(`form[action$="/dial"]`)
	sees(".glass", "1 righ tiwisi") // whoever wrote before is greeted in their language
	b.Fill("[name=keys]", "1")
	b.Submit(".typing")
	sees(".glass", "ma trim", "98 uggar")
	shot("menu-fr", 1440)
	b.Submit(`form[action$="/hang-up"]`)

	for deadline := time.Now().Add(20 * time.Second); ; {
		b.Submit(`form[action$="/call"]`)
		if b.Count(".pad") > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody takes the call: %s", b.Text(".glass"))
		}
	}
	sees(".glass", "الدارجة اضغط 1", "non enregistré")
	b.Follow(".pad [value='2']")
	b.Follow(".pad [value='1']")
	b.Fill("[name=keys]", "23#")
	b.Submit(".typing")
	b.Submit(`form[action$="/speak"]`)
	b.Fill("[name=keys]", "12#")
	b.Submit(".typing")
	shot("call-fr", 1440)
	b.Fill("[name=keys]", "3#")
	b.Submit(".typing")
	k := m.only("voice")
	if said := plain(b.Text(".said li:last-child")); !strings.Contains(said, k.Receipt.String()) {
		t.Errorf("the phone reads %s and not the receipt %s", said, k.Receipt)
	}
	b.Dark(true)
	shot("receipt-dark", 1440)
	shot("receipt-dark-narrow", 360)
	b.Dark(false)

	b.Open(front.URL + "/fr/phones/abroad")
	b.Check("[name=fault][value=twice]")
	b.Check("[name=fault][value=mix]")
	b.Submit(`form[action$="/faults"]`)
	if b.Count("[name=fault]:checked") != 2 {
		t.Error("what goes wrong is not remembered")
	}
	b.JavaScript(true)
	for _, page := range []string{"/ar/phones", "/zgh/phones/neighbour", "/fr/phones/abroad", "/en/phones/neighbour"} {
		b.Open(front.URL + page)
		for _, v := range b.Axe(t) {
			t.Errorf("%s: %v", page, v)
		}
	}
	for _, c := range b.Complaints() {
		t.Error("the browser complains:", c)
	}
}
