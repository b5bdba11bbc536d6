package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/testkit"
)

// reports takes one need down several times: by one number, in other words.
func (s *street) reports(words ...string) (all []cases.Asked) {
	s.Helper()
	for _, w := range words {
		out, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "ar", Channel: "web", Answers: forms.Answers{
			"for_whom": "self", "need": []string{"rescue"}, "people": int64(4), "words": w, "phone": forms.Phone("+212661234542"), "name": "فاطمة",
			"where": forms.Place{Code: s.commune().Code, HasPoint: true, Lat: s.commune().At.Lat + .004, Lon: s.commune().At.Lon}}})
		s.must(err)
		all = append(all, out)
	}
	s.must(s.h.Cases.LookAlike(s.Context()))
	return all
}

func TestWhoeverAsksOnAPhoneAddsTheirVoiceWithOneTapAndWithoutScripts(t *testing.T) {
	b := testkit.Chromium(t)
	s := newStreet(t)
	words := "الدار اللي حدا المسجد طاحت على الناس، أحمد تحت الردم"
	s.reports(words)
	b.JavaScript(false)
	b.Size(360, 740)
	b.Open(s.site + "/ar/help/crisis_help?all=1")
	at := b.Attribute(`main form[action$="/all"]`, "action")
	b.Check("[name=for_whom][value=self]")
	b.Check("[name=need][value=rescue]")
	at0 := s.commune().At
	b.Fill(`[name="where.text"]`, fmt.Sprintf("%.5f, %.5f", at0.Lat+.004, at0.Lon))
	b.Fill("[name=people]", "4")
	b.Fill("[name=words]", words)
	b.Fill("[name=phone]", "0661770001")
	b.Follow(`main form[action$="/all"] .bar button`)
	said := b.Text("main")
	if !strings.Contains(said, "أضف صوتي") || !strings.Contains(said, "أرسل طلبي") {
		t.Fatalf("nothing is said of who told already at %s: %s", at, said)
	}
	if strings.Contains(said, "فاطمة") {
		t.Error("somebody else's name is on the page")
	}
	s.look(b, "told", 320, 360)
	b.JavaScript(true)
	for _, v := range b.Axe(t) {
		t.Errorf("the check page: %v", v)
	}
	b.JavaScript(false)
	b.Follow(`button[name=voice]`)
	if b.Count(".ticket") != 1 {
		t.Fatalf("no receipt of their own: %s", b.Text("main"))
	}
	for _, c := range b.Complaints() {
		t.Error("the browser complains:", c)
	}
}

func TestPairsAreJudgedByKeyboardAlone(t *testing.T) {
	b := testkit.Chromium(t)
	s := newStreet(t)
	all := s.reports("الدار طاحت حدا المسجد", "حنا تحت الردم، الدار طاحت", "أحمد و الأولاد تحت الردم")
	joined := func() (n int) {
		for _, x := range all {
			var k *cases.Case
			s.must(s.h.DB.Read(s.Context(), func(tx *db.Tx) (err error) { k, err = s.h.Cases.Get(tx, x.ID); return err }))
			if !k.MergedInto.IsZero() {
				n++
			}
		}
		return n
	}
	s.signIn(b, "fr", "dispatcher")
	b.Open(s.site + "/fr/alike")
	if n := b.Count("[data-pair]"); n != 3 {
		t.Fatalf("%d of 3 pairs: %s", n, b.Text("main"))
	}
	s.look(b, "alike", 320, 360, 1440)
	b.Dark(true)
	s.look(b, "alike-dark", 1440)
	b.Dark(false)
	b.Open(s.site + "/ar/alike")
	s.look(b, "alike-ar", 320, 360)
	for _, v := range b.Axe(t) {
		t.Errorf("/ar/alike: %v", v)
	}
	b.Open(s.site + "/fr/cases/" + all[0].ID.String())
	s.look(b, "alike-on-case", 320, 360, 1440)
	b.Open(s.site + "/fr/alike")
	b.Size(1440, 900)
	b.Press("m") // nothing is under the hand: nothing is done
	if joined() != 0 {
		t.Fatal("a key joined what nobody looked at")
	}
	b.Press("j")
	b.Press("j")
	b.Press("k")
	b.Press("m")
	b.Text(".flash")
	if joined() != 1 {
		t.Fatalf("%d are joined", joined())
	}
	b.Press("u")
	b.Text(".flash")
	if joined() != 0 || b.Count("[data-pair]") != 3 {
		t.Fatalf("%d are joined after undoing, %d pairs", joined(), b.Count("[data-pair]"))
	}
	b.Press("j")
	b.Press("n")
	b.Text(".flash")
	if b.Count("[data-pair]") != 2 || joined() != 0 {
		t.Fatalf("told apart, and %d pairs stay", b.Count("[data-pair]"))
	}
	b.Open(s.site + "/fr/alike/preview")
	s.look(b, "alike-preview", 360, 1440)
	b.Follow(`button[value=same]`)
	if joined() != 1 { // the third was told apart from one of the two
		t.Errorf("%d are joined together, though one was told apart", joined())
	}
	b.Open(s.site + "/ar/cases/" + all[0].ID.String())
	s.look(b, "alike-case", 360, 1440)
	for _, c := range b.Complaints() {
		t.Error("the browser complains:", c)
	}
}
