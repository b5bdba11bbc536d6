package i18n

import (
	"fmt"
	"strings"
	"testing"
)

func TestThePseudoLanguageShowsWhatIsNotFromTheCatalogue(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{
		AR: {"m.only_ar": "ماء"},
		EN: {"m.n": "You have {n, plural, one {# case} other {# cases}} in {place}"},
	})
	p := printer(c, QPS)
	same(t, "Pseudo", Pseudo("Give help"), "⟦Ğíṽé ĥéļþ⟧")
	same(t, "text", p.Text("m.n", "n", 2, "place", "Tigouga"), "⟦Ýóú ĥáṽé 2 çášéš íñ Tigouga⟧")
	same(t, "borrowed", string(p.T("m.only_ar")), "⟦ماء⟧")
	same(t, "nested", string(p.When(noon.AddDate(0, 0, -1))), `<time datetime="2026-11-20T12:00:00+01:00">⟦ýéšţéŕðáý áţ <bdi class="num">12:00</bdi>⟧</time>`)
	same(t, "month", p.Plain(Date(noon)), "21"+s+"⟦Ñóṽéɱƀéŕ⟧"+s+"2026")
	same(t, "money", p.Plain(Money{125000, "MAD"}), "1,250"+s+"⟦ÐĤ⟧")

	page := `<!doctype html><html lang="en-x-qps"><head><title>` + p.Text("m.n", "n", 2, "place", "x") + `</title>
<style>body{color:red}</style><script>if (a < b) alert("hi")</script></head><!-- a > comment -->
<body><p>` + string(p.T("m.n", "n", 1, "place", "Tigouga")) + ` <b>and more</b>, 12</p>
<img alt="A map" src=x><img alt="` + p.Text("m.only_ar") + `"><input placeholder="Your name" value="Fatima">
<p>` + string(p.T("m.n", "n", 1, "place", "a")) + `<br>forgotten</p><a title='a>b' href="/x">⟦go⟧</a> tail`
	same(t, "found", strings.Join(Unspoken(page), "|"), "A map|Your name|and more, 12|forgotten|tail")
	same(t, "nothing", fmt.Sprint(Unspoken("<p>⟦á <bdi>b</bdi>⟧ 12 :</p>")), "[]")
}

func TestEveryLanguageOfTheBaseWordsIsWellWritten(t *testing.T) {
	t.Parallel()
	for _, line := range Check(base(t)) {
		t.Error(line)
	}
}

func TestCheckFindsWhatAProofReaderWouldFind(t *testing.T) {
	t.Parallel()
	good := map[Lang]string{AR: "نص", ZGH: "ⴰⴹⵔⵉⵙ", FR: "texte", EN: "text"}
	for _, row := range []struct {
		lang       Lang
		text, want string
	}{
		{FR, "Bonjour !", "U+00A0"},
		{FR, "{x} : oui", "its arguments are {x}"},
		{FR, "Où ?", "before ?"},
		{FR, "« oui »", "« needs"},
		{FR, "«" + nbsp + "oui»", "» needs U+00A0 before"},
		{FR, "l'eau", "typewriter apostrophe"},
		{FR, "à\u202ftoi", "U+202F"},
		{EN, "  ", "the text is empty"},
		{EN, "<b>now</b>", "an HTML tag"},
		{EN, "a&nbsp;b", "an HTML entity"},
		{EN, "h e l p me", "letters spaced apart"},
		{EN, "{n, plural, one {#} few {#} other {#}}", `has a form "few", which the language never uses`},
		{EN, "{n, plural, other {#}}", `has no form "one"`},
		{ZGH, "{n, plural, one {#} other {#}}", `has no form "few"`},
		{ZGH, "ⴰⵎⴰⵏ ماء", "Arabic letters in a Tifinagh text"},
		{ZGH, "ⵜ ⵉ ⵡ ⵉ ⵙ ⵉ", "letters spaced apart"},
		{AR, "مــاء", "tatweel"},
		{AR, "رقم ١٢", "not 0-9"},
		{AR, "\u200fماء", "mark of direction"},
		{AR, "{n, plural, one {#} two {#} few {#} many {#} other {#}}", `has no form "zero"`},
		{AR, "a\tb", "control character"},
	} {
		texts := map[Lang]map[string]any{}
		for l, text := range good {
			if l == row.lang {
				text = row.text
			}
			texts[l] = map[string]any{"m.x": text}
		}
		if found := strings.Join(Check(load(t, texts)), "\n"); !strings.Contains(found, row.want) {
			t.Errorf("%s %q: found %q, want …%s…", row.lang, row.text, found, row.want)
		}
	}
}

func TestCheckLeavesGoodTextsAlone(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{
		AR:  {"m.x": "{n, plural, =0 {لا شيء} =1 {واحد} =2 {اثنان} few {#} many {#} other {#}} و {who}؟", "m.y": "5 < 6 & 7"},
		ZGH: {"m.x": map[string]any{"text": "{n, plural, one {#} few {#} other {#}} ⴷ {who}", "draft": true}, "m.y": "ⵜⴰⵙⵏⴰ ⵏ SMS"},
		FR:  {"m.x": "À 14:00, {n, plural, one {#} many {# de} other {#}}" + nbsp + ": «" + nbsp + "{who}" + nbsp + "»", "m.y": "aujourd’hui"},
		EN:  {"m.x": "{n, plural, =0 {none} one {#} other {#}} and {who}?", "m.y": "https://x.org/?a"},
	})
	for _, line := range Check(c) {
		t.Error(line)
	}
	some := load(t, map[Lang]map[string]any{AR: {"m.z": "نص"}, FR: {"m.z": "texte"}})
	same(t, "lacking", strings.Join(Check(some), "|"), "m.z: zgh lacks it|m.z: en lacks it")
}
