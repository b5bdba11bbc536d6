package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/testkit"
)

// scrape is the names of the figures that a house gives, each with the labels
// that it bears.
func scrape(t *testing.T, h *House) map[string]map[string]bool {
	t.Helper()
	w := httptest.NewRecorder()
	h.Meter.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	seen := map[string]map[string]bool{}
	label := regexp.MustCompile(`(\w+)="`)
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, labels, _ := strings.Cut(name, "{")
		if strings.Contains(line, "{") {
			_, rest, _ = strings.Cut(line, "{")
			labels, _, _ = strings.Cut(rest, "} ")
		}
		if seen[name] == nil {
			seen[name] = map[string]bool{"job": true, "instance": true} // put on by whoever scrapes
		}
		for _, m := range label.FindAllStringSubmatch(labels, -1) {
			seen[name][m[1]] = true
		}
	}
	return seen
}

// watched is a demonstration in which something of everything happened, that has a
// spool and sends copies.
func watched(t *testing.T) *House {
	t.Helper()
	h := openHouse(t, evening.SQLite(t), &clock.Held{At: morning}, func(c *Config) {
		c.Demo, c.Scrape, c.Spool = true, "a word of the operator", filepath.Join(t.TempDir(), "spool")
	})
	_, public := copyKeys(t)
	h.Config.DB = "" // a file of its own, as an operator has it
	h.Config.Copies = Copies{To: filepath.Join(t.TempDir(), "place"), Public: public, Every: time.Second, Coarse: time.Hour, Whole: time.Hour, Fine: time.Hour, Keep: time.Hour}
	if err := h.openCopies(&env{getenv: func(string) string { return "" }}); err != nil {
		t.Fatal(err)
	}
	err := h.Deeds.Do(t.Context(), System("test"), deedDrill, func(tx *deed.Tx) error {
		if err := tx.AllowAny(); err != nil {
			return err
		}
		return tx.Tell(aboutCopies, drilled{})
	})
	if err == nil {
		err = h.checkNow(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	house := h.Handler()
	for _, path := range []string{"/fr/", "/fr/nowhere/at/all", "/healthz", "/fr/queue"} {
		knock(house, "GET", path, "", nil)
	}
	return h
}

// questions is every question to Prometheus in the dashboard and in the rules.
func questions(t *testing.T) (all []string) {
	t.Helper()
	root := testkit.Root(t)
	body, err := os.ReadFile(filepath.Join(root, "dashboards/twiza.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct{ Query any }
		}
	}
	if err := json.Unmarshal(body, &board); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"://", "localhost", "127.0.0.1"} {
		if strings.Contains(string(body), host) {
			t.Errorf("the dashboard names a host: %s", host)
		}
	}
	legend := regexp.MustCompile(`\{\{(\w+)\}\}`)
	for _, p := range board.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q asks nothing", p.Title)
		}
		for _, x := range p.Targets {
			all = append(all, x.Expr)
			for _, m := range legend.FindAllStringSubmatch(x.LegendFormat, -1) {
				if !regexp.MustCompile(`by \([^)]*\b` + m[1] + `\b`).MatchString(x.Expr) {
					t.Errorf("%q shows {{%s}}, and %s does not keep it", p.Title, m[1], x.Expr)
				}
			}
		}
	}
	rules, err := os.ReadFile(filepath.Join(root, "dashboards/alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var alerts struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(rules, &alerts); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			all = append(all, r.Expr)
			if _, err := time.ParseDuration(r.For); r.For != "" && err != nil || r.Alert == "" || names[r.Alert] || r.Annotations["summary"] == "" || r.Labels["severity"] == "" {
				t.Errorf("the rule %q is not whole", r.Alert)
			}
			names[r.Alert] = true
		}
	}
	if len(all) < 40 || len(names) < 10 {
		t.Fatalf("only %d questions and %d rules were found", len(all), len(names))
	}
	return all
}

// promQL is the words of the language that are used (prometheus.io, querying).
var promQL = strings.Fields(`sum max min by rate deriv topk histogram_quantile absent`)

// wrongWords is what a question says that is neither PromQL nor in a scrape.
func wrongWords(expr string, seen map[string]map[string]bool) (wrong []string) {
	if strings.Count(expr, "(") != strings.Count(expr, ")") || strings.Count(expr, "{") != strings.Count(expr, "}") {
		wrong = append(wrong, "brackets")
	}
	selector := regexp.MustCompile(`(\w+)\{([^}]*)\}`)
	matcher := regexp.MustCompile(`^\s*(\w+)\s*(=|!=|=~|!~)\s*"[^"]*"\s*$`)
	for _, m := range selector.FindAllStringSubmatch(expr, -1) {
		for part := range strings.SplitSeq(m[2], ",") {
			if k := matcher.FindStringSubmatch(part); k == nil || !seen[m[1]][k[1]] {
				wrong = append(wrong, m[1]+"{"+part+"}")
			}
		}
	}
	bare := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(expr, "")
	by := regexp.MustCompile(`by \(([^)]*)\)`)
	for _, m := range by.FindAllStringSubmatch(bare, -1) {
		for word := range strings.SplitSeq(m[1], ",") {
			known := false
			for name, labels := range seen {
				known = known || strings.Contains(bare, name) && labels[strings.TrimSpace(word)]
			}
			if !known {
				wrong = append(wrong, "by ("+word+")")
			}
		}
	}
	bare = regexp.MustCompile(`\[\d+[smhd]\]`).ReplaceAllString(by.ReplaceAllString(bare, "by"), "")
	for _, word := range regexp.MustCompile(`[a-zA-Z_:][\w:]*|[\d.]+e\d+`).FindAllString(bare, -1) {
		if word[0] >= '0' && word[0] <= '9' || slices.Contains(promQL, word) || seen[word] != nil {
			continue
		}
		wrong = append(wrong, word)
	}
	return wrong
}

func TestWhatTheDashboardAndTheRulesAskForIsInAScrape(t *testing.T) {
	t.Parallel()
	seen := scrape(t, watched(t))
	for _, expr := range questions(t) {
		if wrong := wrongWords(expr, seen); len(wrong) > 0 {
			t.Errorf("%v in %s", wrong, expr)
		}
	}
	for _, bad := range []string{`sum(rat(twiza_door_seconds_count[5m]))`, `sum(twiza_door_second_count)`, `sum by (dor) (twiza_door_seconds_count)`, `max(twiza_requests_overdue{lvl="1"})`, `max((twiza_sessions)`} {
		if len(wrongWords(bad, seen)) == 0 {
			t.Errorf("nothing is found wrong with %s", bad)
		}
	}
}

func TestEveryFigureIsInItsPageOfTheDocuments(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testkit.Root(t), "docs/metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("`(twiza_\\w+)").FindAllStringSubmatch(string(page), -1) {
		listed[m[1]] = true
	}
	given := map[string]bool{}
	for name := range scrape(t, watched(t)) {
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(name, suffix); ok && strings.HasSuffix(base, "_seconds") {
				name = base
			}
		}
		if strings.HasPrefix(name, "twiza_") {
			given[name] = true
		}
	}
	for name := range given {
		if !listed[name] {
			t.Errorf("%s is not in docs/metrics.md", name)
		}
	}
	for name := range listed {
		if !given[name] {
			t.Errorf("docs/metrics.md lists %s, and there is none", name)
		}
	}
}

func TestWhatStrangersMakeUpIsNoLabel(t *testing.T) {
	t.Parallel()
	h := watched(t)
	house := h.Handler()
	lines := func() int {
		w := httptest.NewRecorder()
		h.Meter.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return strings.Count(w.Body.String(), "\n")
	}
	ask := func(n string) {
		for _, path := range []string{"/fr/made-up-" + n, "/made-up-" + n, "/fr/track/" + n, "/api/v1/" + n, "/fr/help?x=" + n, "/fr/wanted/" + n, "/assets/" + n} {
			knock(house, "GET", path, "", nil)
			knock(house, "BREW", path, "", nil)
		}
	}
	ask("one")
	before := lines()
	for _, n := range []string{"two", "three", "0612345678"} {
		ask(n)
	}
	w := httptest.NewRecorder()
	h.Meter.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if after := lines(); after != before || strings.Contains(w.Body.String(), "0612345678") {
		t.Errorf("%d lines became %d", before, after)
	}
}

func TestFiguresAreForAdministratorsAndForWhoeverKnowsTheWord(t *testing.T) {
	t.Parallel()
	h := watched(t)
	house := h.Handler()
	ask := func(authorization string) int {
		r := httptest.NewRequest("GET", "/metrics", nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		house.ServeHTTP(w, r)
		if (w.Code == http.StatusOK) != strings.Contains(w.Body.String(), "twiza_store_answers 1") {
			t.Errorf("%q: %d %s", authorization, w.Code, w.Body)
		}
		return w.Code
	}
	for authorization, want := range map[string]int{"": 401, "Bearer x": 401, "Bearer ": 401, "Basic a word of the operator": 401, "Bearer a word of the operator": 200, "bearer a word of the operator": 200,
		"Bearer " + inAs(t, h, "admin"): 200, "Bearer " + inAs(t, h, "regulation"): 403} {
		if got := ask(authorization); got != want {
			t.Errorf("%.12q…: %d, not %d", authorization, got, want)
		}
	}
	h.Config.Scrape = ""
	if got := ask("Bearer "); got != 401 {
		t.Errorf("no word was chosen, and an empty one opens: %d", got)
	}
}
