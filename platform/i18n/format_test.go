package i18n

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const s = nbsp // makes the tables below readable

// speak is what the four languages say, in the order of Langs.
type speak [4]string

func (want speak) check(t *testing.T, what string, say func(*Printer) string) {
	t.Helper()
	c := base(t)
	for i, l := range Langs() {
		same(t, fmt.Sprintf("%s in %s", what, l), say(printer(c, l)), want[i])
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("%s: missing %q", what, missing)
	}
}

// all is the same in every language.
func all(want string) speak { return speak{want, want, want, want} }

// european is one way for English and another for the other three.
func european(want, english string) speak { return speak{want, want, want, english} }

func TestNumbersAreGroupedWithoutABreak(t *testing.T) {
	t.Parallel()
	type celsius float64
	for _, row := range []struct {
		n    any
		want speak
	}{
		{0, all("0")},
		{999, all("999")},
		{-4, all("-4")},
		{12345, european("12"+s+"345", "12,345")},
		{uint32(1234567), european("1"+s+"234"+s+"567", "1,234,567")},
		{int64(math.MinInt64), european("-9"+s+"223"+s+"372"+s+"036"+s+"854"+s+"775"+s+"808", "-9,223,372,036,854,775,808")},
		{12345.6, european("12"+s+"345,6", "12,345.6")},
		{0.05, european("0,05", "0.05")},
		{-0.004, all("0")},
		{7.0, all("7")},
		{1.999, all("2")},
		{celsius(-3.25), european("-3,25", "-3.25")},
		{1e17, european("100"+s+"000"+s+"000"+s+"000"+s+"000"+s+"000", "100,000,000,000,000,000")},
		{1e20, all("1e+20")},
		{math.NaN(), all("—")},
		{math.Inf(-1), all("—")},
	} {
		row.want.check(t, fmt.Sprint("Plain ", row.n), func(p *Printer) string { return p.Plain(row.n) })
		for i, shown := range row.want {
			row.want[i] = `<bdi class="num">` + shown + `</bdi>`
		}
		row.want.check(t, fmt.Sprint("Number ", row.n), func(p *Printer) string { return string(p.Number(row.n)) })
	}
}

func TestMoneyIsReadNumberFirst(t *testing.T) {
	t.Parallel()
	num := func(text string) string { return `<bdi class="num">` + text + `</bdi>` }
	arabic := func(figures string) string { return `<bdi>` + num(figures) + s + `درهم</bdi>` }
	for _, row := range []struct {
		minor    int64
		currency string
		want     speak
	}{
		{125000, "MAD", speak{arabic("1" + s + "250"), num("1" + s + "250" + s + "ⴷⵔⵀⵎ"), num("1" + s + "250" + s + "DH"), num("1,250" + s + "DH")}},
		{1250, "MAD", speak{arabic("12,50"), num("12,50" + s + "ⴷⵔⵀⵎ"), num("12,50" + s + "DH"), num("12.50" + s + "DH")}},
		{-5, "MAD", speak{arabic("-0,05"), num("-0,05" + s + "ⴷⵔⵀⵎ"), num("-0,05" + s + "DH"), num("-0.05" + s + "DH")}},
		{0, "MAD", speak{arabic("0"), num("0" + s + "ⴷⵔⵀⵎ"), num("0" + s + "DH"), num("0" + s + "DH")}},
		{5000, "EUR", all(num("50" + s + "EUR"))},
		{5000, "XOF", european(num("5"+s+"000"+s+"XOF"), num("5,000"+s+"XOF"))},
		{1005, "TND", european(num("1,005"+s+"TND"), num("1.005"+s+"TND"))},
		{100, "<b>", all(num("1" + s + "&lt;b&gt;"))},
	} {
		row.want.check(t, fmt.Sprint(row.minor, row.currency), func(p *Printer) string { return string(p.Money(row.minor, row.currency)) })
	}
	speak{"1" + s + "250" + s + "درهم", "1" + s + "250" + s + "ⴷⵔⵀⵎ", "1" + s + "250" + s + "DH", "1,250" + s + "DH"}.
		check(t, "plain", func(p *Printer) string { return p.Plain(Money{125000, "MAD"}) })
}

func TestPercentFollowsTheLanguage(t *testing.T) {
	t.Parallel()
	num := func(text string) string { return `<bdi class="num">` + text + `</bdi>` }
	for share, want := range map[float64]speak{
		0.71:        {num("71%"), num("71%"), num("71" + s + "%"), num("71%")},
		0.7154:      {num("71,5%"), num("71,5%"), num("71,5" + s + "%"), num("71.5%")},
		1:           {num("100%"), num("100%"), num("100" + s + "%"), num("100%")},
		math.Inf(1): all(num("—")),
	} {
		want.check(t, fmt.Sprint(share), func(p *Printer) string { return string(p.Percent(share)) })
	}
}

func TestEveryMonthHasItsMoroccanName(t *testing.T) {
	t.Parallel()
	names := [4]string{
		"يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
		"ⵉⵏⵏⴰⵢⵔ ⴱⵕⴰⵢⵕ ⵎⴰⵕⵚ ⵉⴱⵔⵉⵔ ⵎⴰⵢⵢⵓ ⵢⵓⵏⵢⵓ ⵢⵓⵍⵢⵓⵣ ⵖⵓⵛⵜ ⵛⵓⵜⴰⵏⴱⵉⵔ ⴽⵜⵓⴱⵔ ⵏⵓⵡⴰⵏⴱⵉⵔ ⴷⵓⵊⴰⵏⴱⵉⵔ",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"January February March April May June July August September October November December",
	}
	for month := time.January; month <= time.December; month++ {
		day := time.Date(2026, month, 21, 9, 30, 0, 0, casablanca)
		var want speak
		for i := range names {
			want[i] = "21" + s + strings.Fields(names[i])[month-1] + s + "2026"
		}
		want.check(t, month.String(), func(p *Printer) string { return p.Plain(Date(day)) })
	}
}

func TestTheWeekIsNamedFromMonday(t *testing.T) {
	t.Parallel()
	names := [4]string{
		"الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
		"ⴰⵢⵏⴰⵙ ⴰⵙⵉⵏⴰⵙ ⴰⴽⵕⴰⵙ ⴰⴽⵡⴰⵙ ⴰⵙⵉⵎⵡⴰⵙ ⴰⵙⵉⴹⵢⴰⵙ ⴰⵙⴰⵎⴰⵙ",
		"lundi mardi mercredi jeudi vendredi samedi dimanche",
		"Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
	}
	for i := range 7 {
		day := time.Date(2026, 11, 16+i, 23, 30, 0, 0, casablanca) // the 16th is a Monday
		var want speak
		for l := range names {
			want[l] = strings.Fields(names[l])[i]
		}
		want.check(t, day.Format(time.DateOnly), func(p *Printer) string { return string(p.Weekday(day)) })
	}
}

func TestDatesAndClocksShowMoroccanTimeAndCarryTheExactOne(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC) // already the 21st in Morocco
	day := func(text string) string { return `<time datetime="2026-11-21"><bdi>` + text + `</bdi></time>` }
	speak{day("21" + s + "نونبر" + s + "2026"), day("21" + s + "ⵏⵓⵡⴰⵏⴱⵉⵔ" + s + "2026"), day("21" + s + "novembre" + s + "2026"), day("21" + s + "November" + s + "2026")}.
		check(t, "date", func(p *Printer) string { return string(p.Date(at)) })
	speak{day("السبت 21" + s + "نونبر"), day("ⴰⵙⵉⴹⵢⴰⵙ 21" + s + "ⵏⵓⵡⴰⵏⴱⵉⵔ"), day("samedi 21" + s + "novembre"), day("Saturday 21" + s + "November")}.
		check(t, "day", func(p *Printer) string { return string(p.Day(at)) })
	all(`<time datetime="2026-11-21T00:30:00+01:00"><bdi class="num">00:30</bdi></time>`).
		check(t, "clock", func(p *Printer) string { return string(p.Clock(at)) })
	speak{"21" + s + "نونبر" + s + "2026 على 00:30", "21" + s + "ⵏⵓⵡⴰⵏⴱⵉⵔ" + s + "2026, 00:30", "21" + s + "novembre" + s + "2026 à 00:30", "21" + s + "November" + s + "2026, 00:30"}.
		check(t, "both, plain", func(p *Printer) string { return p.Plain(at) })
	same(t, "both", string(printer(base(t), AR).DateClock(at)),
		`<time datetime="2026-11-21T00:30:00+01:00"><bdi>21`+s+`نونبر`+s+`2026</bdi> على <bdi class="num">00:30</bdi></time>`)
	same(t, "the first, in French", printer(base(t), FR).Plain(Date(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))), "1er"+s+"mai"+s+"2026")
	all("").check(t, "no time at all", func(p *Printer) string {
		never := time.Time{}
		left, _ := p.Left(never)
		return string(p.Date(never) + p.Day(never) + p.Clock(never) + p.DateClock(never) + p.When(never) + p.Weekday(never) + left)
	})
}

func TestAMomentIsToldAsPeopleSpeakOfIt(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, casablanca) }
	for _, row := range []struct {
		t    time.Time
		want speak
	}{
		{noon, speak{"الآن", "ⵖⵉⵍⴰ", "à l’instant", "just now"}},
		{noon.Add(-59 * time.Second), speak{"الآن", "ⵖⵉⵍⴰ", "à l’instant", "just now"}},
		{noon.Add(-time.Minute), speak{"قبل دقيقة واحدة", "1" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵜ ⴰⵢⴰ", "il y a 1" + s + "minute", "1" + s + "minute ago"}},
		{noon.Add(-2 * time.Minute), speak{"قبل دقيقتين", "2" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵉⵏ ⴰⵢⴰ", "il y a 2" + s + "minutes", "2" + s + "minutes ago"}},
		{noon.Add(-12*time.Minute - 40*time.Second), speak{"قبل 12" + s + "دقيقة", "12" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵉⵏ ⴰⵢⴰ", "il y a 12" + s + "minutes", "12" + s + "minutes ago"}},
		{noon.Add(5 * time.Minute), speak{"خلال 5" + s + "دقائق", "ⴷⴼⴼⵉⵔ 5" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵉⵏ", "dans 5" + s + "minutes", "in 5" + s + "minutes"}},
		{at(21, 11, 0), speak{"اليوم على 11:00", "ⴰⵙⵙⴰ ⴳ 11:00", "aujourd’hui à 11:00", "today at 11:00"}},
		{at(21, 0, 0), speak{"اليوم على 00:00", "ⴰⵙⵙⴰ ⴳ 00:00", "aujourd’hui à 00:00", "today at 00:00"}},
		{at(20, 23, 59), speak{"أمس على 23:59", "ⵉⴹⵍⵍⵉ ⴳ 23:59", "hier à 23:59", "yesterday at 23:59"}},
		{at(22, 23, 59), speak{"غدًا على 23:59", "ⴰⵙⴽⴽⴰ ⴳ 23:59", "demain à 23:59", "tomorrow at 23:59"}},
		{at(23, 0, 0), speak{"23" + s + "نونبر" + s + "2026", "23" + s + "ⵏⵓⵡⴰⵏⴱⵉⵔ" + s + "2026", "23" + s + "novembre" + s + "2026", "23" + s + "November" + s + "2026"}},
		{at(19, 23, 59), speak{"19" + s + "نونبر" + s + "2026", "19" + s + "ⵏⵓⵡⴰⵏⴱⵉⵔ" + s + "2026", "19" + s + "novembre" + s + "2026", "19" + s + "November" + s + "2026"}},
	} {
		row.want.check(t, row.t.Format(time.RFC3339), func(p *Printer) string { return p.Plain(When(row.t)) })
	}
	same(t, "markup", string(printer(base(t), AR).When(noon.Add(-12*time.Minute))),
		`<time datetime="2026-11-21T11:48:00+01:00">قبل <bdi class="num">12</bdi>`+s+`دقيقة</time>`)
	p := printer(base(t), EN)
	p.Now = func() time.Time { return time.Date(2027, 1, 1, 8, 0, 0, 0, casablanca) }
	same(t, "over the year", p.Plain(When(time.Date(2026, 12, 31, 20, 0, 0, 0, casablanca))), "yesterday at 20:00")
}

func TestADeadlineTellsHowMuchIsLeftOrHowLateItIs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   time.Duration
		late bool
		want speak
	}{
		{11 * time.Minute, false, speak{"باقي 11" + s + "د", "ⵉⵇⵇⵉⵎ 11" + s + "ⵜⵓ", "reste 11" + s + "min", "11" + s + "min left"}},
		{time.Second, false, speak{"باقي 1" + s + "د", "ⵉⵇⵇⵉⵎ 1" + s + "ⵜⵓ", "reste 1" + s + "min", "1" + s + "min left"}},
		{0, false, speak{"باقي 0" + s + "د", "ⵉⵇⵇⵉⵎ 0" + s + "ⵜⵓ", "reste 0" + s + "min", "0" + s + "min left"}},
		{-4 * time.Minute, true, speak{"متأخر 4" + s + "د", "ⵉⵄⵟⵟⵍ 4" + s + "ⵜⵓ", "4" + s + "min de retard", "4" + s + "min late"}},
		{-time.Microsecond, true, speak{"متأخر 1" + s + "د", "ⵉⵄⵟⵟⵍ 1" + s + "ⵜⵓ", "1" + s + "min de retard", "1" + s + "min late"}},
		{100 * time.Minute, false, speak{"باقي 1" + s + "س و40" + s + "د", "ⵉⵇⵇⵉⵎ 1" + s + "ⵜⵙ 40" + s + "ⵜⵓ", "reste 1" + s + "h" + s + "40" + s + "min", "1" + s + "h" + s + "40" + s + "min left"}},
		{-76 * time.Hour, true, speak{"متأخر 3" + s + "أيام و4" + s + "س", "ⵉⵄⵟⵟⵍ 3" + s + "ⵏ ⵡⵓⵙⵙⴰⵏ 4" + s + "ⵜⵙ", "3" + s + "j" + s + "4" + s + "h de retard", "3" + s + "d" + s + "4" + s + "h late"}},
		{48 * time.Hour, false, speak{"باقي يومان", "ⵉⵇⵇⵉⵎ 2" + s + "ⵏ ⵡⵓⵙⵙⴰⵏ", "reste 2" + s + "j", "2" + s + "d left"}},
	} {
		row.want.check(t, row.in.String(), func(p *Printer) string {
			shown, late := p.Left(noon.Add(row.in))
			if late != row.late {
				t.Errorf("%s: late is %v", row.in, late)
			}
			return withoutTags(string(shown))
		})
	}
	shown, _ := printer(base(t), AR).Left(noon.Add(-4 * time.Minute))
	same(t, "markup", string(shown), `متأخر <bdi class="num">4</bdi>`+s+`د`)
}

func TestALengthOfTimeIsSaidInItsTwoLargestUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]speak{
		0:                                 {"0" + s + "دقيقة", "0" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵜ", "0" + s + "minute", "0" + s + "minutes"},
		time.Minute:                       {"دقيقة واحدة", "1" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵜ", "1" + s + "minute", "1" + s + "minute"},
		100 * time.Minute:                 {"ساعة واحدة و40" + s + "دقيقة", "1" + s + "ⵏ ⵜⵙⵔⴰⴳⵜ ⴷ 40" + s + "ⵏ ⵜⵓⵙⴷⵉⴷⵉⵏ", "1" + s + "heure 40" + s + "minutes", "1" + s + "hour 40" + s + "minutes"},
		-50 * time.Hour:                   {"يومان وساعتان", "2" + s + "ⵏ ⵡⵓⵙⵙⴰⵏ ⴷ 2" + s + "ⵏ ⵜⵙⵔⴰⴳⵉⵏ", "2" + s + "jours 2" + s + "heures", "2" + s + "days 2" + s + "hours"},
		23*time.Hour + 59*time.Minute + 1: {"يوم واحد", "1" + s + "ⵏ ⵡⴰⵙⵙ", "1" + s + "jour", "1" + s + "day"},
	} {
		want.check(t, d.String(), func(p *Printer) string { return p.Plain(d) })
	}
}

func TestPhonesAreSpacedAsTheirCountryReadsThem(t *testing.T) {
	t.Parallel()
	for e164, want := range map[string][2]string{ // shown, masked
		"+212661234542":  {"06 61 23 45 42", "06 61 •• •• ••"},
		"00212661234542": {"06 61 23 45 42", "06 61 •• •• ••"},
		"0661-23.45.42":  {"06 61 23 45 42", "06 61 •• •• ••"},
		"+212800001234":  {"0800 00 12 34", "0800 •• •• ••"},
		"+212522123456":  {"05 22 12 34 56", "05 22 •• •• ••"},
		"+33612345678":   {"+33 6 12 34 56 78", "+33 6 12 •• •• ••"},
		"+34612345678":   {"+34 6 12 34 56 78", "+34 6 12 •• •• ••"},
		"+447911123456":  {"+44 79 11 12 34 56", "+44 79 11 •• •• ••"},
		"+15145550199":   {"+1 514 555 0199", "+1 514 5•• ••••"},
		"+21620123456":   {"+216 20 12 34 56", "+216 20 •• •• ••"},
		"+971501234567":  {"+971 5 01 23 45 67", "+971 5 01 •• •• ••"},
		"5300":           {"5300", "••••"},
		"+1":             {"+1 ", "+• "},
	} {
		shown := strings.ReplaceAll(want[0], " ", s)
		hidden := strings.ReplaceAll(want[1], " ", s)
		all(`<bdi class="num">`+shown+`</bdi>`).check(t, e164, func(p *Printer) string { return string(p.Phone(e164)) })
		all(`<bdi class="num">`+hidden+`</bdi>`).check(t, e164, func(p *Printer) string { return string(p.PhoneMasked(e164)) })
	}
	all("").check(t, "no phone", func(p *Printer) string { return string(p.Phone("") + p.PhoneMasked("")) })
	same(t, "what is no phone is not markup", string(printer(base(t), FR).Phone("<b>12</b>")), `<bdi class="num">&lt;b&gt;12&lt;/b&gt;</bdi>`)
	abroad := printer(base(t), FR)
	abroad.National = ""
	same(t, "seen from abroad", abroad.Plain(Phone("+212661234542")), strings.ReplaceAll("+212 6 61 23 45 42", " ", s))
}

func TestNoMaskedPhoneShowsItsLastFourDigits(t *testing.T) {
	t.Parallel()
	p := printer(base(t), AR)
	for length := 1; length <= 15; length++ {
		for _, prefix := range []string{"", "+", "+212", "00", "0", "+1"} {
			number := prefix + "314159265358979"[:length]
			shown := strings.Map(onlyDigits, p.Plain(Masked(number)))
			if length >= 4 && strings.Contains(shown, number[len(number)-4:]) {
				t.Errorf("%s shows as %s", number, p.Plain(Masked(number)))
			}
			if want := max(0, len(strings.Map(onlyDigits, number))-6) + 1; len(shown) > want {
				t.Errorf("%s shows %d digits: %s", number, len(shown), p.Plain(Masked(number)))
			}
		}
	}
}

type receiptLike struct{ text string }

func (r receiptLike) String() string { return r.text }

func TestAReceiptNumberIsReadDigitByDigit(t *testing.T) {
	t.Parallel()
	want := `<bdi class="num code" role="img" aria-label="4 8 2 7 1 9 0 6 3">482` + s + `719` + s + `063</bdi>`
	for _, given := range []any{"482719063", "482 719 063", "482-719-063", receiptLike{"482" + s + "719" + s + "063"}} {
		all(want).check(t, fmt.Sprint(given), func(p *Printer) string { return string(p.Code(given)) })
		same(t, "for SMS", PlainCode(given), "482719063")
	}
	same(t, "with letters", string(printer(base(t), FR).Code("D-4F7Q-88")), `<bdi class="num code" role="img" aria-label="D 4 F 7 Q 8 8">D-4F7Q-88</bdi>`)
	same(t, "in a sentence without markup", printer(base(t), FR).Plain(Code("482719063")), "482"+s+"719"+s+"063")
	same(t, "none", string(printer(base(t), FR).Code("")), "")
	same(t, "hostile", string(printer(base(t), FR).Code(`"><b>`)), `<bdi class="num code" role="img" aria-label="b">&#34;&gt;&lt;b&gt;</bdi>`)
}
