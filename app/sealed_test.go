package app

import (
	"go/ast"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

// sealedAt is where a value is sealed for: "cases_case.private|" and
// crypt.At("people_account.totp_secret", …).
var sealedAt = regexp.MustCompile(`^([a-z]+_[a-z_]+)\.([a-z_]+)\|?$`)

// inNoTable is what is sealed for a browser to carry.
var inNoTable = map[string]bool{"cases_pass.track": true, "cases_queue.find": true, "hands_pass.volunteer": true, "cases_draft.kept": true}

func TestEveryColumnThatIsSealedIsNamedByItsModule(t *testing.T) {
	t.Parallel()
	h := openHouse(t, model.SQLite(t), &clock.Held{At: morning})
	named := map[string]bool{}
	for _, c := range h.sealedColumns() {
		named[c.Table+"."+c.Column] = true
	}
	found := map[string]bool{}
	sources(t, func(file string, tree *ast.File) {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "platform/") {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if m := sealedAt.FindStringSubmatch(text); err == nil && m != nil && (strings.HasSuffix(text, "|") || isAt(tree, lit)) {
				at := m[1] + "." + m[2]
				found[at] = true
				if !named[at] && !inNoTable[at] {
					t.Errorf("%s seals %s, and no manifest names it: it would keep an old key for ever", file, at)
				}
			}
			return true
		})
	})
	if len(found) < 10 {
		t.Fatalf("only %d columns were found: the looking is wrong", len(found))
	}
	for at := range named {
		if !found[at] {
			t.Errorf("a manifest names %s, and nobody seals it", at)
		}
	}
}

// isAt tells whether a literal is the first word of a call to crypt.At.
func isAt(tree *ast.File, lit *ast.BasicLit) (yes bool) {
	ast.Inspect(tree, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 && call.Args[0] == ast.Expr(lit) {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "At" {
				yes = true
			}
		}
		return true
	})
	return yes
}

func TestAfterARotationEverythingIsSealedAnewAndStillOpens(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		h := openHouse(t, dsn, clock.System{}, proxied)
		handler := h.Handler()
		var all []*plea
		for i := range 6 {
			all = append(all, newPlea(i))
			askFor(t, handler, all[i])
		}
		staff := dispatcher(somebody(t, h, "samir", actor.Grant{Role: actor.Dispatcher}, actor.Grant{Role: actor.Administrator}))
		if err := h.Cases.Contact(t.Context(), staff, opens(t, h, all[0]), "reached", "they wait at the school"); err != nil {
			t.Fatal(err)
		}
		stale := func() int64 {
			n, err := h.Vault.StaleIn(t.Context(), h.sealedColumns())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n, err := h.Vault.Reseal(t.Context(), h.sealedColumns(), 100); n != 0 || err != nil || stale() != 0 {
			t.Fatalf("before a rotation: %d, %v", n, err)
		}
		before := sealOf(t, h, opens(t, h, all[1]))
		if err := h.Vault.RotateField(t.Context()); err != nil {
			t.Fatal(err)
		}
		was := stale()
		if was < 8 { // six cases, a note, a second factor
			t.Fatalf("%d values are stale", was)
		}
		turns := 0
		for n := 1; n > 0; turns++ { // two of a column at a turn: it takes several
			var err error
			if n, err = h.Vault.Reseal(t.Context(), h.sealedColumns(), 2); err != nil {
				t.Fatal(err)
			}
		}
		if stale() != 0 || turns < 3 {
			t.Errorf("%d are left after %d turns", stale(), turns)
		}
		if after := sealOf(t, h, opens(t, h, all[1])); string(after) == string(before) {
			t.Error("a case was not sealed anew")
		}
		for _, p := range all {
			if _, err := h.Cases.Reveal(t.Context(), staff, opens(t, h, p), "call"); err != nil {
				t.Errorf("sealed anew, it does not open: %v", err)
			}
		}
		opened, err := h.Cases.Reveal(t.Context(), staff, opens(t, h, all[0]), "call")
		if err != nil || len(opened.Notes) != 1 || opened.Notes[0].Body != "they wait at the school" {
			t.Errorf("the note: %+v %v", opened.Notes, err)
		}
		spoil(t, h, opens(t, h, all[2]))
		if err := h.Vault.RotateField(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := h.Vault.Reseal(t.Context(), h.sealedColumns(), 100); err == nil || n != int(was)-1 {
			t.Errorf("one value is spoilt, and %d of %d were sealed anew: %v", n, was, err)
		}
		heal(t, h, opens(t, h, all[2]))
	})
}

// spoil moves the sealed text of one case under the bytes of another key's.
func spoil(t *testing.T, h *House, c cases.CaseID) {
	t.Helper()
	body := sealOf(t, h, c)
	body[len(body)-1] ^= 1
	put(t, h, c, body)
}

func heal(t *testing.T, h *House, c cases.CaseID) {
	t.Helper()
	body := sealOf(t, h, c)
	body[len(body)-1] ^= 1
	put(t, h, c, body)
}

func put(t *testing.T, h *House, c cases.CaseID, body []byte) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE cases_case SET private = ?1 WHERE id = ?2`, body, c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
