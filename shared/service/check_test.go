package service

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// plant is a mistake put into a good file, and what is told of it.
type plant struct {
	name     string
	old, new string // replaced once; new "" takes old away
	at       string // text of the line that must be named; "" is where new begins
	want     string
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../packs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// planted checks that each mistake is told, with the file and the line it is on.
func planted(t *testing.T, file string, others map[string]string, all []plant) {
	t.Helper()
	good := read(t, file)
	for _, p := range all {
		if !strings.Contains(good, p.old) {
			t.Fatalf("%s: the file has no %q", p.name, p.old)
		}
		bad := strings.Replace(good, p.old, p.new, 1)
		at := p.at
		if at == "" {
			at = strings.TrimLeft(p.new, "\n ")
		}
		before, _, found := strings.Cut(bad, at)
		if !found {
			t.Fatalf("%s: no %q in what was planted", p.name, at)
		}
		line := strings.Count(before, "\n") + 1
		pack := fstest.MapFS{file: {Data: []byte(bad)}}
		for name, body := range others {
			pack[name] = &fstest.MapFile{Data: []byte(body)}
		}
		r, err := CheckFS(pack, ".")
		if err != nil {
			t.Fatal(err)
		}
		told := false
		for _, f := range r.Findings {
			told = told || f.File == file && f.Line == line && strings.Contains(f.Text, p.want)
		}
		if !told {
			t.Errorf("%s: nobody told %s:%d: …%s…; told was\n%v", p.name, file, line, p.want, Findings(r.Findings))
		}
		if _, err := Load(pack, "."); err == nil {
			t.Errorf("%s: the pack was loaded all the same", p.name)
		}
	}
}

func TestTheLintTellsEveryMistakeOfAServiceWithItsLine(t *testing.T) {
	t.Parallel()
	planted(t, "services/crisis_help.yaml", map[string]string{"services/road_report.yaml": read(t, "services/road_report.yaml")}, []plant{
		{"an unknown field", "domain: relief", "domian: relief", "", `unknown field "domian"`},
		{"an unknown field further in", "    - code: water\n      level: 2", "    - code: water\n      levle: 2", "levle", `unknown field "levle"`},
		{"a name twice", "icon: hand-heart", "icon: hand-heart\nicon: house", "icon: house", `"icon" is there twice`},
		{"not YAML", "version: 4", "version: [1", "code: crisis_help", "not YAML, here or on the next line"},
		{"an anchor", "domain: relief", "domain: &x relief", "", "anchors"},
		{"a tag", "version: 4", "version: !!str 1", "", "tag"},
		{"no kind", "kind: service\n", "", "# Asking", "kind: service or kind: crisis is missing"},
		{"a code that is not the file's", "code: crisis_help", "code: help_me", "", "is called help_me.yaml"},
		{"a version that is no number", "version: 4", "version: one", "", "not a whole number"},
		{"a day that is none", "effective_from: 2026-11-21", "effective_from: 2026-02-30", "", "is not a day"},
		{"an unknown colour", "colour: brick", "colour: pink", "", `"pink" is none of`},
		{"a digit past nine", "digit: 1\n", "digit: 12\n", "digit: 12", "not a whole number from 1 to 9"},
		{"no legal basis in French", "  fr: \"Constitution de 2011, ", "  xx: \"Constitution de 2011, ", "", `"xx" is none of the languages`},
		{"a text not in English", "    en: \"I need help\"\n", "", "ar: \"أحتاج مساعدة\"", "text.name is not written in en"},
		{"a needed text is missing", "  purpose:", "  why:", "texts:\n  name", "texts: purpose is not written"},
		{"an empty text", `en: "I need help"`, `en: " "`, "", "the text in en is empty"},
		{"a text with an open brace", `en: "I need help"`, `en: "I need {help"`, "ar: \"أحتاج مساعدة\"", "cannot be read"},
		{"a label not in French", ",Pour qui ?,", ",,", "begin_group,for_whom", "step.for_whom is not written in fr"},
		{"a step whose address is taken", "begin_group,for_whom", "begin_group,helper", "begin_group,helper", `the step "helper" cannot be opened`},
		{"another one", "begin_group,for_whom", "begin_group,shared", "begin_group,shared", `the step "shared" cannot be opened`},
		{"an unknown column", "type,name,required,constraint,", "type,name,required,constraints,", "", `unknown column "constraints"`},
		{"an expression that is none", ". >= 1 and . <= 20000", ". >= 1 and . <=", "integer,people", "constraint: column 16: the expression ends"},
		{"an expression about nothing", "${secret} = ''", "${word} = ''", "phone,phone,", `required: column 1: no question is called "word"`},
		{"a list that is not there", "select_multiple weak,fragile", "select_multiple feeble,fragile", "", `no list "feeble"`},
		{"a digit of a list twice", "weak,pregnant,2", "weak,pregnant,1", "", `the digit 1 already means "infant"`},
		{"a question of what is never asked", "select_one spoken,spoken", "select_one spoken,religion", "", "religion is never asked for aid"},
		{"a choice of what is never asked", "needs,other,9", "needs,political_party,9", "", "political is never asked for aid"},
		{"a question with a name of rules", "text,name,", "text,answers,", "", "means something else in rules"},
		{"five required answers", "select_multiple weak,fragile,", "select_multiple weak,fragile,yes", "survey: |", "5 answers can be required"},
		{"an unknown part", "  spoken: spoken\n", "  tongue: spoken\n", "", `unknown part "tongue"`},
		{"a part without its question", "  place: where", "  place: there", "", `bind: no question is called "there"`},
		{"a part of another kind", "  people: people", "  people: words", "", "words is a text, and people takes integer"},
		{"a phone that is not private", "private: [words, phone, family_phone, secret, name]", "private: [words, family_phone, secret, name]", "  phone: phone", "phone names a person"},
		{"a private question nobody asks", "private: [words,", "private: [wards,", "", `private: no question is called "wards"`},
		{"an unknown trait", "  spoken: [language]", "  spoken: [accent]", "", `"accent" is none of`},
		{"a forbidden trait", "  spoken: [language]", "  spoken: [origin]", "", "origin is never asked"},
		{"a trait of nothing", "  spoken: [language]", "  speaks: [language]", "", `attributes: no question is called "speaks"`},
		{"a level past four", "    - code: water\n      level: 2", "    - code: water\n      level: 7", "level: 7", "from 1 to 4"},
		{"a rule twice", "    - code: water\n", "    - code: medicine\n", "- code: medicine\n      level: 2\n      when: \"'water'", "has a code of its own"},
		{"a rule without reason in words", "        en: \"No drinking water\"\n", "", "ar: \"لا ماء", "reason.water is not written in en"},
		{"a rule that is no CEL", `when: "'water' in need"`, `when: "'water' in"`, "", "rule water: column 11: Syntax error"},
		{"a rule about nothing", `when: "'water' in need"`, `when: "'water' in needs"`, "", "undeclared reference to 'needs'"},
		{"a rule about no choice", `when: "'water' in need"`, `when: "'waiter' in need"`, "", `"waiter" is not a choice of need`},
		{"a rule by origin", `when: "'water' in need"`, `when: "words.contains('tribe')"`, "", "it speaks of tribe"},
		{"a rule named by origin", "    - code: water\n", "    - code: same_tribe\n", "when: \"'water'", "its name speaks of tribe"},
		{"a rule against a trait", `when: "'water' in need"`, `when: "!('elderly' in fragile)"`, "", "fragile (age, disability, pregnancy, health, family) must speak for a person"},
		{"a rule that lowers by a trait", "  default: 4", "  default: 1", "when: \"sets.intersects(fragile,", "makes a case less urgent and leans on fragile"},
		{"a rule by the language spoken", `when: "'water' in need"`, `when: "spoken != 'fr'"`, "", "spoken (language) must speak for a person"},
		{"a reason told with a private answer", "args: [people]", "args: [people, words]", "", "words is private"},
		{"a reason with a hole nothing fills", `fr: "Beaucoup de personnes : {people}"`, `fr: "Beaucoup de personnes : {monde}"`, "ar: \"عدد", "{monde}, which nothing fills"},
		{"a first rule that is not of level 1", "    - code: trapped\n      level: 1", "    - code: trapped\n      level: 2", "- code: trapped\n", "comes first and is not of level 1"},
		{"a reason that tells of a child alone", "      restricted: true\n", "", "when: \"'child_alone' in fragile", "tells of child_alone"},
		{"an unknown phase", "    phase: moving", "    phase: driving", "", "is none of open, owned"},
		{"a state twice", "  - code: taken\n", "  - code: confirmed\n", "- code: confirmed\n    phase: owned", "two states are called"},
		{"a state nothing leads to", "{deed: depart, from: [assigned], to: en_route}", "{deed: depart, from: [en_route], to: en_route}", "- code: en_route\n    phase", "no move leads to the state en_route"},
		{"an unknown deed", "{deed: claim,", "{deed: seize,", "", `unknown deed "seize"`},
		{"an unknown state", "to: taken}", "to: token}", "", `unknown state "token"`},
		{"a move from nowhere known", "from: [taken, assigned], to: reopened}", "from: [token, assigned], to: reopened}", "", `unknown state "token"`},
		{"a claim that does not own", "confirmed, reopened], to: taken}", "confirmed, reopened], to: confirmed}", "{deed: claim", "claim must lead to a state whose phase is owned"},
		{"two ways by one deed", "{deed: unmerge, from: [duplicate], to: received}", "{deed: claim, from: [received], to: assigned}", "", `claim leads from "received" to two states`},
		{"an unknown role", "  claim: [coordinator]", "  claim: [mayor]", "", `unknown role "mayor"`},
		{"nobody named for a deed", "  claim: [coordinator]\n", "", "who:", "nobody is named for claim"},
		{"an unknown deed of somebody", "  claim: [coordinator]", "  claim: [coordinator]\n  seize: [leader]", "seize", `unknown deed "seize"`},
		{"no reason to refuse with", "  refuse:\n    - code: out", "  other:\n    - code: out", "reasons:\n", "reasons: none may be given with refuse"},
		{"a time that is none", "3: 24h, 4: 72h, source: proposed}", "3: soon, 4: 72h, source: proposed}", "first_contact: {", `"soon" is not a time`},
		{"a level without time", "{1: 15m, 2: 1h, ", "{1: 15m, ", "first_contact: {", "is not set for level 2"},
		{"the urgent wait longer", "{1: 15m, 2: 1h,", "{1: 15h, 2: 1h,", "first_contact: {", "longer for level 1 than for level 2"},
		{"a time without source", "4: 72h, source: proposed}", "4: 72h}", "first_contact: {", "needs a source"},
		{"a delay nobody knows", "  lease: {", "  rent: {", "", `unknown delay "rent"`},
		{"a delay that is missing", "  lease: {1: 30m, 2: 2h, 3: 12h, 4: 24h, source: house}\n", "", "delays:", "delays: lease is not set"},
		{"a good in no unit", "    unit: bottle", "    unit: barrel", "", `counted in "barrel"`},
		{"a good that is not weighed", "    kg: 5.2\n", "", "- code: water_5l", "water_5l says no kg, and others are weighed"},
		{"a weight that is none", "    kg: 5.2\n", "    kg: heavy\n", "", `has "heavy" kg`},
		{"a weight of nothing", "    kg: 5.2\n", "    kg: 0\n", "kg: 0\n", "a number from 0.001 to 1000"},
		{"a size finer than a millilitre", "    litres: 250\n", "    litres: 0.0005\n", "", "a number from 0.001 to 1000"},
		{"a restricted complaint for nobody", "    - code: violence\n      clock: 4h", "    - code: fight\n      clock: 4h", "- code: violence\n    restricted", "is restricted and no kind of concern"},
		{"a concern of no kind", "    - code: child_alone\n      when:", "    - code: child_lost\n      when:", "", `"child_lost" is no kind of concern`},
		{"a concern by no rule", `when: "'child_alone' in fragile"` + "\n  #", `when: "'child_alone' in weak"` + "\n  #", "when: \"'child_alone' in weak", "undeclared reference to 'weak'"},
		{"a hidden choice that is none", "    fragile: [child_alone]", "    fragile: [child]", "", `"child" is not a choice of fragile`},
		{"a message of no state", "  en_route:\n    ar:", "  driving:\n    ar:", "ar: \"المساعدة في الطريق إليك.", `"driving" is no state`},
		{"a state told by no message", "  en_route:\n    ar:", "  driving:\n    ar:", "messages:", "en_route is told by a message, and has none"},
		{"a message with a hole nothing fills", "Help is on its way.\\n{receipt}", "Help is on its way.\\n{recipe}", "ar: \"المساعدة في الطريق إليك.", "{recipe}, which nothing fills"},
		{"kept for no time", "retention: {days: 365", "retention: {days: 0", "", "not a whole number from 1"},
		{"kept by nobody's word", "source: law_09_08}", "source: nobody}", "retention:", "retention: 365 days needs a source"},
		{"a vital text that is not there", "vital: [choice.needs.rescue,", "vital: [choice.needs.reskue,", "", "there is no text"},
		{"a language nobody writes", "draft_languages: [zgh]", "draft_languages: [es]", "", `"es" is none of`},
	})
}

func TestOneDigitMeansOneService(t *testing.T) {
	t.Parallel()
	planted(t, "services/road_report.yaml", map[string]string{"services/crisis_help.yaml": read(t, "services/crisis_help.yaml")}, []plant{
		{"another's digit", "digit: 2\n", "digit: 1\n", "digit: 1\n", "the digit 1 is that of services/crisis_help.yaml too"},
		{"a protected trait that lowers", "passes == 'cars' && stuck != 'yes'", "passes == 'cars' && religion != 'x'", "", "undeclared reference to 'religion'"},
	})
}

func TestHelpForSomebodyInDangerNeverWaitsForAVerification(t *testing.T) {
	t.Parallel()
	body := read(t, "services/crisis_help.yaml")
	for _, r := range [][2]string{
		{"{deed: claim, from: [received, confirmed, reopened],", "{deed: claim, from: [confirmed],"},
		{"{deed: assign, from: [received, confirmed, reopened, taken, assigned],", "{deed: assign, from: [confirmed, taken],"},
	} {
		if _, err := Parse("crisis_help.yaml", []byte(body)); err != nil {
			t.Fatal("one way without verification is enough:", err)
		}
		body = strings.Replace(body, r[0], r[1], 1)
	}
	before, _, _ := strings.Cut(body, "  default: 4")
	line := strings.Count(before, "\n") + 1
	_, err := Parse("crisis_help.yaml", []byte(body))
	for _, phase := range []string{"owned", "moving", "waiting"} {
		want := fmt.Sprintf("crisis_help.yaml:%d: a rule of level 1 waits for a verification: no state whose phase is %s", line, phase)
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("nobody told %s:\n%v", want, err)
		}
	}
}

func TestTheLintTellsWhatOnlyAllFilesTogetherCan(t *testing.T) {
	t.Parallel()
	quake, country := read(t, "crises/earthquake.yaml"), read(t, "ma/country.yaml")
	pack := fstest.MapFS{
		"services/crisis_help.yaml": {Data: []byte(read(t, "services/crisis_help.yaml"))},
		"other/crisis_help.yaml":    {Data: []byte(read(t, "services/crisis_help.yaml"))},
		"crises/earthquake.yaml":    {Data: []byte(strings.Replace(quake, "numbers: [rescue,", "numbers: [astrologer,", 1))},
		"crises/notes.yaml":         {Data: []byte("a: 1\n")},
		"ma/country.yaml":           {Data: []byte(country)},
		"demo/anything.yaml":        {Data: []byte("kind of: [broken\n")},
	}
	r, err := CheckFS(pack, ".")
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint(Findings(r.Findings))
	for _, want := range []string{
		`services/crisis_help.yaml:5: the code "crisis_help" is that of other/crisis_help.yaml too`,
		`services/crisis_help.yaml:11: the digit 1 is that of other/crisis_help.yaml too`,
		`there is no service "road_report"`,
		`no emergency number of a country serves "astrologer"`,
		`crises/notes.yaml:1: kind: service or kind: crisis is missing`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("nobody told %s:\n%s", want, told)
		}
	}
	if len(r.Findings) != 5 {
		t.Errorf("told %d mistakes:\n%s", len(r.Findings), told)
	}
}

func TestTheLintTellsEveryMistakeOfACrisisWithItsLine(t *testing.T) {
	t.Parallel()
	planted(t, "crises/earthquake.yaml", map[string]string{"services/crisis_help.yaml": read(t, "services/crisis_help.yaml"),
		"services/road_report.yaml": read(t, "services/road_report.yaml"), "ma/country.yaml": read(t, "ma/country.yaml")}, []plant{
		{"an unknown field", "hazard: earthquake", "danger: earthquake", "", `unknown field "danger"`},
		{"a service nobody wrote", "services: [crisis_help, road_report]", "services: [crisis_help, roads]", "", `there is no service "roads"`},
		{"delays of a service nobody wrote", "delays:\n  crisis_help:", "delays:\n  helping:", "    first_contact", `there is no service "helping"`},
		{"a number nobody answers", "gendarmerie, police]", "gendarmerie, army]", "numbers:", `serves "army"`},
		{"advice not in Arabic", "  - ar: \"ابق في", "  - es: \"ابق في", "", `"es" is none of the languages`},
		{"too little advice", "advice:\n  - ar:", "advice:\n  - ar: \"a\"\n    zgh: \"ⴰ\"\n    fr: \"a\"\n    en: \"a\"\nnotes:\n  - ar:", "advice:", "3 lines of what to do"},
		{"a text that is missing", "  what:\n", "  why:\n", "texts:", "texts: what is not written"},
		{"a time without source", "4: 48h, source: cell}", "4: 48h, source: none}", "first_contact: {", "needs a source"},
	})
}

func FuzzServiceFile(f *testing.F) {
	f.Add([]byte(read(f, "services/road_report.yaml")))
	f.Add([]byte(read(f, "crises/flood.yaml")))
	f.Add([]byte("kind: service\ncode: x\nstates: [{code: a, phase: open}]\nmoves: [{deed: receive, to: a}]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, name := range []string{"services/x.yaml", "crises/x.yaml"} {
			r, err := CheckFS(fstest.MapFS{name: {Data: body}}, ".")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range r.Findings {
				if x.Line < 1 || x.Text == "" || x.File != name {
					t.Fatalf("%+v", x)
				}
			}
			if len(r.Findings) == 0 {
				for _, d := range r.set.All() {
					if again, err := Parse(d.Code+".yaml", d.Canonical()); err != nil || again.Hash() != d.Hash() {
						t.Fatalf("the canonical form is another: %v", err)
					}
				}
			}
		}
	})
}
