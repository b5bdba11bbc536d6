package ui

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func piecesOf(t *testing.T, body string, funcs template.FuncMap) (*template.Template, error) {
	t.Helper()
	for k, v := range map[string]any{"t": strings.ToUpper, "text": strings.ToUpper, "n": func(n int) int { return n }, "href": strings.ToLower,
		"phone": strings.ToLower, "code": strings.ToLower, "when": func(time.Time) string { return "" }, "dateclock": func(time.Time) string { return "" }} {
		if funcs[k] == nil {
			funcs[k] = v
		}
	}
	return Parse(funcs, fstest.MapFS{"pages/x.html": {Data: []byte(body)}})
}

func TestAPieceIsPutTogetherOnceForTheSameData(t *testing.T) {
	t.Parallel()
	made := 0
	set, err := piecesOf(t, `{{define "row"}}<b title="{{.Name}}">{{count}} {{.Name}}</b>{{end}}{{define "page"}}{{range .}}{{piece "row" .}}{{end}}{{end}}`,
		template.FuncMap{"count": func() string { made++; return "" }})
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Name string }
	var b strings.Builder
	if err := set.ExecuteTemplate(&b, "page", []row{{"a"}, {"<i>"}, {"a"}, {"a"}}); err != nil {
		t.Fatal(err)
	}
	if made != 2 {
		t.Errorf("four rows of two kinds were put together %d times", made)
	}
	if got := b.String(); strings.Count(got, ` a</b>`) != 3 || !strings.Contains(got, `title="&lt;i&gt;"> &lt;i&gt;</b>`) {
		t.Errorf("the page reads %s", got)
	}
	if err := set.ExecuteTemplate(&b, "page", [][]row{{{"a"}}}); err == nil || !strings.Contains(err.Error(), "cannot be told from another") {
		t.Errorf("data that cannot be compared was taken: %v", err)
	}
}

func TestAPieceThatTellsTheHourIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{{define "row"}}{{when .At}}{{end}}{{define "page"}}{{piece "row" .}}{{end}}`,
		`{{define "in"}}{{when .At}}{{end}}{{define "row"}}{{if .At}}{{template "in" .}}{{end}}{{end}}{{define "page"}}{{range .}}{{pieceOf "row" 1 .}}{{end}}{{end}}`,
		`{{define "in"}}{{when .At}}{{end}}{{define "row"}}{{piece "in" .}}{{end}}{{define "page"}}{{with .}}{{else}}{{piece "row" .}}{{end}}{{end}}`,
		`{{define "page"}}{{piece "none" .}}{{end}}`,
	} {
		if _, err := piecesOf(t, body, template.FuncMap{}); err == nil {
			t.Errorf("taken: %s", body)
		}
	}
}
