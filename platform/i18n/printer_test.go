package i18n

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/bidi"
)

type urgency string

type rank int

func (r rank) String() string { return "rank " + string(rune('A'+int(r))) }

func TestEveryArgumentIsShownInTheWayOfItsKind(t *testing.T) {
	t.Parallel()
	p := printer(load(t, map[Lang]map[string]any{FR: {
		"m.x":    "[{x}]",
		"m.word": "eau",
	}}), FR)
	for _, row := range []struct {
		x           any
		html, plain string
	}{
		{"Amizmiz", "<bdi>Amizmiz</bdi>", "Amizmiz"},
		{`<b onclick="x">&'`, "<bdi>&lt;b onclick=&#34;x&#34;&gt;&amp;&#39;</bdi>", `<b onclick="x">&'`},
		{urgency("soon"), "<bdi>soon</bdi>", "soon"},
		{rank(1), "<bdi>rank B</bdi>", "rank B"},
		{errors.New("broken"), "<bdi>broken</bdi>", "broken"},
		{3, `<bdi class="num">3</bdi>`, "3"},
		{1250.5, `<bdi class="num">1` + s + `250,5</bdi>`, "1" + s + "250,5"},
		{"0661234542", `<bdi class="num">0661234542</bdi>`, "0661234542"},
		{"*5300#", `<bdi class="num">*5300#</bdi>`, "*5300#"},
		{"RN9", `<bdi class="num">RN9</bdi>`, "RN9"},
		{"Equipe 4", `<bdi>Equipe 4</bdi>`, "Equipe 4"},
		{"12345-أ-6", `<bdi>12345-أ-6</bdi>`, "12345-أ-6"},
		{template.HTML("<i>1 &lt; 2</i>"), "<i>1 &lt; 2</i>", "1 < 2"},
		{p.Clock(noon), string(p.Clock(noon)), "12:00"},
		{nil, "", ""},
		{true, "oui", "oui"},
		{false, "non", "non"},
		{Key("m.word"), "eau", "eau"},
		{90 * time.Minute, `<bdi class="num">1</bdi>` + s + `heure <bdi class="num">30</bdi>` + s + `minutes`, "1" + s + "heure 30" + s + "minutes"},
		{noon, string(p.DateClock(noon)), "21" + s + "novembre" + s + "2026 à 12:00"},
		{Date(noon), string(p.Date(noon)), "21" + s + "novembre" + s + "2026"},
		{Clock(noon), string(p.Clock(noon)), "12:00"},
		{When(noon), string(p.When(noon)), "à l’instant"},
		{Money{125000, "MAD"}, `<bdi class="num">1` + s + `250` + s + `DH</bdi>`, "1" + s + "250" + s + "DH"},
		{Percent(0.5), `<bdi class="num">50` + s + `%</bdi>`, "50" + s + "%"},
		{Phone("+212661234542"), string(p.Phone("+212661234542")), strings.ReplaceAll("06 61 23 45 42", " ", s)},
		{Masked("+212661234542"), string(p.PhoneMasked("+212661234542")), strings.ReplaceAll("06 61 •• •• ••", " ", s)},
		{Code("482719063"), string(p.Code("482719063")), strings.ReplaceAll("482 719 063", " ", s)},
		{[]string{"a", "b"}, "<bdi>[a b]</bdi>", "[a b]"},
	} {
		same(t, fmt.Sprintf("T with %T", row.x), string(p.T("m.x", "x", row.x)), "["+row.html+"]")
		same(t, fmt.Sprintf("Text with %T", row.x), p.Text("m.x", "x", row.x), "["+row.plain+"]")
		same(t, fmt.Sprintf("Plain %T", row.x), p.Plain(row.x), row.plain)
	}
	same(t, "a map of arguments, as a fault carries them", string(p.T("m.x", map[string]any{"x": 3})), `[<bdi class="num">3</bdi>]`)
	same(t, "missing", len(p.cat.Missing()), 0)
}

func TestASentenceThatNamesItselfEnds(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{EN: {"m.a": "a {k}", "m.c": "{b, select, true {on} other {off}} {r, select, rank_A {x} other {y}} {n, select, 3 {three} other {z}}"}})
	p := printer(c, EN)
	same(t, "a key that needs arguments shows the hole", p.Text("m.a", "k", Key("m.a")), "a a ⟦k⟧")
	same(t, "choices by any kind of value", p.Text("m.c", "b", true, "r", rank(0), "n", 3), "on y three")
}

func TestTextInAnotherDirectionIsIsolatedInsideArabic(t *testing.T) {
	t.Parallel()
	p := printer(load(t, map[Lang]map[string]any{AR: {
		"m.sms": "{name} اتصل من {phone} على {clock} ووعد بـ {amount} للطلب {code}، {n, plural, zero {لا أسر} one {أسرة} two {أسرتان} few {# أسر} many {# أسرة} other {# أسرة}}",
	}}), AR)
	given := []any{"name", "Saïd Aït-Ali", "phone", Phone("+33612345678"), "clock", Clock(noon), "amount", Money{125050, "MAD"}, "code", Code("482719063"), "n", 4200}
	same(t, "as HTML", string(p.T("m.sms", given...)),
		`<bdi>Saïd Aït-Ali</bdi> اتصل من <bdi class="num">+33`+s+`6`+s+`12`+s+`34`+s+`56`+s+`78</bdi>`+
			` على <time datetime="2026-11-21T12:00:00+01:00"><bdi class="num">12:00</bdi></time>`+
			` ووعد بـ <bdi><bdi class="num">1`+s+`250,50</bdi>`+s+`درهم</bdi>`+
			` للطلب <bdi class="num code" role="img" aria-label="4 8 2 7 1 9 0 6 3">482`+s+`719`+s+`063</bdi>`+
			`، <bdi class="num">4`+s+`200</bdi> أسرة`)
	same(t, "as text", p.Text("m.sms", given...),
		"Saïd Aït-Ali اتصل من +33"+s+"6"+s+"12"+s+"34"+s+"56"+s+"78 على 12:00 ووعد بـ 1"+s+"250,50"+s+"درهم للطلب 482"+s+"719"+s+"063، 4"+s+"200 أسرة")
}

// Plain text has no isolates. By the Unicode bidirectional algorithm the
// no-break spaces alone must keep a number in one left-to-right run; plain
// spaces would give its groups in reverse order.
func TestNumbersKeepTheirOrderInPlainArabic(t *testing.T) {
	t.Parallel()
	p := printer(load(t, map[Lang]map[string]any{AR: {"m.x": "رقمك {x} عندنا"}}), AR)
	for _, x := range []any{Phone("+212661234542"), Code("482719063"), 1234567, 12345.6, Clock(noon)} {
		text := p.Text("m.x", "x", x)
		if got := runWith(t, text, p.Plain(x)); !got {
			t.Errorf("%q: the number falls into several runs", text)
		}
	}
	if text := "رقمك 482 719 063 عندنا"; runWith(t, text, "482 719 063") {
		t.Errorf("%q should fall apart, so this test sees nothing", text)
	}
}

// runWith says whether one directional run of a right-to-left line holds all
// of the part.
func runWith(t *testing.T, line, part string) bool {
	t.Helper()
	var paragraph bidi.Paragraph
	if _, err := paragraph.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		t.Fatal(err)
	}
	order, err := paragraph.Order()
	if err != nil {
		t.Fatal(err)
	}
	for i := range order.NumRuns() {
		if run := order.Run(i); run.Direction() == bidi.LeftToRight && strings.Contains(run.String(), part) {
			return true
		}
	}
	return false
}

func TestAPrinterSpeaksOneLanguage(t *testing.T) {
	t.Parallel()
	c := base(t)
	for given, want := range map[Lang]string{AR: "ar rtl نعم", ZGH: "zgh ltr ⵢⴰⵀ", FR: "fr ltr oui", EN: "en ltr yes", QPS: "qps ltr ⟦ýéš⟧", "de": "ar rtl نعم", "": "ar rtl نعم"} {
		p := c.For(given, nil)
		same(t, string(given), fmt.Sprint(p.Lang(), " ", p.Dir(), " ", p.Text("i18n.word.yes")), want)
	}
	same(t, "UTC without a place", c.For(EN, nil).Plain(Clock(noon)), "11:00")
	if since := time.Since(c.For(EN, nil).Now()); since < 0 || since > time.Minute {
		t.Errorf("the printer's present is %s away", since)
	}
}

func BenchmarkT(b *testing.B) {
	c := load(b, map[Lang]map[string]any{AR: {
		"m.still": "أحتاج مساعدة",
		"m.n":     "{n, plural, zero {لا طلبات} one {طلب واحد} two {طلبان} few {# طلبات} many {# طلبًا} other {# طلب}} في {place}",
	}})
	p := printer(c, AR)
	b.Run("still", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.T("m.still")
		}
	})
	b.Run("plural", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.T("m.n", "n", 12, "place", "أمزميز")
		}
	})
	b.Run("when", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.When(noon.Add(-12 * time.Minute))
		}
	})
}

func TestASentenceWithoutHolesCostsNoAllocation(t *testing.T) {
	p := printer(base(t), AR)
	if n := testing.AllocsPerRun(100, func() { p.T("i18n.word.yes") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { p.T("i18n.unit.people", "n", 12) }); n > 4 {
		t.Errorf("%v allocations with a plural", n)
	}
}
