package i18n

import (
	"reflect"
	"strings"
	"testing"
)

func TestASentenceIsReadAsTranslatorsWriteIt(t *testing.T) {
	t.Parallel()
	c := load(t, map[Lang]map[string]any{EN: {
		"m.plain":  "I need help",
		"m.name":   "Hello { name }, welcome",
		"m.plural": "{n, plural, =0 {nobody} one {# person} other {# people}} came",
		"m.select": "{who, select, team {the team} a-b {both} other {somebody}} took it",
		"m.nested": "{n, plural, one {# case for {who, select, me {me, #} other {all}}} other {# cases}}",
		"m.quotes": "it''s '{'not a hole'}' and don't '#' {n, plural, other {'#' is # and '{''}'}}",
		"m.hash":   "#1 outside",
		"m.empty":  "{n, plural, =0 {} other {#}}",
	}})
	p := printer(c, EN)
	for _, row := range []struct {
		key  string
		args []any
		want string
	}{
		{"m.plain", nil, "I need help"},
		{"m.name", []any{"name", "Fatima"}, "Hello Fatima, welcome"},
		{"m.plural", []any{"n", 0}, "nobody came"},
		{"m.plural", []any{"n", 1}, "1 person came"},
		{"m.plural", []any{"n", 1250}, "1,250 people came"},
		{"m.select", []any{"who", "team"}, "the team took it"},
		{"m.select", []any{"who", "a-b"}, "both took it"},
		{"m.select", []any{"who", "nobody known"}, "somebody took it"},
		{"m.nested", []any{"n", 1, "who", "me"}, "1 case for me, 1"},
		{"m.nested", []any{"n", 2, "who", "me"}, "2 cases"},
		{"m.quotes", []any{"n", 3}, "it's {not a hole} and don't '#' # is 3 and {'}"},
		{"m.hash", nil, "#1 outside"},
		{"m.empty", []any{"n", 0}, ""},
	} {
		same(t, row.key, p.Text(row.key, row.args...), row.want)
	}
	if missing := c.Missing(); len(missing) != 0 {
		t.Errorf("noted as missing: %q", missing)
	}
}

func TestAMessageThatCannotBeReadSaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ src, want string }{
		{"{", "at character 2: a { needs the name"},
		{"oh }", "at character 4: a } that no { opens"},
		{"{n", "after {n there must be a } or a comma"},
		{"{n!}", "after {n there must be"},
		{"{n, date}", `"date" is neither plural nor select`},
		{"{n, plural}", "a comma is missing"},
		{"{n, plural, one {x}}", `no form "other"`},
		{"{n, plural, other {x}", "never closed"},
		{"{n, plural, other {x", "a { that no } closes"},
		{"{n, plural, some {x} other {y}}", `"some" is no plural form`},
		{"{n, plural, =x {x} other {y}}", `"=x"`},
		{"{n, plural, =01 {x} other {y}}", `"=01" is no number`},
		{"{n, plural, one {x} one {z} other {y}}", `"one" twice`},
		{"{n, plural, one x other {y}}", `the form "one" of {n} has no {`},
		{"{s, select, =1 {x} other {y}}", "no exact form"},
		{"{n, plural, offset:1 other {y}}", `"offset"`},
		{"'{ never ends", "at character 1: an apostrophe opens"},
		{"ⵜⵉⵡⵉⵙⵉ }", "at character 8: a }"},
		{strings.Repeat("{s, select, other {", 8) + strings.Repeat("}}", 8), "within each other"},
		{strings.Repeat("a", maxMessage+1), "longer than"},
	} {
		_, err := parseMessage(row.src)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%.60q: got %v, want …%s…", row.src, err, row.want)
		}
	}
}

// source writes a message back as text: the inverse of parseMessage.
func source(m message, inPlural bool) string {
	var b strings.Builder
	for _, n := range m {
		switch n.kind {
		case literal:
			b.WriteString(quote(n.text, inPlural))
		case count:
			b.WriteString("#")
		case value:
			b.WriteString("{" + n.text + "}")
		default:
			kind := map[nodeKind]string{plural: "plural", choice: "select"}[n.kind]
			b.WriteString("{" + n.text + ", " + kind + ",")
			for _, f := range n.forms {
				b.WriteString(" " + f.name + " {" + source(f.body, inPlural || n.kind == plural) + "}")
			}
			b.WriteString("}")
		}
	}
	return b.String()
}

// quote writes a literal so that its braces stay braces.
func quote(s string, inPlural bool) string {
	var b strings.Builder
	open := false
	for _, c := range []byte(s) {
		special := c == '{' || c == '}' || c == '#' && inPlural
		if special != open && c != '\'' {
			b.WriteByte('\'')
			open = special
		}
		if c == '\'' {
			b.WriteByte('\'')
		}
		b.WriteByte(c)
	}
	if open {
		b.WriteByte('\'')
	}
	return b.String()
}

// Whatever bytes come in, a message that is accepted reads back as itself, and
// what it says never holds a tag that a text or an argument brought along.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		"Hello {name}", "{n, plural, =0 {} one {# case} other {# cases}}", "{s, select, a {x} other {{n, plural, other {#}}}}",
		"l''eau '{'x'}' don't", "طلبك {code} في الطريق", "{n, plural, zero {ⵓⵔ} other {'#'}}", "{", "}", "'{", "{a, plural, other {{a, plural, other {#}}}}",
	} {
		f.Add(seed, "value", int64(3))
	}
	c := base(f)
	f.Fuzz(func(t *testing.T, src, s string, n int64) {
		m, err := parseMessage(src)
		if err != nil {
			return
		}
		again, err := parseMessage(source(m, false))
		if err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("%q reads back differently: %q: %v", src, source(m, false), err)
		}
		names := map[string]any{}
		m.walk(func(node node) {
			switch node.kind {
			case plural:
				names[node.text] = n
			case value, choice:
				if _, ok := names[node.text]; !ok {
					names[node.text] = s
				}
			}
		})
		for _, l := range append(Langs(), QPS) {
			w := printer(c, l).pen(true)
			w.message(m, "fuzz", args{names})
			if out := w.done(); 2*strings.Count(out, "<bdi") != strings.Count(out, "<") {
				t.Fatalf("%q with %q speaks markup: %q", src, s, out)
			}
		}
	})
}

// Whatever a browser sends, a first visit is answered in one of the four.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"", "ar-MA,ar;q=0.9", "shi-Tfng", "*", "fr;q=x,en", "x-klingon, zgh", "en-GB-oed;q=0.1,,;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if l := Match(header); l.index() < 0 {
			t.Fatalf("%q is answered in %q", header, l)
		}
	})
}

// Whatever was stored as a phone, masking hides its end, and neither way of
// showing it lets markup through.
func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"+212661234542", "0661234542", "5300", "+33 6", "06<b>12", "٠٦٦١٢٣٤٥٤٢", "00", "+", "tel 0661234542 (Ali)"} {
		f.Add(seed)
	}
	p := printer(base(f), AR)
	f.Fuzz(func(t *testing.T, number string) {
		digits := len(strings.Map(onlyDigits, number))
		shown := len(strings.Map(onlyDigits, p.Plain(Masked(number))))
		if shown > max(0, digits-6)+1 { // a country code may turn into one 0
			t.Fatalf("%q of %d digits shows %d of them: %q", number, digits, shown, p.Plain(Masked(number)))
		}
		for _, html := range []string{string(p.Phone(number)), string(p.PhoneMasked(number)), string(p.Code(number))} {
			if strings.Count(html, "<") > 2 || strings.Count(html, "<") != strings.Count(html, ">") {
				t.Fatalf("%q brings markup along: %q", number, html)
			}
		}
	})
}
