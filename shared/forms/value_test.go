package forms

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func anyValue() *rapid.Generator[Value] {
	text := rapid.String()
	degrees := rapid.Float64Range(-180, 180)
	return rapid.OneOf(
		rapid.Map(text, func(s string) Value { return s }),
		rapid.Map(rapid.Int64(), func(n int64) Value { return n }),
		rapid.Map(rapid.Float64(), func(n float64) Value { return n }),
		rapid.Map(rapid.Bool(), func(b bool) Value { return b }),
		rapid.Map(rapid.SliceOf(text), func(l []string) Value { return l }),
		rapid.Map(text, func(s string) Value { return Phone(s) }),
		rapid.Custom(func(t *rapid.T) Value {
			p := Place{Code: text.Draw(t, "code"), Text: text.Draw(t, "text")}
			if rapid.Bool().Draw(t, "point") {
				p.Lat, p.Lon, p.HasPoint = degrees.Draw(t, "lat"), degrees.Draw(t, "lon"), true
			}
			return p
		}),
	)
}

func TestAnswersComeBackExactlyAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := Answers(rapid.MapOf(rapid.String(), anyValue()).Draw(t, "answers"))
		one, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back Answers
		if err := json.Unmarshal(one, &back); err != nil {
			t.Fatal(err, string(one))
		}
		if !reflect.DeepEqual(a, back) {
			t.Fatalf("%#v came back as %#v", a, back)
		}
		if two, _ := json.Marshal(back); string(one) != string(two) {
			t.Fatalf("%s was written again as %s", one, two)
		}
	})
}

func TestTheCanonicalFormIsFixedForever(t *testing.T) {
	t.Parallel()
	// Signatures are taken over these bytes: changing them breaks old ones.
	a := Answers{"people": int64(6), "need": []string{"food", "<med>"}, "depth": 2.0, "ok": true, "huge": 1e21,
		"phone": Phone("+212661234542"), "words": "ماء\n«و»", "where": Place{Code: "04.081", Text: "x", Lat: 31.5, Lon: -8, HasPoint: true},
		"spot": Place{Text: "تيفني"}}
	want := `{"depth":2.0,"huge":1e+21,"need":["food","<med>"],"ok":true,"people":6,"phone":{"phone":"+212661234542"},` +
		`"spot":{"code":"","text":"تيفني"},"where":{"code":"04.081","lat":31.5,"lon":-8.0,"text":"x"},"words":"ماء\n«و»"}`
	if got, err := a.MarshalJSON(); err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}

func TestWhatCannotComeBackIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, v := range []Value{math.NaN(), math.Inf(1), "\xff", 7, nil, Place{HasPoint: true, Lat: math.NaN()}} {
		if b, err := (Answers{"x": v}).MarshalJSON(); err == nil {
			t.Errorf("%v was written as %s", v, b)
		}
	}
	for _, s := range []string{`{"x":null}`, `{"x":{"phone":3}}`, `{"x":{"city":"a"}}`, `{"x":99999999999999999999}`, `[]`, `{"x":[1]}`} {
		var a Answers
		if err := json.Unmarshal([]byte(s), &a); err == nil {
			t.Errorf("%s was read as %v", s, a)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":2.0,"c":["x"],"d":{"code":"1","text":"","lat":1.5,"lon":2.5},"e":{"phone":"+212"},"f":true,"g":"t"}`))
	f.Add([]byte(`{"a":-0.0,"a":1e400}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a, again Answers
		if json.Unmarshal(b, &a) != nil {
			return
		}
		one, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(one, &again); err != nil || !reflect.DeepEqual(a, again) {
			t.Fatalf("%s: %v", one, err)
		}
	})
}

func TestStrangersTextIsMadeSafe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  دوار تيفني \n":     "دوار تيفني",
		"a\x00b\x1b[31mc\x7f": "ab[31mc",
		"a\xffb\xc3":          "ab",
		"safe\u202egnp.exe":   "safegnp.exe",
		"\u2066hidden\u2069":  "hidden",
		"z\u200bero\ufeff":    "zero",
		"tag\U000e0041":       "tag",
		"one\r\ntwo\rthree":   "one two three",
		"می\u200cخواهم":       "می\u200cخواهم",
		"\u200fنص\u200f":      "\u200fنص\u200f",
		"a\tb\u2028c":         "a b c",
		"\ufffe\ufdd0x":       "x",
	} {
		if got := Clean(in, false); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if again := Clean(want, false); again != want {
			t.Errorf("%q is clean and became %q", want, again)
		}
	}
	if got := Clean("a\r\n\r\n\n\n\nb\n", true); got != "a\n\nb" {
		t.Errorf("lines became %q", got)
	}
}
