package round

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the scripts of the app say is found in the page: nothing is missing, and
// no word is sent to a phone that never says it.
func TestTheAppSaysWhatItsPageHoldsAndNothingElse(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	add := func(words ...string) {
		for _, w := range words {
			said[w] = true
		}
	}
	// Words that a script puts together, or chooses between.
	for _, k := range []Kind{KindDelivery, KindNotReached, KindVisit, KindRequest, KindRelay} {
		add("title_" + string(k))
	}
	add("is_delivery", "is_not_reached", "is_moved", "is_closed", "is_delivered") // of Other.Kind, and of a stop's state
	for _, name := range appScripts {
		body, err := os.ReadFile(filepath.Join("../../platform/ui/assets", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(name, "round-") {
			continue
		}
		for _, call := range regexp.MustCompile(`(?:\b(?:say|text)|Page\.note)\(([^{};]*)`).FindAllStringSubmatch(string(body), -1) {
			for _, w := range regexp.MustCompile(`'([a-z_]{2,})'`).FindAllStringSubmatch(call[1], -1) {
				add(w[1])
			}
		}
	}
	held := map[string]bool{}
	for _, w := range appWords {
		held[w] = true
	}
	for w := range appBorrows {
		held[w] = true
	}
	for _, w := range slices.Sorted(maps.Keys(held)) {
		if !said[w] {
			t.Errorf("%q is sent to phones and never said", w)
		}
	}
	for _, must := range []string{"in_phone", "left_of", "errors", "wrong_password", "rescued"} {
		if !said[must] {
			t.Fatalf("the scripts are not read: %q", must)
		}
	}
	// The other way round is what the browser tests show: a word that is not
	// there is an error that the browser complains of. A plain call is seen here too.
	for _, name := range appScripts {
		body, err := os.ReadFile(filepath.Join("../../platform/ui/assets", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range regexp.MustCompile(`(?:Words\.(?:say|text)|Page\.note)\('([a-z_]+)'[,)]`).FindAllStringSubmatch(string(body), -1) {
			if !held[call[1]] {
				t.Errorf("%s says %q, which is not in the page", name, call[1])
			}
		}
	}
}

func TestThePageOfTheAppHoldsNobodysData(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("pages/app.html")
	if err != nil {
		t.Fatal(err)
	}
	fields := regexp.MustCompile(`\{\{[^}]*\.([A-Z][A-Za-z]*)`).FindAllStringSubmatch(string(body), -1)
	allowed := []string{"Lang", "Dir", "Zone", "SaveData", "Words", "Scripts", "Demo", "Frame", "PartlyArabic", "Languages", "Code", "Name"}
	if len(fields) < 10 {
		t.Fatalf("only %d fields are read", len(fields))
	}
	for _, f := range fields {
		if !slices.Contains(allowed, f[1]) {
			t.Errorf("the page shows .%s: a copy of it stays on phones, whoever reads it", f[1])
		}
	}
	if n := strings.Count(string(body), ".Name"); n != 1 { // of a language
		t.Errorf(".Name stands %d times in the page", n)
	}
}
