package ui_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
)

// void elements of HTML have no end tag.
var void = map[string]bool{"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true, "link": true, "meta": true, "source": true, "track": true, "wbr": true}

// illFormed reads a page as a strict reader would: every element closed in its
// turn, ids used once and found when pointed at, one h1, nothing inline that
// the content security policy would refuse.
func illFormed(page string) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	var open []string
	ids, wanted, heads := map[string]bool{}, map[string]string{}, 0
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			say("%v", err)
			return problems
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			if name == "h1" {
				heads++
			}
			if name == "style" {
				say("a style element")
			}
			problems = append(problems, attributes(tok, ids, wanted)...)
			if !void[name] {
				open = append(open, name)
			}
		case xml.EndElement:
			if void[tok.Name.Local] {
				continue // <br/>
			}
			if len(open) == 0 || open[len(open)-1] != tok.Name.Local {
				say("</%s> closes nothing; open are %v", tok.Name.Local, open)
				return problems
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		say("never closed: %v", open)
	}
	if heads != 1 {
		say("%d headings of the first rank", heads)
	}
	for id, by := range wanted {
		if !ids[id] {
			say("%s points at #%s, which is not there", by, id)
		}
	}
	return problems
}

func attributes(tok xml.StartElement, ids map[string]bool, wanted map[string]string) (problems []string) {
	src := false
	for _, a := range tok.Attr {
		name := strings.ToLower(a.Name.Local)
		src = src || name == "src"
		switch {
		case name == "style", strings.HasPrefix(name, "on"):
			problems = append(problems, fmt.Sprintf("<%s> has an inline %s", tok.Name.Local, name))
		case name == "id" && ids[a.Value]:
			problems = append(problems, "twice the id "+a.Value)
		case name == "id":
			ids[a.Value] = true
		case name == "aria-describedby", name == "aria-labelledby", name == "for":
			for id := range strings.FieldsSeq(a.Value) {
				wanted[id] = name
			}
		case name == "href" && strings.HasPrefix(a.Value, "#"):
			wanted[a.Value[1:]] = name
		case (name == "href" || name == "src" || name == "action") && strings.Contains(a.Value, "//"):
			problems = append(problems, "an outside host: "+a.Value)
		case strings.Contains(a.Value, "ZgotmplZ"):
			problems = append(problems, name+" was refused by the template's escaping")
		}
	}
	if tok.Name.Local == "script" && !src {
		problems = append(problems, "an inline script")
	}
	return problems
}

func TestAnIllFormedPageIsFoundOut(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`<h1>a</h1><p><b>x</p></b>`:                            "closes nothing",
		`<h1>a</h1><div>`:                                      "never closed",
		`<h1 style="x">a</h1>`:                                 "inline style",
		`<h1 onclick="x">a</h1>`:                               "inline onclick",
		`<h1>a</h1><script>x</script>`:                         "inline script",
		`<h1 id="a">a</h1><p id="a"></p>`:                      "twice the id",
		`<h1>a</h1><a href="#b">b</a>`:                         "which is not there",
		`<h1>a</h1><h1>b</h1>`:                                 "2 headings",
		`<h1>a</h1><a href="https://elsewhere.example/">b</a>`: "outside host",
	} {
		if got := strings.Join(illFormed(body), "; "); !strings.Contains(got, want) {
			t.Errorf("%s: want %q, got %q", body, want, got)
		}
	}
	if got := illFormed(`<h1>a<br></h1><svg><path d="M0"/></svg><input name="x" hidden>`); len(got) > 0 {
		t.Errorf("a good page is called bad: %v", got)
	}
}

var (
	declaration = regexp.MustCompile(`[{;]\s*([a-z-]+)\s*:([^;{}]*)`)
	physical    = regexp.MustCompile(`^(left|right|top|bottom|width|height|(min|max)-(width|height)|float|clear|(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right|top|bottom)(-.*)?|border-(top|bottom)-(left|right)-radius)$`)
	sided       = regexp.MustCompile(`\b(left|right)\b`)
)

func TestTheStyleSheetsKnowNoLeftAndRight(t *testing.T) {
	t.Parallel()
	lint := func(css string) (wrong []string) {
		css = regexp.MustCompile(`(?s)/\*.*?\*/|url\("data:[^"]*"\)`).ReplaceAllString(css, "")
		for _, m := range declaration.FindAllStringSubmatch(css, -1) {
			if physical.MatchString(m[1]) || sided.MatchString(m[2]) || m[1] == "direction" && !strings.Contains(m[2], "ltr") {
				wrong = append(wrong, strings.TrimSpace(m[1]+":"+m[2]))
			}
		}
		return wrong
	}
	for _, bad := range []string{"a{margin-left:1px}", "a{color:red;text-align:right}", "a{float:left}", "a{width:3px}", "a{border-top-left-radius:1px}", "a{padding:0}b{left:0}"} {
		if len(lint(bad)) == 0 {
			t.Fatalf("the lint does not see %s", bad)
		}
	}
	for _, name := range []string{"twiza.css", "staff.css", "round.css", "triage.css"} {
		css, err := os.ReadFile(filepath.Join("assets", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range lint(string(css)) {
			t.Errorf("%s: %s", name, w)
		}
	}
}

func TestTheStyleSheetsNameNoOutsideHost(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"twiza.css", "staff.css", "round.css", "triage.css", "triage.js", "twiza.js", "age.js", "round-words.js", "round-store.js", "round-send.js", "round-page.js", "round-form.js", "round-home.js", "round-stops.js", "round-phone.js", "alike.js", "log-verify.js", "log.js"} {
		body, err := os.ReadFile(filepath.Join("assets", name))
		if err != nil {
			t.Fatal(err)
		}
		if s := strings.ReplaceAll(string(body), "http://www.w3.org/2000/svg", ""); regexp.MustCompile(`https?://`).MatchString(s) {
			t.Errorf("%s names an outside host", name)
		}
	}
}

// Every class that a partial uses is one the style sheets know, or a hook of the script.
func TestEveryClassOfThePartialsHasAStyle(t *testing.T) {
	t.Parallel()
	var css string
	for _, name := range []string{"assets/twiza.css", "assets/staff.css"} {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		css += string(body)
	}
	p := printer(catalogue(t), i18n.AR)
	set := pages(t, p)
	seen := map[string]bool{}
	for page := range kinds {
		for _, m := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(render(t, set, page, filled(p, page)), -1) {
			for c := range strings.FieldsSeq(m[1]) {
				seen[c] = true
			}
		}
	}
	if len(seen) < 60 {
		t.Fatalf("only %d classes seen", len(seen))
	}
	for c := range seen {
		if !regexp.MustCompile(`\.` + regexp.QuoteMeta(c) + `\b`).MatchString(css) {
			t.Errorf("class %q has no style", c)
		}
	}
}

func TestEverythingBorrowedHasItsLicence(t *testing.T) {
	t.Parallel()
	for file, word := range map[string]string{
		"licences/phosphor-icons.txt":       "MIT License",
		"licences/ibm-plex-sans-arabic.txt": "SIL Open Font License",
		"licences/ibm-plex-sans.txt":        "SIL Open Font License",
		"licences/noto-sans-tifinagh.txt":   "SIL Open Font License",
		"licences/age-encryption.txt":       "The age Authors",
		"licences/noble.txt":                "The MIT License",
	} {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), word) {
			t.Errorf("%s does not say %q", file, word)
		}
		notice, err := os.ReadFile("NOTICE.md")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(notice), file) {
			t.Errorf("NOTICE.md does not name %s", file)
		}
	}
}

func TestEveryPictogramIsASquareOfPaths(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("icons/*.svg")
	if err != nil || len(files) < 90 {
		t.Fatalf("%d pictograms, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".svg")
		drawn := string(ui.Icon(name))
		if !strings.HasPrefix(drawn, `<svg class="i" viewBox="0 0 256 256" aria-hidden="true"><path d="`) || !strings.HasSuffix(drawn, `</svg>`) || strings.Count(drawn, "<svg") != 1 {
			t.Errorf("%s is drawn as %.120s", name, drawn)
		}
	}
}
