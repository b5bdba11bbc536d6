package app_test

import (
	"encoding/csv"
	"encoding/json"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

// docs/rows.csv says of every thing that Twiza must do whether it does it. It
// is read by people who decide on it, so it may not flatter: what "works"
// names the test that shows it, and all else says what is missing.

var rowColumns = []string{"id", "kind", "tier", "title", "state", "where", "test", "missing"}

var rowKinds = map[byte]string{
	'N': "system", 'F': "function", 'B': "barrier", 'C': "challenge", 'R': "recommendation",
	'H': "hypothesis", 'T': "tension", 'M': "never", 'S': "scenario",
}

type row struct{ id, kind, tier, title, state, where, test, missing string }

func rows(t *testing.T) []row {
	t.Helper()
	f, err := os.Open(filepath.Join(testkit.Root(t), "docs", "rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) == 0 || !slices.Equal(records[0], rowColumns) {
		t.Fatalf("docs/rows.csv: the columns are not %v", rowColumns)
	}
	var all []row
	for _, r := range records[1:] {
		all = append(all, row{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]})
	}
	return all
}

func TestEveryRowOfTheRequirementsIsToldOnce(t *testing.T) {
	t.Parallel()
	want := map[string]string{} // id to tier
	b, err := os.ReadFile(testkit.Shared(t, "rows.json"))
	if err != nil {
		t.Fatal(err)
	}
	var services []struct{ ID, Tier string }
	if err := json.Unmarshal(b, &services); err != nil {
		t.Fatal(err)
	}
	for _, s := range services {
		want[s.ID] = s.Tier
	}
	text, err := os.ReadFile(testkit.Shared(t, "requirements.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^(?:- \*\*([NFBCRHTM]\d+)\b|\| (S\d+) \|)`).FindAllStringSubmatch(string(text), -1) {
		if id := m[1] + m[2]; want[id] == "" {
			want[id] = "" // those of rows.json have a tier; the others need none
		}
	}
	if len(want) < 228 {
		t.Fatalf("only %d identifiers were read: the requirements are written in another way now", len(want))
	}
	told := map[string]bool{}
	for _, r := range rows(t) {
		tier, known := want[r.id]
		switch {
		case !known:
			t.Errorf("%s is not in the requirements", r.id)
		case r.tier != tier:
			t.Errorf("%s is of tier %q, not %q", r.id, tier, r.tier)
		}
		told[r.id] = true
	}
	for id := range want {
		if !told[id] {
			t.Errorf("%s of the requirements is not in docs/rows.csv", id)
		}
	}
}

func TestEveryRowIsWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	states := map[string]int{}
	for _, r := range rows(t) {
		if r.id == "" || r.kind != rowKinds[r.id[0]] {
			t.Errorf("%q is of no kind %q", r.id, r.kind)
		}
		if seen[r.id] {
			t.Errorf("%s is told twice", r.id)
		}
		seen[r.id] = true
		states[r.state]++
		if r.title == "" {
			t.Errorf("%s has no title", r.id)
		}
		switch r.state {
		case "works":
			if r.test == "" || r.where == "" {
				t.Errorf("%s works, and names no test or no place", r.id)
			}
			if r.missing != "" {
				t.Errorf("%s works, and misses %q: then it is partly", r.id, r.missing)
			}
		case "partly", "no":
			if r.missing == "" {
				t.Errorf("%s is %s, and does not say what is missing", r.id, r.state)
			}
		default:
			t.Errorf("%s has the state %q", r.id, r.state)
		}
	}
	t.Logf("%d rows: %d work, %d partly, %d not", len(seen), states["works"], states["partly"], states["no"])
}

func TestATestNamedByARowExistsAndIsNotSkipped(t *testing.T) {
	t.Parallel()
	root := testkit.Root(t)
	tests := testsOf(t, root)
	if tests["app.TestATestNamedByARowExistsAndIsNotSkipped"] != nil {
		t.Fatal("the reading of the tree is wrong about this very test")
	}
	if _, found := tests["app.TestATestNamedByARowExistsAndIsNotSkipped"]; !found {
		t.Fatal("the reading of the tree does not find this very test")
	}
	for _, r := range rows(t) {
		for _, name := range strings.Fields(r.test) {
			fault, exists := tests[name]
			switch {
			case !exists:
				t.Errorf("%s names the test %s, which does not exist", r.id, name)
			case fault != nil:
				t.Errorf("%s names the test %s, which %s", r.id, name, *fault)
			}
		}
		for _, place := range strings.Fields(r.where) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(place))); err != nil {
				t.Errorf("%s lies in %s, which does not exist", r.id, place)
			}
		}
	}
}

// testsOf is every test of the tree as folder.TestName, with what is wrong
// with it, if anything.
func testsOf(t *testing.T, root string) map[string]*string {
	t.Helper()
	tests := map[string]*string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (name[0] == '.' || name[0] == '_' || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		built, err := build.Default.MatchFile(filepath.Dir(path), d.Name())
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for name, fault := range testsIn(file) {
			if !built {
				fault = new("is built on no machine of ours")
			}
			tests[filepath.ToSlash(folder)+"."+name] = fault
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// testsIn is every test of a file. A test is at fault when it cannot fail
// because it has nothing in it, or is skipped whatever happens: by a Skip that
// stands in its body itself, under no condition.
func testsIn(file *ast.File) map[string]*string {
	tests := map[string]*string{}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" {
			continue
		}
		tests[f.Name.Name] = nil
		if len(f.Body.List) == 0 {
			tests[f.Name.Name] = new("is empty")
		}
		for _, statement := range f.Body.List {
			if skips(statement) {
				tests[f.Name.Name] = new("is skipped whatever happens")
			}
		}
	}
	return tests
}

func skips(statement ast.Stmt) bool {
	if block, ok := statement.(*ast.BlockStmt); ok {
		return slices.ContainsFunc(block.List, skips)
	}
	expression, ok := statement.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expression.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, method.Sel.Name)
}

func TestASkippedOrEmptyTestProvesNoRow(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "", `package p
func TestHonest(t *testing.T) { if !linux { t.Skip("not here") }; t.Error("no") }
func TestSkipped(t *testing.T) { t.Parallel(); t.Skip("later"); t.Error("no") }
func TestSkippedInABlock(t *testing.T) { { t.SkipNow() } }
func TestEmpty(t *testing.T) {}
func (s suite) TestMethod(t *testing.T) {}
func helper(t *testing.T) { t.Skip() }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	tests := testsIn(file)
	if len(tests) != 4 {
		t.Errorf("%d tests, want 4", len(tests))
	}
	if tests["TestHonest"] != nil {
		t.Errorf("an honest test %s", *tests["TestHonest"])
	}
	for _, name := range []string{"TestSkipped", "TestSkippedInABlock", "TestEmpty"} {
		if tests[name] == nil {
			t.Errorf("%s passes for a proof", name)
		}
	}
}
