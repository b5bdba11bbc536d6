package watch

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

func TestAnAuditorReadsTheJournalBackwardsPageByPage(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		for n := range pageLines + 10 {
			x.tell(actor.Actor{}, fmt.Sprintf("test.thing/%d", n), map[string]any{"n": n})
		}
		by := as(actor.Auditor, "")
		srv := x.edge(&by)
		status, body := x.answer(http.Get(srv.URL + "/fr/journal"))
		if status != 200 || strings.Count(body, "test.thing.do") != pageLines || !strings.Contains(body, "n=59<") || strings.Contains(body, "n=9<") {
			t.Errorf("the first page: %d with %d lines", status, strings.Count(body, "test.thing.do"))
		}
		next := regexp.MustCompile(`href="(/fr/journal\?[^"]*before=\d+[^"]*)"`).FindStringSubmatch(body)
		if next == nil {
			t.Fatal("no way to the next page")
		}
		_, body = x.answer(http.Get(srv.URL + strings.ReplaceAll(next[1], "&amp;", "&")))
		if strings.Count(body, "test.thing.do") != 10 || !strings.Contains(body, "n=9<") || !strings.Contains(body, "A reconnu") {
			t.Errorf("the second page holds %d", strings.Count(body, "test.thing.do"))
		}
		coordinator := actor.Actor{Account: by.Account, Grants: []actor.Grant{{Role: actor.Coordinator, Org: x.org, Recognised: true}}}
		x.must(x.h.Do(t.Context(), coordinator, deed.Deed{Name: "test.other.do", Roles: []actor.Role{actor.Coordinator}}, func(t *deed.Tx) error {
			if err := t.AllowAny(); err != nil {
				return err
			}
			return t.Tell("test.other/1", struct{}{})
		}))
		if _, body = x.answer(http.Get(srv.URL + "/ar/journal")); !strings.Contains(body, "جمعية الفانوس") || !strings.Contains(body, "تنسيق الجمعية") {
			t.Error("a line does not say in whose name it was done, in the reader's language")
		}
		_, body = x.answer(http.Get(srv.URL + "/fr/journal?deed=people.organisation.recognise"))
		if !strings.Contains(body, "A reconnu l’organisation") || !strings.Contains(body, "Pièces vérifiées") || strings.Contains(body, "n=59") || !strings.Contains(body, "Twiza, d’elle-même") {
			t.Errorf("filtered: %s", body)
		}
	})
}

func TestOnlyWhoReadsForTheWholeCountryReadsTheJournal(t *testing.T) {
	x := open(t, model.SQLite(t))
	for _, role := range actor.Roles {
		for _, territory := range []string{"", "A1"} {
			by := as(role, territory)
			srv := x.edge(&by)
			reads := territory == "" && (role == actor.Auditor || role == actor.CrisisCell)
			for _, path := range []string{"/fr/journal", "/fr/journal/integrity", "/fr/journal/path/people.organisation/" + x.org.String()} {
				status, _ := x.answer(http.Get(srv.URL + path))
				if want := map[bool]int{true: 200, false: 403}[reads]; status != want {
					t.Errorf("%s %q at %s: %d", role, territory, path, status)
				}
			}
			status, _ := x.answer(http.PostForm(srv.URL+"/fr/journal/file", nil))
			if want := map[bool]int{true: 200, false: 403}[reads && role == actor.Auditor]; status != want {
				t.Errorf("%s %q takes a file: %d", role, territory, status)
			}
		}
	}
	nobody := actor.Actor{}
	if status, _ := x.answer(http.Get(x.edge(&nobody).URL + "/fr/journal")); status != 401 {
		t.Errorf("a passer-by: %d", status)
	}
}

func TestThePathOfAThingIsPrintedInTheReadersLanguage(t *testing.T) {
	x := open(t, model.SQLite(t))
	by := as(actor.CrisisCell, "")
	srv := x.edge(&by)
	for lang, want := range map[string]string{"fr": "A inscrit l’organisation", "ar": "سجّل المنظمة", "en": "Registered the organisation"} {
		status, body := x.answer(http.Get(srv.URL + "/" + lang + "/journal/path/people.organisation/" + x.org.String()))
		if status != 200 || !strings.Contains(body, want) || !strings.Contains(body, `class="sheet"`) {
			t.Errorf("%s: %d", lang, status)
		}
	}
	if status, _ := x.answer(http.Get(srv.URL + "/fr/journal/path/people.organisation/0190")); status != 404 {
		t.Errorf("the path of nothing: %d", status)
	}
}

func TestRestrictedLinesAreForAuditorsAndInNoFile(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.Restricted = func(subject string) bool { return strings.HasPrefix(subject, "test.concern/") }
		x.tell(actor.Actor{}, "test.concern/1", map[string]string{"step": "opened"})
		by := as(actor.CrisisCell, "")
		srv := x.edge(&by)
		for _, path := range []string{"/fr/journal", "/fr/journal/path/test.concern/1"} {
			if _, body := x.answer(http.Get(srv.URL + path)); strings.Contains(body, "step=opened") {
				t.Errorf("the crisis cell reads it at %s", path)
			}
		}
		by = as(actor.Auditor, "")
		for _, path := range []string{"/fr/journal", "/fr/journal/path/test.concern/1"} {
			if _, body := x.answer(http.Get(srv.URL + path)); !strings.Contains(body, "step=opened") {
				t.Errorf("the auditor does not read it at %s", path)
			}
		}
		body, err := x.File(t.Context(), by, 0, "")
		x.must(err)
		if strings.Contains(string(body), "concern") {
			t.Error("it stands in a file")
		}
	})
}

func TestAVerificationSaysWhatItFoundAndIsALineItself(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		by := as(actor.Auditor, "")
		srv := x.edge(&by)
		press := func() string {
			if status, _ := x.answer(http.PostForm(srv.URL+"/fr/journal/integrity", nil)); status != 200 { // after the redirect
				t.Fatalf("verified with %d", status)
			}
			_, body := x.answer(http.Get(srv.URL + "/fr/journal/integrity"))
			return body
		}
		if _, body := x.answer(http.Get(srv.URL + "/fr/journal/integrity")); !strings.Contains(body, "Personne n’a encore vérifié") {
			t.Error("a fresh house says that somebody verified")
		}
		x.must(x.h.Seal(t.Context()))
		var head []byte
		x.must(x.h.DB.Read(t.Context(), func(t *db.Tx) error {
			c, err := sealing(t)
			if c.Sealed != 2 || c.Waiting != 0 {
				x.t.Errorf("the chain reads %+v", c)
			}
			head = c.Head
			return err
		}))
		body := press()
		if !strings.Contains(body, "Rien n’a été modifié") || !strings.Contains(body, strings.Join(groups(head), " ")) {
			t.Error("a sound chain is not said to be sound")
		}
		x.must(x.h.DB.Read(t.Context(), func(t *db.Tx) error {
			last, err := deed.Lines(t, 0, "watch.journal.verify", 1)
			if err != nil || len(last) != 1 || last[0].Account != by.Account || last[0].Role != "auditor" {
				x.t.Fatalf("journalled as %+v, %v", last, err)
			}
			var told verified
			if err := json.Unmarshal(last[0].Told, &told); err != nil || !told.Sound || told.Sealed != 2 || len(told.Head) != 64 {
				x.t.Errorf("told %s", last[0].Told)
			}
			return nil
		}))
		x.alter(dsn)
		if body := press(); !strings.Contains(body, "La chaîne est rompue") || !strings.Contains(body, "1</bdi> ligne reste") {
			t.Errorf("an altered line is not noticed: %s", body)
		}
	})
}

// alter does what nobody can do from inside: it takes the guard away and
// changes the second line.
func (x *house) alter(dsn string) {
	x.t.Helper()
	x.must(x.h.DB.Write(x.t.Context(), func(t *db.Tx) error {
		guard := `DROP TRIGGER deed_record_stays`
		if t.Postgres() {
			guard += ` ON deed_record`
		}
		for _, q := range []string{guard, `UPDATE deed_record SET told = '{}' WHERE seq = 2`} {
			if _, err := t.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestVerifyingAgainAndAgainIsSlowedDown(t *testing.T) {
	x := open(t, model.SQLite(t))
	by := as(actor.Auditor, "")
	srv := x.edge(&by)
	last := 0
	for range verifyTimes + 1 {
		last, _ = x.answer(http.PostForm(srv.URL+"/fr/journal/integrity", nil))
	}
	if last != 429 {
		t.Errorf("the seventh in a row: %d", last)
	}
}

func TestAFileOfLinesIsItselfALineAndRunsNothing(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.tell(actor.Actor{Channel: "=cmd|' /C calc'!A1"}, "@SUM(A1)/1", map[string]string{"x": "y"})
		by := as(actor.Auditor, "")
		r, err := http.PostForm(x.edge(&by).URL+"/fr/journal/file", url.Values{"deed": {"made.up"}})
		x.must(err)
		if got := r.Header.Get("Content-Disposition"); !strings.Contains(got, "twiza-journal-20261121-080000.csv") {
			t.Errorf("called %s", got)
		}
		status, body := x.answer(r, nil)
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if status != 200 || err != nil || len(rows) != 4 {
			t.Fatalf("%d, %d rows, %v", status, len(rows), err)
		}
		if rows[1][3] != "'@SUM(A1)/1" || rows[1][7] != "'=cmd|' /C calc'!A1" || rows[1][8] != `{"x":"y"}` || rows[3][2] != "people.organisation.register" {
			t.Errorf("rows %q", rows)
		}
		x.must(x.h.DB.Read(t.Context(), func(t *db.Tx) error {
			last, err := deed.Lines(t, 0, "watch.journal.export", 1)
			if len(last) != 1 || string(last[0].Told) != `{"lines":3,"first":1,"last":3}` {
				x.t.Errorf("journalled as %+v", last)
			}
			return err
		}))
	})
}

func FuzzNoCellIsAFormula(f *testing.F) {
	for _, s := range []string{"=1+1", "\t=1", "＝1", "-2", "plain", "", "\r\n@x", "'=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := cell(s)
		if strings.TrimPrefix(got, "'") != strings.TrimPrefix(s, "'") {
			t.Fatalf("%q became %q", s, got)
		}
		if first := []rune(got + " ")[0]; strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
			t.Fatalf("%q can run", got)
		}
	})
}

// sayer puts the facts of the test's lines into words, all but one.
func sayer(c *web.Ctx, _ *db.Tx, _ deed.Record, all []module.Fact) error {
	for i, f := range all {
		switch f.Name {
		case "stars":
			all[i].Words = c.P.T("people.kind.association")
		case "case":
			all[i].Words, all[i].Href = "<b>Request</b>", "/cases/"+f.Value
		case "lost":
			all[i].Words, all[i].Silent = "Nothing", true
		}
	}
	return nil
}

func TestALineIsToldInTheReadersWordsAndWhatIsUnknownAsItsCode(t *testing.T) {
	x := open(t, model.SQLite(t))
	x.Say = func(word string) module.Say {
		if word == thing.Name {
			return sayer
		}
		return nil
	}
	var opens bool
	x.Opens = func(_ actor.Actor, path string) bool { return opens && strings.HasPrefix(path, "/cases/") }
	x.tell(actor.Actor{}, "test.thing/1", map[string]any{"stars": 5, "case": "0190b3a0-0000-7000-8000-0000deadbeef", "lost": 0, "unheard": "<i>&of", "org": x.org, "role": "x"})
	by := as(actor.Auditor, "")
	srv := x.edge(&by)
	for lang, thing := range map[string]string{"fr": "Organisation", "ar": "منظمة", "en": "Organisation", "zgh": "ⵜⴰⵎⵙⵎⵓⵏⵜ"} {
		if _, body := x.answer(http.Get(srv.URL + "/" + lang + "/journal")); !strings.Contains(body, `">`+thing+` <bdi class="num">`) || !strings.Contains(body, "<bdi>test.thing</bdi>") {
			t.Errorf("%s: what was done to is no %s, or a kind that has no word is gone", lang, thing)
		}
	}
	for lang, word := range map[string]string{"fr": "Association", "en": "Association", "ar": "جمعية", "zgh": x.word("zgh", "people.kind.association")} {
		for _, path := range []string{"/journal", "/journal/path/test.thing/1"} {
			opens = true
			_, body := x.answer(http.Get(srv.URL + "/" + lang + path))
			for _, want := range []string{`<span class="tag">` + word + `</span>`, `<a href="/` + lang + `/cases/0190b3a0-0000-7000-8000-0000deadbeef"><b>Request</b></a>`, "unheard=&lt;i&gt;&amp;of<", "role=x<"} {
				if !strings.Contains(body, want) {
					t.Errorf("%s%s does not say %s", lang, path, want)
				}
			}
			for _, never := range []string{"stars=", "case=", "lost=", "Nothing", "org=", "<i>"} {
				if strings.Contains(body, never) {
					t.Errorf("%s%s says %s", lang, path, never)
				}
			}
			opens = false
			if _, body = x.answer(http.Get(srv.URL + "/" + lang + path)); strings.Contains(body, `href="/`+lang+`/cases/`) || !strings.Contains(body, "<b>Request</b>") {
				t.Errorf("%s%s leads to a page that the reader may not open, or no longer says what it is", lang, path)
			}
		}
	}
}

func (x *house) word(lang, key string) string {
	c := catalogue(x.t)
	return string(c.For(i18n.Lang(lang), time.UTC).T(key))
}

func TestTheWordsArePrintable(t *testing.T) {
	c, err := i18n.Load(Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range i18n.Check(c) {
		t.Error(wrong)
	}
	for _, d := range New(nil, nil).Manifest().Deeds {
		if !c.Has("deed." + d.Name) {
			t.Errorf("%s has no words", d.Name)
		}
	}
}

func TestEveryPageFitsItsTemplateInEveryLanguage(t *testing.T) {
	c, s := catalogue(t), New(nil, nil)
	set := func(l i18n.Lang) *template.Template {
		f := i18n.Funcs(c.For(l, time.UTC))
		f["href"] = func(path string) string { return "/" + string(l) + path }
		all, err := ui.Parse(f, Files)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, e := range s.gallery() { // before anything is executed, which rewrites the set
		if err := templatecheck.CheckHTML(set(i18n.FR).Lookup(e.Template), e.Page); err != nil {
			t.Errorf("%s: %v", e.Template, err)
		}
	}
	for _, l := range append(i18n.Langs(), i18n.QPS) {
		pages := set(l)
		for _, e := range s.gallery() {
			var b bytes.Buffer
			f := e.Page.Shell()
			f.Lang, f.Dir, f.Path = string(l), i18n.Dir(l), "/x"
			if err := pages.ExecuteTemplate(&b, e.Template, e.Page); err != nil {
				t.Errorf("%s (%s): %v", e.Template, l, err)
			}
			if strings.Contains(b.String(), "style=") || strings.Contains(b.String(), "ZgotmplZ") {
				t.Errorf("%s (%s) holds what may not be there", e.Template, l)
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("asked for and not there: %v", missing)
	}
}

func TestAPasserByCannotVerify(t *testing.T) {
	x := open(t, model.SQLite(t))
	if _, err := x.Verify(t.Context(), actor.Actor{}); fault.KindOf(err) != fault.Unknown {
		t.Errorf("got %v", err)
	}
	if _, err := x.Verify(t.Context(), as(actor.Auditor, "A1")); fault.KindOf(err) != fault.Denied {
		t.Errorf("got %v", err)
	}
}
