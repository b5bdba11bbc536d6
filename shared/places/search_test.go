package places_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/places"
)

func codes(list []places.Candidate) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Place.Code)
	}
	return out
}

const tiziOussem = "0410711202009"

func TestEverySpellingOfADouarFindsTheSameDouar(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"تيزي أوسم", "تيزي اوسم", "تيزى اوسم", "تيزي إوسم", "تِيزي أُوسم", "تيـزي اوسم", "دوار تيزي أوسم", "بدوار تيزي اوسم", "تيزياوسم", "تيزي ؤسم",
		"Tizi Oussem", "tizi oussem", "TIZI OUSSAME", "Tizi-Oussem", "Douar Tizi Oussem", "dwar tizi ousem", "Tizi Ousam", "tizioussem", "Tizzi Oussem",
		"ⵜⵉⵣⵉ ⵓⵙⵙⴻⵎ", "ⵜⵉⵣⵉ ⵓⵙⵙⵎ", "ⴷⴷⵓⵡⴰⵔ ⵜⵉⵣⵉ ⵓⵙⵙⴻⵎ",
		"Tizi Oussem, Ouirgane", "douar Tizi Oussem commune de Ouirgane province d'Al Haouz", "دوار تيزي اوسم، جماعة ويركان، إقليم الحوز",
		"إقليم الحوز - جماعة ويركان - دوار تيزي أوسم", "ⵜⵉⵣⵉ ⵓⵙⵙⴻⵎ, ⵍⵃⵓⵣ", "٠٤١٠٧١١٢٠٢٠٠٩", tiziOussem,
	} {
		found := morocco.Search(q, "", 5)
		if len(found) == 0 || found[0].Place.Code != tiziOussem || found[0].Score < 0.7 {
			t.Errorf("%q found %v", q, found)
		}
	}
}

func TestEveryNameOfEveryPlaceFindsIt(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{places.Region, places.Province, places.Commune, places.Douar} {
		for _, p := range morocco.All(kind) {
			for _, name := range p.Names {
				found := morocco.Search(name, "", 1)
				i := slices.Index(codes(found), p.Code)
				if i < 0 || found[i].Score != 1 || found[i].Reason != places.ByName {
					t.Errorf("%q does not find %s among %v", name, p.Code, codes(found))
				}
			}
		}
	}
}

func TestHomonymsAllComeBackWhateverTheLimit(t *testing.T) {
	t.Parallel()
	found := morocco.Search("تيزكي", "", 1)
	got := codes(found)
	slices.Sort(got)
	if want := []string{"0410501202006", "0410505201002"}; len(got) != 3 || !slices.Equal(got[:2], want) {
		t.Fatalf("three douars are called تيزكي (one written تيزݣي); found %v", got)
	}
	for _, c := range found {
		if c.Score != 1 {
			t.Errorf("%s scores %g: no reason to prefer one", c.Place.Code, c.Score)
		}
	}
}

func TestAPlaceNamedBesideItNarrowsHomonyms(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"تيزكي، انوكال", "تيزكي انوكال", "دوار تيزكي جماعة انوكال", "انوكال: تيزكي", "تيزكي (جماعة أنوگال)", "تيزكي، جماعة انوكال، اقليم الحوز",
		"تيزكي commune Anougal", "دوار تيزكي بجماعة انوكال",
	} {
		found := morocco.Search(q, "", 5)
		if len(found) == 0 || found[0].Place.Code != "0410505201002" {
			t.Errorf("%q found %v", q, codes(found))
			continue
		}
		if !slices.ContainsFunc(found[0].Inside, func(p *places.Place) bool { return p.Code == "07.041.05.05" }) {
			t.Errorf("%q does not say that Anougal was named", q)
		}
		if len(found) > 1 && found[1].Score > found[0].Score-0.05 {
			t.Errorf("%q hardly narrows: %v", q, found)
		}
	}
}

func TestAPlaceSaidToBeNearNarrowsToo(t *testing.T) {
	t.Parallel()
	for _, q := range []string{"دوار أكني قرب ويركان", "Agni près de Ouirgane", "agni 7da wirgan", "Agni near Ouirgane"} {
		found := morocco.Search(q, "", 5)
		if len(found) == 0 {
			t.Errorf("%q found nothing", q)
			continue
		}
		if c, _ := morocco.Commune(found[0].Place.Code); found[0].Place.Kind != places.Douar || c.Code != "07.041.07.11" {
			t.Errorf("%q found %v first", q, found[0].Place)
		}
	}
}

func TestALabelTellsWhichLevelIsMeant(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{
		"commune de Marrakech": "07.351.01.0", "préfecture de Marrakech": "07.351", "جماعة مراكش": "07.351.01.0", "عمالة مراكش": "07.351",
		"جماعة امغراس": "07.041.05.01", "دوار امغراس": "0410501202011", "Jiha Marrakech-Safi": "07", "ⵜⴰⵖⵉⵡⴰⵏⵜ ⵡⴰⵔⵣⴰⵣⴰⵜ": "08.401.01.07",
	} {
		found := morocco.Search(q, "", 5)
		if len(found) == 0 || found[0].Place.Code != want {
			t.Errorf("%q found %v, want %s first", q, codes(found), want)
		}
	}
}

func TestAPlaceIsFoundInASentence(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{
		"Nous sommes bloqués depuis 3 jours à Asni avec 5 enfants": "07.041.07.03",
		"الطريق مقطوعة نحن في جماعة اجوكاك ونحتاج خيام":            "07.041.07.07",
		"We are in Talat N'Yaaqoub, please send blankets":          "07.041.07.13",
	} {
		found := morocco.Search(q, "", 3)
		if len(found) == 0 || found[0].Place.Code != want {
			t.Errorf("%q found %v, want %s first", q, codes(found), want)
		} else if found[0].Score > 0.9 {
			t.Errorf("%q scores %g, though most of it is not explained", q, found[0].Score)
		}
	}
}

func TestAnUnknownDouarStillBringsItsCommune(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{
		"Douar Essour Tidrara Aghwatim Tahnaouet Al Haouz": "07.041.09.13",
		"دوار لا يوجد في السجل، جماعة ويركان":              "07.041.07.11",
		"Douar Xyzzyx, Ijoukak":                            "07.041.07.07",
	} {
		found := morocco.Search(q, "", 3)
		if len(found) == 0 || found[0].Place.Code != want {
			t.Errorf("%q found %v, want %s first", q, codes(found), want)
		} else if found[0].Score >= 0.9 {
			t.Errorf("%q scores %g: the douar itself is not known", q, found[0].Score)
		}
	}
}

func TestWhatIsTypedSoFarAlreadyProposes(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{"tizi ous": tiziOussem, "تيزي او": tiziOussem, "ouirg": "07.041.07.11", "ويرك": "07.041.07.11", "yaaqoub": "07.041.07.13"} {
		if found := morocco.Search(q, "", 8); !slices.Contains(codes(found), want) {
			t.Errorf("%q proposes %v, not %s", q, codes(found), want)
		}
	}
}

func TestASearchStaysWithinItsTerritory(t *testing.T) {
	t.Parallel()
	for _, c := range morocco.Search("سيدي", "09", 50) {
		if !morocco.Within(c.Place.Code, "09") {
			t.Errorf("%s is not in Souss-Massa", c.Place.Code)
		}
	}
	if found := morocco.Search("Marrakech", "09", 5); slices.ContainsFunc(found, func(c places.Candidate) bool { return c.Score > 0.9 }) {
		t.Errorf("Marrakech is not in Souss-Massa: %v", codes(found))
	}
	if found := morocco.Search(tiziOussem, "09", 5); len(found) != 0 {
		t.Errorf("a code from elsewhere found %v", codes(found))
	}
}

func TestAnUnknownPlaceIsAnEmptyListAndNeverARefusal(t *testing.T) {
	t.Parallel()
	for _, q := range []string{"", " ", "،،،", "zzzzqqqq", "你好世界", "\xff\xfe", "🏔🏔🏔", strings.Repeat("،", 5000), "'; DROP TABLE places; --"} {
		for _, c := range morocco.Search(q, "", 5) {
			if c.Score > 0.75 {
				t.Errorf("%q claims to be %s", q, c.Place.Code)
			}
		}
	}
}

func TestOtherPeoplesSpellingsAreFound(t *testing.T) {
	t.Parallel()
	first, top, all := 0, 0, 0
	for _, row := range table(t, "admin/commune_name_variants.csv") {
		if row["source"] == "canonical" || row["source"] == "hcp_rgph2024" {
			continue // the pack's own spellings
		}
		all++
		found := morocco.Search(row["name"], "", 5)
		i := slices.Index(codes(found), row["code"])
		if i >= 0 {
			top++
			if found[i].Score == found[0].Score {
				first++
			}
		}
	}
	t.Logf("of %d spellings from elsewhere, %d find their commune first and %d among five", all, first, top)
	if all == 0 || first*100 < all*88 || top*100 < all*92 {
		t.Errorf("of %d spellings from elsewhere, %d find their commune first and %d among five", all, first, top)
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{"تيزي أوسم", "douar Tizi, commune Ouirgane", "قرب", "جماعة", "ⵜⵉⵣⵉ", "a,b;c|(d)", "\xff", "al el l ال", "07.041", "de de de de"} {
		f.Add(q, "")
	}
	f.Add("Asni", "07.041")
	f.Fuzz(func(t *testing.T, q, within string) {
		found := morocco.Search(q, within, 5)
		seen := map[string]bool{}
		for i, c := range found {
			if !(c.Score > 0 && c.Score <= 1) || math.IsNaN(c.Score) || c.Reason == "" || seen[c.Place.Code] || !morocco.Within(c.Place.Code, within) {
				t.Errorf("Search(%q, %q): %+v", q, within, c)
			}
			if i > 0 && found[i-1].Score < c.Score {
				t.Errorf("Search(%q, %q) is out of order", q, within)
			}
			seen[c.Place.Code] = true
		}
		if again := morocco.Search(q, within, 5); !slices.Equal(codes(again), codes(found)) {
			t.Errorf("Search(%q, %q) gives %v, then %v", q, within, codes(found), codes(again))
		}
	})
}

// queries are what people type: names, sentences, mistakes, beginnings.
var queries = []string{
	"تيزي أوسم", "Tizi Oussem", "douar Tizi Oussem commune de Ouirgane province d'Al Haouz", "سيدي", "ait", "a", "ta",
	"Nous sommes bloqués depuis trois jours à Asni avec cinq enfants et deux personnes âgées, la route est coupée, il fait froid la nuit",
	"Douar Essour Tidrara Aghwatim Tahnaouet Al Haouz", "دوار تيزي قرب ويركان", "zzzzqqqq", "oulad said", "ⵜⵉⵣⵉ ⵓⵙⵙⴻⵎ",
	"الطريق مقطوعة نحن في جماعة اجوكاك ونحتاج خيام واغطية وماء وادوية للاطفال والشيوخ في الدوار منذ يوم السبت ولا احد وصل الينا",
}

// BenchmarkSearch also reports the slowest of a hundred: what is waited for at
// typing time must stay well under 20 ms.
func BenchmarkSearch(b *testing.B) {
	var took []time.Duration
	i := 0
	for b.Loop() {
		start := time.Now()
		morocco.Search(queries[i%len(queries)], "", 10)
		took = append(took, time.Since(start))
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
