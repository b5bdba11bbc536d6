package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
)

// maxGiven is how many values one question is read with. No list is longer.
const maxGiven = 100

// FromValues understands a posted page. A question is posted under its name,
// several choices as the same name again; a place as NAME.code, NAME.text,
// NAME.lat and NAME.lon, any of which may be missing, or as NAME alone, which
// is its text; a geopoint as NAME.lat and NAME.lon, or as NAME alone,
// "31.62 -7.98". Numbers and phones may be in Arabic digits. Prefix is the
// country whose national phone numbers are meant, "212".
//
// What cannot be understood is told by field and left out of the answers;
// names the form does not know are passed over, for a page posts more than
// answers. Whether the answers will do is for Validate to say, which takes
// these faults too.
func (f *Form) FromValues(v url.Values, prefix string) (Answers, fault.All) {
	a := Answers{}
	var wrong fault.All
	for _, q := range f.Questions {
		if !q.Asks() {
			continue
		}
		x, err := q.read(v, prefix)
		if err != nil {
			wrong = append(wrong, err.On(q.Name))
		} else if !emptyValue(x) {
			a[q.Name] = x
		}
	}
	return a, wrong
}

func (q *Question) read(v url.Values, prefix string) (Value, *fault.Fault) {
	given := v[q.Name]
	if len(given) > maxGiven {
		return nil, fault.New(fault.Invalid, "forms.answer.too_many", "max", maxGiven)
	}
	one := ""
	for _, g := range given {
		if one = strings.TrimSpace(g); one != "" {
			break
		}
	}
	switch q.Type {
	case TypeMany:
		return q.List.inOrder(given), nil
	case TypePlace, TypePoint:
		return q.readPlace(v, one)
	}
	if one == "" {
		return nil, nil
	}
	switch q.Type {
	case TypeInteger:
		return readWhole(one)
	case TypeDecimal:
		return readDecimal(one)
	case TypeDate:
		if d, ok := dateOf(arabic.Digits(one)); ok {
			return d, nil
		}
		return nil, fault.New(fault.Invalid, "forms.answer.not_date")
	case TypePhone:
		n, err := phone.Parse(one, prefix)
		if err != nil {
			return nil, asFault(err, "forms.answer.not_phone")
		}
		return n, nil
	case TypeOne:
		return Clean(one, false), nil
	}
	return Clean(one, q.Multiline()), nil
}

// asFault is the fault an error carries, or one of key when it carries none.
func asFault(err error, key string) *fault.Fault {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	f := fault.New(fault.Invalid, key)
	f.Cause = err
	return f
}

// inOrder is the choices taken, once each: those of the list in its order,
// then any the list does not have, for Validate to refuse by name.
func (l *List) inOrder(given []string) []string {
	want := map[string]bool{}
	for _, g := range given {
		if g = Clean(g, false); g != "" {
			want[g] = true
		}
	}
	out := []string{}
	for _, c := range l.Choices {
		if want[c.Name] {
			out = append(out, c.Name)
			delete(want, c.Name)
		}
	}
	for _, g := range given {
		if g = Clean(g, false); want[g] {
			out = append(out, g)
			delete(want, g)
		}
	}
	return out
}

// maxWhole bounds whole numbers so that they stay exact wherever they go.
const maxWhole = 1e15

var aroundDigits = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "٬", "", "٫", ".", "،", ".", ",", ".", "−", "-")

// plainNumber takes off what people write around digits: Arabic digits, spaces
// between thousands, an Arabic or French decimal mark.
func plainNumber(s string) string {
	return strings.TrimPrefix(aroundDigits.Replace(arabic.Digits(s)), "+")
}

func readWhole(s string) (Value, *fault.Fault) {
	s = plainNumber(s)
	whole, rest, _ := strings.Cut(s, ".")
	// "1,000" may be one or a thousand: ask rather than guess.
	if rest != "" && rest != "0" && rest != "00" {
		return nil, fault.New(fault.Invalid, "forms.answer.not_whole")
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n > maxWhole || n < -maxWhole):
		return nil, fault.New(fault.Invalid, "forms.answer.too_big")
	case err != nil:
		return nil, fault.New(fault.Invalid, "forms.answer.not_number")
	}
	return n, nil
}

func readDecimal(s string) (Value, *fault.Fault) {
	n, ok := number(s)
	if !ok {
		return nil, fault.New(fault.Invalid, "forms.answer.not_number")
	}
	if n > maxWhole || n < -maxWhole {
		return nil, fault.New(fault.Invalid, "forms.answer.too_big")
	}
	return n, nil
}

// number reads a plain decimal; not hexadecimal, not "inf", not "1e9".
func number(s string) (float64, bool) {
	s = plainNumber(s)
	if s == "" || strings.Trim(s, "-.0123456789") != "" || len(s) > 40 {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func (q *Question) readPlace(v url.Values, one string) (Value, *fault.Fault) {
	p := Place{Code: Clean(v.Get(q.Name+".code"), false), Text: Clean(v.Get(q.Name+".text"), false)}
	lat, lon := strings.TrimSpace(v.Get(q.Name+".lat")), strings.TrimSpace(v.Get(q.Name+".lon"))
	switch {
	case q.Type == TypePlace && p.Text == "":
		p.Text = Clean(one, false)
	case q.Type == TypePoint:
		p.Code, p.Text = "", ""
		if pair := strings.Fields(one); lat == "" && lon == "" && len(pair) >= 2 {
			lat, lon = strings.TrimSuffix(pair[0], ","), pair[1]
		} else if one != "" && lat == "" {
			return nil, fault.New(fault.Invalid, "forms.answer.not_point")
		}
	}
	if lat == "" && lon == "" {
		return p, nil
	}
	var ok, also bool
	p.Lat, ok = number(lat)
	p.Lon, also = number(lon)
	p.HasPoint = true
	if !ok || !also {
		return nil, fault.New(fault.Invalid, "forms.answer.not_point")
	}
	return p, nil
}

// maxBody bounds a JSON body, 64 KiB.
const maxBody = 64 << 10

// FromJSON understands the answers of a program: an object of questions, where
// an answer is a text, a number, a list of choices, or an object of code,
// text, lat and lon for a place. Unlike a page, a program is told of names the
// form does not know.
func (f *Form) FromJSON(body []byte, prefix string) (Answers, fault.All) {
	if len(body) > maxBody {
		return nil, fault.All{fault.New(fault.Invalid, "forms.body.too_big", "max", maxBody)}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var given map[string]any
	if err := d.Decode(&given); err != nil || given == nil {
		return nil, fault.All{fault.New(fault.Invalid, "forms.body.not_json")}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.All{fault.New(fault.Invalid, "forms.body.not_json")}
	}
	v := url.Values{}
	var wrong fault.All
	for name, x := range given {
		q := f.byName[name]
		switch {
		case q == nil || !q.Asks():
			wrong = append(wrong, fault.New(fault.Invalid, "forms.answer.unknown_question", "name", Clean(name, false)).On(name))
		case !q.flatten(v, x):
			wrong = append(wrong, fault.New(fault.Invalid, "forms.answer.wrong_kind").On(name))
		}
	}
	a, more := f.FromValues(v, prefix)
	wrong = append(wrong, more...)
	f.sortFaults(wrong)
	return a, wrong
}

// flatten posts one JSON answer the way a page would, and says whether its
// shape can be an answer to the question at all.
func (q *Question) flatten(v url.Values, x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case string:
		v.Add(q.Name, x)
		return true
	case json.Number:
		v.Add(q.Name, plainJSON(x))
		return q.Type == TypeInteger || q.Type == TypeDecimal
	case []any:
		for _, item := range x {
			s, ok := item.(string)
			if !ok {
				return false
			}
			v.Add(q.Name, s)
		}
		return q.Type == TypeMany
	case map[string]any:
		for part, y := range x {
			switch y := y.(type) {
			case string:
				v.Add(q.Name+"."+part, y)
			case json.Number:
				v.Add(q.Name+"."+part, plainJSON(y))
			case nil:
			default:
				return false
			}
			if part != "code" && part != "text" && part != "lat" && part != "lon" {
				return false
			}
		}
		return q.Type == TypePlace || q.Type == TypePoint
	}
	return false
}

// plainJSON writes a JSON number without an exponent: 1e3 is 1000.
func plainJSON(n json.Number) string {
	f, err := n.Float64()
	if err != nil || f > maxWhole || f < -maxWhole {
		return n.String()
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
