package forms

import (
	"errors"
	"strings"
	"testing"
)

const sampleSurvey = `type,name,label::en,required,relevant,constraint,calculation,appearance
begin_group,one,Page one,,,,,step
select_multiple needs,need,What,yes,,,,
select_one yn,sure,Sure?,,,,,
end_group,,,,,,,
integer,people,How many,yes,,. >= 1 and . <= 5000,,
decimal,depth,How deep,,,,,
text,words,Own words,,,,,multiline
text,line,One line,,,string-length(.) <= 10,,
phone,phone,Phone,,,,,
place,where,Where,,,,,
geopoint,spot,Spot,,,,,
date,day,Day,,,,,
note,hello,Hello,,,,,
text,medicine,Which medicine,yes,"selected(${need}, 'med')",,,
calculate,double,,,,,${people} * 2,
calculate,big,,,,,${double} > 10,
`

const sampleChoices = `list_name,name,label::en,digit
needs,trapped,Trapped,1
needs,food,Food,2
needs,med,Medicine,3
yn,yes,Yes,
yn,no,No,
`

func sample(t testing.TB) *Form {
	t.Helper()
	f, found := Parse(Source{"sample", 1, sampleSurvey}, Source{"sample", 1, sampleChoices})
	for _, x := range found {
		t.Error(x)
	}
	return f
}

func TestExpressionsComeToWhatTheySay(t *testing.T) {
	t.Parallel()
	a := Answers{
		"need": []string{"food", "med"}, "sure": "yes", "people": int64(6), "depth": 1.5,
		"words": "under the wall", "phone": Phone("+212661234542"), "where": Place{Code: "1"}, "day": "2023-09-08",
	}
	for src, want := range map[string]bool{
		"true()":                                    true,
		"false()":                                   false,
		"not(false())":                              true,
		"1 = 1":                                     true,
		"1 + 2 * 3 = 7":                             true,
		"(1 + 2) * 3 = 9":                           true,
		"7 div 2 = 3.5":                             true,
		"7 mod 2 = 1":                               true,
		"-3 + 5 = 2":                                true,
		"2 - -2 = 4":                                true,
		".5 + .5 = 1":                               true,
		"1 < 2 and 2 < 3 or false()":                true,
		"false() and false() or true()":             true,
		"false() and (false() or true())":           false,
		"${people} > 5":                             true,
		"${people} >= 7":                            false,
		"${people} != 6":                            false,
		"${depth} * 2 = 3":                          true,
		"${sure} = 'yes'":                           true,
		"${sure} != 'no'":                           true,
		`${words} = "under the wall"`:               true,
		"selected(${need}, 'food')":                 true,
		"selected(${need}, 'trapped')":              false,
		"selected(${sure}, 'yes')":                  true,
		"count-selected(${need}) = 2":               true,
		"string-length(${words}) = 14":              true,
		"regex(${phone}, '[+]212[67][0-9]{8}')":     true,
		"regex(${phone}, '212')":                    false, // the whole text must match
		"if(${people} > 3, 'big', 'small') = 'big'": true,
		"coalesce(${line}, ${words}) = 'under the wall'": true,
		"${where} = ''":          false,
		"${spot} = ''":           true,
		"'' = ${line}":           true,
		"${need} != ''":          true,
		"${day} > '2023-09-01'":  true,
		"${day} = '2023-09-08'":  true,
		"${day} <= '2023-09-07'": false,
		"true() = not(false())":  true,
		"${people} =\n 6":        true,
	} {
		if got, err := ask(sample(t), src, a); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", src, got, err, want)
		}
	}
}

func TestAMissingAnswerIsNeverAnError(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"${people} = ''":                 true,
		"${people} > 0":                  false,
		"${people} <= 0":                 false,
		"${people} = 0":                  false,
		"${people} != 0":                 true, // XPath: nothing equals a missing number
		"${people} + 1 > 0":              false,
		"1 div 0 > 5":                    true,
		"0 div 0 = 0":                    false,
		"selected(${need}, 'food')":      false,
		"selected(${sure}, 'yes')":       false,
		"count-selected(${need}) = 0":    true,
		"string-length(${words}) = 0":    true,
		"coalesce(${people}, 3) = 3":     true,
		"${day} < '2023-09-08'":          false,
		"${sure} = 'yes'":                false,
		"regex(${words}, '.+')":          false,
		"${big}":                         false,
		"not(${where} = '')":             false,
		"if(${sure} = '', 1, 2) = 1":     true,
		"coalesce(${line}, 'no') = 'no'": true,
	} {
		for _, a := range []Answers{nil, {"people": "six", "need": int64(3), "sure": Place{}, "day": true}} {
			if got, err := ask(sample(t), src, a); err != nil || got != want {
				t.Errorf("%s is %v, %v; want %v", src, got, err, want)
			}
		}
	}
}

func ask(f *Form, src string, a Answers) (bool, error) {
	e, err := ParseExpr(src)
	if err != nil {
		return false, err
	}
	if _, err := e.check(scope{form: f}, kTruth); err != nil {
		return false, err
	}
	return e.asked(a, nil), nil
}

func TestAWrongExpressionSaysWhere(t *testing.T) {
	t.Parallel()
	f := sample(t)
	for src, want := range map[string]string{
		"":                                     "column 1: the expression ends",
		"1 +":                                  "column 4: the expression ends where a value is wanted",
		"(1 = 1":                               `column 7: the expression ends where ")" is wanted`,
		"1 = 1 )":                              `column 7: ")" where an operator or the end`,
		"'abc":                                 "column 1: this text is never closed",
		"${people":                             "column 1: this ${ is never closed",
		"${Pe ople} = 1":                       "column 1: ${Pe ople} is not the name",
		"1 = 1\nand ${nobody} = 2":             `line 2, column 5: no question is called "nobody"`,
		"people > 3":                           `column 1: "people" stands alone`,
		"1.2.3 = 1":                            "column 1: \"1.2.3\" is not a number",
		"1 # 2":                                `column 3: "#" means nothing`,
		"${people} = 'six'":                    "column 11: a number never equals text",
		"${need} = 'food'":                     "column 9: several choices are asked with selected()",
		"${where} = 'x'":                       "column 10: a place can only be compared with ''",
		"selected(${need}, 'foood')":           `column 19: "foood" is not a choice of needs`,
		"${sure} = 'maybe'":                    `column 11: "maybe" is not a choice of yn`,
		"selected(${people}, 'food')":          "column 10: this is a number",
		"selected(${need}, ${words})":          "column 19: selected() wants a written choice",
		"${people}":                            "this is a number, and yes or no is wanted",
		"${people} and true()":                 `this is a number, and "and" wants yes or no`,
		"'a' < 'b'":                            `column 1: this is text, and "<" wants a number`,
		"${day} > 'yesterday'":                 "a date is compared with a date",
		"today() = 1":                          "there is no function today()",
		"not()":                                "not() takes 1 values, not 0",
		"regex(${words}, '(')":                 "this pattern cannot be read",
		"regex(${words}, ${line})":             "regex() wants a written pattern",
		"if(1, 2, 3) = 2":                      "if() wants yes or no",
		"if(true(), 1, 'a') = 1":               "if() would yield a number or text",
		". > 3":                                `"." has a meaning in a constraint only`,
		"${hello} = ''":                        "has no answer to speak of",
		strings.Repeat("(", 40) + "1":          "nested more than 32 deep",
		strings.Repeat("1=1 or ", 400):         "characters, and at most",
		"1=1" + strings.Repeat(" or 1=1", 200): "more than 500 parts",
	} {
		_, err := ask(f, src, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v; want %s", src, err, want)
		}
		if _, ok := errors.AsType[*ExprError](err); err != nil && !ok {
			t.Errorf("%.60s: a %T has no place", src, err)
		}
	}
}

func TestNamesAreToldOnce(t *testing.T) {
	t.Parallel()
	e, err := ParseExpr("${b} = ${a} and ${b} != 3")
	if err != nil || strings.Join(e.Names(), " ") != "b a" {
		t.Fatal(e.Names(), err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"${people} > 5 and selected(${need}, 'food')", "if(. = '', 1, 2) mod 3 = -.5",
		"regex(${words}, '[a-z]+(x)')", "coalesce(${line}, 'x') != ''", "((((1))))", "${", "'", "1 div 0 <= ${depth}"} {
		f.Add(s)
	}
	form := sample(f)
	answers := Answers{"need": []string{"food"}, "people": int64(6), "words": "x", "day": "2023-09-08", "where": Place{Text: "here"}}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := ParseExpr(src)
		if err != nil {
			if x, ok := errors.AsType[*ExprError](err); !ok || x.Line < 1 || x.Col < 1 {
				t.Fatalf("%q: %v has no place", src, err)
			}
			return
		}
		for _, self := range []*Question{nil, form.Question("people")} {
			if k, err := e.check(scope{form: form, self: self}, kNone); err == nil && k != kNone {
				e.asked(answers, int64(3))
				e.asked(nil, nil)
				e.worth(answers)
			}
		}
	})
}
