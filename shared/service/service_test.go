package service

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/twiza/twiza/shared/forms"
)

var packs = os.DirFS("../../packs")

func load(t testing.TB) *Set {
	t.Helper()
	s, err := Load(packs, ".")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func help(t testing.TB) *Definition {
	t.Helper()
	d, ok := load(t).Get("crisis_help")
	if !ok {
		t.Fatal("the first service is not there")
	}
	return d
}

func TestThePacksOfTheHouseHaveNoMistake(t *testing.T) {
	t.Parallel()
	for _, f := range Check("../../packs") {
		t.Error(f)
	}
	r, err := CheckFS(packs, ".")
	if err != nil || r.Services < 2 || r.Crises < 2 {
		t.Errorf("%d services, %d crises, %v", r.Services, r.Crises, err)
	}
	for _, c := range r.Coverage {
		if c.Written != c.Texts {
			t.Errorf("%s: %d of %d texts in %s", c.File, c.Written, c.Texts, c.Lang)
		}
		if c.Lang == "zgh" && (c.Drafts != c.Texts || c.Share() != 0) {
			t.Errorf("%s: %d of %d Amazigh texts are drafts", c.File, c.Drafts, c.Texts)
		}
	}
}

func TestNoGoCodeNamesAService(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, d := range load(t).All() {
		codes = append(codes, `"`+d.Code+`"`)
	}
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, c := range codes {
			if bytes.Contains(src, []byte(c)) {
				t.Errorf("%s names the service %s: what it does for it belongs in the service's file", path, c)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoeverIsInDangerIsAskedFourThingsAtMostOnFivePages(t *testing.T) {
	t.Parallel()
	d := help(t)
	var pages, required []string
	for _, s := range d.Form.Steps() {
		pages = append(pages, s.Name)
	}
	for _, q := range d.Form.Questions {
		if q.MayBeRequired() {
			required = append(required, q.Name)
		}
	}
	if !slices.Equal(pages, []string{"for_whom", "need", "where", "people", "contact"}) {
		t.Errorf("pages are %v", pages)
	}
	if !slices.Equal(required, []string{"need", "where", "people", "phone"}) {
		t.Errorf("required are %v", required)
	}
	for _, c := range d.Form.Question("need").List.Choices {
		if (c.Name == "rescue") != (c.Digit == 1) {
			t.Errorf("%s has the digit %d", c.Name, c.Digit)
		}
	}
	least := forms.Answers{"need": []string{"rescue"}, "where": forms.Place{Text: "دوار فوق العين"}, "people": int64(3), "secret": "zitoun"}
	if _, err := d.Form.Validate(least); err != nil {
		t.Error("four answers are not enough:", err)
	}
	delete(least, "secret")
	if _, err := d.Form.Validate(least); fmt.Sprint(err) != "phone: service.crisis_help.required.phone" {
		t.Error(err)
	}
}

func TestHowUrgentARequestIs(t *testing.T) {
	t.Parallel()
	d := help(t)
	need := func(n ...string) forms.Answers { return forms.Answers{"need": n, "people": int64(4)} }
	with := func(a forms.Answers, name string, v forms.Value) forms.Answers {
		a[name] = v
		return a
	}
	douar := Surroundings{Place: "07.041.01", Kind: "douar", Population: 60}
	for name, c := range map[string]struct {
		a     forms.Answers
		in    Surroundings
		level int
		why   string // the first reason
		first bool
	}{
		"trapped":                           {need("rescue"), Surroundings{}, 1, "trapped", true},
		"trapped, and all else":             {with(need("rescue", "warm", "food", "road", "other"), "fragile", []string{"elderly"}), douar, 1, "trapped", true},
		"trapped, in words, Arabic":         {with(need("other"), "words", "ناس تحت الأنقاض ونسمع أصواتهم"), Surroundings{}, 1, "trapped_words", true},
		"trapped, in words, Darija":         {with(need("other"), "words", "باقيين ناس تحت الردم"), Surroundings{}, 1, "trapped_words", true},
		"trapped, in words, French":         {with(need("other"), "words", "Ma mère est sous les DÉCOMBRES"), Surroundings{}, 1, "trapped_words", true},
		"trapped, in words, English":        {with(need("other"), "words", "They are under the rubble"), Surroundings{}, 1, "trapped_words", true},
		"rubble that buries nobody":         {with(need("road"), "words", "الأنقاض في الطريق"), Surroundings{}, 3, "road", false},
		"no insulin left":                   {with(need("medicine"), "fragile", []string{"ill"}), Surroundings{}, 1, "ill_without_medicine", false},
		"nine months, road cut":             {with(need("road"), "fragile", []string{"pregnant"}), Surroundings{}, 1, "pregnant_in_need_of_care", false},
		"a baby in the cold":                {with(need("warm", "shelter"), "fragile", []string{"infant"}), Surroundings{}, 1, "infant_in_the_cold", false},
		"a baby without shelter":            {with(need("shelter"), "fragile", []string{"infant"}), Surroundings{}, 2, "fragile_outside", false},
		"a child alone":                     {with(need("other"), "fragile", []string{"child_alone"}), Surroundings{}, 1, "child_alone", false},
		"water":                             {need("water"), Surroundings{}, 2, "water", false},
		"medicine":                          {need("medicine"), Surroundings{}, 2, "medicine", false},
		"cold and no shelter":               {need("warm", "shelter"), Surroundings{}, 2, "cold_without_shelter", false},
		"food":                              {need("food"), Surroundings{}, 3, "food", false},
		"food for very many":                {with(need("food"), "people", int64(40)), Surroundings{}, 2, "many_people", false},
		"food for half a douar":             {with(need("food"), "people", int64(19)), Surroundings{Kind: "douar", Population: 38}, 2, "whole_douar", false},
		"food for few of a large place":     {with(need("food"), "people", int64(19)), douar, 3, "food", false},
		"shelter":                           {need("shelter"), Surroundings{}, 3, "shelter", false},
		"road":                              {need("road"), Surroundings{}, 3, "road", false},
		"something else":                    {need("other"), Surroundings{}, 4, "", false},
		"something else, for someone old":   {with(need("other"), "fragile", []string{"elderly"}), Surroundings{}, 3, "fragile", false},
		"nothing that could be understood":  {nil, Surroundings{}, 4, "", false},
		"an import with a need it knows of": {forms.Answers{"need": []string{"shelter"}}, Surroundings{}, 3, "shelter", false},
	} {
		level, why, err := d.Prioritise(c.a, c.in)
		got := ""
		if len(why) > 0 {
			got = why[0].Code
		}
		if err != nil || level != c.level || got != c.why || d.First(why) != c.first {
			t.Errorf("%s: level %d because %q, first %v, %v; want %d because %q, first %v", name, level, got, d.First(why), err, c.level, c.why, c.first)
		}
	}
	_, why, _ := d.Prioritise(with(need("food"), "people", int64(40)), Surroundings{})
	if !reflect.DeepEqual(why[0].Args, map[string]any{"people": int64(40)}) {
		t.Errorf("the reason was told with %v", why[0].Args)
	}
}

// some draws the answers of somebody.
func some(t *rapid.T, d *Definition) (forms.Answers, Surroundings) {
	a := forms.Answers{}
	for _, name := range []string{"need", "fragile"} {
		var names []string
		for _, c := range d.Form.Question(name).List.Choices {
			if rapid.IntRange(0, 3).Draw(t, name+" "+c.Name) == 0 {
				names = append(names, c.Name)
			}
		}
		a[name] = names
	}
	a["people"] = rapid.Int64Range(0, 300).Draw(t, "people")
	a["words"] = rapid.SampledFrom([]string{"", "تحت الأنقاض", "road", "الثلج"}).Draw(t, "words")
	a["spoken"] = rapid.SampledFrom([]string{"", "shi", "ary", "other"}).Draw(t, "spoken")
	a["for_whom"] = rapid.SampledFrom([]string{"", "self", "far"}).Draw(t, "for whom")
	return a, Surroundings{Kind: rapid.SampledFrom([]string{"", "douar", "commune"}).Draw(t, "kind"), Population: rapid.IntRange(0, 500).Draw(t, "population")}
}

func TestTrappedPeopleComeFirstWhateverElseIsSaid(t *testing.T) {
	t.Parallel()
	d := help(t)
	rapid.Check(t, func(t *rapid.T) {
		a, in := some(t, d)
		before, _, err := d.Prioritise(a, in)
		if err != nil {
			t.Fatal(err)
		}
		b := a.Clone()
		b["need"] = append([]string{"rescue"}, a.List("need")...)
		level, why, err := d.Prioritise(b, in)
		if err != nil || level != 1 || level > before || !d.First(why) {
			t.Fatalf("level %d after %d, %v, %v", level, before, why, err)
		}
	})
}

func TestAProtectedTraitNeverMakesARequestLessUrgent(t *testing.T) {
	t.Parallel()
	d := help(t)
	rapid.Check(t, func(t *rapid.T) {
		a, in := some(t, d)
		before, _, _ := d.Prioritise(a, in)
		for _, c := range d.Form.Question("fragile").List.Choices {
			b := a.Clone()
			if l := a.List("fragile"); !slices.Contains(l, c.Name) {
				b["fragile"] = append(slices.Clone(l), c.Name)
			}
			if after, _, _ := d.Prioritise(b, in); after > before {
				t.Fatalf("%s made level %d out of %d", c.Name, after, before)
			}
		}
		for _, lang := range []string{"", "shi", "rif", "fr", "other"} {
			b := a.Clone()
			b["spoken"] = lang
			if after, _, _ := d.Prioritise(b, in); after != before {
				t.Fatalf("speaking %q made level %d out of %d", lang, after, before)
			}
		}
	})
}

func TestAChildAloneReachesTrainedPeopleAndNoQueueTells(t *testing.T) {
	t.Parallel()
	d := help(t)
	a := forms.Answers{"need": []string{"food"}, "fragile": []string{"elderly", "child_alone"}, "words": "x", "phone": forms.Phone("+212661234542")}
	concerns, err := d.Concerns(a)
	if err != nil || len(concerns) != 1 || concerns[0] != (Concern{"child_alone", time.Hour}) {
		t.Fatal(concerns, err)
	}
	open, private := d.Split(a)
	if len(private) != 2 || open.Has("words") || open.Has("phone") {
		t.Errorf("open %v, private %v", open, private)
	}
	d.Hide(open)
	if !slices.Equal(open.List("fragile"), []string{"elderly"}) || !slices.Equal(a.List("fragile"), []string{"elderly", "child_alone"}) {
		t.Errorf("hidden left %v of %v", open, a)
	}
	only := forms.Answers{"fragile": []string{"child_alone"}}
	if d.Hide(only); only.Has("fragile") {
		t.Error("an empty list tells that something was hidden")
	}
	_, why, _ := d.Prioritise(a, Surroundings{})
	for _, r := range why {
		if d.Hidden(r.Code) != (r.Code == "child_alone") {
			t.Errorf("the reason %s is hidden: %v", r.Code, d.Hidden(r.Code))
		}
	}
	if none, err := d.Concerns(forms.Answers{"fragile": []string{"ill"}}); len(none) > 0 || err != nil {
		t.Error(none, err)
	}
	for _, k := range d.Complaints {
		if _, known := d.Concern(k.Code); known != k.Restricted {
			t.Errorf("a complaint of %s is restricted: %v", k.Code, k.Restricted)
		}
	}
}

func TestADefinitionIsTheSameHoweverItIsLaidOut(t *testing.T) {
	t.Parallel()
	for _, d := range load(t).All() {
		again, err := Parse(d.Code+".yaml", d.Canonical())
		if err != nil {
			t.Fatalf("the canonical form of %s is no file: %.400v", d.Code, err)
		}
		if again.Hash() != d.Hash() || !bytes.Equal(again.Canonical(), d.Canonical()) || len(d.Hash()) != 64 {
			t.Errorf("%s is %s, and read again %s", d.Code, d.Hash(), again.Hash())
		}
		loud, err := Parse(d.Code+".yaml", append([]byte("# a remark\n"), bytes.ReplaceAll(d.Source(), []byte("\nprivate: ["), []byte("\n\nprivate:   [ "))...))
		if err != nil || loud.Hash() != d.Hash() {
			t.Errorf("a remark changed %s: %v", d.Code, err)
		}
		other, err := Parse(d.Code+".yaml", bytes.Replace(d.Source(), []byte("days: "), []byte("days: 1"), 1))
		if err != nil || other.Hash() == d.Hash() {
			t.Errorf("another retention is the same %s: %v", d.Code, err)
		}
		a := forms.Answers{"need": []string{"water"}, "problem": "snow", "stuck": "yes", "passes": "nobody"}
		l1, r1, _ := d.Prioritise(a, Surroundings{})
		l2, r2, _ := again.Prioritise(a, Surroundings{})
		if l1 != l2 || !reflect.DeepEqual(r1, r2) {
			t.Errorf("%s decides otherwise when read again", d.Code)
		}
	}
}

func TestASecondServiceIsAFileAndNothingElse(t *testing.T) {
	t.Parallel()
	d, ok := load(t).Get("road_report")
	if !ok {
		t.Fatal("it is not there")
	}
	for _, c := range []struct {
		a     forms.Answers
		level int
	}{
		{forms.Answers{"problem": "snow", "passes": "cars", "stuck": "yes"}, 1}, {forms.Answers{"passes": "nobody"}, 2},
		{forms.Answers{"passes": "cars"}, 4}, {forms.Answers{"passes": "on_foot"}, 3},
	} {
		if level, why, err := d.Prioritise(c.a, Surroundings{}); level != c.level || err != nil {
			t.Errorf("%v is level %d because %v, %v", c.a, level, why, err)
		}
	}
	if got := d.Ahead(d.Start()); !slices.Equal(got, []string{"crew_sent", "cleared", "open_again"}) {
		t.Error(got)
	}
	if d.Always || d.Bind.People != "" || len(d.Goods) != 0 {
		t.Error("it has what it does not have")
	}
	if _, ok := d.Delay("lease", 1); ok {
		t.Error("nobody claims a road, and a lease is set")
	}
}

func TestACrisisSaysWhatItTurnsOn(t *testing.T) {
	t.Parallel()
	s := load(t)
	for _, c := range s.Crises() {
		if len(c.Advice) < 3 || len(c.Services) == 0 || len(c.Numbers) == 0 || len(c.Layers) == 0 || len(c.Names()) != 4 {
			t.Errorf("%+v", c)
		}
		for _, code := range c.Services {
			if _, ok := s.Get(code); !ok {
				t.Errorf("%s turns on %s, which is nothing", c.Code, code)
			}
		}
		if text, lang, _ := c.Text("advice.1", "ar"); text == "" || lang != "ar" {
			t.Error(text, lang)
		}
	}
	if _, ok := s.Crisis("plague"); ok {
		t.Error("there is a crisis nobody wrote")
	}
	if all := s.All(); len(all) != 2 || all[0].Digit != 1 {
		t.Error("services are not in the order of their digits")
	}
}
