package forms

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/i18n"
)

func good() Answers {
	return Answers{"need": []string{"food"}, "people": int64(6)}
}

func TestAFormIsPages(t *testing.T) {
	t.Parallel()
	f := sample(t)
	var got []string
	for _, s := range f.Steps() {
		names := []string{}
		for _, q := range s.Questions {
			names = append(names, q.Name)
		}
		got = append(got, s.Name+":"+strings.Join(names, ","))
	}
	want := "one:need,sure people:people depth:depth words:words line:line phone:phone where:where spot:spot day:day hello:hello medicine:medicine"
	if strings.Join(got, " ") != want {
		t.Errorf("pages are %v", got)
	}
	f, found := Parse(Source{"s", 1, "type,name,step\ninteger,a,x\ninteger,b,x\ninteger,c,\n"}, Source{"c", 1, ""})
	if len(found) > 0 || len(f.Steps()) != 2 || len(f.Steps()[0].Questions) != 2 {
		t.Errorf("the step column made %v %v", f.Steps(), found)
	}
}

func TestEveryWrongFieldIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f := sample(t)
	a, wrong := f.FromValues(url.Values{
		"need": {"food", "gold"}, "people": {"about six"}, "line": {"much too long a line"}, "sure": {"perhaps"},
		"phone": {"06 12"}, "day": {"the eighth"}, "spot.lat": {"31"}, "csrf": {"x"},
	}, "212")
	_, err := f.Validate(a, wrong...)
	all, _ := errors.AsType[fault.All](err)
	want := []string{"need: forms.answer.unknown_choice", "sure: forms.answer.unknown_choice", "people: forms.answer.not_number",
		"line: forms.answer.will_not_do", "phone: phone.too_short", "spot: forms.answer.not_point", "day: forms.answer.not_date"}
	if got := told(all); !reflect.DeepEqual(got, want) {
		t.Errorf("told %q\nwant %q", got, want)
	}
}

func told(all fault.All) []string {
	var out []string
	for _, f := range all {
		out = append(out, f.Field+": "+f.Key)
	}
	return out
}

func TestAnAnswerIsJudgedByItsQuestion(t *testing.T) {
	t.Parallel()
	f := sample(t)
	for name, c := range map[string]struct {
		change Answers
		want   string // faults, space between; "" when it will do
	}{
		"all is well":                  {Answers{}, ""},
		"a required answer is missing": {Answers{"need": nil}, "need:forms.answer.required"},
		"an empty list is missing":     {Answers{"need": []string{}}, "need:forms.answer.required"},
		"a choice asks another":        {Answers{"need": []string{"med"}}, "medicine:forms.answer.required"},
		"that other is given":          {Answers{"need": []string{"med"}, "medicine": "insulin"}, ""},
		"spaces are no answer":         {Answers{"need": []string{"med"}, "medicine": " \u200b "}, "medicine:forms.answer.required"},
		"too few people":               {Answers{"people": int64(0)}, "people:forms.answer.will_not_do"},
		"a number past counting":       {Answers{"people": int64(1e16)}, "people:forms.answer.too_big"},
		"a long text":                  {Answers{"words": strings.Repeat("ا", 2001)}, "words:forms.answer.too_long"},
		"a text just short enough":     {Answers{"words": strings.Repeat("ا", 2000)}, ""},
		"text for a number":            {Answers{"people": "six"}, "people:forms.answer.wrong_kind"},
		"number for a choice":          {Answers{"sure": int64(1)}, "sure:forms.answer.wrong_kind"},
		"a place off the earth":        {Answers{"where": Place{HasPoint: true, Lat: 91}}, "where:forms.answer.not_point"},
		"a place nobody knows":         {Answers{"where": Place{Text: "وراء الجبل"}}, ""},
		"a question nobody asked":      {Answers{"salary": "x"}, "salary:forms.answer.unknown_question"},
		"an answer to a note":          {Answers{"hello": "hi"}, "hello:forms.answer.wrong_kind"},
		"a day that never was":         {Answers{"day": "2023-02-30"}, "day:forms.answer.not_date"},
	} {
		a := good()
		for k, v := range c.change {
			a[k] = v
		}
		_, err := f.Validate(a)
		all, _ := errors.AsType[fault.All](err)
		if got := strings.ReplaceAll(strings.Join(told(all), " "), ": ", ":"); got != c.want {
			t.Errorf("%s: told %q, want %q", name, got, c.want)
		}
	}
}

func TestAnAnswerThatNoLongerAppliesIsDropped(t *testing.T) {
	t.Parallel()
	survey := `type,name,relevant,calculation
text,a,,
text,b,${a} = 'yes',
text,c,${b} != '',
calculate,d,,"if(${c} != '', 'kept', '')"
`
	f, found := Parse(Source{"s", 1, survey}, Source{"c", 1, ""})
	if len(found) > 0 {
		t.Fatal(found)
	}
	kept, err := f.Validate(Answers{"a": "yes", "b": "x", "c": "y", "d": "forged"})
	if want := (Answers{"a": "yes", "b": "x", "c": "y", "d": "kept"}); err != nil || !reflect.DeepEqual(kept, want) {
		t.Errorf("kept %v, %v", kept, err)
	}
	kept, err = f.Validate(Answers{"a": "no", "b": "x", "c": "y", "d": "forged"})
	if want := (Answers{"a": "no"}); err != nil || !reflect.DeepEqual(kept, want) {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestOnePageIsJudgedAlone(t *testing.T) {
	t.Parallel()
	f := sample(t)
	if _, err := f.ValidateStep("people", Answers{"people": int64(3)}); err != nil {
		t.Error("another page's missing answer was told:", err)
	}
	if _, err := f.ValidateStep("one", Answers{"people": int64(0)}); fmt.Sprint(err) != "need: forms.answer.required" {
		t.Error(err)
	}
}

func TestOneOfTwoIsEnough(t *testing.T) {
	t.Parallel()
	survey := "type,name,required,required_message::en\nphone,phone,${word} = '',A phone or a word\ntext,word,,\n"
	f, found := Parse(Source{"s", 1, survey}, Source{"c", 1, ""})
	if len(found) > 0 {
		t.Fatal(found)
	}
	f.Prefix = "service.x."
	for form, want := range map[string]string{
		"":                              "phone: service.x.required.phone",
		"phone=0661234542":              "<nil>",
		"word=ⴰⴷⵔⴰⵔ":                    "<nil>",
		"phone=٠٦٦١٢٣٤٥٤٢":              "<nil>",
		"phone=06612345421&word=":       "phone: phone.too_long",
		"phone=0661-23-45-42&word=blue": "<nil>",
	} {
		v, _ := url.ParseQuery(form)
		a, wrong := f.FromValues(v, "212")
		if _, err := f.Validate(a, wrong...); fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %s", form, err, want)
		}
	}
}

func TestAPostedPageIsUnderstood(t *testing.T) {
	t.Parallel()
	f := sample(t)
	v := url.Values{"need": {"food", "", "trapped", "food"}, "people": {" ٦ "}, "depth": {"1,5"}, "phone": {"٠٦ ٦١ ٢٣ ٤٥ ٤٢"},
		"where.code": {"04.081.01"}, "where.text": {"قرب\u202e المسجد"}, "where.lat": {"٣١٫٥"}, "where.lon": {"-7.98"},
		"spot": {"31.62 -7.98"}, "day": {"08/09/2023"}, "words": {"a\r\nb"}, "line": {"a\nb"}, "sure": {"", "yes"}}
	got, wrong := f.FromValues(v, "212")
	want := Answers{"need": []string{"trapped", "food"}, "people": int64(6), "depth": 1.5, "phone": Phone("+212661234542"),
		"where": Place{Code: "04.081.01", Text: "قرب المسجد", Lat: 31.5, Lon: -7.98, HasPoint: true},
		"spot":  Place{Lat: 31.62, Lon: -7.98, HasPoint: true}, "day": "2023-09-08", "words": "a\nb", "line": "a b", "sure": "yes"}
	if len(wrong) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%#v", wrong, got)
	}
	got, wrong = f.FromValues(url.Values{"where": {"دوار تيفني"}}, "")
	if p := got.Place("where"); len(wrong) > 0 || p.Text != "دوار تيفني" || p.HasPoint {
		t.Errorf("%v %v", wrong, p)
	}
}

func TestANumberIsReadAsWrittenOrAskedAgain(t *testing.T) {
	t.Parallel()
	f := sample(t)
	for s, want := range map[string]string{
		"6": "6", "٦": "6", "۶": "6", "+6": "6", "-6": "-6", "6.0": "6", "1 200": "1200", "1\u00a0200": "1200",
		"1,200": "forms.answer.not_whole", "1.200": "forms.answer.not_whole", "6.5": "forms.answer.not_whole",
		"six": "forms.answer.not_number", "6 personnes": "forms.answer.not_number", "0x6": "forms.answer.not_number",
		"99999999999999999999": "forms.answer.too_big", "9999999999999999": "forms.answer.too_big",
	} {
		a, wrong := f.FromValues(url.Values{"people": {s}}, "")
		got := fmt.Sprint(a["people"])
		if len(wrong) > 0 {
			got = wrong[0].Key
		}
		if got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

func TestAProgramIsUnderstoodAndToldOfNamesNobodyAsks(t *testing.T) {
	t.Parallel()
	f := sample(t)
	got, wrong := f.FromJSON([]byte(`{"need":["food"],"people":6.0,"depth":1e-1,"phone":"0661234542","sure":null,
		"where":{"code":"04","lat":31.5,"lon":-8},"spot":{"lat":1,"lon":2}}`), "212")
	want := Answers{"need": []string{"food"}, "people": int64(6), "depth": 0.1, "phone": Phone("+212661234542"),
		"where": Place{Code: "04", Lat: 31.5, Lon: -8, HasPoint: true}, "spot": Place{Lat: 1, Lon: 2, HasPoint: true}}
	if len(wrong) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%#v", wrong, got)
	}
	_, wrong = f.FromJSON([]byte(`{"need":"food","people":1.125,"where":{"city":"x"},"words":["x"],"salary":3,"hello":"x","line":true}`), "")
	if got := told(wrong); !reflect.DeepEqual(got, []string{"people: forms.answer.not_whole", "words: forms.answer.wrong_kind",
		"line: forms.answer.wrong_kind", "where: forms.answer.wrong_kind",
		"hello: forms.answer.unknown_question", "salary: forms.answer.unknown_question"}) {
		t.Errorf("told %q", got)
	}
	for body, want := range map[string]string{"": "forms.body.not_json", "[]": "forms.body.not_json", "null": "forms.body.not_json",
		"{}{}": "forms.body.not_json", `{"a":` + strings.Repeat(" ", maxBody) + "1}": "forms.body.too_big"} {
		if _, wrong := f.FromJSON([]byte(body), ""); len(wrong) != 1 || wrong[0].Key != want {
			t.Errorf("%.20q: %v", body, wrong)
		}
	}
}

func TestEveryMistakeOfAnAuthorIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	survey := `type,name,label::en,label::xx,relevant,calculation,constraint,required,colour
text,Bad Name,,,,,,,
txt,a,,,,,,,
text,b,,,,,,,
text,b,,,,,,,
select_one nolist,c,,,,,,,
integer nolist,d,,,,,,,
text,e,"two
lines",,${nobody} = 1,,,,
calculate,f,,,,,,,
text,g,,,,1 + 1,,,
note,h,,,,,,yes,
calculate,i,,,,${j} + 1,,,
calculate,j,,,,${i} + 1,,,
integer,k,,,,,. > ,,
text,l,a,b,c,d,e,f,g,too many,
end_group,,,,,,,,
begin_group,m,,,,,,,
`
	choices := "list_name,name,digit\nx,a,1\nx,a,2\nx,b,1\nx,c,12\n,d,\n"
	_, found := Parse(Source{"s.csv", 101, survey}, Source{"c.csv", 11, choices})
	var got []string
	for _, f := range found {
		got = append(got, f.String())
	}
	for _, want := range []string{
		`s.csv:101: the column "label::xx" is in a language that is none of ar, zgh, fr, en`,
		`s.csv:101: unknown column "colour"`,
		`s.csv:102: "Bad Name" is not a name`,
		`s.csv:103: unknown type "txt"`,
		`s.csv:105: two questions are called "b"`,
		`s.csv:106: there is no list "nolist" in choices`,
		`s.csv:107: the type integer takes no list`,
		`s.csv:110: "f" is calculated, and from nothing`,
		`s.csv:111: "g" has a calculation`,
		`s.csv:112: "h" asks nothing and cannot be required`,
		`s.csv:113: "i" leans on itself`,
		`s.csv:115: constraint: column 4: the expression ends`,
		`s.csv:116: the row has 11 cells`,
		`s.csv:117: end_group without a begin_group`,
		`s.csv:118: this group is never ended`,
		`c.csv:13: the list "x" has the choice "a" twice`,
		`c.csv:14: the digit 1 already means "a"`,
		`c.csv:15: the digit "12" is none of 1 to 9`,
		`c.csv:16: a choice needs a list_name`,
	} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("nobody told: %s\n%s", want, strings.Join(got, "\n"))
		}
	}
	_, found = Parse(Source{"s.csv", 1, "type,name,relevant\ntext,a,\ntext,\"b\",\n\ntext,e,${nobody} = 1\n"}, Source{"c.csv", 1, ""})
	if len(found) != 1 || found[0].String() != `s.csv:5: relevant: column 1: no question is called "nobody"` {
		t.Error(found)
	}
}

func TestABrokenSheetIsToldNotRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "s:1: the survey has no rows",
		"type,name\ntext,\"a":                "s:2: this row cannot be read",
		"type,type\n":                        `s:1: the column "type" is there twice`,
		strings.Repeat("x", maxSheetBytes+1): "s:1: the sheet is larger",
		"type,name\n" + strings.Repeat("text,a\n", maxSheetRows+1): "s:1: the sheet has more than",
	} {
		_, found := Parse(Source{"s", 1, text}, Source{"c", 1, ""})
		if !slices.ContainsFunc(found, func(f Finding) bool { return strings.HasPrefix(f.String(), want) }) {
			t.Errorf("%.20q: %.200v", text, found)
		}
	}
}

func FuzzSheets(f *testing.F) {
	f.Add(sampleSurvey, sampleChoices)
	f.Add("type,name,relevant,calculation\ncalculate,a,,${b}\ncalculate,b,,${a}\nbegin_group,g,${a}=1\n", "list_name,name,digit\nx,y,9\n")
	f.Fuzz(func(t *testing.T, survey, choices string) {
		form, found := Parse(Source{"s", 1, survey}, Source{"c", 1, choices})
		for _, x := range found {
			if x.Line < 1 || x.Text == "" {
				t.Fatalf("%+v", x)
			}
		}
		if len(found) > 0 {
			return
		}
		a, wrong := form.FromValues(url.Values{"need": {"food"}, "people": {"6"}, "a": {"x"}, "b": {"2"}}, "212")
		kept, _ := form.Validate(a, wrong...)
		if b, err := json.Marshal(kept); err != nil {
			t.Fatal(err, string(b))
		}
	})
}

func FuzzPosted(f *testing.F) {
	f.Add("need=food&people=6&where.lat=31&where.lon=x&phone=%2B212", []byte(`{"people":6}`))
	form := sample(f)
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		check := func(a Answers, wrong fault.All) {
			kept, _ := form.Validate(a, wrong...)
			again, _ := form.Validate(kept)
			if !reflect.DeepEqual(kept, again) {
				t.Fatalf("%#v, judged again, became %#v", kept, again)
			}
			if _, err := json.Marshal(kept); err != nil {
				t.Fatal(err)
			}
		}
		if v, err := url.ParseQuery(query); err == nil {
			check(form.FromValues(v, "212"))
		}
		check(form.FromJSON(body, "212"))
	})
}

func TestEverySentenceIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range i18n.Check(c) {
		t.Error(w)
	}
	key := regexp.MustCompile(`"((?:forms|phone)\.[a-z_.]+)"`)
	for _, file := range []string{"enter.go", "validate.go", "../../base/phone/phone.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(src), -1) {
			if !c.Has(m[1]) {
				t.Errorf("%s says %s, which no catalogue has", file, m[1])
			}
		}
	}
}
