package linkage_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/shared/linkage"
)

const aghbalou = "0410501201001"

// family is one family of Aghbalou that lacks a tent.
func family(r linkage.Report) linkage.Report {
	if r.Service == "" {
		r.Service = "crisis_help"
	}
	if r.Place == "" {
		r.Place = aghbalou
	}
	if r.MadeAt.IsZero() {
		r.MadeAt = saturday
	}
	if r.Needs == nil {
		r.Needs = []string{"shelter"}
	}
	return r
}

func TestOneHouseToldOfInTwoScriptsIsVeryLikelyOneNeed(t *testing.T) {
	t.Parallel()
	m := model(t)
	told := []linkage.Report{
		{ID: "1", Name: "Brahim Ouchrif", Words: "la maison s'est effondrée, on entend des voix sous les gravats"},
		{ID: "2", Name: "إبراهيم أوشريف", Words: "السقف راب علينا وكاين ناس تحت الردم"},
		{ID: "3", Words: "ta7et dar 3la nas, dar dyal Brahim Ouchrif, 3afakom dghya"},
	}
	for i, r := range told {
		r.Needs, r.Rescue, r.People = []string{"rescue"}, true, 4
		told[i] = family(r)
		told[i].MadeAt = saturday.Add(time.Duration(i) * 10 * time.Minute)
	}
	for i, a := range told {
		for _, b := range told[:i] {
			if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.VeryLikely || !has(j, linkage.SameName) {
				t.Errorf("%s and %s: %.3f %v %v", a.ID, b.ID, j.Probability, j.Band, j.Reasons)
			}
		}
	}
}

func TestTwoFamiliesOfOneVillageAreNeverVeryLikelyOne(t *testing.T) {
	t.Parallel()
	m := model(t)
	cousins := [][2]linkage.Report{
		{{}, {}}, // nothing is known but place and need
		{{People: 6}, {People: 6}},
		{{Name: "Brahim Ouchrif", Phone: []byte("a")}, {Name: "Lahcen Ouchrif", Phone: []byte("b")}},
		{{Name: "Mohamed", People: 5}, {Name: "Mohamed", People: 5}},
		{{Words: "نحتاج خيام وأغطية، البرد شديد في الليل"}, {Words: "نحتاج خيام وأغطية، البرد شديد في الليل"}},
		{{Words: "خاصنا خيمة، دار إبراهيم أوشريف"}, {Words: "khasna khayma, dar Lahcen Ouchrif"}},
		{{Words: "الدوار كامل بلا ما"}, {Words: "الدوار كامل بلا ما"}},
	}
	for i, c := range cousins {
		a, b := family(c[0]), family(c[1])
		a.ID, b.ID = "1", "2"
		if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band == linkage.VeryLikely {
			t.Errorf("pair %d: %.3f %v", i, j.Probability, j.Reasons)
		}
	}
}

func TestAWholeVillageThatLacksWaterIsLikelyTheSameVillage(t *testing.T) {
	t.Parallel()
	m := model(t)
	a := family(linkage.Report{ID: "1", Needs: []string{"water"}, Words: "الدوار كامل بلا ما، العين نشفات"})
	b := family(linkage.Report{ID: "2", Needs: []string{"water"}, Words: "tout le douar est sans eau", MadeAt: saturday.Add(time.Hour)})
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.Likely {
		t.Errorf("%.3f %v %v", j.Probability, j.Band, j.Reasons)
	}
	b.Words = "ma famille est sans eau"
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.Unlikely {
		t.Errorf("one family of it: %.3f %v %v", j.Probability, j.Band, j.Reasons)
	}
}

func TestOnePhoneThatAsksForTwoThingsIsTwoNeeds(t *testing.T) {
	t.Parallel()
	m := model(t)
	a := family(linkage.Report{ID: "1", Phone: []byte("p"), Name: "Aicha Ouchrif", Needs: []string{"medicine"}})
	b := family(linkage.Report{ID: "2", Phone: []byte("p"), Name: "عائشة أوشريف", Needs: []string{"shelter"}, MadeAt: saturday.AddDate(0, 0, 7)})
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band == linkage.VeryLikely || !has(j, linkage.OtherNeeds) || !has(j, linkage.LongAgo) {
		t.Errorf("%.3f %v", j.Probability, j.Reasons)
	}
	b.Needs, b.MadeAt = a.Needs, saturday.Add(time.Hour)
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.VeryLikely || !has(j, linkage.SamePhone) {
		t.Errorf("the same again: %.3f %v", j.Probability, j.Reasons)
	}
}

func TestAnAssociationThatAsksForManyFamiliesIsNotOneFamily(t *testing.T) {
	t.Parallel()
	m := model(t)
	a := family(linkage.Report{ID: "1", Phone: []byte("p"), Name: "Brahim Ouchrif", People: 3})
	b := family(linkage.Report{ID: "2", Phone: []byte("p"), Name: "Hassan Belkziz", People: 8})
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band == linkage.VeryLikely {
		t.Errorf("%.3f %v", j.Probability, j.Reasons)
	}
}

func TestNamesThatBeginWithAbdAreToldApartByWhatFollows(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, two := range []struct {
		a, b string
		one  bool
	}{{"Abdelhamid Harrak", "عبد الحميد الحراق", true}, {"Abdelhamid Harrak", "عبد المجيد الحراق", false}, {"Brahim Tazi", "Abderrahim Tazi", false}, {"Abdellah Tazi", "عبد الله التازي", true}} {
		a, b := family(linkage.Report{ID: "1", Words: "dar " + two.a}), family(linkage.Report{ID: "2", Words: "dar " + two.b})
		if j := m.Compare(m.Sketch(a), m.Sketch(b)); has(j, linkage.SameName) != two.one || (j.Band == linkage.VeryLikely) != two.one {
			t.Errorf("%s and %s: %.3f %v", two.a, two.b, j.Probability, j.Reasons)
		}
	}
}

func TestAVillageThatWasLookedUpTwiceAndWronglyOnceIsKnownByItsName(t *testing.T) {
	t.Parallel()
	m := model(t)
	a := family(linkage.Report{ID: "1", Where: "douar Tizi Ouzlim", Words: "famille Brahim Ouchrif", Place: "07.041.05.01"})
	b := family(linkage.Report{ID: "2", Where: "دوار تيزي أوزليم", Words: "دار إبراهيم أوشريف", Place: "07.041.07.11"})
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.VeryLikely || !has(j, linkage.SamePlace) {
		t.Errorf("%.3f %v", j.Probability, j.Reasons)
	}
	a.Words, b.Words = "nous dormons dehors", "بايتين فالخلا"
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.Unlikely {
		t.Errorf("nobody is named: %.3f %v", j.Probability, j.Reasons)
	}
}

func TestOnePictureSentOnIsKnownAgain(t *testing.T) {
	t.Parallel()
	m := model(t)
	a := family(linkage.Report{ID: "1", Photos: []uint64{0xF0F0_1234_8899_AA55}})
	b := family(linkage.Report{ID: "2", Photos: []uint64{1, 0xF0F0_1234_8899_AA54}})
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); !has(j, linkage.SamePhoto) || j.Band != linkage.VeryLikely {
		t.Errorf("%.3f %v %v", j.Probability, j.Band, j.Reasons)
	}
	if shared := both(m.Blocks(m.Sketch(a)), m.Blocks(m.Sketch(b)), "photo"); !shared {
		t.Error("they never meet")
	}
}

func both(a, b []string, kind string) bool {
	return slices.ContainsFunc(a, func(k string) bool { return len(k) > len(kind) && k[:len(kind)] == kind && slices.Contains(b, k) })
}

func has(j linkage.Judgement, key string) bool {
	return slices.ContainsFunc(j.Reasons, func(r linkage.Reason) bool { return r.Key == key })
}

// anything is some report or other: much is left out, and some of it is not sane.
func anything(r *rand.Rand) linkage.Report {
	q := linkage.Report{ID: pick(r, "", "a", "b", "c")}
	maybe := func(f func()) {
		if r.IntN(2) == 0 {
			f()
		}
	}
	maybe(func() { q.Service = pick(r, "crisis_help", "road_report") })
	maybe(func() { q.Needs = []string{pick(r, "shelter", "water", "", "rescue"), pick(r, "food", "water")} })
	maybe(func() { q.Rescue = true })
	maybe(func() { q.Place = pick(r, aghbalou, "0410501201002", "07.041.05.01", "07", "nowhere") })
	maybe(func() { q.Path = []string{"07", "07.041", pick(r, "07.041.05.01", "07.041.07.11")} })
	maybe(func() {
		q.HasPoint, q.At, q.ReachKm = true, geo.Point{Lat: 31.2 + r.Float64()/50, Lon: -8.1}, pickFloat(r, 0, 0.05, 3, -1)
	})
	maybe(func() { q.MadeAt = saturday.Add(time.Duration(r.IntN(5000)) * time.Hour / 10) })
	maybe(func() { q.Phone = []byte(pick(r, "p", "q")) })
	maybe(func() { q.Family = []byte(pick(r, "p", "r")) })
	maybe(func() {
		q.Name = pick(r, "Brahim Ouchrif", "إبراهيم أوشريف", "Mohamed", "Ait", "\xff\x00", "sidi")
	})
	maybe(func() {
		q.Words = pick(r, "دار إبراهيم أوشريف", "tout le douar", "...", "خيام", "famille Ouchrif, près du moulin", "\xf0\x28")
	})
	maybe(func() { q.Where = pick(r, "douar Tizi, Asni", "دوار تيزي", "commune", "douar") })
	maybe(func() { q.People = r.IntN(400) - 5 })
	maybe(func() { q.Photos = []uint64{r.Uint64() & 7, 0} })
	return q
}

func pick(r *rand.Rand, all ...string) string        { return all[r.IntN(len(all))] }
func pickFloat(r *rand.Rand, all ...float64) float64 { return all[r.IntN(len(all))] }

func TestWhicheverIsNamedFirstMakesNoDifference(t *testing.T) {
	t.Parallel()
	m, r := model(t), rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a, b := anything(r), anything(r)
		x, y := m.Sketch(a), m.Sketch(b)
		j, k := m.Compare(x, y), m.Compare(y, x)
		if j.Probability != k.Probability || j.Band != k.Band || !slices.Equal(j.Reasons, k.Reasons) {
			t.Fatalf("%+v\n%+v\n%v\n%v", a, b, j, k)
		}
		if !(j.Probability >= 0 && j.Probability <= 1) {
			t.Fatalf("%v of %+v and %+v", j.Probability, a, b)
		}
		for _, reason := range j.Reasons {
			if !slices.Contains(linkage.Reasons(), reason.Key) {
				t.Fatalf("nobody has words for %s", reason.Key)
			}
		}
	}
}

func TestWhatAgreesNeverLowers(t *testing.T) {
	t.Parallel()
	m, r := model(t), rand.New(rand.NewPCG(3, 4))
	agree := map[string]func(*linkage.Report){
		"a phone":    func(q *linkage.Report) { q.Phone = []byte("same") },
		"a family's": func(q *linkage.Report) { q.Family = []byte("same") },
		"a picture":  func(q *linkage.Report) { q.Photos = []uint64{0xABCD_EF01_2345_6789} },
		"a point":    func(q *linkage.Report) { q.HasPoint, q.At, q.ReachKm = true, geo.Point{Lat: 31.2, Lon: -8.1}, 0.05 },
		"needs":      func(q *linkage.Report) { q.Service, q.Needs = "crisis_help", []string{"shelter", "warm"} },
		"the hour":   func(q *linkage.Report) { q.MadeAt = saturday },
		"the people": func(q *linkage.Report) { q.People = 5 },
		"a place": func(q *linkage.Report) {
			q.Place, q.Path, q.Where = aghbalou, []string{"07", "07.041", "07.041.05.01"}, ""
		},
		"a whole name": func(q *linkage.Report) { q.Name, q.Words = "Hmad Ouchrif", "" },
	}
	for range 5000 {
		a, b := anything(r), anything(r)
		a.ID, b.ID = "1", "2"
		before := m.Compare(m.Sketch(a), m.Sketch(b)).Probability
		for what, f := range agree {
			x, y := a, b
			if what == "a whole name" { // said by both, and nothing else of people before or after
				x.Words, y.Words, x.Name, y.Name = "", "", "", ""
				before := m.Compare(m.Sketch(x), m.Sketch(y)).Probability
				f(&x)
				f(&y)
				if after := m.Compare(m.Sketch(x), m.Sketch(y)).Probability; after < before-1e-12 {
					t.Fatalf("%s: %v to %v\n%+v\n%+v", what, before, after, a, b)
				}
				continue
			}
			f(&x)
			f(&y)
			if after := m.Compare(m.Sketch(x), m.Sketch(y)).Probability; after < before-1e-12 {
				t.Fatalf("%s: %v to %v\n%+v\n%+v", what, before, after, a, b)
			}
		}
	}
}

func TestReportsThatSayNothingAreNotAlike(t *testing.T) {
	t.Parallel()
	m := model(t)
	a, b := m.Sketch(linkage.Report{}), m.Sketch(linkage.Report{ID: "x"})
	if j := m.Compare(a, b); j.Band != linkage.Unlikely {
		t.Errorf("%.3f %v", j.Probability, j.Band)
	}
	if keys := m.Blocks(a); len(keys) != 0 {
		t.Errorf("found under %q", keys)
	}
}

func TestAReportStandsUnderFewKeys(t *testing.T) {
	t.Parallel()
	m, r := model(t), rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		q := anything(r)
		if keys := m.Blocks(m.Sketch(q)); len(keys) > 32 {
			t.Fatalf("%d keys of %+v", len(keys), q)
		}
	}
}

func TestASecondCountryRuns(t *testing.T) {
	t.Parallel()
	m, err := linkage.Load(packs.FS, "tamurt")
	if err != nil {
		t.Fatal(err)
	}
	a := linkage.Report{ID: "1", Phone: []byte("p"), Name: "Ann Loch", Needs: []string{"food"}, MadeAt: saturday}
	b := a
	b.ID = "2"
	if j := m.Compare(m.Sketch(a), m.Sketch(b)); j.Band != linkage.VeryLikely {
		t.Errorf("%.3f %v", j.Probability, j.Reasons)
	}
}

func FuzzAnyTextIsRead(f *testing.F) {
	f.Add("Brahim", "دار إبراهيم", "douar X, commune Y")
	f.Add("\xff", "famille", ",,,")
	f.Add("M'h", "عبد ال", "دوار")
	m := model(f)
	f.Fuzz(func(t *testing.T, name, words, where string) {
		a := m.Sketch(linkage.Report{ID: "1", Name: name, Words: words, Where: where})
		b := m.Sketch(linkage.Report{ID: "2", Name: where, Words: name, Where: words})
		if j, k := m.Compare(a, b), m.Compare(b, a); j.Probability != k.Probability || !(j.Probability >= 0 && j.Probability <= 1) {
			t.Errorf("%v and %v", j.Probability, k.Probability)
		}
		again, ok := m.Unpack("1", m.Pack(a))
		if !ok || !slices.Equal(m.Blocks(a), m.Blocks(again)) || m.Compare(a, b).Probability != m.Compare(again, b).Probability {
			t.Errorf("%q is not what was packed", m.Pack(a))
		}
		m.Unpack("1", []byte(words))
	})
}

func TestAPackIsOpenedForWhatItIsAndReadAnewForAnotherPlace(t *testing.T) {
	t.Parallel()
	m := model(t)
	r := rubble()
	r.Phone, r.Photos, r.HasPoint, r.At, r.ReachKm = []byte("\t\n|?\x00"), []uint64{1, 1 << 63}, true, geo.Point{Lat: 31.0625, Lon: -8.125}, 0.4
	s, ok := m.Unpack("", m.Pack(m.Sketch(r)))
	if !ok || !slices.Equal(m.Blocks(s), m.Blocks(m.Sketch(r))) {
		t.Fatalf("%q does not open", m.Pack(m.Sketch(r)))
	}
	r.People = 40
	if renewed, ok := m.Renew(s, r); !ok || m.Compare(renewed, m.Sketch(rubble())).Probability >= m.Compare(s, m.Sketch(rubble())).Probability {
		t.Error("what stands open was not renewed")
	}
	r.Place = "0410501201"
	if _, ok := m.Renew(s, r); ok {
		t.Error("the words are not read anew for another place")
	}
	for _, pack := range []string{"", "\n\n\n\n\n\n\n\n", "x\t\t\tnorth|south\t1\t1\t1\t\t\n\n\n\n\n\n\n\n", "x\t\t\t\t1\t1\t1\tzz\t\n\n\n\n\n\n\n\n"} {
		if _, ok := m.Unpack("", []byte(pack)); ok {
			t.Errorf("%q is read", pack)
		}
	}
	if m.Print() <= 0 {
		t.Error("nothing tells by which words it was read")
	}
}
