package arabic

import (
	"testing"
)

func TestAShortNameIsHeardAlikeInThreeScripts(t *testing.T) {
	t.Parallel()
	for _, alike := range [][]string{
		{"واوضيض", "Wawdid", "Ouaoudid", "ⵡⴰⵡⴹⵉⴹ"}, {"أرڭ", "Arg", "Argue", "ⴰⵔⴳ"}, {"إكيس", "Ikiss", "Ikis"}, {"كطو", "Katto"}, {"إݣيدي", "Iguidi"},
		{"الحناين", "El Hnaine"}, {"خنيفرة", "Khénifra", "Khenifra", "5nifra"}, {"أيت يعزم", "Aït Yaazem", "Ait Ya3zem"}, {"القنيطرة", "Kénitra", "9nitra"},
	} {
		for _, s := range alike {
			if like := Likeness(Phones(s), Phones(alike[0])); like < 0.85 {
				t.Errorf("%q and %q are alike by %.2f only (%s, %s)", s, alike[0], like, Phones(s), Phones(alike[0]))
			}
		}
	}
}

func TestOtherNamesAreNotAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"Asni", "Ijoukak"}, {"Arg", "Arba"}, {"تيزي", "تيفي"}, {"Imlil", "Imintanout"}, {"أسول", "أدوز"}} {
		if like := Likeness(Phones(pair[0]), Phones(pair[1])); like > 0.8 {
			t.Errorf("%q and %q are alike by %.2f", pair[0], pair[1], like)
		}
	}
}

func FuzzLikeness(f *testing.F) {
	f.Add("تيزي أوسم", "Tizi Oussem")
	f.Add("ⵜⵉⵣⵉ", "\xff l' 7 tch")
	f.Add("الل", "ll")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := Phones(a), Phones(b)
		for _, p := range append(append([]byte{}, x...), y...) {
			if p >= 128 {
				t.Fatalf("%q has a phone %d", a, p)
			}
		}
		if l, m := Likeness(x, y), Likeness(y, x); l < 0 || l > 1 || l-m > 1e-9 || m-l > 1e-9 {
			t.Errorf("Likeness(%q, %q) = %g, the other way round %g", a, b, l, m)
		}
		if len(x) > 0 && Likeness(x, x) != 1 {
			t.Errorf("%q is like itself by %g", a, Likeness(x, x))
		}
		Skeleton(x)
	})
}

func TestWhatIsToldApartAtAGlanceIsNotAlike(t *testing.T) {
	t.Parallel()
	names := []string{"عبد الواحد", "abdelwahed", "رضوان", "redouane", "المرابط", "lamrabet", "النميري", "nmiri", "هشام", "Hichham", "أورير", "Aourir", "تالات", "Talat", "Tizi n'Test", "ⵜⵉⵣⵉ", "الزهراء", "Zahra", "Lahcen", "لحسن"}
	for _, a := range names {
		for _, b := range names {
			p, q := Phones(a), Phones(b)
			like := Likeness(p, q)
			for _, least := range []float64{0.5, 0.7, 0.8, 0.9} {
				if from := LikenessFrom(p, q, least); like > least+0.01 && from != like {
					t.Errorf("%s and %s are alike by %.2f, and by %.2f when at least %.1f is asked", a, b, like, from, least)
				}
			}
		}
	}
}
