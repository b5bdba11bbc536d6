package web

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
)

func from(kind, body string) *Ctx {
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080/", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return &Ctx{W: httptest.NewRecorder(), R: r, Site: &Site{}}
}

func TestABodyThatIsNotOneObjectOfTextIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                           "error.empty_body",
		" \n\t ":                     "error.empty_body",
		"{\"a\":\"caf\xe9\"}":        "error.not_text",
		"\xff\xfe{\x00}\x00":         "error.not_text",
		"{":                          "error.unreadable",
		"{}{}":                       "error.unreadable",
		"{} ]":                       "error.unreadable",
		`{"a":"x"} and more`:         "error.unreadable",
		`{"b":1}`:                    "error.unreadable",
		`{"a":"x\u0000"}`:            "error.not_text",
		`{"a":5}`:                    "error.unreadable",
		`[]`:                         "error.unreadable",
		strings.Repeat("[", 100_000): "error.unreadable",
	} {
		var into struct{ A string }
		err := from("application/json", body).ReadJSON(&into)
		if f, ok := err.(*fault.Fault); !ok || f.Kind != fault.Invalid || f.Key != want {
			t.Errorf("%.40q is told as %v, want %s", body, err, want)
		}
	}
	var into struct{ A string }
	if err := from("application/json", " {\"a\":\"café\"}\n").ReadJSON(&into); err != nil || into.A != "café" {
		t.Errorf("%q %v", into.A, err)
	}
}

// FuzzForm: what a browser or a stranger posts is text under names, or a
// sentence; never bytes that are no text, and never a fault of ours.
func FuzzForm(f *testing.F) {
	const urlencoded, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	f.Add(urlencoded, "a=1&b=%D8%A7&b=2")
	f.Add(urlencoded, "a=%zz&=&&==;")
	f.Add(urlencoded, "a=%00&b=%ff")
	f.Add(parts, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n3\r\n--x--\r\n")
	f.Add(parts, "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../x\"\r\n\r\n3\r\n--x--\r\n")
	f.Add("multipart/form-data", "hello")
	f.Add("application/json", `{"a":1}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		v, err := from(kind, body).Form()
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%q as %q is told as %v", body, kind, err)
			}
			return
		}
		for name, all := range v {
			for _, x := range append(all, name) {
				if !utf8.ValidString(x) || strings.ContainsRune(x, 0) {
					t.Fatalf("%q as %q was read as %q", body, kind, x)
				}
			}
		}
	})
}

// FuzzReadJSON: a program's body is one object, or a sentence.
func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{`{"a":"x","b":[1,{}]}`, `{}`, `{"a":"\ud800"}`, `{"a":"x","a":"y"}`, "{} ]", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var into struct {
			A string
			B json.RawMessage
		}
		err := from("application/json", body).ReadJSON(&into)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%q is told as %v", body, err)
		}
		if err == nil && (!json.Valid([]byte(body)) || !utf8.ValidString(into.A) || !utf8.Valid(into.B)) {
			t.Fatalf("%q was read as %q and %q", body, into.A, into.B)
		}
	})
}
