package i18n

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestLanguagesStandInOneOrderInTheirOwnScript(t *testing.T) {
	t.Parallel()
	var shown []string
	for _, l := range Langs() {
		shown = append(shown, fmt.Sprintf("%s %s %s", l, Name(l), Dir(l)))
	}
	same(t, "order", strings.Join(shown, ", "), "ar العربية rtl, zgh ⵜⴰⵎⴰⵣⵉⵖⵜ ltr, fr Français ltr, en English ltr")
	same(t, "pseudo", HTMLLang(QPS)+" "+Dir(QPS), "en-x-qps ltr")
	if Known("de") || !Known(QPS) || !Known(AR) {
		t.Error("the house speaks four languages and the pseudo-language")
	}
	Langs()[0] = EN
	same(t, "nobody else can reorder them", Langs()[0], AR)
}

func TestABrowserIsAnsweredInALanguageItsReaderKnows(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Lang{
		"":                                 AR,
		"ar":                               AR,
		"ar-MA,ar;q=0.9":                   AR,
		"ary":                              AR,
		"ary-MA,fr;q=0.5":                  AR,
		"shi":                              ZGH,
		"shi-Tfng-MA,ar;q=0.8":             ZGH,
		"tzm-Latn":                         ZGH,
		"rif":                              ZGH,
		"ber":                              ZGH,
		"kab":                              ZGH,
		"zgh-Tfng":                         ZGH,
		"fr-FR,fr;q=0.9,en;q=0.8":          FR,
		"fr-CA":                            FR,
		"en-GB":                            EN,
		"de-DE,de;q=0.9,fr;q=0.5,en;q=0.7": EN,
		"de,nl;q=0.9":                      AR,
		"*":                                AR,
		"fr;q=0, en":                       EN,
		"en;q=0.1, zgh;q=0.9":              ZGH,
		"!!!, fr":                          FR,
		"fr;q=oops, en":                    EN,
		strings.Repeat("de,", 500) + "fr":  AR, // a header nobody's browser sends
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%.40q) = %s, want %s", header, got, want)
		}
	}
}

func TestALanguageThatLacksASentenceBorrowsItAndSaysSo(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{
		AR: {"m.all": "الكل", "m.ar": "ماء {n}", "m.arfr": "خبز"},
		FR: {"m.all": "tout", "m.arfr": "pain"},
		EN: {"m.all": "all", "m.en": "only here"},
	})
	for _, row := range []struct {
		lang      Lang
		key, want string
	}{
		{FR, "m.all", "tout"},
		{ZGH, "m.all", `<span lang="ar" dir="rtl" class="borrowed">الكل</span>`},
		{ZGH, "m.ar", `<span lang="ar" dir="rtl" class="borrowed">ماء <bdi class="num">1` + nbsp + `250</bdi></span>`},
		{EN, "m.arfr", `<span lang="fr" dir="ltr" class="borrowed">pain</span>`},
		{EN, "m.ar", `<span lang="ar" dir="rtl" class="borrowed">ماء <bdi class="num">1` + nbsp + `250</bdi></span>`},
		{AR, "m.en", `<span lang="en" dir="ltr" class="borrowed">only here</span>`},
	} {
		same(t, string(row.lang)+" "+row.key, string(printer(c, row.lang).T(row.key, "n", 1250)), row.want)
	}
	same(t, "text", printer(c, EN).Text("m.arfr"), "pain")
	page := []byte("<p>" + printer(c, EN).T("m.arfr") + printer(c, EN).T("m.ar", "n", 1) + printer(c, EN).T("m.all") + "</p>")
	same(t, "the page knows", fmt.Sprint(Borrowed(page)), "[ar fr]")
	same(t, "a whole page", len(Borrowed([]byte("<p>"+printer(c, FR).T("m.all")+"</p>"))), 0)
	same(t, "the notice", printer(c, EN).Text("i18n.page.partly", "lang", AR), "Part of this page is in Arabic.")
}

func TestADraftOfALifeSavingSentenceShowsWithItsArabicTwin(t *testing.T) {
	t.Parallel()
	draft := func(text string, vital bool) map[string]any {
		return map[string]any{"text": text, "draft": true, "vital": vital}
	}
	c := load(t, map[Lang]map[string]any{
		AR:  {"m.gas": map[string]any{"text": "أغلق الغاز، {n}", "vital": true}, "m.tea": "شاي", "m.leave": "اخرج"},
		ZGH: {"m.gas": draft("ⵇⵇⵏ ⵍⴳⴰⵣ, {n}", false), "m.tea": draft("ⴰⵜⴰⵢ", false), "m.leave": draft("ⴼⴼⵖ", true)},
		FR:  {"m.gas": "Fermez le gaz, {n}", "m.tea": "thé", "m.leave": "Sortez"},
		EN:  {"m.gas": "Turn off the gas, {n}", "m.tea": "tea", "m.leave": "Get out"},
	})
	p := printer(c, ZGH)
	same(t, "vital by its Arabic", string(p.T("m.gas", "n", "Ali")),
		`ⵇⵇⵏ ⵍⴳⴰⵣ, <bdi>Ali</bdi> <span lang="ar" dir="rtl">أغلق الغاز، <bdi>Ali</bdi></span>`)
	same(t, "vital by its draft", string(p.T("m.leave")), `ⴼⴼⵖ <span lang="ar" dir="rtl">اخرج</span>`)
	same(t, "as text, on its own line", p.Text("m.leave"), "ⴼⴼⵖ\nاخرج")
	same(t, "a draft that is not vital", string(p.T("m.tea")), "ⴰⵜⴰⵢ")
	same(t, "a reviewed language", string(printer(c, FR).T("m.leave")), "Sortez")
	same(t, "a twin is not borrowed", len(Borrowed([]byte(p.T("m.gas", "n", 1)))), 0)
}

func TestWhatNoLanguageHasShowsItsKeyAndIsNoted(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{EN: {"m.hole": "for {who} {n, plural, other {#}}"}})
	p := printer(c, EN)
	same(t, "key", string(p.T("m.none<b>")), "⟦m.none&lt;b&gt;⟧")
	same(t, "key as text", p.Text("m.none<b>"), "⟦m.none<b>⟧")
	same(t, "argument", p.Text("m.hole", "n", 1), "for ⟦who⟧ 1")
	same(t, "no number", p.Text("m.hole", "who", "you", "n", "three"), "for you ⟦n⟧")
	same(t, "noted", fmt.Sprint(c.Missing()), "[m.hole {n} m.hole {who} m.none<b>]")
	for i := range 3000 {
		p.T(fmt.Sprint("m.made_of_data_", i))
	}
	if n := len(c.Missing()); n != maxMissing {
		t.Errorf("%d missing keys are remembered, want at most %d", n, maxMissing)
	}
}

func TestLoadingTellsEverythingThatIsWrongByFileAndKey(t *testing.T) {
	t.Parallel()
	raw := func(name, json string) fstest.MapFS {
		return fstest.MapFS{"locale/" + name + ".json": &fstest.MapFile{Data: []byte(json)}}
	}
	cases := files(t, map[Lang]map[string]any{FR: {"cases.case.take": "J’y vais", "cases.case.title": "Demande"}})
	field := files(t, map[Lang]map[string]any{FR: {"field.team.title": "Équipe", "field.team.go": "Partir", "cases.case.take": "Prendre"}})
	for _, row := range []struct {
		name string
		from []fstest.MapFS
		want []string
	}{
		{"two packages with one key", []fstest.MapFS{cases.(fstest.MapFS), field.(fstest.MapFS)},
			[]string{"cases.case.take (fr) is in cases (catalogue 1)/locale/fr.json and again in field (catalogue 2)/locale/fr.json"}},
		{"a key twice in a file", []fstest.MapFS{raw("ar", `{"a.b":"x","a.b":"y"}`)}, []string{"locale/ar.json: a.b is there twice"}},
		{"two bad messages", []fstest.MapFS{raw("en", `{"a.b":"{n","a.c":"}","a.d":"fine"}`)},
			[]string{"a (catalogue 1)/locale/en.json: a.b (en): at character", "a.c (en): at character 1"}},
		{"an unknown field", []fstest.MapFS{raw("zgh", `{"a.b":{"text":"x","drafty":true}}`)}, []string{"locale/zgh.json: a.b:", "drafty"}},
		{"a number for a text", []fstest.MapFS{raw("fr", `{"a.b":7}`)}, []string{"locale/fr.json: a.b:"}},
		{"not an object", []fstest.MapFS{raw("fr", `["a"]`)}, []string{"locale/fr.json: not an object"}},
		{"cut short", []fstest.MapFS{raw("fr", `{"a.b":"x"`)}, []string{"locale/fr.json: "}},
		{"empty file", []fstest.MapFS{raw("fr", ``)}, []string{"locale/fr.json: not an object"}},
		{"no catalogue", []fstest.MapFS{{}}, []string{"catalogue 1: no locale/ar.json"}},
		{"an empty key", []fstest.MapFS{raw("fr", `{"":"x"}`)}, []string{"a text has no key"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c *Catalogue
			var err error
			if len(row.from) == 2 {
				c, err = Load(row.from[0], row.from[1])
			} else {
				c, err = Load(row.from[0])
			}
			if err == nil || c != nil {
				t.Fatal("it loaded")
			}
			for _, want := range row.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nlacks %q", err, want)
				}
			}
		})
	}
}

func TestTextsOfAServiceJoinTheCatalogue(t *testing.T) {
	t.Parallel()
	c := base(t)
	for _, err := range []error{
		c.AddText(AR, "service.help.title", "أحتاج مساعدة", false, true),
		c.AddText(ZGH, "service.help.title", "ⵔⵉⵖ ⵜⵉⵡⵉⵙⵉ", true, true),
		c.AddText(ZGH, "service.help.title", "ⵔⵉⵖ ⵜⵉⵡⵉⵙⵉ", true, true), // again: no change
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	same(t, "says", printer(c, ZGH).Text("service.help.title"), "ⵔⵉⵖ ⵜⵉⵡⵉⵙⵉ\nأحتاج مساعدة")
	if !c.Has("service.help.title") || c.Has("service.help.other") {
		t.Error("Has does not know what there is")
	}
	for want, err := range map[string]error{
		"service.help.title (ar) is in data and again in data": c.AddText(AR, "service.help.title", "آخر", false, true),
		"i18n.word.yes (en) is in i18n":                        c.AddText(EN, "i18n.word.yes", "aye", false, false),
		`there is no language "de"`:                            c.AddText("de", "x.y", "ja", false, false),
		`there is no language "qps"`:                           c.AddText(QPS, "x.y", "ja", false, false),
		"x.y (en): at character":                               c.AddText(EN, "x.y", "{", false, false),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestADraftCountsAsMissingInTheCoverage(t *testing.T) {
	t.Parallel()
	before := base(t).Coverage()
	c := load(t, map[Lang]map[string]any{
		AR:  {"m.a": "ا", "m.b": "ب", "m.c": "ج"},
		ZGH: {"m.a": "ⴰ", "m.b": map[string]any{"text": "ⴱ", "draft": true}},
		FR:  {"m.a": "a", "m.b": "b", "m.c": ""},
	})
	for i, want := range []Coverage{
		{AR, 3, 3, 0, 0}, {ZGH, 3, 1, 1, 2}, {FR, 3, 2, 0, 1}, {EN, 3, 0, 0, 3},
	} {
		got := c.Coverage()[i]
		got.Strings -= before[i].Strings
		got.Translated -= before[i].Translated
		got.Drafts -= before[i].Drafts
		got.Missing -= before[i].Missing
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	same(t, "share", Coverage{Strings: 4, Translated: 1}.Share(), 0.25)
	if zgh := before[1]; zgh.Drafts != zgh.Strings || zgh.Translated != 0 {
		t.Errorf("no translator has reviewed the Amazigh base words, yet the coverage says %+v", zgh)
	}
}

func TestACatalogueMayGrowWhileItIsRead(t *testing.T) {
	t.Parallel()
	c := base(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			p := printer(c, Langs()[i])
			for n := range 200 {
				key := fmt.Sprintf("m.k%d_%d", i, n)
				if err := c.AddText(AR, key, "{n} ماء", false, false); err != nil {
					t.Error(err)
				}
				if got := p.Text(key, "n", n); got != fmt.Sprintf("%d ماء", n) {
					t.Errorf("%s says %q", key, got)
				}
				c.Coverage()
			}
		})
	}
	all.Wait()
	same(t, "missing", len(c.Missing()), 0)
}
