package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/geo"
	"github.com/twiza/twiza/base/phone"
)

// Value is one answer, and is always one of: string (text, a choice, a date as
// 2023-09-08), int64, float64, bool, []string (several choices, in the order
// of the list), Place, Phone.
type Value any

// Phone is a telephone number in E.164, "+212661234542".
type Phone = phone.Number

// Place is where something is, as far as it is known: a code of the
// gazetteer, the asker's own words, coordinates in degrees (WGS84), or any of
// them together.
type Place struct {
	Code     string
	Text     string
	Lat, Lon float64
	HasPoint bool
}

// Point is the coordinates; good only where HasPoint says so.
func (p Place) Point() geo.Point { return geo.Point{Lat: p.Lat, Lon: p.Lon} }

// IsZero says nothing at all is known.
func (p Place) IsZero() bool { return p.Code == "" && p.Text == "" && !p.HasPoint }

// Answers is what somebody answered, by question. A question without an
// answer has no entry.
type Answers map[string]Value

// Text is a text, a choice, a date or a phone; "" when there is none.
func (a Answers) Text(name string) string {
	switch v := a[name].(type) {
	case string:
		return v
	case Phone:
		return string(v)
	}
	return ""
}

// Int is a whole number; 0 when there is none.
func (a Answers) Int(name string) int64 { n, _ := a[name].(int64); return n }

// List is the choices taken; nil when there are none.
func (a Answers) List(name string) []string { l, _ := a[name].([]string); return l }

// Phone is a telephone number; "" when there is none.
func (a Answers) Phone(name string) Phone { p, _ := a[name].(Phone); return p }

// Place is a place; the zero Place when there is none.
func (a Answers) Place(name string) Place { p, _ := a[name].(Place); return p }

// Has says whether the question was answered with something.
func (a Answers) Has(name string) bool { return !emptyValue(a[name]) }

// Clone is a copy that shares nothing with the original.
func (a Answers) Clone() Answers {
	out := make(Answers, len(a))
	for k, v := range a {
		if l, ok := v.([]string); ok {
			v = slices.Clone(l)
		}
		out[k] = v
	}
	return out
}

func emptyValue(v Value) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case Phone:
		return v == ""
	case []string:
		return len(v) == 0
	case Place:
		return v.IsZero()
	}
	return false
}

// MarshalJSON writes the canonical form: keys sorted, no spaces, each value in
// a shape of its own, so that reading it back needs no form and gives exactly
// what was written. A whole number is 6; a decimal always has a point or an
// exponent; a phone is {"phone":"+212…"}; a place is an object of code, lat,
// lon, text. Signatures and fingerprints are taken over these bytes.
func (a Answers) MarshalJSON() ([]byte, error) {
	keys := make([]string, 0, len(a))
	for k := range a {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeText(&b, k); err != nil {
			return nil, fmt.Errorf("forms: name of an answer: %w", err)
		}
		b.WriteByte(':')
		if err := writeValue(&b, a[k]); err != nil {
			return nil, fmt.Errorf("forms: answer %q: %w", k, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func writeValue(b *bytes.Buffer, v Value) error {
	switch v := v.(type) {
	case string:
		return writeText(b, v)
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		return writeDecimal(b, v)
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case []string:
		b.WriteByte('[')
		for i, s := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeText(b, s); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case Phone:
		b.WriteString(`{"phone":`)
		if err := writeText(b, string(v)); err != nil {
			return err
		}
		b.WriteByte('}')
	case Place:
		return writePlace(b, v)
	default:
		return fmt.Errorf("a %T is no answer", v)
	}
	return nil
}

func writePlace(b *bytes.Buffer, p Place) error {
	b.WriteString(`{"code":`)
	if err := writeText(b, p.Code); err != nil {
		return err
	}
	if p.HasPoint {
		b.WriteString(`,"lat":`)
		if err := writeDecimal(b, p.Lat); err != nil {
			return err
		}
		b.WriteString(`,"lon":`)
		if err := writeDecimal(b, p.Lon); err != nil {
			return err
		}
	}
	b.WriteString(`,"text":`)
	if err := writeText(b, p.Text); err != nil {
		return err
	}
	b.WriteByte('}')
	return nil
}

func writeDecimal(b *bytes.Buffer, f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return errors.New("not a number")
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	b.WriteString(s)
	if !strings.ContainsAny(s, ".e") {
		b.WriteString(".0")
	}
	return nil
}

func writeText(b *bytes.Buffer, s string) error {
	if !utf8.ValidString(s) {
		return errors.New("text is not UTF-8")
	}
	if bare(s) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return nil
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder ends every value with a new line
	return nil
}

// bare tells that a text stands in JSON as it is: encoding/json escapes
// control characters, the quote, the backslash, U+2028 and U+2029.
func bare(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == '"', c == '\\':
			return false
		case c == 0xe2 && strings.HasPrefix(s[i:], "\u2028"), c == 0xe2 && strings.HasPrefix(s[i:], "\u2029"):
			return false
		}
	}
	return true
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Answers) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("forms: answers: %w", err)
	}
	*a = make(Answers, len(raw))
	for k, r := range raw {
		v, err := readValue(r)
		if err != nil {
			return fmt.Errorf("forms: answer %q: %w", k, err)
		}
		(*a)[k] = v
	}
	return nil
}

func readValue(raw json.RawMessage) (Value, error) {
	s := string(bytes.TrimSpace(raw))
	if s == "" || s == "null" {
		return nil, errors.New("nothing where an answer should be")
	}
	switch s[0] {
	case '"':
		var t string
		err := json.Unmarshal(raw, &t)
		return t, err
	case '[':
		l := []string{}
		err := json.Unmarshal(raw, &l)
		return l, err
	case '{':
		return readObject(raw)
	case 't', 'f':
		var t bool
		err := json.Unmarshal(raw, &t)
		return t, err
	}
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		return f, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err
}

func readObject(raw json.RawMessage) (Value, error) {
	var o struct {
		Phone *Phone   `json:"phone"`
		Code  string   `json:"code"`
		Text  string   `json:"text"`
		Lat   *float64 `json:"lat"`
		Lon   *float64 `json:"lon"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	if o.Phone != nil {
		return *o.Phone, nil
	}
	p := Place{Code: o.Code, Text: o.Text}
	if o.Lat != nil && o.Lon != nil {
		p.Lat, p.Lon, p.HasPoint = *o.Lat, *o.Lon, true
	}
	return p, nil
}
