package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// The house stands on storeys, and arrows between them go down. A package may
// import those of its own storey in base, platform and shared; modules and
// interop never see each other, only what lies below.

const modulePath = "github.com/twiza/twiza/"

var storeys = map[string]struct {
	imports []string // folders, itself included where it may be
	why     string
}{
	"base":     {[]string{"base"}, "values, and nothing but the standard library"},
	"platform": {[]string{"base", "platform"}, "machinery without a word of the product"},
	"shared":   {[]string{"base", "platform", "shared"}, "what the modules stand on"},
	"modules":  {[]string{"base", "platform", "shared"}, "a module sees no other: it hears, points, or asks through a port that app fills"},
	"interop":  {[]string{"base", "platform", "shared", "modules"}, "other systems' protocols over the modules"},
	"bench":    {[]string{"base", "shared", "packs", "bench"}, "measures a house from outside, as strangers meet it; plays the far end of a gateway by its simulator; its invented night is in the places of a pack"},
	"packs":    {nil, "data"},
	"testkit":  {nil, "tests of any storey stand on it, so it stands on none"},
	"app":      {[]string{"base", "platform", "shared", "modules", "interop", "packs", "bench", "app"}, "knows every module"},
	"cmd":      {[]string{"app"}, "twenty lines; the offline verifier stands in verifier"},
}

// strangers is each package of others, who may import it, and what for. One
// place each: what replaces it then changes one place.
var strangers = map[string]map[string]string{
	"cel.dev/cel-go":                      {"shared/rules": "rules are CEL"},
	"github.com/jackc/pgx/v5":             {"platform/db": "the PostgreSQL driver"},
	"modernc.org/sqlite":                  {"platform/db": "the SQLite driver"},
	"github.com/pquerna/otp":              {"platform/crypt": "second factors (RFC 6238)"},
	"github.com/go-webauthn/webauthn":     {"platform/crypt": "passkeys (W3C, Web Authentication level 3)"},
	"github.com/skip2/go-qrcode":          {"platform/crypt": "QR squares"},
	"golang.org/x/crypto":                 {"platform/crypt": "argon2id"},
	"github.com/prometheus/client_golang": {"platform/telemetry": "figures"},
	"github.com/go-text/typesetting":      {"platform/pdf": "letters joined and ordered as they are read (HarfBuzz in Go)"},
	"golang.org/x/image":                  {"platform/pdf": "the numbers that it counts in"},
	"golang.org/x/mod/sumdb":              {"shared/translog": "trees and signed notes of a public log", "shared/translog/verify": "and the same for whoever checks it"},
	"golang.org/x/time":                   {"shared/reach": "what a gateway can take in a second"},
	"golang.org/x/net/html":               {"modules/intake/source": "pages that Telegram exports"},
	"filippo.io/age":                      {"platform/crypt": "letters that only the house can open, and copies that it cannot (age-encryption.org/v1)"},
	"github.com/superfly/ltx":             {"platform/ship": "steps of an SQLite store"},
	"github.com/minio/minio-go/v7":        {"platform/ship": "places that speak S3"},
	"github.com/coder/websocket":          {"shared/reach/gateway/ari": "events of the telephone exchange"},
	"github.com/go-telegram/bot":          {"shared/reach/gateway/telegram": "what the Telegram bot says"},
	"github.com/xuri/excelize/v2":         {"modules/picture": "files for those whose program reads nothing else", "modules/watch": "and the books of an accountant", "app": "and a test that reads them back"},
	"golang.org/x/text/language":          {"platform/i18n": "Accept-Language"},
	"golang.org/x/text/unicode/norm":      {"base/arabic": "one form of each letter", "platform/crypt": "passwords are compared in one form (NIST SP 800-63B, 5.1.1.2), which is not that of names"},
	"go.yaml.in/yaml/v3": {"shared/service": "services and crises are YAML", "shared/places": "so is a country", "modules/cases": "and printed sheets and sectors", "modules/intake": "and the mapping of a file of requests", "modules/hands": "and how offers and volunteers are handled", "modules/field": "and what vehicles do", "modules/damage": "and what maps of damage mean", "modules/works": "and where rubble may not be cleared", "modules/giving": "and who must agree to what is spent", "modules/talk": "and how a team talks", "modules/room": "and how long notes of a shift are kept",
		"app/story": "and the demonstration", "shared/reach": "and how people are reached", "shared/sense": "and what their words mean", "shared/linkage": "and when two reports are one", "app": "and the ways that an operator configures"},
}

// forTests is who may import what in tests only; "" is any test.
var forTests = map[string]map[string]string{
	"pgregory.net/rapid":           {"": "properties"},
	"filippo.io/age":               {"app": "writes the sealed letters that a phone would"},
	"github.com/jba/templatecheck": {"": "templates fit their pages"},
	"github.com/chromedp": {"testkit": "a real browser", "platform/ui": "the look of the pieces, before there is a house to look at",
		"app": "puts a session into the browser, which testkit cannot do yet: its place is there"},
	"github.com/jackc/pgx/v5":        {"testkit": "databases for tests, made and dropped from outside the house"},
	"modernc.org/sqlite":             {"testkit": "the copy of a template is opened as any other program would"},
	"golang.org/x/text/unicode/bidi": {"platform/i18n": "the order in which a phone shows a line"},
}

// verifier is what an outsider must read to know what twiza-verify does, and all
// that it may stand on: values, two packages of the Go project, and nothing of a
// house.
var verifier = map[string][]string{
	"cmd/twiza-verify":       {modulePath + "base/", modulePath + "shared/translog/verify"},
	"shared/translog/verify": {modulePath + "base/", "golang.org/x/mod/sumdb/"},
}

func TestTheVerifierStandsOnAlmostNothing(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, i := range imports(t) {
		may, is := verifier[i.folder]
		first, _, _ := strings.Cut(i.path, "/")
		if !is || i.test || !strings.Contains(first, ".") {
			continue
		}
		seen[i.folder] = true
		if !slices.ContainsFunc(may, func(p string) bool { return strings.HasPrefix(i.path, p) }) {
			t.Errorf("%s imports %s: whoever checks us would have to read that too", i.file, i.path)
		}
	}
	if len(seen) != len(verifier) {
		t.Errorf("only %v were read", seen)
	}
}

// imported is one import of one file.
type imported struct {
	file, folder, path string
	test               bool // of a test, or of testkit, which only tests import
}

func imports(t *testing.T) (all []imported) {
	sources(t, func(file string, tree *ast.File) {
		for _, spec := range tree.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, imported{file, path.Dir(file), p, strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "testkit/")})
		}
	})
	return all
}

func TestArrowsGoDown(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, i := range imports(t) {
		storey, _, _ := strings.Cut(i.folder, "/")
		rule, known := storeys[storey]
		if !known {
			t.Errorf("%s stands on no storey", i.file)
			continue
		}
		seen[storey] = true
		target, is := strings.CutPrefix(i.path, modulePath)
		switch {
		case !is:
		case target == "testkit":
			if !i.test {
				t.Errorf("%s imports testkit, which is for tests", i.file)
			}
		case target == i.folder, strings.HasPrefix(target, i.folder+"/"), i.test && target == "packs":
		default:
			if slices.Contains(verifier[i.folder], modulePath+target) {
				break
			}
			below, _, _ := strings.Cut(target, "/")
			if !slices.Contains(rule.imports, below) {
				t.Errorf("%s imports %s (%s: %s)", i.file, target, storey, rule.why)
			}
		}
	}
	for _, storey := range []string{"base", "platform", "shared", "modules", "app", "cmd"} {
		if !seen[storey] {
			t.Errorf("no file of %s was read", storey)
		}
	}
}

func TestEachPackageOfOthersIsImportedInItsPlace(t *testing.T) {
	t.Parallel()
	find := func(list map[string]map[string]string, p string) (places map[string]string, name string) {
		for name, places := range list {
			if p == name || strings.HasPrefix(p, name+"/") {
				return places, name
			}
		}
		return nil, ""
	}
	used := map[string]bool{}
	for _, i := range imports(t) {
		first, _, _ := strings.Cut(i.path, "/")
		if !strings.Contains(first, ".") || strings.HasPrefix(i.path, modulePath) {
			continue // the standard library, or ours
		}
		places, name := find(strangers, i.path)
		if _, ok := places[i.folder]; ok {
			used[name+" "+i.folder] = true
			continue
		}
		if i.test {
			places, name := find(forTests, i.path)
			_, here := places[i.folder]
			_, any := places[""]
			if here || any {
				used["test "+name] = true
				continue
			}
		}
		t.Errorf("%s imports %s, which has no place there", i.file, i.path)
	}
	for name, places := range strangers {
		for place := range places {
			if !used[name+" "+place] {
				t.Errorf("%s no longer imports %s: take the line out", place, name)
			}
		}
	}
	for name := range forTests {
		if !used["test "+name] {
			t.Errorf("no test imports %s: take the line out", name)
		}
	}
	mod, err := os.ReadFile(filepath.Join(testkit.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	direct, _, _ := strings.Cut(string(mod)[strings.Index(string(mod), "require ("):], ")")
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v`).FindAllStringSubmatch(direct, -1) {
		belongs := func(name string) bool {
			return name == m[1] || strings.HasPrefix(name+"/", m[1]+"/") || strings.HasPrefix(m[1], name+"/")
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(strangers)), belongs) && !slices.ContainsFunc(slices.Collect(maps.Keys(forTests)), belongs) {
			t.Errorf("go.mod requires %s, and nobody says who may import it", m[1])
		}
	}
}

// breaches is where a rule is broken, and how often. One more fails the test, and
// so does one that is mended and still on the list.
type breaches map[string]int

func (d breaches) settle(t *testing.T, rule string, found map[string]int) {
	t.Helper()
	for _, file := range slices.Sorted(maps.Keys(found)) {
		if found[file] != d[file] {
			t.Errorf("%s: %d times, %d known: %s", file, found[file], d[file], rule)
		}
	}
	for file := range d {
		if found[file] == 0 {
			t.Errorf("%s keeps the rule now; take it off the list: %s", file, rule)
		}
	}
}

var sqlText = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS|CREATE|DROP|ALTER)(\s|$)`)

// statements is every text of a file that begins as SQL does; what stands
// between two pieces of one is left out.
func statements(tree *ast.File) (all []string) {
	inner := map[ast.Expr]bool{}
	var text func(ast.Expr) string
	text = func(e ast.Expr) string {
		inner[e] = true
		switch e := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
				return s
			}
		case *ast.ParenExpr:
			return text(e.X)
		case *ast.BinaryExpr:
			if e.Op == token.ADD {
				return text(e.X) + text(e.Y)
			}
		}
		return "…"
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.BasicLit, *ast.BinaryExpr:
			if e := e.(ast.Expr); !inner[e] {
				if s := text(e); sqlText.MatchString(s) {
					all = append(all, s)
				}
			}
		}
		return true
	})
	return all
}

// The store of a noun is NOUN_store.go, or NOUN.go where one file holds both;
// check.go and NOUN_check.go read what always holds. Pages, wire structs, doors
// and deeds ask the store.
func TestSQLStandsInStores(t *testing.T) {
	t.Parallel()
	sql := map[string]int{}
	sources(t, func(file string, tree *ast.File) {
		storey, _, _ := strings.Cut(file, "/")
		if strings.HasSuffix(file, "_test.go") || storey == "platform" || storey == "testkit" {
			return
		}
		base := path.Base(file)
		inStore := strings.HasSuffix(base, "_store.go") || base == "check.go" || strings.HasSuffix(base, "_check.go") || (storey == "modules" || storey == "shared") && !strings.Contains(base, "_") &&
			!slices.Contains([]string{"doors.go", "api.go", "examples.go"}, base)
		if n := len(statements(tree)); n > 0 && !inStore {
			sql[file] = n
		}
	})
	breaches{
		"app/demo.go":                     1, // whether anybody ever came in
		"app/bench.go":                    3, // a schema of its own for the measuring, in a database that is no house
		"modules/cases/field_port.go":     2,
		"modules/cases/complain_pages.go": 1,
		"modules/cases/queue_pages.go":    1,
		"modules/field/team_pages.go":     1,
		"shared/people/account_deeds.go":  1,
		"shared/people/session_deeds.go":  4,
		"shared/people/welcome_deeds.go":  2,
	}.settle(t, "SQL stands in NOUN_store.go, NOUN.go or check.go", sql)
}

var tableName = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+([a-z]+)_[a-z_]+`)

// A table begins with the name of the package that keeps it, and nobody else's
// SQL speaks of it: others hear, point or ask.
func TestAPackageSpeaksOfItsOwnTablesOnly(t *testing.T) {
	t.Parallel()
	foreign := map[string]int{}
	own := 0
	sources(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		for _, sql := range statements(tree) {
			for _, m := range tableName.FindAllStringSubmatch(sql, -1) {
				switch keeper := m[1]; {
				case keeper == path.Base(path.Dir(file)):
					own++
				case keeper == "pg" || keeper == "sqlite" || keeper == "schema": // the engine's own
				default:
					foreign[file+" reads "+m[1]]++
				}
			}
		}
	})
	breaches{
		"modules/cases/check.go reads deed":         2, // every case has its lines, and they commit to what was asked
		"modules/cases/task_check.go reads deed":    1, // the same of its parts
		"modules/watch/journal_store.go reads deed": 4, // reading the journal is what watch is for
		"app/dev_store.go reads people":             2, // until people lists its accounts
		"app/demo.go reads people":                  1, // the same
		"app/bench_night_store.go reads cases":      5, // a bench looks at what a person would see on /alike
		"app/bench_sms_store.go reads cases":        2, // a bench counts what was lost and doubled from outside
		"app/bench_sms_store.go reads reach":        8, // the same
		"app/bench_surge_store.go reads cases":      1, // the same
		"app/bench_sync_store.go reads round":       3, // the same
		"app/bench_sync_store.go reads field":       5, // the same
		"app/bench_sync_store.go reads cases":       1, // the same
		"modules/watch/equity_store.go reads deed":  1, // which alerts stand in the journal
	}.settle(t, "a package's SQL speaks of its own tables", foreign)
	if own < 100 {
		t.Errorf("only %d tables were found in SQL: it is written in another way now", own)
	}
}

func TestOnlyTheEdgeKnowsHTTP(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, i := range imports(t) {
		storey, _, _ := strings.Cut(i.folder, "/")
		base := path.Base(i.file)
		edge := i.test || strings.HasPrefix(i.folder, "shared/reach/gateway/") || strings.HasPrefix(i.folder, "shared/reach/channel") || storey == "app" || storey == "interop" || storey == "bench" || i.folder == "platform/web" ||
			strings.HasSuffix(base, "_pages.go") || strings.HasSuffix(base, "_api.go") || base == "api.go" || base == "doors.go"
		if i.path == "net/http" && !edge {
			found[i.file]++
		}
	}
	breaches{
		"platform/ui/assets.go":           1, // serves style sheets and fonts by their hash
		"platform/telemetry/telemetry.go": 1, // hands figures to whoever scrapes them
		"platform/ship/s3.go":             1, // speaks to a store of copies, with a certificate of the operator's own
	}.settle(t, "net/http is for platform/web, app, interop and the files of pages and doors", found)
}

func TestTheTimeComesFromAClock(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	sources(t, func(file string, tree *ast.File) {
		folder := path.Dir(file)
		storey, _, _ := strings.Cut(file, "/")
		if strings.HasSuffix(file, "_test.go") || folder == "base/clock" || folder == "platform/telemetry" || folder == "platform/web" || storey == "cmd" || storey == "bench" || storey == "testkit" {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Now", "Since", "Until"}, s.Sel.Name) {
				if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "time" {
					found[file]++
				}
			}
			return true
		})
	})
	breaches{
		"platform/db/later.go": 1, // and since when it was wanted
		"platform/db/away.go":  7, // how long a store has kept people waiting: no setting of a clock may move that
		"shared/deed/deed.go":  2, // how long a deed took, for the figures: no deadline hangs on it
	}.settle(t, "time.Now is for base/clock; everybody else is given a clock or asks tx.Now()", found)
}

func TestNothingHappensBeforeMain(t *testing.T) {
	t.Parallel()
	functions := 0
	sources(t, func(file string, tree *ast.File) {
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			functions++
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init: whoever builds the house calls what must be done", file)
			}
		}
	})
	if functions < 1000 {
		t.Errorf("only %d functions were read", functions)
	}
}

// sources reads every Go file of the tree, tests too.
func sources(t *testing.T, look func(file string, tree *ast.File)) {
	t.Helper()
	root := testkit.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != root && (n[0] == '.' || n == "node_modules" || n == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			look(filepath.ToSlash(file), tree)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
