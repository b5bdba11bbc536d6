package sense_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/sense"
)

func lexicon(t testing.TB) *sense.Lexicon {
	l, err := sense.Load(packs.FS, "ma")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWordsOfEveryLanguageAreRead(t *testing.T) {
	t.Parallel()
	l := lexicon(t)
	for text, want := range map[string]string{
		"الناس يبيتون في العراء ونحتاج خيام وأغطية":                           "needs.shelter needs.warm",
		"ناس كيباتو غي على برا، مكاينش لماء ولا الغطا":                        "needs.shelter needs.warm needs.water",
		"Les survivants ont besoin de couverture, ils ont déjà la nourriture": "needs.warm",
		"Nous avons besoin de 20 tentes":                                      "needs.shelter",
		"People trapped under the rubble":                                     "danger needs.rescue",
		"kayn chi nas t7t radm, 3tchan w bghina lma":                          "danger needs.rescue needs.water",
		"الماء موجود ولكن الناس بدون مأوى":                                    "needs.shelter",
		"Il y a 6 femmes enceintes et des bébés":                              "people weak.infant weak.pregnant",
		"nra aghrum d waman":                   "needs.food needs.water",
		"ⵏⵔⴰ ⴰⵖⵔⵓⵎ ⴷ ⵡⴰⵎⴰⵏ":                    "needs.food needs.water",
		"Pas de blessés, la route est ouverte": "",
		"الطريق مقطوعة":                        "needs.road",
		"We don't need food":                   "",
		"واحد الراجل فيه السكر بلا انسولين":    "danger needs.medicine weak.ill",
		"": "",
	} {
		keys := slices.DeleteFunc(l.Read(text).Keys(), func(k string) bool { return k == sense.MaybeDanger }) // said too often rather than too seldom
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%q says %q, want %q", text, got, want)
		}
	}
}

func TestTheWordsThatLedToAFindingAreShown(t *testing.T) {
	t.Parallel()
	text := "Bonjour, 20 tentes svp"
	for _, f := range lexicon(t).Read(text).Findings {
		if f.Key == "needs.shelter" {
			if text[f.From:f.To] != "tentes" || f.Count != 20 {
				t.Errorf("%q, %d", text[f.From:f.To], f.Count)
			}
			return
		}
	}
	t.Error("no tents were found")
}

func FuzzRead(f *testing.F) {
	l := lexicon(f)
	for _, s := range []string{"الطريق مقطوعة", "20 tentes", "\xff\xfe", "t7t radm", strings.Repeat("ماء ", 3000), "a\u0301'’،،"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range l.Read(s).Findings {
			if x.From < 0 || x.To > len(s) || x.From >= x.To || x.Key == "" {
				t.Errorf("%q: %+v", s, x)
			}
		}
	})
}
